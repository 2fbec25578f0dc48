"""Imports: which measurements came with which file, who brought them in and when."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField

FILE_NAME_LENGTH = 255


class ImportBatches(models.QuerySet["ImportBatch"]):
    """Imports, narrowed by adjectives."""

    def next_pk(self) -> int:
        """Return the primary key of an import that begins; its row is stored last."""
        with connection.cursor() as cursor:
            sequence = "pg_get_serial_sequence('surveys_importbatch', 'id')"
            cursor.execute(f"SELECT nextval({sequence})")
            pk: int = cursor.fetchone()[0]
        return pk

    def excluded(self) -> Self:
        """Keep those that staff excluded as a whole."""
        return self.filter(exclusions__isnull=False, exclusions__lifted_at=None)


class ImportBatch(models.Model):
    """The measurements that came in with one file. Its row is stored last and closes it.

    What it counts is what it holds: the database compares, and lets nothing be added later. Of
    what was imported before there were batches only the moment and the shop are known.
    """

    file_name = LineField(_("file"), max_length=FILE_NAME_LENGTH)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    format = models.CharField(_("format"), max_length=30, blank=True)
    imported_at = models.DateTimeField(_("imported"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="imports",
        null=True,
        blank=True,
        verbose_name=_("imported by"),
        help_text=_("Nobody: the command on the server."),
    )
    stored = models.PositiveIntegerField(_("measurements stored"))
    skipped = models.PositiveIntegerField(_("rows skipped"))
    shops = models.PositiveIntegerField(_("shops"))
    first_month = models.DateField(_("first month"))
    last_month = models.DateField(_("last month"))

    objects = ImportBatches.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(condition=~models.Q(file_name=""), name="import_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(sha256="") | models.Q(sha256__regex="^[0-9a-f]{64}$"),
                name="import_has_a_digest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="import_stays", operation=pgtrigger.Delete | pgtrigger.Update),
            never_emptied("imports_stay"),
            not_ahead("import_not_ahead", "imported_at"),
            pgtrigger.Trigger(
                name="import_counts_what_it_holds",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                IF (NEW.stored, NEW.shops, NEW.first_month, NEW.last_month, NEW.imported_at,
                    NEW.imported_at) IS DISTINCT FROM (
                    SELECT (count(*)::integer, count(DISTINCT seller_id)::integer, min(month),
                            max(month), min(imported_at), max(imported_at))
                      FROM surveys_surveyresponse WHERE batch_id = NEW.id
                ) THEN
                    RAISE EXCEPTION 'An import counts what it holds';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} · {self.file_name}"
