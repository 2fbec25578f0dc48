"""Lists narrowed by what pages narrow them by; what cannot be understood is refused."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import django_filters
from django.db.models import QuerySet
from django.utils.choices import normalize_choices
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

from sellers.api.fields import one_of
from sellers.api.viewsets import ClientViewSet

Chosen = TypeVar("Chosen", bound=django_filters.FilterSet)


def chosen_by(view: ClientViewSet, filters: type[Chosen], rows: QuerySet[Any]) -> Chosen:
    """Return what a client chose. Raises ValidationError for what cannot be chosen."""
    request: Any = view.request
    reason = _("Leave it out, or say what it is to be.")
    asked = request.query_params
    if empty := {name: [reason] for name in filters.base_filters if asked.get(name) == ""}:
        raise ValidationError(empty)
    request.seller = view.seller  # what there is to choose from is the shop's, as on a page
    chosen: Chosen = filters(asked, rows, request=request)
    if not chosen.is_valid():
        raise ValidationError(
            {
                name: _in_full(filters.base_filters.get(name), said)
                for name, said in chosen.errors.items()
            }
        )
    return chosen


def parameters_of(filters: type[django_filters.FilterSet]) -> list[OpenApiParameter]:
    """Describe what a list can be narrowed by."""
    return [_parameter(name, each) for name, each in filters.base_filters.items()]


def _in_full(each: django_filters.Filter | None, said: Sequence[str]) -> list[str]:
    """Return what is wrong with a value; where there are few to choose from, these."""
    choices = ", ".join(map(str, _choices(each))) if each else ""
    return [one_of(choices)] if choices else list(said)


def _parameter(name: str, each: django_filters.Filter) -> OpenApiParameter:
    choices = list(_choices(each))
    kind = OpenApiTypes.DATE if isinstance(each, django_filters.DateFilter) else OpenApiTypes.STR
    if choices and all(isinstance(value, int) for value in choices):
        kind = OpenApiTypes.INT
    return OpenApiParameter(name, kind, description=each.label, enum=choices or None)


def _choices(each: django_filters.Filter) -> Iterator[str | int]:
    """Yield what can be chosen, where that is the same for everybody."""
    if choices := each.extra.get("choices"):
        yield from (value for value, _label in normalize_choices(choices))
        if each.extra.get("null_label"):
            yield str(each.extra["null_value"])
