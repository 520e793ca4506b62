"""`/sdg/alignments.*`: every SDG alignment with its states, as a table and as data."""

import json
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, request, url_for

from kg.alignment_document import SCHEMA, document
from kg.alignment_table import COLUMNS, csv_text, workbook
from kg.catalog import Catalog
from kg.prefixes import PREFIXES, declaration
from kg.store import N_TRIPLES, Store
from web.language import page_language
from web.services import Services

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def turtle(graph: Store) -> str:
    """Alignments, statements, reviews and what they are about, as Turtle in one order."""
    triples = ox.parse(graph.query(_ALL, media_type=N_TRIPLES).body, format=ox.RdfFormat.N_TRIPLES)
    ordered = sorted({ox.Triple(t.subject, t.predicate, t.object) for t in triples}, key=str)
    text = ox.serialize(ordered, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert text is not None
    lines = text.decode().splitlines(keepends=True)
    head = sorted(line for line in lines if line.startswith("@prefix"))  # in any order otherwise
    return "".join([*head, *lines[len(head) :]])


def json_text(catalog: Catalog) -> str:
    """The JSON document, readable."""
    return json.dumps(document(catalog), indent=1, ensure_ascii=False) + "\n"


def csvw(table: str) -> dict[str, Any]:
    """What the CSV's columns are (W3C, Metadata Vocabulary for Tabular Data, 2015)."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": table,
        "dc:license": {"@id": "https://spdx.org/licenses/Apache-2.0"},
        "dialect": {"encoding": "utf-8", "header": True},
        "tableSchema": {
            "primaryKey": "alignment",
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
                for column in COLUMNS
            ],
        },
    }


def sdg_data_blueprint(services: Services) -> Blueprint:
    """The files, and what describes them."""
    pages = Blueprint("sdg_data", __name__, url_prefix="/sdg")

    @pages.get("/alignments.<any(csv,xlsx):extension>")
    def table(extension: str) -> Response:
        catalog, language = services.current(), page_language()
        if extension == "xlsx":
            return _file(workbook(catalog, language), XLSX, "sdg-alignments.xlsx")
        encoding = "utf-8-sig" if request.args.get("bom") == "1" else "utf-8"
        text = csv_text(catalog, language).encode(encoding)
        response = _file(text, "text/csv; charset=utf-8", "sdg-alignments.csv")
        about = url_for(".metadata")
        response.headers.add("Link", f'<{about}>; rel="describedby"; type="application/csvm+json"')
        return response

    @pages.get("/alignments.<any(ttl,jsonld,json):extension>")
    def data(extension: str) -> Response:
        if extension == "ttl":
            response = Response(turtle(services.graph), content_type="text/turtle; charset=utf-8")
        else:
            kind = "application/ld+json" if extension == "jsonld" else "application/json"
            response = Response(json_text(services.current()), content_type=kind)
            about = url_for(".schema")
            response.headers.add("Link", f'<{about}>; rel="describedby"')
        return response

    @pages.get("/alignments.csv-metadata.json")
    def metadata() -> Response:
        text = json.dumps(csvw(url_for(".table", extension="csv")), indent=1, ensure_ascii=False)
        return Response(text, content_type="application/csvm+json")

    @pages.get("/alignments.schema.json")
    def schema() -> Response:
        text = json.dumps(SCHEMA, indent=1, ensure_ascii=False)
        return Response(text, content_type="application/schema+json")

    @pages.after_request
    def check_each_time(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    return pages


def _file(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
