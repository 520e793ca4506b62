"""SHACL with shapes that anybody may send: in a process that can be killed, and without SPARQL.

Shapes from outside are SHACL Core (W3C, 2017). What would run code or open a connection is refused
by name before anything is run: SPARQL, JavaScript, rules, imports.
"""

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.killable import KillableProcess
from kg.oxigraph import GRAPH_FORMATS
from kg.sparql_errors import SparqlError, rdf_mistake
from kg.turns import Turns

if TYPE_CHECKING:
    from rdflib import Graph

SECONDS = 30.0
_PATIENCE = 2.0
_SH = "http://www.w3.org/ns/shacl#"
_PREFIXES = {"sh": _SH, "xsd": "http://www.w3.org/2001/XMLSchema#"}
_REFUSED_TERMS = """
    sparql select ask construct update prefixes validator nodeValidator propertyValidator target
    rule expression values js jsLibrary jsFunctionName SPARQLConstraint SPARQLTarget
    SPARQLTargetType SPARQLRule SPARQLFunction ConstraintComponent JSConstraint JSTarget JSRule
    JSFunction TripleRule
"""
_REFUSED = {_SH + name for name in _REFUSED_TERMS.split()} | {
    "http://www.w3.org/2002/07/owl#imports"
}


class ShapesValidator:
    """Validates for whoever asks, one after another, each in at most `seconds`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._process = KillableProcess()
        self._turns = Turns([self._process])

    def report(
        self, data: bytes, shapes: tuple[bytes, str] | None, media_type: str, language: str
    ) -> bytes:
        """The validation report on `data` (N-Triples), as RDF of `media_type`.

        `shapes` is a document with its media type; None means our own, whose messages then are in
        `language`. Raises SparqlError: rdf with line and column, shapes for what SHACL does not
        allow, forbidden for what it allows and we do not; timeout, out_of_memory, unavailable.
        """
        process = self._turns.take(_PATIENCE)
        try:
            return process.run(_report, (data, shapes, media_type, language), self.seconds)
        finally:
            self._turns.give(process)

    def close(self) -> None:
        """End the process."""
        self._process.close()


# What follows runs in the process.


def _report(data: bytes, shapes: tuple[bytes, str] | None, media_type: str, language: str) -> bytes:
    from kg.shacl import report_graph  # rdflib and pyshacl take a second

    graph = report_graph(_graph(data), None if shapes is None else _shapes(*shapes), language)
    triples = [
        quad.triple for quad in ox.parse(graph.serialize(format="nt"), ox.RdfFormat.N_TRIPLES)
    ]
    return ox.serialize(triples, format=GRAPH_FORMATS[media_type], prefixes=_PREFIXES) or b""


def _graph(triples: bytes) -> "Graph":
    from rdflib import Graph

    return Graph().parse(data=triples, format="nt")


def _shapes(document: bytes, media_type: str) -> "Graph":
    """Read by the parser that opens no connection, whatever a JSON-LD context names."""
    try:
        quads = list(ox.parse(document, GRAPH_FORMATS[media_type]))
    except (SyntaxError, ValueError) as error:
        raise rdf_mistake(error) from None
    for quad in quads:
        for term in (quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value in _REFUSED:
                raise _forbidden(term.value)
    triples = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    return _graph(triples or b"")


def _forbidden(term: str) -> SparqlError:
    return SparqlError(
        "forbidden",
        f"シェイプの <{term}> は使えません。使えるのは SHACL Core です"
        "（SPARQL、JavaScript、規則、owl:imports は使えません）。",
        f"Shapes may not use <{term}>: SHACL Core is what there is here "
        "(no SPARQL, JavaScript, rules or owl:imports).",
        token=term,
    )
