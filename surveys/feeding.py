"""What the marketplace's platform feeds in, with what follows for surveys: behind every door."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from rest_framework import serializers

from queries.enums import FedKind
from queries.feeding import (
    Effect,
    Item,
    Outcome,
    Reader,
    Result,
    Unreadable,
    feed,
)
from queries.feeding.items import TellingSerializer
from queries.feeding.known import Known
from queries.feeding.single import Stored, customer_of
from queries.models import Closing, Customer, FedRow
from sellers.api.problems import problem_data
from sellers.events import Actor
from sellers.models import ApiClient
from surveys.answers import wish_for_surveys
from surveys.deciding import survey_rules

MOST: Final = 1_000  # items at once
STATUS: Final = {Outcome.CREATED: 201, Outcome.WAITING: 202}

Said = dict[str, Any]  # what is answered about one item


class OptOutSerializer(TellingSerializer):
    """Whether a customer wants no surveys, from any shop. Your id is that of the customer."""

    same_id_as = FedKind.CUSTOMER

    opted_out = serializers.BooleanField(help_text="False once they want surveys again.")


def store_opt_out(item: Item, known: Known, *, by: Actor, now: datetime) -> Stored:
    """Store what a customer wants, unless they said something newer, here or by any number.

    Raises CustomerIsErased.
    """
    customer, wants_none = customer_of(item.external_id, known), item.told["opted_out"]
    people = list(Customer.objects.one_person_with(customer).values_list("pk", flat=True))
    rows = Customer.objects.filter(Q(pk__in=people) | Q(merged_into__in=people))
    told = FedRow.objects.of_rows(rows, FedKind.OPT_OUT).filter(told_of_at__gt=item.at)
    changed = None
    if not told.exists():
        changed = wish_for_surveys(customer, opted_out=wants_none, by=by, now=item.at)
    if changed is None:
        return customer, Outcome.UNCHANGED, Effect.OLDER_THAN_KNOWN
    if known.row(item.key) is None:
        return customer, Outcome.CREATED
    return customer, Outcome.UPDATED if changed else Outcome.UNCHANGED


def feed_in(
    source: str, items: Sequence[Item], *, client: ApiClient, now: datetime
) -> list[Result]:
    """Store what a platform tells of, and say of closings that are too old for a survey that so is.

    Their surveys are decided as all others are: here nothing is.
    """
    results = feed(source, items, client=client, now=now)
    rules = survey_rules(now=now)
    too_old = now - rules.delay - rules.stale_after
    for result in results:
        is_new_closing = result.outcome == Outcome.CREATED and isinstance(result.row, Closing)
        if is_new_closing and result.row.closed_at < too_old:
            result.effects.append(Effect.SURVEY_STALE)
    return results


def feed_told(source: str, told: Sequence[Any], *, client: ApiClient, now: datetime) -> list[Said]:
    """Store what can be read of a batch; return what became of each item, in their order."""
    read: list[Item | Said] = []
    reader = Reader(now=now)
    for each in told:
        try:
            read.append(reader.read_any(each))
        except Unreadable as unreadable:
            read.append(_unreadable(each, unreadable))
    items = [each for each in read if isinstance(each, Item)]
    results = iter(feed_in(source, items, client=client, now=now))
    return [_with_status(next(results)) if isinstance(each, Item) else each for each in read]


def _with_status(result: Result) -> Said:
    problem = problem_data(result.problem) if result.problem else None
    status = problem["status"] if problem else STATUS.get(result.outcome, 200)
    return {**said_of(result), "status": status, "problem": problem}


def _unreadable(told: Any, unreadable: Unreadable) -> Said:
    named = told if isinstance(told, dict) else {}
    kind, external_id = named.get("kind"), named.get("external_id")
    problem = problem_data(unreadable.error)
    return {
        "kind": kind if isinstance(kind, str) else None,
        "external_id": external_id if isinstance(external_id, str) else None,
        "outcome": Outcome.REJECTED.value,
        "id": None,
        "effects": [],
        "waits_for": None,
        "status": problem["status"],
        "problem": problem,
    }


def said_of(result: Result) -> Said:
    """Return what is answered about an item that was not rejected."""
    waits_for = result.waits_for
    return {
        "kind": result.kind.value,
        "external_id": result.external_id,
        "outcome": result.outcome.value,
        "id": None if result.row_pk is None else str(result.row_pk),
        "effects": [effect.value for effect in result.effects],
        "waits_for": waits_for and {"kind": waits_for[0], "external_id": waits_for[1]},
    }
