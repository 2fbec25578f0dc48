"""What closed queries can be narrowed by: who closed them, when, and what became of the survey."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import django_filters
from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.filters import QueryFilter
from queries.models import Closing, CustomerQueries
from sellers.models import TO_BE_SENT, Membership, User
from surveys.enums import Band, InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyResponse
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE
from surveys.periods import Period
from surveys.progress import KEPT_FROM_SELLERS, NOT_NOW, reason_for_seller

PERIOD: Final = ("since", "until")
DAY: Final[dict[str, Any]] = {
    "widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    # Days that have a beginning in every zone.
    "validators": [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    "error_messages": {"invalid": _("This is not a date. Write it as 2026-03-31.")},
}
SCORES: Final = [(score, str(score)) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)]
UNDECIDED: Final = "undecided"


class PeriodForm(forms.Form):
    """What was chosen; half a period that cannot be is no period."""

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, at its end."""
        chosen = self.cleaned_data
        if chosen.get("since") and chosen.get("until") and chosen["until"] < chosen["since"]:
            self.add_error("until", _("The period ends before it begins. Choose a later day."))
        if self.errors.keys() & set(PERIOD):
            chosen |= dict.fromkeys(PERIOD)
        return chosen


def agents(request: HttpRequest) -> QuerySet[User]:
    """Return who belongs to the shop, and the one asked for if they ever closed a query there."""
    seller = request.seller  # type: ignore[attr-defined]  # the tenant guard sets it
    closed = Closing.objects.for_seller(seller).filter(agent=OuterRef("pk"))
    wanted = request.GET.get("agent", "")
    left = Q(pk=wanted if wanted.isdecimal() and len(wanted) < 19 else None) & Exists(closed)
    members = Membership.objects.for_seller(seller).values("user")
    return User.objects.filter(Q(pk__in=members) | left).order_by("name", "pk")


def survey_choices() -> Iterator[tuple[str, str]]:
    """Yield how far a survey can have come."""
    yield UNDECIDED, gettext("To be decided")
    for state in InvitationState:
        if state != InvitationState.SENDING:
            yield state.value, str(state.label)


def reason_choices() -> Iterator[tuple[str, str]]:
    """Yield why there can be no survey, as far as a seller may know it (docs/decisions/0006).

    Of what is closed none has the reason that it was reopened.
    """
    yield NOT_NOW, capfirst(reason_for_seller(KEPT_FROM_SELLERS[0]))
    for reason in SuppressionReason:
        if reason not in (*KEPT_FROM_SELLERS, SuppressionReason.REOPENED):
            yield reason.value, capfirst(reason_for_seller(reason))


class SurveyedQueryFilter(QueryFilter):
    """The search of the inbox; of closed queries also by their standing closing and its survey."""

    agent = django_filters.ModelChoiceFilter(
        method="keep_closed_by",
        queryset=agents,
        label=_("Closed by"),
        empty_label=_("All agents"),
    )
    since = django_filters.DateFilter(method="keep_since", label=_("From day"), **DAY)
    until = django_filters.DateFilter(method="keep_until", label=_("Up to and including"), **DAY)
    survey = django_filters.ChoiceFilter(
        method="keep_survey",
        choices=survey_choices,
        label=_("Survey"),
        empty_label=_("All surveys"),
    )
    reason = django_filters.ChoiceFilter(
        method="keep_reason",
        choices=reason_choices,
        label=_("Why no survey"),
        empty_label=_("All reasons"),
    )
    band = django_filters.ChoiceFilter(
        method="keep_band", choices=Band.choices, label=_("Band"), empty_label=_("All bands")
    )
    score = django_filters.ChoiceFilter(
        method="keep_score", choices=SCORES, label=_("Score"), empty_label=_("All scores")
    )

    of_closed = ("agent", *PERIOD, "survey", "reason", "band", "score")

    class Meta(QueryFilter.Meta):
        form = PeriodForm

    def keep_closed_by(self, queries: CustomerQueries, name: str, agent: User) -> CustomerQueries:
        """Keep what an agent closed."""
        return queries.filter(Exists(_standing().filter(agent=agent)))

    def keep_since(self, queries: CustomerQueries, name: str, day: date) -> CustomerQueries:
        """Keep what was closed on a day or later."""
        start, _end = Period(day, None).bounds(settings.MARKETPLACE_ZONE)
        return queries.filter(turn_since__gte=start)

    def keep_until(self, queries: CustomerQueries, name: str, day: date) -> CustomerQueries:
        """Keep what was closed on a day or before."""
        _start, end = Period(None, day).bounds(settings.MARKETPLACE_ZONE)
        return queries.filter(turn_since__lt=end)

    def keep_survey(self, queries: CustomerQueries, name: str, state: str) -> CustomerQueries:
        """Keep those of which the survey has come so far."""
        if state == UNDECIDED:
            return queries.filter(Exists(_standing().undecided()))
        states = TO_BE_SENT if state == InvitationState.DECIDED else (state,)
        return queries.filter(Exists(_decided().filter(state__in=states)))

    def keep_reason(self, queries: CustomerQueries, name: str, reason: str) -> CustomerQueries:
        """Keep those without a survey for this reason."""
        reasons = KEPT_FROM_SELLERS if reason == NOT_NOW else (SuppressionReason(reason),)
        return queries.filter(Exists(_decided().filter(reason__in=reasons)))

    def keep_band(self, queries: CustomerQueries, name: str, band: str) -> CustomerQueries:
        """Keep those that were measured in a band."""
        return queries.filter(Exists(_measured().in_band(Band(band))))

    def keep_score(self, queries: CustomerQueries, name: str, score: str) -> CustomerQueries:
        """Keep those that were measured with a score."""
        return queries.filter(Exists(_measured().filter(score=int(score))))


def _standing() -> Any:
    """Return the closing of a query that was not reopened."""
    return Closing.objects.not_reopened().filter(query=OuterRef("pk"))


def _decided() -> Any:
    """Return what was decided about the survey of that closing."""
    return Invitation.objects.filter(query=OuterRef("pk"), closing__reopened_at=None)


def _measured() -> Any:
    """Return the measurements of a query that its shop sees."""
    return SurveyResponse.objects.for_shops().filter(query=OuterRef("pk"))
