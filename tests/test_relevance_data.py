"""The judged questions, held to what tests/data/relevance/README.md promises of them."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.catalog import Catalog
from kg.things import Thing
from search.evaluate import JudgedQuestion, read_questions

RELEVANCE = Path(__file__).parent / "data" / "relevance"
FIRST = read_questions(RELEVANCE / "first.jsonl")
QUESTIONS = read_questions(RELEVANCE / "questions.jsonl")
OFF_TOPIC = read_questions(RELEVANCE / "off-topic.jsonl")

AT_LEAST = {
    "ja": 50, "en": 50, "zh-Hans": 25, "ko": 25, "vi": 25, "zh-Hant": 12, "es": 12, "id": 12,
    "pt": 12, "fr": 12, "tl": 12, "ne": 12, "ja-simple": 12,
}  # fmt: skip
EVERYWHERE = {"plain", "paraphrase", "one-word", "misspelt", "sentence", "filter", "off-topic"}
KINDS = {*EVERYWHERE, "exact", "exclusion", "quoted"}
HALVES = {"development", "final"}
FREE = KINDS - {"exact", "filter", "exclusion", "quoted"}
"""Kinds whose words neither name a thing nor narrow what may answer."""


@pytest.fixture(scope="module")
def things(catalog: Catalog) -> dict[str, Thing]:
    return {thing.code: thing for thing in catalog.things.values()}


def test_there_are_as_many_questions_as_promised():
    assert (len(FIRST), len(QUESTIONS), len(OFF_TOPIC)) == (68, 444, 141)
    assert all(one.off_topic and one.split == "development" for one in OFF_TOPIC)
    counted = Counter(question.lang for question in QUESTIONS)
    assert counted.keys() == AT_LEAST.keys()
    assert all(counted[lang] >= least for lang, least in AT_LEAST.items())


def test_every_language_has_every_kind_that_all_are_asked_for():
    asked = {(question.lang, question.kind) for question in QUESTIONS}
    assert {kind for _, kind in asked} == KINDS
    assert {(lang, kind) for lang in AT_LEAST for kind in EVERYWHERE} <= asked
    off_topic = Counter(question.lang for question in QUESTIONS if question.off_topic)
    assert off_topic.total() >= 40
    assert all(off_topic[lang] >= 3 for lang in AT_LEAST)
    assert {question.kind for question in FIRST} <= KINDS


def test_no_question_is_asked_twice():
    asked = [
        unicodedata.normalize("NFKC", q.q).casefold().strip() for q in FIRST + QUESTIONS + OFF_TOPIC
    ]
    assert len(set(asked)) == len(asked)


def test_the_halves_are_even_in_every_language_and_kind():
    def leaning(names):
        halves = Counter(names)
        return {name: abs(halves[name, "development"] - halves[name, "final"]) for name, _ in names}

    assert {question.split for question in QUESTIONS} == HALVES
    assert max(leaning([(q.lang, q.split) for q in QUESTIONS]).values()) <= 1
    assert max(leaning([((q.lang, q.kind), q.split) for q in QUESTIONS]).values()) <= 1
    assert max(leaning([(q.kind, q.split) for q in QUESTIONS]).values()) <= 2


def test_questions_seen_while_building_are_not_final():
    assert {question.split for question in FIRST} == {"development"}


def test_every_reason_is_an_english_sentence():
    for why in {question.why for question in FIRST + QUESTIONS}:
        assert why.isascii(), why
        assert why[0].isupper(), why
        assert why.endswith("."), why
        assert len(why.split()) >= 4, why


def test_grades_name_things_of_the_plan_and_every_thing_is_someones_answer(things):
    answered = set()
    for question in FIRST + QUESTIONS:
        assert question.relevant.keys() <= things.keys(), question
        assert question.off_topic or 3 in question.relevant.values(), question
        answered |= {code for code, grade in question.relevant.items() if grade == 3}
        if question.type:
            assert {things[code].type for code in question.relevant} == {question.type}, question
    assert answered == things.keys()


def test_an_exact_label_is_the_label_of_its_only_best_answer(things):
    exact = [question for question in QUESTIONS if question.kind == "exact"]
    assert len(exact) == 16
    for question in exact:
        [best] = [code for code, grade in question.relevant.items() if grade == 3]
        assert things[best].label[question.lang] == question.q


def test_what_contains_the_best_answer_is_related_too(catalog):
    """The guideline on parents: a component's initiative at least 2, the measure at least 1."""
    checked = 0
    for question in FIRST + QUESTIONS:
        if question.kind not in FREE or question.type:
            continue
        for code, least in _parents_of_best(catalog, question):
            assert question.relevant.get(code, 0) >= least, (question.q, code)
            checked += 1
    assert checked > 500


def _parents_of_best(catalog: Catalog, question: JudgedQuestion) -> Iterator[tuple[str, int]]:
    for thing in catalog.things.values():
        if question.relevant.get(thing.code) == 3 and thing.parent:
            parent = catalog.things[thing.parent]
            if thing.type == "component":
                yield parent.code, 2
                parent = catalog.things[parent.parent]
            if parent.type == "measure":
                yield parent.code, 1
