"""A conversation with every real part in place: button, mail both ways, page, survey, reaction."""

import re
import smtplib
from email.message import EmailMessage, Message
from email.utils import make_msgid

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import (
    STILL,
    Portal,
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

    # The reply, by mail.
    log_in(page, portal, "agent@demo.example")
    page.goto(f"{portal.url}/queries/?q={topic}")
    page.locator(".item > a", has_text=topic).first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    thread = page.url
    page.get_by_label("Je antwoord").fill("Draai de schroef vast.")
    page.get_by_role("button", name="Versturen en wachten").click()
    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    letter, link = portal.mailbox.wait_for("/thread/")
    assert "Draai de schroef vast." in plain_text(letter)
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
    _letter, survey = portal.mailbox.wait_for("/survey/")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_of_a_conversation_is_small_and_for_everybody(
    portal: Portal, page: Page, browser: Browser, scheme: str, width: int
) -> None:
    log_in(page, portal, "agent@demo.example")
    page.locator(".item > a").first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    page.get_by_label("Je antwoord").fill(f"Een antwoord, {scheme} op {width}.")
    page.get_by_role("button", name="Versturen en wachten").click()
    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    _letter, link = portal.mailbox.wait_for("/thread/")
    window = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion=STILL,
    )
    customer = window.new_page()
    loaded = bytes_per_page(customer)

    for url in (link, re.sub(r"/thread/[^/]+", "/thread/unknown", link)):
        customer.goto(url)
        customer.wait_for_load_state("networkidle")
        expect_accessible(customer)
        assert customer.evaluate("document.documentElement.scrollWidth") == width
    customer.goto(link)
    customer.get_by_role("button", name=re.compile("^(Versturen|Send)$")).click()
    expect_accessible(customer)  # with an error

    assert max(loaded.values()) < MOST_BYTES
    assert window.cookies() == []
    window.close()
