"""What is indexed of a thing: its own texts, and its neighbours' as context."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from kg.plan import ThingType
from kg.things import Thing, below

Field: TypeAlias = Literal["label", "text", "child", "component", "parent", "kpi"]

# Other names of a thing beside its label, and the statements worth finding it by. An
# `interpretation` is ours and about the layout: nobody asks for it.
_NAMES = ("alternative",)
_STATEMENTS = ("direction", "principle", "sdg_statement", "period")
# A strategy contains everything: its descendants would make it answer every question, and its
# title as a parent would make everything answer to it.
_ROOT: ThingType = "strategy"
_BELOW: Mapping[ThingType, Field] = {"kpi": "kpi", "component": "component"}


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that may answer a question with `thing`; `origin` is the IRI whose text it is.

    `field` says what the text is to the thing: its own label or another statement of its own
    (text), or the label of something below it (child, component, kpi) or above it (parent),
    `distance` steps away in the plan.
    """

    thing: str
    origin: str
    field: Field
    language: str
    text: str
    distance: int = 0


class Things(Protocol):
    """The part of a catalog that passages are made from."""

    @property
    def things(self) -> Mapping[str, Thing]: ...


def names(thing: Thing) -> Iterator[str]:
    """What a thing is called, in every language it has a name in."""
    for texts in (thing.label, *(thing.texts.get(name, {}) for name in _NAMES)):
        yield from texts.values()


def passages(catalog: Things) -> Iterator[Passage]:
    """Every passage of every thing, in the order of the catalog; a thing's own texts first."""
    for thing in catalog.things.values():
        for texts in (thing.label, *(thing.texts.get(name, {}) for name in _NAMES)):
            yield from _texts(thing, thing, "label", texts)
        for name in _STATEMENTS:
            yield from _texts(thing, thing, "text", thing.texts.get(name, {}))
        if thing.type != _ROOT:
            for field, relative, distance in _relatives(catalog, thing):
                yield from _texts(thing, relative, field, relative.label, distance)


def _relatives(catalog: Things, thing: Thing) -> Iterator[tuple[Field, Thing, int]]:
    """Everything below a thing, nearest first, then everything above it but the strategy."""
    for one, distance in below(catalog.things, thing):
        yield _BELOW.get(one.type, "child"), one, distance
    above, distance = thing.parent, 1
    while above is not None and catalog.things[above].type != _ROOT:
        yield "parent", catalog.things[above], distance
        above, distance = catalog.things[above].parent, distance + 1


def _texts(
    thing: Thing, origin: Thing, field: Field, texts: Mapping[str, str], distance: int = 0
) -> Iterator[Passage]:
    for language, text in texts.items():
        if text.strip():
            yield Passage(thing.iri, origin.iri, field, language, text, distance)
