"""From closing a query to seeing its measurement, with every real part in place."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Portal, expect_accessible, fill_in_login, log_in

COMMENT = "Drie keer hetzelfde moeten uitleggen, en nog geen band."


def test_a_closed_query_becomes_a_measurement_in_the_tab(portal: Portal, page: Page) -> None:
    log_in(page, portal, "agent@demo.example")
    expect(page.locator("#list")).to_be_visible()
    expect_accessible(page)
    page.locator(".item > a").first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    subject = page.locator("#conversation h1").inner_text()
    page.get_by_label("Je antwoord").fill("Excuses! Morgen ligt er een nieuwe band bij je.")
    page.get_by_text("Versturen en sluiten", exact=True).click()
    page.get_by_label("8", exact=True).check()
    page.get_by_role("button", name="Nu versturen en sluiten").click()
    expect(page.get_by_text("Verstuurd, en de klantvraag is gesloten.")).to_be_visible()
    expect(page.locator(".thread").get_by_text("Excuses! Morgen ligt")).to_be_visible()
    expect(page.get_by_role("link", name="Volgende klantvraag")).to_be_visible()
    expect(page.get_by_text("Beslissing over de enquête")).to_be_visible()
    expect_accessible(page)
    thread = page.url

    _letter, link = portal.mailbox.wait_for("/survey/", saying=subject)
    customer = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    survey = customer.new_page()
    survey.goto(link + "?score=9")
    expect(survey.get_by_label("9", exact=True)).to_be_checked()
    survey.get_by_label("3", exact=True).check()
    # Whoever waits longest may write Dutch or English.
    survey.get_by_label(re.compile("belangrijkste reden|most important reason")).fill(COMMENT)
    survey.get_by_label(re.compile("Oplossing|Solution")).check()
    survey.get_by_role("button", name=re.compile("Verstuur mijn antwoord|Send my answer")).click()
    expect(survey.get_by_role("heading", name=re.compile("Bedankt|Thank you"))).to_be_visible()
    survey.goto(link)
    answered = re.compile("Je hebt al geantwoord|You already answered")
    expect(survey.get_by_role("heading", name=answered)).to_be_visible()
    assert customer.cookies() == []
    customer.close()

    page.get_by_role("link", name="NPS na klantcontact").click()
    row = page.get_by_role("row").filter(has_text=COMMENT)
    expect(row.get_by_role("link", name=subject)).to_be_visible()
    expect(row).to_contain_text("3")
    expect(row).to_contain_text("Oplossing")
    expect_accessible(page)
    page.get_by_role("navigation", name="Welke metingen").get_by_text("Promotors").click()
    expect(page).to_have_url(re.compile("band=promoter"))
    expect(row).to_have_count(0)
    page.get_by_role("navigation", name="Welke metingen").get_by_text("Detractors").click()
    row.get_by_role("link", name=subject).click()
    page.get_by_role("link", name="Naar het gesprek").click()
    expect(page).to_have_url(thread.partition("?")[0])
    expect(page.get_by_text(COMMENT)).to_be_visible()


def test_a_reply_survives_whatever_is_pressed_and_the_end_of_the_session(
    portal: Portal, context: BrowserContext
) -> None:
    page = context.new_page()  # what is not saved is an error in the console
    log_in(page, portal, "agent@demo.example")
    page.locator(".item > a").first.click()
    page.wait_for_url(re.compile(r"/queries/\d+/"))
    thread = page.url
    box = page.get_by_label("Je antwoord")
    box.fill("Hij is onderweg.")
    page.get_by_text("Versturen en sluiten", exact=True).click()
    page.get_by_label("7", exact=True).check()

    page.get_by_label("7", exact=True).press("Enter")  # the first button: it saves the draft

    expect(page.get_by_text("Je concept is bewaard.")).to_be_visible()
    expect(box).to_have_value("Hij is onderweg.")
    expect(page.get_by_label("7", exact=True)).to_be_checked()
    expect_accessible(page)

    box.fill("Hij is echt onderweg.")
    context.clear_cookies(name="sessionid")  # the log-in expires
    page.get_by_role("button", name="Versturen en wachten").click()
    fill_in_login(page, "agent@demo.example")

    expect(page).to_have_url(thread)
    expect(box).to_have_value("Hij is echt onderweg.")

    page.get_by_role("button", name="Versturen en wachten").dblclick()

    expect(page.get_by_text("Verstuurd; de klant is nu aan zet.")).to_be_visible()
    expect(page.locator(".thread > .own", has_text="Hij is echt onderweg.")).to_have_count(1)


@pytest.mark.parametrize("path", ["/queries/", "/queries/nps/", "/queries/log-phone/"])
def test_pages_have_no_barriers_on_a_phone(portal: Portal, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, portal, "small@demo.example")

    page.goto(portal.url + path)

    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_section_can_be_read_while_the_rest_of_it_is_fetched(portal: Portal, page: Page) -> None:
    log_in(page, portal, "owner@demo.example")
    page.route("**/funnel/**", lambda _: None)  # it never comes

    page.goto(f"{portal.url}/queries/nps/")
    page.locator("[hx-get*='/funnel/']").scroll_into_view_if_needed()

    expect(page.locator("[hx-get*='/funnel/'].htmx-request")).to_be_visible()
    expect_accessible(page)
