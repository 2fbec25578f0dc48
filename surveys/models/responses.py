"""What customers answered: the measurements, which never change."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import gettext_lazy as _

from queries.enums import ActorType
from queries.models import CustomerQuery
from sellers.guards import CLOCKS_DIFFER, THIS_TRANSACTION, never_emptied
from sellers.models import Seller
from surveys.enums import Band, InvitationState
from surveys.models.batches import ImportBatch
from surveys.models.exclusions import MeasurementExclusion, MeasurementExclusions
from surveys.models.invitations import Invitation
from surveys.models.topics import Topic
from surveys.nps import BAND_SCORES, HIGHEST_SCORE, LOWEST_SCORE, PASSIVE_FROM, Answer, Tally, band
from surveys.periods import Period

# The condition that it was measured elsewhere, before this portal or beside it.
IMPORTED = models.Q(imported_at__isnull=False)
# The condition on who closed: only what its own people closed counts for a shop.
COUNTS_FOR_SHOP = models.Q(closed_by=ActorType.SELLER)


def submitted_in(period: Period) -> models.Q:
    """Return the condition that a response was submitted in these days."""
    start, end = period.bounds(settings.MARKETPLACE_ZONE)
    since = models.Q(submitted_at__gte=start) if start else models.Q()
    return since & models.Q(submitted_at__lt=end) if end else since


def in_months(period: Period) -> models.Q:
    """Return the condition that a response, or what is kept of them, is of these whole months."""
    return models.Q(month__range=period.months)


def asked_before() -> models.Exists:
    """Return the condition that the customer had asked the shop something before this query."""
    return models.Exists(
        CustomerQuery.objects.filter(
            seller=models.OuterRef("seller"),
            customer=models.OuterRef("query__customer"),
            asked_at__lt=models.OuterRef("query__asked_at"),
        )
    )


def is_excluded(response: str = "pk", batch: str = "batch") -> models.Q:
    """Return the condition that staff excluded a measurement: itself, or all of its import.

    `response` and `batch` are the ways to both from where it is asked.
    """
    by_itself, with_import = _ways_out(response, batch)
    return models.Q(models.Exists(by_itself)) | models.Q(models.Exists(with_import))


def exclusion_reason() -> Coalesce:
    """Return why staff excluded a measurement; null for one that counts."""
    reasons = (models.Subquery(each.values("reason")) for each in _ways_out("pk", "batch"))
    return Coalesce(*reasons)


def _ways_out(response: str, batch: str) -> tuple[MeasurementExclusions, MeasurementExclusions]:
    """Return the exclusion in force of a measurement, and that of its import; one at most each."""
    in_force = MeasurementExclusion.objects.in_force()
    return (
        in_force.filter(response=models.OuterRef(response)),
        in_force.filter(batch=models.OuterRef(batch)),
    )


def in_band(wanted: Band) -> models.Q:
    """Return the condition on `score` that means this band, from the constants of `nps.py`."""
    scores = BAND_SCORES[wanted]
    return models.Q(score__range=(min(scores), max(scores)))


def tallies_of_scores(rows: Iterable[tuple[Any, ...]]) -> tuple[Tally, Tally]:
    """Return the tallies of those that count and of those that staff excluded.

    `rows` are what `count_scores()` finds.
    """
    counting, excluded = dict[int, int](), dict[int, int]()
    for score, everything, left_out in rows:
        counting[score], excluded[score] = everything - left_out, left_out
    return Tally.from_scores(counting), Tally.from_scores(excluded)


class SurveyResponses(models.QuerySet["SurveyResponse"]):
    """Measurements, narrowed by adjectives; counted in the database."""

    def for_shops(self) -> Self:
        """Keep the measurements that count for their shop: what its own people closed."""
        return self.filter(COUNTS_FOR_SHOP)

    def for_seller(self, seller: Seller) -> Self:
        """Keep the measurements that count for this shop."""
        return self.for_shops().filter(seller=seller)

    def in_months(self, first: date, last: date) -> Self:
        """Keep the measurements of a row of months, both ends included."""
        return self.filter(month__range=(first, last))

    def submitted_in(self, period: Period) -> Self:
        """Keep the measurements of these days."""
        return self.filter(submitted_in(period))

    def in_band(self, wanted: Band) -> Self:
        """Keep one band."""
        return self.filter(in_band(wanted))

    def excluded(self) -> Self:
        """Keep those that staff excluded, each by itself or with its import.

        Both are looked for among these alone: an import may be large, and most have nothing out.
        """
        by_itself, with_import = (rows.order_by().values("pk") for rows in self.ways_out())
        return self.filter(pk__in=by_itself.union(with_import, all=True))

    def ways_out(self) -> tuple[Self, Self]:
        """Return those that are excluded by themselves, and the others that are with an import."""
        by_itself, _with_import = _ways_out("pk", "batch")
        of_import = {"batch__exclusions__isnull": False, "batch__exclusions__lifted_at": None}
        return (
            self.filter(exclusions__isnull=False, exclusions__lifted_at=None),
            self.filter(~models.Exists(by_itself), **of_import),
        )

    def counting(self) -> Self:
        """Leave out those that staff excluded."""
        by_itself, with_import = _ways_out("pk", "batch")
        return self.filter(~models.Exists(by_itself), ~models.Exists(with_import))

    def with_words(self) -> Self:
        """Keep those of which words, or the leave to contact, are not erased.

        Words are also what the shop noted about the customer since.
        """
        noted = (
            models.Q(improvement__words__gt="")
            | models.Q(approaches__note__gt="")
            | models.Q(quote_consents__name__gt="")
            | models.Q(referrals__words__gt="")
            | models.Q(referrals__order_reference__gt="")
            | models.Q(followup__note__gt="")
            | models.Q(followup__promised__gt="")
            | models.Q(followup__cause__gt="")
            | models.Q(followup__lesson__gt="")
            | models.Q(followup__contacts__note__gt="")
        )
        itself = self.model.objects.filter(noted, pk=models.OuterRef("pk"))
        return self.filter(~models.Q(reason="", may_contact=None) | models.Exists(itself))

    def latest_first(self) -> Self:
        """Sort by moment of submission, latest first."""
        return self.order_by("-submitted_at", "-pk")

    def with_contact(self) -> Self:
        """Fetch what a list shows beside the measurement: query, agent and topics."""
        return self.select_related("query", "invitation__closing__agent").prefetch_related("topics")

    def with_exclusions(self) -> Self:
        """Fetch what `every_exclusion` reads."""
        return self.select_related("batch").prefetch_related("exclusions", "batch__exclusions")

    def tally(self) -> Tally:
        """Count how many fell in each band, in one statement."""
        # Count("score") and not "pk": the covering index has the score.
        counts = self.order_by().values_list("score").annotate(count=models.Count("score"))
        return Tally.from_scores(dict(counts))

    def tallies(self) -> tuple[Tally, Tally]:
        """Count those that count and those that staff excluded, in one statement."""
        return tallies_of_scores(self.count_scores())

    def count_scores(self) -> models.QuerySet[Any, tuple[Any, ...]]:
        """Return rows of a score, how many gave it, and of how many staff excluded it."""
        out = is_excluded()
        rows = self.order_by().values_list("score")
        return rows.annotate(all=models.Count("score"), out=models.Count("score", filter=out))

    def answers_by_month(self) -> dict[date, Counter[Answer]]:
        """Return how often each answer was given, per month: {month: {answer: count}}."""
        answers: dict[date, Counter[Answer]] = {}
        for month, topics, score, count in self.count_answers("month"):
            answers.setdefault(month, Counter())[Answer(tuple(topics), score)] += count
        return answers

    def count_answers(self, *keys: str) -> models.QuerySet[Any, tuple[Any, ...]]:
        """Return rows of the keys, the topics ticked, the score, and how many answered so."""
        ticked = ResponseTopic.objects.filter(response=models.OuterRef("pk")).order_by("topic")
        return (
            self.annotate(ticked=ArraySubquery(ticked.values("topic")))
            .order_by()
            .values_list(*keys, "ticked", "score")
            .annotate(count=models.Count("score"))
        )


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
    batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.PROTECT,
        related_name="responses",
        null=True,
        blank=True,
        db_index=False,  # there is one below, of imported measurements alone
        verbose_name=_("import"),
    )
    # The transaction that stored it, by which its topics come too; the database itself says so.
    stored_in = models.BigIntegerField(null=True, editable=False)
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
                    invitation__isnull=False,
                    query__isnull=False,
                    imported_at=None,
                    batch=None,
                    external_id="",
                )
                | models.Q(
                    invitation=None, query=None, imported_at__isnull=False, batch__isnull=False
                )
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
                condition=COUNTS_FOR_SHOP,
                name="response_seller_month",
            ),
            # Which months have any that were imported.
            models.Index(
                fields=["seller", "month"],
                condition=COUNTS_FOR_SHOP & IMPORTED,
                name="response_imported_month",
            ),
            # What came with an import: of all shops, or of the months of one.
            models.Index(
                fields=["batch", "seller", "month"],
                include=["score", "closed_by", "id"],
                condition=models.Q(batch__isnull=False),
                name="response_of_import",
            ),
            # The list of the last 28 days.
            models.Index(
                fields=["seller", "-submitted_at", "-id"],
                include=["score"],
                condition=COUNTS_FOR_SHOP,
                name="response_seller_latest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="response_stays", operation=pgtrigger.Delete),
            never_emptied("responses_stay"),
            pgtrigger.Trigger(
                name="response_matches_invitation",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__invitation__isnull=False),
                declare=[("matches", "boolean"), ("in_time", "boolean")],
                # The statement that stores an answer has noted it in the invitation by now.
                func=f"""
                SELECT (closing.seller_id, closing.query_id, closing.closed_by)
                     = (NEW.seller_id, NEW.query_id, NEW.closed_by),
                       invitation.state = '{InvitationState.ANSWERED}'
                       AND invitation.answered_at = NEW.submitted_at
                       AND invitation.sent_at <= NEW.submitted_at + {CLOCKS_DIFFER}
                       AND invitation.expires_at >= NEW.submitted_at
                  INTO matches, in_time
                  FROM surveys_invitation invitation
                  JOIN queries_closing closing ON closing.id = invitation.closing_id
                 WHERE invitation.id = NEW.invitation_id;
                IF matches IS NOT TRUE THEN
                    RAISE EXCEPTION 'A response must be about the closing it was invited for';
                END IF;
                IF in_time IS NOT TRUE THEN
                    RAISE EXCEPTION 'A response comes after its mail and before its time is over';
                END IF;
                RETURN NEW;
                """,  # noqa: S608
            ),
            pgtrigger.Trigger(
                name="response_of_its_moment",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                IF NEW.submitted_at > clock_timestamp() + {CLOCKS_DIFFER} THEN
                    RAISE EXCEPTION 'A response cannot be of a moment to come';
                END IF;
                IF NEW.month IS DISTINCT FROM date_trunc(
                    'month', NEW.submitted_at AT TIME ZONE public.marketplace_zone()
                )::date THEN
                    RAISE EXCEPTION 'The month of a response is that of its moment';
                END IF;
                NEW.stored_in = {THIS_TRANSACTION};
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="response_comes_before_its_import",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__batch__isnull=False),
                func="""
                IF EXISTS (SELECT FROM surveys_importbatch WHERE id = NEW.batch_id) THEN
                    RAISE EXCEPTION 'Nothing is added to an import that is done';
                END IF;
                RETURN NEW;
                """,
            ),
            # Whoever stores a low score opens its task, in the same transaction.
            pgtrigger.Trigger(
                name="response_low_score_has_followup",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(
                    new__score__lt=PASSIVE_FROM,
                    new__closed_by=ActorType.SELLER,
                    new__invitation__isnull=False,
                ),
                func="""
                IF NOT EXISTS (SELECT FROM surveys_followup WHERE response_id = NEW.id) THEN
                    RAISE EXCEPTION 'A low score that counts for its shop has a follow-up task';
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.ReadOnly(
                name="response_never_changes",
                # Not the reason and may_contact, which erasing a person empties.
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
                    "batch",
                    "stored_in",
                ],
            ),
            pgtrigger.Protect(
                name="response_words_only_emptied",
                operation=pgtrigger.Update,
                condition=(
                    pgtrigger.Q(old__reason__df=pgtrigger.F("new__reason"))
                    & ~pgtrigger.Q(new__reason="")
                )
                | (
                    pgtrigger.Q(old__may_contact__df=pgtrigger.F("new__may_contact"))
                    & pgtrigger.Q(new__may_contact__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} · {self.submitted_at.astimezone(settings.MARKETPLACE_ZONE):%Y-%m-%d}"

    @property
    def every_exclusion(self) -> list[MeasurementExclusion]:
        """Return its own exclusions and those of its import, the latest first."""
        of_import = self.batch.exclusions.all() if self.batch else ()
        every = [*self.exclusions.all(), *of_import]
        return sorted(every, key=attrgetter("excluded_at", "pk"), reverse=True)

    @property
    def counts(self) -> bool:
        """Return whether staff left it in."""
        return all(each.lifted_at for each in self.every_exclusion)

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
            never_emptied("response_topics_stay"),
            pgtrigger.Trigger(
                name="response_topic_comes_with_it",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                IF EXISTS (
                    SELECT FROM surveys_surveyresponse
                     WHERE id = NEW.response_id AND stored_in = {THIS_TRANSACTION}
                ) THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'Nothing is added to a response that is stored';
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)
