"""Forecasts as they were issued: what is shared by generated and by real traces.

A forecast is issued at the start of each hour, from rows before it and from day-ahead prices published by then.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES

PUBLICATION_HOUR = 13.5
"""Local standard hour at which the next day's day-ahead prices appear: usable from the issue of 14:00."""
RESOLUTION = {
    "price_usd_per_mwh": 0.01, "wind_cf": 1e-4, "system_load_mw": 1.0, "drybulb_c": 0.1, "inference_load": 1e-4,
    "solar_cf": 1e-4,
}  # fmt: skip
LEADS = np.array(FORECAST_LEADS_H)

DAY_H, WEEK_H = 24, 168
WEEKLY_MEMORY = 0.985
"""Hourly fading of the last day's mean deviation from the week before (load, inference)."""
HOURLY_MEMORY = 0.9
"""Hourly fading of the last hour's deviation towards the last day's mean one (load, inference)."""
DAILY_MEMORY = 0.96
"""Hourly fading of the last hour's deviation from the mean day of the past week (temperature, wind)."""
PRICE_SHARE, PRICE_MEMORY, PRICE_LIMIT_USD_PER_MWH = 0.6, 0.75, 150.0
"""How much of the last deviation from day-ahead is expected to stay; see `nudge_price`."""


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


def forecast_from_past(
    start: datetime, interval_s: int, utc_offset_h: float, columns: dict[str, np.ndarray]
) -> np.ndarray:
    """Forecasts for a trace that came without: each uses only rows before its issue, and published day-ahead prices.

    Price: day-ahead where published, else the last published day-ahead of that hour of day; plus what is left of the
    last hour's deviation. Load and inference: the same hour a week before, plus what is left of the last hour's and the
    last day's deviation. Temperature and wind: the mean day of the past week, plus what is left of the last deviation.
    Where there is no such past yet, the last hour stands in; in the first hour, the column's default.

    Args:
        columns: row series; those absent take their default.

    Returns:
        float32 [hours, variable, lead].
    """
    rows_per_h = 3600 // interval_s
    rows = len(next(iter(columns.values())))

    def series(column: str) -> np.ndarray:
        default = COLUMNS[column].default or 0.0
        return hourly_means(columns.get(column, np.full(rows, default)), rows_per_h)

    hours = -(-rows // rows_per_h)
    day_ahead, real_time = series("price_da_usd_per_mwh"), series("price_rt_usd_per_mwh")
    forecast = np.empty((hours, len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)))
    known_until = day_ahead_known_until(start, utc_offset_h, hours)
    forecast[:, 0] = nudge_price(
        _published(day_ahead, known_until), _before(real_time - day_ahead, 0.0), PRICE_SHARE, PRICE_MEMORY,
        PRICE_LIMIT_USD_PER_MWH,
    )  # fmt: skip
    forecast[:, 1] = np.clip(_mean_day_forecast(series("wind_cf"), COLUMNS["wind_cf"].default or 0.0), 0, 1)
    for v, column in ((2, "system_load_mw"), (4, "inference_load")):
        forecast[:, v] = _weekly_forecast(series(column), COLUMNS[column].default or 0.0)
    forecast[:, 3] = _mean_day_forecast(series("drybulb_c"), COLUMNS["drybulb_c"].default or 0.0)
    forecast[:, 2] = np.maximum(forecast[:, 2], 0)
    forecast[:, 4] = np.clip(forecast[:, 4], 0, 1)
    forecast[:, 5] = np.clip(_mean_day_forecast(series("solar_cf"), COLUMNS["solar_cf"].default or 0.0), 0, 1)
    return round_forecast(forecast)


def what_stays(deviation: np.ndarray) -> np.ndarray:
    """How much of an hourly deviation seen so far is expected at each lead, [hours, leads].

    The mean of the last day fades slowly, what the last hour differs from it fast. An issue uses the hours before it.
    """
    last = _before(deviation, 0.0)[:, None]
    mean = _before(day_mean(deviation), 0.0)[:, None]
    ahead = LEADS[None, :] + 1
    return mean * WEEKLY_MEMORY**ahead + (last - mean) * HOURLY_MEMORY**ahead


def day_mean(series: np.ndarray) -> np.ndarray:
    """Mean of the 24 hours up to each one, of fewer at the start."""
    return _trailing_mean(series, DAY_H)


def hourly_means(values: np.ndarray, rows_per_h: int) -> np.ndarray:
    """Means of whole hours; an hour cut short at the end has the mean of what there is."""
    starts = np.arange(0, len(values), rows_per_h)
    return np.add.reduceat(np.asarray(values, np.float64), starts) / np.diff(starts, append=len(values))


def _published(day_ahead: np.ndarray, known_until: np.ndarray) -> np.ndarray:
    """Day-ahead price of each target hour, or of the latest published day's same hour."""
    hours = len(day_ahead)
    limit = np.minimum(known_until, hours)[:, None]
    target = np.arange(hours)[:, None] + LEADS[None, :]
    days_back = np.maximum(-(-(target - limit + 1) // DAY_H), 0)
    source = target - DAY_H * days_back
    return day_ahead[np.where(source >= 0, source, limit - 1)]


def _before(series: np.ndarray, default: float) -> np.ndarray:
    """The value of the hour before each issue; `default` before the first."""
    return np.concatenate([[default], series[:-1]])


def _lagged(series: np.ndarray, period_h: int, default: float) -> np.ndarray:
    """For each issue and lead, the latest value known at issue that is whole periods before the target."""
    hours = len(series)
    issue = np.arange(hours)[:, None]
    source = issue + LEADS[None, :] - period_h * (LEADS[None, :] // period_h + 1)
    last = np.broadcast_to(_before(series, default)[:, None], source.shape)
    return np.where(source >= 0, series[np.clip(source, 0, hours - 1)], last)


def _deviation(series: np.ndarray, period_h: int) -> np.ndarray:
    """Each hour's difference from a period before; 0 in the first period."""
    out = np.zeros_like(series)
    out[period_h:] = series[period_h:] - series[:-period_h]
    return out


def _trailing_mean(series: np.ndarray, window: int) -> np.ndarray:
    """Mean of the `window` values up to each one, of fewer at the start."""
    sums = np.cumsum(np.concatenate([[0.0], series]))
    last = np.arange(1, len(series) + 1)
    first = np.maximum(last - window, 0)
    return (sums[last] - sums[first]) / (last - first)


def _weekly_forecast(series: np.ndarray, default: float) -> np.ndarray:
    return _lagged(series, WEEK_H, default) + what_stays(_deviation(series, WEEK_H))


def _mean_day_forecast(series: np.ndarray, default: float) -> np.ndarray:
    mean_day = _mean_day(series)
    deviation = np.zeros_like(series)
    deviation[DAY_H:] = series[DAY_H:] - mean_day[:-DAY_H]  # from the mean day as it stood the day before
    deviation = _before(deviation, 0.0)
    return _lagged(mean_day, DAY_H, default) + DAILY_MEMORY ** (LEADS[None, :] + 1) * deviation[:, None]


def _mean_day(series: np.ndarray) -> np.ndarray:
    """Each hour's mean with the same hour of up to six days before."""
    total, count = np.zeros_like(series), np.zeros_like(series)
    for day in range(WEEK_H // DAY_H):
        lag = day * DAY_H
        if lag < len(series):
            total[lag:] += series[: len(series) - lag]
            count[lag:] += 1
    return total / count
