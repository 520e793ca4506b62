"""YASGUI's views of an answer in a real browser: table with names, truth, raw response, errors."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.test_browser import (
    KPIS,
    REASON,
    RULES,
    SIZES,
    at,
    axe_of,
    browser,
    editor,
    site,
    until,
    write,
)

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(REASON is not None, reason=str(REASON))]

CELLS = "#sparql-answer tbody td"
ROWS = "#sparql-answer tbody tr"
MEASURES = """PREFIX shirube: <https://w3id.org/shirube/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?measure ?kpis WHERE {
  { SELECT ?measure (COUNT(?kpi) AS ?kpis) { ?measure a shirube:Measure ; shirube:hasKPI ?kpi }
    GROUP BY ?measure }
  ?measure skos:notation ?code
} ORDER BY ?code
"""


@contextmanager
def answered(
    browser: Any, site: str, query: str, language: str = "en", **options: Any
) -> Iterator[Any]:
    """The page of a query, as a shared link opens it, when its answer is drawn."""
    address = at(site, f"/sparql?query={quote(query)}", language)
    with editor(browser, address, **options) as page:
        page.wait_for_selector(".yasr_results > *")
        yield page


def pressed(page: Any) -> str:
    return str(page.locator(".yasr_btnGroup [aria-pressed=true]").inner_text())


@pytest.mark.parametrize(
    ("language", "measure", "view", "raw"),
    [
        ("ja", "若者の地元定着と人材育成", "表", "応答そのもの"),
        ("en", "Retaining young people", "Table", "Raw response"),
    ],
)
def test_an_answer_opens_as_a_table_and_as_it_came(
    browser: Any, site: str, language: str, measure: str, view: str, raw: str
) -> None:
    with answered(browser, site, MEASURES, language) as page:
        assert pressed(page) == view
        cell = page.locator(CELLS, has_text=measure)
        assert cell.locator("a").get_attribute("href") == "/id/kumamoto-2/measure/4-2"
        assert cell.locator("code").inner_text().endswith("/measure/4-2")
        page.get_by_role("button", name=raw).click()
        page.wait_for_selector(".yasr .CodeMirror")
        assert pressed(page) == raw
        text = page.evaluate("document.querySelector('.yasr .CodeMirror').CodeMirror.getValue()")
        assert text.splitlines()[1].strip() == '"head": {', "the response, written over lines"
        page.click(".overlay_btn")
        text = page.evaluate("document.querySelector('.yasr .CodeMirror').CodeMirror.getValue()")
        assert json.loads(text)["head"]["vars"] == ["measure", "kpis"]


def test_rows_are_found_by_their_names_and_sorted_as_numbers(browser: Any, site: str) -> None:
    with answered(browser, site, MEASURES, "ja") as page:
        everything = page.locator(ROWS).count()
        page.fill(".tableFilter", "若者")
        page.keyboard.press("End")
        until(page, f"document.querySelectorAll('{ROWS}').length == 1")
        page.fill(".tableFilter", "")
        page.keyboard.press("End")
        until(page, f"document.querySelectorAll('{ROWS}').length == {everything}")
        order = page.locator("th", has_text="kpis").locator("[role=button]")
        assert "並べ替える" in order.get_attribute("aria-label")
        order.focus()
        page.keyboard.press("Enter")
        until(page, "document.querySelector('th[aria-sort=ascending]')")
        counts = [int(text) for text in page.locator(f"{ROWS} td:last-child").all_inner_texts()]
        assert counts == sorted(counts)
        assert len(set(counts)) > 1
        page.check(".switch input")
        until(page, f"!document.querySelector('{CELLS} code')")
        assert page.locator(CELLS, has_text="若者の地元定着").count() == 1


def test_long_answers_have_pages_up_to_what_is_left_to_files(browser: Any, site: str) -> None:
    with answered(browser, site, "SELECT * { ?s ?p ?o } LIMIT 1200") as page:
        assert page.locator(ROWS).count() == 50
        assert "1,000" in page.inner_text("#sparql-answer .notice")
        assert "200 more" in page.inner_text("#sparql-answer .notice")
        page.get_by_role("link", name="Next page").click()
        assert page.locator(CELLS).first.inner_text() == "51"
        page.select_option(".tableSizer", "-1")
        assert page.locator(ROWS).count() == 1000


@pytest.mark.parametrize(("query", "truth"), [("ASK {}", "Yes"), ("ASK { <urn:x> ?p ?o }", "No")])
def test_the_truth_is_told_in_words(browser: Any, site: str, query: str, truth: str) -> None:
    with answered(browser, site, query) as page:
        assert page.inner_text(".sparql-truth").startswith(truth)
        assert page.locator(".sparql-downloads a").count() == 4


def test_triples_are_a_table_with_files_of_rdf(browser: Any, site: str) -> None:
    query = KPIS.replace("SELECT ?kpi", "CONSTRUCT { ?kpi a shirube:KPI }")
    with answered(browser, site, query) as page:
        assert page.locator(ROWS).count() == 25
        assert page.locator(CELLS, has_text="shirube:KPI").first.locator("a").count() == 1
        names = page.locator(".sparql-downloads b").all_inner_texts()
        assert names == [".ttl", ".nt", ".rdf", ".jsonld"]
        write(page, query.replace("?kpi a shirube:KPI .", "?kpi a <urn:none> ."))
        page.click("#sparql-form [type=submit]")
        until(page, "document.querySelector('#result').textContent.includes('0 rows')")
        assert page.locator(".sparql-hints li").count() == 1, "why nothing came"


def test_an_update_is_refused_with_the_reason(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "ja")) as page:
        write(page, "INSERT DATA { <urn:a> <urn:b> <urn:c> }")
        page.click("#sparql-form [type=submit]")
        page.wait_for_selector("#sparql-error")
        assert page.inner_text("#sparql-error h2")
        assert page.inner_text("#sparql-error p")
        assert page.locator("#result").count() == 0


def test_markup_in_the_data_is_text(browser: Any, site: str) -> None:
    markup = "<img src=x onerror='document.title=1'> & <b>{{iri}}"
    with answered(
        browser, site, f'SELECT ("{markup}" AS ?text) (<javascript:x> AS ?iri) {{}}'
    ) as page:
        assert page.locator(CELLS).nth(1).inner_text() == markup
        assert page.locator(f"{CELLS} :is(img, a, b)").count() == 0
        assert page.title() != "1"


def test_an_answer_without_names_is_still_an_answer(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "en")) as page:
        page.route("**/sparql/names*", lambda route: route.abort())
        write(page, KPIS)
        page.click("#sparql-form [type=submit]")
        page.wait_for_selector(ROWS)
        assert page.locator(ROWS).count() == 25
        assert "https://w3id.org/shirube/id/" in page.locator(CELLS).nth(1).inner_text()


def test_nothing_is_kept_in_the_browser(browser: Any, site: str) -> None:
    """Neither the endpoint nor a query, which would be stale some day: the address has them."""
    with answered(browser, site, MEASURES) as page:
        page.click("#sparql-form [type=submit]")
        until(page, "document.getElementById('sparql-status').textContent.startsWith('Result')")
        page.get_by_role("button", name="Raw response").click()
        page.wait_for_selector(".yasr .CodeMirror")
        kept = "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
        assert page.evaluate(kept) == []


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("ja", "dark", "small phone"), ("en", "light", "desktop")]
)
def test_every_view_is_accessible_and_fits(
    browser: Any, site: str, language: str, scheme: str, size: str
) -> None:
    width, height = SIZES[size]
    window = {"width": width, "height": height}
    only = {"runOnly": {"type": "tag", "values": RULES}}
    options = {"viewport": window, "bypass_csp": True, "color_scheme": scheme}
    found = []
    for query in ("SELECT * { ?s ?p ?o } LIMIT 120", "ASK {}", "SELECT * { <urn:x> ?p ?o }"):
        with answered(browser, site, query, language, **options) as page:
            for name in ("table", "response"):
                page.click(f".select_{name}")
                page.wait_for_selector(f".select_{name}[aria-pressed=true], .sparql-truth")
                found += axe_of(Axe(), page, only)
                root = "document.documentElement"
                assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    assert found == []
