"""What a user wants to be told of, and how."""

from collections.abc import Callable
from datetime import time

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sellers.actions import mail_again, stop_mailing
from sellers.enums import AlertKind, SellerEvent
from sellers.events import Actor
from sellers.models import AlertPreferences, Event, Seller, User
from tests.conftest import NOON, at_once, refused_by, text

PAGE = "/settings/alerts/"
ALL_ON = {f"{way}_{kind}": "on" for kind in AlertKind for way in ("listed", "mailed")}
FILLED_IN = ALL_ON | {"low_score_at_most": "6", "quiet_from": "", "quiet_until": ""}


@pytest.fixture
def alice_s(fietsenzo: Seller, alice: User, log_in: Callable[[User], Client]) -> Client:
    """The browser of Alice."""
    return log_in(alice)


def without(*boxes: str) -> dict[str, str]:
    """Return the form with these boxes empty."""
    return {name: value for name, value in FILLED_IN.items() if name not in boxes}


def post(browser: Client, given: dict[str, str]) -> HttpResponse:
    """Store the form."""
    page = browser.post(PAGE, given)
    assert isinstance(page, HttpResponse)
    return page


def test_who_never_chose_is_told_of_everything_but_of_new_queries_by_mail(alice: User) -> None:
    wish = AlertPreferences.objects.by_user([alice.pk])[alice.pk]

    assert all(wish.lists(kind) for kind in AlertKind)
    assert [kind for kind in AlertKind if not wish.mails(kind)] == [AlertKind.NEW_QUERY]
    assert wish.low_score_at_most == 6
    assert wish.quiet_end(now=NOON) is None
    assert not AlertPreferences.objects.exists()


def test_account_contact_who_only_reads_chooses_about_low_scores_too(
    fietsenzo: Seller, cora: User, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(cora)
    assert "listed_low_score" not in text(browser.get(PAGE))

    fietsenzo.account_contact = cora
    fietsenzo.save(update_fields=["account_contact"])

    page = text(browser.get(PAGE))
    assert "mailed_low_score" in page
    assert "low_score_at_most" in page
    assert "listed_new_query" not in page


def test_wishes_are_stored_and_shown(alice_s: Client, alice: User) -> None:
    chosen = without("mailed_new_query", "listed_digest")
    chosen |= {"low_score_at_most": "3", "quiet_from": "22:00", "quiet_until": "08:00"}

    assert post(alice_s, chosen)["Location"] == PAGE

    wish = AlertPreferences.objects.get(user=alice)
    assert (wish.unmailed, wish.unlisted) == (["new_query"], ["digest"])
    assert (wish.low_score_at_most, wish.quiet_from, wish.quiet_until) == (3, time(22), time(8))
    page = text(alice_s.get(PAGE))
    assert 'value="22:00"' in page
    assert '<option value="3" selected>3 or lower</option>' in page
    assert page.count("checked") == 2 * len(AlertKind) - 2


def test_event_says_what_was_chosen(alice_s: Client, alice: User) -> None:
    post(alice_s, without("mailed_digest"))
    post(alice_s, without("mailed_digest"))

    event = Event.objects.get(kind=SellerEvent.ALERTS_CHOSEN)
    assert event.user == alice
    assert event.details == {"changes": {"unmailed": [["new_query"], ["digest"]]}}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"quiet_from": "22:00"}, "Fill in both times, or neither."),
        ({"quiet_until": "08:00"}, "Fill in both times, or neither."),
        ({"quiet_from": "08:00", "quiet_until": "08:00"}, "Choose two different times."),
        ({"quiet_from": "late", "quiet_until": "08:00"}, "Enter a valid time."),
        ({"low_score_at_most": "11"}, "Select a valid choice."),
        ({"low_score_at_most": "a\0"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    alice_s: Client, wrong: dict[str, str], expected: str
) -> None:
    page = post(alice_s, without("mailed_digest") | wrong)

    assert page.status_code == 422
    assert expected in text(page)
    assert not AlertPreferences.objects.exists()
    for value in wrong.values():
        assert value.rstrip("\0") in text(page)


def test_analyst_chooses_of_what_analysts_are_told(
    cora: User, log_in: Callable[[User], Client]
) -> None:
    AlertPreferences.objects.create(user=cora, unmailed=["low_score"], low_score_at_most=2)
    browser = log_in(cora)

    page = text(browser.get(PAGE))
    post(browser, without("mailed_digest", "low_score_at_most"))

    assert "Weekly overview" in page
    assert "Low score" not in page
    wish = AlertPreferences.objects.get(user=cora)
    assert set(wish.unmailed) == {"digest", "low_score"}
    assert wish.low_score_at_most == 2


def test_settings_lead_to_the_alerts(alice_s: Client) -> None:
    assert f'href="{PAGE}"' in text(alice_s.get(reverse("sellers:settings")))


def test_mails_are_stopped_and_wanted_again(alice: User) -> None:
    by = Actor.user(alice)

    stop_mailing(alice, kinds=[AlertKind.DIGEST, AlertKind.DEADLINE], by=by, now=NOON)
    stop_mailing(alice, kinds=[AlertKind.DIGEST], by=by, now=NOON)
    assert AlertPreferences.objects.get().unmailed == ["deadline", "digest", "new_query"]
    mail_again(alice, kinds=[AlertKind.DIGEST], by=by, now=NOON)
    mail_again(alice, kinds=[AlertKind.DIGEST], by=by, now=NOON)

    assert AlertPreferences.objects.get().unmailed == ["deadline", "new_query"]
    assert Event.objects.filter(kind=SellerEvent.ALERTS_CHOSEN).count() == 2


def test_two_who_stop_at_once_both_do(committed_db: None, alice: User) -> None:
    kinds = [AlertKind.DIGEST, AlertKind.DEADLINE, AlertKind.STANDARD]

    at_once(
        *[
            lambda kind=kind: stop_mailing(alice, kinds=[kind], by=Actor.user(alice), now=NOON)
            for kind in kinds
        ]
    )

    assert AlertPreferences.objects.get().unmailed == sorted([*kinds, AlertKind.NEW_QUERY])


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("alert_preferences_kinds_known", {"unlisted": ["gossip"]}),
        ("alert_preferences_kinds_known", {"unmailed": ["digest", "gossip"]}),
        ("alert_preferences_low_score_in_range", {"low_score_at_most": 11}),
        ("alert_preferences_quiet_hours_whole", {"quiet_from": time(22)}),
        ("alert_preferences_quiet_hours_whole", {"quiet_until": time(8)}),
        (
            "alert_preferences_quiet_hours_whole",
            {"quiet_from": time(8), "quiet_until": time(8)},
        ),
    ],
)
def test_wishes_refuse(alice: User, guard: str, wrong: dict[str, object]) -> None:
    with refused_by(guard):
        AlertPreferences.objects.create(user=alice, **wrong)
