"""What each topic did to the score."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.standards import GUIDELINE
from insights.topics import (
    HIDDEN_BELOW,
    Kind,
    TopicPart,
    breakdown,
    contributions,
    rounded_to_add_up,
)
from surveys.nps import Answer, Tally, displayed

SPEED, CLARITY, EFFORT = 1, 2, 3

Answers = Mapping[Answer, int]

choices = st.sets(st.integers(min_value=1, max_value=8)).map(lambda topics: tuple(sorted(topics)))
counts = st.integers(min_value=1, max_value=12) | st.integers(min_value=1, max_value=1_000_000)
histograms = st.dictionaries(
    st.builds(Answer, choices, st.integers(min_value=0, max_value=10)),
    counts,
    min_size=1,
    max_size=8,
)
standards = st.none() | st.integers(min_value=-100, max_value=100)


def nps_of(answers: Answers) -> Fraction:
    """Return the NPS of all answers, counted one by one."""
    promoters = sum(count for answer, count in answers.items() if answer.score >= 9)
    detractors = sum(count for answer, count in answers.items() if answer.score <= 6)
    return Fraction(100 * (promoters - detractors), sum(answers.values()))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({Answer((SPEED,), 10): 4}, {SPEED: 100}, id="one topic has it all"),
        pytest.param({Answer((), 0): 4}, {None: -100}, id="no topic"),
        pytest.param({Answer((SPEED,), 8): 4}, {SPEED: 0}, id="passives"),
        pytest.param(
            {Answer((SPEED, CLARITY), 9): 1}, {SPEED: 50, CLARITY: 50}, id="divided by two"
        ),
        pytest.param(
            {Answer((SPEED, CLARITY, EFFORT), 6): 1},
            {topic: Fraction(-100, 3) for topic in (SPEED, CLARITY, EFFORT)},
            id="divided by three",
        ),
        pytest.param(
            {
                Answer((SPEED,), 10): 3,
                Answer((SPEED, CLARITY), 0): 2,
                Answer((CLARITY,), 7): 4,
                Answer((), 9): 1,
            },
            {SPEED: 20, CLARITY: -10, None: 10},
            id="mixed",
        ),
    ],
)
def test_contribution_of_each_topic(answers: Answers, expected: dict[int | None, int]) -> None:
    found = contributions(answers)

    assert {topic: part.contribution for topic, part in found.items()} == expected


def test_topic_has_the_responses_in_which_it_was_ticked() -> None:
    found = contributions(
        {
            Answer((SPEED,), 10): 30,
            Answer((SPEED, CLARITY), 7): 2,
            Answer((SPEED, CLARITY), 0): 3,
            Answer((), 3): 4,
        }
    )

    assert found[SPEED].tally == Tally(30, 2, 3)
    assert found[CLARITY].tally == Tally(0, 2, 3)
    assert found[None].tally == Tally(0, 0, 4)
    assert found[CLARITY].nps == -60
    assert found[SPEED].interval == Tally(30, 2, 3).interval


@given(histograms)
def test_contributions_add_up_to_the_nps_exactly(answers: Answers) -> None:
    divided = breakdown(answers)

    assert sum(part.contribution for part in contributions(answers).values()) == nps_of(answers)
    assert sum(part.contribution for part in divided.parts) == nps_of(answers)
    assert divided.total.nps == nps_of(answers)


@given(histograms, st.randoms(use_true_random=False))
def test_order_of_the_answers_makes_no_difference(answers: Answers, rng: Random) -> None:
    shuffled = list(answers.items())
    rng.shuffle(shuffled)

    assert breakdown(dict(shuffled)) == breakdown(answers)


@given(histograms, histograms)
def test_contributions_of_two_periods_together_are_weighed_by_their_responses(
    earlier: dict[Answer, int], later: dict[Answer, int]
) -> None:
    periods = (earlier, later)
    merged = contributions(Counter(earlier) + Counter(later))

    totals = [sum(period.values()) for period in periods]
    apart = [contributions(period) for period in periods]
    assert merged.keys() == apart[0].keys() | apart[1].keys()
    nothing = TopicPart(
        kind=Kind.TOPIC, topic=None, tally=Tally(), contribution=Fraction(), against=Fraction()
    )
    for topic, part in merged.items():
        parts = [found.get(topic, nothing) for found in apart]
        assert part.tally == parts[0].tally + parts[1].tally
        assert part.contribution * sum(totals) == sum(
            one.contribution * total for one, total in zip(parts, totals, strict=True)
        )


@given(histograms)
def test_topic_has_a_bar_from_5_responses_on(answers: Answers) -> None:
    divided = breakdown(answers)

    ticked = Counter[int]()
    for answer, count in answers.items():
        ticked.update(dict.fromkeys(answer.topics, count))
    assert {part.topic for part in divided.topics} == {
        topic for topic, count in ticked.items() if count >= 5
    }
    assert (divided.other is None) == all(count >= 5 for count in ticked.values())
    assert (divided.unspecified is None) == all(answer.topics for answer in answers)


@pytest.mark.parametrize(
    ("count", "shown", "indicative"),
    [(4, False, True), (5, True, True), (24, True, True), (25, True, False)],
)
def test_topic_with_few_responses_is_hidden_or_indicative(
    count: int, shown: bool, indicative: bool
) -> None:
    divided = breakdown({Answer((SPEED,), 10): count})

    (part,) = divided.parts
    assert (HIDDEN_BELOW, GUIDELINE) == (5, 25)
    assert part.kind == (Kind.TOPIC if shown else Kind.OTHER)
    assert part.indicative is indicative
    assert part.nps == (100 if shown else None)
    assert (part.interval is not None) is shown
    assert part.contribution == 100


def test_hidden_topics_go_together_and_count_each_response_once() -> None:
    divided = breakdown(
        {
            Answer((SPEED,), 10): 13,
            Answer((CLARITY, EFFORT), 0): 3,
            Answer((SPEED, EFFORT), 0): 1,
            Answer((CLARITY,), 9): 1,
            Answer((), 8): 2,
        }
    )

    assert divided.topics == (
        TopicPart(
            kind=Kind.TOPIC,
            topic=SPEED,
            tally=Tally(13, 0, 1),
            contribution=Fraction(125, 2),
            against=Fraction(125, 2) - Fraction(27, 40) * 50,
        ),
    )
    assert divided.other == TopicPart(
        kind=Kind.OTHER,
        topic=None,
        tally=Tally(1, 0, 4),
        contribution=Fraction(-25, 2),
        against=Fraction(-25, 2) - Fraction(9, 40) * 50,
    )
    assert divided.other.nps == -60
    assert divided.unspecified == TopicPart(
        kind=Kind.NONE,
        topic=None,
        tally=Tally(0, 2, 0),
        contribution=Fraction(0),
        against=Fraction(0) - Fraction(2, 20) * 50,
    )
    assert divided.unspecified.nps is None
    assert divided.parts == (*divided.topics, divided.other, divided.unspecified)


def test_what_costs_most_comes_first() -> None:
    divided = breakdown(
        {
            Answer((1,), 10): 5,
            Answer((2,), 0): 10,
            Answer((3,), 8): 5,
            Answer((4,), 8): 6,
            Answer((5,), 7): 6,
            Answer((6,), 0): 6,
        }
    )

    assert [part.topic for part in divided.topics] == [2, 6, 3, 4, 5, 1]


def test_nobody_is_nothing() -> None:
    divided = breakdown({})

    assert divided.total == Tally()
    assert divided.parts == ()


def test_topic_is_not_good_merely_because_it_is_ticked_often() -> None:
    divided = breakdown({Answer((1,), 10): 10, Answer((2,), 10): 60, Answer((2,), 0): 30})

    often = divided.topics[0]
    assert (often.topic, often.contribution, often.against) == (2, 30, 30 - Fraction(9, 10) * 40)


@given(histograms)
def test_differences_from_the_average_add_up_to_nothing(answers: Answers) -> None:
    divided = breakdown(answers)

    assert sum(part.against for part in divided.parts) == 0
    assert [part.against for part in divided.topics] == sorted(
        part.against for part in divided.topics
    )


@given(histograms, standards)
def test_contributions_as_shown_add_up_to_the_nps_as_shown(
    answers: Answers, standard: int | None
) -> None:
    exact = [part.contribution for part in breakdown(answers).parts]
    total = displayed(nps_of(answers), standard)

    shown = rounded_to_add_up(exact, total)

    unit = Decimal(1).scaleb(int(total.as_tuple().exponent))
    assert sum(shown) == total
    for one, part in zip(shown, exact, strict=True):
        assert one.same_quantum(unit)
        assert abs(Fraction(one) - part) < Fraction(unit)
        assert Fraction(one) * part >= 0
        if part % Fraction(unit) == 0:
            assert Fraction(one) == part
    by_size = sorted(zip(exact, shown, strict=True))
    assert [one for _, one in by_size] == sorted(shown)


@pytest.mark.parametrize(
    ("parts", "total", "expected"),
    [
        pytest.param(["1/3", "1/3", "1/3"], "1", ["1", "0", "0"], id="equal: the first"),
        pytest.param(["-1/3", "-1/3", "-1/3"], "-1", ["0", "0", "-1"], id="equal, below zero"),
        pytest.param(["5/2", "-1/2"], "2", ["3", "-1"], id="halves"),
        pytest.param(["-25/2"], "-13", ["-13"], id="-12.5"),
        pytest.param(["2496/100"], "24.9", ["24.9"], id="not over the standard"),
        pytest.param(["1248/100", "1248/100"], "24.9", ["12.5", "12.4"], id="one decimal"),
        pytest.param(["1/5", "-1/5"], "0", ["0", "0"], id="nothing at all"),
        pytest.param(["10", "-4"], "6", ["10", "-4"], id="nothing to round"),
        pytest.param([], "0", [], id="nobody"),
    ],
)
def test_rounded_parts_add_up(parts: list[str], total: str, expected: list[str]) -> None:
    shown = rounded_to_add_up([Fraction(part) for part in parts], Decimal(total))

    assert [str(one) for one in shown] == expected


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        pytest.param(["1/2", "1/2"], "3", id="too much"),
        pytest.param(["1/2", "1/2"], "-1", id="too little"),
        pytest.param(["2"], "3", id="nothing to round"),
        pytest.param([], "1", id="nobody"),
    ],
)
def test_parts_that_cannot_add_up_are_refused(parts: list[str], total: str) -> None:
    with pytest.raises(ValueError, match="is not the sum"):
        rounded_to_add_up([Fraction(part) for part in parts], Decimal(total))
