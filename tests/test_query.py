"""Reading SPARQL: its terminals, its shape, its mistakes, and that no SERVICE can hide in it."""

import contextlib
import pickle
import re
import socket
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ontology
from kg.oxigraph import OxigraphStore
from kg.prefixes import PREFIXES
from kg.query import SparqlError, check_query, check_update, inspect
from kg.sparql_reader import MAX_DEPTH, MAX_TOKENS
from kg.sparql_tokens import Source, tokenise, value

# The terminals


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenise(Source(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?x$y", ["VAR ?x", "VAR $y"]),
        ("<http://a/#b>", ["IRIREF <http://a/#b>"]),
        ("?a<?b && ?c>?d", ["VAR ?a", "PUNCTUATION <", "VAR ?b", "PUNCTUATION &&", "VAR ?c"]),
        ("?a<=1", ["VAR ?a", "PUNCTUATION <=", "NUMBER 1"]),
        ("?a<<http://b>", ["VAR ?a", "PUNCTUATION <", "IRIREF <http://b>"]),
        ("<< :a :b :c >>", ["PUNCTUATION <<", "PNAME :a", "PNAME :b", "PNAME :c"]),
        ("'''it's \"so\"'''@ja", ["STRING '''it's \"so\"'''", "LANGTAG @ja"]),
        ("''", ["STRING ''"]),
        ('"a\\"b"', ['STRING "a\\"b"']),
        ("1.5e3 .5 1.", ["NUMBER 1.5e3", "NUMBER .5", "NUMBER 1", "PUNCTUATION ."]),
        ("a:b.c.", ["PNAME a:b.c", "PUNCTUATION ."]),
        ("ex:a\\-b%20:c", ["PNAME ex:a\\-b%20:c"]),
        ("例:若者", ["PNAME 例:若者"]),
        ("_:b1.2.", ["BNODE _:b1.2", "PUNCTUATION ."]),
        ("# SERVICE <x> {}\nASK", ["WORD ASK"]),
        ("?𠮷", ["VAR ?𠮷"]),
    ],
)
def test_terminals(text: str, expected: list[str]) -> None:
    found = [f"{kind} {token}" for kind, token in kinds(text)]
    assert found[: len(expected)] == expected


def test_an_escape_stands_for_its_letter_but_not_for_a_delimiter() -> None:
    assert kinds("\\u0041SK") == [("WORD", "ASK")]
    (string,) = tokenise(Source('"\\u0022\\\\u0041\\U0001F600"'))
    assert value(string) == '"\\u0041😀'
    with pytest.raises(SparqlError):
        kinds("?x\\u0020?y")


def test_places_count_characters_of_the_original() -> None:
    source = Source("\\u0041SK\r\n{ ?\\u0078 ?p 'あ' }")
    places = {token.text: source.place(token.start) for token in tokenise(source)}
    assert places["ASK"] == (1, 1)
    assert places["{"] == (2, 1)
    assert places["?p"] == (2, 11)
    assert places["}"] == (2, 18)


@pytest.mark.parametrize("text", ["'''abc", '"a\nb"', "'a", '"""a""', "ASK { \u3000 }", "a \\ b"])
def test_a_stray_character_is_an_error(text: str) -> None:
    with pytest.raises(SparqlError) as caught:
        kinds(text)
    assert caught.value.kind == "syntax"
    assert caught.value.line == 1
    assert set(caught.value.hint) == {"ja", "en"}


# The shape


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# DELETE\nPREFIX a: <http://a/> BASE <http://b/> ask {}", "ASK"),
        ("PREFIX select: <http://a/> construct { select:a a 1 } {}", "CONSTRUCT"),
        ("DESCRIBE <http://a>", "DESCRIBE"),
        ("INSERT DATA {}", "UPDATE"),
        ("PREFIX a: <http://a/> WITH a:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "UPDATE"),
        ("LOAD <http://a>", "UPDATE"),
    ],
)
def test_form(text: str, form: str) -> None:
    assert inspect(text).form == form


def test_features_depth_and_prefixes() -> None:
    shape = inspect(
        "PREFIX a: <http://a/> SELECT * FROM <http://g> { { { FILTER(((1))) } } SERVICE a:b {} }"
    )
    assert shape.features == {"FROM", "SERVICE"}
    assert shape.depth == 6
    assert shape.prefixes == {"a": "http://a/"}


def test_words_in_other_places_are_no_features() -> None:
    text = """PREFIX service: <http://a/SERVICE#> # SERVICE <x> {}
    SELECT ?service { GRAPH service:service { ?service service:from 'SERVICE <x> {}'@en-service }
    _:service ?load <http://load/SERVICE> }"""
    assert inspect(text).features == frozenset()
    check_query(text)


def test_long_lists_are_not_counted_and_everything_else_is() -> None:
    rows = " ".join(f'("{n}" <http://a/{n}>)' for n in range(MAX_TOKENS))
    members = ", ".join(map(str, range(MAX_TOKENS)))
    text = f"SELECT * {{ VALUES (?a ?b) {{ {rows} }} FILTER (?a IN ({members})) }}"
    assert inspect(text).tokens < 50
    for hostile in ("SELECT * {" + "{} UNION " * MAX_TOKENS + "{} }", "DESCRIBE " + "<a:b>" * 9000):
        with pytest.raises(SparqlError) as caught:
            inspect(hostile)
        assert caught.value.kind == "too_deep"


@pytest.mark.parametrize(
    "hostile",
    [
        "SELECT * WHERE " + "{" * 4000 + "}" * 4000,
        "SELECT * { FILTER(" + "(" * 6000 + "1" + ")" * 6000 + ") }",
        "SELECT * { ?s " + "(" * 9000 + "<a:p>" + ")" * 9000 + " ?o }",
        "SELECT * { VALUES ?x {" + "(" * 200 + ")" * 200 + "} }",
        "SELECT * { ?s ?p " + "[ ?p " * 150 + "1" + "]" * 150 + " }",
        "SELECT * { ?s ?p " + "<<( ?s ?p " * 150 + "1" + ")>>" * 150 + " }",
    ],
)
def test_what_overflows_the_engine_is_too_deep(hostile: str) -> None:
    with pytest.raises(SparqlError) as caught:
        check_query(hostile)
    assert caught.value.kind == "too_deep"


def test_the_caps_leave_the_engine_alive() -> None:
    store = OxigraphStore()
    deepest = MAX_DEPTH - 1
    within = [
        "ASK {" + "{" * deepest + "}" * deepest + "}",
        "ASK { FILTER(" + "(" * (deepest - 1) + "1" + ")" * (deepest - 1) + ") }",
        "ASK { FILTER(" + "!" * (MAX_TOKENS - 10) + "true) }",
        "ASK { FILTER(1" + "+1" * (MAX_TOKENS // 2 - 10) + ") }",
        "DESCRIBE " + "<a:b> " * (MAX_TOKENS - 10),
        "ASK { " + "{} UNION " * (MAX_TOKENS // 3 - 10) + "{} }",
    ]
    for text in within:
        store.query(text)


# Its mistakes


@pytest.fixture(scope="module")
def store() -> OxigraphStore:
    store = OxigraphStore()
    store.load('<http://例え/あ> <http://e/p> "x"@ja <http://e/g> .'.encode())
    return store


@pytest.mark.parametrize(
    ("text", "line", "column", "token", "hint"),
    [
        ("SELECT * {\n  ?s foo:bar ?o }", 2, 6, "foo:bar", "PREFIX foo: <http://…>"),
        ("ASK {\n ?s skos:prefLabel 1 }", 2, 5, "skos:prefLabel", PREFIXES["skos"]),
        ("ASK { ?s dct:title 1 }", 1, 10, "dct:title", "PREFIX dct: <http://purl.org/dc/terms/>"),
        ("SELECT * { ?s ?p ?o", 1, 10, "{", ""),
        ("SELECT * { ?s ?p ?o ) }", 1, 21, ")", ""),
        ("SELEC * {}", 1, 1, "SELEC", "SELECT"),
        ("SELECT * {\n ?s ?p ?o\n OPTINAL { ?a ?b ?c } }", 3, 2, "OPTINAL", "OPTIONAL"),
        ("SELECT * { ?s ?p ?o FILTR(?o > 1) }", 1, 21, "FILTR", "FILTER"),
        ("SELECT * { ?s ?p ?o . FILTER(CONTIANS(?o, 'a')) }", 1, 30, "CONTIANS", "CONTAINS"),
        ("SELECT * {\n ?s ？ｐ ?o }", 2, 5, "？ｐ", "?p"),
        ("SELECT ?x { ?x ?y }", 1, 19, "}", ""),
        ("ASK {} ASK {}", 1, 8, "ASK", ""),
        ("ASK { ?s <p> ?o }", 1, 10, "<p>", "BASE"),
        ("ASK { ?s <http://a b> ?o }", 1, 11, "http:", "< and >"),
        ("ASK { ?s ?p 'a }", 1, 13, "'", "same quote"),
        ("ASK { BIND(1 AS ?x) BIND(2 AS ?x) }", 1, 31, "?x", "new variable"),
        ("SELECT ?b { { BIND(1 AS ?a) ?s ?p ?b } { ?s ?p ?a BIND(2 AS ?a) } }", 1, 61, "?a", "new"),
        ("PREFIX ex <http://a/> ASK {}", 1, 8, "ex", "PREFIX skos:"),
        ("SELECT * { { SELECT ?s { ?s ?p ?o } LIMIT x } }", 1, 43, "x", ""),
        ("PREFIX e: <http://e/> ASK { FILTER(e:f(1)) }", 1, 36, "http://e/f", ""),
        ("ASK { ?s ?p '\\uD800' }", 1, 13, "'\\uD800'", ""),
        ("SELECT * { ?s ?p ?o } LIMIT", None, None, None, ""),
        ("SELECT ?x { ?x a ?y } GROUP BY ?y", None, None, None, ""),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", None, None, None, ""),
        ("SELECT ?x ?x {}", None, None, None, ""),
        ("ASK { VALUES (?a ?b) { (1) } }", None, None, None, ""),
        ("", None, None, None, ""),
    ],
)
def test_a_mistake_is_placed_and_explained(
    store: OxigraphStore,
    text: str,
    line: int | None,
    column: int | None,
    token: str | None,
    hint: str,
) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query(text)
    error = caught.value
    assert error.kind in ("syntax", "unsupported")
    assert (error.line, error.column, error.token) == (line, column, token)
    assert hint in error.hint.get("en", "")
    assert error.ja != error.en
    assert bool(error.hint.get("ja")) == bool(error.hint.get("en"))


WORDS = ["SELECT", "*", "{", "?s", "?p", "?o", ".", "OPTIONAL", "{", "?s", "?q", "'あ'", "}", "}"]


@given(
    at=st.integers(1, len(WORDS)),
    gaps=st.lists(st.sampled_from([" ", "\n", "\t", " # x\n", "\r\n"]), min_size=15, max_size=15),
    wrong=st.sampled_from(["SELCT", "]", "%", "Ｘ"]),
)
@settings(max_examples=150, deadline=None)
def test_a_wrong_word_is_found_where_it_stands(at: int, gaps: list[str], wrong: str) -> None:
    before = "".join(word + gap for word, gap in zip(WORDS[:at], gaps, strict=False))
    text = before + wrong + "".join(gap + w for w, gap in zip(WORDS[at:], gaps[at:], strict=False))
    with pytest.raises(SparqlError) as caught:
        OxigraphStore().query(text)
    lines = re.split(r"\r\n|\n", before)
    error = caught.value
    assert (error.line, error.column, error.token) == (len(lines), len(lines[-1]) + 1, wrong)


def test_an_error_travels_whole() -> None:
    with pytest.raises(SparqlError) as caught:
        check_query("ASK { a:b ?p ?o }")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.__dict__ == caught.value.__dict__
    assert str(copy) == str(caught.value)


def test_updates_are_told_apart() -> None:
    with pytest.raises(SparqlError) as caught:
        check_query("PREFIX a: <http://a/> # SELECT\nDELETE WHERE { ?s ?p ?o }")
    assert caught.value.kind == "read_only"
    with pytest.raises(SparqlError) as caught:
        check_update("SELECT * {}")
    assert caught.value.kind == "syntax"
    for text in (
        "LOAD <http://127.0.0.1:9/>",
        "INSERT DATA { <a:a> <a:b> 1 } ; load silent <file:///etc/passwd>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ):
        with pytest.raises(SparqlError) as caught:
            check_update(text)
        assert caught.value.kind == "forbidden"
    update = check_update(
        "PREFIX a: <http://a/> INSERT DATA { a:s a:p 'LOAD' } ; PREFIX b: <http://b/> CLEAR ALL"
    )
    ox.Store().update(update.text)


def test_our_prefixes_are_those_of_the_ontology() -> None:
    ours = {"shirube": str(ontology.SHIRUBE), "graph": ontology.GRAPH, "sdg": str(ontology.SDG)}
    theirs = {"oa": ontology.OA, "kpionto": ontology.KPIONTO, "schema": ontology.SCHEMA}
    for prefix, namespace in {**ours, **theirs}.items():
        assert PREFIXES[prefix] == str(namespace)


# The rendering


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREFIX a: <http://a/> SELECT (CONCAT ( '1', 'x' ) AS ?x) {}", "1x"),
        ("SELECT ?x { BIND(1 AS ?x) } ORDER BY DESC (?x)", "1"),
        ('SELECT ("""a"b\\\\n\n\'""" AS ?x) {}', "a\"b\\n\n'"),
        ("SELECT (STRLEN(''\"\") AS ?x) {}", None),
        ("SELECT (STR(<http://a/%20#'x>) AS ?x) {}", "http://a/%20#'x"),
        ("BASE <http://b/c/> PREFIX : <#> SELECT (STR(:x\\-y) AS ?x) {}", "http://b/c/#x-y"),
        ("BASE <http://b/c/> SELECT (STR(<../d>) AS ?x) {}", "http://b/d"),
        ("PREFIX 例: <http://例え/> SELECT (STR(例:a.b.c) AS ?x) {}", "http://例え/a.b.c"),
        (
            "PREFIX s: <http://S/> SELECT (CONCAT('SERVICE',STR(s:service)) AS ?x) {}",
            "SERVICEhttp://S/service",
        ),
    ],
)
def test_the_rendering_means_the_same(text: str, expected: str | None) -> None:
    store = OxigraphStore()
    if expected is None:
        with pytest.raises(SparqlError):
            store.query(text)
    else:
        assert [row["x"].value for row in store.query(text).rows()] == [expected]


# SERVICE


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A port that notes who calls: its URL, and the calls."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                calls.append(str(address))
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
        done.set()
        thread.join()


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <URL> { ?s ?p ?o } }",
        "PREFIX : <URL> PREFIX SERVICE: <URL> ASK { SERVICE:x { ?s ?p ?o } }",
        "PREFIX p: <http://x:8> ASK { ?s ?p p:SERVICE<URL>{} }",
        'ASK { FILTER(1<?b#>"""\n) SERVICE <URL> { ?s ?p ?o } #"""\n }',
    ],
)
def test_the_listener_hears_the_bare_engine(text: str, listener: tuple[str, list[str]]) -> None:
    """Otherwise the tests below would prove nothing."""
    url, calls = listener
    before = len(calls)
    store = ox.Store()
    store.load(b"<a:s> <a:p> 1 .", format=ox.RdfFormat.TURTLE)
    with contextlib.suppress(OSError, RuntimeError):
        bool(store.query(text.replace("URL", url)))
    assert len(calls) > before


ADVERSARIAL = [
    "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { service silent<URL>{?s ?p ?o} }",
    "ASK { SERVICE ?x { ?s ?p ?o } VALUES ?x { <URL> } }",
    "SELECT * { { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } } }",
    "ASK { FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "ASK { FILTER(COALESCE(IF(EXISTS { SERVICE <URL> { ?s ?p ?o } }, 1, 2))) }",
    "SELECT (EXISTS { SERVICE <URL> { ?s ?p ?o } } AS ?x) {}",
    "ASK { SERV\\u0049CE <URL> { ?s ?p ?o } }",
    "ASK { \\U00000053ERVICE <URL> { ?s ?p ?o } }",
    "PREFIX : <URL> ASK { SERVICE:x { ?s ?p ?o } }",
    "PREFIX : <URL> PREFIX SERVICE: <URL> ASK { SERVICE:x { ?s ?p ?o } }",
    "PREFIX : <URL> SELECT * { ?s ?p trueSERVICE:x { ?a ?b ?c } }",
    "PREFIX : <URL> PREFIX trueSERVICE: <URL> SELECT * { VALUES ?s {1} ?s ?p trueSERVICE:x {} }",
    "ASK { ?s ?p trueSERVICE<URL>{ ?a ?b ?c } }",
    "ASK { VALUES ?x { UNDEF }SERVICE<URL>{ ?a ?b ?c } }",
    "PREFIX p: <http://x:8> ASK { ?s ?p p:SERVICE<URL>{} }",
    "PREFIX p: <http://[> ASK { ?s ?p p:SERVICE<URL>{} }",
    'ASK { FILTER(1<?b#>"""\n) SERVICE <URL> { ?s ?p ?o } #"""\n }',
    "ASK { FILTER(1<'>'&&EXISTS{SERVICE<URL>{}}&&'x'='y') }",
    "ASK { FILTER('a'<'>' || EXISTS { SERVICE <URL> { ?s ?p ?o } } || 'a'>'b') }",
    "ASK { ?s ?p 'a'@en-SERVICE<URL>{ ?a ?b ?c } }",
    "ASK { ?s ?p _:bSERVICE<URL>{ ?a ?b ?c } }",
    "ASK { ?s ?p 1SERVICE<URL>{ ?a ?b ?c } }",
    "ASK { ?s ?p 1.e1SERVICE<URL>{ ?a ?b ?c } }",
    "ASK { ?s ?p ''''SERVICE<URL>{ ?a ?b ?c } }",
    "ASK { ?s ?p '' 'SERVICE<URL>{ ?a ?b ?c }' }",
    "ASK { # comment \r SERVICE <URL> { ?s ?p ?o }\n }",
    "ASK { # comment \u2028 SERVICE <URL> { ?s ?p ?o }\n }",
    "ASK { # comment \x0b SERVICE <URL> { ?s ?p ?o }\n }",
    "PREFIX a: <URL> ASK { ?s a:p?SERVICE<URL>{ ?a ?b ?c } }",
    'ASK { ?s ?p "\\\\"SERVICE<URL>{ ?a ?b ?c } }',
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE ?s WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { \u017fERVICE <URL> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", ADVERSARIAL)
def test_no_service_is_called(text: str, listener: tuple[str, list[str]]) -> None:
    url, calls = listener
    before = len(calls)
    store = OxigraphStore()
    store.load(b'<a:g> { <a:s> <a:p> true, "x", 1 }', "application/trig")
    with contextlib.suppress(SparqlError):
        store.query(text.replace("URL", url))
    assert len(calls) == before


SOUP = st.lists(
    st.sampled_from(
        [
            *("SERVICE", "service", "SERV\\u0049CE", "SILENT", "SERVICE:", "true", "a", "'", '"'),
            *("'''", '"""', "#", "\n", "\r", "<", ">", "<URL>", "?x", "?", "$x", "_:b", "@en", "-"),
            *("{", "}", "(", ")", "{}", ":", ":x", "p:", "\\", "\\u0027", "\\u003E", ".", ";", "1"),
            *("FILTER(", "EXISTS", "&&", "||", "=", "BIND(", " AS ?y)", "VALUES ?x {", "UNION"),
            *("GRAPH", "OPTIONAL", "SELECT * {", "ASK {", " ", "?s ?p ", "^^", "|", "/", "*", "<<"),
        ]
    ),
    max_size=14,
).map("".join)


@given(before=SOUP, middle=SOUP, after=SOUP)
@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_soup_of_tokens_calls_a_service(
    listener: tuple[str, list[str]], before: str, middle: str, after: str
) -> None:
    url, calls = listener
    heard = len(calls)
    text = (
        f"PREFIX : <{url}> PREFIX p: <{url}> ASK {{ {before} SERVICE{middle}<{url}>{{}} {after} }}"
    )
    with contextlib.suppress(SparqlError):
        OxigraphStore().query(text.replace("URL", url))
    assert len(calls) == heard


SAFE_BEFORE = re.compile(r"[?$][^ <>\"(){}]*|_:[^ <>\"(){}]*|@[A-Za-z0-9-]*")


@given(text=st.one_of(SOUP.map(lambda soup: f"PREFIX : <a:b> ASK {{ {soup} }}"), st.text()))
@settings(max_examples=500, deadline=None)
def test_the_word_is_left_only_where_it_is_harmless(text: str) -> None:
    """The property that the safety argument rests on, whatever an engine makes of the rest."""
    try:
        rendering = check_query(text).text
    except SparqlError:
        return
    assert "service" not in SAFE_BEFORE.sub("", rendering).casefold()


@given(st.text() | SOUP)
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, it is answered, or refused with a SparqlError in both languages."""
    refusal: SparqlError | None = None
    try:
        OxigraphStore().query(text)
    except SparqlError as error:
        refusal = error
    assert refusal is None or (refusal.ja and refusal.en)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT * { ?s ?p ?o }", "s p o"),
        ("SELECT*WHERE{?s ?p ?o}", "s p o"),
        ("SELECT DISTINCT *\n{ ?z <a:p> ?b OPTIONAL { ?a <a:p> ?若者 } }", "z b a 若者"),
        ("SELECT * { { SELECT ?b { ?z <a:p> ?b } } ?a ?p ?b }", "b a p"),
        ("SELECT * { ?z <a:p> ?a FILTER NOT EXISTS { ?b <a:p> ?a } }", "z a"),
        ("SELECT * { VALUES (?y ?x) { (1 2) } BIND (?x * ?y AS ?b) }", "y x b"),
        ("SELECT * {}", ""),
    ],
)
def test_columns_of_select_star_stand_as_its_variables_appear(text: str, names: str) -> None:
    result = OxigraphStore().query(text, media_type="text/csv")
    assert result.body.decode().splitlines()[0] == names.replace(" ", ",")


# Hostile words


LONG = "a" * 20_000


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        f"SELECT * {{ ?s ?p {LONG} }}",
        f"SELECT * {{ ?s {LONG}:p ?o }}",
        f"SELECT * {{ ?s <{LONG}> ?o }}",
        f"SELECT * {{ ?s ?p '{LONG}' '{LONG}' }}",
        f"SELECT * {{ ?s ?p 'x'@{LONG} }}",
        f"SELECT (?s AS ?{LONG}) (?o AS ?{LONG}) {{ ?s ?p ?o }}",
        f"PREFIX {LONG} SELECT * {{}}",
        f"ASK {{ FILTER(<http://e/{LONG}>(1)) }}",
        f"SELECT * {{ SERVICE <http://e/{LONG}> {{}} }}",
        f"SELECT * {{ SERVICE{LONG} <http://e/> {{}} }}",
        f"SELECT * {{ ?s ?p ?o FILTER({'「' * 20_000}) }}",
        f"ASK {{ FILTER({'」' * 20_000}:a) }}",
    ],
)
def test_an_error_does_not_repeat_a_long_word(text: str) -> None:
    with pytest.raises(SparqlError) as caught:
        OxigraphStore().query(text)
    error = caught.value
    said = (error.ja, error.en, str(error), error.token or "", *error.hint.values())
    assert max(map(len, said)) < 2_500
    assert not error.token or len(error.token) <= 100
    assert error.line == 1 or error.kind == "syntax"


def test_an_error_repeats_a_word_that_is_not_long() -> None:
    with pytest.raises(SparqlError, match="“toast_and_jam”") as caught:
        OxigraphStore().query("SELECT * { toast_and_jam }")
    assert caught.value.token == "toast_and_jam"
