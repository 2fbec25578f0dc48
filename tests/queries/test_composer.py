"""Writing in a query: sent once, kept while it is typed, told what went on meanwhile."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries import actions
from queries.actions.turns import how_it_stands
from queries.enums import Author, DraftKind, NoteKind, QueryEvent, QueryState
from queries.models import (
    LEAVES_AFTER,
    Closing,
    CustomerMail,
    CustomerQuery,
    Draft,
    Message,
    Note,
    ThreadLink,
    Visit,
)
from sellers.events import Actor
from sellers.models import Event, User
from tests.conftest import NOON, Market, at_once, text
from tests.queries.conftest import HOUR, NOW, form_of, of, opened, url

pytestmark = pytest.mark.usefixtures("_one_o_clock")
PASSWORD = "correct-horse-battery"


# One form, one message


@pytest.mark.parametrize("name", ["reply", "close"])
def test_form_that_is_sent_twice_at_once_is_one_message_and_one_mail(
    committed_db: None, bob: User, query: CustomerQuery, name: str
) -> None:
    form = opened(of(bob), query) | {"body": "Oil them.", "predicted_score": "8"}

    pages = at_once(*(partial(of(bob).post, url(name, query), form) for _ in range(4)))

    assert {page["Location"] for page in pages} == {query.get_absolute_url()}
    assert Message.objects.filter(author=Author.SELLER).count() == 1
    assert CustomerMail.objects.count() == 1
    assert Closing.objects.count() == (name == "close")


def test_form_that_is_sent_again_much_later_is_the_same_message(
    bob_s: Client, query: CustomerQuery, market: Market
) -> None:
    form = opened(bob_s, query) | {"body": "Oil them."}
    bob_s.post(url("reply", query), form)
    actions.receive_reaction(query, body="Still.", by=Actor.CUSTOMER, now=NOW + HOUR)

    with travel(NOW + 3 * HOUR, tick=False):
        page = bob_s.post(url("reply", query), form)

    assert page.status_code == 302
    assert Message.objects.filter(author=Author.SELLER).count() == 1
    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN


def test_closing_form_that_is_sent_again_after_a_reaction_closes_nothing(
    bob_s: Client, query: CustomerQuery
) -> None:
    form = opened(bob_s, query) | {"body": "Oil them."}
    bob_s.post(url("close", query), form)
    actions.receive_reaction(query, body="Still.", by=Actor.CUSTOMER, now=NOW + HOUR)

    bob_s.post(url("close", query), form)

    assert Closing.objects.get().reopened_at == NOW + HOUR


def test_restored_tab_in_which_something_else_is_typed_sends_that_once(
    bob_s: Client, query: CustomerQuery
) -> None:
    form = opened(bob_s, query)
    bob_s.post(url("reply", query), form | {"body": "Oil them."})
    for _click in range(2):
        bob_s.post(url("reply", query), form | {"body": "And the chain."})

    assert Message.objects.filter(author=Author.SELLER).count() == 2


def test_two_tabs_of_one_draft_have_one_key(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("draft", query), opened(bob_s, query) | {"body": "Oil them."})
    tabs = [opened(bob_s, query) | {"body": "Oil them."} for _ in range(2)]

    for tab in tabs:
        bob_s.post(url("reply", query), tab)

    assert Message.objects.filter(author=Author.SELLER).count() == 1


@pytest.mark.parametrize("key", ["", "made up", "0b8c1f0e-6f43-4f0e-9a53-3f6f8f4d2c11"])
def test_key_that_is_not_ours_is_none(bob_s: Client, query: CustomerQuery, key: str) -> None:
    page = bob_s.post(url("reply", query), {"body": "Oil them.", "form_key": key})

    assert page.status_code == 302
    assert Message.objects.get(author=Author.SELLER).send_key is None


# Drafts


def test_draft_is_one_s_own_and_survives_a_reload(
    bob_s: Client, query: CustomerQuery, alice: User
) -> None:
    typed = opened(bob_s, query) | {"body": "Oil\r\nthem.", "predicted_score": "8"}
    saved = bob_s.post(url("draft", query), typed, headers={"HX-Request": "true"})
    assert text(saved).strip() == "Draft saved"

    again, hers = (browser.get(query.get_absolute_url()) for browser in (bob_s, of(alice)))

    assert again.context["form"]["body"].value() == "Oil\nthem."
    assert again.context["form"]["predicted_score"].value() == 8
    assert "them." not in text(hers)
    of(alice).post(url("draft", query), {"kind": "reply", "body": "Hers."})
    assert {(each.user.name, each.body) for each in Draft.objects.all()} == {
        ("Bob", "Oil\nthem."),
        ("Alice", "Hers."),
    }


def test_reply_and_note_have_a_draft_each(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("draft", query), {"kind": "reply", "body": "Oil them."})
    bob_s.post(url("draft", query), {"kind": "note", "body": "Ask Dewi."})

    page = bob_s.get(query.get_absolute_url())

    assert page.context["form"]["body"].value() == "Oil them."
    assert page.context["note"]["body"].value() == "Ask Dewi."


def test_draft_without_words_is_none(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("draft", query), {"kind": "reply", "body": "Oil them."})
    bob_s.post(url("draft", query), {"kind": "reply", "body": " \n"})

    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", ["", "letter", "a\x00"])
@pytest.mark.parametrize("score", ["", "11", "x"])
def test_draft_takes_whatever_is_typed(
    bob_s: Client, query: CustomerQuery, kind: str, score: str
) -> None:
    typed = {"kind": kind, "body": "x" * 30_000, "predicted_score": score}

    assert bob_s.post(url("draft", query), typed).status_code == 302

    draft = Draft.objects.get()
    assert (draft.kind, len(draft.body), draft.predicted_score) == (DraftKind.REPLY, 20_000, None)


@pytest.mark.parametrize("name", ["reply", "close"])
def test_draft_is_gone_with_the_message_and_does_not_come_back(
    bob_s: Client, query: CustomerQuery, name: str
) -> None:
    form = opened(bob_s, query) | {"body": "Oil them."}
    bob_s.post(url("draft", query), form)
    bob_s.post(url(name, query), form)
    assert not Draft.objects.exists()

    bob_s.post(url("draft", query), form)  # of a browser that is late

    assert not Draft.objects.exists()


def test_draft_stays_when_the_message_is_not_stored(bob_s: Client, query: CustomerQuery) -> None:
    form = opened(bob_s, query) | {"body": "Oil them."}
    bob_s.post(url("draft", query), form)
    actions.close(query, by=Actor.SYSTEM, now=NOW)

    assert bob_s.post(url("reply", query), form).status_code == 409

    assert Draft.objects.get().body == "Oil them."


@pytest.mark.parametrize(
    "name",
    [
        *("hand_over", "duplicate", "no_reply_needed", "insert", "advice"),
        *("assign", "snooze", "wake", "undo", "accept", "show_email"),
    ],
)
def test_whatever_button_is_pressed_what_was_typed_is_kept(
    bob_s: Client, query: CustomerQuery, name: str
) -> None:
    bob_s.post(url(name, query), opened(bob_s, query) | {"body": "Oil them."})

    assert Draft.objects.filter(body="Oil them.").exists() or name == "insert"


@pytest.mark.parametrize(
    "name",
    ["reopen", "undo", "accept", "assign", "snooze", "wake", "hand_over", "no_reply_needed"],
)
def test_form_without_the_box_leaves_the_draft(
    bob_s: Client, query: CustomerQuery, name: str
) -> None:
    bob_s.post(url("draft", query), {"kind": "reply", "body": "Oil them."})

    bob_s.post(url(name, query), {"until": "hours"})

    assert Draft.objects.get().body == "Oil them."


def test_draft_keeps_all_but_what_the_database_cannot(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("draft", query), {"kind": "reply", "body": "Oil\0 them.\ufffe"})

    assert Draft.objects.get().body == "Oil them.\ufffe"


@pytest.mark.parametrize(
    "name",
    [
        *("reply", "close", "draft", "note", "undo", "insert", "advice", "reopen", "accept"),
        *("hand_over", "duplicate", "no_reply_needed", "assign", "snooze", "wake"),
    ],
)
def test_list_beside_it_stays_as_it_was(bob_s: Client, query: CustomerQuery, name: str) -> None:
    form = opened(bob_s, query) | {"body": "Oil them.", "reason": "Only you can pay this back."}

    page = bob_s.post(f"{url(name, query)}?view=mine&q=chain", form)

    if page.status_code == 302:
        assert page["Location"] == f"{query.get_absolute_url()}?view=mine&q=chain"
    else:
        assert page.context["pane"].same == "?view=mine&q=chain"


@pytest.mark.parametrize("search", ["", "?mode=note"])
def test_first_button_of_each_form_to_write_in_saves_the_draft(
    bob_s: Client, query: CustomerQuery, search: str
) -> None:
    """Enter in a box is a click on it, wherever in the page it stands."""
    page = text(bob_s.get(query.get_absolute_url() + search))

    for form in ("composer", "note"):
        first = re.search(rf'<button [^>]*form="{form}"[^>]*>', page)
        assert first
        assert "formaction" not in first[0]
        assert page.index(first[0]) < page.index(f'id="{form}"')


# Logged out while typing


@pytest.mark.parametrize("name", ["reply", "close", "draft"])
def test_words_of_who_was_logged_out_wait_until_they_are_stored(
    query: CustomerQuery, bob: User, name: str
) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    browser = of(bob)
    form = opened(browser, query) | {"body": "Oil them.", "predicted_score": "8"}
    browser.logout()

    login = browser.post(url(name, query), form)["Location"]
    page = browser.post(login, {"login": bob.email, "password": PASSWORD}, follow=True)

    assert page.request["PATH_INFO"] == query.get_absolute_url()
    assert page.context["form"]["body"].value() == "Oil them."
    assert page.context["form"]["predicted_score"].value() == "8"
    again = browser.get(query.get_absolute_url())
    assert again.context["form"]["body"].value() == "Oil them."

    browser.post(url("draft", query), form_of(again) | {"body": "Oil them."})
    assert Draft.objects.get().body == "Oil them."
    assert "typed" not in browser.session


@pytest.mark.parametrize("body", ["Call the maker.", "Call\0 the maker."])
def test_note_of_who_was_logged_out_waits_beside_the_reply(
    query: CustomerQuery, bob: User, body: str
) -> None:
    browser = of(bob)
    browser.post(url("draft", query), opened(browser, query) | {"body": "Oil them."})
    form = form_of(browser.get(query.get_absolute_url()), "note") | {"body": body}
    browser.logout()
    browser.post(url("note", query), form)
    browser.force_login(bob)

    page = browser.get(query.get_absolute_url())
    browser.post(url("draft", query), form_of(page) | {"body": "Oil them."})

    again = browser.get(query.get_absolute_url())
    assert "data-save-now" in text(page).partition('id="note"')[2]
    assert page.context["writes_note"]
    assert again.context["note"]["body"].value() == "Call the maker."
    assert again.context["form"]["body"].value() == "Oil them."


def test_words_that_wait_stay_while_something_else_is_written(
    query: CustomerQuery, bob: User, market: Market
) -> None:
    other, browser = market.query(), of(bob)
    form = opened(browser, query) | {"body": "Oil them."}
    browser.logout()
    browser.post(url("reply", query), form)
    browser.force_login(bob)

    browser.post(url("reply", other), opened(browser, other) | {"body": "Yes."})
    browser.post(url("note", query), {"body": "Call the maker."})

    assert browser.get(query.get_absolute_url()).context["form"]["body"].value() == "Oil them."


def test_note_of_who_was_logged_out_waits_as_well(
    query: CustomerQuery, bob: User, market: Market
) -> None:
    browser = of(bob)
    note = form_of(browser.get(query.get_absolute_url()), "note") | {"body": "Ask Klaas."}
    browser.logout()
    file = SimpleUploadedFile("a.txt", b"Hi.")
    browser.post(url("note", query), note | {"attachments": file})
    browser.force_login(bob)

    other = browser.get(market.query().get_absolute_url())
    browser.post(url("draft", query), opened(browser, query) | {"body": ""})
    browser.post(url("draft", other.context["query"]), form_of(other) | {"body": "Oil them."})
    page = browser.get(query.get_absolute_url())

    assert "Your files are not kept" not in text(other)
    assert "Your files are not kept" in text(page)
    assert page.context["note"]["body"].value() == "Ask Klaas."
    assert page.context["writes_note"]
    saved_now = text(page).partition("data-save-now")[0]
    assert saved_now.rpartition("<form")[2].strip().startswith('class="composer internal"')


def test_retry_after_logging_in_is_the_same_message(query: CustomerQuery, bob: User) -> None:
    browser = of(bob)
    form = opened(browser, query) | {"body": "Oil them."}
    browser.logout()
    browser.post(url("reply", query), form)
    browser.force_login(bob)
    shown = browser.get(query.get_absolute_url())

    for again in (form_of(shown) | {"body": "Oil them."}, form):
        browser.post(url("reply", query), again)

    assert Message.objects.filter(author=Author.SELLER).count() == 1
    assert CustomerMail.objects.count() == 1
    assert not browser.get(query.get_absolute_url()).context["form"]["body"].value()


def test_words_that_wait_are_never_another_s(
    query: CustomerQuery, bob: User, alice: User, market: Market
) -> None:
    other = market.query()
    browser = of(bob)
    form = opened(browser, query) | {"body": "Oil them."}
    browser.logout()
    browser.post(url("reply", query), form)

    browser.force_login(alice)

    assert "Oil them." not in text(browser.get(query.get_absolute_url()))
    assert "Oil them." not in text(browser.get(other.get_absolute_url()))


@pytest.mark.parametrize("key", ["", "made up"])
def test_stranger_stores_nothing(client: Client, query: CustomerQuery, key: str) -> None:
    page = client.post(url("reply", query), {"body": "x" * 44_000, "form_key": key})

    assert page.status_code == 403
    assert not Session.objects.exists()


# The conversation went on


@pytest.mark.parametrize("news", ["reaction", "reply", "note"])
def test_reply_to_what_went_on_is_sent_after_it_was_read(
    query: CustomerQuery, bob: User, alice: User, news: str
) -> None:
    browser = of(bob)
    form = opened(browser, query) | {"body": "Oil them."}
    if news == "reaction":
        actions.receive_reaction(query, body="News!", by=Actor.CUSTOMER, now=NOW)
    elif news == "reply":
        actions.reply(query, body="News!", by=Actor.user(alice), now=NOW)
    else:
        actions.write_note(query, body="News!", by=Actor.user(alice), now=NOW)

    page = browser.post(url("reply", query), form)

    assert page.status_code == 409
    shown = text(page)
    assert "Not sent yet: the conversation went on while you wrote." in shown
    assert page.context["told"].new == 1
    assert '<strong class="new">new</strong>' in shown
    assert page.context["form"]["body"].value() == "Oil them."
    assert not Message.objects.filter(agent=bob).exists()

    assert (
        browser.post(url("reply", query), form_of(page) | {"body": "Oil them."}).status_code == 302
    )
    assert Message.objects.filter(agent=bob).count() == 1


def test_what_went_on_is_not_closed_before_it_was_read(bob_s: Client, query: CustomerQuery) -> None:
    form = opened(bob_s, query) | {"predicted_score": "7"}
    actions.receive_reaction(query, body="Still broken!", by=Actor.CUSTOMER, now=NOW)

    page = bob_s.post(url("close", query), form)

    assert page.status_code == 409
    assert "Not closed yet: the conversation went on meanwhile." in text(page)
    assert page.context["told"].new == 1
    assert not Closing.objects.exists()
    assert bob_s.post(url("close", query), form_of(page)).status_code == 302
    assert Closing.objects.exists()


def test_own_words_are_no_news(bob_s: Client, query: CustomerQuery, market: Market) -> None:
    form = opened(bob_s, query)
    actions.write_note(query, body="Mine.", by=market.actor, now=NOW)
    bob_s.post(url("reply", query), form | {"body": "Oil them."})

    page = bob_s.post(url("reply", query), form | {"body": "And the chain."})

    assert page.status_code == 302


def test_two_agents_at_once_both_arrive_and_the_second_is_warned(
    committed_db: None, query: CustomerQuery, bob: User, alice: User
) -> None:
    browsers = [of(bob), of(alice)]
    forms = [
        opened(each, query) | {"body": f"From {number}."} for number, each in enumerate(browsers)
    ]

    pages = at_once(
        *(
            partial(browser.post, url("reply", query), form)
            for browser, form in zip(browsers, forms, strict=True)
        )
    )

    assert sorted(page.status_code for page in pages) == [302, 409]
    late = next(number for number, page in enumerate(pages) if page.status_code == 409)
    again = form_of(pages[late]) | {"body": forms[late]["body"]}
    assert browsers[late].post(url("reply", query), again).status_code == 302
    assert Message.objects.filter(author=Author.SELLER).count() == 2


# Notes


def test_note_is_the_team_s_alone(
    client: Client, query: CustomerQuery, bob: User, alice: User
) -> None:
    of(bob).post(url("reply", query), {"body": "Oil them."})
    of(bob).post(url("note", query), {"kind": "note", "body": "Ask Dewi."})

    assert "Ask Dewi." in text(of(alice).get(query.get_absolute_url()))
    link = ThreadLink.objects.get()
    with travel(NOW + LEAVES_AFTER, tick=False):
        page = text(client.get(reverse("thread:page", args=[link.token])))
    assert "Oil them." in page
    assert "Ask Dewi." not in page
    query.refresh_from_db()
    assert query.messages.count() == 2
    assert Event.objects.filter(kind=QueryEvent.NOTE_WRITTEN).count() == 1


def test_note_is_no_reply(bob_s: Client, query: CustomerQuery) -> None:
    before = how_it_stands(query)

    bob_s.post(url("note", query), {"kind": "note", "body": "Ask Dewi."})
    bob_s.post(url("note", query), {"kind": "note", "body": "Ask Dewi."})

    assert Note.objects.get().kind == NoteKind.NOTE
    query.refresh_from_db()
    assert how_it_stands(query) == before
    assert not CustomerMail.objects.exists()


def test_note_without_words_says_so(bob_s: Client, query: CustomerQuery) -> None:
    page = bob_s.post(url("note", query), {"kind": "note", "body": " "})

    assert page.status_code == 422
    assert "Write your note first." in text(page)


def test_no_reply_needed_takes_it_out_of_the_clock(bob_s: Client, query: CustomerQuery) -> None:
    page = bob_s.post(url("no_reply_needed", query), {"why": "Only thanks."}, follow=True)

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.WAITING, NOW)
    assert query.first_replied_at is None
    note = Note.objects.get()
    assert (note.kind, note.body, note.author.name) == ("no_reply_needed", "Only thanks.", "Bob")
    assert "No reply needed, says Bob: Only thanks." in re.sub(r"\s+", " ", text(page))
    assert not Closing.objects.exists()
    assert not CustomerMail.objects.exists()
    again = bob_s.post(url("no_reply_needed", query), follow=True)
    assert "It is not your turn in this query any more." in text(again)


def test_why_no_reply_is_needed_comes_back_when_it_does_not_fit(
    bob_s: Client, query: CustomerQuery
) -> None:
    page = bob_s.post(url("no_reply_needed", query), {"why": "x" * 1_001})

    assert page.status_code == 422
    assert f'value="{"x" * 1_001}"' in text(page)
    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN


# Advice


def test_advice_is_given_with_the_draft_and_takes_a_sentence_out(
    bob_s: Client, query: CustomerQuery
) -> None:
    body = "It comes on Friday.\n\nPlease leave us a review. Regards, Bob"
    typed = opened(bob_s, query) | {"body": body}
    advice = url("advice", query)

    told = text(bob_s.post(advice, typed, headers={"HX-Request": "true"}))
    saved = text(bob_s.post(url("draft", query), typed, follow=True))
    page = bob_s.post(advice, typed | {"sentence": "Please leave us a review."}, follow=True)

    for shown in (told, saved):
        assert "“Please leave us a review.”</b> asks for a score or review." in shown
    assert page.context["form"]["body"].value() == "It comes on Friday.\n\nRegards, Bob"
    assert bob_s.post(url("reply", query), typed).status_code == 302  # it holds nothing up


# Who is here


def test_visits_show_who_else_is_here(query: CustomerQuery, bob: User, alice: User) -> None:
    visit = partial(of(alice).post, url("visit", query))
    assert "looking" not in text(visit({"seen": "0.0"}))

    shown = text(of(bob).post(url("visit", query), {"seen": "0.0", "typing": "1"}))
    assert "<b>Alice</b> is looking at this too" in shown
    assert "<b>Bob</b> is typing in this conversation…" in text(visit({"seen": "0.0"}))
    with travel(NOW + timedelta(seconds=30), tick=False):
        assert "<b>Bob</b> is looking at this too" in text(visit({"seen": "0.0"}))
    with travel(NOW + timedelta(minutes=2), tick=False):
        assert "Bob" not in text(visit({"seen": "0.0"}))


def test_visit_tells_what_is_newer_and_notes_what_was_read(
    query: CustomerQuery, bob: User, alice: User
) -> None:
    browser = of(bob)
    seen = opened(browser, query)["seen"]
    shown = text(browser.post(url("visit", query), {"seen": seen}))
    assert "new message" not in shown
    assert Visit.objects.get().read_until == NOON

    actions.receive_reaction(query, body="News!", by=Actor.CUSTOMER, now=NOW)
    actions.write_note(query, body="More.", by=Actor.user(alice), now=NOW)
    shown = text(browser.post(url("visit", query), {"seen": seen}))

    assert "2 new messages:" in shown
    assert Visit.objects.get().read_until == NOON
    page = browser.get(f"{query.get_absolute_url()}?seen={seen}")
    assert page.context["told"].new == 2
    browser.post(url("visit", query), form_of(page))
    assert Visit.objects.get().read_until == NOW
    browser.post(url("visit", query), {"seen": seen})
    assert Visit.objects.get().read_until == NOW


@pytest.mark.parametrize("seen", ["", "x", "9" * 40, "1.2.3"])
def test_visit_takes_any_nonsense(bob_s: Client, query: CustomerQuery, seen: str) -> None:
    assert bob_s.post(url("visit", query), {"seen": seen}).status_code == 200


# The address


def test_address_is_shown_on_demand_and_that_is_noted(
    log_in: Callable[[User], Client], query: CustomerQuery, cora: User
) -> None:
    browser = log_in(cora)
    assert "klaas@klant.example" not in text(browser.get(query.get_absolute_url()))

    for headers in ({}, {"HX-Request": "true"}):
        shown = text(browser.post(url("show_email", query), headers=headers))
        assert "klaas@klant.example" in shown

    events = Event.objects.filter(kind=QueryEvent.EMAIL_SHOWN)
    assert [(event.user, event.details) for event in events] == [(cora, {})] * 2
