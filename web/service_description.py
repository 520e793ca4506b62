"""What this endpoint is and holds, as RDF: Service Description, VoID, and the example queries.

Resources are named under the endpoint's own address (`…/sparql#dataset`): no blank nodes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, OWL, RDF, RDFS, SH, VOID, XSD

from kg.examples import all_examples
from kg.prefixes import PREFIXES
from kg.store import Row, Store
from ontology import SCHEMA, SHIRUBE

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SPEX = Namespace("https://purl.expasy.org/sparql-examples/ontology#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)
INPUT_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
_EXECUTABLE = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
    "DESCRIBE": (
        SH.SPARQLExecutable,
        SPEX.describe,
    ),
}
_SEARCH = {
    "ja": '検索。(?thing ?score ?literal) shirube:search ("文" 件数 "lang:ja" "type:measure" '
    '"policy:2" "sdg:4" "plan:kumamoto-2")、または SERVICE shirube:search { … }。',
    "en": 'Search: (?thing ?score ?literal) shirube:search ("text" limit "lang:ja" "type:measure" '
    '"policy:2" "sdg:4" "plan:kumamoto-2"), or SERVICE shirube:search { … }.',
}

_CLASSES = """
SELECT ?graph ?class (COUNT(?thing) AS ?n) { GRAPH ?graph { ?thing a ?class } }
GROUP BY ?graph ?class ORDER BY ?graph ?class
"""
_PROPERTIES = """
SELECT ?graph ?property (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?property ?o } }
GROUP BY ?graph ?property ORDER BY ?graph ?property
"""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many things of each class, and triples of each property, every named graph holds."""

    classes: dict[str, dict[str, int]]
    properties: dict[str, dict[str, int]]

    def triples(self, graph: str) -> int:
        """How many triples a named graph holds."""
        return sum(self.properties.get(graph, {}).values())


class Describer:
    """Describes one store, which is counted again when `revision` has changed.

    `is_writable` says whether there is anybody who may write. `address` is the endpoint's URL. Of
    the store of another endpoint (None) nothing is told that only that endpoint can know.
    """

    def __init__(
        self, store: Store | None, revision: Callable[[], str] = str, is_writable: bool = False
    ) -> None:
        self._store = store
        self._revision = revision
        self._is_writable = is_writable
        self._lock = Lock()
        self._counted: str | None = None
        self._statistics = Statistics({}, {})

    def statistics(self) -> Statistics:
        """The counts, which stay as they are until something is written."""
        with self._lock:
            if self._store is None:
                return Statistics({}, {})
            if (revision := self._revision()) != self._counted:
                self._counted = revision
                self._statistics = Statistics(
                    _table(self._store.query(_CLASSES).rows(), "class"),
                    _table(self._store.query(_PROPERTIES).rows(), "property"),
                )
            return self._statistics

    def service(self, address: str) -> Graph:
        """The SPARQL 1.1 Service Description, with the VoID of every graph."""
        graph = Graph()
        service = URIRef(address)
        graph.add((service, RDF.type, SD.Service))
        graph.add((service, SD.endpoint, URIRef(address)))
        graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
        if self._store is not None:
            graph.add((service, SD.feature, SD.UnionDefaultGraph))
        if self._is_writable:
            graph.add((service, SD.supportedLanguage, SD.SPARQL11Update))
            if self._store is not None:
                graph.add((service, SD.feature, SD.EmptyGraphs))
            for name in INPUT_FORMATS:
                graph.add((service, SD.inputFormat, FORMATS[name]))
        graph.add((service, SD.propertyFeature, SHIRUBE.search))
        graph.add((SHIRUBE.search, RDF.type, SD.Feature))
        for language, text in _SEARCH.items():
            graph.add((SHIRUBE.search, RDFS.comment, Literal(text, lang=language)))
        graph.add((service, SD.defaultDataset, URIRef(f"{address}#dataset")))
        graph.add((service, SD.availableGraphs, URIRef(f"{address}#dataset")))
        for name in RESULT_FORMATS:
            graph.add((service, SD.resultFormat, FORMATS[name]))
        self._describe_dataset(graph, address)
        return graph

    def void(self, address: str) -> Graph:
        """The VoID description alone, for `/.well-known/void`."""
        graph = Graph()
        self._describe_dataset(graph, address)
        return graph

    def _describe_dataset(self, graph: Graph, address: str) -> None:
        statistics = self.statistics()
        dataset, union = URIRef(f"{address}#dataset"), URIRef(f"{address}#union")
        if self._store is None:
            graph.add((dataset, RDF.type, SD.Dataset))
            graph.add((dataset, RDF.type, VOID.Dataset))
            graph.add((dataset, VOID.sparqlEndpoint, URIRef(address)))
            return
        names = sorted(statistics.properties)
        graph.add((dataset, RDF.type, SD.Dataset))
        graph.add((dataset, RDF.type, VOID.Dataset))
        graph.add((dataset, DCTERMS.title, Literal("計画・語彙・SDGs のグラフ", lang="ja")))
        graph.add((dataset, DCTERMS.title, Literal("Plans, vocabulary and SDGs", lang="en")))
        graph.add((dataset, VOID.sparqlEndpoint, URIRef(address)))
        graph.add((dataset, VOID.uriSpace, Literal("https://w3id.org/shirube/id/")))
        graph.add((dataset, FOAF.homepage, URIRef(address.rsplit("/", 1)[0] + "/")))
        graph.add((dataset, SD.defaultGraph, union))
        graph.add((union, RDF.type, SD.Graph))
        graph.add((union, RDF.type, VOID.Dataset))
        # A triple that stands in two graphs counts twice: no plan, vocabulary or SDG triple does.
        _partitions(graph, dataset, summed(statistics.classes), summed(statistics.properties))
        _partitions(graph, union, summed(statistics.classes), summed(statistics.properties))
        for name in names:
            held = URIRef(f"{address}#graph-{quote(name, safe='')}")
            entry = URIRef(f"{address}#named-{quote(name, safe='')}")
            graph.add((dataset, SD.namedGraph, entry))
            graph.add((dataset, VOID.subset, held))
            graph.add((entry, RDF.type, SD.NamedGraph))
            graph.add((entry, SD.name, URIRef(name)))
            graph.add((entry, SD.graph, held))
            graph.add((held, RDF.type, SD.Graph))
            graph.add((held, RDF.type, VOID.Dataset))
            _partitions(graph, held, statistics.classes.get(name, {}), statistics.properties[name])


def example_queries(address: str) -> Graph:
    """The example queries as SHACL executables, in the way of the SIB's sparql-examples."""
    graph = Graph()
    base = address.rsplit("/", 1)[0] + "/.well-known/sparql-examples"
    prefixes = URIRef(f"{base}#prefixes")
    graph.add((prefixes, RDF.type, OWL.Ontology))
    for prefix, namespace in PREFIXES.items():
        entry = URIRef(f"{base}#prefix-{prefix}")
        graph.add((prefixes, SH.declare, entry))
        graph.add((entry, SH.prefix, Literal(prefix)))
        graph.add((entry, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    for example in all_examples():
        query = URIRef(f"{base}#{example.name}")
        kind, property_ = _EXECUTABLE[example.form]
        graph.add((query, RDF.type, SH.SPARQLExecutable))
        graph.add((query, RDF.type, kind))
        graph.add((query, SH.prefixes, prefixes))
        graph.add((query, property_, Literal(example.text)))
        graph.add((query, SCHEMA.target, URIRef(address)))
        for language, title in example.title.items():
            graph.add((query, RDFS.comment, Literal(title, lang=language)))
    return graph


def _table(rows: list[Row], column: str) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for row in rows:
        graph, term, n = row["graph"].value, row[column].value, row["n"].value  # type: ignore[union-attr]
        table.setdefault(graph, {})[term] = int(n)
    return table


def summed(tables: dict[str, dict[str, int]]) -> dict[str, int]:
    """The counts of all graphs together, by IRI; `tables` holds them by graph."""
    total: dict[str, int] = {}
    for table in tables.values():
        for term, n in table.items():
            total[term] = total.get(term, 0) + n
    return dict(sorted(total.items()))


def _partitions(
    graph: Graph, subject: URIRef, classes: dict[str, int], properties: dict[str, int]
) -> None:
    graph.add((subject, VOID.triples, Literal(sum(properties.values()))))
    graph.add((subject, VOID.classes, Literal(len(classes))))
    graph.add((subject, VOID.properties, Literal(len(properties))))
    for term, n in classes.items():
        part = URIRef(f"{subject}-class-{quote(term, safe='')}")
        graph.add((subject, VOID.classPartition, part))
        graph.add((part, VOID["class"], URIRef(term)))
        graph.add((part, VOID.entities, Literal(n)))
    for term, n in properties.items():
        part = URIRef(f"{subject}-property-{quote(term, safe='')}")
        graph.add((subject, VOID.propertyPartition, part))
        graph.add((part, VOID.property, URIRef(term)))
        graph.add((part, VOID.triples, Literal(n)))
