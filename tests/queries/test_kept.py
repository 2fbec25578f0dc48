"""What a shop's people keep about their work: what the database refuses, however it is asked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from queries import actions
from queries.models import (
    Customer,
    CustomerQuery,
    Draft,
    Message,
    Note,
    SavedReply,
    Visit,
)
from tests.conftest import NOON, Market, refused_by

MINUTE = timedelta(minutes=1)


@pytest.fixture
def note(market: Market, query: CustomerQuery) -> Note:
    """Bob notes something."""
    return actions.write_note(query, body="Ask Dewi.", by=market.actor, now=NOON)


@pytest.fixture
def sent(market: Market, query: CustomerQuery) -> Message:
    """Bob replies."""
    return actions.reply(query, body="So.", send_key=uuid4(), by=market.actor, now=NOON)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "changes"),
    [
        ("note_kind_known", {"kind": "letter"}),
        ("note_never_changes", {"written_at": NOON + MINUTE}),
        ("note_body_only_emptied", {"body": "Ask Anna."}),
    ],
)
def test_note_never_changes(note: Note, guard: str, changes: dict[str, Any]) -> None:
    if guard == "note_kind_known":
        with refused_by(guard):
            Note.objects.create(
                query=note.query, author=note.author, written_at=NOON, body="", **changes
            )
        return
    with refused_by(guard):
        Note.objects.filter(pk=note.pk).update(**changes)


@pytest.mark.usefixtures("owner_db")
def test_note_may_be_emptied_and_stays(note: Note) -> None:
    Note.objects.filter(pk=note.pk).update(body="")

    with refused_by("note_stays"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM queries_note")


@pytest.mark.parametrize(
    ("guard", "fields"),
    [
        ("draft_kind_known", {"kind": "letter"}),
        ("draft_prediction_in_range", {"kind": "reply", "predicted_score": 11}),
        ("draft_prediction_in_range", {"kind": "note", "predicted_score": 5}),
        ("draft_one_per_person", {"kind": "reply"}),
    ],
)
def test_draft_is_one_per_person_and_kind(
    market: Market, query: CustomerQuery, guard: str, fields: dict[str, Any]
) -> None:
    mine = {"query": query, "user": market.agent, "body": "So.", "saved_at": NOON}
    if guard == "draft_one_per_person":
        Draft.objects.create(**mine, **fields)

    with refused_by(guard):
        Draft.objects.create(**mine, **fields)


def test_visit_is_one_per_person(market: Market, query: CustomerQuery) -> None:
    mine = {"query": query, "user": market.agent, "read_until": NOON, "seen_at": NOON}
    Visit.objects.create(**mine)

    with refused_by("visit_one_per_person"):
        Visit.objects.create(**mine)


@pytest.mark.parametrize(
    ("guard", "language"), [("savedreply_title_once", "nl"), ("savedreply_language_known", "de")]
)
def test_saved_reply_has_a_name_of_its_own_and_a_language(
    market: Market, guard: str, language: str
) -> None:
    fields = {"seller": market.shop, "title": "Hello", "body": "So.", "changed_at": NOON}
    if guard == "savedreply_title_once":
        SavedReply.objects.create(**fields, language="")

    with refused_by(guard):
        SavedReply.objects.create(**fields, language=language)


def test_message_of_a_customer_is_never_withdrawn(query: CustomerQuery) -> None:
    with refused_by("message_withdrawn_is_own"):
        query.messages.update(withdrawn_at=NOON)


def test_message_is_withdrawn_once(sent: Message, market: Market) -> None:
    actions.take_back(sent, by=market.actor, now=sent.sent_at)

    for moment in (NOON + MINUTE, None):
        with refused_by("message_withdrawn_once"):
            Message.objects.filter(pk=sent.pk).update(withdrawn_at=moment)


@pytest.mark.parametrize("changes", [{"send_key": None}, {"query_before": {}}])
def test_message_keeps_how_it_was_sent(sent: Message, changes: dict[str, Any]) -> None:
    with refused_by("message_never_changes"):
        Message.objects.filter(pk=sent.pk).update(**changes)


def test_form_sends_one_message_whoever_asks(query: CustomerQuery, sent: Message) -> None:
    with refused_by("queries_message_send_key_key"):
        Message.objects.create(
            query=query, author="seller", body="So.", sent_at=NOON, send_key=sent.send_key
        )


def test_open_query_is_no_duplicate(
    market: Market, customer: Customer, query: CustomerQuery
) -> None:
    kept = market.query(customer)

    with refused_by("query_duplicate_is_closed"):
        CustomerQuery.objects.filter(pk=query.pk).update(duplicate_of=kept)


@pytest.mark.parametrize(
    "of_whom", ["itself", "another customer", "a duplicate", "kept itself", "what was logged"]
)
def test_duplicate_is_of_one_kept_query_of_the_same_customer(
    market: Market, customer: Customer, query: CustomerQuery, of_whom: str
) -> None:
    actions.close(query, by=market.actor, now=NOON)
    other = market.query(market.new_customer() if of_whom == "another customer" else customer)
    kept = query if of_whom == "itself" else other
    if of_whom == "a duplicate":
        actions.close_as_duplicate(other, of=market.query(customer), by=market.actor, now=NOON)
    if of_whom == "kept itself":
        third = market.query(customer)
        actions.close_as_duplicate(third, of=query, by=market.actor, now=NOON)

    if of_whom == "what was logged":
        call = {"name": "Klaas", "subject": "Squeak", "note": "Oil.", "earlier": query}
        kept = actions.log_phone_contact(market.shop, **call, by=market.actor, now=NOON)

    with refused_by("query_duplicate_of_same_customer"):
        CustomerQuery.objects.filter(pk=query.pk).update(duplicate_of=kept)
