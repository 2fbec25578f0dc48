"""Who is asked to join the team of a shop."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sellers.addresses import normalised_email
from sellers.enums import MailState, Role, UnsentInvitationReason
from sellers.models.links import PrivateLink
from sellers.models.mailings import Mailing, Mailings
from sellers.models.shops import Seller, User

LINK_WORKS_FOR: Final = timedelta(days=7)


class TeamInvitations(Mailings["TeamInvitation"]):
    """Invitations to teams, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those of this shop."""
        return self.filter(seller=seller)

    def open(self) -> Self:
        """Keep what was neither accepted nor withdrawn, whether or not it has expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def working(self, *, now: datetime) -> Self:
        """Keep what can be accepted."""
        return self.open().filter(expires_at__gt=now)

    def to_user(self, user: User) -> Self:
        """Keep those to the address with which a user logs in."""
        return self.filter(email=normalised_email(user.email))

    def over_since(self, moment: datetime) -> Self:
        """Keep what nothing could be done with any more at a moment."""
        return self.filter(
            models.Q(accepted_at__lt=moment)
            | models.Q(withdrawn_at__lt=moment)
            | models.Q(expires_at__lt=moment)
        )

    def with_contents(self) -> Self:
        """Fetch what the mail speaks of too."""
        return self.select_related("seller", "invited_by")


class TeamInvitation(Mailing, PrivateLink):
    """One address is asked to join the team of a shop in one role; its link works once."""

    seller = models.ForeignKey(
        Seller,
        on_delete=models.CASCADE,
        related_name="team_invitations",
        verbose_name=_("seller"),
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    role = models.CharField(_("role"), max_length=10, choices=Role)
    invited_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="team_invitations",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("works until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    reason = models.CharField(
        _("reason not to send"), max_length=20, choices=UnsentInvitationReason, blank=True
    )

    objects: ClassVar[TeamInvitations] = TeamInvitations.as_manager()  # type: ignore[assignment]

    class Meta(Mailing.Meta):
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to teams")
        constraints = [
            *Mailing.Meta.constraints,
            models.UniqueConstraint(
                fields=["seller", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="teaminvitation_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")) & ~models.Q(email=""),
                name="teaminvitation_email_lower_case",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="teaminvitation_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(token_digest__isnull=False), name="teaminvitation_has_link"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="teaminvitation_ends_one_way",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None)
                | models.Q(accepted_at__lt=models.F("expires_at")),
                name="teaminvitation_accepted_in_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=MailState.values), name="teaminvitation_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state=MailState.SUPPRESSED, reason__in=UnsentInvitationReason.values
                )
                | ~models.Q(state=MailState.SUPPRESSED) & models.Q(reason=""),
                name="teaminvitation_reason_iff_suppressed",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENT) | models.Q(sent_at__isnull=False),
                name="teaminvitation_sent_has_moment",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="teaminvitation_of_one_person", fields=["seller", "email", "created_at"]
            ),
            pgtrigger.Protect(
                name="teaminvitation_used_once",
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__accepted_at__isnull=False)
                    | pgtrigger.Q(old__withdrawn_at__isnull=False)
                )
                & (
                    pgtrigger.Q(old__accepted_at__df=pgtrigger.F("new__accepted_at"))
                    | pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                    | pgtrigger.Q(old__role__df=pgtrigger.F("new__role"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # no address: the admin's history keeps it for ever

    @property
    def asked_at(self) -> datetime:
        """Return when it was sent, or sent again."""
        return self.expires_at - LINK_WORKS_FOR

    def is_expired(self, *, now: datetime) -> bool:
        """Return whether its link works no more, accepted or not."""
        return now >= self.expires_at
