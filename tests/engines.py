"""Every engine of the store seam as a fixture, with the same few triples in it."""

import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask, Response, request
from werkzeug.serving import make_server

from kg.oxigraph import GRAPH_FORMATS, SOLUTION_FORMATS, OxigraphStore
from kg.remote import RemoteStore
from kg.store import Store
from kg.workers import IsolatedStore
from tests.sparql_servers import (
    Server,
    oxigraph_binary,
    oxigraph_server,
    virtuoso_binary,
    virtuoso_server,
)

G, H = "http://例え/グラフ/一", "http://例え/グラフ/二"
DATA = f"""
<{G}> {{ <http://例え/若者> <http://e/名> "若者の地元定着"@ja , "youth"@en ; <http://e/n> 4 . }}
<{H}> {{ <http://例え/若者> <http://e/名> "若者の地元定着"@ja ; <http://e/n> 5 . }}
""".encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "store"
    writer = OxigraphStore(folder, read_only=False)
    writer.load(DATA, "application/trig")
    writer.close()
    return folder


def serve(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A SPARQL endpoint that is no more than the protocol needs, apart from our own code for it."""
    app = Flask("endpoint")
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TRIG)

    @app.post("/sparql")
    def sparql() -> Response:
        options = {"use_default_graph_as_union": "FROM" not in request.form["query"]}
        default = [ox.NamedNode(g) for g in request.form.getlist("default-graph-uri")]
        named = [ox.NamedNode(g) for g in request.form.getlist("named-graph-uri")]
        asked = request.headers["Accept"].split(",")[0]
        try:
            if default or named:
                results = store.query(
                    request.form["query"], default_graph=default, named_graphs=named
                )
            else:
                results = store.query(request.form["query"], **options)
        except SyntaxError as error:
            return Response(str(error), 400, mimetype="text/plain")
        if isinstance(results, ox.QueryTriples):
            body = ox.serialize(results, format=GRAPH_FORMATS[asked])
        else:
            body = results.serialize(format=SOLUTION_FORMATS[asked])
        return Response(body, mimetype=asked)

    yield from serve(app)


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[RemoteStore]:
    """The server of the `oxigraph` package, filled through its own update endpoint."""
    if oxigraph_binary() is None:
        pytest.skip("the oxigraph package is not installed")
    with oxigraph_server(None, "--union-default-graph") as server:
        yield filled(server)


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteStore]:
    if virtuoso_binary() is None:
        pytest.skip("virtuoso-t (Debian: virtuoso-opensource-7-bin) is not installed")
    with virtuoso_server(tmp_path_factory.mktemp("virtuoso")) as server:
        yield filled(server)


def filled(server: Server) -> RemoteStore:
    store = RemoteStore(
        server.query_url,
        max_bytes=4_000,
        credentials=server.credentials,
        update_url=server.update_url,
    )
    for quad in ox.parse(DATA, format=ox.RdfFormat.TRIG):
        store.update(f"INSERT DATA {{ GRAPH {quad.graph_name} {{ {quad.triple} }} }}")
    return store


ENGINES = ("memory", "disk", "isolated", "remote", "isolated remote", "oxigraph", "virtuoso")


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest, folder: Path) -> Iterator[Store]:
    store: Store
    match request.param:
        case "memory":
            store = memory = OxigraphStore(max_bytes=4_000)
            memory.load(DATA, "application/trig")
        case "disk":
            store = OxigraphStore(folder, max_bytes=4_000)
        case "isolated":
            store = IsolatedStore(folder, workers=1, max_bytes=4_000)
        case "remote":
            store = RemoteStore(f"{request.getfixturevalue('endpoint')}/sparql", max_bytes=4_000)
        case "isolated remote":
            url = f"{request.getfixturevalue('endpoint')}/sparql"
            store = IsolatedStore(partial(RemoteStore, url, max_bytes=4_000), workers=1)
        case other:
            store = request.getfixturevalue(other)
    yield store
    store.close()


def expect_differences(request: pytest.FixtureRequest, differences: Mapping[str, str]) -> None:
    """Mark a test whose name begins with a key as failing by the right of its engine.

    A difference that goes away fails the suite, for xfail is strict.
    """
    for name, reason in differences.items():
        if request.node.name.startswith(name):
            request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))
