"""A shop's place among the others, which reveals no other."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from insights.counts import keep_counts
from insights.reports.peers import GUIDELINE, LEAST_SHOPS, MIDDLE_FROM, Rank, compare_with_peers
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.periods import Period
from tests.conftest import Market, text
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

URL = "/queries/nps/peers/"
TODAY = date(2026, 3, 20)
IN_FEBRUARY = datetime(2026, 2, 10, tzinfo=UTC)
FRAGMENT = {"HX-Request": "true"}


def measure(
    shop: Seller, promoters: int, others: int = 0, *, at: datetime = IN_FEBRUARY
) -> list[SurveyResponse]:
    """Import measurements of a shop: so many promoters, so many detractors."""
    return imported(shop, *[10] * promoters, *[0] * others, submitted_at=at)


@pytest.fixture
def others(db: None) -> Callable[..., list[Seller]]:
    """Add shops with 25 measurements, of which so many are promoters'."""

    def added(*promoters: int) -> list[Seller]:
        shops = [
            Seller.objects.create(
                name=f"Other {number}",
                country="NL",
                contact_email="info@other.example",
                joined_on=TODAY,
            )
            for number in range(len(promoters))
        ]
        for shop, promoting in zip(shops, promoters, strict=True):
            measure(shop, promoting, GUIDELINE - promoting)
        return shops

    return added


def rank(shop: Seller) -> Rank:
    """Return the place of a shop that has one."""
    found = compare_with_peers(shop, today=TODAY).rank
    assert found is not None
    return found


# Who is compared


def test_twelve_finished_months_are_compared(fietsenzo: Seller) -> None:
    assert compare_with_peers(fietsenzo, today=TODAY).months == Period.of_months(
        date(2025, 3, 1), date(2026, 2, 1)
    )


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        pytest.param(datetime(2025, 2, 28, 12, tzinfo=UTC), 0, id="too long ago"),
        pytest.param(datetime(2025, 3, 1, 12, tzinfo=UTC), 1, id="the first month"),
        pytest.param(datetime(2026, 2, 28, 12, tzinfo=UTC), 1, id="the last month"),
        pytest.param(datetime(2026, 3, 1, 12, tzinfo=UTC), 0, id="running"),
    ],
)
def test_only_finished_months_count(fietsenzo: Seller, moment: datetime, counted: int) -> None:
    measure(fietsenzo, 1, at=moment)

    assert compare_with_peers(fietsenzo, today=TODAY).measurements == counted


@pytest.mark.parametrize(
    ("other_shops", "is_shown"),
    [
        pytest.param(LEAST_SHOPS - 2, False, id="9 shops"),
        pytest.param(LEAST_SHOPS - 1, True, id="10 shops"),
    ],
)
def test_place_takes_ten_shops(
    fietsenzo: Seller, others: Callable[..., list[Seller]], other_shops: int, is_shown: bool
) -> None:
    measure(fietsenzo, GUIDELINE)
    others(*range(other_shops))

    found = compare_with_peers(fietsenzo, today=TODAY)

    assert found.shops == other_shops + 1
    assert (found.rank is not None) is is_shown


@pytest.mark.parametrize(
    ("measurements", "is_shown"),
    [pytest.param(24, False, id="24"), pytest.param(25, True, id="25")],
)
def test_place_takes_25_measurements_of_the_own(
    fietsenzo: Seller, others: Callable[..., list[Seller]], measurements: int, is_shown: bool
) -> None:
    measure(fietsenzo, measurements)
    others(*range(LEAST_SHOPS))

    found = compare_with_peers(fietsenzo, today=TODAY)

    assert found.measurements == measurements
    assert (found.rank is not None) is is_shown


def test_shops_with_24_measurements_are_no_peers(
    fietsenzo: Seller, others: Callable[..., list[Seller]]
) -> None:
    measure(fietsenzo, GUIDELINE)
    shops = others(*range(LEAST_SHOPS))
    exclude(
        shops[0].responses.first(),  # type: ignore[arg-type]
        reason="Strike.",
        by=Actor.user(User.objects.create_superuser("staff@markt.example", name="Staff")),
        now=timezone.now(),
    )

    assert compare_with_peers(fietsenzo, today=TODAY).shops == LEAST_SHOPS


# Which place


@pytest.mark.parametrize(
    ("promoters", "better_than", "tenth"),
    [
        pytest.param(0, 0, 0, id="level with the lowest"),
        pytest.param(3, 3, 3, id="level with one"),
        pytest.param(10, 9, 9, id="above all"),
    ],
)
def test_place_is_among_the_others(
    fietsenzo: Seller,
    others: Callable[..., list[Seller]],
    promoters: int,
    better_than: int,
    tenth: int,
) -> None:
    measure(fietsenzo, promoters, GUIDELINE - promoters)
    others(*range(9))

    found = rank(fietsenzo)

    assert (found.better_than, found.others, found.tenth) == (better_than, 9, tenth)
    assert found.readable == (better_than, 9)


def test_place_among_equals_is_the_middle(
    fietsenzo: Seller, others: Callable[..., list[Seller]]
) -> None:
    measure(fietsenzo, 2 * 20, 2 * 5)
    others(*[20] * 9)

    found = rank(fietsenzo)

    assert (found.better_than, found.tenth, found.displayed) == (0, 5, 60)


@pytest.mark.parametrize(
    ("better_than", "others", "readable"),
    [
        pytest.param(62, 100, (62, 100), id="100"),
        pytest.param(100, 101, (99, 100), id="101"),
        pytest.param(101, 101, (100, 100), id="all"),
        pytest.param(0, 9999, (0, 100), id="none"),
        pytest.param(6299, 9999, (62, 100), id="never rounded up"),
    ],
)
def test_place_is_given_per_hundred(
    better_than: int, others: int, readable: tuple[int, int]
) -> None:
    found = Rank(
        displayed=Decimal(60), better_than=better_than, others=others, tenth=0, middle=None
    )

    assert found.readable == readable


@pytest.mark.parametrize(
    ("shops", "middle"),
    [
        pytest.param(MIDDLE_FROM - 1, None, id="19 shops"),
        pytest.param(MIDDLE_FROM, (-60, 10), id="20 shops"),
    ],
)
def test_middle_half_is_shown_from_twenty_shops_on(
    fietsenzo: Seller,
    others: Callable[..., list[Seller]],
    shops: int,
    middle: tuple[int, int] | None,
) -> None:
    measure(fietsenzo, 0, GUIDELINE)
    others(*range(1, shops))

    assert rank(fietsenzo).middle == middle


# Once a day


def test_shops_are_counted_once_a_day(
    fietsenzo: Seller,
    others: Callable[..., list[Seller]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    measure(fietsenzo, 20, 5)
    shops = others(*range(LEAST_SHOPS))
    keep_counts()

    with django_assert_num_queries(3):
        first = compare_with_peers(fietsenzo, today=TODAY)
    measure(shops[0], 1000)
    with django_assert_num_queries(0):
        second = compare_with_peers(fietsenzo, today=TODAY)
    tomorrow = compare_with_peers(fietsenzo, today=date(2026, 3, 21))

    assert first == second
    assert first.rank is not None
    assert tomorrow.rank is not None
    assert (first.rank.better_than, tomorrow.rank.better_than) == (10, 9)


# The page


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_page_shows_the_place(
    cora_s: Client,
    fietsenzo: Seller,
    others: Callable[..., list[Seller]],
    headers: dict[str, str],
) -> None:
    measure(fietsenzo, 20, 5)
    others(*range(LEAST_SHOPS))

    page = cora_s.get(URL, headers=headers)

    assert "Better than <strong>10 of 10</strong> other shops" in text(page)
    assert "Your NPS: +60 from 25 measurements" in text(page)
    assert ("<html" in text(page)) is not bool(headers)
    assert "HX-Request" in page["Vary"]


def test_page_never_reveals_another_shop(
    cora_s: Client, fietsenzo: Seller, others: Callable[..., list[Seller]]
) -> None:
    measure(fietsenzo, 25)
    others(*range(3, 24))  # −76, −68, −60, …, +84
    revealing = {"−76", "−68", "−52", "−44", "−36", "−28", "+12", "+28", "+36", "+44", "+76", "+84"}

    page = text(cora_s.get(URL))

    assert "Half of all shops score between about −35 and +50." in page
    assert "Other" not in page.replace("Other shops", "")
    assert not [score for score in revealing if score in page]


def test_page_says_what_is_missing(
    cora_s: Client, fietsenzo: Seller, others: Callable[..., list[Seller]]
) -> None:
    measure(fietsenzo, 24)
    few = text(cora_s.get(URL))
    cache.clear()
    measure(fietsenzo, 1)
    alone = text(cora_s.get(URL))
    cache.clear()
    others(*range(LEAST_SHOPS))
    enough = text(cora_s.get(URL))

    assert "You have 24 measurements in these twelve months. From 25 on" in few
    assert "Fewer than 10 shops have measurements enough" in alone
    assert "Better than" not in few + alone
    assert "Better than" in enough


def test_place_that_is_reached_during_the_day_comes_tomorrow(
    cora_s: Client, fietsenzo: Seller, others: Callable[..., list[Seller]]
) -> None:
    measure(fietsenzo, 24)
    others(*range(LEAST_SHOPS))
    cora_s.get(URL)

    measure(fietsenzo, 1)

    assert "your place appears here tomorrow" in text(cora_s.get(URL))


def test_place_is_hidden_where_the_marketplace_wants_none(
    cora_s: Client, settings: LazySettings, market: Market
) -> None:
    assert cora_s.get(URL).status_code == 200
    settings.PEER_BENCHMARK = False

    assert cora_s.get(URL).status_code == 404
    assert cora_s.get(URL, headers=FRAGMENT).status_code == 404


@pytest.mark.parametrize("wanted", [True, False])
def test_tab_offers_the_place_where_the_marketplace_wants_it(
    cora_s: Client, settings: LazySettings, wanted: bool
) -> None:
    settings.PEER_BENCHMARK = wanted

    assert (URL in text(cora_s.get("/queries/nps/"))) is wanted
