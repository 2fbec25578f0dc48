"""A customer asks a seller from the order page, on a phone or a desk, without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import STILL, Portal, appearances, bytes_per_page, expect_accessible

MOST_BYTES = 30_000
LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
BUTTON = {"nl": "Stel een vraag aan Fietsenzo B.V.", "en": "Ask Fietsenzo B.V."}
COMPLAINT = {"nl": "Schrijf je vraag op.", "en": "Write your question."}
SENT = {"nl": "Je vraag is verstuurd", "en": "Your question is sent"}
ALREADY = {"nl": "Deze vraag was al verstuurd", "en": "This question was sent already"}
REFUSED = {"nl": "Zo kun je geen vraag stellen", "en": "You cannot ask this way"}


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a window of a customer who has no cookies, and gets none."""
    opened = browser.new_context(reduced_motion=STILL, **options)
    asked: list[str] = []
    page = opened.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    opened.close()
    assert [url for url in asked if not url.startswith("http://localhost:")] == []
    assert [url for url in asked if "/ask/" in url and not url.endswith("/ask/")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_customer_asks_without_javascript(portal: Portal, browser: Browser, language: str) -> None:
    locale = LANGUAGES[language]
    with window(browser, java_script_enabled=False, locale=locale) as page:
        heading, send = page.get_by_role("heading", level=1), page.locator("form button")
        subject, question = page.locator("input[name=subject]"), page.locator("textarea")
        page.goto(f"{portal.url}/demo/shop/")
        page.get_by_role("button", name=BUTTON[language]).first.click()
        expect(heading).to_have_text(BUTTON[language])

        subject.fill("Lamp")
        send.click()
        expect(page.get_by_role("alert")).to_contain_text(COMPLAINT[language])
        expect(subject).to_have_value("Lamp")

        question.fill("Past hij?\nOp een bakfiets?")
        send.click()
        expect(heading).to_have_text(SENT[language])

        page.reload()  # which sends it once more
        expect(heading).to_have_text(ALREADY[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_for_everybody_and_small(portal: Portal, browser: Browser, language: str) -> None:
    with window(browser, locale=LANGUAGES[language]) as page:
        heading, send = page.get_by_role("heading", level=1), page.locator("form button")

        def look() -> None:
            for width, _ in appearances(page):
                expect_accessible(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= width

        page.goto(f"{portal.url}/demo/shop/")
        look()
        loaded = bytes_per_page(page)
        page.get_by_role("button", name=BUTTON[language]).first.click()
        expect(heading).to_have_text(BUTTON[language])
        look()
        send.click()
        expect(page.get_by_role("alert")).to_be_focused()
        look()
        page.locator("input[name=subject]").fill("Lamp")
        page.locator("textarea").fill("Past hij?")
        send.click()
        expect(heading).to_have_text(SENT[language])
        look()
        assert max(loaded.values()) < MOST_BYTES
        page.goto(f"{portal.url}/ask/")
        look()
        page.goto(f"{portal.url}/demo/shop/")
        page.locator("input[name=statement]").first.evaluate("field => field.value = 'x'")
        page.get_by_role("button", name=BUTTON[language]).first.click()
        expect(heading).to_have_text(REFUSED[language])
        look()
