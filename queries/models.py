"""Customers, their queries, what was said, and every time a query was closed."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import ActorType, Author, Channel, QueryState
from sellers.enums import Language
from sellers.models import Seller


class Customers(models.QuerySet["Customer"]):
    """People, narrowed by adjectives."""

    def known_as(self, text: str) -> Self:
        """Keep the one with this number or e-mail address; somebody erased has only a number."""
        if text.isdecimal():
            return self.filter(pk=int(text))
        # Worded as the unique index is, so that it serves.
        address = Lower(models.Value(text.strip()))
        return self.alias(address=Lower("email")).filter(~models.Q(email=""), address=address)

    def quiet_since(self, moment: datetime) -> Self:
        """Keep who is not erased, asked before, and had no query open or closed since."""
        queries = CustomerQuery.objects.filter(customer=models.OuterRef("pk"))
        recent = queries.exclude(state=QueryState.CLOSED, turn_since__lt=moment)
        return self.filter(models.Exists(queries), ~models.Exists(recent), erased_at=None)


class Customer(models.Model):
    """A person who asks questions, at any shop of the marketplace.

    Of somebody erased the row stays, without name or address, so that what was counted stays true.
    """

    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.DUTCH
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = Customers.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            # One person is one row: the rest between two surveys is counted per customer.
            models.UniqueConstraint(
                Lower("email"),
                name="customer_email_unique",
                condition=~models.Q(email=""),
                violation_error_message=_("There is already a customer with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="customer_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(name="", email=""),
                name="customer_erased_is_nobody",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="customer_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Erased customer")
        return self.name or self.email or f"#{self.pk}"


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

    def in_order_of_work(self) -> Self:
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
        return self.select_related("customer")


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
    order_reference = models.CharField(_("order"), max_length=40, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    state = models.CharField(_("state"), max_length=20, choices=QueryState)
    turn_since = models.DateTimeField(_("in this state since"))
    asked_at = models.DateTimeField(_("asked"))
    long_open_at = models.DateTimeField(_("open for a long time from"))
    due_at = models.DateTimeField(_("first reply due"))
    first_replied_at = models.DateTimeField(_("first reply"), null=True, blank=True)
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
                | models.Q(state=QueryState.CLOSED, subject="", order_reference=""),
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
        ]
        indexes = [
            # The inbox: one shop, one state, longest first; backwards for what is closed.
            models.Index(fields=["seller", "state", "turn_since", "id"], name="query_inbox"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="query_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
            pgtrigger.Trigger(
                name="query_customer_not_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("erased", "timestamptz")],
                # The lock that the foreign key takes anyway: it waits for who is erasing.
                func="""
                SELECT erased_at INTO erased
                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;
                IF erased IS NOT NULL THEN
                    RAISE EXCEPTION 'An erased customer asks nothing any more';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.subject or gettext("Erased query")

    def get_absolute_url(self) -> str:
        """Return the address of the thread."""
        return reverse("queries:detail", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        """Return whether the last closing stands."""
        return self.state == QueryState.CLOSED

    def is_overdue(self, *, now: datetime) -> bool:
        """Return whether the first reply is still owed after its due moment."""
        return self._awaits_first_reply and now >= self.due_at

    def is_long_open(self, *, now: datetime) -> bool:
        """Return whether the first reply is owed for a long time but not overdue yet."""
        return self._awaits_first_reply and self.long_open_at <= now < self.due_at

    @property
    def _awaits_first_reply(self) -> bool:
        return self.state == QueryState.YOUR_TURN and self.first_replied_at is None


class Message(models.Model):
    """One message in the thread of a query."""

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="messages")
    author = models.CharField(_("author"), max_length=20, choices=Author)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages",
        null=True,
        blank=True,
        verbose_name=_("written by"),
    )
    body = models.TextField(_("text"))
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author__in=Author.values), name="message_author_known"
            ),
            models.CheckConstraint(
                condition=models.Q(author=Author.CUSTOMER, agent=None)
                | ~models.Q(author=Author.CUSTOMER),
                name="message_customer_is_no_agent",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Closings(models.QuerySet["Closing"]):
    """Closings, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep the closings of this shop's queries."""
        return self.filter(seller=seller)

    def standing(self) -> Self:
        """Keep the closings after which the query was not opened again."""
        return self.filter(reopened_at=None)

    def undecided(self) -> Self:
        """Keep the closings about whose survey nothing was decided yet; a partial index."""
        return self.filter(survey_decided_at=None)


class Closing(models.Model):
    """One time that a query was closed: a snapshot that stands for ever.

    What later counts for whom (seller, agent, who closed, channel) is read from here and
    never from what the query has become since.
    """

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="closings")
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="closings", verbose_name=_("seller")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="closings", verbose_name=_("customer")
    )
    closed_by = models.CharField(_("closed by"), max_length=20, choices=ActorType)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="closings",
        null=True,
        blank=True,
        verbose_name=_("agent"),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    subject = models.CharField(_("subject"), max_length=200)
    closed_at = models.DateTimeField(_("closed"))
    predicted_score = models.PositiveSmallIntegerField(_("predicted score"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    survey_decided_at = models.DateTimeField(_("survey decided"), null=True, blank=True)

    objects = Closings.as_manager()

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_by__in=ActorType.values), name="closing_actor_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="closing_channel_known"
            ),
            models.CheckConstraint(
                condition=models.Q(predicted_score=None) | models.Q(predicted_score__range=(0, 10)),
                name="closing_prediction_in_range",
            ),
            models.CheckConstraint(
                condition=~models.Q(closed_by=ActorType.SELLER) | models.Q(agent__isnull=False),
                name="closing_by_seller_has_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(reopened_at=None)
                | models.Q(reopened_at__gte=models.F("closed_at")),
                name="closing_reopened_later",
            ),
            models.UniqueConstraint(
                fields=["query"],
                condition=models.Q(reopened_at=None),
                name="closing_one_stands_per_query",
            ),
        ]
        indexes = [
            # What the survey engine still has to look at, and nothing else.
            models.Index(
                fields=["closed_at", "id"],
                condition=models.Q(survey_decided_at=None),
                name="closing_undecided",
            ),
            # The closings of one shop in one month.
            models.Index(fields=["seller", "closed_at"], name="closing_seller_closed_at"),
        ]
        triggers = [
            pgtrigger.Protect(name="closing_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="closing_never_changes",
                # Not the subject: erasing a person empties texts.
                fields=[
                    "query",
                    "seller",
                    "customer",
                    "closed_by",
                    "agent",
                    "channel",
                    "closed_at",
                    "predicted_score",
                ],
            ),
            pgtrigger.Protect(
                name="closing_reopened_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__reopened_at__isnull=False)
                & pgtrigger.Q(old__reopened_at__df=pgtrigger.F("new__reopened_at")),
            ),
            pgtrigger.Protect(
                name="closing_decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__survey_decided_at__isnull=False)
                & pgtrigger.Q(old__survey_decided_at__df=pgtrigger.F("new__survey_decided_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or gettext("Erased query")
