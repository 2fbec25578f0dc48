"""One query: its thread, replying, closing and reopening."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from queries import actions
from queries.actions.turns import SECOND_CLICK_WITHIN
from queries.enums import ActorType, Author, Channel, QueryState
from queries.models import Closing, CustomerQuery, Message
from queries.privacy import erase_texts
from sellers.events import Actor
from sellers.models import User
from tests.conftest import NOON, NOTE, Market, at_once, text
from tests.queries.conftest import HOUR, NOW

pytestmark = pytest.mark.usefixtures("_one_o_clock")
REASON = "The carrier lost it."


# The thread


@pytest.mark.parametrize("count", [1, 3])
def test_thread_asks_the_database_as_often_for_many_as_for_one(
    bob_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    query = market.query(order_reference="4711")
    market.order("4711", items=count)
    for number in range(count):
        actions.reply(query, by=market.actor, body=f"Reply {number}", attachments=[NOTE], now=NOW)
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOW)
        actions.hand_back(query, by=Actor.SYSTEM, now=NOW)
        actions.close(query, by=market.actor, now=NOW)
        actions.reopen(query, by=market.actor, now=NOW)
        actions.write_note(query, body=f"Note {number}", by=market.actor, now=NOW)
        assignee = None if number % 2 else market.agent
        actions.assign(query, assignee=assignee, by=market.actor, now=NOW)
        market.query(query.customer, subject=f"The same {number}")

    with django_assert_num_queries(29):
        page = bob_s.get(query.get_absolute_url())

    assert text(page).count("Reply ") >= count
    assert text(page).count(NOTE.name) == count
    assert text(page).count("Lamp ") == count
    assert len(page.context["duplicate"]["kept"]) == count


def test_thread_shows_what_was_said_in_order(bob_s: Client, market: Market) -> None:
    query = market.query(subject="Squeaking brakes")
    actions.reply(query, by=market.actor, body="Oil them.", now=NOW)

    page = text(bob_s.get(query.get_absolute_url()))

    assert "Squeaking brakes" in page
    assert page.index("It should have come on Monday.") < page.index("Oil them.")


def test_thread_escapes_what_customers_type(bob_s: Client, market: Market) -> None:
    query = market.query(subject="<script>alert(1)</script>")
    actions.receive_reaction(query, body="<img src=x onerror=alert(2)>", by=Actor.CUSTOMER, now=NOW)

    page = bob_s.get(query.get_absolute_url()).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("pk", [10**9, 10**30])
def test_thread_of_a_query_that_is_not_there_is_not_found(bob_s: Client, pk: int) -> None:
    assert bob_s.get(reverse("queries:detail", args=[pk])).status_code == 404


# Replying


def test_reply_is_stored_with_its_author(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:reply", args=[query.pk]), {"body": "Oil them."}, follow=True)

    assert page.redirect_chain == [(query.get_absolute_url(), 302)]
    assert "Sent; it is now the customer’s turn." in text(page)
    message = Message.objects.get(author=Author.SELLER)
    assert (message.agent, message.body, message.sent_at) == (market.agent, "Oil them.", NOW)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param("", "Write your reply first.", id="nothing"),
        pytest.param("  \n ", "Write your reply first.", id="blanks"),
        pytest.param("x" * 10_001, "10000", id="too long"),
        pytest.param("a\x00b", "Null characters", id="null byte"),
    ],
)
def test_reply_says_what_is_wrong_and_keeps_what_was_typed(
    bob_s: Client, market: Market, body: str, complaint: str
) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:reply", args=[query.pk]), {"body": body})

    assert page.status_code == 422
    assert complaint in text(page)
    assert page.context["form"]["body"].value() == body
    assert not Message.objects.filter(author=Author.SELLER).exists()


def test_reply_to_what_was_closed_meanwhile_is_not_lost(bob_s: Client, market: Market) -> None:
    query = market.closing().query

    page = bob_s.post(reverse("queries:reply", args=[query.pk]), {"body": "Oil them."})

    assert page.status_code == 409
    assert "This query was closed meanwhile." in text(page)
    assert "Oil them." in text(page)
    assert not Message.objects.filter(author=Author.SELLER).exists()


def test_reply_without_a_key_that_is_sent_twice_at_once_is_stored_once(
    committed_db: None, bob: User, market: Market
) -> None:
    query = market.query()
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(bob)
    url = reverse("queries:close", args=[query.pk])
    typed = {"body": "Oil them.", "predicted_score": "8"}

    pages = at_once(*(partial(browser.post, url, typed) for browser in browsers))

    assert [page["Location"] for page in pages] == [query.get_absolute_url()] * 2
    assert Message.objects.filter(author=Author.SELLER).count() == 1
    assert Closing.objects.get().predicted_score == 8


def test_reply_that_says_the_same_later_is_a_reply(bob_s: Client, market: Market) -> None:
    query = market.query()
    url = reverse("queries:reply", args=[query.pk])
    bob_s.post(url, {"body": "We are looking into it."})

    with travel(NOW + SECOND_CLICK_WITHIN, tick=False):
        bob_s.post(url, {"body": "We are looking into it."})

    assert Message.objects.filter(author=Author.SELLER).count() == 2


@pytest.mark.parametrize("in_between", ["a reaction", "another reply", "reopened"])
def test_reply_that_says_the_same_after_something_else_is_a_reply(
    bob_s: Client, market: Market, alice: User, in_between: str
) -> None:
    query = market.query()
    url = reverse("queries:reply", args=[query.pk])
    bob_s.post(url, {"body": "Yes."})
    if in_between == "a reaction":
        actions.receive_reaction(query, body="Sure?", by=Actor.CUSTOMER, now=NOW)
    elif in_between == "another reply":
        actions.reply(query, by=Actor.user(alice), body="Yes.", now=NOW)
    else:
        actions.close(query, by=Actor.user(alice), now=NOW)
        actions.reopen(query, by=market.actor, now=NOW)

    bob_s.post(url, {"body": "Yes."})

    assert Message.objects.filter(agent=market.agent, body="Yes.").count() == 2


# Sending and closing


def test_reply_can_close_the_query_with_a_prediction(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(
        reverse("queries:close", args=[query.pk]),
        {"body": "Oil them.", "predicted_score": "8"},
        follow=True,
    )

    assert "Sent, and the query is closed." in text(page)
    assert Message.objects.get(author=Author.SELLER).body == "Oil them."
    closing = Closing.objects.get()
    assert (closing.predicted_score, closing.agent, closing.closed_at) == (8, market.agent, NOW)


def test_enter_on_a_prediction_presses_the_first_button_which_saves_the_draft(
    bob_s: Client, market: Market
) -> None:
    query = market.query()
    shown = text(bob_s.get(query.get_absolute_url()))
    first = re.search(r'<button[^>]* form="composer"[^>]*>', shown)
    assert first
    assert "formaction" not in first[0]
    form = shown[shown.index(first[0]) :].partition('id="composer"')[2]
    assert f'action="{reverse("queries:draft", args=[query.pk])}?' in form[:400]

    page = bob_s.post(
        reverse("queries:draft", args=[query.pk]),
        {"kind": "reply", "body": "Oil", "predicted_score": "8"},
        follow=True,
    )

    assert "Your draft is saved." in text(page)
    assert page.context["form"]["predicted_score"].value() == 8
    assert not Closing.objects.exists()
    assert Message.objects.count() == 1


def test_reply_and_close_of_what_was_closed_meanwhile_is_not_lost(
    bob_s: Client, market: Market
) -> None:
    closing = market.closing()

    page = bob_s.post(reverse("queries:close", args=[closing.query_id]), {"body": "Oil them."})

    assert page.status_code == 409
    assert "Oil them." in text(page)
    assert Closing.objects.get() == closing


def test_reply_that_came_too_late_waits_in_the_reopened_query(
    bob_s: Client, market: Market
) -> None:
    query = market.closing().query
    late = bob_s.post(reverse("queries:reply", args=[query.pk]), {"body": "Oil them."})
    reopen = reverse("queries:reopen", args=[query.pk])
    assert text(late).count(reopen) == 1  # the one button takes the words along

    page = bob_s.post(reopen, {"kind": "reply", "body": "Oil them."}, follow=True)

    assert "The query is open again." in text(page)
    assert page.context["form"]["body"].value() == "Oil them."
    assert not Message.objects.filter(author=Author.SELLER).exists()


# Looking at what is only done


@pytest.mark.parametrize("name", ["reply", "close", "reopen", "hand_over"])
def test_looking_at_what_is_only_done_leads_to_the_thread(
    bob_s: Client, market: Market, name: str
) -> None:
    query = market.query()

    page = bob_s.get(reverse(f"queries:{name}", args=[query.pk]))

    assert page["Location"] == query.get_absolute_url()
    assert Message.objects.get().author == Author.CUSTOMER


# Closing and reopening


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param({}, None, id="no prediction"),
        pytest.param({"predicted_score": ""}, None, id="left open"),
        pytest.param({"predicted_score": "0"}, 0, id="0"),
        pytest.param({"predicted_score": "10"}, 10, id="10"),
    ],
)
def test_close_keeps_the_prediction(
    bob_s: Client, market: Market, given: dict[str, str], stored: int | None
) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:close", args=[query.pk]), given, follow=True)

    assert "The query is closed." in text(page)
    closing = Closing.objects.get()
    assert (closing.closed_by, closing.agent) == (ActorType.SELLER, market.agent)
    assert (closing.predicted_score, closing.closed_at) == (stored, NOW)


@pytest.mark.parametrize("score", ["11", "-1", "seven", "7.5"])
def test_close_refuses_a_prediction_that_is_none(bob_s: Client, market: Market, score: str) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:close", args=[query.pk]), {"predicted_score": score})

    assert page.status_code == 422
    assert "A prediction is a whole number from 0 to 10." in text(page)
    assert not Closing.objects.exists()


def test_close_with_words_sends_them_too(bob_s: Client, market: Market) -> None:
    query = market.query()

    bob_s.post(reverse("queries:close", args=[query.pk]), {"body": "Oil them."})

    assert Closing.objects.get().query == query
    assert Message.objects.get(author=Author.SELLER).body == "Oil them."


def test_close_with_files_alone_sends_and_closes_nothing(bob_s: Client, market: Market) -> None:
    query = market.query()
    files = [SimpleUploadedFile(NOTE.name, NOTE.data)]

    page = bob_s.post(
        reverse("queries:close", args=[query.pk]), {"body": " ", "attachments": files}
    )

    assert page.status_code == 422
    assert "Write your reply first." in text(page)
    assert not Closing.objects.exists()


def test_close_with_an_empty_box_needs_no_reply(bob_s: Client, market: Market) -> None:
    query = market.query()
    unanswered = "The customer’s last message has no reply yet."
    assert unanswered in text(bob_s.get(query.get_absolute_url()))

    bob_s.post(reverse("queries:close", args=[query.pk]), {"body": " \n"})

    assert Closing.objects.get().query == query
    assert Message.objects.get().author == Author.CUSTOMER


def test_close_of_what_was_answered_before_says_nothing_about_a_reply(
    bob_s: Client, market: Market
) -> None:
    query = market.query()
    actions.reply(query, by=market.actor, body="Oil them.", now=NOW)

    assert "has no reply yet" not in text(bob_s.get(query.get_absolute_url()))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reply", {"body": "Oil."}),
        ("close", {}),
        ("note", {"body": "Hm."}),
        ("no-reply-needed", {}),
    ],
)
def test_whoever_works_in_a_list_stays_there(
    bob_s: Client, market: Market, name: str, words: dict[str, str]
) -> None:
    query = market.query()
    page = bob_s.get(query.get_absolute_url(), {"view": "mine", "q": "chain", "mode": "note"})
    (target,) = re.findall(rf'action="(/queries/{query.pk}/{name}/[^"]*)"', text(page))

    page = bob_s.post(target.replace("&amp;", "&"), words)

    assert page["Location"] == f"{query.get_absolute_url()}?view=mine&q=chain"


def test_close_offers_the_query_that_waits_longest(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    other_market.query(asked_at=NOON - 9 * HOUR)
    market.query(asked_at=NOON)
    longest = market.query(asked_at=NOON - HOUR)
    query = market.query(asked_at=NOON - 2 * HOUR)
    snoozed = market.query(asked_at=NOON - 3 * HOUR)
    actions.snooze(snoozed, until=NOW + HOUR, by=market.actor, now=NOW)

    page = bob_s.post(reverse("queries:close", args=[query.pk]), follow=True)

    assert page.context["next_query"] == longest
    assert f'href="{longest.get_absolute_url()}?' in text(page)
    assert "Next query" in text(page)


def test_next_one_is_of_the_list_that_somebody_works_in(bob_s: Client, market: Market) -> None:
    market.query(asked_at=NOON - HOUR)
    own = market.query(asked_at=NOON)
    actions.assign(own, assignee=market.agent, by=market.actor, now=NOW)
    page = market.query(asked_at=NOON - 2 * HOUR).get_absolute_url()

    assert bob_s.get(page, {"view": "mine"}).context["next_query"] == own


def test_close_of_the_last_one_offers_the_way_back(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:close", args=[query.pk]), follow=True)

    assert "Back to your queries" in text(page)
    assert "Next query" not in text(page)


def test_close_twice_says_so_and_changes_nothing(bob_s: Client, market: Market) -> None:
    closing = market.closing()

    page = bob_s.post(reverse("queries:close", args=[closing.query_id]), follow=True)

    assert "This query was closed already." in text(page)
    assert Closing.objects.get() == closing


def test_reopen_gives_the_turn_back(bob_s: Client, market: Market) -> None:
    closing = market.closing()

    page = bob_s.post(reverse("queries:reopen", args=[closing.query_id]), follow=True)

    assert "The query is open again." in text(page)
    closing.refresh_from_db()
    assert (closing.reopened_at, closing.query.state) == (NOW, QueryState.YOUR_TURN)


def test_reopen_twice_says_so(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:reopen", args=[query.pk]), follow=True)

    assert "This query was open already." in text(page)


# Erased


def test_erased_query_says_so_and_stays_closed(bob_s: Client, market: Market) -> None:
    query = market.closing(subject="Squeaking brakes").query
    erase_texts(CustomerQuery.objects.filter(pk=query.pk), by=Actor.SYSTEM, now=NOW)
    reopen = reverse("queries:reopen", args=[query.pk])

    page = text(bob_s.get(query.get_absolute_url()))
    inbox = text(bob_s.get(reverse("queries:list"), {"state": "closed"}))
    refused = text(bob_s.post(reopen, follow=True))

    assert "<h1>Erased query</h1>" in page
    assert "What was said in this query was erased" in page
    assert reopen not in page
    assert 'id="order"' not in page
    assert "<b>Erased query</b>" in inbox
    assert "This query was erased, so it stays closed." in refused
    assert "Squeaking brakes" not in page + inbox + refused


# What nobody may do


@pytest.mark.parametrize("name", ["reply", "close", "reopen", "hand_over"])
def test_analyst_may_look_but_not_touch(
    log_in: Callable[[User], Client], market: Market, cora: User, name: str
) -> None:
    query = market.closing().query
    before = CustomerQuery.objects.values().get()
    browser = log_in(cora)
    assert browser.get(query.get_absolute_url()).status_code == 200

    page = browser.post(reverse(f"queries:{name}", args=[query.pk]), {"body": "Oil them."})

    assert page.status_code == 403
    assert "You may not do this" in text(page)
    assert CustomerQuery.objects.values().get() == before


def test_analyst_is_not_offered_what_is_refused(
    log_in: Callable[[User], Client], market: Market, bob: User, cora: User
) -> None:
    query = market.query()
    names = ("reply", "close", "hand_over")
    offers = [reverse(f"queries:{name}", args=[query.pk]) for name in names]

    for_bob = text(log_in(bob).get(query.get_absolute_url()))
    for_cora = text(log_in(cora).get(query.get_absolute_url()))

    assert all(offer in for_bob for offer in offers)
    assert not any(offer in for_cora for offer in offers)


@pytest.mark.parametrize("name", ["reply", "close", "reopen", "hand_over"])
def test_another_site_cannot_act_for_a_seller(market: Market, bob: User, name: str) -> None:
    query = market.query()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)

    page = browser.post(reverse(f"queries:{name}", args=[query.pk]), {"body": "Oil them."})

    assert page.status_code == 403
    assert "This page had become too old" in text(page)
    assert "Oil them.</textarea>" in text(page)
    assert not Closing.objects.exists()
    assert Message.objects.get().author == Author.CUSTOMER


def test_reply_that_is_far_too_long_gets_a_page_that_says_so(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = bob_s.post(reverse("queries:reply", args=[query.pk]), {"body": "x" * 3_000_000})

    assert page.status_code == 400
    assert "Go back, make the text shorter or choose smaller files, and try again." in text(page)


def test_shop_reads_no_address_that_was_given_to_another(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    customer = market.new_customer(name="", email="order-2@masked.example")
    mine = actions.ask(
        market.shop,
        customer=customer,
        contact_email="order-1@masked.example",
        subject="Squeaking brakes",
        body="Hm?",
        channel=Channel.WEB,
        by=Actor.CUSTOMER,
        now=NOON,
    )

    for page in (bob_s.get(mine.get_absolute_url()), bob_s.get("/queries/")):
        assert "o•••@masked.example" in text(page)
        assert "order-" not in text(page)
    shown = bob_s.post(reverse("queries:show_email", args=[mine.pk]))
    assert "order-1@masked.example" in text(shown)
    assert "order-2" not in text(shown)
    assert "Squeaking" not in text(bob_s.get("/queries/", {"q": "order-2@masked.example"}))
    assert "Squeaking" in text(bob_s.get("/queries/", {"q": "order-1@masked.example"}))
