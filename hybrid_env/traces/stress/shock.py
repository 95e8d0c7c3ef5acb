"""What a shock is, and the working copy of a trace that it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hybrid_env.traces.forecast import hourly_means, round_forecast
from hybrid_env.traces.schema import COLUMNS, Trace, TraceError, build_trace

Floats = NDArray[np.float64]

STRESSED = "stressed"
"""Origin of a column that a shock has changed."""


class ShockError(TraceError):
    """A shock cannot apply to this trace, or there is no such shock; the message says why and what to do."""


class Draft:
    """A trace while a shock changes it.

    Attributes:
        trace: as it was.
        columns: every column, float64 [T], free to be changed.
        jobs: a copy.
        forecast: float64 copy, [hours, variable, lead].
        rows_per_h, rows_per_day: rows an hour and a day.
        hours: hours of the trace, a last one cut short included.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.columns: dict[str, Floats] = {name: trace.rows[name].copy() for name in COLUMNS}
        self.jobs = trace.jobs.copy()
        self.forecast = trace.forecast.astype(np.float64)
        self.rows_per_h = 3600 // trace.interval_s
        self.rows_per_day = 24 * self.rows_per_h
        self.hours = len(trace.forecast)

    def __len__(self) -> int:
        return len(self.trace)

    def hourly_change(self, column: str) -> Floats:
        """How far a column's hourly means are from what they were, [hours]."""
        return hourly_means(self.columns[column] - self.trace.rows[column], self.rows_per_h)

    def clip(self, column: str) -> None:
        """Keep a column within its physical range."""
        np.clip(self.columns[column], COLUMNS[column].low, COLUMNS[column].high, out=self.columns[column])

    def build(self, name: str) -> Trace:
        """The changed trace, checked; forecasts that were not touched stay as they were to the bit."""
        was = self.trace
        touched = self.forecast != was.forecast
        forecast = np.where(touched, round_forecast(self.forecast), was.forecast)
        built = build_trace(
            name, was.start, was.interval_s, was.utc_offset_h, self.columns, self.jobs, forecast, was.origin
        )
        built.origin.update(dict.fromkeys(changed_columns(was, built), STRESSED))
        return built


@dataclass(frozen=True)
class Shock:
    """One thing that goes wrong.

    Attributes:
        name: how results call it.
        meaning: one line, with its size and when it strikes.
        columns: what it changes.
        change: changes a draft in place.
        follows: columns that move with it where there is something to move: published prices, coincident peaks.
        forecasts: forecast variables that move.
        outlook: what forecasts know of it, one line.
        jobs: whether it changes the gang jobs.
        source: where its figures come from.
    """

    name: str
    meaning: str
    columns: tuple[str, ...]
    change: Callable[[Draft], None]
    source: str
    follows: tuple[str, ...] = ()
    forecasts: tuple[str, ...] = ()
    outlook: str = "none is issued of what changes"
    jobs: bool = False

    def apply(self, trace: Trace) -> Trace:
        """The trace under the shock, named `<trace>+<shock>`; the given trace is left alone.

        Raises:
            ShockError: the shock cannot apply to this trace, or would change nothing in it.
        """
        draft = Draft(trace)
        try:
            self.change(draft)
        except ShockError as error:
            raise ShockError(f"{trace.name}: {self.name}: {error}") from error
        built = draft.build(f"{trace.name}+{self.name}")
        if built.hash == trace.hash:
            changed = ", ".join((*self.columns, *(f"forecast of {v}" for v in self.forecasts)))
            raise ShockError(
                f"{trace.name}: {self.name} changes nothing in this trace: {changed} cannot move further;"
                " leave this shock out"
            )
        return built


def changed_columns(before: Trace, after: Trace) -> list[str]:
    """Names of the columns in which two traces of one length differ."""
    return [name for name in COLUMNS if not np.array_equal(before.rows[name], after.rows[name])]


def changed_rows(before: Trace, after: Trace) -> NDArray[np.bool_]:
    """Rows in which a column, or the forecast issued at the hour's start, differs, [T]."""
    issued = (before.forecast != after.forecast).any(axis=(1, 2))
    rows = np.repeat(issued, 3600 // before.interval_s)[: len(before)]
    for name in changed_columns(before, after):
        rows |= before.rows[name] != after.rows[name]
    return rows
