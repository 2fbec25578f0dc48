"""What is answered when a request fails before any page or resource has it."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from sellers.api.problems import plain_problem

API: str = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is wrong with a request that could not be read."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return plain_problem(request, too_large, "This is larger than may be sent.")
    return plain_problem(request, HTTPStatus.BAD_REQUEST, "The request could not be read.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    detail = "Something failed on our side. Nothing was stored; try again later."
    return plain_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
