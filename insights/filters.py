"""What the lists of measurements and of tasks can be narrowed by; pages and API use the same."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from insights.reports.followups import Part
from insights.reports.measurements import Sort
from insights.reports.words import has_word, readable_days
from queries.enums import Channel
from sellers.enums import Language
from sellers.models import User
from surveys.enums import Band, FollowUpState
from surveys.filters import DAY, PERIOD, SCORES, PeriodForm, agents
from surveys.models import (
    FollowUp,
    FollowUps,
    SurveyResponse,
    SurveyResponses,
    Topic,
    asked_before,
)
from surveys.nps import BAND_SCORES
from surveys.periods import Period

WITHIN_BANDS: Final = ("band", "score", "excluded")  # the others also narrow every band
UNKNOWN: Final[dict[str, Any]] = {"null_value": "none", "null_label": _("Unknown (imported)")}


class ChosenFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """What was chosen of what a list offers; what cannot be understood counts as not chosen."""

    class Meta:
        fields: tuple[str, ...] = ()
        form = PeriodForm

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """Return what was chosen and understood, by name."""
        if not self.is_bound or not self.data.keys() & self.filters.keys():
            return {}  # no form is made for the many who choose nothing
        self.form.full_clean()
        understood = self.form.cleaned_data.items()
        return {name: value for name, value in understood if value not in ("", None)}

    @property
    def is_wrong(self) -> bool:
        """Return whether something was chosen that cannot be, which the form explains."""
        return bool(self.data and self.data.keys() & self.filters.keys() and self.errors)

    @property
    def period(self) -> Period | None:
        """Return the days that were asked for, or None."""
        first, last = (self.chosen.get(end) for end in PERIOD)
        return Period(first, last) if first or last else None


class MeasurementFilter(ChosenFilter):
    """Everything that can be chosen of measurements.

    What staff excluded is in it only when it is asked for, and then nothing else.
    """

    since = django_filters.DateFilter(method="keep_since", label=_("From day"), **DAY)
    until = django_filters.DateFilter(method="keep_until", label=_("Up to and including"), **DAY)
    band = django_filters.ChoiceFilter(method="keep_band", choices=Band.choices, label=_("Band"))
    score = django_filters.TypedChoiceFilter(
        field_name="score",
        lookup_expr="exact",
        coerce=int,
        choices=SCORES,
        label=_("Score"),
    )
    topic = django_filters.ModelChoiceFilter(
        field_name="topics",
        lookup_expr="exact",
        queryset=Topic.objects.order_by("position", "pk"),  # also those no longer asked
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
        method="keep_mentions",
        max_length=200,
        label=_("Search"),
        widget=forms.TextInput(attrs={"placeholder": _("In the reason or the subject")}),
    )
    word = django_filters.CharFilter(method="keep_word", max_length=200, label=_("Word"))
    channel = django_filters.ChoiceFilter(
        field_name="invitation__closing__channel",
        lookup_expr="exact",
        choices=Channel.choices,
        label=_("Channel"),
        empty_label=_("All channels"),
        **UNKNOWN,
    )
    agent = django_filters.ModelChoiceFilter(
        field_name="invitation__closing__agent",
        lookup_expr="exact",
        queryset=agents,
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
    sort = django_filters.ChoiceFilter(method="sort_by", choices=Sort.choices, label=_("Sort by"))

    class Meta(ChosenFilter.Meta):
        model = SurveyResponse

    @property
    def order(self) -> Sort:
        """Return the order that was asked for, or the latest first."""
        return Sort(self.chosen.get("sort", Sort.LATEST))

    def days(self, *, otherwise: Period) -> Period:
        """Return the days that are asked for, or else others.

        A word is looked for in as many of the latest remarks as are counted at once.
        """
        period = self.period or otherwise
        return readable_days(self.request.seller, period) if "word" in self.chosen else period

    @cached_property
    def qs(self) -> SurveyResponses:
        """Return the measurements of this choice in their order."""
        return self.filter_queryset(self.queryset.all())

    def of_every_band(self) -> SurveyResponses:
        """Return the measurements of this choice whatever their score, excluded or not."""
        return self._narrowed(self.queryset.all(), set(self.chosen) - {*WITHIN_BANDS, "sort"})

    def filter_queryset(self, queryset: SurveyResponses) -> SurveyResponses:
        """Return the measurements of this choice in their order."""
        chosen = set(self.chosen)
        rows = queryset if "excluded" in chosen else queryset.counting()
        return self._narrowed(rows.order_by(*self.order.keys), chosen)

    def _narrowed(self, responses: SurveyResponses, names: set[str]) -> SurveyResponses:
        for name in sorted(names):
            responses = self.filters[name].filter(responses, self.chosen[name])
        return responses

    def keep_since(self, responses: SurveyResponses, name: str, day: date) -> SurveyResponses:
        """Keep what was submitted on a day or later."""
        return responses.submitted_in(Period(day, None))

    def keep_until(self, responses: SurveyResponses, name: str, day: date) -> SurveyResponses:
        """Keep what was submitted on a day or before."""
        return responses.submitted_in(Period(None, day))

    def keep_band(self, responses: SurveyResponses, name: str, band: str) -> SurveyResponses:
        """Keep one band."""
        return responses.in_band(Band(band))

    def keep_excluded(self, responses: SurveyResponses, name: str, yes: str) -> SurveyResponses:
        """Keep what staff excluded."""
        return responses.excluded()

    def sort_by(self, responses: SurveyResponses, name: str, sort: str) -> SurveyResponses:
        """Put the measurements in an order."""
        return responses.order_by(*Sort(sort).keys)

    def keep_words(self, responses: SurveyResponses, name: str, words: str) -> SurveyResponses:
        """Keep what has a reason, or what has none."""
        return responses.exclude(reason="") if words == "with" else responses.filter(reason="")

    def keep_mentions(self, responses: SurveyResponses, name: str, words: str) -> SurveyResponses:
        """Keep what mentions the words, in the reason or the subject of the query."""
        return responses.filter(Q(reason__icontains=words) | Q(query__subject__icontains=words))

    def keep_word(self, responses: SurveyResponses, name: str, word: str) -> SurveyResponses:
        """Keep what has a word in any of its forms; not what was measured before this portal."""
        return responses.filter(has_word(word))

    def keep_customers(self, responses: SurveyResponses, name: str, kind: str) -> SurveyResponses:
        """Keep customers who asked this shop something before, who did not, or nobody knows."""
        if kind == "none":
            return responses.filter(query=None)
        known = responses.exclude(query=None)
        return known.filter(asked_before() if kind == "returning" else ~asked_before())


def members(request: HttpRequest) -> QuerySet[User]:
    """Return who may have a task of the shop."""
    return User.objects.answering_for(request.seller)  # type: ignore[attr-defined]  # by the guard


class FollowUpFilter(ChosenFilter):
    """Everything that can be chosen of follow-up tasks: a part of them, and what narrows it.

    What is asked for by its state or its days is looked for among all of them.
    """

    part = django_filters.ChoiceFilter(method="keep_all", choices=Part.choices, label=_("Which"))
    state = django_filters.ChoiceFilter(
        field_name="state",
        lookup_expr="exact",
        choices=FollowUpState.choices,
        label=_("State"),
        empty_label=_("All states"),
    )
    score = django_filters.ChoiceFilter(
        field_name="response__score",
        lookup_expr="exact",
        choices=[(score, str(score)) for score in BAND_SCORES[Band.DETRACTOR]],
        label=_("Score"),
        empty_label=_("All scores"),
    )
    assignee = django_filters.ModelChoiceFilter(
        field_name="assignee",
        lookup_expr="exact",
        queryset=members,
        label=_("Assigned to"),
        empty_label=_("Everybody"),
        null_value="none",
        null_label=_("Nobody"),
    )
    topic = django_filters.ModelChoiceFilter(
        field_name="response__topics",
        lookup_expr="exact",
        queryset=Topic.objects.order_by("position", "pk"),
        label=_("Topic"),
        empty_label=_("All topics"),
    )
    since = django_filters.DateFilter(method="keep_since", label=_("Opened from"), **DAY)
    until = django_filters.DateFilter(method="keep_until", label=_("Up to and including"), **DAY)

    class Meta(ChosenFilter.Meta):
        model = FollowUp

    @property
    def part_shown(self) -> Part:
        """Return the part that is asked for."""
        if "part" in self.chosen:
            return Part(self.chosen["part"])
        return Part.ALL if self.chosen.keys() & {"state", *PERIOD} else Part.OPEN

    @property
    def narrowing(self) -> tuple[str, ...]:
        """Return the names of what narrows the part."""
        return tuple(name for name in self.filters if name != "part" and name in self.chosen)

    def of(self, *, user: User | None, now: datetime) -> FollowUps:
        """Return the tasks of this choice; `user` is who asks, None when it is a program."""
        rows: FollowUps = self.part_shown.of(self.queryset.all(), user=user, now=now)
        for name in self.narrowing:
            rows = self.filters[name].filter(rows, self.chosen[name])
        return rows

    def keep_all(self, followups: FollowUps, name: str, part: str) -> FollowUps:
        """Leave the part to `of`, which knows who asks and when."""
        return followups

    def keep_since(self, followups: FollowUps, name: str, day: date) -> FollowUps:
        """Keep what was opened on a day or later."""
        start, _end = Period(day, None).bounds(settings.MARKETPLACE_ZONE)
        return followups.filter(opened_at__gte=start)

    def keep_until(self, followups: FollowUps, name: str, day: date) -> FollowUps:
        """Keep what was opened on a day or before."""
        _start, end = Period(None, day).bounds(settings.MARKETPLACE_ZONE)
        return followups.filter(opened_at__lt=end)
