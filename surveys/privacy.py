"""What a person may ask: a copy of all that is stored about them, and to be forgotten.

What goes, what stays and why: docs/decisions/0005-erasing-a-person.md.
"""

import json
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F

from queries import privacy
from queries.models import Customer
from sellers.models import TO_BE_SENT
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyResponse, SurveyResponses

# Both halves of the link, with which anybody can answer, and what an answer by mail is known by.
NOT_EXPORTED = ("token_salt", "token_digest", "message_key")
BY_WHOM = ("excluded_by", "lifted_by")  # staff's names are not the customer's


@transaction.atomic
def erase_customer(customer: Customer, *, now: datetime) -> None:
    """Forget who a customer is and all that was said; what was measured stays. Twice is once."""
    privacy.lock_person(customer)
    privacy.erase_identity(customer, now=now)
    _end_invitations(customer)
    erase_words(SurveyResponse.objects.filter(invitation__customer=customer))
    SurveyOptOut.objects.filter(customer=customer).delete()


def erase_words(responses: SurveyResponses) -> int:
    """Empty what customers wrote, and the leave to contact them; return how many answers."""
    return responses.with_words().update(reason="", may_contact=None)


def export_customer(customer: Customer, *, now: datetime) -> bytes:
    """Return all that is stored about a customer: a zip with one JSON file."""
    stored = {"exported_at": now} | privacy.stored_about(customer) | _surveys_of(customer)
    text = json.dumps(stored, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    file = ZipInfo(f"customer-{customer.pk}.json", date_time=now.timetuple()[:6])
    file.compress_type = ZIP_DEFLATED
    archive = BytesIO()
    with ZipFile(archive, "w") as zipped:
        zipped.writestr(file, text)
    return archive.getvalue()


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


def _surveys_of(customer: Customer) -> dict[str, Any]:
    opted_out = SurveyOptOut.objects.filter(customer=customer).first()
    invitations = Invitation.objects.filter(customer=customer).order_by("decided_at", "pk")
    return {
        "survey_opt_out": opted_out and privacy.as_plain(opted_out),
        "surveys": [
            privacy.as_plain(each, without=NOT_EXPORTED) | {"response": _response_to(each)}
            for each in invitations
        ],
    }


def _response_to(invitation: Invitation) -> dict[str, Any] | None:
    response = SurveyResponse.objects.filter(invitation=invitation).first()
    if response is None:
        return None
    topics = response.topics.order_by("position", "pk")
    return privacy.as_plain(response, without=["invitation", "query"]) | {
        "band": response.band,
        "topics": [topic.slug for topic in topics],
        "exclusions": [
            privacy.as_plain(one, without=["response", *BY_WHOM])
            for one in response.exclusions.order_by("excluded_at", "pk")
        ],
    }
