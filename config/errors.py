"""What is answered when a request fails before any page or resource has it."""

import sys
from http import HTTPStatus
from typing import Final

import psycopg
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from sellers.api.problems import plain_problem
from sellers.sending import DATABASE_GONE
from sellers.templatetags.typed import posted

API: str = "/api/"
# Where what is typed is a secret: it is asked for again.
OF_SECRETS: Final = ("/accounts/", "/admin/login/", "/oauth/")
NEVER_SHOWN: Final = "password"  # in the name of a field
# Gone, restarting, full, or busy for too long: Django's words for it, and those below Django.
DATABASE_AWAY: Final = (*DATABASE_GONE, psycopg.OperationalError, psycopg.InterfaceError)
# What PostgreSQL ends too, and counts among other errors.
IDLE_TOO_LONG: Final = psycopg.errors.IdleInTransactionSessionTimeout


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is wrong with a request that could not be read."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return plain_problem(request, too_large, "This is larger than may be sent.")
    return plain_problem(request, HTTPStatus.BAD_REQUEST, "The request could not be read.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault; while the database is away, give back what was typed."""
    error = sys.exception()
    if isinstance(error, DATABASE_AWAY) or isinstance(error and error.__cause__, IDLE_TOO_LONG):
        return _database_away(request)
    if not request.path.startswith(API):
        return defaults.server_error(request)
    detail = "Something failed on our side. Nothing was stored; try again later."
    return plain_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _database_away(request: HttpRequest) -> HttpResponse:
    """Return a page made without the database, from which the same can be sent again."""
    away = HTTPStatus.SERVICE_UNAVAILABLE
    if request.path.startswith(API):
        return plain_problem(request, away, "The database is away. Send this again in a minute.")
    typed = QueryDict() if request.path.startswith(OF_SECRETS) else posted(request)
    context = {
        "posted": typed,
        "fields": [
            (name, value)
            for name, values in typed.lists()
            if NEVER_SHOWN not in name
            for value in values
        ],
        "files": list(request.FILES) if typed else [],
        "path": request.get_full_path(),
    }
    response = HttpResponse(render_to_string("503.html", context), status=away)
    add_never_cache_headers(response)
    return response
