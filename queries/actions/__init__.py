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
from queries.actions.endings import NoDuplicate, close, close_as_duplicate, reopen
from queries.actions.handovers import NotOfTheShop, NotWithMarketplace, hand_back, hand_over, settle
from queries.actions.members import change_member_role, remove_member, work_in_hand
from queries.actions.notes import NobodyWaits, need_no_reply, write_note
from queries.actions.questions import CustomerIsGone, ask, log_phone_contact
from queries.actions.reactions import (
    AlreadyAccepted,
    accept_message,
    note_not_delivered,
    receive_from_other,
    receive_reaction,
)
from queries.actions.replies import TooLate, hand_on_reaction, reply, take_back, write_after_closing
from queries.actions.turns import (
    MovedOn,
    PredictionMissing,
    QueryIsClosed,
    QueryIsErased,
    QueryIsOpen,
    WithMarketplace,
)

__all__ = [
    "AlreadyAccepted",
    "AlreadyAssigned",
    "CannotAnswer",
    "CustomerIsGone",
    "MomentIsPast",
    "MovedOn",
    "NoDuplicate",
    "NobodyWaits",
    "NotOfTheShop",
    "NotSnoozed",
    "NotWithMarketplace",
    "NotYourTurn",
    "PredictionMissing",
    "QueryIsClosed",
    "QueryIsErased",
    "QueryIsOpen",
    "TooLate",
    "WithMarketplace",
    "accept_message",
    "ask",
    "assign",
    "assign_all",
    "change_member_role",
    "close",
    "close_all",
    "close_as_duplicate",
    "hand_back",
    "hand_on_reaction",
    "hand_over",
    "log_phone_contact",
    "need_no_reply",
    "note_not_delivered",
    "receive_from_other",
    "receive_reaction",
    "remove_member",
    "reopen",
    "reply",
    "settle",
    "snooze",
    "take_back",
    "wake",
    "work_in_hand",
    "write_after_closing",
    "write_note",
]
