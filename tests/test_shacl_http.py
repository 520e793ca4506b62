"""`POST /shacl`: reports by anybody's shapes, and what shapes may not do."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import RDF, SH
from werkzeug.test import TestResponse

from kg.oxigraph import OxigraphStore
from kg.shacl_service import ShapesValidator
from tests.bare_services import bare_services
from web import create_app
from web.shacl import MAX_SHAPES

TTL = "text/turtle"
DATA = """
<http://例え/グラフ> { <a:good> a <a:Person> ; <a:name> "若者"@ja . <a:bad> a <a:Person> . }
<a:other> { <a:worse> a <a:Person> . }
<https://w3id.org/shirube/graph/sdg> { <a:sdg> a <a:Person> . }
"""
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<a:PersonShape> a sh:NodeShape ; sh:targetClass <a:Person> ;
  sh:property [ sh:path <a:name> ; sh:minCount 1 ;
    sh:message "名前がありません"@ja , "no name"@en ] .
"""
CORE = (
    "@prefix sh: <http://www.w3.org/ns/shacl#> . "
    "<a:S> a sh:NodeShape ; sh:targetClass <a:Person> ; "
)


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    store = OxigraphStore()
    store.load(DATA.encode(), "application/trig")
    validator = ShapesValidator()
    yield create_app(bare_services(store, validator=validator)).test_client()
    validator.close()


def post(client: FlaskClient, body: str | bytes, graph: str | None = None) -> TestResponse:
    query = {} if graph is None else {"graph": graph}
    headers = {"Accept-Language": "en", "Origin": "https://e.org"}
    return client.post("/shacl", data=body, content_type=TTL, query_string=query, headers=headers)


def focus_nodes(response: TestResponse) -> set[str]:
    assert response.status_code == 200, response.text
    assert response.mimetype == TTL
    report = Graph().parse(data=response.data, format="turtle")
    (node,) = report.subjects(RDF.type, SH.ValidationReport)
    focus = {str(o) for o in report.objects(None, SH.focusNode)}
    assert (str(report.value(node, SH.conforms)) == "true") is not bool(focus)
    assert len(set(report.objects(node, SH.result))) == len(focus)
    return focus


def test_a_graph_is_checked_with_the_shapes_that_are_sent(client: FlaskClient) -> None:
    response = post(client, SHAPES, "http://例え/グラフ")
    assert focus_nodes(response) == {"a:bad"}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert focus_nodes(post(client, SHAPES.replace("minCount 1", "minCount 0"), "a:other")) == set()


@pytest.mark.parametrize("graph", [None, "default", "union"])
def test_without_a_name_all_graphs_but_the_reference_are_checked(
    client: FlaskClient, graph: str | None
) -> None:
    assert focus_nodes(post(client, SHAPES, graph)) == {"a:bad", "a:worse"}


@pytest.mark.parametrize(
    ("accept", "start"),
    [
        ("application/ld+json", b"{"),
        ("application/n-triples", b"_:"),
        ("application/rdf+xml", b"<?xml"),
    ],
)
def test_the_report_comes_in_the_format_that_is_wanted(
    client: FlaskClient, accept: str, start: bytes
) -> None:
    response = client.post("/shacl", data=SHAPES, content_type=TTL, headers={"Accept": accept})
    assert response.mimetype == accept
    assert response.data.lstrip(b"[").startswith(start)
    refused = client.post("/shacl", data=SHAPES, content_type=TTL, headers={"Accept": "image/png"})
    assert refused.status_code == 406


def test_an_empty_body_means_our_own_shapes(client: FlaskClient) -> None:
    assert focus_nodes(post(client, "")) == set()
    measure = "<https://w3id.org/shirube/ns#Measure>"
    store = OxigraphStore()
    store.load(f"<a:g> {{ <a:m> a {measure} . }}".encode(), "application/trig")
    validator = ShapesValidator()
    app = create_app(bare_services(store, validator=validator))
    found = focus_nodes_all(post(app.test_client(), "", "a:g"))
    validator.close()
    assert found == {"a:m"}


def focus_nodes_all(response: TestResponse) -> set[str]:
    report = Graph().parse(data=response.data, format="turtle")
    return {str(o) for o in report.objects(None, SH.focusNode)}


@pytest.mark.parametrize(
    "shapes",
    [
        CORE + 'sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> {} }" ] .',
        CORE + 'sh:js [ sh:jsFunctionName "f" ] .',
        CORE + "sh:rule [ a sh:TripleRule ] .",
        CORE + 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {}" ] .',
        "<a:o> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/> .",
        '@prefix sh: <http://www.w3.org/ns/shacl#> . <a:c> sh:validator [ sh:ask "ASK {}" ] .',
    ],
)
def test_shapes_that_would_run_code_or_open_connections_are_refused(
    client: FlaskClient, shapes: str
) -> None:
    response = post(client, shapes)
    assert response.status_code == 403
    document = json.loads(response.data)
    assert document["kind"] == "forbidden"
    assert document["token"].startswith("http://www.w3.org/")


def test_mistakes_are_told_with_their_place(client: FlaskClient) -> None:
    response = post(client, "<a:a>\n<a:b> .")
    assert response.status_code == 400
    document = json.loads(response.data)
    assert (document["kind"], document["line"]) == ("rdf", 2)
    assert document["title"] == "Mistake in the RDF"
    wrong = post(client, CORE + "sh:property [ sh:minCount 1 ] .")
    assert (wrong.status_code, json.loads(wrong.data)["kind"]) == (400, "shapes")
    context = b'{"@context": "http://127.0.0.1:9/c", "@id": "a:a"}'
    remote = client.post("/shacl", data=context, content_type="application/ld+json")
    assert (remote.status_code, json.loads(remote.data)["kind"]) == (400, "rdf")


def test_requests_that_are_not_proper_are_refused(client: FlaskClient) -> None:
    assert client.get("/shacl").status_code == 405
    assert post(client, SHAPES, "a:none").status_code == 404
    assert post(client, SHAPES, "relative").status_code == 400
    two = client.post("/shacl?graph=a:g&graph=a:h", data=SHAPES, content_type=TTL)
    assert two.status_code == 400
    assert client.post("/shacl", data="x", content_type="text/html").status_code == 415
    assert post(client, b"#" * (MAX_SHAPES + 1)).status_code == 413


def test_a_regular_expression_that_never_ends_is_ended() -> None:
    store = OxigraphStore()
    store.load(f'<a:g> {{ <a:s> <a:name> "{"a" * 40}!" }}'.encode(), "application/trig")
    validator = ShapesValidator(seconds=3)
    app = create_app(bare_services(store, validator=validator))
    bomb = CORE.replace("sh:targetClass <a:Person>", "sh:targetNode <a:s>")
    bomb += 'sh:property [ sh:path <a:name> ; sh:pattern "^(a+)+$" ] .'
    response = post(app.test_client(), bomb)
    assert response.status_code == 503
    assert json.loads(response.data)["kind"] == "timeout"
    validator.seconds = 60  # the next process imports what it needs first
    assert post(app.test_client(), SHAPES).status_code == 200
    validator.close()
