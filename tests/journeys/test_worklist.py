"""The list of the workplace in a browser: by keyboard, while others work, and on a phone."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from tests.journeys.conftest import Portal, expect_accessible, log_in

AGENT, COLLEAGUE = "agent@demo.example", "owner@demo.example"


@pytest.fixture
def desk(portal: Portal, page: Page) -> Page:
    """The workplace of an agent."""
    log_in(page, portal, AGENT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jij bent aan zet")
    return page


def look_again(page: Page) -> None:
    """Let the list ask whether something changed, as it does when somebody comes back to it."""
    with page.expect_response(re.compile("/queries/poll/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def subject_of(link: Locator) -> str:
    """Return what an item is about, without the word that it is unread."""
    subject: str = link.locator("b").evaluate("b => b.lastChild.textContent.trim()")
    return subject


def current(page: Page) -> int:
    """Return the place in the list of what is open, from 0; -1 when nothing is."""
    place: int = page.evaluate(
        "[...document.querySelectorAll('.item > a')].findIndex(a => a.ariaCurrent === 'true')"
    )
    return place


def test_by_keyboard_one_after_the_other_and_the_list_stays(desk: Page) -> None:
    desk.evaluate("window.isThePageOfBefore = true")
    for key, place in [("j", 0), ("j", 1), ("j", 2), ("k", 1)]:
        desk.keyboard.press(key)
        link = desk.locator(".item > a").nth(place)
        expect(link).to_have_attribute("aria-current", "true")
        subject = subject_of(link)
        expect(desk.locator("#panes").get_by_role("heading", name=subject)).to_be_visible()
        expect(desk).to_have_title(re.compile(re.escape(subject)))
    assert desk.evaluate("window.isThePageOfBefore")
    expect_accessible(desk)

    desk.keyboard.press("a")
    expect(desk.locator(".said")).to_contain_text("toegewezen aan")
    expect(desk.locator(".item > a[aria-current] .avatar.me")).to_be_visible()

    desk.keyboard.press("/")
    expect(desk.locator("#find [name=q]")).to_be_focused()
    desk.keyboard.type("jkj?a")
    assert current(desk) == 1
    expect(desk.locator("#keys")).not_to_be_visible()


def test_a_query_takes_six_keys_and_one_page(desk: Page) -> None:
    pages: list[str] = []

    def count(request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            pages.append(request.url)

    desk.on("request", count)

    for words in ("Eerst dit.", "Dan dat."):
        desk.keyboard.press("j")
        expect(desk.locator("#composer [data-send=close]")).to_be_attached()
        desk.keyboard.press("r")
        expect(desk.locator("#composer textarea")).to_be_focused()
        desk.keyboard.type(words)
        for key in ("Escape", "e", "7", "Control+Shift+Enter"):
            desk.keyboard.press(key)
        expect(desk.get_by_text("Verstuurd, en de klantvraag is gesloten.")).to_be_visible()
        expect(desk.locator(".thread > .own", has_text=words)).to_be_visible()

    assert len(pages) == 2


def test_single_letters_can_be_switched_off(desk: Page) -> None:
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    expect_accessible(desk)
    desk.get_by_label("Losse letters werken").uncheck()
    desk.get_by_role("button", name="Sluit dit").click()

    desk.reload()
    desk.keyboard.press("j")
    desk.keyboard.press("?")

    assert current(desk) == -1
    expect(desk.get_by_role("dialog")).not_to_be_visible()
    desk.get_by_role("button", name="alle toetsen").click()
    desk.get_by_label("Losse letters werken").check()
    desk.get_by_role("button", name="Sluit dit").click()
    desk.keyboard.press("j")
    expect(desk.locator(".item > a").first).to_have_attribute("aria-current", "true")


def test_what_a_colleague_does_appears_and_nothing_moves(
    desk: Page, portal: Portal, context: BrowserContext
) -> None:
    look_again(desk)
    rows = desk.locator("#list-rows")
    third = desk.locator(".item").nth(3)
    third.locator("input").check(force=True)
    ticked = third.locator("input").input_value()
    third.locator("a").focus()
    rows.evaluate("rows => rows.scrollTo(0, 120)")
    desk.evaluate("window.isThePageOfBefore = true")
    window = context.browser.new_context(locale="nl-NL")  # type: ignore[union-attr]
    colleague = window.new_page()
    log_in(colleague, portal, COLLEAGUE)
    colleague.goto(f"{portal.url}/queries/?view=unassigned")
    colleague.locator(".item > a").first.click()
    taken = colleague.locator(".item > a").first.get_attribute("href") or ""
    colleague.get_by_role("button", name="Neem ik").click()
    expect(colleague.locator(".said")).to_contain_text("toegewezen aan")
    window.close()

    look_again(desk)

    query = taken.partition("?")[0]
    whose = desk.locator(f".item > a[href^='{query}'] .avatar")
    expect(whose).not_to_have_class(re.compile("none"))
    assert rows.evaluate("rows => rows.scrollTop") == 120
    assert desk.locator(".item > :checked").input_value() == ticked
    expect(desk.locator(".item").nth(3).locator("a")).to_be_focused()
    assert desk.evaluate("window.isThePageOfBefore")


def test_many_are_assigned_and_it_can_be_undone(desk: Page) -> None:
    mine = desk.get_by_role("navigation", name="Van wie").get_by_role("link", name="Van mij")
    before = mine.inner_text()
    free = desk.locator(".item:has(.avatar.none) > input")
    for place in (0, 1):
        free.nth(place).check(force=True)
    expect_accessible(desk)

    desk.get_by_role("button", name="Toewijzen", exact=True).click()

    expect(desk.locator(".said")).to_contain_text("2 klantvragen zijn toegewezen aan")
    assert mine.inner_text() != before
    desk.get_by_role("button", name="Ongedaan maken").click()
    expect(desk.locator(".said")).to_contain_text("Ongedaan gemaakt")
    assert mine.inner_text() == before


def test_closing_many_asks_first(desk: Page) -> None:
    desk.locator(".item > input").first.check(force=True)
    desk.get_by_role("button", name="Sluiten…").click()

    expect(desk.get_by_role("heading", name="1 klantvraag sluiten?")).to_be_visible()
    expect(desk.get_by_text("wacht nog op jouw antwoord")).to_be_visible()
    expect_accessible(desk)
    desk.get_by_role("link", name="Laat ze open").click()
    expect(desk.get_by_role("heading", name="Kies een klantvraag")).to_be_visible()


def test_search_follows_what_is_typed_and_the_other_lists_know_it(
    portal: Portal, context: BrowserContext
) -> None:
    page = context.new_page()  # htmx notes in the console which requests it gave up
    log_in(page, portal, AGENT)
    words = subject_of(page.locator(".item > a").first)
    page.keyboard.press("/")
    page.locator("#find [name=q]").press_sequentially(words)

    expect(page.locator(".item").nth(1)).to_have_count(0)
    expect(page.locator("#list-title")).to_contain_text("1")
    expect(page).to_have_url(re.compile(r"\?view=your_turn&q="))
    look_again(page)
    expect(page.locator(".item")).to_have_count(1)
    page.locator("#find [name=q]").fill("zz")
    expect(page.get_by_role("heading", name="Niets gevonden")).to_be_visible()
    page.get_by_role("button", name="Kies een andere lijst").click()
    page.locator("#views").get_by_role("link", name="Gesloten").click()

    expect(page).to_have_url(re.compile("(?=.*q=zz)(?=.*view=closed)"))
    expect(page.get_by_role("heading", name="Niets gevonden")).to_be_visible()
    expect_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_one_pane_at_a_time(desk: Page, scheme: str) -> None:
    desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    desk.set_viewport_size({"width": 360, "height": 740})
    expect(desk.locator("#list")).to_be_visible()
    expect(desk.get_by_role("heading", name="Kies een klantvraag")).not_to_be_visible()
    expect_accessible(desk)
    desk.locator(".item > input").first.check()
    expect(desk.locator("#bulk").get_by_role("button", name="Toewijzen")).to_be_in_viewport()
    assert desk.locator("#list-rows").evaluate("rows => rows.scrollHeight > rows.clientHeight")

    desk.locator(".item > a").first.click()

    expect(desk.locator("#list")).not_to_be_visible()
    expect(desk.locator("#panes").get_by_role("heading", level=1)).to_be_visible()
    expect_accessible(desk)
    assert desk.evaluate("document.documentElement.scrollWidth") == 360
    desk.go_back()
    expect(desk.locator("#list")).to_be_visible()


def test_all_of_it_works_without_javascript(portal: Portal, context: BrowserContext) -> None:
    window = context.browser.new_context(locale="nl-NL", java_script_enabled=False)  # type: ignore[union-attr]
    page = window.new_page()
    log_in(page, portal, AGENT)
    page.locator("summary").first.click()
    page.locator("#find [name=q]").fill("fiets")
    page.locator("#find").get_by_role("button", name="Zoeken").click()
    expect(page).to_have_url(re.compile("q=fiets"))
    page.goto(f"{portal.url}/queries/")

    page.locator(".item > a").nth(1).click()

    expect(page.locator(".item > a").nth(1)).to_have_attribute("aria-current", "true")
    page.locator("[popovertarget=snooze-menu]").click()
    page.get_by_role("button", name="Morgenochtend").click()
    expect(page.locator(".said")).to_contain_text("is uitgesteld tot")
    page.locator("[popovertarget=views]").click()
    page.get_by_role("link", name="Uitgesteld").click()
    page.locator(".item > a").first.click()
    page.get_by_role("button", name="Niet meer uitstellen").click()
    expect(page.locator(".said")).to_contain_text("wacht weer op jou")
    window.close()
