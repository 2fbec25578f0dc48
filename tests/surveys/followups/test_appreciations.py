"""What a shop does with passives and promoters: the promises of the database, and the verbs."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Value

from queries import actions
from queries.actions import QueryIsErased, WithMarketplace
from queries.customers import erase_customer
from queries.enums import ActorType, QueryState
from queries.identity import merge_customers
from queries.models import CustomerMail, Message
from sellers.events import Actor
from sellers.models import Event, Seller, User
from surveys.enums import AppreciationEvent, ConsentWay, ContactKind
from surveys.followups import appreciations
from surveys.followups.appreciations import (
    AlreadyAllowed,
    AlreadyApproached,
    AlreadyNoted,
    AlreadyWithdrawn,
    NoContactWanted,
    NoWords,
    OrderAlreadyRecorded,
    OtherBand,
    OwnOrder,
    UnknownOrder,
)
from surveys.models import (
    Approach,
    Improvement,
    QuoteConsent,
    Referral,
    ReferralTotal,
    SurveyResponse,
)
from tests.conftest import NOON, Market, at_once, refused_by
from tests.measurements import imported

LATER = NOON + timedelta(days=3)
PRAISE = "Within an hour, and it was right."
THANKS = "How kind of you, thank you."


@pytest.fixture
def promoter(market: Market) -> SurveyResponse:
    """Somebody who gave a 10, said why, and may be contacted."""
    return market.response(10, reason=PRAISE, may_contact=True)


@pytest.fixture
def passive(market: Market) -> SurveyResponse:
    """Somebody who gave a 7 and may be contacted."""
    return market.response(7, reason="Fine.", may_contact=True)


@pytest.fixture
def by(bob: User) -> Actor:
    """Bob, who answers for the shop."""
    return Actor.user(bob)


@pytest.fixture
def consent(promoter: SurveyResponse, by: Actor) -> QuoteConsent:
    """The permission to quote that promoter."""
    return allow(promoter, by=by)


@pytest.fixture
def referral(promoter: SurveyResponse, by: Actor) -> Referral:
    """Whom that promoter brought in."""
    return refer(promoter, by=by)


def allow(response: SurveyResponse, *, by: Actor, name: str = "Fatima P.") -> QuoteConsent:
    """Record that a promoter may be quoted."""
    return appreciations.allow_quote(
        response, name=name, way=ConsentWay.IN_THREAD, by=by, now=LATER
    )


def refer(response: SurveyResponse, *, by: Actor, **changes: Any) -> Referral:
    """Record whom a promoter brought in: a sister, for 640 euros."""
    said = {
        "order_reference": "",
        "words": "her sister",
        "worth": Decimal("640.00"),
        "came_on": LATER.date(),
    }
    return appreciations.record_referral(response, **said | changes, by=by, now=LATER)


def kinds(response: SurveyResponse) -> list[str]:
    """Return what happened to a measurement since it was made, in order."""
    events = Event.objects.about([response]).order_by("pk")
    return [event.kind for event in events if event.kind != "measurement.created"]


# The database


@pytest.mark.parametrize(
    ("guard", "make"),
    [
        pytest.param("approach_of_own_measurement", "approach", id="approach"),
        pytest.param("improvement_of_own_measurement", "improvement", id="improvement"),
        pytest.param("consent_of_own_measurement", "consent", id="consent"),
        pytest.param("referral_of_own_measurement", "referral", id="referral"),
    ],
)
@pytest.mark.parametrize("whose", ["another shop's", "of the marketplace", "imported"])
def test_only_own_measurements_are_appreciated(
    market: Market,
    other_market: Market,
    bob: User,
    guard: str,
    make: str,
    whose: str,
) -> None:
    if whose == "imported":
        (response,) = imported(market.shop, 10, submitted_at=NOON, reason=PRAISE)
    elif whose == "of the marketplace":
        response = market.response(10, reason=PRAISE, closed_by=ActorType.MARKETPLACE)
    else:
        response = other_market.response(10, reason=PRAISE)

    with refused_by(guard):
        row(make, response, bob, seller=market.shop).save()


def row(make: str, response: SurveyResponse, by: User, **fields: Any) -> Any:
    """Return a row that is not stored yet, past every action."""
    fields = {"response": response, "seller": response.seller} | fields
    match make:
        case "approach":
            made = {"kind": ContactKind.CALL, "made_at": LATER, "made_by": by}
            return Approach(**made | fields)
        case "improvement":
            noted = {"words": "a call", "noted_at": LATER, "noted_by": by}
            return Improvement(**noted | fields)
        case "consent":
            said = {"name": "F.", "way": ConsentWay.BY_PHONE}
            recorded = {"recorded_at": LATER, "recorded_by": by}
            return QuoteConsent(**said | recorded | fields)
    worth = {"words": "his sister", "worth": Decimal(1), "came_on": LATER.date()}
    return Referral(**worth | {"recorded_at": LATER, "recorded_by": by} | fields)


@pytest.mark.parametrize(
    ("guard", "make", "fields"),
    [
        ("approach_replied_or_called", "approach", {"kind": "letter"}),
        ("approach_replied_or_called", "approach", {"kind": ContactKind.REPLY, "note": "Hm."}),
        ("improvement_says_something", "improvement", {"words": ""}),
        ("consent_way_known", "consent", {"way": "by pigeon"}),
        ("consent_says_as_whom", "consent", {"name": ""}),
        ("referral_is_worth_something", "referral", {"worth": Decimal(0)}),
        ("referral_is_worth_something", "referral", {"worth": Value("NaN")}),
        ("referral_says_who", "referral", {"words": ""}),
    ],
)
def test_what_is_stored_makes_sense(
    promoter: SurveyResponse, bob: User, guard: str, make: str, fields: dict[str, Any]
) -> None:
    with refused_by(guard):
        row(make, promoter, bob, **fields).save()


@pytest.mark.parametrize(
    ("may_contact", "kind"),
    [(False, ContactKind.REPLY), (False, ContactKind.CALL), (None, ContactKind.CALL)],
)
def test_nobody_is_approached_who_does_not_want_it(
    market: Market, bob: User, may_contact: bool | None, kind: ContactKind
) -> None:
    response = market.response(9, may_contact=may_contact)

    with refused_by("approach_wished_for"):
        row("approach", response, bob, kind=kind).save()


def test_reply_is_one_of_the_conversation_and_stays(
    market: Market, promoter: SurveyResponse, passive: SurveyResponse, by: Actor
) -> None:
    elsewhere = Message.objects.filter(query=passive.query).earliest("pk")
    approach = appreciations.write(promoter, body=THANKS, by=by, now=LATER)
    other = market.response(9)

    assert by.account
    with refused_by("approach_wished_for"):
        reply = {"kind": ContactKind.REPLY, "message": elsewhere}
        row("approach", other, by.account, **reply).save()
    with refused_by("approach_reply_only_goes"):
        Approach.objects.filter(pk=approach.pk).update(message=elsewhere)


def test_only_words_are_quoted(market: Market, bob: User) -> None:
    with refused_by("consent_is_about_words"):
        row("consent", market.response(9), bob).save()


def test_customer_is_approached_once_at_a_time(promoter: SurveyResponse, bob: User) -> None:
    row("approach", promoter, bob).save()

    with refused_by("approach_one_at_a_time"):
        row("approach", promoter, bob).save()


def test_permission_to_quote_is_one_at_a_time(
    consent: QuoteConsent, promoter: SurveyResponse, bob: User
) -> None:
    with refused_by("consent_one_at_a_time"):
        row("consent", promoter, bob).save()


def test_permission_is_withdrawn_at_a_moment(consent: QuoteConsent, bob: User) -> None:
    with refused_by("consent_withdrawn_at_a_moment"):
        QuoteConsent.objects.update(withdrawn_by=bob)


@pytest.mark.parametrize("fields", [{"withdrawn_at": LATER}, {"withdrawn_by": 1}])
def test_referral_is_withdrawn_by_somebody(
    referral: Referral, bob: User, fields: dict[str, Any]
) -> None:
    fields = {"withdrawn_by": bob} if "withdrawn_by" in fields else fields

    with refused_by("referral_withdrawn_by_somebody"):
        Referral.objects.update(**fields)


def test_referral_came_on_a_day_that_exists(promoter: SurveyResponse, by: Actor) -> None:
    with refused_by("referral_came_on_a_day"):
        refer(promoter, by=by, came_on=date(3000, 1, 1))


def test_order_brings_in_one_customer(promoter: SurveyResponse, bob: User) -> None:
    row("referral", promoter, bob, order_reference="4711").save()

    with refused_by("referral_order_once"):
        row("referral", promoter, bob, order_reference="4711").save()


def test_nobody_brings_themselves_in(promoter: SurveyResponse, bob: User) -> None:
    assert promoter.query

    with refused_by("referral_customer_is_there"):
        row("referral", promoter, bob, customer=promoter.query.customer).save()


def test_who_comes_in_is_there(market: Market, promoter: SurveyResponse, bob: User) -> None:
    gone = market.new_customer()
    erase_customer(gone, by=Actor.SYSTEM, now=NOON)

    with refused_by("referral_customer_is_there"):
        row("referral", promoter, bob, customer=gone).save()


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "make"),
    [
        ("approach_stays", "approach"),
        ("improvement_stays", "improvement"),
        ("consent_stays", "consent"),
        ("referral_stays", "referral"),
    ],
)
def test_what_was_done_stays(promoter: SurveyResponse, bob: User, guard: str, make: str) -> None:
    stored = row(make, promoter, bob)
    stored.save()

    with refused_by(guard):
        stored.delete()


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "make", "field", "value"),
    [
        ("approach_never_changes", "approach", "kind", "reply"),
        ("approach_never_changes", "approach", "made_at", NOON),
        ("improvement_never_changes", "improvement", "noted_at", NOON),
        ("consent_never_changes", "consent", "way", ConsentWay.IN_PERSON),
        ("consent_never_changes", "consent", "recorded_at", NOON),
        ("referral_never_changes", "referral", "worth", Decimal(2)),
        ("referral_never_changes", "referral", "came_on", NOON.date()),
        ("approach_note_only_emptied", "approach", "note", "Something else"),
        ("improvement_words_only_emptied", "improvement", "words", "something else"),
        ("consent_name_only_emptied", "consent", "name", "Somebody else"),
        ("referral_words_only_emptied", "referral", "words", "somebody else"),
        ("referral_order_only_emptied", "referral", "order_reference", "4712"),
    ],
)
def test_what_was_done_never_changes(
    promoter: SurveyResponse, bob: User, guard: str, make: str, field: str, value: object
) -> None:
    stored = row(make, promoter, bob)
    stored.save()

    with refused_by(guard):
        type(stored).objects.update(**{field: value})


def test_new_customer_only_changes_with_a_merge(
    market: Market, promoter: SurveyResponse, bob: User
) -> None:
    row("referral", promoter, bob, customer=market.new_customer()).save()

    with refused_by("referral_customer_only_merged"):
        Referral.objects.update(customer=market.new_customer())


@pytest.mark.parametrize("fields", [{"withdrawn_at": NOON}, {"withdrawn_at": None}])
def test_permission_is_withdrawn_once(
    consent: QuoteConsent, by: Actor, fields: dict[str, Any]
) -> None:
    appreciations.withdraw_quote(consent, by=by, now=LATER)

    with refused_by("consent_withdrawn_once"):
        QuoteConsent.objects.update(**fields | {"withdrawn_by": None})


@pytest.mark.parametrize("moment", [NOON, None])
def test_referral_is_withdrawn_once(referral: Referral, by: Actor, moment: Any) -> None:
    appreciations.withdraw_referral(referral, by=by, now=LATER)

    with refused_by("referral_withdrawn_once"):
        Referral.objects.update(withdrawn_at=moment, withdrawn_by=by.account if moment else None)


# Turning to the customer


def test_thanks_go_into_the_conversation_which_stays_closed(
    promoter: SurveyResponse, by: Actor
) -> None:
    approach = appreciations.write(promoter, body=THANKS, by=by, now=LATER)

    query = promoter.query
    assert query
    query.refresh_from_db()
    assert query.state == QueryState.CLOSED
    assert query.assignee == by.account
    message = Message.objects.get(query=query, body=THANKS)
    assert (approach.kind, approach.message, approach.made_by) == ("reply", message, by.account)
    assert CustomerMail.objects.filter(message=message).exists()
    assert kinds(promoter) == [AppreciationEvent.THANKED]


def test_passive_is_asked_what_was_missing(passive: SurveyResponse, by: Actor) -> None:
    appreciations.write(passive, body="What was missing?", by=by, now=LATER)

    assert kinds(passive) == [AppreciationEvent.ASKED]


def test_same_form_writes_once(promoter: SurveyResponse, by: Actor) -> None:
    key = uuid4()

    first = appreciations.write(promoter, body=THANKS, send_key=key, by=by, now=LATER)
    again = appreciations.write(promoter, body=THANKS, send_key=key, by=by, now=LATER)

    assert first == again
    assert Message.objects.filter(body=THANKS).count() == 1


@pytest.mark.parametrize(
    ("may_contact", "written", "called"),
    [
        pytest.param(True, True, True, id="yes"),
        pytest.param(None, True, False, id="not said"),
        pytest.param(False, False, False, id="no"),
    ],
)
@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_wish_of_the_customer_decides(
    market: Market, by: Actor, score: int, may_contact: bool | None, written: bool, called: bool
) -> None:
    write = market.response(score, may_contact=may_contact)
    call = market.response(score, may_contact=may_contact)

    assert worked(lambda: appreciations.write(write, body=THANKS, by=by, now=LATER)) == written
    assert worked(lambda: appreciations.note_call(call, note="", by=by, now=LATER)) == called
    assert Message.objects.filter(body=THANKS).exists() == written


def worked(act: Callable[[], object]) -> bool:
    """Return whether an action was not refused because of what the customer wants."""
    try:
        with transaction.atomic():
            act()
    except NoContactWanted:
        return False
    return True


@pytest.mark.parametrize("first", ["write", "call"])
@pytest.mark.parametrize("then", ["write", "call"])
def test_customer_is_turned_to_once(
    promoter: SurveyResponse, by: Actor, first: str, then: str
) -> None:
    acts: dict[str, Callable[[], object]] = {
        "write": lambda: appreciations.write(promoter, body=THANKS, by=by, now=LATER),
        "call": lambda: appreciations.note_call(promoter, note="", by=by, now=LATER),
    }
    acts[first]()

    with pytest.raises(AlreadyApproached):
        acts[then]()

    assert Approach.objects.count() == 1


def test_detractors_are_followed_up_and_not_thanked(market: Market, by: Actor) -> None:
    unhappy = market.response(6, reason="Hm.", may_contact=True)

    for refused in (
        lambda: appreciations.write(unhappy, body=THANKS, by=by, now=LATER),
        lambda: appreciations.note_call(unhappy, note="", by=by, now=LATER),
        lambda: appreciations.note_improvement(unhappy, note="All.", by=by, now=LATER),
        lambda: allow(unhappy, by=by),
        lambda: refer(unhappy, by=by),
    ):
        with pytest.raises(OtherBand):
            refused()


def test_query_of_the_marketplace_is_not_written_to(promoter: SurveyResponse, by: Actor) -> None:
    assert promoter.query
    actions.reopen(promoter.query, by=by, now=LATER)
    actions.hand_over(promoter.query, reason="The customer asks for you.", by=by, now=LATER)

    with pytest.raises(WithMarketplace):
        appreciations.write(promoter, body=THANKS, by=by, now=LATER)


def test_nothing_is_added_to_what_was_erased(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    passive = market.response(8, customer=None)
    for response in (promoter, passive):
        assert response.query
        erase_customer(response.query.customer, by=Actor.SYSTEM, now=LATER)

    for refused in (
        lambda: appreciations.write(promoter, body=THANKS, by=by, now=LATER),
        lambda: appreciations.note_call(promoter, note="", by=by, now=LATER),
        lambda: appreciations.note_improvement(passive, note="All.", by=by, now=LATER),
        lambda: allow(promoter, by=by),
        lambda: refer(promoter, by=by),
    ):
        with pytest.raises(QueryIsErased):
            refused()


@pytest.mark.parametrize("what", ["write", "call"])
def test_two_people_at_once_turn_to_a_customer_once(
    committed_db: None, market: Market, alice: User, bob: User, what: str
) -> None:
    promoter = market.response(10, reason=PRAISE, may_contact=True)

    def turn_to(user: User) -> bool:
        who: dict[str, Any] = {"by": Actor.user(user), "now": LATER}
        try:
            if what == "write":
                appreciations.write(promoter, body=f"{THANKS} {user}", **who)
            else:
                appreciations.note_call(promoter, note="", **who)
        except AlreadyApproached:
            return False
        return True

    done = at_once(lambda: turn_to(alice), lambda: turn_to(bob))

    assert sorted(done) == [False, True]
    assert Approach.objects.count() == 1
    assert Message.objects.filter(body__startswith=THANKS).count() == (what == "write")


def test_two_calls_past_the_actions_are_one(
    committed_db: None, market: Market, alice: User, bob: User
) -> None:
    promoter = market.response(10, may_contact=True)

    def call(user: User) -> bool:
        try:
            row("approach", promoter, user).save()
        except DatabaseError:
            return False
        return True

    assert sorted(at_once(lambda: call(alice), lambda: call(bob))) == [False, True]


# What was missing


def test_improvement_is_noted_once(passive: SurveyResponse, by: Actor) -> None:
    appreciations.note_improvement(passive, note="A call.", by=by, now=LATER)

    with pytest.raises(AlreadyNoted):
        appreciations.note_improvement(passive, note="A letter.", by=by, now=LATER)

    assert Improvement.objects.get().words == "A call."
    assert kinds(passive) == [AppreciationEvent.IMPROVEMENT_NOTED]


def test_who_wants_no_contact_may_still_say_what_was_missing(market: Market, by: Actor) -> None:
    passive = market.response(7, may_contact=False)

    assert appreciations.note_improvement(passive, note="A call.", by=by, now=LATER)


# Quoting


def test_permission_says_as_whom_and_how(
    consent: QuoteConsent, promoter: SurveyResponse, by: Actor
) -> None:
    assert (consent.name, consent.way, consent.recorded_at) == ("Fatima P.", "in_thread", LATER)
    assert consent.recorded_by == by.account
    assert str(consent) == "10 · 2026-03-12 · Fatima P."
    assert kinds(promoter) == [AppreciationEvent.QUOTE_ALLOWED]
    with pytest.raises(AlreadyAllowed):
        allow(promoter, by=by)


def test_what_says_nothing_cannot_be_quoted(market: Market, by: Actor) -> None:
    with pytest.raises(NoWords):
        allow(market.response(9), by=by)


def test_withdrawn_permission_is_kept_and_can_be_given_again(
    consent: QuoteConsent, promoter: SurveyResponse, by: Actor
) -> None:
    appreciations.withdraw_quote(consent, by=by, now=LATER)

    assert not QuoteConsent.objects.usable().exists()
    with pytest.raises(AlreadyWithdrawn):
        appreciations.withdraw_quote(consent, by=by, now=LATER)
    again = allow(promoter, by=by, name="A customer")
    assert list(QuoteConsent.objects.usable()) == [again]
    assert QuoteConsent.objects.count() == 2
    assert kinds(promoter) == [
        AppreciationEvent.QUOTE_ALLOWED,
        AppreciationEvent.QUOTE_WITHDRAWN,
        AppreciationEvent.QUOTE_ALLOWED,
    ]


# Referrals


def test_referral_in_words(referral: Referral, promoter: SurveyResponse) -> None:
    assert (referral.customer, referral.who_came) == (None, "her sister")
    assert str(referral) == "10 · 2026-03-12 · her sister"
    assert kinds(promoter) == [AppreciationEvent.REFERRAL_RECORDED]


def test_second_click_records_no_second_referral(promoter: SurveyResponse, by: Actor) -> None:
    first, second = refer(promoter, by=by), refer(promoter, by=by)
    other = refer(promoter, by=by, words="her brother")

    assert first == second != other
    assert kinds(promoter) == [AppreciationEvent.REFERRAL_RECORDED] * 2


def test_referral_by_an_order_knows_who_came(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    sister = market.new_customer()
    market.order("4711", customer=sister)

    referral = refer(promoter, by=by, order_reference="4711", words="")

    assert (referral.customer, referral.who_came) == (sister, "#4711")


def test_referral_by_an_order_of_nobody_known(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    market.order("4711")

    assert refer(promoter, by=by, order_reference="4711").customer is None


def test_order_must_be_the_shop_s_and_somebody_else_s(
    market: Market, other_market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    assert promoter.query
    market.order("4711", customer=promoter.query.customer)
    other_market.order("0815", customer=market.new_customer())

    with pytest.raises(OwnOrder):
        refer(promoter, by=by, order_reference="4711")
    for reference in ("0815", "nothing"):
        with pytest.raises(UnknownOrder):
            refer(promoter, by=by, order_reference=reference)


def test_order_counts_once_unless_it_was_withdrawn(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    market.order("4711")
    other = market.response(9)
    first = refer(promoter, by=by, order_reference="4711")

    with pytest.raises(OrderAlreadyRecorded):
        refer(other, by=by, order_reference="4711")

    appreciations.withdraw_referral(first, by=by, now=LATER)
    with pytest.raises(AlreadyWithdrawn):
        appreciations.withdraw_referral(first, by=by, now=LATER)
    assert refer(other, by=by, order_reference="4711")
    assert kinds(promoter)[-1] == AppreciationEvent.REFERRAL_WITHDRAWN


def test_two_people_at_once_record_an_order_once(
    committed_db: None, market: Market, alice: User, bob: User
) -> None:
    market.order("4711")
    responses = {alice: market.response(9), bob: market.response(10)}

    def record(user: User) -> bool:
        try:
            refer(responses[user], by=Actor.user(user), order_reference="4711")
        except OrderAlreadyRecorded:
            return False
        return True

    assert sorted(at_once(lambda: record(alice), lambda: record(bob))) == [False, True]


def test_totals_are_of_what_stands_per_month(
    market: Market, promoter: SurveyResponse, other_shop: Seller, by: Actor
) -> None:
    for worth, day in (
        ("640", date(2026, 2, 28)),
        ("0.10", date(2026, 3, 1)),
        ("0.20", date(2026, 3, 31)),
        ("58", date(2026, 4, 1)),
    ):
        refer(promoter, by=by, worth=Decimal(worth), came_on=day)
    mistake = refer(promoter, by=by, worth=Decimal(1_000_000), came_on=date(2026, 3, 2))
    appreciations.withdraw_referral(mistake, by=by, now=LATER)

    def months(seller: Seller, first: date, until: date) -> dict[date, ReferralTotal]:
        standing = Referral.objects.standing().for_seller(seller)
        return standing.came_between(first, until).totals_by_month()

    assert months(market.shop, date(2026, 2, 28), date(2026, 4, 1)) == {
        date(2026, 2, 1): ReferralTotal(1, Decimal("640.00")),
        date(2026, 3, 1): ReferralTotal(2, Decimal("0.30")),
    }
    assert months(other_shop, date(2026, 1, 1), date(2027, 1, 1)) == {}


# Privacy


def test_erasing_who_came_in_empties_what_leads_to_them(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    sister = market.new_customer()
    market.order("4711", customer=sister)
    refer(promoter, by=by, order_reference="4711")

    erase_customer(sister, by=Actor.SYSTEM, now=LATER)

    referral = Referral.objects.get()
    assert (referral.words, referral.order_reference) == ("", "")
    assert (referral.worth, referral.withdrawn_at) == (Decimal("640.00"), None)


@pytest.mark.parametrize("how", ["they name it", "the platform told it later"])
def test_erasing_who_came_in_by_an_order_of_nobody_known_forgets_its_number(
    market: Market, promoter: SurveyResponse, by: Actor, how: str
) -> None:
    sister, order = market.new_customer(), market.order("4711")
    market.order("4712")
    for reference in ("4711", "4712"):
        refer(promoter, by=by, order_reference=reference)
    if how == "they name it":
        market.query(sister, order_reference="4711")
    else:
        order.customer = sister
        order.save()

    erase_customer(sister, by=Actor.SYSTEM, now=LATER)

    rest = Referral.objects.order_by("pk").values_list("words", "order_reference")
    assert list(rest) == [("", ""), ("her sister", "4712")]


def test_erasing_a_promoter_ends_the_permission_to_quote(
    consent: QuoteConsent, promoter: SurveyResponse
) -> None:
    assert promoter.query

    erase_customer(promoter.query.customer, by=Actor.SYSTEM, now=LATER + timedelta(days=1))

    consent.refresh_from_db()
    assert (consent.name, consent.withdrawn_at) == ("", LATER + timedelta(days=1))


def test_who_came_in_moves_with_a_merge(
    market: Market, promoter: SurveyResponse, by: Actor
) -> None:
    sister, same = market.new_customer(), market.new_customer()
    market.order("4711", customer=sister)
    refer(promoter, by=by, order_reference="4711")

    merge_customers(sister, into=same, by=Actor.SYSTEM, now=LATER)

    assert Referral.objects.get().customer == same
