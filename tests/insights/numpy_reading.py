"""The reading of insights/shifts.py a second way: with arrays, and written apart from it.

`read_again` takes an array of rows (month number, promoters, passives, detractors) and returns what
is comparable: the spread, the first months of the levels, the odd months and the season.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
Group = NDArray[np.intp]
Option = tuple[float, int, str, Any]  # how sure, in which regime, and what
NORMAL = np.sqrt(2 / np.pi)


@dataclass
class Again:
    """What was read."""

    spread: float = 0.0
    shifts: list[tuple[int, float, float, float]] = field(default_factory=list)
    odd: list[tuple[int, float, float, float]] = field(default_factory=list)
    season: tuple[float, float, int] | None = None


def read_again(rows: Rows, *, minimum: int = 25) -> Again | None:  # noqa: C901
    """Return the reading; None for fewer than twelve months with measurements enough."""
    rows = rows[rows[:, 1:].sum(axis=1) >= minimum]
    if len(rows) < 12:
        return None
    counts = rows[:, 1:]
    n = counts.sum(axis=1)
    p, _q, d = (counts.sum(axis=0) + np.array([0.75, 1.5, 0.75])) / (n.sum() + 3)
    month, x, v = (
        rows[:, 0],
        100 * (counts[:, 0] - counts[:, 2]) / n,
        1e4 * (p + d - (p - d) ** 2) / n,
    )
    groups, odd = [np.arange(len(rows))], []
    while True:
        spread = _spread(groups, x, v)
        wave = _wave(groups[0], month, x, v, spread)[0] if len(groups) == 1 else 0.0
        options = []
        for place, group in enumerate(groups):
            if len(group) < 4:
                continue
            option = _option(group, place, groups, month, x, v, spread, wave, len(odd) < 2, options)
            if option:
                options.append(option)
        if not options:
            break
        _z, place, kind, what = max(options, key=lambda option: option[0])
        group = groups[place]
        if kind == "step":
            groups[place : place + 1] = [group[:what], group[what:]]
        else:
            at, usual, z = what
            odd.append((int(month[group[at]]), float(x[group[at]]), usual, z))
            groups[place] = np.delete(group, at)
    again = Again(spread, odd=sorted(odd))
    for before, after in pairwise(groups):
        means, errors = [], 0.0
        for group in (before, after):
            share = n[group] / n[group].sum()
            means.append(100 * (counts[group, 0] - counts[group, 2]).sum() / n[group].sum())
            errors += (share**2 * (v[group] + spread)).sum()
        size, half = means[1] - means[0], 1.96 * np.sqrt(errors)
        again.shifts.append((int(month[after[0]]), size, size - half, size + half))
    if len(groups) == 1 and len(rows) >= 22:
        season = _wave(groups[0], month, x, v, spread)
        if season[0] > 14 and season[1] >= 5:
            again.season = season
    return again


def _option(
    group: Group,
    place: int,
    groups: list[Group],
    month: Rows,
    x: Rows,
    v: Rows,
    spread: float,
    wave: float,
    may_be_odd: bool,
    options: list[Option],
) -> Option | None:
    """Return the step or odd month of one regime that beats what other regimes offer."""
    w = 1 / (v[group] + spread)
    steps = []
    for at in range(2, len(group) - 1):
        old = np.average(x[group[:at]], weights=w[:at])
        new = np.average(x[group[at:]], weights=w[at:])
        long = month[group[-1]] - month[group[at]] >= 11
        if abs(new - old) >= 5 and (
            long or _held(group[at:], group[:at], new - old, month, x, v, spread)
        ):
            steps.append((abs(new - old) / np.sqrt(1 / w[:at].sum() + 1 / w[at:].sum()), at))
    rest = w.sum() - w
    usual = ((w * x[group]).sum() - w * x[group]) / rest
    zs = abs(x[group] - usual) / np.sqrt(1 / w + 1 / rest)
    at = int(zs.argmax())
    best = max((z for z, *_others in options), default=-1)
    z, where = max(steps, key=lambda step: step[0], default=(0.0, 0))
    if z > 2.8 and z**2 > wave and z >= zs[at] and z > best:
        return z, place, "step", where
    if not may_be_odd or zs[at] ** 2 <= wave or zs[at] <= best:
        return None
    others = np.delete(group, at)
    left = _spread([*groups[:place], others, *groups[place + 1 :]], x, v)
    weights = 1 / (v[others] + left)
    mean = float(np.average(x[others], weights=weights))
    off = x[group[at]] - mean
    sure = abs(off) / np.sqrt(v[group[at]] + left + 1 / weights.sum())
    if sure > 4 and abs(off) >= 10 and _held(group[at : at + 1], others, off, month, x, v, left):
        return zs[at], place, "odd", (at, mean, float(sure))
    return None


def _spread(groups: list[Group], x: Rows, v: Rows) -> float:
    moved = np.concatenate([abs(np.diff(x[group])) for group in groups])
    chance = np.concatenate([v[group][1:] + v[group][:-1] for group in groups])
    if not len(moved) or (moved / np.sqrt(chance)).mean() <= NORMAL:
        return 0.0
    low, high = 0.0, 1e4
    for _ in range(50):
        middle = (low + high) / 2
        if (moved / np.sqrt(chance + 2 * middle)).mean() > NORMAL:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _held(
    now: Group, then: Group, size: float, month: Rows, x: Rows, v: Rows, spread: float
) -> bool:
    """Return whether the same months a year earlier differ at least half as much."""
    _common, mine, theirs = np.intersect1d(month[now] - 12, month[then], return_indices=True)
    if not len(mine):
        return True
    one, other = now[mine], then[theirs]
    change = np.average(x[one] - x[other], weights=1 / (v[one] + v[other] + 2 * spread))
    return change * np.sign(size) >= abs(size) / 2


def _wave(group: Group, month: Rows, x: Rows, v: Rows, spread: float) -> tuple[float, float, int]:
    """Fit the wave by least squares on rows that are scaled by the root of their weight."""
    w = 1 / (v[group] + spread)
    angle = 2 * np.pi * month[group] / 12
    columns = np.column_stack([np.ones(len(group)), np.cos(angle), np.sin(angle)])
    root = np.sqrt(w)
    fit, *_rest = np.linalg.lstsq(columns * root[:, None], x[group] * root, rcond=None)
    flat = np.average(x[group], weights=w)
    reduction = (w * (x[group] - flat) ** 2).sum() - (w * (x[group] - columns @ fit) ** 2).sum()
    lowest = round(np.arctan2(-fit[2], -fit[1]) / (2 * np.pi) * 12) % 12
    return float(reduction), float(np.hypot(fit[1], fit[2])), int(lowest)
