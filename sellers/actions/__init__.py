"""What can be done with the team of a shop, and by a reader with their own account."""

from sellers.actions.alerts import choose_alerts, mail_again, stop_mailing
from sellers.actions.clients import (
    ClientIsRevoked,
    ScopesNotAllowed,
    TooManyClients,
    make_client,
    replace_secret,
    revoke_client,
)
from sellers.actions.invitations import (
    AlreadyInvited,
    AlreadyMember,
    AskedTooOften,
    HasAccount,
    InvitationIsOver,
    TooManyInvitations,
    invite,
    invite_again,
    join,
    join_with_new_account,
    withdraw,
)
from sellers.actions.platform import (
    add_member,
    add_seller,
    change_seller,
    find_or_create_user,
)
from sellers.actions.profiles import change_own_settings
from sellers.actions.shop_settings import NotInTeam, change_shop_settings
from sellers.actions.team import (
    LastOwner,
    MembershipIsOver,
    NotAnOwner,
    change_role,
    end_membership,
    hold_team,
)

__all__ = [
    "AlreadyInvited",
    "AlreadyMember",
    "AskedTooOften",
    "ClientIsRevoked",
    "HasAccount",
    "InvitationIsOver",
    "LastOwner",
    "MembershipIsOver",
    "NotAnOwner",
    "NotInTeam",
    "ScopesNotAllowed",
    "TooManyClients",
    "TooManyInvitations",
    "add_member",
    "add_seller",
    "change_own_settings",
    "change_role",
    "change_seller",
    "change_shop_settings",
    "choose_alerts",
    "end_membership",
    "find_or_create_user",
    "hold_team",
    "invite",
    "invite_again",
    "join",
    "join_with_new_account",
    "mail_again",
    "make_client",
    "replace_secret",
    "revoke_client",
    "stop_mailing",
    "withdraw",
]
