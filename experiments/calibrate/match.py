"""Fitting by simulation: settings whose generated years come nearest to the real statistics, by their tolerances.

Every trial draws the same seeds, so that a change of the statistics is a change of the settings (common random
numbers), and the fit is the same whenever it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from experiments.calibrate.series import Series, join
from experiments.calibrate.statistics import Statistic
from experiments.calibrate.tolerances import distance, tolerance_of

STEP = 0.04
"""Step of the numerical slopes, share of each knob's range: wide enough to see through the noise of quantiles."""
WORST = 8.0
"""Residuals are cut here, so that one hopeless statistic does not decide the rest."""


@dataclass(frozen=True)
class Knob:
    """A setting that may be turned, between two bounds; searched in logs where it may only be positive."""

    name: str
    low: float
    high: float
    log: bool = False

    def value(self, place: float) -> float:
        """The setting at a place between 0 and 1."""
        if self.log:
            return float(np.exp(np.log(self.low) + place * (np.log(self.high) - np.log(self.low))))
        return float(self.low + place * (self.high - self.low))

    def place(self, value: float) -> float:
        """Where between 0 and 1 a setting stands."""
        low, high, x = (np.log([self.low, self.high, value])) if self.log else (self.low, self.high, value)
        return float(np.clip((x - low) / (high - low), 0.01, 0.99))


@dataclass(frozen=True)
class Match:
    """Settings found, and the root mean square of the distances in tolerances before and after."""

    settings: dict[str, float]
    before: float
    after: float


def match(
    knobs: Sequence[Knob],
    start: dict[str, float],
    simulate: Callable[[dict[str, float]], Series],
    statistics: Sequence[Statistic],
    real: Sequence[Series],
    *,
    trials: int,
    tick: Callable[[], None] = lambda: None,
) -> Match:
    """Turn the knobs until the statistics fit best (trust-region least squares).

    Args:
        start: first value of each knob.
        simulate: years generated with these settings, joined.
        real: training years, to whose pool to come near; statistics that they lack are left out.
        trials: most rounds of slopes, each of one simulation a knob.
        tick: called after every simulation.
    """
    pool = join("training", real)
    wanted = [
        (s, target, tolerance_of(s.name).allowed(target, between(s, real)))
        for s in statistics
        if (target := s.of(pool)) is not None
    ]

    def settings(places: np.ndarray) -> dict[str, float]:
        return {knob.name: knob.value(place) for knob, place in zip(knobs, places, strict=True)}

    def residuals(places: np.ndarray) -> np.ndarray:
        made = simulate(settings(places))
        out = []
        for statistic, target, allowed in wanted:
            value = statistic.of(made)
            assert value is not None, statistic.name
            scaled = (value - target) / allowed / np.sqrt(len(target))
            out.append(np.nan_to_num(scaled, nan=WORST))
        tick()
        return np.clip(np.concatenate(out), -WORST, WORST)

    first = np.array([knob.place(start[knob.name]) for knob in knobs])
    found = least_squares(
        residuals, first, bounds=(0, 1), diff_step=STEP / np.maximum(first, 0.05), max_nfev=trials, x_scale=1.0
    )
    before = float(np.sqrt(np.sum(residuals(first) ** 2) / len(wanted)))
    return Match(settings(found.x), before, float(np.sqrt(2 * found.cost / len(wanted))))


def between(statistic: Statistic, years: Sequence[Series]) -> float:
    """Distance of a statistic between the first and the last of these years; 0 with one year or without the column."""
    first, last = statistic.of(years[0]), statistic.of(years[-1])
    return 0.0 if first is None or last is None else distance(first, last)


def chosen(table: Sequence[Statistic], *prefixes: str) -> list[Statistic]:
    """Statistics whose names start with one of these."""
    return [statistic for statistic in table if statistic.name.startswith(prefixes)]
