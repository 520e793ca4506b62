"""The queries that a catalog is read with, by SPARQL from any store."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pyoxigraph as ox

from kg.codes import natural
from kg.iris import CLASSES, FIELDS, MATCHES, indicator_of, parse_thing_iri
from kg.prefixes import PREFIXES, declaration
from kg.reviews import moment
from kg.store import Row, Store
from kg.things import Alignment, Comparison, SdgConcept, Source, Thing

Texts = dict[str, str]

_SDGO = "http://metadata.un.org/sdg/ontology#"
_PREFIXES = "\n".join(
    [
        *map(declaration, ("dcterms", "graph", "oa", "prov", "schema", "shirube", "skos")),
        f"PREFIX sdgo: <{_SDGO}>\n",
    ]
)


def _values(variable: str, iris: Iterable[object]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(f'<{iri}>' for iri in iris)} }}"


_THINGS = f"""SELECT DISTINCT ?thing ?code ?parent WHERE {{
  {_values("type", CLASSES.values())}
  ?thing a ?type ; skos:notation ?code .
  OPTIONAL {{ ?thing dcterms:isPartOf ?parent }}
}}"""
_TEXTS = f"""SELECT DISTINCT ?thing ?property ?text WHERE {{
  {_values("type", CLASSES.values())}
  {_values("property", FIELDS.values())}
  ?thing a ?type ; ?property ?text .
}}"""
_PUBLISHERS = """SELECT DISTINCT ?thing ?text WHERE {
  ?thing dcterms:publisher/skos:prefLabel ?text .
}"""
_SOURCES = """SELECT ?thing ?document ?line ?exact WHERE {
  ?thing prov:wasQuotedFrom ?quotation .
  ?quotation shirube:ofProperty skos:prefLabel ; shirube:line ?line ; schema:text ?exact ;
    oa:hasSource/dcterms:identifier ?document .
}"""
# Only from the graphs that builds and reviews make: in their own users may say anything.
_ALIGNMENTS = """SELECT ?iri ?thing ?sdg ?score ?method ?state ?evidence ?note ?wording ?reviewer
  ?reviewed ?evidence_in
WHERE {
  GRAPH ?graph {
    ?iri a shirube:SDGAlignment ; oa:hasTarget ?thing ; oa:hasBody ?sdg ;
      shirube:method ?method ; shirube:reviewState ?state ; shirube:evidence ?evidence .
    OPTIONAL { ?iri shirube:score ?score }
    OPTIONAL { ?iri shirube:reviewNote ?note }
    OPTIONAL { ?iri shirube:wording ?wording }
    OPTIONAL { ?iri shirube:evidenceIn ?evidence_in }
    OPTIONAL { ?iri shirube:currentReview ?review .
      ?review dcterms:created ?reviewed ; dcterms:creator/schema:name ?reviewer }
  }
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))
}"""
_STATEMENTS = """SELECT ?iri ?thing ?sdg ?evidence WHERE {
  GRAPH ?graph {
    ?iri a shirube:SDGStatement ; oa:hasTarget ?thing ; oa:hasBody ?sdg .
    OPTIONAL { ?iri shirube:evidence ?evidence }
  }
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))
}"""
_COMPARISONS = """SELECT ?iri ?thing ?match ?reason ?method ?state ?created ?reviewer ?reviewed
  ?note
WHERE {
  GRAPH ?graph {
    ?iri a shirube:IndicatorComparison ; oa:hasTarget ?thing ; shirube:reason ?reason ;
      shirube:method ?method ; shirube:reviewState ?state .
    OPTIONAL { ?iri shirube:match ?match }
    OPTIONAL { ?iri shirube:reviewNote ?note }
    OPTIONAL { ?iri dcterms:created ?created }
    OPTIONAL { ?iri shirube:currentReview ?review .
      ?review dcterms:created ?reviewed ; dcterms:creator/schema:name ?reviewer }
  }
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))
}"""
_SDGS = """SELECT ?iri ?kind ?code ?property ?text WHERE {
  VALUES ?kind { sdgo:Goal sdgo:Target sdgo:Indicator }
  VALUES ?property { skos:prefLabel skos:altLabel }
  ?iri a ?kind ; skos:notation ?code ; ?property ?text .
  FILTER(DATATYPE(?code) = sdgo:SDGCodeCompact)
}"""


def _rows(store: Store, query: str) -> list[Row]:
    return store.query(_PREFIXES + query).rows()


def _text(row: Row, name: str) -> str:
    """The IRI or the text of a variable; empty where it is unbound."""
    term = row.get(name)
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def _add_text(texts: Texts, row: Row, name: str) -> None:
    term = row.get(name)
    if isinstance(term, ox.Literal):
        texts[term.language or ""] = term.value


def _sorted(texts: Mapping[str, str]) -> Texts:
    return dict(sorted(texts.items()))


def read_things(store: Store) -> dict[str, Thing]:
    """Every thing by IRI, each before what is below it; one plan after the other."""
    found = _places(store)
    below: dict[str | None, list[str]] = defaultdict(list)
    for iri, thing in found.items():
        below[thing["parent"] if thing["parent"] in found else None].append(iri)
    ordered: dict[str, Thing] = {}
    # A strategy comes before whatever else has nothing above it.
    pending = sorted(
        below[None],
        key=lambda iri: (found[iri]["plan"], found[iri]["type"] != "strategy"),
        reverse=True,
    )
    while pending:
        iri = pending.pop()
        kpis = [one for one in below[iri] if found[one]["type"] == "kpi"]
        children = [one for one in below[iri] if found[one]["type"] != "kpi"]
        ordered[iri] = Thing(**found[iri], children=tuple(children), kpis=tuple(kpis))
        pending += reversed([*children, *kpis])
    return ordered


def _places(store: Store) -> dict[str, dict[str, Any]]:
    """What is to be said of each thing but its relations downwards, in the order of codes."""
    texts: dict[str, dict[str, Texts]] = defaultdict(lambda: defaultdict(dict))
    fields = {predicate: name for name, predicate in FIELDS.items()}
    for row in _rows(store, _TEXTS):
        _add_text(texts[_text(row, "thing")][fields[_text(row, "property")]], row, "text")
    for row in _rows(store, _PUBLISHERS):
        _add_text(texts[_text(row, "thing")]["publisher"], row, "text")
    sources = {
        _text(row, "thing"): Source(
            _text(row, "document"), int(_text(row, "line")), _text(row, "exact")
        )
        for row in _rows(store, _SOURCES)
    }
    alignments, comparisons = read_alignments(store), read_comparisons(store)
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(_rows(store, _THINGS), key=lambda row: natural(_text(row, "code"))):
        iri = _text(row, "thing")
        if (place := parse_thing_iri(iri)) is None:
            continue
        own = {name: _sorted(own) for name, own in sorted(texts[iri].items())}
        found[iri] = {
            "iri": iri,
            "plan": place[0],
            "type": place[1],
            "code": _text(row, "code"),
            "parent": _text(row, "parent") if "parent" in row else None,
            "label": own.pop("label", {}),
            "texts": own,
            "source": sources.get(iri),
            "alignments": alignments.get(iri, ()),
            "comparisons": comparisons.get(iri, ()),
        }
    return found


def read_alignments(store: Store) -> dict[str, tuple[Alignment, ...]]:
    """Each thing's alignments by its IRI, in the UN's order of goals and targets."""
    notes: dict[str, Texts] = defaultdict(dict)
    found: dict[tuple[str, str], Alignment] = {}
    for row in _rows(store, _ALIGNMENTS):
        iri, thing, sdg = _place(row)
        _add_text(notes[iri], row, "note")
        found[thing, sdg] = Alignment(
            iri=iri,
            thing=thing,
            sdg=sdg,
            score=float(_text(row, "score")) if "score" in row else None,
            method=_text(row, "method"),
            state=_text(row, "state").removeprefix(PREFIXES["shirube"]),
            evidence=_text(row, "evidence"),
            note=notes[iri],
            wording=_text(row, "wording"),
            evidence_in=_text(row, "evidence_in"),
            reviewer=_text(row, "reviewer"),
            reviewed=moment(_text(row, "reviewed")) if "reviewed" in row else "",
        )
    for row in _rows(store, _STATEMENTS):
        iri, thing, sdg = _place(row)
        only = Alignment(iri, thing, sdg, None, "", "", _text(row, "evidence"))
        found[thing, sdg] = replace(found.get((thing, sdg), only), stated=True)
    by_thing: dict[str, list[Alignment]] = defaultdict(list)
    for one in sorted(found.values(), key=lambda one: natural(one.sdg)):
        by_thing[one.thing].append(one)
    return {thing: tuple(own) for thing, own in by_thing.items()}


def read_comparisons(store: Store) -> dict[str, tuple[Comparison, ...]]:
    """Each KPI's comparisons with the SDGs' indicators by its IRI, in the UN's order."""
    reasons: dict[str, Texts] = defaultdict(dict)
    notes: dict[str, Texts] = defaultdict(dict)
    found: dict[str, Comparison] = {}
    matches = {iri: name for name, iri in MATCHES.items()}
    for row in _rows(store, _COMPARISONS):
        iri = _text(row, "iri")
        _add_text(reasons[iri], row, "reason")
        _add_text(notes[iri], row, "note")
        found[iri] = Comparison(
            iri=iri,
            kpi=_text(row, "thing"),
            indicator=indicator_of(iri),
            match=matches.get(_text(row, "match"), ""),
            reason=reasons[iri],
            method=_text(row, "method"),
            state=_text(row, "state").removeprefix(PREFIXES["shirube"]),
            created=_text(row, "created"),
            note=notes[iri],
            reviewer=_text(row, "reviewer"),
            reviewed=moment(_text(row, "reviewed")) if "reviewed" in row else "",
        )
    by_kpi: dict[str, list[Comparison]] = defaultdict(list)
    for one in sorted(found.values(), key=lambda one: natural(one.indicator)):
        by_kpi[one.kpi].append(one)
    return {kpi: tuple(own) for kpi, own in by_kpi.items()}


def _place(row: Row) -> tuple[str, str, str]:
    """What the row is about: its own IRI, the thing's, and the code of goal or target."""
    sdg = _text(row, "sdg").removeprefix(PREFIXES["sdg"])
    return _text(row, "iri"), _text(row, "thing"), sdg


def read_sdgs(store: Store) -> dict[str, SdgConcept]:
    """Goals, targets and indicators by code, in the UN's order."""
    label: dict[str, Texts] = defaultdict(dict)
    short: dict[str, Texts] = defaultdict(dict)
    kinds: dict[str, tuple[str, str]] = {}
    for row in _rows(store, _SDGS):
        code = _text(row, "code")
        kinds[code] = _text(row, "iri"), _text(row, "kind").removeprefix(_SDGO).lower()
        is_label = _text(row, "property").endswith("prefLabel")
        _add_text((label if is_label else short)[code], row, "text")
    return {
        code: SdgConcept(
            iri=kinds[code][0],
            code=code,
            kind=kinds[code][1],
            label=_sorted(label[code]),
            short=_sorted(short[code]),
            parent=code.rpartition(".")[0] or None,
        )
        for code in sorted(kinds, key=natural)
    }
