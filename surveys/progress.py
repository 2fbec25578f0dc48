"""What became of the survey after a closing, step by step: "why no survey?" answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from queries.models import Closing, CustomerQuery
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import REACHED_CUSTOMER, Invitation, SurveyResponse

# Which of these it was is between the customer and the marketplace
# (docs/decisions/0006-opt-out-and-the-seller.md).
NOT_NOW = "not_now"  # one name for what a seller may not tell apart
KEPT_FROM_SELLERS = (SuppressionReason.CUSTOMER_COOLDOWN, SuppressionReason.OPTED_OUT)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story: what, when (UTC), why, and whether it has happened."""

    label: str
    moment: datetime | None
    detail: str = ""
    done: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """An earlier query of a customer, the answer to its survey, or why there was none."""

    query: CustomerQuery
    response: SurveyResponse | None
    why_no_survey: str


def fate_of(query: CustomerQuery, *, delay: timedelta) -> list[Step]:
    """Return what became of the survey after the last closing; nothing while there is none."""
    closing = query.closings.select_related("invitation").order_by("-closed_at", "-pk").first()
    return survey_steps(closing, delay=delay) if closing else []


def survey_steps(closing: Closing, *, delay: timedelta) -> list[Step]:
    """Return what happened since a closing and what is still to come, in order."""
    closed = Step(_("Closed"), closing.closed_at)
    if closing.survey_decided_at is None:
        return [closed, _planned(closing, delay=delay)]
    invitation = closing.invitation
    if invitation.state == InvitationState.SUPPRESSED:
        return [
            closed,
            Step(_("No survey"), invitation.decided_at, _reason_sentence(invitation.reason)),
        ]
    return [closed, Step(_("Survey decided"), invitation.decided_at), *_after_decision(invitation)]


def earlier_contacts(query: CustomerQuery, *, most: int = 5) -> list[Contact]:
    """Return what else the customer asked this shop, latest first, and what became of it."""
    others = list(query.others_of_customer()[:most])
    answered = SurveyResponse.objects.for_seller(query.seller).filter(query__in=others)
    responses = {each.query_id: each for each in answered}
    standing = Invitation.objects.filter(query__in=others, closing__reopened_at=None)
    suppressed = standing.filter(state=InvitationState.SUPPRESSED)
    reasons = dict(suppressed.values_list("query_id", "reason"))
    return [
        Contact(
            each,
            responses.get(each.pk),
            reason_for_seller(reasons[each.pk]) if each.pk in reasons else "",
        )
        for each in others
    ]


def reason_for_seller(reason: str) -> str:
    """Return why there was no survey in a few words, as far as a seller may know it."""
    if reason in KEPT_FROM_SELLERS:
        return _("customer is not surveyed now")
    return str(SuppressionReason(reason).label)


def reason_codes() -> dict[str, str]:
    """Return the code of each reason by the words that a seller reads."""
    return {
        reason_for_seller(reason): NOT_NOW if reason in KEPT_FROM_SELLERS else reason.value
        for reason in SuppressionReason
    }


def _planned(closing: Closing, *, delay: timedelta) -> Step:
    if closing.reopened_at is not None:
        detail = _("The query was reopened, so this closing gets no survey.")
    else:
        detail = _("Then it is decided whether the customer gets a survey.")
    return Step(_("Survey to be decided"), closing.closed_at + delay, detail, done=False)


def _after_decision(invitation: Invitation) -> list[Step]:
    match invitation.state:
        case InvitationState.BOUNCED:
            detail = _("The customer's mail server refused the mail.")
            return [Step(_("Not delivered"), invitation.bounced_at, detail)]
        case state if state in REACHED_CUSTOMER:
            return [Step(_("Sent"), invitation.sent_at, _stands(invitation)), _outcome(invitation)]
        case __:
            return [Step(_("To be sent"), invitation.next_try_at, done=False)]


def _stands(invitation: Invitation) -> str:
    """Return what holds for a survey that went out before the query was opened again."""
    if invitation.closing.reopened_at is None:
        return ""
    return _("The query was reopened afterwards; this survey stands, and its answer counts.")


def _outcome(invitation: Invitation) -> Step:
    match invitation.state:
        case InvitationState.ANSWERED:
            return Step(_("Answered"), invitation.answered_at)
        case InvitationState.EXPIRED:
            return Step(_("Not answered"), invitation.expires_at, _("The answer window is over."))
        case __:
            detail = _("The customer can answer until this moment.")
            return Step(_("Waiting for the answer"), invitation.expires_at, detail, done=False)


def _reason_sentence(reason: str) -> str:
    """Return why there was no survey as a sentence."""
    if reason in KEPT_FROM_SELLERS:
        return _(
            "The customer is not surveyed now: there was a survey not long ago, perhaps from "
            "another shop, or the customer wants none."
        )
    words = reason_for_seller(reason)
    return f"{words[:1].upper()}{words[1:]}."
