from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.enums import Band
from surveys.nps import (
    BAND_SCORES,
    HIGHEST_SCORE,
    LOWEST_SCORE,
    Interval,
    Shares,
    Shift,
    Tally,
    Verdict,
    band,
    displayed,
)

counts = st.integers(min_value=0, max_value=40) | st.integers(min_value=0, max_value=3_000_000)
tallies = st.builds(Tally, counts, counts, counts)
answered = tallies.filter(lambda tally: tally.total > 0)
standards = st.integers(min_value=-100, max_value=100)
scores = st.fractions(min_value=-100, max_value=100)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0, Band.DETRACTOR),
        (1, Band.DETRACTOR),
        (2, Band.DETRACTOR),
        (3, Band.DETRACTOR),
        (4, Band.DETRACTOR),
        (5, Band.DETRACTOR),
        (6, Band.DETRACTOR),
        (7, Band.PASSIVE),
        (8, Band.PASSIVE),
        (9, Band.PROMOTER),
        (10, Band.PROMOTER),
    ],
)
def test_band_of_every_score(score: int, expected: Band) -> None:
    assert band(score) is expected


@pytest.mark.parametrize("score", [-1, 11, 100])
def test_band_refuses_a_score_off_the_scale(score: int) -> None:
    with pytest.raises(ValueError, match=f"from 0 to 10, not {score}"):
        band(score)


def test_bands_cover_every_score_once() -> None:
    covered = sorted(score for scores in BAND_SCORES.values() for score in scores)

    assert covered == list(range(LOWEST_SCORE, HIGHEST_SCORE + 1))
    assert set(BAND_SCORES) == set(Band)


GOLDEN = pytest.mark.parametrize(
    ("tally", "nps", "low", "high"),
    [
        pytest.param(Tally(13, 5, 7), 24, -10.04, 52.90, id="25 answers"),
        pytest.param(Tally(50, 25, 25), 25, 8.30, 40.24, id="100 answers"),
        pytest.param(Tally(125, 75, 50), 30, 20.02, 39.27, id="250 answers"),
        pytest.param(Tally(30, 52, 18), 12, -1.55, 24.85, id="the guide's example"),
        pytest.param(Tally(5, 0, 0), 100, 17.49, 100, id="5 promoters"),
        pytest.param(Tally(1, 0, 0), 100, -48.50, 98.50, id="1 promoter"),
    ],
)


@GOLDEN
def test_golden_values(tally: Tally, nps: int, low: float, high: float) -> None:
    interval = tally.interval

    assert tally.nps == nps
    assert interval is not None
    assert (round(interval.low, 2), round(interval.high, 2)) == (low, high)


@GOLDEN
def test_golden_values_mirrored(tally: Tally, nps: int, low: float, high: float) -> None:
    mirrored = Tally(tally.detractors, tally.passives, tally.promoters)

    interval = mirrored.interval

    assert mirrored.nps == -nps
    assert interval is not None
    assert (round(interval.low, 2), round(interval.high, 2)) == (-high, -low)


def test_nobody_answered_is_none_and_not_zero() -> None:
    nobody = Tally()

    assert nobody.total == 0
    assert nobody.nps is None
    assert nobody.interval is None
    assert nobody.shares is None
    assert nobody.meets(-100) is None


@pytest.mark.parametrize(
    ("tally", "nps"),
    [
        pytest.param(Tally(1, 0, 0), 100, id="one promoter"),
        pytest.param(Tally(0, 1, 0), 0, id="one passive"),
        pytest.param(Tally(0, 0, 1), -100, id="one detractor"),
        pytest.param(Tally(1000, 0, 0), 100, id="promoters only"),
        pytest.param(Tally(6, 3, 6), 0, id="as many promoters as detractors"),
        pytest.param(Tally(3, 1, 4), Fraction(-25, 2), id="-12.5"),
        pytest.param(Tally(1, 1, 0) + Tally(0, 0, 1), 0, id="sum of two"),
        pytest.param(Tally(1, 2, 0), Fraction(100, 3), id="a third"),
    ],
)
def test_nps_is_exact(tally: Tally, nps: Fraction) -> None:
    assert tally.nps == nps


@given(answered)
def test_nps_stays_within_100(tally: Tally) -> None:
    assert tally.nps is not None
    assert -100 <= tally.nps <= 100


@given(st.lists(st.integers(LOWEST_SCORE, HIGHEST_SCORE), min_size=1))
def test_nps_equals_a_count_by_hand(given_scores: list[int]) -> None:
    histogram = {score: given_scores.count(score) for score in given_scores}
    promoters = len([score for score in given_scores if score in (9, 10)])
    detractors = len([score for score in given_scores if score in (0, 1, 2, 3, 4, 5, 6)])

    tally = Tally.from_scores(histogram)

    assert tally.total == len(given_scores)
    assert tally.nps == Fraction(100 * (promoters - detractors), len(given_scores))


def test_from_scores_sums_the_scores_of_a_band() -> None:
    histogram = {score: 10**score for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)}

    tally = Tally.from_scores(histogram)

    assert tally == Tally(promoters=11_000_000_000, passives=110_000_000, detractors=1_111_111)


def test_from_scores_of_nothing_is_empty() -> None:
    assert Tally.from_scores({}) == Tally()


def test_from_scores_refuses_a_score_off_the_scale() -> None:
    with pytest.raises(ValueError, match="not 11"):
        Tally.from_scores({10: 3, 11: 1})


@given(tallies, tallies, tallies)
def test_tallies_add(first: Tally, second: Tally, third: Tally) -> None:
    together = first + second

    assert together.total == first.total + second.total
    assert together.balance == first.balance + second.balance
    assert together == second + first
    assert together + third == sum([first, second, third], Tally())


def test_tally_cannot_change() -> None:
    tally = Tally(1, 2, 3)

    with pytest.raises(FrozenInstanceError):
        tally.promoters = 9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("of", "expected"), [(Band.PROMOTER, 5), (Band.PASSIVE, 3), (Band.DETRACTOR, 2)]
)
def test_count_of_a_band(of: Band, expected: int) -> None:
    assert Tally(promoters=5, passives=3, detractors=2).count(of) == expected


@pytest.mark.parametrize(
    ("tally", "standard", "expected"),
    [
        pytest.param(Tally(50, 25, 25), 25, True, id="exactly the standard"),
        pytest.param(Tally(373, 500, 127), 25, False, id="24.6 is not 25"),
        pytest.param(Tally(62499, 0, 37501), 25, False, id="24.998 is not 25"),
        pytest.param(Tally(37501, 0, 62499), -25, True, id="-24.998 is at least -25"),
        pytest.param(Tally(0, 1, 0), 0, True, id="0 meets 0"),
        pytest.param(Tally(1, 0, 0), 100, True, id="100 meets 100"),
        pytest.param(Tally(999_999, 1, 0), 100, False, id="almost 100 is not 100"),
        pytest.param(Tally(0, 0, 1), -100, True, id="anything meets -100"),
    ],
)
def test_meets_compares_exactly(tally: Tally, standard: int, *, expected: bool) -> None:
    assert tally.meets(standard) is expected


@given(answered, standards)
def test_meets_agrees_with_the_exact_score(tally: Tally, standard: int) -> None:
    assert tally.nps is not None
    assert tally.meets(standard) is (tally.nps >= standard)


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        pytest.param(Tally(), Verdict.TOO_FEW, id="0 answers"),
        pytest.param(Tally(1, 0, 0), Verdict.TOO_FEW, id="1 answer"),
        pytest.param(Tally(24, 0, 0), Verdict.TOO_FEW, id="24 good answers"),
        pytest.param(Tally(0, 0, 24), Verdict.TOO_FEW, id="24 bad answers"),
        pytest.param(Tally(13, 5, 7), Verdict.NOT_MET, id="25 answers below"),
        pytest.param(Tally(13, 6, 6), Verdict.MET, id="25 answers above"),
        pytest.param(Tally(50, 25, 25), Verdict.MET, id="exactly the standard"),
    ],
)
def test_verdict_has_three_states(tally: Tally, expected: Verdict) -> None:
    assert tally.verdict(25, 25) is expected


def test_verdict_without_answers_is_too_few_whatever_the_minimum() -> None:
    assert Tally().verdict(25, 0) is Verdict.TOO_FEW


@given(answered)
def test_interval_stays_within_100_and_has_a_width(tally: Tally) -> None:
    interval = tally.interval

    assert interval is not None
    assert -100 <= interval.low < interval.high <= 100


@given(answered.filter(lambda tally: tally.total > 1))
def test_interval_contains_the_nps_from_two_answers_on(tally: Tally) -> None:
    assert tally.interval is not None
    assert tally.nps is not None
    assert tally.interval.contains(tally.nps)


@pytest.mark.parametrize(
    ("tally", "contained"),
    [(Tally(1, 0, 0), False), (Tally(0, 1, 0), True), (Tally(0, 0, 1), False)],
    ids=["promoter", "passive", "detractor"],
)
def test_interval_of_one_answer_leaves_out_a_score_of_100(tally: Tally, *, contained: bool) -> None:
    assert tally.interval is not None
    assert tally.nps is not None
    assert tally.interval.contains(tally.nps) is contained


def test_estimate_adds_three_imaginary_answers() -> None:
    estimate = Tally(13, 5, 7).estimate()

    assert estimate is not None
    assert estimate.total == 28
    assert (estimate.promoters, estimate.detractors) == (13.75 / 28, 7.75 / 28)
    assert round(estimate.points, 2) == 21.43
    assert round(estimate.half_width, 2) == 31.47
    assert Tally().estimate() is None


@pytest.mark.parametrize(
    ("standard", "expected"),
    [(7, False), (8, True), (25, True), (40, True), (41, False)],
)
def test_interval_contains_a_standard_between_its_ends(standard: int, *, expected: bool) -> None:
    assert Interval(low=8.0, high=40.24).contains(standard) is expected


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        pytest.param(Tally(1, 1, 1), Shares(34, 33, 33), id="thirds, not 99"),
        pytest.param(Tally(2, 2, 1), Shares(40, 40, 20), id="nothing to round"),
        pytest.param(Tally(5, 5, 190), Shares(3, 2, 95), id="halves, not 101"),
        pytest.param(Tally(5, 190, 5), Shares(3, 95, 2), id="a tie goes to the promoters"),
        pytest.param(Tally(190, 5, 5), Shares(95, 3, 2), id="a tie goes to the passives"),
        pytest.param(Tally(1, 1, 4), Shares(17, 17, 66), id="small bands, not 101"),
        pytest.param(Tally(7, 0, 0), Shares(100, 0, 0), id="promoters only"),
        pytest.param(Tally(0, 0, 1), Shares(0, 0, 100), id="one detractor"),
        pytest.param(Tally(999, 1, 0), Shares(100, 0, 0), id="one in a thousand"),
    ],
)
def test_shares_round_by_the_largest_remainder(tally: Tally, expected: Shares) -> None:
    assert tally.shares == expected


@given(answered)
def test_shares_sum_to_100_and_stay_close(tally: Tally) -> None:
    shares = tally.shares

    assert shares is not None
    rounded = (shares.promoters, shares.passives, shares.detractors)
    exact = [
        Fraction(100 * count, tally.total)
        for count in (tally.promoters, tally.passives, tally.detractors)
    ]
    assert sum(rounded) == 100
    assert all(abs(whole - share) < 1 for whole, share in zip(rounded, exact, strict=True))


@pytest.mark.parametrize(
    ("later", "earlier", "points"),
    [
        pytest.param(Tally(62, 20, 18), Tally(50, 25, 25), 19, id="100 and 100"),
        pytest.param(Tally(1, 0, 0), Tally(0, 0, 1), 200, id="1 and 1"),
        pytest.param(Tally(0, 1, 0), Tally(1, 0, 0), -100, id="a passive and 1"),
        pytest.param(Tally(5, 0, 0), Tally(5, 0, 0), 0, id="the same"),
        pytest.param(Tally(2, 0, 1), Tally(0, 1, 0), 33, id="a third"),
    ],
)
def test_change_in_points(later: Tally, earlier: Tally, points: int) -> None:
    change = later.change_from(earlier)

    assert change is not None
    assert change.points == points


@pytest.mark.parametrize(
    ("later", "earlier"),
    [(Tally(), Tally()), (Tally(1, 0, 0), Tally()), (Tally(), Tally(1, 0, 0))],
    ids=["both", "before", "after"],
)
def test_change_needs_answers_on_both_sides(later: Tally, earlier: Tally) -> None:
    assert later.change_from(earlier) is None


@given(answered, answered)
def test_change_is_exact_and_the_same_both_ways(one: Tally, other: Tally) -> None:
    there, back = one.change_from(other), other.change_from(one)

    assert there is not None
    assert back is not None
    assert one.nps is not None
    assert there.exact == one.nps - (other.nps or 0) == -back.exact


@pytest.mark.parametrize(
    ("later", "earlier", "shift"),
    [
        pytest.param(
            Tally(40, 40, 20), Tally(40, 25, 35), Shift(True, Band.DETRACTOR), id="up, good"
        ),
        pytest.param(
            Tally(25, 40, 35), Tally(40, 25, 35), Shift(True, Band.PROMOTER), id="up, bad"
        ),
        pytest.param(
            Tally(55, 25, 20),
            Tally(40, 40, 20),
            Shift(False, Band.PROMOTER),
            id="down, good",
        ),
        pytest.param(
            Tally(40, 25, 35),
            Tally(40, 40, 20),
            Shift(False, Band.DETRACTOR),
            id="down, bad",
        ),
        pytest.param(
            Tally(40, 30, 30), Tally(40, 25, 35), Shift(True, Band.DETRACTOR), id="chance"
        ),
        pytest.param(
            Tally(50, 40, 10),
            Tally(40, 25, 35),
            Shift(True, Band.DETRACTOR),
            id="all from one",
        ),
        pytest.param(
            Tally(36, 37, 27),
            Tally(40, 25, 35),
            Shift(True, Band.DETRACTOR),
            id="mostly from one",
        ),
        pytest.param(Tally(34, 37, 29), Tally(40, 25, 35), None, id="from both alike"),
        pytest.param(Tally(400, 260, 340), Tally(400, 250, 350), None, id="only rounding"),
        pytest.param(
            Tally(400, 261, 339),
            Tally(400, 250, 350),
            Shift(True, Band.DETRACTOR),
            id="just more",
        ),
        pytest.param(Tally(50, 25, 25), Tally(25, 25, 50), None, id="passives stayed"),
        pytest.param(Tally(13, 10, 2), Tally(13, 5, 7), Shift(True, Band.DETRACTOR), id="25"),
        pytest.param(Tally(12, 10, 2), Tally(13, 5, 7), None, id="24 after 25"),
        pytest.param(Tally(13, 10, 2), Tally(12, 5, 7), None, id="25 after 24"),
        pytest.param(Tally(), Tally(), None, id="nobody"),
        pytest.param(Tally(0, 1, 0), Tally(0, 0, 1), None, id="1 and 1"),
    ],
)
def test_shift_says_where_passives_came_from_or_went(
    later: Tally, earlier: Tally, shift: Shift | None
) -> None:
    assert later.shift_from(earlier, minimum=25) == shift


@pytest.mark.parametrize("minimum", [0, 1])
def test_shift_of_nobody_is_nothing_whatever_the_minimum(minimum: int) -> None:
    assert Tally().shift_from(Tally(1, 0, 0), minimum=minimum) is None


@given(answered, answered)
def test_shift_back_is_the_mirror_image(one: Tally, other: Tally) -> None:
    there, back = one.shift_from(other, minimum=1), other.shift_from(one, minimum=1)

    if there is None:
        assert back is None
    else:
        assert back == Shift(not there.more, there.other)


@pytest.mark.parametrize(
    ("of", "expected"), [(Band.PROMOTER, 50), (Band.PASSIVE, 30), (Band.DETRACTOR, 20)]
)
def test_share_of_a_band(of: Band, expected: int) -> None:
    assert Shares(promoters=50, passives=30, detractors=20).of(of) == expected


@pytest.mark.parametrize(
    ("tally", "standard", "expected"),
    [
        pytest.param(Tally(13, 5, 7), 25, 1, id="24 to 25"),
        pytest.param(Tally(12, 5, 8), 25, 3, id="16 to 25"),
        pytest.param(Tally(50, 25, 25), 25, 0, id="met exactly"),
        pytest.param(Tally(90, 5, 5), 25, 0, id="met by far"),
        pytest.param(Tally(0, 0, 1), 0, 1, id="one against one"),
        pytest.param(Tally(0, 0, 1), 99, 199, id="99 after one detractor"),
        pytest.param(Tally(0, 1, 0), 100, None, id="100 after one passive"),
        pytest.param(Tally(8, 0, 0), 100, 0, id="100 with promoters only"),
        pytest.param(Tally(), 100, 1, id="100 without answers"),
        pytest.param(Tally(), -100, 1, id="-100 without answers"),
    ],
)
def test_promoters_short_of_the_standard(tally: Tally, standard: int, expected: int | None) -> None:
    assert tally.promoters_short_of(standard) == expected


@given(tallies, standards)
def test_promoters_short_of_is_the_fewest_that_do(tally: Tally, standard: int) -> None:
    short = tally.promoters_short_of(standard)

    if short is None:
        assert standard == 100
        assert tally.passives + tally.detractors > 0
    else:
        assert (tally + Tally(promoters=short)).meets(standard) is True
        assert short == 0 or not (tally + Tally(promoters=short - 1)).meets(standard)


@pytest.mark.parametrize(
    ("nps", "standard", "expected"),
    [
        pytest.param(Fraction(24), None, "24", id="whole"),
        pytest.param(Fraction("24.4"), None, "24", id="down"),
        pytest.param(Fraction("24.5"), None, "25", id="half up"),
        pytest.param(Fraction("23.5"), None, "24", id="half up, not to even"),
        pytest.param(Fraction("-12.5"), None, "-13", id="half away from zero below it"),
        pytest.param(Fraction("-0.3"), None, "0", id="no minus zero"),
        pytest.param(Fraction("0.5"), None, "1", id="half above zero"),
        pytest.param(Fraction("-0.5"), None, "-1", id="half below zero"),
        pytest.param(Fraction("99.6"), None, "100", id="almost 100"),
        pytest.param(Fraction("24.6"), 25, "24.6", id="24.6 beside 25"),
        pytest.param(Fraction("24.96"), 25, "24.9", id="24.96 beside 25"),
        pytest.param(Fraction("24.9999"), 25, "24.9", id="24.9999 beside 25"),
        pytest.param(Fraction(25), 25, "25", id="exactly the standard"),
        pytest.param(Fraction("25.04"), 25, "25.0", id="25.04 beside 25"),
        pytest.param(Fraction("25.95"), 25, "26.0", id="25.95 beside 25"),
        pytest.param(Fraction(24), 25, "24", id="whole within 1 of the standard"),
        pytest.param(Fraction("24.04"), 25, "24.0", id="24.04 beside 25"),
        pytest.param(Fraction("23.99"), 25, "24", id="just over 1 below"),
        pytest.param(Fraction("26.01"), 25, "26", id="just over 1 above"),
        pytest.param(Fraction("-12.5"), -12, "-12.5", id="-12.5 beside -12"),
        pytest.param(Fraction("-12.5"), 25, "-13", id="-12.5 far from 25"),
        pytest.param(Fraction("-10.04"), -10, "-10.1", id="just below -10"),
        pytest.param(Fraction("-9.96"), -10, "-10.0", id="just above -10"),
        pytest.param(Fraction("-0.04"), 0, "-0.1", id="just below 0"),
        pytest.param(Fraction("0.04"), 0, "0.0", id="just above 0"),
        pytest.param(Fraction("-0.04"), -1, "0.0", id="no minus zero with a decimal"),
    ],
)
def test_displayed_as_people_read_it(nps: Fraction, standard: int | None, expected: str) -> None:
    assert str(displayed(nps, standard)) == expected


@given(scores | standards.map(Fraction), standards)
def test_displayed_never_crosses_the_standard(nps: Fraction, standard: int) -> None:
    assert (displayed(nps, standard) >= standard) is (nps >= standard)


@given(standards, st.fractions(min_value=-1, max_value=1))
def test_displayed_beside_the_standard_is_within_a_tenth(standard: int, distance: Fraction) -> None:
    nps = standard + distance

    assert abs(Fraction(displayed(nps, standard)) - nps) < Fraction(1, 10)


@given(scores)
def test_displayed_without_a_standard_is_the_nearest_whole_number(nps: Fraction) -> None:
    shown = displayed(nps)

    assert shown == shown.to_integral_value()
    assert abs(Fraction(shown) - nps) <= Fraction(1, 2)


@given(scores, st.none() | standards)
def test_displayed_is_never_minus_zero(nps: Fraction, standard: int | None) -> None:
    shown = displayed(nps, standard)

    assert shown or not shown.is_signed()


@given(scores)
def test_displayed_mirrors_around_zero(nps: Fraction) -> None:
    assert displayed(-nps) == Decimal(0) - displayed(nps)
