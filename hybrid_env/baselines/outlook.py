"""What the next day looks like to a planner: rows made from forecasts, or taken from the trace by one that is told
the future.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.policy import Array, View
from hybrid_env.traces.forecast import PUBLICATION_HOUR
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, ROW

PERSISTENCE_PER_ROW = 0.85
"""How much of a deviation from forecast is left one interval later (15 min; tuned on training years)."""
SUMMER = (6, 7, 8, 9)
PAST_DAYS = 14
"""Days of past arrivals from which coming gang work is estimated."""
EVENT_H, ANNOUNCED_CUT_FRAC = 2.0, 0.25
"""What an event is taken to last from now (or from its beginning), and to ask for before it says."""


def forecast_rows(view: View, lane: int, n: int, peak_from: float, peak_usd_per_mwh: float) -> np.ndarray:
    """The coming `n` rows as expected now, dtype ROW [n].

    Forecasts are interpolated between their leads; published day-ahead prices stand where there are some; the last
    deviations of price, wind and inference fade. `cp_weight` is the expected one. Everything else stays as it was last
    seen.
    """
    batch, p = view.batch, view.p
    world, row = int(batch.lanes["world"][lane]), int(batch.lanes["row"][lane])
    per_hour = int(p["rows_per_hour"])
    trace_rows = batch.library.rows[world]
    out = np.repeat(trace_rows[max(row - 1, 0) : max(row - 1, 0) + 1], n)
    for column, spec in COLUMNS.items():
        if spec.lag_rows == 0:
            out[column] = trace_rows[column][row]
    for name in ("hour_sin", "hour_cos", "month", "month_frac", "weekend"):
        out[name] = trace_rows[name][row : row + n] if row + n <= len(trace_rows) else trace_rows[name][row]
    ahead = (row + np.arange(n)) // per_hour - row // per_hour
    fade = PERSISTENCE_PER_ROW ** (np.arange(n) * p["interval_s"] / 900.0)
    issued = batch.library.forecast[world, row // per_hour].astype(np.float64)
    price, wind, load, drybulb, inference, solar = (np.interp(ahead, FORECAST_LEADS_H, line) for line in issued)
    price = _with_day_ahead(view, lane, price, ahead, row // per_hour)
    out["price_rt_usd_per_mwh"] = price + (float(trace_rows["price_lmp_usd_per_mwh"][row]) - price[0]) * fade
    out["price_da_usd_per_mwh"] = np.where(ahead == 0, out["price_da_usd_per_mwh"], price)
    out["price_lmp_usd_per_mwh"] = out["price_rt_usd_per_mwh"]
    last = trace_rows[max(row - 1, 0)]
    out["wind_cf"] = np.clip(wind + (last["wind_cf"] - wind[0]) * fade, 0, 1)
    out["solar_cf"] = np.clip(solar + (last["solar_cf"] - solar[0]) * fade, 0, 1)
    out["inference_load"] = np.clip(inference + (last["inference_load"] - inference[0]) * fade, 0, 1)
    out["drybulb_c"] = drybulb
    out["system_load_mw"] = load
    recent = trace_rows["training_load"][max(0, row - int(p["rows_per_day"])) : max(row, 1)]
    out["training_load"] = recent.mean()
    out["import_limit_mw"] = np.where(ahead == 0, out["import_limit_mw"], p["import_limit_mw"])
    for k in range(int(p["n_reserves"])):  # a call ends with its product's duration at the latest
        left_s = p["reserve_duration_s"][k] - batch.lanes["called_s"][lane][k]
        out[f"reserve_{k}_deploy_frac"][max(1, int(np.ceil(left_s / p["interval_s"]))) :] = 0.0
    running = out["event_frac"][0] > 0
    first = 0 if running else int(np.ceil(out["event_ahead_h"][0] / p["interval_h"]))
    inside = (np.arange(n) >= first) & (np.arange(n) < first + max(1, round(EVENT_H / p["interval_h"])))
    out["event_frac"] = np.where(inside, out["event_frac"][0] if running else ANNOUNCED_CUT_FRAC, 0.0)
    out["cp_weight"] = _expected_peak(view, lane, load, out["month"], peak_from, peak_usd_per_mwh)
    return out


def _with_day_ahead(view: View, lane: int, price: np.ndarray, ahead: np.ndarray, hour: int) -> np.ndarray:
    """Published day-ahead prices replace interpolated ones beyond the current hour."""
    batch, per_hour = view.batch, int(view.p["rows_per_hour"])
    world, row = int(batch.lanes["world"][lane]), int(batch.lanes["row"][lane])
    trace = batch.library.traces[world]
    local_h = (trace.start.timestamp() / 3600 + trace.utc_offset_h + hour) % 24
    known_h = (48 if local_h >= PUBLICATION_HOUR else 24) - local_h
    index = np.minimum((hour + ahead) * per_hour, len(trace.rows) - 1)
    known = (ahead > 0) & (ahead < known_h) & (row + len(price) <= len(trace.rows))
    return np.where(known, trace.rows["price_da_usd_per_mwh"][index], price)


def _expected_peak(
    view: View, lane: int, load: np.ndarray, month: np.ndarray, peak_from: float, peak_usd_per_mwh: float
) -> np.ndarray:
    """Expected share of the year's coincident-peak charge on each row, as the dispatcher fears it."""
    yearly = float(view.p["peak_usd_per_mw_year"])
    if yearly <= 0:
        return np.zeros(len(load))
    highest = max(float(view.lanes["month_peak_mw"][lane]), float(load[: int(view.p["rows_per_day"])].max()), 1.0)
    excess = np.clip((load / highest - peak_from) / (1 - peak_from), 0.0, 1.0)
    return np.where(np.isin(month, SUMMER), peak_usd_per_mwh * excess**2 * view.p["interval_h"] / yearly, 0.0)


def foresight_rows(view: View, lane: int, n: int, known: int, peak_from: float, peak_usd_per_mwh: float) -> np.ndarray:
    """As `forecast_rows`, but the first `known` rows are the trace's own: for a labelled reference alone."""
    world, row = int(view.batch.lanes["world"][lane]), int(view.batch.lanes["row"][lane])
    out = forecast_rows(view, lane, n, peak_from, peak_usd_per_mwh)
    true = view.batch.library.rows[world][row : row + min(known, n)]
    out[: len(true)] = true
    return out


def expected_gang_gpu_h_per_h(view: View, lane: int) -> float:
    """Gang work that came in over the last two weeks, GPU-hours per hour."""
    record, library = view.lanes[lane], view.batch.library
    world, row = int(record["world"]), int(record["row"])
    past = library.jobs[int(library.job_start[world]) : int(record["next_job"])]
    since = max(0, row - PAST_DAYS * int(view.p["rows_per_day"]))
    hours = max((row - since) * float(view.p["interval_h"]), 1.0)
    return float(past["gpu_hours"][(past["arrival_row"] >= since) & (past["refused"] == 0)].sum()) / hours


def weighted_quantile(values: Array, weights: Array, q: Array) -> Array:
    """Quantile of each row of `values` [n, k] with weights [k], q [n] clipped to [0, 1]."""
    order = np.argsort(values, axis=1)
    sorted_values = np.take_along_axis(values, order, axis=1)
    share = np.cumsum(weights[order], axis=1) / weights.sum()
    index = np.minimum((share < np.clip(q, 0, 1)[:, None] - 1e-12).sum(axis=1), values.shape[1] - 1)
    return sorted_values[np.arange(len(values)), index]


assert ROW.itemsize % 8 == 0
