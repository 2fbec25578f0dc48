"""Measurements that staff exclude, and include again."""

from datetime import date, timedelta
from typing import Any

import pytest

from insights.keeping import keep_counts
from insights.reports.months import shop_history
from sellers.events import Actor
from sellers.models import Event, User
from surveys.enums import SurveyEvent
from surveys.exclusions import AlreadyExcluded, AlreadyLifted, exclude, lift
from surveys.models import MeasurementExclusion, SurveyResponse
from surveys.nps import Tally
from tests.conftest import NOON, Market, at_once, refused_by
from tests.measurements import outcome

LATER = NOON + timedelta(days=3)
REASON = "The courier was on strike."


@pytest.fixture
def staff(db: None) -> User:
    """A member of the marketplace staff."""
    return User.objects.create_superuser("staff@markt.example", name="Staff")


@pytest.fixture
def response(market: Market) -> SurveyResponse:
    """A measurement of March 2026."""
    return market.response(2)


@pytest.fixture
def exclusion(response: SurveyResponse, staff: User) -> MeasurementExclusion:
    """The exclusion of that measurement."""
    return exclude(response, reason=REASON, by=Actor.user(staff), now=LATER)


# The database


def test_measurement_is_excluded_once_at_a_time(
    exclusion: MeasurementExclusion, staff: User
) -> None:
    again = {"response": exclusion.response, "reason": REASON, "excluded_at": LATER}

    with refused_by("exclusion_one_at_a_time"):
        MeasurementExclusion.objects.create(**again, excluded_by=staff)

    lift(exclusion, by=Actor.user(staff), now=LATER)
    MeasurementExclusion.objects.create(**again, excluded_by=staff)
    assert exclusion.response.exclusions.count() == 2


def test_exclusion_has_a_reason(response: SurveyResponse, staff: User) -> None:
    with refused_by("exclusion_has_reason"):
        exclude(response, reason="", by=Actor.user(staff), now=LATER)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"lifted_at": LATER}, id="by nobody"),
        pytest.param({"lifted_by": True}, id="at no moment"),
    ],
)
def test_exclusion_is_lifted_by_somebody(
    exclusion: MeasurementExclusion, staff: User, fields: dict[str, Any]
) -> None:
    if "lifted_by" in fields:
        fields = {"lifted_by": staff}

    with refused_by("exclusion_lifted_by_somebody"):
        MeasurementExclusion.objects.update(**fields)


@pytest.mark.usefixtures("owner_db")
def test_exclusion_is_not_deleted(exclusion: MeasurementExclusion) -> None:
    with refused_by("exclusion_stays"):
        exclusion.delete()


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "The seller asked nicely."),
        ("excluded_at", NOON),
        ("excluded_by_id", 0),
        ("response_id", 0),
    ],
)
def test_exclusion_never_changes(
    exclusion: MeasurementExclusion, field: str, value: object
) -> None:
    with refused_by("exclusion_never_changes"):
        MeasurementExclusion.objects.filter(pk=exclusion.pk).update(**{field: value})


@pytest.mark.parametrize("fields", [{"lifted_at": NOON}, {"lifted_at": None, "lifted_by": None}])
def test_exclusion_is_lifted_once(
    exclusion: MeasurementExclusion, staff: User, fields: dict[str, Any]
) -> None:
    lift(exclusion, by=Actor.user(staff), now=LATER)

    with refused_by("exclusion_lifted_once"):
        MeasurementExclusion.objects.filter(pk=exclusion.pk).update(**fields)


def test_exclusion_names_its_measurement_and_reason(exclusion: MeasurementExclusion) -> None:
    assert str(exclusion) == f"2 · 2026-03-12 · {REASON}"


# The verbs


def test_excluding_notes_who_when_and_why(response: SurveyResponse, staff: User) -> None:
    exclusion = exclude(response, reason=REASON, by=Actor.user(staff), now=LATER)

    exclusion.refresh_from_db()
    assert (exclusion.reason, exclusion.excluded_by) == (REASON, staff)
    assert (exclusion.excluded_at, exclusion.lifted_at) == (LATER, None)


def test_excluding_twice_is_refused(exclusion: MeasurementExclusion, staff: User) -> None:
    with pytest.raises(AlreadyExcluded):
        exclude(exclusion.response, reason="Again.", by=Actor.user(staff), now=LATER)

    assert MeasurementExclusion.objects.get() == exclusion


def test_lifting_notes_who_and_when(exclusion: MeasurementExclusion, staff: User) -> None:
    lift(exclusion, by=Actor.user(staff), now=LATER)

    exclusion.refresh_from_db()
    assert (exclusion.lifted_at, exclusion.lifted_by) == (LATER, staff)


def test_lifting_twice_is_refused(exclusion: MeasurementExclusion, staff: User) -> None:
    lift(exclusion, by=Actor.user(staff), now=LATER)

    with pytest.raises(AlreadyLifted):
        lift(exclusion, by=Actor.user(staff), now=NOON)

    exclusion.refresh_from_db()
    assert exclusion.lifted_at == LATER


def test_excluding_never_touches_the_measurement(response: SurveyResponse, staff: User) -> None:
    before = SurveyResponse.objects.values().get()

    lift(
        exclude(response, reason=REASON, by=Actor.user(staff), now=LATER),
        by=Actor.user(staff),
        now=LATER,
    )

    assert SurveyResponse.objects.values().get() == before


def test_excluding_at_once_is_done_once(committed_db: None, market: Market) -> None:
    response = market.response(2)
    staff = User.objects.create_superuser("staff@markt.example", name="Staff")

    def excluding() -> str:
        return outcome(lambda: exclude(response, reason=REASON, by=Actor.user(staff), now=LATER))

    assert sorted(at_once(*[excluding] * 5)) == ["AlreadyExcluded"] * 4 + ["done"]
    assert MeasurementExclusion.objects.count() == 1


def test_lifting_at_once_is_done_once(committed_db: None, market: Market) -> None:
    staff = User.objects.create_superuser("staff@markt.example", name="Staff")
    pk = exclude(market.response(2), reason=REASON, by=Actor.user(staff), now=LATER).pk

    def lifting() -> str:
        exclusion = MeasurementExclusion.objects.get(pk=pk)
        return outcome(lambda: lift(exclusion, by=Actor.user(staff), now=LATER))

    assert sorted(at_once(*[lifting] * 5)) == ["AlreadyLifted"] * 4 + ["done"]


# What follows


def counts(market: Market) -> tuple[Tally, int, int, int]:
    """Return what the month, the tally and the lists count of Fietsenzo."""
    month = shop_history(market.shop, today=date(2026, 3, 31)).running
    responses = SurveyResponse.objects.for_seller(market.shop)
    assert responses.counting().tally() == month.tally
    return month.tally, month.excluded, responses.counting().count(), responses.excluded().count()


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "live"])
def test_score_follows_and_comes_back(market: Market, staff: User, kept: bool) -> None:
    bad = market.response(2)
    market.response(10)
    if kept:
        keep_counts()
    before = counts(market)

    exclusion = exclude(bad, reason=REASON, by=Actor.user(staff), now=LATER)
    without = counts(market)
    lift(exclusion, by=Actor.user(staff), now=LATER)
    after = counts(market)
    exclude(bad, reason="Once more.", by=Actor.user(staff), now=LATER)
    again = counts(market)

    assert before == after == (Tally(promoters=1, detractors=1), 0, 2, 0)
    assert without == again == (Tally(promoters=1), 1, 1, 1)


def test_measurement_that_was_excluded_twice_is_listed_once(market: Market, staff: User) -> None:
    response = market.response(2)
    lift(
        exclude(response, reason=REASON, by=Actor.user(staff), now=LATER),
        by=Actor.user(staff),
        now=LATER,
    )
    exclude(response, reason=REASON, by=Actor.user(staff), now=LATER)

    assert list(SurveyResponse.objects.excluded()) == [response]


def test_exclusion_and_lift_are_written_once_each(market: Market, staff: User) -> None:
    response, by = market.response(2), Actor.user(staff)
    exclusion = exclude(response, reason=REASON, by=by, now=LATER)
    with pytest.raises(AlreadyExcluded):
        exclude(response, reason=REASON, by=by, now=LATER)
    lift(exclusion, by=by, now=LATER)
    with pytest.raises(AlreadyLifted):
        lift(exclusion, by=by, now=LATER)

    events = Event.objects.about([response]).exclude(kind=SurveyEvent.MEASURED).order_by("pk")
    assert [(event.kind, event.seller, event.user, event.details) for event in events] == [
        (kind, market.shop, staff, {"exclusion": exclusion.pk})
        for kind in (SurveyEvent.EXCLUDED, SurveyEvent.COUNTS_AGAIN)
    ]
