"""Every mail that was received, so that each is taken once; whole only while it waits for staff."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.enums import HeldReason, IncomingState, NotKeptReason
from queries.models.messages import Message
from queries.models.queries import CustomerQuery
from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField


class IncomingMails(models.QuerySet["IncomingMail"]):
    """Received mails, narrowed by adjectives."""

    def held(self) -> Self:
        """Keep what waits for staff; a partial index."""
        return self.filter(state=IncomingState.HELD)


class IncomingMail(models.Model):
    """A mail that was received, and what became of it.

    The same mail a second time has the same digest and is not stored. What is held keeps its
    sender, subject and the whole mail until staff place it or throw it away.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(_("received"))
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=IncomingState)
    reason = models.CharField(_("why it waits"), max_length=20, choices=HeldReason, blank=True)
    query = models.ForeignKey(
        CustomerQuery,
        on_delete=models.PROTECT,
        related_name="incoming_mails",
        null=True,
        blank=True,
        verbose_name=_("query"),
    )
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, related_name="incoming_mail", null=True, blank=True
    )
    from_email = models.CharField(_("sender"), max_length=254, blank=True)
    subject = LineField(_("subject"), max_length=200, blank=True)
    raw = models.BinaryField(null=True, blank=True, editable=False)

    objects = IncomingMails.as_manager()

    class Meta:
        verbose_name = _("received mail")
        verbose_name_plural = _("received mails")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=IncomingState.values), name="incoming_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=["", *HeldReason.values]),
                name="incoming_reason_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=IncomingState.HELD) & ~models.Q(reason="")
                | models.Q(raw=None, from_email="", subject="")
                & ~models.Q(state=IncomingState.HELD),
                name="incoming_whole_only_while_held",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at", "id"],
                condition=models.Q(state=IncomingState.HELD),
                name="incoming_held",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="incoming_stays", operation=pgtrigger.Delete),
            never_emptied("incoming_mails_stay"),
            not_ahead("incoming_not_ahead", "received_at"),
            pgtrigger.ReadOnly(
                name="incoming_stays_what_it_was", fields=["digest", "received_at", "kind"]
            ),
            # It is ignored until somebody looks, at once. The message only goes, when it is erased.
            pgtrigger.Protect(
                name="incoming_settled_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state IN ('{IncomingState.PLACED}', '{IncomingState.DISCARDED}') AND ("
                    "(OLD.state, OLD.reason, OLD.query_id) IS DISTINCT FROM "
                    "(NEW.state, NEW.reason, NEW.query_id) "
                    "OR NEW.message_id <> coalesce(OLD.message_id, -1))"
                ),
            ),
            pgtrigger.Protect(
                name="incoming_held_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state = '{IncomingState.HELD}' AND (NEW.raw <> OLD.raw "
                    "OR NEW.from_email NOT IN ('', OLD.from_email) "
                    "OR NEW.subject NOT IN ('', OLD.subject))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class MailsNotKept(models.QuerySet["MailNotKept"]):
    """How many mails were turned away, by day and reason."""

    def since(self, day: date) -> Self:
        """Keep what was turned away on that day or later."""
        return self.filter(day__gte=day)

    def count_one(self, reason: NotKeptReason, *, day: date) -> None:
        """Count one more."""
        counted, _is_new = self.get_or_create(day=day, reason=reason, defaults={"times": 0})
        self.filter(pk=counted.pk).update(times=models.F("times") + 1)


class MailNotKept(models.Model):
    """How often mail was turned away on one day for one reason; of the mails nothing is kept."""

    day = models.DateField(_("day"), help_text=_("In the marketplace's time zone."))
    reason = models.CharField(_("why"), max_length=20, choices=NotKeptReason)
    times = models.PositiveIntegerField(_("how often"))

    objects = MailsNotKept.as_manager()

    class Meta:
        verbose_name = _("mail that was not kept")
        verbose_name_plural = _("mails that were not kept")
        constraints = [
            models.UniqueConstraint(fields=["day", "reason"], name="mail_not_kept_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(reason__in=NotKeptReason.values),
                name="mail_not_kept_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"
