"""A task lapses with its measurement, comes back with it, and forgets with it."""

from datetime import timedelta

import pytest

from queries.customers import erase_customer
from sellers.events import Actor
from sellers.models import Event
from surveys.enums import CallOutcome, FollowUpEvent, FollowUpState, Lapse
from surveys.exclusions import exclude, lift
from surveys.followups import working
from surveys.models import FollowUp, SurveyResponse
from surveys.privacy import erase_words, stored_about
from tests.conftest import NOON, Market

LATER = NOON + timedelta(days=3)


@pytest.fixture
def worked_on(followup: FollowUp, by_bob: Actor) -> FollowUp:
    """A task that was resolved, after a call."""
    working.log_call(
        followup, outcome=CallOutcome.SPOKEN, note="Klaas was angry.", by=by_bob, now=LATER
    )
    working.finish(
        followup,
        state=FollowUpState.RESOLVED,
        note="Klaas got his money.",
        promised="A call on Friday",
        by=by_bob,
        now=LATER,
    )
    return followup


def test_excluded_task_is_in_no_figure_and_comes_back_as_it_was(
    worked_on: FollowUp, by_staff: Actor
) -> None:
    exclusion = exclude(worked_on.response, reason="Storm", by=by_staff, now=LATER)

    assert not FollowUp.objects.counting().exists()
    worked_on.refresh_from_db()
    assert (worked_on.lapsed_at, worked_on.lapse) == (LATER, Lapse.EXCLUDED)

    lift(exclusion, by=by_staff, now=LATER)

    task = FollowUp.objects.counting().get()
    assert (task.state, task.note) == (FollowUpState.RESOLVED, "Klaas got his money.")
    told = Event.objects.about([task]).order_by("pk").values_list("kind", flat=True)
    assert list(told)[-2:] == [FollowUpEvent.LAPSED, FollowUpEvent.COUNTS_AGAIN]


def test_erasing_a_person_forgets_what_was_written_about_them(
    worked_on: FollowUp, by_staff: Actor
) -> None:
    query = worked_on.response.query
    assert query

    erase_customer(query.customer, by=by_staff, now=LATER)

    worked_on.refresh_from_db()
    assert worked_on.lapse == Lapse.ERASED
    assert (worked_on.note, worked_on.promised, worked_on.lesson, worked_on.cause) == ("",) * 4
    assert worked_on.contacts.get().note == ""
    assert "Klaas" not in f"{list(Event.objects.values_list('details', flat=True))}"


def test_task_of_who_wrote_nothing_lapses_with_them_too(market: Market, by_staff: Actor) -> None:
    response = market.response(3)
    assert response.query

    erase_customer(response.query.customer, by=by_staff, now=LATER)

    assert FollowUp.objects.get().lapse == Lapse.ERASED


def test_erased_task_never_comes_back(worked_on: FollowUp, by_staff: Actor) -> None:
    exclusion = exclude(worked_on.response, reason="Storm", by=by_staff, now=LATER)
    words = SurveyResponse.objects.filter(pk=worked_on.response_id)

    assert erase_words(words, by=Actor.SYSTEM, now=LATER) == 1
    lift(exclusion, by=by_staff, now=LATER)

    worked_on.refresh_from_db()
    assert worked_on.lapse == Lapse.ERASED


def test_what_was_done_is_exported_with_the_customer(worked_on: FollowUp) -> None:
    query = worked_on.response.query
    assert query

    [survey] = stored_about(query.customer)["surveys"]

    told = survey["response"]["followup"]
    assert (told["state"], told["promised"]) == (FollowUpState.RESOLVED, "A call on Friday")
    assert told["contacts"][0]["note"] == "Klaas was angry."
    assert told["steps_done"] == ["Make contact"]
