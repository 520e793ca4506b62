"""The measures, by hand, and the reading of judged questions."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from search.calibration import reliability
from search.evaluate import JudgedQuestion, QrelsError, evaluate, measure, read_questions

FIRST = Path(__file__).parent / "data" / "relevance" / "first.jsonl"


def test_a_perfect_ranking_is_1():
    measured = measure(["a", "b", "c"], {"a": 3, "b": 2, "c": 1})
    assert measured == {"ndcg10": 1.0, "mrr": 1.0, "hit1": 1.0, "recall10": 1.0}


def test_measures_by_hand():
    measured = measure(["x", "b", "a"], {"a": 3, "b": 1, "c": 2})
    ideal = 7 + 3 / math.log2(3) + 1 / math.log2(4)
    assert measured["ndcg10"] == pytest.approx((1 / math.log2(3) + 7 / math.log2(4)) / ideal)
    assert measured["mrr"] == 0.5
    assert measured["hit1"] == 0.0
    assert measured["recall10"] == pytest.approx(2 / 3)


def test_only_the_first_ten_count():
    ranked = [f"x{n}" for n in range(10)] + ["a"]
    measured = measure(ranked, {"a": 3})
    assert (measured["ndcg10"], measured["recall10"]) == (0, 0)
    assert measured["mrr"] == pytest.approx(1 / 11)
    assert measure([], {"a": 1}) == {"ndcg10": 0, "mrr": 0, "hit1": 0, "recall10": 0}


def test_a_ranking_is_not_measured_where_nothing_answers():
    with pytest.raises(ValueError, match="nothing is relevant"):
        measure(["a"], {})


def test_means_are_over_the_questions():
    questions = [JudgedQuestion(q, "ja", {"a": 3}, "", "final") for q in ("right", "wrong")]
    means = evaluate(questions, lambda question: ["a"] if question.q == "right" else ["b"])
    assert (means.questions, means.ndcg10, means.hit1) == (2, 0.5, 0.5)
    assert evaluate([], lambda question: []).questions == 0


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"q": "a"}', '{"q":"a","lang":"ja","relevant":{},"why":"","split":"final"}',
     '{"q":"a","lang":"ja","relevant":{"1":9},"why":"","split":"final"}',
     '{"q":"a","lang":"ja","kind":"off-topic","relevant":{"1":1},"why":"","split":"final"}'],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "questions.jsonl"
    path.write_text(f"{FIRST.read_text(encoding='utf-8').splitlines()[0]}\n{line}\n")
    with pytest.raises(QrelsError) as caught:
        read_questions(path)
    assert "Line 2 of questions.jsonl" in caught.value.text("en")
    assert "2 行目" in caught.value.text("ja")


def test_an_off_topic_question_has_no_answers(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '{"q":"a","lang":"ja","kind":"off-topic","relevant":{},"why":"","split":"final"}'
    )
    [question] = read_questions(path)
    assert question.off_topic
    assert not question.relevant


class Scored:
    """A searcher whose hits of every question have these scores, best first."""

    things = tuple(SimpleNamespace(code=code, type="kpi") for code in "abcd")

    def __init__(self, scores, likely):
        self.ranked = SimpleNamespace(scores=scores, order=range(len(scores)), likely=likely)

    def rank(self, question, among):
        assert len(among) == 4
        return self.ranked


def test_scores_are_held_against_how_many_hits_are_right():
    questions = [JudgedQuestion("q", "ja", {"a": 3, "b": 1}, "", "final")]
    measured = reliability(Scored([0.95, 0.93, 0.31, 0.0], likely=True), questions)
    assert [(one.low, one.hits) for one in measured.bins] == [(0.0, 1), (0.3, 1), (0.9, 2)]
    assert measured.bins[2].score == pytest.approx(0.94)
    assert measured.bins[2].right == 0.5, "grade 1 is no answer"
    assert measured.error == pytest.approx((2 * 0.44 + 0.31) / 4)
    assert (measured.silenced, measured.mistaken) == (0, 0)


def test_silence_is_right_where_nothing_answers_and_else_a_mistake():
    questions = [
        JudgedQuestion("q", "ja", {"a": 3}, "", "final"),
        JudgedQuestion("q", "ja", {}, "", "final", kind="off-topic"),
    ]
    measured = reliability(Scored([0.05], likely=False), questions)
    assert (measured.silenced, measured.mistaken) == (1, 1)
