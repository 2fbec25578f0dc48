"""The service standard in the database."""

from contextlib import nullcontext
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from insights.models import ServiceStandard, holding_standards
from insights.standards import Standard
from sellers.models import User
from tests.conftest import refused_by
from tests.guards import switch_guards

FIELDS: dict[str, Any] = {
    "value": 30,
    "minimum_measurements": 25,
    "valid_from": date(2130, 1, 1),  # later than the database's day, which no test can stop
    "announced_on": date(2129, 1, 1),
    "label_nl": "Minstens 30",
    "label_en": "At least 30",
}


def test_both_standards_of_the_marketplace_are_seeded(db: None) -> None:
    assert holding_standards() == [
        Standard(
            value=10,
            minimum=25,
            valid_from=date(2020, 1, 1),
            announced_on=date(2019, 10, 1),
            label="NPS after customer contact: at least 10",
        ),
        Standard(
            value=25,
            minimum=25,
            valid_from=date(2026, 1, 1),
            announced_on=date(2025, 10, 1),
            label="NPS after customer contact: at least 25",
        ),
    ]


@pytest.mark.parametrize("value", [-101, 101])
def test_standard_lies_between_minus_100_and_100(db: None, value: int) -> None:
    with refused_by("standard_value_in_range"):
        ServiceStandard.objects.create(**FIELDS | {"value": value})


def test_standard_is_announced_before_it_begins(db: None) -> None:
    with refused_by("standard_announced_before_it_begins"):
        ServiceStandard.objects.create(**FIELDS | {"announced_on": FIELDS["valid_from"]})


def test_standards_begin_on_different_days(db: None) -> None:
    ServiceStandard.objects.create(**FIELDS)

    with refused_by("standard_one_per_day"):
        ServiceStandard.objects.create(**FIELDS | {"value": 40})

    assert [standard.value for standard in holding_standards()] == [10, 25, 30]


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 24},
        {"minimum_measurements": 1},
        {"valid_from": date(2026, 1, 2)},
        {"valid_from": date(2130, 1, 1)},
        {"announced_on": date(2025, 9, 1)},
    ],
    ids=str,
)
def test_standard_that_has_begun_keeps_its_terms(db: None, changes: dict[str, Any]) -> None:
    with refused_by("standard_in_force_never_changes"):
        ServiceStandard.objects.filter(value=25).update(**changes)


def test_standard_that_has_begun_is_not_given_another_author(alice: User) -> None:
    with refused_by("standard_in_force_never_changes"):
        ServiceStandard.objects.filter(value=25).update(set_by=alice)


def test_standard_that_has_begun_may_be_better_worded(db: None) -> None:
    ServiceStandard.objects.update(label_nl="Beter", label_en="Better")

    assert [standard.label for standard in holding_standards()] == ["Better", "Better"]


def test_standard_that_has_begun_is_not_deleted(db: None) -> None:
    with refused_by("standard_in_force_stays"):
        ServiceStandard.objects.filter(value=10).delete()


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("days", "is_protected"),
    [(-2, True), (-1, True), (1, False)],
    ids=["two days ago", "yesterday", "tomorrow"],
)
def test_standard_is_protected_from_the_day_it_begins(
    db: None, days: int, is_protected: bool
) -> None:
    today = datetime.now(settings.MARKETPLACE_ZONE).date()
    day = today + timedelta(days=days)
    switch_guards(on=False)  # while it is dated back
    standard = ServiceStandard.objects.create(
        **FIELDS | {"valid_from": day, "announced_on": day - timedelta(days=9)}
    )
    switch_guards(on=True)
    stored = ServiceStandard.objects.filter(pk=standard.pk)

    with refused_by("standard_in_force_never_changes") if is_protected else nullcontext():
        stored.update(value=40)
    with refused_by("standard_in_force_stays") if is_protected else nullcontext():
        stored.delete()

    assert stored.exists() is is_protected


def test_standard_has_a_label_in_the_reader_s_language() -> None:
    standard = ServiceStandard(**FIELDS)

    with translation.override("nl"):
        assert standard.label == "Minstens 30"
    with translation.override("en"):
        assert standard.label == "At least 30"
    assert str(standard) == "+30 · 2130-01-01"
