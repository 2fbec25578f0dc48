"""The customer's pages on a phone: by keyboard, in both languages, small, and for everybody."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, FloatRect, Locator, Page, expect

from sellers.tokens import digest
from tests.journeys.conftest import STILL, Portal, bytes_per_page, expect_accessible

PHONE_WIDTH = 360
THUMB = 44  # px, what a target measures at least
MOST_BYTES = 30_000
QUESTION = {"nl": "Zou je Markt aanbevelen", "en": "Would you recommend Markt"}
THANKS = {"nl": "Bedankt, je antwoord is binnen", "en": "Thank you, your answer has arrived"}
ANSWERED = {"nl": "Je hebt al geantwoord", "en": "You already answered"}
HEADINGS = {
    "form": QUESTION,
    "form with an error": QUESTION,
    "thanks": THANKS,
    "already answered": ANSWERED,
    "opt-out": {"nl": "Geen enquêtes meer?", "en": "No more surveys?"},
    "opted out": {"nl": "Je krijgt geen enquêtes meer", "en": "You get no more surveys"},
    "expired": {"nl": "Deze enquête is voorbij", "en": "This survey is over"},
    "unknown": {"nl": "Deze link werkt niet", "en": "This link does not work"},
}
COMPLAINT = {"nl": "Kies een cijfer van 0 tot en met 10.", "en": "Choose a score from 0 to 10."}
REASON = "Drie keer uitgelegd 🚲, en nog niets."


def open_survey(
    portal: Portal, database: psycopg.Connection, language: str, *, expired: bool = False
) -> str:
    """Give a survey that the demo waits for a link that we know, or one that is over.

    Its customer opted out in no other test: all of them use this one database.
    """
    token = secrets.token_urlsafe(32)
    linked = database.execute(
        """
        UPDATE surveys_invitation
           SET token_digest = %s,
               expires_at = CASE WHEN %s THEN now() - interval '1 day' ELSE expires_at END
         WHERE id = (SELECT invitation.id
                       FROM surveys_invitation AS invitation
                       JOIN queries_closing AS closing ON closing.id = invitation.closing_id
                      WHERE invitation.state = 'sent' AND invitation.language = %s
                        AND invitation.expires_at > now() + interval '1 hour'
                        AND closing.closed_by = 'seller'
                        AND NOT EXISTS (SELECT FROM surveys_surveyoptout AS opted_out
                                         WHERE opted_out.customer_id = invitation.customer_id)
                      LIMIT 1)
        """,
        [digest(token), expired, language],
    )
    assert linked.rowcount == 1
    return f"{portal.url}/survey/{token}/"


def stored_answer(database: psycopg.Connection, link: str) -> tuple[Any, ...] | None:
    """Return score, reason, topics and whether the seller may contact, as stored for a link."""
    return database.execute(
        """
        SELECT score, response.reason, array_agg(slug), may_contact
          FROM surveys_surveyresponse AS response
          JOIN surveys_invitation AS invitation ON invitation.id = response.invitation_id
          JOIN surveys_responsetopic AS ticked ON ticked.response_id = response.id
          JOIN surveys_topic AS topic ON topic.id = ticked.topic_id
         WHERE token_digest = %s
         GROUP BY response.id
        """,
        [digest(link.rstrip("/").rpartition("/")[2])],
    ).fetchone()


@contextmanager
def phone(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a page on a phone; it asks nobody else for anything, and leaves no cookie or error."""
    size = {"width": PHONE_WIDTH, "height": 740}
    window = browser.new_context(viewport=size, reduced_motion=STILL, **options)
    page = window.new_page()
    asked: list[str] = []
    errors: list[str] = []

    def note(entry: ConsoleMessage) -> None:
        # That the page itself has the status 404, 410 or 422 is one too, and as it should be.
        if entry.type == "error" and "/survey/" not in entry.location["url"]:
            errors.append(entry.text)

    page.on("request", lambda request: asked.append(request.url))
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    cookies = window.cookies()
    window.close()
    assert [url for url in asked if not url.startswith("http://localhost:")] == []
    assert errors == []
    assert cookies == []


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it is there."""
    expect(wanted).to_have_count(1)
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    expect(wanted).to_be_focused()


def go_to(page: Page, name: str, link: str) -> None:
    """Show one of the customer's pages, the way a customer gets there."""
    send = page.get_by_role("button")
    match name:
        case "form" | "expired":
            page.goto(link)
        case "form with an error":
            page.goto(link)
            send.click()
        case "thanks":
            page.goto(f"{link}?score=9")
            send.click()
        case "already answered":
            page.request.post(link, form={"score": "9"})
            page.goto(link)
        case "opt-out":
            page.goto(f"{link}opt-out/")
        case "opted out":
            page.goto(f"{link}opt-out/")
            send.click()
        case "unknown":
            page.goto(f"{link[:-2]}/")


def targets(page: Page) -> list[FloatRect]:
    """Return where everything is that a thumb can choose or press."""
    boxes: list[FloatRect] = page.locator("button, label:has(input)").evaluate_all(
        "found => found.map(each => each.getBoundingClientRect().toJSON())"
    )
    return [box for box in boxes if box["width"]]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_survey_is_answered_by_keyboard_alone(
    portal: Portal,
    browser: Browser,
    database: psycopg.Connection,
    language: str,
) -> None:
    link = open_survey(portal, database, language)
    with phone(browser, java_script_enabled=False) as page:
        heading = page.get_by_role("heading", level=1)
        score = page.locator("input[name=score]")
        reason = page.get_by_role("textbox")
        box = page.get_by_role("checkbox")
        contact = page.locator("input[name=may_contact]")
        send = page.get_by_role("button")

        page.goto(link)  # and forget the score
        expect(heading).to_contain_text(QUESTION[language])
        expect(score).to_have_count(11)
        tab_to(page, reason)
        page.keyboard.type(REASON)
        tab_to(page, box.nth(3))
        page.keyboard.press("Space")
        tab_to(page, contact.first)
        page.keyboard.press("Space")
        tab_to(page, send)
        page.keyboard.press("Enter")

        expect(page.get_by_role("alert")).to_be_focused()
        expect(reason).to_have_value(REASON)
        expect(box.nth(3)).to_be_checked()
        expect(contact.first).to_be_checked()
        assert stored_answer(database, link) is None

        tab_to(page, page.get_by_role("alert").get_by_role("link", name=COMPLAINT[language]))
        page.keyboard.press("Enter")
        expect(score.first).to_be_focused()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        expect(score.nth(3)).to_be_checked()
        tab_to(page, send)
        page.keyboard.press("Enter")

        expect(heading).to_have_text(THANKS[language])
        assert stored_answer(database, link) == (3, REASON, ["solution"], True)
        page.goto(link)
        expect(heading).to_have_text(ANSWERED[language])


@pytest.mark.parametrize(
    "language", [pytest.param("nl", id="nl and light"), pytest.param("en", id="en and dark")]
)
@pytest.mark.parametrize("name", HEADINGS)
def test_customer_s_page_is_small_and_for_everybody(
    portal: Portal,
    browser: Browser,
    database: psycopg.Connection,
    name: str,
    language: str,
) -> None:
    link = open_survey(portal, database, language, expired=name == "expired")
    scheme = "light" if language == "nl" else "dark"
    with phone(browser, locale=language, color_scheme=scheme) as page:
        loaded = bytes_per_page(page)

        go_to(page, name, link)

        expect(page.get_by_role("heading", level=1)).to_contain_text(HEADINGS[name][language])
        expect(page.get_by_role("alert")).to_have_count(1 if name == "form with an error" else 0)
        expect_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH
        assert [box for box in targets(page) if min(box["width"], box["height"]) < THUMB] == []
        assert 0 < list(loaded.values())[-1] < MOST_BYTES
