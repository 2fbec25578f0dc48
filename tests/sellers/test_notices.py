"""Mails from the portal itself to its users."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sellers import tasks
from sellers.enums import MailState, NoticeKind, UnsentReason
from sellers.models import Notice, User
from sellers.notices import KEPT_FOR, UNKNOWN_FOR, drop_finished, notify
from sellers.sending import send_due
from sellers.tasks import drop_sessions
from tests.conftest import NOON

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def test_notice_is_in_the_language_its_user_had(alice: User) -> None:
    notice = notify(alice, kind=NoticeKind.RESET, now=NOON)
    alice.language = "nl"
    alice.save()

    send_due(clock=lambda: NOON)

    assert notice.language == "en"
    assert [message.subject for message in mail.outbox] == ["Password Reset Email"]


def test_notice_to_nobody_says_so(db: None, settings: LazySettings) -> None:
    notice = notify(None, kind=NoticeKind.RESET, now=NOON)

    assert send_due(clock=lambda: NOON) == {"suppressed": 1}

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (MailState.SUPPRESSED, UnsentReason.NO_USER)
    assert notice.language == settings.LANGUAGE_CODE


def test_notice_to_somebody_who_left_says_so(alice: User) -> None:
    notice = notify(alice, kind=NoticeKind.RESET, now=NOON)
    alice.delete()

    send_due(clock=lambda: NOON)

    notice.refresh_from_db()
    assert notice.reason == UnsentReason.NO_USER
    assert not mail.outbox


def test_notice_to_somebody_who_may_not_log_in_says_so(alice: User) -> None:
    notice = notify(alice, kind=NoticeKind.RESET, now=NOON)
    User.objects.update(is_active=False)

    send_due(clock=lambda: NOON)

    notice.refresh_from_db()
    assert notice.reason == UnsentReason.INACTIVE
    assert not mail.outbox


@pytest.mark.parametrize(
    ("late", "state"), [(DAY, MailState.SENT), (DAY + SECOND, MailState.SUPPRESSED)]
)
def test_notice_that_is_too_late_says_so(alice: User, late: timedelta, state: MailState) -> None:
    notice = notify(alice, kind=NoticeKind.RESET, now=NOON)

    send_due(clock=lambda: NOON + late)

    notice.refresh_from_db()
    assert notice.state == state
    assert notice.reason == (UnsentReason.STALE if state == MailState.SUPPRESSED else "")


@pytest.mark.parametrize(
    ("late", "end"), [(UNKNOWN_FOR, {"decided": 1}), (UNKNOWN_FOR + SECOND, {"suppressed": 1})]
)
def test_notice_of_a_kind_that_nobody_knows_ends_after_a_day(
    alice: User, late: timedelta, end: dict[str, int]
) -> None:
    notice = notify(alice, kind="of a version that is gone", now=NOON)

    assert send_due(clock=lambda: NOON + late) == end

    notice.refresh_from_db()
    assert notice.reason == (UnsentReason.UNKNOWN if "suppressed" in end else "")
    assert not mail.outbox


def test_old_notices_are_dropped_when_they_are_finished(alice: User) -> None:
    waiting = notify(alice, kind=NoticeKind.RESET, now=NOON)
    old, young = [
        Notice.objects.create(
            user=alice, kind="x", language="en", state="sent", sent_at=moment, created_at=moment
        )
        for moment in (NOON, NOON + SECOND)
    ]

    assert drop_finished(now=NOON + KEPT_FOR + SECOND) == 1

    assert set(Notice.objects.all()) == {waiting, young}
    assert old not in Notice.objects.all()


def test_staff_can_delete_a_user_whose_notices_stay(client: Client, alice: User) -> None:
    client.force_login(User.objects.create_superuser("staff@markt.example", name="Staff"))
    notify(alice, kind=NoticeKind.RESET, now=NOON)

    client.post(reverse("admin:sellers_user_delete", args=[alice.pk]), {"post": "yes"})

    assert not User.objects.filter(pk=alice.pk).exists()
    assert Notice.objects.get().user is None


def test_tasks_say_what_they_did(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sellers.tasks")
    notify(alice, kind=NoticeKind.RESET, now=NOON)

    tasks.send_mail()
    tasks.drop_notices()
    tasks.send_mail()

    assert caplog.messages == ["Mail: 1 suppressed", "Deleted 1 old notices"]


def test_sessions_that_are_over_are_deleted(db: None) -> None:
    for name, days in (("over", -1), ("kept", 1)):
        Session.objects.create(
            session_key=name, session_data="", expire_date=timezone.now() + timedelta(days=days)
        )

    drop_sessions()

    assert [session.pk for session in Session.objects.all()] == ["kept"]
