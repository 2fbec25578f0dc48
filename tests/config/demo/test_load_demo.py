"""The command that loads the demo, on every day and beside what is there."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from queries.models import Customer
from sellers.models import User
from surveys.models import SurveyResponse

EVENING = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
SCALE = 0.01


def test_demo_goes_beside_what_is_there(db: None, customer: Customer) -> None:
    with time_machine.travel(EVENING, tick=False):
        call_command("load_demo", scale=SCALE, verbosity=0)

    assert Customer.objects.get(pk=customer.pk).name == "Klaas"


def test_demo_of_a_past_day_ends_with_that_day(db: None) -> None:
    with time_machine.travel(EVENING, tick=False):
        call_command("load_demo", scale=SCALE, day="2025-12-31", verbosity=0)

    latest = SurveyResponse.objects.latest("submitted_at")
    assert latest.submitted_at < datetime(2025, 12, 31, 23, 0, tzinfo=UTC)
    assert latest.month == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"scale": "much"}, "--scale=much is not a number", id="scale no number"),
        pytest.param({"scale": "0"}, "--scale=0 is not a number above 0", id="scale 0"),
        pytest.param({"scale": "nan"}, "--scale=nan is not a number", id="scale not a number"),
        pytest.param({"scale": "11"}, "up to 10", id="scale too large"),
        pytest.param({"day": "31-03-2026"}, "is not a day such as", id="day the other way round"),
        pytest.param({"day": "2026-03-11"}, "has not come yet", id="day to come"),
    ],
)
def test_load_demo_refuses_what_it_does_not_understand(
    db: None, options: dict[str, str], sentence: str
) -> None:
    with time_machine.travel(EVENING, tick=False), pytest.raises(CommandError, match=sentence):
        call_command("load_demo", **options)

    assert not User.objects.exists()
