"""What the list of measurements can be narrowed by, from the address bar."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from insights.reports import Sort
from queries.enums import Channel
from queries.models import CustomerQuery
from sellers.enums import Language
from sellers.models import Seller, User
from surveys.enums import Band
from surveys.models import SurveyResponse, SurveyResponses, Topic, label_field
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE
from surveys.periods import Period

PERIOD = ("from", "to")
EVERY_BAND = ("topic", "words", "search", "channel", "agent", "subject", "language", "customer")
UNKNOWN: dict[str, Any] = {"null_value": "none", "null_label": _("Unknown (imported)")}
DAY: dict[str, Any] = {
    "field_name": "submitted_at",
    "widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    # Days that have a beginning in every zone.
    "validators": [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    "error_messages": {"invalid": _("This is not a date. Write it as 2026-03-31.")},
}


class MeasurementForm(forms.Form):
    """What was chosen; a period that ends before it begins is wrong at its end."""

    def clean(self) -> dict[str, Any]:
        """Compare both ends of the period."""
        chosen = self.cleaned_data
        if chosen.get("from") and chosen.get("to") and chosen["to"] < chosen["from"]:
            self.add_error("to", _("The period ends before it begins. Choose a later day."))
        return chosen


class MeasurementFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """Everything that can be chosen; what cannot be understood counts as not chosen.

    Without a period that can be used it is the usual one, else the last 28 days. Measurements that
    staff let not count are in it only when they are asked for, and then no others.
    """

    vars()["from"] = django_filters.DateFilter(lookup_expr="date__gte", label=_("From day"), **DAY)
    to = django_filters.DateFilter(lookup_expr="date__lte", label=_("Up to and including"), **DAY)
    band = django_filters.ChoiceFilter(method="keep_band", choices=Band.choices, label=_("Band"))
    score = django_filters.TypedChoiceFilter(
        field_name="score",
        lookup_expr="exact",
        coerce=int,
        choices=[(score, str(score)) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)],
        label=_("Score"),
    )
    topic = django_filters.ChoiceFilter(
        field_name="topics",
        lookup_expr="exact",
        label=_("Topic"),
        empty_label=_("All topics"),
        null_value="none",
        null_label=_("No topic given"),
    )
    words = django_filters.ChoiceFilter(
        method="keep_words",
        choices=[("with", _("With a reason")), ("without", _("Without a reason"))],
        label=_("Reason given"),
        empty_label=_("With and without"),
    )
    search = django_filters.CharFilter(
        method="mentioning",
        max_length=200,
        label=_("Search"),
        widget=forms.TextInput(attrs={"placeholder": _("In the reason or the subject")}),
    )
    channel = django_filters.ChoiceFilter(
        field_name="invitation__closing__channel",
        lookup_expr="exact",
        choices=Channel.choices,
        label=_("Channel"),
        empty_label=_("All channels"),
        **UNKNOWN,
    )
    agent = django_filters.ChoiceFilter(
        field_name="invitation__closing__agent",
        lookup_expr="exact",
        label=_("Agent"),
        empty_label=_("All agents"),
        **UNKNOWN,
    )
    subject = django_filters.CharFilter(
        field_name="query__subject", lookup_expr="exact", max_length=200, label=_("Subject")
    )
    language = django_filters.ChoiceFilter(
        field_name="query__language",
        lookup_expr="exact",
        choices=Language.choices,
        label=_("Language"),
        empty_label=_("All languages"),
        **UNKNOWN,
    )
    customer = django_filters.ChoiceFilter(
        method="keep_customers",
        choices=[("new", _("New")), ("returning", _("Returning"))],
        label=_("Customer"),
        empty_label=_("All customers"),
        **UNKNOWN,
    )
    excluded = django_filters.ChoiceFilter(
        method="keep_excluded", choices=[("yes", _("Excluded"))], label=_("Excluded")
    )
    sort = django_filters.ChoiceFilter(method="in_order", choices=Sort.choices, label=_("Sort by"))

    class Meta:
        model = SurveyResponse
        fields: tuple[str, ...] = ()
        form = MeasurementForm

    def __init__(
        self,
        chosen: Mapping[str, str],
        responses: SurveyResponses,
        *,
        seller: Seller,
        today: date,
        usual: Period | None = None,
    ) -> None:
        super().__init__(chosen, responses)
        self.seller = seller
        self.today = today
        self.usual = usual or Period.recent(today)
        # Asked only when somebody looks at the choices.
        self.filters["topic"].extra["choices"] = _topics
        self.filters["agent"].extra["choices"] = lambda: _agents(seller, chosen.get("agent", ""))

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Return what was chosen and understood, by name."""
        if not self.data.keys() & self.filters.keys():
            return {}  # no form is made for the many who choose nothing
        wrong = set(PERIOD) if self.errors.keys() & set(PERIOD) else set()
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if value not in ("", None) and name not in wrong
        }

    @property
    def is_wrong(self) -> bool:
        """Return whether something was chosen that cannot be, which the form explains."""
        return bool(self.data.keys() & self.filters.keys() and self.errors)

    @property
    def period(self) -> Period:
        """Return the days that were asked for, or the usual ones."""
        first, last = (self.chosen.get(end) for end in PERIOD)
        return Period(first, last) if first or last else self.usual

    @property
    def order(self) -> Sort:
        """Return the order that was asked for, or the latest first."""
        return Sort(self.chosen.get("sort", Sort.LATEST))

    @cached_property
    def of_every_band(self) -> SurveyResponses:
        """Return the measurements of this choice whatever their score, excluded or not."""
        responses: SurveyResponses = self.queryset.submitted_in(self.period)
        return self._narrowed(responses, *EVERY_BAND)

    @cached_property
    def qs(self) -> SurveyResponses:
        """Return the measurements of this choice in their order."""
        responses = self.of_every_band.latest_first()
        if "excluded" not in self.chosen:
            responses = responses.counting()
        return self._narrowed(responses, "excluded", "band", "score", "sort")

    def _narrowed(self, responses: SurveyResponses, *names: str) -> SurveyResponses:
        for name in names:
            if name in self.chosen:
                responses = self.filters[name].filter(responses, self.chosen[name])
        return responses

    def keep_band(self, responses: SurveyResponses, name: str, band: str) -> SurveyResponses:
        """Keep one band."""
        return responses.in_band(Band(band))

    def keep_excluded(self, responses: SurveyResponses, name: str, yes: str) -> SurveyResponses:
        """Keep what staff let not count."""
        return responses.excluded()

    def in_order(self, responses: SurveyResponses, name: str, sort: str) -> SurveyResponses:
        """Put the measurements in an order."""
        return responses.order_by(*Sort(sort).keys)

    def keep_words(self, responses: SurveyResponses, name: str, words: str) -> SurveyResponses:
        """Keep what has a reason, or what has none."""
        return responses.exclude(reason="") if words == "with" else responses.filter(reason="")

    def mentioning(self, responses: SurveyResponses, name: str, words: str) -> SurveyResponses:
        """Keep what mentions the words, in the reason or the subject of the query."""
        return responses.filter(Q(reason__icontains=words) | Q(query__subject__icontains=words))

    def keep_customers(self, responses: SurveyResponses, name: str, kind: str) -> SurveyResponses:
        """Keep customers who asked this shop something before, who did not, or nobody knows."""
        if kind == "none":
            return responses.filter(query=None)
        earlier = CustomerQuery.objects.filter(
            seller=OuterRef("seller"),
            customer=OuterRef("query__customer"),
            asked_at__lt=OuterRef("query__asked_at"),
        )
        returning = Exists(earlier)
        return responses.exclude(query=None).filter(
            returning if kind == "returning" else ~returning
        )


def _topics() -> list[tuple[int, str]]:
    """Return all topics, also those no longer asked."""
    return list(Topic.objects.order_by("position", "pk").values_list("pk", label_field()))


def _agents(seller: Seller, wanted: str) -> list[tuple[int, str]]:
    """Return who belongs to a shop, and the one asked for if they ever closed a query there."""
    names = User.objects.order_by("name", "pk").values_list("pk", "name")
    agents = list(names.filter(memberships__seller=seller))
    if re.fullmatch(r"[0-9]{1,18}", wanted) and int(wanted) not in dict(agents):
        agents += names.filter(pk=wanted, closings__seller=seller)[:1]
    return agents
