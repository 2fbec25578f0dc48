"""What happened: one row per action, written in the transaction of that action."""

from collections.abc import Iterable
from typing import Final, NamedTuple, Self

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from sellers.enums import ActorKind
from sellers.guards import NUMBERED, never_emptied
from sellers.models.clients import ApiClient
from sellers.models.shops import Seller

# A cluster counts its transactions from the beginning; into a new one a backup may be restored.
EARLIER_TRANSACTIONS: Final = models.Func(
    function="sellers_transactions_before", output_field=models.BigIntegerField()
)
# xid8 is no type of Django's, and its numbers fit a bigint for longer than anybody lives.
CURRENT_TRANSACTION: Final = EARLIER_TRANSACTIONS + Cast(
    Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
)
OLDEST_RUNNING_TRANSACTION: Final = EARLIER_TRANSACTIONS + Cast(
    Cast(
        models.Func(
            models.Func(function="pg_current_snapshot", output_field=models.TextField()),
            function="pg_snapshot_xmin",
        ),
        models.TextField(),
    ),
    models.BigIntegerField(),
)


class Position(NamedTuple):
    """How far a reader of the events has come: all up to and including this one."""

    transaction: int
    pk: int


START: Final = Position(0, 0)  # before the first event


class Events(models.QuerySet["Event"]):
    """Events, narrowed by adjectives."""

    def about(self, rows: Iterable[models.Model]) -> Self:
        """Keep what happened to these rows; an index."""
        pks_by_label: dict[str, list[int]] = {}
        for row in rows:
            pks_by_label.setdefault(row._meta.label, []).append(row.pk)
        any_of_them = models.Q(pk__in=())
        for label, pks in pks_by_label.items():
            any_of_them |= models.Q(object_label=label, object_pk__in=pks)
        return self.filter(any_of_them)

    def told_to(self, seller: Seller) -> Self:
        """Keep what happened at a shop, and what concerns all of them."""
        return self.filter(models.Q(seller=seller) | models.Q(seller=None))

    def settled_after(self, position: Position) -> Self:
        """Keep what a reader at `position` has not seen, in the order to read it; an index.

        Primary keys are given out before they are committed: a lower one may appear after a higher
        one was read. So these are sorted by transaction, and end before the oldest transaction
        that still runs: every earlier one is over, so nothing can appear among these any more.
        """
        transaction, pk = position
        return (
            self.filter(transaction__gte=transaction)
            .filter(transaction__lt=OLDEST_RUNNING_TRANSACTION)
            .exclude(transaction=transaction, pk__lte=pk)
            .order_by("transaction", "pk")
        )


class Event(models.Model):
    """One thing that happened, to which row, of which shop, and by whom; never changed.

    Says nothing of a person and nothing in a customer's words: it outlives every erasure.
    """

    kind = models.CharField(_("what happened"), max_length=40)
    at = models.DateTimeField(_("moment"))
    # A shop that was added by mistake may be deleted; what happened stays.
    seller = models.ForeignKey(
        Seller,
        on_delete=models.DO_NOTHING,
        related_name="events",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("seller"),
    )
    object_label = models.CharField(_("kind of row"), max_length=60)
    object_pk = models.BigIntegerField(_("row"))
    actor = models.CharField(_("by"), max_length=10, choices=ActorKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("user"),
    )
    client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("API client"),
    )
    details = models.JSONField(_("details"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    transaction = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    objects = Events.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__regex=r"^[a-z_]+\.[a-z_]+$"), name="event_kind_dotted"
            ),
            models.CheckConstraint(
                condition=models.Q(actor__in=ActorKind.values), name="event_actor_known"
            ),
            models.CheckConstraint(
                condition=models.Q(actor=ActorKind.USER, user__isnull=False)
                | models.Q(actor=ActorKind.CLIENT)
                | models.Q(actor__in=(ActorKind.CUSTOMER, ActorKind.SYSTEM), user=None),
                name="event_by_user_names_user",
            ),
            models.CheckConstraint(
                condition=models.Q(actor=ActorKind.CLIENT, client__isnull=False)
                | ~models.Q(actor=ActorKind.CLIENT) & models.Q(client=None),
                name="event_by_client_names_client",
            ),
        ]
        indexes = [
            # What a reader has not seen yet.
            models.Index(fields=["transaction", "id"], name="event_in_order"),
            # What a shop's program has not seen yet.
            models.Index(fields=["seller", "transaction", "id"], name="event_of_seller_in_order"),
            # What happened last at a shop.
            models.Index(fields=["seller", "id"], name="event_of_seller"),
            # What happened to one row.
            models.Index(fields=["object_label", "object_pk"], name="event_object"),
        ]
        triggers = [
            pgtrigger.Protect(name="event_stays", operation=pgtrigger.Delete | pgtrigger.Update),
            never_emptied("events_stay"),
            # A reader has come past every other number, and would never see it.
            pgtrigger.Protect(
                name="event_of_this_transaction",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(f"NEW.transaction <> {NUMBERED}"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.object_pk}"

    @property
    def position(self) -> Position:
        """Return where a reader is that has read this event."""
        return Position(self.transaction, self.pk)


class EventCursor(models.Model):
    """How far one reader of the events has come; whoever reads on holds the row."""

    transaction = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def position(self) -> Position:
        """Return up to where the events are read."""
        return Position(self.transaction, self.event_id)

    def read_on(self, *, most: int) -> list[Event]:
        """Return the next events, and stand behind them once this transaction is committed."""
        events = list(Event.objects.settled_after(self.position)[:most])
        if events:
            self.transaction, self.event_id = events[-1].position
            self.save(update_fields=["transaction", "event_id"])
        return events
