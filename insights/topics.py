"""What each detail topic did to the score: contributions that add up to the NPS exactly.

A response with several topics is divided equally between them; one without any is a part of its
own. So no point is counted twice and none is lost.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from math import floor
from operator import add
from typing import Final

from insights.scores import JudgedScore
from surveys.nps import Answer, Tally

HIDDEN_BELOW: Final = 5  # responses: fewer give a topic no bar and no NPS of its own


class Kind(StrEnum):
    """Which responses a part of the score is about."""

    TOPIC = "topic"  # those with one topic
    OTHER = "other"  # those with a topic that is hidden
    NONE = "none"  # those without a topic


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPart(JudgedScore):
    """A part of the score: the responses it is about, and the points that it brought or cost.

    `topic` is a primary key, and None unless this is about one topic. `contribution` is in points
    of the NPS; `against` is what is left of it beside what these responses would have brought with
    the NPS of all: a topic is not good merely because it is ticked often.
    """

    kind: Kind
    topic: int | None
    contribution: Fraction
    against: Fraction

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS of these responses, or None when they are too few to have one."""
        return self.tally.nps if self.has_own_score else None

    @property
    def has_own_score(self) -> bool:
        """Return whether there are enough responses to show an NPS of their own."""
        return self.tally.total >= HIDDEN_BELOW


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The score of some responses, divided over its parts.

    `topics` have a bar each: what cost most against the average first, of equal ones the one with
    more responses, then the lower primary key. `other` is the hidden topics together, None when
    none is hidden; `unspecified` is the responses without a topic, None when there are none.
    """

    total: Tally
    topics: tuple[TopicPart, ...]
    other: TopicPart | None
    unspecified: TopicPart | None

    @property
    def parts(self) -> tuple[TopicPart, ...]:
        """Return all parts in the order in which they are shown.

        What they contributed adds up to the NPS, what they did against the average to 0.
        """
        rests = (self.other, self.unspecified)
        return (*self.topics, *(rest for rest in rests if rest is not None))


def contributions(answers: Mapping[Answer, int]) -> dict[int | None, TopicPart]:
    """Return what each topic did to the score, and under None the responses without a topic.

    The contribution of a topic is 100/N · Σ s/k, over the responses with that topic: N is the
    number of all responses, s is +1 for a promoter, 0 for a passive and −1 for a detractor, and k
    is how many topics the response has. Against the average it did that minus its share of the
    NPS of all; its share is Σ(1/k)/N.
    """
    scores: dict[int | None, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for answer, count in answers.items():
        for topic in answer.topics or (None,):
            scores[topic][len(answer.topics) or 1][answer.score] += count
    total = _tally(answers)
    return {
        topic: _part(topic, {k: Tally.from_scores(given) for k, given in by_k.items()}, total)
        for topic, by_k in scores.items()
    }


def breakdown(answers: Mapping[Answer, int]) -> Breakdown:
    """Divide the score over the topics; those with fewer than 5 responses go together.

    Hiding protects nobody's secret, a shop can read each of its measurements; it keeps a topic
    from looking like a pattern on a handful of them. What is hidden keeps its points, in one bar
    with an NPS once the responses in it are at least 5, so that the bars still add up.
    """
    found = contributions(answers)
    unspecified = found.pop(None, None)
    hidden = {topic for topic, part in found.items() if not part.has_own_score}
    return Breakdown(
        total=_tally(answers),
        topics=tuple(
            sorted(
                (part for part in found.values() if part.topic not in hidden),
                key=lambda part: (part.against, -part.tally.total, part.topic),
            )
        ),
        other=_other(answers, [found[topic] for topic in hidden]) if hidden else None,
        unspecified=unspecified,
    )


def rounded_to_add_up(parts: Sequence[Fraction], total: Decimal) -> tuple[Decimal, ...]:
    """Return the parts as people read them: as precise as `total`, and adding up to it.

    `total` is the sum of the parts, rounded up or down. By the largest remainder: each part is
    rounded down, and the units that the sum then lacks go, one each, to the parts of which most
    was cut off, of equal ones to the first. So each part is less than a unit beside its exact
    value, one that needs no rounding is not touched, and a larger part never looks smaller.
    Raises ValueError when the parts cannot add up to `total` that way.
    """
    places = -int(total.as_tuple().exponent)
    scaled = [part * 10**places for part in parts]
    whole = [floor(part) for part in scaled]
    lacking = int(total.scaleb(places)) - sum(whole)
    cut_off = [part - rest for part, rest in zip(scaled, whole, strict=True)]
    if not 0 <= lacking <= sum(map(bool, cut_off)):
        raise ValueError(f"{total} is not the sum of {[str(part) for part in parts]}, rounded.")
    most_first = sorted(range(len(parts)), key=cut_off.__getitem__, reverse=True)
    for position in most_first[:lacking]:
        whole[position] += 1
    return tuple(Decimal(part).scaleb(-places) for part in whole)


def _part(topic: int | None, tallies: Mapping[int, Tally], total: Tally) -> TopicPart:
    """Add up one topic; `tallies` are its responses by how many topics they have."""
    balance, weight = (
        sum((Fraction(number, k) for k, number in numbers), Fraction())
        for numbers in (
            [(k, tally.balance) for k, tally in tallies.items()],
            [(k, tally.total) for k, tally in tallies.items()],
        )
    )
    contribution = 100 * balance / total.total
    return TopicPart(
        kind=Kind.NONE if topic is None else Kind.TOPIC,
        topic=topic,
        tally=reduce(add, tallies.values()),
        contribution=contribution,
        against=contribution - 100 * weight * total.balance / total.total**2,
    )


def _other(answers: Mapping[Answer, int], hidden: Sequence[TopicPart]) -> TopicPart:
    """Put the hidden topics together; a response with several of them is counted once."""
    topics = {part.topic for part in hidden}
    concerned = {
        answer: count for answer, count in answers.items() if not topics.isdisjoint(answer.topics)
    }
    return TopicPart(
        kind=Kind.OTHER,
        topic=None,
        tally=_tally(concerned),
        contribution=sum((part.contribution for part in hidden), Fraction()),
        against=sum((part.against for part in hidden), Fraction()),
    )


def _tally(answers: Mapping[Answer, int]) -> Tally:
    scores = Counter[int]()
    for answer, count in answers.items():
        scores[answer.score] += count
    return Tally.from_scores(scores)
