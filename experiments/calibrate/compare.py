"""Generated against real, statistic by statistic, and whether each lies within its tolerance.

A tolerance that zero would meet (for a curve: a level line) says nothing of the generator. Such statistics are shown
and named, and left out of the tally.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibrate.match import between
from experiments.calibrate.real import DAYS
from experiments.calibrate.series import Series, join
from experiments.calibrate.statistics import Statistic, days_with
from experiments.calibrate.tolerances import (
    LEAST_DAYS_A_YEAR,
    MOST_FACTOR,
    distance,
    root_mean_square,
    tolerance_of,
)


@dataclass(frozen=True)
class Row:
    """One statistic.

    Attributes:
        train: of the training years together; curves have several figures.
        generated: of all generated years together.
        lowest, highest: over single generated years, figure by figure.
        validation: of the year kept back; NaN where it lacks a column.
        distance: between training and generated, root mean square over a curve.
        allowed: largest distance that passes.
        validation_distance: how far the year kept back lies outside `lowest` to `highest`; 0 inside.
        told_apart: the tolerance tells the real figure from zero, or the real curve from a level line.
    """

    statistic: Statistic
    train: np.ndarray
    generated: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    validation: np.ndarray
    distance: float
    allowed: float
    validation_distance: float
    told_apart: bool

    @property
    def passes(self) -> bool:
        """Generated years are as near to the training years as asked; a figure that neither has passes."""
        if not np.array_equal(np.isfinite(self.train), np.isfinite(self.generated)):
            return False
        if self.statistic.counts and not (
            self.train[0] / MOST_FACTOR <= self.generated[0] <= self.train[0] * MOST_FACTOR
        ):
            return False
        return math.isnan(self.distance) or self.distance <= self.allowed

    @property
    def kept_back(self) -> bool:
        """The year kept back has this statistic."""
        return bool(np.isfinite(self.validation).any())

    @property
    def validates(self) -> bool:
        """The year kept back lies among single generated years, or no further outside than the tolerance."""
        return math.isnan(self.validation_distance) or self.validation_distance <= self.allowed


def compare(
    statistics: Sequence[Statistic], train: Sequence[Series], validation: Series, generated: Sequence[Series]
) -> list[Row]:
    """A row for each statistic that the real series have; the order is the table's."""
    pool, made = join("training years", train), join("generated", generated)
    rows = []
    for statistic in statistics:
        real, ours, kept = statistic.of(pool), statistic.of(made), statistic.of(validation)
        if real is None or ours is None:
            continue
        kept = np.full_like(real, np.nan) if kept is None else kept
        single = np.stack([value for year in generated if (value := statistic.of(year)) is not None])
        lowest, highest = np.fmin.reduce(single), np.fmax.reduce(single)  # no warning where none has it
        outside = np.maximum(np.maximum(lowest - kept, kept - highest), 0)
        allowed = allowed_of(statistic, real, between(statistic, train), pool)
        rows.append(
            Row(
                statistic, real, ours, lowest, highest, kept, distance(real, ours), allowed,
                distance(outside, np.zeros_like(outside)), is_told_apart(statistic, real, allowed, pool),
            )
        )  # fmt: skip
    return rows


def allowed_of(statistic: Statistic, real: np.ndarray, between_years: float, pool: Series) -> float:
    """The distance that passes, in the statistic's unit."""
    tolerance = tolerance_of(statistic.name)
    if statistic.counts and statistic.event is not None:
        return tolerance.allowed_count(float(real[0]), between_years, int(days_with(pool, statistic.event).sum()))
    return tolerance.allowed(real, between_years)


def is_told_apart(statistic: Statistic, real: np.ndarray, allowed: float, pool: Series) -> bool:
    """Whether a generator without the thing would break the tolerance.

    Counts have a factor to keep, so that zero never passes; they need a day a year, as do the length and crowding of
    what they count. Zero degrees are a temperature like any other. NaN (a figure that two years do not give) tells
    nothing.
    """
    if statistic.event is not None:
        days = days_with(pool, statistic.event)
        if days.sum() <= LEAST_DAYS_A_YEAR * len(days) / DAYS:
            return False
    if statistic.counts or (statistic.unit == "C" and statistic.is_quantile):
        return True
    size = root_mean_square(real - (real.mean() if len(real) > 1 else 0.0))
    return allowed < size


def tally(rows: Sequence[Row]) -> str:
    """How many tolerances hold, in a sentence or two."""
    told = [row for row in rows if row.told_apart]
    held = sum(row.passes for row in told)
    kept = [row for row in told if row.kept_back]
    inside = sum(row.validates for row in kept)
    rest = [row.statistic.name for row in rows if not row.told_apart]
    left_out = f" Not told apart from zero by their tolerance, and not counted: {', '.join(rest)}." if rest else ""
    return (
        f"{held} of {len(told)} tolerances hold against the training years; {inside} of the {len(kept)} statistics that"
        f" 2023 has hold against it, which no fit saw.{left_out}"
    )


def unexpected(rows: Sequence[Row], known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Statistics that break their tolerance without a stated reason, and those that have a reason but hold."""
    told = [row for row in rows if row.told_apart]
    broken = [row.statistic.name for row in told if not row.passes and row.statistic.name not in known]
    mended = [row.statistic.name for row in told if row.passes and row.statistic.name in known]
    return broken, mended
