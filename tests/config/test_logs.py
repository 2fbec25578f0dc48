"""Private links stay out of the logs."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver

from config.logs import NoPrivateLinks

TOKEN = "x1Yz-_" * 7


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
