"""The review page in a real browser: the keys, the same without JavaScript, axe, both languages."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe

from tests.review_data import state
from tests.test_browser import REASON, RULES, SIZES, browser, opened
from web import create_app
from web.services import Services

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture
def review_site(reviewed: Services) -> Iterator[str]:
    server = waitress.create_server(create_app(reviewed), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


def sign_in(page: Any, site: str, language: str = "en", then: str = "") -> None:
    page.goto(f"{site}/review?lang={language}{then}")
    page.fill("#token", "token-h")
    page.click(".review-sign-in button")
    page.wait_for_selector(".review-who")
    page.goto(f"{site}/review?lang={language}{then}")


def title(page: Any) -> str:
    return " ".join(page.locator("#item-title").inner_text().split())


def test_the_whole_review_is_done_with_keys(
    browser: Any, review_site: str, reviewed: Services
) -> None:
    with opened(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        sign_in(page, review_site, then="&order=sure")
        assert "4.4" in title(page)
        with page.expect_navigation():
            page.keyboard.press("j")
        assert title(page).endswith("Goal 8")
        with page.expect_navigation():
            page.keyboard.press("k")
        assert "4.4" in title(page)
        with page.expect_navigation():
            page.keyboard.press("a")
        assert page.locator(".review-done").inner_text().startswith("Recorded: 4-2 × 4.4")
        assert state(reviewed).state == "accepted"
        assert title(page).endswith("Goal 8")
        page.keyboard.press("n")
        page.keyboard.type("jar not jobs")  # letters in a note are no keys
        assert page.locator("#note").input_value() == "jar not jobs"
        page.locator("#item").focus()
        with page.expect_navigation():
            page.keyboard.press("r")
        assert (state(reviewed, sdg="8").state, state(reviewed, sdg="8").note) == (
            "rejected",
            {"en": "jar not jobs"},
        )
        with page.expect_navigation():
            page.keyboard.press("u")
        assert state(reviewed, sdg="8").state == "unreviewed"
        page.keyboard.press("c")
        assert page.evaluate("document.activeElement.id") == "target"
        page.select_option("#target", "8.6")
        with page.expect_navigation():
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        assert state(reviewed, sdg="8.6").state == "corrected"
        assert said == []


def test_keys_can_be_switched_off_and_stay_off(
    browser: Any, review_site: str, reviewed: Services
) -> None:
    with opened(browser) as page:
        sign_in(page, review_site, then="&order=sure")
        page.uncheck("#keys-switch input")
        page.reload()
        assert not page.is_checked("#keys-switch input")
        page.keyboard.press("a")
        page.keyboard.press("j")
        page.check("#keys-switch input")  # the page is still the same one, and answers
        assert "4.4" in title(page)
        assert state(reviewed).state == "unreviewed"


def test_everything_works_without_javascript(
    browser: Any, review_site: str, reviewed: Services
) -> None:
    with opened(browser, java_script_enabled=False) as page:
        sign_in(page, review_site, then="&order=sure")
        page.click("text=Write a note")
        page.fill("#note", "By hand")
        page.click("button:has-text('Accept'):not(:has-text('Change'))")
        assert (state(reviewed).state, state(reviewed).note) == ("accepted", {"en": "By hand"})
        page.click("button:has-text('Undo')")
        assert state(reviewed).state == "unreviewed"
        page.click("summary:has-text('Change to another')")
        page.select_option("#target", "8.6")
        page.click("button:has-text('Change and accept')")
        assert state(reviewed, sdg="8.6").state == "corrected"
        assert not page.is_visible("#keys-switch")


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        ("ja", "light", "desktop"),
        ("ja", "dark", "phone"),
        ("en", "light", "phone"),
        ("en", "dark", "desktop"),
    ],
)
def test_the_page_is_accessible_and_fits(
    browser: Any, review_site: str, reviewed: Services, language: Any, scheme: str, size: str
) -> None:
    width, height = SIZES[size]
    # The page's own policy lets no script in; the tester's comes in past it.
    options = {"bypass_csp": True, "color_scheme": scheme}
    only = {"runOnly": {"type": "tag", "values": RULES}}
    with opened(browser, viewport={"width": width, "height": height}, **options) as page:

        def check() -> None:
            page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
            result = Axe().run(page, options=only).response
            assert result["passes"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
            spill = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert spill <= 0
            assert page.locator("h1").count() == 1

        page.goto(f"{review_site}/review?lang={language}")
        check()
        sign_in(page, review_site, language, "&show=all&order=sure")
        check()
        with page.expect_navigation():
            page.keyboard.press("r")
        check()
        page.goto(f"{review_site}/review?lang={language}&goal=17")
        check()
