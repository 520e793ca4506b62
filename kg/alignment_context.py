"""What a reader of an SDG alignment needs to see: the thing's own text and what is around it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kg.catalog import Alignment, Catalog, Thing

Relation: TypeAlias = Literal["own", "part", "kpi", "above"]


@dataclass(frozen=True, slots=True)
class Part:
    """One text of the thing, or of what is below or above it, by language."""

    relation: Relation
    thing: Thing
    texts: Mapping[str, str]


def context_of(catalog: Catalog, thing: Thing) -> list[Part]:
    """The thing's own texts, then those of its parts, its KPIs (else its measure's), its parents.

    The strategy, which all things share, is left out.
    """
    parts = [Part("own", thing, thing.label)]
    parts += [
        Part("own", thing, texts) for name, texts in thing.texts.items() if name != "sdg_statement"
    ]
    parts += _below(catalog, thing)
    above = [one for one in reversed(catalog.path(thing.iri)[:-1]) if one.type != "strategy"]
    measure = next((one for one in (thing, *above) if one.type == "measure"), None)
    if measure is not None and thing.type != "kpi":
        parts += [Part("kpi", kpi, kpi.label) for kpi in _all(catalog, measure.kpis)]
    return parts + [Part("above", one, one.label) for one in above]


def speaker(catalog: Catalog, thing: Thing, evidence: str) -> Part | None:
    """Which text of a thing's context the evidence quotes, the thing's own first; None for none.

    The plan's own texts: a translation may happen to have the same words.
    """
    if not evidence:
        return None
    parts = context_of(catalog, thing)
    return next((one for one in parts if evidence in one.texts.get("ja", "")), None)


def said_by(catalog: Catalog, thing: Thing, alignment: Alignment) -> Part | None:
    """Which text of a thing's context the evidence of an alignment of it quotes; None for none.

    As the graph says; by the words where it does not.
    """
    if not alignment.evidence_in:
        return speaker(catalog, thing, alignment.evidence)
    parts = context_of(catalog, thing)
    return next((one for one in parts if one.thing.iri == alignment.evidence_in), None)


def _below(catalog: Catalog, thing: Thing) -> list[Part]:
    if thing.type not in ("measure", "initiative"):
        return []  # what is above measures has too much below it to say anything
    found = []
    for child in _all(catalog, thing.children):
        found += [Part("part", child, child.label), *_below(catalog, child)]
    return found


def _all(catalog: Catalog, iris: Iterable[str]) -> Iterator[Thing]:
    return (catalog.things[iri] for iri in iris)
