"""Two people at one conversation: both are heard, nobody loses a word, nothing is sent twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.journeys.conftest import (
    STILL,
    Portal,
    expect_accessible,
    fill_in_login,
    log_in,
    plain_text,
)

SAVED = "Concept bewaard"


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
    """Return the URL of a query that waits for an answer."""
    page = window.pages[0]
    page.goto(f"{portal.url}/queries/")
    href = page.locator(".item > a").last.get_attribute("href") or ""
    return portal.url + href.partition("?")[0]


def box(page: Page) -> str:
    """Return what is in the box for the reply."""
    return page.locator("#composer textarea").input_value()


def write(page: Page, words: str) -> None:
    """Type a reply and wait until it is kept."""
    page.locator("#composer textarea").fill(words)
    expect(page.locator("#composer [data-draft-status]")).to_have_text(SAVED)


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
    portal: Portal, agents: Agents
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
    second.wait_for_timeout(12_000)
    assert [each for each in portal.mailbox.letters if "Eén keer." in plain_text(each)] == []


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
    page.locator("#composer textarea").fill("")  # for whoever opens it next
    page.wait_for_timeout(1_500)


def test_reply_is_taken_back_before_it_leaves(portal: Portal, agents: Agents) -> None:
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
    page.locator("#composer textarea").fill("")  # for whoever opens it next
    page.wait_for_timeout(14_000)
    letters = [plain_text(each) for each in portal.mailbox.letters]
    assert [each for each in letters if "Te vroeg" in each] == []


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["Nederlands", "English"])
def test_conversation_has_no_barriers(
    portal: Portal, browser: Browser, scheme: str, width: int, language: str
) -> None:
    window = browser.new_context(
        locale="nl-NL",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion=STILL,
    )
    page = window.new_page()
    log_in(page, portal, "owner@demo.example")
    page.get_by_role("button", name=language).click()
    thread = a_conversation(window, portal)

    for place in ("", "#customer"):
        page.goto(thread + place)
        for folded in page.locator("#panes details").all():
            folded.evaluate("each => each.open = true")
        page.wait_for_load_state("networkidle")
        expect_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.goto(f"{portal.url}/queries/saved-replies/add/")
    expect_accessible(page)
    page.get_by_role("button", name="Nederlands").click()
    window.close()
