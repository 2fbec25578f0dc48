"""Machines, broken mails and guesses: nothing follows, and what comes next arrives."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db.models import Model

from queries import actions
from queries.enums import HeldReason, IncomingState, MessageVia
from queries.enums import QueryState as State
from queries.incoming import MOST_A_DAY, receive
from queries.models import (
    Closing,
    Customer,
    CustomerMail,
    CustomerQuery,
    IncomingMail,
    Message,
    ThreadLink,
)
from sellers.enums import MailState
from sellers.models import RefusedAddress
from surveys.deciding import decide_due
from tests.conftest import NOON, RULES, Market
from tests.queries.incoming.conftest import HOUR, KLAAS, LATER, mail, state_of
from tests.queries.incoming.test_bounces import DELAYS
from tests.queries.received.test_broken import BROKEN_MAILS, UNREADABLE_MAILS
from tests.queries.received.test_kinds import AUTOMATIC_MAILS

UNREAD = (HeldReason.UNREADABLE, HeldReason.TOO_LARGE)


@pytest.mark.parametrize("header", ["References", "In_Reply_To"])
def test_thread_is_not_found_by_references(query: CustomerQuery, header: str) -> None:
    known = {header: CustomerMail.objects.get().message_id_header}

    receive(mail("survey@markt.example", sender="piet@other.example", **known), now=LATER)

    assert not query.messages.filter(via=MessageVia.MAIL).exists()


def test_two_machines_do_not_answer_each_other_for_ever(query: CustomerQuery, address: str) -> None:
    held = [
        receive(mail(address, body=f"{number}", number=number), now=LATER).reason
        for number in range(MOST_A_DAY + 2)
    ]

    assert held == [""] * MOST_A_DAY + [HeldReason.TOO_MANY] * 2


def addressed(raw: bytes, address: str) -> bytes:
    """Return a mail as our mail server gets it, for a conversation."""
    return f"X-Original-To: {address}\n".encode() + raw


@pytest.mark.parametrize("way", ["reply address", "return path"])
def test_no_machine_reopens_bounces_or_stops_a_survey(
    market: Market, settings: LazySettings, way: str
) -> None:
    settings.SITE_HOST = "mail.markt.example"
    mails = [each.values[-1] for each in (*AUTOMATIC_MAILS, *DELAYS)]
    assert len(mails) >= 40
    states = set()

    for raw in mails:
        query = market.query()
        actions.reply(query, body="It left on Monday.", by=market.actor, closes=True, now=NOON)
        sent = query.customer_mails.get()
        CustomerMail.objects.filter(pk=sent.pk).update(state=MailState.SENT, sent_at=NOON)
        to = sent.link.reply_address if way == "reply address" else sent.return_path
        theirs = raw.replace(KLAAS.encode(), sent.link.email.encode())
        states.add(receive(addressed(theirs, to), recipients=[to], now=LATER).state)

    assert states <= {IncomingState.IGNORED, IncomingState.HELD}
    assert set(IncomingMail.objects.held().values_list("reason", flat=True)) <= {HeldReason.LIST}
    assert set(CustomerQuery.objects.values_list("state", flat=True)) == {State.CLOSED}
    assert Closing.objects.not_reopened().count() == len(mails)
    assert Message.objects.count() == 2 * len(mails)
    assert set(CustomerMail.objects.values_list("state", flat=True)) == {MailState.SENT}
    assert not RefusedAddress.objects.exists()
    assert decide_due(now=NOON + RULES.delay, rules=RULES) == {"send": len(mails)}


def test_broken_mail_never_stops_the_next(query: CustomerQuery, address: str) -> None:
    broken = [each.values[-1] for each in (*UNREADABLE_MAILS, *BROKEN_MAILS)]
    assert len(broken) >= 20
    good = {f"Answer {number}" for number in range(len(broken))}

    for number, (raw, body) in enumerate(zip(broken, sorted(good), strict=True)):
        now = LATER + number * HOUR
        receive(raw, recipients=[address], now=now)
        after = receive(mail(address, number=number, body=body), now=now)
        assert after.state == IncomingState.PLACED

    arrived = [message.body.strip() for message in query.messages.filter(via=MessageVia.MAIL)]
    assert {body: arrived.count(body) for body in good} == dict.fromkeys(good, 1)
    held = IncomingMail.objects.filter(state=IncomingState.HELD, reason__in=UNREAD)
    assert held.count() == len(UNREADABLE_MAILS)


def copies(row: Model, of: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield rows that are not stored, each like this one but for some columns."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    for changes in of:
        alike = {field.attname: getattr(row, field.attname) for field in fields}
        yield type(row)(**alike | changes)


def conversations(market: Market, number: int) -> list[CustomerMail]:
    """Store so many queries of as many customers, each with a mail that was sent."""
    query = market.query()
    actions.reply(query, body="So.", by=market.actor, now=NOON)
    first = query.customer_mails.get()
    emails = [f"many{one}@klant.example" for one in range(number)]
    customers = Customer.objects.bulk_create(
        Customer(name="K", email=email, language="en") for email in emails
    )
    queries = CustomerQuery.objects.bulk_create(
        copies(query, [{"customer_id": customer.pk} for customer in customers])
    )
    links = list(
        copies(
            first.link,
            [
                {"query_id": query.pk, "email": email}
                for query, email in zip(queries, emails, strict=True)
            ],
        )
    )
    for link in links:
        link.make_link()
    links = ThreadLink.objects.bulk_create(links)
    CustomerMail.objects.bulk_create(
        copies(
            first,
            [
                {
                    "query_id": link.query_id,
                    "link_id": link.pk,
                    "message_id": None,
                    "message_key": uuid4(),
                    "state": MailState.SENT,
                    "sent_at": NOON,
                }
                for link in links
            ],
        )
    )
    return list(CustomerMail.objects.exclude(pk=first.pk).select_related("link").order_by("pk"))


def test_guessed_references_attach_nothing_to_a_thousand_queries(market: Market) -> None:
    sent = conversations(market, 1_000)
    stored = Message.objects.count()

    for begin in range(0, len(sent), 100):
        some = sent[begin : begin + 100]
        seen = " ".join(each.message_id_header for each in some)
        near = " ".join(
            f"<customermail.{each.pk}.{other.message_key.hex}@localhost>"
            for each, other in zip(some, reversed(some), strict=True)
        )
        to = ", ".join(f"reply-{'a' * 23}{base32(each.pk)}@reply.markt.example" for each in some)
        for number, known in enumerate((seen, near), start=2 * begin):
            raw = mail(
                to, sender=some[0].link.email, number=number, In_Reply_To=known, References=known
            )
            assert receive(raw, now=LATER).reason == HeldReason.NO_REPLY_ADDRESS

    assert Message.objects.count() == stored
    assert not IncomingMail.objects.exclude(query=None).exists()
    assert set(CustomerQuery.objects.values_list("state", flat=True)) == {State.WAITING}
    # As the mails say where they belong: the address alone.
    true = sent[500]
    receive(mail(true.link.reply_address, sender=true.link.email, number=9_999), now=LATER)
    assert state_of(true.query) == State.YOUR_TURN


def base32(number: int) -> str:
    """Return a number below 32,768 in the letters of reply addresses."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(letters[number // place % 32] for place in (1024, 32, 1))
