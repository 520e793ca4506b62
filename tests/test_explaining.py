"""What is said of a hit: which words met which, and what its score is made of."""

import math
from itertools import pairwise

import pytest

from search.calibration import CALIBRATION, signals
from search.contributions import contributions
from search.evidence import Marks
from search.finding import find
from search.ranking import OwnTexts
from search.searcher import Hit, Searcher
from web.explanation import explanation
from web.search_request import SearchRequest
from web.view import search_answer

QUESTIONS = (
    "scholarship",
    "若者の地元定着",
    "4-2",
    "基本方針2の KPI は",
    "「熊本城」の復旧",
    "灾后重建有哪些措施",
    "청년 정착",
    "best ramen in town",
)


def pairs(marks: Marks) -> list[tuple[str, str, str]]:
    return [(one.question, one.text, one.by) for one in marks.related]


def found(searcher: Searcher, question: str, code: str, language: str) -> Hit:
    hits = searcher.search(question, language=language, limit=20)
    return next(hit for hit in hits if hit.code == code)


@pytest.mark.parametrize(
    ("question", "code", "language", "pair"),
    [
        ("scholarships for students", "4-2-1-C2", "ja", ("scholarships", "奨学金", "label")),
        ("jóvenes", "4-2-1", "ja", ("jóvenes", "若者", "label")),
        ("旅游", "2-3-4", "ja", ("旅游", "観光", "label")),
        ("재택근무 지원", "2-3-1-C1", "ja", ("재택근무", "テレワーク", "thesaurus")),
        ("若い人が県内で働き続ける", "4-2-1", "ja", ("若い人", "若者", "label")),
        ("飛行場に行きやすくする", "3-2-4-C2", "ja", ("飛行場", "空港", "encoder")),
        (
            "The Minamata disease issue",
            "X-2",
            "ja",
            ("The Minamata disease issue", "水俣病問題", "label"),
        ),
    ],
)
def test_a_word_is_shown_beside_the_one_it_met(
    searcher: Searcher, question: str, code: str, language: str, pair: tuple[str, str, str]
) -> None:
    hit = found(searcher, question, code, language)
    marks = hit.evidence.labels[language]
    assert pair in pairs(marks)
    related = next(one for one in marks.related if one.text == pair[1])
    assert hit.label[language][slice(*related.span)] == pair[1]


def test_a_word_that_is_shared_is_in_no_pair(searcher: Searcher) -> None:
    evidence = found(searcher, "若者の地元定着", "4-2-1", "ja").evidence
    assert evidence.words == ("若者", "地元", "定着")
    assert evidence.related == ()
    assert found(searcher, "thể thao", "4-4-3", "vi").evidence.labels["vi"].related == ()


@pytest.mark.parametrize("question", QUESTIONS)
def test_pairs_and_marks_do_not_overlap(searcher: Searcher, question: str) -> None:
    for hit in searcher.search(question, language="en", limit=20):
        texts = [(hit.label[tag], marks) for tag, marks in hit.evidence.labels.items()]
        for text, marks in [*texts, (hit.evidence.passage, hit.evidence)]:
            places = sorted([*marks.spans, *(one.span for one in marks.related)])
            assert all(end <= start for (_, end), (start, _) in pairwise(places))
            assert all(text[slice(*one.span)] == one.text for one in marks.related)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_contributions_make_up_the_score(searcher: Searcher, question: str) -> None:
    hits = find(searcher, question, {}, language="ja").hits
    assert hits
    for hit in hits:
        total = sum(one.value for one in hit.evidence.contributions)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(hit.score, abs=1e-4)
        added = {one.part: one.value for one in hit.evidence.contributions}
        assert min(added.get("context", 0.0), added.get("words", 0.0)) >= -0.01
        assert added.get("order", 0.0) <= 0.01


def parts(searcher: Searcher, question: str, code: str) -> dict[str, float]:
    evidence = found(searcher, question, code, "ja").evidence
    return {one.part: one.value for one in evidence.contributions}


def test_each_part_stands_for_what_it_is_named_after(searcher: Searcher) -> None:
    named = parts(searcher, "4-2", "4-2")
    assert named["name"] == pytest.approx(CALIBRATION.exact, abs=0.001)
    through_its_component = parts(searcher, "テレワーク", "2-3")
    assert through_its_component["context"] > 2
    assert through_its_component.get("words", 0.0) == 0
    of_its_own = parts(searcher, "テレワーク", "2-3-1-C1")
    assert of_its_own["meaning"] > 2
    assert of_its_own["words"] > 0.5
    assert "filters" in parts(searcher, "基本方針2の KPI", "2-2-K1")
    assert "meaning" not in parts(searcher, "基本方針2の KPI", "2-2-K1")


def test_what_is_taken_off_to_keep_the_order_is_said() -> None:
    said = contributions(CALIBRATION, signals(0.5, "near", None), OwnTexts(0.2, 0.5, 0.1), 0.1)
    values = {one.part: one.value for one in said}
    assert values["order"] < 0
    assert values["context"] == pytest.approx(
        CALIBRATION.fused * (0.5 - 0.2 - 0.15 - 0.1), abs=1e-3
    )
    assert 1 / (1 + math.exp(-sum(values.values()))) == pytest.approx(0.1, abs=1e-4)


def test_a_terminal_says_why(searcher: Searcher) -> None:
    answer = search_answer(searcher, SearchRequest.parse(q="jóvenes", lang="es"))
    hit = next(one for one in answer["hits"] if one["code"] == "4-2-1")
    met, *_, path, source, score = explanation(hit, ["es", "ja"], "en")
    assert met == "jóvenes ↔ 若者 (names in two languages)"
    assert path.startswith("4 ")
    assert " › 4-2 " in path
    assert source == "summary.ja.txt: In the plan’s text (line 81) 若者の地元定着"
    assert score.startswith(f"{CALIBRATION.intercept:.2f} Start")
    assert score.endswith(f"→ {hit['score']:.3f}")
