"""What was said in the thread of a query."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.enums import Author
from queries.models.queries import CustomerQuery


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
        triggers = [
            pgtrigger.ReadOnly(
                name="message_never_changes",
                # Not the body, which erasing a person may empty.
                fields=["query", "author", "agent", "sent_at"],
            ),
            pgtrigger.Protect(
                name="message_body_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__body__df=pgtrigger.F("new__body"))
                & ~pgtrigger.Q(new__body=""),
            ),
            pgtrigger.Trigger(
                name="message_stays_until_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                IF EXISTS (
                    SELECT FROM queries_customerquery
                     WHERE id = OLD.query_id AND erased_at IS NOT NULL
                ) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'Only messages of an erased query may be deleted';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]
