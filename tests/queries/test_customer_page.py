"""The customer's page of a conversation: read, answer, and ask for a new link."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries import actions
from queries.customer_mail import revoke_links
from queries.customers import erase_customer
from queries.enums import Author, CustomerMailKind, MessageVia, QueryState
from queries.forms import REPLY_MAX_LENGTH
from queries.models import Attachment, Customer, CustomerMail, CustomerQuery, Message, ThreadLink
from queries.models.threads import LINK_LASTS
from sellers.events import Actor
from surveys.deciding import decide_due
from surveys.models import Invitation
from tests.conftest import NOON, NOTE, RULES, Market, text
from tests.queries.conftest import HOUR

SECOND = timedelta(seconds=1)


@pytest.fixture
def query(market: Market, customer: Customer) -> CustomerQuery:
    """Klaas asked and Bob replied."""
    query = market.query(customer, order_reference="A-77")
    actions.reply(query, body="It left on <Monday>.", by=market.actor, now=NOON)
    return query


@pytest.fixture
def url(query: CustomerQuery) -> str:
    """Where Klaas's link leads."""
    return reverse("thread:page", args=[ThreadLink.objects.get().token])


@pytest.fixture(autouse=True)
def _an_hour_later() -> object:
    with travel(NOON + HOUR, tick=False):
        yield


def test_page_shows_the_conversation_to_whoever_has_the_link(client: Client, url: str) -> None:
    page = client.get(url)

    assert page.status_code == 200
    for words in (
        "Where is my parcel?",
        "It should have come on Monday.",
        "It left on <Monday>.",
        "Order A-77",
        "Fietsenzo waits for your answer.",
    ):
        assert words in text(page)
    assert "&lt;Monday&gt;" in page.content.decode()


def test_page_is_nobody_s_to_keep_or_to_find(client: Client, url: str) -> None:
    page = client.get(url)

    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert page.cookies == {}


def test_page_is_in_the_language_of_the_query(market: Market, client: Client) -> None:
    query = market.query(market.new_customer(language="nl"))
    actions.reply(query, body="Zo.", by=market.actor, now=NOON)

    page = client.get(reverse("thread:page", args=[ThreadLink.objects.get().token]))

    assert '<html lang="nl">' in page.content.decode()


def test_what_is_written_is_a_reaction_by_link(
    client: Client, url: str, query: CustomerQuery
) -> None:
    page = client.post(url, {"body": "Nothing came!"}, follow=True)

    message = query.messages.latest("pk")
    query.refresh_from_db()
    assert (message.author, message.via, message.body) == (
        Author.CUSTOMER,
        MessageVia.LINK,
        "Nothing came!",
    )
    assert query.state == QueryState.YOUR_TURN
    assert "Your message has arrived." in text(page)
    assert "Fietsenzo reads it and answers by mail and here." in text(page)


def test_reaction_reopens_and_stops_the_survey(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.close(query, by=market.actor, now=NOON)
    assert "If you write, it is opened again." in text(client.get(url))

    page = client.post(url, {"body": "Nothing came!"}, follow=True)

    decide_due(now=NOON + RULES.delay, rules=RULES)
    assert Invitation.objects.get().reason == "reopened"
    assert "your answer to it still counts" not in text(page)


def test_reaction_after_the_decision_leaves_the_survey(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.close(query, by=market.actor, now=NOON - RULES.delay)
    decide_due(now=NOON, rules=RULES)

    page = client.post(url, {"body": "Nothing came!"}, follow=True)

    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN
    assert Invitation.objects.get().state == "decided"
    assert "If you got a survey about the earlier contact, your answer to it still counts." in text(
        page
    )


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "Write your message first."),
        ("   ", "Write your message first."),
        ("a" * (REPLY_MAX_LENGTH + 1), "at most 10000 characters"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_sent_comes_back(
    client: Client, url: str, typed: str, complaint: str
) -> None:
    page = client.post(url, {"body": typed})

    assert page.status_code == 422
    assert complaint in text(page)
    assert typed.strip()[:100].replace("\0", "") in text(page).replace("\0", "")
    assert Message.objects.count() == 2


def test_messages_without_end_wait_and_come_back(client: Client, url: str) -> None:
    statuses = [client.post(url, {"body": f"Hello {number}"}).status_code for number in range(30)]

    page = client.post(url, {"body": "And another thing"})

    assert statuses == [302] * 30
    assert page.status_code == 429
    assert "And another thing" in text(page)
    assert "Wait a minute" in text(page)
    assert client.get(url).status_code == 200
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 31


def test_what_somebody_else_wrote_is_shown_once_it_is_accepted(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    other = actions.receive_from_other(
        query, from_email="piet@other.example", body="Hm.", by=Actor.CUSTOMER, now=NOON
    )
    assert "Hm." not in text(client.get(url))

    actions.accept_message(other, by=market.actor, now=NOON)
    assert "piet@other.example" in text(client.get(url))


def test_looking_costs_as_much_for_many_messages_as_for_one(
    client: Client,
    url: str,
    query: CustomerQuery,
    market: Market,
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(4):  # type: ignore[operator]
        client.get(url)
    for number in range(3):
        actions.reply(query, body=f"{number}", by=market.actor, now=NOON)

    with django_assert_num_queries(4):  # type: ignore[operator]
        client.get(url)


def test_second_click_sends_one_message(client: Client, url: str, query: CustomerQuery) -> None:
    for _ in range(2):
        client.post(url, {"body": "Nothing came!"})
    assert query.messages.filter(via=MessageVia.LINK).count() == 1

    with travel(NOON + 2 * HOUR, tick=False):
        client.post(url, {"body": "Nothing came!"})
    assert query.messages.filter(via=MessageVia.LINK).count() == 2


def test_message_arrives_while_the_marketplace_has_the_query(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.hand_over(query, reason="The carrier lost it.", by=market.actor, now=NOON)

    page = client.post(url, {"body": "Nothing came!"}, follow=True)

    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE
    assert "Your message has arrived." in text(page)


# Links that lead nowhere


@pytest.mark.parametrize(
    ("after", "status"), [(LINK_LASTS - SECOND, 200), (LINK_LASTS, 410)], ids=["last", "over"]
)
def test_link_works_until_ninety_days_after_the_last_message(
    client: Client, url: str, after: timedelta, status: int
) -> None:
    with travel(NOON + after, tick=False):
        assert client.get(url).status_code == status


def test_message_lengthens_the_life_of_the_link(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.reply(query, body="Still under way.", by=market.actor, now=NOON + HOUR)

    with travel(NOON + LINK_LASTS, tick=False):
        assert client.get(url).status_code == 200


def test_expired_link_offers_a_new_one_to_the_known_address(
    client: Client, url: str, query: CustomerQuery
) -> None:
    with travel(NOON + LINK_LASTS, tick=False):
        assert "Mail me a new link" in text(client.get(url))
        page = client.post(f"{url}new-link/", {"email": "thief@other.example"})
        assert client.post(url, {"body": "Hello?"}).status_code == 410

    mail = CustomerMail.objects.get(kind=CustomerMailKind.NEW_LINK)
    assert "A new link is on its way" in text(page)
    assert mail.link.email == "klaas@klant.example"
    assert "klaas" not in text(page).lower()
    assert Message.objects.count() == 2


def test_new_link_works_and_the_old_one_does_not(client: Client, url: str) -> None:
    with travel(NOON + LINK_LASTS, tick=False):
        client.post(f"{url}new-link/")
        new = reverse("thread:page", args=[ThreadLink.objects.standing().get().token])

        assert client.get(new).status_code == 200
        assert client.get(url).status_code == 410


def test_asking_again_says_the_same_and_mails_nothing(client: Client, url: str) -> None:
    first, second = (client.post(f"{url}new-link/") for _ in range(2))

    assert text(first) == text(second)
    assert CustomerMail.objects.filter(kind=CustomerMailKind.NEW_LINK).count() == 1


def test_revoked_link_leads_nowhere(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    revoke_links(query, by=market.actor, now=NOON)

    assert client.get(url).status_code == 410
    assert client.post(url, {"body": "Hello?"}).status_code == 410
    assert Message.objects.count() == 2


def test_erased_conversation_says_so_and_nothing_else(
    client: Client, url: str, customer: Customer
) -> None:
    erase_customer(customer, by=Actor.SYSTEM, now=NOON)

    for page in (client.get(url), client.post(url, {"body": "Hello?"})):
        assert page.status_code == 410
        assert "This conversation was erased" in text(page)
    assert not Message.objects.exists()


def test_link_of_one_conversation_opens_no_other(
    client: Client, url: str, market: Market, customer: Customer
) -> None:
    other = market.query(customer, subject="Another question")
    actions.reply(other, body="A secret", by=market.actor, now=NOON)

    assert "A secret" not in text(client.get(url))


# Files


def test_customer_attaches_files_and_saves_those_of_the_shop(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.reply(query, body="See this.", attachments=[NOTE], by=market.actor, now=NOON)
    mine = SimpleUploadedFile("receipt.txt", b"Paid: 12 euro")

    client.post(url, {"body": "Here it is.", "attachments": [mine]})

    page = client.get(url)
    theirs, ours = Attachment.objects.order_by("pk")
    for file, content in ((theirs, NOTE.data), (ours, b"Paid: 12 euro")):
        path = f"{url}attachments/{file.pk}/"
        assert path in text(page)
        saved = client.get(path)
        assert saved.content == content
        assert saved["Content-Disposition"].startswith("attachment")
        assert saved["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in saved["Content-Security-Policy"]


def test_refused_file_stores_nothing_and_keeps_the_words(client: Client, url: str) -> None:
    program = SimpleUploadedFile("holiday.jpg", b"MZ" + bytes(100))

    page = client.post(url, {"body": "Here it is.", "attachments": [program]})

    assert page.status_code == 422
    assert "holiday.jpg" in text(page)
    assert "Here it is." in text(page)
    assert Message.objects.count() == 2


def test_file_is_saved_only_with_the_link_of_its_conversation(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    other = market.query()
    actions.reply(other, body="See this.", attachments=[NOTE], by=market.actor, now=NOON)
    actions.receive_from_other(
        query,
        from_email="piet@other.example",
        body="Hm.",
        attachments=[NOTE],
        by=Actor.CUSTOMER,
        now=NOON,
    )

    for file in Attachment.objects.all():
        assert client.get(f"{url}attachments/{file.pk}/").status_code == 404


def test_file_is_not_saved_with_a_link_that_ended(
    client: Client, url: str, query: CustomerQuery, market: Market
) -> None:
    actions.reply(query, body="See this.", attachments=[NOTE], by=market.actor, now=NOON)
    path = f"{url}attachments/{Attachment.objects.get().pk}/"
    revoke_links(query, by=market.actor, now=NOON)

    assert client.get(path).status_code == 410
