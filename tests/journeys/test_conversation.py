"""A conversation with every real part in place: button, mail both ways, page, survey, reaction."""

import re
import secrets
import smtplib
from email.message import EmailMessage, Message
from email.utils import make_msgid

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from sellers.tokens import digest
from tests.journeys.conftest import (
    STILL,
    Portal,
    appearances,
    bytes_per_page,
    expect_accessible,
    log_in,
    plain_text,
)

MOST_BYTES = 30_000
SHOP = "Fietsenzo B.V."
WORDS = {
    "nl": {
        "language": "Nederlands",
        "order": "100482917",
        "subject": "Waar gaat het over?",
        "question": "Je vraag",
        "ask": "Verstuur mijn vraag",
        "asked": "Je vraag is verstuurd",
        "message": "Je bericht",
        "send": "Versturen",
        "arrived": "Je bericht is binnen.",
        "closed": "Dit gesprek is gesloten.",
        "stands": "Je antwoord daarop blijft gelden.",
        "answer": "Verstuur mijn antwoord",
        "thanks": "Bedankt, je antwoord is binnen",
        "too old": "Deze link is verlopen",
        "new link": "Mail me een nieuwe link",
        "on its way": "Een nieuwe link is onderweg",
        "fresh link": "Hier is de link naar je gesprek",
    },
    "en": {
        "language": "English",
        "order": "100483411",
        "subject": "What is it about?",
        "question": "Your question",
        "ask": "Send my question",
        "asked": "Your question is sent",
        "message": "Your message",
        "send": "Send",
        "arrived": "Your message has arrived.",
        "closed": "This conversation is closed.",
        "stands": "your answer to it still counts.",
        "answer": "Send my answer",
        "thanks": "Thank you, your answer has arrived",
        "too old": "This link is too old",
        "new link": "Mail me a new link",
        "on its way": "A new link is on its way",
        "fresh link": "Here is the link to your conversation",
    },
}


def answer_by_mail(portal: Portal, letter: Message, words: str) -> None:
    """Answer a mail as a mail program does, to where it asks for answers."""
    answer = EmailMessage()
    answer["From"], answer["To"] = str(letter["To"]), str(letter["Reply-To"])
    answer["Subject"], answer["Message-ID"] = (
        str(letter["Subject"]),
        make_msgid(domain="klant.example"),
    )
    answer["In-Reply-To"] = answer["References"] = str(letter["Message-ID"])
    quoted = "\n".join(f"> {line}" for line in plain_text(letter).splitlines())
    sender = str(letter["From"])
    answer.set_content(f"{words}\n\nOn Thu, 26 Nov 2026 at 10:00, {sender} wrote:\n\n{quoted}\n")
    with smtplib.SMTP("127.0.0.1", portal.mail_in_port) as server:
        server.send_message(answer)


@pytest.mark.parametrize("language", WORDS)
def test_conversation_from_the_button_to_a_reaction_after_the_survey(
    portal: Portal, page: Page, browser: Browser, language: str
) -> None:
    words, topic = WORDS[language], f"Bel {language} rammelt"
    phone = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, reduced_motion=STILL
    )
    customer = phone.new_page()

    # The button, and the question.
    customer.goto(f"{portal.url}/demo/shop/")
    customer.get_by_role("button", name=words["language"]).click()
    row = customer.get_by_role("row").filter(has_text=words["order"])
    row.get_by_role("button").click()
    customer.get_by_label(words["subject"]).fill(topic)
    customer.get_by_label(words["question"]).fill("Wat nu?")
    customer.get_by_role("button", name=words["ask"]).click()
    expect(customer.get_by_role("heading", name=words["asked"])).to_be_visible()
    phone.clear_cookies()  # of the demo's own shop
    letter, link = portal.mailbox.wait_for("/thread/", saying=topic)
    assert letter["Auto-Submitted"] == "auto-generated"
    customer.goto(link)
    expect(customer.get_by_text("Wat nu?")).to_be_visible()

    # The reply, by mail.
    log_in(page, portal, "agent@demo.example")
    page.goto(f"{portal.url}/queries/?q={topic}")
    page.locator(".item > a", has_text=topic).first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    thread = page.url
    page.get_by_label("Je antwoord").fill("Draai de schroef vast.")
    page.get_by_role("button", name="Versturen en wachten").click()
    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    letter, same_link = portal.mailbox.wait_for("/thread/", saying="Draai de schroef vast.")
    assert same_link == link
    assert letter["Auto-Submitted"] is None

    # The customer answers by mail, then on the page.
    answer_by_mail(portal, letter, "Welke schroef?")
    page.goto(thread)
    said = page.locator(".thread > .customer").last
    expect(said).to_contain_text("Welke schroef?")
    expect(said.locator("details")).not_to_have_attribute("open", "")
    assert link not in page.content()
    expect(page.get_by_text("Jij bent aan zet").first).to_be_visible()
    customer.goto(link)
    assert customer.evaluate("document.documentElement.scrollWidth") == 360
    customer.get_by_label(words["message"]).fill("O, die kleine.")
    customer.get_by_role("button", name=words["send"], exact=True).click()
    expect(customer.get_by_text(words["arrived"])).to_be_visible()

    # Closing, the survey, and a reaction that reopens.
    page.goto(thread)
    expect(page.locator(".thread").get_by_text("O, die kleine.")).to_be_visible()
    page.get_by_label("Je antwoord").fill("Graag gedaan!")
    page.get_by_text("Versturen en sluiten", exact=True).click()
    page.get_by_role("button", name="Nu versturen en sluiten").click()
    _letter, survey = portal.mailbox.wait_for("/survey/", saying=topic)
    customer.goto(link)
    expect(customer.get_by_text(words["closed"])).to_be_visible()
    customer.goto(survey)
    customer.get_by_label("9", exact=True).check()
    customer.get_by_role("button", name=words["answer"]).click()
    expect(customer.get_by_role("heading", name=words["thanks"])).to_be_visible()
    customer.goto(link)
    customer.get_by_label(words["message"]).fill("Toch weer los.")
    customer.get_by_role("button", name=words["send"], exact=True).click()
    expect(customer.get_by_text(words["stands"])).to_be_visible()
    page.goto(thread)
    expect(page.locator(".thread").get_by_text("Toch weer los.")).to_be_visible()
    expect(page.get_by_text("Jij bent aan zet").first).to_be_visible()
    assert phone.cookies() == []
    phone.close()


def test_page_of_a_conversation_is_small_and_for_everybody(
    portal: Portal, page: Page, browser: Browser
) -> None:
    log_in(page, portal, "agent@demo.example")
    page.locator(".item > a").first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    words = "Een antwoord."
    page.get_by_label("Je antwoord").fill(words)
    page.get_by_role("button", name="Versturen en wachten").click()
    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    _letter, link = portal.mailbox.wait_for("/thread/", saying=words)
    window = browser.new_context(reduced_motion=STILL)
    customer = window.new_page()
    loaded = bytes_per_page(customer)

    def is_for_everybody() -> None:
        for width, _ in appearances(customer):
            expect_accessible(customer)
            assert customer.evaluate("document.documentElement.scrollWidth") == width

    for url in (re.sub(r"/thread/[^/]+", "/thread/unknown", link), link):
        customer.goto(url)
        customer.wait_for_load_state("networkidle")
        is_for_everybody()
    customer.get_by_role("button", name=re.compile("^(Versturen|Send)$")).click()
    is_for_everybody()  # with an error

    assert max(loaded.values()) < MOST_BYTES
    assert window.cookies() == []
    window.close()


def link_that_is_over(portal: Portal, database: psycopg.Connection, language: str) -> str:
    """Make a link that we know to a conversation of the demo, as if a newer one replaced it."""
    token = secrets.token_urlsafe(32)
    made = database.execute(
        """
        INSERT INTO queries_threadlink (query_id, email, language, token_salt, token_digest,
                                        reply_digest, created_at, replaced_at)
        SELECT query.id, customer.email, query.language, %s, %s, %s, now(), now()
          FROM queries_customerquery AS query
          JOIN queries_customer AS customer ON customer.id = query.customer_id
         WHERE query.language = %s AND query.erased_at IS NULL
           AND query.contact_email = '' AND customer.email <> ''
           AND customer.email NOT IN (SELECT email FROM sellers_refusedaddress)
           AND NOT EXISTS (SELECT FROM queries_threadlink AS link WHERE link.query_id = query.id)
         ORDER BY query.id LIMIT 1
        """,
        [secrets.token_hex(16), digest(token), digest(token[::-1]), language],
    )
    assert made.rowcount == 1
    return f"{portal.url}/thread/{token}/"


@pytest.mark.parametrize("language", WORDS)
def test_what_follows_on_a_link_is_small_and_for_everybody(
    portal: Portal,
    browser: Browser,
    database: psycopg.Connection,
    language: str,
) -> None:
    words = WORDS[language]
    window = browser.new_context(reduced_motion=STILL)
    customer = window.new_page()
    loaded = bytes_per_page(customer)

    def is_for_everybody(said: str) -> None:
        expect(customer.get_by_text(said)).to_be_visible()
        expect(customer.locator("html")).to_have_attribute("lang", language)
        expect(customer.locator("script")).to_have_count(0)  # so all works without
        for width, _ in appearances(customer):
            expect_accessible(customer)
            assert customer.evaluate("document.documentElement.scrollWidth") == width

    customer.goto(link_that_is_over(portal, database, language))
    is_for_everybody(words["too old"])
    customer.get_by_role("button", name=words["new link"]).click()
    is_for_everybody(words["on its way"])
    _letter, link = portal.mailbox.wait_for("/thread/", saying=words["fresh link"])
    customer.goto(link)
    customer.get_by_label(words["message"]).fill("Daar ben ik weer.")
    customer.get_by_role("button", name=words["send"], exact=True).click()
    is_for_everybody(words["arrived"])

    assert len(loaded) >= 4
    assert 0 < max(loaded.values()) < MOST_BYTES
    assert window.cookies() == []
    window.close()
