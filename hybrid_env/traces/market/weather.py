"""Weather, and the wind it brings."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.traces.market.base import DayOfYear, Fraction, HourOfDay, MarketModel, NonNegative, Positive


class Weather(MarketModel):
    """Air temperature and humidity at the site and in the load centres (one climate for both)."""

    latitude_deg: float = Field(ge=-66, le=66)
    mean_c: float
    season_amplitude_c: NonNegative
    warmest_day: DayOfYear
    day_amplitude_c: NonNegative
    warmest_hour: HourOfDay
    front_sd_winter_c: NonNegative
    front_sd_summer_c: NonNegative
    front_tau_h: Positive
    """Memory of the fronts; two such memories in series, so that temperature moves smoothly."""
    front_skew: NonNegative
    """Cold outbreaks are sharper than warm spells: share of the squared front that is subtracted in winter."""
    dewpoint_mean_c: float
    dewpoint_season_amplitude_c: NonNegative
    dewpoint_cap_c: float
    """Moist air is no moister than this; approached smoothly."""
    dewpoint_sd_c: NonNegative
    dewpoint_tau_h: Positive
    dewpoint_front_c: float
    """Dew point gained per standard deviation of warm front."""
    cloud_tau_h: Positive


class Wind(MarketModel):
    """Wind output through a latent Gaussian wind: `cf = peak / (1 + exp(-(centre + slope z)))`."""

    site_centre: float
    site_slope: Positive
    site_peak_frac: Fraction
    system_centre: float
    system_slope: Positive
    system_peak_frac: Fraction
    slow_tau_h: Positive
    slow_share: Fraction
    """Share of the latent variance with the slow memory; the rest has the fast one."""
    fast_tau_h: Positive
    site_own_share: Fraction
    """Share of the site's latent variance that the system does not have."""
    site_own_tau_h: Positive
    front_share: NonNegative
    """Latent wind gained per standard deviation of falling temperature."""
    day_amplitude: NonNegative
    windiest_hour: HourOfDay
    season_amplitude: NonNegative
    windiest_day: DayOfYear
