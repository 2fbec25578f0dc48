"""What a shop's people write: for colleagues, not sent yet, and to use again."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.enums import DraftKind, NoteKind
from queries.models.queries import CustomerQuery, raise_version
from queries.models.search import search_follows
from sellers.enums import Language
from sellers.guards import never_emptied, not_ahead
from sellers.models import Seller


class Note(models.Model):
    """What somebody of the shop wrote about a query for colleagues; no customer ever reads it."""

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(_("kind"), max_length=20, choices=NoteKind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notes",
        verbose_name=_("written by"),
    )
    body = models.TextField(_("text"), blank=True)
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=NoteKind.values), name="note_kind_known"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="note_never_changes", fields=["query", "kind", "author", "written_at"]
            ),
            pgtrigger.Protect(
                name="note_body_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__body__df=pgtrigger.F("new__body"))
                & ~pgtrigger.Q(new__body=""),
            ),
            pgtrigger.Protect(name="note_stays", operation=pgtrigger.Delete),
            never_emptied("notes_stay"),
            not_ahead("note_not_ahead", "written_at"),
            *search_follows("note"),
            *raise_version("note"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Draft(models.Model):
    """What one person is writing about a query and has not sent: nobody else sees it."""

    query = models.ForeignKey(CustomerQuery, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    kind = models.CharField(max_length=10, choices=DraftKind)
    body = models.TextField()
    predicted_score = models.PositiveSmallIntegerField(null=True, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=DraftKind.values), name="draft_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(predicted_score=None)
                | models.Q(predicted_score__range=(0, 10), kind=DraftKind.REPLY),
                name="draft_prediction_in_range",
            ),
            models.UniqueConstraint(fields=["query", "user", "kind"], name="draft_one_per_person"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SavedReply(models.Model):
    """A text that a shop uses again and again, with marks for what differs."""

    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="saved_replies", verbose_name=_("seller")
    )
    title = models.CharField(_("title"), max_length=80)
    body = models.TextField(_("text"), max_length=10_000)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, blank=True, help_text=_("Empty: for all.")
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("saved reply")
        verbose_name_plural = _("saved replies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language="") | models.Q(language__in=Language.values),
                name="savedreply_language_known",
            ),
            models.UniqueConstraint(fields=["seller", "title"], name="savedreply_title_once"),
        ]

    def __str__(self) -> str:
        return self.title
