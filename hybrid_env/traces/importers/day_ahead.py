"""A day-ahead price for markets that have none: what a trader would have expected from the past."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.forecast import hourly_means
from hybrid_env.traces.importers.frame import Notes
from hybrid_env.traces.importers.span import Span

DAYS = 7
"""Days whose mean is taken, the last of them two days before the day itself: the day before is not over when day-ahead
prices appear."""
HOURS = 24


def day_ahead_from_past(real_time_usd_per_mwh: np.ndarray, span: Span, notes: Notes) -> np.ndarray:
    """The mean real-time price of the same local hour over the seven days known at half past one the day before.

    The first two days have no such past: they take their own mean by hour, which looks ahead by up to two days.

    Args:
        real_time_usd_per_mwh: one a row, whole local days.

    Returns:
        USD/MWh, one a row.
    """
    per_hour = 3600 // span.interval_s
    by_day = hourly_means(real_time_usd_per_mwh, per_hour).reshape(-1, HOURS)
    out = np.empty_like(by_day)
    for day in range(len(by_day)):
        known = by_day[max(0, day - 1 - DAYS) : day - 1] if day >= 2 else by_day[:2]
        out[day] = known.mean(axis=0)
    notes.assumed(
        f"no day-ahead market: its price is the mean real-time price of the hour over {DAYS} days up to two days"
        f" before; the first two days take their own mean"
    )
    return np.repeat(out.ravel(), per_hour)
