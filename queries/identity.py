"""Which row a person is: found or made, and what becomes of two that turn out to be one.

The marketplace's number goes first; the address is only what a person has (docs/ask.md).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from queries.customers import privacy_modules
from queries.enums import QueryEvent
from queries.models import Customer, Customers
from queries.privacy import lock_people
from sellers.addresses import normalised_email
from sellers.events import Actor, record


class CannotMerge(Exception):
    """The two are one row, or one of them was erased or merged before."""


class CustomerIsErased(Exception):
    """The customer was erased; nobody can be them again."""


class KnownOtherwise(Exception):
    """Another customer is known by this number or address."""


@transaction.atomic
def find_or_create_customer(
    *,
    external_id: str | None,
    email: str,
    name: str,
    language: str,
    shares_email: bool = False,
    by: Actor,
    now: datetime,
) -> Customer:
    """Return the customer who asks, locked; made when nobody was known by this.

    With a number that is known: its customer, who from now on has this address and name, too when
    the address is a masked one. In any case the language is the one in which they ask now.
    With a new number: whoever was known by this very address and has no number yet gets it, so that
    a marketplace that begins to send numbers keeps everybody's rest; not when several people use
    the address, for then nobody knows whose history that is.
    Without a number: who is known by the address, else the only one with a number who has it and
    does not share it.
    """
    email, external_id = normalised_email(email), external_id or None
    find = partial(_find, external_id, email, shares_email=shares_email)
    customer = find()
    if customer is None:
        try:
            with transaction.atomic():
                customer = Customer.objects.create(
                    external_id=external_id,
                    email=email,
                    name=name,
                    language=language,
                    shares_email=shares_email,
                )
        except IntegrityError:  # somebody else made it a moment ago
            customer = find()
            if customer is None:
                raise
        else:
            record(QueryEvent.CUSTOMER_CREATED, customer, seller_id=None, by=by, now=now)
            return customer
    changes: dict[str, object] = {"language": language}
    if name and (external_id or not customer.name):
        changes["name"] = name
    if external_id and email:
        changes |= {"email": email, "shares_email": shares_email}
    if external_id and customer.external_id is None:
        changes["external_id"] = external_id
    _change(customer, changes, by=by, now=now)
    return customer


@transaction.atomic
def change_customer(
    customer: Customer,
    *,
    external_id: str | None,
    email: str,
    name: str,
    language: str,
    shares_email: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Store what the marketplace says of a customer whom it knows; return whether it is news.

    Of who was merged into another it is that one. Raises CustomerIsErased, or KnownOtherwise when
    the number or the address is that of somebody else.
    """
    customer = lock_customer(customer)
    if customer.erased_at:
        raise CustomerIsErased
    given: dict[str, object] = {
        "external_id": external_id or customer.external_id,
        "email": normalised_email(email),
        "name": name,
        "language": language,
        "shares_email": shares_email,
    }
    try:
        with transaction.atomic():
            return _change(customer, given, by=by, now=now)
    except IntegrityError as error:
        raise KnownOtherwise from error


@transaction.atomic
def merge_customers(customer: Customer, *, into: Customer, by: Actor, now: datetime) -> None:
    """Let a customer be another one: all that happened moves there, and no score changes.

    The row stays, and its number or address finds the other from now on; what the other lacks, it
    takes over. Raises CannotMerge.
    """
    lock_people(customer, into)
    if customer.pk == into.pk or not (customer.is_themselves and into.is_themselves):
        raise CannotMerge
    _hand_over(customer, into)
    customer.merged.update(merged_into=into)
    for module in privacy_modules():
        module.move(customer, into=into)
    record(QueryEvent.CUSTOMER_MERGED, into, seller_id=None, by=by, now=now, customer=customer.pk)


def lock_customer(customer: Customer) -> Customer:
    """Return a customer's row, locked; or that of who it was merged into."""
    locked = _lock(Customer.objects.filter(pk=customer.pk))
    assert locked, "Customers are never deleted."
    return locked


def people(rows: Iterable[Customer]) -> Customers:
    """Return who these rows are, each once."""
    pks = {row.merged_into_id or row.pk for row in rows}
    return Customer.objects.filter(pk__in=pks).order_by("pk")


def _find(external_id: str | None, email: str, *, shares_email: bool) -> Customer | None:
    """Return the customer known by this, locked; a new number is given to who gets it."""
    at_address = Customer.objects.with_address([email])
    known_by_it = at_address.filter(external_id=None)
    if not external_id:
        with_number = at_address.themselves().exclude(external_id=None)
        is_only_one = not shares_email and with_number.count() == 1
        return _lock(known_by_it) or (
            _lock(with_number.filter(shares_email=False)) if is_only_one else None
        )
    if customer := _lock(Customer.objects.filter(external_id=external_id)):
        return customer
    if not shares_email:
        customer = _lock(known_by_it.filter(shares_email=False))
        if customer and customer.external_id is None and not customer.shares_email:
            return customer
    return None


def _lock(found: Customers) -> Customer | None:
    """Lock the customer whom the first row leads to; None when there is none.

    While we waited the row may have been erased, merged, or given another address: then looked for
    once more. Only one customer is locked at a time, so nobody waits in a circle.
    """
    while row := found.order_by("pk").first():
        locked = Customer.objects.select_for_update(no_key=True)
        customer = locked.get(pk=row.merged_into_id or row.pk)
        if customer.merged_into_id is None and found.filter(pk=row.pk).exists():
            return customer
    return None


def _change(customer: Customer, given: dict[str, object], *, by: Actor, now: datetime) -> bool:
    """Store what is different of a locked customer, and that it is; return whether anything is."""
    changes = {name: new for name, new in given.items() if getattr(customer, name) != new}
    if not changes:
        return False
    for name, new in changes.items():
        setattr(customer, name, new)
    customer.save(update_fields=changes.keys())
    record(
        QueryEvent.CUSTOMER_CHANGED,
        customer,
        seller_id=None,
        by=by,
        now=now,
        changes=dict.fromkeys(changes),  # no values: they are about a person
    )
    return True


def _hand_over(customer: Customer, into: Customer) -> None:
    """Give the other what it lacks, and keep only what this person is known by beside that."""
    known_by_address = customer.external_id is None
    if into.external_id is None:
        into.external_id, customer.external_id = customer.external_id, None
    into.name = into.name or customer.name
    lacks_address = not into.email
    if lacks_address:
        into.email, into.shares_email = customer.email, customer.shares_email
    if lacks_address or not known_by_address:
        customer.email = ""
    customer.name, customer.shares_email, customer.merged_into = "", False, into
    customer.save()
    into.save()
