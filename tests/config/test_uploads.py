"""Forms with files: whole or refused, and never more in memory or on disk than may be stored."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from typing import Any

import pytest
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from config.middleware import LARGEST_BODY, complete_body
from queries.attachments import MAX_BYTES, MAX_FILES
from sellers.models import User
from tests.conftest import Market, text

END = b"\r\n--end--\r\n"
FIELD = b'--end\r\nContent-Disposition: form-data; name="body"\r\n\r\nSee below.\r\n'


def file(name: bytes) -> bytes:
    """Return how a file begins."""
    return (
        b'--end\r\nContent-Disposition: form-data; name="attachments"; filename="'
        + name
        + b'"\r\nContent-Type: text/plain\r\n\r\n'
    )


class Body(RawIOBase):
    """A body that is made while it is read, and knows how far it was."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest, self.read_bytes = iter(pieces), b"", 0

    def readinto(self, buffer: Any) -> int:
        """Give as many bytes as there is room for, or those of one piece."""
        self._rest = self._rest or next(self._pieces, b"")
        given, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(given)] = given
        self.read_bytes += len(given)
        return len(given)


def form(body: Body, length: int) -> dict[str, Any]:
    """Return what a web server says of a form with files."""
    content_type = "multipart/form-data; boundary=end"
    return {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": content_type}


def request_of(body: Body | bytes, length: int) -> WSGIRequest:
    """Return a form with files."""
    given = body if isinstance(body, Body) else Body([body])
    return RequestFactory().generic(
        "POST",
        "/",
        **form(given, length),
    )


def page(request: HttpRequest) -> HttpResponse:
    """Say what came."""
    came = [
        (each.name, each.size, len(each.read())) for each in request.FILES.getlist("attachments")
    ]
    return HttpResponse(repr((request.POST["body"], came)))


def seen_of(body: Body | bytes, length: int) -> str:
    """Return what a page sees of a form, once that is over."""
    request = request_of(body, length)
    said = complete_body(page)(request).content.decode()
    request.close()
    return said


def test_whole_form_goes_on() -> None:
    body = FIELD + file(b"a.txt") + b"Hi." + END

    assert seen_of(body, len(body)) == "('See below.', [('a.txt', 3, 3)])"


@pytest.mark.parametrize("missing", [1, len(END), len(END) + 2])
def test_half_a_form_is_refused(missing: int) -> None:
    body = FIELD + file(b"a.txt") + b"Hi." + END

    with pytest.raises(BadRequest):
        complete_body(page)(request_of(body[:-missing], len(body)))


def test_connection_that_broke_is_half_a_form() -> None:
    def broken() -> Iterator[bytes]:
        yield FIELD + file(b"a.txt") + b"Hi."
        raise OSError

    with pytest.raises(BadRequest):
        complete_body(page)(request_of(Body(broken()), 1_000))


@pytest.mark.parametrize(
    "name", [b"../../a.txt", b"..\\a.txt", b"a\0.txt", b"&#46;./a.txt"], ids=repr
)
def test_name_that_no_browser_sends_is_refused(name: bytes) -> None:
    body = FIELD + file(name) + b"Hi." + END

    with pytest.raises(BadRequest):
        complete_body(page)(request_of(body, len(body)))


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (rb"C:\fakepath\a.txt", "a.txt"),
        (b"a" * 400 + b".txt", "a" * 251 + ".txt"),
        (b"a." + b"b" * 400, None),
        ("é".encode() * 200 + b".txt", "é" * 200 + ".txt"),
    ],
)
def test_any_other_name_is_no_error(sent: bytes, seen: str | None) -> None:
    body = FIELD + file(sent) + b"Hi." + END

    came = seen_of(body, len(body))

    assert "See below." in came
    assert seen is None or repr(seen) in came


def test_two_hundred_megabytes_are_counted_and_thrown_away() -> None:
    pieces = [FIELD + file(b"film.mov"), *[b"x" * 1_000_000] * 200, END]
    body, length = Body(pieces), sum(map(len, pieces))

    tracemalloc.start()
    came = seen_of(body, length)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "('film.mov', 200000000, " in came
    assert int(came.rsplit(", ")[-1].rstrip("])")) < MAX_BYTES + 100_000
    assert body.read_bytes == length
    assert most < 3 * MAX_BYTES  # what `page` reads of it, and pieces


def test_files_over_the_number_are_counted_only() -> None:
    body = FIELD + b"\r\n".join([file(b"a.txt") + b"Hi."] * (MAX_FILES + 2)) + END

    came = seen_of(body, len(body))

    assert came.count("('a.txt', 3, 3)") == MAX_FILES
    assert came.count("('a.txt', 3, 0)") == 2


def test_request_larger_than_any_is_refused_unread() -> None:
    body = Body([])

    with pytest.raises(RequestDataTooBig):
        complete_body(page)(request_of(body, LARGEST_BODY + 1))

    assert body.read_bytes == 0


@pytest.mark.parametrize("length", [LARGEST_BODY + 1, 10**15])
def test_sentence_for_a_request_that_is_too_large(
    log_in: Callable[[User], Client], market: Market, length: int
) -> None:
    url = reverse("queries:reply", args=[market.query().pk])
    extra: dict[str, Any] = {"CONTENT_LENGTH": str(length)}

    refused = log_in(market.agent).post(url, {"body": "Look."}, **extra)

    assert refused.status_code == 400
    assert "choose smaller files, and try again." in text(refused)


def test_two_hundred_megabytes_get_a_sentence_and_keep_what_was_typed(
    log_in: Callable[[User], Client], market: Market
) -> None:
    query = market.query()
    pieces = [FIELD + file(b"film.mov"), *[b"x" * 1_000_000] * 200, END]
    browser = log_in(market.agent)

    shown = browser.generic(
        "POST",
        reverse("queries:reply", args=[query.pk]),
        **form(Body(pieces), sum(map(len, pieces))),
    )

    assert shown.status_code == 422
    assert "“film.mov” is larger than 10 MB, which is the most for one file." in text(shown)
    assert "See below.</textarea>" in text(shown)
    assert query.messages.count() == 1
