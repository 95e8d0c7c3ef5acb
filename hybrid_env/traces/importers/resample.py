"""Bringing a table's column onto the rows of a trace: coarser values are held or joined, finer ones averaged."""

from __future__ import annotations

from typing import Literal

import numpy as np

from hybrid_env.traces.importers.frame import Notes
from hybrid_env.traces.importers.source import Series
from hybrid_env.traces.importers.span import Span

Between = Literal["hold", "linear"]
LINEAR = frozenset({"drybulb_c", "wetbulb_c"})
"""Trace columns that move smoothly: coarser values are joined by lines between the middles of their intervals; all
others are held."""
LEAST_COVER = 0.5
"""A row that averages finer values needs this share of them."""
HELD_IRREGULAR_S = 86_400
"""A value without interval (a price that holds until the next) is held for a day at most."""


def to_rows(
    values: Series,
    step_s: int | None,
    span: Span,
    between: Between,
    notes: Notes,
    known_late: bool = False,
    instants: bool = False,
) -> np.ndarray:
    """One value a row; NaN where the source says nothing.

    Args:
        values: numbers on a UTC index `start_utc`, sorted, no stamp twice.
        step_s: seconds of each of its intervals; None where irregular.
        span: the rows.
        between: how values coarser than the rows are spread.
        notes: what was averaged from few, or held, is noted here.
        known_late: a value is known at the end of its interval only, and stands from then on.
        instants: values are of the moment of their stamp, not means of their interval: lines join the stamps.

    Returns:
        float64 [rows].
    """
    values = values.dropna()
    begin_s = values.index.as_unit("ms").asi8 / 1e3
    number = values.to_numpy(np.float64)
    first_s = span.start.timestamp()
    row_s = first_s + span.interval_s * np.arange(span.rows, dtype=np.float64)
    if not len(number):
        return np.full(span.rows, np.nan)
    if step_s is None:
        if known_late:
            begin_s, number = begin_s[1:], number[:-1]
        return _held(begin_s, number, HELD_IRREGULAR_S, row_s)
    if known_late:
        begin_s = begin_s + step_s
    if step_s < span.interval_s:
        return _averaged(begin_s, number, step_s, first_s, span, notes)
    if between == "linear" and step_s > span.interval_s:
        return _joined(begin_s, number, step_s, row_s, span.interval_s, 0.0 if instants else step_s / 2)
    late = (begin_s - first_s) % span.interval_s != 0
    if late.any():
        notes.assumed(f"{int(late.sum())} values begin inside a row; each holds from the next row's start on")
    return _held(begin_s, number, step_s, row_s)


def _held(begin_s: np.ndarray, number: np.ndarray, lasts_s: float, row_s: np.ndarray) -> np.ndarray:
    """The value whose interval a row's start lies in."""
    at = np.searchsorted(begin_s, row_s, side="right") - 1
    age = row_s - begin_s[np.maximum(at, 0)]
    return np.where((at >= 0) & (age < lasts_s), number[np.maximum(at, 0)], np.nan)


def _joined(
    begin_s: np.ndarray, number: np.ndarray, step_s: float, row_s: np.ndarray, interval_s: float, anchor_s: float
) -> np.ndarray:
    """Lines between neighbouring values, each `anchor_s` into its interval, read at the middles of rows; held at a
    gap's edges.
    """
    middle, at_s = begin_s + anchor_s, row_s + interval_s / 2
    after = np.searchsorted(middle, at_s, side="right")
    before = np.clip(after - 1, 0, len(middle) - 1)
    after = np.clip(after, 0, len(middle) - 1)
    neighbours = (middle[after] - middle[before] <= step_s) & (middle[before] <= at_s) & (at_s <= middle[after])
    line = np.interp(at_s, middle, number)
    return np.where(neighbours, line, _held(begin_s, number, step_s, row_s))


def _averaged(
    begin_s: np.ndarray, number: np.ndarray, step_s: int, first_s: float, span: Span, notes: Notes
) -> np.ndarray:
    """Means of the values that begin in each row; missing where fewer than half of them are there."""
    row = np.floor((begin_s - first_s) / span.interval_s).astype(np.int64)
    inside = (row >= 0) & (row < span.rows)
    count = np.bincount(row[inside], minlength=span.rows)
    total = np.bincount(row[inside], weights=number[inside], minlength=span.rows)
    full = span.interval_s / step_s
    enough = count >= LEAST_COVER * full
    notes.warned(
        f"rows average fewer than the {full:g} values they should", rows=int((enough & (count < np.floor(full))).sum())
    )
    return np.where(enough, total / np.maximum(count, 1), np.nan)
