"""Figures, each against something measured in the same run, turn by turn."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

WARM_UP_ROUNDS: Final = 5
FEWEST_ROUNDS: Final = 20
MOST_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be, and whether it is."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the outcome: what was measured `count` times, and against what."""

    name: str
    value: float
    against: str = ""
    ratio: float | None = None
    goal: Goal | None = None
    count: int = 1


def at_least(wanted: float, measured: float) -> Goal:
    """Return the goal of being as much as `wanted` or more."""
    return Goal(f"≥ {wanted:,g}", measured >= wanted)


def at_most(wanted: float, measured: float) -> Goal:
    """Return the goal of being as much as `wanted` or less."""
    return Goal(f"≤ {wanted:,g}", measured <= wanted)


def alternate(works: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """Do each of `works` in turn, up to `rounds` times; return the seconds that each says it took.

    Every round another one begins, so that whatever else the machine does hits all alike. When
    the time is over it stops, but not before there is a median worth the name.
    """
    names = list(works)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for work in WARM_UP_ROUNDS * list(works.values()):
        work()
    gc.collect()
    deadline = time.monotonic() + MOST_SECONDS
    for number in range(rounds):
        if number >= FEWEST_ROUNDS and time.monotonic() > deadline:
            break
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            seconds[name].append(works[name]())
    return seconds


def ratio_of(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how many times `other` fits in `one`, by their medians."""
    return median(one) / median(other)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as lines of text."""
    rows = [("figure", "value", "against", "ratio", "goal", "met?", "n")]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        goal, met = (
            ("", "") if figure.goal is None else (figure.goal.text, _met_or_not(figure.goal))
        )
        row = (figure.name, _rounded(figure.value), figure.against, ratio, goal, met)
        rows.append((*row, f"{figure.count:,}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _met_or_not(goal: Goal) -> str:
    return "yes" if goal.met else "NO: MISSED"


def _rounded(value: float) -> str:
    """Return three digits of a small number, all of a large one."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
