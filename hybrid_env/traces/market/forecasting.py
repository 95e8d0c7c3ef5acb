"""How well the market's participants see ahead."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hybrid_env.traces.market.base import Fraction, MarketModel, NonNegative


class Skill(MarketModel):
    """One forecast's error: standard deviation at long lead, and the hourly memory of its error path."""

    sd: NonNegative
    memory: Annotated[float, Field(ge=0, lt=1)]
    """Error at lead L has standard deviation `sd * sqrt(1 - memory ** (2 L + 2))`."""


class Forecasting(MarketModel):
    """Skill of the forecasts that the market's participants have."""

    load_frac: Skill
    system_wind_cf: Skill
    solar_frac: Skill
    site_wind_cf: Skill
    site_wind_shared: Fraction
    """Correlation of the site's wind error with the system's."""
    drybulb_c: Skill
    inference: Skill
    price_nudge: Fraction
    """Share of the last real-time deviation from day-ahead that a price forecast expects in the first hour."""
    price_nudge_memory: Fraction
    price_nudge_max_usd_per_mwh: NonNegative
