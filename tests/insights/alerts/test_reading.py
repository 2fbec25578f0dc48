"""The events are read each once, whoever else reads or writes."""

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from insights.alerts.packing import pack_mails
from insights.alerts.reading import read_events
from insights.alerts.times import look_at_clock
from insights.enums import AlertWork
from insights.models import Alert, AlertCursor, AlertMail
from insights.tasks import drop_alerts, pack_alerts
from insights.tasks import read_events as read_task
from sellers.enums import AlertKind
from sellers.models import Event, User
from tests.alerting import ANSWERED, mail_everything_to, told
from tests.conftest import NOON, Market, at_once, refused_by


def test_what_happened_is_read_once(committed_db: None, market: Market, alice: User) -> None:
    market.response(2)

    assert read_events(now=ANSWERED) == Event.objects.count()
    assert read_events(now=ANSWERED) == 0

    assert told(alice) == [AlertKind.NEW_QUERY, AlertKind.LOW_SCORE]


def test_what_happened_is_read_in_pieces(committed_db: None, market: Market, alice: User) -> None:
    for _ in range(3):
        market.response(2)
    count = 0

    while read := read_events(now=ANSWERED, limit=2):
        assert read <= 2
        count += read

    assert count == Event.objects.count()
    assert told(alice).count(AlertKind.LOW_SCORE) == 3


def test_two_readers_at_once_tell_once(committed_db: None, market: Market, alice: User) -> None:
    for _ in range(3):
        market.response(2)

    def read() -> int:
        count = 0
        while found := read_events(now=ANSWERED, limit=1):
            count += found
        return count

    at_once(*[read] * 4)
    while read_events(now=ANSWERED):
        pass

    assert told(alice).count(AlertKind.LOW_SCORE) == 3
    keys = list(Alert.objects.filter(user=alice).values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 6


def test_what_is_committed_late_is_told_too(
    committed_db: None, market: Market, alice: User
) -> None:
    slow, fast = market.new_customer(), market.new_customer()
    written, over = Signal(), Signal()

    def ask_slowly() -> None:
        try:
            with transaction.atomic():
                market.query(slow, subject="Slow")
                written.set()
                assert over.wait(timeout=20)
        finally:
            connections.close_all()

    thread = Thread(target=ask_slowly)
    thread.start()
    try:
        assert written.wait(timeout=20)
        market.query(fast, subject="Fast")
        # Later in time, and read by nobody before the slow one has ended.
        while read_events(now=NOON):
            pass
        assert told(alice) == []
    finally:
        over.set()
        thread.join()

    while read_events(now=NOON):
        pass

    subjects = Alert.objects.filter(user=alice).values_list("query__subject", flat=True)
    assert sorted(subjects) == ["Fast", "Slow"]


def test_work_that_somebody_does_is_left_to_them(committed_db: None, market: Market) -> None:
    market.response(2)
    taken, over = Signal(), Signal()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(AlertCursor.objects.select_for_update())
                taken.set()
                assert over.wait(timeout=20)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert taken.wait(timeout=20)
        assert read_events(now=ANSWERED) == 0
        assert look_at_clock(now=ANSWERED) == 0
        assert pack_mails(now=ANSWERED) == 0
    finally:
        over.set()
        thread.join()

    assert not Alert.objects.exists()


def test_two_packers_at_once_make_each_mail_once(
    committed_db: None, market: Market, alice: User
) -> None:
    mail_everything_to(alice)
    for _ in range(3):
        market.query()
    while read_events(now=NOON):
        pass

    at_once(*[lambda: pack_mails(now=NOON)] * 4)

    assert AlertMail.objects.filter(user=alice).count() == 3
    assert not Alert.objects.to_mail().exists()


def test_tasks_say_what_they_did(
    committed_db: None,
    market: Market,
    alice: User,
    bob: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mail_everything_to(alice, bob)
    caplog.set_level("INFO", "insights.tasks")
    market.query(asked_at=timezone.now())

    read_task()
    pack_alerts()
    drop_alerts()

    assert caplog.messages == ["Alerts: 1 events read", "Alerts: 2 mails made"]


def test_cursor_knows_its_works(db: None) -> None:
    assert set(AlertCursor.objects.values_list("work", flat=True)) == set(AlertWork.values)
    with refused_by("alert_work_known"):
        AlertCursor.objects.create(work="gossip")
