"""IRIs as strings, made and taken apart: of classes, properties, and what a plan has. No rdflib."""

import re
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote

from kg.plan import ThingType
from kg.prefixes import PREFIXES
from ontology import GRAPH, ID

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
Match: TypeAlias = Literal["same", "close", ""]
MATCHES: dict[Match, str] = {"same": _SKOS + "exactMatch", "close": _SKOS + "closeMatch"}
"""How far a KPI and an indicator of the SDGs measure the same, and SKOS's relation for it."""
_ALIGNMENT = re.compile(
    re.escape(ID) + r"(?P<plan>[^/]+)/alignment/(?P<code>[^/]+)-(?P<sdg>[0-9]+(\.[0-9a-z]+)?)"
)
_COMPARISON = re.compile(
    re.escape(ID)
    + r"(?P<plan>[^/]+)/indicator/(?P<code>[^/]+)-(?P<indicator>none|[0-9]+\.[0-9a-z]+\.[0-9]+)"
)
_THING = re.compile(re.escape(ID) + r"(?P<plan>[^/]+)/(?P<type>[^/]+)/(?P<code>[^/]+)")


def iri_of(plan: str, kind: str, code: str) -> str:
    """The IRI of a thing, quotation, document, alignment, review, person or activity of a plan."""
    return f"{ID}{quote(plan, safe='')}/{kind}/{quote(code, safe='')}"


def graph_of(plan: str, name: str) -> str:
    """The IRI of a plan's named graph: `said`, `translated` or `judged`."""
    return f"{GRAPH}{quote(plan, safe='')}/{name}"


def alignment_iri(plan: str, code: str, sdg: str) -> str:
    """The IRI of what is judged of one thing and one goal or target."""
    return iri_of(plan, "alignment", f"{code}-{sdg}")


def parse_alignment_iri(iri: str) -> tuple[str, str, str] | None:
    """Plan, code and SDG of an alignment's IRI; None for any other IRI."""
    match = _ALIGNMENT.fullmatch(iri)
    return (unquote(match["plan"]), unquote(match["code"]), match["sdg"]) if match else None


def parse_thing_iri(iri: str) -> tuple[str, ThingType, str] | None:
    """Plan, type and code of a thing's IRI; None for any other IRI."""
    match = _THING.fullmatch(iri)
    if match is None:
        return None
    kind = next((kind for kind in CLASSES if kind == match["type"]), None)
    return (unquote(match["plan"]), kind, unquote(match["code"])) if kind else None


def comparison_iri(plan: str, kpi: str, indicator: str) -> str:
    """The IRI of what is judged of a KPI and an indicator (empty: that there is none)."""
    return iri_of(plan, "indicator", f"{kpi}-{indicator or 'none'}")


def is_indicator(sdg: str) -> bool:
    """Whether a code of the SDGs is that of an indicator (`3.6.1`), or of none (empty)."""
    return not sdg or sdg.count(".") == 2


def judged_iri(plan: str, code: str, sdg: str) -> str:
    """The IRI of what is judged of a thing and a goal or target, or of a KPI and an indicator."""
    made = comparison_iri if is_indicator(sdg) else alignment_iri
    return made(plan, code, sdg)


def parse_judged_iri(iri: str) -> tuple[str, str, str] | None:
    """Plan, code and SDG (empty: no indicator) of such an IRI; None for any other."""
    if (match := _COMPARISON.fullmatch(iri)) is None:
        return parse_alignment_iri(iri)
    return unquote(match["plan"]), unquote(match["code"]), indicator_of(iri)


def indicator_of(iri: str) -> str:
    """The indicator's code in such an IRI; empty where it says that there is none."""
    match = _COMPARISON.fullmatch(iri)
    return match["indicator"] if match and match["indicator"] != "none" else ""
