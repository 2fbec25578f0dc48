"""Which words customers use, and which of them detractors use more than promoters."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from math import comb
from random import Random

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from insights.chance import beyond_chance, share_p_value
from insights.filters import MeasurementFilter
from insights.reports import words
from insights.reports.words import Use, Word, WordReport, word_report
from queries.enums import ActorType
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.periods import Period
from surveys.privacy import erase_words
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

PAGE = "/queries/nps/words/"
FILE = "/queries/nps/download/words"
LIST = "/queries/nps/measurements/"
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
TODAY = date(2026, 3, 20)
IN_FEBRUARY = datetime(2026, 2, 14, 12, tzinfo=UTC)

groups = st.integers(min_value=25, max_value=60).flatmap(
    lambda size: st.tuples(st.integers(min_value=0, max_value=size), st.just(size))
)


class Writing:
    """Lets customers write."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def __call__(
        self,
        reason: str,
        *scores: int,
        language: str = "en",
        at: datetime = IN_FEBRUARY,
        customer: Customer | None = None,
        closed_by: ActorType = ActorType.SELLER,
    ) -> list[SurveyResponse]:
        """Let customers, or one, give these scores for a reason."""
        return [
            self.market.response(
                score,
                customer=customer or self.market.new_customer(language=language),
                submitted_at=at,
                closed_by=closed_by,
                reason=reason,
            )
            for score in scores
        ]

    def each_month(self, reason: str, months: int) -> None:
        """Let one customer write the same so many months, as often as one is asked."""
        regular = self.market.new_customer()
        for month in reversed(range(months)):
            self(reason, 2, customer=regular, at=IN_FEBRUARY - 31 * month * DAY)


@pytest.fixture
def write(market: Market) -> Writing:
    """Let customers of Fietsenzo write."""
    return Writing(market)


def found(report: WordReport) -> dict[str, tuple[int, int]]:
    """Return how many detractors and promoters used each word."""
    return {word.word: (word.have.detractors, word.have.promoters) for word in report.words}


def february(seller: Seller) -> WordReport:
    """Return the words of February, which is over."""
    return word_report(seller, period=FEBRUARY, today=TODAY)


def test_words_are_counted_once_a_remark_in_all_their_forms(
    write: Writing, fietsenzo: Seller
) -> None:
    write("The delivery was late, and delivered at the wrong house!", *[2] * 3)
    write("Delivered. DELIVERED!", *[10] * 2)
    write("Late deliveries", 8)  # a passive, who is not compared

    report = february(fietsenzo)

    assert found(report) == {"delivered": (3, 2)}
    assert report.remarks == Use(3, 2)
    (word,) = report.words
    assert word.have == Use(3, 2, 3, 2, 5)
    assert (word.detractor_percentage, word.promoter_percentage) == (100, 100)


def test_languages_are_counted_apart(write: Writing, fietsenzo: Seller) -> None:
    write("De bezorging was te laat", *[2] * 5, language="nl")
    write("Snel bezorgd, bezorging top, te doen", *[10] * 5, language="nl")
    write("The bezorging was late", *[1] * 6)

    report = february(fietsenzo)

    assert {(word.word, word.language.value, word.have.detractors) for word in report.words} == {
        ("bezorging", "nl", 5),
        ("laat", "nl", 5),
        ("bezorging", "en", 6),
        ("late", "en", 6),
    }
    assert {word.all.detractors for word in report.words if word.language == "nl"} == {5}
    assert report.languages == 2


def test_word_of_fewer_than_5_customers_is_not_shown(write: Writing, fietsenzo: Seller) -> None:
    write("broken", *[2] * 4)
    write.each_month("broken", 9)
    write("bent", *[2] * 3)
    write.each_month("bent", 9)

    assert found(word_report(fietsenzo, period=None, today=TODAY)) == {"broken": (13, 0)}


def test_only_what_counts_in_these_days_is_read(
    write: Writing, other_market: Market, fietsenzo: Seller, alice: User
) -> None:
    write("broken", *[2] * 5)
    write("broken", 2, at=datetime(2026, 1, 31, 22, 59, tzinfo=UTC))
    write("broken", 2, at=datetime(2026, 2, 28, 23, tzinfo=UTC))
    write("broken", 2, closed_by=ActorType.MARKETPLACE)
    Writing(other_market)("broken", *[2] * 5)
    (struck,) = write("broken", 2)
    exclude(struck, reason="Strike", by=Actor.user(alice), now=NOW)
    imported(fietsenzo, *[2] * 5, submitted_at=IN_FEBRUARY, reason="broken")

    assert found(february(fietsenzo)) == {"broken": (5, 0)}


def test_erased_remark_never_counts(write: Writing, fietsenzo: Seller) -> None:
    (first, *_rest) = write("broken", *[2] * 6)
    assert found(february(fietsenzo)) == {"broken": (6, 0)}

    erase_words(SurveyResponse.objects.filter(pk=first.pk), by=Actor.SYSTEM, now=NOW)
    report = february(fietsenzo)

    assert found(report) == {"broken": (5, 0)}
    assert report.remarks == Use(5, 0)


def test_list_by_a_word_has_what_was_counted_when_there_are_very_many_remarks(
    write: Writing, cora_s: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_REMARKS", 6)
    write("broken", *[2] * 5, at=IN_FEBRUARY - 5 * DAY)
    write("broken", *[2] * 5, at=IN_FEBRUARY)
    asked = {"since": "2026-02-01", "until": "2026-02-28"}

    [word] = cora_s.get(PAGE, asked).context["words"].words
    listed = cora_s.get(LIST, {**asked, "word": "broken", "band": "detractor"})
    linked = cora_s.get(f"{LIST}?{word.link}&band=detractor")
    other = cora_s.get(LIST, asked)

    assert word.have.detractors == listed.context["measurements"].number == 5
    assert linked.context["measurements"].number == 5
    assert "the word is looked for from 10 February 2026 on." in text(listed)
    assert "is looked for" not in text(linked) + text(other)
    assert other.context["measurements"].number == 10


def test_number_address_and_link_are_no_words(write: Writing, fietsenzo: Seller) -> None:
    write("2026-17 0612345678 me@mail.example https://a.example/b broken", *[2] * 5)

    assert found(february(fietsenzo)) == {"broken": (5, 0)}


@pytest.mark.parametrize(
    ("detractors", "promoters", "sure"),
    [
        pytest.param(20, 2, True, id="more"),
        pytest.param(20, 18, False, id="chance"),
        pytest.param(2, 20, False, id="fewer"),
    ],
)
def test_word_is_marked_when_detractors_use_it_more_than_chance(
    write: Writing, fietsenzo: Seller, detractors: int, promoters: int, sure: bool
) -> None:
    write("late", *[2] * detractors, *[10] * promoters)
    write("fine", *[2] * (30 - detractors), *[10] * (30 - promoters))

    marked = {word.word: word.is_sure for word in february(fietsenzo).words}
    running = word_report(fietsenzo, period=Period(date(2026, 2, 1), TODAY), today=TODAY)

    assert marked == {"late": sure, "fine": detractors == 2}
    assert not any(word.is_sure for word in running.words)  # it may still go either way
    assert not running.is_over


def test_nothing_is_claimed_below_25_customers(write: Writing, fietsenzo: Seller) -> None:
    write("late", *[2] * 24)
    write("fine", *[10] * 30)

    assert not february(fietsenzo).claims


def test_remarks_of_one_customer_prove_nothing(write: Writing, fietsenzo: Seller) -> None:
    write("late", *[2] * 4)
    write.each_month("late", 9)
    write("bad", *[2] * 25)
    write("fine", *[10] * 30)

    report = word_report(fietsenzo, period=None, today=TODAY)

    assert {word.word: word.is_sure for word in report.words} == {
        "late": False,
        "bad": True,
    }
    assert found(report)["late"] == (13, 0)


def test_what_detractors_use_more_comes_first_then_what_they_use_most(
    write: Writing, fietsenzo: Seller
) -> None:
    write("waited broken service", *[2] * 20)
    write("waited service", *[2] * 20)
    write("service", *[10] * 40)

    assert [(word.word, word.is_sure) for word in february(fietsenzo).words] == [
        ("waited", True),
        ("broken", True),
        ("service", False),
    ]


def test_word_of_many_comes_before_one_of_few_in_another_language(
    write: Writing, fietsenzo: Seller
) -> None:
    write("late", *[2] * 30)
    write("fine", *[10] * 30)
    write("bezorging", *[2] * 40, language="nl")
    write("antwoord", *[2] * 40, *[10] * 30, language="nl")

    marked = [(word.word, word.detractor_percentage) for word in february(fietsenzo).words]

    assert marked[:2] == [("bezorging", 50), ("late", 100)]


@pytest.mark.parametrize("size", [40, 400])
def test_where_nothing_differs_nothing_is_claimed(size: int) -> None:
    """At most one family of words in 200 claims something by luck."""
    rng, claims = Random(size), 0
    for _family in range(400):
        rates = [rng.uniform(0.02, 0.4) for _word in range(40)]
        uses = [
            [sum(rng.random() < rate for _ in range(size)) for _side in range(2)] for rate in rates
        ]
        found = beyond_chance(
            {
                place: share_p_value(one, size, other, size)
                for place, (one, other) in enumerate(uses)
            },
            alpha=words.FAMILY_ALPHA,
        )
        claims += bool(found)

    assert claims <= 5


def test_only_some_words_are_shown(
    write: Writing, fietsenzo: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_WORDS", 2)
    write("waited broken service", *[2] * 5)
    write("broken service", 2)

    assert found(february(fietsenzo)) == {"broken": (6, 0), "service": (6, 0)}


def listed(word: Word, band: str, seller: Seller) -> int:
    """Return how many measurements the list shows when a count is followed."""
    mine = SurveyResponse.objects.for_seller(seller)
    request = RequestFactory().get("/")
    request.seller = seller  # type: ignore[attr-defined]
    chosen = MeasurementFilter(QueryDict(f"{word.link}&band={band}"), mine, request=request)
    assert chosen.is_valid()
    return chosen.qs.count()


def test_every_count_leads_to_as_many_rows(write: Writing, fietsenzo: Seller, alice: User) -> None:
    remarks = ("Bezorging te laat, laat bezorgd", "Te laat; niet geleverd", "Snel! Bezorgd.")
    for number, reason in enumerate(3 * remarks):
        write(reason, 2, 10, 8, language="nl")
        write(f"Delivery {reason}", number, 10 - number)
        write(reason, 3, at=IN_FEBRUARY - 30 * DAY)
    exclude(write(remarks[0], 2)[0], reason="Strike", by=Actor.user(alice), now=NOW)
    imported(fietsenzo, 2, submitted_at=IN_FEBRUARY, reason=remarks[0])

    report = february(fietsenzo)

    assert len(report.words) >= 8
    for word in report.words:
        assert listed(word, "detractor", fietsenzo) == word.have.detractors
        assert listed(word, "promoter", fietsenzo) == word.have.promoters


def test_count_on_the_page_leads_to_as_many_rows(cora_s: Client, write: Writing) -> None:
    write("The delivery was late", *[2] * 7, *[10] * 3)

    page = cora_s.get(PAGE)
    (late, _other) = page.context["words"].words
    url = f"/queries/nps/measurements/?{late.link}&band=detractor"
    shown = cora_s.get(url).context["measurements"]

    assert url.replace("&", "&amp;") in page.content.decode()
    assert shown.number == 7
    assert len(shown.page.rows) == 7
    assert "Word: delivery" in [choice.label for choice in shown.chosen]


def test_without_a_period_twelve_finished_months_are_read(
    write: Writing, fietsenzo: Seller
) -> None:
    write("broken", *[2] * 5, at=datetime(2025, 3, 1, tzinfo=UTC))
    write("broken", 2, at=datetime(2025, 2, 28, 22, 59, tzinfo=UTC))
    write("broken", 2, at=datetime(2026, 2, 28, 23, tzinfo=UTC))

    report = word_report(fietsenzo, period=None, today=TODAY)

    assert report.period == Period(date(2025, 3, 1), date(2026, 2, 28))
    assert report.is_over
    assert found(report) == {"broken": (5, 0)}


def test_of_very_many_remarks_the_days_of_the_latest_are_read(
    write: Writing, fietsenzo: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_REMARKS", 6)
    for day in range(4):
        write("broken", *[2] * 3, at=IN_FEBRUARY + day * DAY)

    report = february(fietsenzo)

    assert report.period == Period(date(2026, 2, 16), date(2026, 2, 28))
    assert found(report) == {"broken": (6, 0)}
    assert listed(report.words[0], "detractor", fietsenzo) == 6


def test_last_day_is_read_however_much_there_is(
    write: Writing, fietsenzo: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_REMARKS", 2)
    day = Period(IN_FEBRUARY.date(), IN_FEBRUARY.date())
    write("broken", *[2] * 5)

    report = word_report(fietsenzo, period=day, today=TODAY)

    assert report.period == day
    assert found(report) == {"broken": (5, 0)}


@given(groups, groups)
@example((600, 5_000), (400, 5_000))
@example((400, 5_000), (600, 5_000))
def test_share_is_tested_exactly(one: tuple[int, int], other: tuple[int, int]) -> None:
    (have, of), (other_have, of_other) = one, other
    both = have + other_have
    ways = sum(
        comb(of, more) * comb(of_other, both - more) for more in range(have, min(of, both) + 1)
    )

    p = share_p_value(have, of, other_have, of_other)

    assert p == pytest.approx(float(Fraction(ways, comb(of + of_other, both))), rel=1e-9)


def test_share_of_few_is_not_tested() -> None:
    assert share_p_value(24, 24, 0, 1_000) is None
    assert share_p_value(500, 1_000, 0, 24) is None


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_database_as_often_for_many_as_for_one(
    cora_s: Client,
    write: Writing,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    write(" ".join(("broken", "late", "rude")[:count]), *[2] * 5)

    with django_assert_num_queries(8):
        page = cora_s.get(PAGE)

    assert len(page.context["words"].words) == count


@pytest.mark.parametrize("person", ["alice", "bob", "cora"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_page_shows_the_words_to_every_colleague(
    request: pytest.FixtureRequest,
    client: Client,
    write: Writing,
    person: str,
    headers: dict[str, str],
) -> None:
    write("broken", *[2] * 5)
    client.force_login(request.getfixturevalue(person))

    page = client.get(PAGE, headers=headers)

    assert page.status_code == 200
    assert "broken" in text(page)
    assert ("<html" in text(page)) is not headers
    assert "HX-Request" in page["Vary"]


def test_page_shows_another_shop_nothing_of_ours(
    log_in: Callable[[User], Client], dirk: User, write: Writing
) -> None:
    write("broken", *[2] * 5)

    page = log_in(dirk).get(PAGE)

    assert "broken" not in text(page)
    assert "No remarks in these days" in text(page)


def test_page_says_why_there_is_nothing(cora_s: Client, write: Writing) -> None:
    write("broken", *[2] * 4)

    page = text(cora_s.get(PAGE))

    assert "No word is used by 5 customers" in page
    assert "broken" not in page


@pytest.mark.parametrize(
    ("asked", "period", "current"),
    [
        ("", Period(date(2025, 3, 1), date(2026, 2, 28)), "year"),
        ("?month=2026-02", FEBRUARY, "month"),
        ("?month=2026-03", Period(date(2026, 3, 1), date(2026, 3, 31)), "month"),
        ("?since=2026-02-03&until=2026-02-14", Period(date(2026, 2, 3), date(2026, 2, 14)), ""),
        ("?month=1999-01", Period(date(2025, 3, 1), date(2026, 2, 28)), "year"),
        ("?since=2026-02-03", Period(date(2025, 3, 1), date(2026, 2, 28)), "year"),
    ],
)
def test_page_is_of_the_days_asked_for(
    cora_s: Client, asked: str, period: Period, current: str
) -> None:
    page = cora_s.get(PAGE + asked)

    assert page.context["words"].period == period
    assert [pill.name for pill in page.context["pills"] if pill.current] == [current] * bool(
        current
    )


def test_file_has_what_the_page_has(cora_s: Client, write: Writing) -> None:
    write("The delivery was late", *[2] * 30, *[10] * 3)
    write("fine", *[10] * 27)

    page = cora_s.get(f"{PAGE}?month=2026-02")
    file = cora_s.get(f"{FILE}.json?since=2026-02-01&until=2026-02-28")

    assert "nps-words-fietsenzo-2026-02.json" in file["Content-Disposition"]
    rows = json.loads(file.getvalue())["words"]
    assert [row["word"] for row in rows] == [word.word for word in page.context["words"].words]
    assert rows[0] == {
        "word": "delivery",
        "language": "en",
        "detractors": 30,
        "detractor_remarks": 30,
        "promoters": 3,
        "promoter_remarks": 30,
        "customers": 33,
        "more_than_promoters": True,
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("month=2019-01", "2019-01"),
        ("since=2026-02-01", "both of its days"),
        ("since=2026-02-14&until=2026-02-01", "both of its days"),
    ],
)
def test_file_of_days_that_are_none_is_refused(cora_s: Client, asked: str, said: str) -> None:
    file = cora_s.get(f"{FILE}.csv?{asked}")

    assert file.status_code == 400
    assert said in file.content.decode()
