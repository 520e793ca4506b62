"""SDG alignments, and KPIs beside the SDGs' indicators, as files: what is in them, whoever hands
them over."""

import json
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox

from kg import comparison_table
from kg.alignment_document import document
from kg.alignment_table import csv_text, workbook
from kg.catalog import Catalog
from kg.message import Language
from kg.prefixes import PREFIXES, declaration
from kg.sheets import Column
from kg.store import N_TRIPLES, Store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "json": "application/json",
}
INDICATOR_FORMATS = ("csv", "ttl", "jsonld")
_ALL = (
    "\n".join(map(declaration, ("graph", "oa", "shirube", "skos")))
    + """
CONSTRUCT { ?s ?p ?o . ?thing a ?kind ; skos:notation ?code ; skos:prefLabel ?label ;
  shirube:alignedWith ?served }
WHERE {
  { GRAPH ?graph { ?s a ?type ; ?p ?o }
    VALUES ?type { shirube:SDGAlignment shirube:SDGStatement shirube:Review } }
  UNION
  { GRAPH ?graph { ?alignment a ?of ; oa:hasTarget ?thing }
    VALUES ?of { shirube:SDGAlignment shirube:SDGStatement }
    ?thing a ?kind ; skos:notation ?code ; skos:prefLabel ?label .
    OPTIONAL { GRAPH ?served_in { ?thing shirube:alignedWith ?served }
      FILTER(STRSTARTS(STR(?served_in), STR(graph:))) } }
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))
}"""
)


_COMPARISONS = (
    "\n".join(map(declaration, ("graph", "oa", "shirube", "skos")))
    + """
CONSTRUCT { ?s ?p ?o . ?review ?q ?v . ?kpi a shirube:KPI ; skos:notation ?code ;
  skos:prefLabel ?label ; shirube:comparableWith ?indicator }
WHERE {
  GRAPH ?graph {
    ?s a shirube:IndicatorComparison ; oa:hasTarget ?kpi ; ?p ?o .
    OPTIONAL { ?s shirube:currentReview ?review . ?review ?q ?v }
    OPTIONAL { ?kpi shirube:comparableWith ?indicator }
  }
  ?kpi skos:notation ?code ; skos:prefLabel ?label .
  FILTER(STRSTARTS(STR(?graph), STR(graph:)))
}"""
)


def turtle(graph: Store, query: str = _ALL) -> str:
    """Alignments, statements, reviews and what they are about, as Turtle in one order."""
    triples = ox.parse(graph.query(query, media_type=N_TRIPLES).body, format=ox.RdfFormat.N_TRIPLES)
    ordered = sorted({ox.Triple(t.subject, t.predicate, t.object) for t in triples}, key=str)
    text = ox.serialize(ordered, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert text is not None
    lines = text.decode().splitlines(keepends=True)
    head = sorted(line for line in lines if line.startswith("@prefix"))  # in any order otherwise
    return "".join([*head, *lines[len(head) :]])


def json_text(catalog: Catalog) -> str:
    """The JSON document, readable."""
    return json.dumps(document(catalog), indent=1, ensure_ascii=False) + "\n"


def csvw(table: str, columns: Sequence[Column], key: str) -> dict[str, Any]:
    """What the CSV's columns are (W3C, Metadata Vocabulary for Tabular Data, 2015)."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": table,
        "dc:license": {"@id": "https://spdx.org/licenses/Apache-2.0"},
        "dialect": {"encoding": "utf-8", "header": True},
        "tableSchema": {
            "primaryKey": key,
            "columns": [
                {
                    "name": column.name,
                    "titles": [column.name],
                    "datatype": column.datatype,
                    "dc:description": [
                        {"@value": column.ja, "@language": "ja"},
                        {"@value": column.en, "@language": "en"},
                    ],
                }
                for column in columns
            ],
        },
    }


def alignments_file(extension: str, catalog: Catalog, graph: Store, language: Language) -> bytes:
    """The file in one of the formats of MEDIA_TYPES; tables have their texts in `language`."""
    match extension:
        case "csv":
            return csv_text(catalog, language).encode()
        case "xlsx":
            return workbook(catalog, language)
        case "ttl":
            return turtle(graph).encode()
    return json_text(catalog).encode()


def indicators_file(extension: str, catalog: Catalog, graph: Store, language: Language) -> bytes:
    """The KPIs beside the SDGs' indicators in one of INDICATOR_FORMATS."""
    if extension == "csv":
        return comparison_table.csv_text(catalog, language).encode()
    text = turtle(graph, _COMPARISONS)
    if extension == "jsonld":
        from rdflib import Graph

        from web.rdf import serialised

        return serialised(Graph().parse(data=text, format="turtle"), "jsonld").encode()
    return text.encode()
