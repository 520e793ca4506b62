"""A question's words are marked in the original text, however the two are written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.letters import hiragana, plain
from search.marking import Marker, merged

SPELLINGS = {
    "width": [
        ("DXの推進", "ＤＸ推進計画", ["ＤＸ", "推進"]),
        ("３５人", "35人学級", ["35", "人"]),
        ("テレワーク", "ﾃﾚﾜｰｸの推進", ["ﾃﾚﾜｰｸ"]),
        ("がっこう", "か\u3099っこうの 再編", ["か\u3099っこう"]),
    ],
    "kana": [
        ("てれわーく", "テレワークの推進", ["テレワーク"]),
        ("てれわーくを広める", "ﾃﾚﾜｰｸの推進", ["ﾃﾚﾜｰｸ"]),
        ("スマホ", "すまほの使い方", ["すまほ"]),
        ("くまもと", "クマモトの水", ["クマモト"]),
        ("コドモ", "子どもの居場所", ["子ども"]),
        ("カンコウ", "観光の振興", ["観光"]),
        ("わかもの", "若者の定着", ["若者"]),
    ],
    "okurigana": [
        ("申込み", "お申し込みはこちら", ["申し込み"]),
        ("申し込み", "申込の方法", ["申込"]),
        ("申込", "申込みの受付", ["申込み"]),
        ("引越し", "引っ越しの支援", ["引っ越し"]),
    ],
    "old kanji": [
        ("龍神", "竜神の里", ["竜神"]),
        ("竜", "龍の像", ["龍"]),
        ("國土強靱化", "国土強靭化を進める", ["国土", "強靭", "化"]),
        ("学校", "學校の整備", ["學校"]),
        ("台湾", "臺灣との交流", ["臺灣"]),
        ("渡邊", "渡辺さん", ["渡辺"]),
        ("奬學金", "奨学金返還", ["奨学金"]),
    ],
    "case": [
        ("youth", "YOUTH Retention", ["YOUTH"]),
        ("STRASSE", "Straße", ["Straße"]),
        ("companies", "One Company", ["Company"]),
    ],
    "accents": [
        ("cafe", "Café culture", ["Café"]),
        ("educación", "la educacion", ["educacion"]),
        ("thể thao", "thể thao và văn hóa", ["thể", "thao"]),
        ("da nang", "Đà Nẵng", ["Đà", "Nẵng"]),
        ("thanh niên", "thanh nie\u0302n", ["thanh", "nie\u0302n"]),
    ],
}


def found(question: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Marker(question).spans(text)]


@pytest.mark.parametrize("kind", SPELLINGS)
def test_a_word_is_marked_as_it_stands_in_the_text(kind: str) -> None:
    assert len(SPELLINGS[kind]) >= 3
    for question, text, words in SPELLINGS[kind]:
        assert found(question, text) == words, question


def test_every_place_of_a_word_is_marked() -> None:
    passage = "「すまい」の再建、被災企業の事業再建"
    assert found("住まいを再建したい", passage) == ["すまい", "再建", "再建"]


def test_other_words_are_not_marked() -> None:
    assert found("má", "mà") == []  # two Vietnamese words: accents tell them apart
    assert found("गाउँ", "गाउ") == []  # a sign of Devanagari is no accent
    assert found("城", "奨学金返還等サポート") == []
    assert found("sport", "transport") == []
    assert found("施策の指標", "指標と施策") == []  # what every thing of a plan is called


def test_bigrams_are_marked_where_no_word_is_shared() -> None:
    assert found("청년정책", "청년 정착") == ["청년"]
    assert found("奨学金の返還", "奨学金返還等サポート") == ["奨学金", "返還"]


def test_letters_keep_their_place() -> None:
    letters = plain("ﬁné 國")
    assert letters.text == "fine 国"
    assert letters.starts == (0, 0, 1, 2, 3, 4)
    assert letters.ends == (1, 1, 2, 3, 4, 5)
    assert hiragana("ヴァイオリンー・が漢") == "ゔぁいおりんー・が漢"


def test_ranges_that_overlap_are_one() -> None:
    assert merged([(4, 6), (0, 2), (1, 3), (3, 4)]) == ((0, 3), (3, 4), (4, 6))


@settings(max_examples=200, deadline=None)
@given(question=st.text(max_size=30), text=st.text(max_size=60))
def test_marks_of_any_text_are_disjoint_ranges_inside_it(question: str, text: str) -> None:
    for asked in (question, text):
        place = 0
        for start, end in Marker(asked).spans(text):
            assert place <= start < end <= len(text)
            place = end
