"""Forecasts and day-ahead prices of a generated year, from error paths drawn once and for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecast import LEADS, day_ahead_known_until, nudge_price, round_forecast
from hybrid_env.traces.generate.clock import Clock
from hybrid_env.traces.generate.noise import Stream, remember, stream
from hybrid_env.traces.generate.price import PriceYear, day_ahead_usd_per_mwh, expected_day_ahead_usd_per_mwh
from hybrid_env.traces.generate.weather import WeatherYear
from hybrid_env.traces.generate.work import WorkYear
from hybrid_env.traces.market import Market, Skill, Solar
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES


@dataclass(frozen=True)
class ErrorPath:
    """An AR(1) path `a` of unit variance; a forecast issued at `i` for hour `k` errs by what the path does between.

    `error(i, k) = sd (a[k] - memory^(k - i + 1) a[i - 1])`: it grows with lead to `sd`, and neighbours in issue time
    and in lead are correlated as they are in real forecasts.
    """

    path: np.ndarray
    skill: Skill

    def error(self, issue: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Errors for broadcastable arrays of issue and target hours."""
        before = self.path[np.maximum(issue - 1, 0)]
        return self.skill.sd * (self.path[target] - self.skill.memory ** (target - issue + 1) * before)


@dataclass(frozen=True)
class Outlook:
    """Day-ahead price by hour (lead-in and lead-out included) and the year's forecasts, rounded."""

    day_ahead: np.ndarray
    forecast: np.ndarray


def draw_outlook(
    market: Market, clock: Clock, weather: WeatherYear, site_solar_cf: np.ndarray | None, load_mw: np.ndarray,
    prices: PriceYear, work: WorkYear, utc_offset_h: float, seed: int,
) -> Outlook:  # fmt: skip
    """Forecast load, wind, solar and temperature; price them day-ahead; forecast the price from both.

    Args:
        site_solar_cf: the site's own solar field; its forecast is 0 without one.
    """
    rng = stream(seed, Stream.FORECAST)
    hours = len(clock) // clock.rows_per_h
    skill, p = market.forecasting, market.price
    load_error, wind_error, solar_error, drybulb_error, inference_error = (
        ErrorPath(remember(rng.standard_normal(hours), s.memory), s)
        for s in (skill.load_frac, skill.system_wind_cf, skill.solar_frac, skill.drybulb_c, skill.inference)
    )
    own = remember(rng.standard_normal(hours), skill.site_wind_cf.memory)
    shared = skill.site_wind_shared
    site_error = ErrorPath(shared * wind_error.path + np.sqrt(1 - shared**2) * own, skill.site_wind_cf)
    load, gas, outage = clock.hourly(load_mw), clock.hourly(prices.gas), clock.hourly(prices.outage_mw)
    shift = None if prices.shift_mw is None else clock.hourly(prices.shift_mw)
    wind_cf, solar_cf = clock.hourly(weather.system_wind_cf), clock.hourly(weather.system_solar_cf)

    def expected_price(issue: np.ndarray, target: np.ndarray) -> np.ndarray:
        seen = np.maximum(issue - 1, 0)
        load_seen = load[target] * (1 + load_error.error(issue, target))
        wind_seen = np.clip(wind_cf[target] + wind_error.error(issue, target), 0, 1) * p.wind_capacity_mw
        solar_seen = solar_cf[target] * np.clip(1 + solar_error.error(issue, target), 0, 2) * p.solar_capacity_mw
        tight = outage[seen] if shift is None else outage[seen] + shift[target]
        return prices.curve.expected_usd_per_mwh(load_seen, wind_seen, solar_seen, tight, gas[seen])

    every = np.arange(hours)
    auction = np.maximum(every // 24 * 24 - 24 + round(p.da_issue_hour), 0)
    day_ahead = day_ahead_usd_per_mwh(p, expected_price(auction, every), rng).round(2)

    first, last = clock.year_hours.start, clock.year_hours.stop
    issue = np.arange(first, last)[:, None]
    target = issue + LEADS[None, :]
    forecast = np.empty((last - first, len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)))
    known = target - first < day_ahead_known_until(clock.start, utc_offset_h, last - first)[:, None]
    base = np.where(known, day_ahead[target], expected_day_ahead_usd_per_mwh(p, expected_price(issue, target)))
    real_time = clock.hourly(prices.real_time)
    deviation = (real_time - day_ahead)[first - 1 : last - 1]
    forecast[:, 0] = nudge_price(
        base, deviation, skill.price_nudge, skill.price_nudge_memory, skill.price_nudge_max_usd_per_mwh
    )
    forecast[:, 1] = np.clip(clock.hourly(weather.site_wind_cf)[target] + site_error.error(issue, target), 0, 1)
    forecast[:, 2] = load[target] * (1 + load_error.error(issue, target))
    forecast[:, 3] = clock.hourly(weather.drybulb_c)[target] + drybulb_error.error(issue, target)
    forecast[:, 4] = np.clip(clock.hourly(work.inference)[target] + inference_error.error(issue, target), 0, 1)
    forecast[:, 5] = 0.0
    if site_solar_cf is not None and market.solar is not None:
        error = _site_solar_error(market.solar, solar_error, hours, seed)
        forecast[:, 5] = np.clip(clock.hourly(site_solar_cf)[target] * (1 + error.error(issue, target)), 0, 1)
    return Outlook(day_ahead, round_forecast(forecast))


def _site_solar_error(solar: Solar, system: ErrorPath, hours: int, seed: int) -> ErrorPath:
    """Partly the error of the system's solar forecast, partly the field's own."""
    own = remember(stream(seed, Stream.SOLAR, 2).standard_normal(hours), solar.forecast_frac.memory)
    path = solar.forecast_shared * system.path + np.sqrt(1 - solar.forecast_shared**2) * own
    return ErrorPath(path, solar.forecast_frac)
