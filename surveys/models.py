"""What was decided about the survey of each closing, and what the customer answered."""

from datetime import date, datetime, timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import TruncMonth
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from queries.enums import ActorType
from queries.models import Closing, Customer, CustomerQuery
from sellers.enums import Language
from sellers.models import Seller
from surveys.eligibility import Rules
from surveys.enums import Band, InvitationState, SuppressionReason
from surveys.nps import BAND_SCORES, HIGHEST_SCORE, LOWEST_SCORE, Tally, band
from surveys.tokens import digest


class SurveyPolicies(models.QuerySet["SurveyPolicy"]):
    """What the marketplace has set for its surveys, now and before."""

    def in_force(self, *, now: datetime) -> "SurveyPolicy":
        """Return the policy that holds; the first one is there from the installation on."""
        return self.filter(valid_from__lte=now).latest("valid_from")


class SurveyPolicy(models.Model):
    """The rules of the surveys from one moment on, until a later policy takes over.

    A policy that holds or held never changes: a new one is added, so the list is the history.
    """

    valid_from = models.DateTimeField(_("valid from"))
    enabled = models.BooleanField(_("surveys are sent"), default=True)
    delay = models.DurationField(_("from closing to deciding"), default=timedelta(hours=24))
    cooldown = models.DurationField(
        _("rest between two surveys of one customer"), default=timedelta(days=30)
    )
    answer_window = models.DurationField(_("time to answer"), default=timedelta(days=14))
    stale_after = models.DurationField(_("too late after"), default=timedelta(days=7))
    note = models.CharField(_("why"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="survey_policies",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("set by"),
    )

    objects = SurveyPolicies.as_manager()

    class Meta:
        verbose_name = _("survey policy")
        verbose_name_plural = _("survey policies")
        constraints = [
            models.UniqueConstraint(
                fields=["valid_from"],
                name="policy_one_per_moment",
                violation_error_message=_("Another policy begins at that very moment."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    delay__gte=timedelta(0),
                    cooldown__gte=timedelta(0),
                    stale_after__gte=timedelta(0),
                    answer_window__gt=timedelta(0),
                ),
                name="policy_times_not_negative",
                violation_error_message=_(
                    "A time cannot be negative, and there must be some to answer."
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="policy_in_force_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.valid_from <= now()"),
            ),
            pgtrigger.Protect(
                name="policy_in_force_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.valid_from <= now() AND OLD.* IS DISTINCT FROM NEW.*"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m-%d %H:%M}"

    def as_rules(self) -> Rules:
        """Return the plain value that `eligibility.py` reasons about."""
        return Rules(
            enabled=self.enabled,
            delay=self.delay,
            cooldown=self.cooldown,
            stale_after=self.stale_after,
            answer_window=self.answer_window,
        )


class Topics(models.QuerySet["Topic"]):
    """Detail topics."""

    def offered(self) -> Self:
        """Keep the topics that a survey shows, in their order."""
        return self.filter(retired_on=None).order_by("position", "pk")


class Topic(models.Model):
    """Something a customer can say played a part in the score."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    label_nl = models.CharField(_("label in Dutch"), max_length=60)
    label_en = models.CharField(_("label in English"), max_length=60)
    tip_nl = models.TextField(_("tip in Dutch"), blank=True)
    tip_en = models.TextField(_("tip in English"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    retired_on = models.DateField(_("no longer asked since"), null=True, blank=True)

    objects = Topics.as_manager()

    class Meta:
        verbose_name = _("detail topic")
        verbose_name_plural = _("detail topics")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(label_nl="") & ~models.Q(label_en=""),
                name="topic_labels_given",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the label in the reader's language."""
        return self.label_nl if translation.get_language() == Language.DUTCH else self.label_en


class SurveyOptOut(models.Model):
    """A customer who wants no surveys any more, from any shop."""

    customer = models.OneToOneField(
        Customer,
        on_delete=models.PROTECT,
        related_name="survey_opt_out",
        verbose_name=_("customer"),
    )
    opted_out_at = models.DateTimeField(_("opted out"))

    class Meta:
        verbose_name = _("survey opt-out")
        verbose_name_plural = _("survey opt-outs")

    def __str__(self) -> str:
        return f"#{self.customer_id}"  # no name: the admin's history keeps it for ever


REACHED_CUSTOMER = (InvitationState.SENT, InvitationState.ANSWERED, InvitationState.EXPIRED)
TO_BE_SENT = (InvitationState.DECIDED, InvitationState.SENDING)


class Invitations(models.QuerySet["Invitation"]):
    """Decisions and invitations, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those about this shop's closings."""
        return self.filter(seller=seller)

    def by_token(self, token: str) -> Self:
        """Keep the one that this link opens, if any."""
        return self.filter(token_digest=digest(token))

    def counting_for_cooldown(self) -> Self:
        """Keep the surveys that were sent, or are on their way, to their customer."""
        return self.filter(state__in=(*TO_BE_SENT, *REACHED_CUSTOMER))

    def to_send(self, *, now: datetime) -> Self:
        """Keep the invitations whose next try to send has come; a partial index."""
        return self.filter(state__in=TO_BE_SENT, next_try_at__lte=now)

    def under_way(self) -> Self:
        """Keep what is still to be sent, or waits for an answer."""
        return self.filter(state__in=(*TO_BE_SENT, InvitationState.SENT))

    def past_answer_window(self, *, now: datetime) -> Self:
        """Keep the sent invitations that may not be answered any more; a partial index."""
        return self.filter(state=InvitationState.SENT, expires_at__lte=now)


class Invitation(models.Model):
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
    language = models.CharField(_("language"), max_length=2, choices=Language)
    state = models.CharField(_("state"), max_length=20, choices=InvitationState)
    reason = models.CharField(
        _("reason for no survey"), max_length=20, choices=SuppressionReason, blank=True
    )
    decided_at = models.DateTimeField(_("decided"))
    # Half of the link; the other half is the SECRET_KEY (surveys/tokens.py).
    token_salt = models.CharField(max_length=32, blank=True, editable=False)
    token_digest = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        editable=False,
    )
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    opened_at = models.DateTimeField(_("form opened"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    expires_at = models.DateTimeField(_("answer before"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)

    objects = Invitations.as_manager()

    class Meta:
        verbose_name = _("survey invitation")
        verbose_name_plural = _("survey invitations")
        constraints = [
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
                condition=~models.Q(state__in=TO_BE_SENT) | models.Q(next_try_at__isnull=False),
                name="invitation_to_send_has_moment",
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
            models.Index(
                fields=["next_try_at", "id"],
                condition=models.Q(state__in=TO_BE_SENT),
                name="invitation_to_send",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state=InvitationState.SENT),
                name="invitation_expiring",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invitation_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="invitation_decision_stands",
                fields=["closing", "seller", "customer", "query", "decided_at"],
            ),
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


def in_band(wanted: Band) -> models.Q:
    """Return the condition on `score` that means this band, from the constants of `nps.py`."""
    scores = BAND_SCORES[wanted]
    return models.Q(score__range=(min(scores), max(scores)))


class SurveyResponses(models.QuerySet["SurveyResponse"]):
    """Measurements, narrowed by adjectives; counted in the database."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep the measurements that count for this shop: what its own people closed."""
        return self.filter(seller=seller, closed_by=ActorType.SELLER)

    def in_months(self, first: date, last: date) -> Self:
        """Keep the measurements of a row of months, both ends included."""
        return self.filter(month__range=(first, last))

    def submitted_from(self, moment: datetime) -> Self:
        """Keep the measurements since a moment."""
        return self.filter(submitted_at__gte=moment)

    def in_band(self, wanted: Band) -> Self:
        """Keep one band."""
        return self.filter(in_band(wanted))

    def with_words(self) -> Self:
        """Keep those of which the reason, or the leave to contact, is not erased."""
        return self.exclude(reason="", may_contact=None)

    def latest_first(self) -> Self:
        """Sort by moment of submission, latest first."""
        return self.order_by("-submitted_at", "-pk")

    def with_contact(self) -> Self:
        """Fetch what a list shows beside the measurement: query, agent and topics."""
        return self.select_related("query", "invitation__closing__agent").prefetch_related("topics")

    def tally(self) -> Tally:
        """Count how many fell in each band, in one statement."""
        # Count("score") and not "pk": the covering index has the score.
        counts = self.aggregate(
            **{f"{each}s": models.Count("score", filter=in_band(each)) for each in Band}
        )
        return Tally(**counts)

    def scores_by_month(self) -> dict[date, dict[int, int]]:
        """Return how often each score was given, per month: {month: {score: count}}."""
        histogram: dict[date, dict[int, int]] = {}
        rows = self.values_list("month", "score").annotate(count=models.Count("score"))
        for month, score, count in rows.order_by():
            histogram.setdefault(month, {})[score] = count
        return histogram


class SurveyResponse(models.Model):
    """One completely submitted survey: a measurement. What was measured never changes.

    A measurement from before this portal was imported: it has no invitation and no query, but the
    number it had where it came from.
    """

    invitation = models.OneToOneField(
        Invitation,
        on_delete=models.PROTECT,
        related_name="response",
        null=True,
        blank=True,
        verbose_name=_("invitation"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="responses", verbose_name=_("seller")
    )
    query = models.ForeignKey(
        CustomerQuery,
        on_delete=models.PROTECT,
        related_name="responses",
        null=True,
        blank=True,
        verbose_name=_("query"),
    )
    closed_by = models.CharField(_("closed by"), max_length=20, choices=ActorType)
    score = models.PositiveSmallIntegerField(_("score"))
    submitted_at = models.DateTimeField(_("submitted"))
    month = models.DateField(_("month"), help_text=_("First day, in the marketplace's time zone."))
    reason = models.TextField(_("most important reason"), blank=True)
    may_contact = models.BooleanField(_("the seller may contact"), null=True)
    external_id = models.CharField(
        _("number elsewhere"), max_length=100, blank=True, default="", db_default=""
    )
    imported_at = models.DateTimeField(_("imported"), null=True, blank=True)
    topics = models.ManyToManyField(
        Topic, through="ResponseTopic", related_name="responses", verbose_name=_("topics")
    )

    objects = SurveyResponses.as_manager()

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__range=(LOWEST_SCORE, HIGHEST_SCORE)),
                name="response_score_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(month=TruncMonth("month", output_field=models.DateField())),
                name="response_month_is_first_day",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_by__in=(ActorType.SELLER, ActorType.MARKETPLACE)),
                name="response_closed_by_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    invitation__isnull=False, query__isnull=False, imported_at=None, external_id=""
                )
                | models.Q(invitation=None, query=None, imported_at__isnull=False)
                & ~models.Q(external_id=""),
                name="response_invited_or_imported",
            ),
            # Importing the same file twice adds nothing.
            models.UniqueConstraint(
                fields=["seller", "external_id"],
                condition=~models.Q(external_id=""),
                name="response_imported_once",
            ),
        ]
        indexes = [
            # Months and bands of a shop: answered from the index alone.
            models.Index(
                fields=["seller", "month"],
                include=["score"],
                condition=models.Q(closed_by=ActorType.SELLER),
                name="response_seller_month",
            ),
            # The list of the last 28 days.
            models.Index(
                fields=["seller", "-submitted_at", "-id"],
                include=["score"],
                condition=models.Q(closed_by=ActorType.SELLER),
                name="response_seller_latest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="response_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="responses_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'Cannot empty the table of survey responses';",
            ),
            pgtrigger.Trigger(
                name="response_matches_invitation",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__invitation__isnull=False),
                declare=[("matches", "boolean")],
                func="""
                SELECT (closing.seller_id, closing.query_id, closing.closed_by)
                     = (NEW.seller_id, NEW.query_id, NEW.closed_by)
                  INTO matches
                  FROM surveys_invitation invitation
                  JOIN queries_closing closing ON closing.id = invitation.closing_id
                 WHERE invitation.id = NEW.invitation_id;
                IF matches IS NOT TRUE THEN
                    RAISE EXCEPTION 'A response must be about the closing it was invited for';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.ReadOnly(
                name="response_never_changes",
                # Not the reason and may_contact: erasing a person empties those.
                fields=[
                    "invitation",
                    "seller",
                    "query",
                    "closed_by",
                    "score",
                    "submitted_at",
                    "month",
                    "external_id",
                    "imported_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} · {self.submitted_at:%Y-%m-%d}"

    @property
    def band(self) -> Band:
        """Return the band of the score; it is never stored, so it can never drift."""
        return band(self.score)


class ResponseTopic(models.Model):
    """One topic that a customer ticked; as final as the score."""

    response = models.ForeignKey(
        SurveyResponse, on_delete=models.PROTECT, related_name="response_topics"
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="response_topics")

    class Meta:
        verbose_name = _("topic of a response")
        verbose_name_plural = _("topics of a response")
        constraints = [
            models.UniqueConstraint(fields=["response", "topic"], name="response_topic_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="response_topic_stays", operation=pgtrigger.Delete | pgtrigger.Update
            ),
            pgtrigger.Trigger(
                name="response_topics_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'Cannot empty the table of topics of responses';",
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)
