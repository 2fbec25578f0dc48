"""A reply is taken back before it leaves, and all is as it was."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries import actions
from queries.enums import QueryEvent, QueryState, UnsentMailReason
from queries.models import (
    LEAVES_AFTER,
    Closing,
    CustomerMail,
    CustomerQuery,
    Draft,
    Message,
    ThreadLink,
)
from sellers import mailings
from sellers.enums import MailState
from sellers.models import Event, User
from surveys.integrity import survey_checks
from tests.conftest import NOON, NOTE, Market, text
from tests.queries.conftest import HOUR, NOW, of, opened, url

pytestmark = pytest.mark.usefixtures("_one_o_clock")
SECOND = timedelta(seconds=1)


def faults() -> list[str]:
    """Return what the nightly check of what is stored twice would find."""
    return [check.name for check in survey_checks() if check.find().count]


def take_back(browser: Client, query: CustomerQuery) -> HttpResponse:
    sent = query.messages.replies().latest("pk")
    return browser.post(url("undo", query), {"message": sent.pk}, follow=True)


def test_mail_of_a_reply_waits_ten_seconds(query: CustomerQuery, bob_s: Client) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})

    assert mailings.claim(now=NOW + LEAVES_AFTER - SECOND) is None
    assert mailings.claim(now=NOW + LEAVES_AFTER) == CustomerMail.objects.get()


@pytest.mark.parametrize("state", [QueryState.YOUR_TURN, QueryState.WAITING])
@pytest.mark.parametrize("name", ["reply", "close"])
def test_reply_that_is_taken_back_leaves_all_as_it_was(
    bob_s: Client, market: Market, query: CustomerQuery, state: QueryState, name: str
) -> None:
    if state == QueryState.WAITING:
        actions.reply(query, body="Hm.", by=market.actor, now=NOON)
    query.snoozed_until = NOW + 9 * HOUR
    query.save()
    rewritten = ("version", "changed_at")  # by the database, whatever changes
    columns = [each.name for each in CustomerQuery._meta.fields if each.name not in rewritten]
    before = CustomerQuery.objects.values(*columns).get()
    bob_s.post(url(name, query), {"body": "Oil them.", "predicted_score": "8"})

    with travel(NOW + LEAVES_AFTER - SECOND, tick=False):
        page = take_back(bob_s, query)

    assert "Taken back. The customer gets nothing; your words are here." in text(page)
    assert CustomerQuery.objects.values(*columns).get() == before
    assert page.context["form"]["body"].value() == "Oil them."
    assert page.context["form"]["predicted_score"].value() == (8 if name == "close" else None)
    sent = Message.objects.get(body="Oil them.")
    assert sent.withdrawn_at == NOW + LEAVES_AFTER - SECOND
    assert (sent.mail.state, sent.mail.reason) == (MailState.SUPPRESSED, UnsentMailReason.WITHDRAWN)
    assert mailings.claim(now=NOW + HOUR) is None or state == QueryState.WAITING
    assert Event.objects.filter(kind=QueryEvent.REPLY_WITHDRAWN).count() == 1
    closings = [each.reopened_at for each in Closing.objects.all()]
    assert closings == ([sent.withdrawn_at] if name == "close" else [])
    assert faults() == []


def test_reply_cannot_be_taken_back_after_ten_seconds(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})

    with travel(NOW + LEAVES_AFTER, tick=False):
        page = take_back(bob_s, query)

    assert "Too late: your reply is on its way to the customer already." in text(page)
    assert Message.objects.get(body="Oil them.").withdrawn_at is None


def test_reply_whose_mail_is_claimed_cannot_be_taken_back(
    bob_s: Client, query: CustomerQuery
) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})
    mailings.claim(now=NOW + LEAVES_AFTER)  # by a server whose clock is ahead

    assert "Too late" in text(take_back(bob_s, query))
    assert Message.objects.get(body="Oil them.").withdrawn_at is None


def test_reply_is_taken_back_by_who_sent_it(query: CustomerQuery, bob: User, alice: User) -> None:
    of(bob).post(url("reply", query), {"body": "Oil them."})

    assert take_back(of(alice), query).status_code == 404
    assert "Undo" not in text(of(alice).get(query.get_absolute_url()))
    assert "Undo" in text(of(bob).get(query.get_absolute_url()))


def test_taken_back_once(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})
    take_back(bob_s, query)

    assert "Too late" in text(take_back(bob_s, query))
    assert Event.objects.filter(kind=QueryEvent.REPLY_WITHDRAWN).count() == 1


def test_taking_back_undoes_nothing_that_happened_since(
    query: CustomerQuery, bob: User, alice: User
) -> None:
    of(bob).post(url("reply", query), {"body": "Oil them."})
    of(alice).post(url("reply", query), {"body": "And the chain."})

    take_back(of(bob), query)

    query.refresh_from_db()
    assert (query.state, query.first_replied_at) == (QueryState.WAITING, NOW)
    assert faults() == []


@pytest.mark.parametrize("is_in_box", [True, False], ids=["in the box", "kept before"])
def test_what_was_typed_since_comes_after_what_is_taken_back(
    bob_s: Client, query: CustomerQuery, is_in_box: bool
) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})
    sent = query.messages.replies().get()
    form = opened(bob_s, query) | {"body": "And the chain."}
    typed = form if is_in_box else {}
    if not is_in_box:
        bob_s.post(url("draft", query), form)

    page = bob_s.post(url("undo", query), typed | {"message": sent.pk}, follow=True)

    assert page.context["form"]["body"].value() == "Oil them.\n\nAnd the chain."


def test_what_is_taken_back_and_sent_again_is_sent(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})
    sent = query.messages.replies().get()

    bob_s.post(url("undo", query), {"message": sent.pk})
    Draft.objects.update(body="Oil them.")
    bob_s.post(url("reply", query), {"body": "Oil them.", "kind": "reply"})

    assert query.messages.standing().replies().count() == 1


def test_undoing_sends_along_what_is_in_the_box(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("reply", query), {"body": "Oil them."})

    button = text(bob_s.get(query.get_absolute_url())).partition('class="undo"')[2]

    assert f'form="composer" formaction="{url("undo", query)}?' in button.partition("</div>")[0]


@pytest.mark.parametrize("withdrawn", [False, True])
def test_customer_reads_a_reply_when_it_has_left(
    client: Client, bob: User, query: CustomerQuery, withdrawn: bool
) -> None:
    of(bob).post(url("reply", query), {"body": "Oil them."})
    if withdrawn:
        take_back(of(bob), query)
    page = reverse("thread:page", args=[ThreadLink.objects.get().token])

    soon = text(client.get(page))
    with travel(NOW + LEAVES_AFTER, tick=False):
        later = text(client.get(page))

    assert "Oil them." not in soon
    assert "waits for your answer" not in soon
    assert ("Oil them." in later) is not withdrawn


def test_file_of_what_is_taken_back_is_no_customer_s(
    client: Client, market: Market, query: CustomerQuery
) -> None:
    sent = actions.reply(query, body="So.", attachments=[NOTE], by=market.actor, now=NOW)
    token = ThreadLink.objects.get().token
    path = reverse("thread:attachment", args=[token, sent.attachments.get().pk])
    later = NOW + LEAVES_AFTER

    assert client.get(path).status_code == 404
    with travel(later, tick=False):
        assert client.get(path).status_code == 200
    actions.take_back(sent, by=market.actor, now=NOW)
    with travel(later, tick=False):
        assert client.get(path).status_code == 404


def test_colleagues_read_that_it_was_taken_back(
    query: CustomerQuery, bob: User, alice: User
) -> None:
    of(bob).post(url("reply", query), {"body": "Oil them."})
    take_back(of(bob), query)

    page = text(of(alice).get(query.get_absolute_url()))

    assert "Taken back before it left; the customer never saw it." in page
    assert "Oil them." in page
