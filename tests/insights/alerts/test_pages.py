"""What a reader was told of, and the pages behind the link of a mail."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights.models import Alert, AlertMail
from insights.reports import tallies
from sellers.enums import AlertKind, Role
from sellers.models import Membership, Seller, User
from tests.alerting import ANSWERED, mail, mail_everything_to, tell
from tests.conftest import NOON, Market, text

LIST = "/alerts/"


@pytest.fixture
def alice_s(fietsenzo: Seller, alice: User, log_in: Callable[[User], Client]) -> Client:
    """The browser of Alice."""
    return log_in(alice)


def unread(user: User) -> int:
    """Return how much somebody did not read yet."""
    return Alert.objects.filter(user=user).unread().count()


def bell(browser: Client) -> str:
    """Return what the bell in the bar counts."""
    page = text(browser.get("/queries/nps/"))
    return "".join(re.findall(r"<span data-unread-count>([^<]*)</span>", page))


def test_list_says_what_happened_and_leads_there(
    market: Market, alice: User, alice_s: Client
) -> None:
    response = market.response(2, reason="Never again.")
    query = market.query(asked_at=ANSWERED, subject="Where is it?")
    tell()

    page = text(alice_s.get(LIST))
    alert = Alert.objects.get(user=alice, kind=AlertKind.LOW_SCORE)
    opened = alice_s.post(LIST, {"open": str(alert.pk)})

    path = reverse("insights:followup", args=[response.followup.pk])
    assert opened["Location"] == f"{path}?shop={market.shop.pk}"
    assert f'href="{opened["Location"]}"' in text(alice_s.get(LIST))  # read, it is a link
    alert.refresh_from_db()
    assert alert.read_at
    assert unread(alice) == 2
    assert f"Score 2 on query #{response.query_id}" in page
    assert f"New query #{query.pk}" in page
    assert "Where is it?" in page
    assert "3 are unread." in page


def test_list_says_why_there_was_no_mail(market: Market, alice: User, alice_s: Client) -> None:
    mail_everything_to(alice)
    market.query()
    tell(now=NOON + timedelta(days=2))

    assert "not mailed: longer than a day ago" in text(alice_s.get(LIST))


def test_list_says_what_was_mailed(market: Market, alice: User, alice_s: Client) -> None:
    mail_everything_to(alice)
    market.query()
    tell(now=NOON)
    mail(now=NOON)

    page = text(alice_s.get(LIST))

    assert "mailed" in page
    assert "not mailed" not in page


def test_new_query_is_listed_and_mailed_only_to_who_asks_for_it(
    market: Market, alice_s: Client
) -> None:
    query = market.query()
    tell(now=NOON)
    mail(now=NOON)

    page = text(alice_s.get(LIST))

    assert f"New query #{query.pk}" in page
    assert not AlertMail.objects.exists()


def test_one_alert_is_read(market: Market, alice: User, bob: User, alice_s: Client) -> None:
    for _ in range(2):
        market.query()
    tell(now=NOON)
    first = Alert.objects.filter(user=alice).earliest("pk")

    page = alice_s.post(LIST, {"alert": str(first.pk)})

    assert page["Location"] == LIST
    first.refresh_from_db()
    assert first.read_at
    assert (unread(alice), unread(bob)) == (1, 2)


def test_all_that_the_page_showed_are_read(market: Market, alice: User, alice_s: Client) -> None:
    market.query()
    tell(now=NOON)
    newest = Alert.objects.filter(user=alice).latest("pk").pk
    market.query()
    tell(now=NOON)

    alice_s.post(LIST, {"newest": str(newest)})

    assert unread(alice) == 1


@pytest.mark.parametrize("junk", ["", "a\0b", "9" * 19, "-1"])
def test_junk_marks_nothing(market: Market, alice: User, alice_s: Client, junk: str) -> None:
    market.query()
    tell(now=NOON)

    for name in ("alert", "newest", "open"):
        assert alice_s.post(LIST, {name: junk}).status_code == 302

    assert unread(alice) == 1


def test_nobody_reads_or_marks_what_a_colleague_was_told(
    market: Market, alice: User, bob: User, cora: User, dirk: User
) -> None:
    market.query()
    tell(now=NOON)
    theirs = Alert.objects.get(user=alice)

    for person in (bob, cora, dirk):
        browser = Client()
        browser.force_login(person)
        assert browser.get(LIST).status_code == 200
        browser.post(LIST, {"alert": str(theirs.pk)})
        browser.post(LIST, {"open": str(theirs.pk)})
        browser.post(LIST, {"newest": str(theirs.pk)})

    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_list_is_of_the_shop_that_is_looked_at(
    market: Market, other_market: Market, alice: User, alice_s: Client
) -> None:
    Membership.objects.create(user=alice, seller=other_market.shop, role=Role.AGENT)
    ours, theirs = market.query(subject="Ours"), other_market.query(subject="Theirs")
    tell(now=NOON)

    page = text(alice_s.get(LIST))
    shown = {subject for subject in ("Ours", "Theirs") if subject in page}

    assert Alert.objects.filter(user=alice).count() == 2
    assert len(shown) == 1
    assert {ours.seller, theirs.seller} == {market.shop, other_market.shop}


def test_what_is_only_mailed_is_not_listed(market: Market, alice: User, alice_s: Client) -> None:
    Alert.objects.create(
        user=alice,
        seller=market.shop,
        kind=AlertKind.DIGEST,
        key="week 1",
        day=NOON.date(),
        happened_at=NOON,
        created_at=NOON,
        listed=False,
    )

    page = text(alice_s.get(LIST))

    assert "Your week" not in page
    assert "Nothing yet" in page


@pytest.mark.parametrize("queries", [1, 3])
def test_list_asks_the_database_as_often_for_many(
    market: Market, alice_s: Client, queries: int
) -> None:
    for _ in range(queries):
        market.response(2)
    tell()
    alice_s.get(LIST)

    with CaptureQueriesContext(connection) as asked:
        page = alice_s.get(LIST)

    assert text(page).count("Score 2 on query") == 2 * queries  # as words, and on the button
    assert len(asked) == 6


def test_list_has_pages(market: Market, alice: User, alice_s: Client) -> None:
    Alert.objects.bulk_create(
        Alert(
            user=alice,
            seller=market.shop,
            kind=AlertKind.DIGEST,
            key=f"week {number}",
            day=NOON.date(),
            happened_at=NOON + timedelta(minutes=number),
            created_at=NOON,
            listed=True,
        )
        for number in range(26)
    )

    first = alice_s.get(LIST)
    with CaptureQueriesContext(connection) as asked:
        second = alice_s.get(LIST + first.context["next"])
    again = alice_s.get(LIST + second.context["previous"])

    assert (first.context["previous"], second.context["next"]) == ("", "")
    shown = [[alert.key for alert in page.context["page"].rows] for page in (first, second, again)]
    assert shown == [[f"week {number}" for number in range(25, 0, -1)], ["week 0"], shown[0]]
    assert 'rel="prev"' in text(second)
    assert not any("OFFSET" in each["sql"] for each in asked)


def test_list_begins_at_the_beginning_where_a_cursor_is_junk_or_somebody_else_s(
    market: Market, bob: User, alice_s: Client
) -> None:
    market.query()
    tell(now=NOON)
    theirs = Alert.objects.get(user=bob).pk

    for cursor in ("", "a\0b", "9" * 19, "-1", str(theirs)):
        for name in ("after", "before"):
            assert len(alice_s.get(LIST, {name: cursor}).context["page"].rows) == 1


# The bell


def test_bell_counts_what_the_reader_did_not_read_at_this_shop(
    market: Market, other_market: Market, alice: User, alice_s: Client, bob: User, cora: User
) -> None:
    for _ in range(3):
        market.query()
    Membership.objects.create(user=alice, seller=other_market.shop, role=Role.AGENT)
    other_market.query()
    tell(now=NOON)
    Alert.objects.filter(user=alice, seller=market.shop).latest("pk").delete()
    bob_s, cora_s = Client(), Client()
    bob_s.force_login(bob)
    cora_s.force_login(cora)

    assert bell(alice_s) == "1"  # of Boekenhoek
    alice_s.post(reverse("sellers:shop", args=[alice.memberships.get(seller=market.shop).pk]))
    assert bell(alice_s) == "2"
    assert bell(bob_s) == "3"
    assert bell(cora_s) == ""

    bob_s.post(LIST, {"newest": str(Alert.objects.filter(user=bob).latest("pk").pk)})
    assert bell(bob_s) == ""


def test_unread_are_counted_up_to_a_limit(
    market: Market, alice_s: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        market.query()
    tell(now=NOON)
    monkeypatch.setattr(tallies, "COUNTED_UP_TO", 2)

    page = text(alice_s.get(LIST))

    assert "<title>Alerts (2+) ·" in page
    assert "More than 2 are unread." in page


def test_page_behind_the_link_asks_first_and_can_be_undone(
    market: Market, alice: User, mailoutbox: list[object]
) -> None:
    mail_everything_to(alice)
    market.query()
    tell(now=NOON)
    mail(now=NOON)
    link = reverse("alerts:stop", args=[alice.alert_mails.get().token])
    browser = Client(enforce_csrf_checks=True)

    asked = text(browser.get(link))
    stopped = text(browser.post(link, follow=True))
    undone = text(browser.post(link, {"undo": "1"}, follow=True))

    assert "No more of these mails?" in asked
    assert "New query" in asked
    assert "You get no more of these mails" in stopped
    assert "No more of these mails?" in undone
    assert alice.email not in asked + stopped


@pytest.mark.parametrize("token", ["x", "a" * 43])
def test_link_that_is_none_of_ours_leads_nowhere(db: None, token: str) -> None:
    page = Client().get(f"/alerts/stop/{token}/")

    assert page.status_code == 404
    assert "This link does not work" in text(page)
