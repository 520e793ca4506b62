"""`/sparql` over HTTP: protocol, negotiation, errors, the page and the well-known documents."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, RDFS, SH, VOID
from werkzeug.test import TestResponse

from kg.assembly import assemble
from kg.catalog import Catalog
from kg.examples import Example, all_examples, examples
from kg.named_queries import FOLDER
from kg.oxigraph import OxigraphStore
from kg.query import SparqlError
from kg.searching_store import SearchingStore
from kg.sparql_errors import busy, crashed, out_of_memory, timed_out, too_large
from kg.store import WHOLE, Dataset, Result
from ontology import BUNDLED_PLAN, SHIRUBE
from search.sparql_search import SparqlSearch
from tests.bare_services import bare_services
from web import create_app
from web import sparql_page as pages
from web.negotiate import choose
from web.rdf import serialised
from web.service_description import FORMATS, SD
from web.services import Services
from web.sparql_request import MAX_QUERY
from web.texts import Texts

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
SELECT = "SELECT ?x { VALUES ?x { '若者' } }"
ASK = "ASK {}"
CONSTRUCT = "CONSTRUCT { <http://例え/s> <http://e/#p> '若者'@ja } WHERE {}"
ID = "https://w3id.org/shirube/id/kumamoto-2/"


class Recording:
    """A store that notes what it is asked, and fails when told to."""

    def __init__(self, store: OxigraphStore) -> None:
        self.store = store
        self.failure: Exception | None = None
        self.dataset: Dataset | None = None
        self.timeout: float | None = None

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        self.dataset, self.timeout = dataset, timeout
        if self.failure:
            raise self.failure
        return self.store.query(text, media_type=media_type, dataset=dataset, base=base)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@pytest.fixture(scope="module")
def bundled() -> OxigraphStore:
    store = OxigraphStore()
    store.load("\n".join(assemble([BUNDLED_PLAN], lambda _ja, _en: None)).encode())
    return store


@pytest.fixture(scope="module")
def catalog(bundled: OxigraphStore) -> Catalog:
    return Catalog.from_store(bundled)


@pytest.fixture
def recording(bundled: OxigraphStore) -> Recording:
    return Recording(bundled)


@pytest.fixture
def client(
    recording: Recording,
    bundled: OxigraphStore,
    catalog: Catalog,
    request: pytest.FixtureRequest,
) -> Iterator[FlaskClient]:
    store = SearchingStore(recording, lambda: SparqlSearch(request.getfixturevalue("searcher")))
    services = bare_services(bundled, store, catalog=catalog, current=lambda: catalog)
    with create_app(services).test_client() as client:
        yield client


def get(client: FlaskClient, accept: str | None = None, **parameters: Any) -> TestResponse:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql?" + urlencode(parameters, doseq=True), headers=headers)


def problem(response: TestResponse) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json"
    document = json.loads(response.text)
    assert document["status"] == response.status_code
    assert document["type"].startswith("https://")
    assert document["title"]
    assert document["detail"]
    return cast(dict[str, Any], document)


def parsed(response: TestResponse, media_type: str | None = None) -> Graph:
    """The RDF of a response, read by Oxigraph: rdflib's JSON-LD parser uses what it deprecates."""
    media = media_type or response.mimetype
    quads = ox.parse(response.data, format=ox.RdfFormat.from_media_type(media))
    triples = [quad.triple for quad in quads]
    return Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")


# Ways to send a query


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_get_post_form_and_post_body_are_alike(client: FlaskClient, path: str) -> None:
    text = "SELECT ?x { VALUES ?x { <http://例え/若者> 'a+b & c=d%20' } }"
    answers = [
        client.get(path, query_string={"query": text}),
        client.post(path, data={"query": text}),
        client.post(path, data=text.encode(), content_type="application/sparql-query"),
        client.post(
            path, data=text.encode(), content_type="application/sparql-query;charset=UTF-8"
        ),
        client.post(path, data=urlencode({"query": text}), content_type=f"{FORM}; charset=utf-8"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.mimetype == JSON
        values = [row["x"]["value"] for row in answer.get_json()["results"]["bindings"]]
        assert sorted(values) == ["a+b & c=d%20", "http://例え/若者"]


def test_japanese_is_decoded_exactly_once(client: FlaskClient) -> None:
    for text in ("若者", "%E8%8B%A5", "%25E8", "100%"):
        query = f"SELECT ('{text}' AS ?x) {{}}"
        for answer in (get(client, query=query), client.post("/sparql", data={"query": query})):
            assert answer.get_json()["results"]["bindings"][0]["x"]["value"] == text


def test_datasets_by_parameters(client: FlaskClient, recording: Recording) -> None:
    graphs = {
        "default-graph-uri": ["http://a/1", "http://例え/2"],
        "named-graph-uri": ["http://a/3"],
    }
    expected = Dataset(("http://a/1", "http://例え/2"), ("http://a/3",))
    address = "/sparql?" + urlencode(graphs, doseq=True)
    get(client, query=ASK, **graphs)
    assert recording.dataset == expected
    client.post("/sparql", data={"query": ASK, **graphs})
    assert recording.dataset == expected
    client.post(address, data=ASK, content_type="application/sparql-query")
    assert recording.dataset == expected
    refused = get(client, query=ASK, **{"default-graph-uri": "no iri"})
    assert refused.status_code == 400
    assert problem(refused)["token"] == "no iri"


def test_a_named_graph_by_parameter(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s a ?o }"
    said = "https://w3id.org/shirube/graph/kumamoto-2/said"

    def n(**parameters: str) -> int:
        answer = get(client, query=count, **parameters).get_json()
        return int(answer["results"]["bindings"][0]["n"]["value"])

    assert 0 < n(**{"default-graph-uri": said}) < n()
    assert n(**{"named-graph-uri": said}) == 0


def test_head_and_options(client: FlaskClient) -> None:
    head = client.head("/sparql", query_string={"query": ASK})
    assert head.status_code == 200
    assert head.mimetype == JSON
    assert head.data == b""
    options = client.options(
        "/sparql",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )
    assert options.status_code == 204
    assert options.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in options.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in options.headers["Access-Control-Allow-Headers"]
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(options.headers["Allow"].split(", "))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method, headers={"Accept": "*/*"})
    assert response.status_code == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["Allow"].split(", "))
    assert response.mimetype == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Accept", "Accept-Language", "Origin"} <= response.vary.as_set(preserve_casing=True)


def test_the_types_of_bodies_are_told(client: FlaskClient) -> None:
    for response in (client.options("/sparql"), client.post("/sparql", content_type="text/plain")):
        assert "application/sparql-query" in response.headers["Accept-Post"]


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/sparql", {"data": {}, "content_type": FORM}, 400),
        ("/sparql", {"data": {"a": "b"}}, 400),
        ("/sparql?query=a&query=b", {"method": "GET"}, 400),
        ("/sparql", {"data": "query=a&query=b", "content_type": FORM}, 400),
        (f"/sparql?query={quote(ASK)}", {"data": {"query": ASK}}, 400),
        (
            f"/sparql?query={quote(ASK)}",
            {"data": ASK, "content_type": "application/sparql-query"},
            400,
        ),
        (f"/sparql?query={quote(ASK)}", {"data": {"update": ASK}}, 400),
        ("/sparql?query=%FF", {"method": "GET"}, 400),
        ("/sparql", {"data": b"query=%E8%8B", "content_type": FORM}, 400),
        ("/sparql", {"data": b"\xe8\x8b", "content_type": "application/sparql-query"}, 400),
        ("/sparql", {"data": "&".join("a=b" for _ in range(2000)), "content_type": FORM}, 400),
        ("/sparql", {"data": ASK, "content_type": "text/plain"}, 415),
        ("/sparql", {"data": b"", "content_type": None}, 415),
        ("/sparql", {"data": '{"query": 1}', "content_type": "application/json"}, 415),
        ("/sparql", {"data": {"query": ASK}, "content_type": "multipart/form-data"}, 415),
        (
            "/sparql",
            {"data": ASK, "content_type": "application/sparql-query; charset=shift_jis"},
            415,
        ),
        (f"/sparql?query={'%20' * (MAX_QUERY + 1)}", {"method": "GET"}, 414),
        ("/sparql", {"data": {"query": " " * (MAX_QUERY + 1)}}, 413),
        (
            "/sparql",
            {"data": " " * (2 * 1024 * 1024), "content_type": "application/sparql-query"},
            413,
        ),
        (f"/sparql?query={quote(ASK)}&timeout=soon", {"method": "GET"}, 400),
        (f"/sparql?query={quote(ASK)}&timeout=-1", {"method": "GET"}, 400),
        (f"/sparql?query={quote(ASK)}&timeout=nan", {"method": "GET"}, 400),
        (f"/sparql?query={quote(ASK)}&format=pdf", {"method": "GET"}, 400),
        (f"/sparql?query={quote(ASK)}&format=ttl", {"method": "GET"}, 406),
        (f"/sparql?query={quote(CONSTRUCT)}&format=csv", {"method": "GET"}, 406),
        ("/sparql?query=", {"method": "GET"}, 400),
    ],
)
def test_requests_that_are_refused(
    client: FlaskClient, path: str, options: dict[str, Any], status: int
) -> None:
    response = client.open(path, **{"method": "POST", **options})
    assert response.status_code == status
    problem(response)
    assert response.headers["Access-Control-Allow-Origin"] == "*"


# Formats


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "a"),
        ("", "a"),
        ("*/*", "a"),
        ("application/*", "b"),
        ("text/html", "a"),
        ("text/html;q=0, */*", "b"),
        ("text/html;q=0.5, application/json;q=0.6", "b"),
        ("text/*;q=0.9, application/json;q=0.8, text/html;q=0.1", "b"),
        ("TEXT/HTML", "a"),
        ("text/html;level=1, application/json;q=0.5", "a"),
        ("image/png", None),
        ("text/html;q=0", None),
        (BROWSER, "a"),
        ("application/json, text/html", "a"),
    ],
)
def test_choose(accept: str | None, expected: str | None) -> None:
    offered = {"a": "text/html", "b": "application/json"}
    assert choose(accept, list(offered.values())) == (offered[expected] if expected else None)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_choose_takes_any_header(accept: str) -> None:
    assert choose(accept, ["text/html", "text/csv"]) in ("text/html", "text/csv", None)


@pytest.mark.parametrize(
    ("accept", "parameters", "mimetype"),
    [
        (None, {}, JSON),
        ("*/*", {}, JSON),
        (JSON, {}, JSON),
        ("application/json", {}, "application/json"),
        ("application/sparql-results+xml", {}, "application/sparql-results+xml"),
        ("application/xml", {}, "application/xml"),
        ("text/csv", {}, "text/csv"),
        ("text/tab-separated-values", {}, "text/tab-separated-values"),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.6", {}, "text/tab-separated-values"),
        (f"{JSON};q=0, */*;q=0.1", {}, "application/json"),
        (BROWSER, {}, "text/html"),
        (BROWSER, {"format": "csv"}, "text/csv"),
        ("text/csv", {"format": "xml"}, "application/sparql-results+xml"),
        (None, {"format": JSON}, JSON),
        (None, {"format": "html"}, "text/html"),
        (BROWSER, {"format": ""}, "text/html"),
    ],
)
@pytest.mark.parametrize("query", [SELECT, ASK])
def test_formats_of_solutions(
    client: FlaskClient, query: str, accept: str | None, parameters: dict[str, str], mimetype: str
) -> None:
    response = get(client, accept, query=query, **parameters)
    assert response.status_code == 200
    assert response.mimetype == mimetype
    assert {"Accept", "Accept-Language", "Origin"} <= set(response.headers["Vary"].split(", "))
    if mimetype.startswith("text/"):
        assert response.mimetype_params["charset"] == "utf-8"
    if query == SELECT:
        assert "若者" in response.text


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        (BROWSER, "text/html"),
    ],
)
def test_formats_of_graphs(client: FlaskClient, accept: str | None, mimetype: str) -> None:
    response = get(client, accept, query=CONSTRUCT)
    assert response.status_code == 200
    assert response.mimetype == mimetype
    if mimetype != "text/html":
        graph = parsed(response, mimetype.replace("application/json", "application/ld+json"))
        assert [str(o) for o in graph.objects()] == ["若者"]


def test_nothing_acceptable_lists_what_there_is(client: FlaskClient) -> None:
    for query, available in ((SELECT, "text/csv"), (CONSTRUCT, "text/turtle")):
        response = get(client, "image/png", query=query)
        assert response.status_code == 406
        assert available in problem(response)["available"]


# Errors


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [("ja", "文法", "2 行 2 文字目"), ("en", "SPARQL", "Line 2, column 2")],
)
def test_a_syntax_error_is_helpful(
    client: FlaskClient, language: str, title: str, detail: str
) -> None:
    response = client.get(
        "/sparql",
        query_string={"query": "ASK {\n skos:prefLabel ?p ?o }"},
        headers={"Accept-Language": language},
    )
    assert response.status_code == 400
    assert response.headers["Content-Language"] == language
    document = problem(response)
    assert title in document["title"]
    assert detail in document["detail"]
    assert (document["line"], document["column"]) == (2, 2)
    assert document["token"] == "skos:prefLabel"
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in document["hint"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> 1 }",
        "# SELECT\nDELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        "PREFIX a: <http://a/> CLEAR ALL",
    ],
)
def test_updates_are_refused(client: FlaskClient, text: str) -> None:
    answers = [
        get(client, query=text),
        get(client, update=text),
        client.post("/sparql", data={"update": text}),
        client.post("/sparql", data={"query": text}),
        client.post("/sparql", data=text, content_type="application/sparql-update"),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert problem(answer)["kind"] == "read_only"


def test_service_is_refused(client: FlaskClient) -> None:
    text = "ASK { FILTER EXISTS { { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } } } }"
    response = get(client, query=text)
    assert response.status_code == 403
    assert problem(response)["column"] == text.index("SERVICE") + 1


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (timed_out(10, 10.123456), 503, "timeout"),
        (out_of_memory(2**30), 503, "out_of_memory"),
        (busy(), 503, "unavailable"),
        (too_large(1000), 422, "too_large"),
        (crashed(-11), 500, "crashed"),
    ],
)
def test_failures_of_the_store(
    client: FlaskClient,
    recording: Recording,
    caplog: pytest.LogCaptureFixture,
    failure: SparqlError,
    status: int,
    kind: str,
) -> None:
    recording.failure = failure
    response = get(client, query=SELECT)
    assert response.status_code == status
    document = problem(response)
    assert document["kind"] == kind
    if kind == "timeout":
        assert (document["limit"], document["elapsed"]) == (10, 10.123)
    assert ("Retry-After" in response.headers) == (kind == "unavailable")
    assert ("engine failed" in caplog.text) == (kind == "crashed")
    page = get(client, BROWSER, query=SELECT)
    assert page.status_code == status
    assert page.mimetype == "text/html"


def test_the_time_limit_is_passed_on(client: FlaskClient, recording: Recording) -> None:
    get(client, query=ASK, timeout="2.5")
    assert recording.timeout == 2.5
    client.post("/sparql", data={"query": ASK, "timeout": "3"})
    assert recording.timeout == 3
    get(client, query=ASK)
    assert recording.timeout is None


@given(
    st.dictionaries(
        st.sampled_from(["query", "update", "format", "timeout", "default-graph-uri", "lang", "x"]),
        st.text(max_size=30) | st.sampled_from([ASK, SELECT, "json", "1", "http://a"]),
    ),
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]),
    st.sampled_from([None, "*/*", BROWSER, "text/turtle", "x"]),
)
@settings(max_examples=200, deadline=None)
def test_any_request_is_answered_or_refused(
    parameters: dict[str, str], method: str, accept: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    try:
        encoded = urlencode(parameters)
    except UnicodeEncodeError:
        return
    response = _fuzzed().open(f"/sparql?{encoded}", method=method, headers=headers)
    assert response.status_code < 500
    assert response.headers["Access-Control-Allow-Origin"] == "*"


_clients: list[FlaskClient] = []


def _fuzzed() -> FlaskClient:
    """One client for all examples of a property; hypothesis and function fixtures do not mix."""
    if not _clients:
        _clients.append(create_app(bare_services(OxigraphStore())).test_client())
    return _clients[0]


# The page


def test_a_browser_gets_the_editor_with_examples(client: FlaskClient) -> None:
    for language, title in (("ja", "SPARQL で問い合わせる"), ("en", "Query with SPARQL")):
        response = client.get(f"/sparql?lang={language}", headers={"Accept": BROWSER})
        assert response.status_code == 200
        assert f'<html lang="{language}">' in response.text
        assert title in response.text
        assert "<textarea" in response.text
        assert "PREFIX shirube: &lt;https://w3id.org/shirube/ns#&gt;" in response.text
        assert len(re.findall(r'href="/sparql\?[^"]*query=', response.text)) == len(examples())


def test_every_text_of_the_page_is_in_both_languages_and_used() -> None:
    web = Path(pages.__file__).parent
    texts = Texts(web / "sparql.toml").by_key
    template = (web / "templates" / "sparql.html").read_text("utf-8")
    used = set(re.findall(r'say\("(\w+)"', template))
    assert used == {key for key in texts if "." not in key}
    assert all(set(by_language) == {"ja", "en"} for by_language in texts.values())


def test_the_page_shows_a_table_with_labels_and_downloads(client: FlaskClient) -> None:
    query = (
        "PREFIX shirube: <https://w3id.org/shirube/ns#> SELECT ?m ?none ?n ?l "
        f"{{ BIND(<{ID}measure/4-2> AS ?m) BIND('<b>'@en AS ?l) BIND(1 AS ?n) }}"
    )
    page = get(client, BROWSER, query=query, lang="ja").text
    assert "若者の地元定着と人材育成" in page
    assert 'href="/id/kumamoto-2/measure/4-2"' in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page.split("sparql-table")[1].split("</table>")[0]
    assert "format=csv" in page
    assert "1 件" in page
    english = get(client, BROWSER, query=query, lang="en").text
    assert "Retaining young people" in english


def test_the_page_does_not_link_to_scripts(client: FlaskClient) -> None:
    page = get(client, BROWSER, query="SELECT (IRI('javascript:alert(1)') AS ?x) {}").text
    assert 'href="javascript:' not in page


def test_the_page_says_what_it_leaves_out(client: FlaskClient) -> None:
    rows = " ".join(str(n) for n in range(1_005))
    page = get(client, BROWSER, query=f"SELECT * {{ VALUES ?x {{ {rows} }} }}", lang="en").text
    assert page.count("<tr>") == 1_001
    assert "1,005 rows" in page
    assert "first 1,000 rows only; 5 more" in page


def test_the_page_shows_the_mistake_in_its_line(client: FlaskClient) -> None:
    response = get(client, BROWSER, query="SELECT *\n{ ?s ?p ?o OPTINAL {} }", lang="en")
    assert response.status_code == 400
    assert "<mark>OPTINAL</mark>" in response.text
    assert "Did you mean OPTIONAL?" in response.text
    assert "{ ?s ?p ?o OPTINAL {} }</textarea>" in response.text


def test_the_page_answers_ask_and_construct(client: FlaskClient) -> None:
    assert "はい（true）" in get(client, BROWSER, query=ASK, lang="ja").text
    page = get(client, BROWSER, query=CONSTRUCT, lang="en").text
    assert "若者" in page
    assert "format=jsonld" in page
    assert (
        "Nothing matches" in get(client, BROWSER, query="SELECT ?s { ?s <a:b> 1 }", lang="en").text
    )


# Descriptions


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json"])
def test_service_description(client: FlaskClient, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == accept
    graph = parsed(response)
    endpoint = URIRef("http://localhost/sparql")
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert graph.value(service, SD.endpoint) == endpoint
    assert graph.value(service, SD.supportedLanguage) == SD.SPARQL11Query
    assert set(graph.objects(service, SD.feature)) == {SD.UnionDefaultGraph}
    assert set(graph.objects(service, SD.propertyFeature)) == {SHIRUBE.search}
    assert FORMATS["SPARQL_Results_JSON"] in set(graph.objects(service, SD.resultFormat))
    dataset = graph.value(service, SD.defaultDataset)
    named = {
        str(n) for g in graph.objects(dataset, SD.namedGraph) for n in graph.objects(g, SD.name)
    }
    assert "https://w3id.org/shirube/graph/kumamoto-2/said" in named
    assert len(named) == 5


def test_a_description_is_written_once_for_each_address(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def counting(graph: Graph, extension: str) -> str:
        written.append(extension)
        return serialised(graph, extension)

    monkeypatch.setattr("web.sparql.serialised", counting)
    client = create_app(services).test_client()
    first, again = client.get("/sparql"), client.get("/sparql")
    assert again.data == first.data
    assert written == ["ttl"]
    elsewhere = client.get("/sparql", headers={"Host": "example.org:8000"})
    assert "http://example.org:8000/sparql" in elsewhere.text
    assert written == ["ttl", "ttl"]


def test_programs_get_turtle_by_default(client: FlaskClient) -> None:
    assert client.get("/sparql").mimetype == "text/turtle"
    assert client.get("/sparql?format=nt").mimetype == "application/n-triples"
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


def test_void_counts_what_is_there(client: FlaskClient, bundled: OxigraphStore) -> None:
    response = client.get("/.well-known/void")
    assert response.mimetype == "text/turtle"
    graph = Graph().parse(data=response.data, format="turtle")
    dataset = URIRef("http://localhost/sparql#dataset")
    (count,) = bundled.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").rows()
    assert graph.value(dataset, VOID.triples) == Literal(int(str(count["n"].value)))
    measure = URIRef("https://w3id.org/shirube/ns#Measure")
    entities = [
        int(str(graph.value(part, VOID.entities)))
        for part in graph.objects(dataset, VOID.classPartition)
        if graph.value(part, VOID["class"]) == measure
    ]
    assert entities == [11]
    assert not any(isinstance(node, ox.BlankNode) for node in graph.all_nodes())


def test_examples_are_described(client: FlaskClient) -> None:
    response = client.get("/.well-known/sparql-examples", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=response.data, format="turtle")
    queries = set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    assert len(queries) == len(all_examples())
    schema = Namespace("https://schema.org/")
    for query in queries:
        languages = {
            c.language for c in graph.objects(query, RDFS.comment) if isinstance(c, Literal)
        }
        assert languages >= {"ja", "en"}
        assert graph.value(query, schema.target) == URIRef("http://localhost/sparql")
    declared = {str(prefix) for prefix in graph.objects(None, SH.prefix)}
    assert {"shirube", "skos"} <= declared


# The examples on the bundled plan


def rows(store: OxigraphStore, name: str) -> list[dict[str, str]]:
    (example,) = [one for one in examples() if one.name == name]
    return [{k: str(v.value) for k, v in row.items()} for row in store.query(example.text).rows()]


def test_a_relative_iri_is_relative_to_the_endpoint() -> None:
    store = OxigraphStore()
    store.load(b"<a:g> { <http://localhost/x> <a:p> 1 }", "application/trig")
    client = create_app(bare_services(store)).test_client()
    asked = quote("SELECT ?o { <x> <a:p> ?o }")
    assert '"1"' in client.get(f"/sparql?query={asked}", headers={"Accept": JSON}).text
    wrong = client.get("/sparql?query=" + quote("SELECT ?o {\n<x> <a:p> ?o !}"))
    assert (wrong.status_code, wrong.get_json(force=True)["line"]) == (400, 2)


def test_every_file_is_an_example() -> None:
    assert {file.stem for file in FOLDER.glob("*.rq")} == {one.name for one in all_examples()}
    assert len(examples()) == 20


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_every_example_runs_over_http(client: FlaskClient, example: Example) -> None:
    assert set(example.title) >= {"ja", "en"}
    assert get(client, query=example.text).status_code == 200
    page = get(client, BROWSER, query=example.text, lang="ja")
    assert page.status_code == 200
    assert example.title["ja"] in page.text


def test_the_searching_examples_find_something(client: FlaskClient) -> None:
    searching = [one for one in examples() if "shirube:search" in one.text]
    assert len(searching) == 3
    found = {}
    for example in searching:
        answer = get(client, query=example.text).get_json()["results"]["bindings"]
        found[example.name] = [{k: v["value"] for k, v in row.items()} for row in answer]
        assert found[example.name]
    measures = found["search-kpis-and-sdgs"]
    assert len(measures) == 10
    assert all(row["goals"] for row in measures)
    assert [float(row["score"]) for row in measures] == sorted(
        (float(row["score"]) for row in measures), reverse=True
    )
    assert found["search-service"][0]["measure"] == f"{ID}measure/4-2"


def test_counts(bundled: OxigraphStore) -> None:
    counts = {row["type"].rpartition("#")[2]: row["count"] for row in rows(bundled, "counts")}
    assert counts == {
        "BasicPolicy": "4",
        "Measure": "11",
        "Initiative": "31",
        "KPI": "25",
        "CrossCuttingTopic": "2",
    }


def test_what_the_examples_find(bundled: OxigraphStore) -> None:
    assert [row["code"] for row in rows(bundled, "measures-without-kpi")] == ["3-1"]
    kpis = rows(bundled, "kpis-of-a-measure")
    assert [row["code"] for row in kpis] == ["4-2-K1", "4-2-K2"]
    assert kpis[0]["ja"] == "新規学卒者県内就職率"
    assert len(rows(bundled, "measures")) == 11
    lines = rows(bundled, "source-lines")
    assert len(lines) == 31
    source = (BUNDLED_PLAN / "summary.ja.txt").read_text("utf-8").splitlines()
    for row in lines:
        assert row["words"] in source[int(row["line"]) - 1]
    assert {row["thing"] for row in rows(bundled, "english-label")} == {
        f"{ID}initiative/4-2-1",
        f"{ID}measure/4-2",
    }
    details = {row["code"]: row["details"].split("、") for row in rows(bundled, "components")}
    assert sorted(details["2-3-1"]) == ["UIターン", "テレワーク", "多様な人材"]
    assert {row["code"] for row in rows(bundled, "interpretations")} >= {"4-4-1-C1", "4-4-2-C1"}
    assert len(rows(bundled, "graphs")) == 5


def test_what_the_examples_find_of_the_sdgs(bundled: OxigraphStore, catalog: Catalog) -> None:
    without = {row["goal"] for row in rows(bundled, "goals-without-measures")}
    pairs = rows(bundled, "sdgs-of-measures")
    served = {row["goal"] for row in pairs}
    assert len(without) + len(served) == 17
    assert not without & served
    measures = [thing for thing in catalog.things.values() if thing.type == "measure"]
    assert {row["code"] for row in pairs} == {measure.code for measure in measures}
    states = [one.state for thing in catalog.things.values() for one in thing.alignments]
    assert len(rows(bundled, "reviewed-alignments")) == states.count("corrected") > 0
