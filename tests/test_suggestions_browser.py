"""The search box's suggestions in a real browser: a combobox by keys, pointer and screen reader."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.test_browser import REASON, RULES, SIZES, at, browser, opened, site

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(REASON is not None, reason=str(REASON))]

BOX = "#q"
OPTION = "#q-suggestions [role=option]"


def write(page: Any, text: str) -> None:
    page.focus(BOX)
    page.keyboard.type(text)
    page.wait_for_selector(OPTION)


def box(page: Any, attribute: str) -> str | None:
    return page.get_attribute(BOX, attribute)


def test_a_suggestion_is_chosen_with_keys_and_asked(browser: Any, site: str) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/", "ja"))
        assert box(page, "role") == "combobox"
        assert box(page, "aria-expanded") == "false"
        write(page, "wakamono")
        assert box(page, "aria-expanded") == "true"
        assert page.locator(OPTION).first.inner_text().strip() == "若者"
        assert "候補が" in page.inner_text(f"form:has({BOX}) [role=status]")
        assert box(page, "aria-activedescendant") is None, "Enter would send what is typed"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        chosen = page.locator("[role=option][aria-selected=true]")
        assert chosen.count() == 1
        assert chosen.get_attribute("id") == box(page, "aria-activedescendant")
        assert page.input_value(BOX) == "wakamono", "only choosing changes what is typed"
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.input_value(BOX) == "若者"
        assert "lang=ja" in page.url
        assert page.locator(".hit").count() > 0


def test_the_arrows_go_round_and_escape_closes_without_losing_what_is_typed(
    browser: Any, site: str
) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/search", "en"))
        write(page, "edu")
        many = page.locator(OPTION).count()
        assert many > 1
        page.keyboard.press("ArrowUp")
        assert box(page, "aria-activedescendant") == f"q-suggestions-{many - 1}"
        page.keyboard.press("ArrowDown")
        assert box(page, "aria-activedescendant") is None
        page.keyboard.press("Escape")
        assert page.locator("#q-suggestions").is_hidden()
        assert box(page, "aria-expanded") == "false"
        assert page.input_value(BOX) == "edu"
        page.keyboard.press("ArrowDown")
        page.wait_for_selector(OPTION)
        page.keyboard.press("Tab")
        assert page.locator("#q-suggestions").is_hidden(), "it closes when the box is left"


def test_what_is_typed_is_sent_where_nothing_is_chosen(browser: Any, site: str) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/search", "en"))
        write(page, "edu")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.input_value(BOX) == "edu"


def test_a_suggestion_is_chosen_with_the_pointer_and_keeps_the_filters(
    browser: Any, site: str
) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/search?q=a&goal=4", "en"))
        page.fill(BOX, "")
        write(page, "わか")
        option = page.locator(OPTION, has_text="若者の地元定着と人材育成")
        assert option.locator("[lang=ja]").count() == 1, "its language is told"
        with page.expect_navigation():
            option.click()
        assert page.input_value(BOX) == "若者の地元定着と人材育成"
        assert "goal=4" in page.url


def test_a_lost_server_leaves_the_plain_form(browser: Any, site: str) -> None:
    with opened(browser) as page:
        page.goto(at(site, "/search", "en"))
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.route("**/suggestions?**", lambda route: route.abort())
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.focus(BOX)
        with page.expect_event("requestfailed"):
            page.keyboard.type("e")
        assert page.locator("#q-suggestions").is_hidden()
        assert all("/api/v1/suggestions?" in one for one in failed)


def test_the_box_is_a_plain_one_without_javascript(browser: Any, site: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(at(site, "/", "en"))
        assert box(page, "role") is None, "no list is promised that never comes"
        page.fill(BOX, "flood")
        page.click("button[type=submit]")
        assert page.locator(".hit").count() > 0


@pytest.mark.parametrize(("scheme", "size"), [("light", "phone"), ("dark", "desktop")])
def test_axe_finds_nothing_while_suggestions_are_shown(
    browser: Any, site: str, scheme: str, size: str
) -> None:
    width, height = SIZES[size]
    only = {"runOnly": {"type": "tag", "values": RULES}}
    options = {"bypass_csp": True, "color_scheme": scheme}
    with opened(browser, viewport={"width": width, "height": height}, **options) as page:
        for path, typed in (("/", "わか"), ("/search", "giao")):
            page.goto(at(site, path, "ja"))
            write(page, typed)
            page.keyboard.press("ArrowDown")
            result = Axe().run(page, options=only).response
            assert result["passes"]
            assert result["violations"] == []
            spill = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert spill <= 0
