"""The IRIs of classes and properties as strings, and things' IRIs taken apart: without rdflib."""

import re
from urllib.parse import unquote

from kg.plan import ThingType
from kg.prefixes import PREFIXES
from ontology import ID

_SHIRUBE, _SKOS = PREFIXES["shirube"], PREFIXES["skos"]

CLASSES: dict[ThingType, str] = {
    "strategy": _SHIRUBE + "Strategy",
    "policy": _SHIRUBE + "BasicPolicy",
    "measure": _SHIRUBE + "Measure",
    "initiative": _SHIRUBE + "Initiative",
    "component": _SHIRUBE + "Component",
    "kpi": _SHIRUBE + "KPI",
    "topic": _SHIRUBE + "CrossCuttingTopic",
}
FIELDS: dict[str, str] = {
    "label": _SKOS + "prefLabel",
    "alternative": _SKOS + "altLabel",
    "direction": _SHIRUBE + "direction",
    "principle": _SHIRUBE + "basicPrinciple",
    "sdg_statement": _SHIRUBE + "sdgStatement",
    "period": _SHIRUBE + "periodStatement",
    "interpretation": _SHIRUBE + "interpretation",
}
_THING = re.compile(re.escape(ID) + r"(?P<plan>[^/]+)/(?P<type>[^/]+)/(?P<code>[^/]+)")


def parse_thing_iri(iri: str) -> tuple[str, ThingType, str] | None:
    """Plan, type and code of a thing's IRI; None for any other IRI."""
    match = _THING.fullmatch(iri)
    if match is None:
        return None
    kind = next((kind for kind in CLASSES if kind == match["type"]), None)
    return (unquote(match["plan"]), kind, unquote(match["code"])) if kind else None
