"""What came before what it belongs to: it waits for that, and not for ever."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from queries.enums import FedKind
from queries.feeding.items import Item, Key, Reader
from queries.feeding.refusals import REFUSALS, WaitedTooLong
from queries.models import WaitingItem
from sellers.api.problems import conflict, problem_data
from sellers.models import ApiClient

WAITS_FOR: Final = timedelta(days=7)
LISTED_FOR: Final = timedelta(days=30)
# Of one platform. A history of 100,000 queries with three messages each, told in the worst order,
# lets all that belongs to a query wait, and the queries too while their shops are missing: half a
# million. Twice that is some gigabyte of what is said; more is a platform that sends no parents.
MOST_WAITING: Final = 1_000_000
AT_ONCE: Final = 1_000
COLUMNS: Final = (
    "client",
    "said",
    "parent_kind",
    "parent_id",
    "received_at",
    "given_up_at",
    "problem",
)


def waiting_for(source: str, parents: Collection[Key], *, now: datetime) -> list[Item]:
    """Return what waits for these, in the order in which it came."""
    if not parents:
        return []
    rows = WaitingItem.objects.from_source(source).for_parents(parents).order_by("pk")
    reader = Reader(now=now)
    return [_read(row, reader) for row in rows]


def newest_waiting(source: str, items: Iterable[Item], *, now: datetime) -> dict[Key, Item]:
    """Return what waits already under the ids of these."""
    ids: dict[str, set[str]] = {}
    for item in items:
        ids.setdefault(item.kind, set()).add(item.external_id)
    found, reader = {}, Reader(now=now)
    waiting = WaitingItem.objects.from_source(source).waiting()
    for kind, external_ids in ids.items():
        for row in waiting.filter(kind=kind, external_id__in=external_ids):
            item = _read(row, reader)
            found[item.key] = item
    return found


def let_wait(
    source: str, waiting: Iterable[tuple[Item, Key]], *, client: ApiClient, now: datetime
) -> None:
    """Keep items until their parents arrive; what waited under the same ids is replaced."""
    WaitingItem.objects.bulk_create(
        (
            WaitingItem(
                source=source,
                kind=item.kind,
                external_id=item.external_id,
                client=client,
                said=item.as_json(),
                parent_kind=kind,
                parent_id=external_id,
                received_at=now,
            )
            for item, (kind, external_id) in waiting
        ),
        update_conflicts=True,
        unique_fields=["source", "kind", "external_id"],
        update_fields=COLUMNS,
        batch_size=AT_ONCE,
    )


def wait_for_other(source: str, item: Item, parent: Key) -> None:
    """Let what waits already wait for this; it does so since the same moment."""
    kind, external_id = parent
    rows = WaitingItem.objects.from_source(source).filter(
        kind=item.kind, external_id=item.external_id
    )
    rows.exclude(parent_kind=kind, parent_id=external_id).update(
        parent_kind=kind, parent_id=external_id
    )


def room_for_more(source: str) -> int:
    """Return how many more may wait."""
    return MOST_WAITING - WaitingItem.objects.from_source(source).waiting().count()


def waits_no_more(source: str, items: Iterable[Item]) -> None:
    """Forget that these waited: they are stored."""
    ids: dict[str, list[str]] = {}
    for item in items:
        ids.setdefault(item.kind, []).append(item.external_id)
    rows = WaitingItem.objects.from_source(source)
    for kind, external_ids in ids.items():
        rows.filter(kind=kind, external_id__in=external_ids).delete()


def give_up(source: str, item: Item, problem: dict[str, object], *, now: datetime) -> None:
    """Reject what waited, and keep of it only why."""
    rows = WaitingItem.objects.from_source(source)
    rows.filter(kind=item.kind, external_id=item.external_id).update(
        said=None, given_up_at=now, problem=problem
    )


@transaction.atomic
def give_up_waiting(*, now: datetime) -> int:
    """Reject what has waited too long; return how many."""
    problem = problem_data(conflict(WaitedTooLong(), REFUSALS))
    late = WaitingItem.objects.waiting_since(now - WAITS_FOR)
    return late.update(said=None, given_up_at=now, problem=problem)


def drop_given_up(*, now: datetime) -> int:
    """Forget what was rejected long ago; return how many."""
    count, _of_each = WaitingItem.objects.filter(given_up_at__lt=now - LISTED_FOR).delete()
    return count


def _read(row: WaitingItem, reader: Reader) -> Item:
    return reader.read(FedKind(row.kind), row.external_id, row.said)
