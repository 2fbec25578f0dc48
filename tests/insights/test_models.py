"""The service standard in the database."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from insights.models import ServiceStandard, ShopScore, holding_standards
from insights.standards import Standard
from sellers.models import Seller
from tests.conftest import refused_by

FIELDS: dict[str, Any] = {
    "value": 30,
    "minimum_measurements": 25,
    "valid_from": date(2030, 1, 1),
    "valid_until": None,
    "announced_on": date(2029, 1, 1),
    "label_nl": "Minstens 30",
    "label_en": "At least 30",
}


def test_both_standards_of_the_marketplace_are_seeded(db: None) -> None:
    assert holding_standards() == [
        Standard(
            value=10,
            minimum=25,
            valid_from=date(2020, 1, 1),
            valid_until=date(2026, 1, 1),
            announced_on=date(2019, 10, 1),
            label="NPS after customer contact: at least 10",
        ),
        Standard(
            value=25,
            minimum=25,
            valid_from=date(2026, 1, 1),
            valid_until=None,
            announced_on=date(2025, 10, 1),
            label="NPS after customer contact: at least 25",
        ),
    ]


@pytest.mark.parametrize("value", [-101, 101])
def test_standard_lies_between_minus_100_and_100(db: None, value: int) -> None:
    with refused_by("standard_value_in_range"):
        ServiceStandard.objects.filter(value=25).update(value=value)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 1)])
def test_standard_ends_after_it_begins(db: None, day: date) -> None:
    with refused_by("standard_period_not_empty"):
        ServiceStandard.objects.filter(value=25).update(valid_until=day)


@pytest.mark.parametrize(
    ("valid_from", "valid_until"),
    [
        pytest.param(date(2030, 1, 1), None, id="inside one without end"),
        pytest.param(date(2019, 1, 1), date(2020, 1, 2), id="one day too long"),
        pytest.param(date(2022, 1, 1), date(2023, 1, 1), id="inside"),
        pytest.param(date(2000, 1, 1), None, id="around all"),
    ],
)
def test_standards_do_not_overlap(db: None, valid_from: date, valid_until: date | None) -> None:
    with refused_by("standard_no_overlap"):
        ServiceStandard.objects.create(
            **FIELDS | {"valid_from": valid_from, "valid_until": valid_until}
        )


def test_standards_may_touch(db: None) -> None:
    ServiceStandard.objects.filter(value=25).update(valid_until=FIELDS["valid_from"])

    ServiceStandard.objects.create(**FIELDS)

    assert [standard.value for standard in holding_standards()] == [10, 25, 30]


def test_standard_has_a_label_in_the_reader_s_language() -> None:
    standard = ServiceStandard(**FIELDS)

    with translation.override("nl"):
        assert standard.label == "Minstens 30"
    with translation.override("en"):
        assert standard.label == "At least 30"
    assert str(standard) == "+30 · 2030-01-01"


@pytest.mark.parametrize(
    ("first", "end", "values"),
    [
        pytest.param(date(2025, 6, 1), date(2025, 7, 1), [10], id="inside the first"),
        pytest.param(date(2025, 6, 1), date(2026, 1, 1), [10], id="up to the second"),
        pytest.param(date(2025, 6, 1), date(2026, 1, 2), [10, 25], id="one day into the second"),
        pytest.param(date(2025, 12, 31), None, [10, 25], id="without end"),
        pytest.param(date(2026, 1, 1), None, [25], id="from the second on"),
        pytest.param(date(2019, 1, 1), date(2020, 1, 1), [], id="before the first"),
    ],
)
def test_standards_that_hold_during_a_period(
    db: None, first: date, end: date | None, values: list[int]
) -> None:
    overlapping = ServiceStandard.objects.overlapping(first, end).order_by("valid_from")

    assert [standard.value for standard in overlapping] == values


@pytest.mark.parametrize(
    ("day", "values"),
    [(date(2026, 1, 1), [10, 25]), (date(2026, 1, 2), [25])],
    ids=["ends that day", "is over"],
)
def test_standards_that_are_not_over(db: None, day: date, values: list[int]) -> None:
    left = ServiceStandard.objects.not_over(day).order_by("valid_from")

    assert [standard.value for standard in left] == values


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2020, 1, 1), None), (date(2026, 1, 1), 10), (date(2026, 1, 2), 25)],
)
def test_latest_standard_before_a_day(db: None, day: date, value: int | None) -> None:
    latest = ServiceStandard.objects.latest_before(day)

    assert (latest.value if latest else None) == value


def test_shop_score_is_a_seller(fietsenzo: Seller) -> None:
    assert ShopScore.objects.get().pk == fietsenzo.pk
