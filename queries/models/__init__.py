"""Customers, what they ask and buy, what was said and attached; who had it, and closed it."""

from queries.models.attachments import Attachment, Attachments
from queries.models.closings import Closing, Closings
from queries.models.customers import (
    Customer,
    Customers,
    only_merging_moves,
)
from queries.models.fed import (
    EXTERNAL_ID,
    SOURCE,
    FedRow,
    FedRows,
    WaitingItem,
    WaitingItems,
)
from queries.models.handovers import HAND_BACK_AFTER, HandOver, HandOvers
from queries.models.incoming import IncomingMail, IncomingMails, MailNotKept, MailsNotKept
from queries.models.messages import LEAVES_AFTER, Message, Messages
from queries.models.orders import Order, OrderItem, Orders
from queries.models.queries import CustomerQueries, CustomerQuery, asleep, at_turn
from queries.models.search import SearchDocument
from queries.models.threads import CustomerMail, CustomerMails, ThreadLink, ThreadLinks
from queries.models.visits import Visit, Visits
from queries.models.writing import Draft, Note, SavedReply

__all__ = [
    "EXTERNAL_ID",
    "HAND_BACK_AFTER",
    "LEAVES_AFTER",
    "SOURCE",
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
    "Draft",
    "FedRow",
    "FedRows",
    "HandOver",
    "HandOvers",
    "IncomingMail",
    "IncomingMails",
    "MailNotKept",
    "MailsNotKept",
    "Message",
    "Messages",
    "Note",
    "Order",
    "OrderItem",
    "Orders",
    "SavedReply",
    "SearchDocument",
    "ThreadLink",
    "ThreadLinks",
    "Visit",
    "Visits",
    "WaitingItem",
    "WaitingItems",
    "asleep",
    "at_turn",
    "only_merging_moves",
]
