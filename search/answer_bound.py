"""What stands for a parameter of a named query."""

from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

from kg.iris import CLASSES
from kg.named_queries import Parameter
from kg.plan import ThingType
from kg.prefixes import PREFIXES
from kg.store import Term
from kg.things import SdgConcept, Thing
from search.answer_choice import ROLES


@dataclass(frozen=True, slots=True)
class Bound:
    """A parameter with its rows of terms, what they are to be called, and how sure that is."""

    rows: tuple[tuple[Term, ...], ...]
    things: tuple[Thing, ...] = ()
    text: str = ""
    kind: str | None = None
    goal: SdgConcept | None = None
    sure: float = 1.0


def bound_things(things: tuple[Thing, ...]) -> Bound:
    """Things, each in a row of its own."""
    return Bound(tuple((ox.NamedNode(thing.iri),) for thing in things), things)


def bound_cue(parameter: Parameter, idea: str) -> Bound:
    """A type of things, or the role of a value, for the idea that a word stands for."""
    if "role" in parameter.kinds:
        role = ROLES[idea]
        return Bound(((ox.NamedNode(PREFIXES["shirube"] + role),),), text=role)
    return Bound(((ox.NamedNode(CLASSES[cast(ThingType, idea)]),),), text=idea, kind="type")
