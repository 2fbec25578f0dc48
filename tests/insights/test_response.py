"""Who did not answer: the rule by tables and simulation, the counts against the raw rows."""

import csv
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from insights.reports.months import MonthScore, PeriodScore
from insights.reports.response import who_answered, who_answered_by_month
from insights.response import ChannelResponse, Lopsided, Low, ResponseRates, chi_square_tail
from insights.response_wording import lopsided_in_words, low_in_words, response_sentences
from insights.standards import Standard
from queries import actions
from queries.enums import ActorType, Channel
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.nps import Tally
from surveys.periods import Period
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

FEBRUARY = date(2026, 2, 1)
PAGE = "/queries/nps/response/"
FRAGMENT = {"HX-Request": "true"}
STANDARD = Standard(value=25, minimum=25, valid_from=date(2026, 1, 1))


def rates(*channels: tuple[str, int, int, Tally]) -> ResponseRates:
    """Return the response of channels: name, sent, answered, tally."""
    return ResponseRates(
        tuple(
            ChannelResponse(sent=sent, answered=answered, tally=tally, channel=channel)
            for channel, sent, answered, tally in channels
        )
    )


def score(tally: Tally, *, standard: Standard | None = STANDARD) -> MonthScore:
    """Return a finished month."""
    return MonthScore(tally=tally, standard=standard, month=FEBRUARY, running=False, scores={})


# The rule: few answered


@pytest.mark.parametrize(
    ("sent", "answered", "tally", "low"),
    [
        pytest.param(250, 40, Tally(22, 10, 8), Low(Fraction(4, 25), 12, met=True), id="met"),
        pytest.param(250, 40, Tally(18, 12, 10), Low(Fraction(4, 25), 6, met=False), id="missed"),
        pytest.param(200, 40, Tally(22, 10, 8), None, id="a fifth is enough"),
        pytest.param(201, 40, Tally(22, 10, 8), Low(Fraction(40, 201), 13, met=True), id="fewer"),
        pytest.param(250, 24, Tally(14, 5, 5), None, id="24"),
        pytest.param(400, 40, Tally(20, 10, 10), Low(Fraction(1, 10), 1, met=True), id="on it"),
        pytest.param(400, 40, Tally(40, 0, 0), Low(Fraction(1, 10), 84, met=True), id="far"),
        pytest.param(400, 40, Tally(0, 10, 30), None, id="further than 100"),
        pytest.param(0, 0, Tally(22, 10, 8), None, id="nothing sent"),
    ],
)
def test_low_has_the_gap_at_which_the_verdict_turns(
    sent: int, answered: int, tally: Tally, low: Low | None
) -> None:
    assert rates(("web", sent, answered, tally)).low(score(tally)) == low


@pytest.mark.parametrize("promoters", range(5, 41, 5))
@pytest.mark.parametrize("sent", [205, 400, 4000])
def test_gap_turns_the_verdict_and_a_point_less_does_not(promoters: int, sent: int) -> None:
    tally = Tally(promoters, 0, 40 - promoters)
    low = rates(("web", sent, 40, tally)).low(score(tally))
    nps = tally.nps
    assert nps is not None
    rate, sign = Fraction(40, sent), -1 if nps >= 25 else 1
    if low is None:
        turning = abs(nps - 25) / (1 - rate)
        assert turning > 100 or abs(nps + sign * math.ceil(turning)) > 100
        return

    def all_together(gap: int) -> Fraction:
        return rate * nps + (1 - rate) * (nps + sign * gap)

    assert (all_together(low.gap) >= 25) is not (nps >= 25)
    assert (all_together(low.gap - 1) >= 25) is (nps >= 25)


def test_without_a_verdict_nothing_turns() -> None:
    tally, strict = Tally(22, 10, 8), Standard(value=25, minimum=50, valid_from=FEBRUARY)
    found = rates(("web", 250, 40, tally))

    assert found.low(score(tally, standard=None)) is None
    assert found.low(score(tally, standard=strict)) is None


# The rule: unequal channels


def test_lopsided_weighs_channels_by_their_surveys() -> None:
    found = rates(
        ("web", 600, 240, Tally(150, 50, 40)),
        ("email", 525, 157, Tally(80, 44, 33)),
        ("phone", 375, 56, Tally(25, 12, 19)),
    )
    total = Fraction(100 * (150 - 40 + 80 - 33 + 25 - 19), 453)
    levelled = (
        600 * Fraction(11000, 240) + 525 * Fraction(4700, 157) + 375 * Fraction(600, 56)
    ) / 1500

    assert found.lopsided == Lopsided("web", "phone", total, levelled)
    assert total - levelled > 3


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(rates(("web", 600, 240, Tally(150, 50, 40))), id="one channel"),
        pytest.param(rates(), id="none"),
        pytest.param(
            rates(("web", 600, 240, Tally(150, 50, 40)), ("phone", 400, 24, Tally(4, 10, 10))),
            id="24 answers",
        ),
        pytest.param(
            rates(("web", 600, 240, Tally(150, 50, 40)), ("phone", 400, 30, Tally(4, 10, 10))),
            id="24 that count",
        ),
        pytest.param(
            rates(("web", 600, 240, Tally(120, 80, 40)), ("phone", 400, 60, Tally(30, 20, 10))),
            id="the same score",
        ),
        pytest.param(
            rates(("web", 600, 240, Tally(150, 50, 40)), ("phone", 400, 150, Tally(30, 50, 70))),
            id="rates by chance",
        ),
        pytest.param(
            rates(("web", 60, 60, Tally(50, 5, 5)), ("phone", 40, 40, Tally(5, 5, 30))),
            id="all answered",
        ),
    ],
)
def test_lopsided_is_not_told(found: ResponseRates) -> None:
    assert found.lopsided is None


@pytest.mark.parametrize(
    ("value", "freedom", "tail"),
    [
        (3.841459, 1, 0.05),
        (6.634897, 1, 0.01),
        (9.210340, 2, 0.01),
        (11.344867, 3, 0.01),
        (13.276704, 4, 0.01),
        (15.086272, 5, 0.01),
        (0, 3, 1),
    ],
)
def test_tail_of_chi_square_is_that_of_the_tables(value: float, freedom: int, tail: float) -> None:
    assert chi_square_tail(value, freedom) == pytest.approx(tail, abs=1e-7)


@pytest.mark.parametrize(
    ("invited", "rate", "scores", "least", "most"),
    [
        pytest.param(600, (0.3,) * 3, (0.3,) * 3, 0, 0.005, id="all alike, 600"),
        pytest.param(600, (0.3,) * 3, (0.5, 0.3, 0.1), 0, 0.005, id="equal rates, 600"),
        pytest.param(1500, (0.3,) * 3, (0.5, 0.3, 0.1), 0, 0.005, id="equal rates, 1,500"),
        pytest.param(1500, (0.4, 0.3, 0.15), (0.5, 0.3, 0.1), 0.86, 0.94, id="lopsided"),
        pytest.param(1500, (0.4, 0.3, 0.15), (0.3,) * 3, 0, 0.06, id="equal scores"),
    ],
)
def test_lopsided_is_hardly_ever_told_by_luck(
    invited: int,
    rate: tuple[float, ...],
    scores: tuple[float, ...],
    least: float,
    most: float,
) -> None:
    """The simulation that the rule was chosen by; chance as the page of statistics has it."""
    chance, runs, told = np.random.default_rng(503), 2000, 0
    for _ in range(runs):
        sent = chance.multinomial(invited, [0.4, 0.35, 0.25])
        answered = chance.binomial(sent, rate)
        bands = [
            chance.multinomial(n, [(0.72 + nps) / 2, 0.28, (0.72 - nps) / 2])
            for n, nps in zip(answered, scores, strict=True)
        ]
        found = rates(
            *(
                (name, int(one), int(n), Tally(*map(int, three)))
                for name, one, n, three in zip("abc", sent, answered, bands, strict=True)
            )
        )
        told += found.lopsided is not None

    assert least <= told / runs <= most


# Words


@pytest.mark.parametrize(
    ("language", "low", "together", "said"),
    [
        (
            "en",
            Low(Fraction(4, 25), 12, met=True),
            False,
            "16 of every 100 customers answered. If the others would score 12 points lower than "
            "those who did, the standard would not be met.",
        ),
        (
            "nl",
            Low(Fraction(4, 25), 12, met=True),
            False,
            "16 van de 100 klanten antwoordden. Zouden de anderen 12 punten lager scoren, dan was "
            "de norm niet gehaald.",
        ),
        (
            "nl",
            Low(Fraction(1, 1000), 1, met=False),
            False,
            "1 van de 100 klanten antwoordde. Zouden de anderen 1 punt hoger scoren, dan was de "
            "norm gehaald.",
        ),
        (
            "en",
            Low(Fraction(4, 25), 12, met=False),
            True,
            "16 of every 100 customers answered. If the others would score 12 points higher than "
            "those who did, the score would reach the standard.",
        ),
        (
            "nl",
            Low(Fraction(4, 25), 12, met=True),
            True,
            "16 van de 100 klanten antwoordden. Zouden de anderen 12 punten lager scoren, dan lag "
            "de score onder de norm.",
        ),
    ],
)
def test_low_is_one_sentence(language: str, low: Low, together: bool, said: str) -> None:
    with translation.override(language):
        assert low_in_words(low, together=together) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Direct message answers more often than phone. Had all channels answered equally "
            "often, the score would be about +28 instead of +31.",
        ),
        (
            "nl",
            "Via privébericht antwoorden klanten vaker dan via telefoon. Hadden alle kanalen even "
            "vaak geantwoord, dan was de score ongeveer +28 in plaats van +31.",
        ),
    ],
)
def test_lopsided_is_one_sentence(language: str, said: str) -> None:
    found = Lopsided("direct_message", "phone", Fraction(31), Fraction(277, 10))

    with translation.override(language):
        assert lopsided_in_words(found) == said


def test_days_that_are_no_months_have_no_verdict_to_turn() -> None:
    tally = Tally(22, 10, 8)
    found = rates(("web", 250, 40, tally))
    month: PeriodScore = score(tally)

    assert len(list(response_sentences(found, month))) == 1
    assert list(response_sentences(found, None)) == []


# The counts


@pytest.fixture
def surveyed(market: Market) -> Callable[..., list[SurveyResponse | None]]:
    """Let customers be surveyed after a contact by a channel; None does not answer."""

    def survey(
        channel: Channel,
        *scores: int | None,
        closed_at: datetime = datetime(2026, 2, 10, 12, tzinfo=UTC),
        closed_by: ActorType = ActorType.SELLER,
        answered_after: timedelta = timedelta(days=2),
    ) -> list[SurveyResponse | None]:
        given: list[SurveyResponse | None] = []
        for one in scores:
            query = actions.ask(
                market.shop,
                customer=market.new_customer(),
                subject="Where is my parcel?",
                body="It should have come on Monday.",
                channel=channel,
                by=Actor.CUSTOMER,
                now=closed_at - timedelta(hours=1),
            )
            closing = actions.close(query, by=market.closer(closed_by), now=closed_at)
            invitation = market.invitation(closing)
            given.append(
                None
                if one is None
                else market.answer(invitation, one, submitted_at=closed_at + answered_after)
            )
        return given

    return survey


Surveyed = Callable[..., list[SurveyResponse | None]]


def recounted(seller: Seller, month: date) -> list[tuple[str, int, int, int, int, int]]:
    """Count the raw rows: channel, sent, answered, promoters, passives, detractors."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.channel, count(*), count(r.id),
                   count(*) FILTER (WHERE r.score >= 9 AND e.id IS NULL),
                   count(*) FILTER (WHERE r.score IN (7, 8) AND e.id IS NULL),
                   count(*) FILTER (WHERE r.score <= 6 AND e.id IS NULL)
              FROM queries_closing c
              JOIN surveys_invitation i ON i.closing_id = c.id
              LEFT JOIN surveys_surveyresponse r ON r.invitation_id = i.id
              LEFT JOIN surveys_measurementexclusion e
                     ON e.response_id = r.id AND e.lifted_at IS NULL
             WHERE c.seller_id = %s AND c.closed_by = 'seller'
               AND date_trunc('month', c.closed_at AT TIME ZONE 'Europe/Amsterdam') = %s
               AND i.sent_at IS NOT NULL AND i.state IN ('sent', 'answered', 'expired')
               AND i.expires_at <= %s
             GROUP BY c.channel ORDER BY count(*) DESC, c.channel
            """,
            [seller.pk, month, NOW],
        )
        return cursor.fetchall()


def as_rows(found: ResponseRates) -> list[tuple[str, int, int, int, int, int]]:
    """Return the channels as they are recounted."""
    return [
        (
            each.channel,
            each.sent,
            each.answered,
            each.tally.promoters,
            each.tally.passives,
            each.tally.detractors,
        )
        for each in found.channels
    ]


def test_only_surveys_that_can_no_longer_be_answered_count(
    surveyed: Surveyed, fietsenzo: Seller, alice: User
) -> None:
    """The window of 14 days begins a day after the closing."""
    surveyed(Channel.WEB, 10, 3, None, None)
    (struck,) = surveyed(Channel.PHONE, 0)
    surveyed(Channel.PHONE, 9, closed_by=ActorType.MARKETPLACE)
    surveyed(Channel.WEB, 10, None, closed_at=NOW - 15 * DAY + timedelta(seconds=1))
    surveyed(Channel.WEB, 8, closed_at=NOW - 15 * DAY)
    surveyed(Channel.WEB, None, closed_at=datetime(2026, 1, 31, 23, tzinfo=UTC))
    surveyed(Channel.WEB, None, closed_at=datetime(2026, 1, 31, 22, 59, tzinfo=UTC))
    assert struck
    exclude(struck, reason="Storm.", by=Actor.user(alice), now=NOW)

    months = [date(2026, 1, 1), FEBRUARY, date(2026, 3, 1)]
    found = who_answered_by_month(fietsenzo, months=months, now=NOW)

    assert as_rows(found[FEBRUARY].rates) == [("web", 5, 2, 1, 0, 1), ("phone", 1, 1, 0, 0, 0)]
    assert as_rows(found[months[0]].rates) == [("web", 1, 0, 0, 0, 0)]
    assert as_rows(found[months[2]].rates) == [("web", 1, 1, 0, 1, 0)]
    for month in months:
        assert as_rows(found[month].rates) == recounted(fietsenzo, month)
        alone = who_answered(fietsenzo, period=Period.of_months(month, month), now=NOW)
        assert alone == found[month]


def test_customers_are_different_ones(market: Market, fietsenzo: Seller) -> None:
    regular = market.new_customer()
    for days in (75, 40):
        market.response(9, customer=regular, submitted_at=NOW - days * DAY)
    market.response(9, submitted_at=NOW - 40 * DAY)
    imported(fietsenzo, 10, 10, submitted_at=NOW - 40 * DAY)

    months = [date(2026, 1, 1), FEBRUARY]
    found = who_answered_by_month(fietsenzo, months=months, now=NOW)
    together = who_answered(fietsenzo, period=Period.of_months(*months), now=NOW)

    assert [(found[each].customers, found[each].measurements) for each in months] == [
        (1, 1),
        (2, 2),
    ]
    assert (together.customers, together.measurements) == (2, 3)


def test_counting_takes_two_statements(
    surveyed: Surveyed, fietsenzo: Seller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    surveyed(Channel.WEB, 10, None)
    surveyed(Channel.PHONE, 10, None)

    with django_assert_num_queries(2):
        who_answered(fietsenzo, period=Period.of_months(FEBRUARY, FEBRUARY), now=NOW)
    with django_assert_num_queries(2):
        who_answered_by_month(fietsenzo, months=[FEBRUARY], now=NOW)


# Where it is shown


def test_every_way_to_see_it_shows_the_same(cora_s: Client, surveyed: Surveyed) -> None:
    surveyed(Channel.WEB, 10, 10, 3, None, None, None)
    surveyed(Channel.PHONE, 8, None, None, None)

    facts = text(cora_s.get(PAGE, {"month": "2026-02"}, headers=FRAGMENT))
    page = text(cora_s.get(PAGE, {"month": "2026-02"}))
    segments = text(cora_s.get("/queries/nps/segments/", {"month": "2026-02"}))
    file = cora_s.get("/queries/nps/download/months.csv?dialect=international").getvalue().decode()
    rows = {row["month"]: row for row in csv.DictReader(io.StringIO(file))}
    answer = json.loads(cora_s.get("/queries/nps/download/months.json").getvalue())
    pdf = io.BytesIO(cora_s.get("/queries/nps/report.pdf?month=2026-02").getvalue())
    as_json = {row["month"]: row for row in answer["months"]}["2026-02"]

    assert "40% (4 of 10)" in facts
    assert "4 different customers" in facts
    assert "<html" not in facts
    assert "<html" in page
    for shown in (page, segments):
        assert "Who answered" in shown
        assert "4 measurements, from 4 different customers." in shown
    assert "40% (4 of 10)" in pypdf.PdfReader(pdf).pages[0].extract_text()
    row = rows["2026-02"]
    assert (row["surveys"], row["surveys_answered"], row["customers"]) == ("10", "4", "4")
    assert (as_json["surveys"], as_json["surveys_answered"], as_json["customers"]) == (10, 4, 4)


def test_customers_are_counted_of_what_was_measured_here(
    cora_s: Client, fietsenzo: Seller, surveyed: Surveyed
) -> None:
    """What was imported has no customer: beside all measurements the number would mislead."""
    surveyed(Channel.WEB, 10, 10, 3)
    imported(fietsenzo, 9, submitted_at=datetime(2026, 2, 3, 12, tzinfo=UTC))

    facts = text(cora_s.get(PAGE, {"month": "2026-02"}, headers=FRAGMENT))

    assert "3 different customers (3 of 4 measurements)" in facts


def test_few_answers_are_told_beside_the_score(cora_s: Client, surveyed: Surveyed) -> None:
    surveyed(Channel.WEB, *[10] * 25, *[None] * 110)

    facts = text(cora_s.get(PAGE, {"month": "2026-02"}, headers=FRAGMENT))
    tab = text(cora_s.get("/queries/nps/", {"month": "2026-02"}))

    pdf = io.BytesIO(cora_s.get("/queries/nps/report.pdf?month=2026-02").getvalue())

    assert "19 of every 100 customers answered. If the others would score 93 points lower" in facts
    on_paper = pypdf.PdfReader(pdf).pages[0].extract_text().split()
    assert "19 of every 100 customers answered." in " ".join(on_paper)
    assert f'hx-get="{PAGE}?month=2026-02"' in tab
