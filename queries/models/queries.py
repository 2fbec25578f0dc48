"""What customers ask: one row per question, with whose turn it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import Channel, FirstReply, QueryEvent, QueryState
from queries.models.customers import Customer, only_merging_moves
from sellers.addresses import masked
from sellers.enums import Language
from sellers.guards import never_emptied, not_ahead, told_of
from sellers.models import LineField, Seller

# By the database's own clock: it says when a row was stored and decides nothing.
STORED: Final = models.Func(function="statement_timestamp", output_field=models.DateTimeField())
MOST_ORIGINALS: Final = 20  # that are offered as what a query is a duplicate of


def of_the_shop_of_its_query(name: str) -> pgtrigger.Trigger:
    """Return the guard of a row about a query: the shop it names is that of the query."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
        IF EXISTS (
            SELECT FROM queries_customerquery
             WHERE id = NEW.query_id AND seller_id = NEW.seller_id
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'The shop must be that of the query';
        """,
    )


def raise_version(name: str) -> tuple[pgtrigger.Trigger, ...]:
    """Return what lets the version of a query rise with each row about it, and with its changes.

    Many rows of one statement at once.
    """
    return tuple(
        pgtrigger.Trigger(
            name=f"{name}_raises_version_{word}",
            when=pgtrigger.After,
            operation=operation,
            level=pgtrigger.Statement,
            referencing=pgtrigger.Referencing(new="written"),  # type: ignore[no-untyped-call]
            func="""
            UPDATE queries_customerquery SET version = version + 1
             WHERE id IN (SELECT query_id FROM written);
            RETURN NULL;
            """,
        )
        for word, operation in (("first", pgtrigger.Insert), ("again", pgtrigger.Update))
    )


def at_turn(*, now: datetime) -> models.Q:
    """Return the condition that the shop is to answer, and that it does not sleep."""
    awake = models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=now)
    return models.Q(state=QueryState.YOUR_TURN) & awake


def asleep(*, now: datetime) -> models.Q:
    """Return the condition that somebody snoozed what would be at turn otherwise."""
    return models.Q(state=QueryState.YOUR_TURN, snoozed_until__gt=now)


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

    def waiting_long(self, *, now: datetime) -> Self:
        """Keep what the shop owes an answer for a long time, overdue or not, and does not sleep."""
        return self.filter(
            at_turn(now=now), reply_needed_since__isnull=False, long_open_at__lte=now
        )

    def longest_waiting_first(self) -> Self:
        """Sort by how long the present state lasts, longest first."""
        return self.order_by("turn_since", "pk")

    def latest_first(self) -> Self:
        """Sort by the last change of turn, latest first."""
        return self.order_by("-turn_since", "-pk")

    def closed_before(self, moment: datetime) -> Self:
        """Keep what was closed before a moment and not opened since."""
        return self.filter(state=QueryState.CLOSED, turn_since__lt=moment)

    def with_texts(self) -> Self:
        """Keep the queries whose texts were not erased."""
        return self.filter(erased_at=None)

    def with_people(self) -> Self:
        """Fetch what a list shows beside the query itself."""
        return self.select_related("customer", "assignee")

    def store_columns(self, queries: Iterable["CustomerQuery"], names: Iterable[str]) -> None:
        """Store these columns of many queries in one statement.

        `bulk_update` writes a condition for each value, which takes five times as long.
        """
        rows, wanted = list(queries), {"id", *names}
        fields = [each for each in self.model._meta.concrete_fields if each.name in wanted]
        given = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
        columns = ", ".join(str(field.column) for field in fields)
        changed = [field.column for field in fields if not field.primary_key]
        sets = ", ".join(f"{column} = given.{column}" for column in changed)
        statement = f"""
            UPDATE queries_customerquery AS query SET {sets}
              FROM unnest({given}) AS given ({columns}) WHERE query.id = given.id
        """  # noqa: S608  names of columns alone
        with connection.cursor() as cursor:
            cursor.execute(
                statement, [[getattr(row, field.attname) for row in rows] for field in fields]
            )


class CustomerQuery(models.Model):
    """One question of one customer to one shop, with its thread.

    Both due moments are of the question until somebody answers, then of each reaction.

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
    order_reference = LineField(_("order"), max_length=40, blank=True)
    # Of the marketplace's statement with which it was asked, if it was: each serves once.
    statement_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    subject = LineField(_("subject"), max_length=200)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    state = models.CharField(_("state"), max_length=20, choices=QueryState)
    turn_since = models.DateTimeField(_("in this state since"))
    asked_at = models.DateTimeField(_("asked"))
    long_open_at = models.DateTimeField(_("open for a long time from"))
    due_at = models.DateTimeField(_("reply due"))
    # Of who asks or wrote back; empty when nobody waits for an answer.
    reply_needed_since = models.DateTimeField(_("customer waits since"), null=True, blank=True)
    first_replied_at = models.DateTimeField(_("first reply"), null=True, blank=True)
    # In hours that count, of the shop's own first reply.
    first_reply_took = models.DurationField(_("first reply took"), null=True, blank=True)
    # Once and for all; empty while nothing is settled.
    first_reply_result = models.CharField(
        _("first reply in time"),
        max_length=20,
        choices=FirstReply,
        blank=True,
        default="",
        db_default="",
    )
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
    # A contact by phone of which nobody but the shop knows; never surveyed.
    logged_by_seller = models.BooleanField(
        _("logged by the shop"), default=False, db_default=False, editable=False
    )
    erased_at = models.DateTimeField(_("texts erased"), null=True, blank=True)
    # The database itself writes both with every change of the row, a message or a note: whoever
    # read a version knows whether it still is what it was.
    version = models.IntegerField(default=1, db_default=1, editable=False)
    changed_at = models.DateTimeField(_("last change"), db_default=STORED, editable=False)

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
                condition=models.Q(reply_needed_since=None)
                | models.Q(state__in=(QueryState.YOUR_TURN, QueryState.WITH_MARKETPLACE)),
                name="query_waits_for_shop_or_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(first_reply_result__in=["", *FirstReply.values]),
                name="query_first_reply_result_known",
            ),
            models.CheckConstraint(
                condition=models.Q(first_replied_at=None, first_reply_took=None)
                & ~models.Q(first_reply_result=FirstReply.IN_TIME)
                | models.Q(first_replied_at__isnull=False) & ~models.Q(first_reply_result=""),
                name="query_first_reply_judged",
            ),
            models.CheckConstraint(
                condition=models.Q(duplicate_of=None) | models.Q(state=QueryState.CLOSED),
                name="query_duplicate_is_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(snoozed_until=None) | ~models.Q(state=QueryState.CLOSED),
                name="query_closed_does_not_sleep",
            ),
            models.CheckConstraint(
                condition=models.Q(logged_by_seller=False) | models.Q(channel=Channel.PHONE),
                name="query_logged_is_by_phone",
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
            # What was asked of a shop in a period, and how soon it was answered.
            models.Index(
                fields=["seller", "asked_at"],
                include=["first_reply_result", "state", "due_at"],
                name="query_seller_asked_at",
            ),
            # What changed at a shop since a moment.
            models.Index(fields=["seller", "changed_at"], name="query_seller_changed_at"),
            # What was asked about an order.
            models.Index(fields=["seller", "order_reference"], name="query_about_order"),
        ]
        triggers = [
            never_emptied("queries_stay"),
            not_ahead("query_not_ahead", "asked_at"),
            pgtrigger.Protect(
                name="query_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
            pgtrigger.Trigger(
                name="query_erased_with_trace",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("erased_at"),  # type: ignore[no-untyped-call]
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__erased_at=None)
                & pgtrigger.Q(new__erased_at__isnull=False),
                func=f"""
                IF NOT EXISTS (
                    {told_of(QueryEvent.TEXTS_ERASED, "queries.CustomerQuery", "NEW.id")}
                ) THEN
                    RAISE EXCEPTION 'Texts are erased only with an event that says so';
                END IF;
                RETURN NULL;
                """,
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
                name="query_origin_never_changes",
                fields=["seller", "statement_digest", "logged_by_seller"],
            ),
            # Unless the first reply is taken back, which empties all three.
            pgtrigger.Protect(
                name="query_first_reply_judged_once",
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__first_replied_at=None)
                    | pgtrigger.Q(new__first_replied_at__isnull=False)
                )
                & (
                    (
                        ~pgtrigger.Q(old__first_reply_result="")
                        & pgtrigger.Q(
                            old__first_reply_result__df=pgtrigger.F("new__first_reply_result")
                        )
                    )
                    | (
                        pgtrigger.Q(old__first_reply_took__isnull=False)
                        & pgtrigger.Q(
                            old__first_reply_took__df=pgtrigger.F("new__first_reply_took")
                        )
                    )
                ),
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
                    OR (kept.logged_by_seller AND NOT NEW.logged_by_seller)
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
            pgtrigger.Trigger(
                name="query_version_rises",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(),
                func="""
                NEW.version = OLD.version + 1;
                NEW.changed_at = clock_timestamp();
                RETURN NEW;
                """,
            ),
            # What the search finds: queries/models/search.py.
            pgtrigger.Trigger(
                name="query_search_begins",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
                func="""
                INSERT INTO queries_searchdocument (query_id, closed, words)
                SELECT id, state = 'closed', queries_document(id) FROM added;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="query_search_follows",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject"))
                | pgtrigger.Q(old__order_reference__df=pgtrigger.F("new__order_reference"))
                | pgtrigger.Q(old__contact_email__df=pgtrigger.F("new__contact_email"))
                | pgtrigger.Q(old__customer__df=pgtrigger.F("new__customer")),
                func="PERFORM queries_write_documents(ARRAY[NEW.id]); RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="query_search_closes",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state"))
                & (
                    pgtrigger.Q(old__state=QueryState.CLOSED)
                    | pgtrigger.Q(new__state=QueryState.CLOSED)
                ),
                func="""
                UPDATE queries_searchdocument
                   SET closed = (NEW.state = 'closed') WHERE query_id = NEW.id;
                RETURN NULL;
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
        """Return what this may be a duplicate of: the latest kept queries of its customer here.

        What a customer asked is none of what the shop logged, about which no survey ever goes out.
        """
        kept = self.others_of_customer().with_texts().filter(duplicate_of=None)
        if not self.logged_by_seller:
            kept = kept.filter(logged_by_seller=False)
        return self.others_of_customer().filter(pk__in=kept.values("pk")[:MOST_ORIGINALS])

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
        """Return whether the customer waits for an answer of the shop."""
        return self.state == QueryState.YOUR_TURN and self.reply_needed_since is not None

    def is_asleep(self, *, now: datetime) -> bool:
        """Return whether somebody snoozed it until later."""
        return self.snoozed_until is not None and self.snoozed_until > now

    def is_overdue(self, *, now: datetime) -> bool:
        """Return whether the shop still owes an answer after its due moment."""
        return self.awaits_shop and now >= self.due_at

    def is_long_open(self, *, now: datetime) -> bool:
        """Return whether the shop owes an answer for a long time but is not overdue yet."""
        return self.awaits_shop and self.long_open_at <= now < self.due_at
