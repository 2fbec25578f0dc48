"""The page where a customer asks whom the marketplace sends with a signed statement."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from queries.enums import Channel, QueryState
from queries.incoming import receive
from queries.models import Customer, CustomerQuery, Message
from sellers.models import Event, RefusedAddress, Seller
from sellers.sending import send_due
from tests.conftest import NOON, at_once, refused_by, text
from tests.queries.test_statements import KEY, OTHER_KEY, public, signed

ASK = "/ask/"
QUESTION = {"subject": "Squeaking brakes", "body": "They squeak.\r\nWhat now?"}
KLAAS = "klaas@klant.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now(settings: LazySettings) -> Iterator[None]:
    """Stop the clock, and take what the marketplace signs."""
    settings.ASK_KEYS = [public(KEY)]
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def shop(fietsenzo: Seller) -> Seller:
    """A shop that can be asked."""
    return fietsenzo


def said(shop: Seller, **changes: Any) -> str:
    """Return what the marketplace signed."""
    return signed(**{"shop": shop.pk, "email": KLAAS, "language": "en"} | changes)


def opened(browser: Client, shop: Seller, **changes: Any) -> HttpResponse:
    """Press the button on the order page."""
    return browser.post(ASK, {"statement": said(shop, **changes)})


def kept_in(page: HttpResponse) -> str:
    """Return what the form keeps."""
    found = re.search(r'name="kept" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def sent(browser: Client, shop: Seller, **changes: Any) -> HttpResponse:
    """Press the button, type and send."""
    return browser.post(ASK, {"kept": kept_in(opened(browser, shop, **changes)), **QUESTION})


def nothing_is_stored() -> bool:
    """Return whether no row was written."""
    return not any(model.objects.exists() for model in (CustomerQuery, Customer, Message, Event))


# The way


def test_button_opens_a_form_that_shows_shop_and_order(client: Client, shop: Seller) -> None:
    page = opened(client, shop)

    assert page.status_code == 200
    assert "Ask Fietsenzo" in text(page)
    assert "About your order 4711" in text(page)
    assert "Brakes" in text(page)
    assert f"The answer comes by mail to {KLAAS}" in text(page)
    assert nothing_is_stored()


def test_question_is_stored_for_the_shop(client: Client, shop: Seller) -> None:
    page = sent(client, shop)

    assert "Your question is sent" in text(page)
    assert f"Fietsenzo answers by mail to {KLAAS}" in text(page)
    query = CustomerQuery.objects.get()
    assert (query.seller, query.subject) == (shop, "Squeaking brakes")
    assert (query.order_reference, query.channel) == ("4711", Channel.WEB)
    assert (query.language, query.state) == ("en", QueryState.YOUR_TURN)
    assert (query.contact_email, query.asked_at) == (KLAAS, NOON)
    assert query.messages.get().body == "They squeak.\nWhat now?"
    assert (query.customer.external_id, query.customer.name) == ("K-1", "Klaas Vaak")
    assert query.customer.email == KLAAS
    kinds = Event.objects.order_by("pk").values_list("kind", "actor")
    assert list(kinds) == [("customer.created", "customer"), ("query.asked", "customer")]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Your question “Squeaking brakes” was sent to Fietsenzo."),
        ("nl", "Je vraag “Squeaking brakes” is verstuurd aan Fietsenzo."),
    ],
)
def test_question_is_confirmed_by_mail_with_its_link(
    client: Client, shop: Seller, language: str, sentence: str
) -> None:
    kept = kept_in(opened(client, shop, language=language))
    pages = [client.post(ASK, {"kept": kept, **QUESTION}) for _click in range(2)]

    assert all("link" in text(page) for page in pages)
    assert send_due(clock=lambda: NOON) == {"sent": 1}
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([KLAAS], "Squeaking brakes")
    assert parseaddr(message.message()["From"])[0] == "Fietsenzo via Markt"
    assert message.message()["Auto-Submitted"] == "auto-generated"
    for body in (message.body, message.alternatives[0][0]):
        assert sentence in body
        assert "They squeak." in body
    link = re.search(r"http://localhost:8000(/thread/\S+/)\n", message.body)
    assert link
    assert "They squeak." in text(client.get(link[1]))


def test_answer_to_the_confirmation_is_in_the_conversation(
    client: Client, shop: Seller, settings: LazySettings
) -> None:
    settings.MAIL_IN_DOMAIN = "reply.markt.example"
    sent(client, shop)
    send_due(clock=lambda: NOON)
    (message,) = mail.outbox

    receive(
        f"From: {KLAAS}\nTo: {message.reply_to[0]}\n\nAnd the bell?".encode(), now=NOON + MINUTE
    )

    said = CustomerQuery.objects.get().messages.order_by("pk").values_list("body", flat=True)
    assert [each.strip() for each in said] == ["They squeak.\nWhat now?", "And the bell?"]
    assert "can also answer this mail: Fietsenzo then gets" in message.body


def test_confirmation_that_does_not_arrive_changes_no_turn(client: Client, shop: Seller) -> None:
    RefusedAddress.objects.create(email=KLAAS, refused_at=NOON)
    sent(client, shop)

    assert send_due(clock=lambda: NOON) == {"suppressed": 1}

    query = CustomerQuery.objects.get()
    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON)
    assert not Event.objects.filter(kind="query.not_delivered").exists()


def test_masked_addresses_of_one_number_are_one_customer(client: Client, shop: Seller) -> None:
    for number in range(3):
        email = f"o{number}@masked.example"
        sent(client, shop, jti=f"statement-{number}", email=email, masked=True)

    assert Customer.objects.get().email == "o2@masked.example"
    emails = CustomerQuery.objects.order_by("pk").values_list("contact_email", flat=True)
    assert list(emails) == [f"o{number}@masked.example" for number in range(3)]


def test_buyers_behind_a_shared_address_are_each_a_customer(client: Client, shop: Seller) -> None:
    for number in range(3):
        sent(client, shop, jti=f"statement-{number}", customer=f"K-{number}", shared=True)

    assert Customer.objects.filter(email=KLAAS, shares_email=True).count() == 3


def test_typing_may_take_longer_than_the_statement_lives(client: Client, shop: Seller) -> None:
    kept = kept_in(opened(client, shop))

    with travel(NOON + timedelta(hours=23), tick=False):
        page = client.post(ASK, {"kept": kept, **QUESTION})

    assert "Your question is sent" in text(page)


def test_typing_may_not_take_for_ever_and_what_was_typed_is_shown(
    client: Client, shop: Seller
) -> None:
    kept = kept_in(opened(client, shop))

    with travel(NOON + timedelta(days=1, seconds=1), tick=False):
        page = client.post(ASK, {"kept": kept, **QUESTION})

    assert page.status_code == 400
    assert "was open for too long" in text(page)
    assert "They squeak." in text(page)
    assert nothing_is_stored()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"subject": ""}, "Say in a few words what it is about."),
        ({"subject": "\u202e"}, "Say in a few words what it is about."),
        ({"subject": "x" * 201}, "That is 201 characters long and 200 fit."),
        ({"body": " "}, "Write your question."),
        ({"body": "x" * 10_001}, "Your question is 10001 characters long and 10000 fit."),
        ({"body": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_sent_comes_back_with_what_was_typed(
    client: Client, shop: Seller, typed: dict[str, str], sentence: str
) -> None:
    kept = kept_in(opened(client, shop))

    page = client.post(ASK, {"kept": kept, **QUESTION, **typed})

    assert page.status_code == 422
    assert text(page).count(sentence) == 2
    assert ("Squeaking brakes" in text(page)) is ("subject" not in typed)
    assert kept_in(page) == kept
    assert nothing_is_stored()
    assert "Your question is sent" in text(client.post(ASK, {"kept": kept, **QUESTION}))


def test_page_is_in_the_language_of_the_statement(client: Client, shop: Seller) -> None:
    page = client.post(
        ASK, {"statement": said(shop, language="nl")}, headers={"Accept-Language": "en"}
    )

    assert '<html lang="nl">' in text(page)
    assert page["Content-Language"] == "nl"


# Once


def test_second_click_sends_no_second_question(client: Client, shop: Seller) -> None:
    kept = kept_in(opened(client, shop))
    client.post(ASK, {"kept": kept, **QUESTION})

    page = client.post(ASK, {"kept": kept, **QUESTION})

    assert page.status_code == 200
    assert "This question was sent already" in text(page)
    assert CustomerQuery.objects.count() == Message.objects.count() == 1


def test_statement_that_served_opens_no_form(client: Client, shop: Seller) -> None:
    sent(client, shop)

    page = opened(client, shop)

    assert "This question was sent already" in text(page)
    assert "<form" not in text(page)


def test_two_clicks_at_once_send_one_question(committed_db: None, shop: Seller) -> None:
    for number in range(5):
        kept = kept_in(opened(Client(), shop, jti=f"statement-{number}", customer=f"K-{number}"))
        click = partial(Client().post, ASK, {"kept": kept, **QUESTION})

        pages = at_once(*[click] * 4)

        assert {page.status_code for page in pages} == {200}
        assert sum("This question was sent already" in text(page) for page in pages) == 3
        assert CustomerQuery.objects.count() == number + 1


def test_statement_serves_once_whoever_it_is_about(client: Client, shop: Seller) -> None:
    """The marketplace gives two statements one number: the second changes nobody."""
    first = kept_in(opened(client, shop))
    second = kept_in(opened(client, shop, customer="K-2"))
    client.post(ASK, {"kept": first, **QUESTION})

    page = client.post(ASK, {"kept": second, **QUESTION})

    assert "This question was sent already" in text(page)
    assert Customer.objects.get().external_id == "K-1"


def test_statement_is_used_once_whoever_writes(client: Client, shop: Seller) -> None:
    sent(client, shop)
    query = CustomerQuery.objects.get()
    query.pk = None

    with refused_by("query_statement_used_once"):
        query.save()


@pytest.mark.parametrize("field", ["seller", "statement_digest"])
def test_origin_of_a_query_never_changes(
    client: Client, shop: Seller, other_shop: Seller, field: str
) -> None:
    sent(client, shop)

    with refused_by("query_origin_never_changes"):
        CustomerQuery.objects.update(**{field: other_shop if field == "seller" else "other"})


# Refused


LONG_AGO = int(NOON.timestamp()) - 1000
CASES = {
    "forged": "not_signed",
    "malformed": "malformed",
    "nothing": "malformed",
    "oversized": "malformed",
    "for another": "wrong_audience",
    "old": "too_old",
    "no shop": "unknown_shop",
    "form keeps nothing": "not_signed",
    "statement in the place of what the form keeps": "not_signed",
    "both": "not_signed",
}


def posted(case: str, shop: Seller) -> dict[str, str]:
    """Return what is posted."""
    return {
        "forged": {"statement": signed(OTHER_KEY, shop=shop.pk)},
        "malformed": {"statement": "x.y.z"},
        "nothing": {},
        "oversized": {"statement": "x" * 9_000},
        "for another": {"statement": said(shop, aud="https://other.example")},
        "old": {"statement": said(shop, iat=LONG_AGO, exp=LONG_AGO + 900)},
        "no shop": {"statement": signed(shop=shop.pk + 1)},
        "form keeps nothing": {"kept": ""},
        "statement in the place of what the form keeps": {"kept": said(shop)},
        "both": {"statement": said(shop), "kept": "x:y:z"},
    }[case]


@pytest.mark.parametrize(("case", "word"), CASES.items(), ids=CASES)
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "opening"])
def test_what_is_refused_gets_a_sentence_and_stores_nothing(
    client: Client, shop: Seller, case: str, word: str, typed: bool
) -> None:
    page = client.post(ASK, posted(case, shop) | (QUESTION if typed else {}))

    assert page.status_code == 400
    assert f"“{word}”" in text(page)
    assert "press the button again" in text(page)
    assert ("They squeak." in text(page)) is typed
    assert nothing_is_stored()


def test_more_than_any_form_is_refused(client: Client, shop: Seller) -> None:
    page = client.post(ASK, {"statement": said(shop), "body": "x" * 3_000_000})

    assert page.status_code == 400
    assert nothing_is_stored()


def test_form_of_another_statement_is_not_made_up(client: Client, shop: Seller) -> None:
    kept = kept_in(opened(client, shop))

    page = client.post(ASK, {"kept": kept[:20] + "A" + kept[21:], **QUESTION})

    assert page.status_code == 400
    assert nothing_is_stored()


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_key_there_is_no_page(
    client: Client, shop: Seller, settings: LazySettings, method: str
) -> None:
    settings.ASK_KEYS = []

    assert getattr(client, method)(ASK, {"statement": said(shop)}).status_code == 404


def test_who_guesses_statements_waits_and_nobody_else(client: Client, shop: Seller) -> None:
    guesses = [client.post(ASK, {"statement": f"guess {number}"}) for number in range(121)]

    assert [page.status_code for page in guesses] == [400] * 120 + [429]
    assert guesses[-1]["Retry-After"] == "60"
    assert opened(client, shop).status_code == 200  # from the same address


def test_page_without_a_statement_costs_nothing(client: Client, db: None) -> None:
    assert {client.get(ASK).status_code for _ in range(121)} == {200}


# What goes along with every page


def test_looking_says_where_to_begin(client: Client, db: None) -> None:
    page = client.get(ASK)

    assert page.status_code == 200
    assert "You come here from the page of your order at Markt" in text(page)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_page_refuses_other_methods(client: Client, db: None, method: str) -> None:
    assert getattr(client, method)(ASK).status_code == 405


@pytest.mark.parametrize("step", ["how", "form", "wrong", "sent", "already", "refused"])
def test_page_is_kept_private(shop: Seller, step: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(ASK)
    if step == "refused":
        page = browser.post(ASK, {"statement": "x"}, headers={"Origin": "null"})
    elif step != "how":
        page = opened(browser, shop)
        kept = kept_in(page)
        for _ in {"form": "", "wrong": "1", "sent": "1", "already": "12"}[step]:
            typed = {} if step == "wrong" else QUESTION
            page = browser.post(ASK, {"kept": kept, **typed}, headers={"Origin": "null"})

    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert page["X-Frame-Options"] == "DENY"
    assert not browser.cookies
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "http" not in page["Content-Security-Policy"]
    assert len(page.content) < 10_000


def test_nothing_personal_is_in_logs(
    client: Client, shop: Seller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sent(client, shop)
    client.post(ASK, {"statement": said(shop, aud="x", name="Klaas"), **QUESTION})
    client.post(ASK, {"kept": "x", **QUESTION})

    assert "Statement refused: not_signed" in caplog.text
    assert "Statement refused: wrong_audience" in caplog.text
    for secret in ("laas", "eyJ", "squeak", "4711", "K-1"):
        assert secret not in "\n".join(
            record.getMessage() for record in caplog.records if record.name != "django.db.backends"
        )


def test_opening_costs_few_statements(client: Client, shop: Seller) -> None:
    with CaptureQueriesContext(connection) as captured:
        opened(client, shop)

    assert len(captured) == 2
