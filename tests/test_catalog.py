"""The catalog: read from a store by SPARQL, in the order of the source."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.alignments import AlignmentRow
from kg.assembly import n_quads
from kg.build import build_dataset, thing_iri
from kg.catalog import Catalog, SdgConcept
from kg.codes import natural
from kg.oxigraph import OxigraphStore
from kg.plan import Initiative, Plan, Quoted
from kg.readers import read_plan
from ontology import BUNDLED_PLAN, ID, SDG, SDG_CONCEPTS

NOTE = {"ja": "雇用に資する", "en": "Serves jobs"}
ROWS = (
    AlignmentRow("4-2", "8.5", Decimal("0.75"), "hand", "雇用", "corrected", NOTE),
    AlignmentRow("4-2", "8", Decimal("0.5"), "hand", "人材", "rejected"),
    AlignmentRow("4-1", "4", Decimal("1"), "hand", "学力", "accepted"),
    AlignmentRow("4-2", "4.10", Decimal("0"), "hand", "人材", "unreviewed"),
    AlignmentRow("4-2", "4.4", Decimal("0.25"), "hand", "人材", "unreviewed"),
)


def load(*datasets: Sequence[str], sdgs: bool = False) -> OxigraphStore:
    store = OxigraphStore(None)
    for lines in datasets:
        store.load("\n".join(lines).encode())
    if sdgs:
        store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    return store


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(BUNDLED_PLAN)


@pytest.fixture(scope="module")
def catalog(plan: Plan) -> Catalog:
    return Catalog.from_store(load(n_quads(build_dataset(plan, ROWS)), sdgs=True))


def codes(catalog: Catalog, iris: Sequence[str]) -> list[str]:
    return [catalog.things[iri].code for iri in iris]


def test_things_come_in_the_order_of_the_source(catalog: Catalog, plan: Plan) -> None:
    expected = [p.code for p in plan.places() if p.type not in ("kpi", "component")]
    found = [t.code for t in catalog.things.values() if t.type not in ("kpi", "component")]
    assert found == expected
    assert [t.code for t in catalog.things.values() if t.type == "kpi"] == [
        p.code for p in plan.places() if p.type == "kpi"
    ]
    assert len(catalog.things) == len(list(plan.places()))


def test_a_thing_has_what_its_page_shows(catalog: Catalog) -> None:
    measure = catalog.find("kumamoto-2", "4-2")
    assert measure is not None
    assert measure.iri == ID + "kumamoto-2/measure/4-2"
    assert (measure.plan, measure.type) == ("kumamoto-2", "measure")
    assert measure.label["ja"] == "若者の地元定着と人材育成"
    assert measure.label["en"]
    assert measure.parent == ID + "kumamoto-2/policy/4"
    assert codes(catalog, measure.children) == ["4-2-1", "4-2-2"]
    assert codes(catalog, measure.kpis) == ["4-2-K1", "4-2-K2"]
    assert measure.source is not None
    assert measure.source.document == "summary.ja.txt"
    assert measure.source.exact.endswith("若者の地元定着と人材育成")
    text = (BUNDLED_PLAN / "summary.ja.txt").read_text("utf-8").split("\n")
    assert measure.source.exact in text[measure.source.line - 1]


def test_the_strategy_has_its_longer_texts(catalog: Catalog) -> None:
    [strategy] = catalog.strategies
    assert strategy.parent is None
    assert set(strategy.texts) == {
        "alternative",
        "period",
        "principle",
        "publisher",
        "sdg_statement",
    }
    assert strategy.texts["publisher"] == {"ja": "熊本県", "en": "Kumamoto Prefecture"}
    languages = set(strategy.texts["principle"])
    assert languages >= {"ja", "en", "zh-hans", "ko", "ne"}
    assert all(set(thing.label) == languages for thing in catalog.things.values())
    assert codes(catalog, strategy.children) == ["1", "2", "3", "4", "X-1", "X-2"]
    policy = catalog.find("kumamoto-2", "4")
    assert policy is not None
    assert set(policy.texts) == {"direction"}


def test_readings_against_the_layout_are_with_their_component(catalog: Catalog) -> None:
    component = catalog.find("kumamoto-2", "4-4-1-C1")
    assert component is not None
    assert set(component.texts["interpretation"]) == {"ja", "en"}


def test_a_path_goes_from_the_strategy_down(catalog: Catalog) -> None:
    component = catalog.find("kumamoto-2", "4-2-1-C1")
    assert component is not None
    path = catalog.path(component.iri)
    assert [thing.code for thing in path] == ["S", "4", "4-2", "4-2-1", "4-2-1-C1"]
    with pytest.raises(KeyError):
        catalog.path("https://example.org/")


def test_unknown_codes_find_nothing(catalog: Catalog) -> None:
    assert catalog.find("kumamoto-2", "9-9") is None
    assert catalog.find("another", "4-2") is None
    assert catalog.sdg("18") is None
    assert catalog.sdg_children("18") == ()


def test_alignments_stand_with_their_thing_in_the_order_of_the_un(catalog: Catalog) -> None:
    measure = catalog.find("kumamoto-2", "4-2")
    assert measure is not None
    assert [a.sdg for a in measure.alignments] == ["4.4", "4.10", "8", "8.5"]
    last = measure.alignments[-1]
    assert (last.score, last.method, last.evidence) == (0.75, "hand", "雇用")
    assert (last.thing, last.state, last.note) == (measure.iri, "corrected", NOTE)
    assert [a.holds for a in measure.alignments] == [False, False, False, True]


def test_a_goal_answers_for_its_targets_when_asked(catalog: Catalog) -> None:
    assert [a.sdg for a in catalog.alignments_of_sdg("8")] == ["8"]
    assert [a.sdg for a in catalog.alignments_of_sdg("8", including_targets=True)] == ["8", "8.5"]
    assert [a.sdg for a in catalog.alignments_of_sdg("8.5")] == ["8.5"]
    of_four = catalog.alignments_of_sdg("4", including_targets=True)
    assert [catalog.things[a.thing].code for a in of_four] == ["4-1", "4-2"]


def test_the_sdgs_are_in_the_uns_order(catalog: Catalog) -> None:
    assert [goal.code for goal in catalog.goals] == [str(number) for number in range(1, 18)]
    assert [t.code for t in catalog.sdg_children("17")][-2:] == ["17.18", "17.19"]
    assert [t.code for t in catalog.sdg_children("16")][-3:] == ["16.10", "16.a", "16.b"]
    kinds = [concept.kind for concept in catalog.sdgs.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "goal": 17,
        "target": 169,
        "indicator": 244,
    }


def test_goals_have_short_names_and_targets_their_goal(catalog: Catalog) -> None:
    goal, target = catalog.sdg("4"), catalog.sdg("4.4")
    assert isinstance(goal, SdgConcept)
    assert isinstance(target, SdgConcept)
    assert (goal.short["ja"], goal.short["en"]) == ("質の高い教育をみんなに", "Quality education")
    assert (goal.kind, goal.parent, goal.iri) == ("goal", None, SDG + "4")
    assert (target.kind, target.parent, target.iri) == ("target", "4", SDG + "4.4")
    assert len(target.label) == 12


def test_an_indicator_of_several_targets_is_there_for_each(catalog: Catalog) -> None:
    shared = [catalog.sdg(code) for code in ("1.5.1", "11.5.1", "13.1.1")]
    assert {concept.iri for concept in shared if concept} == {SDG + "C200303"}
    assert [concept.parent for concept in shared if concept] == ["1.5", "11.5", "13.1"]


def test_several_plans_stand_one_after_the_other(plan: Plan) -> None:
    other = replace(plan, id="a-plan")
    lines = [n_quads(build_dataset(p, ())) for p in (plan, other)]
    catalog = Catalog.from_store(load(*lines))
    assert [strategy.plan for strategy in catalog.strategies] == ["a-plan", "kumamoto-2"]
    plans = [thing.plan for thing in catalog.things.values()]
    assert plans == sorted(plans)
    found = catalog.find("a-plan", "4-2")
    assert found is not None
    assert found.parent == str(thing_iri("a-plan", "policy", "4"))
    assert catalog.goals == ()


def test_ten_comes_after_nine(plan: Plan) -> None:
    def numbered(number: int) -> Initiative:
        return Initiative(f"1-1-{number}", Quoted(f"取組み{number}", 1, "取組み"))

    first = plan.policies[0]
    measure = replace(first.measures[0], initiatives=tuple(map(numbered, range(1, 12))))
    long = replace(plan, policies=(replace(first, measures=(measure,)),), translations=())
    catalog = Catalog.from_store(load(n_quads(build_dataset(long, ()))))
    found = catalog.find(plan.id, "1-1")
    assert found is not None
    assert codes(catalog, found.children) == [f"1-1-{number}" for number in range(1, 12)]


def test_the_digest_is_of_the_content(plan: Plan, catalog: Catalog) -> None:
    lines = n_quads(build_dataset(plan, ROWS))
    again = Catalog.from_store(load(lines[::-1], sdgs=True))
    assert again.digest == catalog.digest
    assert again == catalog
    assert again.sdgs == catalog.sdgs
    assert list(again.things) == list(catalog.things)
    other = Catalog.from_store(load(n_quads(build_dataset(plan, ROWS[1:])), sdgs=True))
    assert len({catalog.digest, other.digest}) == 2


def test_an_empty_store_is_an_empty_catalog() -> None:
    catalog = Catalog.from_store(load())
    assert (catalog.things, catalog.sdgs, catalog.strategies) == ({}, {}, ())


@given(st.lists(st.integers(1, 999), min_size=1, max_size=5), st.integers(1, 999))
def test_codes_count_as_people_do(numbers: list[int], last: int) -> None:
    def code(*parts: int) -> str:
        return "-".join(map(str, parts))

    assert natural(code(*numbers)) < natural(code(*numbers, last))
    assert natural(code(*numbers, last)) < natural(code(*numbers, last + 1))
    assert natural(code(*numbers, 999)) < natural(code(*numbers) + "-X-1")
