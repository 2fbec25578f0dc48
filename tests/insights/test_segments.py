"""The score apart for each channel, subject, agent, language or kind of customer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from insights.chance import beyond_chance, p_value
from insights.filters import MeasurementFilter
from insights.reports.segments import (
    MOST_SEGMENTS,
    Dimension,
    Group,
    Segment,
    SegmentReport,
    groups_to_show,
    segment_report,
)
from queries import actions
from queries.enums import ActorType, Channel
from queries.identity import merge_customers
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Seller, User
from surveys import answers
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.nps import Tally
from surveys.periods import Period
from tests.conftest import RULES, Market, text
from tests.insights.conftest import NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

PAGE = "/queries/nps/segments/"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
TWELVE_MONTHS = Period(date(2025, 4, 1), date(2026, 3, 31))
TODAY = date(2026, 3, 14)
FRAGMENT = {"HX-Request": "true"}

tallies = st.builds(Tally, *[st.integers(min_value=0, max_value=6)] * 3).filter(
    lambda tally: bool(tally.total)
)


@dataclass(frozen=True)
class Measuring:
    """Makes measurements that differ in what they can be split by."""

    market: Market

    def __call__(
        self,
        *scores: int,
        channel: Channel = Channel.WEB,
        subject: str = "Where is my parcel?",
        agent: User | None = None,
        language: str = "en",
        customer: Customer | None = None,
        at: datetime = NOW - timedelta(days=1),
        closed_by: ActorType = ActorType.SELLER,
    ) -> list[SurveyResponse]:
        """Let customers ask, be answered and give these scores."""
        return [
            self._one(
                score,
                channel=channel,
                subject=subject,
                closer=Actor.user(agent) if agent else self.market.closer(closed_by),
                customer=customer or self.market.new_customer(language=language),
                at=at,
            )
            for score in scores
        ]

    def _one(
        self,
        score: int,
        *,
        channel: Channel,
        subject: str,
        closer: Actor,
        customer: Customer,
        at: datetime,
    ) -> SurveyResponse:
        closed_at = at - RULES.delay - timedelta(hours=1)
        query = actions.ask(
            self.market.shop,
            customer=customer,
            subject=subject,
            body="It should have come on Monday.",
            channel=channel,
            by=Actor.CUSTOMER,
            now=closed_at - timedelta(hours=1),
        )
        closing = actions.close(query, by=closer, now=closed_at)
        return answers.submit(
            self.market.invitation(closing).token_digest,
            score=score,
            reason="",
            topics=[],
            may_contact=None,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=at,
        )

    def imported(self, *scores: int) -> None:
        """Store measurements from before this portal."""
        imported(self.market.shop, *scores, submitted_at=NOW - timedelta(days=2))


@pytest.fixture
def measure(market: Market) -> Measuring:
    """Let customers of Fietsenzo answer."""
    return Measuring(market)


def counted(report: SegmentReport) -> dict[str, Tally]:
    """Return the rows of a report as people read them."""
    return {row.label: row.tally for row in report.rows}


def listed(segment: Segment, seller: Seller) -> int:
    """Return how many measurements the list shows when the segment is followed."""
    mine = SurveyResponse.objects.for_seller(seller)
    chosen = QueryDict(segment.link)
    assert "since" in chosen
    request = RequestFactory().get("/")
    request.seller = seller  # type: ignore[attr-defined]
    return MeasurementFilter(chosen, mine, request=request).qs.count()


def test_segments_are_split_as_they_were_at_closing(
    measure: Measuring, fietsenzo: Seller, alice: User, bob: User
) -> None:
    regular = measure.market.new_customer()
    measure.market.query(regular, asked_at=NOW - timedelta(days=60))
    measure(*[10] * 5, agent=alice, language="nl", subject="Brakes")
    measure(*[0] * 6, channel=Channel.PHONE)
    measure(8, customer=regular, channel=Channel.PHONE)
    measure.imported(10, 8, 8, 8, 8, 8, 8)

    expected = {
        Dimension.CHANNEL: {"Web form": Tally(5, 0, 0), "Phone": Tally(0, 1, 6)},
        Dimension.SUBJECT: {"Brakes": Tally(5, 0, 0), "Where is my parcel?": Tally(0, 1, 6)},
        Dimension.AGENT: {"Alice": Tally(5, 0, 0), "Bob": Tally(0, 1, 6)},
        Dimension.LANGUAGE: {"Nederlands": Tally(5, 0, 0), "English": Tally(0, 1, 6)},
    }
    for by, segments in expected.items():
        report = segment_report(fietsenzo, by=by, period=MARCH, today=TODAY)
        unknown = "Unknown (imported)"
        if by is Dimension.AGENT:
            unknown = "Unknown (imported, or closed by a program)"

        assert counted(report) == segments | {unknown: Tally(1, 6, 0)}
        assert report.total.tally == Tally(6, 7, 6)
        assert report.other is None


def test_customer_who_asked_before_is_returning(
    measure: Measuring, other_market: Market, fietsenzo: Seller
) -> None:
    for _ in range(5):
        regular = measure.market.new_customer()
        measure.market.query(regular, asked_at=NOW - timedelta(days=60))
        measure(9, customer=regular)
        stranger = measure.market.new_customer()
        other_market.query(stranger, asked_at=NOW - timedelta(days=60))
        measure(3, customer=stranger)
        measure.market.query(stranger, asked_at=NOW)

    report = segment_report(fietsenzo, by=Dimension.CUSTOMER, period=MARCH, today=TODAY)

    assert counted(report) == {"New": Tally(0, 0, 5), "Returning": Tally(5, 0, 0)}


def test_customer_who_asked_before_under_another_number_is_returning(
    measure: Measuring, fietsenzo: Seller
) -> None:
    for number in range(5):
        known = measure.market.new_customer(external_id=f"A-{number}")
        again = measure.market.new_customer(external_id=f"B-{number}")
        measure.market.query(known, asked_at=NOW - timedelta(days=60))
        measure(9, customer=again)
    report = segment_report(fietsenzo, by=Dimension.CUSTOMER, period=MARCH, today=TODAY)
    assert counted(report) == {"New": Tally(5, 0, 0)}

    for again in Customer.objects.filter(external_id__startswith="B-"):
        known = Customer.objects.get(external_id=f"A-{again.external_id[2:]}")
        merge_customers(again, into=known, by=Actor.SYSTEM, now=NOW)

    report = segment_report(fietsenzo, by=Dimension.CUSTOMER, period=MARCH, today=TODAY)
    assert counted(report) == {"Returning": Tally(5, 0, 0)}


def test_only_what_counts_in_these_days_is_counted(
    measure: Measuring, other_market: Market, fietsenzo: Seller, alice: User
) -> None:
    measure(*[10] * 5, at=datetime(2026, 3, 1, tzinfo=UTC))
    measure(0, at=datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    measure(0, closed_by=ActorType.MARKETPLACE)
    Measuring(other_market)(0)
    (struck,) = measure(0)
    exclude(struck, reason="Strike", by=Actor.user(alice), now=NOW)

    report = segment_report(fietsenzo, by=Dimension.CHANNEL, period=MARCH, today=TODAY)

    assert counted(report) == {"Web form": Tally(5, 0, 0)}
    assert report.total.tally == Tally(5, 0, 0)
    assert segment_report(
        fietsenzo,
        by=Dimension.CHANNEL,
        period=Period(date(2026, 2, 28), date(2026, 2, 28)),
        today=TODAY,
    ).total.tally == Tally(0, 0, 1)


def test_every_segment_leads_to_as_many_rows(
    measure: Measuring, fietsenzo: Seller, alice: User
) -> None:
    rng = Random(4)
    for _ in range(24):
        customer = measure.market.new_customer(language=rng.choice(["nl", "en"]))
        if rng.random() < 0.5:
            measure.market.query(customer, asked_at=NOW - timedelta(days=60))
        (response,) = measure(
            rng.randint(0, 10),
            channel=rng.choice([Channel.WEB, Channel.PHONE]),
            subject=rng.choice(["Brakes", "Lights"]),
            agent=rng.choice([alice, None]),
            customer=customer,
        )
        if rng.random() < 0.2:
            exclude(response, reason="Strike", by=Actor.user(alice), now=NOW)
    measure.imported(*[7] * 6)

    for by in Dimension:
        report = segment_report(fietsenzo, by=by, period=MARCH, today=TODAY)

        assert sum((row.tally for row in report.rows), Tally()) == report.total.tally
        followed = [segment for segment in report.segments if segment.link]
        assert len(followed) >= 2
        for segment in followed:
            assert listed(segment, fietsenzo) == segment.tally.total


def test_erased_and_imported_have_no_subject_to_follow(
    measure: Measuring, fietsenzo: Seller
) -> None:
    for response in measure(*[10] * 5):
        assert response.invitation
        closing = response.invitation.closing
        closing.subject = ""
        closing.save(update_fields=["subject"])
    measure.imported(*[7] * 6)

    report = segment_report(fietsenzo, by=Dimension.SUBJECT, period=MARCH, today=TODAY)

    assert [(row.label, row.link) for row in report.rows] == [
        ("Unknown (imported)", ""),
        ("Erased query", ""),
    ]


def test_only_the_largest_segments_are_shown_and_all_are_counted(
    measure: Measuring, fietsenzo: Seller
) -> None:
    for number in range(MOST_SEGMENTS + 1):
        measure(*[10] * 5, subject=f"Question {number:02}")
    measure(0, subject="Question 00")

    report = segment_report(fietsenzo, by=Dimension.SUBJECT, period=MARCH, today=TODAY)

    assert len(report.segments) == MOST_SEGMENTS
    assert report.segments[0].tally == Tally(5, 0, 1)
    assert report.other
    assert report.other.tally == Tally(5, 0, 0)
    assert report.total.tally.total == 5 * (MOST_SEGMENTS + 1) + 1


def groups(*counts: int) -> list[Group]:
    """Return groups of so many promoters each."""
    return [Group(str(place), f"Group {place}", Tally(count)) for place, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "shown", "left"),
    [
        pytest.param([], [], 0, id="nobody"),
        pytest.param([9], [9], 0, id="one"),
        pytest.param([9, 5], [9, 5], 0, id="none too small"),
        pytest.param([9, 8, 3, 2], [9, 8], 5, id="small ones together"),
        pytest.param([9, 8, 4], [9], 12, id="a single small one takes another with it"),
        pytest.param([9, 8, 8, 2, 2], [9, 8], 12, id="so do a few"),
        pytest.param([5, 4], [], 9, id="nothing remains"),
        pytest.param([4, 4, 4], [], 12, id="all too small"),
        pytest.param([4], [], 4, id="a handful"),
    ],
)
def test_small_segments_go_together(counts: list[int], shown: list[int], left: int) -> None:
    kept, other = groups_to_show(groups(*counts), Tally(sum(counts)))

    assert [group.tally.total for group in kept] == shown
    assert other.total == left


@given(st.lists(tallies, max_size=8))
def test_no_count_below_5_can_be_found_by_subtraction(every: list[Tally]) -> None:
    found = [Group(place, f"Group {place}", tally) for place, tally in enumerate(every)]
    total = sum(every, Tally())

    shown, left = groups_to_show(found, total)

    assert sum((group.tally for group in shown), left) == total
    assert all(group.tally.total >= 5 for group in shown)
    hidden = [group for group in found if group not in shown]
    if hidden and shown:
        assert len(hidden) >= 2
        assert left.total >= 5


@pytest.mark.parametrize(
    ("scores", "differs"),
    [
        pytest.param([0] * 30, "below", id="below"),
        pytest.param([0] * 16 + [10] * 14, "", id="chance"),
        pytest.param([0] * 24, "", id="few"),
    ],
)
def test_segment_stands_out_when_it_is_more_than_chance(
    measure: Measuring, fietsenzo: Seller, scores: list[int], differs: str
) -> None:
    measure(*scores, channel=Channel.PHONE)
    measure(*[10] * 15, *[0] * 15)

    over, running = (
        {
            row.label: row.differs
            for row in segment_report(
                fietsenzo, by=Dimension.CHANNEL, period=MARCH, today=day
            ).segments
        }
        for day in (date(2026, 4, 1), date(2026, 3, 31))
    )

    assert over["Phone"] == differs
    assert over["Web form"] == {"below": "above"}.get(differs, differs)
    assert set(running.values()) == {""}  # it may still go either way


def test_segment_that_is_claimed_is_claimed_beside_every_other_dimension(
    measure: Measuring, fietsenzo: Seller
) -> None:
    # p = 0.007 of one pair of rows; there are two of them, so each needs 0.005 or less.
    for number in range(60):
        measure(
            10 if number % 2 or number < 20 else 0,
            channel=Channel.PHONE if number < 30 else Channel.WEB,
            subject=f"Question {number % 12}",
        )
    alone = beyond_chance({"phone": p_value(Tally(25, 0, 5), Tally(15, 0, 15))})

    report = segment_report(fietsenzo, by=Dimension.CHANNEL, period=MARCH, today=date(2026, 4, 1))

    assert {row.tally for row in report.segments} == {Tally(25, 0, 5), Tally(15, 0, 15)}
    assert alone == {"phone"}
    assert {row.differs for row in report.segments} == {""}


@pytest.mark.parametrize("by", Dimension)
@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_database_as_often_for_many_as_for_one(
    log_in: Callable[[User], Client],
    cora: User,
    measure: Measuring,
    django_assert_num_queries: DjangoAssertNumQueries,
    by: Dimension,
    count: int,
) -> None:
    for channel in list(Channel)[:count]:
        measure(*[10] * 5, channel=channel)
    browser = log_in(cora)

    with django_assert_num_queries(11):
        page = browser.get(PAGE, {"by": by})

    assert page.context["segments"].total.tally.total == 5 * count


@pytest.mark.parametrize("person", ["alice", "bob", "cora"])
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_page_shows_the_segments_to_every_colleague(
    request: pytest.FixtureRequest,
    client: Client,
    measure: Measuring,
    person: str,
    headers: dict[str, str],
) -> None:
    measure(*[10] * 5)
    client.force_login(request.getfixturevalue(person))

    page = client.get(PAGE, headers=headers)

    assert page.status_code == 200
    assert "Web form" in text(page)
    assert ("<html" in text(page)) is not headers
    assert "HX-Request" in page["Vary"]


def test_page_shows_another_shop_nothing_of_ours(
    log_in: Callable[[User], Client], dirk: User, measure: Measuring
) -> None:
    measure(*[10] * 5, subject="Squeaking brakes")

    page = log_in(dirk).get(PAGE, {"by": "subject"})

    assert "No measurements in these days" in text(page)
    assert "Squeaking brakes" not in text(page)


def test_page_asks_strangers_to_log_in(client: Client, measure: Measuring) -> None:
    measure(*[10] * 5)

    page = client.get(PAGE)

    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/")


@pytest.mark.parametrize(
    ("query", "by", "period"),
    [
        ("", Dimension.CHANNEL, TWELVE_MONTHS),
        ("?by=agent", Dimension.AGENT, TWELVE_MONTHS),
        ("?by=customer&month=2026-02", Dimension.CUSTOMER, FEBRUARY),
        ("?by=weather&month=x", Dimension.CHANNEL, TWELVE_MONTHS),
        ("?by=%00", Dimension.CHANNEL, TWELVE_MONTHS),
        (
            "?since=2026-01-05&until=2026-02-03&month=2026-02",
            Dimension.CHANNEL,
            Period(date(2026, 1, 5), date(2026, 2, 3)),
        ),
        ("?since=2026-01-05", Dimension.CHANNEL, TWELVE_MONTHS),
        ("?since=2026-02-05&until=2026-01-05", Dimension.CHANNEL, TWELVE_MONTHS),
        ("?since=0001-01-01&until=9999-12-31", Dimension.CHANNEL, TWELVE_MONTHS),
    ],
)
def test_url_says_what_is_shown(
    log_in: Callable[[User], Client], cora: User, query: str, by: Dimension, period: Period
) -> None:
    page = log_in(cora).get(PAGE + query)

    assert page.status_code == 200
    assert (page.context["segments"].by, page.context["segments"].period) == (by, period)
    assert [pill.name for pill in page.context["pills"] if pill.current] == [by]


def test_page_begins_with_the_last_month_that_has_something_to_say(
    log_in: Callable[[User], Client], cora: User, measure: Measuring
) -> None:
    measure(*[10] * 20, *[0] * 5, at=NOW - timedelta(days=31))
    measure(*[10] * 24)
    browser = log_in(cora)

    few = browser.get(PAGE, {"by": "agent"})
    running = browser.get(PAGE, {"by": "agent", "month": "2026-03"})
    measure(10)
    enough = browser.get(PAGE)

    assert few.context["period"] == FEBRUARY
    assert "March 2026 still runs and has 24 measurements so far." in text(few)
    assert f'<a href="{PAGE}?month=2026-03&by=agent">Show March</a>' in text(few)
    assert running.context["period"] == enough.context["period"] == MARCH
    assert "still runs" not in text(running) + text(enough)


def test_pills_keep_the_period(
    log_in: Callable[[User], Client], cora: User, measure: Measuring
) -> None:
    measure(*[10] * 5)

    page = text(log_in(cora).get(PAGE, {"month": "2026-03"}))

    assert f'href="{PAGE}?month=2026-03&by=agent"' in page


def test_page_says_when_all_is_too_small(
    log_in: Callable[[User], Client], cora: User, measure: Measuring
) -> None:
    measure(10, 0, 7, 8)

    page = log_in(cora).get(PAGE)

    assert "Too few to group" in text(page)
    assert page.context["chart"] is None
