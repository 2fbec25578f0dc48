"""A query goes to the marketplace, and comes back."""

from datetime import datetime

from django.db import transaction

from queries.actions.endings import close
from queries.actions.replies import reply
from queries.actions.turns import (
    QueryIsClosed,
    WithMarketplace,
    end_handover,
    lock,
    pass_turn,
    record_about,
    refuse_shop,
)
from queries.enums import HandOverOutcome, QueryEvent, QueryState
from queries.models import CustomerQuery, HandOver
from queries.staff_mail import tell_staff
from sellers.enums import Right
from sellers.events import Actor
from sellers.models import Membership, User


class NotWithMarketplace(Exception):
    """The query is not with the marketplace, or not any more."""


class NotOfTheShop(Exception):
    """Only who may answer for the shop can hand its queries over."""


@transaction.atomic
def hand_over(query: CustomerQuery, *, reason: str, by: Actor, now: datetime) -> HandOver:
    """Give an open query to the marketplace, whose staff are told; the shop only reads meanwhile.

    The marketplace's platform may tell of it for anybody, and its staff know then.

    Raises QueryIsClosed, WithMarketplace when it is there already, or NotOfTheShop.
    """
    lock(query)
    if query.is_closed:
        raise QueryIsClosed
    if query.is_with_marketplace:
        raise WithMarketplace
    if not by.is_platform and not _answers_for_shop(by.account, query):
        raise NotOfTheShop
    pass_turn(query, QueryState.WITH_MARKETPLACE, after=QueryEvent.HANDED_OVER, now=now)
    handover = HandOver.objects.create(
        query=query,
        seller_id=query.seller_id,
        reason=reason,
        handed_over_at=now,
        by=by.account,
        client=by.client,
        unanswered_since=now,
    )
    if not by.is_platform:
        tell_staff(handover, now=now)
    record_about(QueryEvent.HANDED_OVER, query, by=by, now=now, handover=handover.pk)
    return handover


@transaction.atomic
def hand_back(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Give a query back to the shop, whose turn it is then; its due moment is as it was.

    Raises NotWithMarketplace, or WithMarketplace for the shop itself.
    """
    lock(query)
    if not query.is_with_marketplace:
        raise NotWithMarketplace
    refuse_shop(query, by=by)
    end_handover(query, HandOverOutcome.HANDED_BACK, by=by, now=now)
    pass_turn(query, QueryState.YOUR_TURN, after=QueryEvent.HANDED_BACK, now=now)
    record_about(QueryEvent.HANDED_BACK, query, by=by, now=now)


@transaction.atomic
def settle(query: CustomerQuery, *, body: str, closes: bool, by: Actor, now: datetime) -> None:
    """Let staff answer what was handed over, close it, or both; without words only close it.

    Raises NotWithMarketplace when it went back or was closed meanwhile, or WithMarketplace for
    the shop itself.
    """
    assert body or closes, "There is something to do."
    lock(query)
    if not query.is_with_marketplace:
        raise NotWithMarketplace
    if body:
        reply(query, body=body, by=by, now=now)
    if closes:
        close(query, by=by, now=now)


def _answers_for_shop(user: User | None, query: CustomerQuery) -> bool:
    if user is None:
        return False
    membership = Membership.objects.of_user(user).filter(seller=query.seller_id).first()
    return membership is not None and membership.may(Right.ANSWER)
