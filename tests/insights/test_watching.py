"""Work that is behind is noticed, and told to staff once, once a day, and when it is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import travel

from insights import tasks
from insights.alerts.times import look_at_clock
from insights.emails import WORK, tell_of_work
from insights.models import AlertCursor
from insights.watching import (
    BOUNCED_FROM,
    OVER_AFTER,
    TOLD_EVERY,
    behind,
    troubles,
    watch,
)
from sellers.enums import MailState, NoticeKind, TroubleKind
from sellers.models import Event, MailDay, MailServer, Notice, Trouble, User, WebhookCursor
from sellers.notices import notify
from sellers.sending import send_due
from surveys.backlog import LATE_AFTER
from surveys.deciding import decide_due
from tests.conftest import NOON, RULES, Market, at_once, text

MINUTE = timedelta(minutes=1)
DUE = NOON + RULES.delay


@pytest.fixture(autouse=True)
def _all_is_well(db: None) -> None:
    """Nothing is behind before the test begins: the week before was told of, all was read."""
    look_at_clock(now=NOON - MINUTE)
    read_everything()


@pytest.fixture
def sam(db: None) -> User:
    """Somebody at the marketplace who sees what is sent."""
    return User.objects.create_superuser("sam@markt.example", name="Sam", language="en")


def read_everything() -> None:
    """Let all readers have read all events."""
    last = Event.objects.order_by("transaction", "pk").last()
    if last:
        for cursors in (AlertCursor.objects.all(), WebhookCursor.objects.all()):
            cursors.update(transaction=2**62, event_id=last.pk)


def told(now: datetime) -> tuple[list[str], list[str], list[str]]:
    """Watch; return what is news: begun, lasting, over."""
    news = watch(now=now)
    begun, lasting, over = (list(map(str, kinds)) for kinds in news.parts().values())
    return begun, lasting, over


def undecided(market: Market, now: datetime) -> None:
    market.closing(closed_at=now - RULES.delay)


def invitation(market: Market, now: datetime) -> None:
    market.closing(closed_at=now - RULES.delay)
    decide_due(now=now, rules=RULES)


def notice(market: Market, now: datetime) -> None:
    notify(market.agent, kind=NoticeKind.RESET, now=now)


def refusals(_market: Market, now: datetime) -> None:
    MailServer.objects.update(refusals=2)


def retried(market: Market, now: datetime) -> None:
    notify(market.agent, kind=NoticeKind.RESET, now=now + timedelta(days=9))
    Notice.objects.update(tries=8)


def bounces(_market: Market, now: datetime) -> None:
    MailDay.add(now.astimezone(UTC).date(), left=BOUNCED_FROM * 19, bounced=BOUNCED_FROM)


def no_digest(_market: Market, now: datetime) -> None:
    AlertCursor.objects.filter(work="times").update(week=now.date() - timedelta(days=8))


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (undecided, TroubleKind.DECIDING),
        (invitation, TroubleKind.INVITATIONS),
        (notice, TroubleKind.MAIL),
        (refusals, TroubleKind.SERVER),
        (retried, TroubleKind.RETRIED),
        (bounces, TroubleKind.BOUNCES),
        (no_digest, TroubleKind.DIGEST),
    ],
)
def test_everything_that_leaves_is_watched(
    market: Market, happens: Callable[[Market, datetime], None], kind: TroubleKind
) -> None:
    market.query()  # something that happened
    read_everything()
    before = troubles(now=NOON)
    happens(market, NOON)
    read_everything()

    watch(now=NOON)
    early = behind(now=NOON + LATE_AFTER - MINUTE)
    news = watch(now=NOON + LATE_AFTER)

    assert before == {}
    if kind is not TroubleKind.DIGEST:  # due since Monday morning
        assert early == {}
        assert list(news.begun) == [kind]
    assert list(behind(now=NOON + LATE_AFTER)) == [kind]


def test_trouble_is_told_when_it_begins_each_day_and_when_it_is_over(market: Market) -> None:
    undecided(market, NOON)
    read_everything()
    begins = NOON + LATE_AFTER

    first = [told(begins + minutes * MINUTE) for minutes in (-1, 0, 1, 600)]
    next_day = [told(begins + TOLD_EVERY + minutes * MINUTE) for minutes in (-1, 0, 1)]
    decide_due(now=NOON, rules=RULES)
    send_due(clock=lambda: begins + TOLD_EVERY)
    read_everything()
    last = [told(begins + TOLD_EVERY + OVER_AFTER + minutes * MINUTE) for minutes in (0, 1, 2)]

    nothing: tuple[list[str], ...] = ([], [], [])
    assert first == [nothing, (["deciding"], [], []), nothing, nothing]
    assert next_day == [nothing, ([], ["deciding"], []), nothing]
    assert last == [nothing, ([], [], ["deciding"]), nothing]
    assert not Trouble.objects.exists()


def test_what_comes_and_goes_is_one_trouble(market: Market) -> None:
    refusals(market, NOON)
    watch(now=NOON)
    begun = told(NOON + LATE_AFTER)
    MailServer.objects.update(refusals=0)
    gone = told(NOON + LATE_AFTER + 5 * MINUTE)
    MailServer.objects.update(refusals=2)

    back = told(NOON + LATE_AFTER + 10 * MINUTE)

    assert (begun[0], gone, back) == (["server"], ([], [], []), ([], [], []))


def test_what_was_over_before_it_was_late_is_not_told(market: Market) -> None:
    refusals(market, NOON)
    watch(now=NOON)
    MailServer.objects.update(refusals=0)
    watch(now=NOON + MINUTE)
    MailServer.objects.update(refusals=2)

    assert not watch(now=NOON + LATE_AFTER)


def test_reader_that_stops_is_told(committed_db: None, market: Market) -> None:
    market.query()
    for each in (AlertCursor, WebhookCursor):
        each.objects.update(transaction=0, event_id=0)

    news = [watch(now=NOON + minutes * MINUTE) for minutes in (0, 14, 15)]

    assert [list(each.begun) for each in news] == [
        [],
        [],
        [TroubleKind.ALERTS, TroubleKind.WEBHOOKS_READING],
    ]


def test_reader_that_goes_on_is_not_behind_however_old_the_events_are(
    committed_db: None, market: Market
) -> None:
    market.query()
    for minutes in range(40):
        for each in (AlertCursor, WebhookCursor):
            each.objects.update(transaction=0, event_id=minutes)

        assert not watch(now=NOON + minutes * MINUTE)

    assert set(Trouble.objects.values_list("kind", flat=True)) == {"alerts", "webhooks_reading"}


def test_several_workers_tell_once(committed_db: None, sam: User) -> None:
    MailServer.objects.update(refusals=2)
    watch(now=NOON)

    news = at_once(*[lambda: watch(now=NOON + LATE_AFTER)] * 4)

    assert sorted(len(each.begun) for each in news) == [0, 0, 0, 1]


def test_staff_who_see_what_is_sent_get_one_mail(market: Market, sam: User) -> None:
    refusals(market, NOON)
    bounces(market, NOON)
    watch(now=NOON)

    assert tell_of_work(watch(now=NOON + LATE_AFTER), now=NOON + LATE_AFTER) == 1

    assert send_due(clock=lambda: NOON + LATE_AFTER) == {"sent": 1}
    (message,) = mail.outbox
    assert message.to == [sam.email]
    assert message.subject == "Markt: sending is behind"
    assert "Behind, since:\n- 10 March 12:00: many mails come back\n" in message.body
    assert "- 10 March 12:00: the mail server refuses our log-in or our sender\n" in message.body
    assert "http://localhost:8000/admin/\n" in message.body


def test_end_is_told_in_the_language_of_who_reads_it(market: Market, sam: User) -> None:
    User.objects.filter(pk=sam.pk).update(language="nl")
    refusals(market, NOON)
    for minutes in (0, 15):
        watch(now=NOON + minutes * MINUTE)
    MailServer.objects.update(refusals=0)

    tell_of_work(watch(now=NOON + 30 * MINUTE), now=NOON + 30 * MINUTE)

    send_due(clock=lambda: NOON + 30 * MINUTE)
    (message,) = mail.outbox
    assert message.subject == "Markt: verzenden loopt weer"
    assert "- 10 maart 12:00: de mailserver weigert onze login of onze afzender\n" in message.body


def test_task_tells_and_logs(market: Market, sam: User, caplog: pytest.LogCaptureFixture) -> None:
    refusals(market, NOON)
    with travel(NOON, tick=False):
        tasks.watch_over_work()
    with travel(NOON + LATE_AFTER, tick=False):
        tasks.watch_over_work()
        tasks.watch_over_work()

    assert [each.kind for each in Notice.objects.all()] == [WORK]
    assert [each for each in caplog.messages if each.startswith("Work")] == [
        "Work: begun server; 1 mails to staff"
    ]


def test_start_page_says_what_a_mail_cannot(client: Client, market: Market, sam: User) -> None:
    refusals(market, NOON)
    for minutes in (0, 15):
        watch(now=NOON + minutes * MINUTE)
    client.force_login(sam)

    with travel(NOON + 16 * MINUTE, tick=False):
        page = text(client.get(reverse("admin:index")))

    assert "10 March 12:00: the mail server refuses our log-in or our sender" in page
    assert "the mail to you cannot" in page
    MailServer.objects.update(refusals=0)
    Trouble.objects.all().delete()
    with travel(NOON + 17 * MINUTE, tick=False):
        assert "Behind, since" not in text(client.get(reverse("admin:index")))


def test_notice_that_waits_is_not_sent_too_late(market: Market, sam: User) -> None:
    refusals(market, NOON)
    watch(now=NOON)
    tell_of_work(watch(now=NOON + LATE_AFTER), now=NOON + LATE_AFTER)

    send_due(clock=lambda: NOON + timedelta(days=2))

    assert Notice.objects.get().state == MailState.SUPPRESSED
