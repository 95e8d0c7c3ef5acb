"""When a shock strikes: windows that start at a full hour and fit traces of any length.

A window takes at most a third of the trace, so that a short one keeps a time before and a time after.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from hybrid_env.traces.forecast import hourly_means
from hybrid_env.traces.stress.shock import Draft, Floats, ShockError

MOST_OF_TRACE = 1 / 3


def at_share(draft: Draft, share: float, days: float, most: float = MOST_OF_TRACE) -> slice:
    """`days` from the hour at `share` of the trace on, or `most` of the trace if that is less."""
    first = round(share * draft.hours)
    return _rows(draft, first, _hours(draft, days, most))


def extreme(draft: Draft, series: Floats, days: float) -> slice:
    """The `days` in which a row series has its highest mean; never the trace's first hour or its last."""
    length = _hours(draft, days)
    sums = np.cumsum(np.concatenate([[0.0], hourly_means(series, draft.rows_per_h)]))
    means = sums[length:-1] - sums[: -length - 1]  # windows that end before the last hour
    return _rows(draft, 1 + int(np.argmax(means[1:])), length)


def from_date(draft: Draft, month: int, day: int, days: float) -> slice | None:
    """`days` from local midnight of a date on; None where the trace does not hold them."""
    start = draft.trace.start + timedelta(hours=draft.trace.utc_offset_h)
    days_on = np.arange(draft.hours // 24 + 2)
    local = np.datetime64(start.replace(tzinfo=None), "D") + days_on
    months = local.astype("datetime64[M]")
    wanted = (months.astype(int) % 12 + 1 == month) & ((local - months).astype(int) + 1 == day)
    length = _hours(draft, days)
    into_day_h = start.hour + start.minute / 60
    for n in days_on[wanted]:
        first = int(np.ceil(24 * n - into_day_h))
        if first >= 1 and first + length < draft.hours:
            return _rows(draft, first, length)
    return None


def local_hour(draft: Draft) -> Floats:
    """Local standard hour of day of each row, [0, 24)."""
    start_h = draft.trace.start.timestamp() / 3600 + draft.trace.utc_offset_h
    return (start_h + np.arange(len(draft)) / draft.rows_per_h) % 24


def between_hours(draft: Draft, first: float, last: float) -> NDArray[np.bool_]:
    """Rows that start from `first` up to `last`, local standard time."""
    hour = local_hour(draft)
    return (hour >= first) & (hour < last)


def only(draft: Draft, window: slice) -> NDArray[np.bool_]:
    """A window as a mask of rows."""
    mask = np.zeros(len(draft), np.bool_)
    mask[window] = True
    return mask


def _hours(draft: Draft, days: float, most: float = MOST_OF_TRACE) -> int:
    whole = int(draft.hours * most)
    if whole < 1:
        raise ShockError(f"a trace of {draft.hours} h is too short; at least {int(np.ceil(1 / most))} h are needed")
    return min(round(24 * days), whole)


def _rows(draft: Draft, first_hour: int, hours: int) -> slice:
    return slice(first_hour * draft.rows_per_h, (first_hour + hours) * draft.rows_per_h)
