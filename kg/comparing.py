"""KPIs beside the SDGs' indicators as RDF: annotations in the judged graph, ours."""

from collections.abc import Iterable, Mapping

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, XSD

from kg.indicators import ComparisonRow, indicator_iris
from kg.iris import MATCHES, comparison_iri, graph_of, iri_of
from kg.reviews import HOLDING, canonical
from ontology import AGENT, OA, SCHEMA, SHIRUBE


def compare(
    graph: Graph, plan: str, things: Mapping[str, URIRef], rows: Iterable[ComparisonRow]
) -> None:
    """Add what `rows` judge of the KPIs `things` (by code) of the plan named `plan`.

    An annotation without a body says that no indicator measures the same. The short link is that of
    comparisons which a person has accepted.
    """
    for row in rows:
        kpi = things[row.code]
        comparison = URIRef(comparison_iri(plan, row.code, row.indicator))
        activity = URIRef(iri_of(plan, "activity", row.method))
        graph.add((activity, RDF.type, PROV.Activity))
        graph.add((activity, DCTERMS.identifier, Literal(row.method, datatype=XSD.string)))
        graph.add((activity, PROV.used, URIRef(graph_of(plan, "said"))))
        graph.add((activity, PROV.wasAssociatedWith, AGENT))
        graph.add((comparison, RDF.type, SHIRUBE.IndicatorComparison))
        graph.add((comparison, OA.motivatedBy, OA.linking))
        graph.add((comparison, OA.hasTarget, kpi))
        graph.add((comparison, SHIRUBE.method, Literal(row.method, datatype=XSD.string)))
        graph.add((comparison, SHIRUBE.reviewState, SHIRUBE[row.state]))
        graph.add((comparison, PROV.wasGeneratedBy, activity))
        for language, text in row.reason.items():
            graph.add((comparison, SHIRUBE.reason, Literal(text, lang=language)))
        for language, text in row.note.items():
            graph.add((comparison, SHIRUBE.reviewNote, Literal(text, lang=language)))
        if row.created is not None:
            graph.add((comparison, DCTERMS.created, Literal(row.created)))
        if row.indicator:
            indicator = URIRef(indicator_iris()[row.indicator])
            graph.add((comparison, OA.hasBody, indicator))
            graph.add((comparison, SHIRUBE.match, URIRef(MATCHES[row.match])))
            if row.state in HOLDING:
                graph.add((kpi, SHIRUBE.comparableWith, indicator))
        if row.reviewer:
            _sign(graph, plan, comparison, row)


def _sign(graph: Graph, plan: str, comparison: URIRef, row: ComparisonRow) -> None:
    """The review that the file tells of: who and when."""
    review = URIRef(iri_of(plan, "review", f"{row.code}-{row.indicator or 'none'}"))
    person = URIRef(iri_of(plan, "person", row.reviewer))
    when = Literal(canonical(row.reviewed), datatype=XSD.dateTime)
    graph.add((person, RDF.type, PROV.Person))
    graph.add((person, SCHEMA.name, Literal(row.reviewer, datatype=XSD.string)))
    graph.add((review, RDF.type, SHIRUBE.Review))
    graph.add((review, OA.motivatedBy, OA.assessing))
    graph.add((review, OA.hasTarget, comparison))
    graph.add((review, SHIRUBE.reviewState, SHIRUBE[row.state]))
    for language, text in row.note.items():
        graph.add((review, SHIRUBE.reviewNote, Literal(text, lang=language)))
    graph.add((review, DCTERMS.creator, person))
    graph.add((review, DCTERMS.created, when))
    graph.add((comparison, SHIRUBE.currentReview, review))
