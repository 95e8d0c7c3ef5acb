"""A market's years in one shape, real or generated alike: arrays of local standard days by hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

HOURS = 24
ASINH_USD_PER_MWH = 20.0
"""Prices are compared as `asinh(price / 20)`: linear near zero, logarithmic in the tail, defined below zero."""
WIND_SCALE_QUANTILE = 0.995
SOLAR_SCALE_DAYS = 61
"""Output is divided by what its fleet reaches: wind by a high quantile of the year, solar, whose fleet grows within a
year, by the highest of these many days around."""


@dataclass(frozen=True)
class Series:
    """Days of one market, one year or several with an empty day between them.

    Attributes:
        name: how tables and plots call it.
        price_rt: real-time price, USD/MWh [days, 96], or [days, 24] where the market settles by the hour.
        hourly: name -> [days, 24]; `price_da`, `load`, `wind`, `solar` (shares of the year's scale), `drybulb`,
            `wetbulb` (C), `carbon` (kg/MWh). Absent where there is no source; NaN where a value is missing.
        month: 1 to 12 [days].
    """

    name: str
    price_rt: np.ndarray
    hourly: dict[str, np.ndarray]
    month: np.ndarray

    def __len__(self) -> int:
        return len(self.month)

    @property
    def steps_per_h(self) -> int:
        """Settlement intervals an hour."""
        return self.price_rt.shape[1] // HOURS

    @cached_property
    def price_rt_hourly(self) -> np.ndarray:
        """Hourly means [days, 24]; NaN if an interval is missing."""
        return self.price_rt.reshape(len(self), HOURS, -1).mean(axis=2)

    def winter(self) -> np.ndarray:
        """Days of December to February."""
        return np.isin(self.month, (12, 1, 2))

    def summer(self) -> np.ndarray:
        """Days of June to August."""
        return np.isin(self.month, (6, 7, 8))


def join(name: str, years: Sequence[Series]) -> Series:
    """Years after each other, with an empty day between them so that nothing is carried over.

    Raises:
        ValueError: no year is given, or years differ in columns or intervals.
    """
    if not years:
        raise ValueError("join needs at least one year")
    if len({tuple(sorted(year.hourly)) for year in years}) > 1 or len({year.price_rt.shape[1] for year in years}) > 1:
        raise ValueError(f"{name}: years differ in columns or intervals")

    def stack(parts: list[np.ndarray]) -> np.ndarray:
        gap = np.full((1, parts[0].shape[1]), np.nan)
        return np.concatenate([piece for part in parts for piece in (part, gap)][:-1])

    months = np.concatenate([piece for year in years for piece in (year.month, [0])][:-1])
    hourly = {key: stack([year.hourly[key] for year in years]) for key in years[0].hourly}
    return Series(name, stack([year.price_rt for year in years]), hourly, months)


def without(series: Series, first_day: int, last_day: int) -> Series:
    """The series with some days made missing; days counted from its first, both included."""

    def blank(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        out[first_day : last_day + 1] = np.nan
        return out

    hourly = {key: blank(values) for key, values in series.hourly.items()}
    return Series(series.name, blank(series.price_rt), hourly, series.month)


def squeeze(price_usd_per_mwh: np.ndarray) -> np.ndarray:
    """`asinh(price / 20)`."""
    return np.arcsinh(price_usd_per_mwh / ASINH_USD_PER_MWH)


def by_mean(values: np.ndarray) -> np.ndarray:
    """Divided by the mean."""
    return values / np.nanmean(values)


def by_fleet_wind(wind_mw: np.ndarray) -> np.ndarray:
    """Wind output divided by a high quantile of the year."""
    return wind_mw / np.nanquantile(wind_mw, WIND_SCALE_QUANTILE)


def by_fleet_solar(solar_mw: np.ndarray) -> np.ndarray:
    """Solar output [days, 24] divided by the highest hour of the days around."""
    half = SOLAR_SCALE_DAYS // 2
    padded = np.pad(np.nan_to_num(solar_mw.max(axis=1)), half, mode="edge")
    peak = np.lib.stride_tricks.sliding_window_view(padded, SOLAR_SCALE_DAYS).max(axis=1)
    return solar_mw / np.maximum(peak, 1.0)[:, None]
