"""Staff's overview of all shops against the standard."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from sellers.models import Seller, User
from tests.conftest import NOON, Market, admin_url, text

OVERVIEW = reverse("admin:shop_scores")
DOWNLOAD = reverse("admin:shop_scores_download")


@pytest.fixture
def today() -> Iterator[date]:
    """Stop the clock."""
    with travel(NOON, tick=False):
        yield NOON.date()


def listed(page: HttpResponse) -> list[str]:
    """Return the names of the shops on a page of the overview."""
    return [shop.name for shop in page.context["page"]]


def measured(market: Market, *scores: int, at: datetime = NOON) -> None:
    """Let customers of a shop give these scores."""
    for score in scores:
        market.response(score, submitted_at=at)


def test_overview_is_linked_from_the_index(staff_s: Client) -> None:
    index = staff_s.get(reverse("admin:index"))

    assert f'<a href="{OVERVIEW}"' in text(index)


def test_overview_is_all_there_is_for_who_may_view_nothing_else(db: None, client: Client) -> None:
    analyst = User.objects.create_user(
        "analyst@markt.example", name="Analyst", language="en", is_staff=True
    )
    client.force_login(analyst)
    index, insights = reverse("admin:index"), reverse("admin:app_list", args=["insights"])
    before = [client.get(index), client.get(insights)]
    analyst.user_permissions.add(Permission.objects.get(codename="view_shopscore"))

    after = [client.get(index), client.get(insights)]

    assert [page.status_code for page in before] == [200, 404]
    assert OVERVIEW not in text(before[0])
    for page in after:
        assert [app["app_label"] for app in page.context["app_list"]] == ["insights"]
        assert f'<a href="{OVERVIEW}">Shop scores</a>' in text(page)


def test_overview_is_listed_in_the_app_it_is_of(staff_s: Client) -> None:
    others = staff_s.get(reverse("admin:app_list", args=["sellers"]))

    names = [str(model["name"]) for app in others.context["app_list"] for model in app["models"]]
    assert "Shop scores" not in names
    assert {"Holidays", "Sellers", "Users"} <= set(names)


def test_overview_has_no_page_for_sellers(log_in: Callable[[User], Client], alice: User) -> None:
    page = log_in(alice).get(OVERVIEW)

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("path", [OVERVIEW, DOWNLOAD])
def test_overview_is_for_who_may_view_it(db: None, client: Client, path: str) -> None:
    user = User.objects.create_user("analyst@markt.example", name="Analyst", is_staff=True)
    client.force_login(user)
    refused = client.get(path)
    user.user_permissions.add(Permission.objects.get(codename="view_shopscore"))

    allowed = client.get(path)

    assert (refused.status_code, allowed.status_code) == (403, 200)


def test_overview_opens_sellers_for_who_may_view_them(client: Client, market: Market) -> None:
    link = f'<a href="{admin_url(Seller, "change", market.shop.pk)}">Fietsenzo</a>'
    analyst = User.objects.create_user("analyst@markt.example", name="Analyst", is_staff=True)
    analyst.user_permissions.add(Permission.objects.get(codename="view_shopscore"))

    client.force_login(analyst)
    without = text(client.get(OVERVIEW))
    analyst.user_permissions.add(Permission.objects.get(codename="view_seller"))
    with_link = text(client.get(OVERVIEW))

    assert link in with_link
    assert "Fietsenzo" in without
    assert link not in without


def test_overview_says_when_there_are_no_sellers(staff_s: Client) -> None:
    page = staff_s.get(OVERVIEW)

    assert "There are no sellers yet." in text(page)
    assert "None" not in text(page)


def test_overview_shows_each_shop_and_the_marketplace(
    staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, *[10] * 25)
    measured(other_market, 0, 10, 10, 8)
    measured(other_market, 9, at=NOON - timedelta(days=30))

    page = staff_s.get(OVERVIEW)

    assert listed(page) == ["Boekenhoek", "Fietsenzo"]
    words = " ".join(text(page).split())
    for expected in ("+100", "+25", "✓ standard met", "too few for a verdict", "−75"):
        assert expected in words
    assert page.context["scores"].total.tally.total == 29
    assert page.context["chart"].shops == 1


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        pytest.param({}, 1, id="running month"),
        pytest.param({"period": "2026-03"}, 1, id="this month"),
        pytest.param({"period": "2026-02"}, 1, id="last month"),
        pytest.param({"period": "days"}, 2, id="28 days"),
        pytest.param({"period": "year"}, 3, id="12 months"),
        pytest.param({"period": "2019-01"}, 1, id="none of 24"),
        pytest.param({"period": "\x00"}, 1, id="no period"),
    ],
)
def test_overview_is_of_the_period_that_is_asked_for(
    staff_s: Client, today: date, market: Market, asked: dict[str, str], total: int
) -> None:
    for days in (0, 20, 100):
        measured(market, 10, at=NOON - timedelta(days=days))

    page = staff_s.get(OVERVIEW, asked)

    assert page.context["scores"].total.tally.total == total


NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Boekenhoek", "Fietsenzo"]),
    ({"sort": "-name"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "nps"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "-measurements"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "password"}, ["Boekenhoek", "Fietsenzo"]),
    ({"q": "FIETS"}, ["Fietsenzo"]),
    ({"q": "nobody"}, []),
    ({"q": "\x00"}, ["Boekenhoek", "Fietsenzo"]),
    ({"verdict": "not_met"}, ["Fietsenzo"]),
    ({"verdict": "too_few"}, ["Boekenhoek"]),
    ({"verdict": "met"}, []),
    ({"verdict": "superb"}, ["Boekenhoek", "Fietsenzo"]),
    ({"page": "99"}, ["Boekenhoek", "Fietsenzo"]),
]


def test_overview_is_sorted_and_narrowed_from_the_url(
    subtests: pytest.Subtests, staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, *[0] * 25)
    measured(other_market, 10)

    for asked, expected in NARROWED:
        with subtests.test(asked=asked):
            page = staff_s.get(OVERVIEW, asked)

            assert page.status_code == 200
            assert listed(page) == expected
            assert ("No shop matches." in text(page)) is not bool(expected)


def test_overview_has_pages_and_headings_that_keep_what_is_asked(
    staff_s: Client, market: Market
) -> None:
    Seller.objects.bulk_create(
        Seller(
            name=f"Winkel {number:03}",
            country="NL",
            contact_email="s@shop.example",
            joined_on=NOON,
        )
        for number in range(150)
    )

    page = staff_s.get(OVERVIEW, {"q": "winkel", "sort": "-name", "page": 2})

    assert len(listed(page)) == 50
    assert listed(page)[-1] == "Winkel 000"
    assert "?q=winkel&sort=-name&page=1" in text(page)
    assert 'aria-sort="descending"><div class="text"><a href="?q=winkel&sort=name">' in text(page)
    assert "150 shops" in text(page)


def test_overview_asks_as_often_for_many_as_for_one(
    staff_s: Client,
    today: date,
    market: Market,
    other_market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(11):  # nothing can be excluded of nothing
        staff_s.get(OVERVIEW)
    measured(market, 3)
    for asked in ({}, {"sort": "-handed_over"}):
        with django_assert_num_queries(12):
            staff_s.get(OVERVIEW, asked)
    measured(market, 9)
    measured(other_market, 3, 10)

    for asked in ({}, {"sort": "-handed_over"}):
        with django_assert_num_queries(12):
            staff_s.get(OVERVIEW, asked)


@pytest.mark.parametrize(
    ("language", "beginning", "row"),
    [
        ("en", "shop,name,measurements,", ",25,25,0,0,100,,25,met"),
        ("nl", "\ufeff", ";25;25;0;0;100;;25;"),
    ],
)
def test_overview_is_downloaded_as_it_is_asked_for(
    staff_s: Client,
    today: date,
    market: Market,
    other_market: Market,
    language: str,
    beginning: str,
    row: str,
) -> None:
    User.objects.filter(is_superuser=True).update(language=language)
    Seller.objects.filter(pk=market.shop.pk).update(name="=Fietsenzo()")
    measured(market, *[10] * 25)

    page = staff_s.get(DOWNLOAD, {"verdict": "met"})
    lines = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert page["Content-Disposition"] == 'attachment; filename="shops-2026-03-2026-03-10.csv"'
    assert lines[0].startswith(beginning)
    assert row in lines[1]
    assert "=Fietsenzo" in lines[1]
    assert not any(cell.startswith("=") for cell in lines[1].replace(";", ",").split(","))
    assert len(lines) == 2


def test_download_has_no_verdict_on_a_shop_without_measurements(
    staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, 10)

    page = staff_s.get(DOWNLOAD)
    _header, silent, few = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert silent == f"{other_market.shop.pk},Boekenhoek,0,0,0,0,,,25,,0,0,0,0,0,0"
    assert few == f"{market.shop.pk},Fietsenzo,1,1,0,0,100,,25,too_few,1,0,1,0,0,0"
