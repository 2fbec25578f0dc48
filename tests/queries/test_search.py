"""Search: what is found by which words, by whom, and what is forgotten."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from unicodedata import normalize

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from queries import actions, search
from queries.customers import erase_customer
from queries.enums import NoteKind
from queries.identity import merge_customers
from queries.models import Customer, CustomerQuery, Message, Note, SearchDocument
from queries.search import MOST_LETTERS, has_words, mentioning
from sellers.events import Actor
from sellers.models import Seller
from tests.conftest import NOON, Market, at_once
from tests.queries.conftest import HOUR

EXAMPLE = {
    "subject": "Überlänge am Paket café crème",
    "order_reference": "BR-2026-00017",
}


def found(typed: str, seller: Seller) -> set[CustomerQuery]:
    """Return what a shop finds."""
    ours = CustomerQuery.objects.for_seller(seller)
    return set(ours.filter(mentioning(typed, seller=seller)))


def matches(content: str, typed: str) -> bool:
    """Return whether somebody who types this finds a message that says that."""
    words = typed.split()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queries_words(7, %s) @@ queries_sought(7, %s::text[], %s::text[])",
            [content, words, [""] * len(words)],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    "typed",
    [
        "Jose",
        "jose fernandez",
        "FERNÁNDEZ José",
        normalize("NFD", "José"),
        "fern",
        "uberlange",
        "überl",
        "cafe",
        "creme café",
        "BR202600017",
        "br-2026-00017",
        "BR-2026",
        "br 2026 00017",
        "br/2026/00017",
        "2026-00017",
        "00017",
        "000",
        "jose 00017 cafe",
        "jose.fernandez@klant.example",
        "Jose.Fernandez@Klant.example",
    ],
)
def test_search_finds(market: Market, typed: str) -> None:
    customer = market.new_customer(name="José Fernández", email="jose.fernandez@klant.example")
    query = market.query(customer, **EXAMPLE)
    market.query()

    assert found(typed, market.shop) == {query}


@pytest.mark.parametrize(
    "typed",
    [
        "br-2026-17",
        "br202617",
        "2026017",
        "17",
        "osé",
        "berlange",
        "jose smith",
        "jose.fern@klant.example",
        "jose.fernandez@klant",
        "klant.example",
        "fernandezjose",
        "jose | flat",
        "flat:*",
    ],
)
def test_search_does_not_find(market: Market, typed: str) -> None:
    customer = market.new_customer(name="José Fernández", email="jose.fernandez@klant.example")
    query = market.query(customer, **EXAMPLE)

    assert query not in found(typed, market.shop)


@pytest.mark.parametrize(
    ("content", "typed"),
    [
        ("Retourneren van kapotte stoelen", "stoelen retourneren"),
        ("De Straße", "strasse"),
        ("STRASSE", "straße"),
        ("Ærø og Ålborg", "aero alborg"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("ışık", "isik"),
        ("Þór Œuvre Đorđe", "thor oeuvre dorde"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("Ёлка", "елка"),
        ("Йод", "йод"),
        ("bestelling ٤٧١١", "4711"),
        ("bestelling ４７１１", "4711"),
        ("bestelling 4711", "٤٧١١"),
        ("Jeanne d’Arc", "d'arc"),
        ("Jeanne d'Arc", "darc"),
        ("Jeanne d´Arc", "arc"),
        ("’s-Gravenhage", "gravenhage"),
        ("'s-Gravenhage", "’s-grav"),
        ("e-mail", "email"),
        ("email", "e-mail"),
        ("stuur naar piet@klant.example, graag", "piet@klant.example"),
        ("Het\u00a0pakket", "pakket"),
        ("kof\u00adfer", "koffer"),
        ("ﬁets", "fiets"),
        ("(stoel)", "stoel"),
        ("stoel.Nee", "nee"),
        ("日本語", "日本"),
        ("אבגד", "אב"),
        ("हिन्दी भाषा", "भाषा हिन्दी"),
        ("BR202600017", "br-2026-00017"),
        ("BR202600017", "br 2026 00017"),
        ("één", "EEN"),
        ("it's 100% & (more) | less: *", "more & less"),
    ],
)
@pytest.mark.django_db
def test_search_knows_a_word_in_other_spellings(content: str, typed: str) -> None:
    assert matches(content, typed)
    assert matches(normalize("NFD", content), typed)
    assert matches(content, normalize("NFD", typed))


@pytest.mark.parametrize("typed", ["", " ", "…", "& | ! : *", "'", "\\", "@", "👍", "\0", "--"])
def test_without_any_word_nothing_is_left_out(market: Market, typed: str) -> None:
    query = market.query()

    assert not has_words(typed)
    assert found(typed, market.shop) == {query}


@pytest.mark.parametrize(
    "typed",
    [
        "parcel & | !(:*",
        "'parcel'",
        "parcel\\",
        "pa\0rcel",
        "parcel:*",
        "<-> parcel",
        '"parcel"',
        "parcel " + "👍" * 500,
    ],
)
def test_nothing_that_is_typed_is_syntax(market: Market, typed: str) -> None:
    query = market.query()

    assert found(typed, market.shop) == {query}


@pytest.mark.parametrize("typed", ["o'brien\\@klant.example", "a'@b", "x@y' | '1"])
def test_odd_addresses_are_only_not_found(market: Market, typed: str) -> None:
    market.query()

    assert found(typed, market.shop) == set()


def test_what_is_very_long_is_looked_for_by_its_beginning(market: Market) -> None:
    query = market.query(subject="parcel " + "x" * 60)

    assert found("parcel " * 100_000, market.shop) == {query}
    assert found("x" * 55, market.shop) == {query}
    assert found("x" * 100_000, market.shop) == {query}
    assert found(" " * MOST_LETTERS + "nothing", market.shop) == {query}


@pytest.mark.parametrize(
    "body",
    ["w" * 5_000_000, "a-" * 200_000, " ".join(map(str, range(200_000))), "\u4e00 " * 100_000],
    ids=["one word", "one run", "many words", "same word"],
)
def test_a_message_of_any_length_is_stored(market: Market, body: str) -> None:
    query = market.query()

    for _ in range(3):
        actions.receive_reaction(query, body=body, by=Actor.CUSTOMER, now=NOON + HOUR)

    assert found("parcel", market.shop) == {query}


def test_search_sees_no_other_shop(market: Market, other_market: Market) -> None:
    ours, theirs = market.query(subject="Brakes"), other_market.query(subject="Brakes")

    assert found("brakes", market.shop) == {ours}
    assert found("brakes", other_market.shop) == {theirs}
    everybody_s = CustomerQuery.objects.filter(mentioning("brakes", seller=market.shop))
    assert set(everybody_s) == {ours}


def test_search_sees_no_number_of_a_shop_as_a_word(market: Market) -> None:
    market.query()

    assert found(str(market.shop.pk), market.shop) == set()


def test_search_knows_only_the_address_given_to_this_shop(
    market: Market, other_market: Market
) -> None:
    customer = market.new_customer(email="home@klant.example")
    ours = market.query(customer, contact_email="masked@klant.example")
    theirs = other_market.query(customer)

    assert found("home@klant.example", market.shop) == set()
    assert found("masked@klant.example", market.shop) == {ours}
    assert found("home@klant.example", other_market.shop) == {theirs}
    assert found("masked@klant.example", other_market.shop) == set()


def test_search_finds_an_address_in_either_form(market: Market) -> None:
    query = market.query(market.new_customer(email="info@xn--ggsbrden-zzae.de"))

    assert found("info@äggsbärden.de", market.shop) == {query}
    assert found("Info@xn--ggsbrden-zzae.de", market.shop) == {query}


def test_search_finds_messages_and_notes_of_everybody(market: Market) -> None:
    query = market.query()
    actions.reply(query, body="De fietspomp komt.", by=market.actor, now=NOON)
    actions.receive_reaction(query, body="Dank voor het ventiel", by=Actor.CUSTOMER, now=NOON)
    Note.objects.create(
        query=query,
        kind=NoteKind.NOTE,
        author=market.agent,
        body="Belde boos op.",
        written_at=NOON,
    )

    assert found("pomp", market.shop) == set()
    assert found("fietsp ventiel boos parcel", market.shop) == {query}


def test_search_finds_what_is_closed_and_opened_again(market: Market) -> None:
    query = market.query(subject="Brakes")
    assert not SearchDocument.objects.get(query=query).closed

    actions.close(query, by=market.actor, now=NOON)
    assert SearchDocument.objects.get(query=query).closed
    assert found("brakes", market.shop) == {query}

    actions.receive_reaction(query, body="Again!", by=Actor.CUSTOMER, now=NOON + HOUR)
    assert not SearchDocument.objects.get(query=query).closed
    assert found("brakes again", market.shop) == {query}


def test_search_follows_a_customer_s_name_and_address(market: Market) -> None:
    customer = market.new_customer(name="Klaas Vaak", email="klaas@klant.example")
    query = market.query(customer)

    customer.name, customer.email = "Josephine", "josephine@klant.example"
    customer.save()

    assert found("vaak", market.shop) == found("klaas@klant.example", market.shop) == set()
    assert found("josephine", market.shop) == {query}
    assert found("josephine@klant.example parcel", market.shop) == {query}


def test_search_follows_past_every_form(market: Market) -> None:
    query = market.query(subject="Brakes", order_reference="47-11")
    Message.objects.bulk_create(
        [
            Message(query=query, author="customer", body=body, sent_at=NOON)
            for body in ("ketting", "zadel")
        ]
    )
    assert found("ketting zadel 4711", market.shop) == {query}

    Message.objects.filter(body="ketting").update(body="")
    CustomerQuery.objects.filter(pk=query.pk).update(order_reference="")

    assert found("ketting", market.shop) == found("47-11", market.shop) == set()
    assert found("zadel brakes", market.shop) == {query}


def test_search_follows_who_was_merged(market: Market) -> None:
    double, kept = market.new_customer(name="Pietje"), market.new_customer(name="Keetje")
    query = market.query(double)

    merge_customers(double, into=kept, by=Actor.SYSTEM, now=NOON)

    assert found("keetje", market.shop) == {query}
    assert found("pietje", market.shop) == set()


def test_nothing_of_who_was_erased_stays(market: Market) -> None:
    customer = market.new_customer(name="Klaas Vaak", email="klaas@klant.example")
    query = market.query(customer, **EXAMPLE)
    actions.reply(query, body="De fietspomp komt.", by=market.actor, now=NOON)
    Note.objects.create(
        query=query, kind=NoteKind.NOTE, author=market.agent, body="Boos.", written_at=NOON
    )
    before = SearchDocument.objects.get(query=query)

    erase_customer(customer, by=Actor.SYSTEM, now=NOON)

    assert len(before.words) > 100
    assert SearchDocument.objects.get(query=query).words == ""


def test_two_messages_at_once_are_both_found(committed_db: None, market: Market) -> None:
    query = market.query()

    def say(body: str) -> None:
        with transaction.atomic():
            Message.objects.create(query=query, author="customer", body=body, sent_at=NOON)

    def rename() -> None:
        Customer.objects.filter(pk=query.customer_id).update(name="Josephine")

    at_once(lambda: say("ketting"), lambda: say("zadel"), rename)

    assert found("ketting zadel josephine", market.shop) == {query}


def test_search_asks_once_and_is_found_in_any_list(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queries = {market.query() for _ in range(3)}

    with django_assert_num_queries(2):
        assert found("parcel", market.shop) == queries


def test_search_finds_all_of_many(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MANY", 2)
    queries = [market.query(subject=f"Brakes {number}") for number in range(4)]
    actions.close(queries[0], by=market.actor, now=NOON)
    market.query()

    assert found("brakes", market.shop) == set(queries)


def written_words() -> st.SearchStrategy[str]:
    """Return words of any script, as people write them."""
    # Behind U+02C1 there are marks that stand alone, of which Unicode calls some letters.
    letters = st.characters(categories=["L", "Nd"], max_codepoint=0x2C1) | st.sampled_from(
        "αβγσςάέйёжшёЯΩכבא٣۴é"
    )
    return st.text(letters, min_size=1, max_size=12)


@given(data=st.data(), words=st.lists(written_words(), min_size=1, max_size=6))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.django_db
def test_whatever_was_said_is_found_by_any_beginning_of_its_words_in_any_order(
    data: st.DataObject, words: list[str]
) -> None:
    between = st.sampled_from([" ", ", ", "\n", "-", ". ", "’", "\u00a0"])
    content = "".join(word + data.draw(between) for word in words)
    beginnings = [
        word[: data.draw(st.integers(min_value=1, max_value=len(word)))] for word in words
    ]
    assume(all(any(map(str.isalnum, each)) for each in beginnings))
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    Random(data.draw(st.integers())).shuffle(beginnings)

    assert matches(content, normalize(form, " ".join(beginnings)))


@given(content=st.text(max_size=200), typed=st.text(max_size=80))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.django_db
def test_anything_can_be_said_and_typed(content: str, typed: str) -> None:
    content, typed = (
        each.replace("\0", "").encode(errors="ignore").decode() for each in (content, typed)
    )

    assert matches(content, typed) in (True, False)


# How the words come in: each trigger does its part.


def change_name(query: CustomerQuery, by: Market) -> None:
    """Give the customer another name."""
    Customer.objects.filter(pk=query.customer_id).update(name="Zadel")


def ask_more(query: CustomerQuery, by: Market) -> None:
    """Let a customer ask."""
    by.query(subject="Zadel")


def merge(query: CustomerQuery, by: Market) -> None:
    """Let the customer be another one."""
    other = by.new_customer(name="Zadel")
    merge_customers(query.customer, into=other, by=Actor.SYSTEM, now=NOON)


def write(query: CustomerQuery, by: Market) -> None:
    """Answer the customer."""
    actions.reply(query, body="Zadel", by=by.actor, now=NOON)


def note(query: CustomerQuery, by: Market) -> None:
    """Write something for colleagues."""
    Note.objects.create(
        query=query, kind=NoteKind.NOTE, author=by.agent, body="Zadel", written_at=NOON
    )


def empty_messages(query: CustomerQuery, by: Market) -> None:
    """Forget what was said."""
    Message.objects.filter(query=query).update(body="")


def empty_notes(query: CustomerQuery, by: Market) -> None:
    """Forget what was noted."""
    Note.objects.filter(query=query).update(body="")


def close(query: CustomerQuery, by: Market) -> None:
    """Close it."""
    actions.close(query, by=by.actor, now=NOON)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("trigger", "change", "typed"),
    [
        ("customer_search_follows", change_name, "zadel"),
        ("query_search_begins", ask_more, "zadel"),
        ("query_search_follows", merge, "zadel"),
        ("message_search_grows", write, "zadel"),
        ("note_search_grows", note, "zadel"),
        ("message_search_follows", empty_messages, "monday"),
        ("note_search_follows", empty_notes, "boos"),
    ],
)
@pytest.mark.parametrize("awake", [True, False])
def test_each_trigger_brings_its_words(
    market: Market,
    trigger: str,
    change: Callable[[CustomerQuery, Market], None],
    typed: str,
    awake: bool,
) -> None:
    query = market.query()
    Note.objects.create(
        query=query, kind=NoteKind.NOTE, author=market.agent, body="Boos", written_at=NOON
    )
    before = bool(found(typed, market.shop))

    with nullcontext() if awake else asleep(trigger):
        change(query, market)

    assert (bool(found(typed, market.shop)) != before) is awake


@pytest.mark.usefixtures("owner_db")
def test_what_is_closed_is_marked_by_a_trigger(market: Market) -> None:
    first, second = market.query(), market.query()

    close(first, market)
    with asleep("query_search_closes"):
        close(second, market)

    documents = SearchDocument.objects.order_by("query")
    assert [document.closed for document in documents] == [True, False]


@contextmanager
def asleep(name: str) -> Iterator[None]:
    """Switch a trigger off for a while."""
    triggers = {
        trigger.name: (model._meta.db_table, trigger.get_pgid(model))
        for model in (Customer, CustomerQuery, Message, Note)
        for trigger in model._meta.triggers
    }
    table, pgid = triggers[name]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {pgid}")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {pgid}")
