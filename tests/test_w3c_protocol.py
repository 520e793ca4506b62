"""The cases of the W3C's SPARQL 1.1 protocol and service-description suites, from our knowledge of
them: each request as the suite sends it, over graphs of our own.
"""

from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib.namespace import RDF
from werkzeug.test import TestResponse

from kg.oxigraph import OxigraphStore
from tests.bare_services import bare_services
from web import create_app

ONE, TWO, THREE = (f"http://example.org/data/data{n}.rdf" for n in (1, 2, 3))
DATA = "".join(f"<{g}> {{ <{g}> a <http://example.org/Data> }}\n" for g in (ONE, TWO, THREE))
FORM = "application/x-www-form-urlencoded"
SD = "http://www.w3.org/ns/sparql-service-description#"
DEFAULT_GRAPHS = """ASK {{
    <{0}> a ?type . <{1}> a ?type . FILTER NOT EXISTS {{ <{2}> a ?type }} }}"""
NAMED_GRAPHS = """ASK {{
    GRAPH ?g1 {{ <{0}> a ?type }} GRAPH ?g2 {{ <{1}> a ?type }}
    FILTER NOT EXISTS {{ GRAPH ?g3 {{ <{2}> a ?type }} }} }}"""
FULL = """ASK {{
    <{2}> a ?type . FILTER NOT EXISTS {{ <{0}> a ?type }}
    GRAPH ?g1 {{ <{0}> a ?type }} GRAPH ?g2 {{ <{1}> a ?type }} }}"""


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    store = OxigraphStore()
    store.load(DATA.encode(), "application/trig")
    return create_app(bare_services(store)).test_client()


def asked(text: str) -> str:
    return text.format(ONE, TWO, THREE)


def sent(client: FlaskClient, way: str, text: str, dataset: dict[str, Any]) -> TestResponse:
    if way == "get":
        return client.get("/sparql", query_string=urlencode({"query": text, **dataset}, doseq=True))
    if way == "post form":
        body = urlencode({"query": text, **dataset}, doseq=True)
        return client.post("/sparql", data=body, content_type=FORM)
    address = "/sparql?" + urlencode(dataset, doseq=True)
    return client.post(address, data=text, content_type="application/sparql-query")


@pytest.mark.parametrize("way", ["get", "post form", "post direct"])
@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        ("ASK {{}}", {}),
        (DEFAULT_GRAPHS, {"default-graph-uri": [ONE, TWO]}),
        (NAMED_GRAPHS, {"named-graph-uri": [ONE, TWO]}),
        (FULL, {"default-graph-uri": THREE, "named-graph-uri": [ONE, TWO]}),
        # query_multiple_dataset: the protocol's dataset wins over the query's
        (
            DEFAULT_GRAPHS.replace("ASK", "ASK FROM <{2}>"),
            {"default-graph-uri": [ONE, TWO]},
        ),
        (NAMED_GRAPHS.replace("ASK", "ASK FROM NAMED <{2}>"), {"named-graph-uri": [ONE, TWO]}),
    ],
)
def test_query_and_its_dataset(
    client: FlaskClient, way: str, text: str, dataset: dict[str, Any]
) -> None:
    answer = sent(client, way, asked(text), dataset)
    assert answer.status_code == 200
    assert answer.get_json()["boolean"] is True


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (
            "SELECT (1 AS ?value) {}",
            ["results+xml", "results+json", "csv", "tab-sep"],
        ),
        ("ASK {}", ["sparql-results+xml", "sparql-results+json"]),
        ("DESCRIBE <http://example.org/>", ["rdf+xml", "turtle", "n-triples"]),
        ("CONSTRUCT { <a:s> <a:p> 1 } WHERE {}", ["rdf+xml", "turtle", "n-triples"]),
    ],
)
def test_query_content_type(client: FlaskClient, text: str, types: list[str]) -> None:
    media_types = (
        *("application/sparql-results+xml", "application/sparql-results+json", "text/csv"),
        *("text/tab-separated-values", "application/rdf+xml", "text/turtle"),
        "application/n-triples",
    )
    tried = [one for one in media_types if any(part in one for part in types)]
    assert len(tried) == len(types)
    for media_type in tried:
        response = client.post("/sparql", data={"query": text}, headers={"Accept": media_type})
        assert response.status_code == 200
        assert response.mimetype == media_type


@pytest.mark.parametrize(
    ("method", "address", "body", "content_type"),
    [
        ("PUT", "query=ASK%20%7B%7D", "", None),  # bad_query_method
        ("GET", "query=ASK%20%7B%7D&query=SELECT%20*%20%7B%7D", None, None),
        ("POST", "", "ASK {}", "text/plain"),  # bad_query_wrong_media_type
        ("POST", "", "query=ASK%20%7B%7D", None),  # bad_query_missing_form_type
        ("POST", "", "ASK {}", None),  # bad_query_missing_direct_type
        ("POST", "", "query=ASK%20%7B%7D".encode("utf-16"), "application/sparql-query"),
        ("POST", "", "ASK {}".encode("utf-16"), "application/sparql-query; charset=UTF-16"),
        ("GET", "query=ASK%20%7B", None, None),  # bad_query_syntax
        ("GET", "update=CLEAR%20ALL", None, None),  # bad_update_get
        ("POST", "", "update=CLEAR%20ALL&update=CLEAR%20ALL", FORM),  # bad_multiple_updates
        ("POST", "", "CLEAR ALL", "text/plain"),  # bad_update_wrong_media_type
        ("POST", "", "update=CLEAR%20ALL", None),  # bad_update_missing_form_type
        ("POST", "", "CLEAR ALL".encode("utf-16"), "application/sparql-update; charset=UTF-16"),
    ],
)
def test_bad_requests(
    client: FlaskClient,
    method: str,
    address: str,
    body: str | bytes | None,
    content_type: str | None,
) -> None:
    response = client.open(
        f"/sparql?{address}", method=method, data=body, content_type=content_type
    )
    assert 400 <= response.status_code < 500
    assert response.mimetype == "application/problem+json"


def test_service_description(client: FlaskClient) -> None:
    """returns-rdf, has-endpoint-triple, conforms-to-schema."""
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    triples = [q.triple for q in ox.parse(response.data, format=ox.RdfFormat.TURTLE)]
    by_property: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        by_property.setdefault(triple.predicate.value, []).append(triple)
    endpoints = by_property[f"{SD}endpoint"]
    assert [str(one.object) for one in endpoints] == ["<http://localhost/sparql>"]
    types = {(str(one.subject), str(one.object)) for one in by_property[str(RDF.type)]}
    assert (str(endpoints[0].subject), f"<{SD}Service>") in types
    ranges = {"defaultDataset": "Dataset", "namedGraph": "NamedGraph", "defaultGraph": "Graph"}
    for name, of_class in ranges.items():
        assert by_property[SD + name]
        for one in by_property[SD + name]:
            assert (str(one.object), f"<{SD}{of_class}>") in types
    for one in by_property[f"{SD}name"]:
        assert (str(one.subject), f"<{SD}NamedGraph>") in types
    known = (
        *("endpoint", "supportedLanguage", "feature", "resultFormat", "defaultDataset", "graph"),
        *("availableGraphs", "namedGraph", "name", "defaultGraph", "propertyFeature"),
        *("extensionFunction", "inputFormat", "entailmentRegime", "languageExtension"),
    )
    used = {name.removeprefix(SD) for name in by_property if name.startswith(SD)}
    assert used <= set(known)
