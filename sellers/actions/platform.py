"""What the marketplace's platform tells of shops and of who works there."""

from datetime import date, datetime

from django.db import transaction

from sellers.actions.invitations import AlreadyMember
from sellers.actions.team import lock_team
from sellers.enums import Language, Role, SellerEvent
from sellers.events import Actor, record
from sellers.models import Membership, Seller, User


@transaction.atomic
def add_seller(
    *,
    name: str,
    country: str,
    region: str,
    contact_email: str,
    joined_on: date,
    by: Actor,
    now: datetime,
) -> Seller:
    """Store a shop that is new on the marketplace."""
    seller = Seller.objects.create(
        name=name,
        country=country,
        region=region,
        contact_email=contact_email,
        joined_on=joined_on,
    )
    record(SellerEvent.SELLER_CREATED, seller, seller_id=seller.pk, by=by, now=now)
    return seller


@transaction.atomic
def change_seller(seller: Seller, *, by: Actor, now: datetime, **told: object) -> bool:
    """Store what the platform says of a shop now, by column; return whether it is news."""
    locked = Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)
    changes = {
        name: [getattr(locked, name), value]
        for name, value in told.items()
        if getattr(locked, name) != value
    }
    if not changes:
        return False
    for name, (_before, value) in changes.items():
        setattr(locked, name, value)
    locked.save(update_fields=changes)
    if "contact_email" in changes:
        changes["contact_email"] = []  # no values: it may be a person's
    record(SellerEvent.SELLER_CHANGED, locked, seller_id=locked.pk, by=by, now=now, changes=changes)
    return True


@transaction.atomic
def find_or_create_user(
    *, email: str, name: str, language: Language, by: Actor, now: datetime
) -> User:
    """Return whose address this is; made without a password, which a mail lets them choose.

    Who has an account decides what it says, so of theirs nothing changes.
    """
    if user := User.objects.with_email(email).first():
        return user
    user = User.objects.create_user(email, name=name, language=language)
    record(SellerEvent.USER_CREATED, user, seller_id=None, by=by, now=now)
    return user


@transaction.atomic
def add_member(seller: Seller, *, user: User, role: Role, by: Actor, now: datetime) -> Membership:
    """Let somebody belong to a shop. Raises NotAnOwner or AlreadyMember."""
    lock_team(seller, by=by)
    if Membership.objects.of_user(user).filter(seller=seller).exists():
        raise AlreadyMember
    membership = Membership.objects.create(user=user, seller=seller, role=role)
    record(
        SellerEvent.MEMBERSHIP_CREATED,
        membership,
        seller_id=seller.pk,
        by=by,
        now=now,
        user=user.pk,
        role=role,
    )
    return membership
