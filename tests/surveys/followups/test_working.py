"""Assigning, ticking, contacting, finishing: what follows from each, and what is refused."""

from datetime import timedelta
from threading import Event as Signal
from uuid import uuid4

import pytest
from django.db import connection, transaction

from queries import actions as conversations
from queries.customers import erase_customer
from queries.enums import QueryState
from queries.models import CustomerMail, Message
from queries.privacy import lock_person
from sellers.enums import MailState
from sellers.events import Actor
from sellers.models import Event, User
from surveys import deciding
from surveys.enums import CallOutcome, FollowUpEvent, FollowUpState, Lapse, SuppressionReason
from surveys.exclusions import exclude
from surveys.followups import working
from surveys.models import FollowUp, FollowUpContact, FollowUpTick, Invitation, PlaybookStep, Topic
from tests.conftest import (
    NOON,
    RULES,
    Market,
    at_once,
    refused_by,
    wait_until_somebody_waits,
)

LATER = NOON + timedelta(days=2, hours=5)


def kinds(followup: FollowUp) -> list[str]:
    """Return what happened to a task, oldest first."""
    return list(Event.objects.about([followup]).order_by("pk").values_list("kind", flat=True))


def contact_step(followup: FollowUp) -> PlaybookStep:
    """Return the step that contact ticks."""
    return followup.playbook.steps.get(is_contact=True)


def test_task_is_given_to_a_colleague_and_to_nobody(
    followup: FollowUp, by_bob: Actor, alice: User, bob: User
) -> None:
    assert working.assign(followup, assignee=alice, by=by_bob, now=LATER) == bob
    assert working.assign(followup, assignee=None, by=by_bob, now=LATER) == alice

    followup.refresh_from_db()
    assert followup.assignee is None
    assert kinds(followup) == [FollowUpEvent.ASSIGNED] * 2


def test_task_goes_only_to_who_may_answer(
    followup: FollowUp, by_bob: Actor, cora: User, dirk: User, bob: User
) -> None:
    for stranger in (cora, dirk):
        with pytest.raises(working.CannotAnswer):
            working.assign(followup, assignee=stranger, by=by_bob, now=LATER)
    with pytest.raises(working.AlreadyAssigned):
        working.assign(followup, assignee=bob, by=by_bob, now=LATER)

    assert not kinds(followup)


def test_many_tasks_change_hands_at_once(market: Market, by_bob: Actor, alice: User) -> None:
    tasks = [market.response(score).followup for score in (3, 5, 2)]  # the 2 is Alice's
    working.finish(tasks[1], state=FollowUpState.RESOLVED, note="Done.", by=by_bob, now=LATER)

    were = working.assign_all(dict.fromkeys(tasks, alice), by=by_bob, now=LATER)

    assert were == {tasks[0]: market.agent}


def test_step_is_ticked_once_and_unticked(followup: FollowUp, by_bob: Actor, bob: User) -> None:
    step = followup.playbook.steps.get(position=1)

    working.tick(followup, step=step, by=by_bob, now=LATER)
    working.tick(followup, step=step, by=by_bob, now=LATER)

    assert followup.ticks.get().ticked_by == bob
    working.untick(followup, step=step, by=by_bob, now=LATER)
    working.untick(followup, step=step, by=by_bob, now=LATER)
    assert not followup.ticks.exists()
    assert kinds(followup) == [FollowUpEvent.TICKED, FollowUpEvent.UNTICKED]


def test_step_of_another_playbook_is_refused(market: Market, followup: FollowUp, bob: User) -> None:
    other = market.response(0).followup

    with refused_by("followup_step_of_its_playbook"):
        FollowUpTick.objects.create(
            followup=followup, step=contact_step(other), ticked_at=NOON, ticked_by=bob
        )


def test_step_is_ticked_once_in_the_database_too(followup: FollowUp, bob: User) -> None:
    step = contact_step(followup)
    FollowUpTick.objects.create(followup=followup, step=step, ticked_at=NOON, ticked_by=bob)

    with refused_by("followup_step_ticked_once"):
        FollowUpTick.objects.create(followup=followup, step=step, ticked_at=NOON, ticked_by=bob)


def test_reply_leaves_the_query_closed_and_ticks_the_contact(
    followup: FollowUp, by_bob: Actor
) -> None:
    message = working.reply(followup, body="Sorry, Klaas.", by=by_bob, now=LATER)

    followup.refresh_from_db()
    query = followup.response.query
    assert query
    query.refresh_from_db()
    assert query.is_closed
    assert query.closings.not_reopened().count() == 1
    assert (followup.state, followup.contacted_at) == (FollowUpState.CONTACTED, LATER)
    assert followup.ticks.get().step == contact_step(followup)
    assert CustomerMail.objects.get(message=message).state == MailState.DECIDED
    assert kinds(followup) == [FollowUpEvent.TICKED, FollowUpEvent.CONTACTED]


def test_reaction_opens_the_query_for_who_has_the_task_without_a_second_survey(
    followup: FollowUp, by_bob: Actor, bob: User
) -> None:
    query = followup.response.query
    assert query
    working.reply(followup, body="Sorry, Klaas.", by=by_bob, now=LATER)

    conversations.receive_reaction(
        query, body="Thank you.", by=Actor.CUSTOMER, now=LATER + timedelta(hours=1)
    )

    query.refresh_from_db()
    assert (query.state, query.assignee) == (QueryState.YOUR_TURN, bob)
    closing = conversations.close(query, by=by_bob, now=LATER + timedelta(hours=2))
    deciding.decide_due(now=LATER + timedelta(days=40), rules=RULES)
    second = Invitation.objects.get(closing=closing)
    assert second.reason in {SuppressionReason.ALREADY_SURVEYED, SuppressionReason.STALE}
    assert Invitation.objects.filter(query=query, reason="").count() == 1


def test_reaction_goes_to_who_got_the_task_while_the_reply_was_typed(
    followup: FollowUp, by_bob: Actor, alice: User
) -> None:
    seen_by_bob = FollowUp.objects.select_related("assignee").get(pk=followup.pk)
    working.assign(followup, assignee=alice, by=by_bob, now=LATER)

    working.reply(seen_by_bob, body="Sorry, Klaas.", by=by_bob, now=LATER)

    query = followup.response.query
    assert query
    query.refresh_from_db()
    assert query.assignee == alice


def test_reaction_goes_to_who_has_the_task_by_then(
    followup: FollowUp, by_bob: Actor, alice: User
) -> None:
    query = followup.response.query
    assert query
    working.reply(followup, body="Sorry, Klaas.", by=by_bob, now=LATER)
    working.assign(followup, assignee=alice, by=by_bob, now=LATER)

    conversations.receive_reaction(query, body="Thank you.", by=Actor.CUSTOMER, now=LATER)

    query.refresh_from_db()
    assert query.assignee == alice


def test_same_form_writes_once(followup: FollowUp, by_bob: Actor) -> None:
    key = uuid4()

    first = working.reply(followup, body="Sorry, Klaas.", send_key=key, by=by_bob, now=LATER)
    second = working.reply(followup, body="Sorry, Klaas.", send_key=key, by=by_bob, now=LATER)

    assert first == second
    assert followup.contacts.count() == 1


def test_reply_to_a_query_that_is_open_again_is_a_reply_as_any_other(
    followup: FollowUp, by_bob: Actor
) -> None:
    query = followup.response.query
    assert query
    conversations.receive_reaction(query, body="Hello?", by=Actor.CUSTOMER, now=LATER)

    working.reply(followup, body="Here I am.", by=by_bob, now=LATER + timedelta(minutes=1))

    query.refresh_from_db()
    assert query.state == QueryState.WAITING


def test_who_wants_no_contact_gets_none(market: Market, by_bob: Actor) -> None:
    followup = market.response(4, may_contact=False).followup

    with pytest.raises(working.NotWanted):
        working.reply(followup, body="Sorry.", by=by_bob, now=LATER)
    with pytest.raises(working.NotWanted):
        working.log_call(followup, outcome=CallOutcome.SPOKEN, note="Hello.", by=by_bob, now=LATER)

    query = followup.response.query
    assert query
    assert not query.messages.filter(body="Sorry.").exists()
    working.finish(followup, state=FollowUpState.RESOLVED, note="Mended.", by=by_bob, now=LATER)


def test_who_said_nothing_gets_one_reply_and_no_call(market: Market, by_bob: Actor) -> None:
    followup = market.response(4).followup
    working.reply(followup, body="Sorry.", by=by_bob, now=LATER)

    with pytest.raises(working.NotWanted):
        working.reply(followup, body="Are you there?", by=by_bob, now=LATER)
    with pytest.raises(working.NotWanted):
        working.log_call(followup, outcome=CallOutcome.SPOKEN, note="", by=by_bob, now=LATER)

    assert followup.contacts.count() == 1


@pytest.mark.parametrize(
    ("outcome", "state", "ticked"),
    [
        (CallOutcome.SPOKEN, FollowUpState.CONTACTED, 1),
        (CallOutcome.CALLS_BACK, FollowUpState.CONTACTED, 1),
        (CallOutcome.NOT_REACHED, FollowUpState.TO_DO, 0),
    ],
)
def test_only_who_was_reached_was_contacted(
    followup: FollowUp, by_bob: Actor, outcome: CallOutcome, state: FollowUpState, ticked: int
) -> None:
    working.log_call(followup, outcome=outcome, note="Rang at nine.", by=by_bob, now=LATER)

    followup.refresh_from_db()
    assert followup.state == state
    assert followup.ticks.count() == ticked
    assert followup.contacts.get().note == "Rang at nine."


def test_first_contact_counts(followup: FollowUp, by_bob: Actor) -> None:
    for hours in (0, 3):
        moment = LATER + timedelta(hours=hours)
        working.log_call(followup, outcome=CallOutcome.SPOKEN, note="", by=by_bob, now=moment)

    followup.refresh_from_db()
    assert followup.contacted_at == LATER


def test_finishing_needs_a_note_and_a_loss_a_lesson(followup: FollowUp, by_bob: Actor) -> None:
    with pytest.raises(working.NoteMissing):
        working.finish(followup, state=FollowUpState.RESOLVED, note="", by=by_bob, now=LATER)
    with pytest.raises(working.LessonMissing):
        working.finish(
            followup, state=FollowUpState.NOT_RECOVERABLE, note="Gone.", by=by_bob, now=LATER
        )

    followup.refresh_from_db()
    assert followup.is_open


def test_how_it_ended_is_kept_and_the_score_stays(followup: FollowUp, by_bob: Actor) -> None:
    topic = Topic.objects.offered()[0]

    working.finish(
        followup,
        state=FollowUpState.NOT_RECOVERABLE,
        note="Bought elsewhere.",
        promised="A voucher",
        lesson="Say it when it is late.",
        cause_topic=topic,
        cause="Nobody told the customer",
        by=by_bob,
        now=LATER,
    )

    followup.refresh_from_db()
    assert (followup.state, followup.finished_at) == (FollowUpState.NOT_RECOVERABLE, LATER)
    assert (followup.note, followup.lesson) == ("Bought elsewhere.", "Say it when it is late.")
    assert (followup.cause_topic, followup.cause) == (topic, "Nobody told the customer")
    assert followup.promised == "A voucher"
    assert followup.response.score == 4
    assert kinds(followup) == [FollowUpEvent.NOT_RECOVERABLE]


def test_finished_task_refuses_work_until_it_is_reopened(
    followup: FollowUp, by_bob: Actor, alice: User
) -> None:
    working.reply(followup, body="Sorry.", by=by_bob, now=LATER)
    working.finish(followup, state=FollowUpState.RESOLVED, note="Done.", by=by_bob, now=LATER)
    step = contact_step(followup)

    for act in (
        lambda: working.assign(followup, assignee=alice, by=by_bob, now=LATER),
        lambda: working.untick(followup, step=step, by=by_bob, now=LATER),
        lambda: working.log_call(
            followup, outcome=CallOutcome.SPOKEN, note="", by=by_bob, now=LATER
        ),
        lambda: working.finish(
            followup, state=FollowUpState.RESOLVED, note="Twice.", by=by_bob, now=LATER
        ),
    ):
        with pytest.raises(working.IsFinished):
            act()
    working.reopen(followup, by=by_bob, now=LATER)
    with pytest.raises(working.IsOpen):
        working.reopen(followup, by=by_bob, now=LATER)

    followup.refresh_from_db()
    assert (followup.state, followup.note) == (FollowUpState.CONTACTED, "Done.")


def test_lapsed_task_refuses_work(followup: FollowUp, by_bob: Actor, by_staff: Actor) -> None:
    exclude(followup.response, reason="Storm", by=by_staff, now=LATER)

    with pytest.raises(working.Lapsed):
        working.finish(followup, state=FollowUpState.RESOLVED, note="Done.", by=by_bob, now=LATER)
    with pytest.raises(working.Lapsed):
        working.reply(followup, body="Sorry.", by=by_bob, now=LATER)

    assert not FollowUpContact.objects.exists()


@pytest.mark.usefixtures("owner_db")
def test_database_keeps_state_and_moments_together(followup: FollowUp) -> None:
    task = FollowUp.objects.filter(pk=followup.pk)

    for state in ("gone", FollowUpState.CONTACTED):
        with refused_by("followup_contacted_has_moment"):
            task.update(state=state)
    with refused_by("followup_finished_has_moment"):
        task.update(state=FollowUpState.RESOLVED, note="Done.")
    with refused_by("followup_finished_with_note"):
        task.update(state=FollowUpState.RESOLVED, finished_at=LATER)
    with refused_by("followup_lost_with_lesson"):
        task.update(state=FollowUpState.NOT_RECOVERABLE, finished_at=LATER, note="Gone.")
    with refused_by("followup_lapsed_for_a_reason"):
        task.update(lapsed_at=LATER)
    with refused_by("followup_of_one_measurement"):
        task.update(due_at=LATER)
    with refused_by("followup_stays"):
        task.delete()


@pytest.mark.usefixtures("owner_db", "db")
def test_table_of_tasks_is_never_emptied() -> None:
    with refused_by("followups_stay"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE surveys_followup CASCADE")


def test_second_click_keeps_no_second_call(followup: FollowUp, by_bob: Actor) -> None:
    def call(*, minutes: int = 0) -> FollowUpContact:
        now = LATER + timedelta(minutes=minutes)
        return working.log_call(
            followup, outcome=CallOutcome.NOT_REACHED, note="", by=by_bob, now=now
        )

    first, second, later = call(), call(), call(minutes=1)

    assert first == second != later
    assert kinds(followup) == [FollowUpEvent.CONTACTED] * 2


def test_erased_task_stays_erased_and_empty(followup: FollowUp) -> None:
    task = FollowUp.objects.filter(pk=followup.pk)
    task.update(lapsed_at=LATER, lapse=Lapse.ERASED)

    with refused_by("followup_stays_erased"):
        task.update(lapsed_at=None, lapse="")
    with refused_by("followup_stays_erased"):
        task.update(lapse=Lapse.EXCLUDED)
    for name in ("note", "promised", "cause", "lesson"):
        with refused_by("followup_erased_is_empty"):
            task.update(**{name: "Klaas was angry."})


def test_first_contact_stays_the_first(followup: FollowUp, by_bob: Actor) -> None:
    working.reply(followup, body="Sorry.", by=by_bob, now=LATER)
    task = FollowUp.objects.filter(pk=followup.pk)

    with refused_by("followup_first_contact_stays"):
        task.update(contacted_at=NOON)
    with refused_by("followup_first_contact_stays"):
        task.update(contacted_at=None, state=FollowUpState.TO_DO)


@pytest.mark.parametrize(
    ("may_contact", "kind", "outcome"),
    [(False, "reply", ""), (False, "call", "spoken"), (None, "call", "spoken")],
)
def test_nobody_is_contacted_who_does_not_want_it(
    market: Market, bob: User, may_contact: bool | None, kind: str, outcome: str
) -> None:
    task = market.response(4, may_contact=may_contact).followup

    with refused_by("followup_contact_wished_for"):
        FollowUpContact.objects.create(
            followup=task, kind=kind, outcome=outcome, made_at=LATER, made_by=bob
        )


def test_reply_is_one_of_the_conversation(market: Market, followup: FollowUp, bob: User) -> None:
    elsewhere = Message.objects.filter(query=market.query()).get()

    with refused_by("followup_contact_wished_for"):
        FollowUpContact.objects.create(
            followup=followup, kind="reply", message=elsewhere, made_at=LATER, made_by=bob
        )


@pytest.mark.usefixtures("owner_db")
def test_contact_stays_as_it_was_made(followup: FollowUp, by_bob: Actor) -> None:
    contact = working.log_call(
        followup, outcome=CallOutcome.SPOKEN, note="Rang.", by=by_bob, now=LATER
    )
    row = FollowUpContact.objects.filter(pk=contact.pk)
    query = followup.response.query
    assert query

    with refused_by("followup_contact_note_only_emptied"):
        row.update(note="Rang twice.")
    with refused_by("followup_contact_reply_only_goes"):
        row.update(message=query.messages.earliest("pk"))

    with refused_by("followup_contact_never_changes"):
        row.update(made_at=NOON)
    with refused_by("followup_contact_stays"):
        row.delete()
    with refused_by("followup_call_has_outcome"):
        FollowUpContact.objects.create(
            followup=followup, kind="call", made_at=NOON, made_by=followup.assignee
        )


@pytest.mark.usefixtures("committed_db")
def test_two_who_finish_at_once_are_one(market: Market, by_bob: Actor, alice: User) -> None:
    followup = market.response(4).followup

    def finish(by: Actor) -> str:
        task = FollowUp.objects.get(pk=followup.pk)
        try:
            working.finish(task, state=FollowUpState.RESOLVED, note="Done.", by=by, now=LATER)
        except working.IsFinished:
            return "late"
        return "done"

    said = at_once(lambda: finish(by_bob), lambda: finish(Actor.user(alice)))

    assert sorted(said) == ["done", "late"]
    assert kinds(followup) == [FollowUpEvent.RESOLVED]


@pytest.mark.usefixtures("committed_db")
def test_two_clicks_at_once_write_one_reply(market: Market, by_bob: Actor) -> None:
    followup = market.response(4, may_contact=True).followup
    key = uuid4()

    def write() -> int:
        task = FollowUp.objects.get(pk=followup.pk)
        return working.reply(task, body="Sorry.", send_key=key, by=by_bob, now=LATER).pk

    first, second = at_once(write, write)

    assert first == second
    assert followup.contacts.count() == 1


@pytest.mark.usefixtures("committed_db")
def test_many_change_hands_beside_who_erases_their_customer(
    market: Market, by_bob: Actor, alice: User
) -> None:
    customer, locked = market.new_customer(), Signal()
    month = timedelta(days=40)
    tasks = [
        market.response(4, customer=customer, submitted_at=at).followup
        for at in (LATER - month, LATER)
    ]
    working.reply(tasks[1], body="Sorry.", by=by_bob, now=LATER)

    def erase() -> None:
        with transaction.atomic():
            lock_person(customer)
            locked.set()
            wait_until_somebody_waits()
            erase_customer(customer, by=Actor.SYSTEM, now=LATER)

    def give() -> dict[FollowUp, User | None]:
        locked.wait(timeout=10)
        mine = FollowUp.objects.select_related("response__query")
        return working.assign_all(dict.fromkeys(mine, alice), by=by_bob, now=LATER)

    _nothing, changed = at_once(erase, give)

    assert changed == {}
    assert not FollowUp.objects.counting().exists()
