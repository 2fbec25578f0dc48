"""Every mail that the project sends: no name and no subject of anybody begins a line of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.db import connection

from insights.alerts.packing import pack_mails
from insights.alerts.times import look_at_clock
from insights.emails import INTEGRITY, WORK
from insights.models import AlertMail
from queries import actions
from queries.customer_mail import mail_new_link, mail_question
from queries.enums import CustomerMailKind
from queries.models import CustomerMail
from queries.staff_mail import HANDED_OVER
from sellers import mailings, notices
from sellers.actions import invite
from sellers.enums import AlertKind, NoticeKind, Role
from sellers.events import Actor
from sellers.lines import UNSEEN, one_line
from sellers.models import AlertPreferences, Mailing, Notice, TeamInvitation, User
from sellers.notices import notify
from surveys.deciding import decide_due
from surveys.models import Invitation
from tests.alerting import mail_everything_to, tell
from tests.conftest import NOON, RULES, Market
from tests.guards import switch_guards
from tests.hooks import allow_this_machine, hook_of
from tests.queries.test_staff_mail import HANDLES, member

pytestmark = pytest.mark.usefixtures("owner_db")

EVIL = "Fiets\r\nBcc: spy@evil.example\r\n\r\nLog in at\u2028evil.example\u202e\u2066"
LINES = "First line.\n\nThird line."
DAY = timedelta(days=1)
MORNING = datetime(2026, 3, 16, 7, tzinfo=UTC)  # a Monday, eight o'clock
HEADERS = {
    "auto-submitted",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "in-reply-to",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "references",
    "reply-to",
    "subject",
    "to",
}
# Where a name or a subject is stored that a mail has.
NAMED = {
    "sellers_seller": "name",
    "sellers_user": "name",
    "queries_customer": "name",
    "queries_customerquery": "subject",
}


@pytest.fixture
def queued(market: Market, alice: User, settings: LazySettings) -> list[Mailing]:
    """Queue a mail of every kind, about people and shops with the worst names."""
    allow_this_machine(settings)
    settings.MAIL_IN_DOMAIN = "reply.markt.example"
    member("sam", *HANDLES)
    query = market.query()
    mail_question(query, now=NOON)
    actions.reply(query, body=LINES, by=market.actor, now=NOON)
    mail_new_link(CustomerMail.objects.first().link, by=Actor.CUSTOMER, now=NOON + DAY)  # type: ignore[union-attr]
    actions.hand_over(market.query(), reason="Please.", by=market.actor, now=NOON)
    invite(market.shop, email="new@shop.example", role=Role.AGENT, by=Actor.user(alice), now=NOON)
    webhook = hook_of(market.shop, "http://127.0.0.1:9/", by=alice).row.pk
    for kind in (NoticeKind.WEBHOOK_FAILING, NoticeKind.WEBHOOK_OFF):
        notify(alice, kind=kind, now=NOON, webhook=webhook)
    notify(alice, kind=NoticeKind.RESET, now=NOON)
    notify(alice, kind=INTEGRITY, now=NOON, findings=["kept_counts: 1 row"])
    since = [["server", NOON.isoformat()]]
    notify(alice, kind=WORK, now=NOON, begun=since, lasting=[], over=since)
    market.closing()
    decide_due(now=NOON + RULES.delay, rules=RULES)
    _queue_alerts(market)
    switch_guards(on=False)
    with connection.cursor() as cursor:  # as an older version, or another program, stored it
        for table, column in NAMED.items():
            cursor.execute(f"UPDATE {table} SET {column} = %s", [EVIL])  # noqa: S608  ours
    return [
        *Notice.objects.with_contents(),
        *TeamInvitation.objects.with_contents(),
        *CustomerMail.objects.with_contents(),
        *Invitation.objects.with_contents().filter(state="decided"),
        *AlertMail.objects.with_contents(),
    ]


def _queue_alerts(market: Market) -> None:
    """Queue a mail with one alert, with several, and with the overview of a week."""
    market.shop.alerts_quote_customers = True
    market.shop.save()
    owner = User.objects.get(memberships__seller=market.shop, memberships__role=Role.OWNER)
    AlertPreferences.objects.all().delete()
    mail_everything_to(owner)
    for _ in range(9):
        market.response(2, reason=LINES)
    tell()
    pack_mails(now=NOON + 2 * DAY)
    look_at_clock(now=MORNING)
    pack_mails(now=MORNING)


@pytest.fixture
def sent(queued: list[Mailing]) -> list[tuple[Mailing, EmailMessage]]:
    """Build every mail as it is to leave."""
    return [(mailing, mailings.build(mailing)) for mailing in queued]


Sent = list[tuple[Mailing, EmailMessage]]


def test_there_is_a_mail_of_every_kind(sent: Sent) -> None:
    rows = [mailing for mailing, _email in sent]

    assert {type(row) for row in rows} == set(mailings._mailers)
    assert {row.kind for row in rows if isinstance(row, Notice)} == set(notices._kinds)
    assert HANDED_OVER in notices._kinds
    assert {row.kind for row in rows if isinstance(row, CustomerMail)} == set(CustomerMailKind)
    of_alerts = [row for row in rows if isinstance(row, AlertMail)]
    assert {row.is_bundle for row in of_alerts} == {True, False}
    assert [AlertKind.DIGEST] in [list(row.kinds) for row in of_alerts]


def test_no_name_begins_a_header(sent: Sent) -> None:
    for mailing, email in sent:
        read = message_from_bytes(email.message().as_bytes(), policy=default)

        assert {name.lower() for name in read} <= HEADERS, mailing
        for name, value in read.items():
            decoded = str(make_header(decode_header(str(value))))
            assert one_line(decoded) == decoded.strip(), (mailing, name)
        assert email.recipients() == [mailings.mailer_of(mailing).recipient(mailing)]


def test_no_name_begins_a_line_of_a_text(sent: Sent) -> None:
    for mailing, email in sent:
        for text in texts_of(email):
            begins = [line.strip(" <>pbh123") for line in text.splitlines()]
            assert not [line for line in begins if line.startswith(("Bcc", "Log in at"))], mailing
            assert not UNSEEN.search(text.replace("\n", "").replace("\r", "")), mailing


def test_evil_name_is_in_the_mails_that_name_somebody(sent: Sent) -> None:
    named = [mailing for mailing, email in sent if "spy@evil.example" in "".join(texts_of(email))]

    assert {type(mailing) for mailing in named} == set(mailings._mailers)


def test_words_of_people_keep_their_lines(sent: Sent) -> None:
    texts = ["".join(texts_of(email)).replace("\r\n", "\n") for _mailing, email in sent]

    assert [text for text in texts if LINES in text]


def texts_of(email: EmailMessage) -> Iterator[str]:
    """Yield what a mail says: its text, and its HTML."""
    yield str(email.body)
    alternatives: Any = getattr(email, "alternatives", [])
    for content, _kind in alternatives:
        yield str(content)
