"""A whole market fitted, subject after subject, each on what the one before has set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibrate import fit_bitcoin, fit_work
from experiments.calibrate.fit_carbon import fit_carbon, rescale_carbon
from experiments.calibrate.fit_load import fit_load
from experiments.calibrate.fit_price import SHIFT_SEEDS, fit_price, rounded
from experiments.calibrate.fit_renewables import (
    SEEDS,
    SIMULATED_YEAR,
    fit_fronts,
    fit_load_noise,
    fit_sun,
    fit_wind,
)
from experiments.calibrate.fit_reserves import fit_forecasting, fit_reserves
from experiments.calibrate.fit_stack import fit_stack
from experiments.calibrate.fit_weather import fit_weather
from experiments.calibrate.generated import make_year
from experiments.calibrate.match import Match
from experiments.calibrate.places import Place
from experiments.calibrate.real import DAYS, SOURCES, TRAIN_YEARS, read_grid_mw, read_year
from experiments.calibrate.series import WIND_SCALE_QUANTILE, Series, join
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.market import Market, SystemLoad, Weather, Wind

WEATHER_TRIALS = 14
RESERVE_YEARS = 4
Tell = Callable[[str], None]


def fit_market(place: Place, data: Path, *, price_trials: int, rounds: int, tell: Tell) -> Market:
    """Every part that has a real series; the rest stays as the place states it.

    Args:
        tell: told what is being fitted, at every simulation.

    Raises:
        UserError: a file is missing.
    """
    real = [read_year(place.name, year, data) for year in TRAIN_YEARS]
    market = _weather_and_fleets(place, place.start(), real, data, tell)
    market = _scarcity_between_years(market, real)
    market = fit_price(
        market, real, place.utc_offset_h, trials=price_trials, rounds=rounds, tick=lambda: tell("prices")
    ).market
    if SOURCES[place.name].grid is None:
        made = [make_year(market, seed, place.utc_offset_h, 3600) for seed in SHIFT_SEEDS[:RESERVE_YEARS]]
        line = rescale_carbon(market.price, made, real)
        market = market.model_copy(update={"price": market.price.model_copy(update=line)})
    tell("reserves")
    if market.reserves:
        market = market.model_copy(update={"reserves": fit_reserves(market.reserves, _day_ahead(place, market))})
    prices, epochs = fit_bitcoin.read_bitcoin(data)
    counts, run_h = fit_work.read_work(data)
    return market.model_copy(
        update={
            "bitcoin": market.bitcoin.model_copy(update=fit_bitcoin.fit_bitcoin(prices, epochs)),
            "work": market.work.model_copy(update=fit_work.fit_work(counts, run_h, market.work)),
        }
    )


def _weather_and_fleets(place: Place, market: Market, real: Sequence[Series], data: Path, tell: Tell) -> Market:
    """Temperature and moist air everywhere; wind, sun, load and carbon where the grid is published."""
    tell("weather")
    weather = market.weather.model_copy(update=fit_weather(join("training", real)))
    found = fit_fronts(weather, market.wind, real, WEATHER_TRIALS, lambda: tell("weather"))
    weather = weather.model_copy(update=settings(found))
    if SOURCES[place.name].grid is None:
        mean_cf = _mean(_system_wind(weather, market.wind))
        forecasting = fit_forecasting(market.forecasting, mean_cf)
        return market.model_copy(update={"weather": weather, "forecasting": forecasting})
    weather = weather.model_copy(
        update=settings(fit_sun(weather, market.wind, real, WEATHER_TRIALS, lambda: tell("sun")))
    )
    wind = settings(fit_wind(weather, market.wind, real, WEATHER_TRIALS, lambda: tell("wind")))
    wind = market.wind.model_copy(update={**wind, "fast_smooth": True})
    grid = [read_grid_mw(place.name, year, data) for year in TRAIN_YEARS]
    tell("load")
    load = _load(market.load, grid, real)
    found = fit_load_noise(weather, wind, load, real, WEATHER_TRIALS, lambda: tell("load"))
    load = load.model_copy(update=settings(found))
    winds, suns = _system_wind(weather, wind), _system_sun(weather, wind)

    def capacity(column: str, outputs: list[np.ndarray]) -> float:
        reached = np.mean([np.nanquantile(g[column], WIND_SCALE_QUANTILE) for g in grid])
        return round(float(reached / np.mean([np.quantile(cf, WIND_SCALE_QUANTILE) for cf in outputs])))

    before = market.price
    wind_mw = capacity("wind", winds)
    price = before.model_copy(
        update={
            "wind_capacity_mw": wind_mw,
            "solar_capacity_mw": capacity("solar", suns),
            "export_limit_mw": round(before.export_limit_mw * wind_mw / before.wind_capacity_mw),
            **fit_carbon(grid, real),
            **fit_stack(before, [g["load"] - g["wind"] - g["solar"] for g in grid], [g["hub"] for g in grid]),
        }
    )
    return market.model_copy(
        update={
            "weather": weather, "wind": wind, "load": load, "price": price,
            "forecasting": fit_forecasting(market.forecasting, _mean(winds)),
        }
    )  # fmt: skip


def _system_wind(weather: Weather, wind: Wind) -> list[np.ndarray]:
    """The fleet's wind in some years, by hour."""
    clock = make_clock(SIMULATED_YEAR, 3600, 0.0)
    return [draw_weather(weather, wind, clock, seed).system_wind_cf[clock.year] for seed in SEEDS]


def _system_sun(weather: Weather, wind: Wind) -> list[np.ndarray]:
    """The fleet's sun in the same years."""
    clock = make_clock(SIMULATED_YEAR, 3600, 0.0)
    return [draw_weather(weather, wind, clock, seed).system_solar_cf[clock.year] for seed in SEEDS]


def _mean(years: Sequence[np.ndarray]) -> float:
    return float(np.mean([year.mean() for year in years]))


def _load(load: SystemLoad, grid: Sequence[dict[str, np.ndarray]], real: Sequence[Series]) -> SystemLoad:
    """Regression on both years, scaled to one mean, with an empty day between them."""
    mean = float(np.mean([np.nanmean(g["load"]) for g in grid]))
    gap = np.full((1, 24), np.nan)
    scaled = [g["load"] * mean / np.nanmean(g["load"]) for g in grid]
    weekend = [(pd.date_range(f"{year}-01-01", periods=DAYS).day_of_week >= 5).astype(float) for year in TRAIN_YEARS]
    pool = join("training", real)
    fields = fit_load(
        load, np.concatenate([scaled[0], gap, scaled[1]]), pool.hourly["drybulb"], pool.month,
        np.concatenate([weekend[0], [0.0], weekend[1]]),
    )  # fmt: skip
    return load.model_copy(update=fields)


def _scarcity_between_years(market: Market, real: Sequence[Series]) -> Market:
    """How far years differ in the share of scarce intervals: the spread of the training years' own, in logs."""
    level = market.price.scarcity_usd_per_mwh
    shares = np.array([np.mean(y.price_rt[np.isfinite(y.price_rt)] > level) for y in real])
    if (shares <= 0).any():
        return market
    sigma = rounded(float(np.log(shares).std()), 3)
    return market.model_copy(update={"price": market.price.model_copy(update={"scarcity_frac_sigma": sigma})})


def _day_ahead(place: Place, market: Market) -> np.ndarray:
    """Hourly day-ahead prices of some generated years."""
    seeds = SHIFT_SEEDS[:RESERVE_YEARS]
    years = [make_year(market, seed, place.utc_offset_h, 3600).hourly["price_da"].ravel() for seed in seeds]
    return np.stack(years)


def settings(found: Match) -> dict[str, float]:
    """Found settings, to four digits."""
    return {name: rounded(value) for name, value in found.settings.items()}
