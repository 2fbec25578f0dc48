"""What customers ask: one row per question, with whose turn it is."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import Channel, QueryState
from queries.models.customers import Customer, only_merging_moves
from sellers.addresses import masked
from sellers.enums import Language
from sellers.models import Seller


class CustomerQueries(models.QuerySet["CustomerQuery"]):
    """Queries, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep what this shop may see: the only way from a page to a query."""
        return self.filter(seller=seller)

    def in_state(self, state: QueryState) -> Self:
        """Keep the queries in which it is that party's turn."""
        return self.filter(state=state)

    def open(self) -> Self:
        """Keep the queries that are not closed, whoever's turn it is."""
        return self.exclude(state=QueryState.CLOSED)

    def longest_waiting_first(self) -> Self:
        """Sort by how long the present state lasts, longest first."""
        return self.order_by("turn_since", "pk")

    def latest_first(self) -> Self:
        """Sort by the last change of turn, latest first."""
        return self.order_by("-turn_since", "-pk")

    def at_turn(self, *, now: datetime) -> Self:
        """Keep what the shop is to answer, but not what sleeps."""
        awake = models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=now)
        return self.in_state(QueryState.YOUR_TURN).filter(awake)

    def asleep(self, *, now: datetime) -> Self:
        """Keep what somebody snoozed and would be at turn otherwise."""
        return self.in_state(QueryState.YOUR_TURN).filter(snoozed_until__gt=now)

    def closed_before(self, moment: datetime) -> Self:
        """Keep what was closed before a moment and not opened since."""
        return self.filter(state=QueryState.CLOSED, turn_since__lt=moment)

    def with_texts(self) -> Self:
        """Keep the queries whose texts were not erased."""
        return self.filter(erased_at=None)

    def with_people(self) -> Self:
        """Fetch what a list shows beside the query itself."""
        return self.select_related("customer", "assignee")


class CustomerQuery(models.Model):
    """One question of one customer to one shop, with its thread.

    An erased one is closed for good and has no texts: no subject, no order, no messages.
    """

    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="queries", verbose_name=_("seller")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="queries", verbose_name=_("customer")
    )
    contact_email = models.EmailField(
        _("address given with it"),
        max_length=254,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where replies and the survey go; when empty, to the customer’s own address."),
    )
    order_reference = models.CharField(_("order"), max_length=40, blank=True)
    # Of the marketplace's statement with which it was asked, if it was: each serves once.
    statement_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    subject = models.CharField(_("subject"), max_length=200)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    state = models.CharField(_("state"), max_length=20, choices=QueryState)
    turn_since = models.DateTimeField(_("in this state since"))
    asked_at = models.DateTimeField(_("asked"))
    long_open_at = models.DateTimeField(_("open for a long time from"))
    due_at = models.DateTimeField(_("first reply due"))
    first_replied_at = models.DateTimeField(_("first reply"), null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assigned_queries",
        null=True,
        blank=True,
        verbose_name=_("assigned to"),
    )
    # Until then it is not among what is at turn; no deadline moves.
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    # What a reaction of the customer put an end to: one click snoozes until then again.
    snooze_cut_short = models.DateTimeField(_("was snoozed until"), null=True, blank=True)
    duplicate_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="duplicates",
        null=True,
        blank=True,
        verbose_name=_("duplicate of"),
    )
    erased_at = models.DateTimeField(_("texts erased"), null=True, blank=True)

    objects = CustomerQueries.as_manager()

    class Meta:
        verbose_name = _("customer query")
        verbose_name_plural = _("customer queries")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(subject="") | models.Q(erased_at__isnull=False),
                name="query_subject_given",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(
                    state=QueryState.CLOSED, subject="", order_reference="", contact_email=""
                ),
                name="query_erased_is_closed_and_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=QueryState.values), name="query_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="query_channel_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="query_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    due_at__gte=models.F("long_open_at"), long_open_at__gte=models.F("asked_at")
                ),
                name="query_deadlines_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(duplicate_of=None) | models.Q(state=QueryState.CLOSED),
                name="query_duplicate_is_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(snoozed_until=None) | ~models.Q(state=QueryState.CLOSED),
                name="query_closed_does_not_sleep",
            ),
            models.UniqueConstraint(
                fields=["statement_digest"],
                condition=~models.Q(statement_digest=""),
                name="query_statement_used_once",
            ),
        ]
        indexes = [
            # The inbox: one shop, one state, longest first; backwards for what is closed.
            models.Index(fields=["seller", "state", "turn_since", "id"], name="query_inbox"),
            # What is at turn: what is due first, whose it is, and what sleeps.
            models.Index(
                fields=["seller", "due_at", "id"],
                include=["assignee", "snoozed_until"],
                condition=models.Q(state=QueryState.YOUR_TURN),
                name="query_due",
            ),
            # What sleeps: what wakes first.
            models.Index(
                fields=["seller", "snoozed_until", "id"],
                condition=models.Q(state=QueryState.YOUR_TURN, snoozed_until__isnull=False),
                name="query_snoozed",
            ),
            # What is open at all shops: what closes by itself, what staff have in hand.
            models.Index(
                fields=["state", "turn_since", "id"],
                condition=~models.Q(state=QueryState.CLOSED),
                name="query_open",
            ),
            # What is open of a colleague.
            models.Index(
                fields=["seller", "assignee", "state", "turn_since", "id"],
                condition=~models.Q(state=QueryState.CLOSED),
                name="query_assigned",
            ),
            # What was asked of a shop in a period.
            models.Index(fields=["seller", "asked_at"], name="query_seller_asked_at"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="query_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
            pgtrigger.Protect(
                name="query_texts_only_emptied",
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject"))
                    & ~pgtrigger.Q(new__subject="")
                )
                | (
                    pgtrigger.Q(old__order_reference__df=pgtrigger.F("new__order_reference"))
                    & ~pgtrigger.Q(new__order_reference="")
                )
                | (
                    pgtrigger.Q(old__contact_email__df=pgtrigger.F("new__contact_email"))
                    & ~pgtrigger.Q(new__contact_email="")
                ),
            ),
            pgtrigger.ReadOnly(
                name="query_origin_never_changes", fields=["seller", "statement_digest"]
            ),
            only_merging_moves("query_customer_only_merged"),
            pgtrigger.Trigger(
                name="query_duplicate_of_same_customer",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("duplicate_of_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__duplicate_of__isnull=False),
                declare=[("kept", "queries_customerquery")],
                func="""
                SELECT * INTO kept
                  FROM queries_customerquery WHERE id = NEW.duplicate_of_id FOR KEY SHARE;
                IF kept.id = NEW.id
                    OR kept.seller_id <> NEW.seller_id OR kept.customer_id <> NEW.customer_id
                    OR kept.duplicate_of_id IS NOT NULL
                    OR EXISTS (SELECT FROM queries_customerquery WHERE duplicate_of_id = NEW.id)
                THEN
                    RAISE EXCEPTION 'A duplicate is of one kept query, same customer and shop';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="query_customer_is_there",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("asks", "queries_customer")],
                # The lock that the foreign key takes anyway: it waits for who erases or merges.
                func="""
                SELECT * INTO asks
                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;
                IF asks.erased_at IS NOT NULL THEN
                    RAISE EXCEPTION 'An erased customer asks nothing any more';
                END IF;
                IF asks.merged_into_id IS NOT NULL THEN
                    RAISE EXCEPTION 'Of a merged customer asks who it was merged into';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.subject or gettext("Erased query")

    def get_absolute_url(self) -> str:
        """Return the URL of the thread."""
        return reverse("queries:detail", args=[self.pk])

    def others_of_customer(self) -> CustomerQueries:
        """Return what else the customer asked this shop, latest first."""
        others = CustomerQuery.objects.filter(seller=self.seller_id, customer=self.customer_id)
        return others.exclude(pk=self.pk).order_by("-asked_at", "-pk")

    def possible_originals(self) -> CustomerQueries:
        """Return what this may be a duplicate of: kept queries of the same customer here."""
        return self.others_of_customer().with_texts().filter(duplicate_of=None)

    @property
    def reply_to_email(self) -> str:
        """Return where replies and the survey go; nothing when no address is known."""
        return self.contact_email or self.customer.email

    @property
    def asked_by(self) -> str:
        """Return what the shop calls who asks: nothing of them that was said to another shop."""
        customer = self.customer
        return customer.name or (str(customer) if customer.erased_at else self.masked_email)

    @property
    def masked_email(self) -> str:
        """Return the address for whoever has no need of it: `r•••@klant.example`."""
        return masked(self.reply_to_email)

    @property
    def is_closed(self) -> bool:
        """Return whether it was not reopened since its last closing."""
        return self.state == QueryState.CLOSED

    @property
    def is_with_marketplace(self) -> bool:
        """Return whether the shop handed it over and it did not come back yet."""
        return self.state == QueryState.WITH_MARKETPLACE

    @property
    def may_be_closed(self) -> bool:
        """Return whether the shop can close it now."""
        return not (self.is_closed or self.is_with_marketplace)

    @property
    def awaits_shop(self) -> bool:
        """Return whether the first reply of the shop is still owed."""
        return self.state == QueryState.YOUR_TURN and self.first_replied_at is None

    def is_asleep(self, *, now: datetime) -> bool:
        """Return whether somebody snoozed it until later."""
        return self.snoozed_until is not None and self.snoozed_until > now

    def is_overdue(self, *, now: datetime) -> bool:
        """Return whether the first reply is still owed after its due moment."""
        return self.awaits_shop and now >= self.due_at

    def is_long_open(self, *, now: datetime) -> bool:
        """Return whether the first reply is owed for a long time but not overdue yet."""
        return self.awaits_shop and self.long_open_at <= now < self.due_at
