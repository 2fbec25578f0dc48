"""A customer's own mail becomes their reaction. How it is read: tests/queries/received/."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries import actions
from queries.emails import reply_email
from queries.enums import Author, Channel, IncomingState, MessageVia
from queries.enums import QueryState as State
from queries.incoming import receive
from queries.models import Customer, CustomerMail, CustomerQuery, ThreadLink
from sellers.events import Actor
from sellers.models import User
from surveys.deciding import decide_due
from surveys.enums import InvitationState
from surveys.models import Invitation
from tests.conftest import NOON, RULES, Market, at_once, text
from tests.queries.incoming.conftest import HOUR, LATER, mail, state_of, with_files


def test_answer_is_the_customer_s_reaction(query: CustomerQuery, address: str) -> None:
    incoming = receive(mail(address), now=LATER)

    message = query.messages.latest("pk")
    assert (message.author, message.via) == (Author.CUSTOMER, MessageVia.MAIL)
    assert message.body.strip() == "Nothing came!"
    assert message.message_id_header == "<1@klant.example>"
    assert (incoming.state, incoming.message, incoming.raw) == (IncomingState.PLACED, message, None)
    assert state_of(query) == State.YOUR_TURN
    assert query.closings.get().reopened_at == LATER


def test_address_is_found_in_capitals_and_in_the_envelope(
    query: CustomerQuery, address: str
) -> None:
    receive(mail(address.upper(), number=1), now=LATER)
    receive(mail("somebody@else.example", number=2), recipients=[address], now=LATER)

    assert query.messages.filter(via=MessageVia.MAIL).count() == 2


def test_same_mail_twice_is_one_message(query: CustomerQuery, address: str) -> None:
    first = receive(mail(address), now=LATER)
    again = receive(mail(address, Received="by another try"), now=LATER + HOUR)

    assert first == again
    assert query.messages.filter(via=MessageVia.MAIL).count() == 1


@pytest.mark.usefixtures("committed_db")
def test_same_mail_at_once_is_one_message(market: Market) -> None:
    query = market.query()
    actions.reply(query, body="So.", by=market.actor, now=NOON)
    link = ThreadLink.objects.get()
    raw = mail(link.reply_address, sender=link.email)

    taken = at_once(*[lambda: receive(raw, now=LATER).pk] * 4)

    assert len(set(taken)) == 1
    assert query.messages.filter(via=MessageVia.MAIL).count() == 1


def test_two_mails_with_one_message_id_are_two_messages(query: CustomerQuery, address: str) -> None:
    receive(mail(address, body="One"), now=LATER)
    receive(mail(address, body="Two"), now=LATER)

    assert query.messages.filter(via=MessageVia.MAIL).count() == 2


@pytest.mark.parametrize(
    "sender", ["klaas@klant.example", "KLAAS@klant.EXAMPLE", "order-77@masked.example"]
)
def test_customer_is_known_by_each_of_their_addresses(
    market: Market, customer: Customer, sender: str
) -> None:
    query = actions.ask(
        market.shop,
        customer=customer,
        contact_email="order-77@masked.example",
        subject="Hm",
        body="Hm?",
        channel=Channel.WEB,
        by=Actor.CUSTOMER,
        now=NOON,
    )
    actions.reply(query, body="So.", by=market.actor, now=NOON)

    receive(mail(ThreadLink.objects.get().reply_address, sender=sender), now=LATER)

    assert query.messages.latest("pk").author == Author.CUSTOMER


def test_agents_do_not_read_the_customer_s_link_in_what_an_answer_repeats(
    query: CustomerQuery, address: str
) -> None:
    link = ThreadLink.objects.get()
    quoted = f"Thanks {link.token}!\n\n> http://localhost:8000/thread/{link.token}/ {address}"

    receive(mail(address, body=quoted), now=LATER)

    body = query.messages.latest("pk").body
    assert link.token not in body
    assert address not in body
    assert body.startswith("Thanks …!")


# Files


def test_files_of_a_mail_are_attached_and_the_others_named(
    query: CustomerQuery, address: str
) -> None:
    good = [(f"{number}.txt", b"Paid") for number in range(5)]
    raw = with_files(address, ("holiday.jpg", b"MZ" + bytes(100)), *good)

    receive(raw, now=LATER)

    message = query.messages.latest("pk")
    assert message.body.startswith("See these.")
    assert sorted(file.name for file in message.attachments.all()) == [
        "0.txt",
        "1.txt",
        "2.txt",
        "3.txt",
    ]
    assert sorted(message.refused_files.splitlines()) == ["4.txt", "holiday.jpg"]


def test_long_sender_and_long_text_are_bounded(query: CustomerQuery, address: str) -> None:
    long = f"{'a' * 64}@{'.'.join(['b' * 60] * 4)}.example"

    assert receive(mail(address, sender=long, number=1), now=LATER).state in {"held", "ignored"}
    receive(mail(address, body="word " * 100_000, number=2), now=LATER)

    assert len(query.messages.latest("pk").body) == 100_000


def test_mail_to_two_conversations_is_in_both(market: Market, customer: Customer) -> None:
    queries = [market.query(customer) for _ in range(2)]
    for query in queries:
        actions.reply(query, body="So.", by=market.actor, now=NOON)
    addresses = [link.reply_address for link in ThreadLink.objects.order_by("pk")]
    raw = mail(", ".join(addresses))

    for address in reversed(addresses):
        receive(raw, recipients=[address], now=LATER)

    assert [query.messages.filter(via=MessageVia.MAIL).count() for query in queries] == [1, 1]


# After the survey was decided

STANDS = "If you got a survey about the earlier contact, your answer to it still counts."
REOPENED = "The query was reopened afterwards; this survey stands, and its answer counts."


@pytest.mark.parametrize("way", ["mail", "page"])
def test_survey_that_went_out_stands_and_both_are_told(
    query: CustomerQuery,
    address: str,
    market: Market,
    client: Client,
    log_in: Callable[[User], Client],
    way: str,
) -> None:
    link = ThreadLink.objects.get()
    thread, now = reverse("thread:page", args=[link.token]), NOON + RULES.delay
    survey = market.invitation(query.closings.get())
    with travel(now + HOUR, tick=False):
        if way == "mail":
            receive(mail(address), now=now + HOUR)
        else:
            client.post(thread, {"body": "Nothing came!"})
        assert STANDS in text(client.get(thread))
        page = text(
            log_in(market.agent).get(reverse("surveys_seller:query_survey", args=[query.pk]))
        )

    survey.refresh_from_db()
    assert survey.state == InvitationState.SENT
    assert REOPENED in page
    for number, told in enumerate((True, False), start=2):
        actions.reply(query, body="So.", by=market.actor, now=now + number * HOUR)
        email = reply_email(CustomerMail.objects.with_contents().latest("pk"))
        assert [STANDS in str(body) for body in (email.body, email.alternatives[0][0])] == [
            told,
            told,
        ]


def test_survey_that_was_stopped_is_not_spoken_of(
    query: CustomerQuery, address: str, market: Market, client: Client
) -> None:
    receive(mail(address), now=LATER)
    decide_due(now=NOON + RULES.delay, rules=RULES)

    actions.reply(query, body="So.", by=market.actor, now=NOON + RULES.delay + HOUR)

    assert Invitation.objects.get().reason == "reopened"
    assert STANDS not in reply_email(CustomerMail.objects.with_contents().latest("pk")).body
    assert STANDS not in text(
        client.get(reverse("thread:page", args=[ThreadLink.objects.get().token]))
    )
