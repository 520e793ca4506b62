"""The one writer: changes are whole, seen at once, survive any death, and are written down."""

import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import audit, live, writer
from kg.killable import KillableProcess
from kg.live import LiveStore, live_store, read_pointer
from kg.message import UserError
from kg.oxigraph import MAX_BYTES
from kg.query import SparqlError
from kg.snapshot import WriteBusyError, turn_to_write
from kg.store import DEFAULT_GRAPH
from kg.workers import IsolatedStore
from kg.writer import Writer

BUILT = "https://w3id.org/shirube/graph/p/said"
PRODUCT = " . ".join(f"?s{i} ?p{i} ?o{i}" for i in range(9))
TTL = "text/turtle"


def make_data(data: Path, triples: int = 100) -> Path:
    """A data folder with a generation that has `triples` triples, as a build leaves it."""
    generation = data / "gen-0123456789ab"
    generation.mkdir(parents=True)
    store = ox.Store(str(generation / "store"))
    lines = [f"<http://e/{i}> <http://e/n> {i} ." for i in range(triples)]
    store.bulk_load("\n".join(lines), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(BUILT))
    store.flush()
    del store
    live.write_pointer(data, live.Pointer(generation.name))
    return data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path / "data")


@pytest.fixture
def writing(data: Path, process: KillableProcess) -> Writer:
    return Writer(data, seconds=20, process=process)


def values(data: Path, pattern: str) -> list[str]:
    store = LiveStore(data, MAX_BYTES)
    rows = store.query(f"SELECT ?x {{ {pattern} }}").rows()
    store.close()
    return sorted(str(row["x"].value) for row in rows)  # type: ignore[union-attr]


def logged(data: Path) -> list[audit.Entry]:
    return list(audit.entries(data))


def refused(writing: Writer, text: str, **options: object) -> SparqlError:
    with pytest.raises(SparqlError) as caught:
        writing.update(text, **options)  # type: ignore[arg-type]
    return caught.value


# Changes


def test_a_change_is_seen_by_every_reader_at_once(data: Path, writing: Writer) -> None:
    readers = (
        LiveStore(data, MAX_BYTES),
        IsolatedStore(partial(LiveStore, data, MAX_BYTES), workers=1),
    )
    ask = "SELECT ?x { GRAPH <http://例え/注記> { ?s ?p ?x } } ORDER BY ?x"
    assert [store.query(ask).rows() for store in readers] == [[], []]
    for n in range(3):
        writing.update(f"INSERT DATA {{ GRAPH <http://例え/注記> {{ <http://e/1> <a:p> {n} }} }}")
        expected = [{"x": ox.Literal(i)} for i in range(n + 1)]
        assert [store.query(ask).rows() for store in readers] == [expected, expected]
        assert all("http://例え/注記" in store.graphs() for store in readers)
    for store in readers:
        store.close()


def test_a_reader_keeps_its_snapshot_while_others_are_removed(data: Path, writing: Writer) -> None:
    reader = LiveStore(data, MAX_BYTES)
    writing.update("INSERT DATA { <a:a> <a:b> 1 }")
    reader.query("ASK {}")
    held = live_store(data)
    for n in range(3):
        writing.update(f"INSERT DATA {{ <a:a> <a:b> {n} }}")
        assert held.is_dir()
    assert len(list((data / "snapshots").iterdir())) == 2
    reader.query("ASK {}")
    writing.update("INSERT DATA { <a:a> <a:b> 9 }")
    assert not held.is_dir()
    reader.close()
    writing.update("INSERT DATA { <a:a> <a:b> 10 }")
    assert [folder.name for folder in (data / "snapshots").iterdir()] == [live_store(data).name]


def test_a_pattern_reads_what_queries_read(data: Path, writing: Writer) -> None:
    writing.update("INSERT { GRAPH <a:g> { ?s <a:seen> true } } WHERE { ?s <http://e/n> 7 }")
    assert values(data, "GRAPH <a:g> { ?x ?p ?o }") == ["http://e/7"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"INSERT DATA {{ GRAPH <{BUILT}> {{ <a:a> <a:b> 1 }} }}", "protected"),
        (f"CLEAR GRAPH <{BUILT}>", "protected"),
        (f"MOVE <{BUILT}> TO <a:g>", "protected"),
        (f"COPY <a:g> TO <{BUILT}>", "protected"),
        ("BASE <https://w3id.org/shirube/> DROP GRAPH <graph/p/said>", "protected"),
        (f"WITH <{BUILT}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", "protected"),
        ("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", "protected"),
        ("DELETE WHERE { GRAPH ?g { <http://e/5> ?p ?o } }", "protected"),
        (
            "INSERT { GRAPH ?g { <a:a> <a:b> 1 } } WHERE { GRAPH ?g { <http://e/5> ?p ?o } }",
            "protected",
        ),
        (
            "INSERT { GRAPH ?g { <a:a> <a:b> 1 } } WHERE "
            "{ BIND(<https://w3id.org/shirube/graph/p/new> AS ?g) }",
            "protected",
        ),
        ("INSERT DATA { <a:a> <a:b> 1 } ; INSERT DATA { <a:a> }", "syntax"),
        ("INSERT DATA { <a:a> <a:b> 1 } ; DROP GRAPH <a:none>", "conflict"),
        ("INSERT DATA { <a:a> <a:b> 1 } ; LOAD <http://127.0.0.1:9/>", "forbidden"),
    ],
)
def test_what_is_refused_changes_nothing(data: Path, writing: Writer, text: str, kind: str) -> None:
    assert refused(writing, text, author="alice").kind == kind
    assert read_pointer(data) == live.Pointer("gen-0123456789ab")
    assert len(values(data, "?s ?p ?x")) == 100
    assert not list((data / "snapshots").iterdir())
    (entry,) = logged(data)
    assert (entry["author"], entry["outcome"], entry["text"]) == ("alice", kind, text)


def test_a_protected_graph_is_named_with_its_place(writing: Writer) -> None:
    error = refused(writing, f"INSERT DATA {{\n GRAPH <{BUILT}> {{ <a:a> <a:b> 1 }} }}")
    assert (error.line, error.column, error.token) == (2, 8, BUILT)
    assert BUILT in error.ja
    assert error.hint["ja"]


def test_all_means_all_that_may_be_written(data: Path, writing: Writer) -> None:
    writing.update("INSERT DATA { <a:a> <a:b> 1 GRAPH <a:g> { <a:a> <a:b> 2 } }")
    writing.update("DELETE WHERE { GRAPH ?g { <a:a> <a:b> 2 } }")
    writing.update("INSERT DATA { GRAPH <a:h> { <a:a> <a:b> 2 } } ; DROP ALL")
    assert len(values(data, "?s ?p ?x")) == 100
    assert LiveStore(data, MAX_BYTES).graphs() == [BUILT]


def test_a_graph_is_loaded_replaced_and_deleted(data: Path, writing: Writer) -> None:
    rdf = "<s> <a:p> 'あ' , 'い' .".encode()
    made = writing.load("a:g", [(rdf, TTL)], replace=True, base="http://e/")
    assert made.graphs == {"a:g": (None, 2)}
    assert writing.load("a:g", [(b"<a:s> <a:p> 3 .", TTL)], replace=False).graphs == {"a:g": (2, 3)}
    assert values(data, "GRAPH <a:g> { <http://e/s> ?p ?x }") == ["あ", "い"]
    assert writing.load("a:g", [(b"", TTL)], replace=True).graphs == {"a:g": (3, 0)}
    assert "a:g" in LiveStore(data, MAX_BYTES).graphs()
    assert writing.delete("a:g").graphs == {"a:g": (0, None)}
    with pytest.raises(SparqlError) as caught:
        writing.delete("a:g")
    assert caught.value.kind == "missing"
    assert writing.load(DEFAULT_GRAPH, [(b"<a:s> <a:p> 3 .", TTL)], replace=True).graphs
    logged = [(one["operation"], one["graph"]) for one in audit.entries(data)]
    assert logged[2:] == [
        ("replace", "a:g"),
        ("delete", "a:g"),
        ("delete", "a:g"),
        ("replace", DEFAULT_GRAPH),
    ]


@pytest.mark.parametrize(
    ("rdf", "media_type", "place"),
    [
        ("<a:s> <a:p> 1 .\n<a:s> <a:p> .", TTL, (2, 13)),
        ('<a:s> <a:p> "あ .', TTL, (1, None)),
        ("<a:s> <a:p> <a:o>", "application/n-triples", (1, None)),
        ("<rdf:RDF", "application/rdf+xml", None),
        ("{", "application/ld+json", None),
        ("<a:s> <relative> 1 .", TTL, (1, None)),
    ],
)
def test_rdf_with_a_mistake_loads_nothing_and_says_where(
    data: Path, writing: Writer, rdf: str, media_type: str, place: tuple[int, int | None] | None
) -> None:
    with pytest.raises(SparqlError) as caught:
        writing.load("a:g", [(rdf.encode(), media_type)], replace=False)
    assert caught.value.kind == "rdf"
    if place:
        assert caught.value.line == place[0]
        assert place[1] in (None, caught.value.column)
    assert LiveStore(data, MAX_BYTES).graphs() == [BUILT]


def test_a_built_graph_is_neither_loaded_nor_deleted(writing: Writer) -> None:
    for change in (
        lambda: writing.load(BUILT, [(b"", TTL)], replace=True),
        lambda: writing.delete(BUILT),
    ):
        with pytest.raises(SparqlError) as caught:
            change()
        assert caught.value.kind == "protected"


# Bounds


def test_a_hostile_update_is_killed_and_the_next_is_applied(data: Path) -> None:
    writing = Writer(data, seconds=1)
    writing.update(
        "INSERT DATA { <a:a> <a:b> 0 }"
    )  # the process is up: its start is not the limit's
    reader = LiveStore(data, MAX_BYTES)
    errors: list[SparqlError] = []
    hostile = f"INSERT {{ GRAPH <a:g> {{ ?s0 ?p1 ?o2 }} }} WHERE {{ {PRODUCT} }}"
    thread = threading.Thread(target=lambda: errors.append(refused(writing, hostile, timeout=1)))
    thread.start()
    answered = 0
    while thread.is_alive():
        assert reader.query("SELECT * { ?s ?p 1 }").rows()
        answered += 1
        time.sleep(0.01)
    assert answered > 10
    (error,) = errors
    assert error.kind == "timeout"
    assert error.limit == 1
    assert error.elapsed is not None
    assert error.elapsed < 5
    writing.update("INSERT DATA { <a:a> <a:b> 1 }")
    assert values(data, "<a:a> <a:b> ?x") == ["0", "1"]
    writing.close()
    reader.close()


def test_an_update_that_needs_too_much_memory_is_stopped(data: Path) -> None:
    process = KillableProcess(memory=256 * 1024 * 1024)
    writing = Writer(data, seconds=60, process=process)
    triples = " . ".join(f"?s{i} ?p{i} ?o{i}" for i in range(3))
    hostile = (
        f"INSERT {{ GRAPH <a:g> {{ ?s0 <a:p> ?x }} }} WHERE {{ {triples} BIND(UUID() AS ?x) }}"
    )
    assert refused(writing, hostile).kind in ("out_of_memory", "timeout", "crashed")
    assert len(values(data, "?s ?p ?x")) == 100
    writing.close()


def test_who_waits_too_long_for_a_turn_is_told(data: Path, process: KillableProcess) -> None:
    writing = Writer(data, seconds=0.2, process=process)
    with turn_to_write(data, 1), pytest.raises(WriteBusyError, match="moment"):
        writing.update("INSERT DATA { <a:a> <a:b> 1 }")


def test_many_writers_at_once_lose_nothing(data: Path, process: KillableProcess) -> None:
    writers = [Writer(data, seconds=60, process=process), Writer(data, seconds=60)]

    def write(number: int) -> None:
        for n in range(4):
            value = number * 4 + n
            writers[number % 2].update(f"INSERT DATA {{ <a:a> <a:b> {value} }}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(data, "<a:a> <a:b> ?x") == sorted(map(str, range(16)))
    assert len(logged(data)) == 16
    writers[1].close()


# The audit log


def test_the_log_says_who_changed_what(data: Path, writing: Writer) -> None:
    text = "INSERT DATA { GRAPH <a:g> { <a:a> <a:b> '若者' } }"
    writing.update(text, author="alice")
    writing.load("a:g", [(b"<a:s> <a:p> 3 .", TTL)], replace=True, author="bob")
    writing.update(f"# {'長' * 5000}\n{text}", author="bob")
    first, second, third = logged(data)
    assert first["time"].endswith("Z")
    assert (first["author"], first["operation"], first["text"]) == ("alice", "update", text)
    assert first["graphs"] == {"a:g": [None, 1]}
    assert (second["author"], second["operation"]) == ("bob", "replace")
    assert second["graphs"] == {"a:g": [1, 1]}
    assert len(third["text"]) < 5000
    assert len(third["sha256"]) == 64
    assert {one["outcome"] for one in (first, second, third)} == {"done"}


def test_a_change_that_a_crash_kept_out_of_the_log_is_put_in(
    data: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(writer.audit, "append", lambda *_: None)
        writing.update("INSERT DATA { <a:a> <a:b> 1 }", author="alice")
    assert not logged(data)
    writing.update("INSERT DATA { <a:a> <a:b> 2 }", author="bob")
    assert [one["author"] for one in logged(data)] == ["alice", "bob"]


def test_a_torn_line_spoils_no_other(data: Path, writing: Writer) -> None:
    writing.update("INSERT DATA { <a:a> <a:b> 1 }")
    with (data / audit.LOG).open("a") as stream:
        stream.write('{"time": "20')
    writing.update("INSERT DATA { <a:a> <a:b> 2 }")
    first, torn, last = logged(data)
    assert torn == {"torn": '{"time": "20'}
    assert first["outcome"] == last["outcome"] == "done"


def test_a_full_disk_is_told_and_changes_nothing(
    data: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "publish", full)
    with pytest.raises(UserError) as caught:
        writing.update("INSERT DATA { <a:a> <a:b> 1 }")
    assert "No space left" in caught.value.ja
    assert not values(data, "<a:a> <a:b> ?x")


# Death at any moment


KILLED = """
import json, os, random, signal, sys, time, traceback
from pathlib import Path
import pyoxigraph as ox
from kg import audit
from kg.live import LiveStore, live_store
from kg.writer import Writer

# This process opens no store itself: its threads would not live on in what it forks.
data, wanted = Path(sys.argv[1]), int(sys.argv[2])

class Here:
    # The change in the writer's own process, so that a kill hits either at any moment.
    def run(self, task, args, limit):
        return task(*args)

def fork(task):
    child = os.fork()
    if child == 0:
        try:
            task()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child

def write(first, says):
    writer = Writer(data, process=Here())
    for n in range(first, first + 1000):
        if n % 3:
            writer.update(f"INSERT DATA {{ <a:a> <a:b> {n} GRAPH <a:g> {{ <a:c> <a:d> {n} }} }}")
        else:
            rdf = f"<a:a> <a:b> {n} . <a:c> <a:d> {n} .".encode()
            writer.load(f"a:g{n}", [(rdf, "text/turtle")], replace=True)
        os.write(says, b"%d\\n" % n)

def check(acknowledged, most):
    store = LiveStore(data, 10**8)
    rows = lambda s, p: {int(r["n"].value)
                         for r in store.query(f"SELECT ?n {{ <{s}> <{p}> ?n }}").rows()}
    halves = rows("a:a", "a:b"), rows("a:c", "a:d")
    assert halves[0] == halves[1], "a half of a change"
    assert set(acknowledged) <= halves[0], "an acknowledged change is lost"
    assert len(halves[0]) <= most, "changes that nobody made"
    log = [one for one in audit.entries(data) if one.get("outcome") == "done"]
    assert len(log) == len({one["id"] for one in log})
    assert len(log) + 1 >= len(halves[0]), "a change is not in the log"
    assert len(log) >= len(acknowledged)

random.seed(5)
acknowledged, killed, first = [], 0, 1
while killed < wanted:
    said, says = os.pipe()
    child = fork(lambda: write(first, says))
    os.close(says)
    before = []
    if killed % 2:  # from the first acknowledgement on, else from the start
        while (byte := os.read(said, 1)) not in (b"", b"\\n"):
            before.append(byte.decode())
    time.sleep(random.random() * 0.25)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with os.fdopen(said) as stream:
        acknowledged += map(int, ["".join(before) or "0", *stream.read().split()])
    acknowledged = sorted(set(acknowledged) - {0})
    killed += 1
    first += 1000
    checked = fork(lambda: check(acknowledged, len(acknowledged) + killed))
    assert os.waitpid(checked, 0)[1] == 0, killed
print(killed, len(acknowledged))
"""


def test_a_writer_killed_at_any_moment_loses_nothing_acknowledged(data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(data), "60"],
        capture_output=True,
        text=True,
        cwd=Path(writer.__file__).parent.parent,
        check=False,
        timeout=540,
    )
    assert done.returncode == 0, done.stderr
    killed, acknowledged = map(int, done.stdout.split())
    assert killed == 60
    assert acknowledged >= 30  # those that were killed after their first change
    writing = Writer(data)
    writing.update("INSERT DATA { <a:last> <a:b> 1 }")
    writing.close()
    assert [folder.name for folder in (data / "snapshots").iterdir()] == [live_store(data).name]
