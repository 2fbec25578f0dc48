"""What says that it is written in anything but UTF-8 is refused before Django has it."""

import codecs
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from django.utils.http import parse_header_parameters

READ: Final = ("utf-8", "ascii")
REFUSED: Final = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
PROBLEM: Final = {
    "type": "about:blank",
    "title": REFUSED.phrase,
    "status": REFUSED.value,
    "detail": "Only UTF-8 is read.",
    "code": "unsupported_media_type",
}

Application = Callable[..., Iterable[bytes]]


def only_utf_8(application: Application) -> Application:
    """Let only what can be read come to `application`; the rest is answered with a problem.

    Django reads the address in the charset that is said of the body, while it makes the request:
    before any middleware. Python knows charsets that are no text or in which nothing can be read.
    """

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if is_read(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        body = json.dumps(PROBLEM).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response(f"{REFUSED.value} {REFUSED.phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    return checked


def is_read(content_type: str) -> bool:
    """Return whether a charset is one that is read; without a name that Python knows, UTF-8 is."""
    try:
        _kind, said = parse_header_parameters(content_type)
    except ValueError:  # a charset within the header, as RFC 2231 has it
        return False
    try:
        return codecs.lookup(said.get("charset", "utf-8")).name in READ
    except LookupError:
        return True  # Django leaves it aside
