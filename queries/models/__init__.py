"""Customers, their queries, what was said and attached, and every time a query was closed."""

from queries.models.attachments import Attachment, Attachments
from queries.models.closings import Closing, Closings
from queries.models.customers import (
    Customer,
    Customers,
    only_merging_moves,
)
from queries.models.incoming import IncomingMail, IncomingMails
from queries.models.links import PrivateLink
from queries.models.messages import Message, Messages
from queries.models.queries import CustomerQueries, CustomerQuery
from queries.models.threads import CustomerMail, CustomerMails, ThreadLink, ThreadLinks

__all__ = [
    "Attachment",
    "Attachments",
    "Closing",
    "Closings",
    "Customer",
    "CustomerMail",
    "CustomerMails",
    "CustomerQueries",
    "CustomerQuery",
    "Customers",
    "IncomingMail",
    "IncomingMails",
    "Message",
    "Messages",
    "PrivateLink",
    "ThreadLink",
    "ThreadLinks",
    "only_merging_moves",
]
