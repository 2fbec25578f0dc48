"""Whether the customer of a closing is surveyed: decided once, when it is due.

May run twice, late, or beside itself: what is due is found and locked in the database, and rows
that somebody else works on are skipped.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from queries.models import LEAVES_AFTER, Closing, Customer
from sellers.addresses import normalised_email
from sellers.models import RefusedAddress
from sellers.tokens import salt_of
from surveys.eligibility import Facts, Rules, decide
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyPolicy

BATCH: Final = 500
READ_OF_A_CLOSING: Final = (
    "seller",
    "customer",
    "query__language",
    "query__contact_email",
    "query__duplicate_of",
    "query__logged_by_seller",
    "closed_by",
    "closed_at",
    "reopened_at",
)


def survey_rules(*, now: datetime) -> Rules:
    """Return the rules that hold; a demo's SURVEY_DELAY goes before the policy's.

    However short it is, nothing is decided about a closing that can still be taken back.
    """
    rules = SurveyPolicy.objects.in_force(now=now).as_rules()
    delay = rules.delay if settings.SURVEY_DELAY is None else settings.SURVEY_DELAY
    return replace(rules, delay=max(delay, LEAVES_AFTER))


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
        .only(*READ_OF_A_CLOSING)
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    customers, people = _lock_people({closing.customer_id for closing in closings})
    closings = [closing for closing in closings if closing.customer_id in people]
    for closing in closings:
        closing.query.customer = customers[closing.customer_id]
    past = _Past(people, closings)
    invitations = []
    for closing in closings:
        facts = past.facts(closing)
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
    """What was surveyed before: per person the latest moment, per query whether at all.

    `people` says of each customer which person that is: several with one address are one, and
    then have the same number here.
    """

    def __init__(self, people: Mapping[int, int], closings: Sequence[Closing]) -> None:
        surveys = Invitation.objects.counting_for_cooldown()
        self._people = people
        self.last_surveyed_at: dict[int, datetime] = {}
        latest = surveys.filter(customer__in=people).values_list("customer")
        for customer, moment in latest.annotate(latest=Max(Coalesce("sent_at", "decided_at"))):
            person = people[customer]
            earlier = self.last_surveyed_at.get(person, moment)
            self.last_surveyed_at[person] = max(moment, earlier)
        self.surveyed_queries = set(
            surveys.filter(query__in={closing.query_id for closing in closings}).values_list(
                "query_id", flat=True
            )
        )
        refused = RefusedAddress.objects.of(*(each.query.reply_to_email for each in closings))
        self._refused = set(refused.values_list("email", flat=True))
        opted_out = SurveyOptOut.objects.filter(customer__in=people)
        self.opted_out = {people[each] for each in opted_out.values_list("customer_id", flat=True)}

    def add_survey(self, closing: Closing, moment: datetime) -> None:
        """Count a survey that this very batch decided to send."""
        self.last_surveyed_at[self._people[closing.customer_id]] = moment
        self.surveyed_queries.add(closing.query_id)

    def facts(self, closing: Closing) -> Facts:
        """Return what `eligibility.py` wants to know."""
        person = self._people[closing.customer_id]
        return Facts(
            actor_type=closing.closed_by,
            closed_at=closing.closed_at,
            reopened=closing.reopened_at is not None,
            duplicate=closing.query.duplicate_of_id is not None,
            logged_by_seller=closing.query.logged_by_seller,
            has_email=bool(closing.query.reply_to_email),
            undeliverable=normalised_email(closing.query.reply_to_email) in self._refused,
            opted_out=person in self.opted_out,
            query_surveyed=closing.query_id in self.surveyed_queries,
            last_surveyed_at=self.last_surveyed_at.get(person),
        )


def _lock_people(customer_ids: set[int]) -> tuple[dict[int, Customer], dict[int, int]]:
    """Lock customers and all who have their addresses, in one order: workers never deadlock.

    What is read after this sees what the other worker decided. Returns the customers by primary
    key, and of each the lowest primary key of the person that it is. Who got another address while
    we waited is left out: nobody there is locked, and the next batch will see it.
    """
    theirs = Customer.objects.filter(pk__in=customer_ids).values_list("email", flat=True)
    addresses = {normalised_email(email) for email in theirs}
    # Apart, because for one condition with "or" the database takes no index.
    at_addresses = Customer.objects.themselves().with_address(addresses)
    locked = (
        Customer.objects.filter(
            pk__in=customer_ids.union(at_addresses.values_list("pk", flat=True))
        )
        .order_by("pk")
        .only("email", "shares_email")
        .select_for_update(no_key=True)
    )
    at_address: dict[str, list[Customer]] = {}
    for customer in locked:
        at_address.setdefault(normalised_email(customer.email), []).append(customer)
    customers, people = {}, {}
    for address, those in at_address.items():
        is_one = address and not any(customer.shares_email for customer in those)
        for customer in those:
            customers[customer.pk] = customer
            if not address or address in addresses:
                people[customer.pk] = those[0].pk if is_one else customer.pk
    return customers, people


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
        invitation.make_link(
            salt=salt_of("survey", closing.pk, closing.query_id, closing.closed_at)
        )
        invitation.next_try_at = now
    return invitation
