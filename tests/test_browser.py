"""The site in a real browser: every kind of page, both languages, phone and desktop."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright._impl._driver import compute_driver_executable

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SIZES = {"phone": (390, 844), "small phone": (360, 640), "desktop": (1280, 900)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "home": "/",
    "search": "/search",
    "results": "/search?q=若者の定着",
    "answered": "/search?q=施策4-2のKPIは",
    "filtered": "/search?q=災害&type=kpi&type=measure",
    "nothing": "/search?q=%21%3F",
    "bad question": "/search?q=a&type=law",
    "plan": "/plan",
    "strategy": "/doc/kumamoto-2/strategy/S.html",
    "policy": "/doc/kumamoto-2/policy/4.html",
    "measure": "/doc/kumamoto-2/measure/4-2.html",
    "initiative": "/doc/kumamoto-2/initiative/4-2-1.html",
    "component": "/doc/kumamoto-2/component/4-4-1-C1.html",
    "kpi": "/doc/kumamoto-2/kpi/4-2-K1.html",
    "topic": "/doc/kumamoto-2/topic/X-1.html",
    "document": "/doc/kumamoto-2/document/summary.ja.txt.html",
    "sdgs": "/sdg",
    "goal": "/sdg/4",
    "target": "/sdg/4.4",
    "report": "/sdg/report",
    "sparql": "/sparql",
    "sparql table": f"/sparql?query={quote('SELECT * { ?s ?p ?o } LIMIT 60')}",
    "sparql graph": f"/sparql?query={quote('CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 9')}",
    "sparql nothing": f"/sparql?query={quote('SELECT * { <urn:x> ?p ?o }')}",
    "sparql mistake": f"/sparql?query={quote('SELECT * WHERE { ?s a shirube:KPI }')}",
    "about": "/about",
    "vocabulary": "/ns",
    "not found": "/nowhere",
}
# A page that is an error says so in the console; nothing else may.
ERRORS = {
    "bad question": "400 (BAD REQUEST)",
    "sparql mistake": "400 (BAD REQUEST)",
    "not found": "404 (NOT FOUND)",
}


def _missing() -> str | None:
    """Why no browser can be driven here; CI, which installs all it needs, is to fail instead."""
    if os.environ.get("CI"):
        return None
    if not CHROMIUM.exists():
        return f"no browser at {CHROMIUM}: install Debian's chromium or set CHROMIUM"
    driver = subprocess.run(
        [*compute_driver_executable(), "--version"], capture_output=True, text=True, check=False
    )
    if driver.returncode:
        return f"Playwright's driver does not start (libatomic1?): {driver.stderr.strip()}"
    return None


REASON = _missing()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture
def site(live_server: str) -> str:
    """The address of the site behind the production server."""
    return live_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # CI runs as root, where Chromium's own sandbox cannot start.
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Any, **options: Any) -> Iterator[Any]:
    context = browser.new_context(**options)
    try:
        yield context.new_page()
    finally:
        context.close()


def at(site: str, path: str, language: str) -> str:
    return f"{site}{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_cleanly(browser: Any, site: str, size: str, language: str) -> None:
    width, height = SIZES[size]
    host = urlsplit(site).netloc
    with opened(browser, viewport={"width": width, "height": height}) as page:
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        for name, path in PAGES.items():
            said.clear()
            asked.clear()
            page.goto(at(site, path, language), wait_until="load")
            expected = ERRORS.get(name)
            unexpected = [text for text in said if not (expected and expected in text)]
            assert unexpected == [], name
            assert asked, name
            assert {urlsplit(url).netloc for url in asked} == {host}, name
            spill = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert spill <= 0, f"{name} is {spill} px wider than its window"
            assert page.locator("html").get_attribute("lang") == language, name
            assert page.locator("h1").count() == 1, name


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [  # every pair of the three, in four runs instead of eight
        ("ja", "light", "desktop"),
        ("ja", "dark", "phone"),
        ("en", "light", "phone"),
        ("en", "dark", "desktop"),
    ],
)
def test_axe_finds_nothing_on_any_page(
    browser: Any, site: str, language: str, scheme: str, size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    width, height = SIZES[size]
    only = {"runOnly": {"type": "tag", "values": RULES}}
    found: set[tuple[str, str, str, str]] = set()
    # The page's own policy lets no script in; the tester's comes in past it.
    options = {"bypass_csp": True, "color_scheme": scheme}
    with opened(browser, viewport={"width": width, "height": height}, **options) as page:
        for name, path in PAGES.items():
            page.goto(at(site, path, language))
            result = axe.run(page, options=only).response
            assert result["passes"], name
            found |= {
                (name, one["id"], node["html"][:160], node["failureSummary"])
                for one in result["violations"]
                for node in one["nodes"]
            }
    assert found == set()


def test_the_keyboard_reaches_the_search_and_runs_it(browser: Any, site: str) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/", "ja"))
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("link => link === document.activeElement")
        assert skip.bounding_box()["y"] >= 0, "the skip link shows itself when focused"
        page.keyboard.press("Enter")
        for _ in range(6):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "q":
                break
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("若者の定着")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        assert page.locator(".hit").count() > 0


def test_the_search_works_without_javascript(browser: Any, site: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(at(site, "/", "en"))
        page.fill("#q", "flood")
        page.click("button[type=submit]")
        assert page.locator(".hit").count() > 0
        page.check("input[value=kpi]")
        page.click("button[type=submit]")
        assert page.locator(".hit").count() > 0
        assert page.locator(".hit").count() == page.locator(".hit-kpi").count()
        assert "lang=en" in page.url
        page.locator(".hit a").first.click()
        assert page.locator(".thing-kpi").count() == 1
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator(".copy").is_hidden(), "no button that does nothing"


def test_the_permanent_iri_is_copied(browser: Any, site: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with opened(browser, permissions=permissions) as page:
        page.goto(at(site, "/doc/kumamoto-2/measure/4-2.html", "ja"))
        page.click(".copy")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "https://w3id.org/shirube/id/kumamoto-2/measure/4-2"


# The SPARQL editor

PREFIX = "PREFIX shirube: <https://w3id.org/shirube/ns#>\n"
KPIS = f"{PREFIX}SELECT ?kpi WHERE {{\n  ?kpi a shirube:KPI .\n}}\nORDER BY ?kpi\n"


@contextmanager
def editor(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """The SPARQL page with its editor and its terms in place; it may ask only its own host."""
    host, asked = urlsplit(address).netloc, []
    with opened(browser, **options) as page:
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        with page.expect_response("**/sparql/terms"):
            page.goto(address)
        yield page
        assert failures == []
        assert {urlsplit(url).netloc for url in asked} == {host}


EDITOR = "document.querySelector('.CodeMirror').CodeMirror"


def until(page: Any, condition: str) -> None:
    """Wait for a condition in the page; its policy forbids the driver's own way."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never so: {condition}")


STATUS = "document.getElementById('sparql-status').textContent"


def text_of(page: Any) -> str:
    page.wait_for_selector(".CodeMirror")  # a page's answer is there before its editor
    return str(page.evaluate(f"{EDITOR}.getValue()"))


def write(page: Any, text: str) -> None:
    page.click(".CodeMirror-lines")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


@pytest.mark.parametrize(
    ("language", "size", "example", "label"),
    [
        ("ja", "desktop", "基本方針ごとの施策の一覧", "若者の地元定着と人材育成"),
        ("en", "phone", "The measures under each basic policy", "Retaining young people"),
    ],
)
def test_an_example_runs_in_place_and_shows_labels(
    browser: Any, site: str, language: str, size: str, example: str, label: str
) -> None:
    width, height = SIZES[size]
    window = {"width": width, "height": height}
    with editor(browser, at(site, "/sparql", language), viewport=window) as page:
        page.evaluate("document.body.dataset.same = 'yes'")
        page.get_by_text(example).click()
        page.wait_for_selector("#result")
        assert page.locator("body").get_attribute("data-same") == "yes", "no page was loaded"
        assert "shirube:hasMeasure" in text_of(page)
        assert page.locator("#sparql-answer tbody tr").count() == 11
        link = page.locator('a[href="/id/kumamoto-2/measure/4-2"]').first
        assert label in link.inner_text()
        assert "/measure/4-2" in link.locator("xpath=..").inner_text(), "the IRI stands beside it"
        assert "11" in page.inner_text("#sparql-status")
        assert f"lang={language}" in page.url
        assert page.locator("#result").bounding_box()["y"] < height, "the result is in view"
        other = page.locator(".language a").first.get_attribute("href")
        assert "hasMeasure" in unquote(other), "the other language keeps the query"
        page.go_back()
        until(page, "!document.getElementById('result')")
        assert "shirube:hasMeasure" not in text_of(page)


@pytest.mark.parametrize(
    ("language", "typed", "suggestion"),
    [("ja", "施策", "施策"), ("en", "meas", "measure"), ("ja", "shirube:Mea", "施策")],
)
def test_a_term_is_completed_by_its_label_or_name(
    browser: Any, site: str, language: str, typed: str, suggestion: str
) -> None:
    with editor(browser, at(site, "/sparql", language)) as page:
        write(page, "SELECT * WHERE {\n  ?m a ")
        page.keyboard.insert_text(typed)
        page.wait_for_timeout(100)
        if page.locator(".CodeMirror-hints").count() == 0:
            page.keyboard.press("Control+Space")
        first = page.locator(".CodeMirror-hint").first
        assert first.locator(".suggest-name").inner_text() == "shirube:Measure"
        assert first.locator(".suggest-label").inner_text() == suggestion
        assert "11" in first.inner_text(), "how many there are"
        page.keyboard.press("Enter")
        assert text_of(page) == f"{PREFIX}SELECT * WHERE {{\n  ?m a shirube:Measure"


def test_suggestions_are_properties_where_a_property_stands(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "en")) as page:
        write(page, f"{PREFIX}SELECT * WHERE {{\n  ?m ")
        page.click("#sparql-complete")
        kinds = page.locator(".CodeMirror-hint .suggest-kind").all_inner_texts()
        assert len(kinds) == 50
        assert {kind.split()[0] for kind in kinds} == {"property"}
        page.keyboard.press("Escape")
        assert page.locator(".CodeMirror-hints").count() == 0
        write(page, "# shirube:")
        page.click("#sparql-complete")
        assert page.inner_text("#sparql-status") == "No suggestions here."


def test_the_keyboard_runs_a_query_and_leaves_the_editor(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "ja")) as page:
        write(page, KPIS)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#result")
        assert page.locator("#sparql-answer tbody tr").count() == 25
        active = "document.activeElement.closest('.CodeMirror, button, a').className"
        page.click(".CodeMirror-lines")
        for key in ("Tab", "Escape"):
            page.evaluate(f"{EDITOR}.focus()")
            assert "CodeMirror" in page.evaluate(active)
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.type") == "submit", key
        page.evaluate(f"{EDITOR}.focus()")
        page.keyboard.press("Shift+Tab")
        assert "CodeMirror" not in page.evaluate(active)


@pytest.mark.parametrize("length", [0, 20_000])
def test_a_shared_link_opens_with_its_query_and_answer(
    browser: Any, site: str, length: int
) -> None:
    query = KPIS + "# 長い問い合わせ\n" * (length // 9)
    permissions = ["clipboard-read", "clipboard-write"]
    with editor(browser, at(site, "/sparql", "ja"), permissions=permissions) as page:
        write(page, query)
        page.click("#sparql-share")
        until(page, STATUS)
        shared = page.evaluate("navigator.clipboard.readText()")
        page.click("#sparql-form [type=submit]")
        page.wait_for_selector("#result")
        assert page.url == shared
    with editor(browser, shared) as page:
        page.wait_for_selector("#result")
        assert text_of(page) == query
        assert page.locator("#sparql-answer tbody tr").count() == 25
        with page.expect_download() as started:
            page.locator(".sparql-downloads").get_by_text(".csv").click()
        lines = Path(started.value.path()).read_text("utf-8").splitlines()
        assert (lines[0], len(lines)) == ("kpi", 26)
        with page.expect_response("**/sparql?*") as changed:
            page.locator(".language a[lang=en]").click()
        assert changed.value.ok
        page.wait_for_selector("#result")
        assert page.locator("html").get_attribute("lang") == "en"
        assert text_of(page) == query


@pytest.mark.parametrize(
    ("language", "title"), [("ja", "文法に誤り"), ("en", "Mistake in the SPARQL")]
)
def test_a_mistake_is_marked_where_it_is(
    browser: Any, site: str, language: str, title: str
) -> None:
    with editor(browser, at(site, "/sparql", language)) as page:
        write(page, KPIS.replace("shirube:KPI", '"👪" . ?kpi skos:notation ?n'))
        page.click("#sparql-form [type=submit]")
        page.wait_for_selector("#sparql-error")
        assert title in page.inner_text("#sparql-error")
        assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in page.inner_text(
            "#sparql-error"
        )
        marked = page.locator(".sparql-error-token").all_inner_texts()
        assert "".join(marked) == "skos:notation"
        assert page.evaluate(f"{EDITOR}.getCursor().line") == 2
        page.keyboard.insert_text(" ")
        assert page.locator(".sparql-error-token").count() == 0, "the text is not the one meant"


def test_a_query_can_be_stopped_and_a_lost_server_is_told(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "en")) as page:
        write(page, KPIS)
        page.route("**/sparql?*", lambda route: None)  # an answer that never comes
        page.click("#sparql-form [type=submit]")
        page.click("#sparql-stop")
        until(page, f"{STATUS} != 'Running…'")
        assert page.inner_text("#sparql-status") == "Stopped."
        assert page.locator("#sparql-stop").is_hidden()
        page.unroute("**/sparql?*")
        page.route("**/sparql?*", lambda route: route.abort())
        page.click("#sparql-form [type=submit]")
        until(page, f"{STATUS} != 'Running…'")
        assert "could not be reached" in page.inner_text("#sparql-status")
        page.unroute("**/sparql?*")
        page.route("**/sparql?*", lambda route: route.fulfill(status=502, body="<p>gateway"))
        page.click("#sparql-form [type=submit]")
        until(page, f"{STATUS} != 'Running…'")
        assert "could not be read" in page.inner_text("#sparql-status")
        assert text_of(page) == KPIS


def test_the_plain_text_box_is_remembered(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "en")) as page:
        assert page.locator("textarea#query").is_hidden()
        write(page, KPIS)
        page.get_by_text("Use the plain text box").click()
        assert page.input_value("#query") == KPIS
        page.click("#sparql-form [type=submit]")
        page.wait_for_selector("#result")
        page.reload()
        assert page.locator("textarea#query").is_visible()
        assert page.locator(".CodeMirror").count() == 0
        page.get_by_text("Use the editor").click()
        assert text_of(page) == KPIS


def test_unsent_edits_survive_a_reload(browser: Any, site: str) -> None:
    with editor(browser, at(site, "/sparql", "en")) as page:
        write(page, KPIS)
        until(page, "history.state?.draft")
        page.reload()
        assert text_of(page) == KPIS


def test_sparql_works_without_javascript(browser: Any, site: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(at(site, "/sparql", "en"))
        page.get_by_text("The measures under each basic policy").click()
        assert page.locator("#sparql-answer tbody tr").count() == 11
        page.fill("#query", KPIS)
        page.click("#sparql-form [type=submit]")
        assert page.locator("#sparql-answer tbody tr").count() == 25
        assert "lang=en" in page.url
        assert page.locator("#sparql-form button:visible").count() == 1, "no button without effect"
        page.fill("#query", KPIS.replace("}", ""))
        page.click("#sparql-form [type=submit]")
        assert page.locator("#sparql-error").is_visible()


@pytest.mark.parametrize(("language", "scheme"), [("ja", "dark"), ("en", "light")])
def test_axe_finds_nothing_in_the_editor_at_work(
    browser: Any, site: str, language: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    only = {"runOnly": {"type": "tag", "values": RULES}}
    options = {"bypass_csp": True, "color_scheme": scheme}
    found: list[tuple[str, str, str]] = []
    seen = 0
    with editor(browser, at(site, "/sparql", language), **options) as page:
        for text in ("SELECT * WHERE {\n  ?m a shirube:", "SELECT * WHERE { ?m ?m ?m ?m }", KPIS):
            write(page, text)
            page.click("#sparql-complete")
            seen += page.locator(".CodeMirror-hints").count()
            result = axe_of(Axe(), page, only)
            page.keyboard.press("Escape")
            page.evaluate(f"{EDITOR}.focus()")
            page.keyboard.press("Control+Enter")
            page.wait_for_selector("#sparql-error, #result")
            result += axe_of(Axe(), page, only)
            found += result
    assert seen, "the list of suggestions was on the page"
    assert found == []


def axe_of(axe: Any, page: Any, only: dict[str, Any]) -> list[tuple[str, str, str]]:
    response = axe.run(page, options=only).response
    assert response["passes"]
    return [
        (one["id"], node["html"][:160], node["failureSummary"])
        for one in response["violations"]
        for node in one["nodes"]
    ]


def test_a_printed_page_holds_the_whole_query_and_table(browser: Any, site: str) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 200"
    with editor(browser, at(site, f"/sparql?query={quote(query)}", "ja")) as page:
        page.wait_for_selector("#result")
        rows = page.locator("#sparql-answer tbody tr")
        assert rows.count() == 50
        page.emulate_media(media="print")
        until(page, "document.querySelectorAll('#sparql-answer tbody tr').length == 200")
        table = "document.querySelector('.dt-layout-table')"
        assert page.evaluate(f"{table}.scrollHeight <= {table}.clientHeight + 1")
        assert page.locator(".yasr_header").is_hidden()
        assert page.locator(".sparql-actions").is_hidden()
        assert page.locator(".CodeMirror").is_visible()
        page.emulate_media(media="screen")
        until(page, "document.querySelectorAll('#sparql-answer tbody tr').length == 50")


def test_the_report_prints_on_a4_without_the_site_around_it(browser: Any, site: str) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/sdg/report", "ja"), wait_until="load")
        page.emulate_media(media="print")
        assert not page.locator(".site-header").is_visible()
        assert not page.locator(".report-tools").is_visible()
        assert page.locator("#trust table").is_visible()
        printed = page.pdf(prefer_css_page_size=True)
    sizes = {
        tuple(round(float(side)) for side in box.split()[2:])
        for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)
    }
    assert sizes == {(595, 842)}
