"""What holds for every request before anything looks at it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import psycopg
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 §9.2.1
# With files: far more than may be stored, so that a form can say which of them is too large.
LARGEST_BODY = 256 * 1024 * 1024

RETRY_AFTER = 60  # seconds: a database that was restarted is back by then

GetResponse = Callable[[HttpRequest], HttpResponse]


def retry_later(get_response: GetResponse) -> GetResponse:
    """Say with every 503 when to try again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers.setdefault("Retry-After", str(RETRY_AFTER))
        return response

    return middleware


def read_only_get(get_response: GetResponse) -> GetResponse:
    """Let no page that is only looked at store anything: the database itself refuses it.

    Link scanners, prefetching browsers and search engines look at pages. Further out the visitor's
    own session may be stored, or ended. What streams after the page was made is not covered.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE_METHODS:
            return get_response(request)
        with _read_only():
            return get_response(request)

    return middleware


@contextmanager
def _read_only() -> Iterator[None]:
    """Refuse writes on this thread's connection; inside a transaction, for a part of it."""
    connection.ensure_connection()
    session = connection.connection
    if connection.in_atomic_block:
        begin, end = (
            "SAVEPOINT look; SET LOCAL transaction_read_only = on",
            "ROLLBACK TO look; RELEASE look",
        )
    else:
        begin, end = (f"SET default_transaction_read_only = {switch}" for switch in ("on", "off"))
    session.execute(begin)
    try:
        yield
    finally:
        try:
            session.execute(end)
        except psycopg.Error:
            session.close()  # whoever gets it next could not write


def complete_body(get_response: GetResponse) -> GetResponse:
    """Refuse a request that was cut off on its way, or is larger than any; raises BadRequest.

    A web server may hand over the part that arrived, and half a survey would be stored for ever.
    A form with files is not read here, but when it is asked for: config/uploads.py.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("content-length") or "0"
        if announced.isdecimal():
            if int(announced) > LARGEST_BODY:
                raise RequestDataTooBig("The request is larger than any.")
            has_files = request.content_type == "multipart/form-data"
            if not has_files and _bytes_received(request) < int(announced):
                raise BadRequest("The request was cut off.")
            # Read here once: what fails later may fail where nobody makes a 400 of it.
            _parsed = [request.GET] if has_files else [request.GET, request.POST]
        return get_response(request)

    return middleware


def _bytes_received(request: HttpRequest) -> int:
    """Return how many bytes of the body arrived before the connection broke, if it did."""
    try:
        return len(request.body)
    except UnreadablePostError:
        return 0
