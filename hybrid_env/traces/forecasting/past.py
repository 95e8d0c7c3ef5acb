"""What a forecaster has before it: hourly series of a trace, and the latest value that was known at each issue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hybrid_env.traces.forecast import LEADS, hourly_means
from hybrid_env.traces.schema import COLUMNS, FORECAST_VARIABLES, Trace

Floats = NDArray[np.float64]

TRUTH_COLUMNS = {"price_usd_per_mwh": "price_rt_usd_per_mwh"}
"""Column that a forecast variable is about, where their names differ."""


def column_of(variable: str) -> str:
    """The trace column whose hourly mean a forecast variable foretells."""
    return TRUTH_COLUMNS.get(variable, variable)


def hourly(trace: Trace, column: str) -> Floats:
    """Hourly means of a column, [hours]; an hour cut short at the end has the mean of what there is."""
    return hourly_means(trace.rows[column], 3600 // trace.interval_s)


def first_guess(column: str) -> float:
    """What stands for a column before anything of it has been seen."""
    return COLUMNS[column].default or 0.0


def latest_known(series: Floats, known_until: NDArray[np.int64], period_h: int, default: float) -> Floats:
    """The latest known value that is whole periods before each target hour, [hours, leads].

    Args:
        series: hourly values.
        known_until: for each issue hour, the first hour whose value is not known yet.
        period_h: 1 repeats the last hour, 24 the same hour of the last day, 168 that of the last week.
        default: where nothing is known yet; where less than a period is, the last known hour stands in.
    """
    hours = len(series)
    limit = np.minimum(known_until, hours)[:, None]
    target = np.arange(hours)[:, None] + LEADS[None, :]
    periods_back = np.maximum(-(-(target - limit + 1) // period_h), 0)
    source = target - period_h * periods_back
    source = np.where(source >= 0, source, limit - 1)
    return np.where(source >= 0, series[np.maximum(source, 0)], default)


def seen_until(hours: int) -> NDArray[np.int64]:
    """For what is measured: at each issue, hours before it are known, the one that begins is not."""
    return np.arange(hours)


def truth_at_leads(trace: Trace) -> Floats:
    """What came of each forecast, [hours, variable, lead]; not a number where the trace ends before it."""
    hours = len(trace.forecast)
    target = np.arange(hours)[:, None] + LEADS[None, :]
    inside = target < hours
    out = np.full((hours, len(FORECAST_VARIABLES), len(LEADS)), np.nan)
    for v, variable in enumerate(FORECAST_VARIABLES):
        series = hourly(trace, column_of(variable))
        out[:, v] = np.where(inside, series[np.minimum(target, hours - 1)], np.nan)
    return out


def within_range(forecast: Floats) -> Floats:
    """Each variable kept in its column's physical range."""
    out = forecast.copy()
    for v, variable in enumerate(FORECAST_VARIABLES):
        spec = COLUMNS[column_of(variable)]
        np.clip(out[:, v], spec.low, spec.high, out=out[:, v])
    return out
