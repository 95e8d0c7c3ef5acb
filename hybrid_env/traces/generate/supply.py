"""What the site's own sources have to work with: sun, water, the ground's heat, fuel."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.noise import Stream, stream, wander
from hybrid_env.traces.generate.weather import WeatherYear, solar_cf, squash
from hybrid_env.traces.market import Fuel, Geothermal, Hydro, Solar, Weather

CLOUD_Z_VARIANCE = 1.25
"""Of the latent cloud: 1 of its own, and a quarter from the fronts."""


def draw_site_solar_cf(solar: Solar, climate: Weather, clock: Clock, weather: WeatherYear, seed: int) -> np.ndarray:
    """The site's field under the system's sun: its own small clouds, its own losses, clipped by its inverters."""
    own = wander(stream(seed, Stream.SOLAR, 1), len(clock), solar.own_tau_h, clock.interval_h)
    own_z = np.sqrt(solar.own_share * CLOUD_Z_VARIANCE) * own
    panels = solar_cf(climate, clock, squash(np.sqrt(1 - solar.own_share) * weather.cloud_z + own_z))
    return np.minimum(panels * solar.derate_frac * (1 + solar.overbuild_frac), 1)


def draw_hydro_cf(hydro: Hydro, clock: Clock, seed: int) -> np.ndarray:
    """Winter flow, a freshet with soft shoulders, and slow lognormal noise; no more than the turbine can pass."""
    middle = (hydro.freshet_first_day + hydro.freshet_last_day) / 2
    half = (hydro.freshet_last_day - hydro.freshet_first_day) / 2
    away = np.abs((clock.season_day - middle + DAYS / 2) % DAYS - DAYS / 2)
    freshet = squash((half - away) / hydro.shoulder_days)
    flow = hydro.winter_frac + (hydro.freshet_frac - hydro.winter_frac) * freshet
    noise = wander(stream(seed, Stream.HYDRO), len(clock), hydro.noise_tau_h, clock.interval_h)
    return np.clip(flow * np.exp(hydro.noise_sigma * noise), 0, 1)


def geothermal_cf(geothermal: Geothermal, drybulb_c: np.ndarray) -> np.ndarray:
    """Capacity factor of an air-cooled plant: linear fall above its design dry bulb."""
    above_k = np.maximum(drybulb_c - geothermal.design_drybulb_c, 0)
    return geothermal.cf * np.maximum(1 - geothermal.fall_frac_per_k * above_k, 0)


def fuel_usd_per_mmbtu(fuel: Fuel, clock: Clock, gas_usd_per_mmbtu: np.ndarray) -> np.ndarray:
    """The market's gas at the start of each local day, held over it (gas is traded by the day), with the surcharge."""
    day = np.floor(clock.season_day).astype(np.int64)
    first_row = np.searchsorted(day, np.unique(day))
    of_day = gas_usd_per_mmbtu[first_row][day - day[0]]
    return np.maximum(of_day + fuel.surcharge_usd_per_mmbtu, 0)


def draw_fuel_cf(fuel: Fuel, clock: Clock, seed: int) -> np.ndarray:
    """1, but for interruptions at random times with exponential lengths."""
    rng = stream(seed, Stream.FUEL)
    left = np.ones(len(clock))
    years = len(clock) * clock.interval_h / (DAYS * 24)
    for _ in range(rng.poisson(fuel.outages_per_year * years)):
        first = int(rng.integers(len(clock)))
        rows = max(1, round(rng.exponential(fuel.outage_hours) / clock.interval_h))
        left[first : first + rows] = fuel.outage_left_frac
    return left
