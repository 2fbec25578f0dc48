"""From closing a query to seeing its measurement, with every real part in place."""

import os
import re
import signal
import subprocess
import time
from email.message import Message

import psutil
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Portal

COMMENT = "Drie keer hetzelfde moeten uitleggen, en nog geen band."


def log_in(page: Page, portal: Portal, email: str) -> None:
    page.goto(portal.url)
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord").fill("demo-portal")
    page.get_by_role("button", name="Inloggen").click()


def survey_link(letter: Message) -> str:
    text = letter.get_payload(0)  # type: ignore[arg-type]
    assert isinstance(text, Message)
    found = re.search(r"http://\S+/survey/[\w-]+/", str(text.get_payload(decode=True), "utf-8"))  # type: ignore[arg-type]
    assert found
    return found[0]
