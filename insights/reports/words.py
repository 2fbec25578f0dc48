"""Which words customers use, and which of them detractors use more than promoters.

The database's own text search knows which words are one (bezorgd, bezorging) and which say nothing
(de, the), in the language of the query. Remarks from before this portal are left out: nobody knows
their language or whose they are. What is erased has no words.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    F,
    Func,
    Max,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from insights.chance import beyond_chance, share_p_value
from insights.topics import HIDDEN_BELOW
from queries.search import Mentions
from sellers.enums import Language
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse, SurveyResponses, in_band
from surveys.periods import Period, months_back, previous_month

MONTHS: Final = 12  # finished ones, which are read when nothing else is asked for
MOST_REMARKS: Final = 10_000  # the latest: more are not read in the time of a page
MOST_WORDS: Final = 20
LATEST_REMARKS: Final = 300  # in which a word is looked up as customers write it
FAMILY_ALPHA: Final = 0.005  # what insights/chance.py leaves of 2.5 % for a page of its own
CONFIGURATIONS: Final = {Language.DUTCH: "dutch", Language.ENGLISH: "english"}
COMPARED: Final = (Band.DETRACTOR, Band.PROMOTER)

Key = tuple[str, str]  # the language of a word, and its stem


@dataclass(frozen=True, slots=True)
class Use:
    """How many remarks of each band these are, and of how many different customers."""

    detractors: int = 0
    promoters: int = 0
    detracting_customers: int = 0
    promoting_customers: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word as customers write it most, and how many remarks `have` it among `all` there are.

    `is_sure` when detractors use it more than promoters do, by more than chance: customers are
    compared, not remarks. `link` is how the list of measurements is asked for these.
    """

    word: str
    language: Language
    have: Use
    all: Use
    is_sure: bool
    link: str

    @property
    def detractor_percentage(self) -> int:
        """Return in how many of a hundred remarks of detractors it is."""
        return _percentage(self.have.detractors, self.all.detractors)

    @property
    def promoter_percentage(self) -> int:
        """Return in how many of a hundred remarks of promoters it is."""
        return _percentage(self.have.promoters, self.all.promoters)


@dataclass(frozen=True, slots=True)
class WordReport:
    """The words of a period: what detractors use more first, then what they use most.

    `remarks` counts what was read, over all languages. Nothing is claimed of a period that runs.
    """

    period: Period
    words: tuple[Word, ...]
    remarks: Use
    is_over: bool

    @property
    def claims(self) -> bool:
        """Return whether any word is used more by detractors."""
        return any(word.is_sure for word in self.words)

    @property
    def languages(self) -> int:
        """Return in how many languages the words are."""
        return len({word.language for word in self.words})


def has_word(word: str) -> Q:
    """Return the condition that a remark has a word in any of its forms, in its own language."""
    # A choice, and not one condition or another: each remark is read once, in its language alone.
    mentions = Case(
        *(
            When(
                query__language=language,
                then=Mentions(
                    SearchVector("reason", config=configuration),
                    SearchQuery(word, config=configuration),
                ),
            )
            for language, configuration in CONFIGURATIONS.items()
        ),
        default=False,
        output_field=BooleanField(),
    )
    return ~Q(reason="") & Q(mentions)


def word_report(seller: Seller, *, period: Period | None, today: date) -> WordReport:
    """Count the words of a period, or of the last twelve finished months; four statements.

    Of very many remarks only the days of the latest are read, and `period` is these days.
    """
    asked = period or _finished_months(today)
    days = readable_days(seller, asked)
    remarks = _remarks(seller).submitted_in(days)
    per_language = {Language(row["language"]): _use(row) for row in _counted(remarks, "language")}
    found = _words(remarks) if per_language else {}
    is_over = days.last is not None and days.last < today
    sure = _beyond_chance(found, per_language) if is_over else frozenset[Key]()
    shown = _to_show({key: use for key, (use, _pk) in found.items()}, per_language, sure)
    written = _as_written(remarks, {key: found[key][1] for key in shown})
    return WordReport(
        period=days,
        words=tuple(
            Word(
                word=written[key],
                language=Language(key[0]),
                have=found[key][0],
                all=per_language[Language(key[0])],
                is_sure=key in sure,
                link=_link(written[key], key[0], days),
            )
            for key in shown
        ),
        remarks=_together(per_language.values()),
        is_over=is_over,
    )


def _finished_months(today: date) -> Period:
    months = months_back(previous_month(today), MONTHS)
    return Period.of_months(months[0], months[-1])


def _remarks(seller: Seller) -> SurveyResponses:
    """Return what detractors and promoters wrote, of whom and in which language is known."""
    bands = Q()
    for band in COMPARED:
        bands |= in_band(band)
    written = SurveyResponse.objects.for_seller(seller).counting().exclude(reason="")
    return written.filter(bands, query__isnull=False).order_by()


def readable_days(seller: Seller, period: Period) -> Period:
    """Return the days of the latest remarks of a period, as many as can be read; at least one.

    It asks the database once.
    """
    latest = _remarks(seller).submitted_in(period).latest_first()
    moments = latest.values_list("submitted_at", flat=True)
    first_left: datetime | None = moments[MOST_REMARKS : MOST_REMARKS + 1].first()
    if first_left is None:
        return period
    day = first_left.astimezone(settings.MARKETPLACE_ZONE).date() + timedelta(days=1)
    return replace(period, first=min(day, period.last or day))


def _counted(remarks: SurveyResponses, *keys: str) -> Any:
    """Return rows of the keys with how many remarks and customers there are of each band."""
    customers = "query__customer"
    detracts, promotes = in_band(Band.DETRACTOR), in_band(Band.PROMOTER)
    return (
        remarks.annotate(language=F("query__language"))
        .values(*keys)
        .annotate(
            detractors=Count("score", filter=detracts),
            promoters=Count("score", filter=promotes),
            detracting_customers=Count(customers, filter=detracts, distinct=True),
            promoting_customers=Count(customers, filter=promotes, distinct=True),
            customers=Count(customers, distinct=True),
        )
    )


def _words(remarks: SurveyResponses) -> dict[Key, tuple[Use, int]]:
    """Return each word that 5 customers used, and the latest measurement that has it."""
    rows = _counted(remarks.annotate(stem=_stems()), "language", "stem")
    enough = rows.filter(customers__gte=HIDDEN_BELOW).annotate(example=Max("pk"))
    return {
        (row["language"], row["stem"]): (_use(row), row["example"])
        for row in enough
        if row["stem"].isalpha()  # no number, address or link
    }


def _stems() -> Any:
    """Return the expression for the words of a remark, one row each."""
    vectors = Case(
        *(
            When(query__language=language, then=SearchVector("reason", config=configuration))
            for language, configuration in CONFIGURATIONS.items()
        )
    )
    stems = Func(vectors, function="tsvector_to_array", output_field=ArrayField(TextField()))
    unnested = Func(stems, function="unnest", output_field=TextField())
    unnested.set_returning = True
    return unnested


def _use(row: Mapping[str, Any]) -> Use:
    return Use(
        row["detractors"],
        row["promoters"],
        row["detracting_customers"],
        row["promoting_customers"],
        row["customers"],
    )


def _together(uses: Collection[Use]) -> Use:
    """Add up remarks; customers are not added: one may write in two languages."""
    return Use(sum(use.detractors for use in uses), sum(use.promoters for use in uses))


def _beyond_chance(
    found: Mapping[Key, tuple[Use, int]], per_language: Mapping[Language, Use]
) -> frozenset[Key]:
    """Return the words that more customers who are detractors use, by more than chance."""
    return beyond_chance(
        {
            key: share_p_value(
                use.detracting_customers,
                per_language[Language(key[0])].detracting_customers,
                use.promoting_customers,
                per_language[Language(key[0])].promoting_customers,
            )
            for key, (use, _pk) in found.items()
        },
        alpha=FAMILY_ALPHA,
    )


def _to_show(
    found: Mapping[Key, Use], per_language: Mapping[Language, Use], sure: Collection[Key]
) -> Sequence[Key]:
    """Return what detractors use more, then what they use most.

    First comes the largest difference in remarks: how many more there are than if detractors used
    the word as often as promoters. A share would put what few write about before what most do.
    """

    def rank(key: Key) -> tuple[bool, float, str]:
        use, whole = found[key], per_language[Language(key[0])]
        if key not in sure:
            return True, -use.detractors, key[1]
        as_promoters = whole.detractors * use.promoters / whole.promoters
        return False, as_promoters - use.detractors, key[1]

    return sorted((key for key in found if found[key].detractors), key=rank)[:MOST_WORDS]


def _as_written(remarks: SurveyResponses, examples: Mapping[Key, int]) -> dict[Key, str]:
    """Return each word in the form that customers use most: of the latest, or in its example."""
    if not examples:
        return {}
    latest = remarks.latest_first().values("pk")[:LATEST_REMARKS]
    dictionaries = Case(
        *(
            When(query__language=language, then=Value(f"{configuration}_stem"))
            for language, configuration in CONFIGURATIONS.items()
        ),
        output_field=CharField(),
    )
    token = Func(
        F("reason"),
        template="(ts_parse('default', %(expressions)s)).token",
        output_field=TextField(),
    )
    token.set_returning = True
    stems = Func(
        Cast(dictionaries, _Dictionary()),
        token,
        function="ts_lexize",
        output_field=ArrayField(TextField()),
    )
    stems.set_returning = True
    rows = remarks.filter(Q(pk__in=examples.values()) | Q(pk__in=latest))
    forms = defaultdict[Key, Counter[str]](Counter)
    for language, form, found in rows.values_list("query__language", token, stems):
        for stem in found or ():
            forms[language, stem][form.lower()] += 1
    return {key: min(forms[key], key=lambda form: (-forms[key][form], form)) for key in examples}


class _Dictionary(TextField):  # type: ignore[type-arg]
    """The type of a dictionary of the text search."""

    def db_type(self, connection: Any) -> str:
        """Return how the database calls it."""
        return "regdictionary"


def _percentage(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole) if whole else 0


def _link(word: str, language: str, period: Period) -> str:
    days = {"since": period.first, "until": period.last}
    return urlencode({**days, "language": language, "word": word})
