"""Terms of an answer as the page shows them: IRIs short, linked, and beside what they name."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Request, request

from kg.catalog import Catalog
from kg.prefixes import PREFIXES
from kg.store import Term
from web.language import Tagged, page_language, shown
from web.sparql_request import MAX_BODY, ProtocolError
from web.sparql_terms import term_labels

_OURS = "https://w3id.org/shirube/"


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a solution: `text` to show, `href` to follow, `label` of a known thing."""

    text: str
    language: str | None = None
    href: str | None = None
    title: str | None = None
    label: Tagged | None = None


def labels_of(catalog: Catalog, language: str) -> Mapping[str, Tagged]:
    """The names of all that we know, by IRI: terms, SDGs and the things of the plans."""
    terms = {iri: shown(label, language) for iri, label in term_labels().items()}
    things = {thing.iri: shown(thing.label, language) for thing in catalog.things.values()}
    goals = {
        concept.iri: shown(concept.short or concept.label, language)
        for concept in catalog.sdgs.values()
    }
    return {**terms, **goals, **things}


def cell_of(term: Term | None, labels: Mapping[str, Tagged]) -> Cell | None:
    """How a term is shown; None where a solution has none."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return _cell_of_iri(term.value, labels)
    if isinstance(term, ox.Literal):
        datatype = None if term.language else _compact(term.datatype.value)
        title = None if datatype in (None, "xsd:string") else datatype
        return Cell(term.value, language=term.language, title=title)
    return Cell(str(term))


def cells_of(iris: list[str], catalog: Catalog) -> dict[str, Cell]:
    """How these IRIs are shown, each by itself."""
    labels = labels_of(catalog, page_language())
    return {iri: _cell_of_iri(iri, labels) for iri in iris}


def iris_in(request: Request) -> list[str]:
    """The JSON array of IRIs in a request's body. Raises ProtocolError (400)."""
    request.max_content_length = MAX_BODY
    iris = request.get_json(silent=True)
    if not isinstance(iris, list) or not all(isinstance(iri, str) for iri in iris):
        raise ProtocolError(
            400, "IRI を JSON の配列で送ってください。", "Send IRIs as a JSON array."
        )
    return iris


def _cell_of_iri(iri: str, labels: Mapping[str, Tagged]) -> Cell:
    return Cell(_compact(iri), href=_href(iri), title=iri, label=labels.get(iri))


def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return iri


def _href(iri: str) -> str | None:
    """Our own IRIs are followed on this site; others as they are, if they are on the web."""
    if iri.startswith((_OURS + "id/", _OURS + "ns#", _OURS + "graph/")):
        return f"{request.script_root}/{iri.removeprefix(_OURS)}"
    return iri if iri.startswith(("http://", "https://")) else None
