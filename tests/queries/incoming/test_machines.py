"""Machines, broken mails and guesses: nothing follows, and what comes next arrives."""

from operator import attrgetter

import pytest
from django.conf import LazySettings

from queries import actions
from queries.enums import HeldReason, IncomingState, MessageVia
from queries.enums import QueryState as State
from queries.incoming import MOST_A_DAY, receive
from queries.models import CustomerMail, CustomerQuery, IncomingMail, Message
from sellers.models import RefusedAddress
from surveys.deciding import decide_due
from tests.conftest import NOON, RULES, Market
from tests.queries.incoming.conftest import LATER, mail, state_of
from tests.queries.received.test_broken import UNREADABLE_MAILS
from tests.queries.received.test_kinds import AUTOMATIC_MAILS


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


def test_no_machine_reopens_bounces_or_stops_a_survey(
    query: CustomerQuery, address: str, settings: LazySettings
) -> None:
    settings.SITE_HOST = "mail.markt.example"
    mails = [raw for kind, raw in map(attrgetter("values"), AUTOMATIC_MAILS)]
    mails = [addressed(raw, address) for raw in mails if raw]
    assert len(mails) >= 35

    states = {receive(raw, recipients=[address], now=LATER).state for raw in mails}

    assert states == {IncomingState.IGNORED, IncomingState.HELD}
    assert set(IncomingMail.objects.held().values_list("reason", flat=True)) == {HeldReason.LIST}
    assert state_of(query) == State.CLOSED
    assert not RefusedAddress.objects.exists()
    assert query.messages.count() == 2
    assert decide_due(now=NOON + RULES.delay, rules=RULES) == {"send": 1}


def test_broken_mail_never_stops_the_next(query: CustomerQuery, address: str) -> None:
    broken = [raw for reason, raw in map(attrgetter("values"), UNREADABLE_MAILS)]
    assert len(broken) >= 14

    for number, raw in enumerate(broken):
        assert receive(raw, recipients=[address], now=LATER).state == IncomingState.HELD
        good = mail(address, number=number, body=f"Answer {number}")
        assert receive(good, now=LATER).state == IncomingState.PLACED

    assert query.messages.filter(via=MessageVia.MAIL).count() == len(broken)


def test_guessed_references_attach_nothing_to_a_thousand_queries(market: Market) -> None:
    for number in range(20):
        query = market.query()
        actions.reply(query, body=f"{number}", by=market.actor, now=NOON)
    known = list(CustomerMail.objects.order_by("pk"))

    for number in range(1_000):
        near = known[number % len(known)]
        guess = f"<customermail.{near.pk}.{number:032x}@localhost>"
        raw = mail("survey@markt.example", number=number, In_Reply_To=guess, References=guess)
        assert receive(raw, now=LATER).reason == HeldReason.NO_REPLY_ADDRESS

    assert not Message.objects.filter(via=MessageVia.MAIL).exists()
