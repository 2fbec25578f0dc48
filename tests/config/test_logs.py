"""Private links stay out of the logs."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver

from config.celery import app
from config.logs import (
    REQUEST_ID,
    NoPrivateLinks,
    OfRequestOrTask,
    forget_request_id,
    request_id,
)

TOKEN = "x1Yz-_" * 7
JSON_FORMATTER = DictConfigurator(settings.LOGGING).configure_formatter(
    dict(settings.LOGGING["formatters"]["json"])
)


@pytest.fixture(autouse=True)
def _no_request_before() -> None:
    """Forget the request of the test before, of which nothing was closed."""
    forget_request_id()


def logged(message: str, *arguments: object) -> str:
    """Return what the console would show."""
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, arguments, None)
    assert NoPrivateLinks().filter(record)
    return logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        pytest.param(f"Gone: /survey/{TOKEN}/", (), "Gone: /survey/…/", id="in the message"),
        pytest.param("%s: %s", ("Gone", f"/survey/{TOKEN}/"), "Gone: /survey/…/", id="an argument"),
        pytest.param(
            f'"GET /survey/{TOKEN}?score=3 HTTP/1.1" 404',
            (),
            '"GET /survey/…?score=3 HTTP/1.1" 404',
            id="a request line",
        ),
        pytest.param(
            f"https://markt.example/survey/{TOKEN}/opt-out/",
            (),
            "https://markt.example/survey/…/opt-out/",
            id="a whole URL",
        ),
        pytest.param(
            f"/survey/{TOKEN}/ and /survey/{TOKEN}/thanks/",
            (),
            "/survey/…/ and /survey/…/thanks/",
            id="twice",
        ),
        pytest.param(
            f"/accounts/password/reset/key/7-{TOKEN}/",
            (),
            "/accounts/password/reset/key/…/",
            id="the key for a new password",
        ),
        pytest.param("%d%% of /queries/%d/", (50, 7), "50% of /queries/7/", id="nothing to hide"),
    ],
)
def test_filter_takes_the_token_out(
    message: str, arguments: tuple[object, ...], expected: str
) -> None:
    assert logged(message, *arguments) == expected


def of_request(request: HttpRequest) -> HttpResponse:
    """Answer with the id that a line of this request has."""
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "x", (), None)
    OfRequestOrTask().filter(record)
    return HttpResponse(record.request_id)


@pytest.mark.parametrize("given", ["1e3f6a90-7b1c-4d1e-9a53-0c8e5f6d7a11", "a.b_c-1234"])
def test_line_has_the_id_that_the_proxy_gave_its_request(given: str) -> None:
    page = request_id(of_request)(RequestFactory().get("/", headers={REQUEST_ID: given}))

    assert page.content.decode() == page[REQUEST_ID] == given


@pytest.mark.parametrize("given", ["", "short", "a b c d e f g", "x" * 65, "ünïcödé-12"])
def test_request_without_an_id_gets_one_of_its_own(given: str) -> None:
    pages = [
        request_id(of_request)(RequestFactory().get("/", headers={REQUEST_ID: given}))
        for _number in range(2)
    ]

    assert all(page.content.decode() == page[REQUEST_ID] != given for page in pages)
    assert pages[0][REQUEST_ID] != pages[1][REQUEST_ID]


def test_line_about_what_failed_has_the_id_too(
    db: None, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(OfRequestOrTask())

    page = client.get("/nowhere/")

    (line,) = [each for each in caplog.records if "/nowhere/" in each.getMessage()]
    assert line.request_id == page[REQUEST_ID]
    assert of_request(RequestFactory().get("/")).content == b"-"  # what was answered is over


def test_line_of_no_request_and_no_task_says_so() -> None:
    assert of_request(RequestFactory().get("/")).content == b"-"


def test_line_of_a_task_has_its_id() -> None:
    @app.task
    def look() -> str:
        return of_request(RequestFactory().get("/")).content.decode()

    try:
        assert look.apply(task_id="a-task").get() == "a-task"
    finally:
        app.tasks.unregister(look.name)


def test_json_is_one_object_per_line_with_the_offset(capsys: pytest.CaptureFixture[str]) -> None:
    formatter = JSON_FORMATTER
    record = logging.LogRecord("surveys", logging.INFO, __file__, 1, "10 decided", (), None)
    OfRequestOrTask().filter(record)

    said = json.loads(formatter.format(record))

    assert said.keys() == {"at", "level", "logger", "request_id", "message"}
    assert said["message"] == "10 decided"
    assert datetime.fromisoformat(said["at"]).tzinfo


def test_worker_logs_what_it_did() -> None:
    """As README starts it: Celery leaves the levels alone."""
    app.log.setup_logging_subsystem(loglevel="WARNING")

    assert logging.getLogger("surveys.tasks").isEnabledFor(logging.INFO)


def test_every_path_with_a_secret_is_masked() -> None:
    paths = [path for path in _paths(get_resolver()) if re.search("<(str:token|key)>", path)]
    assert len(paths) >= 4

    paths = [re.sub(r"<int:[^>]*>", "1", path) for path in paths]
    shown = [logged(re.sub(r"\(\?P<[^)]*\)|<[^>]*>", TOKEN, f"/{path}")) for path in paths]

    assert [path for path in shown if TOKEN in path] == []


def _paths(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield every path of the portal, as it is written in the URLs."""
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern, path)
        else:
            yield path


def test_every_handler_has_the_filter() -> None:
    handlers = settings.LOGGING["handlers"]

    assert handlers
    assert all("no_private_links" in handler["filters"] for handler in handlers.values())
