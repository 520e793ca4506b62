"""A plan as RDF, and the alignments that are read beside it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Dataset, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, ORG, PROV, RDF, SKOS, XSD

from kg.alignments import AlignmentError, AlignmentRow, read_alignments
from kg.assembly import n_quads
from kg.build import PARTS, build_dataset, graph_iri, thing_iri
from kg.iris import CLASSES, FIELDS, parse_thing_iri
from kg.plan import Plan
from kg.readers import read_plan
from ontology import BUNDLED_PLAN, ID, OA, SCHEMA, SDG, SHIRUBE

NOTE = {"ja": "雇用", "en": "Jobs"}
DAY = date(2026, 11, 22)
ROWS = (
    AlignmentRow("4-2", "4.4", Decimal("0.9"), "retrieval-1 (m@1)", "若者の地元定着", "accepted"),
    AlignmentRow("4-2", "8", Decimal("1"), "retrieval-1 (m@1)", "人材", "corrected", NOTE),
    AlignmentRow("4-1", "4", Decimal("0"), "hand", "教育", "rejected"),
    AlignmentRow("4-1-1", "4.1", Decimal("0.5"), "hand", "学力", "unreviewed", {}, DAY),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(BUNDLED_PLAN)


@pytest.fixture(scope="module")
def dataset(plan: Plan) -> Dataset:
    return build_dataset(plan, ROWS)


@pytest.fixture(scope="module")
def graphs(plan: Plan, dataset: Dataset) -> dict[str, Graph]:
    return {n: dataset.graph(graph_iri(plan.id, n)) for n in ("said", "translated", "judged")}


def test_the_bundled_plan_has_what_its_document_has(graphs: dict[str, Graph]) -> None:
    counts = {k: len(set(graphs["said"].subjects(RDF.type, URIRef(c)))) for k, c in CLASSES.items()}
    components = counts.pop("component")
    assert counts == {
        "strategy": 1,
        "policy": 4,
        "measure": 11,
        "initiative": 31,
        "kpi": 25,
        "topic": 2,
    }
    assert components > 20


def test_there_are_three_graphs_and_nothing_outside_them(dataset: Dataset, plan: Plan) -> None:
    found = {graph.identifier for graph in dataset.graphs() if len(graph)}
    assert found == {graph_iri(plan.id, n) for n in ("said", "translated", "judged")}


def test_the_same_plan_gives_the_same_quads(plan: Plan, dataset: Dataset) -> None:
    again = build_dataset(read_plan(BUNDLED_PLAN), ROWS)
    assert n_quads(again) == n_quads(dataset)


def test_there_are_no_blank_nodes_and_no_bare_literals(dataset: Dataset) -> None:
    for quad in dataset.quads():
        assert not any(isinstance(node, BNode) for node in quad)
        if isinstance(quad[2], Literal):
            assert quad[2].language or quad[2].datatype, quad


def test_iris_are_the_promised_ones(plan: Plan) -> None:
    assert str(thing_iri(plan.id, "measure", "4-2")) == ID + "kumamoto-2/measure/4-2"
    assert str(graph_iri("kumamoto-2", "said")) == (
        "https://w3id.org/shirube/graph/kumamoto-2/said"
    )


@given(
    st.text(min_size=1),
    st.sampled_from(sorted(CLASSES)),
    st.from_regex(r"[A-Z0-9-]+", fullmatch=True),
)
def test_the_iri_of_a_thing_reads_back(plan: str, kind: str, code: str) -> None:
    iri = thing_iri(plan, kind, code)
    assert parse_thing_iri(str(iri)) == (plan, kind, code)


@pytest.mark.parametrize(
    "iri",
    [
        "http://metadata.un.org/sdg/4",
        ID + "kumamoto-2/quotation/4-2",
        ID + "kumamoto-2/measure/",
        ID + "kumamoto-2/measure/4-2/5",
        "x" + ID + "kumamoto-2/measure/4-2",
    ],
)
def test_other_iris_are_no_things(iri: str) -> None:
    assert parse_thing_iri(iri) is None


def test_every_thing_but_the_strategy_is_part_of_what_has_it(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    said = graphs["said"]
    things = {p.code: thing_iri(plan.id, p.type, p.code) for p in plan.places()}
    for place in plan.places():
        above = {things[place.parent]} if place.parent else set()
        assert set(said.objects(things[place.code], DCTERMS.isPartOf)) == above
        links = said.subject_predicates(things[place.code])
        assert {
            subject for subject, predicate in links if predicate in set(PARTS.values())
        } == above


def test_what_is_said_is_in_the_plans_language_and_not_ours(graphs: dict[str, Graph]) -> None:
    said = graphs["said"]
    texts = [o for p in FIELDS.values() for _, o in said.subject_objects(URIRef(p))]
    publisher = [o for o in texts if str(o) == "Kumamoto Prefecture"]
    assert len(publisher) == 1
    assert {o.language for o in texts if o not in publisher} == {"ja"}
    for term in (SHIRUBE.alignedWith, SHIRUBE.score, SHIRUBE.interpretation):
        assert (None, term, None) not in said


def test_translations_are_apart_and_say_that_they_are_unofficial(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    translated = graphs["translated"]
    of_things = [o for p in FIELDS.values() for _, o in translated.subject_objects(URIRef(p))]
    assert len(of_things) == len(list(plan.texts())) * len(plan.translations)
    assert {o.language for o in of_things} == {one.language for one in plan.translations}
    status = set(translated.objects(graph_iri(plan.id, "translated"), DCTERMS.provenance))
    assert {o.language for o in status} == {"ja", "en"}
    assert len([o for o in status if "nofficial" in o]) == len(plan.translations)


def test_every_text_has_its_exact_words_on_their_line_of_the_document(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    said = graphs["said"]
    source = (BUNDLED_PLAN / plan.document.file).read_text("utf-8").split("\n")
    quotations = set(said.subjects(RDF.type, SHIRUBE.Quotation))
    assert len(quotations) == len(list(plan.texts()))
    for quotation in quotations:
        line = int(said.value(quotation, SHIRUBE.line))
        exact = str(said.value(quotation, SCHEMA.text))
        assert exact.split("\n")[0] in source[line - 1]
        [thing] = said.subjects(PROV.wasQuotedFrom, quotation)
        assert said.value(thing, said.value(quotation, SHIRUBE.ofProperty)) is not None


def test_the_document_is_named_with_its_digest_and_publisher(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    said = graphs["said"]
    [document] = said.subjects(RDF.type, DCAT.Distribution)
    content = (BUNDLED_PLAN / plan.document.file).read_bytes()
    assert str(said.value(document, SCHEMA.sha256)) == hashlib.sha256(content).hexdigest()
    publisher = said.value(document, DCTERMS.publisher)
    assert (publisher, RDF.type, ORG.FormalOrganization) in said
    assert (publisher, SKOS.prefLabel, Literal("熊本県", lang="ja")) in said
    assert said.value(graph_iri(plan.id, "said"), PROV.wasDerivedFrom) == document


def test_each_graph_says_in_itself_what_it_is_and_who_made_it(graphs: dict[str, Graph]) -> None:
    for graph in graphs.values():
        titles = set(graph.objects(graph.identifier, DCTERMS.title))
        assert {title.language for title in titles} == {"ja", "en"}
        assert graph.value(graph.identifier, PROV.wasAttributedTo) is not None


def test_the_strategy_has_its_period_place_and_publisher(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    said, strategy = graphs["said"], thing_iri(plan.id, "strategy", "S")
    assert said.value(strategy, SHIRUBE.endFiscalYear) == Literal("2023", datatype=XSD.gYear)
    place = URIRef("http://data.e-stat.go.jp/lod/sac/C43000")
    assert said.value(strategy, DCTERMS.spatial) == place
    label = Literal("第2期 熊本県まち・ひと・しごと創生総合戦略", lang="ja")
    assert said.value(strategy, SKOS.prefLabel) == label
    assert str(said.value(strategy, SKOS.altLabel)) == "新しいくまもと創造に向けた基本方針"


def test_readings_against_the_layout_are_judged_not_said(
    plan: Plan, graphs: dict[str, Graph]
) -> None:
    reasons = list(graphs["judged"].subject_objects(SHIRUBE.interpretation))
    components = {s for s, _ in reasons}
    assert thing_iri(plan.id, "component", "4-4-1-C1") in components
    assert len(reasons) == 2 * len(components)


def test_an_alignment_carries_all_that_was_judged(plan: Plan, graphs: dict[str, Graph]) -> None:
    judged = graphs["judged"]
    alignment = thing_iri(plan.id, "alignment", "4-2-8")
    assert str(alignment) == ID + "kumamoto-2/alignment/4-2-8"
    assert (alignment, RDF.type, SHIRUBE.SDGAlignment) in judged
    assert judged.value(alignment, OA.hasTarget) == thing_iri(plan.id, "measure", "4-2")
    assert judged.value(alignment, OA.hasBody) == SDG["8"]
    assert judged.value(alignment, SHIRUBE.score) == Literal(Decimal("1"))
    assert judged.value(alignment, SHIRUBE.reviewState) == SHIRUBE.corrected
    assert judged.value(alignment, SHIRUBE.evidence) == Literal("人材", lang="ja")
    assert set(judged.objects(alignment, SHIRUBE.reviewNote)) == {
        Literal("雇用", lang="ja"),
        Literal("Jobs", lang="en"),
    }
    activity = judged.value(alignment, PROV.wasGeneratedBy)
    assert (activity, RDF.type, PROV.Activity) in judged
    dated = thing_iri(plan.id, "alignment", "4-1-1-4.1")
    assert judged.value(dated, DCTERMS.created) == Literal(date(2026, 11, 22))


def test_only_alignments_that_hold_become_links(plan: Plan, graphs: dict[str, Graph]) -> None:
    links = set(graphs["judged"].subject_objects(SHIRUBE.alignedWith))
    measure = thing_iri(plan.id, "measure", "4-2")
    assert links == {(measure, SDG["4.4"]), (measure, SDG["8"])}


def test_an_unknown_code_is_not_built(plan: Plan) -> None:
    with pytest.raises(KeyError):
        build_dataset(plan, [replace(ROWS[0], code="9-9")])


HEADER = "code,sdg,score,method,evidence,state,note_ja,note_en"
GOOD = "4-2,4.4,0.90,retrieval-1,若者の地元定着,accepted,,"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "sdg.csv"
        file.write_bytes(text.encode(encoding))
        return file

    return write


def test_alignments_are_read_as_a_spreadsheet_saves_them(
    write: Callable[..., Path], plan: Plan
) -> None:
    note = '4-1,4,1,hand,"次世代,人材",corrected,"二行の\n記録",A note'
    text = "\r\n".join([HEADER, GOOD, "", note, ""])
    rows = read_alignments(write(text, "utf-8-sig"), plan)
    assert [(row.code, row.sdg, row.score, row.state) for row in rows] == [
        ("4-2", "4.4", Decimal("0.9"), "accepted"),
        ("4-1", "4", Decimal("1"), "corrected"),
    ]
    assert str(rows[0].score) == "0.9"
    assert rows[1].note == {"ja": "二行の\n記録", "en": "A note"}
    assert rows[1].evidence == "次世代,人材"


def test_a_date_may_stand_in_a_last_column(write: Callable[..., Path], plan: Plan) -> None:
    text = f"{HEADER},created\n{GOOD},2026-11-22\n4-1,4,1,hand,x,rejected,,,\n"
    assert [row.created for row in read_alignments(write(text), plan)] == [date(2026, 11, 22), None]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "row 1:"),
        ("code,sdg\n", "row 1:"),
        (f"{HEADER}\n{GOOD},more\n", "row 2, columns:"),
        (f"{HEADER}\n9-9,4,1,m,e,accepted,,\n", "row 2, code:"),
        (f"{HEADER}\n,4,1,m,e,accepted,,\n", "row 2, code:"),
        (f"{HEADER}\n{GOOD}\n4-2,18,1,m,e,accepted,,\n", "row 3, sdg:"),
        (f"{HEADER}\n4-2,4.4.1,1,m,e,accepted,,\n", "row 2, sdg:"),
        (f"{HEADER}\n4-2,4,1.5,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,NaN,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,sNaN,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,high,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,1e-999999,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,０.５,m,e,accepted,,\n", "row 2, score:"),
        (f"{HEADER}\n4-2,4,0.5,m,a\x01b,accepted,,\n", "row 2, evidence: U+0001"),
        (f"{HEADER}\n4-2,4,1, ,e,accepted,,\n", "row 2, method:"),
        (f"{HEADER}\n4-2,4,1,m,,accepted,,\n", "row 2, evidence:"),
        (f"{HEADER}\n4-2,4,1,m,e,OK,,\n", "row 2, state:"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", "row 3:"),
        (f'{HEADER}\n4-2,4,1,m,"e"x,accepted,,\n', "line 2:"),
        (f"{HEADER},created\n{GOOD},22.11.2026\n", "row 2, created:"),
    ],
)
def test_a_bad_alignment_is_named_by_row_and_column(
    write: Callable[..., Path], plan: Plan, text: str, place: str
) -> None:
    with pytest.raises(AlignmentError) as caught:
        read_alignments(write(text), plan)
    assert f"sdg.csv {place}" in caught.value.en
    assert caught.value.ja.startswith("sdg.csv ")


def test_another_encoding_is_named_with_its_row(write: Callable[..., Path], plan: Plan) -> None:
    with pytest.raises(AlignmentError, match=r"row 2: not UTF-8"):
        read_alignments(write(f"{HEADER}\n{GOOD}\n", "cp932"), plan)


def test_a_missing_or_huge_file_is_an_error(
    write: Callable[..., Path], plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AlignmentError, match="cannot read"):
        read_alignments(tmp_path / "none.csv", plan)
    monkeypatch.setattr("kg.alignments.MAX_BYTES", 10)
    with pytest.raises(AlignmentError, match="too large"):
        read_alignments(write(HEADER), plan)
