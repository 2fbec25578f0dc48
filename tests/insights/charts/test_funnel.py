"""The bars from customer query to measurement."""

from dataclasses import replace
from itertools import pairwise

import pytest

from insights.charts.funnel import NARROWEST, FunnelPart, FunnelStep, funnel_steps
from insights.reports.funnel import Funnel

EMPTY = Funnel(
    suppressed={},
    undecided=0,
    to_be_sent=0,
    bounced=0,
    answerable=0,
    expired=0,
    answered=0,
    not_counting=0,
)
FULL = Funnel(
    suppressed={"query was reopened": 10, "customer is not surveyed now": 20},
    undecided=5,
    to_be_sent=3,
    bounced=2,
    answerable=40,
    expired=80,
    answered=40,
    not_counting=4,
)


def test_funnel_of_a_month_without_closings_has_no_steps() -> None:
    assert funnel_steps(EMPTY) == ()


def test_funnel_has_a_bar_for_everything() -> None:
    closed, sent, answered, counting = funnel_steps(FULL)

    assert closed == FunnelStep(
        "closed",
        "Closed",
        200,
        100.0,
        (
            FunnelPart("not_now", "customer is not surveyed now", 20, 10.0),
            FunnelPart("reopened", "query was reopened", 10, 5.0),
            FunnelPart("undecided", "still to be decided", 5, 2.5),
            FunnelPart("to_be_sent", "on its way to the customer", 3, 1.5),
            FunnelPart("bounced", "refused by the customer's mail server", 2, 1.0),
        ),
    )
    assert sent == FunnelStep(
        "sent",
        "Sent",
        160,
        80.0,
        (
            FunnelPart("expired", "not answered in time", 80, 40.0),
            FunnelPart("answerable", "can still be answered", 40, 20.0),
        ),
    )
    foreign = FunnelPart(
        "not_counting", "closed by the marketplace, does not count for you", 4, 2.0
    )
    assert answered == FunnelStep("answered", "Answered", 40, 20.0, (foreign,))
    assert counting == FunnelStep("counting", "Counts for you", 36, 18.0, ())


@pytest.mark.parametrize("funnel", [FULL, replace(FULL, not_counting=0)], ids=["all", "own"])
def test_each_step_is_its_parts_and_the_next_step(funnel: Funnel) -> None:
    steps = funnel_steps(funnel)

    for step, following in pairwise(steps):
        assert step.count == sum(part.count for part in step.parts) + following.count


def test_funnel_says_nothing_of_what_did_not_happen() -> None:
    steps = funnel_steps(replace(EMPTY, answered=3))

    assert [(step.label, step.count) for step in steps] == [
        ("Closed", 3),
        ("Sent", 3),
        ("Answered", 3),
    ]
    assert [step.parts for step in steps] == [(), (), ()]


def test_funnel_shows_one_among_thousands_and_none_as_none() -> None:
    closed, sent, answered = funnel_steps(replace(EMPTY, undecided=9999, expired=1))

    assert closed.width == 100
    assert sent.width == NARROWEST
    assert answered.width == 0
