"""Weather, and the wind it brings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from hybrid_env.traces.market.base import DayOfYear, Fraction, HourOfDay, MarketModel, NonNegative, Positive

DayShape = Annotated[list[float], Field(min_length=24, max_length=24)]


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
    summer_day_c: DayShape | None = None
    winter_day_c: DayShape | None = None
    """Course of a summer and of a winter day, C above its mean as each local hour starts; mixed by season. Both or
    neither: without them the day is a cosine (`day_amplitude_c`, `warmest_hour`)."""
    sun_power: Positive = 0.6
    """Output of the fleet's panels is the sine of the sun's height to this power; small: tracked and overbuilt."""
    sun_loss_frac: Fraction = 0.6
    """Part of it that the thickest cloud takes."""
    sun_loss_power: Positive = 1.0
    """The loss goes with cloud to this power; large: most days are clear, a few overcast."""
    sun_overbuild_frac: NonNegative = 0.0
    """Panels beyond the fleet's rating, at which it is clipped: a flat noon."""
    noon_hour: HourOfDay = 12.5
    """Local standard hour at which the sun stands highest."""

    @model_validator(mode="after")
    def _both_days(self) -> Weather:
        if (self.summer_day_c is None) != (self.winter_day_c is None):
            raise ValueError("give both summer_day_c and winter_day_c, or neither")
        return self


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
    warm_share: float = Field(default=0.0, ge=-2, le=2)
    """Latent wind gained per standard deviation of warm front (warm air comes with wind from the south)."""
    fast_smooth: bool = False
    """The fast memory is two in series, so that output moves smoothly, as a large fleet's does."""
    day_amplitude: NonNegative
    windiest_hour: HourOfDay
    season_amplitude: NonNegative
    windiest_day: DayOfYear
