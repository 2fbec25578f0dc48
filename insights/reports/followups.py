"""The follow-up tasks of a shop: which of them a list shows, how many there are, what came of them.

A customer who wants no contact is in no figure about contact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from insights.reports.handling import Share
from insights.reports.tallies import tallies
from queries.worklist import CURSOR, CURSOR_FORMAT, Tally
from sellers.keyset import Page, page_of
from sellers.models import Seller, User
from surveys.enums import FollowUpState
from surveys.models import FollowUp, FollowUps
from surveys.periods import Period, day_start

ROWS_PER_PAGE: Final = 25


class Part(TextChoices):
    """A part of a shop's tasks that can be listed; the label is what its list is called."""

    OPEN = "open", _("Open")
    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Unassigned")
    LATE = "late", _("late")
    TODAY = "today", _("today")
    WEEK = "week", _("this week")
    FINISHED = "finished", _("finished, 28 days")
    ALL = "all", _("All")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what to order by: an index each.

        What is open, the most pressing first: whom nobody contacted, then what is to be finished.
        """
        match self:
            case Part.FINISHED:
                return ("-finished_at", "-pk")
            case Part.ALL:
                return ("-opened_at", "-pk")
            case _:
                return ("-state", "due_at", "pk")

    def of(self, followups: FollowUps, *, user: User | None, now: datetime) -> FollowUps:
        """Keep the tasks of this part; days are the marketplace's.

        `user` is who asks; None when it is nobody with tasks of their own.
        """
        midnight = midnight_after(now)
        match self:
            case Part.OPEN:
                return followups.open()
            case Part.MINE:
                return followups.open().assigned_to(user) if user else followups.none()
            case Part.UNASSIGNED:
                return followups.open().assigned_to(None)
            case Part.LATE:
                return followups.late(now=now)
            case Part.TODAY:
                return followups.due_between(now, midnight)
            case Part.WEEK:
                week_later = midnight_after(now, days=7)
                return followups.to_do().filter(due_at__gte=midnight, due_at__lt=week_later)
            case Part.FINISHED:
                return followups.finished().filter(finished_at__gte=_recent_start(now))
            case Part.ALL:
                return followups.counting()


def midnight_after(now: datetime, *, days: int = 1) -> datetime:
    """Return when so many days are over in the marketplace's zone, the present one the first."""
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    return day_start(today + timedelta(days=days), settings.MARKETPLACE_ZONE)


COUNTED: Final = tuple(part for part in Part if part is not Part.ALL)


def count_followups(
    seller: Seller, *, user: User, now: datetime, parts: Iterable[Part] = COUNTED
) -> Mapping[Part, Tally]:
    """Count some parts of a shop's tasks in one statement, each up to a limit.

    Tab, tiles, list and weekly overview all ask here.
    """
    wanted = tuple(parts)
    mine = FollowUp.objects.for_seller(seller)
    counted = tallies(seller, *(part.of(mine, user=user, now=now) for part in wanted))
    return dict(zip(wanted, counted, strict=True))


def count_open(seller: Seller) -> Tally:
    """Count what is open, whoever asks, up to the same limit."""
    (counted,) = tallies(seller, FollowUp.objects.for_seller(seller).open())
    return counted


def followup_page(
    followups: FollowUps, *, keys: tuple[str, ...], after: str = "", before: str = ""
) -> Page[FollowUp]:
    """Fetch the tasks that come after or before a cursor; else the first ones. One statement."""
    return page_of(
        followups,
        keys,
        size=ROWS_PER_PAGE,
        fetch=_with_people,
        after=_read_cursor(after, keys),
        before=_read_cursor(before, keys),
    )


def cursor_of(followup: FollowUp, keys: tuple[str, ...]) -> str:
    """Return where a task is in an order.

    With all that it is ordered by: whatever is done to it meanwhile, the place stays.
    """
    moment: datetime = getattr(followup, _moment(keys))
    return f"{followup.state}~{moment.astimezone(UTC):{CURSOR_FORMAT}}-{followup.pk}"


def _read_cursor(cursor: str, keys: tuple[str, ...]) -> FollowUp | None:
    """Return a row that was at this place, as far as its order is concerned."""
    state, _tilde, place = cursor.partition("~")
    found = CURSOR.fullmatch(place)
    if not found or state not in FollowUpState.values:
        return None
    try:
        moment = datetime.strptime(found[1], CURSOR_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return FollowUp(pk=int(found[2]), state=state, **{_moment(keys): moment})


def _moment(keys: tuple[str, ...]) -> str:
    """Return the moment of an order: the last before what is unique."""
    return keys[-2].removeprefix("-")


def _with_people(few: FollowUps) -> FollowUps:
    """Fetch what a list shows of a few tasks: found first and then joined."""
    return FollowUp.objects.filter(pk__in=few.values("pk")).with_people()


@dataclass(frozen=True, slots=True)
class Figures:
    """What the last 28 days say of the loop.

    `in_time`: of the tasks opened whose customer may be contacted and was, or should have been.
    `median`: how long the first contact took. `resolved`: of what was finished, as the team says.
    """

    in_time: Share
    median: timedelta | None
    resolved: Share

    @property
    def lost(self) -> int:
        """Return how many could not be resolved: each has a lesson."""
        return self.resolved.of - self.resolved.count


def followup_figures(seller: Seller, *, now: datetime) -> Figures:
    """Count what came of the tasks of the last 28 days, in two statements."""
    mine = FollowUp.objects.for_seller(seller).order_by()
    contacted = Q(contacted_at__isnull=False)
    opened = (
        mine.counting()
        .filter(opened_at__gte=_recent_start(now))
        .exclude(response__may_contact=False)
        .aggregate(
            in_time=Count("pk", filter=Q(contacted_at__lte=F("due_at"))),
            due=Count("pk", filter=contacted | Q(due_at__lte=now)),
            median=Median(
                ExpressionWrapper(F("contacted_at") - F("opened_at"), output_field=DurationField())
            ),
        )
    )
    finished = (
        mine.finished()
        .filter(finished_at__gte=_recent_start(now))
        .aggregate(
            resolved=Count("pk", filter=Q(state=FollowUpState.RESOLVED)), finished=Count("pk")
        )
    )
    return Figures(
        in_time=Share(opened["in_time"], opened["due"]),
        median=opened["median"],
        resolved=Share(finished["resolved"], finished["finished"]),
    )


class Median(Aggregate):
    """The value in the middle; of an even number between the two in the middle."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"

    def _resolve_output_field(self) -> Any:
        """Be what is sorted."""
        return self.get_source_fields()[0]


def _recent_start(now: datetime) -> datetime:
    """Return when the last 28 days began, today included."""
    zone = settings.MARKETPLACE_ZONE
    start, _end = Period.recent(now.astimezone(zone).date()).bounds(zone)
    assert start, "The last 28 days have a beginning."
    return start
