"""Passives and promoters one by one, and how many wait for what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from insights.reports.followups import count_open
from insights.reports.measurements import ROWS_PER_PAGE
from queries.worklist import Tally
from sellers.keyset import Page, page_of
from sellers.models import Seller
from surveys.enums import Band, ContactWish
from surveys.followup_rules import contact_wish
from surveys.models import (
    Approach,
    Approaches,
    Improvement,
    QuoteConsent,
    Referral,
    Referrals,
    ReferralTotal,
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    in_band,
    label_field,
    submitted_in,
)
from surveys.periods import Period, months_back

LATEST: Final = ("-submitted_at", "-pk")
CAME_LAST: Final = ("-came_on", "-pk")
YEAR_MONTHS: Final = 12


class Shown(StrEnum):
    """Which passives or promoters are listed: those of a period, or what a tile counts.

    Done is who was thanked, or whose answer was noted, in the last 28 days; whoever was asked then
    has not answered yet.
    """

    RECENT = ""
    YEAR = "year"
    WAITING = "waiting"
    ASKED = "asked"
    DONE = "done"
    QUOTABLE = "quotable"
    REFERRING = "referring"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of each band somebody should still do something about."""

    detractors: Tally
    passives: int
    promoters: int


@dataclass(frozen=True, slots=True)
class HappyCustomer:
    """One passive or promoter as a list shows them.

    `quoted_as` is empty when there is no permission; `approached_at` is None when nobody did.
    """

    pk: int
    score: int
    band: Band
    submitted_at: datetime
    reason: str
    customer: str
    subject: str
    query_id: int
    wish: ContactWish
    is_erased: bool
    approached_at: datetime | None
    improvement: str
    quoted_as: str
    referrals: ReferralTotal

    @property
    def path(self) -> str:
        """Return what its page is called below the list."""
        return f"{self.pk}/"


@dataclass(frozen=True, slots=True)
class NamedTopic:
    """A topic, and how many ticked it."""

    label: str
    count: int


def customers_in(seller: Seller, band: Band) -> SurveyResponses:
    """Return the passives or promoters who asked a shop something here, also when excluded."""
    mine = SurveyResponse.objects.for_seller(seller).in_band(band)
    return mine.filter(query__isnull=False)


def happy(seller: Seller, band: Band) -> SurveyResponses:
    """Return the passives or promoters who count for a shop and asked it something here."""
    return customers_in(seller, band).counting()


def shown(seller: Seller, band: Band, which: Shown, *, today: date) -> SurveyResponses:
    """Return those that a tile counts, and a list shows."""
    found, recent = happy(seller, band), Period.recent(today)
    match which:
        case Shown.YEAR:
            first = months_back(today.replace(day=1), YEAR_MONTHS)[0]
            return found.submitted_in(Period(first, today))
        case Shown.WAITING:
            return found.filter(waiting(today=today))
        case Shown.ASKED:
            return found.filter(pk__in=_asked(seller, recent))
        case Shown.DONE:
            return found.filter(pk__in=_done(seller, band, recent))
        case Shown.QUOTABLE:
            consents = QuoteConsent.objects.usable().filter(seller=seller)
            return found.filter(pk__in=consents.values("response"))
        case Shown.REFERRING:
            referrals = Referral.objects.standing().for_seller(seller)
            return found.filter(pk__in=referrals.values("response"))
    lately = found.submitted_in(recent)
    if band == Band.PASSIVE:  # and whoever was asked and has not answered
        return found.filter(pk__in=lately.values("pk").union(_asked(seller, recent)))
    return lately


def waiting(*, today: date) -> Q:
    """Return the condition that somebody should still turn to this customer.

    Whoever wants no contact is left alone; after 28 days a thank-you is late, and a question odd.
    """
    approaches = Approach.objects.standing().filter(response=OuterRef("pk"))
    improvements = Improvement.objects.filter(response=OuterRef("pk"))
    return (
        submitted_in(Period.recent(today))
        & Q(query__erased_at=None)
        & (Q(may_contact=None) | Q(may_contact=True))
        & ~Exists(approaches)
        & ~Exists(improvements)
    )


def count_waiting(seller: Seller, *, today: date) -> Waiting:
    """Count the open tasks, and whom somebody should still turn to: a statement each."""
    mine = SurveyResponse.objects.for_seller(seller).filter(query__isnull=False).counting()
    found = mine.filter(waiting(today=today)).aggregate(
        passives=Count("pk", filter=in_band(Band.PASSIVE)),
        promoters=Count("pk", filter=in_band(Band.PROMOTER)),
    )
    return Waiting(detractors=count_open(seller), **found)


def happy_page(
    chosen: SurveyResponses,
    *,
    after: SurveyResponse | None = None,
    before: SurveyResponse | None = None,
) -> Page[HappyCustomer]:
    """Fetch a page of these, before or after one of them or the first, in one statement."""
    page = page_of(
        chosen, LATEST, size=ROWS_PER_PAGE, fetch=_with_what_followed, after=after, before=before
    )
    return replace(page, rows=tuple(_as_row(one) for one in page.rows))


def happy_customer(response: SurveyResponse) -> HappyCustomer:
    """Return one of them as the list shows it."""
    return _as_row(_with_what_followed(SurveyResponse.objects.filter(pk=response.pk)).get())


def topics_named(seller: Seller, band: Band, *, today: date, most: int) -> list[NamedTopic]:
    """Return what these customers ticked most in the last 28 days, in one statement."""
    recent = happy(seller, band).submitted_in(Period.recent(today))
    label = f"topic__{label_field()}"
    rows = (
        ResponseTopic.objects.filter(response__in=recent.values("pk"))
        .values_list(label)
        .annotate(count=Count("pk"))
        .order_by("-count", "topic__position", "topic")
    )
    return [NamedTopic(str(row[0]), row[-1]) for row in rows[:most]]


def referral_page(
    chosen: Referrals, *, after: Referral | None = None, before: Referral | None = None
) -> Page[Referral]:
    """Fetch a page of these, before or after one of them or the first, in one statement."""
    return page_of(
        chosen, CAME_LAST, size=ROWS_PER_PAGE, fetch=_with_people, after=after, before=before
    )


def referrals_by_month(seller: Seller, *, year: int) -> Mapping[date, ReferralTotal]:
    """Return who came by a referral in a year and their worth, per month, in one statement."""
    standing = Referral.objects.standing().for_seller(seller)
    return standing.came_between(date(year, 1, 1), date(year + 1, 1, 1)).totals_by_month()


def _asked(seller: Seller, recent: Period) -> QuerySet[Any, Any]:
    """Return the measurements of who was asked lately, and of whom no answer is noted yet."""
    return _approached(seller, recent).filter(response__improvement=None).values("response")


def _done(seller: Seller, band: Band, recent: Period) -> QuerySet[Any, Any]:
    """Return the measurements of which was noted lately: an answer, or that they were thanked."""
    if band == Band.PROMOTER:
        return _approached(seller, recent).values("response")
    start, end = recent.bounds(settings.MARKETPLACE_ZONE)
    noted = Improvement.objects.filter(seller=seller, noted_at__gte=start, noted_at__lt=end)
    return noted.values("response")


def _approached(seller: Seller, recent: Period) -> Approaches:
    start, end = recent.bounds(settings.MARKETPLACE_ZONE)
    return Approach.objects.standing().filter(seller=seller, made_at__gte=start, made_at__lt=end)


def _with_what_followed(few: SurveyResponses) -> SurveyResponses:
    """Fetch what is shown of a few: found first and then joined, as the database sorts faster."""
    its = {"response": OuterRef("pk")}
    approaches = Approach.objects.standing().filter(**its)
    consents = QuoteConsent.objects.usable().filter(**its)
    referrals = Referral.objects.standing().filter(**its).order_by().values("response")
    return (
        SurveyResponse.objects.filter(pk__in=few.values("pk"))
        .select_related("query__customer")
        .only(
            "score",
            "submitted_at",
            "reason",
            "may_contact",
            "query__subject",
            "query__erased_at",
            "query__customer__name",
        )
        .annotate(
            approached_at=Subquery(approaches.values("made_at")[:1]),
            improved_by=F("improvement__words"),
            quoted_as=Subquery(consents.values("name")[:1]),
            referred=Subquery(referrals.annotate(count=Count("pk")).values("count")),
            referred_worth=Subquery(referrals.annotate(sum=Sum("worth")).values("sum")),
        )
    )


def _as_row(response: Any) -> HappyCustomer:
    """Return a measurement that was fetched as shown."""
    return HappyCustomer(
        pk=response.pk,
        score=response.score,
        band=response.band,
        submitted_at=response.submitted_at,
        reason=response.reason,
        customer=response.query.customer.name,
        subject=str(response.query),
        query_id=response.query_id,
        wish=contact_wish(may_contact=response.may_contact),
        is_erased=response.query.erased_at is not None,
        approached_at=response.approached_at,
        improvement=response.improved_by or "",
        quoted_as=response.quoted_as or "",
        referrals=ReferralTotal(response.referred or 0, response.referred_worth or Decimal(0)),
    )


def _with_people(few: Referrals) -> Referrals:
    """Fetch who referred and who came: found first and then joined."""
    return Referral.objects.filter(pk__in=few.values("pk")).select_related(
        "customer", "response__query__customer"
    )
