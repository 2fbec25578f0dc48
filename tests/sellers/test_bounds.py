"""No day is stored that a time zone has not, and no time that takes longer than a year."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from insights.models import ServiceStandard
from queries.models import Order
from sellers.enums import HolidayKind
from sellers.models import FIRST_DAY, LAST_DAY, HolidayChange, Seller
from surveys.models import SurveyPolicy, Topic
from tests.conftest import refused_by

# Computed, never typed: from what is within bounds itself.
COMPUTED = {
    "queries.customerquery.first_reply_took",
    "surveys.surveyresponse.month",
    "surveys.importbatch.first_month",
    "surveys.importbatch.last_month",
    "insights.monthcount.month",
    "insights.monthnote.month",
    "insights.alert.day",
    "insights.alertcursor.month",
    "insights.alertcursor.week",
    "queries.mailnotkept.day",
}


def bounded_columns() -> "list[models.Field[Any, Any]]":
    """Return every column of ours that is a day or a length of time and that somebody types."""
    ours = ("sellers", "queries", "surveys", "insights")
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in ours
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField | models.DurationField)
        and not isinstance(field, models.DateTimeField)
        and str(field).lower() not in COMPUTED
    ]


@pytest.mark.parametrize("field", bounded_columns(), ids=str)
def test_every_column_of_days_or_times_has_bounds(field: "models.Field[Any, Any]") -> None:
    """A new one fails here until it has some."""
    constraints = field.model._meta.constraints
    conditions = [str(each.condition) for each in constraints if hasattr(each, "condition")]

    assert any(f"'{field.name}__lte'" in condition for condition in conditions)


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
def test_first_and_last_day_can_be_stored(fietsenzo: Seller, day: date) -> None:
    fietsenzo.joined_on = day

    fietsenzo.validate_constraints()
    fietsenzo.save()


@pytest.mark.parametrize("day", [FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1)])
def test_day_beyond_is_refused_with_a_sentence(fietsenzo: Seller, day: date) -> None:
    fietsenzo.joined_on = day

    with pytest.raises(ValidationError, match="from 1900 to 2999"):
        fietsenzo.validate_constraints()


@pytest.mark.parametrize("name", ["delay", "cooldown", "stale_after", "answer_window"])
def test_time_of_years_is_refused_with_a_sentence(db: None, name: str) -> None:
    """It once stopped the engine: the moment before it did not exist."""
    policy = SurveyPolicy(valid_from=datetime(2999, 1, 1, tzinfo=UTC))
    setattr(policy, name, timedelta(days=9_999_999))

    with pytest.raises(ValidationError, match="longer than a year"):
        policy.validate_constraints()


def test_policy_that_begins_at_the_end_of_time_is_refused(db: None) -> None:
    policy = SurveyPolicy(valid_from=datetime(9999, 12, 31, tzinfo=UTC))

    with pytest.raises(ValidationError, match="from 1900 to 2999"):
        policy.validate_constraints()


BEYOND = date(3000, 1, 1)
AFTER_ALL = datetime(3000, 1, 2, tzinfo=UTC)
LABELS = {"label_nl": "Norm", "label_en": "Standard"}


def an_item(shop: Seller) -> object:
    """Sell something with a warranty for ever."""
    order = Order.objects.create(seller=shop, reference="4711", ordered_on=FIRST_DAY)
    return order.items.create(position=1, name="Lamp", warranty_until=BEYOND)


@pytest.mark.parametrize(
    ("guard", "store"),
    [
        (
            "holiday_is_a_day",
            lambda _: HolidayChange.objects.create(
                country="NL", day=BEYOND, kind=HolidayKind.DAY_OFF, name="Never"
            ),
        ),
        (
            "order_on_days",
            lambda shop: Order.objects.create(seller=shop, reference="1", ordered_on=BEYOND),
        ),
        ("orderitem_warranty_until_a_day", an_item),
        ("policy_begins_some_day", lambda _: SurveyPolicy.objects.create(valid_from=AFTER_ALL)),
        (
            "policy_times_within_a_year",
            lambda _: SurveyPolicy.objects.create(
                valid_from=datetime(2999, 1, 1, tzinfo=UTC), cooldown=timedelta(days=9_999_999)
            ),
        ),
        (
            "seller_joined_on_a_day",
            lambda shop: Seller.objects.filter(pk=shop.pk).update(joined_on=BEYOND),
        ),
        (
            "standard_on_days",
            lambda _: ServiceStandard.objects.create(
                value=1, valid_from=BEYOND, announced_on=LAST_DAY, **LABELS
            ),
        ),
        ("topic_retired_on_a_day", lambda _: Topic.objects.update(retired_on=BEYOND)),
    ],
)
def test_database_refuses_it_too(
    fietsenzo: Seller, guard: str, store: Callable[[Seller], object]
) -> None:
    with refused_by(guard):
        store(fietsenzo)
