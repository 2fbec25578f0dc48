"""Follow-up tasks for programs: read as on the page, worked on through the same actions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient as Program
from time_machine import travel

from insights.refusals import REFUSED
from queries import actions
from queries.models import Message
from sellers.enums import ActorKind, Scope
from sellers.events import Actor
from sellers.models import ApiAnswer, Event, Seller, User
from surveys.enums import CallOutcome, FollowUpEvent, FollowUpState
from surveys.exclusions import exclude
from surveys.followups import working
from surveys.models import FollowUp, FollowUpContact, SurveyResponse, Topic
from surveys.privacy import erase_words
from tests.api.conftest import Register, with_token
from tests.conftest import NOON, Market
from tests.insights.followups.conftest import NewTask

FOLLOWUPS = "/api/v1/follow-ups/"
PAGES = "/queries/nps/follow-up/"
PROBLEM = "application/problem+json"
ANSWERED = NOON + timedelta(days=2)
NOW = ANSWERED + timedelta(hours=3)
WRITES = ("reply", "call", "tick", "untick", "assign", "resolve", "not-recoverable", "reopen")


@pytest.fixture(autouse=True)
def _three_hours_later() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def new_task(market: Market) -> NewTask:
    """Let a customer give a low score, who may be contacted; return its task."""

    def make(score: int = 4, **said: Any) -> FollowUp:
        known = {"reason": "Three weeks.", "may_contact": True, "submitted_at": ANSWERED}
        return FollowUp.objects.get(response=market.response(score, **known | said))

    return make


@pytest.fixture
def task(new_task: NewTask) -> FollowUp:
    """The task of a 4; it is Bob's."""
    return new_task()


@pytest.fixture
def bob_s(bob: User) -> Client:
    """The browser of Bob, who answers."""
    browser = Client()
    browser.force_login(bob)
    return browser


def url(task: FollowUp, act: str = "") -> str:
    return f"{FOLLOWUPS}{task.pk}/{act}{'/' if act else ''}"


def listed(program: Program, **asked: object) -> list[int]:
    """Return the ids of the tasks that are asked for."""
    answer = program.get(FOLLOWUPS, asked)
    assert answer.status_code == 200, answer.content
    return [int(each["id"]) for each in answer.json()["results"]]


def violated(answer: Any) -> list[str]:
    """Return the names of what cannot be taken."""
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    return [each["name"] for each in answer.json()["violations"]]


# Reading


def test_task_says_all_that_the_page_says(
    crm: Program, bob_s: Client, bob: User, task: FollowUp
) -> None:
    working.log_call(task, outcome=CallOutcome.SPOKEN, note="Sorry.", by=Actor.user(bob), now=NOW)

    said = crm.get(url(task)).json()
    page = bob_s.get(f"{PAGES}{task.pk}/")

    steps, history = said.pop("steps"), said.pop("history")
    query = task.response.query
    assert query
    assert said == {
        "id": str(task.pk),
        "measurement_id": str(task.response_id),
        "query_id": str(query.pk),
        "subject": "Where is my parcel?",
        "customer_name": query.customer.name,
        "score": 4,
        "reason": "Three weeks.",
        "contact_wish": "allowed",
        "state": "contacted",
        "assignee": {"id": str(bob.pk), "name": "Bob"},
        "opened_at": "2026-03-12T11:00:00Z",
        "due_at": "2026-03-14T11:00:00Z",
        "is_late": False,
        "contacted_at": "2026-03-12T14:00:00Z",
        "finished_at": None,
        "note": "",
        "promised": "",
        "cause_topic": None,
        "cause": "",
        "lesson": "",
        "lapsed_at": None,
        "lapse": "",
        "may_be_written": True,
        "may_be_called": True,
        "playbook": {"version": task.playbook.version, "intro": task.playbook.intro_en},
    }
    assert [(each["id"], each["is_done"]) for each in steps] == [
        (str(each.step.pk), each.is_done) for each in page.context["steps"]
    ]
    assert any(each["is_done"] and each["ticked_by_contact"] for each in steps)
    assert [(line["kind"], line["what"], line["who"], line["words"]) for line in history] == [
        (line.kind, line.what, line.who, line.words) for line in page.context["history"]
    ]
    assert history[-1]["kind"] == "measurement.created"


def test_task_is_in_the_language_asked_for(crm: Program, task: FollowUp) -> None:
    dutch = crm.get(url(task), HTTP_ACCEPT_LANGUAGE="nl").json()
    english = crm.get(url(task), HTTP_ACCEPT_LANGUAGE="en").json()

    assert dutch["playbook"]["intro"] == task.playbook.intro_nl
    assert dutch["steps"][0]["name"] != english["steps"][0]["name"]
    assert dutch["history"][0]["what"] != english["history"][0]["what"]


def test_task_that_is_the_same_is_not_sent_again(crm: Program, task: FollowUp) -> None:
    first = crm.get(url(task))
    same = crm.get(url(task), HTTP_IF_NONE_MATCH=first["ETag"])
    with travel(NOW + timedelta(minutes=1), tick=False):
        working.assign(task, assignee=None, by=Actor.SYSTEM, now=NOW + timedelta(minutes=1))
        other = crm.get(url(task), HTTP_IF_NONE_MATCH=first["ETag"])

    assert (same.status_code, other.status_code) == (304, 200)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"part": "open"},
        {"part": "unassigned"},
        {"part": "late"},
        {"part": "today"},
        {"part": "week"},
        {"part": "finished"},
        {"part": "all"},
        {"state": "resolved"},
        {"score": "1"},
        {"assignee": "none"},
        {"topic": "1"},
        {"since": "2026-03-12", "until": "2026-03-12"},
        {"since": "2026-03-13"},
    ],
    ids=str,
)
def test_tasks_are_those_of_the_page(
    crm: Program, bob_s: Client, bob: User, new_task: NewTask, asked: dict[str, str]
) -> None:
    by = Actor.user(bob)
    late = new_task(1, submitted_at=NOW - timedelta(hours=30))
    new_task(2, submitted_at=NOW - timedelta(hours=20))
    new_task(5)
    working.assign(new_task(1), assignee=None, by=by, now=NOW)
    working.finish(new_task(3), state=FollowUpState.RESOLVED, note="So.", by=by, now=NOW)
    exclude(new_task(0).response, reason="Storm.", by=by, now=NOW)

    page = bob_s.get(PAGES, asked).context["listed"].page

    assert listed(crm, **asked) == [row.pk for row in page.rows]
    assert late.pk in listed(crm)


@pytest.mark.parametrize("part", ["open", "finished", "all"])
def test_tasks_are_paged_in_every_order(
    crm: Program, bob: User, new_task: NewTask, part: str
) -> None:
    by = Actor.user(bob)
    for number in range(5):
        task = new_task(4, submitted_at=ANSWERED - timedelta(hours=number // 2))
        if number % 2:
            working.log_call(task, outcome=CallOutcome.SPOKEN, note="", by=by, now=NOW)
        if part == "finished":
            working.finish(task, state=FollowUpState.RESOLVED, note="So.", by=by, now=NOW)
    whole = listed(crm, part=part)

    pages = [crm.get(FOLLOWUPS, {"part": part, "limit": 2}).json()]
    while pages[-1]["next"]:
        pages.append(crm.get(pages[-1]["next"]).json())
    back = crm.get(pages[-1]["previous"]).json()

    assert (len(whole), len(pages)) == (5, 3)
    assert [int(each["id"]) for page in pages for each in page["results"]] == whole
    assert back["results"] == pages[1]["results"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("part", "mine"),
        ("part", "\x00"),
        ("state", "asleep"),
        ("score", "7"),
        ("assignee", "99999999999999999999"),
        ("assignee", "1\x00"),
        ("topic", "x"),
        ("since", "0000-01-01"),
        ("until", "9999-12-31"),
        ("cursor", "WzEsMl0:1:2"),
    ],
)
def test_choice_that_cannot_be_is_refused(
    crm: Program, task: FollowUp, name: str, value: str
) -> None:
    assert violated(crm.get(FOLLOWUPS, {name: value})) == [name]


def test_tasks_of_nobody_in_particular_are_no_program_s_own(
    crm: Program, cora: User, task: FollowUp
) -> None:
    """Who only reads has no tasks, so is no choice."""
    assert violated(crm.get(FOLLOWUPS, {"assignee": cora.pk})) == ["assignee"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(
    crm: Program,
    new_task: NewTask,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        new_task(number)

    with django_assert_num_queries(3):
        assert len(listed(crm)) == count


@pytest.mark.parametrize("count", [1, 3])
def test_task_asks_as_much_for_three_contacts_as_for_one(
    crm: Program,
    bob: User,
    task: FollowUp,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    by = Actor.user(bob)
    for number in range(count):
        note = f"Asked {number}."
        working.log_call(task, outcome=CallOutcome.SPOKEN, note=note, by=by, now=NOW)

    with django_assert_num_queries(7):
        assert len(crm.get(url(task)).json()["history"]) >= count + 1


# Working


def test_reply_is_written_in_the_name_of_an_agent(crm: Program, bob: User, task: FollowUp) -> None:
    answer = crm.post(url(task, "reply"), {"agent": str(bob.pk), "body": "Sorry!\r\nBob"})

    message = Message.objects.get(body="Sorry!\nBob")
    contact = FollowUpContact.objects.get(message=message)
    said = answer.json()
    assert (answer.status_code, said["state"]) == (200, "contacted")
    assert (message.agent, contact.made_by) == (bob, bob)
    assert said["history"][0]["message_id"] == str(message.pk)
    assert any(each["is_done"] for each in said["steps"])
    event = Event.objects.get(kind=FollowUpEvent.CONTACTED)
    assert (event.actor, event.user) == (ActorKind.CLIENT, bob)
    assert event.client


def test_reply_with_one_key_is_written_once(crm: Program, bob: User, task: FollowUp) -> None:
    key, sent = uuid4().hex, {"agent": str(bob.pk), "body": "Sorry!"}

    first, again = (
        crm.post(url(task, "reply"), sent, HTTP_IDEMPOTENCY_KEY=key) for _number in range(2)
    )

    assert Message.objects.filter(body="Sorry!").count() == 1
    assert first.json() == again.json()


def test_answer_forgets_the_words_with_the_measurement(
    crm: Program, bob: User, task: FollowUp
) -> None:
    sent = {"agent": str(bob.pk), "outcome": "spoken"}
    assert crm.post(url(task, "call"), sent, HTTP_IDEMPOTENCY_KEY="once").json()["reason"]

    theirs = SurveyResponse.objects.filter(pk=task.response_id)
    erase_words(theirs, by=Actor.SYSTEM, now=NOW)
    again = crm.post(url(task, "call"), sent, HTTP_IDEMPOTENCY_KEY="once")

    assert (again.status_code, again.json()["code"]) == (409, "answer_erased")
    assert ApiAnswer.objects.get().body is None


@pytest.mark.parametrize("unseen", [r"\ud800", r"\u0000"])
@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "once"}])
def test_choice_that_cannot_be_written_is_refused(
    crm: Program, task: FollowUp, unseen: str, key: dict[str, str]
) -> None:
    sent = f'{{"outcome": "{unseen}"}}'.encode()
    answer = crm.generic("POST", url(task, "call"), sent, content_type="application/json", **key)

    assert answer.status_code == 400
    assert {each["name"] for each in answer.json()["violations"]} == {"agent", "outcome"}


def test_call_is_kept(crm: Program, bob: User, task: FollowUp) -> None:
    sent = {"agent": str(bob.pk), "outcome": "not_reached", "note": "Voicemail."}
    missed = crm.post(url(task, "call"), sent).json()
    spoken = crm.post(url(task, "call"), sent | {"outcome": "spoken"}).json()

    assert (missed["state"], spoken["state"]) == ("to_do", "contacted")
    assert spoken["history"][0]["words"] == "Phone call: Spoken. Voicemail."
    assert spoken["history"][0]["who"] == "Bob via CRM"


def test_step_is_ticked_and_not_after_all(crm: Program, bob: User, task: FollowUp) -> None:
    step = task.playbook.steps.get(position=2)
    sent = {"agent": str(bob.pk), "step_id": str(step.pk)}

    def done(act: str) -> list[str]:
        steps = crm.post(url(task, act), sent).json()["steps"]
        return [each["id"] for each in steps if each["is_done"]]

    assert done("tick") == done("tick") == [str(step.pk)]
    assert done("untick") == done("untick") == []
    kinds = {FollowUpEvent.TICKED, FollowUpEvent.UNTICKED}
    assert Event.objects.filter(kind__in=kinds).count() == 2


def test_task_changes_hands(crm: Program, alice: User, task: FollowUp) -> None:
    given = crm.post(url(task, "assign"), {"assignee": str(alice.pk)}).json()
    nobody = crm.post(url(task, "assign"), {"assignee": None}).json()

    assert given["assignee"] == {"id": str(alice.pk), "name": "Alice"}
    assert nobody["assignee"] is None
    assert {line["who"] for line in nobody["history"][:2]} == {"CRM"}


def test_task_is_resolved_and_opened_again(crm: Program, task: FollowUp) -> None:
    sent = {
        "note": "A new lamp.",
        "promised": "A card\nby mail",
        "cause_topic": "speed",
        "cause": "The carrier",
        "lesson": "Ask sooner.",
    }
    ended = crm.post(url(task, "resolve"), sent).json()
    open_again = crm.post(url(task, "reopen"), {}).json()

    assert ended["state"] == "resolved"
    assert ended["finished_at"] == "2026-03-12T14:00:00Z"
    assert {name: ended[name] for name in sent} == sent | {"promised": "A card by mail"}
    assert (open_again["state"], open_again["finished_at"]) == ("to_do", None)
    assert open_again["note"] == "A new lamp."


def test_customer_who_is_lost_leaves_a_lesson(crm: Program, task: FollowUp) -> None:
    without = crm.post(url(task, "not-recoverable"), {"note": "Gone."})
    ended = crm.post(url(task, "not-recoverable"), {"note": "Gone.", "lesson": "Call sooner."})

    assert violated(without) == ["lesson"]
    assert without.json()["violations"][0]["reason"] == "Say what your team can learn from it."
    assert ended.json()["state"] == "not_recoverable"
    assert ended.json()["cause_topic"] is None


def whole(act: str, task: FollowUp, agent: User) -> dict[str, object]:
    """Return what a write can be sent with."""
    step = task.playbook.steps.order_by("position").last()
    assert step
    by = {"agent": str(agent.pk)}
    return {
        "reply": by | {"body": "Sorry!"},
        "call": by | {"outcome": "spoken"},
        "tick": by | {"step_id": str(step.pk)},
        "untick": by | {"step_id": str(step.pk)},
        "assign": {"assignee": str(agent.pk)},
        "resolve": {"note": "So."},
        "not-recoverable": {"note": "So.", "lesson": "So."},
        "reopen": {},
    }[act]


def refused(answer: Any, error: type[Exception], code: str) -> bool:
    """Return whether it is a conflict in the words of the page."""
    said = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM), said
    return bool((said["code"], said["detail"]) == (code, str(REFUSED[error])))


@pytest.mark.parametrize("act", set(WRITES) - {"reopen"})
def test_finished_task_refuses(crm: Program, bob: User, task: FollowUp, act: str) -> None:
    by = Actor.user(bob)
    working.finish(task, state=FollowUpState.RESOLVED, note="So.", by=by, now=NOW)

    answer = crm.post(url(task, act), whole(act, task, bob))

    assert refused(answer, working.IsFinished, "is_finished")
    assert not Message.objects.filter(body="Sorry!").exists()


@pytest.mark.parametrize("act", WRITES)
def test_lapsed_task_refuses(crm: Program, bob: User, task: FollowUp, act: str) -> None:
    exclude(task.response, reason="Storm.", by=Actor.user(bob), now=NOW)

    assert refused(crm.post(url(task, act), whole(act, task, bob)), working.Lapsed, "lapsed")


def test_open_task_is_not_opened_again(crm: Program, task: FollowUp) -> None:
    assert refused(crm.post(url(task, "reopen"), {}), working.IsOpen, "is_open")


def test_task_that_is_theirs_already(crm: Program, bob: User, task: FollowUp) -> None:
    answer = crm.post(url(task, "assign"), {"assignee": str(bob.pk)})

    assert refused(answer, working.AlreadyAssigned, "already_assigned")


@pytest.mark.parametrize("act", ["reply", "call"])
def test_who_wants_no_contact_gets_none(
    crm: Program, bob: User, new_task: NewTask, act: str
) -> None:
    task = new_task(may_contact=False)
    before = Message.objects.count()

    assert refused(crm.post(url(task, act), whole(act, task, bob)), working.NotWanted, "not_wanted")
    assert Message.objects.count() == before
    said = crm.get(url(task)).json()
    assert (said["may_be_written"], said["may_be_called"]) == (False, False)


def test_who_did_not_say_gets_one_reply(crm: Program, bob: User, new_task: NewTask) -> None:
    task = new_task(may_contact=None)

    first = crm.post(url(task, "reply"), whole("reply", task, bob))
    second = crm.post(url(task, "reply"), whole("reply", task, bob))

    assert (first.status_code, first.json()["may_be_written"]) == (200, False)
    assert refused(second, working.NotWanted, "not_wanted")


def test_nothing_is_written_while_the_marketplace_has_it(
    crm: Program, bob: User, task: FollowUp
) -> None:
    query, by = task.response.query, Actor.user(bob)
    assert query
    actions.reopen(query, by=by, now=NOW)
    actions.hand_over(query, reason="Help.", by=by, now=NOW)

    answer = crm.post(url(task, "reply"), whole("reply", task, bob))

    assert refused(answer, actions.WithMarketplace, "with_marketplace")


@pytest.mark.parametrize(
    ("act", "sent", "names"),
    [
        ("reply", {}, ["agent", "body"]),
        ("reply", {"agent": 1, "body": 5}, ["agent", "body"]),
        ("reply", {"agent": "9" * 400, "body": " "}, ["agent", "body"]),
        ("reply", {"agent": "1\x00", "body": "x\x00"}, ["agent", "body"]),
        ("reply", {"agent": None, "body": None}, ["agent", "body"]),
        ("reply", {"agent": ["1"], "body": {"a": "b"}}, ["agent", "body"]),
        ("reply", {"agent": "0", "body": "x" * 10_001}, ["agent", "body"]),
        ("reply", [], [""]),
        ("call", {"outcome": "shouted", "note": "x" * 4_001}, ["agent", "outcome", "note"]),
        ("tick", {"step_id": "0"}, ["agent", "step_id"]),
        ("tick", {"step_id": {}}, ["agent", "step_id"]),
        ("untick", {"step_id": "9" * 400}, ["agent", "step_id"]),
        ("assign", {}, ["assignee"]),
        ("assign", {"assignee": ""}, ["assignee"]),
        ("resolve", {}, ["note"]),
        ("resolve", {"note": ""}, ["note"]),
        ("resolve", {"note": "So.", "cause_topic": "\x00"}, ["cause_topic"]),
        ("resolve", {"note": "So.", "cause_topic": {}}, ["cause_topic"]),
        ("resolve", {"note": "So.", "promised": "x" * 301}, ["promised"]),
        ("resolve", {"note": "So.", "cause": 5}, ["cause"]),
        ("not-recoverable", {"note": "So.", "lesson": ""}, ["lesson"]),
        ("reopen", {"agent": "nobody"}, ["agent"]),
    ],
)
def test_what_cannot_be_is_refused(
    crm: Program, task: FollowUp, act: str, sent: Any, names: list[str]
) -> None:
    assert violated(crm.post(url(task, act), sent)) == names
    task.refresh_from_db()
    assert task.state == FollowUpState.TO_DO


def test_half_a_character_is_refused(crm: Program, task: FollowUp) -> None:
    sent = b'{"note": "\\ud800"}'

    answer = crm.generic("POST", url(task, "resolve"), sent, content_type="application/json")

    assert violated(answer) == ["note"]


def test_agent_is_who_may_answer(crm: Program, task: FollowUp, cora: User, dirk: User) -> None:
    answers = [
        crm.post(url(task, "reply"), {"agent": str(pk), "body": "Sorry!"})
        for pk in (cora.pk, dirk.pk, 0)
    ]

    assert [violated(answer) for answer in answers] == [["agent"]] * 3
    assert len({answer.content for answer in answers}) == 1
    assert violated(crm.post(url(task, "assign"), {"assignee": str(cora.pk)})) == ["assignee"]


def test_retired_topic_is_no_cause(crm: Program, task: FollowUp) -> None:
    Topic.objects.filter(slug="speed").update(retired_on=NOW.date())

    answer = crm.post(url(task, "resolve"), {"note": "So.", "cause_topic": "speed"})

    assert violated(answer) == ["cause_topic"]


def test_reading_and_writing_are_two_scopes(register: Register, task: FollowUp, bob: User) -> None:
    reader = with_token(register(scopes=[Scope.INSIGHTS_READ]))
    writer = with_token(register(scopes=[Scope.FOLLOWUPS_WRITE]))

    assert (reader.get(url(task)).status_code, writer.get(url(task)).status_code) == (200, 403)
    for act in WRITES:
        assert reader.post(url(task, act), whole(act, task, bob)).status_code == 403
    assert writer.post(url(task, "resolve"), {"note": "So."}).status_code == 200


@pytest.mark.usefixtures("dirk")
@pytest.mark.parametrize("number", ["0", "x", "%00", "9" * 400, "-1", "{theirs}"])
def test_task_of_nobody_or_of_another_shop(
    register: Register, task: FollowUp, other_shop: Seller, number: str
) -> None:
    stranger = with_token(register(seller=other_shop))
    path = f"{FOLLOWUPS}{number.format(theirs=task.pk)}/"

    answers = [stranger.get(path)] + [stranger.post(f"{path}{act}/", {}) for act in WRITES]

    nothing = stranger.get(f"{FOLLOWUPS}0/")
    assert {(each.status_code, each["Content-Type"]) for each in answers} == {(404, PROBLEM)}
    assert {each.content for each in answers} == {nothing.content}
    assert listed(stranger, part="all") == []
