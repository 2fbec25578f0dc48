"""What can be done with a query. Every door (page, admin, command, task) comes through here."""

from queries.actions.endings import close, reopen
from queries.actions.handovers import NotOfTheShop, NotWithMarketplace, hand_back, hand_over, settle
from queries.actions.members import (
    CannotAnswer,
    change_member_role,
    remove_member,
    work_in_hand,
)
from queries.actions.questions import ask, log_phone_contact
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
    "CannotAnswer",
    "NotOfTheShop",
    "NotWithMarketplace",
    "QueryIsClosed",
    "QueryIsErased",
    "QueryIsOpen",
    "WithMarketplace",
    "accept_message",
    "ask",
    "change_member_role",
    "close",
    "hand_back",
    "hand_over",
    "log_phone_contact",
    "note_not_delivered",
    "receive_from_other",
    "receive_reaction",
    "remove_member",
    "reopen",
    "reply",
    "reply_and_close",
    "settle",
    "work_in_hand",
]
