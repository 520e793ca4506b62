"""The vocabulary as its page lists it."""

from dataclasses import dataclass
from functools import cache
from typing import Literal as Choice

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from ontology import SHIRUBE, VOCABULARY

NAMESPACE = str(SHIRUBE._NS)
Kind = Choice["classes", "properties", "values"]
_PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property}


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its name, its texts by language, and the terms above it as prefixed names."""

    name: str
    label: dict[str, str]
    definition: dict[str, str]
    above: tuple[str, ...]


@cache
def vocabulary_graph() -> Graph:
    """The vocabulary as it is shipped; read once, not to be changed."""
    return Graph().parse(VOCABULARY, format="turtle")


def terms_by_kind(graph: Graph) -> dict[Kind, list[Term]]:
    """The vocabulary's own terms, by name."""
    kinds: dict[Kind, list[Term]] = {"classes": [], "properties": [], "values": []}
    subjects = {subject for subject in graph.subjects(RDF.type) if isinstance(subject, URIRef)}
    for subject in sorted(subjects):
        _, _, name = str(subject).partition(NAMESPACE)
        if name:
            kinds[_kind(graph, subject)].append(_term(graph, subject, name))
    return kinds


def _kind(graph: Graph, subject: URIRef) -> Kind:
    types = set(graph.objects(subject, RDF.type))
    if OWL.Class in types:
        return "classes"
    return "properties" if types & _PROPERTIES else "values"


def _term(graph: Graph, subject: URIRef, name: str) -> Term:
    above = (
        *graph.objects(subject, RDFS.subClassOf),
        *graph.objects(subject, RDFS.subPropertyOf),
    )
    return Term(
        name=name,
        label=_texts(graph, subject, RDFS.label) or _texts(graph, subject, SKOS.prefLabel),
        definition=_texts(graph, subject, SKOS.definition) or _texts(graph, subject, RDFS.comment),
        above=tuple(
            sorted(graph.namespace_manager.normalizeUri(a) for a in above if isinstance(a, URIRef))
        ),
    )


def _texts(graph: Graph, subject: Node, predicate: URIRef) -> dict[str, str]:
    return {
        text.language: str(text)
        for text in graph.objects(subject, predicate)
        if isinstance(text, Literal) and text.language
    }
