"""The SDGs seen from the plans: which goals are served, by what, and how often."""

from dataclasses import dataclass

from kg.catalog import Alignment, Catalog, SdgConcept, Thing
from kg.codes import goal_of


@dataclass(frozen=True, slots=True)
class Aligned:
    """An alignment with the thing it speaks of; `first_of` names the measure it is the first of."""

    thing: Thing
    alignment: Alignment
    first_of: str | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Goals by measures: how many judgements of a measure and its initiatives hold."""

    measures: tuple[Thing, ...]
    rows: tuple[tuple[SdgConcept, tuple[int, ...]], ...]


def short_label(concept: SdgConcept) -> dict[str, str]:
    """A goal's or target's short name per language, its full label where it has none."""
    return {**concept.label, **concept.short}


def goals_served(catalog: Catalog, thing: Thing) -> list[SdgConcept]:
    """The goals that a thing, or anything below it, serves by a judgement that holds."""
    codes: set[str] = set()
    pending = [thing]
    while pending:
        one = pending.pop()
        codes |= {goal_of(alignment.sdg) for alignment in one.alignments if alignment.holds}
        pending += [catalog.things[iri] for iri in one.children]
    return [goal for goal in catalog.goals if goal.code in codes]


def sdg_matrix(catalog: Catalog) -> Matrix:
    """Count, for each goal and measure, the things at or under the measure that serve it."""
    measures = tuple(thing for thing in catalog.things.values() if thing.type == "measure")
    serving: dict[tuple[str, str], set[str]] = {}
    for thing in catalog.things.values():
        for step in catalog.path(thing.iri):
            if step.type == "measure":
                for alignment in thing.alignments:
                    if alignment.holds:
                        cell = (goal_of(alignment.sdg), step.iri)
                        serving.setdefault(cell, set()).add(thing.iri)
    rows = tuple(
        (goal, tuple(len(serving.get((goal.code, measure.iri), ())) for measure in measures))
        for goal in catalog.goals
    )
    return Matrix(measures, rows)


def aligned_with(catalog: Catalog, goal: str) -> dict[str, list[Aligned]]:
    """Every judgement of a goal and of its targets, by SDG code, in the order of the plan.

    The goal's own come first on its page, so they are asked first for who is first of a measure.
    """
    seen: set[str] = set()
    found: dict[str, list[Aligned]] = {}
    for code in (goal, *(target.code for target in catalog.sdg_children(goal))):
        for alignment in catalog.alignments_of_sdg(code):
            thing = catalog.things[alignment.thing]
            measure = next(
                (step.code for step in catalog.path(thing.iri) if step.type == "measure"), None
            )
            first = measure if alignment.holds and measure not in seen else None
            seen |= {first} if first else set()
            found.setdefault(code, []).append(Aligned(thing, alignment, first))
    return found
