"""How a standard is announced, changed and withdrawn, and what stays as it is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from insights.actions import (
    DayIsTaken,
    HasBegun,
    StandardRefused,
    announce_standard,
    change_standard,
    withdraw_standard,
)
from insights.models import ServiceStandard, holding_standards
from insights.standards import Objection, standard_on
from sellers.events import Actor
from sellers.models import Event, User
from tests.conftest import at_once

# Later than the database's day, which no test can stop.
TODAY = date(2126, 3, 10)
JUNE = date(2126, 6, 1)


def noon(day: date) -> datetime:
    """Return noon in UTC of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def standard_of(value: int = 30, **changes: Any) -> ServiceStandard:
    """Return a standard that is to begin in June, announced today."""
    fields = {"valid_from": JUNE, "announced_on": TODAY, "label_nl": "Norm", "label_en": "Standard"}
    return ServiceStandard(**{"value": value} | fields | changes)


@pytest.fixture
def coming(alice: User) -> ServiceStandard:
    """A standard of 30 from June on, announced today."""
    return announce_standard(standard_of(), by=Actor.user(alice), now=noon(TODAY))


def value_on(day: date) -> int | None:
    """Return the NPS that is asked on a day."""
    standard = standard_on(holding_standards(), day)
    return standard.value if standard else None


def test_standard_holds_from_its_first_day_and_the_one_before_it_until_then(
    coming: ServiceStandard, alice: User
) -> None:
    assert (value_on(JUNE - timedelta(days=1)), value_on(JUNE)) == (25, 30)
    assert (coming.minimum_measurements, coming.set_by) == (25, alice)


def test_standard_between_two_holds_until_the_next_one(
    coming: ServiceStandard, alice: User
) -> None:
    announce_standard(
        standard_of(28, valid_from=date(2126, 4, 1)), by=Actor.user(alice), now=noon(TODAY)
    )

    days = [date(2126, 3, 31), date(2126, 4, 1), date(2126, 5, 31), JUNE]
    assert [value_on(day) for day in days] == [25, 28, 28, 30]


@pytest.mark.parametrize("is_new", [True, False], ids=["announced", "changed"])
@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        pytest.param({"valid_from": TODAY}, Objection.BEGINS_TOO_EARLY, id="today"),
        pytest.param(
            {"announced_on": TODAY - timedelta(days=1)},
            Objection.ANNOUNCED_IN_THE_PAST,
            id="dated back",
        ),
        pytest.param({"announced_on": JUNE}, Objection.ANNOUNCED_TOO_LATE, id="too late"),
        pytest.param(
            {"valid_from": date(2126, 3, 31)}, Objection.JUDGES_RUNNING_MONTH, id="this month"
        ),
    ],
)
def test_standard_is_refused_with_the_reason(
    alice: User, is_new: bool, changes: dict[str, date], objection: Objection
) -> None:
    standard = standard_of()
    if not is_new:
        announce_standard(standard, by=Actor.user(alice), now=noon(TODAY))
    before = holding_standards()
    for name, day in changes.items():
        setattr(standard, name, day)

    with pytest.raises(StandardRefused, match=objection.name) as refusal:
        (announce_standard if is_new else change_standard)(
            standard, by=Actor.user(alice), now=noon(TODAY)
        )

    assert objection in refusal.value.objections
    assert holding_standards() == before


def test_standard_judges_the_running_month_when_confirmed(alice: User) -> None:
    standard = standard_of(valid_from=date(2126, 3, 31))

    announce_standard(standard, by=Actor.user(alice), now=noon(TODAY), confirmed=True)

    assert value_on(date(2126, 3, 31)) == 30


def test_confirming_excuses_nothing_else(alice: User) -> None:
    standard = standard_of(valid_from=TODAY)

    with pytest.raises(StandardRefused, match="BEGINS_TOO_EARLY"):
        announce_standard(standard, by=Actor.user(alice), now=noon(TODAY), confirmed=True)


def test_standard_begins_on_a_day_of_its_own(coming: ServiceStandard, alice: User) -> None:
    other = announce_standard(
        standard_of(40, valid_from=date(2126, 9, 1)), by=Actor.user(alice), now=noon(TODAY)
    )
    other.valid_from = JUNE

    with pytest.raises(DayIsTaken):
        announce_standard(standard_of(50), by=Actor.user(alice), now=noon(TODAY))
    with pytest.raises(DayIsTaken):
        change_standard(other, by=Actor.user(alice), now=noon(TODAY))

    assert [standard.value for standard in holding_standards()] == [10, 25, 30, 40]


def test_coming_standard_is_changed_and_announced_anew(coming: ServiceStandard, bob: User) -> None:
    coming.value, coming.valid_from = 28, date(2126, 8, 1)

    with pytest.raises(StandardRefused, match="ANNOUNCED_IN_THE_PAST"):
        change_standard(coming, by=Actor.user(bob), now=noon(TODAY + timedelta(days=1)))
    change_standard(coming, by=Actor.user(bob), now=noon(TODAY))

    assert (value_on(JUNE), value_on(date(2126, 8, 1))) == (25, 28)
    assert ServiceStandard.objects.get(value=28).set_by == bob


def test_standard_that_has_begun_changes_in_nothing_but_its_labels(
    coming: ServiceStandard, alice: User, bob: User
) -> None:
    coming.label_nl, coming.label_en = "Beter", "Better"
    change_standard(coming, by=Actor.user(bob), now=noon(JUNE))
    coming.value = 31

    with pytest.raises(HasBegun):
        change_standard(coming, by=Actor.user(bob), now=noon(JUNE))

    stored = ServiceStandard.objects.get(pk=coming.pk)
    assert (stored.value, stored.label_nl, stored.label_en) == (30, "Beter", "Better")
    assert stored.set_by == alice


def test_coming_standard_is_withdrawn(coming: ServiceStandard, alice: User) -> None:
    withdraw_standard(coming, by=Actor.user(alice), now=noon(JUNE - timedelta(days=1)))

    assert value_on(JUNE) == 25
    last = Event.objects.latest("pk")
    assert (last.kind, last.user, last.details["valid_from"]) == (
        "standard.withdrawn",
        alice,
        "2126-06-01",
    )


def test_standard_that_has_begun_is_not_withdrawn(coming: ServiceStandard, alice: User) -> None:
    with pytest.raises(HasBegun):
        withdraw_standard(coming, by=Actor.user(alice), now=noon(JUNE))

    assert value_on(JUNE) == 30


def test_one_of_two_at_once_gets_the_day(committed_db: None) -> None:
    staff = User.objects.create_superuser("staff@markt.example", name="Staff")

    def announce(value: int) -> bool:
        try:
            announce_standard(standard_of(value), by=Actor.user(staff), now=noon(TODAY))
        except DayIsTaken:
            return False
        return True

    stored = at_once(*(lambda value=value: announce(value) for value in (30, 31, 32, 33)))

    assert sorted(stored) == [False, False, False, True]
    assert ServiceStandard.objects.filter(valid_from=JUNE).count() == 1


def test_each_change_of_a_standard_is_an_event(coming: ServiceStandard, alice: User) -> None:
    coming.value = 40
    change_standard(coming, by=Actor.user(alice), now=noon(TODAY))
    withdraw_standard(coming, by=Actor.user(alice), now=noon(TODAY))

    events = Event.objects.order_by("pk").values_list("kind", "user", "seller", "details__value")
    assert list(events) == [
        ("standard.announced", alice.pk, None, 30),
        ("standard.changed", alice.pk, None, 40),
        ("standard.withdrawn", alice.pk, None, 40),
    ]
