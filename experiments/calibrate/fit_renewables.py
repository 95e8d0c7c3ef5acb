"""Wind and sun of the whole system: simulated until their statistics match."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from experiments.calibrate.match import Knob, Match, chosen, match
from experiments.calibrate.real import DAYS
from experiments.calibrate.series import Series, by_fleet_solar, by_fleet_wind, by_mean, join
from experiments.calibrate.statistics import table_of
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.grid import draw_load_mw
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.market import SystemLoad, Weather, Wind

SEEDS = tuple(range(101, 113))
SIMULATED_YEAR = 2022
WIND_KNOBS = (
    Knob("system_centre", -2.0, 1.0),
    Knob("system_slope", 0.5, 2.5, log=True),
    Knob("slow_tau_h", 14.0, 80.0, log=True),
    Knob("slow_share", 0.2, 0.98),
    Knob("fast_tau_h", 0.8, 8.0, log=True),
    Knob("front_share", 0.0, 0.6),
    Knob("warm_share", -0.3, 0.9),
    Knob("day_amplitude", 0.05, 0.8),
    Knob("windiest_hour", 18.0, 23.9),
    Knob("season_amplitude", 0.0, 0.7),
    Knob("windiest_day", 20.0, 150.0),
)
SUN_KNOBS = (
    Knob("sun_power", 0.1, 1.6),
    Knob("sun_loss_frac", 0.2, 1.0),
    Knob("sun_loss_power", 0.5, 6.0, log=True),
    Knob("sun_overbuild_frac", 0.0, 1.5),
    Knob("noon_hour", 11.5, 13.5),
    Knob("cloud_tau_h", 4.0, 60.0, log=True),
)


def fit_wind(weather: Weather, wind: Wind, real: Sequence[Series], trials: int, tick: Callable[[], None]) -> Match:
    """Fields of `Wind` of the system, under the fitted fronts; the fleet's fast swings are taken as smooth.

    Wind feels the winter half of the year stronger: `windiest_day` is where its yearly wave stands highest.
    """
    smooth = wind.model_copy(update={"fast_smooth": True})

    def simulate(settings: dict[str, float]) -> Series:
        return weather_years(weather, smooth.model_copy(update=settings))

    statistics = [*chosen(table_of(quarters=False), "wind_", "anomaly_wind")]
    return match(
        WIND_KNOBS, wind.model_dump(), simulate, statistics, [_only(year) for year in real], trials=trials, tick=tick
    )


def fit_sun(weather: Weather, wind: Wind, real: Sequence[Series], trials: int, tick: Callable[[], None]) -> Match:
    """Fields of `Weather` that the solar fleet tells: its curve, what clouds take, their memory, the hour of noon."""

    def simulate(settings: dict[str, float]) -> Series:
        return weather_years(weather.model_copy(update=settings), wind)

    statistics = chosen(table_of(quarters=False), "solar_")
    return match(
        SUN_KNOBS, weather.model_dump(), simulate, statistics, [_only(year) for year in real], trials=trials, tick=tick
    )


FRONT_KNOBS = (
    Knob("mean_c", -10.0, 30.0),
    Knob("front_tau_h", 8.0, 40.0, log=True),
    Knob("front_skew", 0.0, 0.5),
    Knob("front_sd_winter_c", 0.5, 10.0, log=True),
    Knob("front_sd_summer_c", 0.5, 6.0, log=True),
    Knob("dewpoint_mean_c", -10.0, 24.0),
    Knob("dewpoint_sd_c", 0.5, 8.0, log=True),
    Knob("dewpoint_cap_c", 8.0, 28.0),
    Knob("dewpoint_front_c", 0.0, 8.0),
)


def fit_fronts(weather: Weather, wind: Wind, real: Sequence[Series], trials: int, tick: Callable[[], None]) -> Match:
    """Fields of `Weather` that the tails of temperature and wet bulb tell, from the regressions' first guess on."""

    def simulate(settings: dict[str, float]) -> Series:
        return weather_years(weather.model_copy(update=settings), wind)

    statistics = chosen(table_of(quarters=False), "drybulb_q", "wetbulb_q", "anomaly_sd", "anomaly_acf")
    return match(
        FRONT_KNOBS, weather.model_dump(), simulate, statistics, [_only(y) for y in real], trials=trials, tick=tick
    )


LOAD_KNOBS = (
    Knob("base_mw", 5_000.0, 80_000.0, log=True),
    Knob("cooling_mw_per_c", 1.0, 6_000.0, log=True),
    Knob("heating_mw_per_c", 1.0, 6_000.0, log=True),
    Knob("frost_mw_per_c", 1.0, 6_000.0, log=True),
    Knob("noise_frac", 0.003, 0.12, log=True),
    Knob("noise_tau_h", 2.0, 60.0, log=True),
)


def fit_load_noise(
    weather: Weather, wind: Wind, load: SystemLoad, real: Sequence[Series], trials: int, tick: Callable[[], None]
) -> Match:
    """Strengths and noise of `SystemLoad`, from the regression on: one city's temperature explains a state's load
    less well than the state's own would, so the regression leaves too much to noise."""

    def simulate(settings: dict[str, float]) -> Series:
        return weather_years(weather, wind, load.model_copy(update=settings))

    statistics = chosen(table_of(quarters=False), "load_", "rank_drybulb_load")
    years = [_only(year) for year in real]
    return match(LOAD_KNOBS, load.model_dump(), simulate, statistics, years, trials=trials, tick=tick)


def weather_years(weather: Weather, wind: Wind, load: SystemLoad | None = None) -> Series:
    """Some years by the hour without prices, in UTC: weather, and the load that it makes where one is given."""
    years = []
    for seed in SEEDS:
        clock = make_clock(SIMULATED_YEAR, 3600, 0.0)
        drawn = draw_weather(weather, wind, clock, seed)

        def hours(values: np.ndarray, rows: slice = clock.year) -> np.ndarray:
            return values[rows].reshape(DAYS, 24)

        hourly = {
            "drybulb": hours(drawn.drybulb_c),
            "wetbulb": hours(drawn.wetbulb_c),
            "wind": by_fleet_wind(hours(drawn.system_wind_cf)),
            "solar": by_fleet_solar(hours(drawn.system_solar_cf)),
            "load": np.ones((DAYS, 24))
            if load is None
            else by_mean(hours(draw_load_mw(load, clock, drawn.drybulb_c, seed))),
        }
        years.append(Series(f"weather {seed}", np.full((DAYS, 24), np.nan), hourly, clock.month[clock.year][::24]))
    return join("weather", years)


def _only(real: Series) -> Series:
    """The real series with what the simulated one has."""
    keys = ("drybulb", "wetbulb", "wind", "solar", "load")
    return Series(real.name, real.price_rt, {key: real.hourly[key] for key in keys if key in real.hourly}, real.month)
