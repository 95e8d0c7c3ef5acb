"""Real years as `Series`: what the calibration learns from and is checked against. Nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibrate.series import Series, by_fleet_solar, by_fleet_wind, by_mean, without
from experiments.command import UserError
from hybrid_env.traces.generate.weather import wetbulb_c

DAYS = 365
FILL_H = 6
"""Longest gap of an hourly series that is interpolated; longer ones stay missing, and prices are never filled."""
STORM_DAYS = (40, 51)
"""10 to 21 February 2021, counted from 0: a stress year of its own, not the weather of ordinary years."""


@dataclass(frozen=True)
class Source:
    """Where a market's real series stand, relative to the data folder.

    Attributes:
        city: hourly file of weather, carbon and a day-ahead (or hourly) price, `{year}` in its name.
        quarter: 15-minute file and its price column; None where the market settles by the hour.
        grid: hourly file of system load, wind and solar; None without one.
        day_ahead: its column of the day-ahead price at the same place as the real-time price. A year whose file lacks
            it (ERCOT 2023 has the hub average alone) has no `price_da`.
        hub: its column of the whole grid's day-ahead price.
        storm: the year 2021 holds the winter storm.
    """

    utc_offset_h: int
    city: str
    quarter: tuple[str, str] | None = None
    grid: str | None = None
    day_ahead: str = ""
    hub: str = ""
    storm: bool = False


SOURCES = {
    "ercot": Source(
        -6, "texas_{year}.csv.gz", ("market/ercot_15min_{year}.csv.gz", "price_rt_usd_per_mwh"),
        "market/ercot_hourly_{year}.csv.gz", "price_da_usd_per_mwh", "price_da_hubavg_usd_per_mwh", storm=True,
    ),
    "caiso": Source(-8, "california_{year}.csv.gz", ("market/caiso_15min_{year}.csv.gz", "price_rt_np15_usd_per_mwh")),
    "ontario": Source(-5, "ontario_{year}.csv.gz"),
}  # fmt: skip
TRAIN_YEARS = (2021, 2022)
VALIDATION_YEAR = 2023


def read_year(market: str, year: int, data: Path, *, storm: bool = False) -> Series:
    """One real year in local standard days; days of the winter storm are missing unless asked for.

    Load is divided by its yearly mean, wind and solar by what their fleets reach, so that years of different fleets
    compare. Where a market has no day-ahead series (Ontario), `price_da` is absent.

    Raises:
        UserError: a file is missing.
    """
    source = SOURCES[market]
    local = pd.date_range(f"{year}-01-01", periods=DAYS * 24, freq="h")
    utc = local - pd.Timedelta(hours=source.utc_offset_h)
    city = _table(data / source.city.format(year=year))

    def hours(table: pd.DataFrame, column: str, limit: int = FILL_H) -> np.ndarray:
        on_grid = pd.Series(table[column]).reindex(utc)
        if limit:
            on_grid = on_grid.interpolate(limit=limit, limit_area="inside")
        return on_grid.to_numpy(float).reshape(DAYS, 24)

    drybulb = hours(city, "drybulb_c")
    hourly = {
        "drybulb": drybulb,
        "wetbulb": wetbulb_c(drybulb, hours(city, "relative_humidity_pct")),
        "carbon": hours(city, "carbon_direct_kg_per_mwh"),
    }
    if source.grid is not None:
        grid = _table(data / source.grid.format(year=year))
        if source.day_ahead in grid:
            hourly["price_da"] = hours(grid, source.day_ahead, 0)
        hourly["load"] = by_mean(hours(grid, "system_load_mw"))
        hourly["wind"] = by_fleet_wind(hours(grid, "wind_mw"))
        hourly["solar"] = by_fleet_solar(hours(grid, "solar_mw"))
    if source.quarter is None:
        price = hours(city, "price_usd_per_mwh", 0)
    else:
        name, column = source.quarter
        quarters = pd.date_range(utc[0], periods=DAYS * 96, freq="15min")
        settled = pd.Series(_table(data / name.format(year=year))[column]).reindex(quarters)
        price = settled.to_numpy(float).reshape(DAYS, 96)
        if source.grid is None:
            hourly["price_da"] = hours(city, "price_usd_per_mwh", 0)
    series = Series(f"{market} {year}", price, hourly, local.month.to_numpy()[::24])
    return without(series, *STORM_DAYS) if source.storm and year == 2021 and not storm else series


def read_grid_mw(market: str, year: int, data: Path) -> dict[str, np.ndarray]:
    """System load, wind and solar in MW and the hub's day-ahead price [365, 24], storm days missing.

    Raises:
        UserError: the market has no such file.
    """
    source = SOURCES[market]
    if source.grid is None:
        raise UserError(f"{market}: there is no series of load, wind and solar")
    utc = pd.date_range(f"{year}-01-01", periods=DAYS * 24, freq="h") - pd.Timedelta(hours=source.utc_offset_h)
    grid = _table(data / source.grid.format(year=year)).reindex(utc).interpolate(limit=FILL_H, limit_area="inside")
    out = {}
    for key, column in (("load", "system_load_mw"), ("wind", "wind_mw"), ("solar", "solar_mw"), ("hub", source.hub)):
        out[key] = grid[column].to_numpy(float).reshape(DAYS, 24).copy()
        if source.storm and year == 2021:
            out[key][STORM_DAYS[0] : STORM_DAYS[1] + 1] = np.nan
    return out


def _table(path: Path) -> pd.DataFrame:
    """A tidy file by its UTC time, without an offset."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; data=... must name the folder that holds the real series")
    table = pd.read_csv(path)
    stamps = pd.to_datetime(table.pop("timestamp_utc"), utc=True)
    table.index = pd.DatetimeIndex(stamps).tz_localize(None)
    return table.loc[~table.index.duplicated()]
