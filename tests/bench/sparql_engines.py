"""What answers queries over a store's folder: bare pyoxigraph, our parts one by one, our peers."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib.util import find_spec
from os import getpid
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pyoxigraph as ox

from kg.oxigraph import OxigraphStore
from kg.store import N_TRIPLES, RESULTS_JSON
from kg.workers import IsolatedStore
from tests.bare_services import bare_services
from tests.bench import sparql_servers
from tests.bench.processes import descendants
from tests.sparql_servers import Server, oxigraph_binary, oxigraph_server
from web import create_app

BARE = "bare pyoxigraph"
WORKER, WEB, HTTP = "our worker", "+ web", "+ HTTP"  # each with what is before it
OXIGRAPH = "oxigraph server"
RDFLIB = "rdflib-endpoint"

Answer: TypeAlias = tuple[str, bytes]  # media type and body


@dataclass(frozen=True, slots=True)
class Engine:
    """What answers a query, and the process that does, itself or by its children."""

    ask: Callable[[str], Answer]
    pid: int

    def processes(self) -> set[int]:
        """All that may work at an answer."""
        return {self.pid} if self.pid == getpid() else {self.pid, *descendants(self.pid)}


@contextmanager
def engines(folder: Path, peers: Sequence[str]) -> Iterator[tuple[dict[str, Engine], list[str]]]:
    """All engines by name, the peers where they are installed, and which are not."""
    missing = []
    with ExitStack() as stack:
        store = IsolatedStore(folder, timeout=sparql_servers.PATIENCE)
        stack.callback(store.close)
        inside = OxigraphStore(folder)
        found: dict[str, Engine] = {
            BARE: Engine(_bare(folder), getpid()),
            WORKER: Engine(_asking(store), getpid()),
            WEB: Engine(_calling(create_app(bare_services(inside, store))), getpid()),
        }
        ours = stack.enter_context(sparql_servers.server("ours", folder, sparql_servers.PATIENCE))
        found[HTTP] = stack.enter_context(_client(ours))
        if OXIGRAPH in peers and oxigraph_binary() is None:
            missing.append(f"{OXIGRAPH} is not installed")
        elif OXIGRAPH in peers:
            peer = oxigraph_server(folder, "--union-default-graph", verb="serve-read-only")
            found[OXIGRAPH] = stack.enter_context(_client(stack.enter_context(peer)))
        if RDFLIB in peers and find_spec("rdflib_endpoint") is None:
            missing.append(f"{RDFLIB} is not installed (the group `bench` of pyproject.toml)")
        elif RDFLIB in peers:
            peer = sparql_servers.server("rdflib", folder)
            found[RDFLIB] = stack.enter_context(_client(stack.enter_context(peer)))
        yield found, missing


def rows_of(answer: Answer) -> list[str]:
    """The solutions or triples of an answer, sorted, alike whoever wrote it."""
    media_type, body = answer
    if media_type == RESULTS_JSON:
        bindings = json.loads(body)["results"]["bindings"]
        return sorted(json.dumps([_term(row, n) for n in sorted(row)]) for row in bindings)
    triples = ox.parse(body, ox.RdfFormat.from_media_type(media_type))
    return sorted(str(one.triple) for one in triples)


def _term(row: dict[str, dict[str, str]], name: str) -> list[str | None]:
    term = row[name]
    datatype = term.get("datatype", "").removesuffix("http://www.w3.org/2001/XMLSchema#string")
    return [name, term["type"], term["value"], term.get("xml:lang"), datatype]


@contextmanager
def _client(server: Server) -> Iterator[Engine]:
    """A client that keeps its connection."""
    parts = urlsplit(server.query_url)
    connection = HTTPConnection(parts.netloc, timeout=600)

    def ask(text: str) -> Answer:
        headers = {"Accept": _wanted(text), "Content-Type": "application/sparql-query"}
        try:
            connection.request("POST", parts.path, text.encode(), headers)
            response = connection.getresponse()
        except ConnectionError:  # it has waited too long for us
            connection.close()
            connection.request("POST", parts.path, text.encode(), headers)
            response = connection.getresponse()
        body = response.read()
        assert response.status == 200, (server, response.status, body[:300])
        return (response.getheader("Content-Type") or "").partition(";")[0], body

    try:
        yield Engine(ask, server.pid)
    finally:
        connection.close()


def _wanted(text: str) -> str:
    return N_TRIPLES if "CONSTRUCT" in text else RESULTS_JSON


def _bare(folder: Path) -> Callable[[str], Answer]:
    """pyoxigraph in this process, answers written out as the endpoint's are."""
    store = ox.Store.read_only(str(folder))

    def ask(text: str) -> Answer:
        results = store.query(text, use_default_graph_as_union="FROM" not in text)
        if isinstance(results, ox.QueryTriples):
            return N_TRIPLES, ox.serialize(results, format=ox.RdfFormat.N_TRIPLES) or b""
        return RESULTS_JSON, results.serialize(format=ox.QueryResultsFormat.JSON) or b""

    return ask


def _asking(store: IsolatedStore) -> Callable[[str], Answer]:
    def ask(text: str) -> Answer:
        result = store.query(text, media_type=_wanted(text))
        return result.media_type, result.body

    return ask


def _calling(app: Any) -> Callable[[str], Answer]:
    """An application called as its server does, without one."""

    def ask(text: str) -> Answer:
        body = text.encode()
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/sparql",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_ACCEPT": _wanted(text),
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/sparql-query",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
        }
        told: list[tuple[str, list[tuple[str, str]]]] = []
        parts = app(environ, lambda status, headers, _=None: told.append((status, headers)))
        answer = b"".join(parts)
        status, headers = told[0]
        assert status.startswith("200"), (status, answer[:300])
        return dict(headers)["Content-Type"].partition(";")[0], answer

    return ask
