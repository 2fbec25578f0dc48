"""From closing to mail: decide once, claim, send, expire.

Every verb may run twice, late, or beside itself: what is due is found and locked in the
database, and rows that somebody else works on are skipped.
"""

import logging
import smtplib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from queries.models import Closing, Customer
from surveys.eligibility import Facts, Rules, decide
from surveys.emails import invitation_email
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyPolicy
from surveys.tokens import digest, new_salt, token_for

logger = logging.getLogger(__name__)


class MailServerUnavailable(Exception):
    """The mail server cannot be talked to now, so trying the next mail is no use."""


BATCH = 500
PERMANENT_FROM = 500  # SMTP's reply codes (RFC 5321 §4.2.1)
# Longer than an SMTP conversation, of which each step may take EMAIL_TIMEOUT: after this the
# worker must be gone.
CLAIM_LASTS = timedelta(minutes=15)
# One minute, two, four … until about four hours and a quarter.
FIRST_RETRY_AFTER = timedelta(minutes=1)
MOST_DOUBLINGS = 8


def survey_rules(*, now: datetime) -> Rules:
    """Return the rules that hold; a demo's SURVEY_DELAY goes before the policy's."""
    rules = SurveyPolicy.objects.in_force(now=now).as_rules()
    return rules if settings.SURVEY_DELAY is None else replace(rules, delay=settings.SURVEY_DELAY)


@transaction.atomic
def decide_due(*, now: datetime, rules: Rules, limit: int = BATCH) -> Counter[str]:
    """Decide, once and for ever, the survey of up to `limit` closings that are due.

    Returns how many got which outcome: "send" or the reason for no survey.
    """
    closings = list(
        Closing.objects.undecided()
        .filter(closed_at__lte=now - rules.delay)
        .order_by("closed_at", "pk")
        .select_related("query")
        .only("seller", "customer", "query__language", "closed_by", "closed_at", "reopened_at")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    addresses = _lock_customers({closing.customer_id for closing in closings})
    past = _Past(addresses, query_ids={closing.query_id for closing in closings})
    invitations = []
    for closing in closings:
        facts = past.facts(closing, address=addresses[closing.customer_id])
        reason = decide(facts, now=now, rules=rules)
        if reason is None:
            past.add_survey(closing, now)
        invitations.append(_decided(closing, reason, now=now))
    Invitation.objects.bulk_create(invitations)
    Closing.objects.filter(pk__in=[closing.pk for closing in closings]).update(
        survey_decided_at=now
    )
    return Counter(invitation.reason or "send" for invitation in invitations)


def send_next(
    *, connection: BaseEmailBackend, now: datetime, rules: Rules
) -> InvitationState | None:
    """Send the one invitation that waits longest; return what became of it, None if none waits.

    It is claimed and committed before its mail leaves, so no transaction waits for a mail
    server. A worker that dies in between leaves a claim that lapses; the same link is then
    sent again. Raises MailServerUnavailable, after noting when to try again.
    """
    invitation = _claim(now=now, rules=rules)
    if invitation is None:
        return None
    return _send(invitation, connection=connection, now=now, rules=rules)


def expire_due(*, now: datetime) -> int:
    """Note which sent invitations may not be answered any more; return how many."""
    return Invitation.objects.past_answer_window(now=now).update(state=InvitationState.EXPIRED)


class _Past:
    """What was surveyed before: per customer the latest moment, per query whether at all."""

    def __init__(self, customers: Iterable[int], *, query_ids: set[int]) -> None:
        surveys = Invitation.objects.counting_for_cooldown()
        self.last_surveyed_at: dict[int, datetime] = dict(
            surveys.filter(customer__in=customers)
            .values_list("customer")
            .annotate(latest=Max(Coalesce("sent_at", "decided_at")))
        )
        self.surveyed_queries = set(
            surveys.filter(query__in=query_ids).values_list("query_id", flat=True)
        )
        self.opted_out = set(
            SurveyOptOut.objects.filter(customer__in=customers).values_list(
                "customer_id", flat=True
            )
        )

    def add_survey(self, closing: Closing, moment: datetime) -> None:
        """Count a survey that this very batch decided to send."""
        self.last_surveyed_at[closing.customer_id] = moment
        self.surveyed_queries.add(closing.query_id)

    def facts(self, closing: Closing, *, address: str) -> Facts:
        """Return what `eligibility.py` wants to know."""
        return Facts(
            actor_type=closing.closed_by,
            closed_at=closing.closed_at,
            reopened=closing.reopened_at is not None,
            has_address=bool(address),
            opted_out=closing.customer_id in self.opted_out,
            query_surveyed=closing.query_id in self.surveyed_queries,
            last_surveyed_at=self.last_surveyed_at.get(closing.customer_id),
        )


def _lock_customers(customer_ids: set[int]) -> dict[int, str]:
    """Lock in one order, so that two workers with the same customers wait and never deadlock.

    What is read after this sees what the other worker decided. Returns their addresses by number.
    """
    customers = Customer.objects.filter(pk__in=customer_ids).order_by("pk")
    return dict(customers.select_for_update(no_key=True).values_list("pk", "email"))


def _decided(closing: Closing, reason: SuppressionReason | None, *, now: datetime) -> Invitation:
    invitation = Invitation(
        closing_id=closing.pk,
        seller_id=closing.seller_id,
        customer_id=closing.customer_id,
        query_id=closing.query_id,
        language=closing.query.language,
        state=InvitationState.SUPPRESSED,
        reason=reason or "",
        decided_at=now,
    )
    if reason is None:
        invitation.state = InvitationState.DECIDED
        invitation.token_salt = new_salt()
        invitation.token_digest = digest(token_for(invitation.token_salt))
        invitation.next_try_at = now
    return invitation


@transaction.atomic
def _claim(*, now: datetime, rules: Rules) -> Invitation | None:
    invitation = (
        Invitation.objects.to_send(now=now)
        .order_by("next_try_at", "pk")
        .select_related("customer", "seller", "query", "closing")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if invitation is not None:
        invitation.state, invitation.next_try_at = InvitationState.SENDING, now + CLAIM_LASTS
        # The same as before, unless SECRET_KEY was changed since the decision.
        invitation.token_digest = digest(token_for(invitation.token_salt))
        # Now already: whatever becomes of this worker, no link lives for ever.
        invitation.expires_at = now + rules.answer_window
        invitation.save(update_fields=["state", "next_try_at", "token_digest", "expires_at"])
    return invitation


def _send(
    invitation: Invitation, *, connection: BaseEmailBackend, now: datetime, rules: Rules
) -> InvitationState:
    """Send one mail and note how it went."""
    if reason := _reason_not_to_send(invitation, now=now, rules=rules):
        return _note(invitation, state=InvitationState.SUPPRESSED, reason=reason)
    try:
        connection.open()  # stays open for the next mail
        connection.send_messages([invitation_email(invitation)])
    except smtplib.SMTPRecipientsRefused as refusal:
        ((code, _),) = refusal.recipients.values()
        return _refused(invitation, code, refusal, now=now)
    except smtplib.SMTPDataError as refusal:
        return _refused(invitation, refusal.smtp_code, refusal, now=now)
    except OSError as failure:  # smtplib's exceptions are OSErrors too
        connection.close()
        _try_again(invitation, failure, now=now)
        raise MailServerUnavailable from failure
    return _note(invitation, state=InvitationState.SENT, sent_at=now)


def _reason_not_to_send(
    invitation: Invitation, *, now: datetime, rules: Rules
) -> SuppressionReason | None:
    """Return what has come between the decision and the mail, if anything."""
    if invitation.closing.reopened_at is not None:
        return SuppressionReason.REOPENED
    if now - (invitation.closing.closed_at + rules.delay) > rules.stale_after:
        return SuppressionReason.STALE
    try:
        validate_email(invitation.customer.email)
    except ValidationError:
        return SuppressionReason.NO_ADDRESS
    if SurveyOptOut.objects.filter(customer=invitation.customer_id).exists():
        return SuppressionReason.OPTED_OUT
    return None


def _refused(
    invitation: Invitation, code: int, refusal: OSError, *, now: datetime
) -> InvitationState:
    """Note that the server refused this mail: for good with a 5xx code, for now otherwise."""
    if code >= PERMANENT_FROM:
        return _note(invitation, state=InvitationState.BOUNCED, bounced_at=now)
    return _try_again(invitation, refusal, now=now)


def _try_again(invitation: Invitation, failure: OSError, *, now: datetime) -> InvitationState:
    wait = FIRST_RETRY_AFTER * 2 ** min(invitation.tries, MOST_DOUBLINGS)
    # The exception's own words may hold the customer's address: only its kind is logged.
    logger.warning("Survey %d not sent: %s", invitation.pk, type(failure).__name__)
    return _note(
        invitation,
        state=InvitationState.DECIDED,
        tries=invitation.tries + 1,
        next_try_at=now + wait,
    )


def _note(invitation: Invitation, *, state: InvitationState, **changes: object) -> InvitationState:
    """Store how a claimed invitation fared, unless the customer has answered it meanwhile."""
    Invitation.objects.filter(pk=invitation.pk, state=InvitationState.SENDING).update(
        state=state, **changes
    )
    return state
