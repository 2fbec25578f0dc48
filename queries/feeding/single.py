"""Shops, members, customers and what is of them: stored one by one, each as it is told now."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from queries.actions import change_member_role, remove_member
from queries.actions.orders import store_order
from queries.enums import FedKind
from queries.feeding.items import FORMS, Item, TellingSerializer
from queries.feeding.known import Known
from queries.feeding.refusals import (
    REFUSALS,
    AddressNeverChanges,
    OrderOfAnother,
    ToldOtherwise,
)
from queries.feeding.results import Effect, Outcome, Result
from queries.identity import CustomerIsErased, change_customer, find_or_create_customer
from queries.models import Customer, FedRow, Order
from sellers import mailings
from sellers.actions import add_member, add_seller, change_seller, find_or_create_user
from sellers.addresses import normalised_email
from sellers.api.problems import conflict
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Membership, Seller, User

# The row, what became of it, and what follows.
Stored = tuple[Any, Outcome] | tuple[Any, Outcome, Effect]


def store_each(
    kind: FedKind, items: Iterable[Item], known: Known, *, by: Actor, now: datetime
) -> dict[Item, Result]:
    """Store items of one kind whose parents are there, the oldest first."""
    in_order = sorted(items, key=lambda item: item.at)
    return {item: _stored(kind, item, known, by=by, now=now) for item in in_order}


def _stored(kind: FedKind, item: Item, known: Known, *, by: Actor, now: datetime) -> Result:
    row = known.row(item.key)
    if row and known.is_older(item) and kind not in NEVER_CHANGE:
        return Result(
            kind,
            item.external_id,
            Outcome.UNCHANGED,
            row_pk=row.object_pk,
            effects=[Effect.OLDER_THAN_KNOWN],
        )
    try:
        with transaction.atomic():
            stored, outcome, *effects = STORE[kind](item, known, by=by, now=now)
    except tuple(REFUSALS) as refused:
        problem = conflict(refused, REFUSALS)
        return Result(kind, item.external_id, Outcome.REJECTED, problem=problem)
    if row is None:
        known.add(item, stored.pk)
    known.note(item)
    return Result(
        kind, item.external_id, outcome, row=stored, row_pk=stored.pk, effects=list(effects)
    )


def _seller(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    told = _columns(item.told)
    if (row := known.row(item.key)) is None:
        return add_seller(**told, by=by, now=now), Outcome.CREATED
    seller = Seller.objects.get(pk=row.object_pk)
    return seller, _outcome(changed=change_seller(seller, **told, by=by, now=now))


def _member(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    told = item.told
    seller = Seller.objects.get(pk=known.pk(FedKind.SELLER, told["seller"]))
    row = known.row(item.key)
    if row is None:
        user = find_or_create_user(
            email=told["email"], name=told["name"], language=told["language"], by=by, now=now
        )
    else:
        user = User.objects.get(pk=row.object_pk)
        if normalised_email(user.email) != told["email"]:
            raise AddressNeverChanges
    changed = _belongs(seller, user, told, by=by, now=now)
    return user, Outcome.CREATED if row is None else _outcome(changed=changed)


def _belongs(
    seller: Seller, user: User, told: Mapping[str, Any], *, by: Actor, now: datetime
) -> bool:
    """Let somebody be to a shop what is told; return whether that is news."""
    membership = Membership.objects.of_user(user).filter(seller=seller).first()
    role = Role(told["role"])
    if membership is None and not told["active"]:
        return False
    if membership is None:
        add_member(seller, user=user, role=role, by=by, now=now)
    elif not told["active"]:
        remove_member(membership, hand_to=None, by=by, now=now)
    elif membership.role != role:
        change_member_role(membership, role=role, hand_to=None, by=by, now=now)
    else:
        return False
    return True


def _customer(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    told = item.told
    given: dict[str, Any] = {
        "external_id": told["number"] or None,
        "email": told["email"],
        "name": told["name"],
        "language": told["language"],
        "shares_email": told["shared"],
    }
    if (row := known.row(item.key)) is None:
        return find_or_create_customer(**given, by=by, now=now), Outcome.CREATED
    customer = Customer.objects.get(pk=row.object_pk)
    return customer, _outcome(changed=change_customer(customer, **given, by=by, now=now))


def _order(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    told = _columns(item.told)
    seller = Seller.objects.get(pk=known.pk(FedKind.SELLER, told.pop("seller")))
    customer_id = told.pop("customer")
    told["customer"] = None
    if customer_id:
        told["customer"] = customer_of(customer_id, known)
    _refuse_other_order(item, known, seller, told["reference"])
    order, is_new = store_order(seller, **told, by=by, now=now)
    if known.row(item.key) is None:
        return order, Outcome.CREATED
    return order, _outcome(changed=is_new)


def _refuse_other_order(item: Item, known: Known, seller: Seller, reference: str) -> None:
    """Raise OrderOfAnother when the id and the number of an order are not of the same one."""
    order = Order.objects.for_seller(seller).filter(reference=reference).first()
    row = known.row(item.key)
    if row:
        is_other = order is None or order.pk != row.object_pk
    else:
        fed = FedRow.objects.from_source(known.source).filter(kind=FedKind.ORDER)
        is_other = order is not None and fed.filter(object_pk=order.pk).exists()
    if is_other:
        raise OrderOfAnother


def _bounce(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    """Refuse an address, once for each id: what staff lifted since stays so when told again."""
    told = item.told
    customer = customer_of(told["customer"], known)
    if row := known.row(item.key):
        of = Customer.objects.select_related("merged_into").get(pk=row.object_pk)
        if (of.merged_into or of, row.told_of_at) != (customer, item.at):
            raise ToldOtherwise
        return customer, Outcome.UNCHANGED
    if mailing := mailings.find_bounced(told["message_id"]):
        recipient = mailings.mailer_of(mailing).recipient(mailing)
        if normalised_email(recipient) == told["email"]:
            mailings.bounce(mailing, now=item.at)
    mailings.refuse_address(told["email"], by=by, now=item.at)
    return customer, Outcome.CREATED


def customer_of(external_id: str, known: Known) -> Customer:
    """Return a customer who is known. Raises CustomerIsErased."""
    customer = known.customers([external_id])[external_id]
    if customer.erased_at:
        raise CustomerIsErased
    return customer


def _columns(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "occurred_at"}


def _outcome(*, changed: bool) -> Outcome:
    return Outcome.UPDATED if changed else Outcome.UNCHANGED


NEVER_CHANGE: Final = (FedKind.BOUNCE,)
STORE: Final[dict[FedKind, Callable[..., Stored]]] = {
    FedKind.SELLER: _seller,
    FedKind.MEMBER: _member,
    FedKind.CUSTOMER: _customer,
    FedKind.ORDER: _order,
    FedKind.BOUNCE: _bounce,
}


def register(kind: FedKind, *, form: type[TellingSerializer], store: Callable[..., Stored]) -> None:
    """Let one more kind be told of; an app above this one does it when it is ready.

    `store` takes an item whose parents are there, what is `known`, `by` and `now`.
    """
    FORMS[kind], STORE[kind] = form, store
