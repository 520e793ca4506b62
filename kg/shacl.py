"""SHACL validation with answers a person can act on, in Japanese or English."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import IdentifiedNode, Node

from kg.message import Language
from kg.sparql_errors import bad_shapes
from ontology import SDG_CONCEPTS, SHAPES, VOCABULARY

Severity = Literal["Violation", "Warning", "Info"]


@dataclass(frozen=True, slots=True)
class ShaclResult:
    """One thing that is not as it should be.

    `focus` is the node's IRI, `path` the property's (`^` before it: read backwards; empty: about
    the node itself), `value` an IRI or a literal in N3 (empty when something is missing).
    """

    focus: str
    path: str
    value: str
    message: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Report:
    """Whether a graph conforms to the shapes, and if not, every reason, sorted."""

    conforms: bool
    results: tuple[ShaclResult, ...]


def validate(graph: Graph, language: Language = "en") -> Report:
    """Check a graph (of one or several plans, without the SDGs) against `ontology/shapes.ttl`.

    The vocabulary and the SDGs are known already and need not be in `graph`, which stays as it
    is. See W3C, Shapes Constraint Language (SHACL), 2017.
    """
    # pyshacl takes a second to import: only who validates waits for it.
    from pyshacl import validate as run

    # Not as `ont_graph`: of that pyshacl takes classes only, and goals and targets are instances.
    conforms, results, _ = run(graph + _background(), shacl_graph=_shapes(), inference="none")
    assert isinstance(results, Graph)
    return Report(bool(conforms), tuple(sorted(_results(results, language), key=_order)))


def report_graph(data: Graph, shapes: Graph | None, language: str) -> Graph:
    """The validation report on a graph as SHACL has it, by shapes or (None) our own.

    Of messages of our own shapes those in `language` (where they have it) are kept. Raises
    SparqlError (shapes) where SHACL does not allow the shapes.
    """
    from pyshacl import validate as run
    from pyshacl.errors import ReportableRuntimeError

    if shapes is None:
        data = data + _background()
    try:
        _, results, _ = run(data, shacl_graph=_shapes() if shapes is None else shapes)
    except (ReportableRuntimeError, RecursionError) as error:
        raise bad_shapes(str(getattr(error, "message", "") or error)) from None
    if not isinstance(results, Graph):
        raise bad_shapes(str(results))
    for result in set(results.subjects(SH.resultMessage)):
        messages = list(results.objects(result, SH.resultMessage))
        if any(getattr(one, "language", None) == language for one in messages):
            for one in messages:
                if getattr(one, "language", None) not in (language, None):
                    results.remove((result, SH.resultMessage, one))
    return results


def _results(results: Graph, language: Language) -> Iterator[ShaclResult]:
    for result in results.subjects(RDF.type, SH.ValidationResult):
        yield ShaclResult(
            focus=_show(results.value(result, SH.focusNode)),
            path=_path(results, results.value(result, SH.resultPath)),
            value=_show(results.value(result, SH.value)),
            message=_message(results, result, language),
            severity=_severity(results.value(result, SH.resultSeverity)),
        )


def _order(result: ShaclResult) -> tuple[str, str, str, str]:
    return result.focus, result.path, result.value, result.message


def _message(results: Graph, result: Node, language: Language) -> str:
    """The shape's message in the language; in any other one where a shape has no such message."""
    found = set(results.objects(result, SH.resultMessage))
    # Of a SPARQL constraint's messages the report carries one only; the constraint has all.
    if (constraint := results.value(result, SH.sourceConstraint)) is not None:
        found |= set(_shapes().objects(constraint, SH.message))
    messages = [m for m in found if isinstance(m, RdfLiteral)]
    return min((m.language != language, str(m)) for m in messages)[1] if messages else ""


def _severity(severity: Node | None) -> Severity:
    known: dict[Node, Severity] = {SH.Warning: "Warning", SH.Info: "Info"}
    return known.get(severity, "Violation") if severity is not None else "Violation"


def _show(node: Node | None) -> str:
    if isinstance(node, URIRef):
        return str(node)
    return node.n3() if isinstance(node, IdentifiedNode | RdfLiteral) else ""


def _path(results: Graph, path: Node | None) -> str:
    """A property path as SPARQL writes it; `^` is the way back along a property."""
    if path is None or isinstance(path, URIRef):
        return str(path or "")
    inverse = results.value(path, SH.inversePath)
    return f"^{inverse}" if inverse is not None else str(path)


@cache
def _shapes() -> Graph:
    return Graph().parse(SHAPES)


@cache
def _background() -> Graph:
    """Class hierarchy and what there is of SDGs; the rest of both would only slow the check."""
    graph = Graph()
    for file in (VOCABULARY, SDG_CONCEPTS):
        # pyoxigraph reads the SDGs in 20 ms, rdflib in 350.
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
            predicate = URIRef(quad.predicate.value)
            if predicate in (RDF.type, RDFS.subClassOf):
                subject, value = quad.subject, quad.object
                assert isinstance(subject, ox.NamedNode)
                assert isinstance(value, ox.NamedNode)
                graph.add((URIRef(subject.value), predicate, URIRef(value.value)))
    return graph
