"""Two people at one conversation: both are heard, nobody loses a word, nothing is sent twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.journeys.conftest import (
    STILL,
    Portal,
    appearances,
    expect_accessible,
    fill_in_login,
    log_in,
)

SAVED = "Concept bewaard"
TAKEN: set[str] = set()


@dataclass
class Agents:
    """Sanne and Tom, each at a browser of their own."""

    sanne: BrowserContext
    tom: BrowserContext


@pytest.fixture
def agents(browser: Browser, portal: Portal) -> Iterator[Agents]:
    """Let both log in."""
    windows = [
        browser.new_context(
            locale="nl-NL", viewport={"width": 1280, "height": 900}, reduced_motion=STILL
        )
        for _ in range(2)
    ]
    for window, email in zip(windows, ("owner@demo.example", "agent@demo.example"), strict=True):
        log_in(window.new_page(), portal, email)
    yield Agents(*windows)
    for window in windows:
        window.close()


def a_conversation(window: BrowserContext, portal: Portal) -> str:
    """Return the URL of a query that waits for an answer, and in which no other test writes."""
    page = window.pages[0]
    page.goto(f"{portal.url}/queries/")
    paths = page.locator(".item > a").evaluate_all("links => links.map(link => link.pathname)")
    path: str = next(each for each in reversed(paths) if each not in TAKEN)
    TAKEN.add(path)
    return portal.url + path


def box(page: Page) -> str:
    """Return what is in the box for the reply."""
    return page.locator("#composer textarea").input_value()


def write(page: Page, words: str) -> None:
    """Type a reply and wait until it is kept."""
    page.locator("#composer textarea").fill(words)
    expect(page.locator("#composer [data-draft-status]")).to_have_text(SAVED)


def mails(database: psycopg.Connection, words: str) -> list[str]:
    """Return how far the mails with a reply have come; one that is suppressed never leaves."""
    rows = database.execute(
        """
        SELECT mail.state
          FROM queries_message AS message
          LEFT JOIN queries_customermail AS mail ON mail.message_id = message.id
         WHERE message.body = %s
        """,
        [words],
    )
    return [state for (state,) in rows]


def send(page: Page) -> None:
    page.get_by_role("button", name="Versturen en wachten").click()


def test_both_replies_arrive_the_second_after_a_warning_and_drafts_survive_a_killed_tab(
    portal: Portal, agents: Agents
) -> None:
    thread = a_conversation(agents.sanne, portal)
    pages = [window.new_page() for window in (agents.sanne, agents.tom)]
    for page, words in zip(pages, ("Van Sanne.", "Van Tom."), strict=True):
        page.goto(thread)
        write(page, words)
    for page in pages:
        page.close(run_before_unload=False)  # killed
    sanne, tom = (window.new_page() for window in (agents.sanne, agents.tom))
    for page, words in ((sanne, "Van Sanne."), (tom, "Van Tom.")):
        page.goto(thread)
        assert box(page) == words

    here = re.compile("kijkt hier ook naar|is aan het typen")
    expect(tom.locator("[data-presence]")).to_contain_text(here)
    send(sanne)
    expect(sanne.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    send(tom)
    expect(tom.get_by_role("alert")).to_contain_text("het gesprek ging verder terwijl je schreef")
    expect(tom.locator(".thread > li", has_text="Van Sanne.")).to_contain_text("nieuw")
    assert box(tom) == "Van Tom."
    expect_accessible(tom)
    send(tom)
    expect(tom.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()

    for words in ("Van Sanne.", "Van Tom."):
        portal.mailbox.wait_for("/thread/", saying=words)


def test_double_click_two_tabs_and_a_retry_are_one_message_and_one_mail(
    portal: Portal, agents: Agents, database: psycopg.Connection
) -> None:
    thread, window = a_conversation(agents.tom, portal), agents.tom
    first, second = window.new_page(), window.new_page()
    first.goto(thread)
    write(first, "Eén keer.")
    for page in (first, second):  # both tabs are restored
        page.goto(thread)
        assert box(page) == "Eén keer."

    first.get_by_role("button", name="Versturen en wachten").dblclick()
    expect(first.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    window.clear_cookies(name="sessionid")
    send(second)
    fill_in_login(second, "agent@demo.example")
    expect(second.locator("#conversation")).to_be_visible()
    assert box(second) == ""

    sent = second.locator(".thread > .own", has_text="Eén keer.")
    expect(sent).to_have_count(1)
    portal.mailbox.wait_for("/thread/", saying="Eén keer.")
    [state] = mails(database, "Eén keer.")
    assert state in {"sending", "sent"}  # it may have arrived before that is written down


def test_what_is_typed_last_is_kept_though_an_earlier_save_is_slow(
    portal: Portal, agents: Agents
) -> None:
    thread, page = a_conversation(agents.tom, portal), agents.tom.new_page()
    page.goto(thread)
    slow: list[Route] = []

    def first_is_slow(route: Route) -> None:
        if slow:
            route.continue_()
        slow.append(route)

    page.route("**/draft/**", first_is_slow)
    page.locator("#composer textarea").fill("De ketting")
    page.wait_for_timeout(1_500)
    page.locator("#composer textarea").fill("De ketting komt morgen.")
    page.wait_for_timeout(1_500)

    slow[0].continue_()

    expect(page.locator("#composer [data-draft-status]")).to_have_text(SAVED)
    page.wait_for_timeout(1_500)
    page.goto(thread)
    assert box(page) == "De ketting komt morgen."


def test_reply_is_taken_back_before_it_leaves(
    portal: Portal, agents: Agents, database: psycopg.Connection
) -> None:
    page = agents.tom.new_page()
    page.goto(a_conversation(agents.tom, portal))
    write(page, "Te vroeg verstuurd.")
    page.get_by_text("Versturen en sluiten", exact=True).click()
    page.get_by_label("7", exact=True).check()
    page.get_by_role("button", name="Nu versturen en sluiten").click()
    expect(page.get_by_text("Verstuurd, en de klantvraag is gesloten.")).to_be_visible()

    page.get_by_role("button", name="Ongedaan maken").click()

    expect(page.get_by_text("Teruggenomen. De klant krijgt niets")).to_be_visible()
    assert box(page) == "Te vroeg verstuurd."
    expect(page.get_by_label("7", exact=True)).to_be_checked()
    expect(page.locator(".withdrawn")).to_contain_text("Te vroeg verstuurd.")
    assert mails(database, "Te vroeg verstuurd.") == ["suppressed"]


def test_keys_write_fold_and_send(portal: Portal, agents: Agents) -> None:
    page = agents.tom.new_page()
    page.goto(a_conversation(agents.tom, portal))

    page.keyboard.press("r")
    page.keyboard.type("Met e en 7 en n.")
    page.keyboard.press("Control+Shift+Enter")  # nothing is unfolded, so nothing is sent
    expect(page.locator("#composer textarea")).to_have_value("Met e en 7 en n.")
    page.locator("#composer textarea").blur()
    page.keyboard.press("e")
    page.keyboard.press("t")
    expect(page.get_by_label("10", exact=True)).to_be_checked()
    page.keyboard.press("7")
    expect(page.get_by_label("7", exact=True)).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("[data-closer]")).not_to_have_attribute("open", "")
    page.keyboard.press("n")
    expect(page.locator("#note textarea")).to_be_focused()
    page.keyboard.type("Alleen voor ons.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".internal", has_text="Alleen voor ons.").first).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()


@pytest.mark.parametrize("language", ["Nederlands", "English"])
def test_conversation_has_no_barriers(
    portal: Portal, page: Page, context: BrowserContext, language: str
) -> None:
    log_in(page, portal, "owner@demo.example")
    page.get_by_role("button", name=language).click()
    thread = a_conversation(context, portal)

    for place, *widths in (("", 360, 1280), ("#customer", 360)):
        page.goto(thread + place)
        for folded in page.locator("#panes details").all():
            folded.evaluate("each => each.open = true")
        page.wait_for_load_state("networkidle")
        for width, _ in appearances(page, *widths):
            expect_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto(f"{portal.url}/queries/saved-replies/add/")
    expect_accessible(page)
    page.get_by_role("button", name="Nederlands").click()
