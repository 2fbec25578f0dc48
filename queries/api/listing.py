"""What programs can narrow the list by: all that the page has, and moments."""

from datetime import datetime
from functools import cache
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from queries.enums import QueryState
from queries.filters import QueryFilter, inbox_filter
from queries.models import CustomerQueries
from queries.worklist import View


class MomentField(forms.Field):
    """A moment that says in which zone it is."""

    default_error_messages = {
        "invalid": _("Write a moment with its zone, such as 2026-03-31T12:00:00Z.")
    }

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or timezone.is_naive(moment):
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return moment


class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """Compares with a moment."""

    field_class = MomentField


class OfPrograms(QueryFilter):
    """What programs narrow the list by, who have no inbox of their own."""

    view = django_filters.ChoiceFilter(
        method="keep_view",
        choices=[(each.value, each.label) for each in View if each is not View.MINE],
        label="As the page has it: what is asleep, for one, is not in your_turn.",
    )
    state = django_filters.ChoiceFilter(
        field_name="state", lookup_expr="exact", choices=QueryState, label="Whose turn it is."
    )
    asked_since = MomentFilter(
        field_name="asked_at", lookup_expr="gte", label="Asked at this moment or later."
    )
    asked_until = MomentFilter(
        field_name="asked_at", lookup_expr="lt", label="Asked before this moment."
    )
    updated_since = MomentFilter(
        field_name="changed_at",
        lookup_expr="gte",
        label=(
            "Changed at this moment or later, itself or by a message or note. Rows may repeat, and "
            "what is being stored may appear later with an earlier moment: begin some minutes "
            "before you asked last, or read the changes, which skip nothing."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Know what was asked for alone: a form of all there is takes longer than the rows."""
        super().__init__(*args, **kwargs)
        for name in self.filters.keys() - self.data.keys():
            del self.filters[name]

    def keep_view(self, queries: CustomerQueries, name: str, view: str) -> CustomerQueries:
        """Keep what is in a view."""
        return queries.filter(View(view).condition(user=None, now=timezone.now()))

    def filter_queryset(self, queryset: CustomerQueries) -> CustomerQueries:
        """Return the queries of this choice; what narrows closed ones leaves no others."""
        queries = super().filter_queryset(queryset)
        is_of_closed = any(self.form.cleaned_data.get(name) for name in self.of_closed)
        return queries.in_state(QueryState.CLOSED) if is_of_closed else queries


@cache
def list_filter() -> type[QueryFilter]:
    """Return the filter of the list: that of the page, whichever it is, and that of programs."""
    return type("ListFilter", (OfPrograms, inbox_filter()), {})
