"""Words that nothing has are read as the nearest that something has, and never for certain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.catalog import Catalog
from search.evaluate import evaluate, read_questions
from search.passage import passages
from search.searcher import Searcher
from search.spelling import Speller, known_texts
from search.thesaurus import read_thesaurus
from search.understanding import understand

TEXTS = [
    ("en", "Restoration of Kumamoto castle and support for infertility treatment"),
    ("en", "On telework, education, government, environmental protection, routes, tourism"),
    ("fr", "éducation et énergies renouvelables dans la région"),
    ("es", "turismo inteligente y educación, los campos"),
    ("vi", "bảo vệ môi trường, hỗ trợ việc làm"),
    ("ko", "관광 진흥, 대중교통, 인재 육성, 청년 정착"),
    ("ne", "भूकम्प सङ्ग्रहालय"),
    ("ja", "ボランティア、スタートアップ、コンピューター、バイオリン、デジタル"),
]


def made(indexed: bool = False) -> Speller:
    return Speller(lambda: iter(TEXTS), lambda word: indexed)


@pytest.fixture(scope="module")
def speller() -> Speller:
    return made()


def read(speller: Speller, text: str, language: str | None = None) -> dict[str, str]:
    return {word.typed: word.read for word in speller.respell(text, language)}


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("Kumamto castel", None, {"Kumamto": "Kumamoto", "castel": "castle"}),
        ("teleworck", None, {"teleworck": "telework"}),
        ("teleworck", "en-GB", {"teleworck": "telework"}),
        ("teleworck", "ja", {"teleworck": "telework"}),
        ("infertilty treatement", "en", {"infertilty": "infertility", "treatement": "treatment"}),
        ("the goverment", "en", {"goverment": "government"}),
        ("tursimo", "es", {"tursimo": "turismo"}),
        ("educacion", "es", {"educacion": "educación"}),
        ("moi truong", None, {"moi": "môi", "truong": "trường"}),
        ("ho tro viec lam", "vi", {"ho": "hỗ", "tro": "trợ", "viec": "việc", "lam": "làm"}),
        ("괸광 진흥", "ko", {"괸광": "관광"}),
        ("인재 육셩", "ko", {"육셩": "육성"}),
        ("भुकम्प संग्रालय", "ne", {"भुकम्प": "भूकम्प", "संग्रालय": "सङ्ग्रहालय"}),
        ("ボランティヤ活動", "ja", {"ボランティヤ": "ボランティア"}),
        ("スタートアツプ", "ja", {"スタートアツプ": "スタートアップ"}),
        ("コンピュータの利用", "ja", {"コンピュータ": "コンピューター"}),
        ("ヴァイオリン", "ja", {"ヴァイオリン": "バイオリン"}),
    ],
)
def test_a_word_that_nothing_has_is_read_as_the_nearest(
    speller: Speller, typed: str, language: str | None, meant: dict[str, str]
) -> None:
    assert read(speller, typed, language) == meant


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("Kumamoto castles", "en"),  # what is known, and its plural
        ("educational", "en"),  # another form of a known word
        ("router", "en"),  # one letter from routes, at its end
        ("castl", "en"),  # short
        ("KPI JICA TELEWR", "en"),  # codes and abbreviations
        ("4-2-K1 teleworck2", "en"),  # with numbers
        ("what the which", "en"),
        ("education", "fr"),  # known, if in another language
        ("énergie", "fr"),  # marks that are written are meant
        ("turismo", "en"),
        ("tursimo", "en"),  # no English word is near
        ("window", "en"),  # the encoder knows it
        ("moi", None),  # one syllable alone may be anything
        ("to do", "en"),
        ("môi trường", "vi"),
        ("관광을 대중교통의", "ko"),  # with their particles
        ("ホテル", "ja"),
        ("熊本城の復旧", "ja"),
        ("", None),
        ("!?", None),
    ],
)
def test_what_is_known_short_or_a_code_is_left_alone(
    speller: Speller, typed: str, language: str | None
) -> None:
    assert read(speller, typed, language) == {}


def test_the_texts_are_read_only_for_a_word_that_the_index_has_not() -> None:
    def never() -> Iterator[tuple[str, str]]:
        raise AssertionError("no question needed them")
        yield

    known = {"castle", "restoration"}
    assert Speller(never, known.__contains__).respell("the restoration of castles", "en") == []
    with pytest.raises(AssertionError):
        Speller(never, known.__contains__).respell("castel", "en")


def test_a_question_tells_how_its_words_were_read_and_each_can_be_taken_back() -> None:
    understood = made().read(understand("Kumamto castel KPIs", codes={}))
    assert [one.key for one in understood.filters] == [
        "type:kpi",
        "spelling:Kumamoto",
        "spelling:castle",
    ]
    assert understood.values("spelling") == ("Kumamoto", "castle")
    assert (understood.topic, understood.respelt) == ("Kumamto castel", "Kumamoto castle")
    assert understood.narrows
    ignore = ["spelling:castle", "type:kpi"]
    some = made().read(understand("Kumamto castel", ignore=ignore), ignore)
    assert some.respelt == "Kumamoto castel"
    assert not some.narrows, "a spelling leaves nothing out"
    none = made().read(understand("Kumamoto"))
    assert (none.respelt, none.filters) == ("", ())


def test_quoted_words_are_meant_as_they_stand() -> None:
    assert made().read(understand("“castel” and teleworck")).values("spelling") == ("telework",)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.sampled_from([None, "en", "vi", "ja", "xx"]))
def test_any_text_is_read_somehow(text: str, language: str | None) -> None:
    place = 0
    for word in made().respell(text, language):
        assert place <= word.start < word.end <= len(text)
        assert text[word.start : word.end] == word.typed
        place = word.end


# On the bundled plan


def test_a_wrong_guess_hides_nothing(searcher: Searcher) -> None:
    guessed = searcher.rank("teleworck")
    assert guessed.understood.values("spelling") == ("telework",)
    assert searcher.things[guessed.order[0]].code.startswith("2-3-1")
    typed = searcher.rank("teleworck", ignore=["spelling:telework"])
    assert typed.understood.respelt == ""
    assert set(typed.order) <= set(guessed.order)
    for n in typed.order:
        assert guessed.ranking.fused[n] >= typed.ranking.fused[n]


def test_a_label_that_is_asked_with_a_slip_comes_first(searcher: Searcher) -> None:
    label = next(one for one in searcher.things if one.code == "3-2-2-C1").label["en"]
    assert "Kumamoto" in label
    (hit,) = searcher.search(label.replace("Kumamoto", "Kumamto"), limit=1)
    assert hit.code == "3-2-2-C1"


def test_the_plan_and_the_thesaurus_are_what_is_known(catalog: Catalog) -> None:
    texts = list(known_texts(passages(catalog), read_thesaurus()))
    assert len(texts) > 5000
    assert ("ja", "避難所") in texts
    assert {"ja", "en", "zh-hans", "ne"} <= {language for language, _ in texts}


def test_misspelt_questions_find_what_was_meant(searcher: Searcher) -> None:
    """A floor a little below what was measured when it was set: 0.90, and 0.83 before."""
    path = Path(__file__).parent / "data" / "relevance" / "questions.jsonl"
    questions = [
        one for one in read_questions(path) if one.split == "development" and one.kind == "misspelt"
    ]
    means = evaluate(questions, lambda one: [hit.code for hit in searcher.search(one.q, limit=10)])
    assert means.questions == 13
    assert means.ndcg10 >= 0.88
