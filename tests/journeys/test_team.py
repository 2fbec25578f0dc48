"""A colleague is invited by mail, joins, is removed, and cannot enter any more."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import STILL, Portal, expect_accessible, log_in

ADDRESS = "eva.klus@voorbeeld.example"
PASSWORD = "oranje-fiets-lamp"


def test_colleague_is_invited_joins_and_is_removed(
    portal: Portal, page: Page, browser: Browser
) -> None:
    phone = browser.new_context(
        locale="nl-NL", java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    eva = phone.new_page()

    # Inviting.
    log_in(page, portal, "owner@demo.example")
    page.goto(f"{portal.url}/team/")
    expect_accessible(page)
    page.get_by_label("E-mailadres").fill(ADDRESS)
    page.get_by_label("Medewerker").check()
    page.get_by_role("button", name="Uitnodiging versturen").click()
    expect(page.get_by_text(f"De uitnodiging is onderweg naar {ADDRESS}.")).to_be_visible()
    expect_accessible(page)
    letter, link = portal.mailbox.wait_for("/team/join/", saying="Fietsenzo")
    assert letter["To"] == ADDRESS
    assert link not in page.content()

    # Joining: a scanner looks first, and axe, which needs scripts.
    assert page.request.get(link).status == 200
    other = browser.new_page(reduced_motion=STILL)
    other.goto(link)
    expect_accessible(other)
    eva.goto(link)
    assert eva.evaluate("document.documentElement.scrollWidth") == 360
    eva.get_by_label("Je naam").fill("Eva Klus")
    eva.get_by_label("Kies een wachtwoord").fill("kort")
    eva.get_by_role("button", name="Meedoen met het team").click()
    expect(eva.get_by_text("Dit wachtwoord is te kort")).to_be_visible()
    eva.get_by_label("Kies een wachtwoord").fill(PASSWORD)
    eva.get_by_role("button", name="Meedoen met het team").click()
    expect(eva.get_by_text("Welkom in het team van Fietsenzo B.V.")).to_be_visible()
    assert eva.goto(f"{portal.url}/team/").status == 403  # type: ignore[union-attr]
    eva.goto(f"{portal.url}/settings/")
    eva.get_by_label("Ondertekening").fill("Groet, Eva")
    eva.get_by_role("button", name="Instellingen opslaan").click()
    expect(eva.get_by_text("Je instellingen zijn opgeslagen.")).to_be_visible()
    assert other.goto(link).status == 410  # type: ignore[union-attr]
    other.close()

    # Another role, and removing.
    page.goto(f"{portal.url}/team/")
    page.get_by_role("link", name="Eva Klus").click()
    expect_accessible(page)
    page.get_by_label("Analist").check()
    page.get_by_role("button", name="Rol opslaan").click()
    expect(page.get_by_text("De rol van Eva Klus is nu: Analist.")).to_be_visible()
    page.get_by_role("link", name="Eva Klus").click()
    page.get_by_role("link", name="Verwijderen…").click()
    expect_accessible(page)
    page.get_by_role("button", name="Uit het team verwijderen").click()
    expect(page.get_by_text("Eva Klus zit niet meer in het team.")).to_be_visible()

    # The door is shut, also with the right password.
    eva.goto(f"{portal.url}/queries/")
    expect(eva.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
    eva.get_by_label("E-mailadres").fill(ADDRESS)
    eva.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    eva.get_by_role("button", name="Inloggen").click()
    expect(eva.get_by_text("Je hoort nog niet bij een winkel")).to_be_visible()
    phone.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_team_has_no_barriers_in_either_scheme(portal: Portal, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    log_in(page, portal, "owner@demo.example")

    for path in ("/team/", "/settings/"):
        page.goto(portal.url + path)
        expect_accessible(page)
