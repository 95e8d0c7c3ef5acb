"""Reserves and demand-response events: their prices, and when the grid calls."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.clock import Clock
from hybrid_env.traces.generate.noise import Stream, memory_of, remember, stream
from hybrid_env.traces.market import Events, ReserveProduct
from hybrid_env.traces.schema import COLUMNS

CALL_DAYS_PER_CALL = 2
"""Calls fall at random on so many times as many of the tightest days: tight hours do not always bring a call."""
NONE_ANNOUNCED_H = float(COLUMNS["event_ahead_h"].high)


def draw_reserves(
    products: list[ReserveProduct], clock: Clock, day_ahead: np.ndarray, tightness: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Availability prices and calls of each product, columns by name, one value a row of the year.

    Args:
        day_ahead: energy price of each hour of the year. Prices of reserves come from it and not from the tightness
            itself: they are published before the hour, and must not tell what the hour will bring.
        tightness: rises with scarcity, one value a row of the year; the calls follow it.
    """
    common = stream(seed, Stream.RESERVES).standard_normal(len(day_ahead))
    columns = {}
    for number, product in enumerate(products):
        rng = stream(seed, Stream.RESERVES, number + 1)
        hourly = _availability_usd_per_mw_h(product, day_ahead, common, rng)
        columns[f"reserve_{number}_usd_per_mw_h"] = clock.by_row(hourly)
        columns[f"reserve_{number}_deploy_frac"] = _calls(product, clock, tightness, rng)
    return columns


def draw_events(events: Events, clock: Clock, tightness: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Announced events on the tightest afternoons of different days, columns by name, one value a row of the year.

    From `notice_h` before an event its pay shows and `event_ahead_h` counts down to the event's first row; it is 0
    while the event runs. A running event hides one announced after it; of two announced ones the nearer shows.
    """
    rng = stream(seed, Stream.EVENTS)
    n = len(tightness)
    cut, pay, ahead = np.zeros(n), np.zeros(n), np.full(n, NONE_ANNOUNCED_H)
    hour = clock.hour[clock.year].reshape(-1, 24 * clock.rows_per_h)
    daily = tightness.reshape(hour.shape)
    afternoon = np.where((hour >= events.first_hour) & (hour <= events.last_hour), daily, -np.inf)
    peak = afternoon.max(axis=1)
    days = np.sort(np.argsort(-peak, kind="stable")[: events.per_year])
    notice = round(events.notice_h * clock.rows_per_h)
    spans = [(int(day), rng.uniform(size=3)) for day in days]
    for day, (long, deep, dear) in reversed(spans):  # an earlier event hides a later one's announcement
        hours = events.hours_low + long * (events.hours_high - events.hours_low)
        rows = max(1, round(hours * clock.rows_per_h))
        middle = int(np.argmax(afternoon[day]))
        earliest = int(np.flatnonzero(np.isfinite(afternoon[day]))[0])
        first = day * hour.shape[1] + max(earliest, middle - rows // 2)
        announced = max(0, first - notice)
        pay[announced : first + rows] = events.usd_per_mwh_low + dear * (
            events.usd_per_mwh_high - events.usd_per_mwh_low
        )
        cut[first : first + rows] = events.cut_low_frac + deep * (events.cut_high_frac - events.cut_low_frac)
        ahead[announced:first] = np.arange(first - announced, 0, -1) / clock.rows_per_h
        ahead[first : first + rows] = 0.0
    return {"event_frac": cut, "event_usd_per_mwh": pay, "event_ahead_h": ahead}


def _availability_usd_per_mw_h(
    product: ReserveProduct, day_ahead: np.ndarray, common: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Lognormal around a power of the day-ahead energy price; the equation is `ReserveProduct`'s."""
    span = np.log(product.tight_usd_per_mwh / product.calm_usd_per_mwh)
    scarcity = np.log(np.maximum(day_ahead, product.calm_usd_per_mwh) / product.calm_usd_per_mwh) / span
    own = rng.standard_normal(len(day_ahead))
    mixed = np.sqrt(product.shared) * common + np.sqrt(1 - product.shared) * own
    log_price = np.log(product.scarcity_multiple) * scarcity
    log_price += product.sigma * remember(mixed, memory_of(product.tau_h, 1.0))
    return np.minimum(product.usd_per_mw_h * np.exp(log_price), product.cap_usd_per_mw_h)


def _calls(product: ReserveProduct, clock: Clock, tightness: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Share of the award that is called, one value a row: around the tightest row of some of the tightest days."""
    deployed = np.zeros(len(tightness))
    per_day = 24 * clock.rows_per_h
    daily = tightness.reshape(-1, per_day)
    count = min(int(rng.poisson(product.calls_per_year)), len(daily))
    tightest = np.argsort(-daily.max(axis=1), kind="stable")[: CALL_DAYS_PER_CALL * count]
    for day in rng.choice(tightest, count, replace=False):
        hours = min(rng.exponential(product.call_hours), product.call_hours_max)
        rows = max(1, round(hours * clock.rows_per_h))
        first = max(0, int(day) * per_day + int(np.argmax(daily[day])) - rows // 2)
        deployed[first : first + rows] = rng.uniform(product.deploy_low_frac, product.deploy_high_frac)
    return deployed
