"""Mail that waits for staff is bounded: what comes on top is counted and turned away."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from time_machine import travel

from queries.enums import IncomingState, NotKeptReason
from queries.incoming import (
    MOST_HELD,
    MOST_HELD_BYTES,
    MOST_HELD_OF_SENDER,
    NotKept,
    discard,
    receive,
)
from queries.models import CustomerQuery, IncomingMail, MailNotKept
from sellers.events import Actor
from sellers.models import Event
from tests.conftest import NOON, admin_url, at_once, refused_by, text
from tests.queries.incoming.conftest import HOUR, LATER, hold, mail


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
    fresh = {"state": IncomingState.IGNORED, "reason": "", "from_email": "", "raw": None}
    hold(MOST_HELD_BYTES // size, **fresh)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queries_incomingmail SET state = 'held', reason = 'unreadable',"
            " raw = (SELECT convert_to(repeat('x', %s), 'UTF8'))",
            [size],
        )

    assert refuses(mail("info@markt.example")) == NotKeptReason.FULL


@pytest.mark.usefixtures("committed_db")
def test_each_mail_that_is_turned_away_at_once_is_counted() -> None:
    hold(MOST_HELD)

    at_once(*[partial(refuses, mail("info@markt.example", body=f"{each}")) for each in range(6)])

    assert turned_away() == [("full", 6)]


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
