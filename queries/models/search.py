"""The words of a query, as the search finds them."""

import pgtrigger
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
        # Apart, for what is open is little and changes all the time. New words wait in a list that
        # every search reads as well: it stays short.
        indexes = [
            GinIndex(
                fields=["words"],
                condition=models.Q(closed=closed),
                name=f"search_words_of_{state}",
                gin_pending_list_limit=512,
            )
            for state, closed in (("open", False), ("closed", True))
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


def search_follows(name: str) -> tuple[pgtrigger.Trigger, ...]:
    """Return what lets the search find the bodies of messages or notes, and forget what is emptied.

    New words are added to those there are; many rows of one statement at once.
    """
    return (
        pgtrigger.Trigger(
            name=f"{name}_search_grows",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            level=pgtrigger.Statement,
            referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
            func="""
            UPDATE queries_searchdocument document
               SET words = queries_joined(document.words, more.words)
              FROM (
                SELECT query.id, queries_words(query.seller_id, string_agg(body, ' ')) AS words
                  FROM added JOIN queries_customerquery query ON query.id = query_id
                 GROUP BY query.id
              ) more
             WHERE document.query_id = more.id;
            RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name=f"{name}_search_follows",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf("body"),  # type: ignore[no-untyped-call]
            condition=pgtrigger.Q(old__body__df=pgtrigger.F("new__body")),
            func="PERFORM queries_write_documents(ARRAY[NEW.query_id]); RETURN NULL;",
        ),
    )
