"""Staff's view of customers and their queries; how any app's page shows what is only read."""

from queries.admin import customers, mail, orders
from queries.admin.queries import CustomerQueryPage
from queries.admin.readonly import COUNTED_EXACTLY, ReadOnlyInline, ReadOnlyPage

__all__ = [
    "COUNTED_EXACTLY",
    "CustomerQueryPage",
    "ReadOnlyInline",
    "ReadOnlyPage",
    "customers",
    "mail",
    "orders",
]
