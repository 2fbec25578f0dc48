"""The words of a query, as the search finds them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.models.queries import CustomerQuery


class SearchDocument(models.Model):
    """All words of one query: subject, order, customer, messages and notes.

    The database itself writes it: triggers on those tables. Each word carries the number of the
    shop, so that no search sees another shop's words (docs/decisions/0020-searching.md).
    """

    query = models.OneToOneField(
        CustomerQuery,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="search_document",
        editable=False,
    )
    closed = models.BooleanField(editable=False)
    words = SearchVectorField(editable=False)

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        indexes = [
            # Apart, for what is open is little and changes all the time.
            GinIndex(
                fields=["words"], condition=models.Q(closed=False), name="search_words_of_open"
            ),
            GinIndex(
                fields=["words"], condition=models.Q(closed=True), name="search_words_of_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
