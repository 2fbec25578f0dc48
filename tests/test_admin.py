"""The admin: every page opens, costs the same for many rows as for one, and keeps what happened."""

from datetime import date

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from insights.models import ServiceStandard
from queries.models import Closing, Customer, CustomerQuery
from sellers.models import Membership, Seller, User
from surveys.models import Invitation, SurveyOptOut, SurveyResponse, Topic
from surveys.tokens import token_for
from tests.conftest import NOON, Market

OURS = ("insights", "queries", "sellers", "surveys")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]


@pytest.fixture
def staff_s(db: None, client: Client) -> Client:
    """The browser of a member of the marketplace staff."""
    client.force_login(
        User.objects.create_superuser("staff@markt.example", name="Staff", language="en")
    )
    return client


def address(model: type[Model], page: str, *arguments: object) -> str:
    """Return where the admin has a page of a model."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments)


def make_rows(market: Market, count: int) -> None:
    """Make at least `count` rows of everything the admin shows."""
    for number in range(count):
        response = market.response(3, reason="It never came.")
        SurveyOptOut.objects.create(customer=response.query.customer, opted_out_at=NOON)
        market.new_customer()
        shop = Seller.objects.create(
            name=f"Shop {number}", country="NL", contact_email="s@shop.example", joined_on=NOON
        )
        user = User.objects.create_user(f"{number}@shop.example", name=f"User {number}")
        Membership.objects.create(user=user, seller=shop, role="agent")
        ServiceStandard.objects.create(
            value=number,
            valid_from=date(2000 + number, 1, 1),
            valid_until=date(2001 + number, 1, 1),
            announced_on=date(1999, 1, 1),
            label_nl="Vroeger",
            label_en="Once",
        )


@pytest.mark.parametrize(
    ("model", "queries"),
    [
        pytest.param(ServiceStandard, 5, id="standards"),
        pytest.param(Closing, 6, id="closings"),
        pytest.param(Customer, 4, id="customers"),
        pytest.param(CustomerQuery, 6, id="queries"),
        pytest.param(Seller, 8, id="sellers"),
        pytest.param(User, 5, id="users"),
        pytest.param(Invitation, 6, id="invitations"),
        pytest.param(SurveyOptOut, 5, id="opt-outs"),
        pytest.param(SurveyResponse, 7, id="responses"),
        pytest.param(Topic, 5, id="topics"),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_database_as_often_for_many_as_for_one(
    staff_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    model: type[Model],
    queries: int,
    count: int,
) -> None:
    make_rows(market, count)

    with django_assert_num_queries(queries):
        page = staff_s.get(address(model, "changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count >= count


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_page_opens_and_can_be_searched(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    make_rows(market, 1)
    row = model._default_manager.order_by("-pk").first()
    assert row is not None

    found = staff_s.get(address(model, "changelist"), {"q": "e"})
    page = staff_s.get(address(model, "change", row.pk))

    assert found.status_code == page.status_code == 200


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_invitation_never_shows_its_link(staff_s: Client, market: Market, page: str) -> None:
    invitation = market.invitation()
    arguments = [invitation.pk] if page == "change" else []

    shown = staff_s.get(address(Invitation, page, *arguments)).content.decode()

    assert "Where is my parcel?" in shown
    assert token_for(invitation.token_salt) not in shown
    assert invitation.token_salt not in shown
    assert str(invitation.token_digest) not in shown


@pytest.mark.parametrize("model", [CustomerQuery, Closing, Invitation, SurveyResponse])
def test_what_happened_is_not_changed_added_or_deleted(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    market.response(3)
    row = model._default_manager.get()
    before = model._default_manager.values().get()

    statuses = [
        staff_s.post(address(model, "change", row.pk), {"subject": "x", "score": 10}).status_code,
        staff_s.post(address(model, "delete", row.pk), {"post": "yes"}).status_code,
        staff_s.post(address(model, "add"), {"subject": "x", "score": 10}).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert model._default_manager.values().get() == before


def test_responses_can_be_narrowed_to_a_band(staff_s: Client, market: Market) -> None:
    for score in (0, 8, 10):
        market.response(score)

    page = staff_s.get(address(SurveyResponse, "changelist"), {"band": "passive"})

    assert [response.score for response in page.context["cl"].queryset] == [8]


def test_topic_that_was_ticked_is_not_deleted(staff_s: Client, market: Market) -> None:
    ticked, unused = Topic.objects.order_by("pk")[:2]
    market.response(3).response_topics.create(topic=ticked)

    refused = staff_s.post(address(Topic, "delete", ticked.pk), {"post": "yes"})
    done = staff_s.post(address(Topic, "delete", unused.pk), {"post": "yes"})

    assert (refused.status_code, done.status_code) == (403, 302)
    assert Topic.objects.filter(pk=ticked.pk).exists()
    assert not Topic.objects.filter(pk=unused.pk).exists()


def test_standard_that_overlaps_is_explained(staff_s: Client) -> None:
    page = staff_s.post(
        address(ServiceStandard, "add"),
        {
            "value": 30,
            "minimum_measurements": 25,
            "valid_from": "2026-06-01",
            "announced_on": "2026-03-01",
            "label_nl": "Minstens 30",
            "label_en": "At least 30",
        },
    )

    assert page.status_code == 200
    assert "Another standard holds during" in page.content.decode()
    assert not ServiceStandard.objects.filter(value=30).exists()


def test_new_user_gets_no_password_and_a_lower_case_address(staff_s: Client) -> None:
    staff_s.post(
        address(User, "add"), {"email": "Eva@Shop.example", "name": "Eva", "language": "nl"}
    )

    user = User.objects.get(email="eva@shop.example")
    assert not user.has_usable_password()


def test_user_with_an_address_that_exists_is_explained(staff_s: Client, alice: User) -> None:
    page = staff_s.post(
        address(User, "add"), {"email": "ALICE@fietsenzo.example", "name": "A", "language": "nl"}
    )

    assert page.status_code == 200
    assert "There is already a user with this e-mail address." in page.content.decode()


@pytest.mark.parametrize("user", ["alice", "dirk"])
def test_admin_is_closed_to_sellers(
    request: pytest.FixtureRequest, client: Client, user: str, market: Market
) -> None:
    client.force_login(request.getfixturevalue(user))

    page = client.get(address(SurveyResponse, "changelist"))

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))
