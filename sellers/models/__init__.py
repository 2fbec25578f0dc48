"""The tenant (users, shops, memberships), and the mail that leaves."""

from sellers.models.mailings import (
    TO_BE_SENT,
    Mailing,
    Mailings,
    MailServer,
    MailServers,
    Notice,
    Notices,
)
from sellers.models.shops import Membership, Memberships, Seller, User, Users

__all__ = [
    "TO_BE_SENT",
    "MailServer",
    "MailServers",
    "Mailing",
    "Mailings",
    "Membership",
    "Memberships",
    "Notice",
    "Notices",
    "Seller",
    "User",
    "Users",
]
