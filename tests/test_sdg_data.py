"""SDG alignments as files: CSV, xlsx, Turtle and JSON-LD, and what describes them."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from rdflib import Graph, URIRef
from rdflib.namespace import RDF

from kg.alignment_context import speaker
from kg.alignment_table import NAMES, csv_text
from kg.catalog import Catalog
from kg.iris import alignment_iri, iri_of
from kg.reviews import Verdict
from ontology import OA, SDG, SHIRUBE
from tests.review_data import PLAN, ROWS
from web import create_app
from web.services import Services

YES = Verdict("4-2", "4.4", "accepted", {"en": "Yes"})
ALIGNMENT = URIRef(alignment_iri(PLAN, "4-2", "4.4"))
MEASURE = URIRef(iri_of(PLAN, "measure", "4-2"))


@pytest.fixture
def client(reviewed: Services) -> FlaskClient:
    return create_app(reviewed).test_client()


def test_the_csv_is_described_and_its_mark_is_for_excel_only(client: FlaskClient) -> None:
    answer = client.get("/sdg/alignments.csv")
    assert answer.mimetype == "text/csv"
    assert not answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == len(ROWS)
    assert client.get("/sdg/alignments.csv?bom=1").data == b"\xef\xbb\xbf" + answer.data
    link = answer.headers["Link"].partition(">")[0].removeprefix("<")
    metadata = client.get(link)
    assert metadata.mimetype == "application/csvm+json"
    columns = [column["name"] for column in metadata.get_json(force=True)["tableSchema"]["columns"]]
    assert columns == list(rows[0]) == list(NAMES)


def test_the_json_keeps_the_three_states_apart_and_fits_its_schema(
    client: FlaskClient, reviewed: Services
) -> None:
    assert reviewed.writer is not None
    reviewed.writer.review(PLAN, [YES], author="hanako")
    reviewed.writer.review(PLAN, [Verdict("4-3", "9", "corrected", {}, "産業")], author="taro")
    document = client.get("/sdg/alignments.json").get_json()
    schema = client.get("/sdg/alignments.schema.json").get_json(force=True)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    by_pair = {(one["code"], one["sdg"]): one for one in document["alignments"]}
    assert len(by_pair) == len(ROWS) + 1
    read = by_pair["4-2", "4.4"]
    assert read["judged"] == {"method": "judge-1", "score": 0.9, "wording": "技能"}
    assert (read["reviewed"]["state"], read["reviewed"]["by"]) == ("accepted", "hanako")
    assert read["stated"] is False
    assert read["part"] == {"id": str(MEASURE), "relation": "own", "code": "4-2"}
    assert by_pair["4-2", "8"]["reviewed"] is None
    assert by_pair["4-3", "9"]["judged"] is None


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
def test_the_json_is_json_ld_that_says_what_the_turtle_says(
    client: FlaskClient, reviewed: Services
) -> None:
    assert reviewed.writer is not None
    reviewed.writer.review(PLAN, [YES], author="hanako")
    turtle = Graph().parse(data=client.get("/sdg/alignments.ttl").text, format="turtle")
    linked = Graph().parse(data=client.get("/sdg/alignments.jsonld").text, format="json-ld")
    for graph in (turtle, linked):
        assert graph.value(ALIGNMENT, SHIRUBE.evidenceIn) == MEASURE
        assert len(set(graph.subjects(RDF.type, SHIRUBE.SDGAlignment))) == len(ROWS)
        assert graph.value(ALIGNMENT, OA.hasBody) == SDG["4.4"]
        assert graph.value(ALIGNMENT, SHIRUBE.reviewState) == SHIRUBE.accepted
        assert [str(o) for o in graph.objects(ALIGNMENT, SHIRUBE.reviewNote)] == ["Yes"]
        assert float(str(graph.value(ALIGNMENT, SHIRUBE.score))) == 0.9
    reviews = set(turtle.subjects(RDF.type, SHIRUBE.Review))
    assert len(reviews) == 2  # hanako's, and the one that the plan's file tells of
    thing = turtle.value(ALIGNMENT, OA.hasTarget)
    assert (thing, SHIRUBE.alignedWith, SDG["4.4"]) in turtle
    assert client.get("/sdg/alignments.ttl").data == client.get("/sdg/alignments.ttl").data


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, reviewed: Services) -> None:
    etag = client.get("/sdg/alignments.json").headers["ETag"]
    again = client.get("/sdg/alignments.json", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert reviewed.writer is not None
    reviewed.writer.review(PLAN, [Verdict("4-2", "8", "rejected")], author="taro")
    changed = client.get("/sdg/alignments.json", headers={"If-None-Match": etag})
    assert changed.status_code == 200


def test_an_address_of_no_file_is_not_found(client: FlaskClient) -> None:
    assert client.get("/sdg/alignments.pdf").status_code == 404


def test_the_evidence_says_which_part_spoke(catalog: Catalog) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(catalog, "ja"), newline="")))
    spoke = {row["part"].partition(" ")[0] for row in rows}
    assert {"own", "part", "kpi", "above"} <= spoke
    by_pair = {(row["code"], row["sdg"]): row["part"] for row in rows}
    assert by_pair["2-1-1", "3"] == "above 2-1"  # the measure's title
    for row in rows:
        if row["part"]:
            other = catalog.find(row["plan"], row["part"].split()[1])
            assert other is not None
            texts = [other.label, *other.texts.values()]
            assert any(row["evidence"] in text for by in texts for text in by.values())
    assert sum(not row["part"] for row in rows) < len(rows) / 10


def test_the_graph_says_of_each_evidence_whose_text_has_it(catalog: Catalog) -> None:
    judged = [(t, one) for t in catalog.things.values() for one in t.alignments if one.state]
    assert len(judged) > 200
    for thing, one in judged:
        part = speaker(catalog, thing, one.evidence)
        assert one.evidence_in == (part.thing.iri if part else "")


def test_the_api_says_which_part_spoke(client: FlaskClient) -> None:
    [one] = client.get(f"/api/v1/things/{PLAN}/4-1").get_json()["alignments"]
    assert one["part"]["relation"] in ("own", "part", "kpi", "above")
    assert client.get(f"/api/v1/things/{PLAN}/{one['part']['code']}").status_code == 200
