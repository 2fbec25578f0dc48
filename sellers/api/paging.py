"""Pages of a long list: each begins where the one before ended, whatever came in meanwhile."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.access import client_of
from sellers.keyset import following, reversed_order

SIZE: Final = 25
MOST: Final = 100
SALT: Final = "api.cursor"
OF_THE_PAGE: Final = ("cursor", "limit")  # not of what is listed
FORWARDS, BACKWARDS = "f", "b"


class MomentPagination(BasePagination):
    """Rows by a moment and their primary key, as `ordering` of the view says; none is ever null.

    A cursor is signed and holds for the filters and the client that it was made for.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of a page. Raises ValidationError."""
        self._request, self._keys = request, tuple(view.ordering)
        self._made_for = _fingerprint(request, self._keys)
        size = limit_of(request, SIZE, most=MOST)
        direction, row = self._cursor(queryset.model)
        keys = reversed_order(self._keys) if direction == BACKWARDS else self._keys
        ordered = following(queryset, keys, row=row) if row else queryset.order_by(*keys)
        found = list(ordered[: size + 1])
        rows, more = found[:size], len(found) > size
        if direction == BACKWARDS:
            rows.reverse()
        here = row is not None
        self._previous = rows[0] if rows and (more if direction == BACKWARDS else here) else None
        self._next = rows[-1] if rows and (here if direction == BACKWARDS else more) else None
        return rows

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """Return a page with the addresses of those beside it."""
        return Response(
            {
                "next": self._url(FORWARDS, self._next),
                "previous": self._url(BACKWARDS, self._previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**address, "description": "The page after this one; null on the last."},
                "previous": {**address, "description": "The page before; null on the first."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe what a page is asked with."""
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Where a page begins: take it from next or previous as it is.",
            },
            {"name": "limit", "in": "query", **described_limit(SIZE, most=MOST)},
        ]

    @property
    def _names(self) -> list[str]:
        return [key.removeprefix("-") for key in self._keys]

    def _cursor(self, model: type[Model]) -> tuple[str, Model | None]:
        text = self._request.query_params.get("cursor")
        if text is None:
            return FORWARDS, None
        try:
            direction, place, made_for = signing.loads(text, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise _invalid("cursor", _("This cursor is not one of ours.")) from error
        if made_for != self._made_for:
            raise _invalid("cursor", _("This cursor was made for other filters."))
        return direction, _row_at(model, dict(zip(self._names, place, strict=True)))

    def _url(self, direction: str, row: Any) -> str | None:
        if row is None:
            return None
        place = [_written(getattr(row, name)) for name in self._names]
        query = self._request.query_params.copy()
        query["cursor"] = signing.dumps([direction, place, self._made_for], salt=SALT)
        return self._request.build_absolute_uri(f"?{query.urlencode()}")


def _row_at(model: type[Model], place: Mapping[str, Any]) -> Model:
    """Return a row that is at a place, as far as its order is concerned."""
    fields: Any = model._meta
    return model(
        **{
            name: value if name == "pk" else fields.get_field(name).to_python(value)
            for name, value in place.items()
        }
    )


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def limit_of(request: Request, usual: int, *, most: int) -> int:
    """Return how many rows are asked for. Raises ValidationError."""
    text = request.query_params.get("limit", str(usual))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise _invalid("limit", _("A whole number from 1 to %(most)d.") % {"most": most})
    return int(text)


def described_limit(usual: int, *, most: int) -> dict[str, Any]:
    """Describe the parameter that `limit_of` reads."""
    return {
        "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": usual},
        "description": "How many rows an answer has at most.",
    }


def _fingerprint(request: Request, keys: Sequence[str]) -> str:
    """Return what a cursor is bound to: list, filters, order and client."""
    filters = sorted(
        (name, value)
        for name, values in request.query_params.lists()
        if name not in OF_THE_PAGE
        for value in values
    )
    bound = f"{request.path} {keys} {client_of(request).pk} {urlencode(filters)}"
    return hashlib.sha256(bound.encode()).hexdigest()[:16]


def _invalid(name: str, reason: str) -> ValidationError:
    return ValidationError({name: [reason]})
