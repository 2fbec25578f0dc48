"""What holds for every request before anything looks at it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError


def whole_body(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a request that was cut off on its way; raises BadRequest.

    A web server may hand over the part that arrived, and half a survey would be stored for ever.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.headers.get("content-length") or "0"
        if announced.isdecimal() and _arrived(request) < int(announced):
            raise BadRequest("The request was cut off.")
        return get_response(request)

    return middleware


def _arrived(request: HttpRequest) -> int:
    """Return how many bytes of the body arrived before the connection broke, if it did."""
    try:
        return len(request.body)
    except UnreadablePostError:
        return 0
