"""Somebody is asked to join the team of a shop, and joins."""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import IntegrityError, transaction

from sellers.actions.team import hold_team, lock_team
from sellers.addresses import normalised_email
from sellers.enums import Language, MailState, Role, SellerEvent
from sellers.events import Actor, record
from sellers.models import LINK_WORKS_FOR, Membership, Seller, TeamInvitation, User

MOST_A_DAY: Final = 50  # of one shop: these mails go to whatever address somebody types
AGAIN_AFTER: Final = timedelta(minutes=5)
KEPT_FOR: Final = timedelta(days=90)  # after that an address that leads nowhere is forgotten


class AlreadyMember(Exception):
    """Who has this address belongs to the shop."""


class AlreadyInvited(Exception):
    """There is an open invitation to this address."""


class TooManyInvitations(Exception):
    """The shop invited very many today."""


class AskedTooOften(Exception):
    """The invitation was mailed a moment ago."""


class InvitationIsOver(Exception):
    """The invitation was accepted or withdrawn, or its link has expired."""


class HasOwner(Exception):
    """Somebody owns the shop already, and invites others."""


class IsStaff(Exception):
    """Who has this address is staff of the marketplace, who own no shops."""


class HasAccount(Exception):
    """Who has this address has an account already, and logs in with that."""


@transaction.atomic
def invite(seller: Seller, *, email: str, role: Role, by: Actor, now: datetime) -> TeamInvitation:
    """Ask somebody to join; the mail leaves by itself. One that has expired makes room.

    Raises NotAnOwner, AlreadyMember, AlreadyInvited or TooManyInvitations.
    """
    lock_team(seller, by=by)
    return _ask(seller, email=email, role=role, by=by, now=now)


@transaction.atomic
def invite_first_owner(seller: Seller, *, email: str, by: Actor, now: datetime) -> TeamInvitation:
    """Ask somebody, as staff, to own a shop that nobody owns; who was asked before is no more.

    Raises HasOwner, IsStaff, AskedTooOften or TooManyInvitations.
    """
    hold_team(seller)
    if Membership.objects.for_seller(seller).owning().exists():
        raise HasOwner
    if User.objects.with_email(normalised_email(email)).filter(is_staff=True).exists():
        raise IsStaff
    before = TeamInvitation.objects.for_seller(seller).open().filter(role=Role.OWNER)
    if before.filter(created_at__gt=now - AGAIN_AFTER).exists():
        raise AskedTooOften
    for each in before:
        each.withdrawn_at = now
        each.save(update_fields=["withdrawn_at"])
        _record(SellerEvent.TEAM_INVITATION_WITHDRAWN, each, by=by, now=now)
    return _ask(seller, email=email, role=Role.OWNER, by=by, now=now)


@transaction.atomic
def invite_again(invitation: TeamInvitation, *, by: Actor, now: datetime) -> None:
    """Mail an invitation once more, with a new link; the old one leads nowhere.

    Raises NotAnOwner, InvitationIsOver (not when it has only expired) or AskedTooOften.
    """
    lock_team(invitation.seller, by=by)
    _lock(invitation)
    if now < invitation.asked_at + AGAIN_AFTER:
        raise AskedTooOften
    invitation.make_link()
    invitation.message_key = uuid4()  # else a mail program takes it for the same mail
    invitation.state, invitation.reason = MailState.DECIDED, ""
    invitation.next_try_at, invitation.tries = now, 0
    invitation.expires_at = now + LINK_WORKS_FOR
    invitation.save()
    _record(SellerEvent.TEAM_INVITED_AGAIN, invitation, by=by, now=now)


@transaction.atomic
def withdraw(invitation: TeamInvitation, *, by: Actor, now: datetime) -> None:
    """Let an invitation lead nowhere. Raises NotAnOwner or InvitationIsOver."""
    lock_team(invitation.seller, by=by)
    _lock(invitation)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    _record(SellerEvent.TEAM_INVITATION_WITHDRAWN, invitation, by=by, now=now)


@transaction.atomic
def join(invitation: TeamInvitation, *, user: User, now: datetime) -> Membership:
    """Let who was invited join with the account that has the address.

    Raises InvitationIsOver, or AlreadyMember: then somebody else was quicker to add them. Staff do
    not let each other into a shop: who became staff since then finds the invitation over.
    """
    assert normalised_email(user.email) == invitation.email, "It is their own invitation."
    _lock(invitation)
    if invitation.is_expired(now=now) or (user.is_staff and invitation.invited_by.is_staff):
        raise InvitationIsOver
    if Membership.objects.of_user(user).filter(seller=invitation.seller).exists():
        raise AlreadyMember
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    membership = Membership.objects.create(
        user=user, seller=invitation.seller, role=invitation.role
    )
    by = Actor.user(user)
    _record(
        SellerEvent.TEAM_INVITATION_ACCEPTED, invitation, by=by, now=now, membership=membership.pk
    )
    record(
        SellerEvent.MEMBERSHIP_CREATED,
        membership,
        seller_id=membership.seller_id,
        by=by,
        now=now,
        user=user.pk,
        role=membership.role,
    )
    return membership


@transaction.atomic
def join_with_new_account(
    invitation: TeamInvitation, *, name: str, language: Language, password: str, now: datetime
) -> Membership:
    """Make an account for who was invited, and let them join.

    Raises InvitationIsOver, or HasAccount when there is one meanwhile.
    """
    _lock(invitation)
    if User.objects.with_email(invitation.email).exists():
        raise HasAccount
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                invitation.email, password, name=name, language=language
            )
    except IntegrityError as error:  # by another shop's invitation, at this moment
        raise HasAccount from error
    record(SellerEvent.USER_CREATED, user, seller_id=None, by=Actor.user(user), now=now)
    return join(invitation, user=user, now=now)


def drop_over(*, now: datetime) -> int:
    """Delete the invitations that are long over, with the addresses in them; return how many."""
    deleted, _ = TeamInvitation.objects.over_since(now - KEPT_FOR).delete()
    return deleted


def _ask(seller: Seller, *, email: str, role: Role, by: Actor, now: datetime) -> TeamInvitation:
    assert by.account, "Only somebody invites."
    email, user = normalised_email(email), User.objects.with_email(email).first()
    if user and Membership.objects.of_user(user).filter(seller=seller).exists():
        raise AlreadyMember
    to_address = TeamInvitation.objects.for_seller(seller).open().filter(email=email)
    if to_address.working(now=now).exists():
        raise AlreadyInvited
    today = TeamInvitation.objects.for_seller(seller).filter(created_at__gt=now - timedelta(days=1))
    if today.count() >= MOST_A_DAY:
        raise TooManyInvitations
    to_address.update(withdrawn_at=now)
    invitation = TeamInvitation(
        seller=seller,
        email=email,
        role=role,
        language=user.language if user else by.account.language,
        invited_by=by.account,
        created_at=now,
        state=MailState.DECIDED,
        next_try_at=now,
        expires_at=now + LINK_WORKS_FOR,
    )
    invitation.make_link()
    invitation.save()
    _record(SellerEvent.TEAM_INVITED, invitation, by=by, now=now)
    return invitation


def _lock(invitation: TeamInvitation) -> None:
    """Lock an invitation and see what others made of it; raises InvitationIsOver."""
    locked = TeamInvitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if locked is None or locked.accepted_at or locked.withdrawn_at:
        raise InvitationIsOver
    # Another link may have been mailed since this one was opened.
    if locked.token_digest != invitation.token_digest:
        raise InvitationIsOver
    invitation.expires_at, invitation.role = locked.expires_at, locked.role


def _record(
    kind: SellerEvent, invitation: TeamInvitation, *, by: Actor, now: datetime, **details: object
) -> None:
    record(
        kind,
        invitation,
        seller_id=invitation.seller_id,
        by=by,
        now=now,
        role=invitation.role,
        **details,
    )
