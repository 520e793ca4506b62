"""Writing over HTTP: tokens, updates at `/sparql`, graphs at `/graph-store`."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg import audit, live
from kg.killable import KillableProcess
from kg.live import LiveStore, read_pointer
from kg.oxigraph import GRAPH_FORMATS, MAX_BYTES
from kg.snapshot import WriteBusyError
from kg.store import DEFAULT_GRAPH
from kg.workers import IsolatedStore
from kg.writer import Writer
from tests.bare_services import bare_services
from web import create_app
from web import graph_store as graph_store_room
from web.services import Services
from web.settings import Settings
from web.tokens import TokenError, Tokens

BUILT = "https://w3id.org/shirube/graph/p/said"
UPDATE = "application/sparql-update"
TTL = "text/turtle"
ALICE = {"Authorization": "Bearer secret-a"}
INSERT = "INSERT DATA { GRAPH <http://例え/注記> { <a:a> <a:b> '若者' } }"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one triple, as a build leaves it."""
    generation = tmp_path / "gen-0123456789ab"
    generation.mkdir()
    store = ox.Store(str(generation / "store"))
    store.add(ox.Quad(*(ox.NamedNode("a:built") for _ in range(3)), ox.NamedNode(BUILT)))
    store.flush()
    del store
    live.write_pointer(tmp_path, live.Pointer(generation.name))
    return tmp_path


def services_of(data: Path, process: KillableProcess, tokens: str) -> Services:
    return bare_services(
        LiveStore(data, MAX_BYTES),
        LiveStore(data, MAX_BYTES),
        writer=Writer(data, 30, process),
        tokens=Tokens.parse(tokens, "test"),
        revision=lambda: str(read_pointer(data)),
    )


def client_of(data: Path, process: KillableProcess, tokens: str) -> Iterator[FlaskClient]:
    services = services_of(data, process, tokens)
    with create_app(services).test_client() as client:
        yield client
    services.graph.close()
    services.store.close()


@pytest.fixture
def client(data: Path, process: KillableProcess) -> Iterator[FlaskClient]:
    yield from client_of(data, process, "alice:secret-a, bob:secret-b")


@pytest.fixture
def closed(data: Path, process: KillableProcess) -> Iterator[FlaskClient]:
    """The same without any token: read-only."""
    yield from client_of(data, process, "")


def ask(client: FlaskClient, pattern: str) -> bool:
    answer = client.get("/sparql", query_string={"query": f"ASK {{ {pattern} }}", "format": "json"})
    return bool(json.loads(answer.text)["boolean"])


def problem(response: TestResponse) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json", response.text
    return cast(dict[str, Any], json.loads(response.text))


def triples(response: TestResponse) -> set[str]:
    read = ox.parse(response.data, format=ox.RdfFormat.from_media_type(response.mimetype))
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in read}


# Tokens


def test_tokens_are_read_from_a_line_or_a_file() -> None:
    tokens = Tokens.parse("alice:secret-a,bob:secret-b", "X")
    assert tokens.holder("Bearer secret-a") == "alice"
    assert tokens.holder("bearer  secret-b ") == "bob"
    lines = Tokens.parse("# who writes\nalice:secret-a  # until spring\n\n団体:b==\nbare\n", "X")
    assert lines.holder("Bearer b==") == "団体"
    assert lines.holder("Bearer bare") == "writer"
    assert not Tokens.parse("", "X")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer secret", "Bearer あ", "Basic secret-a", "secret-a"],
)
def test_what_is_no_token_of_ours_is_nobodys(header: str | None) -> None:
    assert Tokens.parse("alice:secret-a", "X").holder(header) is None


@pytest.mark.parametrize("text", [":secret", "alice:", "alice:a b", "alice:あ", "a:x,b:x"])
def test_tokens_that_are_miswritten_are_told_and_not_shown(text: str) -> None:
    with pytest.raises(TokenError) as caught:
        Tokens.parse(text, "SHIRUBE_WRITE_TOKEN")
    assert "SHIRUBE_WRITE_TOKEN" in caught.value.ja
    assert "a b" not in caught.value.en


def test_tokens_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("alice:from-file\n")
    environment = {"SHIRUBE_DATA": str(tmp_path), "SHIRUBE_WRITE_TOKEN": "bob:from-line"}
    settings = Settings.from_environment(environment)
    assert settings.write_tokens.holder("Bearer from-line") == "bob"
    environment["SHIRUBE_WRITE_TOKEN_FILE"] = str(file)
    settings = Settings.from_environment(environment)
    assert settings.write_tokens.holder("Bearer from-file") == "alice"
    file.unlink()
    with pytest.raises(Exception, match="SHIRUBE_WRITE_TOKEN_FILE"):
        Settings.from_environment(environment)


def send(client: FlaskClient, method: str, path: str, **options: Any) -> TestResponse:
    return client.open(path, method=method, **options)


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/sparql", {"data": {"update": INSERT}}),
    ("POST", "/sparql", {"data": INSERT.encode(), "content_type": UPDATE}),
    ("PUT", "/graph-store?default", {"data": "<a:a> <a:b> 1 .", "content_type": TTL}),
    ("POST", "/graph-store?graph=a:g", {"data": "<a:a> <a:b> 1 .", "content_type": TTL}),
    ("POST", "/graph-store", {"data": "<a:a> <a:b> 1 .", "content_type": TTL}),
    ("DELETE", "/graph-store?default", {}),
]


@pytest.mark.parametrize(("method", "path", "options"), WRITES)
def test_who_may_not_write_changes_nothing(
    data: Path,
    client: FlaskClient,
    closed: FlaskClient,
    method: str,
    path: str,
    options: dict[str, Any],
) -> None:
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        refused = send(client, method, path, **options, headers=headers)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert problem(refused)["title"]
    assert send(client, method, path, **options).status_code == 403
    refused = send(closed, method, path, **options, headers=ALICE)
    assert refused.status_code == 403
    assert problem(refused)["kind"] == "read_only"
    assert read_pointer(data) == live.Pointer("gen-0123456789ab")


# Updates


@pytest.mark.parametrize(("method", "path", "options"), WRITES[:2])
def test_an_update_is_seen_with_the_next_query_and_logged(
    data: Path, client: FlaskClient, method: str, path: str, options: dict[str, Any]
) -> None:
    assert not ask(client, "?s ?p '若者'")
    done = send(client, method, path, **options, headers=ALICE)
    assert (done.status_code, done.data) == (204, b"")
    assert ask(client, "GRAPH <http://例え/注記> { ?s ?p '若者' }")
    (entry,) = audit.entries(data)
    assert (entry["author"], entry["text"], entry["outcome"]) == ("alice", INSERT, "done")


def test_using_parameters_choose_what_an_update_reads(client: FlaskClient) -> None:
    for graph in ("a:g", "a:h"):
        text = f"INSERT DATA {{ GRAPH <{graph}> {{ <{graph}> <a:p> 1 }} }}"
        assert client.post("/sparql", data={"update": text}, headers=ALICE).status_code == 204
    copy = "INSERT { GRAPH <a:new> { ?s <a:q> ?o } } WHERE { ?s <a:p> ?o }"
    form = {"update": copy, "using-graph-uri": "a:h"}
    assert client.post("/sparql", data=form, headers=ALICE).status_code == 204
    assert ask(client, "<a:h> <a:q> 1")
    assert not ask(client, "<a:g> <a:q> 1")
    address = "/sparql?" + urlencode({"using-named-graph-uri": "a:g"})
    named = "INSERT { GRAPH <a:new> { ?s <a:r> ?o } } WHERE { GRAPH ?g { ?s <a:p> ?o } }"
    done = client.post(address, data=named.encode(), content_type=UPDATE, headers=ALICE)
    assert done.status_code == 204
    assert ask(client, "<a:g> <a:r> 1")
    assert not ask(client, "<a:h> <a:r> 1")
    both = {**form, "update": copy.replace("WHERE", "USING <a:g> WHERE")}
    conflict = client.post("/sparql", data=both, headers=ALICE)
    assert conflict.status_code == 400
    assert problem(conflict)["token"] == "USING"


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/sparql", {"data": {"update": "INSERT DATA { <a:a> <a:b> }"}}, 400),
        ("/sparql", {"data": {"update": "SELECT * {}"}}, 400),
        ("/sparql", {"data": {"update": INSERT, "query": "ASK {}"}}, 400),
        ("/sparql", {"data": {"update": [INSERT, INSERT]}}, 400),
        (f"/sparql?{urlencode({'update': INSERT})}", {"method": "GET"}, 400),
        (f"/sparql?{urlencode({'update': INSERT})}", {"data": {"a": "b"}}, 400),
        ("/sparql", {"data": INSERT, "content_type": TTL}, 415),
        ("/sparql", {"data": b"\xff", "content_type": UPDATE}, 400),
        ("/sparql", {"data": {"update": f"CLEAR GRAPH <{BUILT}>"}}, 403),
        ("/sparql", {"data": {"update": "LOAD SILENT <http://127.0.0.1:9/>"}}, 403),
        ("/sparql", {"data": {"update": "LOAD <http://127.0.0.1:9/>"}}, 403),
        ("/sparql", {"data": {"update": "DROP GRAPH <a:none>"}}, 409),
    ],
)
def test_updates_that_are_refused(
    data: Path, client: FlaskClient, path: str, options: dict[str, Any], status: int
) -> None:
    response = client.open(path, **{"method": "POST", "headers": ALICE, **options})
    assert response.status_code == status
    problem(response)
    assert read_pointer(data) == live.Pointer("gen-0123456789ab")


def test_an_update_that_is_sent_as_a_query_is_told_how_to_send_it(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": INSERT}, headers=ALICE)
    assert response.status_code == 400
    assert "update=" in problem(response)["detail"]


def test_a_search_in_an_update_is_refused_rather_than_matching_nothing(client: FlaskClient) -> None:
    search = "<https://w3id.org/shirube/ns#search>"
    text = f"INSERT {{ <a:a> <a:b> ?x }} WHERE {{ ?x {search} '若者' }}"
    response = client.post("/sparql", data={"update": text}, headers=ALICE)
    assert response.status_code == 400
    assert problem(response)["kind"] == "unsupported"
    assert problem(response)["token"] == search
    data = f"INSERT DATA {{ GRAPH <a:g> {{ {search} <a:label> 'search' }} }}"
    assert client.post("/sparql", data={"update": data}, headers=ALICE).status_code == 204


def test_the_protocols_own_examples_of_updates(client: FlaskClient) -> None:
    for text in ("CLEAR ALL", "DROP NAMED", "CLEAR DEFAULT", "CLEAR SILENT GRAPH <a:none>"):
        assert client.post("/sparql", data={"update": text}, headers=ALICE).status_code == 204
    relative = "INSERT DATA { GRAPH <a:base> { <a:s> <a:p> <test> } }"
    done = client.post("/sparql", data=relative.encode(), content_type=UPDATE, headers=ALICE)
    assert done.status_code == 204
    assert ask(client, "GRAPH <a:base> { <a:s> <a:p> ?o FILTER(ISIRI(?o)) }")
    assert ask(client, "<a:built> ?p ?o")


def test_an_update_past_its_limit_is_told_and_the_store_is_as_it_was(client: FlaskClient) -> None:
    values = " ".join(map(str, range(200)))
    product = " ".join(f"VALUES ?{name} {{ {values} }}" for name in "abcdefg")
    form = {"update": f"INSERT {{ <a:a> <a:b> ?a }} WHERE {{ {product} }}", "timeout": "1"}
    late = client.post("/sparql", data=form, headers=ALICE)
    assert late.status_code == 503
    document = problem(late)
    assert document["limit"] == 1
    assert document["elapsed"] >= 1
    assert not ask(client, "<a:a> <a:b> ?o")


def test_who_waits_too_long_is_told_when_to_come_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise WriteBusyError("あとで", "later")

    for method in ("update", "load"):
        monkeypatch.setattr(Writer, method, busy)
    for method, path, options in WRITES[1:3]:
        response = send(client, method, path, **options, headers=ALICE)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"


def test_scripts_of_other_sites_may_write_with_a_token(client: FlaskClient) -> None:
    for method in ("PUT", "POST", "DELETE"):
        preflight = client.options(
            "/graph-store?default",
            headers={"Origin": "https://e.org", "Access-Control-Request-Method": method},
        )
        assert preflight.status_code == 204
        assert method in preflight.headers["Access-Control-Allow-Methods"]
        for name in ("Authorization", "If-Match", "If-None-Match"):
            assert name in preflight.headers["Access-Control-Allow-Headers"]
    assert client.open("/graph-store?default", method="PATCH").status_code == 405


@pytest.mark.parametrize("is_open", [True, False])
def test_the_description_says_what_is_true(
    client: FlaskClient, closed: FlaskClient, is_open: bool
) -> None:
    chosen = client if is_open else closed
    text = chosen.get("/sparql", headers={"Accept": TTL}).text
    assert ("SPARQL11Update" in text) is is_open
    assert (UPDATE in chosen.options("/sparql").headers["Accept-Post"]) is is_open


def test_the_description_counts_what_was_written(client: FlaskClient) -> None:
    assert "<http://例え/注記>" not in client.get("/.well-known/void").text
    client.post("/sparql", data={"update": INSERT}, headers=ALICE)
    found = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    read = ox.parse(found, format=ox.RdfFormat.N_TRIPLES)
    assert any("例え/注記" in str(quad.object) for quad in read)


# The Graph Store Protocol


def test_a_graph_is_put_read_added_to_and_deleted(client: FlaskClient) -> None:
    address = "/graph-store?" + urlencode({"graph": "http://例え/グラフ"})
    assert client.get(address).status_code == 404
    body = "<#s> <a:p> '若者'@ja .".encode()
    assert client.put(address, data=body, content_type=TTL, headers=ALICE).status_code == 201
    got = client.get(address)
    assert got.status_code == 200
    assert got.mimetype == TTL
    assert triples(got) == {'<http://例え/グラフ#s> <a:p> "若者"@ja'}
    head = client.head(address)
    assert (head.status_code, head.data, head.mimetype) == (200, b"", TTL)
    more = {"data": "<a:s> <a:p> <a:o> .", "content_type": "application/n-triples"}
    assert client.post(address, **more, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert len(triples(client.get(address))) == 2
    assert client.put(address, **more, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert triples(client.get(address)) == {"<a:s> <a:p> <a:o>"}
    assert client.delete(address, headers=ALICE).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(address, headers=ALICE).status_code == 404


def test_a_graph_that_one_has_already_is_not_sent_again(client: FlaskClient) -> None:
    address, headers = "/graph-store", {"Accept": TTL}
    graph = {"graph": "a:g"}
    body = {"data": "<a:s> <a:p> 1 .", "content_type": TTL}
    client.put(address, query_string=graph, headers=ALICE, **body)  # type: ignore[arg-type]
    tag = client.get(address, query_string=graph, headers=headers).headers["ETag"]
    again = client.get(address, query_string=graph, headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(address, query_string=graph, headers={"If-None-Match": tag, "Accept": "*/*"})
    assert other.status_code == 304
    client.delete(address, query_string=graph, headers=ALICE)
    gone = client.get(address, query_string=graph, headers={**headers, "If-None-Match": tag})
    assert gone.status_code == 404


NOTES = "/graph-store?graph=a:g"
ONE, TWO = ({"data": f"<a:s> <a:p> {n} .", "content_type": TTL} for n in (1, 2))


def tag_of(client: FlaskClient, accept: str = TTL) -> str:
    return client.get(NOTES, headers={"Accept": accept}).headers["ETag"]


def numbers(client: FlaskClient) -> set[str]:
    return {triple.split('"')[1] for triple in triples(client.get(NOTES))}


@pytest.mark.parametrize("accept", [TTL, *GRAPH_FORMATS])
def test_who_has_read_a_graph_in_any_format_may_ask_that_it_is_still_so(
    client: FlaskClient, accept: str
) -> None:
    client.put(NOTES, headers=ALICE, **ONE)
    tag = tag_of(client, accept)
    client.put("/graph-store?graph=a:other", headers=ALICE, **TWO)  # another graph is no matter
    asked = {**ALICE, "If-Match": f'"x", {tag}'}
    assert client.put(NOTES, headers=asked, **TWO).status_code == 204
    assert numbers(client) == {"2"}
    late = client.put(NOTES, headers=asked, **ONE)
    assert late.status_code == 412
    assert problem(late)["kind"] == "precondition"
    assert numbers(client) == {"2"}


@pytest.mark.parametrize(
    ("method", "options"), [("PUT", ONE), ("POST", ONE), ("DELETE", {})], ids=str
)
@pytest.mark.parametrize(
    ("asked", "is_met"),
    [
        ({"If-Match": "{tag}"}, True),
        ({"If-Match": "*"}, True),
        ({"If-Match": "W/{tag}"}, False),
        ({"If-Match": '"ttl-0", "nt-0", "none"'}, False),
        ({"If-Match": '"'}, False),
        ({"If-None-Match": "*"}, False),
        ({"If-None-Match": "W/{tag}"}, False),
        ({"If-None-Match": '"ttl-0"'}, True),
        ({"If-Match": "{tag}", "If-None-Match": "*"}, False),
    ],
    ids=str,
)
def test_a_graph_changes_only_where_it_is_as_asked(
    data: Path,
    client: FlaskClient,
    method: str,
    options: dict[str, Any],
    asked: dict[str, str],
    is_met: bool,
) -> None:
    client.put(NOTES, headers=ALICE, **TWO)
    before = read_pointer(data)
    tag = tag_of(client)
    headers = {**ALICE, **{name: value.format(tag=tag) for name, value in asked.items()}}
    response = send(client, method, NOTES, headers=headers, **options)
    assert response.status_code == (204 if is_met else 412), response.text
    assert (read_pointer(data) != before) is is_met
    assert [*audit.entries(data)][-1]["outcome"] == ("done" if is_met else "precondition")


def test_a_graph_that_is_not_there_matches_nothing(client: FlaskClient) -> None:
    refused = client.put(NOTES, headers={**ALICE, "If-Match": "*", "Accept-Language": "ja"}, **ONE)
    assert refused.status_code == 412
    assert "ありません" in problem(refused)["detail"]
    refused = client.post("/graph-store", headers={**ALICE, "If-Match": "*"}, **ONE)
    assert refused.status_code == 412
    # What would be no success in any case is told as it is (RFC 9110, section 13.2.1).
    assert client.delete(NOTES, headers={**ALICE, "If-Match": '"x"'}).status_code == 404
    make = {**ALICE, "If-None-Match": "*", "Accept-Language": "en"}
    assert client.put(NOTES, headers=make, **ONE).status_code == 201
    refused = client.put(NOTES, headers=make, **TWO)
    assert refused.status_code == 412
    assert "nothing has been changed" in problem(refused)["detail"]
    assert numbers(client) == {"1"}
    always = client.put("/graph-store?default", headers=make, **TWO)
    assert always.status_code == 412


def test_a_precondition_is_looked_at_before_the_body(client: FlaskClient) -> None:
    client.put(NOTES, headers=ALICE, **ONE)
    asked, broken = {**ALICE, "If-Match": '"ttl-0"'}, {"data": "<a:s>", "content_type": TTL}
    assert client.put(NOTES, headers=asked, **broken).status_code == 412
    built = f"/graph-store?graph={BUILT}"
    assert client.put(built, headers=asked, **broken).status_code == 403


def test_reading_may_have_conditions_too(client: FlaskClient) -> None:
    client.put(NOTES, headers=ALICE, **ONE)
    for asked in (tag_of(client), "*"):
        assert client.get(NOTES, headers={"If-Match": asked}).status_code == 200
    refused = client.get(NOTES, headers={"If-Match": '"ttl-0"'})
    assert refused.status_code == 412
    assert problem(refused)["kind"] == "precondition"
    both = {"If-Match": tag_of(client), "If-None-Match": f"W/{tag_of(client)}"}
    assert client.head(NOTES, headers=both).status_code == 304


def test_of_many_who_have_read_the_same_graph_one_writes(
    data: Path, client: FlaskClient, process: KillableProcess
) -> None:
    client.put(NOTES, headers=ALICE, **ONE)
    asked = {**ALICE, "If-Match": tag_of(client)}
    others = [KillableProcess(), KillableProcess()]  # as of other servers of the same folder
    apps = [create_app(services_of(data, one, "alice:secret-a")) for one in (process, *others)]

    def put(number: int) -> int:
        body = f"<a:s> <a:p> {number} ."
        writer = apps[number % len(apps)].test_client()
        return writer.put(NOTES, data=body, content_type=TTL, headers=asked).status_code

    with ThreadPoolExecutor(9) as pool:
        statuses = list(pool.map(put, range(10, 19)))
    for one in others:
        one.close()
    assert sorted(statuses) == [204, *[412] * 8]
    assert numbers(client) == {str(10 + statuses.index(204))}


def test_the_default_graph_is_always_there(client: FlaskClient) -> None:
    address = "/graph-store?default"
    assert triples(client.get(address)) == set()
    body = {"data": "<a:s> <a:p> <a:o> .", "content_type": TTL}
    assert client.put(address, **body, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert triples(client.get(address)) == {"<a:s> <a:p> <a:o>"}
    assert ask(client, f"GRAPH <{DEFAULT_GRAPH}> {{ <a:s> ?p ?o }}")
    assert client.delete(address, headers=ALICE).status_code == 204
    assert triples(client.get(address)) == set()


def test_a_post_to_no_graph_makes_one(client: FlaskClient) -> None:
    made = client.post("/graph-store", data="<a:s> <a:p> 1 .", content_type=TTL, headers=ALICE)
    assert made.status_code == 201
    location = made.headers["Location"]
    assert len(triples(client.get(location))) == 1
    assert len(triples(client.get("/graph-store", query_string={"graph": location}))) == 1


def test_a_graph_under_our_own_address_is_named_by_it(client: FlaskClient) -> None:
    address, body = "/graph-store/グラフ/一.ttl", {"data": "<#s> <a:p> <> .", "content_type": TTL}
    name = f"http://localhost{address}"
    assert client.get(address).status_code == 404
    assert client.put(address, **body, headers=ALICE).status_code == 201  # type: ignore[arg-type]
    for one in (address, "/graph-store?" + urlencode({"graph": name})):
        assert triples(client.get(one)) == {f"<{name}#s> <a:p> <{name}>"}
        assert client.head(one).status_code == 200
    assert client.post(address, **body, headers=ALICE).status_code == 204  # type: ignore[arg-type]
    assert client.put("/graph-store/a%20b?default", headers=ALICE).status_code == 400
    assert client.get("/graph-store/a%20b").status_code == 404
    assert client.delete(address, headers=ALICE).status_code == 204
    assert client.head(address).status_code == 404


def test_files_of_a_form_are_added_together(client: FlaskClient) -> None:
    files = [
        (io.BytesIO(b"<a:s> <a:p> 1 ."), "one.ttl", TTL),
        (io.BytesIO(b"<a:s> <a:p> <a:o> ."), "two.nt", "application/n-triples"),
    ]
    made = client.post("/graph-store?graph=a:form", data={"file": files}, headers=ALICE)
    assert made.status_code == 201
    assert len(triples(client.get("/graph-store?graph=a:form"))) == 2


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, TTL),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("text/html, */*;q=0.1", TTL),
    ],
)
def test_a_graph_comes_in_the_format_asked_for(
    client: FlaskClient, accept: str | None, mimetype: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    got = client.get("/graph-store", query_string={"graph": BUILT}, headers=headers)
    assert got.mimetype == mimetype
    assert len(triples(got)) == 1
    assert "Accept" in got.vary


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/graph-store", {}, 400),
        ("GET", "/graph-store?default&graph=a:g", {}, 400),
        ("GET", "/graph-store?graph=a:g&graph=a:h", {}, 400),
        ("GET", "/graph-store?graph=relative", {}, 400),
        ("GET", "/graph-store?default", {"headers": {"Accept": "image/png"}}, 406),
        ("PUT", "/graph-store", {"data": "", "content_type": TTL}, 400),
        ("PUT", "/graph-store?graph=a:g", {"data": "<a:s> <a:p> .", "content_type": TTL}, 400),
        ("PUT", "/graph-store?graph=a:g", {"data": "x", "content_type": "text/html"}, 415),
        ("PUT", "/graph-store?graph=a:g", {"data": "x"}, 415),
        ("PUT", "/graph-store?graph=a:g", {"data": "", "content_type": "text/plain"}, 415),
        ("PUT", "/graph-store?graph=a:g", {"data": "{}", "content_type": "application/json"}, 415),
        (
            "PUT",
            "/graph-store?graph=a:g",
            {"data": "", "content_type": f"{TTL};charset=cp932"},
            415,
        ),
        ("PUT", f"/graph-store?graph={BUILT}", {"data": "", "content_type": TTL}, 403),
        ("DELETE", f"/graph-store?graph={BUILT}", {}, 403),
    ],
)
def test_requests_for_graphs_that_are_refused(
    data: Path, client: FlaskClient, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    headers = {**ALICE, **options.pop("headers", {})} if "headers" in options else ALICE
    response = client.open(path, method=method, headers=headers, **options)
    assert response.status_code == status, response.text
    problem(response)
    assert read_pointer(data) == live.Pointer("gen-0123456789ab")


def test_a_mistake_in_a_graph_has_its_place(client: FlaskClient) -> None:
    body = "<a:s> <a:p> 1 .\n<a:s> <a:p> ."
    response = client.put("/graph-store?default", data=body, content_type=TTL, headers=ALICE)
    document = problem(response)
    assert (document["line"], document["column"]) == (2, 13)


def test_a_body_past_the_limit_is_not_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_store_room, "MAX_GRAPH", 100)
    body = "<a:s> <a:p> 1 . " * 50
    response = client.put("/graph-store?default", data=body, content_type=TTL, headers=ALICE)
    assert response.status_code == 413


def test_workers_follow_what_is_written(data: Path, client: FlaskClient) -> None:
    isolated = IsolatedStore(partial(LiveStore, data, MAX_BYTES), workers=1)
    assert isolated.query("ASK { <a:built> ?p ?o }").boolean()
    client.post("/sparql", data={"update": INSERT}, headers=ALICE)
    assert isolated.query("ASK { ?s ?p '若者' }").boolean()
    isolated.close()
