"""What the site's own sources have to work with: sun, water, heat of the ground, fuel. Every part is optional."""

from __future__ import annotations

from pydantic import model_validator

from hybrid_env.traces.market.base import DayOfYear, Fraction, MarketModel, NonNegative, Positive, check_in_order
from hybrid_env.traces.market.forecasting import Skill


class Solar(MarketModel):
    """The site's solar field, under the weather's sun and a sky that it shares with the system's only in part."""

    derate_frac: Fraction
    """Share of the panels' output that reaches the site: soiling, wiring, shade, inverters."""
    overbuild_frac: NonNegative
    """Panels beyond the inverters' rating, which is the nameplate: 0.3 for a DC/AC ratio of 1.3; noon is clipped."""
    own_share: Fraction
    """Share of the clouds' latent variance that the system does not have."""
    own_tau_h: Positive
    forecast_frac: Skill
    """Relative error of the forecasts of this field."""
    forecast_shared: Fraction
    """Correlation of that error with the system's."""


class Hydro(MarketModel):
    """Inflow of a snow-fed river: low in winter, high in the freshet, with slow noise."""

    winter_frac: Fraction
    freshet_frac: Fraction
    """Typical inflow outside and inside the freshet, share of the site's `hydro_mw`."""
    freshet_first_day: DayOfYear
    freshet_last_day: DayOfYear
    shoulder_days: Positive
    """Days in which the inflow rises, and falls, between the two (logistic scale)."""
    noise_sigma: NonNegative
    """Log standard deviation."""
    noise_tau_h: Positive

    @model_validator(mode="after")
    def _in_order(self) -> Hydro:
        check_in_order(self, ("winter_frac", "freshet_frac"), ("freshet_first_day", "freshet_last_day"))
        return self


class Geothermal(MarketModel):
    """An air-cooled plant, whose output falls as its condensers warm."""

    cf: Fraction
    """Output at or below the design dry bulb, share of nameplate."""
    design_drybulb_c: float
    fall_frac_per_k: Fraction
    """Share of that output lost per kelvin above."""


class Fuel(MarketModel):
    """The generator's gas: the market's price with a surcharge, and its interruptions."""

    surcharge_usd_per_mmbtu: float
    """Transport and margin on the market's gas; negative where the site is at the well."""
    outages_per_year: NonNegative = 0.0
    outage_hours: Positive = 1.0
    """Mean length; exponential."""
    outage_left_frac: Fraction = 0.0
    """Share of the generator's power for which fuel is left during an outage."""
