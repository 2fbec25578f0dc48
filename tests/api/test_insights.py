"""Scores and measurements for programs: every figure is that of the page and of the files."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient as Program
from time_machine import travel

from insights.api.months import MonthSerializer
from insights.models import MonthNote, ServiceStandard
from insights.reports.months import MonthScore
from insights.reports.response import WhoAnswered
from insights.response import ResponseRates
from insights.wording import whole
from queries import actions
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys import deciding
from surveys.exclusions import exclude, lift
from surveys.models import ResponseTopic, SurveyResponse, Topic
from surveys.nps import Tally
from tests.api.conftest import Register, with_token
from tests.conftest import RULES, Market
from tests.measurements import imported

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROBLEM = "application/problem+json"
MONTHS = "/api/v1/nps/months/"
MEASUREMENTS = "/api/v1/measurements/"
TREND = "/api/v1/nps/trend/"
TOPICS = "/api/v1/nps/topics/"
SEGMENTS = "/api/v1/nps/segments/"
FUNNEL = "/api/v1/nps/funnel/"
PEERS = "/api/v1/nps/peers/"
STANDARDS = "/api/v1/nps/standards/"
CALIBRATION = "/api/v1/nps/calibration/"
TAB = "/queries/nps/"
BOOLEANS = {True: "true", False: "false", None: ""}
DOWNLOAD = "/queries/nps/download/"

# How often each score was given in some months; the standard is 10 before 2026 and 25 since.
GIVEN = {
    "2026-03": {10: 13, 8: 5, 0: 7},  # running, 24: just below
    "2026-02": {10: 12, 7: 2, 3: 10},  # 24 measurements
    "2026-01": {9: 246, 8: 754},  # 24.6 beside 25
    "2025-12": {9: 30, 7: 10, 6: 10},  # the standard of before
    "2025-11": {9: 2, 7: 40, 1: 20},  # below 0
    "2024-04": {10: 1},  # the first of the 24
}
EMPTY = "2025-10"
BANDS = ("promoters", "passives", "detractors")


@pytest.fixture(autouse=True)
def _twentieth_of_march() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def months(fietsenzo: Seller) -> None:
    """Measurements in some of the months."""
    for month, scores in GIVEN.items():
        each = [score for score, count in scores.items() for _ in range(count)]
        moment = datetime.fromisoformat(f"{month}-05T12:00:00+00:00")
        imported(fietsenzo, *each, submitted_at=moment)


@pytest.fixture(params=["en", "nl"])
def language(request: pytest.FixtureRequest, cora: User) -> str:
    """The language of the reader, at the page and at the API."""
    spoken: str = request.param
    User.objects.filter(pk=cora.pk).update(language=spoken)
    return spoken


@pytest.fixture
def cora_s(cora: User) -> Client:
    """The browser of Cora, who only reads."""
    browser = Client()
    browser.force_login(cora)
    return browser


def ask(program: Program, path: str, language: str = "en", /, **asked: object) -> Any:
    """Return what the API says."""
    answer = program.get(path, asked, HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200, answer.content
    return answer.json()


def words(browser: Client, url: str) -> str:
    """Return what is read on a page: without tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", browser.get(url).content.decode())).split())


def rows(browser: Client, url: str) -> list[dict[str, str]]:
    """Return what a CSV file for programs says."""
    joined = "&" if "?" in url else "?"
    text = browser.get(f"{DOWNLOAD}{url}{joined}dialect=international").getvalue().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def signed(number: float, language: str) -> str:
    """Return a number as a page writes it."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{abs(number):g}".replace(".", "," if language == "nl" else ".")


# The months


@pytest.mark.usefixtures("months")
def test_month_has_the_shape_that_was_promised(crm: Program, fietsenzo: Seller) -> None:
    MonthNote.objects.create(seller=fietsenzo, month=date(2026, 3, 1), words="New carrier")
    month = ask(crm, f"{MONTHS}2026-03/")

    assert month == {
        "period": "2026-03",
        "provisional": True,
        "n": 25,
        "indicative": False,
        "excluded": 0,
        "imported": True,
        "norm": {"condition": ">=", "value": 25, "minimum_measurements": 25},
        "score": {
            "conforms": False,
            "numerator": 600,
            "denominator": 25,
            "value": 24,
            "distance_to_norm": -1,
            "interval": {"low": -10.04, "high": 52.9},
            "within_chance": None,
        },
        "bands": {
            "promoters": 13,
            "passives": 5,
            "detractors": 7,
            "percentages": {"promoters": 52, "passives": 20, "detractors": 28},
        },
        "scores": [7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 13],
        "first_replies": {"in_time": 0, "counted": 0},
        "response": {"sent": 0, "answered": 0, "channels": [], "customers": 0},
        "note": "New carrier",
        "in_words": "March 2026: +24 from 25 measurements. Standard +25 not met. With imported "
        "measurements. 1 more promoter and you reach +25.",
    }


@pytest.mark.usefixtures("months")
@pytest.mark.parametrize("month", [*GIVEN, EMPTY])
def test_month_is_that_of_the_page(crm: Program, cora_s: Client, language: str, month: str) -> None:
    said = ask(crm, f"{MONTHS}{month}/", language)
    markup = cora_s.get(TAB, {"month": month}).content.decode()
    page = words(cora_s, f"{TAB}?month={month}")

    big = re.search(r'class="big">([^<]*)<', markup)
    assert big
    if not GIVEN.get(month):
        assert (big[1], said["n"]) == ("–", 0)
        assert "score" not in said
        assert said["bands"]["percentages"] is None
        assert said["in_words"] in page
        return
    score = said["score"]
    assert big[1] == signed(score["value"], language)
    assert (score["interval"] is None) is (said["n"] < 5)
    if interval := score["interval"]:
        low, high = (signed(float(whole(interval[end])), language) for end in ("low", "high"))
        assert f"{low} {'tot' if language == 'nl' else 'to'} {high}" in page
    counts = {
        band: sum(number for given, number in GIVEN[month].items() if given in scores)
        for band, scores in (("promoters", (9, 10)), ("passives", (7, 8)), ("detractors", range(7)))
    }
    assert {band: said["bands"][band] for band in BANDS} == counts
    for sentence in re.split(r"(?<=\.) (?=[A-Z\d])", said["in_words"]):
        assert sentence in page


@pytest.mark.usefixtures("months")
def test_months_are_those_of_the_file(crm: Program, cora_s: Client, language: str) -> None:
    said = ask(crm, MONTHS, language)
    file = rows(cora_s, "months.csv")

    assert [month["period"] for month in said] == [row["month"] for row in reversed(file)]
    assert len(said) == 24
    for month, row in zip(reversed(said), file, strict=True):
        score, shares = month.get("score"), month["bands"]["percentages"] or {}
        interval = score["interval"] if score else None
        in_file = {
            "provisional": str(month["provisional"]).lower(),
            "measurements": str(month["n"]),
            "nps": f"{score['value']:g}" if score else "",
            "interval_low": f"{interval['low']:.2f}" if interval else "",
            "interval_high": f"{interval['high']:.2f}" if interval else "",
            "could_be_chance": BOOLEANS[score["within_chance"]] if score else "",
            "standard": str(month["norm"]["value"]),
            "minimum_measurements": str(month["norm"]["minimum_measurements"]),
            "excluded": str(month["excluded"]),
            "imported": BOOLEANS[month["imported"]],
            "first_replies": str(month["first_replies"]["counted"]),
            "first_replies_in_time": str(month["first_replies"]["in_time"]),
            "surveys": str(month["response"]["sent"]),
            "surveys_answered": str(month["response"]["answered"]),
            "customers": str(month["response"]["customers"]),
            **{f"{band}_percent": str(shares.get(band, "")) for band in BANDS},
            **{band: str(month["bands"][band]) for band in BANDS},
            **{f"score_{given}": str(count) for given, count in enumerate(month["scores"])},
        }
        assert in_file == {name: row[name] for name in in_file}
        verdict = {True: "met", False: "not_met", None: "too_few"}
        assert row["verdict"] == (verdict[score["conforms"]] if score else "")


@pytest.mark.usefixtures("months")
def test_trend_is_the_sentence_of_the_page(crm: Program, cora_s: Client, language: str) -> None:
    said = ask(crm, TREND, language)

    assert said["claim"] == "too_few"
    assert (said["shift"], said["odd_month"]) == (None, None)
    assert said["in_words"]
    assert said["in_words"] in words(cora_s, TAB)


def test_trend_of_a_shop_without_measurements_says_nothing(crm: Program) -> None:
    said = ask(crm, TREND)

    assert (said["run"], said["in_words"]) == (None, "")


@pytest.mark.usefixtures("months")
def test_standard_is_that_of_the_month(crm: Program) -> None:
    by_month = {month["period"]: month for month in ask(crm, MONTHS)}

    assert [by_month[month]["norm"]["value"] for month in ("2025-12", "2026-01")] == [10, 25]
    assert by_month["2026-01"]["score"]["value"] == 24.6
    assert by_month["2026-01"]["score"]["distance_to_norm"] == -0.4
    assert by_month["2025-12"]["score"]["conforms"] is True
    assert by_month["2026-02"]["score"]["conforms"] is None
    assert by_month["2026-02"]["indicative"] is True


def test_month_without_a_standard_has_no_norm() -> None:
    scores = {10: 30}
    month = MonthScore(
        month=date(2019, 12, 1), running=False, tally=Tally.from_scores(scores), scores=scores
    )

    who = {month.month: WhoAnswered(ResponseRates(), 0, 0)}
    said = MonthSerializer(month, context={"first_replies": {}, "who_answered": who}).data

    assert "norm" not in said
    assert said["score"]["conforms"] is said["score"]["distance_to_norm"] is None


def test_excluded_measurement_is_in_no_month(crm: Program, market: Market, alice: User) -> None:
    excluded, _other = (market.response(score, submitted_at=NOW - DAY) for score in (0, 10))
    exclude(excluded, reason="Storm.", by=Actor.user(alice), now=NOW)

    month = ask(crm, f"{MONTHS}2026-03/")

    assert (month["n"], month["excluded"], month["score"]["value"]) == (1, 1, 100)
    assert month["in_words"].startswith("March 2026: +100 from 1 measurement.")


@pytest.mark.parametrize(
    "month",
    ["2026-13", "9999-12", "0000-01", "2024-03", "2026-04", "x", "2026-3", "%00", "9" * 400],
)
def test_month_that_is_none_is_not_found(crm: Program, month: str) -> None:
    answer = crm.get(f"{MONTHS}{month}/")

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("path", [TOPICS, SEGMENTS, FUNNEL])
@pytest.mark.parametrize("month", ["2026-13", "9999-12", "0000-01", "2024-03", "x", "\x00"])
def test_month_that_is_none_is_refused(crm: Program, path: str, month: str) -> None:
    answer = crm.get(path, {"month": month})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [each["name"] for each in answer.json()["violations"]] == ["month"]


def test_months_that_are_the_same_are_not_sent_again(crm: Program, market: Market) -> None:
    for path in (MONTHS, f"{MONTHS}2026-03/"):
        first = crm.get(path)
        same = crm.get(path, HTTP_IF_NONE_MATCH=f"W/{first['ETag']}")
        market.response(9, submitted_at=NOW - DAY)
        other = crm.get(path, HTTP_IF_NONE_MATCH=first["ETag"])

        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
        assert other.status_code == 200
        assert other["ETag"] != first["ETag"]


@pytest.mark.parametrize("count", [1, 3])
def test_months_ask_as_much_for_three_measurements_as_for_one(
    crm: Program,
    market: Market,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        market.response(number, submitted_at=NOW - 30 * number * DAY)

    with django_assert_num_queries(8):
        crm.get(MONTHS)


# Measurements


def numbers(program: Program, **asked: object) -> list[int]:
    """Return the ids of the measurements that are asked for."""
    return [int(each["id"]) for each in ask(program, MEASUREMENTS, **asked)["results"]]


def test_measurement_says_all_that_the_page_and_the_file_say(
    crm: Program, cora_s: Client, market: Market, bob: User, alice: User
) -> None:
    closed_at = NOW - 3 * DAY
    query = market.query(asked_at=closed_at - timedelta(hours=1))
    closing = actions.close(query, predicted_score=8, by=market.actor, now=closed_at)
    response = market.answer(
        market.invitation(closing), 3, submitted_at=NOW - DAY, reason="Late.", may_contact=True
    )
    ResponseTopic.objects.create(response=response, topic=Topic.objects.get(slug="speed"))
    exclude(response, reason="Storm.", by=Actor.user(alice), now=NOW)

    said = ask(crm, f"{MEASUREMENTS}{response.pk}/")
    [row] = rows(cora_s, "measurements.csv?excluded=yes")

    topic = Topic.objects.get(slug="speed")
    assert said == {
        "id": str(response.pk),
        "external_id": "",
        "score": 3,
        "band": "detractor",
        "submitted_at": "2026-03-19T12:00:00Z",
        "period": "2026-03",
        "reason": "Late.",
        "topics": [{"id": str(topic.pk), "topic": "speed", "name": topic.label_en}],
        "contact_wish": "allowed",
        "query_id": str(query.pk),
        "subject": "Where is my parcel?",
        "language": "en",
        "channel": "web",
        "closed_at": "2026-03-17T12:00:00Z",
        "agent": {"id": str(bob.pk), "name": "Bob"},
        "predicted_score": 8,
        "counts": False,
        "exclusions": [
            {"reason": "Storm.", "excluded_at": "2026-03-20T12:00:00Z", "lifted_at": None}
        ],
        "imported_at": None,
        "followup_id": None,
    }
    same = ("score", "band", "reason", "subject", "language", "channel", "predicted_score")
    assert {name: row[name] for name in same} == {name: str(said[name]) for name in same}
    assert (row["topics"], row["agent"], row["query"]) == ("speed", "Bob", said["query_id"])
    assert numbers(crm, excluded="yes") == [response.pk]
    assert numbers(crm) == []


def test_measurement_counts_again(crm: Program, market: Market, alice: User) -> None:
    response, by = market.response(3, submitted_at=NOW - DAY), Actor.user(alice)
    exclusion = exclude(response, reason="Storm.", by=by, now=NOW)
    lift(exclusion, by=by, now=NOW)

    said = ask(crm, f"{MEASUREMENTS}{response.pk}/")

    assert said["counts"] is True
    assert said["followup_id"] == str(response.followup.pk)
    assert said["exclusions"][0]["lifted_at"] == "2026-03-20T12:00:00Z"


def test_measurement_from_before_this_portal(crm: Program, fietsenzo: Seller) -> None:
    [response] = imported(fietsenzo, 9, submitted_at=NOW - DAY)

    said = ask(crm, f"{MEASUREMENTS}{response.pk}/")

    assert said["external_id"] == response.external_id
    unknown = ("query_id", "subject", "language", "channel", "closed_at", "agent", "followup_id")
    assert {said[name] for name in unknown} == {None}


def test_measurements_are_those_of_the_page(crm: Program, cora_s: Client, market: Market) -> None:
    for number, score in enumerate((10, 3, 8, 3, 0)):
        market.response(score, submitted_at=NOW - number * DAY, reason="Late." * (score < 7))
    market.response(2, submitted_at=NOW - 60 * DAY)

    for asked in (
        {"since": "2026-02-21"},
        {"since": "2026-03-17", "until": "2026-03-18"},
        {"since": "2026-02-21", "band": "detractor"},
        {"since": "2026-02-21", "score": "3"},
        {"since": "2026-02-21", "topic": "none", "sort": "lowest"},
        {"since": "2026-01-01", "words": "with", "sort": "highest"},
        {"since": "2026-01-01", "search": "late", "sort": "oldest"},
        {"since": "2026-01-01", "channel": "web"},
        {"since": "2026-01-01", "channel": "none"},
        {"since": "2026-01-01", "agent": str(market.agent.pk)},
        {"since": "2026-01-01", "subject": "Where is my parcel?"},
        {"since": "2026-01-01", "language": "en", "customer": "new"},
    ):
        page = cora_s.get("/queries/nps/measurements/", asked)
        shown = [row.pk for row in page.context["measurements"].page.rows]
        assert numbers(crm, **asked) == shown, asked


@pytest.mark.parametrize("sort", ["latest", "oldest", "lowest", "highest"])
def test_measurements_are_paged_in_every_order(crm: Program, market: Market, sort: str) -> None:
    for number, score in enumerate((3, 9, 3, 9, 3)):
        market.response(score, submitted_at=NOW - (number // 2) * DAY)
    whole = numbers(crm, sort=sort)

    page = crm.get(MEASUREMENTS, {"sort": sort, "limit": 2}).json()
    pages = [page]
    while page["next"]:
        page = crm.get(page["next"]).json()
        pages.append(page)
    forwards = [int(each["id"]) for one in pages for each in one["results"]]
    back = crm.get(pages[-1]["previous"]).json()

    assert (len(whole), len(pages)) == (5, 3)
    assert forwards == whole
    assert back["results"] == pages[1]["results"]
    assert back["next"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("band", "happy"),
        ("score", "11"),
        ("score", "9" * 5_000),
        ("topic", "9" * 30),
        ("topic", "x\x00"),
        ("agent", "99999999999999999999"),
        ("agent", "1\x00"),
        ("since", "2026-02-30"),
        ("since", "0000-01-01"),
        ("since", "9999-12-31"),
        ("search", "\x00"),
        ("search", ""),
        ("since", ""),
        ("search", "x" * 201),
        ("subject", "\x00"),
        ("channel", "pigeon"),
        ("excluded", "no"),
        ("sort", "best"),
        ("cursor", "\x00"),
        ("cursor", "x"),
        ("limit", "0"),
        ("limit", "9" * 5_000),
        ("limit", "00000000101"),
    ],
)
def test_choice_that_cannot_be_is_refused(
    crm: Program, market: Market, name: str, value: str
) -> None:
    answer = crm.get(MEASUREMENTS, {name: value})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [each["name"] for each in answer.json()["violations"]] == [name]


def test_agent_of_another_shop_is_no_choice(
    crm: Program, market: Market, other_market: Market
) -> None:
    theirs = crm.get(MEASUREMENTS, {"agent": other_market.agent.pk})
    nobody = crm.get(MEASUREMENTS, {"agent": 0})

    assert theirs.status_code == 400
    assert theirs.content == nobody.content


def test_measurement_of_another_shop_or_of_the_marketplace_is_not_found(
    crm: Program, market: Market, other_market: Market
) -> None:
    theirs = other_market.response(3, submitted_at=NOW - DAY)
    marketplace = market.response(3, submitted_at=NOW - DAY, closed_by=ActorType.MARKETPLACE)

    answers = [
        crm.get(f"{MEASUREMENTS}{number}/")
        for number in (theirs.pk, marketplace.pk, 0, "9" * 400, "x", "%00", "-1")
    ]

    assert {(answer.status_code, answer["Content-Type"]) for answer in answers} == {(404, PROBLEM)}
    assert len({answer.content for answer in answers}) == 1
    assert numbers(crm) == []


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(
    crm: Program,
    market: Market,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        response = market.response(number, submitted_at=NOW - DAY)
        for topic in Topic.objects.offered()[:2]:
            ResponseTopic.objects.create(response=response, topic=topic)

    with django_assert_num_queries(5):
        assert len(numbers(crm)) == count


# What the tab tells of a month


def test_topics_are_those_of_page_and_file(
    crm: Program, cora_s: Client, fietsenzo: Seller, language: str
) -> None:
    speed, effort, ease = Topic.objects.offered()[:3]
    for month in (date(2026, 2, 5), date(2026, 3, 5)):
        moment = datetime(month.year, month.month, 5, 12, tzinfo=UTC)
        imported(fietsenzo, 10, 9, 3, 0, 8, 10, submitted_at=moment, topics=[speed])
        imported(fietsenzo, 0, 0, 7, 9, 10, submitted_at=moment, topics=[speed, effort])
        imported(fietsenzo, 3, submitted_at=moment, topics=[ease])
        imported(fietsenzo, 9, 9, submitted_at=moment)

    said = ask(crm, TOPICS, language, month="2026-03")
    file = rows(cora_s, "topics.csv?month=2026-03")
    page = words(cora_s, f"{TAB}?month=2026-03")

    assert said["period"] == "2026-03"
    assert said["nps"] == sum(part["contribution"] for part in said["topics"])
    assert sum(part["against_average"] for part in said["topics"]) == 0
    assert {part["topic"] for part in said["topics"]} >= {speed.slug, "other", "none"}
    for part, row in zip(said["topics"], file, strict=True):
        numbers_in_file = {
            "topic": part["topic"],
            "contribution": f"{part['contribution']:g}",
            "against_average": f"{part['against_average']:g}",
            "contribution_change": _written(part["contribution_change"]),
            "nps": _written(part["nps"]),
            "nps_change": _written(part["nps_change"]),
            "measurements": str(part["n"]),
            "indicative": str(part["indicative"]).lower(),
            **{band: str(part["bands"][band]) for band in BANDS},
        }
        assert numbers_in_file == {name: row[name] for name in numbers_in_file}
        assert part["name"] in page
        if part["listed_as"]:
            listed = numbers(crm, topic=part["listed_as"], since="2026-03-01", limit=100)
            assert len(listed) == part["n"]
    assert ask(crm, TOPICS, month="2025-06")["topics"] == []


@pytest.mark.parametrize("by", ["channel", "subject", "agent", "language", "customer"])
def test_segments_are_those_of_the_page(
    crm: Program, cora_s: Client, market: Market, language: str, by: str
) -> None:
    for number in range(12):
        market.response((10, 3)[number % 2], submitted_at=NOW - DAY)
    imported(market.shop, 9, 9, 0, 7, 8, 10, submitted_at=NOW - DAY)

    said = ask(crm, SEGMENTS, language, by=by)
    report = cora_s.get(f"/queries/nps/segments/?by={by}").context["segments"]
    page = words(cora_s, f"/queries/nps/segments/?by={by}")

    assert (said["since"], said["until"], said["by"]) == ("2026-03-01", "2026-03-31", by)
    assert said["total"]["n"] == 18
    assert [each["n"] for each in said["segments"]] == [row.tally.total for row in report.rows]
    for each in said["segments"]:
        assert f"{each['name']}" in page
        assert signed(each["nps"], language) in page
        if each["listed_as"]:
            assert len(numbers(crm, **{by: each["listed_as"]})) == each["n"]
    days = ask(crm, SEGMENTS, since="2026-03-01", until="2026-03-02")
    assert (days["total"]["n"], days["total"]["nps"], days["segments"]) == (0, None, [])


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"by": "shoe size"}, "by"),
        ({"by": ""}, "by"),
        ({"month": ""}, "month"),
        ({"since": "", "until": "2026-03-01"}, "since"),
        ({"since": "2026-03-01"}, "until"),
        ({"until": "2026-03-01"}, "since"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"since": "0000-01-01", "until": "2026-03-01"}, "since"),
        ({"since": "1000-01-01", "until": "2026-03-01"}, "since"),
        ({"since": "2026-03-01", "until": "9999-12-31"}, "until"),
        ({"since": "\x00", "until": "2026-03-01"}, "since"),
    ],
)
def test_segments_of_no_period_are_refused(crm: Program, asked: dict[str, str], name: str) -> None:
    answer = crm.get(SEGMENTS, asked)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert [each["name"] for each in answer.json()["violations"]] == [name]


def test_funnel_is_that_of_the_page(
    crm: Program, cora_s: Client, market: Market, language: str
) -> None:
    customer = market.new_customer()
    market.response(9, customer=customer, submitted_at=NOW - 3 * DAY)
    market.invitation(market.closing(closed_at=NOW - 6 * DAY))
    late = market.closing(customer, closed_at=NOW - 2 * DAY)
    market.closing(closed_at=NOW - timedelta(hours=1))
    query = market.query(asked_at=NOW - timedelta(hours=3))
    actions.reply(query, body="Tomorrow.", by=market.actor, now=NOW - timedelta(hours=2))
    deciding.decide_due(now=late.closed_at + RULES.delay, rules=RULES)

    said = ask(crm, FUNNEL, language, month="2026-03")
    counted = cora_s.get(f"{TAB}funnel/?month=2026-03").context["funnel"]
    page = words(cora_s, f"{TAB}funnel/?month=2026-03")

    names = ("closed", "undecided", "to_be_sent", "bounced", "sent", "answerable", "expired")
    names += ("answered", "not_counting", "counting", "response_percent")
    assert {name: said[name] for name in names} == {name: getattr(counted, name) for name in names}
    assert (said["closed"], said["answered"], said["response_percent"]) == (4, 1, 50)
    [suppressed] = said["suppressed"]
    assert (suppressed["reason"], suppressed["count"]) == ("not_now", 1)
    assert suppressed["in_words"] in page
    assert said["first_replies"] == {"in_time": 1, "counted": 1}
    assert said["to_the_score"] == {
        "answered_elsewhere": 0,
        "closed_elsewhere": 0,
        "imported": 0,
        "excluded": 0,
        "n": 1,
    }
    assert "100% (1 " in page


def test_standards_are_those_that_sellers_know_of(crm: Program) -> None:
    for day, announced in ((date(2127, 1, 1), NOW.date()), (date(2128, 1, 1), date(2026, 3, 21))):
        ServiceStandard.objects.create(
            value=40, valid_from=day, announced_on=announced, label_nl="Meer", label_en="More"
        )

    said = ask(crm, STANDARDS)

    assert [(each["value"], each["valid_from"], each["holds"]) for each in said] == [
        (10, "2020-01-01", False),
        (25, "2026-01-01", True),
        (40, "2127-01-01", False),
    ]
    assert said[2] == {
        "condition": ">=",
        "value": 40,
        "minimum_measurements": 25,
        "valid_from": "2127-01-01",
        "announced_on": "2026-03-20",
        "name": "More",
        "holds": False,
    }


# How well agents predict


@pytest.fixture
def predictions(market: Market, alice: User) -> None:
    """Twelve predictions of Bob that were answered, and two of Alice."""
    market.response(7, submitted_at=NOW - 60 * DAY)
    pairs = [(9, 10), (8, 3), (7, 7), (10, 10), (6, 0), (9, 8)] * 2
    for number, (predicted, score) in enumerate([*pairs, (8, 9), (3, 3)]):
        by = market.actor if number < len(pairs) else Actor.user(alice)
        closed_at = NOW - 5 * DAY
        query = market.query(asked_at=closed_at - timedelta(hours=1))
        closing = actions.close(query, predicted_score=predicted, by=by, now=closed_at)
        market.answer(market.invitation(closing), score, submitted_at=NOW - 3 * DAY)


@pytest.mark.usefixtures("predictions")
def test_calibration_is_that_of_the_owner_s_page(
    crm: Program, alice: User, bob: User, language: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language=language)
    owner_s = Client()
    owner_s.force_login(alice)

    said = ask(crm, CALIBRATION, language)
    report = owner_s.get("/queries/nps/predictions/team/").context["together"]
    page = words(owner_s, "/queries/nps/predictions/team/")
    own = words(owner_s, f"/queries/nps/predictions/{bob.pk}/")

    assert (said["since"], said["until"]) == ("2025-04-01", "2026-03-31")
    alice_, bob_ = said["agents"]
    assert (alice_["agent"]["name"], bob_["agent"]) == ("Alice", {"id": str(bob.pk), "name": "Bob"})
    assert (alice_["report"]["pairs"], alice_["report"]["calibration"]) == (2, None)
    assert (said["together"]["predicted"], said["together"]["pairs"]) == (14, report.pairs)
    found = bob_["report"]["calibration"]
    for number in ("mean", "low", "high"):
        assert signed(found["bias"][number], language) in page
    assert found["bias"]["in_words"] in own
    compared = found["comparison"]
    for number in ("mean_error", "naive_error"):
        assert signed(compared[number], language).strip("+−") in page
    assert f"{signed(compared['skill_percent'], language)}%" in page
    assert signed(found["predicted"]["nps"], language) in own
    assert signed(found["actual_nps"], language) in own
    assert [row["predicted"] for row in found["bands"]] == ["promoter", "passive", "detractor"]
    assert sum(row["given"]["promoters"] for row in found["bands"]) == found["actual"]["promoters"]


@pytest.mark.usefixtures("predictions")
def test_calibration_is_of_a_period(crm: Program) -> None:
    early = ask(crm, CALIBRATION, since="2026-01-01", until="2026-02-01")

    assert (early["together"]["pairs"], early["together"]["calibration"]) == (0, None)


def test_owner_who_wants_no_comparison_gets_none(
    crm: Program, fietsenzo: Seller, market: Market
) -> None:
    fietsenzo.compares_agents = False
    fietsenzo.save()

    answer = crm.get(CALIBRATION)

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "not_compared"


@pytest.mark.usefixtures("dirk")
def test_other_shop_sees_its_own(register: Register, other_shop: Seller, market: Market) -> None:
    market.response(3, submitted_at=NOW - DAY)
    program = with_token(register(seller=other_shop))

    assert {month["n"] for month in ask(program, MONTHS)} == {0}
    assert ask(program, MEASUREMENTS)["results"] == []
    assert ask(program, FUNNEL)["closed"] == 0
    assert ask(program, SEGMENTS)["total"]["n"] == 0
    assert SurveyResponse.objects.count() == 1
    assert ask(program, CALIBRATION)["together"]["predicted"] == 0


def _written(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def test_response_is_that_of_the_page(crm: Program, cora_s: Client, market: Market) -> None:
    for number in range(25):
        market.response(10, submitted_at=datetime(2026, 2, 10, number % 24, tzinfo=UTC))
    for _ in range(110):
        market.invitation(market.closing(closed_at=datetime(2026, 2, 8, tzinfo=UTC)))

    month = ask(crm, f"{MONTHS}2026-02/")
    page = words(cora_s, f"{TAB}response/?month=2026-02")

    web = {"channel": "web", "sent": 135, "answered": 25}
    assert month["response"] == {"sent": 135, "answered": 25, "channels": [web], "customers": 25}
    sentence = "19 of every 100 customers answered."
    assert sentence in month["in_words"]
    assert sentence in page
    assert "135 25 19%" in page


def test_places_are_those_of_the_page(
    crm: Program, cora_s: Client, fietsenzo: Seller, language: str
) -> None:
    few = ask(crm, PEERS, language)
    _open_others(fietsenzo, 9)

    said = ask(crm, PEERS, language)
    places = cora_s.get(f"{TAB}peers/").context["peers"].rank.places

    assert (few["shops"], few["n"], few["places"]) == (0, 0, None)
    assert (said["since"], said["until"]) == ("2025-03-01", "2026-02-28")
    assert (said["shops"], said["n"]) == (10, 25)
    assert said["places"]["in_words"] in words(cora_s, f"{TAB}peers/")
    assert said["places"]["too_close_to_call"] is False
    ends = (said["places"]["best"], said["places"]["worst"])
    assert (*ends, said["places"]["percents"]) == (1, places.worst, None)


@pytest.mark.usefixtures("owner_db")
def test_places_among_a_hundred_are_percents(
    crm: Program, cora_s: Client, fietsenzo: Seller
) -> None:
    _open_others(fietsenzo, 99)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE surveys_surveyresponse")  # else it plans for an empty table

    said = ask(crm, PEERS)["places"]
    places = cora_s.get(f"{TAB}peers/").context["peers"].rank.places

    assert (said["best"], said["worst"]) == (None, None)
    assert said["percents"] == [0, places.percents[1]]


def _open_others(mine: Seller, number: int) -> None:
    """Let customers of this shop be happier than those of so many others."""
    cache.clear()
    moment = datetime(2026, 2, 10, tzinfo=UTC)
    imported(mine, *[10] * 25, submitted_at=moment)
    for place in range(number):
        shop = Seller.objects.create(
            name=f"Other {place}", country="NL", contact_email="a@b.example", joined_on=NOW.date()
        )
        imported(shop, *[10] * (place % 20), *[0] * (25 - place % 20), submitted_at=moment)


def test_places_are_not_told_where_the_marketplace_wants_none(
    crm: Program, settings: LazySettings
) -> None:
    settings.PEER_BENCHMARK = False

    assert crm.get(PEERS).status_code == 404
