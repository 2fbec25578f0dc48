"""What a shop does with customers who were not unhappy; no score ever changes by it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from queries.actions import QueryIsErased, write_after_closing
from queries.actions.turns import SECOND_CLICK_WITHIN
from queries.models import CustomerQuery, Order
from sellers.events import Actor, record
from surveys.enums import AppreciationEvent, Band, ConsentWay, ContactKind
from surveys.followup_rules import contact_wish, may_be_called, may_be_written
from surveys.models import Approach, Improvement, QuoteConsent, Referral, SurveyResponse

APPROACHED = {
    Band.PROMOTER: AppreciationEvent.THANKED,
    Band.PASSIVE: AppreciationEvent.ASKED,
}


class OtherBand(Exception):
    """Nothing of the kind is done with a customer who gave such a score."""


class NoContactWanted(Exception):
    """The customer wants no contact, or not in this way."""


class AlreadyApproached(Exception):
    """The shop turned to this customer about it already."""


class AlreadyNoted(Exception):
    """What would have made it a 9 or 10 is noted already."""


class NoWords(Exception):
    """The customer gave no reason, or it was erased: there is nothing to quote."""


class AlreadyAllowed(Exception):
    """A permission to quote this is recorded already."""


class AlreadyWithdrawn(Exception):
    """It was withdrawn before."""


class UnknownOrder(Exception):
    """The shop has no such order."""


class OwnOrder(Exception):
    """The order is of the very customer who would have brought somebody in."""


class OrderAlreadyRecorded(Exception):
    """The order counts for a referral already."""


@transaction.atomic
def write(
    response: SurveyResponse, *, body: str, send_key: UUID | None = None, by: Actor, now: datetime
) -> Approach:
    """Thank a promoter, or ask a passive what was missing, in the conversation; it stays closed.

    What the customer writes back opens it, for who wrote. The same form (`send_key`) writes once.
    Raises OtherBand, NoContactWanted, AlreadyApproached, QueryIsErased or WithMarketplace.
    """
    response = _lock(response)
    if send_key and (sent := response.approaches.filter(message__send_key=send_key).first()):
        return sent
    _refuse_second(response)
    if not may_be_written(contact_wish(may_contact=response.may_contact), replies=0):
        raise NoContactWanted
    assert response.query
    message = write_after_closing(
        response.query, body=body, send_key=send_key, assignee=by.account, by=by, now=now
    )
    return _approach(response, Approach(kind=ContactKind.REPLY, message=message), by=by, now=now)


@transaction.atomic
def note_call(response: SurveyResponse, *, note: str, by: Actor, now: datetime) -> Approach:
    """Note that a promoter was thanked, or a passive asked what was missing, by phone.

    Raises OtherBand, NoContactWanted, AlreadyApproached or QueryIsErased.
    """
    assert by.account, "Somebody of the shop called."
    response = _lock(response)
    _refuse_second(response)
    if not may_be_called(contact_wish(may_contact=response.may_contact)):
        raise NoContactWanted
    return _approach(response, Approach(kind=ContactKind.CALL, note=note), by=by, now=now)


@transaction.atomic
def note_improvement(
    response: SurveyResponse, *, note: str, by: Actor, now: datetime
) -> Improvement:
    """Note what a passive said would have made it a 9 or 10, whoever began to speak of it.

    Raises OtherBand, AlreadyNoted or QueryIsErased.
    """
    assert by.account, "Somebody of the shop notes it."
    response = _lock(response)
    _refuse_other(response, Band.PASSIVE)
    if Improvement.objects.filter(response=response).exists():
        raise AlreadyNoted
    improvement = Improvement.objects.create(
        response=response,
        seller_id=response.seller_id,
        words=note,
        noted_at=now,
        noted_by=by.account,
    )
    _record(AppreciationEvent.IMPROVEMENT_NOTED, response, by=by, now=now)
    return improvement


@transaction.atomic
def allow_quote(
    response: SurveyResponse, *, name: str, way: ConsentWay, by: Actor, now: datetime
) -> QuoteConsent:
    """Record that a promoter may be quoted, under which name and how they said so.

    Raises OtherBand, NoWords, AlreadyAllowed or QueryIsErased.
    """
    assert by.account, "Somebody of the shop records it."
    response = _lock(response)
    _refuse_other(response, Band.PROMOTER)
    if not response.reason:
        raise NoWords
    if response.quote_consents.standing().exists():
        raise AlreadyAllowed
    consent = QuoteConsent.objects.create(
        response=response,
        seller_id=response.seller_id,
        name=name,
        way=way,
        recorded_at=now,
        recorded_by=by.account,
    )
    _record(AppreciationEvent.QUOTE_ALLOWED, response, by=by, now=now, consent=consent.pk)
    return consent


@transaction.atomic
def withdraw_quote(consent: QuoteConsent, *, by: Actor, now: datetime) -> None:
    """Record that a customer may not be quoted any more. Raises AlreadyWithdrawn."""
    assert by.account, "Somebody of the shop records it."
    consent.refresh_from_db(from_queryset=QuoteConsent.objects.select_for_update())
    if consent.withdrawn_at:
        raise AlreadyWithdrawn
    consent.withdrawn_at, consent.withdrawn_by = now, by.account
    consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(AppreciationEvent.QUOTE_WITHDRAWN, consent.response, by=by, now=now, consent=consent.pk)


@transaction.atomic
def record_referral(
    response: SurveyResponse,
    *,
    order_reference: str,
    words: str,
    worth: Decimal,
    came_on: date,
    by: Actor,
    now: datetime,
) -> Referral:
    """Record whom a promoter brought in, by an order of the shop or in words, and the worth.

    An order counts once, and the same words of the same agent within a minute. Raises OtherBand,
    UnknownOrder, OwnOrder, OrderAlreadyRecorded or QueryIsErased.
    """
    assert by.account, "Somebody of the shop records it."
    response = _lock(response)
    _refuse_other(response, Band.PROMOTER)
    said: dict[str, Any] = {
        "order_reference": order_reference,
        "words": words,
        "worth": worth,
        "came_on": came_on,
        "recorded_by": by.account,
    }
    just_now = response.referrals.standing().filter(recorded_at__gt=now - SECOND_CLICK_WITHIN)
    if not order_reference and (recorded := just_now.filter(**said).first()):
        return recorded
    referral = Referral(response=response, seller_id=response.seller_id, recorded_at=now, **said)
    if order_reference:
        referral.customer_id = _buyer(response, order_reference)
    try:
        with transaction.atomic():
            referral.save()
    except IntegrityError as error:
        if "referral_order_once" not in str(error):
            raise
        raise OrderAlreadyRecorded from error
    _record(AppreciationEvent.REFERRAL_RECORDED, response, by=by, now=now, referral=referral.pk)
    return referral


@transaction.atomic
def withdraw_referral(referral: Referral, *, by: Actor, now: datetime) -> None:
    """Take back a referral that was recorded by mistake. Raises AlreadyWithdrawn."""
    assert by.account, "Somebody of the shop takes it back."
    referral.refresh_from_db(from_queryset=Referral.objects.select_for_update())
    if referral.withdrawn_at:
        raise AlreadyWithdrawn
    referral.withdrawn_at, referral.withdrawn_by = now, by.account
    referral.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(
        AppreciationEvent.REFERRAL_WITHDRAWN,
        referral.response,
        by=by,
        now=now,
        referral=referral.pk,
    )


def _lock(response: SurveyResponse) -> SurveyResponse:
    """Wait for whoever works on a query and on what was measured of it, and return that.

    In this order: who erases a person holds the query first.
    """
    assert response.query_id, "What was imported is about nobody here."
    queries = CustomerQuery.objects.select_for_update(no_key=True)
    query = queries.get(pk=response.query_id)
    if query.erased_at:
        raise QueryIsErased
    locked = SurveyResponse.objects.select_for_update(no_key=True).get(pk=response.pk)
    locked.query = query
    return locked


def _refuse_other(response: SurveyResponse, wanted: Band) -> None:
    if response.band != wanted:
        raise OtherBand


def _refuse_second(response: SurveyResponse) -> None:
    if response.band not in APPROACHED:
        raise OtherBand
    if response.approaches.standing().exists():
        raise AlreadyApproached


def _approach(
    response: SurveyResponse, approach: Approach, *, by: Actor, now: datetime
) -> Approach:
    assert by.account
    approach.response, approach.seller_id = response, response.seller_id
    approach.made_at, approach.made_by = now, by.account
    approach.save()
    _record(APPROACHED[response.band], response, by=by, now=now, approach=approach.pk)
    return approach


def _buyer(response: SurveyResponse, order_reference: str) -> int | None:
    """Return who bought an order of the shop, as far as the platform said."""
    orders = Order.objects.filter(seller_id=response.seller_id, reference=order_reference)
    order = orders.first()
    if order is None:
        raise UnknownOrder
    assert response.query
    if order.customer_id == response.query.customer_id:
        raise OwnOrder
    return order.customer_id


def _record(
    kind: AppreciationEvent,
    response: SurveyResponse,
    *,
    by: Actor,
    now: datetime,
    **details: object,
) -> None:
    record(kind, response, seller_id=response.seller_id, by=by, now=now, **details)
