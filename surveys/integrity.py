"""What is stored twice or follows from other rows is recounted, to see that it still agrees.

Guards in the database keep all of this; here it is checked that they did. Each check is one
statement, so work that goes on meanwhile cannot look like a difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from queries.enums import QueryState
from queries.models import Closing, CustomerQuery, HandOver, Message
from surveys.enums import InvitationState
from surveys.models import REACHED_CUSTOMER, Invitation, SurveyPolicy, SurveyResponse

MOST_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """How many rows broke a promise, and the primary keys of the first few."""

    check: "Check"
    count: int
    examples: Sequence[int]

    @property
    def is_alarming(self) -> bool:
        """Return whether somebody must look into it."""
        return self.count > 0 and not self.check.informs_only


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, and the rows that break it.

    What a check that `informs_only` finds can never be made good: it would raise the alarm for
    ever.
    """

    name: str
    promise: str | Promise
    broken: QuerySet[Any]
    informs_only: bool = False

    def find(self) -> Finding:
        """Count the rows that break the promise, in one statement."""
        rows = self.broken.order_by("pk").values_list("pk", Window(Count("pk")))[:MOST_EXAMPLES]
        found = list(rows)
        return Finding(
            check=self,
            count=found[0][1] if found else 0,
            examples=[pk for pk, _count in found],
        )


def survey_checks() -> list[Check]:
    """Return every check of queries, closings, invitations and measurements."""
    return [
        Check(
            "query_state",
            _("A query is closed from its last closing until it is reopened."),
            _queries_in_a_wrong_state(),
        ),
        Check(
            "query_handover",
            _("A query is with the marketplace from its last hand-over until that is over."),
            _queries_handed_over_wrongly(),
        ),
        Check(
            "query_first_reply",
            _("The first reply to a query is its first message not written by the customer."),
            _queries_with_another_first_reply(),
        ),
        Check(
            "closing_people",
            _("A closing has the shop and the customer of its query."),
            Closing.objects.filter(
                _differ("seller", "query__seller") | _differ("customer", "query__customer")
            ),
        ),
        Check(
            "closing_decision",
            _("A closing is decided exactly when it has an invitation, and at the same moment."),
            Closing.objects.filter(_differ("survey_decided_at", "invitation__decided_at")),
        ),
        Check(
            "invitation_people",
            _("An invitation has the shop, the customer and the query of its closing."),
            Invitation.objects.filter(
                _differ("seller", "closing__seller")
                | _differ("customer", "closing__customer")
                | _differ("query", "closing__query")
            ),
        ),
        Check(
            "invitation_answer",
            _("An invitation is answered exactly when there is a response, and at that moment."),
            Invitation.objects.filter(
                Q(state=InvitationState.ANSWERED) & _differ("answered_at", "response__submitted_at")
                | ~Q(state=InvitationState.ANSWERED) & Q(response__isnull=False)
            ),
        ),
        Check(
            "response_people",
            _("A response has the shop, the query and the kind of closer of its closing."),
            SurveyResponse.objects.filter(invitation__isnull=False).filter(
                _differ("seller", "invitation__closing__seller")
                | _differ("query", "invitation__closing__query")
                | _differ("closed_by", "invitation__closing__closed_by")
            ),
        ),
        Check(
            "response_month",
            _("A response belongs to the month in which it was submitted."),
            responses_in_another_month(),
        ),
        Check(
            "customer_rest",
            _("Nobody got two surveys within the rest that held when the second was decided."),
            _surveys_sent_too_soon(),
            informs_only=True,
        ),
    ]


def _differ(one: str, other: str | Subquery) -> Q:
    """Return the condition that two values are not the same; a null equals only a null."""
    pair = (F(one), F(other) if isinstance(other, str) else other)
    return Q(
        Func(
            *pair,
            template="(%(expressions)s)",
            arg_joiner=" IS DISTINCT FROM ",
            output_field=BooleanField(),
        )
    )


def _queries_in_a_wrong_state() -> QuerySet[CustomerQuery]:
    last = Closing.objects.not_reopened().filter(query=OuterRef("pk"))
    since = last.filter(closed_at=OuterRef("turn_since"))
    return CustomerQuery.objects.filter(
        Q(state=QueryState.CLOSED) & ~Exists(since) | ~Q(state=QueryState.CLOSED) & Exists(last)
    )


def _queries_handed_over_wrongly() -> QuerySet[CustomerQuery]:
    in_hand = HandOver.objects.open().filter(query=OuterRef("pk"), seller=OuterRef("seller"))
    since = in_hand.filter(handed_over_at=OuterRef("turn_since"))
    with_marketplace = Q(state=QueryState.WITH_MARKETPLACE)
    return CustomerQuery.objects.filter(
        with_marketplace & ~Exists(since) | ~with_marketplace & Exists(in_hand)
    )


def _queries_with_another_first_reply() -> QuerySet[CustomerQuery]:
    replies = Message.objects.standing().replies().filter(query=OuterRef("pk"))
    first = replies.order_by().values("query").values(moment=Min("sent_at"))
    # Where the texts were erased, the messages were too.
    return CustomerQuery.objects.with_texts().filter(_differ("first_replied_at", Subquery(first)))


def responses_in_another_month() -> QuerySet[SurveyResponse]:
    """Keep the responses whose month is not that of the settings' time zone."""
    month = TruncMonth("submitted_at", tzinfo=settings.MARKETPLACE_ZONE, output_field=DateField())
    return SurveyResponse.objects.exclude(month=month)


def _surveys_sent_too_soon() -> QuerySet[Invitation]:
    """Return the later survey of each pair of one customer that were sent too close together."""
    sent = Invitation.objects.filter(state__in=REACHED_CUSTOMER)
    policy = SurveyPolicy.objects.filter(valid_from__lte=OuterRef("decided_at"))
    rest = Subquery(policy.order_by("-valid_from").values("cooldown")[:1])
    earlier = sent.filter(
        Q(sent_at__lt=OuterRef("sent_at")) | Q(sent_at=OuterRef("sent_at"), pk__lt=OuterRef("pk")),
        customer=OuterRef("customer"),
        sent_at__gt=OuterRef("rest_began_at"),
    )
    return sent.alias(rest_began_at=F("sent_at") - rest).filter(Exists(earlier))
