"""How staff read what only the portal's actions write."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from sellers.admin import EventHistory

COUNTED_EXACTLY = 10_000


class EstimatingPaginator(Paginator):
    """Takes PostgreSQL's estimate of a large table: counting it all takes longer than the page."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows: exact when narrowed or few, else about."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        if rows.query.where:
            return rows.count()
        counted = rows.order_by().values("pk")[:COUNTED_EXACTLY].count()
        if counted < COUNTED_EXACTLY:
            return counted
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)",
                [rows.query.get_meta().db_table],
            )
            estimate: int = cursor.fetchone()[0]
        return max(counted, estimate)


class ReadOnlyInline(admin.TabularInline):
    """Rows that the portal writes and staff only read."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the portal's actions add these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: these are what happened."""
        return False


class ReadOnlyPage(EventHistory):
    """Rows that only the portal's actions write: staff search and read them.

    There may be millions, so the latest come first by primary key: moments have no index.
    """

    paginator = EstimatingPaginator
    show_full_result_count = False
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: an action adds these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: these are what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False
