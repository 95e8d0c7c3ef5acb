"""Weather and the renewable output it makes, for the site and for the whole system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.generate.clock import DAYS, Clock
from hybrid_env.traces.generate.noise import Stream, smooth_wander, stream, wander
from hybrid_env.traces.market import Weather, Wind

SOLSTICE_DAY = 171
"""Day of year of the northern summer solstice, counted from 0."""
OBLIQUITY_DEG = 23.45
CLEAR_SKY_CF = 0.95
"""Output of tracking panels under an overhead sun and a clear sky, share of the rating."""


@dataclass(frozen=True)
class WeatherYear:
    """Row series, lead-in and lead-out included."""

    drybulb_c: np.ndarray
    wetbulb_c: np.ndarray
    site_wind_cf: np.ndarray
    system_wind_cf: np.ndarray
    system_solar_cf: np.ndarray
    cloud_z: np.ndarray
    """Latent cloud, before its map to (0, 1)."""


def draw_weather(weather: Weather, wind: Wind, clock: Clock, seed: int) -> WeatherYear:
    """Fronts move temperature, dew point, cloud and wind together."""
    rng = stream(seed, Stream.WEATHER)
    n, step_h = len(clock), clock.interval_h
    front = smooth_wander(rng, n, weather.front_tau_h, step_h)
    cloud_z = wander(rng, n, weather.cloud_tau_h, step_h) - 0.5 * front
    cloud = squash(cloud_z)
    drybulb = _drybulb_c(weather, clock, front, cloud)
    dew_noise = smooth_wander(rng, n, weather.dewpoint_tau_h, step_h)
    dewpoint = (
        weather.dewpoint_mean_c
        + weather.dewpoint_season_amplitude_c * clock.season_wave(weather.warmest_day)
        + weather.dewpoint_sd_c * dew_noise
        + weather.dewpoint_front_c * front
    )
    dewpoint = weather.dewpoint_cap_c - np.logaddexp(0, weather.dewpoint_cap_c - dewpoint)
    humidity = relative_humidity_pct(drybulb, np.minimum(dewpoint, drybulb))
    site_wind, system_wind = _wind_cf(wind, clock, front, weather.front_tau_h, seed)
    return WeatherYear(
        drybulb_c=drybulb,
        wetbulb_c=np.minimum(wetbulb_c(drybulb, humidity), drybulb),
        site_wind_cf=site_wind,
        system_wind_cf=system_wind,
        system_solar_cf=solar_cf(weather, clock, cloud),
        cloud_z=cloud_z,
    )


def wetbulb_c(drybulb_c: np.ndarray, humidity_pct: np.ndarray) -> np.ndarray:
    """Wet-bulb temperature (C) at sea-level pressure.

    Stull (2011), J. Appl. Meteorol. Climatol. 50, eq. 1: within 1 K for 5 to 99 % humidity and -20 to 50 C.
    Humidity is clipped to that range, the result to the dry bulb.
    """
    t, rh = drybulb_c, np.clip(humidity_pct, 5.0, 99.0)
    wet = (
        t * np.arctan(0.151977 * np.sqrt(rh + 8.313659))
        + np.arctan(t + rh)
        - np.arctan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * np.arctan(0.023101 * rh)
        - 4.686035
    )
    return np.minimum(wet, t)


def relative_humidity_pct(drybulb_c: np.ndarray, dewpoint_c: np.ndarray) -> np.ndarray:
    """Relative humidity (%) from dry bulb and dew point; Magnus formula, Alduchov and Eskridge (1996) constants."""
    a, b = 17.625, 243.04
    return 100 * np.exp(a * dewpoint_c / (b + dewpoint_c) - a * drybulb_c / (b + drybulb_c))


def squash(z: np.ndarray) -> np.ndarray:
    """Logistic map of a latent path to (0, 1)."""
    return 1 / (1 + np.exp(-z))


def _drybulb_c(weather: Weather, clock: Clock, front: np.ndarray, cloud: np.ndarray) -> np.ndarray:
    """Season + day (flatter under cloud) + fronts (wider and skewed to the cold in winter)."""
    season = clock.season_wave(weather.warmest_day)
    winter = (1 - season) / 2
    spread = weather.front_sd_summer_c + (weather.front_sd_winter_c - weather.front_sd_summer_c) * winter
    skewed = front - weather.front_skew * winter * (np.minimum(front, 0) ** 2 - 0.5)
    day = (1.3 - 0.7 * cloud) * _day_c(weather, clock, winter)
    return weather.mean_c + weather.season_amplitude_c * season + day + spread * skewed


def _day_c(weather: Weather, clock: Clock, winter: np.ndarray) -> np.ndarray:
    """Course of the day under mean cloud, C; `winter` is 1 at midwinter and 0 at midsummer."""
    if weather.summer_day_c is not None and weather.winter_day_c is not None:
        summer, cold = (
            np.interp(clock.hour, np.arange(25.0), [*shape, shape[0]])
            for shape in (weather.summer_day_c, weather.winter_day_c)
        )
        return (1 - winter) * summer + winter * cold
    first, second = clock.daily_wave(weather.warmest_hour), np.cos(4 * np.pi * (clock.hour - weather.warmest_hour) / 24)
    return weather.day_amplitude_c * (first + 0.15 * second)


def _wind_cf(
    wind: Wind, clock: Clock, front: np.ndarray, front_tau_h: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Capacity factors of the site's farm and of the system's fleet from one latent wind."""
    rng = stream(seed, Stream.WIND)
    n, step_h = len(clock), clock.interval_h
    falling = -np.gradient(front, step_h) * front_tau_h  # about unit variance: slope of a smooth path over its memory
    slow = smooth_wander(rng, n, wind.slow_tau_h / 2, step_h)
    fast = (smooth_wander if wind.fast_smooth else wander)(rng, n, wind.fast_tau_h, step_h)
    own = wander(rng, n, wind.site_own_tau_h, step_h)
    moving = np.sqrt(wind.slow_share) * slow + np.sqrt(1 - wind.slow_share) * fast
    shared = (moving + wind.front_share * falling + wind.warm_share * front) / np.sqrt(
        1 + wind.front_share**2 + wind.warm_share**2
    )
    cycle = wind.day_amplitude * clock.daily_wave(wind.windiest_hour)
    cycle = cycle + wind.season_amplitude * clock.season_wave(wind.windiest_day)
    site = np.sqrt(1 - wind.site_own_share) * shared + np.sqrt(wind.site_own_share) * own + cycle
    return (
        wind.site_peak_frac * squash(wind.site_centre + wind.site_slope * site),
        wind.system_peak_frac * squash(wind.system_centre + wind.system_slope * (shared + cycle)),
    )


def solar_cf(weather: Weather, clock: Clock, cloud: np.ndarray) -> np.ndarray:
    """Output of tracking panels: a power of the sine of the sun's height, less a part under cloud, clipped."""
    declination = np.radians(OBLIQUITY_DEG) * np.cos(2 * np.pi * (clock.season_day - SOLSTICE_DAY) / DAYS)
    latitude = np.radians(weather.latitude_deg)
    hour_angle = 2 * np.pi * (clock.hour + clock.interval_h / 2 - weather.noon_hour) / 24
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    loss = weather.sun_loss_frac * cloud**weather.sun_loss_power
    panels = np.maximum(height, 0) ** weather.sun_power * (1 - loss)
    return np.minimum(panels * (1 + weather.sun_overbuild_frac), 1) * CLEAR_SKY_CF
