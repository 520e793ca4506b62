"""Facets: what hits can be narrowed by, counted over every hit of a question."""

from dataclasses import replace

import numpy as np
import pytest

from kg.things import Alignment, Thing
from search.facets import FACETS, Facets
from search.finding import LEAST, find


def thing(code, kind, parent=None, plan="p", goals=()):
    return Thing(
        iri=f"{plan}:{code}",
        plan=plan,
        code=code,
        type=kind,
        label={"ja": code},
        parent=f"{plan}:{parent}" if parent else None,
        alignments=tuple(
            Alignment(f"a:{code}:{sdg}", f"{plan}:{code}", sdg, 1.0, "m", state, "…")
            for sdg, state in goals
        ),
    )


SMALL = [
    thing("S", "strategy"),
    thing("1", "policy", "S"),
    thing("1-1", "measure", "1", goals=[("4.4", "accepted"), ("8", "rejected")]),
    thing("1-1-1", "initiative", "1-1", goals=[("13", "corrected")]),
    thing("1-1-1-C1", "component", "1-1-1"),
    thing("1-1-K1", "kpi", "1-1"),
    thing("2", "policy", "S"),
    thing("2-1", "measure", "2", goals=[("3.1", "unreviewed")]),
]


def facets_of(*plans):
    return Facets({one.iri: one for things in plans for one in things})


def codes(facets, things, **filters):
    return {one.code for one, passes in zip(things, facets.passing(filters), strict=True) if passes}


def test_a_thing_has_its_policy_its_goals_and_whether_it_is_measured():
    facets = facets_of(SMALL)
    assert codes(facets, SMALL, policy=["2"]) == {"2", "2-1"}
    assert codes(facets, SMALL, goal=["13"]) == {"S", "1", "1-1", "1-1-1", "1-1-1-C1"}
    assert codes(facets, SMALL, goal=["4"]) == {"S", "1", "1-1", "1-1-K1"}
    assert codes(facets, SMALL, goal=["8"]) == set(), "rejected"
    assert codes(facets, SMALL, goal=["3"]) == set(), "not yet reviewed"
    assert codes(facets, SMALL, has_kpi=["true"]) == {"S", "1", "1-1"}
    assert codes(facets, SMALL, has_kpi=["false"]) == {"2", "2-1"}
    assert facets.values("goal") == ("4", "13"), "in the order of the numbers"


def test_values_of_one_facet_add_up_and_facets_narrow_each_other():
    facets = facets_of(SMALL)
    assert codes(facets, SMALL, policy=["1", "2"], type=["measure"]) == {"1-1", "2-1"}
    assert codes(facets, SMALL, policy=["2"], type=["kpi"]) == set()
    assert codes(facets, SMALL, policy=["9"]) == set()
    assert len(codes(facets, SMALL, policy=[])) == len(SMALL)


def test_policies_of_several_plans_do_not_mix():
    other = [replace(one, iri=f"q:{one.code}", plan="q", parent=None) for one in SMALL]
    facets = facets_of(SMALL, other)
    assert facets.values("policy") == ("p/1", "p/2", "q/1", "q/2")
    assert facets.values("plan") == ("p", "q")
    assert facets.passing({"plan": ["q"]}).sum() == len(SMALL)


def test_a_facet_s_own_filter_does_not_reduce_its_own_counts():
    facets = facets_of(SMALL)
    every = np.ones(len(SMALL), dtype=bool)
    counts = facets.counts(every, {"policy": ["1"]})
    assert [(one.value, one.count, one.selected) for one in counts["policy"]] == [
        ("1", 5, True),
        ("2", 2, False),
    ]
    assert {one.value: one.count for one in counts["type"]} == {
        "policy": 1,
        "measure": 1,
        "initiative": 1,
        "component": 1,
        "kpi": 1,
    }
    none = facets.counts(~every, {"policy": ["1"]})
    assert [(one.value, one.count) for one in none["policy"]] == [("1", 0)], "chosen: still shown"


@pytest.mark.parametrize("question", ["若者の地元定着", "flood", "관광", "best ramen"])
def test_a_count_is_how_many_hits_choosing_it_leaves(searcher, question):
    found = find(searcher, question, {})
    assert found.total >= LEAST
    asked = 0
    for facet in FACETS:
        for choice in found.facets[facet]:
            left = find(searcher, question, {facet: [choice.value]})
            assert left.total == choice.count, (facet, choice)
            asked += 1
    assert asked > 10


def test_counts_depend_on_the_question(searcher):
    def types(question):
        return {one.value: one.count for one in find(searcher, question, {}).facets["type"]}

    assert types("若者の地元定着") != types("flood")
    assert find(searcher, "若者の地元定着", {}).total < 60, "not everything is a hit"


def test_pages_follow_each_other_in_the_order_of_the_search(searcher):
    question = "若者の地元定着"
    whole = find(searcher, question, {}, limit=100)
    assert whole.following is None
    paged, offset = [], 0
    while offset is not None:
        page = find(searcher, question, {}, limit=7, offset=offset)
        paged += page.hits
        offset = page.following
    assert paged == whole.hits
    best = [hit.iri for hit in searcher.search(question, limit=200)]
    places = [best.index(hit.iri) for hit in whole.hits]
    assert places == sorted(places)


def test_a_filter_that_no_hit_passes_gives_the_nearest_things_that_do(searcher):
    found = find(searcher, "best ramen", {"type": ["topic"]})
    assert {hit.type for hit in found.hits} == {"topic"}


def test_a_question_without_a_letter_has_no_hits_and_no_counts(searcher):
    found = find(searcher, "!?", {})
    assert (found.hits, found.total, found.following) == ([], 0, None)
    assert not any(found.facets.values())
