"""The seller's pages about a hand-over: the form, what is shown meanwhile, and afterwards."""

from collections.abc import Callable
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from queries import actions
from queries.enums import ActorType, QueryState
from queries.models import HAND_BACK_AFTER, CustomerQuery, HandOver, Message
from queries.privacy import erase_texts
from queries.timeouts import CLOSE_AFTER, close_unanswered, hand_back_due
from sellers.events import Actor
from sellers.models import User
from tests.conftest import NOON, Market, at_once
from tests.conftest import text as raw_text
from tests.queries.conftest import HOUR, NOW

pytestmark = pytest.mark.usefixtures("_one_o_clock")

REASON = "The carrier lost it."


@pytest.fixture
def staff(market: Market) -> Actor:
    """One of the marketplace staff."""
    return market.closer(ActorType.MARKETPLACE)


@pytest.fixture
def handed_over(market: Market) -> CustomerQuery:
    """A query that Bob handed over at noon."""
    query = market.query(subject="Squeaking brakes", asked_at=NOON - HOUR)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    return query


def text(page: HttpResponse) -> str:
    """Return a page as people read it, in one line."""
    return " ".join(raw_text(page).split())


def url(name: str, query: CustomerQuery) -> str:
    """Return where something is done with a query."""
    return reverse(f"queries:{name}", args=[query.pk])


# The form


def test_form_is_folded_and_says_what_it_means(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = text(bob_s.get(query.get_absolute_url()))

    assert '<details class="disclosure"> <summary> Hand over to Markt </summary>' in page
    assert "You read along and cannot write until it is back." in page
    assert "it is back after 2 days" in page
    assert "never counts for you" in page


def test_form_is_dutch_for_who_reads_dutch(bob_s: Client, market: Market, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="nl")
    query = market.query()

    page = text(bob_s.get(query.get_absolute_url()))

    assert "Overdragen aan Markt" in page
    assert "Waarom draag je de klantvraag over?" in page


def test_hand_over_is_stored_with_its_reason(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(url("hand_over", query), {"reason": f"  {REASON} "}, follow=True)

    assert page.redirect_chain == [(query.get_absolute_url(), 302)]
    assert "The query is handed over. You can read along." in text(page)
    handover = HandOver.objects.get()
    assert (handover.query, handover.by, handover.reason) == (query, market.agent, REASON)
    assert handover.handed_over_at == NOW


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        pytest.param("", "This field is required.", id="none"),
        pytest.param(" " * 20, "This field is required.", id="blanks"),
        pytest.param("x" * 9, "at least 10 characters", id="9"),
        pytest.param("x" * 1_001, "at most 1000 characters", id="1,001"),
        pytest.param("a\x00" + "b" * 20, "Null characters", id="null byte"),
    ],
)
def test_reason_that_is_none_is_refused_and_stays(
    bob_s: Client, market: Market, reason: str, complaint: str
) -> None:
    query = market.query()

    page = bob_s.post(url("hand_over", query), {"reason": reason})

    assert page.status_code == 422
    assert complaint in text(page)
    assert page.context["hand_over"]["reason"].value() == reason
    assert '<details class="disclosure" open> <summary> Hand over' in text(page)
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("length", [10, 1_000])
def test_reason_may_be_short_or_long(bob_s: Client, market: Market, length: int) -> None:
    query = market.query()

    bob_s.post(url("hand_over", query), {"reason": "x" * length})

    assert HandOver.objects.get().reason == "x" * length


def test_reply_that_was_not_sent_is_kept(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(url("hand_over", query), {"reason": REASON, "body": "Oil them."}, follow=True)

    assert HandOver.objects.get().reason == REASON
    assert page.context["form"]["body"].value() == "Oil them."
    assert "You can send it once the query is back with you." in text(page)
    assert query.messages.count() == 1


def test_reason_that_was_typed_stops_no_reply(bob_s: Client, market: Market) -> None:
    query = market.query()

    refused = bob_s.post(url("reply", query), {"body": "", "reason": "x"})
    sent = bob_s.post(url("reply", query), {"body": "Oil them.", "reason": "x"})

    assert refused.context["hand_over"]["reason"].value() == "x"
    assert sent.status_code == 302
    query.refresh_from_db()
    assert query.state == QueryState.WAITING


def test_browser_asks_no_reason_of_who_replies(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = raw_text(bob_s.post(url("hand_over", query), {"reason": ""}))

    box = page[page.index('<textarea name="reason"') :].partition(">")[0]
    assert "required" not in box
    assert 'form="composer"' in box


def test_double_click_hands_over_once(committed_db: None, bob: User, market: Market) -> None:
    query = market.query()
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(bob)

    pages = at_once(
        *(partial(one.post, url("hand_over", query), {"reason": REASON}) for one in browsers)
    )

    assert [page["Location"] for page in pages] == [query.get_absolute_url()] * 2
    assert HandOver.objects.count() == 1


def test_what_was_closed_meanwhile_is_not_handed_over(bob_s: Client, market: Market) -> None:
    query = market.closing().query

    page = bob_s.post(url("hand_over", query), {"reason": REASON}, follow=True)

    assert "This query was closed already." in text(page)
    assert not HandOver.objects.exists()


# While it is with the marketplace


def test_notice_stands_where_the_reply_was(bob_s: Client, handed_over: CustomerQuery) -> None:
    page = text(bob_s.get(handed_over.get_absolute_url()))

    assert "With Markt" in page
    assert "Handed over by Bob, <time" in page
    assert REASON in page
    assert "today, 12:00" in page  # since when
    assert "March 12, 2026, 12:00" in page or "12 March 2026, 12:00" in page  # back by itself
    for name in ("reply", "close", "reopen", "hand_over"):
        assert url(name, handed_over) not in page
    assert 'id="composer"' not in page


def test_notice_is_dutch_for_who_reads_dutch(
    bob_s: Client, handed_over: CustomerQuery, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(language="nl")

    page = text(bob_s.get(handed_over.get_absolute_url()))

    assert "Bij Markt" in page
    assert "Overgedragen door Bob," in page
    assert "12 maart 2026, 12:00" in page


def test_notice_says_that_staff_wait_for_the_customer(
    bob_s: Client, handed_over: CustomerQuery, staff: Actor
) -> None:
    actions.settle(handed_over, body="Refunded.", closes=False, by=staff, now=NOON)

    page = text(bob_s.get(handed_over.get_absolute_url()))

    assert "Refunded." in page
    assert "Staff answered and now it is the customer’s turn." in page
    assert "back by itself" not in page


def test_analyst_reads_the_notice_too(
    log_in: Callable[[User], Client], handed_over: CustomerQuery, cora: User
) -> None:
    assert REASON in text(log_in(cora).get(handed_over.get_absolute_url()))


def test_reply_to_what_was_handed_over_meanwhile_is_not_lost(
    bob_s: Client, handed_over: CustomerQuery
) -> None:
    page = bob_s.post(url("reply", handed_over), {"body": "Oil them."})

    assert page.status_code == 409
    assert "This query was handed over meanwhile. Keep your reply until it is back." in text(page)
    assert page.context["form"]["body"].value() == "Oil them."
    assert "You can send it once the query is back with you." in text(page)
    assert "Send and close" not in text(page)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("name", ["close", "reopen", "hand_over"])
def test_what_is_done_too_late_is_said(
    bob_s: Client, handed_over: CustomerQuery, name: str
) -> None:
    page = bob_s.post(url(name, handed_over), {"reason": REASON}, follow=True)

    assert "This query is with the marketplace: you can write again once it is back." in text(page)
    handed_over.refresh_from_db()
    assert handed_over.state == QueryState.WITH_MARKETPLACE


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_lists_what_is_with_the_marketplace(
    bob_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        query = market.query(subject=f"Query {number}")
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOON - number * HOUR)

    with django_assert_num_queries(10):
        page = bob_s.get(reverse("queries:list"), {"state": "with_marketplace"})

    listed = [item.query.subject for item in page.context["pane"].page.items]
    assert listed == [f"Query {number}" for number in reversed(range(count))]


# Afterwards


def test_hand_overs_that_are_over_are_listed(
    bob_s: Client, handed_over: CustomerQuery, staff: Actor, market: Market
) -> None:
    hand_back_due(now=NOON + HAND_BACK_AFTER)
    again_at = NOON + HAND_BACK_AFTER + HOUR
    actions.hand_over(handed_over, reason="Once more.", by=market.actor, now=again_at)
    actions.hand_back(handed_over, by=staff, now=again_at + HOUR)
    actions.hand_over(handed_over, reason="And again.", by=market.actor, now=again_at + 2 * HOUR)
    actions.settle(handed_over, body="", closes=True, by=staff, now=again_at + 3 * HOUR)

    page = text(bob_s.get(handed_over.get_absolute_url()))

    outcomes = [page.index(words) for words in (" closed <time", "handed back", "back by itself")]
    assert outcomes == sorted(outcomes)
    assert page.index("And again.") < page.index("Once more.") < page.index(REASON)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Closed by itself after 14 days without an answer from the customer, <time"),
        ("nl", "Vanzelf gesloten na 14 dagen zonder antwoord van de klant, <time"),
    ],
)
def test_thread_says_that_it_closed_by_itself(
    bob_s: Client, market: Market, bob: User, language: str, words: str
) -> None:
    User.objects.filter(pk=bob.pk).update(language=language)
    query = market.query(asked_at=NOON)
    actions.reply(query, body="Which colour?", by=market.actor, now=NOON)
    close_unanswered(now=NOON + CLOSE_AFTER)

    assert words in text(bob_s.get(query.get_absolute_url()))


def test_what_was_closed_because_it_was_erased_did_not_wait(bob_s: Client, market: Market) -> None:
    query = market.query()
    actions.close(query, by=Actor.SYSTEM, now=NOON)
    erase_texts(CustomerQuery.objects.all(), by=Actor.SYSTEM, now=NOON)

    page = text(bob_s.get(query.get_absolute_url()))

    assert "Closed by: System," in page
    assert "14 days" not in page
