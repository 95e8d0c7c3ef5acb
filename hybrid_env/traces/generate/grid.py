"""Load of the whole grid and its emergency orders."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.clock import Clock
from hybrid_env.traces.generate.noise import Stream, memory_of, remember, smooth_wander, stream, wander
from hybrid_env.traces.market import GridOrders, SystemLoad


def draw_load_mw(load: SystemLoad, clock: Clock, drybulb_c: np.ndarray, seed: int) -> np.ndarray:
    """Hourly shape, weekend, and a U in the temperature that buildings feel, with slow relative noise."""
    rng = stream(seed, Stream.LOAD)
    felt = (1 - load.memory_share) * drybulb_c + load.memory_share * _building_c(load, clock, drybulb_c)
    shape = _shape(load, clock)
    weekday = 1 - (1 - load.weekend_frac) * clock.weekend
    noise = 1 + load.noise_frac * (smooth_wander if load.noise_smooth else wander)(
        rng, len(clock), load.noise_tau_h, clock.interval_h
    )
    weather = (
        load.cooling_mw_per_c * _soft_excess(felt - load.cooling_above_c)
        + load.heating_mw_per_c * _soft_excess(load.heating_below_c - felt)
        + load.frost_mw_per_c * np.maximum(load.frost_below_c - felt, 0)
    )
    return (load.base_mw * shape + weather) * weekday * noise


def draw_import_limit_mw(
    orders: GridOrders, clock: Clock, tightness: np.ndarray, site_limit_mw: float, seed: int
) -> np.ndarray:
    """The site's limit, cut by emergency orders on the tightest hours of different days.

    Args:
        tightness: rises with scarcity, one value a row of the year (not of the lead-in).
    """
    rng = stream(seed, Stream.ORDERS)
    limit = np.full(len(tightness), site_limit_mw)
    count = int(rng.integers(orders.orders_low, orders.orders_high + 1))
    per_day = 24 * clock.rows_per_h
    daily = tightness.reshape(-1, per_day)
    days = np.sort(np.argsort(-daily.max(axis=1), kind="stable")[:count])
    for day in days:
        length = max(1, round(rng.uniform(orders.hours_low, orders.hours_high) * clock.rows_per_h))
        frac = rng.uniform(orders.limit_low_frac, orders.limit_high_frac)
        first = max(0, day * per_day + int(np.argmax(daily[day])) - length // 2)
        limit[first : first + length] = frac * site_limit_mw
    return limit


def _shape(load: SystemLoad, clock: Clock) -> np.ndarray:
    """Hourly shape of the base load, mixed from summer's and winter's by season where both are given."""
    summer = np.interp(clock.hour, np.arange(25.0), [*load.hour_shape, load.hour_shape[0]])
    if load.winter_hour_shape is None:
        return summer
    winter = np.interp(clock.hour, np.arange(25.0), [*load.winter_hour_shape, load.winter_hour_shape[0]])
    share = (1 + clock.season_wave(load.winter_day)) / 2
    return (1 - share) * summer + share * winter


def _building_c(load: SystemLoad, clock: Clock, drybulb_c: np.ndarray) -> np.ndarray:
    """Exponential mean of past temperature with the buildings' memory."""
    memory = memory_of(load.memory_h, clock.interval_h)
    centred = drybulb_c - drybulb_c.mean()
    return drybulb_c.mean() + remember(centred, memory) * (1 - memory) / np.sqrt(1 - memory**2)


def _soft_excess(x: np.ndarray) -> np.ndarray:
    """`max(x, 0)` with a rounded corner of about 2 K: not every building turns its plant on at once."""
    return np.logaddexp(0, x / 1.5) * 1.5
