"""System load: the real load regressed on the real temperature, through the generator's own equation."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from experiments.calibrate.fit_weather import HALF_SHARE, day_of_year
from experiments.calibrate.measures import autocorrelation
from hybrid_env.traces.market import SystemLoad

KNOBS = ("cooling_above_c", "cooling_mw_per_c", "heating_below_c", "heating_mw_per_c", "frost_mw_per_c",
         "memory_share", "memory_h", "weekend_frac")  # fmt: skip
LOW = np.array([12.0, 0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 0.85])
HIGH = np.array([24.0, 6_000.0, 18.0, 4_000.0, 5_000.0, 0.9, 72.0, 1.0])
CORNER_C = 1.5
"""Rounded corner of the generator's response to temperature."""
WINTER_DAY = 15


def fit_load(
    load: SystemLoad, load_mw: np.ndarray, drybulb_c: np.ndarray, months: np.ndarray, weekend: np.ndarray
) -> dict[str, object]:
    """Fields of `SystemLoad`.

    Temperature knobs are searched; for each trial the two hourly shapes follow by linear least squares, and what is
    left is the noise.

    Args:
        load_mw: [days, 24], each year scaled to the mean of all; NaN on missing days.
        drybulb_c: of the load centres.
        months, weekend: by day; month 0 marks the gap between joined years.
    """
    felt_source = _filled(drybulb_c)
    winter = (1 + np.cos(2 * np.pi * (day_of_year(months) + 0.5 - WINTER_DAY) / 365)) / 2
    there = np.isfinite(load_mw) & (months > 0)[:, None]
    design = _shape_design(winter)[there.ravel()]
    target = load_mw[there]

    def parts(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        by_name: dict[str, float] = dict(zip(KNOBS, x.tolist(), strict=True))
        weekday = 1 - (1 - by_name["weekend_frac"]) * np.repeat(weekend, 24).reshape(load_mw.shape)
        weather = _weather_mw(by_name, load.frost_below_c, felt_source)
        scale = weekday[there]
        shapes, *_ = np.linalg.lstsq(design * scale[:, None], target - weather[there] * scale, rcond=None)
        return shapes, target - (design @ shapes + weather[there]) * scale

    start = np.clip(np.array([getattr(load, name) for name in KNOBS]), LOW + 1e-6, HIGH - 1e-6)
    scale = HIGH - LOW
    found = least_squares(
        lambda u: parts(LOW + u * scale)[1] / target.mean(), (start - LOW) / scale, bounds=(0, 1), diff_step=0.01,
        max_nfev=30,
    )  # fmt: skip
    best = LOW + found.x * scale
    shapes, rest = parts(best)
    summer, cold = (_sharpened(s) for s in (shapes[:24], shapes[24:]))
    base = float(np.mean([summer, cold]))
    noise = np.full(load_mw.shape, np.nan)
    noise[there] = rest / load_mw[there]
    taus = np.arange(2.0, 80.0, 1.0)
    lags = (1, 3, 6, 12, 24)
    memory = np.array([autocorrelation(noise, lag) for lag in lags])
    tau = taus[np.argmin([np.sum((_smooth_memory(np.array(lags) / t) - memory) ** 2) for t in taus])]
    return {
        "base_mw": round(base),
        "hour_shape": [round(float(v) / base, 4) for v in summer],
        "winter_hour_shape": [round(float(v) / base, 4) for v in cold],
        "winter_day": WINTER_DAY,
        **{name: round(float(v), 3) for name, v in zip(KNOBS, best, strict=True)},
        "noise_frac": round(float(np.nanstd(noise)), 4),
        "noise_tau_h": float(tau),
        "noise_smooth": True,
    }


def _smooth_memory(ages: np.ndarray) -> np.ndarray:
    """Autocorrelation of two equal memories in series, at lags in units of that memory."""
    return (1 + ages) * np.exp(-ages)


def _filled(drybulb_c: np.ndarray) -> np.ndarray:
    """Temperature with its missing days bridged, so that the buildings' memory can run through."""
    flat = drybulb_c.ravel()
    there = np.flatnonzero(np.isfinite(flat))
    return np.interp(np.arange(len(flat)), there, flat[there]).reshape(drybulb_c.shape)


def _shape_design(winter: np.ndarray) -> np.ndarray:
    """48 columns: the hour, in summer and in winter weight."""
    days = len(winter)
    hour = np.tile(np.eye(24), (days, 1))
    share = np.repeat(winter, 24)[:, None]
    return np.hstack([(1 - share) * hour, share * hour])


def _weather_mw(knobs: dict[str, float], frost_below_c: float, drybulb_c: np.ndarray) -> np.ndarray:
    """The generator's U in the felt temperature (`generate/grid.py`), by hour."""
    flat = drybulb_c.ravel()
    memory = np.exp(-1 / knobs["memory_h"])
    past = np.empty_like(flat)
    past[0] = flat[0]
    for t in range(1, len(flat)):
        past[t] = memory * past[t - 1] + (1 - memory) * flat[t]
    felt = (1 - knobs["memory_share"]) * flat + knobs["memory_share"] * past
    out = (
        knobs["cooling_mw_per_c"] * np.logaddexp(0, (felt - knobs["cooling_above_c"]) / CORNER_C) * CORNER_C
        + knobs["heating_mw_per_c"] * np.logaddexp(0, (knobs["heating_below_c"] - felt) / CORNER_C) * CORNER_C
        + knobs["frost_mw_per_c"] * np.maximum(frost_below_c - felt, 0)
    )
    return out.reshape(drybulb_c.shape)


def _sharpened(shape: np.ndarray) -> np.ndarray:
    """Values at full hours whose joining lines have these hourly means, to first order."""
    return (1 - HALF_SHARE) * shape + HALF_SHARE * np.roll(shape, 1)
