"""The tab "NPS after customer contact"."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights.keeping import keep_counts
from insights.models import ServiceStandard
from insights.views.printed import Printed
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys import exclusions
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import FollowUp, Topic
from surveys.periods import months_back
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

TAB = "/queries/nps/"
FUNNEL = "/queries/nps/funnel/"
TOPICS = "/queries/nps/topics/"
FRAGMENT = {"HX-Request": "true"}


def test_tab_of_a_shop_without_measurements_shows_no_score(cora_s: Client) -> None:
    page = cora_s.get(TAB)

    assert page.status_code == 200
    assert "Your first score comes here" in text(page)
    assert "From 25 measurements in a month on you get a verdict" in text(page)
    assert "None waits for you now." in text(page)
    assert "Score per customer query" not in text(page)


def test_tab_shows_the_running_month(cora_s: Client, market: Market) -> None:
    for score in (10, 10, 8, 0):
        market.response(score, submitted_at=NOW - DAY)

    page = cora_s.get(TAB)

    assert page.context["chosen"].displayed == 25
    assert "+25" in text(page)
    assert "updated today 13:00 (Amsterdam)" in text(page)


def test_tab_shows_any_of_the_24_months(cora_s: Client, market: Market) -> None:
    market.response(10, submitted_at=datetime(2025, 6, 10, tzinfo=UTC))

    page = cora_s.get(TAB, {"month": "2025-06"})

    assert f"{page.context['chosen'].month:%Y-%m}" == "2025-06"
    assert "+100" in text(page)


@pytest.mark.parametrize("month", ["", "x", "2026-13", "2019-01", "2027-01", "2026-3", "\x00"])
def test_tab_shows_the_running_month_for_what_is_none(
    cora_s: Client, market: Market, month: str
) -> None:
    market.response(10, submitted_at=NOW - DAY)

    page = cora_s.get(TAB, {"month": month})

    assert page.status_code == 200
    assert page.context["chosen"].running
    assert ("so this is March 2026" in text(page)) is bool(month)


def test_numbers_of_the_tab_lead_to_their_rows(cora_s: Client, market: Market) -> None:
    for months, score in ((0, 10), (1, 0), (12, 5)):
        month = months_back(date(2026, 3, 1), months + 1)[0]
        market.response(score, submitted_at=datetime(month.year, month.month, 5, tzinfo=UTC))

    month, together = text(cora_s.get(TAB, {"month": "2026-03"})), text(cora_s.get(TAB))

    rows = "/queries/nps/measurements/?since="
    assert f'<a href="{rows}2026-03-01&until=2026-03-31">1 measurement</a>' in month
    assert f'(<a href="{rows}2025-04-01&until=2026-03-31">2</a>)' in month
    assert f'<a href="{rows}2025-04-01&until=2026-03-31">2 measurements</a>' in together


def test_tab_shows_the_change_against_the_month_before(cora_s: Client, market: Market) -> None:
    market.response(8, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))
    market.response(10, submitted_at=NOW - DAY)

    assert cora_s.get(TAB).context["chosen"].change.points == 100


def test_tab_shows_the_way_from_query_to_measurement(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - DAY)
    market.invitation(market.closing(closed_at=NOW - 3 * DAY))
    market.closing(closed_at=NOW - DAY)
    market.response(9, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))

    page = cora_s.get(FUNNEL, {"month": "2026-03"})

    steps = [(step.label, step.count) for step in page.context["funnel_steps"]]
    assert steps == [("Closed", 3), ("Sent", 2), ("Answered", 1)]
    assert "still to be decided" in text(page)
    assert "can still be answered" in text(page)
    assert "<html" in text(page)


def test_tab_asks_for_the_funnel_of_its_month(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - DAY)

    assert f'hx-get="{FUNNEL}?month=2026-02"' in text(cora_s.get(TAB, {"month": "2026-02"}))


def test_funnel_is_that_of_the_chosen_month(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))

    running, february = (cora_s.get(FUNNEL, {"month": f"2026-{n}"}) for n in ("03", "02"))

    assert "No query was closed in this month" in text(running)
    assert february.context["funnel"].answered == 1


def test_comments_come_when_a_topic_is_opened(cora_s: Client, market: Market) -> None:
    speed = Topic.objects.get(slug="speed")
    for _ in range(5):
        response = market.response(3, submitted_at=NOW - DAY, reason="It never came.")
        response.response_topics.create(topic=speed)
    url = f"/queries/nps/comments/?month=2026-03&topic={speed.pk}"

    page, fragment = cora_s.get(TOPICS), cora_s.get(url, headers=FRAGMENT)

    assert f'hx-get="{url}"' in text(page)
    assert text(fragment).count("It never came.") == 3
    assert "<html" not in text(fragment)


@pytest.mark.parametrize("topic", ["", "x", "-1", "0", "9" * 30, "\x00", "²"])
def test_comments_on_what_is_no_topic_are_none(cora_s: Client, topic: str) -> None:
    page = cora_s.get("/queries/nps/comments/", {"topic": topic}, headers=FRAGMENT)

    assert (page.status_code, text(page).strip()) == (200, "")


def test_comments_without_javascript_are_a_page(cora_s: Client) -> None:
    page = cora_s.get("/queries/nps/comments/", {"topic": "3", "month": "2026-02"})

    assert "Nobody wrote why." in text(page)
    assert "/queries/nps/?month=2026-02" in text(page)


def test_funnel_does_not_reveal_who_opted_out(cora_s: Client, market: Market) -> None:
    closing = market.closing(closed_at=NOW - 3 * DAY)
    market.survey(closing, InvitationState.SUPPRESSED, SuppressionReason.OPTED_OUT)

    page = text(cora_s.get(FUNNEL))

    assert "customer is not surveyed now" in page
    assert str(SuppressionReason.OPTED_OUT.label) not in page


def test_tab_leaves_out_another_shop_and_what_does_not_count(
    cora_s: Client, market: Market, other_market: Market
) -> None:
    market.response(9, submitted_at=NOW - DAY)
    market.response(0, submitted_at=NOW - DAY, closed_by=ActorType.MARKETPLACE)
    other_market.response(0, submitted_at=NOW - DAY)

    assert cora_s.get(TAB).context["chosen"].nps == 100


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("choice", "headers", "queries"),
    [
        pytest.param("?month=2026-03", {}, 12, id="month"),
        pytest.param("", {}, 12, id="twelve months of a small shop"),
        pytest.param("", FRAGMENT, 5, id="fragment"),
    ],
)
def test_tab_asks_the_database_as_often_for_many_as_for_one(
    cora_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    choice: str,
    headers: dict[str, str],
    queries: int,
    count: int,
) -> None:
    for topic in Topic.objects.all()[:count]:
        response = market.response(3, submitted_at=NOW - DAY)
        response.response_topics.create(topic=topic)

    with django_assert_num_queries(queries):
        page = cora_s.get(f"{TAB}{choice}", headers=headers)

    assert len(page.context["measurements"].page.rows) == count


@pytest.mark.parametrize(
    ("page", "queries"),
    [("months", 8), ("topics", 9), ("computation", 8), ("downloads", 8)],
)
@pytest.mark.parametrize("count", [1, 3])
def test_other_pages_ask_the_database_as_often_for_many_as_for_one(
    cora_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    page: str,
    queries: int,
    count: int,
) -> None:
    for topic in Topic.objects.all()[:count]:
        response = market.response(3, submitted_at=NOW - DAY)
        response.response_topics.create(topic=topic)

    with django_assert_num_queries(queries):
        found = cora_s.get(f"{TAB}{page}/")

    assert found.status_code == 200
    assert text(found).count('aria-current="page"') == 2  # in the bar above, and of the tab


def test_empty_shop_is_asked_for_no_list(
    cora_s: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        page = cora_s.get(TAB)

    assert "measurements" not in page.context


def test_first_steps_say_how_far_a_new_shop_is(cora_s: Client, market: Market) -> None:
    waiting = market.query()
    market.closing(closed_at=NOW - DAY)

    page = text(cora_s.get(TAB))

    assert waiting.awaits_shop
    assert "1 waits for you, since 10 March 12:00." in page
    assert page.count('<li class="done">') == 2


def test_list_of_the_tab_has_the_latest_and_leads_to_all(cora_s: Client, market: Market) -> None:
    for score in (10, 9, 8, 3, 2, 1, 0):
        market.response(score, submitted_at=NOW - DAY)

    page, unhappy = cora_s.get(TAB), cora_s.get(TAB, {"band": "detractor"})

    rows = page.context["measurements"].page.rows
    assert len(rows) == 5
    assert f'<a href="/queries/nps/measurements/{rows[0].pk}/?">' in text(page)
    assert '<a href="/queries/nps/measurements/?">All 7 ' in text(page)
    assert '<a href="/queries/nps/measurements/?band=detractor">All 4 ' in text(unhappy)


def finished(seller: Seller, month: date, scores: tuple[int, ...]) -> None:
    """Store so many measurements of a month of before."""
    imported(seller, *scores, submitted_at=datetime(month.year, month.month, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("february", "running", "asked", "shown", "months"),
    [
        pytest.param(24, 24, "", "2026-03", 12, id="small: twelve months together"),
        pytest.param(24, 40, "", "2026-03", 12, id="small, though the running month has enough"),
        pytest.param(24, 24, "2026-02", "2026-02", 1, id="small, but a month was asked for"),
        pytest.param(24, 24, "2026-03", "2026-03", 1, id="small, and the running month asked for"),
        pytest.param(25, 24, "", "2026-02", 1, id="the last finished month"),
        pytest.param(25, 25, "", "2026-03", 1, id="the running month, when it has enough"),
        pytest.param(25, 24, "2025-12", "2025-12", 1, id="what was asked for"),
    ],
)
def test_tab_begins_with_what_says_most(
    cora_s: Client,
    fietsenzo: Seller,
    february: int,
    running: int,
    asked: str,
    shown: str,
    months: int,
) -> None:
    finished(fietsenzo, date(2026, 2, 1), (10,) * february)
    finished(fietsenzo, date(2026, 3, 1), (0,) * running)

    page = cora_s.get(TAB, {"month": asked} if asked else {})

    score = page.context["shown"]
    assert (f"{score.month:%Y-%m}", score.months) == (shown, months)
    if months == 12:
        assert score.tally.total == february + running
        assert "Twelve months together" in text(page)
        assert page.context["topics"].total == score.tally


def test_months_together_have_the_topics_of_all(
    cora_s: Client, fietsenzo: Seller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Also of a month long ago with more different answers than come along."""
    topics = list(Topic.objects.all())
    moment = datetime(2025, 6, 5, tzinfo=UTC)
    for score in range(11):
        for topic in topics[:3]:
            imported(fietsenzo, score, submitted_at=moment, topics=[topic])
    finished(fietsenzo, date(2026, 3, 1), (10,) * 3)
    keep_counts()

    with django_assert_num_queries(15):
        page = cora_s.get(TAB)

    shown, report = page.context["shown"], page.context["topics"]
    assert (shown.tally.total, report.total) == (36, shown.tally)
    assert sum(row.against for row in report.rows) == 0


def test_what_is_kept_of_the_tab_is_never_out_of_date(
    cora_s: Client, market: Market, fietsenzo: Seller
) -> None:
    staff = Actor.user(User.objects.create_user("staff@markt.example", is_staff=True))
    topic = Topic.objects.get(slug="speed")
    response = market.response(3, submitted_at=NOW - DAY)
    seen: list[Printed] = []

    def is_new() -> bool:
        printed = cora_s.get(TAB).context["printed"]
        assert printed == cora_s.get(TAB).context["printed"]
        seen.append(printed)
        return printed not in seen[:-1]

    assert is_new()
    imported(fietsenzo, *[9] * 6, submitted_at=NOW - 40 * DAY)
    assert is_new()
    for _number in range(5):
        market.response(2, submitted_at=NOW - DAY).response_topics.create(topic=topic)
    assert is_new()
    excluded = exclusions.exclude(response, reason="Strike.", by=staff, now=NOW)
    assert is_new()
    exclusions.lift(excluded, by=staff, now=NOW)
    assert not is_new()
    Topic.objects.filter(pk=topic.pk).update(tip_nl="Bel terug.", tip_en="Call back.")
    assert is_new()
    ServiceStandard.objects.create(
        value=33,
        valid_from=date(2099, 1, 1),
        announced_on=(NOW - DAY).date(),
        label_nl="Drieëndertig",
        label_en="Thirty-three",
    )
    assert is_new()
    keep_counts()
    assert not is_new()


def test_one_definition_of_twelve_months_on_a_page(cora_s: Client, fietsenzo: Seller) -> None:
    finished(fietsenzo, date(2025, 3, 1), (10,) * 9)
    finished(fietsenzo, date(2026, 2, 1), (10,) * 25)
    finished(fietsenzo, date(2026, 3, 1), (0,) * 3)

    page = cora_s.get(TAB)

    assert page.context["twelve_months"].tally.total == 34
    assert (
        '(<a href="/queries/nps/measurements/?since=2025-03-01&until=2026-02-28">34</a>)'
        in text(page)
    )


def test_tab_says_what_to_do_first(cora_s: Client, market: Market) -> None:
    speed = Topic.objects.get(slug="speed")
    for score in (0, 0, 3, 3, 6):
        low = market.response(score, submitted_at=NOW - 3 * DAY)
        low.response_topics.create(topic=speed)
    for _ in range(5):
        market.response(10, submitted_at=NOW - DAY)
    waiting = market.query()

    page = cora_s.get(TAB)

    to_do = page.context["to_do"]
    assert waiting.long_open_at < NOW
    assert to_do.waiting_long.number == 1
    assert "Speed costs most: −50 against your own average" in text(page)
    assert f"&topic={speed.pk}&words=with" in text(page)
    assert "1 customer waits longer than 18 hours" in text(page)
    assert to_do.open.number == FollowUp.objects.count()


def test_small_shop_without_a_costly_topic_is_led_to_what_customers_wrote(
    cora_s: Client, market: Market
) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Snel.")
    market.response(6, submitted_at=NOW - 60 * DAY, reason="Traag.")
    market.response(9, submitted_at=NOW - 400 * DAY, reason="Van vorig jaar.")
    market.response(10, submitted_at=NOW - DAY)
    path = "/queries/nps/measurements/?since=2025-04-01&until=2026-03-31&words=with"

    together, month = text(cora_s.get(TAB)), text(cora_s.get(TAB, {"month": "2026-03"}))
    rows = text(cora_s.get(path))

    assert "Read the 2 explanations of these twelve months" in together
    assert f'href="{path}"' in together
    assert ("Snel." in rows, "Traag." in rows, "Van vorig jaar." in rows) == (True, True, False)
    assert "of these twelve months" not in month


def test_topics_are_read_against_the_average(cora_s: Client, market: Market) -> None:
    speed = Topic.objects.get(slug="speed")
    for score in (10, 10, 10, 0, 0):
        market.response(score, submitted_at=NOW - DAY).response_topics.create(topic=speed)
    for _ in range(5):
        market.response(10, submitted_at=NOW - DAY)

    page = cora_s.get(TAB)

    rows = page.context["topics"].rows
    assert [(row.label, row.against, row.displayed) for row in rows] == [
        ("Speed", -20, 10),
        ("No topic given", 20, 50),
    ]


def test_finished_month_says_what_changed_it(
    cora_s: Client, market: Market, fietsenzo: Seller, alice: User
) -> None:
    """A measurement excluded in one month, some imported in another, neither in a third."""
    struck = market.response(0, submitted_at=datetime(2025, 12, 10, tzinfo=UTC))
    exclusions.exclude(struck, reason="Storm.", by=Actor.user(alice), now=NOW)
    for month in (11, 12):
        market.response(9, submitted_at=datetime(2025, month, 9, tzinfo=UTC))
    market.response(9, submitted_at=datetime(2026, 1, 10, tzinfo=UTC))
    imported(fietsenzo, 9, 10, submitted_at=datetime(2026, 1, 20, tzinfo=UTC))

    table = " ".join(text(cora_s.get("/queries/nps/months/")).split())
    tab = text(cora_s.get("/queries/nps/"))

    marks = {
        "November 2025": "",
        "December 2025": ' <span class="muted">(corrected)</span>',
        "January 2026": ' <span class="muted">(imported)</span>',
    }
    for month, mark in marks.items():
        assert f"{month}</a>{mark}</th>" in table
    assert "December 2025: +100 from 1 measurement. Too few for a verdict. Corrected." in tab
    assert (
        "January 2026: +100 from 3 measurements. Too few for a verdict. With imported measurements."
    ) in tab
