"""Updates as Oxigraph gets them: which graphs they write, and which dataset they read."""

import pyoxigraph as ox
import pytest

from kg.oxigraph import OxigraphStore
from kg.query import SparqlError, local_update, read_update
from kg.sparql_update import operations
from kg.store import DEFAULT_GRAPH, WHOLE, Dataset

G, H = "http://例え/一", "http://例え/二"
P = "http://例え/p"


def quads(store: OxigraphStore) -> set[str]:
    """Every quad as `subject object graph`, in the last letters of their IRIs."""
    rows = store.query("SELECT ?g ?s ?o { GRAPH ?g { ?s ?p ?o } }").rows()
    return {" ".join(str(row[name].value)[-3:] for name in ("s", "o", "g")) for row in rows}  # type: ignore[union-attr]


@pytest.fixture
def store() -> OxigraphStore:
    store = OxigraphStore()
    store.update(
        f"INSERT DATA {{ GRAPH <{G}> {{ <a:a> <{P}> <a:1> }} GRAPH <{H}> {{ <a:b> <{P}> <a:2> }} }}"
    )
    return store


def short(*lines: str) -> set[str]:
    names = {"G": G[-3:], "H": H[-3:], "D": DEFAULT_GRAPH[-3:]}
    return {" ".join(names.get(word, word) for word in line.split()) for line in lines}


START = ("a:a a:1 G", "a:b a:2 H")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("INSERT DATA { <a:x> <a:p> <a:y> }", {*START, "a:x a:y D"}),
        ("INSERT DATA { <a:x> <a:p> <a:y> . }", {*START, "a:x a:y D"}),
        ("INSERT DATA {}", {*START}),
        ("PREFIX a: <a:> # no operation at all", {*START}),
        (
            f"INSERT DATA {{ <a:x> <a:p> <a:y> GRAPH <{G}> {{ <a:g> <a:p> <a:h> }} . "
            "<a:z> <a:p> <a:w> . } ; INSERT DATA { <a:m> <a:p> <a:n> }",
            {*START, "a:x a:y D", "a:g a:h G", "a:z a:w D", "a:m a:n D"},
        ),
        (
            f"INSERT DATA {{ GRAPH <{G}> {{}} GRAPH <{H}> {{ <a:g> <a:p> <a:h> }} }}",
            {*START, "a:g a:h H"},
        ),
        (
            "INSERT DATA { <a:x> <a:p> <a:y> } ; DELETE DATA { <a:x> <a:p> <a:y> }",
            {*START},
        ),
        # The default graph of a pattern is the union, that of a template is ours.
        (
            f"INSERT {{ ?s <a:q> <a:9> }} WHERE {{ ?s <{P}> ?o }}",
            {*START, "a:a a:9 D", "a:b a:9 D"},
        ),
        (
            f"INSERT {{ GRAPH <{H}> {{ ?s <a:q> ?o }} }} WHERE {{ ?s <{P}> <a:1> . ?x <{P}> ?o }}",
            {*START, "a:a a:1 H", "a:a a:2 H"},
        ),
        (
            f"INSERT {{ ?s <a:q> ?o }} WHERE {{ GRAPH <{G}> {{ ?s <{P}> ?o }} }}",
            {*START, "a:a a:1 D"},
        ),
        (f"INSERT {{ ?s <a:q> ?o }} USING <{H}> WHERE {{ ?s ?p ?o }}", {*START, "a:b a:2 D"}),
        (f"WITH <{G}> INSERT {{ ?s <a:q> <a:9> }} WHERE {{ ?s ?p ?o }}", {*START, "a:a a:9 G"}),
        (f"WITH <{G}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", {"a:b a:2 H"}),
        ("DELETE WHERE { ?s ?p ?o }", {*START}),
        (f"DELETE WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }}", {"a:b a:2 H"}),
        ("DELETE WHERE { GRAPH ?g { <a:a> ?p ?o } }", {"a:b a:2 H"}),
        (
            "INSERT DATA { <a:x> <a:p> <a:y> } ; DELETE WHERE { ?s <a:p> ?o . ?x <a:p> <a:y> }",
            {*START},
        ),
        (
            "INSERT DATA { GRAPH <a:new> { <a:x> <a:p> <a:y> } } ; "
            "INSERT { GRAPH <a:new> { ?s <a:p> <a:z> } } WHERE { ?s <a:p> <a:y> }",
            {*START, "a:x a:y new", "a:x a:z new"},
        ),
        (f"CLEAR GRAPH <{G}>", {"a:b a:2 H"}),
        ("CLEAR DEFAULT", {*START}),
        ("INSERT DATA { <a:x> <a:p> <a:y> } ; DROP NAMED", {"a:x a:y D"}),
        ("INSERT DATA { <a:x> <a:p> <a:y> } ; CLEAR SILENT ALL", set()),
        (f"COPY <{G}> TO DEFAULT", {*START, "a:a a:1 D"}),
        (f"MOVE <{G}> TO GRAPH <{H}>", {"a:a a:1 H"}),
        (f"ADD SILENT DEFAULT TO <{H}>", {*START}),
        (f"ADD <{G}> TO <{H}>", {*START, "a:a a:1 H"}),
        ("CREATE GRAPH <a:new>", {*START}),
        ("BASE <http://例え/> CLEAR GRAPH <一>", {"a:b a:2 H"}),
    ],
)
def test_what_an_update_does(store: OxigraphStore, text: str, after: set[str]) -> None:
    store.update(text)
    assert quads(store) == short(*after)


def test_the_protocols_dataset_becomes_using(store: OxigraphStore) -> None:
    insert = "INSERT { ?s <a:q> ?o } WHERE { ?s ?p ?o }"
    store.update(insert, dataset=Dataset(default=(H,)))
    assert quads(store) == short(*START, "a:b a:2 D")
    store.update("DELETE WHERE { ?s ?p ?o }", dataset=Dataset(default=(DEFAULT_GRAPH,)))
    assert quads(store) == short(*START)
    named = Dataset(named=(G,))
    store.update(insert, dataset=named)
    assert quads(store) == short(*START)
    store.update("INSERT { ?s <a:q> ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", dataset=named)
    assert quads(store) == short(*START, "a:a a:1 D")


@pytest.mark.parametrize("clause", [f"USING <{G}>", f"USING NAMED <{G}>"])
def test_the_protocols_dataset_meets_no_other(store: OxigraphStore, clause: str) -> None:
    text = f"INSERT {{ ?s <a:q> ?o }}\n{clause} WHERE {{ ?s ?p ?o }}"
    with pytest.raises(SparqlError) as caught:
        store.update(text, dataset=Dataset(default=(H,)))
    error = caught.value
    assert (error.kind, error.line, error.column, error.token) == ("syntax", 2, 1, "USING")
    with pytest.raises(SparqlError):
        store.update(
            f"WITH <{G}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", dataset=Dataset((H,))
        )
    assert quads(store) == short(*START)


def test_a_base_resolves_what_is_relative(store: OxigraphStore) -> None:
    store.update("INSERT DATA { GRAPH <new> { <x> <p> <y> } }", base="http://例え/sparql")
    assert "http://例え/new" in store.graphs()


def targets(text: str, base: str = "") -> list[list[str | None]]:
    return [[t.iri for t in one.targets] for one in operations(read_update(text), base)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT DATA { GRAPH <a:g> { <a:a> a true } }", [["a:g"]]),
        ("INSERT DATA { <a:a> a 1GRAPH <a:g> { <a:a> a false } }", [["a:g", DEFAULT_GRAPH]]),
        ("PREFIX e: <http://e/> CLEAR GRAPH e:g ; DROP GRAPH <a:h>", [["http://e/g"], ["a:h"]]),
        (
            "BASE <http://e/> CLEAR GRAPH <g> ; BASE <h/> CLEAR GRAPH <g>",
            [["http://e/g"], ["http://e/h/g"]],
        ),
        ("CLEAR GRAPH <\\u0061:g>", [["a:g"]]),
        (
            "WITH <a:w> DELETE { ?s ?p ?o } INSERT { GRAPH ?g { ?s ?p ?o } } WHERE {}",
            [["a:w", None]],
        ),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", [[None]]),
        ("COPY <a:a> TO <a:b>", [["a:b"]]),
        ("MOVE GRAPH <a:a> TO DEFAULT", [["a:a", DEFAULT_GRAPH]]),
        ("CLEAR ALL", [[]]),
        ("CREATE SILENT GRAPH <a:g> ;", [["a:g"]]),
    ],
)
def test_the_graphs_that_an_update_writes(text: str, expected: list[list[str | None]]) -> None:
    assert targets(text) == expected


def test_a_relative_graph_is_resolved_as_the_engine_does_it() -> None:
    assert targets("CLEAR GRAPH <g>", "http://e/x") == [["http://e/g"]]


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR SILENTGRAPH <a:g>",
        "CLEAR GRAPH",
        "CLEAR",
        "CREATE ALL",
        "COPY <a:a> <a:b>",
        "COPY <a:a> TO",
        "MOVE <a:a> TODEFAULT",
        "INSERT DATA { <a:a> <a:b> _:x FROMGRAPH <a:g> { <a:a> a true } }",
        "INSERT DATA",
        "INSERT { GRAPH { } } WHERE {}",
        "WITH INSERT {} WHERE {}",
        "INSERT DATA { <a:a> <a:b> }",
        "INSERT { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } WHERE { ?s ?p }",
        "INSERT DATA { ?s <a:p> 1 }",
    ],
)
def test_what_is_no_update_of_the_standard_is_a_mistake_with_its_place(text: str) -> None:
    with pytest.raises(SparqlError) as caught:
        OxigraphStore().update(text)
    assert caught.value.kind == "syntax"


def test_a_mistake_behind_what_was_rewritten_has_its_own_place() -> None:
    with pytest.raises(SparqlError) as caught:
        OxigraphStore().update("INSERT {}\nWHERE { ?s ?p ?o .\n  LATERALL { ?s ?p ?o } }")
    assert (caught.value.line, caught.value.token) == (3, "LATERALL")


def test_a_graph_that_is_not_there_is_told() -> None:
    with pytest.raises(SparqlError) as caught:
        OxigraphStore().update("DROP GRAPH <a:none>")
    assert caught.value.kind == "conflict"
    assert "a:none" in caught.value.ja
    OxigraphStore().update("DROP SILENT GRAPH <a:none>")


def test_what_may_be_cleared_can_be_narrowed() -> None:
    update = local_update("CLEAR ALL", WHOLE, [G, H], lambda graph: graph == G)
    engine = ox.Store()
    engine.update(
        f"INSERT DATA {{ GRAPH <{G}> {{ <a:a> <a:b> 1 }} GRAPH <{H}> {{ <a:a> <a:b> 1 }} }}"
    )
    engine.update(update.text)
    assert len(list(engine.quads_for_pattern(None, None, None, ox.NamedNode(G)))) == 1
    assert not list(engine.quads_for_pattern(None, None, None, ox.NamedNode(H)))
