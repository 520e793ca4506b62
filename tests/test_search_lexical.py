"""Analysis and BM25: which terms a text has, where, and what they weigh."""

import threading

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import analyse, fold
from search.lexical import GRAM_WEIGHT, LexicalIndex
from search.question import MAX_LENGTH, read_question


def words(text):
    return [token.term for token in analyse(text) if token.kind == "word"]


def grams(text):
    return [token.term for token in analyse(text) if token.kind == "gram"]


def test_long_and_short_units_are_both_terms():
    assert words("奨学金返還") == ["奨学", "奨学金", "金", "返還"]


def test_kana_and_kanji_share_a_term():
    assert words("すまい") == words("住まい")
    assert words("こども") == words("子供")
    assert words("くらし") == words("暮らし")


def test_width_and_case_do_not_matter():
    assert words("ﾃﾚﾜｰｸ") == words("テレワーク") == ["テレワーク"]
    assert words("ＤＸ") == words("dx") == ["dx"]
    assert words("CO₂") == words("co2")
    assert grams("ｶﾞｽ") == ["ガス"]


def test_bigrams_are_of_han_katakana_and_hangul_runs():
    assert grams("緑の流域治水") == ["流域", "域治", "治水"]
    assert grams("청년 정착") == ["청년", "정착"]
    assert grams("留住年轻人") == ["留住", "住年", "年轻", "轻人"]
    assert words("청년 정착") == ["청년", "정착"]
    assert grams("youth retention") == []
    assert grams("すまい") == []


@pytest.mark.parametrize(
    ("question", "core"),
    [
        ("which measures address youth retention?", "youth retention"),
        ("What is being done about climate change", "climate change"),
        ("若者の地元定着に取り組む施策は？", "若者の地元定着"),
        ("熊本城について教えてください", "熊本城"),
        ("どのような取組みがありますか", ""),
        ("Which KPIs are there?", ""),
        ("", ""),
    ],
)
def test_question_words_are_left_out(question, core):
    assert read_question(question).core == core


def test_english_plurals_meet_their_singulars():
    assert words("companies roads rivers businesses") == words("company road river businesse")
    assert words("bus gas virus progress") == ["bus", "gas", "virus", "progress"]


def test_vietnamese_keeps_its_marks():
    assert words("thanh niên") == ["thanh", "niên"]
    assert words("thanh nie\u0302n") == ["thanh", "niên"]


def test_terms_know_their_place_in_the_original():
    text = "ｶﾞｽと ＤＸ、か\u3099っこう"
    places = {token.term: text[token.start : token.end] for token in analyse(text)}
    assert places["ガス"] == "ｶﾞｽ"
    assert places["dx"] == "ＤＸ"
    assert places["学校"] == "か\u3099っこう"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_analysed_with_places_inside_it(text):
    clean = text.encode("utf-8", "replace").decode("utf-8")
    folded = fold(clean)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    for token in analyse(clean):
        assert token.term
        assert 0 <= token.start < token.end <= len(clean)


def test_a_text_longer_than_sudachi_takes_is_analysed():
    text = "若者の地元定着。" * 10_000
    assert analyse(text)[-1].end == len(text) - 1


def test_many_threads_can_analyse():
    expected = [analyse(f"{n}人の若者の地元定着") for n in range(50)]
    wrong = []

    def run():
        for n, terms in enumerate(expected):
            if analyse(f"{n}人の若者の地元定着") != terms:
                wrong.append(n)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "typed", ["\ud800若者", "\x00\x1b[31m", "😀" * 10, "\u202e若者", "a\r\nb", "\U0010ffff"]
)
def test_any_string_can_be_a_question(typed):
    question = read_question(typed)
    question.text.encode("utf-8")
    assert "\n" not in question.text


def test_a_long_question_is_cut():
    assert len(read_question("若者" * 50_000).text) == MAX_LENGTH


TEXTS = ["若者の地元定着", "地元の魅力", "熊本城", "Kumamoto Castle", "若者と若者の街", "の", ""]


@pytest.fixture(scope="module")
def index():
    return LexicalIndex.build(TEXTS)


def test_the_rarer_word_weighs_more(index):
    scores = index.scores(analyse("若者の定着"))
    assert int(scores.argmax()) == 0
    assert scores[4] > 0
    assert scores[2] == scores[3] == scores[5] == scores[6] == 0


def test_scores_are_those_of_bm25s(index):
    keys = [[f"{t.kind[0]}:{t.term}" for t in analyse(text)] for text in TEXTS]
    model = bm25s.BM25(k1=1.2, b=0.5, method="lucene")
    model.index(keys, show_progress=False)
    asked = analyse("若者の熊本城")
    expected = sum(
        (GRAM_WEIGHT if t.kind == "gram" else 1) * model.get_scores([f"{t.kind[0]}:{t.term}"])
        for t in asked
    )
    np.testing.assert_allclose(index.scores(asked), expected, rtol=1e-5)


def test_the_highest_score_is_that_of_a_text_with_every_word(index):
    assert index.highest(analyse("castle")) == pytest.approx(index.scores(analyse("castle")).max())
    assert index.highest(analyse("castle quantum")) > 1.9 * index.scores(analyse("castle")).max()
    assert index.highest(()) == 0


def test_unknown_words_score_nothing(index):
    assert not index.scores(analyse("quantum 量子")).any()
    assert not index.scores(()).any()


def test_it_is_the_same_after_reading_it_again(index, tmp_path):
    index.save(tmp_path / "words")
    again = LexicalIndex.open(tmp_path / "words")
    asked = analyse("若者の城")
    np.testing.assert_array_equal(again.scores(asked), index.scores(asked))
    assert again.size == len(TEXTS)


def test_nothing_to_index_is_an_index():
    index = LexicalIndex.build(["、", "の"])
    assert index.scores(analyse("若者")).tolist() == [0, 0]
