"""From closing a query to seeing its measurement, with every real part in place."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.journeys.conftest import Portal, expect_accessible, fill_in_login, log_in

COMMENT = "Drie keer hetzelfde moeten uitleggen, en nog geen band."


def slow_down(page: Page) -> None:
    """Let every answer to htmx take longer than people need for the next click."""

    def later(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route(re.compile(r"/queries/\?"), later)


def test_a_closed_query_becomes_a_measurement_in_the_tab(portal: Portal, page: Page) -> None:
    log_in(page, portal, "agent@demo.example")
    expect(page.get_by_role("heading", name="Klantvragen")).to_be_visible()
    expect_accessible(page)
    page.locator("table.list a").first.click()
    subject = page.get_by_role("heading", level=1).inner_text()
    page.get_by_label("8", exact=True).check()
    page.get_by_label("Je antwoord").fill("Excuses! Morgen ligt er een nieuwe band bij je.")
    page.get_by_role("button", name="Versturen en sluiten").click()
    expect(page.get_by_text("Je antwoord staat in het gesprek en de klantvraag")).to_be_visible()
    expect(page.get_by_text("Excuses! Morgen ligt")).to_be_visible()
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
    survey.get_by_label(re.compile("belangrijkste reden")).fill(COMMENT)
    survey.get_by_label("Oplossing").check()
    survey.get_by_role("button", name="Verstuur mijn antwoord").click()
    expect(survey.get_by_role("heading", name="Bedankt")).to_be_visible()
    survey.goto(link)
    expect(survey.get_by_role("heading", name="Je hebt al geantwoord")).to_be_visible()
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
    expect(page).to_have_url(thread)
    expect(page.get_by_text(COMMENT)).to_be_visible()


def test_a_reply_survives_whatever_button_is_pressed(
    portal: Portal, context: BrowserContext
) -> None:
    page = context.new_page()  # an answer 422 is an error in the console
    log_in(page, portal, "agent@demo.example")
    page.locator("table.list a").first.click()
    thread = page.url
    box = page.get_by_label("Je antwoord")
    box.fill("Hij is onderweg.")
    page.get_by_label("7", exact=True).check()

    page.get_by_role("button", name="Sluiten zonder antwoord").click()

    expect(page.get_by_role("alert")).to_contain_text("Dit antwoord is nog niet verstuurd.")
    expect(box).to_have_value("Hij is onderweg.")
    expect(box).to_be_focused()
    expect(page.get_by_label("7", exact=True)).to_be_checked()
    expect_accessible(page)

    context.clear_cookies(name="sessionid")  # the log-in expires
    page.get_by_role("button", name="Antwoord versturen").click()
    fill_in_login(page, "agent@demo.example")

    expect(page).to_have_url(thread)
    expect(page.get_by_text("Wat je typte, staat nog in het vak.")).to_be_visible()
    expect(box).to_have_value("Hij is onderweg.")

    page.get_by_role("button", name="Antwoord versturen").dblclick()

    expect(page.get_by_text("Je antwoord staat in het gesprek; de klant is")).to_be_visible()
    expect(page.locator(".thread > .own", has_text="Hij is onderweg.")).to_have_count(1)


def test_the_inbox_agrees_with_what_was_typed_and_clicked_last(
    portal: Portal, context: BrowserContext
) -> None:
    page = context.new_page()  # htmx notes in the console which requests it gave up
    log_in(page, portal, "owner@demo.example")
    rows = page.locator("table.list tbody tr")
    pills = page.get_by_role("navigation", name="Wie is aan zet?")
    page.goto(f"{portal.url}/queries/?state=closed")
    words = rows.first.locator("p").inner_text().split(" · ")[0]
    page.goto(f"{portal.url}/queries/")
    slow_down(page)

    page.get_by_label("Zoeken", exact=True).press_sequentially(words)
    pills.get_by_role("link", name="Gesloten").click()
    pills.get_by_role("link", name="Wacht op klant").click()
    pills.get_by_role("link", name="Gesloten").click()

    closed = pills.locator("[aria-current]")
    expect(closed).to_contain_text("Gesloten")
    page.wait_for_load_state("networkidle")
    expect(closed).to_contain_text("Gesloten")
    search = parse_qs(urlsplit(page.url).query)
    assert (search["q"], search["state"]) == ([words], ["closed"])
    shown = rows.all_inner_texts()
    assert shown
    assert all(words in row for row in shown)
    assert int(closed.locator(".filters-count").inner_text()) == len(shown)
    page.reload()
    assert rows.all_inner_texts() == shown


@pytest.mark.parametrize("path", ["/queries/", "/queries/nps/", "/queries/log-phone/"])
def test_pages_have_no_barriers_on_a_phone(portal: Portal, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, portal, "small@demo.example")

    page.goto(portal.url + path)

    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_section_can_be_read_while_the_rest_of_it_is_fetched(portal: Portal, page: Page) -> None:
    log_in(page, portal, "small@demo.example")
    page.route("**/funnel/**", lambda _: None)  # it never comes

    page.goto(f"{portal.url}/queries/nps/")
    page.locator("[hx-get*='/funnel/']").scroll_into_view_if_needed()

    expect(page.locator("[hx-get*='/funnel/'].htmx-request")).to_be_visible()
    expect_accessible(page)
