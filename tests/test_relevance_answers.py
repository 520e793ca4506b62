"""The questions that a named query answers: their form, and their answers beside the plan."""

import json
import unicodedata
from collections import Counter
from pathlib import Path

from kg.catalog import Catalog

ANSWERS = Path(__file__).parent / "data" / "relevance" / "answers.jsonl"
ROWS = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
ANSWERABLE = [row for row in ROWS if row["intent"]]
UNANSWERABLE = [row for row in ROWS if not row["intent"]]

LANGS = {"ja", "en", "zh-Hans", "ko", "vi"}
EACH = {
    "measures": "measure", "initiatives": "initiative", "components": "component", "kpis": "kpi",
}  # fmt: skip
INTENTS = {row["intent"] for row in ANSWERABLE}
LISTING = {
    intent: {"count-things": "list-things"}.get(intent, intent.removeprefix("count-"))
    for intent in INTENTS
    if intent.startswith("count-")
}


def test_answers_name_an_intent_slots_and_one_answer():
    assert (len(INTENTS), len(ANSWERABLE), len(UNANSWERABLE)) == (37, 185, 37)
    assert {row["lang"] for row in ANSWERABLE} == {row["lang"] for row in UNANSWERABLE} == LANGS
    slots: dict[str, object] = {}
    for row in ANSWERABLE:
        for way in (row, *row.get("also", ())):
            [form] = way["answer"]
            assert form in ("codes", "number", "goals", "line", "text", "value"), row
            assert slots.setdefault(row["intent"], way["slots"].keys()) == way["slots"].keys(), row
    for row in UNANSWERABLE:
        assert row["answer"] is None, row
        assert "slots" not in row, row
        assert row["why"].isascii(), row
        assert row["why"].endswith("."), row


def test_no_answer_is_asked_for_twice_and_both_halves_are_even():
    folded = Counter(unicodedata.normalize("NFKC", row["q"]).casefold() for row in ROWS)
    assert set(folded.values()) == {1}
    for rows in (ANSWERABLE, UNANSWERABLE):
        halves = Counter((row["lang"], row["split"]) for row in rows)
        assert {split for _, split in halves} == {"development", "final"}
        for lang in LANGS:
            assert abs(halves[lang, "development"] - halves[lang, "final"]) <= 1


def test_every_intent_can_be_developed_and_is_asked_again_in_the_end():
    split = {(row["intent"], row["split"]) for row in ANSWERABLE}
    assert split == {(i, half) for i in INTENTS for half in ("development", "final")}


class Reading:
    """What the catalog answers to each intent, found without SPARQL; no answer comes from it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.things = {thing.code: thing for thing in catalog.things.values()}

    def answer(self, intent: str, slots: dict[str, str]) -> object:
        if intent.startswith("count-"):
            return len(self.answer(LISTING[intent], slots))
        what, _, of = intent.partition("-of-")
        if of == "goal":
            return self.serving(slots["goal"], EACH[what])
        if what in EACH:
            return self.below(slots[of], EACH[what])
        if what in EACH.values() or what == "policy":
            return [self.catalog.things[self.things[slots[of]].parent].code]
        return getattr(self, intent.replace("-", "_"))(**slots)

    def of_type(self, kind: str) -> list[str]:
        return [thing.code for thing in self.things.values() if thing.type == kind]

    def below(self, code: str, kind: str) -> list[str]:
        return [one for one in self.of_type(kind) if one.startswith(f"{code}-")]

    def goals_of_thing(self, thing: str) -> list[str]:
        held = {one.sdg.split(".")[0] for one in self.things[thing].alignments if one.holds}
        return sorted(held, key=int)

    def serving(self, goal: str, kind: str) -> list[str]:
        return [code for code in self.of_type(kind) if goal in self.goals_of_thing(code)]

    def list_things(self, type: str) -> list[str]:
        return self.of_type(type)

    def measures_without_kpi(self) -> list[str]:
        return [code for code in self.of_type("measure") if not self.things[code].kpis]

    def measure_with_most_kpis(self) -> list[str]:
        return [max(self.of_type("measure"), key=lambda code: len(self.things[code].kpis))]

    def policy_with_most_kpis(self) -> list[str]:
        return [max(self.of_type("policy"), key=lambda code: len(self.below(code, "kpi")))]

    def goals_without_measures(self) -> list[str]:
        goals = [goal.code for goal in self.catalog.goals]
        return [g for g in goals if not self.serving(g, "measure") + self.serving(g, "initiative")]

    def goal_with_most_measures(self) -> list[str]:
        goals = [goal.code for goal in self.catalog.goals]
        return [max(goals, key=lambda goal: len(self.serving(goal, "measure")))]

    def things_mentioning(self, word: str) -> list[str]:
        says = {c: [t.label, *t.texts.values()] for c, t in self.things.items()}
        return [code for code, texts in says.items() if any(word in one["ja"] for one in texts)]

    def initiatives_mentioning(self, word: str) -> list[str]:
        said = self.things_mentioning(word)
        return [i for i in self.of_type("initiative") if {i, *self.below(i, "component")} & {*said}]

    def kpis_for_topic(self, topic: str) -> None:
        """A judgement: nothing in the graph says which KPI is about what."""

    def value_of_kpi(self, kpi: str, value: str) -> None:
        """The plan gives no value of any KPI."""

    def source_line(self, thing: str) -> int:
        return self.things[thing].source.line

    def direction_of_policy(self, policy: str) -> str:
        return self.things[policy].texts["direction"]["ja"]

    def period_of_plan(self) -> str:
        return self.things["S"].texts["period"]["ja"]

    def principle_of_plan(self) -> str:
        return self.things["S"].texts["principle"]["ja"]

    def publisher_of_plan(self) -> str:
        return "熊本県"

    def thing_of_code(self, thing: str) -> list[str]:
        return [self.things[thing].code]

    def english_label(self, thing: str) -> str:
        return self.things[thing].label["en"]


def test_the_expected_answers_are_what_the_plan_says(catalog):
    """Derived by hand from the text and the reviewed alignments; here the catalog is counted."""
    reading = Reading(catalog)
    checked = 0
    for row in ANSWERABLE:
        for way in (row, *row.get("also", ())):
            [expected] = way["answer"].values()
            if row["intent"] == "kpis-for-topic":
                assert {reading.things[code].type for code in expected} == {"kpi"}, row
            else:
                assert reading.answer(row["intent"], way["slots"]) == expected, row
            checked += 1
    assert checked == 186
