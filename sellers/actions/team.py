"""What becomes of the members of a shop: another role, or none any more.

What a colleague had in hand goes to others in the same step: queries/actions/members.py, which is
what pages call.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from sellers.enums import Right, Role, SellerEvent
from sellers.events import Actor, record
from sellers.models import Membership, Seller, User


class LastOwner(Exception):
    """The shop would be left without an owner who may log in."""


class MembershipIsOver(Exception):
    """The member was removed meanwhile."""


class NotAnOwner(Exception):
    """Who does it is no owner of the shop, or not any more."""


@transaction.atomic
def change_role(membership: Membership, *, role: Role, by: Actor, now: datetime) -> None:
    """Give a member another role. Raises MembershipIsOver, NotAnOwner or LastOwner."""
    lock_team(membership.seller, by=by)
    _lock(membership)
    before = membership.role
    if role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    _record(
        SellerEvent.MEMBERSHIP_CHANGED, membership, by=by, now=now, changes={"role": [before, role]}
    )


@transaction.atomic
def end_membership(membership: Membership, *, by: Actor, now: datetime) -> None:
    """Let a member be one no more; without another shop, their sessions end too.

    Raises MembershipIsOver, NotAnOwner or LastOwner.
    """
    lock_team(membership.seller, by=by)
    _lock(membership)
    _keep_an_owner(membership)
    membership.ended_at, membership.signature = now, ""
    membership.save(update_fields=["ended_at", "signature"])
    user = membership.user
    if not user.is_staff and not Membership.objects.of_user(user).exists():
        User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    _record(SellerEvent.MEMBERSHIP_DELETED, membership, by=by, now=now)


def hold_team(seller: Seller) -> None:
    """Wait for whoever changes the team of a shop or gives work to it. Locked before any query."""
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)


def lock_team(seller: Seller, *, by: Actor) -> None:
    """Wait for whoever changes the team of a shop; raises NotAnOwner unless `by` is one still.

    The marketplace's platform may change it too.
    """
    hold_team(seller)
    if by.is_platform:
        return
    own = Membership.objects.for_seller(seller).filter(user=by.account).first()
    if own is None or not own.may(Right.MANAGE_TEAM):
        raise NotAnOwner


def _lock(membership: Membership) -> None:
    """Lock a member and see what others made of it; raises MembershipIsOver."""
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    membership.role, membership.ended_at = locked.role, locked.ended_at
    if membership.ended_at:
        raise MembershipIsOver


def _keep_an_owner(membership: Membership) -> None:
    """Raise LastOwner when no other owner is left. The database refuses it too."""
    others = Membership.objects.for_seller(membership.seller).owning().exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise LastOwner


def _record(
    kind: SellerEvent, membership: Membership, *, by: Actor, now: datetime, **details: object
) -> None:
    record(
        kind,
        membership,
        seller_id=membership.seller_id,
        by=by,
        now=now,
        user=membership.user_id,
        role=membership.role,
        **details,
    )
