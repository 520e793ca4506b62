"""What the W3C's SPARQL 1.0 and 1.1 query suites ask and the engine alone answers otherwise."""

import json
from typing import Any

import pytest

from kg.oxigraph import OxigraphStore
from kg.query import SparqlError, check_query

FUNCTION = "<http://e/function>"


@pytest.fixture(scope="module")
def store() -> OxigraphStore:
    store = OxigraphStore()
    store.load(b"<a:s> <a:p> 1 .", "text/turtle")
    return store


def bindings(store: OxigraphStore, text: str) -> list[dict[str, Any]]:
    found = json.loads(store.query(text).body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.mark.parametrize(
    "pattern",
    [
        '{ SELECT (GROUP_CONCAT(?o) AS ?g) { VALUES ?o { "1"@en } } } FILTER(?g = "1")',
        '{ SELECT (group_concat (?o; SEPARATOR=" ") AS ?g) { VALUES ?o { "1"@en "1"@en } } }'
        ' FILTER(?g = "1 1")',
        '{ SELECT (STRLEN(GROUP_CONCAT(DISTINCT STR(?o))) AS ?g) { VALUES ?o { "1"@en "1"@ja } } }'
        " FILTER(?g = 1)",
        '{ SELECT (COUNT(*) AS ?n) { VALUES ?o { "1"@en } } HAVING GROUP_CONCAT(?o) } FILTER(?n=1)',
        "FILTER(TRUE && !FaLsE)",
    ],
)
def test_what_is_joined_has_no_language_and_keywords_no_case(
    store: OxigraphStore, pattern: str
) -> None:
    assert store.query(f"ASK {{ {pattern} }}").boolean()


def test_what_is_joined_in_an_update_has_no_language_either() -> None:
    store = OxigraphStore()
    select = '{ SELECT (GROUP_CONCAT(?o) AS ?g) { VALUES ?o { "1"@en "2"@en } } }'
    store.update(f"INSERT {{ <a:a> <a:b> ?g }} WHERE {{ {select} }}")
    assert store.query('ASK { <a:a> <a:b> "1 2" }').boolean()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"SELECT ({FUNCTION}(?x + ?y) AS ?f) ?z {{}}", [{}]),
        (f"SELECT * {{ ?s <a:none> ?o FILTER {FUNCTION}(?s, ?o) }}", []),
        (f"SELECT ?s {{ ?s <a:p> 1 }} ORDER BY {FUNCTION}(?none)", [{"s": "a:s"}]),
        (f"SELECT ({FUNCTION}(?x) AS ?f) (<http://e/g>(?x) AS ?g) {{}}", [{}]),
    ],
)
def test_an_absent_function_that_is_asked_nothing_is_no_mistake(
    store: OxigraphStore, text: str, rows: list[dict[str, str]]
) -> None:
    assert bindings(store, text) == rows


def test_an_absent_function_that_is_asked_something_is_named_at_its_place(
    store: OxigraphStore,
) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query(f"SELECT (<http://e/g>(?x) AS ?g)\n({FUNCTION}(1) AS ?f) {{}}")
    assert (caught.value.kind, caught.value.token) == ("unsupported", "http://e/function")
    assert (caught.value.line, caught.value.column) == (2, 2)


def test_a_query_of_many_absent_functions_is_refused_rather_than_read_for_each(
    store: OxigraphStore,
) -> None:
    calls = " ".join(f"FILTER(<http://e/{n}>(?x))" for n in range(100))
    with pytest.raises(SparqlError) as caught:
        store.query(f"ASK {{ {calls} }}")
    assert caught.value.kind == "unsupported"


def test_the_longest_terminal_wins_and_the_way_out_is_told(store: OxigraphStore) -> None:
    """syn-bad-26: there is an IRI in `?x<?a&&?b>?y`, not a comparison."""
    with pytest.raises(SparqlError) as caught:
        store.query("SELECT * { FILTER(?x<?a&&?b>?y) }")
    assert (caught.value.kind, caught.value.token) == ("syntax", "<?a&&?b>")
    assert "spaces" in caught.value.hint["en"]
    assert store.query("ASK { FILTER(1 < 2 && 3 > 2) }").boolean()


def test_a_relative_iri_is_read_against_its_base(store: OxigraphStore) -> None:
    text = "SELECT (<#x> AS ?a) (<若者> AS ?b) (<> AS ?c) {}"
    found = bindings(store, f"BASE <http://例え/一> {text}")
    assert found == [{"a": "http://例え/一#x", "b": "http://例え/若者", "c": "http://例え/一"}]
    assert check_query(text).text == check_query(check_query(text).text).text
