"""The admin as a whole: every page opens, and costs the same for many rows as for one."""

from datetime import date
from itertools import cycle, islice

import pytest
from django.contrib import admin
from django.db.models import CharField, DateField, Model
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from insights.models import ServiceStandard
from queries.actions import reply
from queries.incoming import receive
from queries.models import Closing, Customer, CustomerMail, CustomerQuery, IncomingMail, Order
from sellers.actions import make_client, send_test
from sellers.enums import HolidayKind, Scope
from sellers.events import Actor
from sellers.models import (
    ApiClient,
    HolidayChange,
    Membership,
    RefusedAddress,
    Seller,
    User,
    Webhook,
    WebhookDelivery,
)
from sellers.notices import notify
from surveys.enums import ConsentWay, ContactKind
from surveys.exclusions import exclude
from surveys.models import (
    Approach,
    ImportBatch,
    Improvement,
    Invitation,
    MeasurementExclusion,
    QuoteConsent,
    Referral,
    SurveyOptOut,
    SurveyResponse,
    Topic,
)
from surveys.periods import month_start, next_month
from tests.conftest import NOON, Market, admin_url
from tests.hooks import hook_of
from tests.measurements import imported

OURS = ("insights", "queries", "sellers", "surveys")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]


def make_rows(market: Market, count: int) -> None:
    """Make at least `count` rows of everything the admin shows."""
    for number in range(count):
        response = market.response(3, reason="It never came.", may_contact=True)
        SurveyOptOut.objects.create(customer=response.query.customer, opted_out_at=NOON)
        market.new_customer()
        shop = Seller.objects.create(
            name=f"Shop {number}", country="NL", contact_email="s@shop.example", joined_on=NOON
        )
        user = User.objects.create_user(f"{number}@shop.example", name=f"User {number}")
        Membership.objects.create(user=user, seller=shop, role="agent")
        notify(user, kind="password_reset", now=NOON)
        market.order(str(number), customer=market.new_customer())
        query = market.query()
        reply(query, body="So.", by=market.actor, now=NOON)
        receive(f"Subject: {number}\n\nHello {number}".encode(), now=NOON)
        RefusedAddress.objects.create(email=f"{number}@gone.example", refused_at=NOON)
        exclude(response, reason="The courier was on strike.", by=Actor.user(user), now=NOON)
        appreciate(response, market)
        imported(shop, 9, submitted_at=NOON)
        owner = market.shop.memberships.get(role="owner").user
        make_client(
            market.shop,
            name=f"CRM {number}",
            scopes=[Scope.QUERIES_READ],
            by=Actor.user(owner),
            now=NOON,
        )
        hook = hook_of(market.shop, f"https://{number}.shop.example/", by=owner)
        send_test(hook.row, by=Actor.user(owner), now=NOON)
        HolidayChange.objects.create(
            country="NL", day=date(2026, 1, 1 + number), kind=HolidayKind.DAY_OFF, name="Fair"
        )
        ServiceStandard.objects.create(
            value=number,
            valid_from=date(2130 + number, 1, 1),
            announced_on=date(1999, 1, 1),
            label_nl="Vroeger",
            label_en="Once",
        )


def appreciate(response: SurveyResponse, market: Market) -> None:
    """Store what is noted about happy customers."""
    of = {"response": response, "seller": response.seller}
    by = {"recorded_at": NOON, "recorded_by": market.agent}
    Approach.objects.create(**of, kind=ContactKind.CALL, made_at=NOON, made_by=market.agent)
    Improvement.objects.create(**of, words="A call.", noted_at=NOON, noted_by=market.agent)
    QuoteConsent.objects.create(**of, name="Fatima P.", way=ConsentWay.BY_PHONE, **by)
    Referral.objects.create(**of, words="her sister", worth=1, came_on=NOON.date(), **by)


@pytest.mark.parametrize(
    ("model", "queries"),
    [
        pytest.param(ServiceStandard, 5, id="standards"),
        pytest.param(Closing, 4, id="closings"),
        pytest.param(Customer, 4, id="customers"),
        pytest.param(CustomerQuery, 4, id="queries"),
        pytest.param(CustomerMail, 4, id="mails"),
        pytest.param(IncomingMail, 5, id="received mails"),
        pytest.param(Order, 4, id="orders"),
        pytest.param(Seller, 8, id="sellers"),
        pytest.param(ApiClient, 5, id="API clients"),
        pytest.param(Webhook, 5, id="webhooks"),
        pytest.param(WebhookDelivery, 5, id="deliveries to webhooks"),
        pytest.param(HolidayChange, 8, id="holidays"),
        pytest.param(User, 5, id="users"),
        pytest.param(Invitation, 4, id="invitations"),
        pytest.param(SurveyOptOut, 5, id="opt-outs"),
        pytest.param(SurveyResponse, 6, id="responses"),
        pytest.param(MeasurementExclusion, 4, id="exclusions"),
        pytest.param(ImportBatch, 5, id="imports"),
        pytest.param(Approach, 4, id="contacts with happy customers"),
        pytest.param(Improvement, 4, id="what would have made it more"),
        pytest.param(QuoteConsent, 4, id="permissions to quote"),
        pytest.param(Referral, 4, id="referrals"),
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
        page = staff_s.get(admin_url(model, "changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count >= count


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_page_opens_and_can_be_searched(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    make_rows(market, 1)
    row = model._default_manager.order_by("-pk").first()
    assert row is not None

    found = staff_s.get(admin_url(model, "changelist"), {"q": "e"})
    page = staff_s.get(admin_url(model, "change", row.pk))

    assert found.status_code == page.status_code == 200


@pytest.mark.parametrize("user", ["alice", "dirk"])
def test_admin_is_closed_to_sellers(
    request: pytest.FixtureRequest, client: Client, user: str, market: Market
) -> None:
    client.force_login(request.getfixturevalue(user))

    page = client.get(admin_url(SurveyResponse, "changelist"))

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


JUNK = ("\0", "(?", "0", "-1", "9" * 30, "9999-12-31", "//[")


@pytest.mark.parametrize(
    ("first", "model"),
    list(enumerate(admin.site._registry)),
    ids=[model._meta.label for model in admin.site._registry],
)
def test_no_address_of_a_list_is_a_500(staff_s: Client, model: type[Model], first: int) -> None:
    staff_s.raise_request_exception = False
    moments = [field.name for field in model._meta.fields if isinstance(field, DateField)][:1]
    texts = [field.name for field in model._meta.fields if isinstance(field, CharField)][:1]
    asked = [
        *(f"{name}{suffix}" for name in moments for suffix in ("", "__year", "__gte")),
        *(f"{name}{suffix}" for name in texts for suffix in ("", "__regex", "__in")),
        *("q", "o", "p", "_to_field", "nothing__like__it"),
    ]
    junk = islice(cycle(JUNK), first, None)  # each list begins with another one

    statuses = {
        (name, value): staff_s.get(admin_url(model, "changelist"), {name: value}).status_code
        for name, value in zip(asked, junk, strict=False)
    }

    assert not [each for each in statuses.items() if each[1] >= 500]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_no_page_to_add_and_no_action_is_a_500(staff_s: Client, model: type[Model]) -> None:
    staff_s.raise_request_exception = False
    names = [field.name for field in model._meta.fields if field.is_relation] or ["id"]
    rows = ["x", "9" * 20, "\0", "1.5", "-1", ""]

    added = [
        staff_s.get(admin_url(model, "add"), {name: value}) for name in names for value in JUNK
    ]
    acted = [
        staff_s.post(
            admin_url(model, "changelist"), {"action": "delete_selected", "_selected_action": row}
        )
        for row in rows
    ]

    assert not [page.status_code for page in added if page.status_code >= 500]
    assert [page.status_code for page in acted] == [400] * len(rows)


def test_what_a_guard_refuses_is_no_500_and_not_stored(staff_s: Client) -> None:
    """A clock of long ago: to the form it is next month, to the database it was."""
    staff_s.raise_request_exception = False
    begins = next_month(next_month(month_start(NOON.date())))

    with travel(NOON, tick=False):
        page = staff_s.post(
            admin_url(ServiceStandard, "add"),
            {"value": "20", "minimum_measurements": "10", "valid_from": f"{begins}"}
            | {"announced_on": f"{NOON.date()}", "label_en": "Norm", "label_nl": "Norm"},
        )

    assert page.status_code == 400
    assert not ServiceStandard.objects.filter(valid_from=begins).exists()
