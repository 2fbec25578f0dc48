"""What goes wrong, in one form for every status: problem details (RFC 9457)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as Forbidden
from rest_framework.response import Response

from sellers.lines import one_line

CONTENT_TYPE: Final = "application/problem+json"
Refusals = Mapping[type[Exception], str | Promise]


class Conflict(APIException):
    """What is asked cannot be done as things are."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class PreconditionFailed(APIException):
    """It changed since the client read it."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "changed_meanwhile"
    default_detail = gettext_lazy(
        "This was changed since you read it. Read it again, then decide again."
    )


class PreconditionRequired(APIException):
    """A client has to say which version it read."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "version_needed"
    default_detail = gettext_lazy(
        "Send If-Match with the ETag of what you read, so that no change gets lost."
    )


class Unprocessable(APIException):
    """It can be read, and not be taken."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer with problem details; None for an error that is ours.

    What an action refuses is a conflict, in the words that a page has for it: `refusals` of the
    view says which.
    """
    refusals: Refusals = getattr(context.get("view"), "refusals", {})
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = Forbidden()
    elif type(error) in refusals:
        error = conflict(error, refusals)
    if not isinstance(error, APIException):
        return None
    response = Response(
        problem_data(error), status=error.status_code, content_type=CONTENT_TYPE, headers={}
    )
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def conflict(error: Exception, refusals: Refusals) -> Conflict:
    """Return what an action refuses as a problem, in the words that there are for it."""
    return Conflict(str(refusals[type(error)]), code=code_of(type(error)))


def problem_data(error: APIException) -> dict[str, Any]:
    """Return the members of a problem: `violations` says what is wrong where."""
    data = _members(error.status_code)
    if isinstance(error, ValidationError):
        data["detail"] = _("Something that was sent cannot be taken.")
        data["code"] = "invalid"
        data["violations"] = [
            {"name": name, "reason": reason} for name, reason in violations(error.detail)
        ]
        return data
    data["detail"] = str(error.detail)
    data["code"] = getattr(error.detail, "code", error.default_code)
    return data


def violations(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is wrong with which field: `items[2].price`.

    A reason may repeat what was sent: without what cannot be written or stored.
    """
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from violations(inner, _inside(name, key))
    elif isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        for position, inner in enumerate(detail):
            yield from violations(inner, f"{name}[{position}]")
    elif isinstance(detail, list):
        yield from ((name, one_line(str(each))) for each in detail)
    else:
        yield name, one_line(str(detail))


def _inside(name: str, key: str | int) -> str:
    """Return what a field, or one of several, is called as part of another."""
    if key == "non_field_errors":
        return name
    if isinstance(key, int):
        return f"{name}[{key}]"
    return f"{name}.{key}" if name else key


def plain_problem(request: HttpRequest, status: HTTPStatus, detail: str) -> JsonResponse:
    """Return a problem for what Django answers by itself, before the API has the request."""
    data = {**_members(status), "detail": detail, "code": status.name.lower()}
    return JsonResponse(data, status=status, content_type=CONTENT_TYPE)


def _members(status: int) -> dict[str, Any]:
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}


def code_of(kind: type[Exception]) -> str:
    """Return the name of an exception as a code: QueryIsClosed is query_is_closed."""
    name = kind.__name__
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
