"""How long what is kept: after that it is erased, a batch at a time.

A night walks once over what is not erased yet, in the order of the primary key.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from queries.customers import erase_customer
from queries.models import Closing, Customer, CustomerQuery, Order
from queries.privacy import delete_orders, erase_texts, lock_person
from sellers.events import Actor
from surveys.models import Invitation, SurveyResponse
from surveys.privacy import erase_words

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """How long each kind is kept; None is for ever."""

    customers: timedelta | None  # who they are and all they said, since their last query was closed
    messages: timedelta | None  # and subjects and orders, since the query was closed
    answers: timedelta | None  # their words, since they were given


def retention_periods() -> Periods:
    """Return what this installation has set."""
    return Periods(
        customers=settings.RETENTION_CUSTOMERS,
        messages=settings.RETENTION_MESSAGES,
        answers=settings.RETENTION_ANSWERS,
    )


def count_outdated(*, now: datetime, periods: Periods) -> Counter[str]:
    """Return of how many customers, queries, orders and answers `erase_outdated` would erase any.

    Queries and answers that would go together with their customer are counted there too; orders
    that would go with a query are not.
    """
    return Counter({each.name: each.rows.count() for each in _outdated(now=now, periods=periods)})


def erase_outdated(*, now: datetime, periods: Periods) -> Counter[str]:
    """Erase what was kept long enough; return how many customers, queries, orders and answers."""
    counts = Counter[str]()
    for each in _outdated(now=now, periods=periods):
        pks, last = each.rows.order_by("pk").values_list("pk", flat=True), 0
        while batch := list(pks.filter(pk__gt=last)[:BATCH]):
            # Narrowed once more, for since we looked a customer may have asked something.
            counts[each.name] += each.erase(each.rows.filter(pk__in=batch), now)
            last = batch[-1]
    return counts


@dataclass(frozen=True, slots=True)
class _Outdated:
    """What was kept long enough, and the verb that erases a batch of it."""

    name: str
    rows: QuerySet[Any]
    erase: Callable[[QuerySet[Any], datetime], int]


def _outdated(*, now: datetime, periods: Periods) -> list[_Outdated]:
    """Return what is not kept for ever; customers first, for with them their queries go."""
    found = []
    if periods.customers is not None:
        customers = Customer.objects.inactive_since(now - periods.customers)
        found.append(_Outdated("customers", customers.filter(_surveyed("customer")), _customers))
    if periods.messages is not None:
        queries = CustomerQuery.objects.with_texts().closed_before(now - periods.messages)
        found.append(_Outdated("queries", queries.filter(_surveyed("query")), _queries))
        orders = Order.objects.bought_before(now - periods.messages).named_no_more()
        found.append(_Outdated("orders", orders, _orders))
    if periods.answers is not None:
        answers = SurveyResponse.objects.filter(submitted_at__lt=now - periods.answers)
        found.append(_Outdated("answers", answers.with_words(), _answers))
    return found


def _surveyed(whose: str) -> Q:
    """Return the condition that no survey about these is still to be decided, sent or answered."""
    theirs = {whose: OuterRef("pk")}
    return ~Exists(Closing.objects.undecided().filter(**theirs)) & ~Exists(
        Invitation.objects.under_way().filter(**theirs)
    )


def _customers(customers: QuerySet[Customer], now: datetime) -> int:
    return sum(_erased_if_still(customers, customer, now=now) for customer in customers)


@transaction.atomic
def _erased_if_still(customers: QuerySet[Customer], customer: Customer, *, now: datetime) -> bool:
    lock_person(customer)
    is_outdated = customers.filter(pk=customer.pk).exists()
    if is_outdated:
        erase_customer(customer, by=Actor.SYSTEM, now=now)
    return is_outdated


@transaction.atomic
def _queries(queries: QuerySet[CustomerQuery], now: datetime) -> int:
    # What somebody works on is left for the next night.
    locked = queries.order_by("pk").select_for_update(no_key=True, skip_locked=True)
    pks = list(locked.values_list("pk", flat=True))
    texts = CustomerQuery.objects.filter(pk__in=pks)
    return erase_texts(texts, by=Actor.SYSTEM, now=now)


def _orders(orders: QuerySet[Order], now: datetime) -> int:
    return delete_orders(orders)


def _answers(answers: QuerySet[SurveyResponse], now: datetime) -> int:
    words = SurveyResponse.objects.filter(pk__in=answers.values("pk"))
    return erase_words(words, by=Actor.SYSTEM, now=now)
