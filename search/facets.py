"""What hits can be narrowed by, and how many hits each choice would leave."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from kg.codes import goal_of
from kg.plan import ThingType
from kg.things import Thing
from search.index import Mask

Facet: TypeAlias = Literal["type", "policy", "goal", "has_kpi", "plan"]
FACETS: tuple[Facet, ...] = get_args(Facet)
Filters: TypeAlias = Mapping[Facet, Collection[str]]
"""The values chosen of each facet; a thing passes when it has one of them in every facet named."""

SEARCH_TYPES: tuple[ThingType, ...] = (
    "policy",
    "measure",
    "initiative",
    "component",
    "kpi",
    "topic",
)
# What they say of the SDGs is said of what they belong to.
_WITHOUT_GOALS: tuple[ThingType, ...] = ("component", "kpi")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, with how many hits it would leave.

    `label` is the name of the policy or plan, by language; other facets' values have none here.
    """

    value: str
    count: int
    selected: bool
    label: Mapping[str, str]


class Facets:
    """The values of every thing, numbered as they are given (a catalog's things, in its order).

    `type`; `policy`, the code of the basic policy a thing is part of (`plan/code` where there are
    several plans); `goal`, the number of an SDG goal which a judgement that holds aligns it or
    something below it with (KPIs and components: what they belong to); `has_kpi`, `true` where
    it or something below it has a KPI, asked of the types that can have one; `plan`.
    """

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self.size = len(things)
        numbers = {iri: n for n, iri in enumerate(things)}
        paths = [_upwards(things, thing) for thing in things.values()]
        found: dict[Facet, dict[str, set[int]]] = {facet: defaultdict(set) for facet in FACETS}
        several = sum(thing.type == "strategy" for thing in things.values()) > 1
        goals = _goals(things, paths)
        with_kpi = {step.iri for path in paths if path[0].type == "kpi" for step in path[1:]}
        measured = {things[iri].type for iri in with_kpi}
        self._labels: dict[tuple[Facet, str], Mapping[str, str]] = {}
        for path in paths:
            thing, n = path[0], numbers[path[0].iri]
            found["plan"][thing.plan].add(n)
            if thing.type == "strategy":
                self._labels["plan", thing.plan] = thing.label
            if thing.type in SEARCH_TYPES:
                found["type"][thing.type].add(n)
            for step in path:
                if step.type == "policy":
                    policy = f"{step.plan}/{step.code}" if several else step.code
                    found["policy"][policy].add(n)
                    self._labels["policy", policy] = step.label
            for goal in goals[thing.iri]:
                found["goal"][goal].add(n)
            if thing.type in measured:
                found["has_kpi"]["true" if thing.iri in with_kpi else "false"].add(n)
        order = {"type": SEARCH_TYPES, "goal": sorted(found["goal"], key=int)}
        order["has_kpi"] = ("true", "false")
        self._masks: dict[Facet, dict[str, Mask]] = {
            facet: {
                value: _mask(self.size, owners[value])
                for value in order.get(facet, owners)
                if value in owners
            }
            for facet, owners in found.items()
        }

    def values(self, facet: Facet) -> tuple[str, ...]:
        """Every value that a facet has here, in the order it is shown in."""
        return tuple(self._masks[facet])

    def passing(self, filters: Filters, leaving_out: Facet | None = None) -> Mask:
        """Which things pass the filters; those of the facet left out are not asked."""
        mask: Mask = np.ones(self.size, dtype=np.bool_)
        for facet, values in filters.items():
            if values and facet != leaving_out:
                masks = self._masks[facet]
                known = [masks[value] for value in values if value in masks]
                mask &= np.any(known, axis=0) if known else False
        return mask

    def counts(self, hits: Mask, filters: Filters) -> dict[Facet, tuple[Choice, ...]]:
        """How many hits each value would leave beside the filters of the other facets.

        A facet's own filter does not narrow its own counts. Values that would leave none are left
        out, unless they are chosen.
        """
        counted: dict[Facet, tuple[Choice, ...]] = {}
        for facet, masks in self._masks.items():
            among = hits & self.passing(filters, leaving_out=facet)
            chosen = filters.get(facet, ())
            choices = (
                Choice(
                    value,
                    int(np.count_nonzero(among & mask)),
                    value in chosen,
                    self._labels.get((facet, value), {}),
                )
                for value, mask in masks.items()
            )
            counted[facet] = tuple(one for one in choices if one.count or one.selected)
        return counted


def _upwards(things: Mapping[str, Thing], thing: Thing) -> list[Thing]:
    """A thing, then what it is part of, up to the strategy."""
    path = [thing]
    while (above := things.get(path[-1].parent or "")) is not None and above not in path:
        path.append(above)
    return path


def _goals(things: Mapping[str, Thing], paths: Iterable[list[Thing]]) -> dict[str, set[str]]:
    """The goals of each thing by IRI."""
    own = {
        iri: {goal_of(one.sdg) for one in thing.alignments if one.holds}
        for iri, thing in things.items()
    }
    goals: dict[str, set[str]] = {iri: set() for iri in things}
    for path in paths:
        if path[0].type in _WITHOUT_GOALS:
            goals[path[0].iri] = next((own[step.iri] for step in path if own[step.iri]), set())
        for step in path:
            if step.type not in _WITHOUT_GOALS:
                goals[step.iri] |= own[path[0].iri]
    return goals


def _mask(size: int, numbers: Collection[int]) -> Mask:
    mask: Mask = np.zeros(size, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask
