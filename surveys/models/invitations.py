"""What was decided about the survey of each closing, and how its mail fared."""

from datetime import datetime
from typing import ClassVar, Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.enums import ActorType
from queries.models import Closing, Customer, CustomerQuery, only_merging_moves
from sellers.guards import never_emptied, not_ahead, only_goes_on, sent_once, told_of
from sellers.models import TO_BE_SENT, Mailing, Mailings, PrivateLink, Seller
from surveys.enums import InvitationState, SuppressionReason, SurveyEvent


class SurveyOptOuts(models.QuerySet["SurveyOptOut"]):
    """Who wants no surveys, narrowed by adjectives."""

    def of_person(self, customer: Customer) -> Self:
        """Keep those of this customer, and of who is the same person by their address."""
        return self.filter(customer__in=Customer.objects.one_person_with(customer).values("pk"))


class SurveyOptOut(models.Model):
    """A customer who wants no surveys any more, from any shop."""

    customer = models.OneToOneField(
        Customer,
        on_delete=models.PROTECT,
        related_name="survey_opt_out",
        verbose_name=_("customer"),
    )
    opted_out_at = models.DateTimeField(_("opted out"))

    objects = SurveyOptOuts.as_manager()

    class Meta:
        verbose_name = _("survey opt-out")
        verbose_name_plural = _("survey opt-outs")
        triggers = [
            never_emptied("opt_outs_stay"),
            not_ahead("opt_out_not_ahead", "opted_out_at"),
            only_merging_moves("opt_out_customer_only_merged"),
            pgtrigger.Protect(
                name="opt_out_moment_only_later",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__opted_out_at__lt=pgtrigger.F("old__opted_out_at")),
            ),
            pgtrigger.Trigger(
                name="opt_out_undone_with_trace",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                # Unless nobody is left, or it is another's since.
                func=f"""
                IF EXISTS (
                    SELECT FROM queries_customer
                     WHERE id = OLD.customer_id
                       AND (erased_at IS NOT NULL OR merged_into_id IS NOT NULL)
                ) OR EXISTS (
                    SELECT FROM surveys_surveyoptout WHERE customer_id = OLD.customer_id
                ) OR EXISTS (
                    {told_of(SurveyEvent.OPT_OUT_UNDONE, "queries.Customer", "OLD.customer_id")}
                ) THEN
                    RETURN NULL;
                END IF;
                RAISE EXCEPTION 'An opt-out goes only with an event that says so';
                """,  # noqa: S608
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.customer_id}"  # no name: the admin's history keeps it for ever


REACHED_CUSTOMER = (InvitationState.SENT, InvitationState.ANSWERED, InvitationState.EXPIRED)


# A worker can die after the mail left and before it could note so: so an answer may come whatever
# was noted, but for what is over.
MOVES: Final = {
    InvitationState.DECIDED: (
        InvitationState.SENDING,
        InvitationState.SENT,
        InvitationState.SUPPRESSED,
        InvitationState.BOUNCED,
        InvitationState.ANSWERED,
    ),
    InvitationState.SENDING: (
        InvitationState.DECIDED,
        InvitationState.SENT,
        InvitationState.SUPPRESSED,
        InvitationState.BOUNCED,
        InvitationState.ANSWERED,
    ),
    InvitationState.SENT: (
        InvitationState.ANSWERED,
        InvitationState.EXPIRED,
        InvitationState.BOUNCED,
    ),
    InvitationState.SUPPRESSED: (InvitationState.ANSWERED,),
    InvitationState.BOUNCED: (InvitationState.ANSWERED,),
}


class Invitations(Mailings["Invitation"]):
    """Decisions and invitations, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those about this shop's closings."""
        return self.filter(seller=seller)

    def counting_for_cooldown(self) -> Self:
        """Keep the surveys that were sent, or are on their way, to their customer."""
        return self.filter(state__in=(*TO_BE_SENT, *REACHED_CUSTOMER))

    def with_contents(self) -> Self:
        """Fetch what the mail speaks of too."""
        return self.select_related("customer", "seller", "query__customer", "closing")

    def under_way(self) -> Self:
        """Keep what is still to be sent, or waits for an answer."""
        return self.filter(state__in=(*TO_BE_SENT, InvitationState.SENT))

    def past_answer_window(self, *, now: datetime) -> Self:
        """Keep the sent invitations that may not be answered any more; a partial index."""
        return self.filter(state=InvitationState.SENT, expires_at__lte=now)


class Invitation(Mailing, PrivateLink):
    """What was decided about the survey of one closing, and how its mail fared.

    There is exactly one per closing. A suppressed one keeps its reason for ever; the others
    go decided → sending → sent → answered or expired, or end as bounced.
    """

    closing = models.OneToOneField(Closing, on_delete=models.PROTECT, related_name="invitation")
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("seller")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("customer")
    )
    query = models.ForeignKey(
        CustomerQuery, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("query")
    )
    state = models.CharField(_("state"), max_length=20, choices=InvitationState)
    reason = models.CharField(
        _("reason for no survey"), max_length=20, choices=SuppressionReason, blank=True
    )
    decided_at = models.DateTimeField(_("decided"))
    opened_at = models.DateTimeField(_("form opened"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    expires_at = models.DateTimeField(_("answer before"), null=True, blank=True)

    objects: ClassVar[Invitations] = Invitations.as_manager()  # type: ignore[assignment]

    class Meta(Mailing.Meta):
        verbose_name = _("survey invitation")
        verbose_name_plural = _("survey invitations")
        constraints = [
            *Mailing.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=InvitationState.values), name="invitation_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state=InvitationState.SUPPRESSED, reason__in=SuppressionReason.values
                )
                | ~models.Q(state=InvitationState.SUPPRESSED) & models.Q(reason=""),
                name="invitation_reason_iff_suppressed",
            ),
            models.CheckConstraint(
                condition=models.Q(state=InvitationState.SUPPRESSED)
                | models.Q(token_digest__isnull=False),
                name="invitation_has_link",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=REACHED_CUSTOMER)
                | models.Q(sent_at__isnull=False, expires_at__isnull=False),
                name="invitation_sent_has_moments",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=InvitationState.ANSWERED)
                | models.Q(answered_at__isnull=False),
                name="invitation_answered_has_moment",
            ),
        ]
        indexes = [
            *Mailing.Meta.indexes,
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state=InvitationState.SENT),
                name="invitation_expiring",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invitation_stays", operation=pgtrigger.Delete),
            never_emptied("invitations_stay"),
            pgtrigger.ReadOnly(
                name="invitation_decision_stands",
                fields=["closing", "seller", "query", "language", "decided_at", "message_key"],
            ),
            only_goes_on("invitation_only_goes_on", MOVES),
            pgtrigger.Protect(
                name="invitation_answered_in_time",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"NEW.state = '{InvitationState.ANSWERED}' AND OLD.state <> NEW.state "
                    "AND (OLD.expires_at > NEW.answered_at) IS NOT TRUE"
                ),
            ),
            pgtrigger.Protect(
                name="invitation_end_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state IN ('{InvitationState.ANSWERED}', '{InvitationState.EXPIRED}') "
                    "AND (OLD.answered_at, OLD.opened_at, OLD.bounced_at) "
                    "IS DISTINCT FROM (NEW.answered_at, NEW.opened_at, NEW.bounced_at)"
                ),
            ),
            pgtrigger.Protect(
                name="invitation_reason_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = NEW.state AND OLD.reason <> NEW.reason"),
            ),
            sent_once("invitation_sent_once"),
            # Each try to send it gives it anew; afterwards there can only be less of it.
            pgtrigger.Protect(
                name="invitation_time_not_longer",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state NOT IN ('{InvitationState.DECIDED}', '{InvitationState.SENDING}') "
                    "AND OLD.expires_at IS DISTINCT FROM NEW.expires_at "
                    "AND (NEW.expires_at <= coalesce(OLD.expires_at, OLD.decided_at)) IS NOT TRUE"
                ),
            ),
            only_merging_moves("invitation_customer_only_merged"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def counts_for_seller(self) -> bool:
        """Return whether an answer will count for the shop, and be shown to it."""
        return self.closing.closed_by == ActorType.SELLER

    @property
    def helped_by(self) -> str:
        """Return who helped the customer: the shop's name, or that of the marketplace."""
        return self.seller.name if self.counts_for_seller else settings.MARKETPLACE_NAME

    def is_expired(self, *, now: datetime) -> bool:
        """Return whether the answer window is over, whether or not a task has noted it yet."""
        return self.expires_at is not None and now >= self.expires_at
