"""The site in a real browser: every kind of page, both languages, phone and desktop."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright._impl._driver import compute_driver_executable

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
SIZES = {"phone": (390, 844), "small phone": (360, 640), "desktop": (1280, 900)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "home": "/",
    "search": "/search",
    "results": "/search?q=若者の定着",
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
    "sparql": "/sparql",
    "about": "/about",
    "vocabulary": "/ns",
    "not found": "/nowhere",
}
# A page that is an error says so in the console; nothing else may.
ERRORS = {"bad question": "400 (BAD REQUEST)", "not found": "404 (NOT FOUND)"}


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
