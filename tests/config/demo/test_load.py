"""A heavy load: queries as many as wished, of customers whom nobody has, all of them found."""

from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command

from config.demo.load import NobodyAnswers, loads
from config.demo.rows import free_pks, store
from insights.integrity import check_all
from queries.models import CustomerQuery, SearchDocument
from queries.search import mentioning
from sellers.models import Seller, User
from tests.conftest import NOON


@pytest.fixture
def staff(db: None) -> User:
    """Somebody of the marketplace."""
    return User.objects.create_user("staff@markt.example", name="Marja", is_staff=True)


def load(shop: Seller, staff: User, *, queries: int) -> None:
    for rows in loads(shop, queries=queries, pks=free_pks(), staff=staff, now=NOON):
        store(rows)


def test_load_has_as_many_queries_as_wished_twice(
    fietsenzo: Seller, other_shop: Seller, dirk: User, bob: User, staff: User
) -> None:
    for shop, queries in ((fietsenzo, 1_000), (fietsenzo, 500), (other_shop, 300)):
        load(shop, staff, queries=queries)

    ours = CustomerQuery.objects.for_seller(fietsenzo)
    assert ours.count() == 1_500
    assert CustomerQuery.objects.for_seller(other_shop).count() == 300
    assert 0 < ours.open().count() < 400
    assert SearchDocument.objects.count() == 1_800
    assert ours.filter(mentioning("bestelling", seller=fietsenzo)).count() > 100
    assert [finding.check.name for finding in check_all() if finding.count] == []


@pytest.fixture
def empty_shop(db: None) -> Seller:
    """A shop in which nobody is yet."""
    return Seller.objects.create(
        name="Leegstand",
        country="NL",
        contact_email="info@leegstand.example",
        joined_on=date(2024, 1, 1),
    )


def test_load_needs_somebody_who_answers(empty_shop: Seller, staff: User) -> None:
    with pytest.raises(NobodyAnswers):
        load(empty_shop, staff, queries=10)


def test_make_load_gives_a_shop_of_the_demo_more(db: None) -> None:
    with time_machine.travel(NOON, tick=False):
        call_command("load_demo", scale=0.01, verbosity=0)
        before = CustomerQuery.objects.count()
        call_command("make_load", queries=100, seller="Nieuwe Bladzijde", verbosity=0)

    assert CustomerQuery.objects.count() == before + 100


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"queries": 0}, "--queries is a number above 0", id="none"),
        pytest.param({"queries": 5}, "There is no shop “Fietsenzo B.V.” here", id="no demo"),
    ],
)
def test_make_load_says_what_is_wrong(db: None, options: dict[str, int], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("make_load", **options)


def test_make_load_says_that_nobody_answers(empty_shop: Seller) -> None:
    User.objects.create_user("staff@demo.example", name="Marja", is_staff=True)

    with pytest.raises(CommandError, match="Nobody of Leegstand may answer"):
        call_command("make_load", queries=5, seller="Leegstand", verbosity=0)
