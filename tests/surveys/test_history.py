"""The history of a query for staff: all that happened, in order, in words."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from queries import actions
from queries.customers import erase_customer
from queries.enums import ActorType
from queries.models import CustomerQuery
from sellers.enums import Language
from sellers.events import Actor
from sellers.models import User
from surveys import answers
from surveys.deciding import decide_due
from surveys.exclusions import exclude, lift
from tests.conftest import NOON, RULES, Market

HOUR = timedelta(hours=1)


@pytest.fixture
def staff(db: None) -> User:
    """One of the staff who may look at queries."""
    user = User.objects.create_user(
        "staff@markt.example", name="Sofie", language="en", is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename="view_customerquery"))
    return user


@pytest.fixture
def staff_s(staff: User) -> Client:
    """Their browser."""
    browser = Client()
    browser.force_login(staff)
    return browser


def url_of(query: CustomerQuery) -> str:
    """Return where the history of a query is."""
    return reverse("admin:queries_customerquery_history", args=[query.pk])


def lines(browser: Client, query: CustomerQuery) -> list[tuple[str, str]]:
    """Return what the page says happened, and by whom."""
    page = browser.get(url_of(query))
    shown = [(line.at, line.what, line.by) for line in page.context["lines"]]
    assert shown == sorted(shown, key=lambda line: line[0])
    return [(what, by) for _at, what, by in shown]


def lived_through(market: Market, staff: User) -> CustomerQuery:
    """Let everything happen to a query that can."""
    query = market.query(asked_at=NOON - 2 * HOUR)
    actions.reply(query, body="Tomorrow.", by=market.actor, closes=True, now=NOON - HOUR)
    actions.receive_reaction(query, body="Still not.", by=Actor.CUSTOMER, now=NOON - HOUR / 2)
    closing = actions.close(query, by=market.actor, now=NOON)
    invitation = market.invitation(closing)
    response = answers.submit(
        invitation.token_digest,
        score=2,
        reason="It never came.",
        topics=[],
        may_contact=None,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=NOON + 30 * HOUR,
    )
    answers.opt_out(invitation.customer, by=Actor.CUSTOMER, now=NOON + 31 * HOUR)
    exclusion = exclude(response, reason="Strike.", by=Actor.user(staff), now=NOON + 50 * HOUR)
    lift(exclusion, by=Actor.user(staff), now=NOON + 51 * HOUR)
    erase_customer(invitation.customer, by=Actor.SYSTEM, now=NOON + 99 * HOUR)
    return query


def test_history_shows_everything_in_order(staff_s: Client, staff: User, market: Market) -> None:
    market.response(9)  # of another query

    assert lines(staff_s, lived_through(market, staff)) == [
        ("Query asked", "Customer"),
        ("Replied to the customer", "Bob"),
        ("Query closed", "Bob"),
        ("Customer wrote back", "Customer"),
        ("Query reopened", "Customer"),
        ("Query closed", "Bob"),
        ("No survey: query was reopened", "System"),
        ("Survey decided", "System"),
        ("Survey sent", "System"),
        ("Survey answered", "Customer"),
        ("Customer wants no surveys", "Customer"),
        ("Excluded from the score", "Sofie"),
        ("Counts for the score again", "Sofie"),
        ("Texts of the query erased", "System"),
        ("Words of the answer erased", "System"),
        ("Customer erased", "System"),
    ]


def test_history_shows_staff_why_there_was_no_survey(staff_s: Client, market: Market) -> None:
    closing = market.closing(closed_by=ActorType.SYSTEM)
    decide_due(now=NOON + RULES.delay, rules=RULES)

    assert lines(staff_s, closing.query)[-1] == (
        "No survey: query was closed automatically",
        "System",
    )


def test_history_is_in_the_language_of_who_reads_it(
    staff_s: Client, staff: User, market: Market
) -> None:
    query = market.closing().query
    User.objects.filter(pk=staff.pk).update(language=Language.DUTCH)

    page = staff_s.get(url_of(query))

    text = page.content.decode()
    translation.activate("en")
    for words in ("Klantvraag gesteld", "Klantvraag gesloten", "Bob", "10 maart 2026 12:00"):
        assert words in text


def test_history_before_events_were_kept_is_unknown(staff_s: Client, market: Market) -> None:
    query = market.query()
    bare = CustomerQuery.objects.create(
        seller=query.seller,
        customer=market.new_customer(),
        subject="Old",
        channel="web",
        language="en",
        state="closed",
        turn_since=NOON,
        asked_at=NOON,
        long_open_at=NOON,
        due_at=NOON,
    )

    page = staff_s.get(url_of(bare))

    assert "No events are known of this." in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_history_asks_as_often_for_many_events_as_for_few(
    staff_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    query = market.query(asked_at=NOON)
    for hour in range(count):
        actions.close(query, by=market.actor, now=NOON + hour * HOUR)
        actions.reopen(query, by=market.actor, now=NOON + hour * HOUR)

    with django_assert_num_queries(11):
        staff_s.get(url_of(query))


def test_history_is_for_who_may_look_at_queries(
    staff_s: Client, staff: User, market: Market
) -> None:
    query = market.query()
    staff.user_permissions.clear()

    assert staff_s.get(url_of(query)).status_code == 403
