"""An independent recount: every way to see a number shows what the raw rows say.

Nothing here uses the product's own arithmetic, zones, or reports. `RECOUNTS=200` recounts that
many shops × months instead of a few.
"""

import csv
import io
import json
import math
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.test import Client
from time_machine import travel

from insights.keeping import keep_counts
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Membership, Seller, User
from surveys.exclusions import exclude, lift
from surveys.models import ResponseTopic, SurveyResponse, Topic
from tests.measurements import an_import

RECOUNTS = int(os.environ.get("RECOUNTS", "8"))
SHOPS = max(3, RECOUNTS // 12)
MONTHS = 24
SIZES = [0, 0, 1, 2, 24, 25, 26, 60]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # the 23rd in Amsterdam
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Expected:
    """What the raw rows of one shop and month say."""

    month: date
    scores: list[int]
    excluded: int
    imported: bool
    standard: int | None
    minimum: int | None
    pks: set[int]
    ticked: dict[str, list[tuple[int, int]]]

    @property
    def promoters(self) -> int:
        """Return how many gave a 9 or 10."""
        return sum(score >= 9 for score in self.scores)

    @property
    def detractors(self) -> int:
        """Return how many gave 0 to 6."""
        return sum(score <= 6 for score in self.scores)

    @property
    def passives(self) -> int:
        """Return how many gave a 7 or 8."""
        return len(self.scores) - self.promoters - self.detractors

    @property
    def exact(self) -> Fraction | None:
        """Return the NPS, or None when nobody answered."""
        if not self.scores:
            return None
        return Fraction(100 * (self.promoters - self.detractors), len(self.scores))

    @property
    def displayed(self) -> Decimal | None:
        """Return the NPS rounded as people read it."""
        exact, standard = self.exact, self.standard
        if exact is None:
            return None
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        if standard is None or exact.denominator == 1 or not -1 < exact - standard < 1:
            return number.quantize(Decimal(1), ROUND_HALF_UP)
        tenth = number.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return tenth - Decimal("0.1") if exact < standard <= tenth else tenth

    @property
    def shares(self) -> list[int] | None:
        """Return whole percentages that add up to 100, by the largest remainder."""
        if not self.scores:
            return None
        exact = [
            Fraction(100 * count, len(self.scores))
            for count in (self.promoters, self.passives, self.detractors)
        ]
        shares = [math.floor(part) for part in exact]
        order = sorted(range(3), key=lambda place: (shares[place] - exact[place], place))
        for place in order[: 100 - sum(shares)]:
            shares[place] += 1
        return shares

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the adjusted Wald interval (Rocks, 2016)."""
        if not self.scores:
            return None
        n = len(self.scores) + 3
        p, d = (self.promoters + 0.75) / n, (self.detractors + 0.75) / n
        half = 1.96 * math.sqrt((p + d - (p - d) ** 2) / n)
        return max(-100, 100 * (p - d - half)), min(100, 100 * (p - d + half))

    @property
    def verdict(self) -> str:
        """Return how the NPS compares with the standard, empty when it does not."""
        if self.exact is None or self.standard is None or self.minimum is None:
            return ""
        if len(self.scores) < self.minimum:
            return "too_few"
        return "met" if self.exact >= self.standard else "not_met"


@pytest.fixture(autouse=True)
def _late_in_november() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


def signed(number: Decimal | float) -> str:
    """Return a number as an English page writes it."""
    return f"{number:+}".replace("-", MINUS) if number else "0"


def shop_with_history(number: int, chance: random.Random) -> tuple[Seller, User]:
    """Store a shop with measurements over two years, some excluded, some of the marketplace's."""
    shop = Seller.objects.create(
        name=f"Café Ëmma {number}",
        country="NL",
        contact_email="a@b.example",
        joined_on=date(2020, 1, 1),
    )
    owner = User.objects.create_user(f"owner{number}@shop.example", name="Owner", language="en")
    Membership.objects.create(user=owner, seller=shop, role=Role.OWNER)
    happiness = chance.random()
    moments = [moment for month in range(MONTHS) for moment in moments_in(month, chance)]
    half = len(moments) // 2
    store(shop, moments[:half], happiness, chance)
    keep_counts()  # so that a part is kept and a part is counted live
    store(shop, moments[half:], happiness, chance)
    responses = list(SurveyResponse.objects.filter(seller=shop))
    for response in chance.sample(responses, len(responses) // 15):
        exclusion = exclude(response, reason="Storm", by=Actor.user(owner), now=NOW)
        if chance.random() < 0.3:
            lift(exclusion, by=Actor.user(owner), now=NOW)
    return shop, owner


def moments_in(months_ago: int, chance: random.Random) -> Iterator[datetime]:
    """Yield moments in one of the last 24 months, the very first and last ones often."""
    year, month = divmod(12 * NOW.year + NOW.month - 1 - months_ago, 12)
    begin = datetime(year, month + 1, 1, tzinfo=AMSTERDAM).astimezone(UTC)
    after = datetime(year + month // 11, (month + 1) % 12 + 1, 1, tzinfo=AMSTERDAM).astimezone(UTC)
    end = min(after, NOW)
    for _ in range(chance.choice(SIZES)):
        seconds = chance.choice([0, 1, (end - begin).total_seconds() - 1, None])
        if seconds is None:
            seconds = chance.random() * (end - begin).total_seconds()
        yield begin + timedelta(seconds=seconds)


def store(shop: Seller, moments: list[datetime], happiness: float, chance: random.Random) -> None:
    """Store a measurement at each moment, with any number of topics."""
    topics = list(Topic.objects.order_by("pk"))
    with an_import(now=NOW) if moments else nullcontext() as batch_pk:
        stored = SurveyResponse.objects.bulk_create(
            SurveyResponse(
                seller=shop,
                external_id=f"{moment.timestamp()}-{place}",
                score=chance.choice([10, 9, 9, 8] if chance.random() < happiness else range(11)),
                submitted_at=moment,
                month=moment.astimezone(AMSTERDAM).date().replace(day=1),
                closed_by="marketplace" if chance.random() < 0.05 else "seller",
                imported_at=NOW,
                batch_id=batch_pk,
            )
            for place, moment in enumerate(moments)
        )
    ResponseTopic.objects.bulk_create(
        ResponseTopic(response=response, topic=topic)
        for response in stored
        for topic in chance.sample(topics, chance.choice([0, 1, 1, 2, 3]))
    )


def recount(shop: Seller, month: date) -> Expected:
    """Count one month of a shop from the raw rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id, r.score, r.submitted_at, r.imported_at IS NOT NULL,
                   EXISTS (SELECT FROM surveys_measurementexclusion e
                            WHERE e.response_id = r.id AND e.lifted_at IS NULL)
              FROM surveys_surveyresponse r
             WHERE r.seller_id = %s AND r.closed_by = 'seller'
            """,
            [shop.pk],
        )
        rows = [
            (pk, score, gone, came)
            for pk, score, at, came, gone in cursor.fetchall()
            if (at.astimezone(AMSTERDAM).year, at.astimezone(AMSTERDAM).month)
            == (month.year, month.month)
        ]
        counting = {pk: score for pk, score, gone, _came in rows if not gone}
        cursor.execute(
            """
            SELECT r.response_id, t.slug
              FROM surveys_responsetopic r JOIN surveys_topic t ON t.id = r.topic_id
             WHERE r.response_id = ANY (%s)
            """,
            [list(counting)],
        )
        pairs = cursor.fetchall()
        last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        today = NOW.astimezone(AMSTERDAM).date()
        cursor.execute(
            """
            SELECT value, minimum_measurements FROM insights_servicestandard
             WHERE valid_from <= %(day)s ORDER BY valid_from DESC LIMIT 1
            """,
            {"day": min(last, today)},
        )
        standard, minimum = cursor.fetchone() or (None, None)
    chosen = Counter(pk for pk, _ in pairs)
    ticked: dict[str, list[tuple[int, int]]] = {}
    for pk, slug in pairs:
        ticked.setdefault(slug, []).append((counting[pk], chosen[pk]))
    return Expected(
        month=month,
        scores=list(counting.values()),
        excluded=len(rows) - len(counting),
        imported=any(came for *_, came in rows),
        standard=standard,
        minimum=minimum,
        pks=set(counting),
        ticked=ticked,
    )


def check_page(browser: Client, expected: Expected) -> None:
    page = unescape(browser.get(f"/queries/nps/?month={expected.month:%Y-%m}").content.decode())
    shown = re.search(r'class="big[^"]*">\s*(.*?)\s*<', page)
    n = len(expected.scores)

    assert shown
    assert ("Imported: among these" in page) == expected.imported
    assert shown[1] == ("–" if expected.displayed is None else signed(expected.displayed))
    assert re.search(rf"[\s>]{n} measurements?\b", page)
    for count, share in zip(
        (expected.promoters, expected.passives, expected.detractors),
        expected.shares or (),
        strict=bool(expected.shares),
    ):
        assert re.search(rf"<strong>{count}</strong> · {share}%", page)


def check_csv(browser: Client, expected: Expected) -> None:
    file = browser.get("/queries/nps/download/months.csv").getvalue().decode()
    found = {row["month"]: row for row in csv.DictReader(io.StringIO(file))}
    row = found[f"{expected.month:%Y-%m}"]

    assert len(found) == MONTHS
    assert row["nps"] == ("" if expected.displayed is None else str(expected.displayed))
    assert row["provisional"] == ("true" if expected.month == date(2026, 11, 1) else "false")
    assert (row["measurements"], row["excluded"], row["imported"]) == (
        str(len(expected.scores)),
        str(expected.excluded),
        str(expected.imported).lower(),
    )
    assert [row["promoters"], row["passives"], row["detractors"]] == [
        str(count) for count in (expected.promoters, expected.passives, expected.detractors)
    ]
    assert [row[f"{band}_percent"] for band in ("promoters", "passives", "detractors")] == [
        str(share) for share in expected.shares or ("", "", "")
    ]
    assert row["standard"] == ("" if expected.standard is None else str(expected.standard))
    assert row["verdict"] == expected.verdict
    assert [int(row[f"score_{score}"]) for score in range(11)] == [
        expected.scores.count(score) for score in range(11)
    ]
    if len(expected.scores) < 5:
        assert (row["interval_low"], row["interval_high"]) == ("", "")
    elif expected.interval:
        for end, name in zip(expected.interval, ("interval_low", "interval_high"), strict=True):
            assert float(row[name]) == pytest.approx(end, abs=0.00501)


def check_xlsx(browser: Client, expected: Expected) -> None:
    file = io.BytesIO(browser.get("/queries/nps/download/months.xlsx").getvalue())
    header, *rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    found = [dict(zip(header, row, strict=True)) for row in rows]
    row = next(row for row in found if row["Month"].date() == expected.month)

    assert len(found) == MONTHS
    assert row["NPS"] == (None if expected.displayed is None else float(expected.displayed))
    assert [row["Measurements"], row["Promoters"], row["Passives"], row["Detractors"]] == [
        len(expected.scores),
        expected.promoters,
        expected.passives,
        expected.detractors,
    ]


def check_json(browser: Client, expected: Expected) -> None:
    answer = json.loads(browser.get("/queries/nps/download/months.json").getvalue())
    row = next(row for row in answer["months"] if row["month"] == f"{expected.month:%Y-%m}")

    assert row["nps"] == (None if expected.displayed is None else float(expected.displayed))
    assert row["measurements"] == len(expected.scores)
    assert row["promoters"] - row["detractors"] == expected.promoters - expected.detractors
    assert (row["verdict"] or "") == expected.verdict
    assert row["imported"] is expected.imported


def check_pdf(browser: Client, expected: Expected) -> None:
    file = io.BytesIO(
        browser.get(f"/queries/nps/report.pdf?month={expected.month:%Y-%m}").getvalue()
    )
    text = pypdf.PdfReader(file).pages[0].extract_text()
    lines = text.splitlines()
    n = len(expected.scores)

    assert ("–" if expected.displayed is None else signed(expected.displayed)) in lines
    assert f"{n} measurement{'s' * (n != 1)}" in lines
    for count, share in zip(
        (expected.promoters, expected.passives, expected.detractors),
        expected.shares or (),
        strict=bool(expected.shares),
    ):
        assert re.search(rf"\b{count} · {share}%", text)
    assert ("corrected" in text) == bool(expected.excluded)
    assert ("imported" in text) == expected.imported
    words = {
        "met": f"Standard {signed(expected.standard or 0)} met",
        "too_few": "Too few for a verdict",
    }
    assert words.get(expected.verdict, "") in [*lines, ""]


def check_measurements(browser: Client, shop: Seller, expected: Expected) -> None:
    last = (expected.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    choice = f"since={expected.month}&until={last}"
    listed = f"/queries/nps/download/measurements.json?{choice}"
    rows = json.loads(browser.get(listed).getvalue())["measurements"]
    pks = dict(SurveyResponse.objects.filter(seller=shop).values_list("external_id", "pk"))

    assert Counter(pks[row["external_id"]] for row in rows) == Counter(expected.pks)
    assert sorted(row["score"] for row in rows) == sorted(expected.scores)


def check_topics(browser: Client, expected: Expected) -> None:
    url = f"/queries/nps/download/topics.json?month={expected.month:%Y-%m}"
    rows: list[dict[str, Any]] = json.loads(browser.get(url).getvalue())["topics"]
    n = len(expected.scores)

    assert sum(Decimal(str(row["contribution"])) for row in rows) == (expected.displayed or 0)
    assert sum(Decimal(str(row["against_average"])) for row in rows) == 0
    for row in rows:
        given = expected.ticked.get(row["topic"])
        if given is None:
            assert row["topic"] in {"other", "none"}
            continue
        signs = [(score >= 9) - (score <= 6) for score, _ in given]
        exact = sum(
            (Fraction(sign, of) for sign, (_, of) in zip(signs, given, strict=True)), Fraction()
        )
        share = sum((Fraction(1, of) for _, of in given), Fraction()) / n
        average = Fraction(100 * (expected.promoters - expected.detractors), n)
        assert abs(row["contribution"] - 100 * exact / n) < 1
        assert abs(row["against_average"] - (100 * exact / n - share * average)) < 1
        assert row["measurements"] == len(given)
    hidden = {slug for slug, given in expected.ticked.items() if len(given) < 5}
    assert {row["topic"] for row in rows} - {"other", "none"} == set(expected.ticked) - hidden


def test_every_way_to_see_a_number_shows_what_the_raw_rows_say(db: None) -> None:
    chance = random.Random(20261122)
    shops = [shop_with_history(number, chance) for number in range(SHOPS)]
    months = [date(2024 + (11 + each) // 12, (11 + each) % 12 + 1, 1) for each in range(MONTHS)]
    pairs = [(shop, owner, month) for shop, owner in shops for month in months]
    seen = Counter[str]()

    for shop, owner, month in chance.sample(pairs, RECOUNTS):
        browser = Client()
        browser.force_login(owner)
        expected = recount(shop, month)
        check_page(browser, expected)
        check_csv(browser, expected)
        check_xlsx(browser, expected)
        check_json(browser, expected)
        check_pdf(browser, expected)
        check_measurements(browser, shop, expected)
        check_topics(browser, expected)
        seen.update(
            [
                f"standard {expected.standard}",
                expected.verdict or "empty",
                "corrected" if expected.excluded else "as answered",
            ]
        )

    print(dict(seen))
    assert {"standard 10", "standard 25"} <= set(seen)
