"""Customers, their queries, what was said and attached; who had them in hand, and closed them."""

from queries.models.attachments import Attachment, Attachments
from queries.models.closings import Closing, Closings
from queries.models.customers import (
    Customer,
    Customers,
    only_merging_moves,
)
from queries.models.handovers import HandOver, HandOvers
from queries.models.incoming import IncomingMail, IncomingMails
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
    "HandOver",
    "HandOvers",
    "IncomingMail",
    "IncomingMails",
    "Message",
    "Messages",
    "ThreadLink",
    "ThreadLinks",
    "only_merging_moves",
]
