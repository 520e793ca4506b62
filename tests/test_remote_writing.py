"""Writing to other people's endpoints through our own HTTP: updates and whole graphs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kg import audit
from kg.killable import KillableProcess
from kg.oxigraph import OxigraphStore
from kg.remote import Endpoint
from kg.remote_writer import RemoteWriter
from kg.store import Store
from tests.bare_services import bare_services
from tests.sparql_servers import (
    Server,
    oxigraph_binary,
    oxigraph_server,
    virtuoso_binary,
    virtuoso_server,
)
from web import create_app
from web.tokens import Tokens

ALICE = {"Authorization": "Bearer secret-a"}
TTL = "text/turtle"
GRAPH = "/graph-store?" + urlencode({"graph": "http://例え/グラフ"})


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "oxigraph":
        if oxigraph_binary() is None:
            pytest.skip("the oxigraph package is not installed")
        with oxigraph_server(None, "--union-default-graph") as server:
            yield server
    else:
        if virtuoso_binary() is None:
            pytest.skip("virtuoso-t (Debian: virtuoso-opensource-7-bin) is not installed")
        with virtuoso_server(tmp_path_factory.mktemp("virtuoso")) as server:
            yield server


def client_of(endpoint: Endpoint, data: Path, process: KillableProcess) -> FlaskClient:
    services = bare_services(
        OxigraphStore(),
        cast(Store, endpoint.open()),
        is_remote=True,
        writer=RemoteWriter(endpoint, data, 30, process) if endpoint.update_url else None,
        tokens=Tokens.parse("alice:secret-a", "test"),
    )
    return create_app(services).test_client()


@pytest.fixture
def client(server: Server, tmp_path: Path, process: KillableProcess) -> FlaskClient:
    return client_of(
        Endpoint(server.query_url, server.update_url, server.credentials), tmp_path, process
    )


def ask(client: FlaskClient, pattern: str) -> bool:
    answer = client.post("/sparql", data={"query": f"ASK {{ {pattern} }}"})
    return bool(answer.get_json(force=True)["boolean"])


def test_an_update_goes_to_the_endpoint_and_into_the_log(
    client: FlaskClient, tmp_path: Path
) -> None:
    text = "INSERT DATA { GRAPH <http://例え/注記> { <a:a> <a:b> '若者' } }"
    assert client.post("/sparql", data={"update": text}).status_code == 403
    assert not ask(client, "?s ?p '若者'")
    done = client.post("/sparql", data={"update": text}, headers=ALICE)
    assert (done.status_code, done.data) == (204, b"")
    assert ask(client, "GRAPH <http://例え/注記> { ?s ?p '若者' }")
    (entry,) = audit.entries(tmp_path)
    assert (entry["author"], entry["text"], entry["outcome"]) == ("alice", text, "done")
    described = client.get("/sparql", headers={"Accept": TTL}).text
    assert "SPARQL11Update" in described
    assert "EmptyGraphs" not in described


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        ("INSERT DATA { <a:a> <a:b> }", 400, "syntax"),
        ("LOAD <http://127.0.0.1:9/>", 403, "forbidden"),
        ("INSERT { ?s <a:b> 1 } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, ""),
    ],
)
def test_an_update_that_is_refused_is_logged_too(
    client: FlaskClient, tmp_path: Path, text: str, status: int, kind: str
) -> None:
    response = client.post("/sparql", data={"update": text}, headers=ALICE)
    assert response.status_code == status, response.text
    problem = cast(dict[str, Any], response.get_json(force=True))
    assert kind in problem["kind"]
    assert problem["line"] == 1
    (entry,) = audit.entries(tmp_path)
    assert entry["outcome"] == problem["kind"]


def test_a_graph_is_put_read_added_to_and_deleted(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get(GRAPH).status_code == 404
    assert client.delete(GRAPH, headers=ALICE).status_code == 404
    body = "<#s> <a:p> '若者'@ja , [ <a:q> 1 ] .".encode()
    assert client.put(GRAPH, data=body, content_type=TTL).status_code == 403
    assert client.put(GRAPH, data=body, content_type=TTL, headers=ALICE).status_code == 201
    got = client.get(GRAPH, headers={"Accept": "application/n-triples"})
    assert '<http://例え/グラフ#s> <a:p> "若者"@ja .' in got.text
    assert len(got.text.splitlines()) == 3
    more = {"data": "<a:s> <a:p> <a:o> .", "content_type": "application/n-triples"}
    assert client.post(GRAPH, **more, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert len(client.get(GRAPH, headers={"Accept": "application/n-triples"}).text.split("\n")) == 5
    assert client.put(GRAPH, **more, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    got = client.get(GRAPH, headers={"Accept": "application/n-triples"})
    assert got.text == "<a:s> <a:p> <a:o> .\n"
    assert client.delete(GRAPH, headers=ALICE).status_code == 204
    assert client.get(GRAPH).status_code == 404
    outcomes = [one["outcome"] for one in audit.entries(tmp_path)]
    assert outcomes == ["missing", "done", "done", "done", "done"]


def test_a_graph_changes_only_where_it_is_as_asked(client: FlaskClient) -> None:
    one, two = ({"data": f"<a:s> <a:p> {n} .", "content_type": TTL} for n in (1, 2))
    for headers in ({"If-Match": "*"}, {"If-Match": '"ttl-0"'}):
        assert client.put(GRAPH, headers={**ALICE, **headers}, **one).status_code == 412  # type: ignore[arg-type]
    make = {**ALICE, "If-None-Match": "*"}
    assert client.put(GRAPH, headers=make, **one).status_code == 201  # type: ignore[arg-type]
    assert client.put(GRAPH, headers=make, **two).status_code == 412  # type: ignore[arg-type]
    asked = {**ALICE, "If-Match": client.get(GRAPH).headers["ETag"]}
    assert client.put(GRAPH, headers=asked, **two).status_code == 204  # type: ignore[arg-type]
    for response in (
        client.put(GRAPH, headers=asked, **one),  # type: ignore[arg-type]
        client.post(GRAPH, headers=asked, **one),  # type: ignore[arg-type]
        client.delete(GRAPH, headers=asked),
    ):
        assert response.status_code == 412
        assert response.get_json(force=True)["kind"] == "precondition"
    assert ask(client, "<a:s> <a:p> 2")
    assert not ask(client, "<a:s> <a:p> 1")
    assert client.delete(GRAPH, headers=ALICE).status_code == 204


def test_the_default_graph_is_one_with_a_name(client: FlaskClient) -> None:
    address, body = "/graph-store?default", {"data": "<a:s> <a:p> <a:o> .", "content_type": TTL}
    assert client.put(address, **body, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert client.get(address, headers={"Accept": "application/n-triples"}).text.count("\n") == 1
    assert ask(client, "<a:s> <a:p> <a:o>")
    assert client.delete(address, headers=ALICE).status_code == 204
    assert client.get(address).status_code == 200


def test_a_mistake_in_a_graph_has_its_place_and_nothing_is_sent(client: FlaskClient) -> None:
    body = "<a:s> <a:p> 1 .\n<a:s> <a:p> ."
    response = client.put(GRAPH, data=body, content_type=TTL, headers=ALICE)
    problem = cast(dict[str, Any], response.get_json(force=True))
    assert (response.status_code, problem["kind"]) == (400, "rdf")
    assert (problem["line"], problem["column"]) == (2, 13)
    assert client.get(GRAPH).status_code == 404


def test_an_endpoint_that_takes_no_updates_is_read_only(
    server: Server, tmp_path: Path, process: KillableProcess
) -> None:
    client = client_of(Endpoint(server.query_url, None, server.credentials), tmp_path, process)
    for response in (
        client.post("/sparql", data={"update": "CLEAR ALL"}, headers=ALICE),
        client.put(GRAPH, data="", content_type=TTL, headers=ALICE),
        client.delete(GRAPH, headers=ALICE),
    ):
        assert response.status_code == 403
        assert response.get_json(force=True)["kind"] == "read_only"


def test_an_endpoint_that_is_not_there_is_told(tmp_path: Path, process: KillableProcess) -> None:
    endpoint = Endpoint("http://127.0.0.1:9/sparql", "http://127.0.0.1:9/update")
    client = client_of(endpoint, tmp_path, process)
    response = client.post("/sparql", data={"update": "CLEAR SILENT DEFAULT"}, headers=ALICE)
    assert response.status_code == 503
    assert response.get_json(force=True)["kind"] == "unavailable"
    assert response.headers["Retry-After"]
    assert [one["outcome"] for one in audit.entries(tmp_path)] == ["unavailable"]
