"""The sending loop, to a real mail server."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.conf import LazySettings
from django.core import mail
from django.db import OperationalError, connection

from insights.emails import INTEGRITY
from sellers import mailings
from sellers.enums import MailState, NoticeKind
from sellers.mailings import CLAIM_LASTS
from sellers.models import PAUSE, MailDay, Notice, User
from sellers.models import MailServer as Server
from sellers.notices import notify
from sellers.sending import (
    CONNECTIONS_PER_SENDER,
    MAILS_PER_CONNECTION,
    MAILS_PER_SENDER,
    MOST_BREAKS,
    SENDING_LASTS,
    send_due,
)
from tests.conftest import NOON, at_once
from tests.mail_server import Died, MailServer, free_port

SECOND = timedelta(seconds=1)


@pytest.fixture
def queue(alice: User) -> Callable[[int], list[Notice]]:
    """Return a way to queue notices to Alice."""

    def queued(count: int) -> list[Notice]:
        return [notify(alice, kind=NoticeKind.RESET, now=NOON) for _ in range(count)]

    return queued


Queue = Callable[[int], list[Notice]]


def send(*, now: datetime = NOON) -> Counter[str]:
    """Send what is due, in no time."""
    return send_due(clock=lambda: now)


def tries() -> list[int]:
    """Return how often each notice was tried in vain."""
    return list(Notice.objects.order_by("pk").values_list("tries", flat=True))


def our_words(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return what the sender logged."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("sellers")
    ]


# Several at once


def test_everything_that_is_due_is_sent_once(queue: Queue, mail_server: MailServer) -> None:
    notices = queue(20)

    assert send() == {"sent": 20}

    ids = [message["Message-ID"] for message in mail_server.received]
    assert sorted(ids) == sorted(notice.message_id_header for notice in notices)
    assert send() == {}


def test_as_many_mails_at_once_as_the_server_bears(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = 5
    mail_server.seconds = 0.1
    queue(16)

    send()

    assert mail_server.most_open == 5
    assert len(mail_server.sessions) == 5


def test_first_mail_goes_alone(queue: Queue, no_mail_server: None) -> None:
    queue(3)

    assert send() == {"decided": 1}

    assert tries() == [1, 0, 0]


def test_no_connections_hold_all_mail_back(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = 0
    queue(1)

    assert send() == {}
    assert not mail_server.sessions


def test_connection_is_used_for_so_many_mails(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    queue(MAILS_PER_CONNECTION + 1)

    assert send() == {"sent": MAILS_PER_CONNECTION + 1}
    assert len(mail_server.sessions) == 2


def test_sender_ends_in_time_and_leaves_the_rest(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    queue(3)
    moments = [NOON, NOON, NOON, NOON + SENDING_LASTS]  # begin, claim, note, claim

    sent = send_due(clock=lambda: moments.pop(0) if len(moments) > 1 else moments[0])

    assert sent == {"sent": 1}
    assert Notice.objects.filter(state=MailState.DECIDED).count() == 2


@pytest.mark.parametrize(
    ("connections", "mails", "senders"),
    [
        pytest.param(CONNECTIONS_PER_SENDER, MAILS_PER_SENDER + 1, 1, id="no room"),
        pytest.param(CONNECTIONS_PER_SENDER + 2, MAILS_PER_SENDER, 1, id="too little mail"),
        pytest.param(CONNECTIONS_PER_SENDER + 2, MAILS_PER_SENDER + 40, 2, id="two"),
    ],
)
def test_senders_follow_the_backlog_and_the_ceiling_is_of_all_together(
    committed_db: None,
    queue: Queue,
    mail_server: MailServer,
    settings: LazySettings,
    connections: int,
    mails: int,
    senders: int,
) -> None:
    settings.MAIL_CONNECTIONS = connections
    mail_server.seconds = 0.3
    queue(mails)

    counts = at_once(*[send] * 4)

    assert len([count for count in counts if count]) == senders
    assert sum(counts, Counter[str]()) == {"sent": mails}
    assert len({message["Message-ID"] for message in mail_server.received}) == mails
    assert mail_server.most_open <= connections


def test_a_sender_gives_its_number_back(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    for _ in range(3):
        queue(1)
        assert send() == {"sent": 1}


def test_rate_is_kept_by_all_senders_together(
    committed_db: None, queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = CONNECTIONS_PER_SENDER + 2
    settings.MAIL_PER_MINUTE = 2400
    queue(MAILS_PER_SENDER + 10)

    begin = time.monotonic()

    def send_by_the_clock() -> Counter[str]:
        return send_due(clock=lambda: NOON + (time.monotonic() - begin) * SECOND)

    counts = at_once(send_by_the_clock, send_by_the_clock)

    assert all(counts)
    assert sum(counts, Counter[str]()) == {"sent": MAILS_PER_SENDER + 10}
    # Whoever comes late on a busy machine gets in nobody's way; nobody comes early.
    for place, moment in enumerate(sorted(mail_server.received_at), start=1):
        assert place <= (moment - begin) * 2400 / 60 + 2


# Later, bounced, our own fault


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("554 we take this for spam", MailState.BOUNCED),
        ("452 too many mails at once", MailState.DECIDED),
    ],
)
def test_refusal_of_the_mail_itself_is_for_good_or_for_now(
    queue: Queue, mail_server: MailServer, verdict: str, state: MailState
) -> None:
    (notice,) = queue(1)
    mail_server.verdict = verdict

    assert send() == {state: 1}

    notice.refresh_from_db()
    assert notice.state == state


def test_bounce_stops_no_other_mail(queue: Queue, mail_server: MailServer) -> None:
    queue(3)
    mail_server.replies = ["550 5.6.0 not this text"]

    assert send() == {"bounced": 1, "sent": 2}
    assert len(mail_server.sessions) <= 3


def test_server_that_closes_down_a_connection_gets_the_next_mail_by_another(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    queue(3)
    mail_server.replies = ["250 OK", "421 enough for one connection"]

    assert send() == {"sent": 2, "decided": 1}
    assert len(mail_server.sessions) == 2


def test_refused_sender_marks_nobody_and_nothing_more_is_tried(
    queue: Queue, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    first, *_ = queue(3)
    mail_server.sender_replies = ["550 alice@fietsenzo.example may not send here"]

    sent = send()
    paused = send(now=NOON + PAUSE - SECOND)
    mended = send(now=NOON + PAUSE)

    assert (sent, paused, mended) == ({"decided": 1}, {}, {"sent": 3})
    assert tries() == [0, 0, 0]
    assert our_words(caplog) == [("ERROR", f"Notice {first.pk} not sent: SMTPSenderRefused")]


def test_log_in_that_is_refused_marks_nobody(
    queue: Queue,
    mail_server: MailServer,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "alice", "wrong"
    (notice,) = queue(1)

    assert send() == {"decided": 1}  # this server knows no log-in

    assert tries() == [0]
    assert our_words(caplog) == [("ERROR", f"Notice {notice.pk} not sent: SMTPNotSupportedError")]


def test_log_in_that_is_refused_is_tried_ever_less_and_loses_nothing(
    queue: Queue, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    knows = MailServer(free_port())
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "sellers.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = knows.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "alice", "hunter2-wrong"
    is_known: list[bool] = []
    controller = Controller(
        knows,
        hostname="127.0.0.1",
        port=knows.port,
        authenticator=lambda *_who: AuthResult(success=bool(is_known), handled=False),
        auth_require_tls=False,
    )
    controller.start()
    queue(2)
    now, waits = NOON, []
    for _ in range(6):
        assert send(now=now) == {"decided": 1}
        until = Server.objects.get().paused_until
        assert until is not None
        assert send(now=until - SECOND) == {}
        waits.append((until - now) / PAUSE)
        now = until
    refusals = Server.objects.get().refusals
    is_known.append(True)

    sent = send(now=now)

    controller.stop()
    assert waits == [1, 2, 4, 8, 16, 16]
    assert (refusals, Server.objects.get().refusals) == (6, 0)
    assert sent == {"sent": 2}
    assert tries() == [0, 0]
    assert "SMTPAuthenticationError" in caplog.text
    assert "hunter2" not in caplog.text


def test_senders_that_find_out_at_once_wait_no_longer_than_one(db: None) -> None:
    for _ in range(3):
        Server.objects.pause(now=NOON, is_refusal=True)

    server = Server.objects.get()

    assert (server.paused_until, server.refusals) == (NOON + PAUSE, 1)


@pytest.mark.parametrize(
    "ending", [pytest.param(0.4, id="is silent"), pytest.param(0, id="hangs up")]
)
def test_mail_that_may_have_been_taken_leaves_once_more_and_no_more(
    queue: Queue,
    mail_server: MailServer,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
    ending: float,
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    mail_server.silence, mail_server.hangs_up = ending, not ending
    (notice,) = queue(1)

    ends = [send(now=NOON + minutes * PAUSE) for minutes in (0, 1, 3, 600)]

    assert ends == [{"decided": 1}, {"sent": 1}, {}, {}]
    assert [message["Message-ID"] for message in mail_server.received] == [
        notice.message_id_header
    ] * 2
    assert our_words(caplog) == [
        ("WARNING", f"Notice {notice.pk} not sent: Unanswered"),
        (
            "WARNING",
            f"Notice {notice.pk} counts as sent: the server got it twice, without an answer",
        ),
    ]


def test_mail_that_the_server_answers_later_is_sent_as_often_as_it_takes(
    queue: Queue, mail_server: MailServer
) -> None:
    queue(1)
    mail_server.hangs_up = True
    send()
    mail_server.hangs_up = False
    mail_server.replies = ["451 later", "451 later"]

    ends = [send(now=NOON + minutes * PAUSE) for minutes in (1, 3, 7)]

    assert ends == [{"decided": 1}, {"decided": 1}, {"sent": 1}]


def test_what_left_and_what_came_back_is_counted(queue: Queue, mail_server: MailServer) -> None:
    queue(5)
    mail_server.replies = ["250 OK", "550 5.6.0 not this text"]
    send()
    mailings.bounce(Notice.objects.filter(state=MailState.SENT).order_by("pk")[0], now=NOON)

    day = MailDay.objects.get()

    assert (day.day, day.left, day.bounced) == (NOON.date(), 5, 2)


@pytest.mark.usefixtures("no_mail_server")
def test_server_that_is_gone_is_left_in_peace_for_a_while(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = queue(2)

    assert [send(), send(now=NOON + PAUSE - SECOND)] == [{"decided": 1}, {}]

    assert tries() == [1, 0]
    words = f"Notice {first.pk} not sent: ConnectionRefusedError"
    assert our_words(caplog) == [("WARNING", words)]
    assert send(now=NOON + PAUSE) == {"decided": 1}


@pytest.mark.usefixtures("silent_mail_server")
def test_silent_server_costs_one_mail_one_try(queue: Queue, settings: LazySettings) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    queue(2)

    assert send() == {"decided": 1}

    assert tries() == [1, 0]
    assert send() == {}


def test_server_that_falls_silent_in_a_conversation_is_left_in_peace(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    mail_server.seconds = 0.5
    queue(2)

    assert send() == {"decided": 1}
    assert tries() == [1, 0]


def test_server_that_hangs_up_again_and_again_is_left_in_peace(
    queue: Queue, mail_server: MailServer
) -> None:
    mail_server.hangs_up = True
    queue(MOST_BREAKS + 1)

    assert send() == {"decided": MOST_BREAKS}
    assert send() == {}


def test_no_e_mail_is_logged(
    queue: Queue, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    (notice,) = queue(1)
    mail_server.replies = ["451 alice@fietsenzo.example is over quota"]

    send()

    words = f"Notice {notice.pk} not sent: SMTPRecipientsRefused"
    assert our_words(caplog) == [("WARNING", words)]


def test_mail_that_cannot_be_built_stops_no_other(
    queue: Queue, mail_server: MailServer, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    broken = notify(alice, kind="of a version that is gone", now=NOON - SECOND)
    queue(2)

    assert send() == {"decided": 1, "sent": 2}

    broken.refresh_from_db()
    assert (broken.state, broken.tries) == (MailState.DECIDED, 1)
    assert our_words(caplog) == [("ERROR", f"Notice {broken.pk} not sent: KeyError")]


def test_mail_that_can_never_be_built_ends(alice: User, mail_server: MailServer) -> None:
    User.objects.filter(pk=alice.pk).update(email="@")
    notify(alice, kind=INTEGRITY, now=NOON, findings=["kept_counts: 1 row"])
    now, ends = NOON, Counter[str]()
    while ends["bounced"] == 0:
        ends += send(now=now)
        now += timedelta(hours=5)

    assert ends == {"decided": mailings.MOST_TRIES_TO_BUILD, "bounced": 1}


# Workers that die


def test_same_mail_is_sent_again_after_a_worker_died(
    queue: Queue, mail_server: MailServer, settings: LazySettings
) -> None:
    (notice,) = queue(1)
    smtp, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.mail_server.DeadlyBackend"
    with pytest.raises(Died):
        send()
    notice.refresh_from_db()
    assert notice.state == MailState.SENDING
    settings.EMAIL_BACKEND = smtp

    claimed = send(now=NOON + CLAIM_LASTS - SECOND)
    lapsed = send(now=NOON + CLAIM_LASTS)

    assert (claimed, lapsed) == ({}, {"sent": 1})
    (first,), (second,) = mail.outbox, mail_server.received
    assert first.extra_headers["Message-ID"] == second["Message-ID"]


def test_mail_that_left_is_noted_when_the_database_went_away(
    committed_db: None, queue: Queue, mail_server: MailServer
) -> None:
    (notice,) = queue(1)

    def end_all_sessions(message: EmailMessage) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()

    mail_server.on_mail = end_all_sessions

    with pytest.raises(OperationalError):
        send()

    notice.refresh_from_db()
    assert notice.state == MailState.SENT
    assert len(mail_server.received) == 1
