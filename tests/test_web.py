"""The site: its texts, its pages in both languages, its links, its linked data and its errors."""

import logging
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from kg.alignments import STATES
from kg.build import thing_iri
from kg.iris import FIELDS, MATCHES
from kg.plan import ThingType
from ontology import SHIRUBE, VOCABULARY
from search.finding import find
from search.passage import Field
from web import create_app
from web.goals import goals_served, sdg_matrix
from web.hits import NEARNESS
from web.language import CHOICES
from web.rdf import DOWNLOADS, FORMATS
from web.texts import LANGUAGES, Texts

WEB = Path(__file__).parent.parent / "web"
ORIGIN = "http://localhost"
PAGES = (
    "/",
    "/search",
    "/search?q=若者の定着",
    "/search?q=youth+retention&type=measure",
    "/plan",
    "/sdg",
    "/sdg/4",
    "/sdg/4.4",
    "/sdg/report",
    "/about",
    "/ns",
    "/doc/kumamoto-2/strategy/S.html",
    "/doc/kumamoto-2/measure/4-2.html",
    "/doc/kumamoto-2/component/4-4-1-C1.html",
    "/doc/kumamoto-2/document/summary.ja.txt.html",
)


class Page(HTMLParser):
    """What a test asks of a page: its links, ids, languages, and where it loads from."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.narrowing: list[str] = []  # countless combinations, which no crawler is to follow
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.alternates: dict[str, str] = {}
        self.language = ""
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given["lang"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "nofollow" in given.get("rel", ""):
            self.narrowing.append(given["href"])
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") == "alternate" and "hreflang" in given:
            self.alternates[given["hreflang"]] = given["href"]
        elif tag == "link":
            self.loads.append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])
        assert "style" not in given, "the content security policy forbids inline styles"

    def handle_data(self, data: str) -> None:
        self.text += data


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


# The texts


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_every_text_is_in_both_languages_with_the_same_placeholders() -> None:
    texts = Texts().by_key
    assert len(texts) > 100
    for key, by_language in texts.items():
        assert set(by_language) == set(LANGUAGES), key
        assert all(by_language.values()), key
        assert placeholders(by_language["ja"]) == placeholders(by_language["en"]), key


def test_every_key_used_exists_and_none_is_left_over() -> None:
    texts = Texts().by_key
    sources = [
        *(path.read_text("utf-8") for path in (WEB / "templates").iterdir()),
        *(path.read_text("utf-8") for path in WEB.glob("*.py")),
    ]
    calls = {key for source in sources for key in re.findall(r'\bt\("([^"]+)"\s*[,)]', source)}
    assert len(calls) > 60
    assert calls <= set(texts)
    literals = {text for source in sources for text in re.findall(r'"([a-z0-9_.]+)"', source)}
    families = {
        prefix for source in sources for prefix in re.findall(r'\bt\("([a-z0-9_.]+\.)" ~', source)
    } | {"error."}
    unused = {
        key
        for key in texts
        if key not in literals and not any(key.startswith(prefix) for prefix in families)
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("type", get_args(ThingType)),
        ("near", ("exact", "substring", *(name for name, _ in NEARNESS), "weak")),
        ("field", (*get_args(Field), *FIELDS)),
        ("sdg.state", STATES),
        ("indicator.match", tuple(MATCHES)),
        ("format", (*dict(DOWNLOADS), "json")),
        ("vocabulary", ("classes", "properties", "values")),
    ],
)
def test_a_family_of_texts_is_whole(family: str, names: tuple[str, ...]) -> None:
    assert names
    assert {f"{family}.{name}" for name in names} <= set(Texts().by_key)


# Languages


def test_the_language_is_the_address_s_then_the_browser_s_then_japanese(client: Any) -> None:
    def language(path: str, accepted: str | None = None) -> str:
        headers = {"Accept-Language": accepted} if accepted else {}
        answer = client.get(path, headers=headers)
        assert "Accept-Language" in answer.headers["Vary"]
        assert answer.headers["Content-Language"] == Page(answer.text).language
        return Page(answer.text).language

    assert language("/") == "ja"
    assert language("/", "en-GB,en;q=0.9,ja;q=0.5") == "en"
    assert language("/", "fr") == "ja"
    assert language("/?lang=ja", "en") == "ja"
    assert language("/?lang=en", "ja") == "en"
    assert language("/?lang=xx", "en") == "en"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_its_language_and_offers_the_other(
    client: Any, path: str, language: str
) -> None:
    answer = client.get(in_language(path, language))
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.language == language
    assert set(page.alternates) == {*CHOICES, "x-default"}
    other = next(one for one in LANGUAGES if one != language)
    assert page.alternates[other] in page.links, "there is a link to the other language"
    assert Page(client.get(page.alternates[other]).text).language == other
    assert len(page.ids) == len(set(page.ids))
    assert page.headings.count(1) == 1
    assert all(to <= above + 1 for above, to in pairwise(page.headings)), "no level is left out"
    assert all(not urlsplit(load).netloc for load in page.loads), "nothing comes from elsewhere"


def test_what_is_searched_survives_a_change_of_language(client: Any) -> None:
    page = Page(client.get("/search?q=災害&type=measure&type=kpi&lang=ja").text)
    changed = client.get(page.alternates["en"]).text
    assert 'value="災害"' in changed
    assert changed.count(" checked") == 2


# Links


def test_every_link_of_the_site_leads_somewhere_in_the_same_language(
    client: Any, catalog: Any
) -> None:
    """A walk over the whole site: each page once, each address and fragment checked."""
    pages: dict[str, Page] = {}
    fragments: dict[str, set[str]] = defaultdict(set)
    queue = ["/?lang=en"]
    while queue:
        address = queue.pop()
        if address in pages or address.startswith("/sparql"):
            continue
        answer = client.get(address)
        assert answer.status_code == 200, address
        html = answer.mimetype == "text/html"
        page = pages[address] = Page(answer.text if html else "")
        for link in page.narrowing:
            assert "lang=en" in link
            assert client.get(link).status_code == 200, link
        for link in page.links:
            target, fragment = urldefrag(urljoin(f"{ORIGIN}{address}", link))
            if not target.startswith(ORIGIN):
                continue
            target = target.removeprefix(ORIGIN)
            if fragment:
                fragments[target].add(fragment)
            # The other language, and the data, are tested by themselves.
            if "lang=en" in target or target == address:
                queue.append(target)
            else:
                suffix = urlsplit(target).path.rpartition(".")[2]
                assert (
                    "lang=ja" in target
                    or suffix in ("ttl", "jsonld", "nt", "json")
                    or (target.startswith("/api/"))
                ), f"{address} loses the language on the way to {target}"
    documents = [address for address in pages if address.startswith("/doc/")]
    assert len(documents) >= len(catalog.things)
    for address, names in fragments.items():
        if address in pages:
            assert names <= set(pages[address].ids), address


# Search


def test_a_hit_shows_what_it_is_where_it_stands_and_why(client: Any) -> None:
    html = client.get("/search?q=若者の定着&type=initiative&lang=en").text
    page = Page(html)
    first = html[html.index('<li class="hit') : html.index("</li>", html.index('<li class="hit'))]
    assert "Initiative" in first
    assert "4-2-1" in first
    assert (
        '<span class="original" lang="ja"><mark>若者</mark>の地元<mark>定着</mark></span>' in first
    )
    assert "line 81" in first
    assert any("/doc/kumamoto-2/initiative/4-2-1.html" in link for link in page.links)
    assert first.index("4-2 Retaining") < first.index("hit-title"), "the path stands above"


def test_the_types_chosen_are_kept_and_nothing_else_is_shown(client: Any) -> None:
    html = client.get("/search?q=災害&type=kpi&lang=ja").text
    assert re.findall(r'<li class="hit hit-(\w+)"', html)
    assert set(re.findall(r'<li class="hit hit-(\w+)"', html)) == {"kpi"}
    assert 'value="kpi" checked' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_and_no_answer_both_help_on(client: Any, language: str) -> None:
    texts = Texts()
    empty = client.get(f"/search?lang={language}")
    assert empty.status_code == 200
    assert texts.text("search.start", language) in empty.text
    nothing = client.get(f"/search?q=%21%3F&lang={language}")
    assert nothing.status_code == 200
    assert texts.text("search.none", language) in nothing.text


def listed(html: str) -> list[str]:
    """The codes of the hits on a page, in their order."""
    return re.findall(r'<h2 class="hit-title">.*?<a href="[^"]*/([^"/?]+?)(?:\.html)?["?]', html)


def test_how_a_question_was_read_is_taken_back_and_put_back_by_links(client: Any) -> None:
    def read_as(html: str) -> list[str]:
        [read] = re.findall('<div class="understood">.*?</div>', html, re.DOTALL)
        return Page(read).narrowing

    for language in ("ja", "en"):
        read = read_as(client.get(f"/search?q=基本方針2のKPI&lang={language}").text)
        assert len(read) == 2
        without = client.get(read[1]).text
        assert Texts().text("understood.again", language) in without
        assert read_as(client.get(read_as(without)[1]).text) == read
    assert 'class="understood"' not in client.get("/search?q=若者").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_a_word_was_read_and_takes_it_back(client: Any, language: str) -> None:
    html = client.get(f"/search?q=teleworck&lang={language}").text
    chip = Texts().text("understood.spelling", language, said="telework")
    assert f"teleworck → {chip}" in html
    assert "ignore=spelling:telework" in unquote(html)


def test_the_page_says_where_nothing_answers(client: Any) -> None:
    for language in ("ja", "en"):
        said = Texts().text("search.unlikely", language)
        assert said in client.get(f"/search?q=best+ramen&lang={language}").text
        for question in ("若者の定着", "who takes over the shop when the owner retires"):
            asked = client.get("/search", query_string={"q": question, "lang": language})
            assert said not in asked.text


def test_more_results_go_on_where_the_page_ended(client: Any, searcher: Any) -> None:
    address: str | None = "/search?q=若者&limit=6&lang=en"
    seen: list[str] = []
    pages = 0
    while address:
        html = client.get(address).text
        seen += listed(html)
        pages += 1
        following = [link for link in Page(html).narrowing if "cursor=" in link]
        address = following[0] if following else None
    found = find(searcher, "若者", {}, language="en", limit=100)
    assert seen == [hit.code for hit in found.hits]
    assert pages == math.ceil(found.total / 6) > 1
    assert "Back to the first results" in html


def test_a_choice_narrows_the_results_to_as_many_as_it_says(client: Any) -> None:
    html = client.get("/search?q=若者&lang=ja&limit=100").text
    narrowing = html[html.index('<nav class="facets"') :]
    choices = re.findall(r'href="([^"]+)".*?hidden">(\d+)件<', narrowing, re.DOTALL)
    assert len(choices) > 10
    for address, count in choices:
        page = client.get(f"{unescape(address)}&limit=100").text
        assert len(listed(page)) == int(count), address
        assert '<ul class="filters"' in page
        assert "しぼりこみをやめる" in page


def test_a_new_question_keeps_what_was_chosen(client: Any) -> None:
    html = client.get("/search?q=若者&policy=4&goal=4&type=measure&lang=ja").text
    for name, value in (("policy", "4"), ("goal", "4")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in html
    assert 'value="measure" checked' in html
    assert listed(html)
    assert all(code.startswith("4-") for code in listed(html))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cursor_of_another_question_is_told_on_the_page(client: Any, language: str) -> None:
    [following] = [
        link
        for link in Page(client.get(f"/search?q=若者&lang={language}").text).narrowing
        if "cursor=" in link
    ]
    answer = client.get(following.replace(quote("若者"), quote("観光")))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "cursor" in answer.text


def test_a_question_that_cannot_be_asked_says_why(client: Any) -> None:
    answer = client.get("/search?q=a&type=law&lang=en")
    assert answer.status_code == 400
    assert "policy, measure, initiative, component, kpi, topic" in answer.text
    assert client.get("/search", query_string={"q": "あ" * 1001}).status_code == 400


def test_a_question_is_never_markup(client: Any) -> None:
    html = client.get("/search", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in html


# SDGs


def test_the_matrix_counts_what_holds_at_or_under_each_measure(catalog: Any) -> None:
    matrix = sdg_matrix(catalog)
    assert len(matrix.rows) == 17
    assert len(matrix.measures) == 11
    expected: dict[tuple[str, str], set[str]] = defaultdict(set)
    for thing in catalog.things.values():
        measure = "-".join(thing.code.split("-")[:2])
        for alignment in thing.alignments:
            if alignment.holds:
                expected[alignment.sdg.split(".")[0], measure].add(thing.iri)
    assert expected, "the plan is aligned with something"
    for goal, cells in matrix.rows:
        for measure, number in zip(matrix.measures, cells, strict=True):
            assert number == len(expected[goal.code, measure.code])


def test_the_goals_served_are_those_of_everything_below(client: Any, catalog: Any) -> None:
    everything = {
        alignment.sdg.split(".")[0]
        for thing in catalog.things.values()
        for alignment in thing.alignments
        if alignment.holds
    }
    [strategy] = catalog.strategies
    assert {goal.code for goal in goals_served(catalog, strategy)} == everything
    leaf = next(thing for thing in catalog.things.values() if thing.type == "kpi")
    assert goals_served(catalog, leaf) == []
    page = Page(client.get("/plan?lang=en").text)
    shown = {link for link in page.links if link.startswith("/sdg/")}
    assert shown == {f"/sdg/{code}?lang=en" for code in everything}


def test_a_judged_alignment_says_whose_judgement_it_is(client: Any, catalog: Any) -> None:
    thing = next(one for one in catalog.things.values() if one.alignments)
    text = Page(client.get(f"/doc/{thing.plan}/{thing.type}/{thing.code}.html?lang=ja").text).text
    assert Texts().text("sdg.ours", "ja") in text
    for alignment in thing.alignments:
        assert alignment.evidence in text
        assert alignment.method in text
        assert f"{alignment.score:.2f}" in text
        assert Texts().text(f"sdg.state.{alignment.state}", "ja") in text


# Linked data


def one_of_each_type(catalog: Any) -> Iterator[Any]:
    for kind in get_args(ThingType):
        yield next(thing for thing in catalog.things.values() if thing.type == kind)


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
        ("text/turtle;q=0.5, application/ld+json", "jsonld"),
    ],
)
def test_the_iri_of_every_type_leads_to_its_document(
    client: Any, catalog: Any, accept: str, extension: str
) -> None:
    for thing in one_of_each_type(catalog):
        answer = client.get(
            f"/id/{thing.plan}/{thing.type}/{thing.code}", headers={"Accept": accept}
        )
        assert answer.status_code == 303
        assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
        address = answer.headers["Location"]
        assert address == f"/doc/{thing.plan}/{thing.type}/{thing.code}.{extension}"
        document = client.get(address)
        assert document.status_code == 200
        assert document.mimetype == FORMATS[extension]
        alternates = [
            re.fullmatch('<(.*)>; rel="alternate"; type="(.*)"', link)
            for link in document.headers.getlist("Link")
        ]
        led = {link[2]: client.get(link[1]) for link in alternates if link}
        assert set(led) == {*FORMATS.values()} - {FORMATS[extension]}
        for media_type, other in led.items():
            assert (other.status_code, other.mimetype) == (200, media_type)


def test_the_formats_say_the_same(client: Any, catalog: Any) -> None:
    for thing in one_of_each_type(catalog):
        address = f"/doc/{thing.plan}/{thing.type}/{thing.code}"
        turtle, json_ld, n_triples = (
            set(ox.parse(client.get(f"{address}.{extension}").data, format=format))
            for extension, format in (
                ("ttl", ox.RdfFormat.TURTLE),
                ("jsonld", ox.RdfFormat.JSON_LD),
                ("nt", ox.RdfFormat.N_TRIPLES),
            )
        )
        assert turtle == json_ld == n_triples
        graph = Graph().parse(data=client.get(f"{address}.ttl").data, format="turtle")
        assert len(graph) == len(turtle)
        iri = URIRef(thing.iri)
        assert {label.language for label in graph.objects(iri, SKOS.prefLabel)} == set(thing.label)
        assert set(graph.subjects(RDF.type, SHIRUBE.Quotation)), "with its quotations"
        alignments = set(graph.subjects(RDF.type, SHIRUBE.SDGAlignment))
        assert alignments == {URIRef(one.iri) for one in thing.alignments}


def test_quotations_and_alignments_lead_into_their_thing_s_page(client: Any, catalog: Any) -> None:
    thing = next(one for one in catalog.things.values() if one.alignments)
    alignment = thing.alignments[0]
    names = (
        alignment.iri.partition("/id/")[2],
        f"{thing.plan}/quotation/{thing.code}",
        f"{thing.plan}/quotation/S-principle",
        f"{thing.plan}/quotation/4-direction",
    )
    for name in names:
        found = client.get(f"/id/{name}")
        assert found.status_code == 303
        page, fragment = urldefrag(found.headers["Location"])
        assert fragment in Page(client.get(page).text).ids
        data = client.get(f"/id/{name}", headers={"Accept": "text/turtle"})
        assert "#" not in data.headers["Location"]
        graph = Graph().parse(data=client.get(data.headers["Location"]).data, format="turtle")
        assert URIRef(f"https://w3id.org/shirube/id/{name}") in set(graph.subjects())


def test_named_graphs_lead_to_what_they_hold(client: Any, services: Any) -> None:
    graphs = services.graph.graphs()
    assert graphs
    for iri in graphs:
        found = client.get(f"/graph/{iri.partition('/graph/')[2]}")
        assert found.status_code == 303
        held = client.get(found.headers["Location"], headers={"Accept": "application/n-triples"})
        assert held.status_code == 200
        count = services.graph.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
        assert len(held.text.splitlines()) == int(count.rows()[0]["n"].value)
    assert client.get("/graph/nobody/said").status_code == 404


def test_a_description_is_cached_by_its_content(client: Any) -> None:
    first = client.get("/doc/kumamoto-2/measure/4-2.ttl")
    again = client.get(
        "/doc/kumamoto-2/measure/4-2.ttl", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_an_iri_nobody_knows_is_not_found(client: Any) -> None:
    for path in ("/id/kumamoto-2/measure/9-9", "/id/kumamoto-2/quotation/9-9", "/doc/x/y/z.ttl"):
        assert client.get(path).status_code == 404
        problem = client.get(path, headers={"Accept": "application/problem+json"})
        assert problem.status_code == 404
        assert problem.mimetype == "application/problem+json"
    hostile = client.get("/id/kumamoto-2/measure/4-2> ?p ?o } SELECT * { <x")
    assert hostile.status_code == 404


def test_an_unknown_format_is_not_acceptable(client: Any) -> None:
    answer = client.get("/id/kumamoto-2/measure/4-2", headers={"Accept": "image/png"})
    assert answer.status_code == 406


def test_the_vocabulary_dereferences(client: Any) -> None:
    seen = client.get("/ns", headers={"Accept": "text/turtle"})
    assert seen.status_code == 303
    data = client.get(seen.headers["Location"])
    assert set(Graph().parse(data=data.data, format="turtle")) == set(Graph().parse(VOCABULARY))
    ids = set(Page(client.get("/ns").text).ids)
    names = {name for name in SHIRUBE.__annotations__ if not name.startswith("_")}
    assert len(names) > 40
    assert names <= ids, "each term's fragment is on the page"


# Errors and headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("get", "/nowhere", 404), ("post", "/plan", 405)]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_a_page_for_people_and_a_problem_for_programs(
    client: Any, method: str, path: str, status: int, language: str
) -> None:
    ask = getattr(client, method)
    for_people = ask(f"{path}?lang={language}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert for_people.status_code == status
    assert Page(for_people.text).language == language
    title = Texts().text(f"error.{status}.title", language)
    assert title in for_people.text
    accept = {"Accept": "application/json", "Accept-Language": language}
    for_programs = ask(path, headers=accept)
    assert for_programs.status_code == status
    assert for_programs.mimetype == "application/problem+json"
    assert for_programs.get_json()["title"] == title
    assert for_programs.get_json()["status"] == status
    if status == 405:
        assert "GET" in for_programs.headers["Allow"]


@pytest.mark.parametrize("path", ["/\\evil.example", "/a?b#c", "/施策 "])
def test_links_of_a_page_nobody_knows_stay_here(client: Any, path: str) -> None:
    answer = client.get(quote(path), headers={"Accept": "text/html"})
    assert answer.status_code == 404
    for link in Page(answer.text).alternates.values():
        assert "\\" not in link, "browsers take it for a slash: //evil.example is another host"
        assert unquote(urlsplit(link).path) == path


def test_a_host_that_is_none_is_refused(client: Any) -> None:
    for host in ("a b", "a<b>", ""):
        assert client.get("/sparql", headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"Host": "[::1]:8000"}).status_code == 200


def test_a_slash_at_the_end_changes_nothing(client: Any) -> None:
    for path in (
        "/plan",
        "/sdg",
        "/sdg/4",
        "/ns",
        "/id/kumamoto-2/measure/4-2",
        "/api/v1/openapi.json",
    ):
        plain, slashed = client.get(path), client.get(path + "/")
        assert slashed.status_code == plain.status_code
        assert slashed.headers.get("Location") == plain.headers.get("Location")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/ns.ttl", "/id/kumamoto-2/measure/4-2"])
def test_every_answer_is_open_to_other_origins(client: Any, path: str) -> None:
    answer = client.get(path, headers={"Accept": "image/png" if path.startswith("/id") else "*/*"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Link" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.vary
    preflight = client.options(path, headers={"Access-Control-Request-Method": "GET"})
    assert preflight.status_code == (404 if path == "/nowhere" else 204)
    if path != "/nowhere":
        assert "GET" in preflight.headers["Access-Control-Allow-Methods"]
        assert "Accept" in preflight.headers["Access-Control-Allow-Headers"]


def test_who_takes_anything_gets_a_problem_not_a_page(client: Any) -> None:
    for accept in ("*/*", "text/turtle", "application/problem+json"):
        answer = client.get("/nowhere", headers={"Accept": accept})
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["status"] == 404


class BrokenSearcher:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("secret inside")


def test_our_own_fault_is_logged_and_says_nothing_of_the_inside(
    services: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = create_app(replace(services, searcher=BrokenSearcher())).test_client()
    with caplog.at_level(logging.ERROR):
        answer = client.get("/search?q=x&lang=en")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert Texts().text("error.500.title", "en") in answer.text
    assert "secret inside" in caplog.text


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/search?q=", "/static/shirube.css"])
def test_every_answer_keeps_to_itself(client: Any, path: str) -> None:
    answer = client.get(path)
    answer.close()
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]


def test_iris_are_minted_as_they_are_dereferenced(catalog: Any) -> None:
    for thing in catalog.things.values():
        assert str(thing_iri(thing.plan, thing.type, thing.code)) == thing.iri
