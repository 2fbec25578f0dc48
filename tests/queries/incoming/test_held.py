"""What can be placed nowhere waits for staff, and not for ever."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from queries import actions, privacy
from queries.actions import QueryIsErased
from queries.customer_mail import revoke_links
from queries.customers import erase_customer
from queries.enums import HeldReason, IncomingState, QueryEvent
from queries.enums import QueryState as State
from queries.incoming import (
    HELD_FOR,
    NotHeld,
    discard,
    discard_old,
    place,
    receive,
)
from queries.models import Customer, CustomerQuery, IncomingMail, ThreadLink
from queries.models.threads import ADDRESS_LASTS, LINK_LASTS
from queries.received import MAX_BYTES
from sellers.events import Actor
from sellers.models import Event, RefusedAddress
from tests.conftest import NOON, Market, admin_url, refused_by, text
from tests.queries.conftest import mark_erased
from tests.queries.incoming.conftest import HOUR, KLAAS, LATER, mail, state_of


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", HeldReason.UNREADABLE, id="nothing at all"),
        pytest.param(mail("survey@markt.example"), HeldReason.NO_REPLY_ADDRESS, id="no address"),
        pytest.param(
            mail(f"reply-{'a' * 26}@reply.markt.example"),
            HeldReason.NO_REPLY_ADDRESS,
            id="guessed address",
        ),
        pytest.param(b"x" * (MAX_BYTES + 1), HeldReason.TOO_LARGE, id="too large"),
    ],
)
def test_what_cannot_be_placed_waits_for_staff(
    query: CustomerQuery, raw: bytes, reason: HeldReason
) -> None:
    incoming = receive(raw, now=LATER)

    assert (incoming.state, incoming.reason) == (IncomingState.HELD, reason)
    assert incoming.raw is not None
    assert query.messages.count() == 2
    assert state_of(query) == State.CLOSED
    assert Event.objects.filter(kind=QueryEvent.MAIL_HELD).count() == 1


def test_revoked_address_is_held(query: CustomerQuery, address: str, market: Market) -> None:
    revoke_links(query, by=market.actor, now=NOON)

    assert receive(mail(address), now=LATER).reason == HeldReason.REVOKED


def test_address_takes_answers_longer_than_the_page_and_not_for_ever(
    market: Market, customer: Customer
) -> None:
    asked = NOON - 2 * ADDRESS_LASTS
    query = market.query(customer, asked_at=asked)
    actions.reply(query, body="It left on Monday.", by=market.actor, closes=True, now=asked)
    address = ThreadLink.objects.get().reply_address

    assert ADDRESS_LASTS > LINK_LASTS
    assert receive(mail(address), now=asked + ADDRESS_LASTS - HOUR).state == IncomingState.PLACED
    over = asked + 2 * ADDRESS_LASTS - HOUR  # after what came then

    late = receive(mail(address, number=2, body="Hello?"), now=over)

    assert (late.state, late.reason) == (IncomingState.HELD, HeldReason.OUTDATED)
    assert (late.query, late.from_email) == (query, KLAAS)


def test_old_conversation_is_alive_again_when_staff_place_a_mail_there(
    query: CustomerQuery, address: str, market: Market
) -> None:
    over = NOON + ADDRESS_LASTS
    held = receive(mail(address), now=over)

    place(held, query, by=market.actor, now=over)

    assert receive(mail(address, number=2, body="Hello?"), now=over + HOUR).message


def test_mail_that_says_nothing_is_held(query: CustomerQuery, address: str) -> None:
    assert receive(mail(address, body=" "), now=LATER).reason == HeldReason.EMPTY


def test_nothing_is_kept_of_what_an_erased_person_writes(
    query: CustomerQuery, address: str, customer: Customer
) -> None:
    erase_customer(customer, by=Actor.SYSTEM, now=LATER)

    incoming = receive(mail(address), now=LATER)

    assert (incoming.state, incoming.reason) == (IncomingState.DISCARDED, HeldReason.ERASED)
    assert (incoming.raw, incoming.from_email, incoming.subject) == (None, "", "")


def test_erasing_a_person_throws_their_held_mail_away(
    query: CustomerQuery, customer: Customer
) -> None:
    mine = receive(mail("survey@markt.example"), now=LATER)
    other = receive(mail("survey@markt.example", sender="piet@other.example"), now=LATER)

    erase_customer(customer, by=Actor.SYSTEM, now=LATER)

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, mine.raw, other.state) == ("discarded", None, "held")


def test_erasing_one_of_an_address_leaves_what_is_another_s(market: Market) -> None:
    shared = "inkoop@atelier.example"
    first, second = (
        Customer.objects.create(
            name=name, email=shared, external_id=name, shares_email=True, language="en"
        )
        for name in ("Ruben", "Imke")
    )
    RefusedAddress.objects.create(email=shared, refused_at=NOON)
    held = receive(mail("survey@markt.example", sender=shared), now=LATER)

    erase_customer(first, by=Actor.SYSTEM, now=LATER)
    held.refresh_from_db()
    assert (held.state, RefusedAddress.objects.count()) == (IncomingState.HELD, 1)
    assert privacy.stored_about(second)["received_mails"] == []


def test_copy_of_all_has_what_waits_and_what_refused(
    query: CustomerQuery, customer: Customer
) -> None:
    receive(mail("survey@markt.example"), now=LATER)
    RefusedAddress.objects.create(email=KLAAS, refused_at=NOON)

    stored = privacy.stored_about(customer)

    (waiting,), (refused,) = stored["received_mails"], stored["undeliverable_addresses"]
    assert "Nothing came!" in waiting["raw"]
    assert refused["email"] == KLAAS


def test_held_mail_is_placed_by_staff(query: CustomerQuery, staff_s: Client) -> None:
    incoming = receive(mail("survey@markt.example"), now=LATER)
    url = admin_url(IncomingMail, "changelist")
    asked = {"action": "place", "_selected_action": incoming.pk}

    page = staff_s.post(url, asked)
    assert "Nothing came!" in text(page)
    wrong = staff_s.post(url, asked | {"confirmed": "yes", "query": "987654"})
    assert "There is no such query, or it was erased." in text(wrong)
    staff_s.post(url, asked | {"confirmed": "yes", "query": query.pk})

    incoming.refresh_from_db()
    assert (incoming.state, incoming.query, incoming.raw) == ("placed", query, None)
    assert state_of(query) == State.YOUR_TURN


def test_held_mail_is_thrown_away_by_staff_once(query: CustomerQuery, staff_s: Client) -> None:
    incoming = receive(mail("survey@markt.example"), now=LATER)
    asked = {"action": "discard", "_selected_action": incoming.pk}

    for _ in range(2):
        staff_s.post(admin_url(IncomingMail, "changelist"), asked)

    incoming.refresh_from_db()
    assert (incoming.state, incoming.raw) == ("discarded", None)
    assert Event.objects.filter(kind=QueryEvent.MAIL_DISCARDED).count() == 1
    with pytest.raises(NotHeld):
        discard(incoming, by=Actor.SYSTEM, now=LATER)


def test_mail_is_not_placed_in_an_erased_query(query: CustomerQuery, market: Market) -> None:
    incoming = receive(mail("survey@markt.example"), now=LATER)
    mark_erased(now=LATER)
    query.refresh_from_db()

    with pytest.raises(QueryIsErased):
        place(incoming, query, by=market.actor, now=LATER)


def test_old_held_mail_is_thrown_away(query: CustomerQuery) -> None:
    receive(mail("survey@markt.example"), now=NOON)

    assert discard_old(now=NOON + HELD_FOR) == 0
    assert discard_old(now=NOON + HELD_FOR + HOUR) == 1
    assert IncomingMail.objects.get().raw is None


# Past the forms


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("incoming_state_known", {"state": "lost", "raw": None, "from_email": "", "subject": ""}),
        ("incoming_reason_known", {"reason": "because"}),
        ("incoming_whole_only_while_held", {"state": "placed"}),
        ("incoming_stays_what_it_was", {"received_at": NOON}),
    ],
)
def test_received_mail_is_what_it_was(db: None, guard: str, columns: dict[str, object]) -> None:
    receive(b"Subject: Hm\n\nHm", now=LATER)

    with refused_by(guard):
        IncomingMail.objects.update(**columns)


@pytest.mark.usefixtures("owner_db")
def test_received_mail_stays(db: None) -> None:
    incoming = receive(b"Subject: Hm\n\nHm", now=LATER)

    with refused_by("incoming_stays"):
        incoming.delete()


def test_mail_from_nobody_is_held(query: CustomerQuery, address: str) -> None:
    raw = f"To: {address}\nSubject: Hm\nMessage-ID: <n@x>\n\nHello".encode()

    assert receive(raw, now=LATER).state in {IncomingState.HELD, IncomingState.IGNORED}
    assert query.messages.count() == 2


def test_list_of_received_mails_leaves_the_mails_where_they_are(
    query: CustomerQuery, staff_s: Client
) -> None:
    receive(mail("survey@markt.example"), now=LATER)

    with CaptureQueriesContext(connection) as captured:
        staff_s.get(admin_url(IncomingMail, "changelist"))

    assert not [each["sql"] for each in captured if '"raw"' in each["sql"]]
