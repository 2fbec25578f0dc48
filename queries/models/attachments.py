"""Files that came with a message."""

from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.attachments import MAX_FILES, MAX_NAME
from queries.enums import AttachmentKind
from queries.models.customers import Customer
from queries.models.messages import Message
from sellers.models import Seller


class Attachments(models.QuerySet["Attachment"]):
    """Attachments, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep what this shop may see: the only way from a page to an attachment."""
        return self.filter(message__query__seller=seller)

    def of_customer(self, customer: Customer) -> Self:
        """Keep what is in the threads of this person, by whomever."""
        return self.filter(message__query__customer=customer)


class Attachment(models.Model):
    """One file of a message; what is in it lies in a file of its own (queries/files.py)."""

    message = models.ForeignKey(
        Message,
        on_delete=models.PROTECT,
        related_name="attachments",
        db_index=False,  # attachment_numbered_once serves
    )
    position = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=MAX_NAME)
    kind = models.CharField(_("kind"), max_length=20, choices=AttachmentKind)
    size = models.PositiveIntegerField(_("bytes"))
    file = models.CharField(_("file"), max_length=32, editable=False)

    objects = Attachments.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=AttachmentKind.values), name="attachment_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(name__regex=r"[/\\]"),
                name="attachment_name_is_no_path",
            ),
            models.CheckConstraint(
                condition=models.Q(file__regex=r"^[0-9a-f]{32}$"), name="attachment_file_is_random"
            ),
            models.CheckConstraint(
                condition=models.Q(size__gt=0), name="attachment_has_something_in_it"
            ),
            models.CheckConstraint(
                condition=models.Q(position__range=(1, MAX_FILES)), name="attachment_not_too_many"
            ),
            models.UniqueConstraint(
                fields=["message", "position"], name="attachment_numbered_once"
            ),
            models.UniqueConstraint(fields=["file"], name="attachment_file_is_its_own"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="attachment_never_changes"),
            pgtrigger.Trigger(
                name="attachment_stays_until_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                IF EXISTS (
                    SELECT FROM queries_message
                      JOIN queries_customerquery query ON query.id = query_id
                     WHERE queries_message.id = OLD.message_id AND query.erased_at IS NOT NULL
                ) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'Only attachments of an erased query may be deleted';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name
