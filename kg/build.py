"""A plan as RDF: three named graphs. Their IRIs are those of `kg.iris`.

What the document says, our unofficial translations, and what we judge never share a graph. The
same plan gives the same quads: no clock, no blank nodes.
"""

from collections.abc import Iterable, Iterator, Sequence

from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, ORG, PROV, RDF, SKOS, XSD
from rdflib.term import IdentifiedNode

from kg.alignments import AlignmentRow
from kg.comparing import compare
from kg.indicators import ComparisonRow
from kg.iris import CLASSES, FIELDS, alignment_iri, graph_of, iri_of
from kg.plan import Component, Plan, Quoted, StatedSDG, ThingType
from kg.reviews import canonical
from kg.speakers import Speakers
from ontology import AGENT, OA, SCHEMA, SDG, SHIRUBE

PLAN_LANGUAGE = "ja"
_CLASSES = {kind: URIRef(iri) for kind, iri in CLASSES.items()}
_FIELDS = {name: URIRef(iri) for name, iri in FIELDS.items()}
PARTS: dict[ThingType, URIRef] = {
    "policy": SHIRUBE.hasPolicy,
    "measure": SHIRUBE.hasMeasure,
    "initiative": SHIRUBE.hasInitiative,
    "component": SHIRUBE.hasComponent,
    "kpi": SHIRUBE.hasKPI,
    "topic": SHIRUBE.hasTopic,
}


def thing_iri(plan: str, kind: str, code: str) -> URIRef:
    """The IRI of a thing, quotation, document, alignment, review or activity of a plan."""
    return URIRef(iri_of(plan, kind, code))


def graph_iri(plan: str, name: str) -> URIRef:
    """The IRI of a plan's named graph: `said`, `translated` or `judged`."""
    return URIRef(graph_of(plan, name))


def sdg_iri(code: str) -> URIRef:
    """The UN's IRI of a goal (`4`) or target (`4.4`)."""
    return SDG[code]


def build_dataset(
    plan: Plan,
    alignments: Sequence[AlignmentRow],
    comparisons: Sequence[ComparisonRow] = (),
) -> Dataset:
    """The plan's graphs `said`, `translated` and `judged`.

    An alignment or a comparison of a code that the plan does not have raises KeyError: who
    read them has checked the codes before.
    """
    things = {p.code: thing_iri(plan.id, p.type, p.code) for p in plan.places()}
    dataset = Dataset()
    # Adding through a second handle of the same graph is lost without a word: one handle each.
    said, translated, judged = (
        dataset.graph(graph_iri(plan.id, name)) for name in ("said", "translated", "judged")
    )
    _say(said, plan, things)
    _translate(translated, plan, things)
    _interpret(judged, plan, things)
    _judge(judged, plan, things, alignments)
    compare(judged, plan.id, things, comparisons)
    return dataset


def _say(graph: Graph, plan: Plan, things: dict[str, URIRef]) -> None:
    """What the document says: things, their places and texts, each with its quotation."""
    document = _document(graph, plan)
    _describe(graph, f"計画の記述：{plan.strategy.label.text}", f"What the plan says: {plan.id}")
    graph.add((graph.identifier, PROV.wasDerivedFrom, document))
    for place in plan.places():
        thing = things[place.code]
        graph.add((thing, RDF.type, _CLASSES[place.type]))
        graph.add((thing, SKOS.notation, _string(place.code)))
        if place.parent is not None:
            parent = things[place.parent]
            graph.add((parent, PARTS[place.type], thing))
            graph.add((thing, DCTERMS.isPartOf, parent))
    for code, field, quoted in plan.texts():
        graph.add((things[code], _FIELDS[field], Literal(quoted.text, lang=PLAN_LANGUAGE)))
        _quote(graph, plan, things[code], (code, field), quoted, document)
    for statement in plan.stated:
        _state(graph, plan, things[statement.code], statement, document)
    strategy = things[plan.strategy.code]
    year = Literal(f"{plan.strategy.end_fiscal_year:04}", datatype=XSD.gYear)
    graph.add((strategy, SHIRUBE.endFiscalYear, year))
    graph.add((strategy, DCTERMS.spatial, URIRef(plan.document.jurisdiction)))
    graph.add((strategy, DCTERMS.publisher, _publisher(plan)))
    graph.add((strategy, PROV.wasDerivedFrom, document))


def _quote(
    graph: Graph,
    plan: Plan,
    thing: URIRef,
    key: tuple[str, str],
    quoted: Quoted,
    document: URIRef,
) -> None:
    code, field = key
    name = code if field == "label" else f"{code}-{field}"
    quotation = thing_iri(plan.id, "quotation", name)
    graph.add((thing, PROV.wasQuotedFrom, quotation))
    graph.add((quotation, RDF.type, SHIRUBE.Quotation))
    graph.add((quotation, SHIRUBE.ofProperty, _FIELDS[field]))
    graph.add((quotation, SCHEMA.text, Literal(quoted.exact, lang=PLAN_LANGUAGE)))
    graph.add((quotation, SHIRUBE.line, Literal(quoted.line)))
    graph.add((quotation, OA.hasSource, document))


def _state(graph: Graph, plan: Plan, thing: URIRef, statement: StatedSDG, document: URIRef) -> None:
    """That the plan itself links a thing with a goal or target, and the short link."""
    sdg = sdg_iri(statement.sdg)
    iri = thing_iri(plan.id, "sdg-statement", f"{statement.code}-{statement.sdg}")
    graph.add((iri, RDF.type, SHIRUBE.SDGStatement))
    graph.add((iri, OA.motivatedBy, OA.classifying))
    graph.add((iri, OA.hasTarget, thing))
    graph.add((iri, OA.hasBody, sdg))
    graph.add((iri, OA.hasSource, document))
    graph.add((iri, PROV.wasAttributedTo, _publisher(plan)))
    if statement.words is not None:
        graph.add((iri, SHIRUBE.evidence, Literal(statement.words.exact, lang=PLAN_LANGUAGE)))
        graph.add((iri, SHIRUBE.line, Literal(statement.words.line)))
    graph.add((thing, SHIRUBE.alignedWith, sdg))


def _document(graph: Graph, plan: Plan) -> URIRef:
    """The document with its digest, and the organisation that published it."""
    source = plan.document
    document = thing_iri(plan.id, "document", source.file)
    graph.add((document, RDF.type, DCAT.Distribution))
    graph.add((document, RDF.type, PROV.Entity))
    graph.add((document, DCTERMS.title, Literal(source.title, lang=PLAN_LANGUAGE)))
    graph.add((document, DCTERMS.identifier, _string(source.file)))
    graph.add((document, DCTERMS.language, _string(PLAN_LANGUAGE)))
    graph.add((document, SCHEMA.sha256, _string(source.sha256)))
    _texts(graph, document, DCTERMS.rights, source.attribution.items())
    publisher = _publisher(plan)
    graph.add((document, DCTERMS.publisher, publisher))
    graph.add((document, PROV.wasAttributedTo, publisher))
    graph.add((publisher, RDF.type, ORG.FormalOrganization))
    _texts(graph, publisher, SKOS.prefLabel, source.publisher.items())
    return document


def _publisher(plan: Plan) -> URIRef:
    return thing_iri(plan.id, "organization", "publisher")


def _translate(graph: Graph, plan: Plan, things: dict[str, URIRef]) -> None:
    """Our own labels in other languages, said to be unofficial in the graph itself."""
    _describe(
        graph,
        f"非公式の翻訳：{plan.strategy.label.text}",
        f"Unofficial translations by shirube: {plan.id}",
    )
    graph.add((graph.identifier, PROV.wasDerivedFrom, graph_iri(plan.id, "said")))
    for translation in plan.translations:
        status = translation.status or {"en": translation.provenance}
        _texts(graph, graph.identifier, DCTERMS.provenance, status.items())
        for (code, field), text in translation.texts.items():
            graph.add((things[code], _FIELDS[field], Literal(text, lang=translation.language)))


def _interpret(graph: Graph, plan: Plan, things: dict[str, URIRef]) -> None:
    """Why components were read otherwise than the layout suggests: ours, so not `said`."""
    for component in _components(plan):
        if component.interpretation is not None:
            reason = component.interpretation
            texts = (("ja", reason.ja), ("en", reason.en))
            _texts(graph, things[component.code], SHIRUBE.interpretation, texts)


def _components(plan: Plan) -> Iterator[Component]:
    for policy in plan.policies:
        for measure in policy.measures:
            for initiative in measure.initiatives:
                yield from initiative.components


def _judge(
    graph: Graph, plan: Plan, things: dict[str, URIRef], rows: Sequence[AlignmentRow]
) -> None:
    """SDG alignments as annotations, and the short link of those that hold."""
    _describe(graph, f"標の判定：{plan.strategy.label.text}", f"What shirube judges: {plan.id}")
    graph.add((graph.identifier, PROV.wasDerivedFrom, graph_iri(plan.id, "said")))
    speakers = Speakers(plan)
    for row in rows:
        thing, sdg = things[row.code], sdg_iri(row.sdg)
        alignment = URIRef(alignment_iri(plan.id, row.code, row.sdg))
        activity = thing_iri(plan.id, "activity", row.method)
        graph.add((activity, RDF.type, PROV.Activity))
        graph.add((activity, DCTERMS.identifier, _string(row.method)))
        graph.add((activity, PROV.used, graph_iri(plan.id, "said")))
        graph.add((activity, PROV.wasAssociatedWith, AGENT))
        graph.add((alignment, RDF.type, SHIRUBE.SDGAlignment))
        graph.add((alignment, OA.motivatedBy, OA.classifying))
        graph.add((alignment, OA.hasTarget, thing))
        graph.add((alignment, OA.hasBody, sdg))
        if row.score is not None:
            graph.add((alignment, SHIRUBE.score, Literal(row.score)))
        graph.add((alignment, SHIRUBE.method, _string(row.method)))
        graph.add((alignment, SHIRUBE.evidence, Literal(row.evidence, lang=PLAN_LANGUAGE)))
        if (speaker := speakers.of(row.code, row.evidence)) is not None:
            graph.add((alignment, SHIRUBE.evidenceIn, things[speaker]))
        graph.add((alignment, SHIRUBE.reviewState, SHIRUBE[row.state]))
        graph.add((alignment, PROV.wasGeneratedBy, activity))
        _texts(graph, alignment, SHIRUBE.reviewNote, row.note.items())
        if row.wording:
            graph.add((alignment, SHIRUBE.wording, Literal(row.wording, lang=PLAN_LANGUAGE)))
        if row.reviewer:
            _sign(graph, plan, alignment, row)
        if row.created is not None:
            graph.add((alignment, DCTERMS.created, Literal(row.created)))
        if row.holds:
            graph.add((thing, SHIRUBE.alignedWith, sdg))


def _sign(graph: Graph, plan: Plan, alignment: URIRef, row: AlignmentRow) -> None:
    """The review that the file tells of: who and when."""
    review = thing_iri(plan.id, "review", f"{row.code}-{row.sdg}")
    person = thing_iri(plan.id, "person", row.reviewer)
    graph.add((person, RDF.type, PROV.Person))
    graph.add((person, SCHEMA.name, _string(row.reviewer)))
    graph.add((review, RDF.type, SHIRUBE.Review))
    graph.add((review, OA.motivatedBy, OA.assessing))
    graph.add((review, OA.hasTarget, alignment))
    graph.add((review, SHIRUBE.reviewState, SHIRUBE[row.state]))
    _texts(graph, review, SHIRUBE.reviewNote, row.note.items())
    graph.add((review, DCTERMS.creator, person))
    graph.add((review, DCTERMS.created, Literal(canonical(row.reviewed), datatype=XSD.dateTime)))
    graph.add((alignment, SHIRUBE.currentReview, review))


def _describe(graph: Graph, ja: str, en: str) -> None:
    """A named graph says inside itself what it is and who made it."""
    graph.add((graph.identifier, RDF.type, PROV.Entity))
    _texts(graph, graph.identifier, DCTERMS.title, (("ja", ja), ("en", en)))
    graph.add((graph.identifier, PROV.wasAttributedTo, AGENT))


def _texts(
    graph: Graph, subject: IdentifiedNode, predicate: URIRef, texts: Iterable[tuple[str, str]]
) -> None:
    for language, text in texts:
        graph.add((subject, predicate, Literal(text, lang=language)))


def _string(text: str) -> Literal:
    return Literal(text, datatype=XSD.string)
