"""The bundled plan in easy Japanese (`ja-simple`): how it is written, and where it is read."""

import re
from itertools import chain
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.catalog import Catalog
from kg.plan import Plan, Translation
from kg.search_arguments import Asked
from search.language import language_of
from search.searcher import Searcher
from search.sparql_search import SparqlSearch
from web.language import CHOICES, choices

SCHOOL_KANJI = Path(__file__).parent / "data" / "school_kanji.txt"
KANJI = re.compile(r"[\u3400-\u9fff々]+")
READING = re.compile(r"[ァ-ヶー\u3400-\u9fff々]*」?[（・][ぁ-ヶー ]")
ASIDE = re.compile("（[^（）]*）")


@pytest.fixture(scope="module")
def easy(plan: Plan) -> Translation:
    return next(one for one in plan.translations if one.language == "ja-simple")


def test_every_text_is_said_in_easy_japanese_and_is_nobody_elses_word(
    plan: Plan, easy: Translation
) -> None:
    assert set(easy.texts) == {(code, field) for code, field, _ in plan.texts()}
    assert len(set(easy.texts.values())) == 116
    assert "AI アシスタント" in easy.status["ja"]
    assert "非公式" in easy.status["ja"]
    assert "AI assistant" in easy.status["en"]
    assert "Unofficial rewording" in easy.status["en"]


def test_a_kanji_that_elementary_schools_do_not_teach_has_its_reading_after_it(
    easy: Translation,
) -> None:
    lines = SCHOOL_KANJI.read_text("utf-8").splitlines()
    taught = set(chain.from_iterable(line for line in lines if not line.startswith("#")))
    assert len(taught) == 1026
    hard = 0
    for text in easy.texts.values():
        for word in KANJI.finditer(text):
            if not set(word[0]) <= {*taught, "々"}:
                hard += 1
                assert READING.match(text, word.end()), (word[0], text)
    assert hard > 30


def test_sentences_are_short_and_keep_every_number_of_the_plan(
    plan: Plan, easy: Translation
) -> None:
    numbers = 0
    for code, field, quoted in plan.texts():
        text = easy.texts[code, field]
        told = re.findall("[0-9]+", text)
        for number in re.findall("[0-9]+", quoted.text):
            numbers += 1
            assert number in told, (number, text)
        for sentence in ASIDE.sub("", text).split("。"):
            assert len(sentence) <= 60, sentence
    assert numbers > 10


# Where it is read

MEASURE = "/doc/kumamoto-2/measure/4-2.html"
OFFICIAL = "若者の地元定着と人材育成"
EASIER = "若い 人が 地元に 住み続けるように し、働く 人を 育てる"


def test_a_page_in_easy_japanese_shows_the_rewording_the_original_and_whose_it_is(
    client: FlaskClient,
) -> None:
    answer = client.get(f"{MEASURE}?lang=ja-simple")
    html = answer.text
    assert answer.headers["Content-Language"] == "ja-simple"
    assert '<html lang="ja">' in html, "the site's own words are as they are"
    assert f"<title>{EASIER} (施策 4-2)" in html
    assert f'<h1 lang="ja-simple">{EASIER}</h1>' in html
    assert f'<span class="original" lang="ja">{OFFICIAL}</span>' in html
    assert 'class="wrap easy" lang="ja-simple"' in html
    assert "AI アシスタント" in html
    assert 'href="/doc/kumamoto-2/policy/4.html?lang=ja-simple"' in html, "links keep the choice"


def test_every_page_offers_easy_japanese_by_its_name(client: FlaskClient) -> None:
    for language in ("ja", "en"):
        html = client.get(f"{MEASURE}?lang={language}").text
        assert ' lang="ja-simple" rel="alternate">やさしい日本語</a>' in html
        assert (
            f'<link rel="alternate" hreflang="ja-simple" href="{MEASURE}?lang=ja-simple">' in html
        )
    assert "English</a>" in client.get(f"{MEASURE}?lang=ja-simple").text


def test_it_is_offered_only_where_a_plan_has_it() -> None:
    assert choices(["ja", "en", "ja-simple", "ko"]) == CHOICES
    assert list(choices(["ja", "en", "ko"])) == ["ja", "en"]


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("ja-simple,ja;q=0.8", "ja-simple"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,ja-simple;q=0.5", "ja"),
        ("en,ja-simple;q=0.5", "en"),
        ("*", "ja"),
    ],
)
def test_a_browser_may_ask_for_it_and_japanese_is_not_taken_for_it(
    client: FlaskClient, accepted: str, said: str
) -> None:
    answer = client.get(MEASURE, headers={"Accept-Language": accepted})
    assert answer.headers["Content-Language"] == said
    assert (f"{EASIER}</h1>" in answer.text) == (said == "ja-simple")


def test_readers_of_japanese_and_of_english_never_get_it_in_the_place_of_their_text(
    client: FlaskClient, catalog: Catalog
) -> None:
    for thing in catalog.things.values():
        kind = f"/doc/{thing.plan}/{thing.type}/{thing.code}.html"
        for language in ("ja", "en"):
            assert 'lang="ja-simple">' not in client.get(f"{kind}?lang={language}").text, kind
        assert thing.label["ja-simple"] != thing.label["ja"]
    found = client.get("/api/v1/search?q=若者の地元定着&lang=ja").get_json()
    assert found["hits"][0]["label"]["ja"] == "若者の地元定着"


def test_a_question_in_easy_words_finds_by_the_rewording_and_says_so(searcher: Searcher) -> None:
    for asked, code in [
        ("学校に 通う ために 借りた お金を 返すのを 助ける", "4-2-1-C2"),
        ("ホテルなどに とまった 人の 数", "2-3-K5"),
        ("だれもが 安心して くらせる 地域を つくる", "4-3-2"),
    ]:
        first = searcher.search(asked)[0]
        assert first.code == code
        assert first.evidence.language == "ja-simple"


def test_evidence_quotes_the_official_text_where_that_says_what_was_asked(
    searcher: Searcher,
) -> None:
    for asked in ("若者の地元定着", "空港アクセス", "災害に強い郷土づくり", "県道熊本高森線"):
        assert searcher.search(asked)[0].evidence.language == "ja", asked
        for hit in searcher.search(asked, limit=20):
            if hit.evidence.language == "ja-simple":
                told = set("".join(hit.evidence.words)) & set(asked)
                assert told - set(hit.label["ja"]), (asked, hit.code)


def test_who_reads_easy_japanese_asks_in_japanese() -> None:
    assert language_of("若者", "ja-simple") == "ja"
    assert language_of("DX", "ja-simple") == "ja"


def test_sparql_searches_give_the_official_label_unless_asked(searcher: Searcher) -> None:
    search = SparqlSearch(searcher)
    text = "ホテルなどに とまった 人の 数"
    assert search.search(Asked(text, limit=1))[0].language == "ja"
    easy = search.search(Asked(text, limit=1, language="ja-simple"))[0]
    assert (easy.language, easy.literal[:5]) == ("ja-simple", "ホテルなど")
