"""Whether the customer of a closing is surveyed: decided once, when it is due.

May run twice, late, or beside itself: what is due is found and locked in the database, and rows
that somebody else works on are skipped.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from queries.models import Closing, Customer
from surveys.eligibility import Facts, Rules, decide
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyPolicy

BATCH: Final = 500


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
    emails = _lock_customers({closing.customer_id for closing in closings})
    past = _Past(emails, query_ids={closing.query_id for closing in closings})
    invitations = []
    for closing in closings:
        facts = past.facts(closing, email=emails[closing.customer_id])
        reason = decide(facts, now=now, rules=rules)
        if reason is None:
            past.add_survey(closing, now)
        invitations.append(_decided(closing, reason, now=now))
    Invitation.objects.bulk_create(invitations)
    Closing.objects.filter(pk__in=[closing.pk for closing in closings]).update(
        survey_decided_at=now
    )
    return Counter(invitation.reason or "send" for invitation in invitations)


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

    def facts(self, closing: Closing, *, email: str) -> Facts:
        """Return what `eligibility.py` wants to know."""
        return Facts(
            actor_type=closing.closed_by,
            closed_at=closing.closed_at,
            reopened=closing.reopened_at is not None,
            has_email=bool(email),
            opted_out=closing.customer_id in self.opted_out,
            query_surveyed=closing.query_id in self.surveyed_queries,
            last_surveyed_at=self.last_surveyed_at.get(closing.customer_id),
        )


def _lock_customers(customer_ids: set[int]) -> dict[int, str]:
    """Lock in one order, so that two workers with the same customers wait and never deadlock.

    What is read after this sees what the other worker decided. Returns the e-mails by pk.
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
        # Not left to the database: only values that are given go in as arrays, twice as fast.
        message_key=uuid4(),
    )
    if reason is None:
        invitation.state = InvitationState.DECIDED
        invitation.make_link()
        invitation.next_try_at = now
    return invitation
