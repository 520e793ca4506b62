"""What is suggested while a question is typed: by letters, by reading, in any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from kg.things import Thing
from search.prefixes import DEPTH, Prefixes
from search.readings import nouns, reading
from search.romaji import from_kana, from_latin, without_length
from search.suggestions import LONGEST, Suggestions
from search.thesaurus import Concept

LABELS = {
    "4-2": {
        "ja": "若者の地元定着と人材育成",
        "en": "Retaining young people",
        "ko": "청년 지역 정착",
    },
    "1-1": {"ja": "公共交通の維持", "en": "Keeping public transport", "vi": "Giao thông công cộng"},
    "3-1": {"ja": "子ども食堂のサポート", "en": "Support for children's cafés"},
    "3-2": {
        "ja": "子供の居場所",
        "en": "Places for children",
        "fr": "Lieux d’accueil pour enfants",
    },
    "5-1": {"ja": "防災センターの整備", "zh-hans": "建设防灾中心"},
}
SHELTER = Concept(
    ("避難所", "避難場所"),
    {
        "plain": ("逃げて行く所", "にげる ところ"),
        "en": ("evacuation shelter", "where to go in an emergency"),
        "zh-Hans": ("避难所", "去躲避的地方"),
    },
)


@dataclass
class Plan:
    """The part of a catalog that suggestions are made from."""

    things: Mapping[str, Thing] = field(
        default_factory=lambda: {
            f"urn:{code}": Thing(f"urn:{code}", "test", code, "measure", label)
            for code, label in LABELS.items()
        }
    )


@pytest.fixture(scope="module")
def suggestions() -> Suggestions:
    return Suggestions(Plan())


def texts(suggestions: Suggestions, typed: str, language: str = "ja") -> list[str]:
    return [one.text for one in suggestions.complete(typed, language)]


@pytest.mark.parametrize(
    "typed",
    ["わかもの", "ワカモノ", "ﾜｶﾓﾉ", "わか", "わかm", "wakamono", "Waka", "若もの", "ＷＡＫＡ"],
)
def test_a_word_is_found_by_its_reading_however_it_is_written(
    suggestions: Suggestions, typed: str
) -> None:
    found = texts(suggestions, typed)
    assert found[0] == "若者"
    assert "若者の地元定着と人材育成" in found


@pytest.mark.parametrize(
    "typed",
    ["koukyou", "kōkyō", "kôkyô", "kookyoo", "kokyo", "Kōkyō Kōtsū", "koukyoukoutuu", "kokyokotsu"],
)
def test_long_vowels_may_be_written_in_any_way_or_left_out(
    suggestions: Suggestions, typed: str
) -> None:
    assert "公共交通の維持" in texts(suggestions, typed)


def test_what_says_a_vowel_is_long_finds_no_short_one_while_there_are_long_ones(
    suggestions: Suggestions,
) -> None:
    assert "子供" in texts(suggestions, "ko")
    assert "子供" not in texts(suggestions, "kou")


def test_another_way_to_write_a_word_finds_the_texts_that_have_it(suggestions: Suggestions) -> None:
    assert "子ども食堂のサポート" in texts(suggestions, "こども")
    assert "子供の居場所" in texts(suggestions, "こども")
    assert "子ども食堂のサポート" in texts(suggestions, "子どもし")


def test_words_within_a_label_begin_suggestions_too(suggestions: Suggestions) -> None:
    for typed in ("定着", "ていちゃく", "teichaku", "teityaku"):
        assert "若者の地元定着と人材育成" in texts(suggestions, typed), typed
    assert "Retaining young people" in texts(suggestions, "young p", "en")
    assert texts(suggestions, "oung", "en") == [], "not from the middle of a word"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("giao thong", "Giao thông công cộng"),
        ("giao thông c", "Giao thông công cộng"),
        ("lieux d'acc", "Lieux d’accueil pour enfants"),
        ("lieux daccueil", None),
        ("청년", "청년 지역 정착"),
        ("처", "청년 지역 정착"),
        ("ㅊ", "청년 지역 정착"),
        ("建设", "建设防灾中心"),
    ],
)
def test_other_languages_are_found_by_their_letters_with_or_without_marks(
    suggestions: Suggestions, typed: str, found: str | None
) -> None:
    assert (found in texts(suggestions, typed)) is (found is not None)


def test_the_readers_language_comes_first(suggestions: Suggestions) -> None:
    assert suggestions.complete("s", "en")[0].language == "en"
    assert suggestions.complete("ko", "ja")[0].language == "ja"
    assert {one.language for one in suggestions.complete("k", "en")} == {"en"}


def test_a_code_finds_its_thing(suggestions: Suggestions) -> None:
    (one,) = suggestions.complete("4-2", "ja")
    assert one.thing is not None
    assert (one.text, one.thing.code) == ("若者の地元定着と人材育成", "4-2")
    assert texts(suggestions, "3-") == ["子供の居場所", "子ども食堂のサポート"]


def test_labels_are_at_least_half_where_there_are_enough(suggestions: Suggestions) -> None:
    found = suggestions.complete("こ", "ja", limit=4)
    assert sum(one.thing is not None for one in found) >= 2
    assert len(found) == 4


def test_what_is_typed_already_is_not_suggested(suggestions: Suggestions) -> None:
    assert "若者" not in texts(suggestions, "若者")
    assert "子供の居場所" not in texts(suggestions, "子供の居場所")


def test_the_last_word_is_completed_where_the_whole_begins_nothing(
    suggestions: Suggestions,
) -> None:
    assert "都市の 若者" in texts(suggestions, "都市の わか")
    assert texts(suggestions, "xxyyzz わか") == ["xxyyzz 若者"]


@pytest.mark.parametrize(
    "typed", ["", " ", "!?", "\x00", "\ud800", "ー", "-", "の" * 50, "x" * 9999]
)
def test_nothing_comes_of_nothing_and_nothing_breaks(suggestions: Suggestions, typed: str) -> None:
    assert suggestions.complete(typed, "ja") == []
    assert suggestions.complete("わか", "ja", limit=0) == []
    assert Suggestions(Plan({})).complete(typed, "ja") == []
    assert LONGEST < DEPTH


def test_a_thesaurus_adds_what_the_plan_speaks_of_and_everyday_words_for_it() -> None:
    plan = Plan({"urn:1": Thing("urn:1", "test", "1", "measure", {"ja": "避難所の確保"})})
    suggestions = Suggestions(plan, [SHELTER])
    assert "避難場所" in texts(suggestions, "hinan")
    for typed, language in (("にげ", "ja"), ("nigete", "ja"), ("去躲", "ja"), ("where to", "en")):
        one = suggestions.complete(typed, language)[0]
        assert one.said.startswith(typed) or one.said == "逃げて行く所", typed
        assert one.text in SHELTER.said
    assert texts(Suggestions(Plan(), [SHELTER]), "hinan") == [], "the plan says nothing of it"


# What it is made of


@pytest.mark.parametrize(
    ("kana", "spellings"),
    [
        ("しんぶん", ["shinbun", "shimbun", "sinbun"]),
        ("つづく", ["tsuzuku", "tuduku", "tsuduku"]),
        ("じちたい", ["jichitai", "zititai", "jititai"]),
        ("しゃかい", ["shakai", "syakai"]),
        ("ちゃくしょく", ["chakushoku", "tyakusyoku", "cyakusyoku"]),
        ("がっこう", ["gakkō", "gakkou", "gakkoo"]),
        ("まっちゃ", ["matcha", "maccha", "mattya"]),
        ("ほけんいりょう", ["hoken'iryō", "hokeniryou", "hokenniryou"]),
        ("ファミリー", ["famirī", "famiri-", "huamirii"]),
        ("ヴァイオリン", ["vaiorin", "baiorin"]),
        ("デジタル", ["dejitaru", "dezitaru"]),
        ("ティーム", ["timu", "thi-mu"]),
        ("おおいた", ["Ōita", "ooita", "oita", "Ohita"]),
        ("ジェンダー", ["jendā", "zyendaa", "jenda-"]),
        ("ウェブ", ["webu"]),
    ],
)
def test_every_spelling_of_a_reading_is_one(kana: str, spellings: list[str]) -> None:
    wanted = without_length(from_kana(kana))
    assert {without_length(from_latin(one)) for one in spellings} - {"ohita"} == {wanted}


def test_every_beginning_of_a_word_in_romaji_begins_its_reading() -> None:
    for kana, typed in (("しちょう", "shichou"), ("つうきん", "tsuukin"), ("じゅうみん", "juumin")):
        for end in range(1, len(typed) + 1):
            assert from_kana(kana).startswith(without_length(from_latin(typed[:end]))[:2]), end


def test_a_reading_knows_where_words_begin() -> None:
    kana, starts = reading("若者の人材育成、（防災）")
    assert kana == "ワカモノノジンザイイクセイボウサイ"
    assert [kana[start:] for start in starts[:4]] == [kana, kana[4:], kana[5:], "イクセイボウサイ"]


def test_nouns_come_alone_and_together_without_stop_words() -> None:
    assert {"若者", "地元", "定着", "地元定着"} <= set(nouns("若者の地元定着に取り組む施策"))
    assert "施策" not in set(nouns("若者の地元定着に取り組む施策"))
    assert list(nouns("12の")) == []


def test_beginnings_are_found_in_order_with_what_they_are() -> None:
    prefixes = Prefixes([("abc", 0, True), ("ab", 1, False), ("b", 2, True), ("", 3, True)])
    begun = prefixes.find("ab")
    assert begun.owners.tolist() == [1, 0]
    assert begun.whole.tolist() == [False, True]
    assert begun.met.tolist() == [True, False]
    assert prefixes.find("").owners.size == prefixes.find("x" * (DEPTH + 1)).owners.size == 0
