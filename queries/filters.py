"""What a list of queries can be narrowed by, from the URL; pages and API use the same."""

from typing import ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from queries.enums import Channel
from queries.models import CustomerQueries, CustomerQuery
from queries.search import Found, look_for


class QueryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Search by words, narrow by channel; what cannot be understood counts as not chosen."""

    q = django_filters.CharFilter(
        method="search",
        max_length=200,
        label=_("Search"),
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Subject, customer or order")}
        ),
    )
    channel = django_filters.ChoiceFilter(
        field_name="channel",
        lookup_expr="exact",
        choices=Channel,
        label=_("Channel"),
        empty_label=_("All channels"),
    )

    found: Found | None = None  # by the words, looked for once whatever the views

    of_closed: ClassVar[tuple[str, ...]] = ()  # what only closed queries are narrowed by

    class Meta:
        model = CustomerQuery
        fields: tuple[str, ...] = ()

    def everywhere(self) -> CustomerQueries:
        """Return the queries of this choice, but for what narrows closed ones alone."""
        return self._narrowed({*self.filters} - {*self.of_closed})

    def filter_queryset(self, queryset: CustomerQueries) -> CustomerQueries:
        """Return the queries of this choice."""
        return self._narrowed({*self.filters})

    @property
    def all_found(self) -> Found | None:
        """Return what was found, when nothing but words was chosen and understood."""
        chosen = [name for name, value in self.form.cleaned_data.items() if _is_chosen(value)]
        return self.found if chosen == ["q"] else None

    @property
    def is_narrowing(self) -> bool:
        """Return whether anything was chosen and understood."""
        return any(map(_is_chosen, self.form.cleaned_data.values()))

    def search(self, queries: CustomerQueries, name: str, words: str) -> CustomerQueries:
        """Keep the queries that mention the words, whatever else is chosen."""
        self.found = self.found or look_for(words, seller=self.request.seller)
        return queries.filter(self.found.condition) if self.found else queries

    def _narrowed(self, names: set[str]) -> CustomerQueries:
        queries: CustomerQueries = self.queryset.all()
        self.errors  # noqa: B018  validates
        for name, value in self.form.cleaned_data.items():
            if name in names and _is_chosen(value):
                queries = self.filters[name].filter(queries, value)
        return queries


def _is_chosen(value: object) -> bool:
    return value not in (None, "")


def inbox_filter() -> type[QueryFilter]:
    """Return the filter of the inbox: an app above knows what became of a closed query's survey."""
    chosen: type[QueryFilter] = import_string(settings.INBOX_FILTER)
    return chosen
