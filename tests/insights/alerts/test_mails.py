"""Alerts leave as mails: few, in time, to a real mail server, without what was done meanwhile."""

from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from insights.alert_mail.emails import MOST_LINES
from insights.alert_mail.mailer import AlertMailer
from insights.alert_mail.picture import SHARPNESS, WIDTH
from insights.alerts.packing import drop_old, pack_mails
from insights.alerts.raising import KEPT_FOR
from insights.alerts.times import look_at_clock
from insights.enums import UnsentAlertReason
from insights.models import Alert, AlertMail
from insights.reports import tallies
from insights.reports.weeks import shop_week
from queries import actions
from queries.models import CustomerQuery
from queries.worklist import Tally as UpTo
from sellers.actions import stop_mailing
from sellers.enums import AlertKind, MailState, Role
from sellers.events import Actor
from sellers.models import AlertPreferences, Membership, RefusedAddress, Seller, User
from sellers.sending import send_due
from surveys import exclusions
from surveys.enums import FollowUpState
from surveys.followups import working as followups
from surveys.followups.escalation import escalate_overdue
from tests.alerting import ANSWERED, mail, mail_everything_to, tell
from tests.conftest import NOON, Market, refused_by
from tests.mail_server import MailServer
from tests.measurements import imported

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOON - timedelta(days=400)


@pytest.fixture
def only_alice(alice: User, bob: User) -> User:
    """Alice, who wants every mail, with Bob told of nothing, so that each mail is hers."""
    every = list(AlertKind)
    mail_everything_to(alice)
    AlertPreferences.objects.create(user=bob, unlisted=every, unmailed=every)
    return alice


def be_quiet(user: User, start: time, end: time) -> None:
    """Let somebody want no mail now."""
    preferences = AlertPreferences.objects.get(user=user)
    preferences.quiet_from, preferences.quiet_until = start, end
    preferences.save()
    assert preferences.quiet_end(now=NOON)


def words(message: EmailMessage, kind: str = "plain") -> str:
    """Return what a mail says, as text or as HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def subjects(server: MailServer) -> list[str]:
    """Return what the mails are about that came in."""
    return [message["Subject"] for message in server.received]


# What a mail says


def test_mail_says_score_number_and_link_and_nothing_of_the_customer(
    market: Market, only_alice: User, mail_server: MailServer, settings: LazySettings
) -> None:
    query = market.response(2, reason="Never again.").query
    assert query
    tell()

    assert mail() == {"sent": 1}

    (message,) = mail_server.received
    assert message["To"] == only_alice.email
    assert message["Subject"] == f"Fietsenzo: Score 2 on query #{query.pk}"
    response = query.responses.get()
    link = settings.SITE_URL + reverse("insights:followup", args=[response.followup.pk])
    for kind in ("plain", "html"):
        said = words(message, kind)
        assert "Score 2" in said
        assert link in said
        assert "Get in touch before 13 March 12:00." in said
        assert "Never again" not in said
        assert query.subject not in said
        assert "Klant" not in said


def test_mail_asks_for_no_contact_that_the_customer_does_not_want(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    market.response(2, may_contact=False)
    tell()

    mail()

    (message,) = mail_server.received
    assert "Score 2" in words(message)
    assert "Get in touch" not in words(message)


def test_owner_lets_mails_quote_customers(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    market.shop.alerts_quote_customers = True
    market.shop.save()
    market.response(2, reason="<b>Never</b> again.")
    tell()

    mail()

    (message,) = mail_server.received
    assert "“<b>Never</b> again.”" in words(message)
    assert "&lt;b&gt;Never&lt;/b&gt; again." in words(message, "html")


@pytest.mark.parametrize(
    ("language", "expected"), [("nl", "Cijfer 2 bij klantvraag"), ("en", "Score 2 on query")]
)
def test_mail_is_in_the_language_of_its_reader(
    market: Market, only_alice: User, mail_server: MailServer, language: str, expected: str
) -> None:
    only_alice.language = language
    only_alice.save()
    market.response(2)
    tell()

    mail()

    (message,) = mail_server.received
    assert expected in message["Subject"]


# How many


def test_above_five_mails_an_hour_the_rest_go_together(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    queries = [market.query() for _ in range(12)]
    tell(now=NOON)

    assert mail(now=NOON) == {"sent": 6}

    assert sorted(subjects(mail_server))[-1] == "Markt: 7 alerts"
    bundle = next(each for each in mail_server.received if "7 alerts" in each["Subject"])
    assert all(query.get_absolute_url() in words(bundle) for query in queries[5:])
    assert mail(now=NOON) == {}


@pytest.mark.parametrize("bundled", [1, 3])
def test_bundle_costs_the_database_as_much_for_many(
    market: Market, only_alice: User, mail_server: MailServer, bundled: int
) -> None:
    for _ in range(5 + bundled):
        market.response(2)
    tell()
    Alert.objects.exclude(kind=AlertKind.LOW_SCORE).delete()
    pack_mails(now=ANSWERED)
    bundle = AlertMail.objects.get(is_bundle=True)
    mailer = AlertMailer()

    with CaptureQueriesContext(connection) as asked:
        assert mailer.reason_not_to_send(bundle, now=ANSWERED) == ""
        mailer.email(bundle)

    assert len(asked) == 7


def test_very_many_alerts_are_counted_and_not_all_listed(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    for _ in range(5 + MOST_LINES + 2):
        market.query()
    tell(now=NOON)

    mail(now=NOON)

    bundle = next(each for each in mail_server.received if "alerts" in each["Subject"])
    assert bundle["Subject"] == f"Markt: {MOST_LINES + 2} alerts"
    assert words(bundle).count("New query #") == MOST_LINES
    for kind in ("plain", "html"):
        assert "And 2 more of Fietsenzo, in the portal" in words(bundle, kind)
        assert f"/alerts/?shop={market.shop.pk}" in words(bundle, kind)


def test_mail_about_two_shops_leads_to_each(
    market: Market, other_market: Market, only_alice: User, mail_server: MailServer
) -> None:
    other = other_market.shop
    Membership.objects.create(user=only_alice, seller=other, role=Role.AGENT)
    for _ in range(5):
        market.query()
    ours, *_others = [market.query(asked_at=NOON + MINUTE) for _ in range(MOST_LINES - 1)]
    theirs, *_others = [other_market.query(asked_at=NOON + 2 * MINUTE) for _ in range(3)]
    market.query(asked_at=NOON + HOUR)
    tell(now=NOON + HOUR)

    mail(now=NOON + HOUR)

    bundle = next(
        each
        for each in mail_server.received
        if "alerts" in each["Subject"] and each["To"] == only_alice.email
    )
    for kind in ("plain", "html"):
        said = words(bundle, kind)
        assert f"{ours.get_absolute_url()}?shop={market.shop.pk}" in said
        assert f"{theirs.get_absolute_url()}?shop={other.pk}" in said
        assert f"And 2 more of {other.name}, in the portal" in said
        assert "And 1 more of Fietsenzo, in the portal" in said
        assert f"/alerts/?shop={other.pk}" in said


def test_what_comes_after_the_bundle_waits_for_an_hour(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    for _ in range(6):
        market.query()
    tell(now=NOON)
    mail(now=NOON)
    market.query(asked_at=NOON + MINUTE)
    market.query(asked_at=NOON + MINUTE)
    tell(now=NOON + MINUTE)

    assert mail(now=NOON + MINUTE) == {}
    assert mail(now=NOON + HOUR - MINUTE) == {}
    assert mail(now=NOON + HOUR) == {"sent": 2}


def test_mail_that_was_not_needed_after_all_is_none_of_the_five(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    queries = [market.query() for _ in range(5)]
    tell(now=NOON)
    pack_mails(now=NOON)
    for query in queries:
        actions.close(query, by=market.actor, now=NOON)
    assert dict(send_due(clock=lambda: NOON)) == {"suppressed": 5}
    for _ in range(5):
        market.query(asked_at=NOON + MINUTE)
    tell(now=NOON + MINUTE)

    assert mail(now=NOON + MINUTE) == {"sent": 5}


def test_five_an_hour_are_counted_for_each_person(
    market: Market, alice: User, bob: User, mail_server: MailServer
) -> None:
    mail_everything_to(alice, bob)
    for _ in range(5):
        market.query()
    tell(now=NOON)

    assert mail(now=NOON) == {"sent": 10}


def test_whatever_is_retried_no_alert_is_mailed_twice(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    for _ in range(3):
        market.query()

    for _ in range(3):
        tell(now=NOON)
        mail(now=NOON)

    assert len(mail_server.received) == 3
    assert Alert.objects.filter(mail__state=MailState.SENT).count() == 3


@pytest.mark.parametrize("queries", [1, 3])
def test_packing_asks_the_database_as_often_for_many_who_wait_in_quiet(
    market: Market, only_alice: User, queries: int
) -> None:
    be_quiet(only_alice, time(8), time(20))
    for _ in range(queries):
        market.query()
    tell(now=NOON)

    with CaptureQueriesContext(connection) as asked:
        assert pack_mails(now=NOON) == 0

    assert len([each for each in asked if "SAVEPOINT" not in each["sql"]]) == 4


# When


def test_mails_wait_until_quiet_hours_end(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    be_quiet(only_alice, time(11, 30), time(13))
    market.query()
    tell(now=NOON)

    assert mail(now=NOON) == {}
    assert Alert.objects.get(user=only_alice).listed
    assert mail(now=NOON + HOUR - MINUTE) == {}
    assert mail(now=NOON + HOUR) == {"sent": 1}


def test_mail_that_could_not_leave_for_a_day_never_leaves(
    market: Market, only_alice: User, no_mail_server: None
) -> None:
    market.query()
    tell(now=NOON)
    mail(now=NOON)
    assert AlertMail.objects.get().state == MailState.DECIDED

    late = NOON + timedelta(hours=24)
    assert dict(send_due(clock=lambda: late)) == {"suppressed": 1}

    sent = AlertMail.objects.get()
    assert (sent.state, sent.reason) == (MailState.SUPPRESSED, UnsentAlertReason.TOO_OLD)
    assert Alert.objects.get().why_unsent == "longer than a day ago"


def test_alert_that_nobody_packed_for_a_day_says_so(market: Market, only_alice: User) -> None:
    market.query()
    tell(now=NOON)

    assert mail(now=NOON + timedelta(hours=24)) == {}

    assert Alert.objects.get().unsent_reason == UnsentAlertReason.TOO_OLD


# What came between


@pytest.mark.parametrize("done", ["replied", "closed", "handed over", "left", "off", "inactive"])
def test_what_is_done_meanwhile_is_not_mailed(
    market: Market, only_alice: User, bob: User, mail_server: MailServer, done: str
) -> None:
    query, later = market.query(), NOON + MINUTE
    tell(now=NOON)
    pack_mails(now=NOON)
    match done:
        case "replied":
            actions.reply(query, body="So.", by=market.actor, now=later)
        case "closed":
            actions.close(query, by=market.actor, now=later)
        case "handed over":
            actions.hand_over(query, reason="Theirs.", by=market.actor, now=later)
        case "left":
            market.shop.memberships.filter(user=bob).update(role="owner")
            market.shop.memberships.filter(user=only_alice).update(role="analyst")
        case "off":
            by = Actor.user(only_alice)
            stop_mailing(only_alice, kinds=[AlertKind.NEW_QUERY], by=by, now=later)
        case "inactive":
            market.shop.memberships.filter(user=bob).update(role="owner")
            User.objects.filter(pk=only_alice.pk).update(is_active=False)

    assert dict(send_due(clock=lambda: later)) == {"suppressed": 1}

    reasons = {
        "left": UnsentAlertReason.NOT_IN_TEAM,
        "inactive": UnsentAlertReason.NOT_IN_TEAM,
        "off": UnsentAlertReason.SWITCHED_OFF,
    }
    assert AlertMail.objects.get().reason == reasons.get(done, UnsentAlertReason.DONE)
    assert Alert.objects.get(user=only_alice).unsent_reason == AlertMail.objects.get().reason


def test_bundle_leaves_out_what_was_done(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    queries = [market.query() for _ in range(8)]
    tell(now=NOON)
    pack_mails(now=NOON)
    actions.close(queries[6], by=market.actor, now=NOON)

    send_due(clock=lambda: NOON)

    bundle = next(each for each in mail_server.received if "alerts" in each["Subject"])
    assert bundle["Subject"] == "Markt: 2 alerts"
    assert queries[6].get_absolute_url() not in words(bundle)


@pytest.mark.parametrize("kind", [AlertKind.LOW_SCORE, AlertKind.TASK_DUE, AlertKind.TASK_OVERDUE])
@pytest.mark.parametrize("done", ["contacted", "finished", "lapsed", ""])
def test_what_a_task_asks_for_is_not_mailed_when_it_is_done(
    market: Market, bob: User, mail_server: MailServer, kind: AlertKind, done: str
) -> None:
    task = market.response(5).followup
    now = ANSWERED
    match kind:
        case AlertKind.LOW_SCORE:
            tell(now=now)
        case AlertKind.TASK_DUE:
            now = task.due_at - HOUR
            look_at_clock(now=now)
        case _:
            now = task.due_at
            escalate_overdue(now=now)
            tell(now=now)
    Alert.objects.exclude(kind=kind, user=bob).delete()
    pack_mails(now=now)
    match done:
        case "contacted":
            followups.reply(task, body="Sorry.", by=market.actor, now=now)
        case "finished":
            state = FollowUpState.RESOLVED
            followups.finish(task, state=state, note="Well.", by=market.actor, now=now)
        case "lapsed":
            staff = User.objects.create_user("staff@markt.example", name="S", is_staff=True)
            exclusions.exclude(task.response, reason="Fire.", by=Actor.user(staff), now=now)

    ended = dict(send_due(clock=lambda: now))

    assert ended == ({"suppressed": 1} if done else {"sent": 1})
    assert Alert.objects.get().unsent_reason == (UnsentAlertReason.DONE if done else "")


def test_refused_address_gets_no_alerts(market: Market, only_alice: User) -> None:
    RefusedAddress.objects.create(email=only_alice.email, refused_at=NOON)
    market.query()
    tell(now=NOON)

    assert mail(now=NOON) == {"suppressed": 1}

    assert Alert.objects.get().why_unsent == "mail to this address was refused for good"


# No more of them


def test_one_click_stops_mails_of_this_kind_without_logging_in(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    market.query()
    tell(now=NOON)
    mail(now=NOON)
    (message,) = mail_server.received
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip(" <>")
    assert "/alerts/stop/" in link
    browser = Client(enforce_csrf_checks=True)

    assert browser.get(link).status_code == 200
    wish = AlertPreferences.objects.by_user([only_alice.pk])[only_alice.pk]
    assert wish.mails(AlertKind.NEW_QUERY)  # looking stops nothing
    page = browser.post(link, {"List-Unsubscribe": "One-Click"})

    assert page.status_code == 200
    wish = AlertPreferences.objects.get(user=only_alice)
    assert wish.unmailed == [AlertKind.NEW_QUERY]
    market.query(asked_at=NOON + MINUTE)
    tell(now=NOON + MINUTE)
    assert mail(now=NOON + MINUTE) == {}
    assert Alert.objects.filter(user=only_alice).count() == 2  # listed all the same

    assert browser.post(link, {"undo": "1"}).status_code == 302
    assert AlertPreferences.objects.get(user=only_alice).unmailed == []


def test_mail_keeps_its_link(market: Market, only_alice: User) -> None:
    market.query()
    tell(now=NOON)
    pack_mails(now=NOON)

    with refused_by("alertmail_has_link"):
        AlertMail.objects.update(token_digest=None)


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("alertmail_state_known", {"state": "lost"}),
        ("alertmail_reason_iff_suppressed", {"state": "suppressed"}),
        ("alertmail_reason_iff_suppressed", {"reason": "done"}),
        ("alertmail_sent_has_moment", {"state": "sent"}),
        ("alertmail_to_send_has_moment", {"next_try_at": None}),
        ("alertmail_kinds_known", {"kinds": ["gossip"]}),
        ("alertmail_kinds_known", {"kinds": []}),
    ],
)
def test_mail_refuses(alice: User, guard: str, wrong: dict[str, object]) -> None:
    sent = AlertMail(
        user=alice,
        language="en",
        kinds=["digest"],
        state="decided",
        next_try_at=NOON,
        created_at=NOON,
    )
    sent.make_link()
    sent.save()

    with refused_by(guard):
        AlertMail.objects.update(**wrong)


# The weekly overview


MONDAY = date(2026, 3, 16)
MORNING = datetime(2026, 3, 16, 7, tzinfo=UTC)  # eight o'clock


def overview(server: MailServer) -> EmailMessage:
    """Return the overview among the mails that came in."""
    (found,) = [each for each in server.received if "Your week" in each["Subject"]]
    return found


def test_overview_has_the_months_as_a_picture_and_as_a_table(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    for months in range(1, 20):
        moment = NOON - timedelta(days=30 * months)
        imported(market.shop, *[10] * 20, *[3] * months, submitted_at=moment)
    market.response(9, submitted_at=NOON + timedelta(days=1))
    look_at_clock(now=MORNING)

    mail(now=MORNING)

    message = overview(mail_server)
    assert message["Subject"] == "Fietsenzo: Your week: 9 March 2026 to 15 March 2026"
    assert message.get_content_type() == "multipart/related"
    html = words(message, "html")
    assert 'src="cid:history"' in html
    assert 'alt="NPS per month beside the standard. March 2026: ' in html
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<history>"
    assert picture.get_content_disposition() == "inline"
    drawn = Image.open(BytesIO(picture.get_content()))
    assert drawn.width == WIDTH * SHARPNESS
    assert len(drawn.convert("RGB").getcolors(1 << 20) or ()) > 50  # something is on it
    text = words(message)
    assert "February 2026: +" in text
    assert text.count(" measurements. ") >= 18
    assert html.count('<th scope="row"') == 24


def test_no_overview_of_a_week_in_which_nothing_was(
    fietsenzo: Seller, market: Market, alice: User
) -> None:
    imported(fietsenzo, 10, submitted_at=LONG_AGO)

    look_at_clock(now=MORNING)

    assert not Alert.objects.filter(kind=AlertKind.DIGEST).exists()


def test_overview_comes_once_a_week_and_not_before_morning(market: Market, alice: User) -> None:
    market.query(asked_at=NOON)

    look_at_clock(now=MORNING - MINUTE)
    look_at_clock(now=MORNING)
    look_at_clock(now=MORNING + HOUR)

    found = Alert.objects.filter(user=alice, kind=AlertKind.DIGEST, day=MONDAY - timedelta(days=7))
    assert [each.happened_at for each in found] == [MORNING]
    look_at_clock(now=MORNING + timedelta(days=7))
    assert Alert.objects.filter(user=alice, kind=AlertKind.DIGEST).count() == 2


def test_overview_is_none_of_the_five_an_hour(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    for _ in range(5):
        market.query(asked_at=MORNING)
    look_at_clock(now=MORNING)
    tell(now=MORNING)

    assert mail(now=MORNING) == {"sent": 6}
    assert not AlertMail.objects.filter(is_bundle=True).exists()


def test_shop_without_measurements_gets_an_overview_without_picture(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    market.query(asked_at=NOON)
    look_at_clock(now=MORNING)

    mail(now=MORNING)

    message = overview(mail_server)
    assert message.get_content_type() == "multipart/alternative"
    assert "cid:" not in words(message, "html")
    assert "New queries: 1" in words(message)


def test_overview_counts_tasks_as_the_portal_does_and_up_to_a_limit(
    market: Market,
    only_alice: User,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        market.response(5)
    look_at_clock(now=MORNING)

    mail(now=MORNING)
    monkeypatch.setattr(tallies, "COUNTED_UP_TO", 2)
    week = shop_week(market.shop, user=only_alice, monday=MONDAY, now=MORNING)

    assert "Open follow-up tasks: 3 (3 overdue)" in words(overview(mail_server))
    assert (week.open_tasks, week.late_tasks) == (UpTo(2, more=True), UpTo(2, more=True))


# Long past


def test_old_alerts_go_with_their_mails(
    market: Market, only_alice: User, mail_server: MailServer
) -> None:
    market.query()
    tell(now=NOON)
    mail(now=NOON)

    assert drop_old(now=NOON + KEPT_FOR) == 0
    assert drop_old(now=NOON + KEPT_FOR + MINUTE) == 1

    assert not AlertMail.objects.exists()
    assert CustomerQuery.objects.exists()
