"""A shop's place among the others, which reveals no other."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from random import Random

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from insights.keeping import keep_counts
from insights.reports.peers import (
    GUIDELINE,
    LEAST_SHOPS,
    MIDDLE_FROM,
    Counted,
    Places,
    Rank,
    compare_with_peers,
)
from insights.wording import places_in_words
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.models import SurveyResponse
from surveys.nps import Tally
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


# Between which places


def recounted(tallies: Sequence[tuple[int, int, int]], own: int) -> tuple[int, int]:
    """Compare the interval of a shop with that of each other one."""

    def ends(promoters: int, passives: int, detractors: int) -> tuple[float, float]:
        n = promoters + passives + detractors + 3
        p, d = (promoters + 0.75) / n, (detractors + 0.75) / n
        half = 1.96 * math.sqrt((p + d - (p - d) ** 2) / n)
        return max(-100, 100 * (p - d - half)), min(100, 100 * (p - d + half))

    low, high = ends(*tallies[own])
    others = [ends(*each) for place, each in enumerate(tallies) if place != own]
    above = sum(other_low > high for other_low, _ in others)
    below = sum(other_high < low for _, other_high in others)
    return 1 + above, len(tallies) - below


tallies = st.tuples(*[st.integers(0, 60)] * 3).filter(lambda bands: sum(bands) >= GUIDELINE)


@given(st.lists(tallies, min_size=1, max_size=30))
def test_places_are_those_of_comparing_each_with_each(shops: list[tuple[int, int, int]]) -> None:
    counted = Counted.of({number: Tally(*bands) for number, bands in enumerate(shops)})

    for number, tally in counted.tallies.items():
        assert tally.interval
        places = counted.places(tally.interval)

        assert (places.best, places.worst) == recounted(shops, number)
        assert 1 <= places.best <= places.worst <= places.shops == len(shops)


def test_places_of_a_thousand_shops_are_those_of_comparing_each_with_each() -> None:
    chance = Random(302)
    shops = []
    for _ in range(1000):
        n = chance.choice([25, 60, 200, 1500])
        promoters = chance.randint(0, n)
        shops.append((promoters, chance.randint(0, n - promoters), 0))
        shops[-1] = (*shops[-1][:2], n - sum(shops[-1][:2]))
    counted = Counted.of({number: Tally(*bands) for number, bands in enumerate(shops)})

    for number in chance.sample(range(1000), 50):
        interval = Tally(*shops[number]).interval
        assert interval
        places = counted.places(interval)
        assert (places.best, places.worst) == recounted(shops, number)


@pytest.mark.parametrize(
    "promoters",
    [
        pytest.param(0, id="low"),
        pytest.param(12, id="in the middle"),
        pytest.param(25, id="high"),
    ],
)
def test_place_is_a_range_among_all(
    fietsenzo: Seller,
    others: Callable[..., list[Seller]],
    promoters: int,
) -> None:
    measure(fietsenzo, promoters, GUIDELINE - promoters)
    others(1, 4, 7, 10, 12, 13, 15, 18, 21)

    found = rank(fietsenzo).places

    assert found.shops == 10
    shops = [(given, 0, 25 - given) for given in (promoters, 1, 4, 7, 10, 12, 13, 15, 18, 21)]
    assert (found.best, found.worst) == recounted(shops, 0)


@pytest.mark.parametrize(
    ("places", "percents"),
    [
        pytest.param(Places(3, 9, 14), None, id="14"),
        pytest.param(Places(1, 20, 99), None, id="99"),
        pytest.param(Places(1, 20, 100), (0, 20), id="100"),
        pytest.param(Places(6, 21, 100), (5, 25), id="outward"),
        pytest.param(Places(5, 16, 100), (0, 20), id="both outward"),
        pytest.param(Places(2001, 2499, 5000), (40, 50), id="5,000"),
        pytest.param(Places(4990, 5000, 5000), (95, 100), id="the last"),
    ],
)
def test_places_are_percents_from_a_hundred_shops_on(
    places: Places, percents: tuple[int, int] | None
) -> None:
    assert places.percents == percents


@pytest.mark.parametrize(
    ("places", "english", "dutch"),
    [
        (
            Places(3, 9, 14),
            "Between 3rd and 9th of 14 shops.",
            "Tussen plaats 3 en 9 van 14 winkels.",
        ),
        (Places(1, 1, 14), "1st of 14 shops.", "Plaats 1 van 14 winkels."),
        (
            Places(3, 10, 14),
            "In the middle of 14 shops: too close to call.",
            "In de middenmoot van 14 winkels: te dicht bij elkaar om het preciezer te zeggen.",
        ),
        *(
            (
                places,
                "Too close to call among 14 shops.",
                "Van 14 winkels: te dicht bij elkaar om een plaats te noemen.",
            )
            for places in (Places(1, 9, 14), Places(5, 14, 14), Places(1, 14, 14))
        ),
        (
            Places(30, 120, 1000),
            "Among the highest 15% of 1,000 shops.",
            "Bij de hoogste 15% van 1.000 winkels.",
        ),
        (
            Places(130, 320, 1000),
            "Between the highest 10% and 35% of 1,000 shops.",
            "Tussen de hoogste 10% en 35% van 1.000 winkels.",
        ),
        (
            Places(130, 700, 1000),
            "In the middle of 1,000 shops: too close to call.",
            "In de middenmoot van 1.000 winkels: te dicht bij elkaar om het preciezer te zeggen.",
        ),
    ],
)
def test_places_are_one_sentence(places: Places, english: str, dutch: str) -> None:
    assert places_in_words(places) == english
    with translation.override("nl"):
        assert places_in_words(places) == dutch


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
    measure(fietsenzo, 100, 20)
    shops = others(*range(LEAST_SHOPS))
    keep_counts()

    with django_assert_num_queries(3):
        first = compare_with_peers(fietsenzo, today=TODAY)
    measure(shops[0], 500)
    with django_assert_num_queries(0):
        second = compare_with_peers(fietsenzo, today=TODAY)
    tomorrow = compare_with_peers(fietsenzo, today=date(2026, 3, 21))

    assert first == second
    assert first.rank is not None
    assert tomorrow.rank is not None
    assert first.rank.places == Places(1, 1, 11)
    assert tomorrow.rank.places == Places(2, 2, 11)


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

    assert "<strong>1st of 11 shops.</strong>" in text(page)
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
    assert "of 11 shops" not in few + alone
    assert "of 11 shops" in enough


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
