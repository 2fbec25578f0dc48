"""Until when a low score is followed up, and how its customer may be contacted."""

from datetime import UTC, datetime, timedelta

import pytest

from surveys.enums import ContactWish
from surveys.followup_rules import contact_wish, due_at, may_be_called, may_be_written

SATURDAY_NIGHT = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # clocks go forward three hours later


@pytest.mark.parametrize(
    ("score", "hours"), [(0, 24), (1, 24), (2, 24), (3, 48), (4, 48), (5, 48), (6, 48)]
)
def test_clock_runs_at_night_and_at_the_weekend(score: int, hours: int) -> None:
    due = due_at(score, submitted_at=SATURDAY_NIGHT)

    assert due - SATURDAY_NIGHT == timedelta(hours=hours)


@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_nobody_need_follow_up_on_others(score: int) -> None:
    with pytest.raises(ValueError, match=str(score)):
        due_at(score, submitted_at=SATURDAY_NIGHT)


@pytest.mark.parametrize(
    ("may_contact", "wish", "call", "first_reply", "second_reply"),
    [
        pytest.param(True, ContactWish.ALLOWED, True, True, True, id="yes"),
        pytest.param(False, ContactWish.REFUSED, False, False, False, id="no"),
        pytest.param(None, ContactWish.NOT_SAID, False, True, False, id="not said"),
    ],
)
def test_wish_of_the_customer_is_kept(
    may_contact: bool | None,
    wish: ContactWish,
    call: bool,
    first_reply: bool,
    second_reply: bool,
) -> None:
    said = contact_wish(may_contact=may_contact)

    assert said == wish
    assert may_be_called(said) is call
    assert may_be_written(said, replies=0) is first_reply
    assert may_be_written(said, replies=1) is second_reply
