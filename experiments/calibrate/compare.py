"""Generated against real, statistic by statistic, and whether each lies within its tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibrate.match import between
from experiments.calibrate.series import Series, join
from experiments.calibrate.statistics import Statistic
from experiments.calibrate.tolerances import distance, tolerance_of


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

    @property
    def passes(self) -> bool:
        """Generated years are as near to the training years as asked; a figure that neither has passes."""
        if not np.array_equal(np.isfinite(self.train), np.isfinite(self.generated)):
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
        rows.append(
            Row(
                statistic, real, ours, lowest, highest, kept, distance(real, ours),
                tolerance_of(statistic.name).allowed(real, between(statistic, train)),
                distance(outside, np.zeros_like(outside)),
            )
        )  # fmt: skip
    return rows


def tally(rows: Sequence[Row]) -> str:
    """How many tolerances hold, in a sentence."""
    held = sum(row.passes for row in rows)
    kept = [row for row in rows if row.kept_back]
    inside = sum(row.validates for row in kept)
    return (
        f"{held} of {len(rows)} tolerances hold against the training years; {inside} of the {len(kept)} statistics that"
        " 2023 has hold against it, which no fit saw."
    )


def unexpected(rows: Sequence[Row], known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Statistics that break their tolerance without a stated reason, and those that have a reason but hold."""
    broken = [row.statistic.name for row in rows if not row.passes and row.statistic.name not in known]
    mended = [row.statistic.name for row in rows if row.passes and row.statistic.name in known]
    return broken, mended
