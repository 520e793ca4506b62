"""The measures, by hand; and the judged questions, against the plan."""

import collections
import json
import math
from pathlib import Path

import pytest

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


def test_means_are_over_the_questions():
    questions = [JudgedQuestion(q, "ja", {"a": 3}, "", "final") for q in ("right", "wrong")]
    means = evaluate(questions, lambda question: ["a"] if question.q == "right" else ["b"])
    assert (means.questions, means.ndcg10, means.hit1) == (2, 0.5, 0.5)
    assert evaluate([], lambda question: []).questions == 0


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"q": "a"}', '{"q":"a","lang":"ja","relevant":{},"why":"","split":"final"}',
     '{"q":"a","lang":"ja","relevant":{"1":9},"why":"","split":"final"}'],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "questions.jsonl"
    path.write_text(f"{FIRST.read_text(encoding='utf-8').splitlines()[0]}\n{line}\n")
    with pytest.raises(QrelsError) as caught:
        read_questions(path)
    assert "Line 2 of questions.jsonl" in caught.value.text("en")
    assert "2 行目" in caught.value.text("ja")


def test_the_first_questions_are_about_the_plan(catalog):
    questions = read_questions(FIRST)
    assert len(questions) == 68
    assert collections.Counter(question.split for question in questions) == {
        "development": 34,
        "final": 34,
    }
    assert {question.lang for question in questions} == {"ja", "en", "zh-Hans", "ko", "vi"}
    types = {thing.code: thing.type for thing in catalog.things.values()}
    for question in questions:
        assert question.relevant.keys() <= types.keys(), question
        assert len(question.why) > 5
        if question.type:
            assert {types[code] for code in question.relevant} == {question.type}


def test_no_question_is_asked_twice():
    asked = [json.loads(line)["q"] for line in FIRST.read_text(encoding="utf-8").splitlines()]
    assert len(set(asked)) == len(asked)
