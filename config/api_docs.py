"""The API as a page that people read: the same description that programs get."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.problems import plain_problem
from sellers.api.schema import ALWAYS, OF_WRITING

CONFLICT: Final = "409"
COMMON: Final = {*ALWAYS, *OF_WRITING}  # explained once for all
NULL: Final = {"type": "null"}
LOOKING: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or member: `kind` is how its type is written."""

    name: str
    kind: str
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    name: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: tuple[Field, ...]
    sent: tuple[Field, ...]
    answers: tuple[tuple[str, str, tuple[Field, ...]], ...]  # status, what it is, its members


class Description(SpectacularJSONAPIView):
    """The description for programs, the same for everybody: the address chooses nothing of it."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    schema = None  # it does not describe itself

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return it in the language asked for, as everywhere: each other one would be kept."""
        described: Response = self._get_schema_response(request)  # type: ignore[no-untyped-call]
        return described

    def _get_version_parameter(self, request: Request) -> None:
        """Return no version: there is one, and whatever was asked for would be in a header."""


@csrf_exempt  # there is no form on it, so that whatever is posted gets a problem
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation, by the part of the API that it belongs to."""
    if request.method not in LOOKING:
        detail = "This page can be looked at, and nothing more."
        refused = plain_problem(request, HTTPStatus.METHOD_NOT_ALLOWED, detail)
        refused["Allow"] = ", ".join(LOOKING)
        return refused
    context = {
        "parts": _parts(),
        "problems": [(status, *each) for status, each in {**ALWAYS, **OF_WRITING}.items()],
        "site_url": settings.SITE_URL,
    }
    return render(request, "api/docs.html", context)


@cache
def _parts() -> dict[str, list[Operation]]:
    """Return the operations by part, made once."""
    with translation.override("en"):
        schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        described = json.loads(json.dumps(schema, cls=DjangoJSONEncoder))  # lazy texts too
    parts: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for part in operation["tags"]:
                parts.setdefault(part, []).append(_operation(path, method, operation, described))
    return parts


def _operation(
    path: str, method: str, operation: Mapping[str, Any], described: Mapping[str, Any]
) -> Operation:
    summary, _blank, _rest = operation.get("description", "").partition("\n\n")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=summary,
        scope=" or ".join(scope for each in operation["security"] for scope in each["oauth2"]),
        parameters=tuple(_parameters(operation.get("parameters", []))),
        sent=tuple(_members(body.get("schema", {}), described)),
        answers=tuple(_answers(operation["responses"], described)),
    )


def _parameters(parameters: list[Any]) -> Iterator[Field]:
    for each in parameters:
        says = each.get("description", "")
        yield Field(each["name"], _kind(each["schema"]), each.get("required", False), says)


def _answers(
    responses: Mapping[str, Any], described: Mapping[str, Any]
) -> Iterator[tuple[str, str, tuple[Field, ...]]]:
    for status, response in responses.items():
        if status in COMMON and status != CONFLICT:  # whose codes are of the operation
            continue
        content = response.get("content", {}).get("application/json", {})
        members = tuple(_members(content.get("schema", {}), described))
        yield status, response.get("description", ""), members


def _members(
    schema: Mapping[str, Any], described: Mapping[str, Any], before: str = "", depth: int = 0
) -> Iterator[Field]:
    """Yield what an object has in it, with the path of what is further inside."""
    schema, many = _resolved(schema, described)
    before = f"{before}[]" if many else before
    for option in schema.get("oneOf", ()):
        yield Field(before, _kind(option), True, "One of several kinds:")  # noqa: FBT003
        yield from _members(option, described, before, depth)
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        place = f"{before}.{name}" if before else name
        says = inner.get("description", "")
        yield Field(place, _kind(inner), name in required, says)
        if depth < 3:
            yield from _members(inner, described, place, depth + 1)


def _resolved(
    schema: Mapping[str, Any], described: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool]:
    """Return what is in a list or behind a name, and whether it is a list."""
    many = False
    while True:
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "allOf" in schema:
            schema = schema["allOf"][0]
        elif len(one := [each for each in schema.get("oneOf", ()) if each != NULL]) == 1:
            (schema,) = one
        elif schema.get("type") == "array":
            schema, many = schema["items"], True
        else:
            return schema, many


def _kind(schema: Mapping[str, Any]) -> str:
    """Return how a type is written: a choice by its values."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for together in ("allOf", "oneOf", "anyOf"):
        if together in schema:
            return " | ".join(_kind(each) for each in schema[together])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}[]"
    named = schema.get("type", "any")
    kind = " | ".join(named) if isinstance(named, list) else str(named)
    return f"{kind} ({schema['format']})" if "format" in schema else kind
