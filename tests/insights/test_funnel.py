"""The counts of the funnel lead to as many rows, and to the score of the month."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from insights.reports.funnel import OUTCOMES, Bridge, month_bridge, month_funnel
from insights.reports.months import MonthScore
from insights.response_wording import bridge_in_words, recent_in_words
from queries import actions
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys import deciding
from surveys.enums import InvitationState, SuppressionReason
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.nps import Tally
from tests.conftest import RULES, Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

FUNNEL = "/queries/nps/funnel/"
CLOSINGS = "/queries/nps/funnel/closings/"
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
LINK = re.compile(r'href="(/queries/nps/[^"]*)"[^>]*>\s*([\d,.]+)\b')


@pytest.fixture
def busy(market: Market, other_market: Market, alice: User) -> Market:
    """A shop with every outcome, some answers in another month, some imported or excluded."""
    chance, day = Random(14), datetime(2026, 1, 20, 9, tzinfo=UTC)
    states = cycle(
        (
            *(InvitationState.EXPIRED, InvitationState.BOUNCED, InvitationState.DECIDED),
            *(InvitationState.SENT, InvitationState.SUPPRESSED),
        )
    )
    for number in range(90):
        market_or_other = market if number % 9 else other_market
        closed_by = chance.choice([ActorType.SELLER] * 4 + [ActorType.MARKETPLACE])
        closed_at = day + timedelta(days=chance.randrange(55), hours=chance.randrange(20))
        closing = market_or_other.closing(closed_at=closed_at, closed_by=closed_by)
        if chance.random() < 0.1:
            actions.reopen(closing.query, by=market_or_other.actor, now=closed_at + DAY / 2)
            continue
        if chance.random() < 0.15:
            continue
        if chance.random() < 0.6:
            invitation = market_or_other.invitation(closing)
            later = timedelta(hours=1 + chance.randrange(24 * 12))
            moment = invitation.sent_at + later  # type: ignore[operator]
            market_or_other.answer(invitation, chance.randrange(11), submitted_at=moment)
        else:
            state = next(states)
            is_suppressed = state == InvitationState.SUPPRESSED
            reason = chance.choice(SuppressionReason.values) if is_suppressed else ""
            market_or_other.survey(closing, state, reason)
    imported(market.shop, 9, 3, submitted_at=datetime(2026, 2, 3, tzinfo=UTC))
    for response in SurveyResponse.objects.for_seller(market.shop).order_by("pk")[::6]:
        exclude(response, reason="Storm.", by=Actor.user(alice), now=NOW)
    return market


def rows_of(browser: Client, url: str) -> int:
    """Return how many rows a list has, over all its pages."""
    rows, following = 0, url
    while following:
        page = browser.get(following)
        assert page.status_code == 200
        found = page.context["closings"]
        rows += len(found)
        following = page.context["next"] and CLOSINGS + page.context["next"]
    return rows


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_every_count_leads_to_as_many_rows(cora_s: Client, busy: Market, month: str) -> None:
    page = text(cora_s.get(FUNNEL, {"month": month}))

    found = [(url.replace("&amp;", "&"), int(count)) for url, count in LINK.findall(page)]
    of_closings = [each for each in found if each[0].startswith(CLOSINGS)]
    assert len(of_closings) >= 6
    for url, count in of_closings:
        assert rows_of(cora_s, url) == count
    [(measurements, count)] = [each for each in found if "/measurements/" in each[0]]
    assert cora_s.get(measurements).context["measurements"].number == count


def test_page_begins_with_the_last_month_that_has_something_to_say(
    cora_s: Client, market: Market
) -> None:
    empty = cora_s.get(FUNNEL)
    imported(market.shop, 9, 3, submitted_at=datetime(2026, 2, 3, tzinfo=UTC))
    imported(market.shop, 9, submitted_at=NOW)

    few, running = cora_s.get(FUNNEL), cora_s.get(FUNNEL, {"month": "2026-03"})
    imported(market.shop, *[9] * 24, submitted_at=NOW)
    enough = cora_s.get(FUNNEL)

    assert few.context["month"] == FEBRUARY
    assert "March 2026 still runs and has 1 measurement so far." in text(few)
    assert f'<a href="{FUNNEL}?month=2026-03">Show March</a>' in text(few)
    for page in (empty, running, enough):
        assert page.context["month"] == MARCH
        assert "still runs" not in text(page)


def test_many_rows_are_on_pages(
    cora_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(28):
        market.closing(closed_at=datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour))

    first = cora_s.get(CLOSINGS)
    with django_assert_num_queries(7):
        second = cora_s.get(CLOSINGS + first.context["next"])
    back = cora_s.get(CLOSINGS + second.context["previous"])

    assert (len(first.context["closings"]), len(second.context["closings"])) == (25, 3)
    assert back.context["closings"] == first.context["closings"]
    assert 'Closed <span class="plain-count">28 · March 2026</span>' in text(first)


@pytest.mark.parametrize("outcome", ["", "x", "opted_out", "customer_cooldown", "\x00"])
def test_a_count_that_is_none_is_not_found(cora_s: Client, market: Market, outcome: str) -> None:
    """Nor is one that would reveal who wants no surveys."""
    assert cora_s.get(CLOSINGS, {"outcome": outcome}).status_code == 404


@pytest.mark.parametrize("outcome", [*OUTCOMES, "not_now", "no_address"])
def test_every_count_has_a_page(cora_s: Client, market: Market, outcome: str) -> None:
    assert "Nothing in this month." in text(cora_s.get(CLOSINGS, {"outcome": outcome}))


def test_customer_who_wants_none_is_among_those_not_surveyed_now(
    cora_s: Client, market: Market
) -> None:
    customer = market.new_customer()
    market.response(9, customer=customer, submitted_at=NOW - 8 * DAY)
    late = market.closing(customer, closed_at=NOW - 3 * DAY)
    deciding.decide_due(now=late.closed_at + RULES.delay, rules=RULES)

    page = cora_s.get(CLOSINGS, {"outcome": "not_now"})

    assert [closing.pk for closing in page.context["closings"]] == [late.pk]
    assert "Customer is not surveyed now" in text(page)


# From the funnel to the score


def recounted(seller: Seller, month: date) -> tuple[int, int, int, int, int, int]:
    """Count the raw rows of a month's bridge: five counts, and what the score has."""
    begin = datetime(month.year, month.month, 1)  # noqa: DTZ001  compared as the zone's clock
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1)  # noqa: DTZ001
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH answers AS (
              SELECT r.invitation_id IS NULL AS imported,
                     r.submitted_at AT TIME ZONE 'Europe/Amsterdam' AS came,
                     c.closed_at AT TIME ZONE 'Europe/Amsterdam' AS closed,
                     EXISTS (SELECT FROM surveys_measurementexclusion e
                              WHERE e.response_id = r.id AND e.lifted_at IS NULL) AS gone
                FROM surveys_surveyresponse r
                LEFT JOIN surveys_invitation i ON i.id = r.invitation_id
                LEFT JOIN queries_closing c ON c.id = i.closing_id
               WHERE r.seller_id = %(seller)s AND r.closed_by = 'seller')
            SELECT count(*) FILTER (WHERE is_closed),
                   count(*) FILTER (WHERE is_closed AND NOT has_come),
                   count(*) FILTER (WHERE has_come AND NOT is_closed AND NOT imported),
                   count(*) FILTER (WHERE has_come AND imported),
                   count(*) FILTER (WHERE has_come AND gone),
                   count(*) FILTER (WHERE has_come AND NOT gone)
              FROM (SELECT *, came >= %(begin)s AND came < %(end)s AS has_come,
                           coalesce(closed >= %(begin)s AND closed < %(end)s, false) AS is_closed
                      FROM answers) AS of_month
            """,
            {"seller": seller.pk, "begin": begin, "end": end},
        )
        found: tuple[int, int, int, int, int, int] = cursor.fetchone()
        return found


@pytest.mark.parametrize("month", [date(2026, 1, 1), FEBRUARY, date(2026, 3, 1)])
def test_bridge_is_that_of_the_raw_rows(
    busy: Market, month: date, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    funnel = month_funnel(busy.shop, month=month)

    with django_assert_num_queries(1):
        bridge = month_bridge(busy.shop, funnel, month=month)

    *counts, total = recounted(busy.shop, month)
    assert bridge == Bridge(*counts)
    assert bridge.total == total > 0
    assert month != FEBRUARY or min(counts) > 0


@pytest.mark.parametrize(
    ("bridge", "language", "said"),
    [
        (
            Bridge(36, 3, 7, 2, 1),
            "en",
            "36 answers count for you − 3 answered in another month + 7 after a closing in another "
            "month + 2 imported − 1 excluded by the marketplace = the score of February 2026:",
        ),
        (
            Bridge(1, 0, 0, 0, 0),
            "nl",
            "1 antwoord telt voor jou mee = de score van februari 2026:",
        ),
    ],
)
def test_bridge_is_a_sum(bridge: Bridge, language: str, said: str) -> None:
    with translation.override(language):
        assert bridge_in_words(bridge, FEBRUARY) == said


@pytest.mark.parametrize(
    ("recent", "running", "first", "said"),
    [
        (16, True, date(2026, 2, 21), "6 of these came before March and are not in its score."),
        (11, True, date(2026, 2, 21), "1 of these came before March and is not in its score."),
        (10, True, date(2026, 2, 21), ""),
        (7, True, date(2026, 3, 3), "The score of March has 3 more, from before 3 March."),
        (
            7,
            False,
            date(2026, 3, 10),
            "These are the last days; the score above is that of March, of 10 measurements.",
        ),
    ],
)
def test_last_days_say_why_they_differ(recent: int, running: bool, first: date, said: str) -> None:
    month = MonthScore(tally=Tally(10), month=date(2026, 3, 1), running=running, scores={10: 10})

    assert recent_in_words(recent, month, first=first) == said


def test_tab_says_why_list_and_score_differ(cora_s: Client, fietsenzo: Seller) -> None:
    imported(fietsenzo, *[10] * 30, submitted_at=NOW - DAY)
    imported(fietsenzo, *[10] * 26, submitted_at=NOW - 25 * DAY)

    assert "26 of these came before March and are not in its score." in text(
        cora_s.get("/queries/nps/")
    )
    narrowed = text(cora_s.get("/queries/nps/", {"band": "promoter"}))
    assert "of these came before" not in narrowed
