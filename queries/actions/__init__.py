"""What can be done with a query. Every door (page, admin, command, task) comes through here."""

from queries.actions.desk import (
    AlreadyAssigned,
    CannotAnswer,
    MomentIsPast,
    NotSnoozed,
    NotYourTurn,
    assign,
    assign_all,
    close_all,
    snooze,
    wake,
)
from queries.actions.endings import close, reopen
from queries.actions.handovers import NotOfTheShop, NotWithMarketplace, hand_back, hand_over, settle
from queries.actions.questions import CustomerIsGone, ask, log_phone_contact
from queries.actions.reactions import (
    AlreadyAccepted,
    accept_message,
    note_not_delivered,
    receive_from_other,
    receive_reaction,
)
from queries.actions.replies import reply, reply_and_close
from queries.actions.turns import QueryIsClosed, QueryIsErased, QueryIsOpen, WithMarketplace

__all__ = [
    "AlreadyAccepted",
    "AlreadyAssigned",
    "CannotAnswer",
    "CustomerIsGone",
    "MomentIsPast",
    "NotOfTheShop",
    "NotSnoozed",
    "NotWithMarketplace",
    "NotYourTurn",
    "QueryIsClosed",
    "QueryIsErased",
    "QueryIsOpen",
    "WithMarketplace",
    "accept_message",
    "ask",
    "assign",
    "assign_all",
    "close",
    "close_all",
    "hand_back",
    "hand_over",
    "log_phone_contact",
    "note_not_delivered",
    "receive_from_other",
    "receive_reaction",
    "reopen",
    "reply",
    "reply_and_close",
    "settle",
    "snooze",
    "wake",
]
