"""How pages get their style and their letters from the real web server."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.conftest import Portal, log_in

LETTERS = "hanken-grotesk-latin."


def loaded(page: Page, url: str) -> list[tuple[str, str]]:
    """Open a page; return the style sheets and fonts that it asked for: kind and file."""
    asked: list[tuple[str, str]] = []
    page.on("request", lambda each: asked.append((each.resource_type, each.url.rpartition("/")[2])))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return [(kind, file) for kind, file in asked if kind in ("stylesheet", "font")]


@pytest.mark.parametrize("path", ["", "queries/", "queries/nps/", "queries/nps/segments/"])
def test_portal_asks_once_for_style_and_once_for_letters(
    portal: Portal, page: Page, path: str
) -> None:
    if path:
        log_in(page, portal, "owner@demo.example")

    style, letters = sorted(loaded(page.context.new_page(), f"{portal.url}/{path}"), reverse=True)

    assert style[0] == "stylesheet"
    assert style[1].startswith("portal.")
    assert letters[0] == "font"
    assert letters[1].startswith(LETTERS)


def test_customer_s_page_asks_for_style_alone(portal: Portal, context: BrowserContext) -> None:
    [(kind, file)] = loaded(context.new_page(), f"{portal.url}/survey/no-such-link/")

    assert kind == "stylesheet"
    assert file.startswith("survey.")


def test_staff_read_the_same_letters(portal: Portal, page: Page) -> None:
    log_in(page, portal, "staff@demo.example")

    asked = loaded(page.context.new_page(), f"{portal.url}/admin/")

    assert [file for kind, file in asked if kind == "font" and file.startswith(LETTERS)] != []
    assert len([file for _, file in asked if file.startswith("admin.")]) == 1
