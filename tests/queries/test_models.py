"""Customers, queries, messages and closings: what the database refuses, however it is asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from queries import actions
from queries.enums import ActorType, Author, QueryState
from queries.models import Closing, Customer, CustomerQuery, Message
from sellers.events import Actor
from tests.conftest import NOON, Market, refused_by
from tests.queries.conftest import mark_erased

MINUTE = timedelta(minutes=1)


@pytest.fixture
def closing(market: Market) -> Closing:
    """A closing by Bob, of this noon."""
    return market.closing()


def test_customer_email_is_unique_whatever_the_capitals(customer: Customer) -> None:
    with refused_by("customer_email_unique"):
        Customer.objects.create(name="Twin", email=customer.email.upper())


@pytest.mark.parametrize("numbers", [("K-1", "K-2"), ("K-1", None)])
def test_customers_with_a_number_may_have_one_email(
    db: None, numbers: tuple[str | None, ...]
) -> None:
    for number in numbers:
        Customer.objects.create(email="inkoop@bedrijf.example", external_id=number)

    assert Customer.objects.count() == 2


def test_what_a_shop_logs_is_by_phone_and_stays_logged(market: Market) -> None:
    query = market.query()
    CustomerQuery.objects.filter(pk=query.pk).update(channel="phone")

    with refused_by("query_logged_is_by_phone"):
        query.pk, query.channel, query.logged_by_seller = None, "web", True
        query.save()
    with refused_by("query_origin_never_changes"):
        CustomerQuery.objects.update(logged_by_seller=True)


def test_customer_number_is_unique(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(external_id="K-1")

    with refused_by("queries_customer_external_id_key"):
        Customer.objects.create(name="Twin", external_id="K-1")


def test_customer_number_is_no_empty_text(db: None) -> None:
    with refused_by("customer_number_given"):
        Customer.objects.create(name="Klaas", external_id="")


def test_customer_email_is_cleaned_in_one_form(db: None) -> None:
    customer = Customer(name="Klaas", email=" Klaas@B\u00fccher.example")

    customer.clean()

    assert customer.email == "klaas@xn--bcher-kva.example"


def test_customers_without_email_are_several(db: None) -> None:
    Customer.objects.create(name="First")
    Customer.objects.create(name="Second")

    assert Customer.objects.filter(email="").count() == 2


def test_customer_language_is_known(customer: Customer) -> None:
    with refused_by("customer_language_known"):
        Customer.objects.filter(pk=customer.pk).update(language="fr")


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("query_subject_given", {"subject": ""}),
        ("query_state_known", {"state": "asleep"}),
        ("query_channel_known", {"channel": "pigeon"}),
        ("query_language_known", {"language": "fr"}),
        ("query_deadlines_in_order", {"due_at": NOON - timedelta(days=9)}),
        ("query_deadlines_in_order", {"long_open_at": NOON - timedelta(days=9)}),
    ],
)
def test_query_refuses(closing: Closing, guard: str, change: dict[str, Any]) -> None:
    with refused_by(guard):
        CustomerQuery.objects.filter(pk=closing.query_id).update(**change)


def test_message_author_is_known(closing: Closing) -> None:
    with refused_by("message_author_known"):
        Message.objects.create(query=closing.query, author="robot", body="Beep.", sent_at=NOON)


def test_message_of_a_customer_has_no_agent(closing: Closing) -> None:
    with refused_by("message_customer_is_no_agent"):
        Message.objects.create(
            query=closing.query,
            author=Author.CUSTOMER,
            agent=closing.agent,
            body="Well?",
            sent_at=NOON,
        )


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("closing_actor_known", {"closed_by": "robot"}),
        ("closing_channel_known", {"channel": "pigeon"}),
        ("closing_prediction_in_range", {"predicted_score": 11}),
        ("closing_by_seller_names_who", {"agent": None}),
        ("closing_reopened_later", {"reopened_at": NOON - MINUTE}),
        ("closing_one_stands_per_query", {}),
    ],
)
def test_closing_refuses(closing: Closing, guard: str, change: dict[str, Any]) -> None:
    twin: dict[str, Any] = {
        "query": closing.query,
        "seller": closing.seller,
        "customer": closing.customer,
        "closed_by": ActorType.SELLER,
        "agent": closing.agent,
        "channel": closing.channel,
        "subject": closing.subject,
        "closed_at": NOON,
    }

    with refused_by(guard):
        Closing.objects.create(**twin | change)


def test_closing_is_of_the_shop_of_its_query(market: Market, other_market: Market) -> None:
    query = market.query()

    with refused_by("closing_of_the_shop"):
        Closing.objects.create(
            query=query,
            seller=other_market.shop,
            customer=query.customer,
            closed_by=ActorType.SYSTEM,
            channel=query.channel,
            subject=query.subject,
            closed_at=NOON,
        )


def test_closing_that_was_reopened_is_undone(closing: Closing) -> None:
    actions.reopen(closing.query, by=Actor.user(closing.agent), now=NOON + MINUTE)
    again = actions.close(closing.query, by=Actor.user(closing.agent), now=NOON + 2 * MINUTE)

    assert Closing.objects.not_reopened().get() == again


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    "field",
    [
        "query",
        "seller",
        "agent",
        "closed_by",
        "channel",
        "closed_at",
        "predicted_score",
    ],
)
def test_closing_never_changes(closing: Closing, other_market: Market, field: str) -> None:
    other = other_market.closing()
    changes = {
        "query": other.query,
        "seller": other.seller,
        "agent": other.agent,
        "closed_by": ActorType.MARKETPLACE,
        "channel": "phone",
        "closed_at": NOON - MINUTE,
        "predicted_score": 9,
    }

    with refused_by("closing_never_changes"):
        Closing.objects.filter(pk=closing.pk).update(**{field: changes[field]})


@pytest.mark.usefixtures("owner_db")
def test_closing_cannot_be_deleted(closing: Closing) -> None:
    with refused_by("closing_stays"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM queries_closing")

    assert Closing.objects.get() == closing


@pytest.mark.parametrize("moment", [None, NOON + 2 * MINUTE], ids=["undone", "moved"])
def test_closing_is_reopened_once(closing: Closing, moment: object) -> None:
    Closing.objects.filter(pk=closing.pk).update(reopened_at=NOON + MINUTE)

    with refused_by("closing_reopened_once"):
        Closing.objects.filter(pk=closing.pk).update(reopened_at=moment)


@pytest.mark.parametrize("moment", [None, NOON + 2 * MINUTE], ids=["undone", "moved"])
def test_closing_is_decided_once(closing: Closing, moment: object) -> None:
    Closing.objects.filter(pk=closing.pk).update(survey_decided_at=NOON + MINUTE)

    with refused_by("closing_decided_once"):
        Closing.objects.filter(pk=closing.pk).update(survey_decided_at=moment)


@pytest.mark.parametrize(
    ("after", "overdue", "long_open"),
    [
        pytest.param(timedelta(hours=17, minutes=59), False, False, id="fresh"),
        pytest.param(timedelta(hours=18), False, True, id="18 hours"),
        pytest.param(timedelta(hours=23, minutes=59), False, True, id="just in time"),
        pytest.param(timedelta(hours=24), True, False, id="24 hours"),
    ],
)
def test_query_urgency(market: Market, after: timedelta, overdue: bool, long_open: bool) -> None:
    query = market.query(asked_at=NOON)

    assert query.is_overdue(now=NOON + after) is overdue
    assert query.is_long_open(now=NOON + after) is long_open


@pytest.mark.parametrize("state", [QueryState.WAITING, QueryState.CLOSED])
def test_query_of_which_it_is_another_s_turn_is_never_overdue(
    market: Market, state: QueryState
) -> None:
    query = market.query(asked_at=NOON)
    query.state = state

    assert not query.is_overdue(now=NOON + timedelta(days=9))


def test_queries_come_longest_waiting_first(market: Market) -> None:
    later = market.query(asked_at=NOON)
    earlier = market.query(asked_at=NOON - timedelta(hours=1))

    queries = CustomerQuery.objects.for_seller(market.shop).in_state(QueryState.YOUR_TURN)

    assert list(queries.longest_waiting_first()) == [earlier, later]
    assert list(queries.latest_first()) == [later, earlier]


def test_queries_of_another_shop_are_left_out(market: Market, other_market: Market) -> None:
    mine = market.closing()
    theirs = other_market.closing()

    assert list(CustomerQuery.objects.for_seller(market.shop)) == [mine.query]
    assert list(Closing.objects.for_seller(market.shop)) == [mine]
    assert list(Closing.objects.for_seller(other_market.shop)) == [theirs]


# Words: erasing empties them, nobody rewrites them


@pytest.fixture
def worded_closing(market: Market) -> Closing:
    """A closing of a query in which every text says something."""
    query = market.query(
        asked_at=NOON - MINUTE, order_reference="4711", contact_email="klaas@masked.example"
    )
    return actions.close(query, by=market.actor, now=NOON)


@pytest.mark.parametrize(
    ("model", "field", "guard"),
    [
        (Message, "body", "message_body_only_emptied"),
        (CustomerQuery, "subject", "query_texts_only_emptied"),
        (CustomerQuery, "order_reference", "query_texts_only_emptied"),
        (CustomerQuery, "contact_email", "query_texts_only_emptied"),
        (Closing, "subject", "closing_subject_only_emptied"),
    ],
)
def test_text_is_emptied_and_never_rewritten(
    worded_closing: Closing, model: type[Model], field: str, guard: str
) -> None:
    rows = model._default_manager.all()
    assert rows.values_list(field, flat=True).get() != ""

    with refused_by(guard):
        rows.update(**{field: "What a lovely shop!"})
    if model is CustomerQuery:  # all or nothing
        mark_erased(now=NOON)
    rows.update(**{field: ""})

    assert rows.values_list(field, flat=True).get() == ""
    with refused_by(guard):
        rows.update(**{field: "What a lovely shop!"})


@pytest.mark.parametrize("field", ["query", "author", "agent", "sent_at"])
def test_message_never_changes(worded_closing: Closing, market: Market, field: str) -> None:
    reply = Message.objects.create(
        query=worded_closing.query,
        author=Author.SELLER,
        agent=market.agent,
        body="Soon.",
        sent_at=NOON,
    )
    other = {
        "query": market.query(),
        "author": Author.MARKETPLACE,
        "agent": None,
        "sent_at": NOON + MINUTE,
    }

    with refused_by("message_never_changes"):
        Message.objects.filter(pk=reply.pk).update(**{field: other[field]})


def test_message_stays_until_its_query_is_erased(worded_closing: Closing) -> None:
    with refused_by("message_stays_until_erased"):
        Message.objects.all().delete()

    mark_erased(now=NOON)
    Message.objects.all().delete()

    assert not Message.objects.exists()
