"""Each constraint is broken once, and must say so in both languages."""

from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, ORG, PROV, RDF, SH, SKOS, XSD

from kg.alignments import AlignmentRow
from kg.build import build_dataset, thing_iri
from kg.indicators import ComparisonRow
from kg.plan import Plan, StatedSDG
from kg.readers import read_plan
from kg.shacl import Report, validate
from ontology import BUNDLED_PLAN, OA, SCHEMA, SDG, SHAPES, SHIRUBE

ROWS = (
    AlignmentRow(
        *("4-2", "4.4", Decimal("0.9"), "hand", "若者", "accepted"),
        reviewer="検討会",
        reviewed="2026-11-22T00:00:00.000Z",
    ),
    AlignmentRow("4-2", "8", Decimal("0"), "hand", "人材", "rejected"),
)
COMPARED = (ComparisonRow("4-2-K1", "8.6.1", "close", {"en": "Both count the young"}),)
PLAN = "kumamoto-2"
STRATEGY = thing_iri(PLAN, "strategy", "S")
POLICY = thing_iri(PLAN, "policy", "4")
MEASURE = thing_iri(PLAN, "measure", "4-2")
INITIATIVE = thing_iri(PLAN, "initiative", "4-2-1")
COMPONENT = thing_iri(PLAN, "component", "4-2-1-C1")
KPI = thing_iri(PLAN, "kpi", "4-2-K1")
TOPIC = thing_iri(PLAN, "topic", "X-1")
QUOTATION = thing_iri(PLAN, "quotation", "4-2")
DOCUMENT = thing_iri(PLAN, "document", "summary.ja.txt")
ALIGNMENT = thing_iri(PLAN, "alignment", "4-2-4.4")
REVIEW = thing_iri(PLAN, "review", "4-2-4.4")
STATEMENT = thing_iri(PLAN, "sdg-statement", "4-2-8.6")
COMPARISON = thing_iri(PLAN, "indicator", "4-2-K1-8.6.1")
VALUE = thing_iri(PLAN, "observation", "4-2-K1-target-2023")
SHAPE = Namespace("https://w3id.org/shirube/shapes#")
YEAR = Literal("2023", datatype=XSD.gYear)
OBSERVATION = (
    (VALUE, RDF.type, SHIRUBE.Observation),
    (VALUE, SHIRUBE.observes, KPI),
    (VALUE, SHIRUBE.role, SHIRUBE.target),
    (VALUE, SHIRUBE.value, Literal(Decimal("61.5"))),
    (VALUE, SHIRUBE.fiscalYear, YEAR),
)


@cache
def small() -> Plan:
    """The bundled plan cut down to what is broken below: a check takes as long as it has things."""
    whole = read_plan(BUNDLED_PLAN)
    first, *_, last = whole.policies
    policies = (
        replace(first, measures=first.measures[:1]),
        replace(last, measures=last.measures[:2]),
    )
    stated = (StatedSDG("4-2", "8.6"),)
    return replace(whole, policies=policies, translations=(), stated=stated)


@cache
def sound() -> Graph:
    graph = Graph()
    for subject, predicate, value, _ in build_dataset(small(), ROWS, COMPARED).quads():
        graph.add((subject, predicate, value))
    for triple in OBSERVATION:
        graph.add(triple)
    return graph


@cache
def shapes() -> Graph:
    return Graph().parse(SHAPES)


def messages(shape: URIRef) -> dict[str, str]:
    return {str(m.language): str(m) for m in shapes().objects(shape, SH.message)}


def constraints() -> set[URIRef]:
    return set(shapes().objects(None, SH.property)) | set(shapes().objects(None, SH.sparql))


def same(subject: URIRef, predicate: URIRef, *values: Literal | URIRef) -> Graph:
    """The sound graph with one property of one thing set to other values."""
    graph = Graph()
    for triple in sound():
        graph.add(triple)
    graph.remove((subject, predicate, None))
    for value in values:
        graph.add((subject, predicate, value))
    return graph


def test_the_bundled_plan_conforms() -> None:
    graph = Graph()
    for subject, predicate, value, _ in build_dataset(read_plan(BUNDLED_PLAN), ROWS).quads():
        graph.add((subject, predicate, value))
    assert validate(graph) == Report(True, ())


def test_a_plan_with_values_of_its_kpis_conforms() -> None:
    assert validate(sound()) == Report(True, ())


def test_every_constraint_has_a_message_in_both_languages() -> None:
    assert len(constraints()) == 57
    for shape in constraints():
        assert set(messages(shape)) == {"ja", "en"}, shape
        assert len(list(shapes().objects(shape, SH.message))) == 2, shape


JA, EN = Literal("施策", lang="ja"), Literal("measure", lang="en")
BROKEN = {
    "thing-label-ja": (MEASURE, SKOS.prefLabel, EN, Literal("仕事", lang="ja-simple")),
    "thing-label-per-language": (MEASURE, SKOS.prefLabel, JA, EN, Literal("other", lang="en")),
    "thing-code-once": (MEASURE, SKOS.notation, Literal("4-2"), Literal("4-3")),
    "thing-quotation": (MEASURE, PROV.wasQuotedFrom),
    "Strategy-code": (STRATEGY, SKOS.notation, Literal("S1")),
    "BasicPolicy-code": (POLICY, SKOS.notation, Literal("04")),
    "Measure-code": (MEASURE, SKOS.notation, Literal("4-2-1")),
    "Initiative-code": (INITIATIVE, SKOS.notation, Literal("4-2")),
    "Component-code": (COMPONENT, SKOS.notation, Literal("4-2-1-1")),
    "KPI-code": (KPI, SKOS.notation, Literal("4-2-1")),
    "CrossCuttingTopic-code": (TOPIC, SKOS.notation, Literal("X1")),
    "BasicPolicy-parent": (POLICY, DCTERMS.isPartOf),
    "Measure-parent": (MEASURE, DCTERMS.isPartOf),
    "Initiative-parent": (INITIATIVE, DCTERMS.isPartOf, MEASURE, thing_iri(PLAN, "measure", "4-1")),
    "Component-parent": (COMPONENT, DCTERMS.isPartOf, MEASURE),
    "KPI-parent": (KPI, DCTERMS.isPartOf, INITIATIVE),
    "CrossCuttingTopic-parent": (TOPIC, DCTERMS.isPartOf, POLICY),
    "BasicPolicy-place": (STRATEGY, SHIRUBE.hasPolicy, thing_iri(PLAN, "policy", "1")),
    "Measure-place": (POLICY, SHIRUBE.hasMeasure, thing_iri(PLAN, "measure", "1-1")),
    "Initiative-place": (MEASURE, SHIRUBE.hasInitiative),
    "Component-place": (INITIATIVE, SHIRUBE.hasComponent),
    "KPI-place": (MEASURE, SHIRUBE.hasKPI),
    "CrossCuttingTopic-place": (STRATEGY, SHIRUBE.hasTopic),
    "Strategy-year": (STRATEGY, SHIRUBE.endFiscalYear, Literal(2023)),
    "Strategy-jurisdiction": (STRATEGY, DCTERMS.spatial, Literal("熊本県", lang="ja")),
    "Strategy-publisher": (thing_iri(PLAN, "organization", "publisher"), RDF.type, ORG.Site),
    "Strategy-policies": (STRATEGY, SHIRUBE.hasPolicy),
    "BasicPolicy-direction": (POLICY, SHIRUBE.direction, Literal("向上")),
    "Quotation-text": (QUOTATION, SCHEMA.text, Literal("", lang="ja")),
    "Quotation-line": (QUOTATION, SHIRUBE.line, Literal(0)),
    "Quotation-source": (QUOTATION, OA.hasSource, MEASURE),
    "Quotation-property": (QUOTATION, SHIRUBE.ofProperty, Literal("label")),
    "Document-digest": (DOCUMENT, SCHEMA.sha256, Literal("abc")),
    "Document-name": (DOCUMENT, DCTERMS.identifier),
    "Observation-kpi": (VALUE, SHIRUBE.observes, MEASURE),
    "Observation-role": (VALUE, SHIRUBE.role, SHIRUBE.accepted),
    "Observation-value": (VALUE, SHIRUBE.value, Literal("61.5 %")),
    "Observation-year": (VALUE, SHIRUBE.fiscalYear),
    "SDGAlignment-target": (ALIGNMENT, OA.hasTarget, QUOTATION),
    "SDGAlignment-body": (ALIGNMENT, OA.hasBody, SDG["18"]),
    "SDGAlignment-score": (ALIGNMENT, SHIRUBE.score, Literal(Decimal("1.01"))),
    "SDGAlignment-method": (ALIGNMENT, SHIRUBE.method),
    "SDGAlignment-evidence": (ALIGNMENT, SHIRUBE.evidence),
    "SDGAlignment-evidenceIn": (ALIGNMENT, SHIRUBE.evidenceIn, MEASURE, KPI),
    "SDGAlignment-state": (ALIGNMENT, SHIRUBE.reviewState, SHIRUBE.baseline),
    "SDGAlignment-note": (ALIGNMENT, SHIRUBE.reviewNote, Literal("note")),
    "SDGAlignment-activity": (ALIGNMENT, PROV.wasGeneratedBy, MEASURE),
    "Review-target": (REVIEW, OA.hasTarget),
    "Review-state": (REVIEW, SHIRUBE.reviewState, SHIRUBE.baseline),
    "Review-who": (REVIEW, DCTERMS.creator, MEASURE),
    "Review-when": (REVIEW, DCTERMS.created, Literal("2026")),
    "SDGStatement-source": (STATEMENT, OA.hasSource),
    "IndicatorComparison-target": (COMPARISON, OA.hasTarget, MEASURE),
    "IndicatorComparison-body": (COMPARISON, OA.hasBody, SDG["8.6"]),
    "IndicatorComparison-match": (COMPARISON, SHIRUBE.match, SKOS.relatedMatch),
    "IndicatorComparison-reason": (COMPARISON, SHIRUBE.reason),
    "Aligned-holds": (MEASURE, SHIRUBE.alignedWith, SDG["4.4"], SDG["8"]),
}


def test_every_constraint_is_broken_below() -> None:
    assert {SHAPE[name] for name in BROKEN} == constraints()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_constraint_is_reported_in_both_languages(name: str) -> None:
    graph = same(*BROKEN[name])
    expected = messages(SHAPE[name])
    for language in ("ja", "en"):
        report = validate(graph, language)
        assert not report.conforms
        found = [r for r in report.results if r.message == expected[language]]
        assert found, report.results
        assert all(r.focus.startswith("https://w3id.org/") for r in found)
        assert {r.severity for r in found} == {"Violation"}
        shape_path = shapes().value(SHAPE[name], SH.path)
        if isinstance(shape_path, URIRef):
            assert {r.path for r in found} == {str(shape_path)}
        else:
            assert all(r.path for r in found)


@pytest.mark.parametrize(
    ("subject", "predicate", "values"),
    [
        (MEASURE, SKOS.notation, (Literal("4-2"),)),
        (ALIGNMENT, SHIRUBE.score, (Literal(1),)),
        (ALIGNMENT, SHIRUBE.score, ()),
        (ALIGNMENT, SHIRUBE.score, (Literal(Decimal("0.0")),)),
        (VALUE, SHIRUBE.value, (Literal(-5),)),
        (MEASURE, SKOS.prefLabel, (JA, EN, Literal("biện pháp", lang="vi"))),
        (MEASURE, SKOS.prefLabel, (JA,)),
        (STRATEGY, SHIRUBE.endFiscalYear, ()),
        (COMPARISON, OA.hasBody, ()),
    ],
)
def test_what_a_plan_may_have_or_lack(
    subject: URIRef, predicate: URIRef, values: tuple[Literal, ...]
) -> None:
    report = validate(same(subject, predicate, *values))
    assert report.conforms, report.results


def test_a_result_says_where_and_what() -> None:
    [result] = validate(same(QUOTATION, SHIRUBE.line, Literal(0)), "ja").results
    assert result.focus == str(QUOTATION)
    assert result.path == str(SHIRUBE.line)
    assert result.value.startswith('"0"')
    assert result.message == "引用の行（shirube:line）は1以上の整数1つでなければなりません。"


def test_the_way_back_along_a_property_is_shown() -> None:
    report = validate(same(MEASURE, SHIRUBE.hasKPI))
    assert "^" + str(SHIRUBE.hasKPI) in {result.path for result in report.results}


def test_any_turtle_can_be_checked_and_stays_as_it_was() -> None:
    text = "@prefix s: <https://w3id.org/shirube/ns#> . <http://example.org/m> a s:Measure ."
    graph = Graph().parse(data=text, format="turtle")
    report = validate(graph)
    assert not report.conforms
    assert {result.focus for result in report.results} == {"http://example.org/m"}
    assert len(graph) == 1
    assert validate(Graph()).conforms
