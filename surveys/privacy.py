"""What the survey engine knows about a person: all of it on one page, or gone.

What goes, what stays and why: docs/decisions/0005-erasing-a-person.md.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from queries.models import Customer
from queries.privacy import as_plain
from sellers.actions import empty_answers
from sellers.events import Actor, event, record_all
from sellers.models import TO_BE_SENT
from surveys.enums import InvitationState, SuppressionReason, SurveyEvent
from surveys.followups.lapsing import lapse_erased
from surveys.models import (
    Approach,
    FollowUp,
    FollowUpContact,
    FollowUpTick,
    Improvement,
    Invitation,
    MeasurementExclusion,
    QuoteConsent,
    Referral,
    ResponseTopic,
    SurveyOptOut,
    SurveyResponse,
    SurveyResponses,
)

MODELS = (
    SurveyOptOut,
    Invitation,
    SurveyResponse,
    ResponseTopic,
    MeasurementExclusion,
    FollowUp,
    FollowUpTick,
    FollowUpContact,
    Approach,
    Improvement,
    QuoteConsent,
    Referral,
)
# Both halves of the link, with which anybody can answer, and what an answer by mail is known by.
NOT_EXPORTED = ("token_salt", "token_digest", "message_key")
# The names of those who helped are not the customer's.
BY_WHOM = ("excluded_by", "lifted_by", "made_by", "noted_by", "recorded_by", "withdrawn_by")


def erase(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Let a locked customer's surveys end without a word; what was measured stays."""
    _end_invitations(customer)
    theirs = SurveyResponse.objects.filter(invitation__customer=customer)
    erase_words(theirs, by=by, now=now)
    # Also of who gave a score and no words.
    lapse_erased(theirs.values_list("pk", flat=True), by=by, now=now)
    Referral.objects.filter(customer=customer).update(words="", order_reference="")
    # Of an order of nobody known that went with who named it.
    Referral.objects.of_orders_gone().update(words="", order_reference="")
    SurveyOptOut.objects.filter(customer=customer).delete()


def move(customer: Customer, *, into: Customer) -> None:
    """Let the surveys of a locked customer be another's, and the wish to get none."""
    Invitation.objects.filter(customer=customer).update(customer=into)
    Referral.objects.filter(customer=customer).update(customer=into)
    opted_out = SurveyOptOut.objects.filter(customer__in=[customer, into])
    if first := opted_out.order_by("opted_out_at", "pk").first():
        opted_out.exclude(pk=first.pk).delete()
        SurveyOptOut.objects.filter(pk=first.pk).update(customer=into)


@transaction.atomic
def erase_words(responses: SurveyResponses, *, by: Actor, now: datetime) -> int:
    """Empty what customers wrote, and the leave to contact them; return how many answers.

    What the shop noted about them goes too, and with the words the permission to quote them.
    """
    with_words = responses.with_words().order_by("pk")
    erased = list(with_words.select_for_update(of=("self",), no_key=True).only("seller", "query"))
    pks = [response.pk for response in erased]
    queries = {response.query_id for response in erased if response.query_id}
    empty_answers(sellers={each.seller_id for each in erased}, rows=(), queries=queries)
    SurveyResponse.objects.filter(pk__in=pks).update(reason="", may_contact=None)
    lapse_erased(pks, by=by, now=now)
    Approach.objects.filter(response__in=pks).update(note="")
    Improvement.objects.filter(response__in=pks).update(words="")
    Referral.objects.filter(response__in=pks).update(words="", order_reference="")
    QuoteConsent.objects.filter(response__in=pks).update(
        name="", withdrawn_at=Coalesce("withdrawn_at", now)
    )
    record_all(
        event(SurveyEvent.WORDS_ERASED, response, seller_id=response.seller_id, by=by, now=now)
        for response in erased
    )
    return len(erased)


def stored_about(customer: Customer) -> dict[str, Any]:
    """Return all that is stored here about a customer, as plain values under readable names."""
    opted_out = SurveyOptOut.objects.filter(customer=customer).first()
    invitations = Invitation.objects.filter(customer=customer).order_by("decided_at", "pk")
    brought_in_by = Referral.objects.filter(customer=customer).order_by("recorded_at", "pk")
    return {
        "survey_opt_out": opted_out and as_plain(opted_out),
        "came_by_referral": [
            as_plain(each, without=["response", *BY_WHOM]) for each in brought_in_by
        ],
        "surveys": [
            as_plain(each, without=NOT_EXPORTED) | {"response": _response_to(each)}
            for each in invitations
        ],
    }


def _end_invitations(customer: Customer) -> None:
    """Send nothing any more, and let no link be answered: also not that of a mail on its way.

    This waits for an answer that is being stored; its words are then seen and erased. An answer
    that waits for us comes too late, though its clock may have been read before ours.
    """
    invitations = Invitation.objects.filter(customer=customer, token_digest__isnull=False)
    finished = (InvitationState.ANSWERED, InvitationState.EXPIRED)
    invitations.exclude(state__in=finished).update(expires_at=F("decided_at"))
    invitations.filter(state__in=TO_BE_SENT).update(
        state=InvitationState.SUPPRESSED, reason=SuppressionReason.NO_ADDRESS
    )


def _response_to(invitation: Invitation) -> dict[str, Any] | None:
    response = SurveyResponse.objects.filter(invitation=invitation).first()
    if response is None:
        return None
    topics = response.topics.order_by("position", "pk")
    return as_plain(response, without=["invitation", "query", "batch"]) | {
        "band": response.band,
        "topics": [topic.slug for topic in topics],
        "followup": _followup_of(response),
        "exclusions": _listed(response.exclusions.order_by("excluded_at", "pk")),
        "contacts": _listed(response.approaches.order_by("made_at", "pk")),
        "improvements": _listed(Improvement.objects.filter(response=response)),
        "quote_consents": _listed(response.quote_consents.order_by("recorded_at", "pk")),
        "referrals": _listed(response.referrals.order_by("recorded_at", "pk")),
    }


def _followup_of(response: SurveyResponse) -> dict[str, Any] | None:
    """Return what the shop did about a low score; who of its people did, is not the customer's."""
    followup = FollowUp.objects.filter(response=response).select_related("cause_topic").first()
    if followup is None:
        return None
    return as_plain(followup, without=["response", "playbook", "cause_topic"]) | {
        "cause_topic": followup.cause_topic and followup.cause_topic.slug,
        "contacts": [
            as_plain(one, without=["followup", "made_by"])
            for one in followup.contacts.order_by("made_at", "pk")
        ],
        "steps_done": [
            tick.step.label_en
            for tick in followup.ticks.select_related("step").order_by("step__position")
        ],
    }


def _listed(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [as_plain(each, without=["response", "batch", *BY_WHOM]) for each in rows]
