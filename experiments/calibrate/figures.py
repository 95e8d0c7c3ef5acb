"""What is compared with figures rather than with hourly series: forecast skill, reserves, bitcoin, work, the storm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.calibrate import fit_bitcoin, fit_work
from experiments.calibrate.fit_reserves import PERCENT, QUANTILES_USD_PER_MW_H, WIND_SD_OF_MEAN
from experiments.calibrate.generated import LIMIT_MW
from experiments.calibrate.places import PLACES
from experiments.calibrate.real import SOURCES, read_year
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.market import Market
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES, Trace
from hybrid_env.traces.stress import SHOCKS

SEEDS = range(1_000, 1_004)
ISSUE_HOUR = 10
DAY_AHEAD_LEADS = tuple(place for place, lead in enumerate(FORECAST_LEADS_H) if 14 <= lead <= 37)
LOAD_MAPE_PCT, LOAD_ERROR_SD_PCT = 2.1, 2.9
STORM_CAP_SHARE = 0.98
"""Intervals at this share of the cap or more count as at the cap: 9,000 USD/MWh in 2021, 5,000 since."""
CAP_2021_USD_PER_MWH, CAP_SINCE_USD_PER_MWH = 9_000.0, 5_000.0
STORM_DAYS = slice(44, 50)
"""14 to 19 February, counted from 0."""


@dataclass(frozen=True)
class FigureRow:
    """One figure: what is known, what generated years have, and how far they may differ.

    Attributes:
        ratio: `allowed` is a factor (1.5: between two thirds and one and a half times), else a distance.
    """

    subject: str
    name: str
    known: float
    made: float
    allowed: float
    ratio: bool = False

    @property
    def passes(self) -> bool:
        """Within what is allowed."""
        if self.ratio:
            return self.made > 0 and abs(math.log(self.made / self.known)) <= math.log(self.allowed)
        return abs(self.made - self.known) <= self.allowed


def figure_rows(name: str, market: Market, data: Path) -> list[FigureRow]:
    """Every figure that the market has.

    Raises:
        UserError: a file is missing.
    """
    offset = PLACES[name].utc_offset_h
    years = [generate_year(market, seed, LIMIT_MW, 3600, offset) for seed in SEEDS]
    rows = [*_skill(market, years), *_reserves(market, years), *_bitcoin(market, data), *_work(market, data)]
    return rows + (_storm(name, market, data) if SOURCES[name].storm else [])


def _skill(market: Market, years: Sequence[Trace]) -> list[FigureRow]:
    """Against the published skill of ERCOT's day-ahead forecasts of 2024, which stands in for every market."""
    errors = np.concatenate([_load_errors(year) for year in years])
    clock = make_clock(2022, 3600, 0.0)
    weather = draw_weather(market.weather, market.wind, clock, SEEDS[0])
    skill = market.forecasting.system_wind_cf
    lead_h = 24
    wind_sd = skill.sd * math.sqrt(1 - skill.memory ** (2 * lead_h + 2))
    return [
        FigureRow("forecast", "load, mean absolute error (%)", LOAD_MAPE_PCT, 100 * float(np.abs(errors).mean()), 0.4),
        FigureRow("forecast", "load, error sd (%)", LOAD_ERROR_SD_PCT, 100 * float(errors.std()), 0.5),
        FigureRow(
            "forecast", "wind, error sd (% of mean output)", 100 * WIND_SD_OF_MEAN,
            100 * wind_sd / float(weather.system_wind_cf[clock.year].mean()), 3.0,
        ),
        FigureRow("forecast", "solar, error sd (% of output)", 12.0, 100 * market.forecasting.solar_frac.sd, 1.0),
    ]  # fmt: skip


def _load_errors(year: Trace) -> np.ndarray:
    """Relative errors of the load forecasts of 10:00 local for the next day."""
    load = year.rows["system_load_mw"]
    first = int(-year.start.hour - year.utc_offset_h) % 24
    issues = np.arange(first + ISSUE_HOUR, len(load) - 48, 24)
    column = FORECAST_VARIABLES.index("system_load_mw")
    return np.concatenate(
        [year.forecast[issues, column, place] / load[issues + FORECAST_LEADS_H[place]] - 1 for place in DAY_AHEAD_LEADS]
    )


def _reserves(market: Market, years: Sequence[Trace]) -> list[FigureRow]:
    rows = []
    for number, product in enumerate(market.reserves):
        wanted = QUANTILES_USD_PER_MW_H.get(product.name)
        if wanted is None:
            continue
        prices = np.concatenate([year.rows[f"reserve_{number}_usd_per_mw_h"] for year in years])
        for percent in (50.0, 90.0, 99.0):
            known = wanted[PERCENT.index(percent)]
            made = float(np.percentile(prices, percent))
            label = f"{product.name}, {percent:g} % (USD/MW-h)"
            rows.append(FigureRow("reserves", label, known, made, 1.6, ratio=True))
    return rows


def _bitcoin(market: Market, data: Path) -> list[FigureRow]:
    known = fit_bitcoin.real_figures(*fit_bitcoin.read_bitcoin(data))
    made = fit_bitcoin.generated_figures(market.bitcoin, range(20))
    return [
        FigureRow("bitcoin", "volatility a year", known.volatility, made.volatility, 0.07),
        FigureRow("bitcoin", "excess kurtosis of days", known.excess_kurtosis, made.excess_kurtosis, 1.5),
        FigureRow("bitcoin", "days beyond 10 % (%)", known.days_beyond_10_pct, made.days_beyond_10_pct, 1.0),
        FigureRow("bitcoin", "retarget, mean", known.retarget_mean, made.retarget_mean, 0.015),
        FigureRow("bitcoin", "retarget, sd", known.retarget_sd, made.retarget_sd, 0.012),
    ]


def _work(market: Market, data: Path) -> list[FigureRow]:
    counts, run_h = fit_work.read_work(data)
    known = fit_work.real_figures(counts, run_h, market.work.gang_hours_low, market.work.gang_hours_high)
    made = fit_work.generated_figures(market.work, range(4))
    return [
        FigureRow("work", "log sd of the hourly rate", known.burst_sigma, made.burst_sigma, 0.08),
        FigureRow("work", "its memory at 3 h", known.burst_memory_3h, made.burst_memory_3h, 0.12),
        FigureRow("work", "daily wave over the mean", known.day_amplitude, made.day_amplitude, 0.05),
        FigureRow("work", "log sd of 2 to 30 h runs", known.hours_sigma, made.hours_sigma, 0.2),
    ]


def _storm(name: str, market: Market, data: Path) -> list[FigureRow]:
    """The winter storm of February 2021 against the shock of that name on a generated year."""
    real = read_year(name, 2021, data, storm=True)
    shocked = SHOCKS["winter_storm"].apply(generate_year(market, SEEDS[0], LIMIT_MW, 900, PLACES[name].utc_offset_h))
    price = shocked.rows["price_rt_usd_per_mwh"]
    frost = np.nanmin(real.hourly["drybulb"][STORM_DAYS].mean(axis=1))
    coldest = shocked.rows["drybulb_c"].reshape(365, -1).mean(axis=1).min()
    return [
        FigureRow(
            "winter storm", "hours at the cap",
            float((real.price_rt[STORM_DAYS] >= STORM_CAP_SHARE * CAP_2021_USD_PER_MWH).sum()) / 4,
            float((price >= STORM_CAP_SHARE * CAP_SINCE_USD_PER_MWH).sum()) / 4, 20.0,
        ),
        FigureRow("winter storm", "coldest day (C)", float(frost), float(coldest), 5.0),
    ]  # fmt: skip
