"""One table of named statistics, computed the same for real and for generated series."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from experiments.calibrate.measures import (
    autocorrelation,
    correlation,
    daily_anomaly,
    day_clustering,
    hour_profile,
    mean_run_h,
    month_profile,
    rank_correlation,
)
from experiments.calibrate.series import Series, squeeze

PERCENT = (0.1, 0.5, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9)
SPIKE_USD_PER_MWH = 250.0
EXTREME_USD_PER_MWH = 1_000.0

Values = np.ndarray
Compute = Callable[[Series], "float | Values"]


@dataclass(frozen=True)
class Statistic:
    """A named figure, or a curve of figures, of a series.

    Attributes:
        subject: what it is about; tables are grouped by it.
        unit: of the value; "asinh" is that of `asinh(price / 20 USD/MWh)`.
        needs: hourly columns without which it cannot be computed.
        event: where it is about how often something happens, for how long or how crowded: the test of a price.
        counts: it is how often.
    """

    name: str
    subject: str
    unit: str
    compute: Compute
    needs: tuple[str, ...] = ()
    event: Callable[[Values], Values] | None = None
    counts: bool = False

    @property
    def is_quantile(self) -> bool:
        """A quantile of a column."""
        return re.search(r"_q[0-9.]+$", self.name) is not None

    def of(self, series: Series) -> Values | None:
        """Value as an array of one or more figures; None where the series lacks a column."""
        if any(name not in series.hourly for name in self.needs):
            return None
        return np.atleast_1d(np.asarray(self.compute(series), float))


def _quantile(series: Series, column: str, percent: float) -> float:
    values = series.price_rt if column == "price_rt" else series.hourly[column]
    return float(np.nanpercentile(values, percent))


def _share(series: Series, test: Callable[[Values], Values]) -> float:
    """Per cent of the settled intervals."""
    there = np.isfinite(series.price_rt)
    return float(100 * test(series.price_rt[there]).mean())


def _above(level: float, prices: Values) -> Values:
    return prices > level


def _below_zero(prices: Values) -> Values:
    return prices < 0


def _price_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="real-time price")
    spike, extreme = partial(_above, SPIKE_USD_PER_MWH), partial(_above, EXTREME_USD_PER_MWH)
    return [
        *(
            make(f"rt_q{q:g}", unit="USD/MWh", compute=partial(_quantile, column="price_rt", percent=q))
            for q in PERCENT
        ),
        make("rt_mean", unit="USD/MWh", compute=lambda s: float(np.nanmean(s.price_rt))),
        *(
            make(f"rt_{name}", unit="% of time", compute=partial(_share, test=test), event=test, counts=True)
            for name, test in (
                ("negative", _below_zero),
                ("over_100", partial(_above, 100.0)),
                ("over_250", spike),
                ("over_1000", extreme),
            )
        ),
        *(
            make(f"{name}_run", unit="h", compute=partial(_run_h, test=test), event=test)
            for name, test in (("negative", _below_zero), ("spike", spike), ("extreme", extreme))
        ),
        *(
            make(f"{name}_days", unit="% of days", compute=partial(_share_of_days, test=test), event=test, counts=True)
            for name, test in (("negative", _below_zero), ("spike", spike))
        ),
        *(
            make(f"{name}_clustering", unit="ratio", compute=partial(_clustering, test=test), event=test)
            for name, test in (("negative", _below_zero), ("spike", spike))
        ),
        make("rt_by_hour", unit="asinh", compute=lambda s: hour_profile(squeeze(s.price_rt_hourly))),
        make("rt_by_hour_winter", unit="asinh", compute=lambda s: hour_profile(squeeze(s.price_rt_hourly[s.winter()]))),
        make("rt_by_hour_summer", unit="asinh", compute=lambda s: hour_profile(squeeze(s.price_rt_hourly[s.summer()]))),
        make("rt_by_month", unit="asinh", compute=lambda s: month_profile(squeeze(s.price_rt_hourly), s.month)),
        *(make(f"rt_acf_{lag:g}h", unit="1", compute=partial(_acf_rt, lag_h=lag)) for lag in (1, 4, 12, 24, 48, 168)),
        make("negative_by_hour", unit="% of time", compute=lambda s: 100 * _negative_by_hour(s)),
    ]


def _quarter_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="real-time price by quarter-hour")
    return [
        make("rt_acf_0.25h", unit="1", compute=partial(_acf_rt, lag_h=0.25)),
        *(
            make(f"within_hour_q{q}", unit="USD/MWh", compute=partial(_within_hour, percent=q))
            for q in (25, 50, 75, 90, 95, 99)
        ),
    ]


def days_with(series: Series, test: Callable[[Values], Values]) -> Values:
    """Whether the test holds at some time of the day, for each day with a price."""
    there = np.isfinite(series.price_rt).any(axis=1)
    return np.asarray(test(series.price_rt[there]).any(axis=1))


def _share_of_days(series: Series, test: Callable[[Values], Values]) -> float:
    return float(100 * days_with(series, test).mean())


def _run_h(series: Series, test: Callable[[Values], Values]) -> float:
    return mean_run_h(test(series.price_rt), series.steps_per_h)


def _clustering(series: Series, test: Callable[[Values], Values]) -> float:
    return day_clustering(test(series.price_rt))


def _acf_rt(series: Series, lag_h: float) -> float:
    return autocorrelation(squeeze(series.price_rt), round(lag_h * series.steps_per_h))


def _negative_by_hour(series: Series) -> Values:
    hourly = series.price_rt_hourly
    return np.nanmean(np.where(np.isnan(hourly), np.nan, hourly < 0), axis=0)


def _within_hour(series: Series, percent: float) -> float:
    """Quantile of the distance of a quarter's price from its hour's mean."""
    cube = series.price_rt.reshape(len(series), 24, -1)
    return float(np.nanpercentile(np.abs(cube - cube.mean(axis=2, keepdims=True)), percent))


def _day_ahead_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="day-ahead price", needs=("price_da",))
    return [
        *(
            make(f"da_q{q:g}", unit="USD/MWh", compute=partial(_quantile, column="price_da", percent=q))
            for q in PERCENT
        ),
        make("da_mean", unit="USD/MWh", compute=lambda s: float(np.nanmean(s.hourly["price_da"]))),
        make("da_by_hour", unit="asinh", compute=lambda s: hour_profile(squeeze(s.hourly["price_da"]))),
        make(
            "da_by_hour_winter",
            unit="asinh",
            compute=lambda s: hour_profile(squeeze(s.hourly["price_da"][s.winter()])),
        ),
        make(
            "da_by_hour_summer",
            unit="asinh",
            compute=lambda s: hour_profile(squeeze(s.hourly["price_da"][s.summer()])),
        ),
        make("da_by_month", unit="asinh", compute=lambda s: month_profile(squeeze(s.hourly["price_da"]), s.month)),
        make("da_acf_1h", unit="1", compute=lambda s: autocorrelation(squeeze(s.hourly["price_da"]), 1)),
        make("da_acf_24h", unit="1", compute=lambda s: autocorrelation(squeeze(s.hourly["price_da"]), 24)),
        make("da_acf_168h", unit="1", compute=lambda s: autocorrelation(squeeze(s.hourly["price_da"]), 168)),
        make("spread_mean", unit="USD/MWh", compute=lambda s: float(np.nanmean(_spread(s)))),
        *(
            make(f"spread_q{q:g}", unit="USD/MWh", compute=partial(_spread_quantile, percent=q))
            for q in (1, 5, 25, 50, 75, 95, 99)
        ),
        make("da_rt_rank", unit="1", compute=lambda s: rank_correlation(s.hourly["price_da"], s.price_rt_hourly)),
        make("spread_acf_1h", unit="1", compute=lambda s: autocorrelation(_squeezed_spread(s), 1)),
        make("spread_acf_24h", unit="1", compute=lambda s: autocorrelation(_squeezed_spread(s), 24)),
    ]


def _spread(series: Series) -> Values:
    """Real-time less day-ahead, by the hour."""
    return series.price_rt_hourly - series.hourly["price_da"]


def _squeezed_spread(series: Series) -> Values:
    return squeeze(series.price_rt_hourly) - squeeze(series.hourly["price_da"])


def _spread_quantile(series: Series, percent: float) -> float:
    return float(np.nanpercentile(_spread(series), percent))


def _load_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="system load", needs=("load",))
    return [
        *(
            make(f"load_q{q:g}", unit="of mean", compute=partial(_quantile, column="load", percent=q))
            for q in (0.1, 1, 10, 25, 50, 75, 90, 99, 99.9)
        ),
        make("load_by_hour_winter", unit="of mean", compute=lambda s: hour_profile(s.hourly["load"][s.winter()])),
        make("load_by_hour_summer", unit="of mean", compute=lambda s: hour_profile(s.hourly["load"][s.summer()])),
        make("load_by_month", unit="of mean", compute=lambda s: month_profile(s.hourly["load"], s.month)),
        *(make(f"load_acf_{h}h", unit="1", compute=partial(_acf, column="load", lag=h)) for h in (1, 24, 168)),
    ]


def _acf(series: Series, column: str, lag: int) -> float:
    return autocorrelation(series.hourly[column], lag)


def _renewable_statistics() -> list[Statistic]:
    wind = partial(Statistic, subject="wind", needs=("wind",))
    solar = partial(Statistic, subject="solar", needs=("solar",))
    return [
        *(
            wind(f"wind_q{q:g}", unit="of fleet", compute=partial(_quantile, column="wind", percent=q))
            for q in (1, 5, 25, 50, 75, 95, 99)
        ),
        wind("wind_by_hour", unit="of fleet", compute=lambda s: hour_profile(s.hourly["wind"])),
        wind("wind_by_month", unit="of fleet", compute=lambda s: month_profile(s.hourly["wind"], s.month)),
        *(
            wind(f"wind_acf_{h}h", unit="1", compute=partial(_acf, column="wind", lag=h))
            for h in (1, 3, 6, 12, 24, 48)
        ),
        wind("wind_step_sd", unit="of fleet", compute=lambda s: float(np.nanstd(np.diff(s.hourly["wind"].ravel())))),
        solar("solar_mean", unit="of fleet", compute=lambda s: float(np.nanmean(s.hourly["solar"]))),
        solar("solar_by_hour_winter", unit="of fleet", compute=lambda s: hour_profile(s.hourly["solar"][s.winter()])),
        solar("solar_by_hour_summer", unit="of fleet", compute=lambda s: hour_profile(s.hourly["solar"][s.summer()])),
        solar("solar_day_cv", unit="1", compute=_solar_day_variation),
        solar(
            "solar_day_acf", unit="1",
            compute=lambda s: autocorrelation(daily_anomaly(s.hourly["solar"])[:, None], 1),
        ),
    ]  # fmt: skip


def _solar_day_variation(series: Series) -> float:
    """Standard deviation of a day's energy around its month's course, over the mean."""
    return float(np.nanstd(daily_anomaly(series.hourly["solar"])) / np.nanmean(series.hourly["solar"]))


def _weather_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="weather", needs=("drybulb", "wetbulb"))
    quantiles = [
        make(f"{column}_q{q:g}", unit="C", compute=partial(_quantile, column=column, percent=q))
        for column in ("drybulb", "wetbulb")
        for q in (0.1, 1, 10, 50, 90, 99, 99.9)
    ]
    return [
        *quantiles,
        make("drybulb_by_hour_winter", unit="C", compute=lambda s: hour_profile(s.hourly["drybulb"][s.winter()])),
        make("drybulb_by_hour_summer", unit="C", compute=lambda s: hour_profile(s.hourly["drybulb"][s.summer()])),
        make("drybulb_by_month", unit="C", compute=lambda s: month_profile(s.hourly["drybulb"], s.month)),
        make("anomaly_sd_winter", unit="C", compute=lambda s: _anomaly_sd(s, s.winter())),
        make("anomaly_sd_summer", unit="C", compute=lambda s: _anomaly_sd(s, s.summer())),
        *(make(f"anomaly_acf_{d}d", unit="1", compute=partial(_anomaly_acf, days=d)) for d in (1, 2, 4)),
    ]


def _anomaly_sd(series: Series, chosen: Values) -> float:
    return float(np.nanstd(daily_anomaly(series.hourly["drybulb"])[chosen]))


def _anomaly_acf(series: Series, days: int) -> float:
    return autocorrelation(daily_anomaly(series.hourly["drybulb"])[:, None], days)


def _cross_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="together")
    everything = ("drybulb", "wind", "load")
    return [
        make("rank_drybulb_load_summer", unit="1", needs=everything, compute=partial(_daily_rank, season="summer")),
        make("rank_drybulb_load_winter", unit="1", needs=everything, compute=partial(_daily_rank, season="winter")),
        make("anomaly_wind", unit="1", needs=everything, compute=_anomaly_wind),
        make("rank_load_rt", unit="1", needs=("load",), compute=partial(_rank_with_rt, column="load")),
        make("rank_wind_rt", unit="1", needs=("wind",), compute=partial(_rank_with_rt, column="wind")),
        make("rank_solar_rt", unit="1", needs=("solar",), compute=partial(_rank_with_rt, column="solar")),
        make("rank_drybulb_rt", unit="1", needs=("drybulb",), compute=partial(_rank_with_rt, column="drybulb")),
        make(
            "rank_wind_da", unit="1", needs=("wind", "price_da"),
            compute=lambda s: rank_correlation(s.hourly["wind"], s.hourly["price_da"]),
        ),
        make("negative_in_top_wind", unit="% of time", needs=("wind",), compute=_negative_in_top_wind),
        make(
            "rank_load_carbon", unit="1", needs=("load", "carbon"),
            compute=lambda s: rank_correlation(s.hourly["load"], s.hourly["carbon"]),
        ),
        make(
            "rank_wind_carbon", unit="1", needs=("wind", "carbon"),
            compute=lambda s: rank_correlation(s.hourly["wind"], s.hourly["carbon"]),
        ),
    ]  # fmt: skip


def _daily_rank(series: Series, season: str) -> float:
    """Of a day's mean temperature and load."""
    chosen = series.summer() if season == "summer" else series.winter()
    return rank_correlation(series.hourly["drybulb"].mean(axis=1)[chosen], series.hourly["load"].mean(axis=1)[chosen])


def _anomaly_wind(series: Series) -> float:
    return correlation(daily_anomaly(series.hourly["drybulb"]), daily_anomaly(series.hourly["wind"]))


def _rank_with_rt(series: Series, column: str) -> float:
    return rank_correlation(series.hourly[column], series.price_rt_hourly)


def _negative_in_top_wind(series: Series) -> float:
    """Share of hours below zero in the windiest tenth."""
    windy = series.hourly["wind"] > np.nanquantile(series.hourly["wind"], 0.9)
    price = series.price_rt_hourly[windy]
    return float(100 * (price[np.isfinite(price)] < 0).mean())


def _carbon_statistics() -> list[Statistic]:
    make = partial(Statistic, subject="carbon", needs=("carbon",))
    return [
        *(
            make(f"carbon_q{q:g}", unit="kg/MWh", compute=partial(_quantile, column="carbon", percent=q))
            for q in (1, 10, 50, 90, 99)
        ),
        make("carbon_by_hour", unit="kg/MWh", compute=lambda s: hour_profile(s.hourly["carbon"])),
        make("carbon_by_month", unit="kg/MWh", compute=lambda s: month_profile(s.hourly["carbon"], s.month)),
        make("carbon_acf_24h", unit="1", compute=partial(_acf, column="carbon", lag=24)),
    ]


def table_of(quarters: bool) -> tuple[Statistic, ...]:
    """Every statistic, in the order in which tables show them; those within an hour only for quarter-hour markets."""
    return (
        *_price_statistics(),
        *(_quarter_statistics() if quarters else ()),
        *_day_ahead_statistics(),
        *_load_statistics(),
        *_renewable_statistics(),
        *_weather_statistics(),
        *_cross_statistics(),
        *_carbon_statistics(),
    )
