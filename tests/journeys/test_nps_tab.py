"""The NPS tab of four shops: for everybody, small, alone, on paper, and in pictures to look at.

The pictures are in `.local/screenshots/nps-tab/`, named by shop, language, scheme and width.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.conftest import (
    BASE,
    Portal,
    appearances,
    bytes_per_page,
    expect_accessible,
    log_in,
)

OWNERS = {"large": "owner", "sliding": "lichtpunt", "small": "small", "empty": "new"}
LANGUAGES = {"nl": "Nederlands", "en": "English"}
WIDTHS = (1280, 360)
# What axe looks at: each language, scheme and width once.
READINGS: tuple[tuple[str, Literal["light", "dark"], int], ...] = (
    ("nl", "light", 360),
    ("en", "dark", 1280),
)
PAGES = (
    *("months", "topics", "segments/?by=agent", "response", "words", "peers", "funnel"),
    *("funnel/closings/?outcome=sent", "computation", "downloads"),
)
MOST_BYTES = 100_000
MOST_PIXELS = 2_400  # from top to bottom, at 1280 wide, whatever the day has to say


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Give the folder for the pictures, and say at the end where it is."""
    folder = BASE / ".local" / "screenshots" / "nps-tab"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    say(request, f"Pictures of the NPS tab: {folder}")


@pytest.fixture
def tab(page: Page, portal: Portal, shop: str) -> Iterator[Page]:
    """Open the tab of a shop; the account keeps the language that it has."""
    log_in(page, portal, f"{OWNERS[shop]}@demo.example")
    page.goto(f"{portal.url}/queries/nps/")
    yield page
    choose_language(page, "nl")


def say(request: pytest.FixtureRequest, words: str) -> None:
    """Print words for whoever runs the tests, when they pass too."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{words}")


def choose_language(page: Page, language: str) -> None:
    """Press the button of a language; the page comes back in it."""
    page.get_by_role("button", name=LANGUAGES[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


# The words of cells that lie over those of another cell of their row.
COVERED: Final = """rows => rows.flatMap(row => {
    const cells = [...row.cells].map(cell => {
        const words = document.createRange()
        words.selectNodeContents(cell)
        return [cell.innerText, words.getBoundingClientRect()]
    })
    return cells.filter(([, a], i) => cells.some(([, b], j) => i < j
        && a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 1 && b.top < a.bottom - 1)).map(([words]) => words)
})"""


def wait_for_all(page: Page) -> None:
    """Wait for what the page fetches of its own accord."""
    page.wait_for_load_state("networkidle")


def toggle_details(page: Page, *, is_open: bool) -> None:
    """Open or close all that a reader can open and close."""
    page.locator("main details").evaluate_all(
        "(found, open) => found.forEach(each => each.open = open)", is_open
    )
    if is_open:
        expect(page.locator("main [hx-trigger^=toggle]")).to_have_count(0)  # comments came


@pytest.mark.parametrize("shop", OWNERS)
def test_tab_is_for_everybody_and_never_too_wide(tab: Page, pictures: Path, shop: str) -> None:
    for language, first_scheme, first_width in READINGS:
        tab.emulate_media(color_scheme=first_scheme)
        tab.set_viewport_size({"width": first_width, "height": 900})
        choose_language(tab, language)
        wait_for_all(tab)

        assert tab.evaluate("document.documentElement.scrollWidth") == first_width
        if first_width == WIDTHS[0]:
            assert tab.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS
        expect_accessible(tab)
        file = pictures / f"{shop}-{language}-{first_scheme}-{first_width}.png"
        tab.screenshot(path=file, full_page=True)
        for width, _ in appearances(tab, *WIDTHS):
            assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_tab_is_small_with_nothing_in_the_cache(
    request: pytest.FixtureRequest, portal: Portal, page: Page
) -> None:
    log_in(page, portal, "owner@demo.example")
    loaded = bytes_per_page(page)

    page.goto(f"{portal.url}/queries/nps/")
    wait_for_all(page)
    page.wait_for_load_state("networkidle")

    transferred = list(loaded.values())[-1]
    say(request, f"The NPS tab of the large shop transfers {transferred:,} bytes.")
    assert transferred < MOST_BYTES


@pytest.mark.parametrize("shop", ["large"])
def test_history_keeps_its_rows_and_its_bars_apart(tab: Page, shop: str) -> None:
    # In one look: what loads late moves the whole chart between two.
    ends = tab.locator(".history-scroll").evaluate(
        """(chart, rows) => {
            const drawing = chart.querySelector(":scope > svg").getBoundingClientRect();
            const edges = rows.flatMap(row => {
                const {top, bottom} = chart.querySelector(row).getBoundingClientRect();
                return [top, bottom];
            });
            return [drawing.top, ...edges, drawing.bottom];
        }""",
        [".tip", ".place", ".name", ".year", ".total"],
    )
    sides = tab.locator(".history-scroll .mark").evaluate_all(
        """marks => marks.flatMap(mark => {
            const {left, right} = mark.getBoundingClientRect();
            return [left, right];
        })"""
    )

    assert ends == sorted(ends)
    assert len(sides) == 2 * 24
    assert sides == sorted(set(sides))


@pytest.mark.parametrize("shop", ["large", "empty"])
def test_month_is_printed_on_one_page(tab: Page, shop: str) -> None:
    wait_for_all(tab)

    paper = PdfReader(BytesIO(tab.pdf(prefer_css_page_size=True))).pages

    name = {"large": "Fietsenzo B.V.", "empty": "Nieuwe Bladzijde"}[shop]
    words = paper[0].extract_text()
    assert len(paper) == 1
    assert name in words
    assert {"large": "Bekijk je score in detail", "empty": "Je eerste cijfer komt hier"}[
        shop
    ] in words
    assert "Score per klantvraag" not in words


def test_band_of_an_opened_month_is_listed_below_it(portal: Portal, page: Page) -> None:
    log_in(page, portal, "owner@demo.example")
    page.goto(f"{portal.url}/queries/nps/")
    page.locator(".facts a").first.click()  # the previous month
    opened = page.locator("#measurements-title span").inner_text()

    page.locator(".bands-legend .detractor a").click()
    expect(page.locator("#band-detractor")).to_have_attribute("aria-current", "true")
    page.locator(".facts a").first.click()  # the one before

    expect(page.get_by_role("heading", name="NPS na klantcontact")).to_be_visible()
    expect(page.locator("#measurements-title span")).not_to_have_text(opened)
    expect(page.locator("#history")).to_be_visible()


def test_months_are_one_stop_for_tab_and_arrows_go_on(portal: Portal, page: Page) -> None:
    log_in(page, portal, "owner@demo.example")
    page.goto(f"{portal.url}/queries/nps/")
    months = page.locator("#history .column")
    page.locator("#history .mode a").last.focus()

    page.keyboard.press("Tab")
    expect(months.last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(months.nth(22)).to_be_focused()
    page.keyboard.press("Home")
    expect(months.first).to_be_focused()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('#history')") is None


def test_skip_link_passes_all_charts(portal: Portal, page: Page) -> None:
    log_in(page, portal, "owner@demo.example")
    page.goto(f"{portal.url}/queries/nps/")

    page.locator("a.skip[href='#measurements']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('#measurements') !== null")


def test_row_leads_to_its_measurement_and_that_to_its_conversation(
    portal: Portal, page: Page
) -> None:
    log_in(page, portal, "owner@demo.example")
    page.goto(f"{portal.url}/queries/nps/")

    page.locator(".measurements .words > a").first.click()
    expect(page.locator("article.measurement")).to_be_visible()
    expect(page.locator("nav a[rel=next]")).to_be_visible()
    page.get_by_role("link", name="Naar het gesprek").click()

    expect(page.locator(".thread")).to_be_visible()


def test_other_pages_of_the_tab_are_for_everybody(portal: Portal, page: Page) -> None:
    log_in(page, portal, "owner@demo.example")

    for name in (*PAGES, "measurements/?band=detractor"):
        page.goto(f"{portal.url}/queries/nps/{name}")
        toggle_details(page, is_open=True)  # axe mistakes where it is what is closed
        expect_accessible(page)
        expect(page.locator(".subtabs [aria-current=page]")).to_have_count(1)
    page.locator(".measurements .words > a").first.click()
    expect(page.locator("article.measurement")).to_be_visible()
    expect_accessible(page)


def test_months_in_a_table_cover_each_other_nowhere(portal: Portal, page: Page) -> None:
    """On a phone a verdict has as many lines as it needs: what is beside it stays readable."""
    log_in(page, portal, "lichtpunt@demo.example")

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{portal.url}/queries/nps/months/")
        assert page.locator(".months tr").evaluate_all(COVERED) == []


def test_staff_s_overview_is_for_everybody(portal: Portal, page: Page) -> None:
    log_in(page, portal, "staff@demo.example")

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{portal.url}/admin/insights/shopscore/")
        expect_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
