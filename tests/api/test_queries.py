"""Customer queries through the API: read, narrowed, and written to as the pages do it."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient as Program

from queries import actions, wording
from queries.customers import erase_customer
from queries.drafts import save_draft
from queries.enums import ActorType, Author, Channel, DraftKind, MessageVia, NoteKind, QueryState
from queries.models import Closing, Customer, CustomerMail, CustomerQuery, Message, Note
from sellers.enums import ActorKind, Scope
from sellers.events import Actor
from sellers.models import ApiAnswer, Event, Seller, User
from surveys.models import FollowUp
from tests.api.conftest import Register, with_token
from tests.conftest import NOON, Market, admin_url, at_once, refused_by, text
from tests.queries.conftest import opened

QUERIES = "/api/v1/queries/"
PROBLEM = "application/problem+json"
HOUR = timedelta(hours=1)
READS = ["", "messages/", "notes/", "survey/"]
# What is done, with what, and whether it needs the version that was read.
WRITES: dict[str, dict[str, Any]] = {
    "reply": {"body": "On its way."},
    "close": {},
    "reopen": {},
    "assign": {"assignee": None},
    "no-reply-needed": {"agent": "bob"},
    "notes": {"agent": "bob", "body": "Ask Dewi."},
}
OF_A_VERSION = [name for name in WRITES if name != "notes"]


@pytest.fixture
def query(market: Market, customer: Customer) -> CustomerQuery:
    """Klaas asks."""
    return market.query(customer, order_reference="4711")


def url(query: CustomerQuery, part: str = "") -> str:
    return f"{QUERIES}{query.pk}/{part}"


def etag(program: Program, query: CustomerQuery) -> str:
    """Return the ETag of a query as it is now."""
    return str(program.get(url(query))["ETag"])


def write(
    program: Program,
    query: CustomerQuery,
    what: str,
    said: dict[str, Any] | None = None,
    *,
    of: str = "*",
    key: str = "",
) -> Any:
    """Do something to a query as it was read; return the answer."""
    headers = {"If-Match": of} | ({"Idempotency-Key": key} if key else {})
    headers = {name: value for name, value in headers.items() if value}
    return program.post(url(query, f"{what}/"), said or {}, format="json", headers=headers)


def said_for(what: str, agent: User) -> dict[str, Any]:
    """Return what has to be sent along."""
    return WRITES[what] | ({"agent": str(agent.pk)} if "agent" in WRITES[what] else {})


# Reading


def test_query_is_told_of_as_on_its_page(
    crm: Program, market: Market, query: CustomerQuery, bob: User
) -> None:
    actions.close(query, predicted_score=8, by=market.actor, now=NOON + HOUR)

    answer = crm.get(url(query))

    said = answer.json()
    assert answer["ETag"] == f'"{said.pop("version")}"'
    assert said.pop("changed_at").endswith("Z")
    due = query.due_at.astimezone(UTC)
    assert said == {
        "id": str(query.pk),
        "state": "closed",
        "subject": "Where is my parcel?",
        "order_reference": "4711",
        "channel": "web",
        "language": "en",
        "customer": {"name": "Klaas", "email": "k•••@klant.example"},
        "assignee_id": None,
        "asked_at": "2026-03-10T11:00:00Z",
        "turn_since": "2026-03-10T12:00:00Z",
        "reply_needed_since": None,
        "due_at": f"{due:%Y-%m-%dT%H:%M:%SZ}",
        "first_replied_at": None,
        "snoozed_until": None,
        "duplicate_of_id": None,
        "logged_by_seller": False,
        "erased_at": None,
        "closings": [
            {
                "closed_at": "2026-03-10T12:00:00Z",
                "closed_by": "seller",
                "agent_id": str(bob.pk),
                "client": None,
                "predicted_score": 8,
                "reopened_at": None,
            }
        ],
        "hand_overs": [],
    }


def test_hand_over_is_told_of(crm: Program, market: Market, query: CustomerQuery) -> None:
    actions.hand_over(query, reason="Only you can refund.", by=market.actor, now=NOON)

    said = crm.get(url(query)).json()

    assert said["state"] == "with_marketplace"
    assert [each["reason"] for each in said["hand_overs"]] == ["Only you can refund."]
    assert said["hand_overs"][0]["handed_back_at"] is None


def test_list_has_the_latest_first_and_pages(crm: Program, market: Market) -> None:
    asked = [market.query(asked_at=NOON + number * HOUR) for number in range(3)]

    first = crm.get(QUERIES, {"limit": 2}).json()
    second = crm.get(first["next"]).json()

    found = [each["id"] for each in (*first["results"], *second["results"])]
    assert found == [str(query.pk) for query in reversed(asked)]
    assert second["next"] is None
    assert first["results"][0].keys() < crm.get(url(asked[0])).json().keys()


@pytest.mark.parametrize("path", ["", "messages/", "notes/"])
def test_lists_take_as_many_statements_for_three_as_for_one(
    crm: Program,
    market: Market,
    query: CustomerQuery,
    path: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    asked = f"{QUERIES}{query.pk}/{path}" if path else QUERIES

    def more() -> None:
        market.query()
        for said in ("One moment.", "Two."):
            actions.reply(query, body=said, by=market.actor, now=NOON + HOUR)
            actions.write_note(query, body=said, by=market.actor, now=NOON)

    actions.write_note(query, body="First.", by=market.actor, now=NOON)
    crm.get(asked)
    with CaptureQueriesContext(connection) as of_one:
        assert crm.get(asked).status_code == 200
    more()
    with django_assert_num_queries(len(of_one)):
        assert len(crm.get(asked).json()["results"]) >= 2
    assert len(of_one) <= 4


def test_messages_say_who_wrote_what(
    crm: Program, market: Market, query: CustomerQuery, bob: User
) -> None:
    actions.reply(query, body="On its way.", by=market.actor, now=NOON + HOUR)
    actions.receive_from_other(
        query, from_email="aunt@klant.example", body="For Klaas.", by=Actor.SYSTEM, now=NOON + HOUR
    )

    asked, replied, other = crm.get(url(query, "messages/")).json()["results"]

    assert (asked["author"], asked["agent"], asked["mail"]) == ("customer", None, None)
    assert asked["body"] == "It should have come on Monday."
    assert replied["agent"] == {"id": str(bob.pk), "name": "Bob"}
    assert (replied["author"], replied["mail"]) == ("seller", {"state": "decided"})
    assert (other["from_email"], other["accepted_at"]) == ("aunt@klant.example", None)
    assert asked["attachments"] == []


def test_note_is_read_by_programs_of_the_shop(
    crm: Program, market: Market, query: CustomerQuery, bob: User
) -> None:
    note = actions.write_note(query, body="Ask Dewi.", by=market.actor, now=NOON)

    assert crm.get(url(query, "notes/")).json()["results"] == [
        {
            "id": str(note.pk),
            "kind": "note",
            "author": {"id": str(bob.pk), "name": "Bob"},
            "body": "Ask Dewi.",
            "written_at": "2026-03-10T11:00:00Z",
        }
    ]


def test_survey_is_told_of_as_on_the_page(
    crm: Program, market: Market, query: CustomerQuery
) -> None:
    never = crm.get(url(query, "survey/")).json()
    actions.close(query, by=market.actor, now=NOON)
    market.invitation(Closing.objects.get())

    steps = crm.get(url(query, "survey/"), headers={"Accept-Language": "en"}).json()["steps"]

    assert never == {"steps": []}
    assert [(step["what"], step["at"], step["done"]) for step in steps] == [
        ("Closed", "2026-03-10T11:00:00Z", True),
        ("Survey decided", "2026-03-11T11:00:00Z", True),
        ("Sent", "2026-03-11T11:00:00Z", True),
        ("Waiting for the answer", "2026-03-25T11:00:00Z", False),
    ]


# Narrowing


@pytest.fixture
def several(market: Market, bob: User) -> dict[str, str]:
    """Four queries at an hour's distance; return the names by their ids."""
    names = ["open", "waiting", "closed", "snoozed"]
    made = {
        name: market.query(
            market.new_customer(name=f"Klant {name}"), asked_at=NOON + number * HOUR, subject=name
        )
        for number, name in enumerate(names)
    }
    later = NOON + 5 * HOUR
    actions.reply(made["waiting"], body="Well?", by=market.actor, now=later)
    actions.close(made["closed"], by=market.actor, now=later)
    actions.assign(made["snoozed"], assignee=bob, by=market.actor, now=later)
    never = datetime(2900, 1, 1, tzinfo=UTC)
    actions.snooze(made["snoozed"], until=never, by=market.actor, now=later)
    return {str(query.pk): name for name, query in made.items()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "snoozed closed waiting open"),
        ({"view": "your_turn"}, "open"),
        ({"view": "unassigned"}, "open"),
        ({"view": "snoozed"}, "snoozed"),
        ({"view": "waiting_for_customer"}, "waiting"),
        ({"view": "closed"}, "closed"),
        ({"view": "all"}, "snoozed closed waiting open"),
        ({"state": "your_turn"}, "snoozed open"),
        ({"state": "closed", "view": "your_turn"}, ""),
        ({"q": "waiting"}, "waiting"),
        ({"channel": "phone"}, ""),
        ({"asked_since": "2026-03-10T12:00:00Z"}, "snoozed closed waiting"),
        ({"asked_since": "2026-03-10T13:00:00+01:00"}, "snoozed closed waiting"),
        ({"asked_until": "2026-03-10T12:00:00Z"}, "open"),
        ({"asked_since": "0001-01-01T00:00:00+14:00"}, "snoozed closed waiting open"),
        ({"asked_until": "9999-12-31T23:59:59.999999-14:00"}, "snoozed closed waiting open"),
        ({"since": "2026-03-10", "until": "2026-03-10"}, "closed"),
        ({"survey": "undecided"}, "closed"),
        ({"band": "detractor"}, ""),
        ({"agent": "bob"}, "closed"),
        ({"view": "your_turn", "agent": "bob"}, ""),
    ],
    ids=str,
)
def test_list_is_narrowed_as_on_the_page(
    crm: Program, several: dict[str, str], bob: User, asked: dict[str, str], found: str
) -> None:
    asked = {name: str(bob.pk) if value == "bob" else value for name, value in asked.items()}

    rows = crm.get(QUERIES, asked).json()["results"]

    assert " ".join(several[row["id"]] for row in rows) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("view", "mine"),
        ("view", "x"),
        ("state", "open"),
        ("channel", "pigeon"),
        ("agent", "0"),
        ("agent", "x"),
        ("since", "yesterday"),
        ("band", "good"),
        ("score", "11"),
        ("q", "a" * 201),
        ("q", "\x00"),
        ("asked_since", "2026-03-10"),
        ("asked_since", "2026-03-10T12:00:00"),
        ("asked_until", "2026-13-10T12:00:00Z"),
        ("updated_since", "now"),
        ("updated_since", "\x00"),
    ],
)
def test_what_cannot_be_chosen_is_refused(crm: Program, name: str, value: str) -> None:
    answer = crm.get(QUERIES, {name: value})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [each["name"] for each in answer.json()["violations"]] == [name]


def test_updated_since_has_what_changed_at_that_moment_and_later(
    crm: Program, market: Market, customer: Customer
) -> None:
    older, younger = (market.query(customer) for _number in range(2))
    since = crm.get(url(younger)).json()["changed_at"]
    assert [row["id"] for row in crm.get(QUERIES, {"updated_since": since}).json()["results"]] == [
        str(younger.pk)
    ]

    actions.write_note(older, body="Ask Dewi.", by=market.actor, now=NOON)

    rows = crm.get(QUERIES, {"updated_since": since}).json()["results"]
    assert {row["id"] for row in rows} == {str(older.pk), str(younger.pk)}


# Versions


def _customer_writes(query: CustomerQuery, market: Market) -> None:
    via = MessageVia.LINK
    actions.receive_reaction(query, body="Well?", via=via, by=Actor.CUSTOMER, now=NOON)


def _other_writes(query: CustomerQuery, market: Market) -> None:
    aunt = "aunt@klant.example"
    actions.receive_from_other(query, from_email=aunt, body="?", by=Actor.SYSTEM, now=NOON)


def _renamed(query: CustomerQuery, market: Market) -> None:
    Customer.objects.filter(pk=query.customer_id).update(name="Nicolaas")


def _written_past_the_actions(query: CustomerQuery, market: Market) -> None:
    Message.objects.create(query=query, author=Author.CUSTOMER, body="?", sent_at=NOON)


def _emptied(query: CustomerQuery, market: Market) -> None:
    query.messages.update(body="")


CHANGES: dict[str, Callable[[CustomerQuery, Market], object]] = {
    "the customer writes": _customer_writes,
    "somebody else writes": _other_writes,
    "a reply": lambda query, market: actions.reply(query, body="Hi", by=market.actor, now=NOON),
    "a note": lambda query, market: actions.write_note(query, body="!", by=market.actor, now=NOON),
    "assigned": lambda query, market: actions.assign(
        query, assignee=market.agent, by=market.actor, now=NOON
    ),
    "snoozed": lambda query, market: actions.snooze(
        query, until=NOON + HOUR, by=market.actor, now=NOON
    ),
    "closed": lambda query, market: actions.close(query, by=market.actor, now=NOON),
    "no reply needed": lambda query, market: actions.need_no_reply(
        query, by=market.actor, now=NOON
    ),
    "handed over": lambda query, market: actions.hand_over(
        query, reason="Only you can refund.", by=market.actor, now=NOON
    ),
    "the customer is called otherwise": _renamed,
    "a message is written past the actions": _written_past_the_actions,
    "a message is emptied": _emptied,
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_etag_after(
    crm: Program, market: Market, query: CustomerQuery, change: str
) -> None:
    before = etag(crm, query)
    assert crm.get(url(query), headers={"If-None-Match": before}).status_code == 304

    CHANGES[change](query, market)

    answer = crm.get(url(query), headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer["ETag"] != before


def test_version_only_rises(query: CustomerQuery) -> None:
    versions = []
    for change in ({"version": 0}, {"order_reference": ""}, {"version": 1}, {"version": -7}):
        CustomerQuery.objects.filter(pk=query.pk).update(**change)
        query.refresh_from_db()
        versions.append(query.version)

    assert versions == sorted(set(versions))
    assert versions[0] > 1


@pytest.mark.parametrize(
    "guard",
    [
        "query_version_rises",
        "message_raises_version_first",
        "message_raises_version_again",
        "note_raises_version_first",
        "note_raises_version_again",
    ],
)
def test_version_rises_by_the_database_itself(
    market: Market, query: CustomerQuery, guard: str
) -> None:
    note = actions.write_note(query, body="Ask Dewi.", by=market.actor, now=NOON)
    writings: dict[str, Callable[[], object]] = {
        "query_version_rises": lambda: mine.update(order_reference=""),
        "message_raises_version_first": lambda: Message.objects.bulk_create(
            Message(query=query, author=Author.CUSTOMER, body="?", sent_at=NOON)
            for _number in range(3)
        ),
        "message_raises_version_again": lambda: query.messages.update(body=""),
        "note_raises_version_first": lambda: Note.objects.bulk_create(
            Note(query=query, kind=NoteKind.NOTE, author=note.author, body="!", written_at=NOON)
            for _number in range(3)
        ),
        "note_raises_version_again": lambda: query.notes.update(body=""),
    }
    mine = CustomerQuery.objects.filter(pk=query.pk)
    before = mine.values_list("version", "changed_at").get()

    writings[guard]()

    after = mine.values_list("version", "changed_at").get()
    assert after[0] == before[0] + 1
    assert after[1] > before[1]


def test_what_changes_nothing_is_no_new_version(query: CustomerQuery) -> None:
    query.refresh_from_db()
    before = query.version, query.changed_at

    CustomerQuery.objects.filter(pk=query.pk).update(subject=query.subject)

    query.refresh_from_db()
    assert (query.version, query.changed_at) == before


def test_unchanged_is_said_in_one_statement(
    crm: Program, query: CustomerQuery, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = etag(crm, query)

    with django_assert_num_queries(2):  # the token, and the version
        answer = crm.get(url(query), headers={"If-None-Match": known})

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", known)


def test_compressed_answer_has_an_etag_that_holds(crm: Program, query: CustomerQuery) -> None:
    compressed = crm.get(url(query), headers={"Accept-Encoding": "gzip"})
    assert compressed["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(compressed.content))["id"] == str(query.pk)
    weak = compressed["ETag"]
    assert weak.startswith('W/"')

    same = crm.get(url(query), headers={"Accept-Encoding": "gzip", "If-None-Match": weak})
    closed = write(crm, query, "close", of=weak)
    again = write(crm, query, "reopen", of=weak)

    assert (same.status_code, closed.status_code, again.status_code) == (304, 200, 412)


# Writing


def test_program_replies_and_the_history_says_which(
    crm: Program, query: CustomerQuery, bob: User, log_in: Callable[[User], Client]
) -> None:
    answer = write(crm, query, "reply", {"body": "On its way.\r\nBye."}, of=etag(crm, query))

    assert answer.status_code == 201
    sent = Message.objects.get(pk=answer.json()["id"])
    assert (sent.author, sent.agent, str(sent.client)) == (Author.SELLER, None, "CRM")
    assert sent.body == "On its way.\nBye."
    assert answer.json()["client"] == "CRM"
    assert answer["ETag"] == etag(crm, query)
    query.refresh_from_db()
    assert query.state == QueryState.WAITING
    assert CustomerMail.objects.get().message == sent
    event = Event.objects.get(kind="query.replied")
    assert (event.actor, event.user, str(event.client)) == (ActorKind.CLIENT, None, "CRM")
    page = text(log_in(bob).get(query.get_absolute_url()))
    assert "<b>CRM</b>" in page


def test_program_answers_and_closes_in_the_name_of_a_colleague(
    crm: Program, query: CustomerQuery, bob: User, log_in: Callable[[User], Client]
) -> None:
    said = {"body": "Bye.", "closes": True, "predicted_score": 9, "agent": str(bob.pk)}

    assert write(crm, query, "reply", said, of=etag(crm, query)).status_code == 201

    closing = Closing.objects.get()
    assert (closing.agent, str(closing.client), closing.predicted_score) == (bob, "CRM", 9)
    event = Event.objects.get(kind="query.closed")
    assert (event.actor, event.user, str(event.client)) == (ActorKind.CLIENT, bob, "CRM")
    page = text(log_in(bob).get(query.get_absolute_url()))
    assert "Closed by Bob via CRM" in page


def test_what_a_colleague_is_writing_stays(crm: Program, query: CustomerQuery, bob: User) -> None:
    for kind in DraftKind:
        save_draft(query, kind=kind, body="Dear…", user=bob, now=NOON)

    write(crm, query, "reply", {"body": "Hi.", "agent": str(bob.pk)})
    write(crm, query, "notes", {"body": "Hm.", "agent": str(bob.pk)})

    assert query.drafts.filter(user=bob).count() == 2


def test_who_writes_meanwhile_is_told_what_a_program_sent_in_their_name(
    crm: Program, query: CustomerQuery, bob: User, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(bob)
    shown = opened(browser, query)
    write(crm, query, "reply", {"body": "On its way.", "agent": str(bob.pk)})

    answer = browser.post(
        reverse("queries:reply", args=[query.pk]), shown | {"body": "It is on its way."}
    )

    assert answer.status_code == 409
    assert '<strong class="new">' in text(answer)
    assert Message.objects.filter(author=Author.SELLER).count() == 1


def test_program_closes_reopens_and_assigns(
    crm: Program, query: CustomerQuery, bob: User, log_in: Callable[[User], Client]
) -> None:
    closed = write(crm, query, "close", {"predicted_score": 7}, of=etag(crm, query))
    opened = write(crm, query, "reopen", of=closed["ETag"])
    given = write(crm, query, "assign", {"assignee": str(bob.pk)}, of=opened["ETag"])
    nobody_s = write(crm, query, "assign", {"assignee": None}, of=given["ETag"])

    assert [each.status_code for each in (closed, opened, given, nobody_s)] == [200] * 4
    assert [each.json()["state"] for each in (closed, opened)] == ["closed", "your_turn"]
    assert [each.json()["assignee_id"] for each in (given, nobody_s)] == [str(bob.pk), None]
    closing = Closing.objects.get()
    assert (closing.closed_by, closing.agent, str(closing.client)) == (
        ActorType.SELLER,
        None,
        "CRM",
    )
    assert nobody_s.json()["closings"][0]["client"] == "CRM"
    assert nobody_s.json()["closings"][0]["reopened_at"]
    page = text(log_in(bob).get(query.get_absolute_url()))
    for line in (
        "Closed by CRM",
        "Reopened by CRM",
        "Assigned to Bob by CRM",
        "Assigned to nobody by CRM",
    ):
        assert line in page


def test_staff_read_which_program_it_was(
    crm: Program, query: CustomerQuery, bob: User, staff_s: Client
) -> None:
    write(crm, query, "close")
    write(crm, query, "reopen", {"agent": str(bob.pk)})

    page = text(staff_s.get(admin_url(CustomerQuery, "history", query.pk)))

    assert "<td>CRM</td>" in page
    assert "<td>Bob via CRM</td>" in page


def test_closed_page_says_which_program(
    crm: Program, query: CustomerQuery, bob: User, log_in: Callable[[User], Client]
) -> None:
    write(crm, query, "close")

    page = text(log_in(bob).get(query.get_absolute_url()))

    assert "Closed by CRM," in " ".join(page.split())


def test_score_after_a_program_closed_is_the_shop_s(
    crm: Program,
    market: Market,
    query: CustomerQuery,
    alice: User,
    log_in: Callable[[User], Client],
) -> None:
    with time_machine.travel(NOON, tick=False):
        assert write(crm, query, "close", {"predicted_score": 8}).status_code == 200
    closing = Closing.objects.get()
    response = market.answer(
        market.invitation(closing), 2, submitted_at=closing.closed_at + timedelta(days=2)
    )

    assert FollowUp.objects.get().assignee == alice
    page = text(log_in(alice).get(reverse("insights:measurement", args=[response.pk])))
    assert "<dd>CRM</dd>" in page


def test_note_is_of_a_colleague(crm: Program, query: CustomerQuery, bob: User) -> None:
    answer = write(crm, query, "notes", said_for("notes", bob), of="")

    assert answer.status_code == 201
    note = Note.objects.get()
    assert (note.kind, note.author, note.body) == (NoteKind.NOTE, bob, "Ask Dewi.")
    assert answer.json()["id"] == str(note.pk)
    assert answer["ETag"] == etag(crm, query)


def test_no_reply_needed_says_why(crm: Program, query: CustomerQuery, bob: User) -> None:
    said = {"agent": str(bob.pk), "why": "Said thanks."}
    answer = write(crm, query, "no-reply-needed", said, of=etag(crm, query))

    assert (answer.status_code, answer.json()["state"]) == (200, "waiting_for_customer")
    note = Note.objects.get()
    assert (note.kind, note.author, note.body) == (NoteKind.NO_REPLY_NEEDED, bob, "Said thanks.")


@pytest.mark.parametrize(
    ("what", "said", "wrong"),
    [
        ("reply", {}, "body"),
        ("reply", {"body": " "}, "body"),
        ("reply", {"body": 5}, "body"),
        ("reply", {"body": "x" * 10_001}, "body"),
        ("reply", {"body": "\x00"}, "body"),
        ("reply", {"body": "Hi", "closes": "yes"}, "closes"),
        ("reply", {"body": "Hi", "closes": True, "predicted_score": 11}, "predicted_score"),
        ("reply", {"body": "Hi", "predicted_score": 8}, "predicted_score"),
        ("reply", {"body": "Hi", "agent": "0"}, "agent"),
        ("reply", {"body": "Hi", "agent": "cora"}, "agent"),
        ("reply", {"body": "Hi", "agent": "dirk"}, "agent"),
        ("reply", {"body": "Hi", "agent": {"id": 1}}, "agent"),
        ("close", {"predicted_score": "8"}, "predicted_score"),
        ("close", {"predicted_score": True}, "predicted_score"),
        ("close", {"predicted_score": 7.5}, "predicted_score"),
        ("assign", {}, "assignee"),
        ("assign", {"assignee": "cora"}, "assignee"),
        ("assign", {"assignee": "9" * 30}, "assignee"),
        ("notes", {"body": "Hm."}, "agent"),
        ("notes", {"body": "Hm.", "agent": None}, "agent"),
        ("no-reply-needed", {}, "agent"),
        ("no-reply-needed", {"agent": "bob", "why": "x" * 1_001}, "why"),
        ("close", ["predicted_score"], ""),
        ("close", {"predicted": 8}, "predicted"),
        ("close", {"score\x00\n": 8}, "score"),
        ("close", {"predicted_score": 10**400}, "predicted_score"),
    ],
)
def test_what_cannot_be_taken_is_said(
    crm: Program,
    query: CustomerQuery,
    bob: User,
    cora: User,
    dirk: User,
    what: str,
    said: Any,
    wrong: str,
) -> None:
    people = {"bob": str(bob.pk), "cora": str(cora.pk), "dirk": str(dirk.pk)}
    if isinstance(said, dict):
        said = {
            name: people.get(value, value) if isinstance(value, str) else value
            for name, value in said.items()
        }
    before = CustomerQuery.objects.values().get()

    answer = write(crm, query, what, said)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [each["name"] for each in answer.json()["violations"]] == [wrong]
    assert CustomerQuery.objects.values().get() == before


def _closed(query: CustomerQuery, market: Market) -> None:
    actions.close(query, by=market.actor, now=NOON)


def _waiting(query: CustomerQuery, market: Market) -> None:
    actions.reply(query, body="Well?", by=market.actor, now=NOON)


def _handed_over(query: CustomerQuery, market: Market) -> None:
    actions.hand_over(query, reason="Only you can refund.", by=market.actor, now=NOON)


@pytest.mark.parametrize(
    ("what", "first", "code", "sentence"),
    [
        ("reply", _closed, "query_is_closed", wording.NOT_REPLIED[actions.QueryIsClosed]),
        ("reply", _handed_over, "with_marketplace", wording.NOT_REPLIED[actions.WithMarketplace]),
        ("close", _closed, "query_is_closed", wording.CLOSED_ALREADY),
        ("close", _handed_over, "with_marketplace", wording.WITH_MARKETPLACE),
        ("reopen", None, "query_is_open", wording.NOT_REOPENED[actions.QueryIsOpen]),
        ("reopen", _handed_over, "with_marketplace", wording.WITH_MARKETPLACE),
        ("assign", _closed, "query_is_closed", wording.CLOSED_ALREADY),
        ("assign", None, "already_assigned", wording.NOTHING_CHANGED),
        ("no-reply-needed", _waiting, "nobody_waits", wording.NOT_SPARED[actions.NobodyWaits]),
        ("no-reply-needed", _handed_over, "with_marketplace", wording.WITH_MARKETPLACE),
    ],
)
def test_what_cannot_be_done_is_refused_in_the_words_of_the_page(
    crm: Program,
    market: Market,
    query: CustomerQuery,
    bob: User,
    what: str,
    first: Callable[[CustomerQuery, Market], None] | None,
    code: str,
    sentence: str,
) -> None:
    if first:
        first(query, market)

    answer = write(crm, query, what, said_for(what, bob), of=etag(crm, query))

    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)
    assert (answer.json()["code"], answer.json()["detail"]) == (code, str(sentence))


@pytest.mark.parametrize(
    ("what", "said"), [("close", {}), ("reply", {"body": "Bye.", "closes": True})]
)
def test_shop_that_wants_predictions_wants_them_of_programs_too(
    crm: Program, query: CustomerQuery, fietsenzo: Seller, what: str, said: dict[str, Any]
) -> None:
    fietsenzo.requires_prediction = True
    fietsenzo.save()

    refused = write(crm, query, what, said)
    taken = write(crm, query, what, said | {"predicted_score": 8})

    assert (refused.status_code, refused.json()["code"]) == (409, "prediction_missing")
    assert refused.json()["detail"] == str(wording.PREDICTION_MISSING)
    assert taken.status_code in (200, 201)
    assert Message.objects.filter(author=Author.SELLER).count() == (what == "reply")


@pytest.mark.parametrize("what", OF_A_VERSION)
def test_what_was_read_has_to_be_said(
    crm: Program, query: CustomerQuery, bob: User, what: str
) -> None:
    answer = write(crm, query, what, said_for(what, bob), of="")

    assert (answer.status_code, answer.json()["code"]) == (428, "version_needed")


@pytest.mark.parametrize("of", ["1-ab34cd56", "'1'", '"1', "**", '"1", 2', '"1",'])
def test_etag_has_its_quotes(crm: Program, query: CustomerQuery, of: str) -> None:
    answer = write(crm, query, "close", of=of)

    assert (answer.status_code, answer.json()["violations"][0]["name"]) == (400, "If-Match")
    assert "quotes" in answer.json()["violations"][0]["reason"]


@pytest.mark.parametrize("what", OF_A_VERSION)
def test_what_moved_on_is_not_changed(
    crm: Program, market: Market, query: CustomerQuery, bob: User, what: str
) -> None:
    read = etag(crm, query)
    actions.write_note(query, body="Ask Dewi first!", by=market.actor, now=NOON)
    before = CustomerQuery.objects.values().get()

    answer = write(crm, query, what, said_for(what, bob), of=read)

    assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")
    assert CustomerQuery.objects.values().get() == before


def test_one_of_several_versions_will_do(crm: Program, query: CustomerQuery) -> None:
    assert write(crm, query, "close", of=f'"1-x", {etag(crm, query)}').status_code == 200


@pytest.mark.parametrize(
    "operation",
    [("get", path) for path in READS] + [("post", f"{what}/") for what in WRITES],
    ids=str,
)
@pytest.mark.parametrize("query_id", ["0", "x", "-1", "９", "9" * 19, "1e3", "%00"])
def test_nothing_is_found_under_other_ids(
    crm: Program, bob: User, operation: tuple[str, str], query_id: str
) -> None:
    method, path = operation
    said = said_for(path[:-1], bob) if method == "post" else None

    answer = getattr(crm, method)(f"{QUERIES}{query_id}/{path}", said)

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_of_another_shop_nothing_is_found(crm: Program, other_market: Market, bob: User) -> None:
    theirs = other_market.query()

    assert crm.get(QUERIES).json()["results"] == []
    assert crm.get(url(theirs)).content == crm.get(f"{QUERIES}0/").content
    for what in WRITES:
        assert write(crm, theirs, what, said_for(what, bob)).status_code == 404


def test_who_may_only_read_writes_nothing(register: Register, query: CustomerQuery) -> None:
    reader = with_token(register(scopes=[Scope.QUERIES_READ]))

    assert reader.get(url(query)).status_code == 200
    assert write(reader, query, "close").json()["code"] == "insufficient_scope"


@pytest.mark.usefixtures("owner_db")
def test_closing_by_the_shop_names_who(query: CustomerQuery, register: Register) -> None:
    program = register().client
    fields = {
        "query": query,
        "seller": query.seller,
        "customer": query.customer,
        "closed_by": ActorType.SELLER,
        "channel": Channel.WEB,
        "closed_at": NOON,
    }

    with refused_by("closing_by_seller_names_who"):
        Closing.objects.create(**fields)
    closing = Closing.objects.create(**fields, client=program)
    with refused_by("closing_never_changes"):
        Closing.objects.filter(pk=closing.pk).update(client=None)


def test_program_that_sent_a_message_never_changes(query: CustomerQuery, crm: Program) -> None:
    write(crm, query, "reply", {"body": "Hi."})

    with refused_by("message_never_changes"):
        Message.objects.filter(author=Author.SELLER).update(client=None)


# Once


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("what", ["close", "reply", "no-reply-needed"])
def test_of_four_who_read_the_same_one_writes(
    register: Register, market: Market, what: str
) -> None:
    query, programs = market.query(), [with_token(register()) for _number in range(4)]
    read, said = etag(programs[0], query), said_for(what, market.agent)

    answers = at_once(
        *[partial(write, program, query, what, said, of=read) for program in programs]
    )

    done = 201 if what == "reply" else 200
    assert sorted(answer.status_code for answer in answers) == [done, 412, 412, 412]


@pytest.mark.usefixtures("committed_db")
def test_fifty_at_once_with_one_key_are_one_reply(register: Register, market: Market) -> None:
    program, query, key = with_token(register()), market.query(), str(uuid4())
    token = program._credentials["HTTP_AUTHORIZATION"]
    read = etag(program, query)

    def once() -> Any:
        mine = Program()
        mine.credentials(HTTP_AUTHORIZATION=token)
        return write(mine, query, "reply", {"body": "On its way."}, of=read, key=key)

    answers = at_once(*[once] * 50)

    assert Message.objects.filter(author=Author.SELLER).count() == 1
    done = [answer for answer in answers if answer.status_code == 201]
    assert all(answer.json() == done[0].json() for answer in done)
    others = [answer.json()["code"] for answer in answers if answer not in done]
    assert set(others) <= {"still_running"}
    assert sum("Idempotent-Replayed" not in answer for answer in done) == 1
    again = once()
    assert (again.status_code, again.json()) == (201, done[0].json())
    assert again["ETag"] == done[0]["ETag"]
    assert again["Idempotent-Replayed"] == "true"


def test_key_of_another_request_is_refused(crm: Program, query: CustomerQuery) -> None:
    assert write(crm, query, "reply", {"body": "Hi."}, key="k").status_code == 201

    answer = write(crm, query, "reply", {"body": "Hello."}, key="k")

    assert (answer.status_code, answer.json()["code"]) == (422, "key_of_another_request")
    assert Message.objects.filter(author=Author.SELLER).count() == 1


def test_refusal_is_repeated(crm: Program, market: Market, query: CustomerQuery) -> None:
    first = write(crm, query, "reopen", key="k")
    _closed(query, market)  # so that it could be done now
    again = write(crm, query, "reopen", key="k")

    assert (first.status_code, again.status_code) == (409, 409)
    assert first.json() == again.json()
    assert again["Content-Type"] == PROBLEM
    assert again["Idempotent-Replayed"] == "true"


def test_same_words_again_close_when_that_is_asked(
    crm: Program, bob: User, query: CustomerQuery
) -> None:
    said = {"agent": str(bob.pk), "body": "It is on its way."}
    first = write(crm, query, "reply", said)
    second = write(crm, query, "reply", said | {"closes": True}, of=first["ETag"])

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    query.refresh_from_db()
    assert query.is_closed


@pytest.mark.parametrize(
    ("what", "said"),
    [("reply", {"body": "Hi."}), ("notes", {"body": "Call Klaas."}), ("close", {})],
)
def test_answer_goes_with_the_person_and_nothing_is_done_again(
    crm: Program, bob: User, query: CustomerQuery, what: str, said: dict[str, Any]
) -> None:
    said = {**said, "agent": str(bob.pk)}
    done = write(crm, query, what, said, key="k", of=etag(crm, query))
    assert done.status_code in (200, 201)
    other = ApiAnswer.objects.create(
        client=ApiAnswer.objects.get().client, key="other", status=200, body={"id": "0"}, at=NOON
    )

    erase_customer(query.customer, by=Actor.SYSTEM, now=NOON)
    again = write(crm, query, what, said, key="k")

    assert ApiAnswer.objects.get(key="k").body is None
    other.refresh_from_db()
    assert other.body == {"id": "0"}
    assert (again.status_code, again["Content-Type"]) == (409, PROBLEM)
    assert again.json()["code"] == "answer_erased"
    assert not query.messages.exists()


@pytest.mark.parametrize(("of", "status"), [("", 428), ('"0-x"', 412)])
def test_what_was_read_may_be_said_better_with_the_same_key(
    crm: Program, query: CustomerQuery, of: str, status: int
) -> None:
    assert write(crm, query, "close", key="k", of=of).status_code == status

    assert write(crm, query, "close", key="k", of=etag(crm, query)).status_code == 200


def test_mistake_may_be_mended_with_the_same_key(crm: Program, query: CustomerQuery) -> None:
    assert write(crm, query, "close", {"predicted_score": 11}, key="k").status_code == 400

    assert write(crm, query, "close", {"predicted_score": 10}, key="k").status_code == 200


def test_failure_of_ours_stores_nothing(
    crm: Program, query: CustomerQuery, settings: LazySettings
) -> None:
    zone = settings.MARKETPLACE_ZONE
    settings.MARKETPLACE_ZONE = "nowhere"
    crm.raise_request_exception = False
    failed = write(crm, query, "reply", {"body": "Hi."}, key="k")
    settings.MARKETPLACE_ZONE = zone

    assert failed.status_code == 500
    assert not ApiAnswer.objects.exists()
    assert not Message.objects.filter(author=Author.SELLER).exists()
    assert write(crm, query, "reply", {"body": "Hi."}, key="k").status_code == 201
