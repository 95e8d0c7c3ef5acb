"""Forecasts as they were issued: what is shared by generated and by real traces.

A forecast is issued at the start of each hour, from rows before it and from day-ahead prices published by then.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

PUBLICATION_HOUR = 13.5
"""Local standard hour at which the next day's day-ahead prices appear: usable from the issue of 14:00."""
RESOLUTION = {
    "price_usd_per_mwh": 0.01, "wind_cf": 1e-4, "system_load_mw": 1.0, "drybulb_c": 0.1, "inference_load": 1e-4,
}  # fmt: skip
LEADS = np.array(FORECAST_LEADS_H)


def day_ahead_known_until(start: datetime, utc_offset_h: float, hours: int) -> np.ndarray:
    """For each issue hour, the first hour (both counted from `start`) whose day-ahead price is not yet published.

    Returns:
        int64 [hours].
    """
    local_h = start.timestamp() / 3600 + utc_offset_h + np.arange(hours, dtype=np.float64)
    day = np.floor(local_h / 24)
    days_known = np.where(local_h - 24 * day >= PUBLICATION_HOUR, day + 2, day + 1)
    first_local_h = start.timestamp() / 3600 + utc_offset_h
    return np.ceil(24 * days_known - first_local_h).astype(np.int64)


def round_forecast(forecast: np.ndarray) -> np.ndarray:
    """float32 [issue_hour, variable, lead], each variable rounded to its resolution."""
    out = np.empty(forecast.shape, np.float32)
    for v, name in enumerate(FORECAST_VARIABLES):
        step = RESOLUTION[name]
        out[:, v] = np.round(forecast[:, v] / step) * step
    return out


def at_leads(series: np.ndarray, hours: int, first: int = 0) -> np.ndarray:
    """`series[first + issue + lead]` as an array [hours, leads]; the last value stands in beyond the end."""
    target = first + np.arange(hours)[:, None] + LEADS[None, :]
    return series[np.minimum(target, len(series) - 1)]


def nudge_price(
    base: np.ndarray, deviation: np.ndarray, share: float, memory: float, limit_usd_per_mwh: float
) -> np.ndarray:
    """Add to `base` [hours, leads] what is left, at each lead, of the last deviation of real time from day-ahead.

    Args:
        deviation: real time minus day-ahead in the hour before issue, [hours].
        share, memory: expected share of it at lead 0, and how it fades by the hour.
        limit_usd_per_mwh: larger deviations count as this much: spikes say little about their duration.
    """
    clipped = np.clip(deviation, -limit_usd_per_mwh, limit_usd_per_mwh)
    return base + share * memory ** LEADS[None, :] * clipped[:, None]
