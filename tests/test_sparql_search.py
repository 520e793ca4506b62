"""`shirube:search` inside SPARQL: alike on every engine, joined with the rest, well refused."""

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.codes import GOALS
from kg.oxigraph import OxigraphStore
from kg.query import SparqlError
from kg.search_arguments import MAX_LIMIT, TYPES, Asked, Narrowing
from kg.search_calls import MAX_CALLS
from kg.searching_store import Found, SearchingStore
from kg.sparql_group_reader import groups_of
from kg.sparql_reader import read
from kg.store import Store
from search.searcher import Searcher
from search.sparql_search import SparqlSearch
from tests.engines import endpoint, expect_differences, folder, oxigraph, store, virtuoso
from web.services import Services

__all__ = ["endpoint", "folder", "oxigraph", "store", "virtuoso"]

JOINS = "test_the_answer_joins_with_the_rest[virtuoso-"
DIFFERENCES = {
    JOINS + '?t e:n ?n ; shirube:search "x" ;]': "it takes no `;` before `}`",
    JOINS + "?t e:n ?n FILTER EXISTS {": "VALUES in EXISTS is an internal error of its",
    JOINS + '{ ?t shirube:search "x" ; e:n ?n } UNION {': "it loses solutions of VALUES in UNION",
    "test_it_is_left_out_as_any_pattern_is[virtuoso]": "VALUES in MINUS is an internal error",
    "test_ask_construct_and_describe_search[virtuoso]": "its DESCRIBE tells nothing here",
    "test_a_mistake_elsewhere_keeps_its_place[virtuoso]": "its errors name no column",
}


@pytest.fixture(autouse=True)
def known_difference(request: pytest.FixtureRequest) -> None:
    expect_differences(request, DIFFERENCES)


PREFIXES = "PREFIX shirube: <https://w3id.org/shirube/ns#>\nPREFIX e: <http://e/>\n"
RETAINING = "Retaining young people in the prefecture and developing human resources"
YOUTH = "http://例え/若者"
NEAR = "http://例え/近い"


class Shelf:
    """A search that always finds the same two things, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def allowed(self, option: str) -> Sequence[str]:
        values = {"lang": ["ja", "en"], "policy": ["1", "2"], "sdg": GOALS, "plan": ["p-1", "p-2"]}
        return values[option]

    def search(self, asked: Asked) -> Sequence[Found]:
        self.asked.append(asked)
        hits = [
            Found(YOUTH, 0.9, '"若者"\\の\n地元定着', "ja"),
            Found(NEAR, 0.25, "Near SERVICE", "en"),
        ]
        return [] if asked.text == "nothing" else hits[: asked.limit]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def searching(store: Store, shelf: Shelf) -> SearchingStore:
    """Every engine of the store seam, with a search before it."""
    return SearchingStore(store, lambda: shelf)


@pytest.fixture
def memory(shelf: Shelf) -> SearchingStore:
    return SearchingStore(OxigraphStore(), lambda: shelf)


def rows(store: Store, pattern: str) -> list[dict[str, str]]:
    found = store.query(f"{PREFIXES}SELECT * {{ {pattern} }}").rows()
    return sorted(
        ({name: str(term.value) for name, term in row.items()} for row in found),
        key=lambda row: sorted(row.items()),
    )


# What every engine does


def test_things_scores_and_literals(searching: SearchingStore, shelf: Shelf) -> None:
    found = searching.query(
        f'{PREFIXES}SELECT * {{ (?thing ?score ?literal) shirube:search ("ｗｏｒｄｓ" 2 "lang:ja" '
        '"type:measure, kpi" "type:policy") } ORDER BY DESC(?score)'
    ).rows()
    assert shelf.asked == [Asked("words", 2, "ja", ("measure", "kpi", "policy"))]
    assert [row["thing"] for row in found] == [ox.NamedNode(YOUTH), ox.NamedNode(NEAR)]
    assert [row["literal"] for row in found] == [
        ox.Literal('"若者"\\の\n地元定着', language="ja"),
        ox.Literal("Near SERVICE", language="en"),
    ]
    scores = [row["score"] for row in found]
    assert all(isinstance(score, ox.Literal) for score in scores)
    assert {score.datatype.value for score in scores if isinstance(score, ox.Literal)} == {
        "http://www.w3.org/2001/XMLSchema#double"
    }
    assert [float(score.value) for score in scores if isinstance(score, ox.Literal)] == [0.9, 0.25]


@pytest.mark.parametrize(
    "pattern",
    [
        '?t shirube:search "x" . ?t e:n ?n',
        '?t e:n ?n . ?t shirube:search "x"',
        '?t shirube:search "x" ; e:n ?n',
        '?t e:n ?n ; shirube:search "x" ;',
        '?t e:n ?n ; shirube:search "x" ; e:n ?n .',
        '(?t) shirube:search ("x") . ?t e:n ?n',
        '?t shirube:search "x", "y" . ?t e:n ?n',
        '?t <https://w3id.org/shirube/ns#search> "x" ; e:n ?n',
        '?t shirube:s\\u0065arch "x" ; e:n ?n',
        '?t shirube:search "x" FILTER(?n > 0) ?t e:n ?n',
        '{ ?t shirube:search "x" } { ?t e:n ?n }',
        '?t e:n ?n { SELECT ?t { ?t shirube:search "x" } }',
        '?t e:n ?n FILTER EXISTS { ?t shirube:search "x" }',
        'GRAPH ?g { ?t shirube:search "x" ; e:n ?n }',
        '{ ?t shirube:search "x" ; e:n ?n } UNION { ?t shirube:search "nothing" }',
        '_:b e:n ?m . ?t shirube:search "x" FILTER(?m > 0) _:b e:n ?n . ?t e:n ?n FILTER(?m = ?n)',
        'SERVICE shirube:search { ?t shirube:search "x" } ?t e:n ?n',
        'service silent shirube:search { ?t shirube:search "x" ; shirube:searchLimit 1 } ?t e:n ?n',
        '# shirube:search "no"\n ?t shirube:search """x""" ; e:n ?n',
    ],
)
def test_the_answer_joins_with_the_rest(searching: SearchingStore, pattern: str) -> None:
    found = {(row["t"], row["n"]) for row in rows(searching, pattern)}
    assert found == {(YOUTH, "4"), (YOUTH, "5")}


def test_it_is_left_out_as_any_pattern_is(searching: SearchingStore) -> None:
    optional = rows(searching, 'VALUES ?t { <a:1> } OPTIONAL { (?t ?s) shirube:search "x" }')
    assert optional == [{"t": "a:1"}]
    assert rows(searching, '?t e:n ?n MINUS { ?t shirube:search "x" }') == []
    assert rows(searching, '?t e:n ?n FILTER NOT EXISTS { ?t shirube:search "x" }') == []
    assert rows(searching, '?t shirube:search "nothing" ; e:n ?n') == []


def test_several_searches_in_one_query(searching: SearchingStore, shelf: Shelf) -> None:
    found = rows(
        searching,
        '(?a ?sa) shirube:search ("one" 1) . (?b ?sb) shirube:search "two" . '
        "FILTER(?a != ?b) SERVICE shirube:search { ?b shirube:search 'two' }",
    )
    assert [(row["a"], row["b"]) for row in found] == [(YOUTH, NEAR)]
    assert sorted(asked.text for asked in shelf.asked) == ["one", "two"]


def test_ask_construct_and_describe_search(searching: SearchingStore) -> None:
    assert searching.query(PREFIXES + 'ASK { ?t shirube:search "x" ; e:n 4 }').boolean()
    assert not searching.query(PREFIXES + 'ASK { ?t shirube:search "nothing" }').boolean()
    made = searching.query(
        PREFIXES + 'CONSTRUCT { ?t shirube:search ?s } WHERE { (?t ?s) shirube:search ("x" 1) }'
    )
    assert [str(triple.predicate) for triple in made.triples()] == [
        "<https://w3id.org/shirube/ns#search>"
    ]
    described = searching.query(PREFIXES + 'DESCRIBE ?t { ?t shirube:search ("x" 1) }')
    assert len(described.triples()) >= 3


def test_the_service_takes_every_option(searching: SearchingStore, shelf: Shelf) -> None:
    found = rows(
        searching,
        """SERVICE shirube:search {
          ?t shirube:search "x" ; shirube:searchLimit 1 ; shirube:searchLanguage "en" ;
            shirube:searchType shirube:Measure , "kpi" ; shirube:searchPolicy "2" ;
            shirube:searchSDG 4 , "8" ; shirube:searchPlan "p-1, p-2" .
          ?t shirube:searchScore ?s ; shirube:searchLiteral ?l
        }""",
    )
    assert found == [{"t": YOUTH, "s": "0.9", "l": '"若者"\\の\n地元定着'}]
    narrowed = (("policy", "2"), ("sdg", "4"), ("sdg", "8"), ("plan", "p-1"), ("plan", "p-2"))
    assert shelf.asked == [Asked("x", 1, "en", ("measure", "kpi"), narrowed)]


def test_the_property_takes_what_search_can_be_narrowed_by(
    memory: SearchingStore, shelf: Shelf
) -> None:
    options = '"policy:1,2" "sdg:４" "sdg:8" "plan:p-2"'  # full-width digits are digits
    assert rows(memory, f'(?t ?s ?l) shirube:search ("x" {options})')
    narrowed = (("policy", "1"), ("policy", "2"), ("sdg", "4"), ("sdg", "8"), ("plan", "p-2"))
    assert shelf.asked == [Asked("x", narrowed=narrowed)]


def test_labels_are_asked_for_where_they_are_wanted(memory: SearchingStore, shelf: Shelf) -> None:
    for variables in ("?t", "(?t ?s)", "(?t ?s ?l)"):
        rows(memory, f'{variables} shirube:search ("x")')
    assert [one.labelled for one in shelf.asked] == [False, True]


def test_the_term_itself_can_be_asked_about(searching: SearchingStore, shelf: Shelf) -> None:
    for pattern in (
        "shirube:search ?p ?o",
        "?s ?p shirube:search",
        "VALUES ?s { shirube:search } ?s ?p ?o",
    ):
        assert rows(searching, pattern) == []
    assert shelf.asked == []


def test_a_mistake_elsewhere_keeps_its_place(searching: SearchingStore) -> None:
    text = PREFIXES + 'SELECT * {\n?\\u0074 shirube:search "x" ; e:n ?n . ?a ?b }'
    with pytest.raises(SparqlError) as caught:
        searching.query(text)
    error = caught.value
    assert (error.kind, error.line, error.column, error.token) == ("syntax", 4, 45, "}")
    with pytest.raises(SparqlError) as caught:
        searching.query(PREFIXES + 'SELECT * { ?t shirube:search "x" BIND(1 AS ?t) }')
    error = caught.value
    assert (error.line, error.column, error.token) == (3, 44, "?t")
    assert error.en.startswith("Line 3, column 44: ")
    assert error.ja.startswith("3 行 44 文字目: ")


# What is refused, where, and how it is mended


@pytest.mark.parametrize(
    ("pattern", "column", "words"),
    [
        ("?t shirube:search ?text", 30, "constants"),
        ('?t shirube:search ("x" ?n)', 35, "constants"),
        ('?t shirube:search ("x" 0)', 35, f"1 to {MAX_LIMIT}"),
        ('?t shirube:search ("x" -1)', 35, f"1 to {MAX_LIMIT}"),
        ('?t shirube:search ("x" 1.5)', 35, f"1 to {MAX_LIMIT}"),
        (f'?t shirube:search ("x" {MAX_LIMIT + 1})', 35, f"1 to {MAX_LIMIT}"),
        ('?t shirube:search ("x" ' + "9" * 5000 + ")", 35, f"1 to {MAX_LIMIT}"),
        ('?t shirube:search ("x" 1 2)', 37, "second time"),
        ('?t shirube:search ("x" "lang:ko")', 35, "en, ja"),
        ('?t shirube:search ("x" "type:measures")', 35, ", ".join(TYPES)),
        ('?t shirube:search ("x" "goal:4")', 35, "policy:, sdg:, plan:"),
        ('?t shirube:search ("x" "plan:x")', 35, "p-1, p-2"),
        ('?t shirube:search ("x" "policy:")', 35, "1, 2"),
        ('?t shirube:search ("x" "sdg:18")', 35, "16, 17"),
        ('?t shirube:search ("x" "sdg:4,")', 35, "16, 17"),
        ('?t shirube:search ("x" <a:b>)', 35, "plain string"),
        ('?t shirube:search "x"@ja', 30, "plain string"),
        ("?t shirube:search 5", 30, "plain string"),
        ("?t shirube:search ()", 30, "no text"),
        ('?t shirube:search " ・ "', 30, "no text"),
        ('?t shirube:search "' + "x" * 1001 + '"', 30, "1,000"),
        ('<a:b> shirube:search "x"', 12, "variables"),
        ('_:b shirube:search "x"', 12, "variables"),
        ('(?t <a:b>) shirube:search "x"', 16, "variables"),
        ('() shirube:search "x"', 12, "one to three"),
        ('(?a ?b ?c ?d) shirube:search "x"', 12, "one to three"),
        ('(?a ?a) shirube:search "x"', 12, "different"),
        ('(?a ?b) shirube:search "x" ; e:n ?n', 41, "“;”"),
        ('?t shirube:search/e:n "x"', 15, "path"),
        ('?t ^shirube:search "x"', 16, "path"),
        ('?t e:n [ shirube:search "x" ]', 21, "brackets"),
        ("SERVICE shirube:search {}", 20, "no text"),
        ("SERVICE shirube:search { ?t shirube:searchSDG e:n }", 58, "plain string"),
        ('SERVICE shirube:search { ?t shirube:search "x" . ?u shirube:searchLimit 1 }', 61, "one"),
        ('SERVICE shirube:search { ?t shirube:search "x" OPTIONAL { ?t e:n 1 } }', 59, "one"),
        ('SERVICE shirube:search { ?t shirube:search "x" ; e:n 1 }', 61, "searchLimit"),
        ('SERVICE shirube:search { ?t shirube:search "x", "y" }', 60, "second time"),
        ('SERVICE shirube:search { ?t shirube:search "x" ; shirube:searchType e:n }', 80, "kpi"),
    ],
)
def test_a_call_that_is_wrong(
    memory: SearchingStore, shelf: Shelf, pattern: str, column: int, words: str
) -> None:
    with pytest.raises(SparqlError) as caught:
        memory.query(f"{PREFIXES}SELECT * {{ {pattern} }}")
    error = caught.value
    assert (error.kind, error.line, error.column) == ("syntax", 3, column)
    assert words in error.en
    assert error.ja != error.en
    assert bool(error.hint.get("ja")) == bool(error.hint.get("en"))
    assert shelf.asked == []


def test_the_nearest_type_is_told(memory: SearchingStore) -> None:
    with pytest.raises(SparqlError) as caught:
        memory.query(PREFIXES + 'ASK { ?t shirube:search ("x" "type:mesure") }')
    assert caught.value.hint["en"] == "Did you mean measure?"


def test_the_short_form_of_construct_is_refused(memory: SearchingStore) -> None:
    with pytest.raises(SparqlError) as caught:
        memory.query(PREFIXES + 'CONSTRUCT WHERE { ?t shirube:search "x" }')
    assert (caught.value.kind, caught.value.line) == ("syntax", 3)


def test_searches_are_limited_in_number(memory: SearchingStore, shelf: Shelf) -> None:
    def text(n: int) -> str:
        return (
            PREFIXES + "ASK {" + " . ".join(f'?t{i} shirube:search "{i}"' for i in range(n)) + "}"
        )

    assert memory.query(text(MAX_CALLS)).boolean()
    shelf.asked.clear()
    with pytest.raises(SparqlError) as caught:
        memory.query(text(MAX_CALLS + 1))
    assert caught.value.kind == "too_deep"
    assert shelf.asked == []


@pytest.mark.parametrize(
    "text",
    [
        'ASK { SERVICE <http://127.0.0.1:9/> { ?t shirube:search "x" } }',
        "ASK { SERVICE shirube:search { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
        'ASK { ?t shirube:search "x" FILTER EXISTS { SERVICE <http://127.0.0.1:9/> {} } }',
        'ASK { ?t shirube:search "x" . SERVICE ?x { ?s ?p ?o } VALUES ?x { shirube:search } }',
        'ASK { ?t shirube:search "x" . ?t e:n trueSERVICE shirube:search { } }',
        "ASK { SERVICE <https://w3id.org/shirube/ns#search/> { ?s ?p ?o } }",
    ],
)
def test_any_other_service_stays_refused(memory: SearchingStore, text: str) -> None:
    with pytest.raises(SparqlError) as caught:
        memory.query(PREFIXES + text)
    assert caught.value.kind == "forbidden"


def test_a_store_without_a_search_says_so(store: Store) -> None:
    with pytest.raises(SparqlError) as caught:
        store.query(PREFIXES + 'ASK { ?t shirube:search "x" }')
    assert caught.value.kind == "unsupported"
    with pytest.raises(SparqlError) as caught:
        store.query(PREFIXES + 'ASK { SERVICE shirube:search { ?t shirube:search "x" } }')
    assert caught.value.kind == "forbidden"


def test_the_search_is_opened_only_for_a_query_that_searches() -> None:
    opened: list[Shelf] = []

    def open_search() -> Shelf:
        opened.append(Shelf())
        return opened[-1]

    store = SearchingStore(OxigraphStore(), open_search)
    store.query("ASK { ?s ?p 'shirube:search' }")
    assert opened == []
    for text in ("x", "x", "y"):
        store.query(f"{PREFIXES} ASK {{ ?t shirube:search '{text}' }}")
    assert [asked.text for asked in opened[0].asked] == ["x", "y"]
    assert len(opened) == 1


SOUP = st.lists(
    st.sampled_from(
        [
            *(
                "SERVICE ",
                "shirube:search ",
                "?t ",
                "?s ",
                '"x" ',
                '("x" 3) ',
                "(?t ?s) ",
                "{ ",
                "} ",
            ),
            *(
                ". ",
                "; ",
                ", ",
                "OPTIONAL ",
                "UNION ",
                "GRAPH ",
                "FILTER(",
                ") ",
                "SELECT * ",
                "[ ",
            ),
            *(
                "] ",
                "VALUES ?t { ",
                "e:n ",
                "a ",
                "1 ",
                "+",
                "EXISTS ",
                "<< ",
                ">> ",
                "^",
                "/",
                "|",
            ),
        ]
    ),
    max_size=16,
).map("".join)


@given(SOUP)
@settings(max_examples=600, deadline=None)
def test_any_text_is_answered_or_refused(soup: str) -> None:
    """Nothing but a SparqlError comes out, and no search reaches an engine."""
    store = SearchingStore(OxigraphStore(), Shelf)
    refusal: SparqlError | None = None
    try:
        store.query(PREFIXES + "SELECT * { " + soup + " }")
    except SparqlError as error:
        refusal = error
    assert refusal is None or (refusal.ja and refusal.kind != "unsupported")


# Our own searcher


@pytest.mark.parametrize("language", ["ja", "en", "zh-hant"])
def test_the_searcher_answers_with_labels_of_the_graph(
    searcher: Searcher, services: Services, language: str
) -> None:
    asked = f'("youth retention" 5 "type:measure" "lang:{language}")'
    found = services.store.query(
        f"""{PREFIXES} PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT * {{ (?thing ?score ?literal) shirube:search {asked} .
        ?thing a shirube:Measure ; skos:prefLabel ?literal }} ORDER BY DESC(?score)"""
    ).rows()
    hits = searcher.search("youth retention", types=["measure"], language=language, limit=5)
    assert [row["thing"] for row in found] == [ox.NamedNode(hit.iri) for hit in hits]
    assert [row["literal"] for row in found] == [
        ox.Literal(hit.label[language], language=language) for hit in hits
    ]


def test_without_a_language_the_label_is_in_that_of_what_matched(searcher: Searcher) -> None:
    search = SparqlSearch(searcher)
    assert set(search.allowed("lang")) >= {"ja", "en", "zh-hans", "ko"}
    (english,) = search.search(Asked(RETAINING, 1))
    (japanese,) = search.search(Asked("若者の地元定着と人材育成", 1))
    assert english.iri == japanese.iri
    assert (english.language, japanese.language) == ("en", "ja")


@pytest.mark.parametrize(
    ("narrowed", "belongs"),
    [
        ((("policy", "2"),), "?t dcterms:isPartOf* [ a shirube:BasicPolicy ; skos:notation '2' ]"),
        ((("sdg", "4"),), "?t ^dcterms:isPartOf*/shirube:alignedWith/skos:broader? sdg:4"),
        ((("plan", "kumamoto-2"), ("policy", "1"), ("policy", "4")), "?t a ?type"),
    ],
)
def test_what_is_found_belongs_to_what_it_was_narrowed_to(
    services: Services, narrowed: tuple[tuple[Narrowing, str], ...], belongs: str
) -> None:
    """By the graph, which knows nothing of the searcher."""
    options = " ".join(f'"{by}:{value}"' for by, value in narrowed)
    found = services.graph.query(
        f"""PREFIX shirube: <https://w3id.org/shirube/ns#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX sdg: <http://metadata.un.org/sdg/>
        SELECT ?t ?belongs {{
          ?t shirube:search ("若者" 30 {options} "type:initiative")
          BIND(EXISTS {{ {belongs} }} AS ?belongs)
        }}"""
    ).rows()
    assert found
    assert all(row["belongs"] == ox.Literal(True) for row in found)


def test_a_policy_that_is_not_here_is_told_which_are(services: Services) -> None:
    text = PREFIXES + 'SELECT * { ?t shirube:search ("x" "policy:9") }'
    with pytest.raises(SparqlError, match="there are 1, 2, 3, 4"):
        services.graph.query(text)


# The groups that this rests on


def test_groups_are_told_from_what_else_has_braces() -> None:
    text = """SELECT (EXISTS { ?a ?b ?c } AS ?e) WHERE {
      ?s ?p "{" ; ?q 1 , -2 , 'x'@en , "y"^^<a:t> . ?s <a:p>*/^<a:q>|!(<a:r>|a) ?o .
      [ ?p ?o ] . (1 2) ?p () . VALUES (?x) { (1) (UNDEF) } << ?s ?p ?o >> ?r 1 {| ?m 2 |} .
      FILTER NOT EXISTS { ?s a ?t } FILTER(?s IN (1, 2) && EXISTS { ?k a ?l }) BIND(1 + 2 AS ?y)
      { ?s a 1 } UNION { ?s a 2 } UNION { } MINUS { ?s a 3 } GRAPH ?g { ?s a 4 }
      OPTIONAL { SELECT ?s { ?s a 5 } GROUP BY ?s HAVING (EXISTS { ?s a 6 }) }
    } ORDER BY ?s VALUES ?z { 1 }"""
    reading = read(text)
    OxigraphStore().query(text)  # Oxigraph finds it right, too
    groups = groups_of(reading)
    assert groups.where is not None
    kinds = [getattr(element, "keyword", "triples") for element in groups.where.elements]
    assert kinds == [
        *["triples"] * 4,
        *("VALUES", "triples", "FILTER", "FILTER", "BIND", "UNION", "MINUS", "GRAPH", "OPTIONAL"),
    ]
    assert len(list(groups.all())) == 12
