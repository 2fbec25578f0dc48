"""From a 2 to a customer who is helped, with every real part in place; the score stays."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import STILL, Portal, expect_accessible, log_in

SHOP = "Lichtpunt Verlichting"
ORDER = "100483388"
TOPIC = "Bureaulamp knippert"
COMMENT = "Drie mensen gesproken, drie verhalen."
SORRY = "Excuses, we sturen vandaag een nieuwe lamp."
PROMISE = "Bij een volgende vraag belt Harmen zelf"
FOLLOW_UP = "/queries/nps/follow-up/"


def test_a_detractor_is_answered_and_won_back(portal: Portal, page: Page, browser: Browser) -> None:
    phone = browser.new_context(
        java_script_enabled=False,
        locale="nl-NL",
        viewport={"width": 360, "height": 740},
        reduced_motion=STILL,
    )
    customer = phone.new_page()

    # The customer asks, an agent closes, and the customer gives a 2.
    ask(portal, customer, TOPIC)
    portal.mailbox.wait_for("/thread/", saying=TOPIC)
    log_in(page, portal, "milan@demo.example")
    score_before = shown_score(page, portal)
    finished_before = tile(page, portal, "afgerond")
    page.goto(f"{portal.url}/queries/?q={TOPIC}")
    page.locator(".item > a", has_text=TOPIC).first.click()
    page.get_by_label("Je antwoord").fill("Heb je de stekker er al eens uitgehaald?")
    page.get_by_text("Versturen en sluiten", exact=True).click()
    page.get_by_label("8", exact=True).check()
    page.get_by_role("button", name="Nu versturen en sluiten").click()
    expect(page.get_by_text("Verstuurd, en de klantvraag is gesloten.")).to_be_visible()
    _letter, survey = portal.mailbox.wait_for("/survey/", saying=TOPIC)
    customer.goto(survey)
    customer.get_by_label("2", exact=True).check()
    customer.get_by_label(re.compile("belangrijkste reden")).fill(COMMENT)
    customer.locator("[name=may_contact]").first.check()
    customer.get_by_role("button", name="Verstuur mijn antwoord").click()
    expect(customer.get_by_text("Je kunt hier dus iets over horen")).to_be_visible()
    score_after_answer = shown_score(page, portal)
    assert score_after_answer != score_before

    # The owner is told at once, and finds what to do.
    letter, link = portal.mailbox.wait_for(FOLLOW_UP, saying="2")
    assert letter["To"] == "lichtpunt@demo.example"
    assert COMMENT not in letter.as_string()
    page.context.clear_cookies()
    log_in(page, portal, "lichtpunt@demo.example")
    page.goto(link)
    expect(page.get_by_role("heading", name="Draaiboek bij een 2")).to_be_visible()
    expect(page.get_by_text(COMMENT).first).to_be_visible()
    expect_accessible(page)

    # From the list: two clicks and what is written.
    page.goto(f"{portal.url}{FOLLOW_UP}")
    page.locator(".task-rows a", has_text=COMMENT).first.click()
    page.get_by_label("Je antwoord").fill(SORRY)
    page.get_by_role("button", name="Antwoord versturen").click()
    expect(page.get_by_text("Je antwoord is onderweg naar de klant.")).to_be_visible()
    expect(page.locator(".task-rows").get_by_text("Contact gehad").first).to_be_visible()
    task = page.url

    # The customer answers by the link; it comes back to the owner.
    _letter, thread = portal.mailbox.wait_for("/thread/", saying=SORRY)
    customer.goto(thread)
    customer.get_by_label("Je bericht").fill("Dat is netjes, bedankt.")
    customer.get_by_role("button", name="Versturen", exact=True).click()
    expect(customer.get_by_text("Je bericht is binnen.")).to_be_visible()
    page.goto(f"{portal.url}/queries/?view=mine")
    expect(page.locator(".item", has_text=TOPIC)).to_be_visible()

    # It is resolved, with a note; figures change, the score does not.
    page.goto(task)
    page.get_by_label("Opgelost").check()
    page.get_by_label(re.compile("^Notitie")).fill("Nieuwe lamp verstuurd, klant tevreden.")
    page.get_by_label("Beloofd aan de klant").fill(PROMISE)
    page.get_by_role("button", name="Afronden", exact=True).click()
    expect(page.get_by_text("Het cijfer blijft zoals het is.")).to_be_visible()
    assert tile(page, portal, "afgerond") == finished_before + 1
    assert shown_score(page, portal) == score_after_answer

    # The next thing this customer asks begins with it.
    ask(portal, customer, "Tweede lamp bestellen")
    page.goto(f"{portal.url}/queries/?q=Tweede lamp bestellen")
    page.locator(".item > a", has_text="Tweede lamp").first.click()
    recall = page.locator(".recall")
    expect(recall).to_contain_text(PROMISE)
    expect(recall).to_contain_text(COMMENT)
    expect_accessible(page)
    phone.close()


def ask(portal: Portal, customer: Page, topic: str) -> None:
    """Let the customer ask the shop something about the order."""
    customer.goto(f"{portal.url}/demo/shop/")
    customer.get_by_role("row").filter(has_text=ORDER).get_by_role("button").click()
    customer.get_by_label("Waar gaat het over?").fill(topic)
    customer.get_by_label("Je vraag").fill("Hij knippert sinds gisteren.")
    customer.get_by_role("button", name="Verstuur mijn vraag").click()
    expect(customer.get_by_role("heading", name="Je vraag is verstuurd")).to_be_visible()


def shown_score(page: Page, portal: Portal) -> str:
    """Return the score of the month and its measurements, as the tab has them."""
    page.goto(f"{portal.url}/queries/nps/")
    return page.locator(".month-number").first.inner_text()


def tile(page: Page, portal: Portal, label: str) -> int:
    """Return the number on a tile of the follow-up."""
    page.goto(f"{portal.url}{FOLLOW_UP}")
    shown = page.locator(".tile", has_text=label).first.locator("b").inner_text()
    return int(shown.replace(".", ""))
