"""The whole portal as its users meet it: `make demo` in a copy of the tree, and a browser.

Worker, beat, web server and database are the real ones; mail goes to a real SMTP server.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from functools import partial
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from config.local.bootstrap import system_browser
from config.local.postgres import server
from tests.mail_server import free_port

BASE = Path(__file__).resolve().parents[2]
PARTS = ("config", "sellers", "queries", "surveys", "insights", "templates", "static", "locale")
PATIENCE_SECONDS = 60
SCALE = 0.1  # of the demo
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
STILL: Literal["reduce"] = "reduce"  # else axe meets colours that are on their way to others
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Mailbox:
    """Keeps what the SMTP server is handed."""

    letters: list[Message] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        """Accept a mail."""
        self.letters.append(message_from_bytes(envelope.content or b""))
        return "250 OK"

    def wait_for(self, path: str, *, saying: str) -> tuple[Message, str]:
        """Return the oldest mail with these words and a link below a path, and that link.

        What came before it was for others, and is forgotten.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            while self.letters:
                letter = self.letters.pop(0)
                words = plain_text(letter)
                link = re.search(rf"http://\S+{path}[\w-]+/", words)
                if link and saying in words:
                    return letter, link[0]
            time.sleep(0.1)
        raise AssertionError(f"No mail with {path} in {PATIENCE_SECONDS} s.")


def plain_text(letter: Message) -> str:
    """Return the part of a mail without markup."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/plain"]
    return bytes(parts[0].get_payload(decode=True)).decode()


@dataclass(frozen=True)
class ReceivingServer:
    """The mail server of the portal's own domain: it pipes each mail to the command."""

    command: list[str]
    tree: Path
    surroundings: dict[str, str]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        """Hand a mail over, once per recipient; the sender tries again when that fails."""
        for recipient in envelope.rcpt_tos:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                f"--to={recipient}",
                cwd=self.tree,
                env=self.surroundings,
                stdin=asyncio.subprocess.PIPE,
            )
            await process.communicate(envelope.content)
            if process.returncode:
                return "451 try again later"
        return "250 OK"


@dataclass(frozen=True)
class Portal:
    """The running portal: its URL, its mail both ways, and the process that runs it all.

    Who logged in once is not asked again: `sessions` has the cookies by e-mail address.
    """

    url: str
    mailbox: Mailbox
    mail_in_port: int
    process: subprocess.Popen[str]
    sessions: dict[str, list[Any]] = field(default_factory=dict)


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    """Copy what runs to a folder with a `.local` of its own, and give that.

    Not in pytest's own folder: a next run of pytest as root closes that, and PostgreSQL, which
    runs under another account, would lose its files.
    """
    with tempfile.TemporaryDirectory(prefix="nazorg-") as name:
        place = Path(name)
        for part in PARTS:
            half_written = shutil.ignore_patterns("*.pyc.*")
            shutil.copytree(BASE / part, place / part, ignore=half_written)
        for part in ("manage.py", "requirements.txt"):
            shutil.copy(BASE / part, place / part)
        yield place


@contextmanager
def web_server(surroundings: dict[str, str], *options: str) -> Iterator[int]:
    """Run the web server as in production, and give its port once it answers."""
    port = free_port()
    with copy_of_the_tree() as tree, (log := tree / "words.log").open("wb") as words:
        run = partial(subprocess.Popen, cwd=tree, env=surroundings, stdout=words, stderr=words)
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input"]
        assert run(collect).wait() == 0, log.read_text()
        command = [sys.executable, "-m", "config.web", *options, f"--port={port}"]
        with run(command) as web:
            while not answers_at(port):
                assert web.poll() is None, log.read_text()
                time.sleep(0.1)
            yield port
            web.terminate()


def answers_at(port: int) -> bool:
    """Return whether the web server is there, after its first answer."""
    with suppress(ConnectionRefusedError), closing(HTTPConnection("127.0.0.1", port)) as web:
        web.request("GET", "/")
        web.getresponse()
        return True
    return False


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """Run one portal for all journeys, with shops large enough to look at."""
    with copy_of_the_tree() as tree, _running_portal(tree) as started:
        yield started


@contextmanager
def _running_portal(tree: Path) -> Iterator[Portal]:
    """Run the demo, smaller, with the survey two seconds after closing; then press Ctrl-C."""
    mailbox = Mailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    port = free_port()
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "PORT": str(port),
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "SURVEY_DELAY": "2s",
        "MARKETPLACE_NAME": "Markt",
    }
    local = [sys.executable, "-m", "config.local"]
    for step in (
        ["migrate", "--verbosity=0"],
        ["load_demo", f"--scale={SCALE}"],
    ):
        command = [*local, "run", "--", sys.executable, "manage.py", *step]
        subprocess.run(command, cwd=tree, env=surroundings, check=True, capture_output=True)
    receive = [*local, "run", "--", sys.executable, "manage.py", "receive_mail"]
    receiving = Controller(
        ReceivingServer(receive, tree, surroundings), hostname="127.0.0.1", port=free_port()
    )
    smtp.start()
    receiving.start()
    process = subprocess.Popen(
        [*local, "demo"], cwd=tree, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    try:
        _wait_until_ready(process)
        yield Portal(f"http://localhost:{port}", mailbox, receiving.port, process)
    finally:
        _press_ctrl_c(process)
        smtp.stop()
        receiving.stop()


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "staff@demo.example" in line:
            return
    raise AssertionError("".join(said))


def _press_ctrl_c(process: subprocess.Popen[str]) -> None:
    """Stop the demo; none of its parts had stopped by itself, and none goes on."""
    parts = psutil.Process(process.pid).children(recursive=True)
    names = " ".join(" ".join(part.cmdline()) for part in parts)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert all(name in names for name in ("postgres", "celery", "beat", "granian"))
    assert "Everything has stopped." in said
    assert process.returncode == 0
    assert [part for part in parts if part.is_running()] == []


@pytest.fixture(scope="module")
def database(portal: Portal) -> Iterator[psycopg.Connection]:
    """The portal's own database."""
    tree = Path(psutil.Process(portal.process.pid).cwd())
    with (
        server(tree / ".local" / "postgres") as running,
        psycopg.connect(running.url, autocommit=True) as connection,
    ):
        yield connection


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium, or Playwright's own."""
    with sync_playwright() as playwright:
        found: Any = system_browser() or None
        yield playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a browser window without history; whatever it asks of another host fails the test."""
    size = {"width": 1280, "height": 900}
    window = browser.new_context(locale="nl-NL", viewport=size, reduced_motion=STILL)
    strangers: list[str] = []
    window.on(
        "request",
        lambda request: None if "//localhost:" in request.url else strangers.append(request.url),
    )
    yield window
    window.close()
    assert [url for url in strangers if not url.startswith("data:")] == []


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page; an error in its console (the content security policy's too) fails the test."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda entry: errors.append(entry.text) if entry.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert errors == []


def log_in(page: Page, portal: Portal, email: str) -> None:
    """Open the portal, logged in: as before, as long as that session lasts."""
    page.context.add_cookies(portal.sessions.get(email, []))
    page.goto(portal.url)
    if page.get_by_label("Wachtwoord", exact=True).is_visible():
        fill_in_login(page, email)
        page.wait_for_url(re.compile(r"/(queries|admin)/"))
        portal.sessions[email] = page.context.cookies()


def fill_in_login(page: Page, email: str) -> None:
    """Log in where the portal asks for it."""
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord", exact=True).fill("demo-portal")
    page.get_by_role("button", name="Inloggen").click()


def appearances(page: Page, *widths: int) -> Iterator[tuple[int, str]]:
    """Show a page in both schemes at each width, 360 and 1280 px unless others are given."""
    for width, scheme in product(widths or (360, 1280), SCHEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        yield width, scheme


def expect_accessible(page: Page) -> None:
    """Let axe find no barrier on a page, once what came late has its own colours."""
    expect(page.locator(".htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    violations = Axe().run(page, options={"resultTypes": ["violations"]})["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def bytes_per_page(page: Page) -> dict[str, int]:
    """Return how much each page will load, as sent and with nothing in the cache, by its number."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page_of: dict[str, str] = {}
    loaded: defaultdict[str, int] = defaultdict(int)

    def note_request(event: dict[str, Any]) -> None:
        page_of[event["requestId"]] = event["loaderId"]

    def note_end(event: dict[str, Any]) -> None:
        if event["requestId"] in page_of:  # else it was asked for before
            loaded[page_of[event["requestId"]]] += event["encodedDataLength"]

    session.on("Network.requestWillBeSent", note_request)
    session.on("Network.loadingFinished", note_end)
    return loaded
