"""Claiming a mail and noting how it fared."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Model

from sellers.enums import MailState, NoticeKind, UnsentReason
from sellers.mailings import (
    CLAIM_LASTS,
    MOST_DOUBLINGS,
    build,
    claim,
    settle,
    suppress,
    waiting,
)
from sellers.models import MailDay, MailServer, Notice, Trouble, User
from sellers.notices import notify
from sellers.refusals import DeliveryOutcome
from surveys.deciding import decide_due
from surveys.models import Invitation
from tests.conftest import NOON, RULES, Market, refused_by

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def notice(alice: User) -> Notice:
    """A notice that waits to be sent."""
    return notify(alice, kind=NoticeKind.RESET, now=NOON)


# Claiming


def test_claim_takes_each_mail_once(notice: Notice) -> None:
    first, second = claim(now=NOON), claim(now=NOON)

    assert (first, second) == (notice, None)
    notice.refresh_from_db()
    assert (notice.state, notice.next_try_at) == (MailState.SENDING, NOON + CLAIM_LASTS)


def test_claim_lapses(notice: Notice) -> None:
    claim(now=NOON)

    assert claim(now=NOON + CLAIM_LASTS - SECOND) is None
    assert claim(now=NOON + CLAIM_LASTS) == notice


def test_claim_takes_what_waits_longest(alice: User) -> None:
    later = notify(alice, kind=NoticeKind.RESET, now=NOON)
    earlier = notify(alice, kind=NoticeKind.RESET, now=NOON - SECOND)

    assert [claim(now=NOON), claim(now=NOON)] == [earlier, later]


def test_claim_takes_a_password_before_a_survey(market: Market, alice: User) -> None:
    market.closing()
    due = NOON + RULES.delay
    decide_due(now=due, rules=RULES)
    reset = notify(alice, kind=NoticeKind.RESET, now=due)

    assert [claim(now=due), claim(now=due)] == [reset, Invitation.objects.get()]


@pytest.mark.parametrize("model", [Notice, Invitation])
def test_claim_reads_what_is_due_and_not_what_is_stored(
    db: None, model: type[Notice | Invitation]
) -> None:
    with connection.cursor() as cursor:  # a table this small would be read as a whole
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = model.objects.to_send(now=NOON).order_by("next_try_at", "pk").explain()

    assert f"Index Scan using {model._meta.model_name}_to_send" in plan
    assert "Sort" not in plan


def test_waiting_counts_no_further_than_asked(alice: User, notice: Notice) -> None:
    notify(alice, kind=NoticeKind.RESET, now=NOON)
    notify(alice, kind=NoticeKind.RESET, now=NOON + SECOND)

    assert [waiting(now=NOON, most=most) for most in (1, 2, 3)] == [1, 2, 2]


# Noting


@pytest.mark.parametrize(
    ("outcome", "state", "tries", "next_try_at"),
    [
        (DeliveryOutcome.TAKEN, MailState.SENT, 0, NOON + CLAIM_LASTS),
        (DeliveryOutcome.BOUNCED, MailState.BOUNCED, 0, NOON + CLAIM_LASTS),
        (DeliveryOutcome.LATER, MailState.DECIDED, 1, NOON + MINUTE),
        (DeliveryOutcome.BROKEN, MailState.DECIDED, 1, NOON + MINUTE),
        (DeliveryOutcome.UNREACHABLE, MailState.DECIDED, 1, NOON + MINUTE),
        (DeliveryOutcome.UNSENDABLE, MailState.DECIDED, 1, NOON + MINUTE),
        (DeliveryOutcome.OUR_FAULT, MailState.DECIDED, 0, NOON),
    ],
)
def test_settle_distinguishes_later_bounced_and_our_fault(
    notice: Notice, outcome: DeliveryOutcome, state: MailState, tries: int, next_try_at: object
) -> None:
    claimed = claim(now=NOON)
    assert claimed is not None

    assert settle(claimed, outcome, now=NOON) == state

    notice.refresh_from_db()
    assert (notice.state, notice.tries, notice.next_try_at) == (state, tries, next_try_at)
    assert notice.sent_at == (NOON if state == MailState.SENT else None)
    assert notice.bounced_at == (NOON if state == MailState.BOUNCED else None)


def test_settle_waits_twice_as_long_after_every_try(notice: Notice) -> None:
    now, waits = NOON, []
    for _ in range(11):
        claimed = claim(now=now)
        assert claimed is not None
        settle(claimed, DeliveryOutcome.LATER, now=now)
        notice.refresh_from_db()
        assert notice.next_try_at is not None
        waits.append(notice.next_try_at - now)
        now = notice.next_try_at

    assert waits == [2 ** min(tries, MOST_DOUBLINGS) * MINUTE for tries in range(11)]
    assert max(waits) == timedelta(hours=4, minutes=16)


def test_suppress_says_why(notice: Notice) -> None:
    claimed = claim(now=NOON)
    assert claimed is not None

    suppress(claimed, reason=UnsentReason.STALE, now=NOON)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (MailState.SUPPRESSED, UnsentReason.STALE)


@pytest.mark.parametrize(
    "outcome", [DeliveryOutcome.TAKEN, DeliveryOutcome.BOUNCED, DeliveryOutcome.LATER]
)
def test_who_lost_the_claim_notes_nothing(notice: Notice, outcome: DeliveryOutcome) -> None:
    lost = claim(now=NOON)
    assert lost is not None
    claim(now=NOON + CLAIM_LASTS)

    settle(lost, outcome, now=NOON + CLAIM_LASTS)

    notice.refresh_from_db()
    assert notice.state == MailState.SENDING
    assert notice.next_try_at == NOON + 2 * CLAIM_LASTS


# Message-IDs


def test_message_id_is_the_same_at_every_try_and_cannot_be_guessed(alice: User) -> None:
    notices = [notify(alice, kind=NoticeKind.RESET, now=NOON) for _ in range(2)]

    first = [build(Notice.objects.get(pk=notice.pk)).message() for notice in notices]
    second = [build(Notice.objects.get(pk=notice.pk)).message() for notice in notices]

    ids = [mail["Message-ID"] for mail in first]
    assert ids == [mail["Message-ID"] for mail in second]
    keys = [re.fullmatch(r"<notice\.\d+\.([0-9a-f]{32})@localhost>", each)[1] for each in ids]
    assert len(set(keys)) == 2
    assert all(key[12] == "4" for key in keys)  # a random UUID


# The one mail server


def test_one_mail_may_leave_each_turn(db: None) -> None:
    server, every = MailServer.objects, 10 * SECOND
    moments = [0, 0, 0, 9, 10, 11, 20, 20.5, 30]

    taken = [
        second for second in moments if server.take_turn(now=NOON + second * SECOND, every=every)
    ]

    assert taken == [0, 10, 20, 30]


def test_turns_are_not_saved_up(db: None) -> None:
    server, every = MailServer.objects, 10 * SECOND
    assert server.take_turn(now=NOON, every=every)
    later = NOON + MINUTE

    taken = [server.take_turn(now=later + n * SECOND, every=every) for n in range(10)]

    assert sum(taken) == 2


# Guards


@pytest.mark.parametrize(
    ("guard", "changes"),
    [
        ("notice_state_known", {"state": "lost"}),
        ("notice_to_send_has_moment", {"next_try_at": None}),
        ("notice_sent_has_moment", {"state": MailState.SENT}),
        ("notice_reason_iff_suppressed", {"state": MailState.SUPPRESSED}),
        ("notice_reason_iff_suppressed", {"reason": UnsentReason.STALE}),
        ("notice_reason_iff_suppressed", {"state": MailState.SUPPRESSED, "reason": "whatever"}),
    ],
)
def test_notice_is_protected(notice: Notice, guard: str, changes: dict[str, object]) -> None:
    with refused_by(guard):
        Notice.objects.update(**changes)


@pytest.mark.parametrize(
    ("guard", "row"),
    [
        ("mail_day_exists", MailDay(day=date(1899, 12, 31))),
        ("trouble_kind_known", Trouble(kind="gossip", since=NOON, seen_at=NOON, told_at=NOON)),
    ],
)
def test_what_is_watched_is_protected(db: None, guard: str, row: Model) -> None:
    with refused_by(guard):
        row.save(force_insert=True)


def test_there_is_one_mail_server(db: None) -> None:
    assert MailServer.objects.get().pk == 1
    with refused_by("mail_server_is_one"):
        MailServer.objects.create(pk=2)
