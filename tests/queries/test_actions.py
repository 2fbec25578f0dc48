"""What can be done with a query, and what is kept of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from queries import actions
from queries.customers import erase_customer
from queries.enums import ActorType, Author, Channel, QueryEvent, QueryState
from queries.models import Closing, Customer, CustomerMail, CustomerQuery, Message
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from tests.conftest import NOON, Market, at_once

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def test_ask_stores_the_question_and_gives_the_seller_the_turn(
    fietsenzo: Seller, customer: Customer
) -> None:
    query = actions.ask(
        fietsenzo,
        customer=customer,
        subject="Where is my parcel?",
        body="It should have come on Monday.",
        channel=Channel.EMAIL,
        order_reference="4711",
        by=Actor.CUSTOMER,
        now=NOON,
    )

    stored = CustomerQuery.objects.get()
    assert stored == query
    assert (stored.seller, stored.customer) == (fietsenzo, customer)
    assert (stored.subject, stored.order_reference) == ("Where is my parcel?", "4711")
    assert (stored.channel, stored.language) == (Channel.EMAIL, "en")
    assert (stored.state, stored.turn_since, stored.asked_at) == (QueryState.YOUR_TURN, NOON, NOON)
    message = Message.objects.get()
    assert (message.query, message.author, message.agent) == (query, Author.CUSTOMER, None)
    assert (message.body, message.sent_at) == ("It should have come on Monday.", NOON)


@pytest.mark.parametrize(
    ("country", "asked_at", "long_open_at", "due_at"),
    [
        pytest.param(
            "NL",
            datetime(2026, 3, 10, 11, tzinfo=UTC),
            datetime(2026, 3, 11, 5, tzinfo=UTC),
            datetime(2026, 3, 11, 11, tzinfo=UTC),
            id="a Tuesday",
        ),
        pytest.param(
            "NL",
            datetime(2026, 3, 13, 11, tzinfo=UTC),
            datetime(2026, 3, 16, 5, tzinfo=UTC),
            datetime(2026, 3, 16, 11, tzinfo=UTC),
            id="a Friday: the weekend does not count",
        ),
        pytest.param(
            "NL",
            datetime(2026, 4, 3, 10, tzinfo=UTC),
            datetime(2026, 4, 7, 4, tzinfo=UTC),
            datetime(2026, 4, 7, 10, tzinfo=UTC),
            id="Good Friday in the Netherlands, a working day: over Easter Monday",
        ),
        pytest.param(
            "NL",
            datetime(2026, 4, 27, 10, tzinfo=UTC),
            datetime(2026, 4, 28, 16, tzinfo=UTC),
            datetime(2026, 4, 28, 22, tzinfo=UTC),
            id="King's Day in the Netherlands: the count begins at midnight",
        ),
        pytest.param(
            "BE",
            datetime(2026, 4, 27, 10, tzinfo=UTC),
            datetime(2026, 4, 28, 4, tzinfo=UTC),
            datetime(2026, 4, 28, 10, tzinfo=UTC),
            id="King's Day in Belgium: a day like any other",
        ),
        pytest.param(
            "BE",
            datetime(2026, 7, 20, 10, tzinfo=UTC),
            datetime(2026, 7, 22, 4, tzinfo=UTC),
            datetime(2026, 7, 22, 10, tzinfo=UTC),
            id="the eve of Belgium's national day",
        ),
        pytest.param(
            "ZZ",
            datetime(2026, 4, 27, 10, tzinfo=UTC),
            datetime(2026, 4, 28, 4, tzinfo=UTC),
            datetime(2026, 4, 28, 10, tzinfo=UTC),
            id="a country whose holidays nobody knows",
        ),
    ],
)
def test_ask_sets_the_deadlines_of_the_shop_s_country(
    customer: Customer,
    fietsenzo: Seller,
    country: str,
    asked_at: datetime,
    long_open_at: datetime,
    due_at: datetime,
) -> None:
    fietsenzo.country = country

    query = actions.ask(
        fietsenzo,
        customer=customer,
        subject="?",
        body="?",
        channel=Channel.WEB,
        by=Actor.CUSTOMER,
        now=asked_at,
    )

    assert (query.long_open_at, query.due_at) == (long_open_at, due_at)


def test_reply_gives_the_customer_the_turn(market: Market) -> None:
    query = market.query(asked_at=NOON)

    message = actions.reply(query, by=market.actor, body="Tomorrow.", now=NOON + MINUTE)

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.WAITING, NOON + MINUTE)
    assert query.first_replied_at == NOON + MINUTE
    assert (message.author, message.agent, message.body, message.sent_at) == (
        Author.SELLER,
        market.agent,
        "Tomorrow.",
        NOON + MINUTE,
    )


def test_second_reply_leaves_the_moment_of_the_first(market: Market) -> None:
    query = market.query(asked_at=NOON)
    for minutes in (1, 2):
        actions.reply(
            query,
            by=market.actor,
            body="Tomorrow.",
            now=NOON + minutes * MINUTE,
        )

    query.refresh_from_db()
    assert query.first_replied_at == query.turn_since == NOON + MINUTE


def test_reply_to_a_closed_query_is_refused(market: Market) -> None:
    query = market.closing().query
    before = query.messages.count()

    with pytest.raises(actions.QueryIsClosed):
        actions.reply(query, by=market.actor, body="Too late.", now=NOON + MINUTE)

    assert query.messages.count() == before


def test_reply_sees_that_somebody_else_closed_meanwhile(market: Market) -> None:
    query = market.query(asked_at=NOON)
    as_bob_saw_it = CustomerQuery.objects.get(pk=query.pk)
    actions.close(query, by=market.actor, now=NOON + MINUTE)

    with pytest.raises(actions.QueryIsClosed):
        actions.reply(as_bob_saw_it, by=market.actor, body="…", now=NOON + MINUTE)


def test_reaction_gives_the_seller_the_turn(market: Market) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, by=market.actor, body="?", now=NOON + MINUTE)

    message = actions.receive_reaction(
        query, body="Still nothing.", by=Actor.CUSTOMER, now=NOON + 2 * MINUTE
    )

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON + 2 * MINUTE)
    assert (message.author, message.agent) == (Author.CUSTOMER, None)


def test_reaction_reopens_a_closed_query(market: Market) -> None:
    closing = market.closing()

    actions.receive_reaction(
        closing.query, body="Still nothing.", by=Actor.CUSTOMER, now=NOON + MINUTE
    )

    closing.refresh_from_db()
    assert closing.reopened_at == NOON + MINUTE
    assert closing.query.state == QueryState.YOUR_TURN


def test_close_keeps_who_when_and_what(market: Market) -> None:
    query = market.query(asked_at=NOON)

    actions.close(
        query,
        by=market.actor,
        predicted_score=8,
        now=NOON + MINUTE,
    )

    closing = Closing.objects.get()
    assert (closing.query, closing.seller, closing.customer) == (
        query,
        market.shop,
        query.customer,
    )
    assert (closing.closed_by, closing.agent) == (ActorType.SELLER, market.agent)
    assert (closing.channel, closing.subject) == (query.channel, query.subject)
    assert (closing.closed_at, closing.predicted_score) == (NOON + MINUTE, 8)
    assert (closing.reopened_at, closing.survey_decided_at) == (None, None)
    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.CLOSED, NOON + MINUTE)


def test_closing_is_a_snapshot(market: Market) -> None:
    closing = market.closing(subject="Where is my parcel?")

    CustomerQuery.objects.update(channel=Channel.PHONE)

    closing.refresh_from_db()
    assert (closing.subject, closing.channel) == ("Where is my parcel?", Channel.WEB)


def test_close_twice_is_refused(market: Market) -> None:
    closing = market.closing()

    with pytest.raises(actions.QueryIsClosed):
        actions.close(closing.query, by=market.actor, now=NOON + MINUTE)

    assert Closing.objects.get() == closing


def test_reopen_gives_the_seller_the_turn_and_keeps_the_closing(market: Market) -> None:
    closing = market.closing()

    actions.reopen(closing.query, by=market.actor, now=NOON + MINUTE)

    closing.refresh_from_db()
    assert closing.reopened_at == NOON + MINUTE
    assert closing.query.state == QueryState.YOUR_TURN
    assert closing.query.turn_since == NOON + MINUTE


def test_reopen_an_open_query_is_refused(market: Market) -> None:
    query = market.query()

    with pytest.raises(actions.QueryIsOpen):
        actions.reopen(query, by=market.actor, now=NOON + MINUTE)


def test_every_closing_is_kept(market: Market) -> None:
    query = market.query(asked_at=NOON)
    for hour in range(3):
        moment = NOON + timedelta(hours=hour)
        actions.close(query, by=market.actor, now=moment)
        actions.reopen(query, by=market.actor, now=moment + MINUTE)

    closings = query.closings.order_by("closed_at")

    assert [(each.closed_at, each.reopened_at) for each in closings] == [
        (NOON + timedelta(hours=hour), NOON + timedelta(hours=hour) + MINUTE) for hour in range(3)
    ]


def test_phone_contact_is_a_closed_query_of_somebody_without_email(market: Market) -> None:
    query = actions.log_phone_contact(
        market.shop,
        name="Mevrouw de Vries",
        subject="Broken lamp",
        note="New one sent.",
        order_reference="4711",
        by=market.actor,
        now=NOON,
    )

    assert (query.channel, query.state) == (Channel.PHONE, QueryState.CLOSED)
    assert (query.subject, query.order_reference) == ("Broken lamp", "4711")
    assert (query.customer.name, query.customer.email) == ("Mevrouw de Vries", "")
    assert query.first_replied_at == NOON
    message = query.messages.get()
    assert (message.author, message.agent, message.body) == (
        Author.SELLER,
        market.agent,
        "New one sent.",
    )
    closing = query.closings.get()
    assert (closing.closed_by, closing.agent) == (ActorType.SELLER, market.agent)


def test_phone_contact_of_who_asked_before_is_theirs_and_mailed_to_nobody(market: Market) -> None:
    customer = market.new_customer(name="Mevrouw de Vries")
    earlier = market.query(customer, contact_email="masked@klant.example", order_reference="4711")

    query = actions.log_phone_contact(
        market.shop,
        name="de vries",
        subject="Broken lamp",
        note="New one sent.",
        earlier=earlier,
        predicted_score=8,
        by=market.actor,
        now=NOON,
    )

    assert (query.customer, query.contact_email) == (customer, "masked@klant.example")
    assert (query.order_reference, query.language) == ("4711", customer.language)
    assert query.logged_by_seller
    assert query.closings.get().predicted_score == 8
    assert not CustomerMail.objects.exists()
    assert Customer.objects.count() == 1


def test_phone_contact_is_logged_once_for_two_clicks(committed_db: None, market: Market) -> None:
    words = {"name": "Klaas", "subject": "Brakes", "note": "New pads are on their way."}
    log = partial(actions.log_phone_contact, market.shop, by=market.actor)

    first, second = at_once(partial(log, **words, now=NOON), partial(log, **words, now=NOON))
    others = [log(**words, now=NOON + MINUTE), log(**words | {"note": "More."}, now=NOON)]

    assert first == second
    assert len({first, *others}) == CustomerQuery.objects.count() == 3


def test_phone_contact_is_never_of_who_was_erased(market: Market) -> None:
    earlier = market.query()
    erase_customer(earlier.customer, by=Actor.SYSTEM, now=NOON)

    with pytest.raises(actions.CustomerIsGone):
        actions.log_phone_contact(
            market.shop,
            name="Klaas",
            subject="Broken lamp",
            note="New one sent.",
            earlier=earlier,
            by=market.actor,
            now=NOON,
        )


def test_turn_lasts_since_it_became_ones_turn(market: Market) -> None:
    query = market.query(asked_at=NOON)

    actions.receive_reaction(query, body="Are you there?", by=Actor.CUSTOMER, now=NOON + DAY)

    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON)


@pytest.mark.parametrize("reopened", [actions.reopen, partial(actions.receive_reaction, body="?")])
def test_reopening_with_a_clock_that_is_behind_counts_from_the_closing(
    market: Market, reopened: Callable[..., object]
) -> None:
    closing = market.closing(closed_at=NOON)

    reopened(closing.query, by=Actor.CUSTOMER, now=NOON - MINUTE)

    closing.refresh_from_db()
    assert closing.reopened_at == NOON


def test_two_people_closing_at_once_make_one_closing(committed_db: None, market: Market) -> None:
    query = market.query(asked_at=NOON)

    def close() -> bool:
        try:
            mine = CustomerQuery.objects.get(pk=query.pk)
            actions.close(mine, by=market.actor, now=NOON + MINUTE)
        except actions.QueryIsClosed:
            return False
        return True

    closed = at_once(close, close)

    assert sorted(closed) == [False, True]
    assert Closing.objects.count() == 1


# Who acts, and what is written of it


def happened(query: CustomerQuery) -> list[tuple[str, str, User | None]]:
    """Return what was written of a query: what, by whom, and the user if any."""
    events = Event.objects.about([query]).order_by("pk")
    assert {(event.seller, event.object_label) for event in events} <= {
        (query.seller, "queries.CustomerQuery")
    }
    return [(event.kind, event.actor, event.user) for event in events]


def test_every_action_is_written(market: Market, alice: User) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="?", by=market.actor, now=NOON + MINUTE)
    actions.receive_reaction(query, body="Red.", by=Actor.CUSTOMER, now=NOON + 2 * MINUTE)
    actions.reply(query, body="Sent.", by=market.actor, closes=True, now=NOON + 3 * MINUTE)
    actions.receive_reaction(query, body="Not yet!", by=Actor.CUSTOMER, now=NOON + 4 * MINUTE)
    actions.close(query, by=Actor.SYSTEM, now=NOON + 5 * MINUTE)
    actions.reopen(query, by=Actor.user(alice), now=NOON + 6 * MINUTE)

    assert happened(query) == [
        ("query.asked", "customer", None),
        ("query.replied", "user", market.agent),
        ("query.reacted", "customer", None),
        ("query.replied", "user", market.agent),
        ("query.closed", "user", market.agent),
        ("query.reacted", "customer", None),
        ("query.reopened", "customer", None),
        ("query.closed", "system", None),
        ("query.reopened", "user", alice),
    ]


def test_event_of_a_closing_says_which_and_for_whom(market: Market) -> None:
    closing = market.closing()

    event = Event.objects.get(kind=QueryEvent.CLOSED)

    assert event.at == closing.closed_at
    assert event.details == {"closing": closing.pk, "closed_by": "seller"}


def test_phone_contact_is_written_by_who_logged_it(market: Market) -> None:
    query = actions.log_phone_contact(
        market.shop, name="Mevrouw de Vries", subject="?", note="!", by=market.actor, now=NOON
    )

    assert happened(query) == [
        (kind, "user", market.agent)
        for kind in ("query.phone_contact_logged", "query.replied", "query.closed")
    ]


def test_second_click_and_refusal_write_nothing(market: Market) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="Tomorrow.", by=market.actor, now=NOON + MINUTE)
    before = happened(query)

    actions.reply(query, body="Tomorrow.", by=market.actor, now=NOON + MINUTE)
    with pytest.raises(actions.QueryIsOpen):
        actions.reopen(query, by=market.actor, now=NOON + MINUTE)

    assert happened(query) == before


@pytest.mark.parametrize(
    ("is_staff", "is_member", "side"),
    [
        pytest.param(False, True, ActorType.SELLER, id="somebody of the shop"),
        pytest.param(True, False, ActorType.MARKETPLACE, id="staff"),
        pytest.param(True, True, ActorType.SELLER, id="staff who also belong to the shop"),
    ],
)
def test_closing_and_reply_are_of_the_side_that_somebody_is_on(
    market: Market, dirk: User, is_staff: bool, is_member: bool, side: ActorType
) -> None:
    User.objects.filter(pk=dirk.pk).update(is_staff=is_staff)
    dirk.refresh_from_db()
    if is_member:
        Membership.objects.create(user=dirk, seller=market.shop, role=Role.AGENT)

    message = actions.reply(
        market.query(asked_at=NOON), body="Done.", closes=True, by=Actor.user(dirk), now=NOON
    )

    closing = message.query.closings.get()
    assert (closing.closed_by, closing.agent) == (side, dirk)
    assert (message.author, message.agent) == (side.value, dirk)


@pytest.mark.parametrize(
    "impossible",
    [
        pytest.param(partial(actions.close, by=Actor.CUSTOMER), id="a customer closes"),
        pytest.param(partial(actions.reply, body="!", by=Actor.CUSTOMER), id="a customer replies"),
        pytest.param(partial(actions.reply, body="!", by=Actor.SYSTEM), id="the system replies"),
    ],
)
def test_nobody_acts_for_a_side_that_cannot(
    market: Market, impossible: Callable[..., object]
) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        impossible(market.query(asked_at=NOON), now=NOON)
