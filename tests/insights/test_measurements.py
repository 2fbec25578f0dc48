"""The list of measurements, everything it can be narrowed by, and one measurement by itself."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from insights.filters import MeasurementFilter
from insights.reports.measurements import LATEST_ROWS, ROWS_PER_PAGE
from insights.views.measurements import MeasurementList
from insights.wording import period_name
from queries import actions
from queries.choices import Choice
from queries.enums import ActorType, Channel
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Membership, Seller, User
from surveys import answers, exclusions
from surveys.models import SurveyResponse, Topic
from surveys.nps import BAND_SCORES
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

LIST = "/queries/nps/measurements/"
TAB = "/queries/nps/"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def staff(db: None) -> User:
    """Somebody of the marketplace."""
    return User.objects.create_user("staff@markt.example", name="Wilhelmina", is_staff=True)


def answered(
    market: Market,
    score: int,
    *,
    submitted_at: datetime = NOW - DAY,
    customer: Customer | None = None,
    agent: User | None = None,
    channel: Channel = Channel.WEB,
    subject: str = "Where is my parcel?",
    reason: str = "",
    topics: Iterable[Topic] = (),
) -> SurveyResponse:
    """Let a customer ask something in a way, an agent close it, and the customer answer."""
    closed_at = submitted_at - 2 * DAY
    query = actions.ask(
        market.shop,
        customer=customer or market.new_customer(),
        subject=subject,
        body="It should have come on Monday.",
        channel=channel,
        by=Actor.CUSTOMER,
        now=closed_at - DAY,
    )
    agent = agent or market.agent
    closing = actions.close(query, by=Actor.user(agent), now=closed_at)
    return answers.submit(
        market.invitation(closing).token_digest,
        score=score,
        reason=reason,
        topics=list(topics),
        may_contact=None,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=submitted_at,
    )


def yesterday(shop: Seller, *scores: int, submitted_at: datetime = NOW - DAY) -> None:
    """Store measurements from before this portal, of yesterday."""
    imported(shop, *scores, submitted_at=submitted_at)


@pytest.fixture
def one_of_each(market: Market, alice: User, staff: User) -> None:
    """A measurement per score, each with something the others have not."""
    speed = Topic.objects.get(slug="speed")
    regular, reader = market.new_customer(), market.new_customer(language="nl")
    market.query(regular, asked_at=NOW - 90 * DAY)
    answered(market, 10, reason="Quick: 100% fine.", topics=[speed])
    answered(market, 9, agent=alice)
    answered(market, 8, customer=regular, channel=Channel.PHONE)
    yesterday(market.shop, 7)
    answered(market, 3, customer=reader, subject="Where is my_order?", reason="Traag.")
    late = answered(market, 1, reason="The parcel was late.")
    exclusions.exclude(late, reason="Strike at the carrier.", by=Actor.user(staff), now=NOW)


def shown(page: HttpResponse) -> MeasurementList:
    """Return the list on a page."""
    measurements: MeasurementList = page.context["measurements"]
    return measurements


def scores(page: HttpResponse) -> list[int]:
    """Return the scores of the rows in their order."""
    return [row.score for row in shown(page).page.rows]


def follow(browser: Client, url: str) -> HttpResponse:
    """Open a URL that is relative to the list."""
    return browser.get(LIST + url)


def label_of(links: Iterable[Choice]) -> list[str]:
    """Return what links say."""
    return [link.label for link in links]


# What the list has


def test_list_has_the_last_28_days_latest_first(cora_s: Client, market: Market) -> None:
    midnight = datetime(2026, 2, 20, 23, tzinfo=UTC)  # 28 days with today, in Amsterdam
    market.response(1, submitted_at=midnight - timedelta(seconds=1))
    market.response(2, submitted_at=midnight)
    market.response(3, submitted_at=NOW)

    assert scores(cora_s.get(LIST)) == [3, 2]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_latest_rows_of_the_tab_are_those_of_the_whole_list(
    cora_s: Client, market: Market, one_of_each: None, language: str
) -> None:
    for _number in range(LATEST_ROWS):
        answered(market, 2, submitted_at=NOW - 3 * DAY, topics=[Topic.objects.get(slug="speed")])
    cora_s.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    latest, whole = (shown(cora_s.get(page)).page for page in (TAB, LIST))

    assert latest.has_next
    assert latest.rows == whole.rows[:LATEST_ROWS]
    assert (latest.tally, latest.excluded) == (whole.tally, whole.excluded)


@pytest.mark.parametrize("place", [LIST, TAB], ids=["page", "tab"])
def test_list_shows_what_belongs_to_a_measurement(
    cora_s: Client, market: Market, place: str
) -> None:
    speed = Topic.objects.get(slug="speed")
    response = answered(market, 3, reason="It never came.", topics=[speed])

    page = text(cora_s.get(place))

    for expected in ("It never came.", "Where is my parcel?", "Speed", "Bob", "Detractor"):
        assert expected in page
    assert response.query
    assert f'<a href="{LIST}{response.pk}/?">{response.query}</a>' in page
    assert response.query.get_absolute_url() not in page  # one step on


def test_list_shows_what_was_imported(cora_s: Client, fietsenzo: Seller) -> None:
    yesterday(fietsenzo, 7)

    page = cora_s.get(LIST)

    assert scores(page) == [7]
    assert "Measured before this portal" in text(page)


def test_list_leaves_out_another_shop_and_what_does_not_count(
    cora_s: Client, dirk: User, market: Market, other_market: Market
) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Ours.")
    market.response(0, submitted_at=NOW - DAY, reason="Not ours.", closed_by=ActorType.MARKETPLACE)
    other_market.response(0, submitted_at=NOW - DAY, reason="Theirs.")
    dirk_s = Client()
    dirk_s.force_login(dirk)

    ours, theirs = cora_s.get(LIST), dirk_s.get(LIST)

    assert scores(ours) == [9]
    assert scores(theirs) == [0]
    assert "Theirs." in text(theirs)
    assert "Theirs." not in text(ours)


@pytest.mark.parametrize("place", [LIST, TAB], ids=["page", "tab"])
def test_list_alone_is_what_htmx_gets(cora_s: Client, market: Market, place: str) -> None:
    market.response(3, submitted_at=NOW - DAY, reason="It never came.")

    page, fragment = cora_s.get(place), cora_s.get(place, headers=FRAGMENT)

    assert "It never came." in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert "HX-Request" in page["Vary"]


def test_list_escapes_what_customers_type(cora_s: Client, market: Market) -> None:
    response = market.response(3, submitted_at=NOW - DAY, reason="<script>alert(1)</script>")

    for path in (LIST, f"{LIST}{response.pk}/"):
        page = cora_s.get(path).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("choice", "queries"),
    [
        pytest.param("", 8, id="first page"),
        pytest.param("?after={last}", 9, id="further page"),
        pytest.param("?search=parcel&topic=none&customer=new&excluded=yes", 9, id="choices"),
    ],
)
def test_list_asks_the_database_as_often_for_many_as_for_one(
    cora_s: Client,
    market: Market,
    staff: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    choice: str,
    queries: int,
    count: int,
) -> None:
    last = answered(market, 10, submitted_at=NOW)
    for topic in Topic.objects.all()[:count]:
        answered(market, 3, topics=[topic])
        excluded = answered(market, 0)
        exclusions.exclude(excluded, reason="Strike.", by=Actor.user(staff), now=NOW)

    with django_assert_num_queries(queries):
        page = cora_s.get(LIST + choice.format(last=last.pk))

    assert len(scores(page)) in {count, count + 1}


# What it can be narrowed by


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", [10, 9, 8, 7, 3]),
        ("band=promoter", [10, 9]),
        ("band=passive", [8, 7]),
        ("band=detractor", [3]),
        ("score=8", [8]),
        ("score=5", []),
        ("band=promoter&score=9", [9]),
        ("topic={speed}", [10]),
        ("topic=none", [9, 8, 7, 3]),
        ("words=with", [10, 3]),
        ("words=without", [9, 8, 7]),
        ("search=quick", [10]),
        ("search=WHERE IS", [10, 9, 8, 3]),
        ("search=parcel", [10, 9, 8]),
        ("search=%25", [10]),
        ("search=_", [3]),
        ("search='", []),
        ("search=%22%5C", []),
        ("channel=phone", [8]),
        ("channel=none", [7]),
        ("agent={alice}", [9]),
        ("agent={bob}", [10, 8, 3]),
        ("agent=none", [7]),
        ("subject=Where is my_order?", [3]),
        ("language=nl", [3]),
        ("language=none", [7]),
        ("customer=returning", [8]),
        ("customer=new", [10, 9, 3]),
        ("customer=none", [7]),
        ("excluded=yes", [1]),
        ("excluded=yes&band=detractor&search=parcel", [1]),
        ("excluded=yes&band=promoter", []),
        ("since=2026-03-19&until=2026-03-19", [10, 9, 8, 7, 3]),
        ("since=2026-03-20", []),
        ("until=2026-03-18", []),
        ("sort=lowest", [3, 7, 8, 9, 10]),
        ("band=promoter&sort=lowest", [9, 10]),
    ],
)
@pytest.mark.usefixtures("one_of_each")
def test_list_is_narrowed_from_the_url(
    cora_s: Client, alice: User, bob: User, choice: str, expected: list[int]
) -> None:
    speed = Topic.objects.get(slug="speed")
    search = choice.format(speed=speed.pk, alice=alice.pk, bob=bob.pk)
    order = "" if "sort" in choice else "&sort=highest"

    page = cora_s.get(f"{LIST}?{search}{order}")

    assert scores(page) == expected
    assert not shown(page).is_open


@pytest.mark.parametrize(
    "choice",
    [
        "band=everybody",
        "band=%00",
        "score=11",
        "score=seven",
        "topic=999",
        "topic=-1",
        "topic=x",
        "words=many",
        "channel=pigeon",
        "agent=999",
        "agent=" + "9" * 5000,
        "agent=x",
        "language=fr",
        "customer=angry",
        "excluded=no",
        "sort=random",
        "after=x",
        "after=999",
        "before=" + "9" * 30,
        "page=9",
        "month=2026-03",
    ],
)
def test_list_ignores_what_it_does_not_understand(
    cora_s: Client, fietsenzo: Seller, choice: str
) -> None:
    yesterday(fietsenzo, 10, 9, 8, 3, 0)

    page = cora_s.get(f"{LIST}?{choice}")

    assert page.status_code == 200
    assert len(scores(page)) == 5
    assert not shown(page).chosen
    assert not shown(page).is_open


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        ("since=2026-03-20&until=2026-03-19", "The period ends before it begins"),
        ("since=2026-02-30", "This is not a date"),
        ("until=yesterday", "This is not a date"),
        ("since=0001-01-01", "greater than or equal to"),
        ("until=9999-12-31", "less than or equal to"),
        ("search=%00", "Null characters are not allowed"),
        ("search=" + "x" * 10_000, "at most 200 characters"),
    ],
)
def test_list_says_what_is_wrong_and_keeps_the_rest(
    cora_s: Client, fietsenzo: Seller, choice: str, error: str
) -> None:
    yesterday(fietsenzo, 10, 9, 8)

    page = cora_s.get(f"{LIST}?{choice}&band=promoter")

    assert page.status_code == 200
    assert error in text(page)
    assert shown(page).is_open
    assert shown(page).period.is_recent
    assert sorted(scores(page)) == [9, 10]
    name, typed = parse_qsl(choice)[-1]
    assert f'value="{typed}"' in text(page) or name == "since"


def test_list_finds_the_agent_who_left(
    cora_s: Client, market: Market, bob: User, dirk: User
) -> None:
    answered(market, 9)
    Membership.objects.filter(user=bob).delete()

    page, stranger = cora_s.get(f"{LIST}?agent={bob.pk}"), cora_s.get(f"{LIST}?agent={dirk.pk}")

    assert label_of(shown(page).chosen) == ["Agent: Bob"]
    assert label_of(shown(stranger).chosen) == []
    assert "Dirk" not in text(stranger)


@pytest.mark.usefixtures("one_of_each")
def test_list_shows_why_a_measurement_does_not_count(cora_s: Client) -> None:
    counting, excluded = cora_s.get(LIST), cora_s.get(f"{LIST}?excluded=yes")

    assert "Strike at the carrier." not in text(counting)
    assert "Strike at the carrier." in text(excluded)


@pytest.mark.parametrize(
    "choice", ["", "topic=none", "search=parcel", "words=without", "customer=new", "channel=web"]
)
@pytest.mark.usefixtures("one_of_each")
def test_pills_lead_to_as_many_rows_as_they_say(cora_s: Client, choice: str) -> None:
    page = cora_s.get(f"{LIST}?{choice}")
    pills = shown(page).pills

    assert len(pills) >= 4
    for pill in pills:
        assert f'href="{pill.url}#measurements"' in text(page)
        assert len(scores(follow(cora_s, pill.url))) == pill.count
        assert [one.name for one in shown(follow(cora_s, pill.url)).pills if one.current] == [
            pill.name
        ]


def test_pill_of_what_does_not_count_is_there_when_there_is_any(
    cora_s: Client, market: Market, staff: User
) -> None:
    excluded = exclusions.exclude(
        answered(market, 0), reason="Strike.", by=Actor.user(staff), now=NOW
    )

    assert label_of(shown(cora_s.get(LIST)).pills)[-1] == "Excluded"
    exclusions.lift(excluded, by=Actor.user(staff), now=NOW)
    assert label_of(shown(cora_s.get(LIST)).pills)[-1] == "Detractors"
    assert scores(cora_s.get(LIST)) == [0]


@pytest.mark.usefixtures("one_of_each")
def test_choices_can_be_undone_one_by_one_and_together(cora_s: Client) -> None:
    choice = "?since=2026-03-01&until=2026-03-31&band=promoter&score=9&search=parcel&language=en"

    page = cora_s.get(LIST + choice)

    assert label_of(shown(page).chosen) == [
        "March 2026",
        "Band: Promoter",
        "Score: 9",
        "Search: parcel",
        "Language: English",
    ]
    for link in shown(page).chosen:
        undone = shown(follow(cora_s, link.url)).chosen
        assert link.label not in label_of(undone)
    everything = follow(cora_s, shown(page).everything)
    assert label_of(shown(everything).chosen) == ["March 2026"]


@pytest.mark.parametrize("path", ["", "download/measurements.json", "segments/"])
def test_links_with_the_old_names_of_a_period_keep_working(
    cora_s: Client, fietsenzo: Seller, path: str
) -> None:
    for days, score in enumerate((10, 9, 8)):
        yesterday(fietsenzo, score, submitted_at=NOW - days * DAY)
    base = f"/queries/nps/{path or 'measurements/'}"
    first, last = (NOW - 2 * DAY).date(), (NOW - DAY).date()

    old = cora_s.get(f"{base}?from={first}&to={last}", headers={"HX-Request": "true"})
    new = cora_s.get(f"{base}?since={first}&until={last}", headers={"HX-Request": "true"})

    assert old.status_code == new.status_code == 200
    without_moment = [re.sub(rb'"downloaded_at": "[^"]*"', b"", body(each)) for each in (old, new)]
    assert without_moment[0] == without_moment[1]


def body(page: HttpResponse) -> bytes:
    """Return what a page is, also when it came in pieces."""
    return page.getvalue()


def test_filter_is_called_as_rest_framework_calls_it(fietsenzo: Seller, rf: RequestFactory) -> None:
    yesterday(fietsenzo, 10, 9, 3)
    request = rf.get("/", {"band": "promoter", "sort": "highest"})
    request.seller = fietsenzo  # type: ignore[attr-defined]  # as the tenant guard does
    mine = SurveyResponse.objects.for_seller(fietsenzo)

    chosen = MeasurementFilter(data=request.GET, queryset=mine, request=request)

    assert chosen.is_valid()
    assert [response.score for response in chosen.qs] == [10, 9]


@pytest.mark.usefixtures("one_of_each")
def test_links_of_the_tab_keep_its_month(cora_s: Client) -> None:
    tab = shown(cora_s.get(TAB, {"month": "2026-02", "band": "promoter"}))

    links = [*tab.pills, *tab.sorts, *tab.periods[1:]]  # the last 28 days are not of that month

    assert all(("month", "2026-02") in parse_qsl(urlsplit(link.url).query) for link in links)
    assert tab.hidden == {"month": "2026-02", "band": "promoter"}
    assert tab.same == "?month=2026-02&band=promoter"


def test_tab_of_a_finished_month_lists_that_month(cora_s: Client, market: Market) -> None:
    for score, day in ((3, 1), (4, 28)):
        market.response(score, submitted_at=datetime(2026, 2, day, 12, tzinfo=UTC))
    for score, moment in ((9, datetime(2026, 1, 31, 12, tzinfo=UTC)), (10, NOW - DAY)):
        market.response(score, submitted_at=moment)

    page = cora_s.get(TAB, {"month": "2026-02"})
    measurements = shown(page)
    whole = follow(cora_s, measurements.same)
    weeks = cora_s.get(TAB + measurements.periods[0].url)

    assert scores(page) == scores(whole) == [4, 3]
    assert period_name(measurements.period) == period_name(shown(whole).period) == "February 2026"
    assert measurements.chosen == ()
    assert f'href="{TAB}?month=2026-02"' in text(whole)
    assert scores(weeks) == [10, 4]
    assert shown(weeks).period.is_recent


@pytest.mark.parametrize("month", ["2026-03", "2019-01", "soon"])
def test_tab_of_the_running_month_lists_the_last_28_days(
    cora_s: Client, fietsenzo: Seller, month: str
) -> None:
    yesterday(fietsenzo, 7)

    assert shown(cora_s.get(TAB, {"month": month})).period.is_recent


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", "last 28 days"),
        ("?since=2026-02-01&until=2026-02-28", "February 2026"),
        ("?since=2026-02-01&until=2026-03-15", "1 February 2026 to 15 March 2026"),
        ("?since=2026-02-01", "since 1 February 2026"),
        ("?until=2026-02-01", "until 1 February 2026"),
    ],
)
def test_period_is_said_in_words(cora_s: Client, choice: str, expected: str) -> None:
    page = cora_s.get(LIST + choice)

    assert period_name(shown(page).period) == expected
    assert expected in text(page)


def test_periods_asked_for_most_are_one_click_away(cora_s: Client) -> None:
    periods = shown(cora_s.get(LIST)).periods

    found = [shown(follow(cora_s, link.url)) for link in periods]

    assert label_of(periods) == ["Last 28 days", "This month", "Last month", "12 months"]
    assert [period_name(one.period) for one in found] == [
        "last 28 days",
        "March 2026",
        "February 2026",
        "1 April 2025 to 31 March 2026",
    ]
    for link, one in zip(periods, found, strict=True):
        assert [period.label for period in one.periods if period.current] == [link.label]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", "Nobody answered in these days"),
        ("?since=2020-01-01&until=2020-01-31", "Nobody answered in this period"),
        ("?band=promoter", "None with this choice"),
    ],
)
def test_empty_list_says_why(cora_s: Client, choice: str, expected: str) -> None:
    assert expected in text(cora_s.get(LIST + choice))


def test_every_band_and_score_of_a_month_leads_to_its_rows(
    cora_s: Client, fietsenzo: Seller, staff: User
) -> None:
    given = Counter({0: 3, 1: 1, 6: 2, 7: 4, 8: 1, 9: 2, 10: 5})
    for moment in (datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 28, 22, tzinfo=UTC)):
        yesterday(fietsenzo, *given.elements(), submitted_at=moment)
    yesterday(fietsenzo, 9, submitted_at=datetime(2026, 1, 31, 22, 59, tzinfo=UTC))
    yesterday(fietsenzo, 9, submitted_at=datetime(2026, 3, 1, tzinfo=UTC))
    excluded = Counter({0: 1, 9: 2})
    for score, count in excluded.items():
        for response in SurveyResponse.objects.filter(score=score, month="2026-02-01")[:count]:
            exclusions.exclude(response, reason="Strike.", by=Actor.user(staff), now=NOW)
    february = f"{LIST}?since=2026-02-01&until=2026-02-28"

    for score in range(11):
        assert rows(cora_s, f"{february}&score={score}") == 2 * given[score] - excluded[score]
        assert rows(cora_s, f"{february}&score={score}&excluded=yes") == excluded[score]
    for band, of_band in BAND_SCORES.items():
        expected = sum(2 * given[score] - excluded[score] for score in of_band)
        assert rows(cora_s, f"{february}&band={band}") == expected
        pills = {pill.name: pill.count for pill in shown(cora_s.get(february)).pills}
        assert pills[band] == expected
        assert pills["excluded"] == 3


def rows(browser: Client, path: str) -> int:
    """Return how many rows all pages of a list have."""
    return sum(len(scores(page)) for page in forward(browser, path))


# Its pages


def forward(browser: Client, path: str) -> Iterator[HttpResponse]:
    """Yield every page of a list, from the one at this URL on."""
    page = browser.get(path)
    yield page
    while following := shown(page).next:
        page = follow(browser, following)
        yield page


def backward(browser: Client, page: HttpResponse) -> Iterator[HttpResponse]:
    """Yield every page before one."""
    while preceding := shown(page).previous:
        page = follow(browser, preceding)
        yield page


@pytest.mark.parametrize("sort", ["latest", "oldest", "lowest", "highest"])
def test_pages_have_every_row_once_there_and_back(
    cora_s: Client, fietsenzo: Seller, sort: str
) -> None:
    for moment in (NOW - DAY, NOW):
        yesterday(fietsenzo, *[0, 0, 10] * ROWS_PER_PAGE, submitted_at=moment)
    path = f"{LIST}?band=detractor&sort={sort}"

    there = list(forward(cora_s, path))
    back = list(backward(cora_s, there[-1]))

    pks = [[row.pk for row in shown(page).page.rows] for page in there]
    assert [len(page) for page in pks] == [ROWS_PER_PAGE] * 4
    assert len({pk for page in pks for pk in page}) == 4 * ROWS_PER_PAGE
    assert [[row.pk for row in shown(page).page.rows] for page in back] == pks[-2::-1]
    assert not shown(back[-1]).previous


def test_page_after_the_last_row_is_the_first_page(cora_s: Client, fietsenzo: Seller) -> None:
    yesterday(fietsenzo, 9)
    last = SurveyResponse.objects.get()

    for choice in (f"after={last.pk}", f"before={last.pk}"):
        assert scores(cora_s.get(f"{LIST}?{choice}")) == [9]


def test_page_does_not_begin_at_a_measurement_of_another_shop(
    cora_s: Client, fietsenzo: Seller, other_shop: Seller
) -> None:
    yesterday(other_shop, 9, submitted_at=NOW)
    yesterday(fietsenzo, 9, 8, submitted_at=NOW)
    theirs = SurveyResponse.objects.get(seller=other_shop)

    page = cora_s.get(f"{LIST}?after={theirs.pk}")

    assert not shown(page).previous
    assert len(scores(page)) == 2


# One measurement


def test_measurement_shows_all_that_is_known_of_it(cora_s: Client, market: Market) -> None:
    speed = Topic.objects.get(slug="speed")
    response = answered(market, 3, reason="It never came.\nTwice.", topics=[speed])

    page = cora_s.get(f"{LIST}{response.pk}/")

    for expected in ("It never came.<br>Twice.", "Where is my parcel?", "Speed", "Bob", "Web form"):
        assert expected in text(page)
    assert "Detractor" in text(page)
    assert response.query
    assert response.query.get_absolute_url() in text(page)
    assert "Does not count" not in text(page)


def test_measurement_from_before_this_portal_says_so(cora_s: Client, fietsenzo: Seller) -> None:
    yesterday(fietsenzo, 7)
    response = SurveyResponse.objects.get()

    page = text(cora_s.get(f"{LIST}{response.pk}/"))

    assert "Measured before this portal" in page
    assert response.external_id in page


def test_measurement_shows_when_and_why_it_does_not_count(
    cora_s: Client, market: Market, staff: User
) -> None:
    response = answered(market, 0)
    excluded = exclusions.exclude(
        response, reason="Strike at the carrier.", by=Actor.user(staff), now=NOW
    )
    path = f"{LIST}{response.pk}/"

    before = text(cora_s.get(path))
    exclusions.lift(excluded, by=Actor.user(staff), now=NOW)
    after = text(cora_s.get(path))

    assert "Does not count" in before
    assert "Counts again" not in before
    assert "Counts again" in after
    assert "Does not count" not in after
    assert "Strike at the carrier." in before
    assert "Strike at the carrier." in after
    assert staff.name not in before + after


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", [10, 9, 8, 7, 6, 5]),
        ("?sort=lowest", [5, 6, 7, 8, 9, 10]),
        ("?band=passive&sort=oldest", [7, 8]),
    ],
)
def test_neighbours_walk_the_whole_list_in_its_order(
    cora_s: Client, fietsenzo: Seller, choice: str, expected: list[int]
) -> None:
    for days, score in enumerate((10, 9, 8, 7, 6, 5)):
        yesterday(fietsenzo, score, submitted_at=NOW - days * DAY)
    first = shown(cora_s.get(LIST + choice)).page.rows[0]

    there = list(walk(cora_s, first.pk, choice, "after"))
    back = list(walk(cora_s, there[-1], choice, "before"))

    found = dict(SurveyResponse.objects.values_list("pk", "score"))
    assert [found[pk] for pk in there] == expected
    assert back == there[::-1]


def walk(browser: Client, pk: int, choice: str, direction: str) -> Iterator[int]:
    """Yield the measurements of a list, each a click away from the one before."""
    following: int | None = pk
    while following:
        yield following
        page = browser.get(f"{LIST}{following}/{choice}")
        following = page.context[direction]
        if following:
            assert f'"{LIST}{following}/{page.context["same"]}"' in text(page)


def test_way_back_leads_to_the_same_place_in_the_list(cora_s: Client, fietsenzo: Seller) -> None:
    yesterday(fietsenzo, *[3] * 60)
    pks = [
        row.pk
        for page in forward(cora_s, f"{LIST}?band=detractor")
        for row in shown(page).page.rows
    ]

    for pk in (pks[0], pks[40]):
        page = cora_s.get(f"{LIST}{pk}/?band=detractor")
        there = follow(cora_s, page.context["back"])
        assert shown(there).page.rows[0].pk == pk
        assert shown(there).hidden == {"band": "detractor"}


def test_measurement_outside_the_list_has_no_neighbours(cora_s: Client, fietsenzo: Seller) -> None:
    yesterday(fietsenzo, 10, submitted_at=NOW - 60 * DAY)
    yesterday(fietsenzo, 3, 4)
    old = SurveyResponse.objects.get(score=10)

    page = cora_s.get(f"{LIST}{old.pk}/")

    assert (page.context["before"], page.context["after"]) == (None, None)


def test_measurement_of_long_ago_is_found_in_its_own_month(
    cora_s: Client, fietsenzo: Seller
) -> None:
    for score, day in ((9, 2), (3, 12), (8, 22)):
        yesterday(fietsenzo, score, submitted_at=datetime(2026, 1, day, tzinfo=UTC))
    yesterday(fietsenzo, 10)
    found = {one.score: one.pk for one in SurveyResponse.objects.all()}

    page = cora_s.get(f"{LIST}{found[3]}/")

    assert (page.context["before"], page.context["after"]) == (found[8], found[9])
    assert scores(follow(cora_s, page.context["back"])) == [3, 9]
    assert f'href="{TAB}?month=2026-01"' in text(page)


@pytest.mark.parametrize("choice", ["", "?band=passive&since=2026-03-01&until=2026-03-31"])
def test_list_can_be_downloaded_as_it_is(cora_s: Client, fietsenzo: Seller, choice: str) -> None:
    yesterday(fietsenzo, 3, 7, 10)

    page = cora_s.get(LIST + choice)

    [url] = re.findall(r'href="([^"]*measurements\.json[^"]*)"', text(page))
    rows = json.loads(b"".join(cora_s.get(url)))["measurements"]
    assert [row["score"] for row in rows] == scores(page)


@pytest.mark.parametrize("pk", ["0", "999", "9" * 18])
def test_measurement_that_is_none_is_not_found(cora_s: Client, pk: str) -> None:
    assert cora_s.get(f"{LIST}{pk}/").status_code == 404


def test_measurement_of_another_shop_or_the_marketplace_is_not_found(
    cora_s: Client, market: Market, other_market: Market
) -> None:
    theirs = other_market.response(9, submitted_at=NOW - DAY)
    not_counting = market.response(9, submitted_at=NOW - DAY, closed_by=ActorType.MARKETPLACE)
    ours = market.response(9, submitted_at=NOW - DAY)

    found = [cora_s.get(f"{LIST}{one.pk}/").status_code for one in (ours, theirs, not_counting)]

    assert found == [200, 404, 404]
