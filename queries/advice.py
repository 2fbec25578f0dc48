"""What an agent may want to change in a reply before it leaves; it never holds anything up.

Customers are not asked for a score, and nothing is promised for one: a measurement that was asked
for can be excluded. Better to miss one than to interrupt somebody who asks for an order number.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Final


class AdviceKind(StrEnum):
    """What there is to say about a reply."""

    ASKS_FOR_SCORE = "asks_for_score"
    PAYS_FOR_SCORE = "pays_for_score"
    OTHER_LANGUAGE = "other_language"


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark; `sentence` is what it is about, as it was typed, or nothing: the whole reply."""

    kind: AdviceKind
    sentence: str = ""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


SENTENCE: Final = re.compile(r"[^.!?\n]*(?:[.](?=\S)[^.!?\n]*)*[.!?\n]*")

# A score by its number: "een 10", "a perfect 9", but neither 10 euro nor 10 minutes.
_AFTER_NUMBER: Final = (
    r"(?!\s*(?:%|€|:|[,.]\d|-?\d))"
    r"(?=\W*$|\s*[,;)\"”]|\s+(?:geven|te\s|gunnen|gunt|gun|geeft|geef|in\s|op\s|voor\s|als\s|waard"
    r"|krijg|ontvang|you\s|willen|invullen|of\s+een|of\s+(?:9|10|tien|hoger)\b|for\s|on\s|in\s|if\s|when\s|as\s|or\s|and\s|en\s))"
)
SCORE: Final = _any(
    r"\b(?:een|'n|’n)\s+(?:dikke\s+|mooie\s+|hoge\s+|volle\s+)?(?:8|9|10|acht|negen|tien)\b"
    + _AFTER_NUMBER,
    r"\ban?\s+(?:perfect\s+|big\s+|solid\s+|full\s+)?(?:8|9|10|eight|nine|ten)\b" + _AFTER_NUMBER,
    r"\b(?:bij|voor|with|for)\s+(?:een\s+|an?\s+)?9\s+(?:of|or)\s+(?:een\s+|an?\s+)?10\b",
    r"\b(?:10|ten|tien)\s*(?:/|out\s+of|uit|van\s+de)\s*(?:10|ten|tien)\b",
    r"\b(?:5|five|vijf)[-\s](?:stars?|sterren)\b",
    r"\b(?:maximale|hoogste|top|maximum|highest)\s*-?(?:score|cijfer|rating)\b",
    r"\b(?:reviews?|recensies?|beoordeling|rating|reviewtje|testimonial)\b",
    r"\b(?:goed|mooi|hoog|hog|leuk|positief|eerlijk|high|good|nice|great|positive)e?"
    r"\s+(?:cijfer|score|waardering|beoordeling|review|rating)\b",
    r"\b(?:een|uw|je|jouw)\s+(?:cijfer|score|waardering)\b",
    r"\b(?:us|me)\s+an?\s+score\b",
)
GIVES: Final = _any(
    r"\b(?:geef|geven|geeft|gun|gunnen|gunt|achterlaten|achterlaat|achter\s+(?:te\s+)?laten"
    r"|schrijf|schrijven|plaats|plaatsen|invullen|delen)\b",
    # From the last of the first words on: else each of them would be tried with all that follows.
    r"\blaat\b(?:(?!\blaat\b).)*\bachter\b",
    r"\bvul\b(?:(?!\bvul\b).)*\bin\b",
    r"\b(?:give|giving|leave|leaving|write|writing|post|posting|submit|drop)\b",
)
ASKS: Final = _any(
    r"^\W*(?:geef|gun|laat|schrijf|plaats|vul|give|leave|write|post|submit|drop)\b",
    r"\b(?:wil|wilt|zou|zoudt|kun|kunt|kan|mag|mogen)\s+(?:je|jij|u|jullie|ik|we|wij)\b",
    r"\b(?:je|u|jullie)\s+(?:ons|mij|me|mijn\s+collega)\b",
    r"\b(?:hoop|hopen|hopelijk|graag|alsjeblieft|alstublieft|svp|fijn\s+als|leuk\s+als|blij\s+als"
    r"|waarderen|stellen\s+het|vergeet\s+niet|wees\s+zo)\b",
    r"\b(?:could|can|would|will|may|might)\s+(?:you|i|we)\b",
    r"\bwould\s+be\b|\b(?:hope|please|kindly|appreciate|grateful|love\s+it|happy\s+if"
    r"|don['’]?t\s+forget|feel\s+free|be\s+so\s+kind)\b",
    r"\b(?:if|als|wanneer)\s+(?:you|je|u|jullie)\b",
)
# Here the verb says it all.
RATE_US: Final = _any(
    r"\b(?:beoordeel|waardeer)\s+(?:ons|mij|me|deze|dit|onze|mijn)\b",
    r"\b(?:ons|mij|me|onze\s+\w+|mijn\s+\w+)\s+(?:\w+\s+){0,3}(?:te\s+)?beoordelen\b",
    r"(?:^\W*|\b(?:please|could\s+you|can\s+you|would\s+you|to)\s+(?:\w+\s+)?)"
    r"(?:rate|review|score)\s+(?:us|me|our|my)\b",
    r"\bvote\s+for\s+us\b|\bstem\s+op\s+ons\b|\bthumbs?\s+up\s+in\b",
)
PAID: Final = _any(
    r"\b(?:korting|kortingscode|tegoed|tegoedbon|cadeau|cadeaubon|waardebon|vergoeding"
    r"|terugbetaling|bonnetje|gratis)\b",
    r"\b(?:discount|voucher|refund|gift\s?cards?|coupons?|compensation|store\s+credit|for\s+free"
    r"|a\s+free|gift)\b",
    r"(?:€\s*\d|\d\s*(?:euro|€|%))",
)
IN_EXCHANGE: Final = _any(
    r"\b(?:als|bij|voor|wanneer|zodra|in\s+ruil|na|dan|if|for|when|once|in\s+exchange|in\s+return"
    r"|after|then|as\s+soon)\b",
)
GOES_ON: Final = _any(
    r"^\W*(?:dan|daarna|in\s+ruil|als\s+dank|als\s+bedankje|then|in\s+return|in\s+exchange"
    r"|as\s+a\s+thank)\b"
)

DUTCH: Final = """
    de het een en van ik je jij jouw uw niet dat wij voor met op aan naar zijn heb hebt hebben kunt
    kun dit deze maar ook nog wel als bij om te ons onze er wordt worden bent ben hier daar graag
    bedankt groet geen over uit zo dan wat kan gaat hem haar krijgt krijg komt die dag nieuwe
    bestelling pakket
"""
ENGLISH: Final = """
    the and you your our for with this that have has will can be are it not please thank thanks from
    they there here would could when what which if i'm we're it's but yours sorry regards kind order
    been on by at as
"""
WORDS: Final = {"nl": frozenset(DUTCH.split()), "en": frozenset(ENGLISH.split())}
ENOUGH_WORDS: Final = 4  # of one language, and hardly any of the other


def advise(body: str, *, language: str) -> list[Advice]:
    """Return what may be better in a reply to a customer who speaks this language."""
    remarks = []
    sentences = [found for found in SENTENCE.findall(body) if found.strip()]
    for sentence, following in zip_longest(sentences, sentences[1:], fillvalue=""):
        if kind := _about_a_score(sentence, following):
            remarks.append(Advice(kind, sentence.strip()))
    written = language_of(body)
    if written and written != language:
        remarks.append(Advice(AdviceKind.OTHER_LANGUAGE))
    return remarks


def language_of(text: str) -> str:
    """Return "nl" or "en" where a text is clearly in one of them, else nothing."""
    words = re.findall(r"[a-zà-ÿ'’]+", text.lower())
    found = {name: sum(word in known for word in words) for name, known in WORDS.items()}
    name, other = sorted(found, key=lambda each: -found[each])
    clear = found[name] >= ENOUGH_WORDS and found[name] >= 4 * found[other]
    return name if clear else ""


def without(body: str, sentence: str) -> str:
    """Return a reply without the first such sentence, and without the gap that it leaves."""
    if not sentence or sentence not in body:
        return body
    before, _, after = body.partition(sentence)
    if not before.strip() or not after.strip():
        return (before + after).strip()
    ends_line = before.endswith("\n") or after.startswith("\n")
    return before.rstrip(" ") + ("" if ends_line else " ") + after.lstrip(" ")


def _about_a_score(sentence: str, following: str) -> AdviceKind | None:
    rates = bool(RATE_US.search(sentence))
    names = rates or bool(SCORE.search(sentence))
    asks = rates or (names and bool(GIVES.search(sentence) and ASKS.search(sentence)))
    if names and PAID.search(_without_scores(sentence)) and IN_EXCHANGE.search(sentence):
        return AdviceKind.PAYS_FOR_SCORE
    if asks and GOES_ON.search(following) and PAID.search(following):
        return AdviceKind.PAYS_FOR_SCORE
    return AdviceKind.ASKS_FOR_SCORE if asks else None


def _without_scores(sentence: str) -> str:
    return SCORE.sub("", sentence)
