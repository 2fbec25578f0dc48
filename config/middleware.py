"""What holds for every request before anything looks at it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 §9.2.1

GetResponse = Callable[[HttpRequest], HttpResponse]


def read_only_get(get_response: GetResponse) -> GetResponse:
    """Let no page that is only looked at store anything: the database itself refuses it.

    Link scanners, prefetching browsers and search engines look at pages. What the session keeps
    (which is saved further out) is the visitor's own.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE_METHODS or connection.in_atomic_block:
            return get_response(request)
        with _read_only():
            return get_response(request)

    return middleware


@contextmanager
def _read_only() -> Iterator[None]:
    """Refuse writes on this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        # A connection that broke meanwhile is thrown away, and the setting with it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")


def complete_body(get_response: GetResponse) -> GetResponse:
    """Refuse a request that was cut off on its way; raises BadRequest.

    A web server may hand over the part that arrived, and half a survey would be stored for ever.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("content-length") or "0"
        if announced.isdecimal() and _bytes_received(request) < int(announced):
            raise BadRequest("The request was cut off.")
        return get_response(request)

    return middleware


def _bytes_received(request: HttpRequest) -> int:
    """Return how many bytes of the body arrived before the connection broke, if it did."""
    try:
        return len(request.body)
    except UnreadablePostError:
        return 0
