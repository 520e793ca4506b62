"""Descriptions as RDF: what the graph says of one resource, in the formats we publish."""

from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import Graph, Literal

from kg import prefixes
from kg.store import N_TRIPLES, Store

FORMATS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": N_TRIPLES,
}
EXTENSIONS = {media_type: extension for extension, media_type in FORMATS.items()}
DOWNLOADS = [(extension, name) for extension, name in FORMATS.items() if extension != "html"]
RDF_FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}  # as rdflib has it
PREFIXES = {
    **prefixes.PREFIXES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "formats": "http://www.w3.org/ns/formats/",
    "org": "http://www.w3.org/ns/org#",
    "vann": "http://purl.org/vocab/vann/",
    "spex": "https://purl.expasy.org/sparql-examples/ontology#",
}
_DESCRIPTION = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
CONSTRUCT {{ ?subject ?property ?value }} WHERE {{
  {{ BIND(<{iri}> AS ?subject) }}
  UNION {{ <{iri}> prov:wasQuotedFrom ?subject }}
  UNION {{ ?subject oa:hasTarget <{iri}> }}
  ?subject ?property ?value
}}
"""
_OWNER = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?thing WHERE {{
  {{ ?thing prov:wasQuotedFrom <{iri}> }} UNION {{ <{iri}> oa:hasTarget ?thing }}
}}
"""
_RIGHTS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX shirube: <https://w3id.org/shirube/ns#>
SELECT DISTINCT ?strategy ?rights WHERE {
  ?strategy a shirube:Strategy ; prov:wasDerivedFrom/dcterms:rights ?rights
}
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One triple for a reader: the property as a prefixed name, the value and its language."""

    property: str
    value: str
    language: str | None
    is_link: bool


def owner_of(store: Store, iri: str) -> str | None:
    """The IRI of the thing that a quotation or an alignment belongs to."""
    terms = [row["thing"] for row in store.query(_OWNER.format(iri=iri)).rows()]
    return next((term.value for term in terms if isinstance(term, ox.NamedNode)), None)


def rights_of_sources(store: Store) -> dict[str, dict[str, str]]:
    """Whose each plan's source text is: strategy IRI -> attribution by language."""
    rights: dict[str, dict[str, str]] = {}
    for row in store.query(_RIGHTS).rows():
        strategy, text = row["strategy"], row["rights"]
        if isinstance(strategy, ox.NamedNode) and isinstance(text, ox.Literal):
            rights.setdefault(strategy.value, {})[text.language or ""] = text.value
    return rights


def description(store: Store, iri: str) -> Graph:
    """What the graph says of a resource, of its quotations and of its SDG alignments.

    Empty for an IRI that the graph does not know. `iri` is one that `kg.build` makes, hence safe
    to stand in a query.
    """
    result = store.query(_DESCRIPTION.format(iri=iri), media_type=N_TRIPLES)
    return Graph().parse(data=result.body, format="nt")


def serialised(graph: Graph, extension: str) -> str:
    """A graph in one of `RDF_FORMATS`, with the prefixes that readers expect."""
    _bind(graph)
    if extension == "jsonld":
        return graph.serialize(format="json-ld", context=PREFIXES)
    return graph.serialize(format=RDF_FORMATS[extension])


def _bind(graph: Graph) -> None:
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)


def facts_of(graph: Graph) -> list[Fact]:
    """A description's triples in the order of their properties."""
    _bind(graph)
    name = graph.namespace_manager.normalizeUri
    return sorted(
        (
            Fact(
                property=name(str(predicate)),
                value=str(value),
                language=value.language if isinstance(value, Literal) else None,
                is_link=not isinstance(value, Literal),
            )
            for predicate, value in graph.predicate_objects()
        ),
        key=lambda fact: (fact.property, fact.language or "", fact.value),
    )
