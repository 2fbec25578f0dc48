"""What becomes of mails that come in; how they are read is tested in tests/queries/received/."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from io import BytesIO, TextIOWrapper
from operator import attrgetter
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from queries import actions, privacy
from queries.actions import AlreadyAccepted, QueryIsErased, accept_message
from queries.customer_mail import revoke_links
from queries.customers import erase_customer
from queries.enums import (
    Author,
    Channel,
    HeldReason,
    IncomingState,
    MessageVia,
    NotKeptReason,
    QueryEvent,
)
from queries.enums import QueryState as State
from queries.incoming import (
    HELD_FOR,
    MOST_A_DAY,
    MOST_HELD,
    MOST_HELD_BYTES,
    MOST_HELD_OF_SENDER,
    NotHeld,
    NotKept,
    discard,
    discard_old,
    place,
    receive,
)
from queries.models import (
    Customer,
    CustomerMail,
    CustomerQuery,
    IncomingMail,
    MailNotKept,
    Message,
    ThreadLink,
)
from queries.received import MAX_BYTES
from sellers.enums import MailState
from sellers.events import Actor
from sellers.models import Event, RefusedAddress, User
from surveys.deciding import decide_due
from tests.conftest import NOON, RULES, Market, admin_url, at_once, refused_by, text
from tests.queries.received.test_broken import UNREADABLE_MAILS
from tests.queries.received.test_kinds import AUTOMATIC_MAILS

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
KLAAS = "klaas@klant.example"


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: LazySettings) -> None:
    settings.MAIL_IN_DOMAIN = "reply.markt.example"


@pytest.fixture
def query(market: Market, customer: Customer) -> CustomerQuery:
    """Klaas asked and Bob replied and closed."""
    query = market.query(customer)
    actions.reply_and_close(query, body="It left on Monday.", by=market.actor, now=NOON)
    return query


@pytest.fixture
def address(query: CustomerQuery) -> str:
    """Where Klaas can answer."""
    return ThreadLink.objects.get().reply_address


def mail(
    to: str, *, sender: str = KLAAS, body: str = "Nothing came!", number: int = 1, **headers: str
) -> bytes:
    lines = {
        "From": f"Klaas <{sender}>",
        "To": to,
        "Subject": "Re: Where is my parcel?",
        "Message-ID": f"<{number}@klant.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\n{body}\r\n".encode()


def state_of(query: CustomerQuery) -> str:
    query.refresh_from_db()
    return query.state


# A person's mail


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


# Somebody else's


@pytest.fixture
def other(query: CustomerQuery, address: str) -> Message:
    """What a stranger wrote to Klaas's address."""
    receive(mail(address, sender="piet@other.example"), now=LATER)
    return query.messages.latest("pk")


def test_somebody_else_is_shown_and_decides_nothing(query: CustomerQuery, other: Message) -> None:
    assert (other.author, other.from_email) == (Author.OTHER, "piet@other.example")
    assert other.is_unaccepted
    assert state_of(query) == State.CLOSED
    assert query.closings.get().reopened_at is None


def test_accepted_message_counts_as_the_customer_s(
    query: CustomerQuery, other: Message, market: Market
) -> None:
    accept_message(other, by=market.actor, now=LATER + HOUR)

    assert state_of(query) == State.YOUR_TURN
    with pytest.raises(AlreadyAccepted):
        accept_message(other, by=market.actor, now=LATER + HOUR)


def test_message_is_accepted_on_the_page(
    query: CustomerQuery, other: Message, log_in: Callable[[User], Client], bob: User
) -> None:
    browser = log_in(bob)
    page = text(browser.get(query.get_absolute_url()))
    assert "piet@other.example" in page
    assert "Accept as the customer’s answer" in page

    url = f"{query.get_absolute_url()}accept/"
    assert browser.post(url, {"message": other.pk}).status_code == 302
    again = browser.post(url, {"message": other.pk}, follow=True)
    assert "This message was accepted already." in text(again)
    assert browser.post(url, {"message": "x"}).status_code == 302
    assert browser.post(url, {"message": "9" * 30}).status_code == 302
    assert browser.post(url, {"message": "9" * 18}).status_code == 404

    other.refresh_from_db()
    assert other.accepted_by == bob


@pytest.mark.parametrize("person", ["cora", "dirk"])
def test_others_accept_nothing(
    request: pytest.FixtureRequest,
    query: CustomerQuery,
    other: Message,
    log_in: Callable[[User], Client],
    person: str,
) -> None:
    browser = log_in(request.getfixturevalue(person))

    page = browser.post(f"{query.get_absolute_url()}accept/", {"message": other.pk})

    assert page.status_code in {403, 404}
    other.refresh_from_db()
    assert other.is_unaccepted


def test_message_of_an_erased_query_is_not_accepted(
    query: CustomerQuery, other: Message, market: Market
) -> None:
    CustomerQuery.objects.update(subject="", contact_email="", erased_at=LATER)

    with pytest.raises(QueryIsErased):
        accept_message(other, by=market.actor, now=LATER)


# Held


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


@pytest.mark.parametrize("header", ["References", "In_Reply_To"])
def test_thread_is_not_found_by_references(query: CustomerQuery, header: str) -> None:
    known = {header: CustomerMail.objects.get().message_id_header}

    receive(mail("survey@markt.example", sender="piet@other.example", **known), now=LATER)

    assert not query.messages.filter(via=MessageVia.MAIL).exists()


def test_revoked_address_is_held(query: CustomerQuery, address: str, market: Market) -> None:
    revoke_links(query, by=market.actor, now=NOON)

    assert receive(mail(address), now=LATER).reason == HeldReason.REVOKED


def test_mail_that_says_nothing_is_held(query: CustomerQuery, address: str) -> None:
    assert receive(mail(address, body=" "), now=LATER).reason == HeldReason.EMPTY


def test_two_machines_do_not_answer_each_other_for_ever(query: CustomerQuery, address: str) -> None:
    held = [
        receive(mail(address, body=f"{number}", number=number), now=LATER).reason
        for number in range(MOST_A_DAY + 2)
    ]

    assert held == [""] * MOST_A_DAY + [HeldReason.TOO_MANY] * 2


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
    CustomerQuery.objects.update(subject="", contact_email="", erased_at=LATER)
    query.refresh_from_db()

    with pytest.raises(QueryIsErased):
        place(incoming, query, by=market.actor, now=LATER)


def test_old_held_mail_is_thrown_away(query: CustomerQuery) -> None:
    receive(mail("survey@markt.example"), now=NOON)

    assert discard_old(now=NOON + HELD_FOR) == 0
    assert discard_old(now=NOON + HELD_FOR + HOUR) == 1
    assert IncomingMail.objects.get().raw is None


# Many


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
        sender = f"{number}@guess.example"
        raw = mail(
            "survey@markt.example",
            sender=sender,
            number=number,
            In_Reply_To=guess,
            References=guess,
        )
        assert receive(raw, now=LATER).reason == HeldReason.NO_REPLY_ADDRESS

    assert not Message.objects.filter(via=MessageVia.MAIL).exists()


# Past the forms


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


@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("message_via_known", {"via": "pigeon"}),
        ("message_of_other_names_sender", {"from_email": ""}),
        ("message_accepted_by_somebody", {"accepted_at": NOON}),
    ],
)
def test_message_of_somebody_else_is_complete(
    query: CustomerQuery, guard: str, columns: dict[str, object]
) -> None:
    of_other = {"author": Author.OTHER, "from_email": "piet@other.example", "body": "Hm"}

    with refused_by(guard):
        Message.objects.create(query=query, sent_at=NOON, **of_other | columns)


def test_message_is_accepted_once(other: Message, market: Market) -> None:
    accept_message(other, by=market.actor, now=LATER)

    with refused_by("message_accepted_once"):
        Message.objects.filter(pk=other.pk).update(accepted_at=LATER + HOUR)


def test_received_mail_stays(db: None) -> None:
    incoming = receive(b"Subject: Hm\n\nHm", now=LATER)

    with refused_by("incoming_stays"):
        incoming.delete()


# The command


def run(raw: bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
    call_command("receive_mail", *options)


def test_command_takes_a_mail_from_standard_input(
    query: CustomerQuery,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(mail("x@y.example"), monkeypatch, "--to", address)

    assert query.messages.latest("pk").via == MessageVia.MAIL
    assert "placed" in capsys.readouterr().out


def test_command_never_keeps_more_than_is_taken(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run(b"x" * (MAX_BYTES + 3_000_000), monkeypatch)

    incoming = IncomingMail.objects.get()
    assert incoming.reason == HeldReason.TOO_LARGE
    assert incoming.raw is not None
    assert len(incoming.raw) < 100_000


# A flood


def hold(count: int, **columns: object) -> None:
    """Let so many mails wait for staff."""
    IncomingMail.objects.bulk_create(
        IncomingMail(
            **{
                "digest": f"{number}",
                "received_at": NOON,
                "state": IncomingState.HELD,
                "reason": HeldReason.NO_REPLY_ADDRESS,
                "from_email": f"{number}@many.example",
                "raw": b"Hello",
            }
            | columns
        )
        for number in range(count)
    )


def turned_away() -> list[tuple[str, int]]:
    """Return how often mail was turned away, by reason."""
    return list(MailNotKept.objects.order_by("reason").values_list("reason", "times"))


def refuses(raw: bytes, *, now: datetime = LATER) -> NotKeptReason:
    """Return why a mail is not kept."""
    with pytest.raises(NotKept) as refusal:
        receive(raw, now=now)
    return refusal.value.reason


def test_sender_fills_nothing(db: None) -> None:
    for number in range(MOST_HELD_OF_SENDER):
        receive(mail("info@markt.example", number=number, body=f"{number}"), now=LATER)

    assert refuses(mail("info@markt.example", body="more")) == NotKeptReason.SENDER
    assert refuses(mail("info@markt.example", body="more")) == NotKeptReason.SENDER

    assert IncomingMail.objects.count() == MOST_HELD_OF_SENDER
    assert turned_away() == [("sender", 2)]
    another = mail("info@markt.example", sender="piet@other.example")
    assert receive(another, now=LATER).state == IncomingState.HELD
    a_day_later = receive(mail("info@markt.example", body="more"), now=LATER + 24 * HOUR)
    assert a_day_later.state == IncomingState.HELD


def test_many_senders_fill_no_more_than_staff_can_read(query: CustomerQuery, address: str) -> None:
    hold(MOST_HELD - 1)
    last = receive(mail("info@markt.example", body="last"), now=LATER)
    events = Event.objects.count()

    assert last.state == IncomingState.HELD
    assert refuses(mail("info@markt.example", body="more")) == NotKeptReason.FULL
    assert refuses(b"no mail at all") == NotKeptReason.FULL
    assert turned_away() == [("full", 2)]
    assert IncomingMail.objects.count() == MOST_HELD
    assert Event.objects.count() == events
    # What has a place is taken as ever.
    assert receive(mail(address), now=LATER).state == IncomingState.PLACED
    discard(last, by=Actor.SYSTEM, now=LATER)
    assert receive(mail("info@markt.example", body="more"), now=LATER).state == IncomingState.HELD


def test_large_mails_fill_no_disk(db: None) -> None:
    size = 25 * 1024 * 1024
    hold(MOST_HELD_BYTES // size)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queries_incomingmail SET raw = (SELECT convert_to(repeat('x', %s), 'UTF8'))",
            [size],
        )

    assert refuses(mail("info@markt.example")) == NotKeptReason.FULL


@pytest.mark.usefixtures("committed_db")
def test_each_mail_that_is_turned_away_at_once_is_counted() -> None:
    hold(MOST_HELD)

    at_once(*[partial(refuses, mail("info@markt.example", body=f"{each}")) for each in range(6)])

    assert turned_away() == [("full", 6)]


@pytest.mark.parametrize(
    ("sender", "code"), [(KLAAS, 77), ("piet@other.example", 75)], ids=["sender", "full"]
)
def test_command_tells_the_mail_server_what_to_do(
    db: None, monkeypatch: pytest.MonkeyPatch, sender: str, code: int
) -> None:
    hold(MOST_HELD, from_email=KLAAS, received_at=timezone.now())

    with pytest.raises(SystemExit) as ending:
        run(mail("info@markt.example", sender=sender), monkeypatch)

    assert ending.value.code == code


def test_list_says_how_many_were_turned_away(staff_s: Client) -> None:
    for reason, days, times in [("full", 0, 2), ("full", 3, 1), ("sender", 0, 1), ("full", 31, 9)]:
        day = NOON.date() - timedelta(days=days)
        MailNotKept.objects.create(day=day, reason=reason, times=times)

    with travel(NOON, tick=False):
        page = " ".join(text(staff_s.get(admin_url(IncomingMail, "changelist"))).split())

    assert (
        "In the last 30 days 3 mails were turned away and are not here: "
        "too much waited for staff already." in page
    )
    assert (
        "In the last 30 days 1 mail was turned away and is not here: "
        "their sender wrote too many in a day." in page
    )


@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("mail_not_kept_once_a_day", {"reason": "full"}),
        ("mail_not_kept_reason_known", {"reason": "boring"}),
    ],
)
def test_what_is_turned_away_is_counted_by_day_and_reason(
    db: None, guard: str, columns: dict[str, str]
) -> None:
    MailNotKept.objects.create(day=NOON.date(), reason="full", times=1)

    with refused_by(guard):
        MailNotKept.objects.create(day=NOON.date(), times=1, **columns)


# Files


def with_files(to: str, *files: tuple[str, bytes]) -> bytes:
    """Return an answer to which files are attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = KLAAS, to, "Re: Where is my parcel?"
    message["Message-ID"] = "<files@klant.example>"
    message.set_content("See these.")
    for name, content in files:
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


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


def test_mail_from_nobody_is_held(query: CustomerQuery, address: str) -> None:
    raw = f"To: {address}\nSubject: Hm\nMessage-ID: <n@x>\n\nHello".encode()

    assert receive(raw, now=LATER).state in {IncomingState.HELD, IncomingState.IGNORED}
    assert query.messages.count() == 2


def test_command_lets_the_mail_server_try_again_whatever_fails(
    query: CustomerQuery,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    tmp_path: Path,
) -> None:
    (tmp_path / "full").write_text("no folder")
    settings.ATTACHMENTS_ROOT = tmp_path / "full"

    with pytest.raises(SystemExit) as ending:
        run(with_files(address, ("1.txt", b"Paid")), monkeypatch)

    assert ending.value.code == 75
    assert not IncomingMail.objects.exists()


def test_list_of_received_mails_leaves_the_mails_where_they_are(
    query: CustomerQuery, staff_s: Client
) -> None:
    receive(mail("survey@markt.example"), now=LATER)

    with CaptureQueriesContext(connection) as captured:
        staff_s.get(admin_url(IncomingMail, "changelist"))

    assert not [each["sql"] for each in captured if '"raw"' in each["sql"]]


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


# Bounces


@pytest.fixture
def sent(market: Market, customer: Customer) -> CustomerMail:
    """A reply that the mail server took."""
    actions.reply(market.query(customer), body="So.", by=market.actor, now=NOON)
    CustomerMail.objects.update(state=MailState.SENT, sent_at=NOON)
    return CustomerMail.objects.get()


def bounce(
    mail: CustomerMail, *, to: str = "", status: str = "5.1.1", action: str = "failed"
) -> bytes:
    """Return what a mail server says later (RFC 3464)."""
    return f"""\
From: MAILER-DAEMON@klant.example
To: {to or mail.return_path}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

We could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.klant.example

Final-Recipient: rfc822; klaas@klant.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown

--b
Content-Type: text/rfc822-headers

Subject: Re: Where is my parcel?
--b--
""".encode()


def test_sent_mail_that_bounces_is_not_delivered(sent: CustomerMail) -> None:
    receive(bounce(sent), now=LATER)

    sent.refresh_from_db()
    assert (sent.state, sent.bounced_at) == (MailState.BOUNCED, LATER)
    assert state_of(sent.query) == State.YOUR_TURN
    assert RefusedAddress.objects.of(KLAAS).exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": "4.2.2", "action": "delayed"}, id="delayed"),
        pytest.param({"to": f"bounce-customermail-1-{'0' * 32}@x"}, id="guessed"),
    ],
)
def test_other_bounces_change_nothing(sent: CustomerMail, change: dict[str, str]) -> None:
    receive(bounce(sent, **change), now=LATER)

    sent.refresh_from_db()
    assert sent.state == MailState.SENT
    assert state_of(sent.query) == State.WAITING
    assert not RefusedAddress.objects.exists()
