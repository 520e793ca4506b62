"""10,000 generated queries and requests against `/sparql`, beside bare pyoxigraph."""

import ctypes
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kg.oxigraph import OxigraphStore
from kg.query import SparqlError, check_query
from tests.bare_services import bare_services
from tests.sparql_grammar import DATA, JOINED, queries, slips, soups
from web import create_app

JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
IN_OPEN = 0x20


class Witness:
    """A listener and a file that notice whoever opens them; their addresses go into queries."""

    def __init__(self, folder: Path) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.file = folder / "secret.ttl"
        self.file.write_text("<urn:secret> <urn:secret> <urn:secret> .")
        self.calls = 0
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        self._notify = -1
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._notify = self._libc.inotify_init1(os.O_NONBLOCK)
            watched = self._libc.inotify_add_watch(self._notify, os.fsencode(self.file), IN_OPEN)
            assert watched >= 0

    def place(self, text: str) -> str:
        return text.replace("URL", self.url).replace("FILE", str(self.file))

    def is_undisturbed(self) -> bool:
        opened = b""
        if self._notify >= 0:
            with suppress(BlockingIOError):
                opened = os.read(self._notify, 4096)
        return not opened and not self.calls

    def _count(self) -> None:
        with suppress(OSError):
            while True:
                connection = self._listening.accept()[0]
                self.calls += 1  # before the caller hears of it, and looks
                connection.close()

    def close(self) -> None:
        self._listening.close()
        if self._notify >= 0:
            os.close(self._notify)


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    witness = Witness(tmp_path_factory.mktemp("witness"))
    yield witness
    assert witness.is_undisturbed(), "something was opened"
    witness.close()


@pytest.fixture(scope="module")
def data(witness: Witness) -> bytes:
    return witness.place(DATA).encode()


@pytest.fixture(scope="module")
def bare(data: bytes) -> ox.Store:
    store = ox.Store()
    store.load(data, format=ox.RdfFormat.TRIG)
    return store


@pytest.fixture(scope="module")
def client(data: bytes) -> FlaskClient:
    store = OxigraphStore(max_bytes=1_000_000)
    store.load(data, "application/trig")
    return create_app(bare_services(store)).test_client()


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


def is_promised(response: TestResponse) -> bool:
    """An answer; or a refusal that says in a problem document what is wrong."""
    if response.status_code < 400:
        return True
    if response.mimetype == "text/html":
        return response.status_code < 500
    if response.request.method == "HEAD":
        return response.status_code < 500
    document = json.loads(response.data)
    members = {"type", "title", "status", "detail"} <= document.keys()
    is_named = document["status"] == response.status_code and bool(document["detail"])
    is_passing = response.status_code == 503 and document["kind"] == "timeout"
    return members and is_named and (response.status_code < 500 or is_passing)


def test_the_witness_would_notice(tmp_path: Path) -> None:
    """Otherwise the rest would prove nothing."""
    witness = Witness(tmp_path)
    assert witness.is_undisturbed()
    witness.file.read_text()
    assert sys.platform != "linux" or not witness.is_undisturbed()
    with suppress(OSError, RuntimeError):
        bool(ox.Store().query(f"ASK {{ SERVICE <{witness.url}> {{ ?s ?p ?o }} }}"))
    assert not witness.is_undisturbed()
    witness.close()


# Queries


ENDPOINT = "http://localhost/sparql"  # what relative IRIs are relative to


def bare_answer(store: ox.Store, text: str) -> list[str] | None:
    """What pyoxigraph makes of a query, in any order; None where it refuses it.

    What is joined has no language (the standard, and the W3C's agg-groupconcat-04).
    """
    text = text.replace(JOINED, f"STR({JOINED})")
    try:
        # Where a FROM stands matters, not the word in a string: our reader knows.
        own = not check_query(text, ENDPOINT).has_dataset
        results = store.query(text, base_iri=ENDPOINT, use_default_graph_as_union=own)
    except (SyntaxError, RuntimeError):
        return None
    if isinstance(results, ox.QueryTriples):
        return sorted(map(str, results))
    document = results.serialize(format=ox.QueryResultsFormat.JSON)
    assert document is not None
    return solutions(document)


def calls_an_absent_function(store: ox.Store, text: str) -> bool:
    """Which is no mistake where it is asked nothing."""
    try:
        store.query(text, base_iri=ENDPOINT)
    except RuntimeError as error:
        return "custom function" in str(error)
    return False


def solutions(document: bytes) -> list[str]:
    answer = json.loads(document)
    if "boolean" in answer:
        return [str(answer["boolean"])]
    rows = answer["results"]["bindings"]
    head = json.dumps(sorted(answer["head"]["vars"]))  # that of SELECT * has an order of our own
    return [head, *sorted(json.dumps(row, sort_keys=True) for row in rows)]


def without_names(lines: list[str]) -> list[str]:
    """Blank nodes that a query makes have another name each time."""
    return lines if not any("_:" in line or '"bnode"' in line for line in lines) else []


@fuzz(4_000)
@given(template=queries)
def test_queries_by_the_grammar_are_answered_as_by_bare_pyoxigraph(
    client: FlaskClient, bare: ox.Store, witness: Witness, template: str
) -> None:
    text = witness.place(template)
    response = client.post("/sparql", data={"query": text})
    assert is_promised(response)
    expected = bare_answer(bare, text)
    assert (response.status_code == 200) == (expected is not None), response.text
    if expected is None:
        assert response.get_json(force=True)["kind"] in ("syntax", "unsupported")
    elif response.mimetype == JSON:
        assert without_names(solutions(response.data)) == without_names(expected)
    else:
        found = sorted(str(q.triple) for q in ox.parse(response.data, format=ox.RdfFormat.TURTLE))
        assert without_names(found) == without_names(expected)


@fuzz(2_000)
@given(template=slips())
def test_queries_with_a_slip_are_read_or_refused_as_by_bare_pyoxigraph(
    client: FlaskClient, bare: ox.Store, witness: Witness, template: str
) -> None:
    text = witness.place(template)
    response = client.post("/sparql", data={"query": text})
    assert is_promised(response)
    if response.status_code == 200:  # what we accept, the engine can take as it was written
        assert bare_answer(bare, text) is not None or calls_an_absent_function(bare, text)


@fuzz(500)
@given(template=queries | slips())
def test_a_rendering_is_its_own_rendering(witness: Witness, template: str) -> None:
    try:
        rendering = check_query(witness.place(template))
    except SparqlError:
        return
    again = check_query(rendering.text)
    assert again.text == rendering.text
    assert again.reading.shape.form == rendering.reading.shape.form


@fuzz(1_000)
@given(template=soups | st.text())
def test_garbage_is_refused(client: FlaskClient, witness: Witness, template: str) -> None:
    text = witness.place(template)
    response = client.post("/sparql", data={"query": text.encode("utf-8", "replace")})
    assert is_promised(response)


# Requests

NAMES = st.sampled_from(
    [
        *("query", "update", "format", "timeout", "default-graph-uri", "named-graph-uri", "lang"),
        *("using-graph-uri", "using-named-graph-uri", "graph", "default", "Query", "", "x[]"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                "ASK {}",
                "SELECT * { ?s ?p ?o }",
                "CONSTRUCT WHERE { ?s ?p ?o }",
                "DESCRIBE <URL/a>",
            ),
            *("INSERT DATA { <a:a> <a:b> 1 }", "LOAD <URL>", "ASK { SERVICE <URL> {} }", "json"),
            *("csv", "ttl", "html", "pdf", "1", "0", "nan", "1e400", "URL", "FILE", "例え", "ja"),
        ]
    ),
    st.text(max_size=8),
)
ENCODINGS = st.sampled_from(
    [
        lambda text: quote_plus(text, errors="replace"),
        lambda text: quote(text, safe="", errors="replace").lower(),
        lambda text: quote(quote(text, errors="replace")),  # twice
        lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1"),
        lambda text: quote(text, safe="", encoding="cp932", errors="replace"),
        lambda text: quote(text, errors="replace") + "%",
        lambda text: "%C0%AF%ED%A0%80%00" + quote(text, errors="replace"),
    ]
)
PAIRS = st.lists(
    st.tuples(NAMES, VALUES, ENCODINGS).map(lambda one: f"{one[0]}={one[2](one[1])}"), max_size=4
).map("&".join)
TYPES = st.sampled_from(
    [
        *(FORM, f"{FORM}; charset=UTF-8", f"{FORM};charset=shift_jis", "multipart/form-data", None),
        *(
            "application/sparql-query",
            "application/sparql-update",
            "text/plain",
            "application/json",
        ),
        *(
            "application/sparql-query; charset=utf-8",
            "multipart/form-data; boundary=x",
            "/",
            "a;=;",
        ),
    ]
)
ACCEPTS = st.one_of(
    st.sampled_from(
        [
            *(
                None,
                "",
                "*/*",
                "text/*",
                JSON,
                "text/turtle;q=0",
                "text/html,*/*;q=0.1",
                "text/csv",
            ),
            *("application/ld+json;profile=x", "*", "a/b;q=nan", ";;;", "application/n-triples"),
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12),
)
METHODS = st.sampled_from(
    ["GET", "GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "QUERY"]
)


@fuzz(2_500)
@given(
    method=METHODS,
    path=st.sampled_from(["/sparql", "/sparql/"]),
    address=PAIRS,
    body=PAIRS.map(lambda pairs: pairs.encode("latin-1", "replace")) | st.binary(max_size=20),
    content_type=TYPES,
    accept=ACCEPTS,
    origin=st.sampled_from([None, "null", "http://例え"]),
)
def test_any_request_is_answered_or_refused(
    client: FlaskClient,
    witness: Witness,
    method: str,
    path: str,
    address: str,
    body: bytes,
    content_type: str | None,
    accept: str | None,
    origin: str | None,
) -> None:
    named = {"Accept": accept, "Origin": origin and quote(origin, safe=":/")}
    response = client.open(
        path,
        method=method,
        query_string=witness.place(address),
        data=witness.place(body.decode("latin-1")).encode("latin-1") if method == "POST" else None,
        content_type=content_type,
        headers={name: value for name, value in named.items() if value is not None},
    )
    assert is_promised(response)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if method in ("PUT", "DELETE", "PATCH", "QUERY"):
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]
    assert witness.is_undisturbed()
