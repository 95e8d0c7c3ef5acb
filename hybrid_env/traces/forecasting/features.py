"""What the learned forecaster is told: the calendar, what was published, and forecasts as they were issued.

Every feature of an issue is known as its hour begins: hours before it, the row that begins where its column is
published at once, day-ahead prices once they are out, and the forecasts of this and of earlier hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecast import LEADS, day_mean
from hybrid_env.traces.forecasting.day_ahead import anchor_usd_per_mwh
from hybrid_env.traces.forecasting.past import Floats, column_of, first_guess, hourly, latest_known, seen_until
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace

DAY_H, WEEK_H = 24, 168
DAY_LEAD_H = 24
"""The lead at which yesterday's forecasts are held against what came of them."""
LAST_PRICE = "price_lmp_usd_per_mwh"
"""The one price that is published as its interval starts."""
WARM_UP_H = 8 * DAY_H
"""Hours at a trace's start with less than a week and a day of past: neither trained on nor scored."""
NAMES = (
    "lead_h", "hour_sin", "hour_cos", "season_sin", "season_cos", "weekend",
    *(f"issued_{name}" for name in FORECAST_VARIABLES), "anchor", "anchor_is_published", "anchor_over_its_day",
    "base", "last_hour_off", "last_row_off", "last_day_off", "missed_last_hour", "missed_a_day_ahead",
    "day_before_off", "week_before_off",
)  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """One trace as the learned forecaster sees it, made once for all variables.

    Attributes:
        shared: features that all variables share, [issue, lead, n].
        scale: size of each variable by which errors are compared between years, [variable, issue].
    """

    trace: Trace
    shared: Floats
    scale: Floats


def look(trace: Trace) -> Outlook:
    """Everything that does not depend on the variable."""
    hours, leads = len(trace.forecast), len(LEADS)
    scale = np.ones((len(FORECAST_VARIABLES), hours))
    load = FORECAST_VARIABLES.index("system_load_mw")
    scale[load] = np.maximum(_week_mean(hourly(trace, "system_load_mw"), first_guess("system_load_mw")), 1.0)
    anchor, published = anchor_usd_per_mwh(trace)
    lines = [np.broadcast_to(LEADS.astype(np.float64), (hours, leads)), *_calendar(trace)]
    issued = trace.forecast.astype(np.float64)
    lines += [issued[:, v] / scale[v][:, None] for v in range(len(FORECAST_VARIABLES))]
    lines += [anchor, published.astype(np.float64), anchor - anchor[:, : _first_day()].mean(axis=1)[:, None]]
    return Outlook(trace, np.stack(lines, axis=2), scale)


def features(outlook: Outlook, variable: int) -> Floats:
    """Features of one variable's forecasts, [issue, lead, len(NAMES)]."""
    trace = outlook.trace
    column = column_of(FORECAST_VARIABLES[variable])
    series, issued = hourly(trace, column), trace.forecast[:, variable].astype(np.float64)
    hours, guess = len(series), first_guess(column)
    until = seen_until(hours)
    last = np.concatenate([[guess], series[:-1]])
    missed = _before(series - issued[:, 0])
    a_day = list(LEADS).index(DAY_LEAD_H)
    missed_day = np.zeros(hours)
    missed_day[DAY_LEAD_H:] = series[DAY_LEAD_H:] - issued[:-DAY_LEAD_H, a_day] if hours > DAY_LEAD_H else 0.0
    last_row = _last_row(trace, column, guess)
    per_issue = [
        last - issued[:, 0], last_row - issued[:, 0], _before(day_mean(series - issued[:, 0])), missed,
        _before(missed_day),
    ]  # fmt: skip
    lines = [issued, *(np.broadcast_to(line[:, None], issued.shape) for line in per_issue)]
    lines += [latest_known(series, until, period, guess) - issued for period in (DAY_H, WEEK_H)]
    own = np.stack(lines, axis=2) / outlook.scale[variable][:, None, None]
    return np.concatenate([outlook.shared, own], axis=2)


def _calendar(trace: Trace) -> list[Floats]:
    """Local calendar of each target hour; it is known beyond the trace's end."""
    hours = len(trace.forecast)
    local_s = trace.start.timestamp() + trace.utc_offset_h * 3600
    target_h = local_s / 3600 + np.arange(hours)[:, None] + LEADS[None, :]
    hour, season = 2 * np.pi * (target_h % DAY_H) / DAY_H, 2 * np.pi * (target_h / DAY_H % 365.25) / 365.25
    weekend = ((np.floor(target_h / DAY_H).astype(np.int64) + 3) % 7 >= 5).astype(np.float64)
    return [np.sin(hour), np.cos(hour), np.sin(season), np.cos(season), weekend]


def _last_row(trace: Trace, column: str, guess: float) -> Floats:
    """The newest row that is published as each hour begins: for prices the dispatch price of the row that begins."""
    per_h = 3600 // trace.interval_s
    if column == column_of("price_usd_per_mwh"):
        return trace.rows[LAST_PRICE][::per_h].astype(np.float64)
    ends = trace.rows[column][per_h - 1 :: per_h].astype(np.float64)
    return np.concatenate([[guess], ends])[: len(trace.forecast)]


def _before(series: Floats) -> Floats:
    return np.concatenate([[0.0], series[:-1]])


def _week_mean(series: Floats, guess: float) -> Floats:
    """Mean of the week before each hour, of less at the start."""
    sums = np.concatenate([[0.0], np.cumsum(series)])
    until = np.arange(len(series))
    since = np.maximum(until - WEEK_H, 0)
    return np.where(until > 0, (sums[until] - sums[since]) / np.maximum(until - since, 1), guess)


def _first_day() -> int:
    return int(np.searchsorted(LEADS, DAY_H))
