"""What the marketplace's platform told us of: which row is which of its things, and what waits."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from queries.enums import FedKind
from sellers.models import ApiClient

SOURCE: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
EXTERNAL_ID: Final = r"^[!-.0-~]{1,100}$"  # what can be seen of ASCII, but no slash

Key = tuple[str, str]  # kind and external id


class FedRows(models.QuerySet["FedRow"]):
    """Rows of ours with an id of the platform, narrowed by adjectives."""

    def from_source(self, source: str) -> Self:
        """Keep what this platform told of."""
        return self.filter(source=source)

    def known_as(self, keys: Iterable[Key]) -> Self:
        """Keep those with these kinds and external ids; an index."""
        ids: dict[str, set[str]] = {}
        for kind, external_id in keys:
            ids.setdefault(kind, set()).add(external_id)
        any_of_them = models.Q(pk__in=())
        for kind, external_ids in ids.items():
            any_of_them |= models.Q(kind=kind, external_id__in=external_ids)
        return self.filter(any_of_them)

    def of_rows(self, rows: models.QuerySet[Any], *kinds: FedKind) -> Self:
        """Keep those of these kinds that are these rows; an index."""
        return self.filter(kind__in=kinds, object_pk__in=rows.values("pk"))


class FedRow(models.Model):
    """Which row of ours something of the platform is, and of which moment is the last we know.

    Of an opt-out or a bounce that is the customer, of a hand-back the query. Of what was erased
    only queries are still known, so that nobody feeds them in anew.
    """

    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=FedKind)
    external_id = models.CharField(max_length=100)
    object_pk = models.BigIntegerField()
    told_of_at = models.DateTimeField()

    objects = FedRows.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "external_id"], name="fed_once"),
            models.CheckConstraint(
                condition=models.Q(source__regex=SOURCE), name="fed_source_known_form"
            ),
            models.CheckConstraint(
                condition=models.Q(external_id__regex=EXTERNAL_ID), name="fed_id_known_form"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=FedKind.values), name="fed_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["kind", "object_pk"], name="fed_row")]
        triggers = [
            pgtrigger.ReadOnly(
                name="fed_stays_the_same_row",
                fields=["source", "kind", "external_id", "object_pk"],
            ),
            pgtrigger.Protect(
                name="fed_only_gets_newer",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__told_of_at__lt=pgtrigger.F("old__told_of_at")),
            ),
            pgtrigger.Protect(
                name="fed_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(
                    old__kind__in=(FedKind.SELLER, FedKind.MEMBER, FedKind.QUERY)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.external_id}"

    @property
    def key(self) -> Key:
        """Return what the platform knows it by."""
        return self.kind, self.external_id


class WaitingItems(models.QuerySet["WaitingItem"]):
    """Items that wait or were given up, narrowed by adjectives."""

    def from_source(self, source: str) -> Self:
        """Keep what this platform told of."""
        return self.filter(source=source)

    def waiting(self) -> Self:
        """Keep what still waits."""
        return self.filter(given_up_at=None)

    def given_up(self) -> Self:
        """Keep what was rejected after all."""
        return self.filter(given_up_at__isnull=False)

    def for_parents(self, keys: Iterable[Key]) -> Self:
        """Keep what waits for these; an index."""
        ids: dict[str, set[str]] = {}
        for kind, external_id in keys:
            ids.setdefault(kind, set()).add(external_id)
        any_of_them = models.Q(pk__in=())
        for kind, external_ids in ids.items():
            any_of_them |= models.Q(parent_kind=kind, parent_id__in=external_ids)
        return self.waiting().filter(any_of_them)

    def waiting_since(self, moment: datetime) -> Self:
        """Keep what has waited since before a moment."""
        return self.waiting().filter(received_at__lt=moment)


class WaitingItem(models.Model):
    """Something that the platform told of before what it belongs to; or why it was given up.

    Of what was given up nothing is kept of what was said.
    """

    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=FedKind)
    external_id = models.CharField(max_length=100)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="waiting_items")
    said = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    parent_kind = models.CharField(max_length=10, choices=FedKind)
    parent_id = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    given_up_at = models.DateTimeField(null=True, blank=True)
    problem = models.JSONField(null=True)

    objects = WaitingItems.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "external_id"], name="waiting_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=FedKind.values, parent_kind__in=FedKind.values),
                name="waiting_kinds_known",
            ),
            models.CheckConstraint(
                condition=models.Q(said__isnull=False, given_up_at=None, problem=None)
                | models.Q(said=None, given_up_at__isnull=False, problem__isnull=False),
                name="waiting_or_given_up",
            ),
        ]
        indexes = [
            # What waits for something that arrives.
            models.Index(
                fields=["source", "parent_kind", "parent_id"],
                condition=models.Q(given_up_at=None),
                name="waiting_for",
            ),
            # The list, and what has waited too long.
            models.Index(fields=["source", "received_at", "id"], name="waiting_in_order"),
            models.Index(fields=["received_at"], name="waiting_received"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.external_id}"
