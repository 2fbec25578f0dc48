"""Whatever charset a request says, it is read as UTF-8 or refused: never an error of ours."""

from io import BytesIO
from typing import Any

import pytest
from django.utils.module_loading import import_string

from config.charset import is_read

FORM = "application/x-www-form-urlencoded"


def status_of(path: str, content_type: str, method: str) -> int:
    """Return the status that our entry point for web servers answers with."""
    application: Any = import_string("config.wsgi.application")  # with the settings of tests
    said: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "next=%C3%A9",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "3",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(b"a=1"),
    }
    for _part in application(environ, lambda status, _headers: said.append(status)):
        pass
    return int(said[0][:3])


@pytest.mark.parametrize("path", ["/", "/oauth/token", "/api/v1/queries/", "/api/v1/docs/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_charset_that_is_no_text_is_refused(path: str, method: str) -> None:
    assert status_of(path, f"{FORM}; charset=zlib", method) == 415


@pytest.mark.parametrize(
    ("content_type", "read"),
    [
        ("", True),
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ('application/json; charset="UTF8"', True),
        (f"{FORM}; charset=us-ascii", True),
        (f"{FORM}; charset=nothing-python-knows", True),
        (f"{FORM}; charset=", True),
        (f"{FORM}; charset=latin-1", False),
        ("application/json; charset=utf-16", False),
        ("application/json; charset=zlib", False),
        ("text/html; charset=undefined", False),
        ("text/html; charset=punycode", False),
        ("text/html; charset*=utf-8''zlib", False),
        ("text/html; title*=undefined''x", False),
        ("text/html; title*=nothing-python-knows''x", False),
    ],
)
def test_only_utf_8_is_read(content_type: str, read: bool) -> None:
    assert is_read(content_type) is read
