"""One suite for every engine of the store seam, and what isolation promises beyond it."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import active_children
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask, Response, request

from kg import workers
from kg.message import UserError
from kg.oxigraph import GRAPH_FORMATS, SOLUTION_FORMATS, OxigraphStore
from kg.query import SparqlError
from kg.remote import RemoteStore
from kg.remote_client import Credentials
from kg.store import WHOLE, Dataset, Store
from kg.turns import CLIENT
from kg.workers import IsolatedStore
from tests.engines import DATA, ENGINES, G, H, endpoint, folder, oxigraph, serve, store, virtuoso

__all__ = ["endpoint", "folder", "oxigraph", "store", "virtuoso"]  # fixtures

PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?s ?t ?u }"
LARGE = "SELECT * { " + " ".join(f"VALUES ?v{i} {{ 1 2 3 4 5 6 7 8 }}" for i in range(4)) + " }"
LONGER = LARGE.replace("SELECT *", "SELECT (COUNT(*) AS ?n)").replace("1 2", "0 1 2 " * 10)
SLOW = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?s{i} ?p{i} ?o{i}" for i in range(14)) + " }"


WRITABLE = {"memory", "oxigraph", "virtuoso"}

# Where an engine differs, and by what right; a difference that goes away fails the suite.
DIFFERENCES = {
    ("virtuoso", "test_names_of_variables_in_any_script"): "its variables are in ASCII",
    ("virtuoso", "test_describe"): "what DESCRIBE tells is the engine's choice (SPARQL 1.1, 16.4)",
    ("virtuoso", "test_a_dataset_without_named_graphs_has_none"): "GRAPH then sees all it has",
    ("virtuoso", "test_graphs"): "it keeps graphs of its own",
    ("virtuoso", "test_an_iri_may_contain_the_word_service"): "it reads no escapes in IRIs (19.2)",
}


@pytest.fixture(autouse=True)
def known_difference(request: pytest.FixtureRequest) -> None:
    """Mark the tests of `DIFFERENCES` for their engine."""
    if "store" not in request.fixturenames:
        return
    name = getattr(request.node, "originalname", "")
    reason = DIFFERENCES.get((request.node.callspec.params["store"], name))
    if reason:
        request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def test_every_known_difference_is_of_a_test_that_is_here() -> None:
    assert all(engine in ENGINES and test in globals() for engine, test in DIFFERENCES)


# What every engine does


def test_select_and_its_terms(store: Store) -> None:
    result = store.query(
        "PREFIX 例: <http://例え/> SELECT ?name ?n ?none "
        '{ 例:若者 <http://e/名> ?name ; <http://e/n> ?n FILTER(LANG(?name) = "en") } ORDER BY ?n'
    )
    assert result.form == "SELECT"
    assert result.media_type == "application/sparql-results+json"
    youth = ox.Literal("youth", language="en")
    assert result.variables() == ["name", "n", "none"]
    assert result.rows() == [{"name": youth, "n": ox.Literal(n)} for n in (4, 5)]


def test_names_of_variables_in_any_script(store: Store) -> None:
    rows = store.query("SELECT ?名 { <http://例え/若者> <http://e/n> ?名 } ORDER BY ?名").rows()
    assert rows == [{"名": ox.Literal(4)}, {"名": ox.Literal(5)}]


def test_an_iri_may_contain_the_word_service(store: Store) -> None:
    assert store.query("ASK { ?s <http://e/service> ?o }").boolean() is False


def test_ask_and_construct(store: Store) -> None:
    assert store.query("ASK { <http://例え/若者> ?p 4 }").boolean() is True
    assert store.query("ASK { <http://例え/若者> ?p 6 }").boolean() is False
    made = store.query("CONSTRUCT { ?s <a:b> ?o } WHERE { ?s <http://e/n> ?o }")
    assert made.form == "CONSTRUCT"
    assert {str(triple.object) for triple in made.triples()} == {
        f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>' for n in (4, 5)
    }


def test_describe(store: Store) -> None:
    described = store.query("DESCRIBE <http://例え/若者>")
    assert described.form == "DESCRIBE"
    assert len(set(map(str, described.triples()))) == 4


@pytest.mark.parametrize("media_type", list(SOLUTION_FORMATS))
def test_formats_of_solutions(store: Store, media_type: str) -> None:
    result = store.query('SELECT ("あ,\\"" AS ?x) {}', media_type=media_type)
    assert result.media_type == media_type
    solutions = {
        "application/sparql-results+json": '"value":"あ,\\""',
        "application/sparql-results+xml": "<literal>あ,&quot;</literal>",
        "text/csv": 'x\r\n"あ,"""\r\n',
        "text/tab-separated-values": '?x\n"あ,\\""\n',
    }
    assert solutions[media_type] in result.body.decode().replace('あ,"<', "あ,&quot;<")


@pytest.mark.parametrize("media_type", list(GRAPH_FORMATS))
def test_formats_of_graphs(store: Store, media_type: str) -> None:
    result = store.query("CONSTRUCT { <a:s> <a:x#p> 'あ'@ja } WHERE {}", media_type=media_type)
    assert result.media_type == media_type
    (quad,) = ox.parse(result.body, format=GRAPH_FORMATS[media_type])
    assert quad.object == ox.Literal("あ", language="ja")


def numbers(store: Store, pattern: str, dataset: Dataset = WHOLE, clauses: str = "") -> set[str]:
    text = f"SELECT DISTINCT ?n {clauses} {{ {pattern} }}"
    return {str(row["n"].value) for row in store.query(text, dataset=dataset).rows()}


def test_the_default_graph_is_the_union(store: Store) -> None:
    assert numbers(store, "?s <http://e/n> ?n") == {"4", "5"}
    assert numbers(store, f"GRAPH <{G}> {{ ?s <http://e/n> ?n }}") == {"4"}


def test_from_and_from_named(store: Store) -> None:
    assert numbers(store, "?s <http://e/n> ?n", clauses=f"FROM <{G}>") == {"4"}
    assert numbers(store, "?s <http://e/n> ?n", clauses=f"FROM <{G}> FROM <{H}>") == {"4", "5"}
    named = f"FROM NAMED <{H}>"
    assert numbers(store, "?s <http://e/n> ?n", clauses=named) == set()
    assert numbers(store, "GRAPH ?g { ?s <http://e/n> ?n }", clauses=named) == {"5"}


def test_the_protocols_dataset_wins_over_from(store: Store) -> None:
    h = Dataset(default=(H,))
    assert numbers(store, "?s <http://e/n> ?n", h) == {"5"}
    assert numbers(store, "?s <http://e/n> ?n", h, f"FROM <{G}>") == {"5"}
    named = Dataset(named=(G,))
    assert numbers(store, "?s <http://e/n> ?n", named) == set()
    assert numbers(store, "GRAPH ?g { ?s <http://e/n> ?n }", named) == {"4"}
    assert numbers(store, "?s <http://e/n> ?n", Dataset((G, H))) == {"4", "5"}


def test_a_dataset_without_named_graphs_has_none(store: Store) -> None:
    assert numbers(store, "GRAPH ?g { ?s <http://e/n> ?n }", Dataset(default=(H,))) == set()
    clauses = f"FROM <{H}>"
    assert numbers(store, "GRAPH ?g { ?s <http://e/n> ?n }", clauses=clauses) == set()


def test_from_opens_no_file(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "secret.ttl"
    file.write_text("<a:secret> <http://e/n> 6 .")
    for iri in (file.as_uri(), f"file:{file}"):
        assert numbers(store, "?s <http://e/n> ?n", clauses=f"FROM <{iri}>") == set()
        assert numbers(store, "?s <http://e/n> ?n", Dataset(default=(iri,))) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * { ?s ?p }", "syntax"),
        ("SELECT * { ?s no:prefix ?o }", "syntax"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "forbidden"),
        ("ASK {" + "{" * 4000 + "}" * 4000 + "}", "too_deep"),
        ("INSERT DATA { <a:a> <a:b> 1 }", "read_only"),
        (LARGE, "too_large"),
    ],
)
def test_refusals(store: Store, text: str, kind: str) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query(text)
    assert caught.value.kind == kind
    assert caught.value.ja
    assert caught.value.en
    assert store.query("ASK {}").boolean() is True


def test_a_mistake_has_its_place_on_every_engine(store: Store) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query("# あ\nSELECT * { ?s ?p }")
    assert caught.value.line == 2


def test_a_graph_must_be_an_iri(store: Store) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query("ASK {}", dataset=Dataset(default=("not an iri",)))
    assert caught.value.kind == "syntax"
    assert caught.value.token == "not an iri"


def test_graphs(store: Store) -> None:
    assert list(store.graphs()) == sorted([G, H])


def test_an_update_is_seen_at_once_or_refused(store: Store, request: pytest.FixtureRequest) -> None:
    seen = "ASK { GRAPH <a:g> { <a:s> <a:p> '若者'@ja } }"
    update = "INSERT DATA { GRAPH <a:g> { <a:s> <a:p> '若者'@ja } }"
    if request.node.callspec.params["store"] in WRITABLE:
        store.update(update)
        assert store.query(seen).boolean() is True
        store.update("PREFIX a: <a:> DELETE WHERE { GRAPH a:g { ?s ?p ?o } }")
        assert store.query(seen).boolean() is False
    else:
        with pytest.raises(SparqlError) as caught:
            store.update(update)
        assert caught.value.kind == "read_only"


def test_results_know_what_they_are(store: Store) -> None:
    ask = store.query("ASK {}")
    with pytest.raises(TypeError):
        ask.rows()
    with pytest.raises(TypeError):
        store.query("SELECT * {}").boolean()


# In process


def test_the_writer_sees_its_own_changes_and_is_told_its_mistakes() -> None:
    store = OxigraphStore()
    store.update("PREFIX a: <http://a/> INSERT DATA { a:s a:p '若者'@ja }")
    assert store.query("ASK { ?s ?p '若者'@ja }").boolean() is True
    with pytest.raises(SparqlError) as caught:
        store.update("INSERT DATA { <a:a> <a:b> }")
    assert (caught.value.kind, caught.value.line, caught.value.token) == ("syntax", 1, "}")


def test_a_closed_store_says_so(folder: Path) -> None:
    for made in (OxigraphStore(), OxigraphStore(folder), IsolatedStore(folder)):
        made.close()
        with pytest.raises(ValueError, match="closed"):
            made.query("ASK {}")


def test_a_result_past_its_time_is_stopped_while_written() -> None:
    store = OxigraphStore(max_bytes=10**9)
    store.load(DATA, "application/trig")
    with pytest.raises(SparqlError) as caught:
        store.query(PRODUCT, timeout=0.05)
    assert caught.value.kind == "timeout"
    assert caught.value.limit == 0.05
    assert (caught.value.elapsed or 0) > 0.05


def test_an_unknown_format_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="text/html"):
        OxigraphStore().query("ASK {}", media_type="text/html")


# Isolated


@pytest.fixture
def others() -> set[int | None]:
    """The processes of other stores that this run keeps open."""
    return {child.pid for child in active_children()}


@pytest.fixture
def isolated(folder: Path, others: set[int | None]) -> Iterator[IsolatedStore]:
    store = IsolatedStore(folder, workers=1, timeout=30)
    yield store
    store.close()


def worker_pid(others: set[int | None]) -> int:
    (pid,) = {child.pid for child in active_children()} - others
    assert pid is not None
    return pid


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_query_past_its_limit_is_killed_and_the_next_is_answered(
    isolated: IsolatedStore, others: set[int | None]
) -> None:
    isolated.query("ASK {}")
    pid = worker_pid(others)
    with pytest.raises(SparqlError) as caught:
        isolated.query(SLOW, timeout=0.3)
    assert caught.value.kind == "timeout"
    assert caught.value.limit == 0.3
    assert (caught.value.elapsed or 0) >= 0.3
    assert wait_until(lambda: not is_alive(pid))
    assert isolated.query("ASK {}").boolean() is True


def test_the_stores_limit_caps_what_a_query_asks_for(folder: Path) -> None:
    store = IsolatedStore(folder, workers=1, timeout=0.2)
    try:
        with pytest.raises(SparqlError) as caught:
            store.query(SLOW, timeout=3600)
        assert caught.value.limit == 0.2
    finally:
        store.close()


def test_a_crash_costs_one_query(isolated: IsolatedStore, others: set[int | None]) -> None:
    isolated.query("ASK {}")
    pid = worker_pid(others)
    kill = threading.Timer(0.3, os.kill, (pid, signal.SIGSEGV))
    kill.start()
    with pytest.raises(SparqlError) as caught:
        isolated.query(SLOW)
    kill.join()
    assert caught.value.kind == "crashed"
    assert isolated.query("ASK {}").boolean() is True


def test_a_worker_that_dies_while_idle_costs_nothing(
    isolated: IsolatedStore, others: set[int | None]
) -> None:
    for _ in range(2):
        isolated.query("ASK {}")
        pid = worker_pid(others)
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda dead=pid: not Path(f"/proc/{dead}").exists())
        assert isolated.query("ASK {}").boolean() is True


@pytest.mark.skipif(
    sys.platform != "linux", reason="RLIMIT_DATA counts mapped memory on Linux only"
)
def test_memory_is_bounded(folder: Path) -> None:
    store = IsolatedStore(folder, workers=1, memory=300 * 2**20, timeout=60)
    hungry = SLOW.replace("SELECT (COUNT(*) AS ?n)", "SELECT *") + " ORDER BY ?o1 ?o2"
    try:
        with pytest.raises(SparqlError) as caught:
            store.query(hungry)
        assert caught.value.kind == "out_of_memory"
        assert store.query("ASK {}").boolean() is True
    finally:
        store.close()


def test_when_all_workers_are_busy_the_next_waits_no_longer_than_its_limit(
    isolated: IsolatedStore,
) -> None:
    isolated.query("ASK {}")
    errors: list[UserError] = []

    def slow() -> None:
        try:
            isolated.query(SLOW, timeout=2)
        except SparqlError as error:
            errors.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    assert wait_until(isolated.is_busy)
    with pytest.raises(SparqlError) as caught:
        isolated.query("ASK {}", timeout=0.1)
    assert caught.value.kind == "unavailable"
    thread.join()
    assert [error.kind for error in errors if isinstance(error, SparqlError)] == ["timeout"]


def hold(store: IsolatedStore, text: str = SLOW, seconds: float = 20) -> threading.Thread:
    """A thread in which a slow query runs until its store is closed, or its time is over."""

    def ask() -> None:
        with suppress(SparqlError, ValueError):
            store.query(text, timeout=seconds)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_slow_queries_leave_a_worker_for_the_others(folder: Path) -> None:
    store = IsolatedStore(folder, workers=2, timeout=30)
    store.query("ASK {}")
    slow = [hold(store, f"{SLOW} # {n}") for n in range(4)]
    CLIENT.set("another")
    answered = [store.query("ASK {}").boolean() for _ in range(100)]
    assert any(thread.is_alive() for thread in slow)
    assert answered == [True] * 100
    store.close()
    for thread in slow:
        thread.join()


def test_who_waits_for_an_answer_when_the_store_is_closed_is_told(folder: Path) -> None:
    store = IsolatedStore(folder, workers=1)
    store.query("ASK {}")
    thread = hold(store)
    assert wait_until(store.is_busy)
    store.close()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_slow_query_beside_too_many_others_waits_for_its_turn(
    folder: Path, others: set[int | None]
) -> None:
    store = IsolatedStore(folder, workers=2, timeout=60)
    store.query("ASK {}")
    threads = [hold(store, seconds=2)]
    assert wait_until(lambda: has_nice_child(others))  # it goes on, behind what is quick
    assert told(store, f"{SLOW} # another", 4) == "timeout"  # it has run, after the first
    assert not threads[0].is_alive()
    store.close()
    threads[0].join()


def test_no_more_slow_queries_wait_than_are_likely_to_have_their_turn(
    folder: Path, others: set[int | None]
) -> None:
    store = IsolatedStore(folder, workers=2, timeout=60)
    store.query("ASK {}")
    first = hold(store, seconds=60)
    assert wait_until(lambda: has_nice_child(others))
    text = f"{SLOW} # another"
    assert told(store, text, 2) == "unavailable"  # it waited for its place, and is known now
    kinds: list[str | None] = []

    def ask() -> None:
        with suppress(ValueError):  # the store is closed
            kinds.append(told(store, text, 60))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: kinds == ["unavailable"])
    assert sum(thread.is_alive() for thread in threads) == 3
    assert store.query("ASK {}").boolean() is True
    store.close()
    for thread in [first, *threads]:
        thread.join()


def has_nice_child(others: set[int | None]) -> bool:
    pids = {child.pid for child in active_children()} - others
    own = os.getpriority(os.PRIO_PROCESS, 0)
    return any(os.getpriority(os.PRIO_PROCESS, pid) > own for pid in pids if pid)


def told(store: IsolatedStore, text: str, seconds: float = 20) -> str | None:
    try:
        store.query(text, timeout=seconds)
    except SparqlError as error:
        return error.kind
    return None


def test_a_worker_that_was_slow_gives_its_memory_back(
    isolated: IsolatedStore, others: set[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated.query("ASK {}")
    quick = worker_pid(others)
    isolated.query("ASK {}")
    assert worker_pid(others) == quick
    monkeypatch.setattr(workers, "SLICE", 0.0)
    assert isolated.query(LONGER).form == "SELECT"  # not over before anybody has looked
    assert wait_until(lambda: quick not in {one.pid for one in active_children()})
    assert isolated.query("ASK {}").boolean() is True


def test_many_fast_queries_at_once_are_all_answered(isolated: IsolatedStore) -> None:
    isolated.query("ASK {}")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: isolated.query("ASK {}").boolean(), range(80)))
    assert answers == [True] * 80


def test_a_missing_folder_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        IsolatedStore(tmp_path / "nothing")


def test_workers_import_little() -> None:
    heavy = ("flask", "click", "faiss", "torch", "rdflib", "numpy", "search", "web")
    code = f"import sys, kg.workers; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_workers_die_with_a_killed_parent(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        from multiprocessing import active_children
        from pathlib import Path
        from kg.workers import IsolatedStore

        if __name__ == "__main__":
            store = IsolatedStore(Path({str(folder)!r}), workers=1, timeout=2)
            store.query("ASK {{}}")
            print(active_children()[0].pid, flush=True)
            store.query({SLOW!r})
        """)
    )
    root = str(Path(__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_alive(worker)
        parent.kill()
        parent.wait()
        assert wait_until(lambda: not is_alive(worker))


# Remote


def answering(view: Callable[[], Response]) -> Iterator[str]:
    app = Flask("other")
    app.post("/")(view)
    yield from serve(app)


def with_endpoint(view: Callable[[], Response], test: Callable[[str], None]) -> None:
    server = answering(view)
    try:
        test(next(server) + "/")
    finally:
        server.close()  # type: ignore[attr-defined]


def refusal(store: RemoteStore, text: str = "ASK {}") -> SparqlError:
    with pytest.raises(SparqlError) as caught:
        store.query(text)
    return caught.value


def test_a_passing_failure_is_tried_again() -> None:
    calls: list[str] = []

    def view() -> Response:
        calls.append(request.headers["Authorization"])
        if len(calls) < 3:
            return Response("later", 503)
        return Response('{"head":{},"boolean":true}', mimetype="application/sparql-results+json")

    def check(url: str) -> None:
        assert (
            RemoteStore(url, credentials=Credentials(token="x")).query("ASK {}").boolean() is True
        )
        assert calls == ["Bearer x"] * 3

    with_endpoint(view, check)


def test_a_lasting_failure_is_reported_once() -> None:
    calls: list[int] = []

    def view() -> Response:
        calls.append(1)
        return Response("<h1>no</h1>", 401, mimetype="text/html")

    def check(url: str) -> None:
        error = refusal(RemoteStore(url))
        assert error.kind == "unavailable"
        assert "401" in error.en
        assert "<h1>" not in error.en
        assert len(calls) == 1

    with_endpoint(view, check)


@pytest.mark.parametrize(
    "body", ["[]", '"no"', '{"kind": "timeout"}', '{"limit": "1"}', "[" * 60_000, "{", ""]
)
def test_an_error_of_any_shape_is_reported(body: str) -> None:
    def check(url: str) -> None:
        error = refusal(RemoteStore(url))
        assert error.kind == "unavailable"
        assert "500" in error.en

    with_endpoint(lambda: Response(body, 500, mimetype="application/json"), check)


def test_an_error_whose_words_never_arrive_is_reported() -> None:
    release = threading.Event()

    def words() -> Iterator[bytes]:
        yield b"it "
        release.wait(20)

    def check(url: str) -> None:
        try:
            error = refusal(RemoteStore(url, timeout=0.3))
        finally:
            release.set()
        assert error.kind == "unavailable"
        assert "500" in error.en

    with_endpoint(lambda: Response(words(), 500), check)


def test_a_form_and_credentials_follow_no_redirect() -> None:
    heard: list[str] = []

    def elsewhere() -> Response:
        heard.append(request.headers.get("Authorization", ""))
        return Response()

    def check(other: str) -> None:
        def check(url: str) -> None:
            error = refusal(RemoteStore(url, credentials=Credentials(token="secret")))
            assert error.kind == "unavailable"
            assert other in error.en
            assert not heard

        for status in (301, 302, 303, 307, 308):
            with_endpoint(lambda s=status: Response("", s, {"Location": other}), check)

    with_endpoint(elsewhere, check)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({"X-SPARQL-MaxRows": "1"}, "unavailable"), ({"X-SQL-State": "S1TAT"}, "timeout")],
)
def test_what_virtuoso_cuts_short_is_no_answer(headers: dict[str, str], kind: str) -> None:
    body = '{"head":{"vars":["x"]},"results":{"bindings":[{}]}}'
    answer = Response(body, headers=headers, mimetype="application/sparql-results+json")
    with_endpoint(
        lambda: answer,
        lambda url: check_kind(refusal(RemoteStore(url), "SELECT ?x {}"), kind),
    )


def check_kind(error: SparqlError, kind: str) -> None:
    assert error.kind == kind


@pytest.mark.parametrize(
    ("query", "media_type", "body"),
    [
        ("SELECT ?x {}", "application/sparql-results+json", '{"head":{"vars":["x"]},"results":{'),
        ("SELECT ?x {}", "application/sparql-results+json", '{"head":{},"boolean":true}'),
        ("ASK {}", "application/sparql-results+json", "timeout"),
        ("ASK {}", "application/sparql-results+xml", "<sparql><head/><bool"),
        ("CONSTRUCT { ?s ?p ?o } {}", "text/turtle", "<a:a> <a:b> "),
        ("CONSTRUCT { ?s ?p ?o } {}", "application/n-triples", "<a:a> <a:b> 1 ."),
    ],
)
def test_a_damaged_answer_is_no_answer(query: str, media_type: str, body: str) -> None:
    """Oxigraph's own server, for one, ends a query past its time in the middle of a 200."""
    with_endpoint(
        lambda: Response(body, mimetype=media_type),
        lambda url: check_kind(refusal(RemoteStore(url), query), "unavailable"),
    )


def test_any_standard_format_of_an_endpoint_is_read() -> None:
    xml = ox.parse_query_results(
        b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"a:b"}}]}}',
        format=ox.QueryResultsFormat.JSON,
    ).serialize(format=ox.QueryResultsFormat.XML)

    def solutions(url: str) -> None:
        csv = RemoteStore(url).query("SELECT ?x {}", media_type="text/csv")
        assert csv.body.split() == [b"x", b"a:b"]

    def triples(url: str) -> None:
        made = RemoteStore(url).query("CONSTRUCT { ?s ?p ?o } {}")
        assert made.body == b"<a:a> <a:b> <a:c> .\n"

    with_endpoint(lambda: Response(xml, mimetype="application/sparql-results+xml"), solutions)
    with_endpoint(lambda: Response("<a:a> <a:b> <a:c> .", mimetype="text/turtle"), triples)


def test_an_update_is_sent_once_and_its_fate_is_not_made_up() -> None:
    calls: list[dict[str, list[str]]] = []

    def view() -> Response:
        calls.append(request.form.to_dict(flat=False))
        return Response("later", 503)

    def check(url: str) -> None:
        store = RemoteStore(url, update_url=url)
        with pytest.raises(SparqlError) as caught:
            store.update("INSERT DATA { <a:a> <a:b> 1 }", dataset=Dataset(("a:d",), ("a:n",)))
        assert caught.value.kind == "unavailable"
        assert len(calls) == 1
        assert calls[0]["using-graph-uri"] == ["a:d"]
        assert calls[0]["using-named-graph-uri"] == ["a:n"]

    with_endpoint(view, check)
    lost = RemoteStore("http://127.0.0.1:9/", update_url="http://127.0.0.1:9/", timeout=5)
    with pytest.raises(SparqlError) as caught:
        lost.update("CLEAR ALL")
    assert "may have been applied" in caught.value.en
    for text in ("LOAD <http://127.0.0.1:9/>", "INSERT {} WHERE { SERVICE <a:a> {} }"):
        with pytest.raises(SparqlError) as caught:
            lost.update(text)
        assert caught.value.kind == "forbidden"


def test_a_wrong_password_is_told_and_never_shown(virtuoso: RemoteStore) -> None:
    url = virtuoso._updates._url  # type: ignore[union-attr]
    secrets = Credentials(token="t0ken", user="dba", password="wr0ng")
    for credentials in (secrets, Credentials(user="dba", password="wr0ng"), Credentials()):
        store = RemoteStore(url, credentials=credentials, update_url=url)
        with pytest.raises(SparqlError) as caught:
            store.update("INSERT DATA { GRAPH <a:g> { <a:a> <a:b> 1 } }")
        assert "401" in caught.value.en
        assert not re.search("wr0ng|t0ken", f"{caught.value}{credentials!r}")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/", "http://", "http://me:pass@127.0.0.1/", "sparql"]
)
def test_an_address_must_be_one_without_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        RemoteStore(url)
    assert "pass@" not in str(caught.value)


def test_another_media_type_is_no_answer() -> None:
    def check(url: str) -> None:
        assert refusal(RemoteStore(url)).kind == "unavailable"

    with_endpoint(lambda: Response("<html>", mimetype="text/html"), check)


def test_a_slow_endpoint_times_out() -> None:
    release = threading.Event()

    def view() -> Response:
        release.wait(20)
        return Response("late")

    def check(url: str) -> None:
        try:
            error = refusal(RemoteStore(url, timeout=0.3))
        finally:
            release.set()
        assert (error.kind, error.limit) == ("timeout", 0.3)

    with_endpoint(view, check)


def test_an_endpoint_that_is_not_there() -> None:
    assert refusal(RemoteStore("http://127.0.0.1:9/", timeout=5)).kind == "unavailable"


def test_the_column_of_a_remote_complaint_is_turned_into_a_place() -> None:
    rendered = "SELECT * { ?s ?p ?o . LATERAL { ?x ?y ?z } }"

    def check(url: str) -> None:
        error = refusal(RemoteStore(url), "SELECT *\n{ ?s ?p ?o .\n  LATERAL { ?x ?y ?z } }")
        assert (error.kind, error.line, error.column, error.token) == ("syntax", 3, 3, "LATERAL")
        assert message in error.en

    message = f"parse error at line 1, column {rendered.index('LATERAL') + 1}"
    with_endpoint(lambda: Response(message, 400, mimetype="text/plain"), check)
