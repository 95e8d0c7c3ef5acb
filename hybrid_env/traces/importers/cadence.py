"""How far apart a table's rows stand, and tables whose rows do not stand apart evenly throughout.

European day-ahead prices went from hours to quarters on 1 October 2025, and a folder may hold both: such an hour is its
four quarters' mean, and each of them has its value. Read as quarters, three of four would be missing.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.source import DataFrame
from hybrid_env.traces.importers.units import CURRENCY, unit_of

LEAST_ROWS = 12
"""So many equal steps one after another are a cadence; fewer may be gaps."""


def step_of(frame: DataFrame) -> int | None:
    """Seconds from row to row: the commonest step, or the finest that rows keep for a while, if every step is a
    multiple of it; else None.

    Args:
        frame: on an index of UTC stamps, sorted; its first point speaks for all.
    """
    times = frame.index if "point" not in frame else frame.index[frame["point"] == frame["point"].iloc[0]]
    steps = np.diff(pd.DatetimeIndex(times).as_unit("ms").asi8)
    if not len(steps):
        return None
    values, counts = np.unique(steps, return_counts=True)
    kept = [int(steps[first]) for first, end in _runs(steps) if end - first >= LEAST_ROWS]
    for step in (int(values[np.argmax(counts)]), min(kept, default=0)):
        if step > 0 and step % 1000 == 0 and not (steps % step).any():
            return step // 1000
    return None


def are_means(columns: list[str]) -> bool:
    """True if all columns are prices or powers: what an interval's value is, is the value of its parts."""
    return all(CURRENCY.search(name) or unit_of(name) in ("mw", "kw") for name in columns)


def coarse_stretches(frame: DataFrame, step_s: int) -> np.ndarray:
    """Of each row how many steps its value holds: more than 1 where rows stand evenly further apart for a while.

    Args:
        frame: on an index of UTC stamps, sorted by time, one row a time and point.
        step_s: seconds from row to row elsewhere.
    """
    holds = np.ones(len(frame), int)
    points = frame["point"].to_numpy() if "point" in frame else np.zeros(len(frame))
    for rows in pd.Series(np.arange(len(frame))).groupby(points).indices.values():
        steps = np.diff(frame.index[rows].as_unit("ms").asi8) // (1_000 * step_s)
        for first, end in _runs(steps):
            if steps[first] < 2 or end - first < LEAST_ROWS:
                continue
            last_too = end == len(steps) or steps[end] > steps[first]
            holds[rows[first : end + last_too]] = steps[first]
    return holds


def held(frame: DataFrame, holds: np.ndarray, step_s: int) -> DataFrame:
    """Every row as often as it holds, a step apart; rows of one time in their order."""
    at = np.repeat(np.arange(len(frame)), holds)
    number = np.arange(len(at)) - np.repeat(np.cumsum(holds) - holds, holds)
    out = frame.iloc[at]
    out.index = pd.DatetimeIndex(out.index + pd.to_timedelta(number * step_s, unit="s"), name=frame.index.name)
    return out.iloc[np.argsort(out.index.as_unit("ms").asi8, kind="stable")]


def _runs(steps: np.ndarray) -> list[tuple[int, int]]:
    """First and end of each run of equal steps."""
    edges = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
    return [(first, end) for first, end in pairwise(edges) if end > first]
