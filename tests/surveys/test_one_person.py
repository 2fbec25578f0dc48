"""The rest, the opt-out and erasing follow the person, whatever addresses and numbers they have."""

from collections import Counter
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from insights import integrity, keeping
from queries import actions
from queries.customers import erase_customer
from queries.identity import find_or_create_customer, merge_customers
from queries.models import Closing, Customer
from sellers.events import Actor
from sellers.sending import send_due
from surveys import answers
from surveys.deciding import decide_due
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, Referral, SurveyOptOut, SurveyResponse
from tests.conftest import (
    NOON,
    RULES,
    Market,
    at_once,
    refused_by,
    wait_until_somebody_waits,
)
from tests.mail_server import MailServer
from tests.surveys.conftest import link

DUE = NOON + RULES.delay
LATER = DUE + timedelta(hours=1)
KLAAS = "klaas@klant.example"
COOLDOWN, OPTED_OUT = SuppressionReason.CUSTOMER_COOLDOWN, SuppressionReason.OPTED_OUT


def customer(number: str | None, email: str = KLAAS, *, shares_email: bool = False) -> Customer:
    """Return who asks."""
    return find_or_create_customer(
        external_id=number,
        email=email,
        name="",
        language="en",
        shares_email=shares_email,
        by=Actor.SYSTEM,
        now=NOON,
    )


def decide() -> Counter[str]:
    """Decide all that is due, a batch at a time."""
    return decide_due(now=DUE, rules=RULES)


def merge(goes: Customer, stays: Customer) -> None:
    """Let one customer be another."""
    merge_customers(goes, into=stays, by=Actor.SYSTEM, now=LATER)


# The rest


def test_three_masked_addresses_of_one_number_give_one_survey(market: Market) -> None:
    for order in range(3):
        market.closing(customer("K-1", f"order{order}@masked.example"))

    assert decide() == {"send": 1, COOLDOWN: 2}


def test_three_buyers_behind_one_shared_address_give_a_survey_each(market: Market) -> None:
    for number in range(3):
        market.closing(customer(f"K-{number}", shares_email=True))

    assert decide() == {"send": 3}


@pytest.mark.parametrize("who", ["two numbers", "a number and none", "capitals"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_one_address_that_is_not_shared_gives_one_survey(
    market: Market, other_market: Market, who: str, together: bool
) -> None:
    first = customer("K-1", "other@klant.example")
    second = customer("K-2" if who != "a number and none" else None)
    email = "KLAAS@klant.example" if who == "capitals" else KLAAS
    Customer.objects.filter(pk=first.pk).update(email=email)

    market.closing(first)
    if not together:
        assert decide() == {"send": 1}
    other_market.closing(second)

    assert decide() == ({"send": 1, COOLDOWN: 1} if together else {COOLDOWN: 1})


def test_one_of_several_who_says_that_the_address_is_shared_speaks_for_all(market: Market) -> None:
    for number in range(3):
        market.closing(customer(f"K-{number}", shares_email=number == 1))

    assert decide() == {"send": 3}


def test_no_address_is_nobody_s_address(market: Market) -> None:
    for number in range(2):
        market.query(customer(f"K-{number}", ""), contact_email=f"order{number}@masked.example")
    for query in market.shop.queries.all():
        actions.close(query, by=market.actor, now=NOON)

    assert decide() == {"send": 2}


def test_opting_out_is_heard_for_who_has_the_same_address(market: Market) -> None:
    answers.opt_out(customer("K-1"), by=Actor.CUSTOMER, now=NOON)
    market.closing(customer("K-2"))
    market.closing(customer("K-3", "other@klant.example"))

    assert decide() == {OPTED_OUT: 1, "send": 1}


def test_opting_out_is_one_s_own_at_a_shared_address(market: Market) -> None:
    answers.opt_out(customer("K-1", shares_email=True), by=Actor.CUSTOMER, now=NOON)
    market.closing(customer("K-2", shares_email=True))

    assert decide() == {"send": 1}


def test_opting_out_at_the_last_moment_is_heard_too(
    market: Market, mail_server: MailServer
) -> None:
    market.closing(customer("K-1"))
    decide()

    answers.opt_out(customer("K-2"), by=Actor.CUSTOMER, now=DUE)

    assert send_due(clock=lambda: DUE) == {"suppressed": 1}
    assert Invitation.objects.get().reason == OPTED_OUT


def test_opting_out_is_undone_for_the_person(market: Market, client: Client) -> None:
    invitation = market.invitation(market.closing(customer("K-1")))
    answers.opt_out(customer("K-2"), by=Actor.CUSTOMER, now=DUE)
    answers.opt_out(customer("K-3", "other@klant.example"), by=Actor.CUSTOMER, now=DUE)
    path = link(invitation, "opt_out")
    assert "You get no more surveys" in client.get(path).content.decode()

    client.post(path, {"undo": "1"})

    assert "No more surveys?" in client.get(path).content.decode()
    assert SurveyOptOut.objects.get().customer.external_id == "K-3"


@pytest.mark.parametrize("limit", [1, 7])
def test_workers_give_one_survey_to_two_numbers_with_one_address(
    committed_db: None, market: Market, other_market: Market, limit: int
) -> None:
    pairs = [
        (customer(f"A-{number}", email), customer(f"B-{number}", email))
        for number in range(40)
        for email in [f"klant{number}@klant.example"]
    ]
    for start in range(0, 40, limit):  # the batches of two workers have the same addresses
        batch = pairs[start : start + limit]
        for one, _other in batch:
            market.closing(one)
        for _one, other in reversed(batch):
            other_market.closing(other)

    def decide_all() -> Counter[str]:
        counted = Counter[str]()
        while Closing.objects.undecided().exists():
            counted += decide_due(now=DUE, rules=RULES, limit=limit)
        return counted

    counted = sum(at_once(*[decide_all] * 4), Counter[str]())

    assert counted == {"send": 40, COOLDOWN: 40}
    to_send = Invitation.objects.filter(state=InvitationState.DECIDED)
    assert len(set(to_send.values_list("customer__email"))) == 40


def test_who_gets_another_address_meanwhile_is_decided_with_it(
    committed_db: None, market: Market
) -> None:
    moved = customer("K-1", "other@klant.example")
    market.closing(customer("K-2"))
    assert decide() == {"send": 1}
    market.closing(moved)

    def move() -> Counter[str]:
        with transaction.atomic():
            customer("K-1", KLAAS)
            wait_until_somebody_waits()
        return Counter()

    def decide_meanwhile() -> Counter[str]:
        sleep(0.2)
        return decide()

    assert at_once(move, decide_meanwhile) == [{}, {}]
    assert decide() == {COOLDOWN: 1}


@pytest.mark.parametrize("count", [1, 5])
def test_deciding_many_costs_as_many_statements_as_one(market: Market, count: int) -> None:
    for number in range(count):
        market.closing(customer(f"A-{number}", f"klant{number}@klant.example"))
        market.closing(customer(f"B-{number}", f"klant{number}@klant.example"))

    with CaptureQueriesContext(connection) as captured:
        assert decide() == {"send": count, COOLDOWN: count}

    assert len(captured) == 12


# Where the survey goes


@pytest.mark.parametrize("own", [KLAAS, ""], ids=["has an own address too", "has none"])
def test_survey_goes_to_the_address_given_with_the_query(
    market: Market, mail_server: MailServer, own: str
) -> None:
    query = market.query(market.new_customer(email=own), contact_email="Order1@Masked.example")
    actions.close(query, by=market.actor, now=NOON)
    assert query.reply_to_email == "order1@masked.example"

    assert decide() == {"send": 1}
    send_due(clock=lambda: DUE)

    assert [mail["To"] for mail in mail_server.received] == ["order1@masked.example"]


def test_survey_goes_to_the_customer_s_own_address_else(
    market: Market, mail_server: MailServer
) -> None:
    market.closing(customer("K-1"))
    decide()
    customer("K-1", "new@klant.example")

    send_due(clock=lambda: DUE)

    assert [mail["To"] for mail in mail_server.received] == ["new@klant.example"]


# Merged


@pytest.fixture
def two(market: Market) -> tuple[Customer, Customer]:
    """Two customers who were both asked, and answered."""
    both = customer("K-1", "one@klant.example"), customer("K-2", "two@klant.example")
    for score, each in zip((3, 9), both, strict=True):
        answers.submit(
            market.invitation(market.closing(each)).token_digest,
            score=score,
            reason="It took long.",
            topics=[],
            may_contact=True,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=LATER,
        )
    return both


def test_no_row_is_about_who_was_merged(market: Market, two: tuple[Customer, Customer]) -> None:
    stays, goes = two
    answers.opt_out(goes, by=Actor.CUSTOMER, now=NOON)
    Referral.objects.create(
        response=market.response(10),
        seller=market.shop,
        customer=goes,
        words="her sister",
        worth=640,
        came_on=NOON.date(),
        recorded_at=NOON,
        recorded_by=market.agent,
    )
    goes.queries.get().seller.orders.create(
        reference="1559378960", customer=goes, ordered_on=NOON.date()
    )
    relations = [
        (relation.related_model, relation.field.name)
        for relation in Customer._meta.related_objects
        if relation.related_model is not Customer
    ]

    def about(who: Customer) -> list[int]:
        return [
            model._default_manager.filter(**{name: who}).count()
            for model, name in relations
            if not isinstance(model, str)
        ]

    before = [one + other for one, other in zip(about(stays), about(goes), strict=True)]
    assert 0 not in about(goes)

    merge(goes, stays)

    assert about(goes) == [0] * len(relations)
    assert about(stays) == before


def test_merging_changes_no_measurement_and_no_count(two: tuple[Customer, Customer]) -> None:
    keeping.keep_counts()
    models: list[type[Model]] = [
        SurveyResponse,
        *apps.get_app_config("insights").get_models(),
        *apps.get_app_config("sellers").get_models(),
    ]
    kept = [
        model for model in models if model._meta.label != "sellers.Event" and model._meta.managed
    ]

    def everything() -> list[Any]:
        return [list(model._default_manager.order_by("pk").values()) for model in kept]

    before = everything()

    merge(two[1], two[0])

    assert everything() == before
    closings = Closing.objects.values_list("seller", "agent", "closed_by", "predicted_score")
    assert len(set(closings)) == 1


def test_integrity_holds_after_a_merge(two: tuple[Customer, Customer]) -> None:
    merge(two[1], two[0])

    assert [each for each in integrity.check_all() if each.is_alarming] == []


@pytest.mark.parametrize("opted_out", ["goes", "stays", "both"])
def test_opting_out_moves_along(two: tuple[Customer, Customer], opted_out: str) -> None:
    stays, goes = two
    moments = {"goes": NOON, "stays": LATER}
    for name, who in (("goes", goes), ("stays", stays)):
        if opted_out in {name, "both"}:
            answers.opt_out(who, by=Actor.CUSTOMER, now=moments[name])

    merge(goes, stays)

    wish = SurveyOptOut.objects.get()
    assert wish.customer == stays
    assert wish.opted_out_at == (LATER if opted_out == "stays" else NOON)


def test_link_of_who_was_merged_opts_out_who_stays(two: tuple[Customer, Customer]) -> None:
    stays, goes = two
    merge(goes, stays)

    answers.opt_out(goes, by=Actor.CUSTOMER, now=LATER)  # read before the merge
    assert SurveyOptOut.objects.get().customer == stays

    answers.undo_opt_out(goes, by=Actor.CUSTOMER, now=LATER)
    assert not SurveyOptOut.objects.exists()


def test_rest_counts_what_who_was_merged_got(market: Market) -> None:
    stays, goes = customer("K-1", "one@klant.example"), customer("K-2", "two@klant.example")
    market.invitation(market.closing(goes))

    merge(goes, stays)
    market.closing(stays)

    assert decide() == {COOLDOWN: 1}


def test_erasing_after_a_merge_takes_all_words(two: tuple[Customer, Customer]) -> None:
    stays, goes = two
    merge(goes, stays)

    erase_customer(goes, by=Actor.SYSTEM, now=LATER)

    assert not SurveyResponse.objects.with_words().exists()
    assert SurveyResponse.objects.count() == 2


def test_invitation_moves_only_to_who_its_customer_was_merged_into(
    two: tuple[Customer, Customer],
) -> None:
    stays, goes = two

    with refused_by("invitation_customer_only_merged"):
        Invitation.objects.filter(customer=goes).update(customer=stays)

    Customer.objects.filter(pk=goes.pk).update(merged_into=stays)
    assert Invitation.objects.filter(customer=goes).update(customer=stays) == 1
    with refused_by("invitation_customer_only_merged"):
        Invitation.objects.filter(customer=stays).update(customer=goes)


def test_merging_beside_deciding_gives_one_survey(
    committed_db: None, market: Market, other_market: Market
) -> None:
    pairs = [
        (customer(f"A-{number}", f"a{number}@klant.example"), customer(f"B-{number}", ""))
        for number in range(20)
    ]
    for stays, goes in pairs:
        market.closing(stays)
        query = other_market.query(goes, asked_at=NOON, contact_email="b@masked.example")
        actions.close(query, by=other_market.actor, now=NOON)

    def merge_all() -> Counter[str]:
        for stays, goes in pairs:
            merge(goes, stays)
        return Counter()

    def decide_all() -> Counter[str]:
        counted = Counter[str]()
        while Closing.objects.undecided().exists():
            counted += decide_due(now=DUE, rules=RULES, limit=7)
        return counted

    at_once(merge_all, decide_all, decide_all)

    assert Invitation.objects.count() == 40
    assert not Customer.objects.exclude(merged_into=None).filter(invitations__isnull=False).exists()
    assert {each.customer_id for each in Closing.objects.all()} == {one.pk for one, _ in pairs}
