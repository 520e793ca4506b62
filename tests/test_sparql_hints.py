"""Hints beside right queries: unknown terms, and why a result is empty, on every engine."""

import logging
import re
import time
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.empty_results import is_empty, why_empty
from kg.oxigraph import GRAPH_FORMATS, SOLUTION_FORMATS, OxigraphStore
from kg.searching_store import SearchingStore
from kg.sparql_errors import busy
from kg.sparql_hints import MAX_HINTS, Hint, unknown_terms
from kg.sparql_reader import read
from kg.store import WHOLE, Dataset, Result, Store
from tests.engines import G, endpoint, expect_differences, folder, oxigraph, store, virtuoso
from tests.test_sparql_search import Shelf
from web.sparql_hints import header_of, hints_on

__all__ = ["endpoint", "folder", "oxigraph", "store", "virtuoso"]

TOLD = "test_the_part_that_matches_nothing_is_told[virtuoso-SELECT * { "
DIFFERENCES = {
    TOLD + r'?s e:\u540d "': "it does not find a literal by its words alone",
    TOLD + "?s e:n 4 FILTER(?s = 1) }": "it compares an IRI with a number without an error",
    TOLD + "{ SELECT ?s { ?s e:n 4 } OFFSET 3 }": "OFFSET without LIMIT is an error of its",
}


@pytest.fixture(autouse=True)
def known_difference(request: pytest.FixtureRequest) -> None:
    expect_differences(request, DIFFERENCES)


PREFIXES = "PREFIX e: <http://e/> PREFIX : <http://例え/>\n"
OURS = "PREFIX shirube: <https://w3id.org/shirube/ns#>\n"
NAME = '"若者の地元定着"'
LONG = 600.0  # seconds: no test of what is said depends on the clock


def told(store: Store, query: str, dataset: Dataset = WHOLE) -> list[tuple[str, int, str]]:
    """Kind, column and English text of each hint on a query that has no result."""
    text = PREFIXES + query
    assert is_empty(store.query(text, dataset=dataset))
    found = why_empty(store, text, dataset, budget=LONG)
    assert all(hint.line == 2 and hint.ja != hint.en for hint in found)
    return [(hint.kind, hint.column, hint.en) for hint in found]


# Why a result is empty


@pytest.mark.parametrize(
    ("query", "kind", "column", "words"),
    [
        ("SELECT * { ?s e:n ?n ; e:m ?m }", "no-match", 24, "nothing has the property “e:m”"),
        ("SELECT * { ?s e:n 6 }", "no-match", 12, "Nothing matches “?s e:n 6”."),
        (f"SELECT * {{ ?s e:名 {NAME} }}", "no-match", 12, f"it is written {NAME}@ja"),
        ('SELECT * { ?s e:n "4" }', "no-match", 12, 'it is written "4"^^<http'),
        ("SELECT * { ?s e:n 4 . ?s e:名 ?n . ?n e:n ?x }", "no-join", 35, "none in common"),
        (
            "SELECT * { ?s e:n ?a . ?s e:n ?b . ?c e:n ?a . ?a e:n 4 }",
            "no-join",
            48,
            "“?s e:n ?a” and “?a e:n 4” have matches each, but none in common",
        ),
        (
            "SELECT * { ?s e:n ?n FILTER(?n > 9) }",
            "filtered",
            22,
            "removes all 2 solutions: FILTER",
        ),
        ("SELECT * { ?s e:n 4 FILTER(?s = 1) }", "filtered", 21, "removes the only solution"),
        ("SELECT * { ?s e:n ?n FILTER(?m > 9) }", "filtered", 22, "(?m has no value here)"),
        (
            "SELECT * { FILTER(?n > 4) ?s e:n ?n FILTER(?n < 5) }",
            "filtered",
            37,
            "The FILTERs together remove all 2 solutions",
        ),
        (
            "SELECT * { ?s e:n ?n FILTER(?n > 1) FILTER NOT EXISTS { ?s e:名 ?x } }",
            "filtered",
            37,
            "all 2 solutions: FILTER NOT EXISTS",
        ),
        (
            "SELECT * { ?s e:n ?n OPTIONAL { ?s e:m ?m } FILTER(BOUND(?m)) }",
            "filtered",
            45,
            "all 2 solutions",
        ),
        ("SELECT * { ?s e:n ?n MINUS { ?s e:名 ?x } }", "filtered", 22, "This MINUS removes all 2"),
        ("SELECT * { OPTIONAL { ?s e:n ?n } ?n e:名 ?x }", "no-join", 35, "before it"),
        ("SELECT * { { ?s e:n 6 } UNION { ?s e:n 7 } ?s e:n ?n }", "no-match", 14, "?s e:n 6"),
        ("SELECT * { ?s e:n ?n { { ?s e:n 6 } } }", "no-match", 26, "?s e:n 6"),
        ("SELECT * { GRAPH <http://no> { ?s e:n ?n } }", "no-graph", 18, "no graph “<http://no>”"),
        (f"SELECT * {{ GRAPH <{G}> {{ ?s e:n 5 }} }}", "no-match", 38, "?s e:n 5"),
        ("SELECT * { GRAPH ?g { ?s e:n 4 , 5 } }", "no-join", 34, "none in common"),
        ("SELECT * FROM <http://no> { ?s e:n ?n }", "no-graph", 15, "no graph “<http://no>”"),
        ("SELECT * { ?s e:n ?n { SELECT ?s { ?s e:n 6 } } }", "no-match", 36, "?s e:n 6"),
        ("SELECT * { { SELECT ?s { ?s e:n 4 } OFFSET 3 } }", "modified", 37, "OFFSET after"),
        ("SELECT * { ?s e:n ?n } LIMIT 0", "modified", 24, "LIMIT"),
        ("SELECT ?s { ?s e:n ?n } GROUP BY ?s HAVING(COUNT(*) > 9)", "modified", 37, "HAVING"),
        ("SELECT * { ?s e:n ?n } VALUES ?n { 6 }", "modified", 24, "VALUES"),
        ("SELECT * { VALUES ?x {} ?s ?p ?x }", "no-match", 12, "VALUES ?x {}"),
        ("SELECT * { BIND(6 AS ?n) ?s e:n ?n }", "no-join", 26, "before it"),
        ("SELECT * { [ e:n 6 ] e:名 ?n }", "no-match", 12, "[ e:n 6 ] e:名 ?n"),
        ("SELECT * { _:b e:n 4 ; e:n 6 }", "no-match", 24, "_:b e:n 6"),
        ("SELECT * { ?s (e:n|e:名)/e:名 ?n }", "no-match", 12, "(e:n|e:名)/e:名"),
        ("ASK { ?s e:n 6 }", "no-match", 7, "?s e:n 6"),
        ("CONSTRUCT { ?s e:x ?x } WHERE { ?s e:n ?n }", "nothing-made", 1, "template"),
        ("CONSTRUCT { ?s e:x ?x } WHERE { ?s e:n 6 }", "no-match", 33, "?s e:n 6"),
        ("CONSTRUCT WHERE { ?s e:n 6 }", "no-match", 19, "?s e:n 6"),
        ("DESCRIBE :nobody", "unknown-resource", 10, "“:nobody”"),
        ("DESCRIBE ?s { ?s e:n 6 }", "no-match", 15, "?s e:n 6"),
        ("DESCRIBE ?n { ?s e:n ?n }", "nothing-made", 1, "says nothing"),
    ],
)
def test_the_part_that_matches_nothing_is_told(
    store: Store, query: str, kind: str, column: int, words: str
) -> None:
    found = told(store, query)
    assert [one[:2] for one in found][:1] == [(kind, column)]
    assert words in found[0][2]


def test_every_branch_of_a_union_is_told(store: Store) -> None:
    found = told(store, "SELECT * { { ?s e:n 6 } UNION { ?s e:n ?n FILTER(?n > 8) } }")
    assert [kind for kind, _, _ in found] == ["no-match", "filtered"]


def test_the_protocols_dataset_is_kept(store: Store) -> None:
    text = "SELECT * { ?s e:n 5 }"
    assert told(store, text, Dataset(default=(G,)))[0][0] == "no-match"
    assert told(store, text, Dataset(default=("http://no",)))[0][0] == "no-graph"


def test_hints_are_few(store: Store) -> None:
    found = told(store, "SELECT * {" + " ".join(f"?s e:n {n} ." for n in range(6, 20)) + "}")
    assert len(found) == MAX_HINTS


def test_a_search_without_hits_is_told(store: Store) -> None:
    searching = SearchingStore(store, Shelf)
    found = told(searching, OURS.strip() + ' SELECT * { ?t shirube:search "nothing" ; e:n ?n }')
    assert [kind for kind, _, _ in found] == ["no-match"]
    assert "finds nothing" in found[0][2]
    text = OURS + PREFIXES + 'SELECT * { SERVICE shirube:search { ?t shirube:search "nothing" } }'
    assert [hint.kind for hint in why_empty(searching, text, budget=LONG)] == ["no-match"]


PATTERNS = st.lists(
    st.sampled_from(
        [
            *(
                "?s e:n ?n .",
                "?s e:n 4 .",
                "?s e:n 6 .",
                "?s e:名 ?n .",
                "?n e:n ?s .",
                "?s a ?c .",
            ),
            *(
                "FILTER(?n > 4)",
                "FILTER(BOUND(?c))",
                "OPTIONAL { ?s e:n 6 , ?c }",
                "VALUES ?n { 4 }",
            ),
            *("MINUS { ?s e:n 5 }", "{ ?s e:n 5 } UNION { ?s e:n 6 }", "GRAPH ?g { ?s e:n ?n }"),
            *("{ SELECT ?s { ?s e:n ?n } LIMIT 1 }", "FILTER EXISTS { ?s e:n 5 }"),
        ]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(PATTERNS)
@settings(max_examples=300, deadline=None)
def test_what_is_told_is_true(pattern: str) -> None:
    """Whatever is said to match nothing, matches nothing; and an empty result is explained."""
    data = f"<{G}> {{ <http://例え/あ> <http://e/n> 4, 5 ; <http://e/名> 4 }}"
    store = OxigraphStore()
    store.load(data.encode(), "application/trig")
    text = f"{PREFIXES}SELECT * {{ {pattern} }}"
    if not is_empty(store.query(text)):
        return
    hints = why_empty(store, text, budget=LONG)
    assert hints
    for hint in hints:
        if hint.kind == "no-match":
            assert not store.query(f"{PREFIXES}ASK {{ {hint.token} }}").boolean()
        elif hint.kind == "no-join" and (both := re.findall("“(.*?)”", hint.en))[1:]:
            assert not store.query(f"{PREFIXES}ASK {{ {both[0]} . {both[1]} }}").boolean()


# It never slows or fails an answer


class Failing:
    """A store that fails at its n-th query."""

    def __init__(self, failure: Exception, after: int = 0) -> None:
        self.store = OxigraphStore()
        self.failure = failure
        self.after = after

    def query(self, text: str, **options: object) -> Result:
        self.after -= 1
        if self.after < 0:
            raise self.failure
        return self.store.query(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


@pytest.mark.parametrize("failure", [busy(), RuntimeError("a fault"), MemoryError()])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_failures_are_logged_and_swallowed(
    failure: Exception, after: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert why_empty(Failing(failure, after), "SELECT * { ?s a 1 . ?s ?p 2 }", budget=LONG) == []
    assert "cannot tell why" in caplog.text


def test_the_budget_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert why_empty(OxigraphStore(), "SELECT * { ?s a 1 }", budget=0) == []
    assert "no time left" in caplog.text
    started = time.monotonic()
    many = "SELECT * {" + "{ ?s a 1 } UNION " * 300 + "{ ?s a 1 } }"
    why_empty(OxigraphStore(), many, budget=0.3)
    assert time.monotonic() - started < 5


def test_only_an_empty_quick_answer_is_looked_into() -> None:
    store = OxigraphStore()
    store.load(b"<a:s> <a:p> 1 .", "text/turtle")
    text = "SELECT * { ?s <a:p> ?o FILTER(?o > 1) }"
    empty = store.query(text)
    assert [one.kind for one in hints_on(store, text, WHOLE, empty, 0.01)] == ["filtered"]
    assert hints_on(store, text, WHOLE, empty, 5.0) == []
    text = "SELECT * { ?s <a:p> ?o }"
    asked = Failing(AssertionError("no question is needed"))
    assert hints_on(asked, text, WHOLE, store.query(text), 0.01) == []


@pytest.mark.parametrize("media_type", list(SOLUTION_FORMATS))
def test_emptiness_of_solutions_in_every_format(media_type: str) -> None:
    store = OxigraphStore()
    for empty in ("SELECT * { ?s ?p ?o }", "SELECT ?x ?y { ?x ?p ?y }", "ASK { ?s ?p ?o }"):
        assert is_empty(store.query(empty, media_type=media_type)), empty
    for full in ("SELECT ?x {}", "SELECT * {}", "SELECT ('' AS ?x) {}", "ASK {}"):
        assert not is_empty(store.query(full, media_type=media_type)), full


@pytest.mark.parametrize("media_type", list(GRAPH_FORMATS))
def test_emptiness_of_graphs_in_every_format(media_type: str) -> None:
    store = OxigraphStore()
    prefixed = "PREFIX e: <http://e/> "
    assert is_empty(store.query(prefixed + "DESCRIBE e:s", media_type=media_type))
    made = "CONSTRUCT { e:s e:p 1 } WHERE {}"
    assert not is_empty(store.query(prefixed + made, media_type=media_type))


def test_an_unreadable_answer_is_not_called_empty() -> None:
    assert not is_empty(Result("SELECT", "application/sparql-results+json", b"{}"))
    assert not is_empty(Result("SELECT", "text/html", b""))


# Terms that a vocabulary does not have


def terms(body: str) -> list[Hint]:
    prefixes = OURS + "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
    prefixes += "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
    return unknown_terms(read(prefixes + body))


@pytest.mark.parametrize(
    ("body", "token", "near"),
    [
        ("ASK { ?m shirube:hasKPIs ?k }", "shirube:hasKPIs", "“shirube:hasKPI”"),
        ("ASK { ?m a shirube:measure }", "shirube:measure", "“shirube:Measure”"),
        ("ASK { ?m a shirube:kpi }", "shirube:kpi", "“shirube:KPI”"),
        ("ASK { ?m skos:preflabel ?l }", "skos:preflabel", "“skos:prefLabel”"),
        (
            "ASK { ?m <https://w3id.org/shirube/ns#hasKpi> ?k }",
            "<https://w3id.org/shirube/ns#hasKpi>",
            "“<https://w3id.org/shirube/ns#hasKPI>”",
        ),
        ("ASK { ?m shirube:budget ?k }", "shirube:budget", "/ns"),
    ],
)
def test_the_nearest_term_is_told(body: str, token: str, near: str) -> None:
    (hint,) = terms(body)
    assert (hint.kind, hint.line, hint.token) == ("unknown-term", 4, token)
    assert near in hint.en
    assert hint.en != hint.ja


def test_known_terms_and_other_names_are_left_alone() -> None:
    assert (
        terms("ASK { ?m shirube:hasKPI/skos:prefLabel 'shirube:hasKPIs' ; rdf:_1 rdf:nil }") == []
    )
    assert terms("ASK { <https://w3id.org/shirube/ns#> a <http://e/hasKPIs> , rdf:Budget }") == []
    assert len(terms("ASK { ?m shirube:hasKPIs ?k ; shirube:hasKPIs ?l }")) == 1


# Over HTTP


@pytest.fixture
def at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time enough, however busy the machine is and however new the workers."""
    monkeypatch.setattr("kg.empty_results.BUDGET", LONG)


def fields(header: str) -> list[dict[str, str]]:
    """The members of the header, as a client reads them (RFC 9651)."""
    display = r'%"((?:[^"%]|%[0-9a-f]{2})*)"'
    pattern = rf"([a-z-]+);line=(\d+);column=(\d+);token={display};text={display}(?:, |$)"
    found = list(re.finditer(pattern, header))
    assert "".join(one[0] for one in found) == header
    names = ("kind", "line", "column", "token", "text")
    return [dict(zip(names, map(unquote, one.groups()), strict=True)) for one in found]


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "ではありませんか"), ("en", "Did you mean “shirube:hasKPI”?")]
)
def test_hints_are_in_a_header_in_the_readers_language(
    client: FlaskClient, at_leisure: None, language: str, words: str
) -> None:
    query = OURS + "SELECT * {\n ?m shirube:hasKPIs ?若者 }"
    response = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Language": language}
    )
    assert response.get_json() == {"head": {"vars": ["m", "若者"]}, "results": {"bindings": []}}
    unknown, unmatched = fields(response.headers["Shirube-Hint"])
    assert (unknown["kind"], unknown["line"], unknown["column"]) == ("unknown-term", "3", "5")
    assert words in unknown["text"]
    assert (unmatched["kind"], unmatched["token"]) == ("no-match", "?m shirube:hasKPIs ?若者")
    assert "Shirube-Hint" in response.headers["Access-Control-Expose-Headers"]
    assert "Accept-Language" in response.headers["Vary"]


def test_an_answer_without_remarks_has_no_header(client: FlaskClient) -> None:
    for query in ("SELECT * { ?m a shirube:KPI }", "ASK { ?m a shirube:KPI }"):
        response = client.get("/sparql", query_string={"query": OURS + query})
        assert response.status_code == 200
        assert "Shirube-Hint" not in response.headers


def test_the_header_stays_within_bounds() -> None:
    hint = Hint("no-match", "あ" * 900, "x", 1, 1, '%"\n\x7f')
    header = header_of([hint] * MAX_HINTS, "ja")
    assert header == ""
    header = header_of([hint] * MAX_HINTS, "en")
    assert header.isascii()
    assert header.isprintable()
    assert [one["token"] for one in fields(header)] == ['%"\n\x7f'] * MAX_HINTS


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+xml", "text/html"])
def test_every_format_and_the_page_have_the_hint(
    client: FlaskClient, at_leisure: None, accept: str
) -> None:
    query = OURS + "SELECT * { ?m a shirube:KPI FILTER(!BOUND(?m)) }"
    response = client.get(
        "/sparql", query_string={"query": query, "lang": "en"}, headers={"Accept": accept}
    )
    assert [one["kind"] for one in fields(response.headers["Shirube-Hint"])] == ["filtered"]
    if accept == "text/html":
        assert "Line 2, column 29: This FILTER removes all 25 solutions" in response.text
        assert "<p>Nothing matches these patterns.</p>" in response.text  # and no advice


def test_a_refused_query_has_no_hints(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": OURS + "ASK { ?m shirube:hasKPIs }"})
    assert response.status_code == 400
    assert "Shirube-Hint" not in response.headers


def test_no_probe_calls_a_service() -> None:
    text = "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p 1 } }"
    assert why_empty(OxigraphStore(), text, budget=LONG) == []


@pytest.mark.parametrize(
    "text", ["ASK { GRAPH <a:none> {} }", "ASK { GRAPH ?g { FILTER(1 > 2) } }"]
)
def test_a_group_without_patterns_is_no_riddle(text: str, caplog: pytest.LogCaptureFixture) -> None:
    why_empty(OxigraphStore(), text)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
