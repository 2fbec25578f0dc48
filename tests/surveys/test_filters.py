"""What closed queries are narrowed by: closing and survey, as far as a seller may know."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from queries import actions
from queries.models import CustomerQuery
from sellers.events import Actor
from sellers.models import User
from surveys import answers
from surveys.enums import InvitationState, SuppressionReason
from surveys.progress import KEPT_FROM_SELLERS, NOT_NOW
from tests.conftest import NOON, Market, text

DAY = timedelta(days=1)


@pytest.fixture
def bob_s(log_in: Callable[[User], Client], bob: User) -> Client:
    """Bob's browser."""
    return log_in(bob)


def closed(browser: Client, **chosen: object) -> list[str]:
    """Return what the list of closed queries shows."""
    page = browser.get("/queries/", {"view": "closed", **chosen})
    return [item.query.subject for item in page.context["pane"].page.items]


def decided(
    market: Market, subject: str, state: InvitationState, reason: str = ""
) -> CustomerQuery:
    """Return a closed query whose survey has come so far."""
    return market.survey(market.closing(subject=subject), state, reason).query


def test_by_who_closed(bob_s: Client, market: Market, alice: User) -> None:
    market.closing(subject="Bob's")
    actions.close(market.query(subject="Alice's"), by=Actor.user(alice), now=NOON)
    again = market.closing(subject="Bob's, then Alice's").query
    actions.reopen(again, by=market.actor, now=NOON)
    actions.close(again, by=Actor.user(alice), now=NOON + DAY)

    assert set(closed(bob_s, agent=market.agent.pk)) == {"Bob's"}
    assert set(closed(bob_s, agent=alice.pk)) == {"Alice's", "Bob's, then Alice's"}


def test_by_the_days_of_closing_in_the_marketplaces_zone(bob_s: Client, market: Market) -> None:
    midnight = NOON.replace(hour=23)  # of Amsterdam, in winter
    market.closing(subject="evening", closed_at=midnight - timedelta(microseconds=1))
    market.closing(subject="night", closed_at=midnight)
    day = NOON.date()

    assert closed(bob_s, until=day) == ["evening"]
    assert closed(bob_s, since=day + DAY) == ["night"]
    assert closed(bob_s, since=day, until=day + DAY) == ["night", "evening"]


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("undecided", ["undecided"]),
        ("suppressed", ["suppressed"]),
        ("decided", ["decided", "sending"]),
        ("sent", ["sent"]),
        ("answered", ["answered"]),
        ("expired", ["expired"]),
        ("bounced", ["bounced"]),
    ],
)
def test_by_how_far_the_survey_has_come(
    bob_s: Client, market: Market, state: str, found: list[str]
) -> None:
    for each in InvitationState:
        reason = SuppressionReason.STALE if each == InvitationState.SUPPRESSED else ""
        decided(market, each.value, each, reason)
    market.closing(subject="undecided")

    assert sorted(closed(bob_s, survey=state)) == found


def test_by_reason_without_what_a_seller_may_not_tell_apart(bob_s: Client, market: Market) -> None:
    for reason in SuppressionReason:
        decided(market, reason.value, InvitationState.SUPPRESSED, reason)

    assert sorted(closed(bob_s, reason=NOT_NOW)) == sorted(KEPT_FROM_SELLERS)
    assert closed(bob_s, reason="stale") == ["stale"]
    page = bob_s.get("/queries/", {"view": "closed", "reason": "opted_out"})
    assert len(closed(bob_s, reason="opted_out")) == len(SuppressionReason)
    for reason in (*KEPT_FROM_SELLERS, SuppressionReason.REOPENED):
        assert f'value="{reason}"' not in text(page)


def test_by_band_and_score(bob_s: Client, market: Market) -> None:
    for score in (3, 8, 9):
        invitation = market.invitation(market.closing(subject=str(score)))
        answers.submit(
            invitation.token_digest,
            score=score,
            reason="",
            topics=[],
            may_contact=None,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=NOON + 2 * DAY,
        )

    assert closed(bob_s, band="detractor") == ["3"]
    assert closed(bob_s, band="promoter") == ["9"]
    assert closed(bob_s, score=8) == ["8"]
    assert closed(bob_s, score=9, band="detractor") == []


def test_wrong_values_are_told_and_count_as_not_chosen(bob_s: Client, market: Market) -> None:
    market.closing(subject="Flat tyre")

    page = bob_s.get("/queries/", {"view": "closed", "since": "2026-03-02", "until": "2026-03-01"})

    assert "The period ends before it begins." in text(page)
    assert closed(bob_s, since="2026-03-02", until="2026-03-01") == ["Flat tyre"]
    assert closed(bob_s, since="yesterday", score=11) == ["Flat tyre"]


def test_the_other_lists_count_without_it(bob_s: Client, market: Market) -> None:
    market.query()
    market.closing()

    page: HttpResponse = bob_s.get("/queries/", {"view": "closed", "survey": "answered"})

    views = {view.name: view for view in page.context["pane"].views}
    assert (views["closed"].count, views["your_turn"].count) == (0, 1)
    assert views["your_turn"].url == "?view=your_turn"
    assert views["closed"].url == "?view=closed&survey=answered"
