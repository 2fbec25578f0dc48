"""The platform tells of things one by one."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient as Program

from queries.customers import erase_customer
from queries.enums import FedKind, QueryState
from queries.feeding import FORMS
from queries.models import (
    HAND_BACK_AFTER,
    Closing,
    Customer,
    CustomerMail,
    CustomerQuery,
    FedRow,
    HandOver,
    Message,
    Order,
    WaitingItem,
)
from queries.timeouts import hand_back_due
from sellers.events import Actor
from sellers.models import Event, Membership, Notice, RefusedAddress, Seller, User
from surveys.answers import opt_out, undo_opt_out
from surveys.api.marketplace import PARTS
from surveys.enums import InvitationState
from surveys.models import Invitation, SurveyOptOut
from tests.api.conftest import Register
from tests.api.feeding import HOUR, PLACES, Told, item, shop
from tests.api.test_access import described
from tests.conftest import NOON, Market

pytestmark = pytest.mark.usefixtures("noon_later")
LATER = NOON + timedelta(hours=12)


@pytest.fixture
def noon_later(db: None) -> Any:
    """Half a day after all began."""
    with time_machine.travel(LATER, tick=False):
        yield


def put(platform: Program, told: Told, status: int | None = None) -> dict[str, Any]:
    """Tell of one thing; return the answer."""
    body = dict(told)
    place = PLACES[body.pop("kind")]
    path = f"/api/v1/marketplace/mp/{place}/{body.pop('external_id')}/"
    answer = platform.put(path, json.dumps(body), content_type="application/json")
    if status is not None:
        assert answer.status_code == status, answer.content
    said: dict[str, Any] = answer.json()
    return said


@pytest.fixture
def lamps(platform: Program) -> Seller:
    """A shop that the platform told of."""
    for each in shop():
        put(platform, each, 201)
    return Seller.objects.get(name="Lampenhuis")


def test_what_is_told_may_name_itself_and_nothing_else(platform: Program) -> None:
    told = item("seller", "s1")

    def answer(**said: str) -> Any:
        return platform.put("/api/v1/marketplace/mp/sellers/s1/", told | said, format="json")

    assert answer().status_code == 201
    for said in ({"kind": "order", "external_id": "s2"}, {"nickname": "Lampie"}):
        refused = answer(**said)
        assert refused.status_code == 400
        assert [each["name"] for each in refused.json()["violations"]] == list(said)


@pytest.mark.parametrize("kind", list(PLACES))
def test_first_is_created_then_nothing_changes(platform: Program, kind: str) -> None:
    told = [
        *shop(),
        item("order", "o1"),
        item("query", "q1"),
        item("message", "g1", NOON + HOUR),
        item("handover", "h1", NOON + HOUR),
        item("handback", "b1", NOON + 2 * HOUR),
        item("closing", "x1", NOON + 2 * HOUR),
        item("opt_out", "c1"),
        item("bounce", "k1"),
    ]
    for each in told:
        last = put(platform, each, 201)
        if each["kind"] == kind:
            break
    events = Event.objects.count()

    again = put(platform, each, 200)

    assert (last["outcome"], again["outcome"]) == ("created", "unchanged")
    assert last["id"] == again["id"]
    assert Event.objects.count() == events


def test_newer_changes_and_older_does_not(platform: Program, lamps: Seller) -> None:
    newer = put(platform, item("seller", "s1", NOON + 2 * HOUR, name="Lampenpaleis"), 200)
    older = put(platform, item("seller", "s1", NOON + HOUR, name="Lampenhut"), 200)

    assert (newer["outcome"], newer["effects"]) == ("updated", [])
    assert (older["outcome"], older["effects"]) == ("unchanged", ["older_than_known"])
    lamps.refresh_from_db()
    assert lamps.name == "Lampenpaleis"


def test_member_comes_gets_another_role_and_goes(platform: Program, lamps: Seller) -> None:
    agent = item("member", "m2", email="Finn@lampenhuis.example", name="Finn", role="agent")
    put(platform, agent, 201)
    finn = User.objects.get(email="finn@lampenhuis.example")
    put(platform, agent | {"role": "analyst", "occurred_at": (NOON + HOUR).isoformat()}, 200)

    role = Membership.objects.get(user=finn).role
    put(platform, agent | {"active": False, "occurred_at": LATER.isoformat()}, 200)

    assert role == "analyst"
    assert not finn.has_usable_password()
    assert not Membership.objects.of_user(finn).exists()


def test_last_owner_stays(platform: Program, lamps: Seller) -> None:
    answer = put(platform, item("member", "m1", NOON + HOUR, role="agent"), 409)

    assert answer["code"] == "last_owner"


def test_address_of_a_member_is_theirs(platform: Program, lamps: Seller) -> None:
    answer = put(platform, item("member", "m1", NOON + HOUR, email="other@shop.example"), 409)

    assert answer["code"] == "address_never_changes"


def test_customer_is_found_by_the_number(platform: Program, lamps: Seller) -> None:
    put(platform, item("customer", "c1", NOON + HOUR, email="o1@masked.example", masked=True), 200)
    new = put(platform, item("customer", "c2", number="K-2", shared=True), 201)

    klaas = Customer.objects.get(external_id="K-1")
    other = Customer.objects.get(pk=new["id"])
    assert klaas.email == "o1@masked.example"
    assert other.shares_email


def test_number_of_another_is_refused(platform: Program, lamps: Seller) -> None:
    put(platform, item("customer", "c2", number="K-2", email="other@klant.example"), 201)

    answer = put(platform, item("customer", "c2", NOON + HOUR, number="K-1"), 409)

    assert answer["code"] == "known_otherwise"


def test_order_is_stored_whole(platform: Program, lamps: Seller) -> None:
    put(platform, item("order", "o1"), 201)
    lines = [{"name": "Lamp", "quantity": 2, "warranty_until": "2028-10-01"}, {"name": "Bulb"}]
    changed = put(platform, item("order", "o1", NOON + HOUR, carrier="DHL", items=lines), 200)

    order = Order.objects.with_items().get()
    assert changed["outcome"] == "updated"
    assert (order.seller, order.reference, order.carrier) == (lamps, "100482917", "DHL")
    assert [(line.name, line.quantity) for line in order.items.all()] == [("Lamp", 2), ("Bulb", 1)]


def test_two_ids_are_not_one_order(platform: Program, lamps: Seller) -> None:
    put(platform, item("order", "o1"), 201)

    same_number = put(platform, item("order", "o2"), 409)
    other_number = put(platform, item("order", "o1", NOON + HOUR, reference="2"), 409)

    assert same_number["code"] == other_number["code"] == "order_of_another"


def test_conversation_goes_its_course(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("message", "g1", NOON + HOUR, author="seller", agent="m1"), 201)
    waiting = CustomerQuery.objects.get().state
    put(platform, item("message", "g2", NOON + 2 * HOUR), 201)
    put(platform, item("closing", "x1", NOON + 3 * HOUR), 201)

    query = CustomerQuery.objects.get()
    closing = Closing.objects.get()
    assert waiting == QueryState.WAITING
    assert (query.state, query.turn_since) == (QueryState.CLOSED, NOON + 3 * HOUR)
    assert query.first_replied_at == NOON + HOUR
    assert (closing.closed_by, closing.predicted_score) == ("seller", 8)
    assert closing.agent == User.objects.get(email="eva@lampenhuis.example")
    assert not CustomerMail.objects.exists()  # they read it at the marketplace


@pytest.mark.parametrize("actor", ["marketplace", "system"])
def test_others_close_too(platform: Program, lamps: Seller, actor: str) -> None:
    put(platform, item("query", "q1"), 201)
    closing = item("closing", "x1", NOON + HOUR, actor=actor, agent=None, predicted_score=None)
    put(platform, closing, 201)

    assert Closing.objects.get().closed_by == actor


def test_what_is_told_late_takes_its_place(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("closing", "x1", NOON + 5 * HOUR), 201)
    put(platform, item("message", "g2", NOON + 7 * HOUR), 201)
    put(platform, item("message", "g1", NOON + 6 * HOUR), 201)
    put(platform, item("message", "g0", NOON + HOUR, author="seller", agent="m1"), 201)

    query, closing = CustomerQuery.objects.get(), Closing.objects.get()
    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON + 6 * HOUR)
    assert query.reply_needed_since == NOON + 6 * HOUR
    assert (query.first_replied_at, query.first_reply_result) == (NOON + HOUR, "in_time")
    assert closing.reopened_at == NOON + 6 * HOUR


def test_second_closing_waits_for_what_opened_it(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("closing", "x1", NOON + HOUR), 201)
    second = put(platform, item("closing", "x2", NOON + 3 * HOUR), 202)

    put(platform, item("message", "g1", NOON + 2 * HOUR), 201)

    assert second["waits_for"] == {"kind": "query", "external_id": "q1"}
    closings = Closing.objects.order_by("closed_at").values_list("closed_at", "reopened_at")
    assert list(closings) == [(NOON + HOUR, NOON + 2 * HOUR), (NOON + 3 * HOUR, None)]
    assert not WaitingItem.objects.exists()


def test_child_before_its_parent_waits(platform: Program) -> None:
    closing = put(platform, item("closing", "x1", NOON + 3 * HOUR), 202)
    put(platform, item("message", "g1", NOON + HOUR), 202)
    put(platform, item("query", "q1"), 202)
    seller, member, customer = shop()
    put(platform, customer, 201)
    put(platform, member, 202)

    put(platform, seller, 201)

    assert (closing["outcome"], closing["id"]) == ("waiting", None)
    assert CustomerQuery.objects.get().state == QueryState.CLOSED
    assert Message.objects.count() == 2
    assert not WaitingItem.objects.exists()


def test_what_follows_is_said(platform: Program, lamps: Seller) -> None:
    long_ago = NOON - timedelta(days=30)
    query = put(platform, item("query", "q1", long_ago), 201)
    closing = put(platform, item("closing", "x1", long_ago + HOUR), 201)
    put(platform, item("query", "q2", NOON), 201)
    fresh = put(platform, item("closing", "x2", NOON + HOUR, query="q2"), 201)

    assert query["effects"] == ["deadline_passed"]
    assert closing["effects"] == ["survey_stale"]
    assert fresh["effects"] == []
    assert Closing.objects.get(query=query["id"]).closed_at == long_ago + HOUR


@pytest.mark.parametrize(
    ("kind", "change", "name"),
    [
        ("seller", {"country": "nl"}, "country"),
        ("seller", {"country": "NL", "region": "BY"}, "region"),
        ("seller", {"name": "\u202e"}, "name"),
        ("member", {"role": "boss"}, "role"),
        ("customer", {"number": "", "shared": True}, "number"),
        ("customer", {"number": "", "email": ""}, "number"),
        ("customer", {"language": "de"}, "language"),
        ("order", {"delivered_on": "2026-09-01"}, "delivered_on"),
        ("order", {"tracking_url": "http://track.example"}, "tracking_url"),
        ("order", {"items": [{"name": "Lamp", "quantity": 0}]}, "items[0].quantity"),
        ("query", {"body": ""}, "body"),
        ("query", {"body": "half \ud800"}, ""),
        ("query", {"subject": "\x00"}, "subject"),
        ("query", {"seller": "a/b"}, "seller"),
        ("query", {"occurred_at": "2026-11-02T09:30:00"}, "occurred_at"),
        ("query", {"occurred_at": "1999-11-02T09:30:00Z"}, "occurred_at"),
        ("query", {"occurred_at": "2036-11-02T09:30:00Z"}, "occurred_at"),
        ("message", {"author": "other"}, "author"),
        ("message", {"agent": "m1"}, "agent"),
        ("closing", {"agent": None}, "agent"),
        ("closing", {"actor": "system", "agent": None}, "predicted_score"),
        ("closing", {"predicted_score": 11}, "predicted_score"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(
    platform: Program, kind: str, change: Told, name: str
) -> None:
    answer = put(platform, item(kind, "e1", **change), 400)

    assert [each["name"] for each in answer["violations"]] == [name]
    assert not FedRow.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"body": "Other words."},
        {"subject": "Another"},
        {"occurred_at": (NOON + HOUR).isoformat()},
        {"order_reference": "2"},
    ],
)
def test_what_was_asked_never_changes(platform: Program, lamps: Seller, change: Told) -> None:
    put(platform, item("query", "q1"), 201)

    assert put(platform, item("query", "q1") | change, 409)["code"] == "told_otherwise"


def test_what_was_said_and_closed_never_changes(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("message", "g1", NOON + HOUR), 201)
    put(platform, item("closing", "x1", NOON + 2 * HOUR), 201)

    message = put(platform, item("message", "g1", NOON + HOUR, body="Other words."), 409)
    closing = put(platform, item("closing", "x1", NOON + 2 * HOUR, predicted_score=9), 409)

    assert message["code"] == closing["code"] == "told_otherwise"


def test_nothing_comes_before_the_question(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)

    for kind in ("message", "closing"):
        answer = put(platform, item(kind, "e1", NOON - HOUR), 409)
        assert answer["code"] == "before_it_was_asked"


def test_agent_belongs_to_the_shop(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("seller", "s2", name="Other"), 201)
    put(platform, item("member", "m2", seller="s2", email="x@other.example"), 201)

    answer = put(platform, item("closing", "x1", NOON + HOUR, agent="m2"), 409)

    assert answer["code"] == "of_another_shop"


def test_prediction_that_a_shop_wants_is_wanted_of_the_platform(
    platform: Program, lamps: Seller
) -> None:
    Seller.objects.filter(pk=lamps.pk).update(requires_prediction=True)
    put(platform, item("query", "q1"), 201)

    answer = put(platform, item("closing", "x1", NOON + HOUR, predicted_score=None), 409)

    assert answer["code"] == "prediction_missing"


def test_ids_are_of_one_platform(platform: Program, lamps: Seller) -> None:
    body = item("seller", "s1", name="Another")
    del body["kind"], body["external_id"]

    answer = platform.put("/api/v1/marketplace/other/sellers/s1/", body)

    assert answer.status_code == 201
    assert FedRow.objects.filter(kind="seller", external_id="s1").count() == 2


@pytest.mark.parametrize("place", ["UPPER/sellers/s1", "mp/sellers/s%201", "a.b/sellers/s1"])
def test_ids_have_a_form(platform: Program, place: str) -> None:
    answer = platform.put(f"/api/v1/marketplace/{place}/", {})

    assert answer.status_code in (400, 404)


def test_shop_feeds_nothing_in(crm: Program) -> None:
    answer = crm.put("/api/v1/marketplace/mp/sellers/s1/", {})

    assert answer.status_code == 403


def test_program_of_a_shop_acts_for_no_other_side(register: Register) -> None:
    with pytest.raises(AssertionError):
        Actor.program(register().client, side="marketplace")


def test_events_say_that_the_platform_told_it(platform: Program, lamps: Seller) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("closing", "x1", NOON + HOUR), 201)

    asked, closed = Event.objects.filter(object_label="queries.CustomerQuery").order_by("pk")
    assert (asked.kind, asked.at, asked.actor) == ("query.asked", NOON, "client")
    assert (closed.kind, closed.at, closed.actor) == ("query.closed", NOON + HOUR, "client")
    assert closed.user == User.objects.get(name="Eva")


def test_opt_out_is_undone_by_what_is_newer_alone(platform: Program, lamps: Seller) -> None:
    put(platform, item("opt_out", "c1", NOON + HOUR), 201)
    opted_out = SurveyOptOut.objects.get()
    undone = put(platform, item("opt_out", "c1", NOON + 3 * HOUR, opted_out=False), 200)
    late = put(platform, item("opt_out", "c1", NOON + 2 * HOUR), 200)

    kinds = list(
        Event.objects.filter(object_label="queries.Customer", seller=None)
        .exclude(kind__startswith="customer.")
        .order_by("pk")
        .values_list("kind", "at", "actor")
    )
    assert (opted_out.customer.external_id, opted_out.opted_out_at) == ("K-1", NOON + HOUR)
    assert (undone["outcome"], late["outcome"]) == ("updated", "unchanged")
    assert late["effects"] == ["older_than_known"]
    assert not SurveyOptOut.objects.exists()
    assert kinds == [
        ("survey.opted_out", NOON + HOUR, "client"),
        ("survey.opt_out_undone", NOON + 3 * HOUR, "client"),
    ]


@pytest.mark.parametrize("opted_out", [True, False])
def test_what_a_customer_chose_here_later_stays(
    platform: Program, lamps: Seller, opted_out: bool
) -> None:
    customer, by = Customer.objects.get(external_id="K-1"), Actor.CUSTOMER
    opt_out(customer, by=by, now=NOON + 2 * HOUR)
    if not opted_out:
        undo_opt_out(customer, by=by, now=NOON + 3 * HOUR)

    late = put(platform, item("opt_out", "c1", NOON + HOUR, opted_out=not opted_out), 200)
    stays = SurveyOptOut.objects.exists()
    newer = put(platform, item("opt_out", "c1", NOON + 4 * HOUR, opted_out=not opted_out), 200)

    assert (late["effects"], stays) == (["older_than_known"], opted_out)
    assert newer["outcome"] == "updated"
    assert SurveyOptOut.objects.exists() is not opted_out


@pytest.mark.parametrize("first", [0, 1])
def test_opt_out_is_of_the_person_by_whichever_id(
    platform: Program, lamps: Seller, first: int
) -> None:
    put(platform, item("customer", "c2", number="K-2"), 201)
    told = [item("opt_out", "c1", NOON + HOUR), item("opt_out", "c2", NOON + 2 * HOUR)]
    for each in (told[first], told[1 - first]):
        put(platform, each)
    opted_out = SurveyOptOut.objects.get()

    put(platform, item("opt_out", "c1", NOON + 3 * HOUR, opted_out=False), 200)

    assert (opted_out.customer.external_id, opted_out.opted_out_at) == ("K-2", NOON + 2 * HOUR)
    assert not SurveyOptOut.objects.exists()


def test_bounce_refuses_the_address_until_staff_lift_it(platform: Program, lamps: Seller) -> None:
    bounce = item("bounce", "k1", NOON + HOUR, email="Klaas@Klant.example")
    put(platform, bounce, 201)
    put(platform, item("bounce", "k0", NOON), 201)
    refused = RefusedAddress.objects.get()
    RefusedAddress.objects.all().delete()
    again = put(platform, bounce, 200)
    otherwise = put(platform, bounce | {"occurred_at": NOON.isoformat()}, 409)
    is_lifted = not RefusedAddress.objects.exists()
    put(platform, item("bounce", "k2", NOON + 2 * HOUR), 201)

    (event,) = Event.objects.filter(kind="address.refused").order_by("pk")[:1]
    assert (refused.email, refused.refused_at) == ("klaas@klant.example", NOON)
    assert (again["outcome"], otherwise["code"]) == ("unchanged", "told_otherwise")
    assert is_lifted
    assert RefusedAddress.objects.get().refused_at == NOON + 2 * HOUR
    assert (event.actor, event.seller) == ("client", None)


@pytest.mark.parametrize(
    ("email", "state"),
    [
        pytest.param("klaas@klant.example", InvitationState.BOUNCED, id="to this address"),
        pytest.param("other@klant.example", InvitationState.SENT, id="to another"),
    ],
)
def test_survey_that_bounced_does_not_count_for_the_rest(
    platform: Program, lamps: Seller, market: Market, email: str, state: InvitationState
) -> None:
    customer = Customer.objects.get(external_id="K-1")
    invitation = market.invitation(market.closing(customer, closed_at=NOON - 30 * HOUR))
    message_id = invitation.message_id_header

    put(platform, item("bounce", "k1", NOON + HOUR, email=email, message_id=message_id), 201)

    invitation.refresh_from_db()
    counting = Invitation.objects.counting_for_cooldown().filter(pk=invitation.pk)
    assert invitation.state == state
    assert counting.exists() is (state == InvitationState.SENT)
    assert RefusedAddress.objects.get().email == email


def test_escalation_is_with_the_marketplace_and_comes_back(
    platform: Program, lamps: Seller
) -> None:
    put(platform, item("query", "q1"), 201)
    put(platform, item("handover", "h1", NOON + HOUR, agent=None), 201)
    query = CustomerQuery.objects.get()
    put(platform, item("handover", "h2", NOON + 2 * HOUR), 202)
    put(platform, item("closing", "x0", NOON + 30 * timedelta(minutes=1)), 202)
    put(platform, item("handback", "b1", NOON + 90 * timedelta(minutes=1)), 201)

    first, second = HandOver.objects.order_by("handed_over_at")
    told_otherwise = put(platform, item("handover", "h1", NOON + HOUR, reason="Other."), 409)
    assert query.state == QueryState.WITH_MARKETPLACE
    assert (first.by, first.client is not None, first.outcome) == (None, True, "handed_back")
    assert second.by == User.objects.get(name="Eva")
    assert second.handed_back_at is None
    assert not Notice.objects.exists()  # who works at the marketplace knows by its platform
    assert told_otherwise["code"] == "told_otherwise"
    assert WaitingItem.objects.get().external_id == "x0"


def test_what_the_platform_told_of_comes_back_when_it_says_so(
    platform: Program, lamps: Seller
) -> None:
    """What closed it in an old history may be told after the portal would give it back."""
    put(platform, item("query", "q1"), 201)
    put(platform, item("handover", "h1", NOON + HOUR), 201)

    given_back = hand_back_due(now=LATER + HAND_BACK_AFTER)
    by_staff = {"actor": "marketplace", "agent": None, "predicted_score": None}
    put(platform, item("closing", "x1", NOON + 2 * HOUR, **by_staff), 201)

    handover = HandOver.objects.get()
    assert given_back == 0
    assert (handover.outcome, handover.handed_back_at) == ("closed", NOON + 2 * HOUR)


@pytest.mark.parametrize("kind", ["opt_out", "bounce", "handover", "handback"])
def test_child_of_another_platform_s_parent_waits(
    platform: Program, lamps: Seller, kind: str
) -> None:
    """Ids are of one platform: what another one told of is not there for this one."""
    put(platform, item("query", "q1"), 201)
    body = item(kind, "c1", NOON + HOUR)
    path = f"/api/v1/marketplace/other/{PLACES[body.pop('kind')]}/{body.pop('external_id')}/"

    answer = platform.put(path, json.dumps(body), content_type="application/json")

    assert (answer.status_code, answer.json()["outcome"]) == (202, "waiting")
    assert not HandOver.objects.exists()
    assert not SurveyOptOut.objects.exists()
    assert not RefusedAddress.objects.exists()


def test_agent_of_another_shop_hands_nothing_over(platform: Program, lamps: Seller) -> None:
    put(platform, item("seller", "s2", name="Elsewhere"), 201)
    put(platform, item("member", "m2", seller="s2", email="gijs@elders.example"), 201)
    put(platform, item("query", "q1"), 201)

    answer = put(platform, item("handover", "h1", NOON + HOUR, agent="m2"), 409)

    assert answer["code"] == "of_another_shop"


@pytest.mark.parametrize("kind", ["opt_out", "bounce"])
def test_who_was_erased_stays_so(platform: Program, lamps: Seller, kind: str) -> None:
    put(platform, item(kind, "c1"), 201)
    erase_customer(Customer.objects.get(external_id="K-1"), by=Actor.SYSTEM, now=LATER)

    answer = put(platform, item(kind, "c1", NOON + HOUR), 202)

    assert answer["waits_for"] == {"kind": "customer", "external_id": "c1"}
    assert not FedRow.objects.filter(kind=kind).exists()


@pytest.mark.parametrize("kind", FedKind)
def test_each_address_is_described_with_its_own_fields(kind: FedKind) -> None:
    schema = described()
    operations = [each for methods in schema["paths"].values() for each in methods.values()]
    (put,) = [each for each in operations if each["operationId"] == f"put{PARTS[kind]}"]

    body = put["requestBody"]["content"]["application/json"]["schema"]

    sent = schema["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert sent["properties"].keys() == FORMS[kind](context={"now": NOON}).fields.keys()
