"""Generated years as `Series`."""

from __future__ import annotations

import numpy as np

from experiments.calibrate.real import DAYS
from experiments.calibrate.series import Series, by_fleet_solar, by_fleet_wind, by_mean
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.generate.year import CALENDAR_CYCLE, FIRST_YEAR
from hybrid_env.traces.market import Market

LIMIT_MW = 100.0


def make_year(market: Market, seed: int, utc_offset_h: float, interval_s: int = 900) -> Series:
    """The year of one seed, scaled as real ones are; system wind and solar are drawn again by the same streams."""
    year = market.year or FIRST_YEAR + seed % CALENDAR_CYCLE
    trace = generate_year(market, seed, LIMIT_MW, interval_s, utc_offset_h, year)
    clock = make_clock(year, interval_s, utc_offset_h)
    weather = draw_weather(market.weather, market.wind, clock, seed)

    def hours(values: np.ndarray) -> np.ndarray:
        return values.reshape(DAYS, 24, -1).mean(axis=2)

    rows = trace.rows
    return Series(
        name=trace.name,
        price_rt=rows["price_rt_usd_per_mwh"].reshape(DAYS, -1),
        hourly={
            "price_da": hours(rows["price_da_usd_per_mwh"]),
            "load": by_mean(hours(rows["system_load_mw"])),
            "wind": by_fleet_wind(hours(weather.system_wind_cf[clock.year])),
            "solar": by_fleet_solar(hours(weather.system_solar_cf[clock.year])),
            "drybulb": hours(rows["drybulb_c"]),
            "wetbulb": hours(rows["wetbulb_c"]),
            "carbon": hours(rows["carbon_average_kg_per_mwh"]),
        },
        month=clock.month[clock.year][:: 24 * clock.rows_per_h],
    )
