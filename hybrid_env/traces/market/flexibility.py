"""What the grid pays flexible loads for: reserves, and demand-response events."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from hybrid_env.traces.market.base import Fraction, HourOfDay, MarketModel, NonNegative, Positive, check_in_order

RESERVE_PRODUCTS = 3
"""The most products a market may have: so many pairs of columns a trace holds."""


class ReserveProduct(MarketModel):
    """One reserve product: its hourly availability price, and its calls.

    `price = usd_per_mw_h * scarcity_multiple ** r * exp(sigma z)` up to the cap, with `r` 0 where the day-ahead energy
    price is `calm_usd_per_mwh` or less, 1 at `tight_usd_per_mwh`, linear in its logarithm between and beyond.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    usd_per_mw_h: Positive
    """Median availability price in calm hours."""
    sigma: NonNegative
    """Log standard deviation of the price around what the energy price makes it."""
    tau_h: Positive
    shared: Fraction
    """Share of that variance which all products have in common."""
    scarcity_multiple: Annotated[float, Field(ge=1)]
    calm_usd_per_mwh: Positive
    tight_usd_per_mwh: Positive
    cap_usd_per_mw_h: Annotated[float, Field(gt=0, le=10_000)]
    calls_per_year: NonNegative
    """Mean number of calls, on the tightest hours of different days."""
    call_hours: Positive
    """Mean length of a call; exponential, so that 80 % are shorter than 1.6 times this."""
    call_hours_max: Positive
    deploy_low_frac: Fraction
    deploy_high_frac: Fraction
    """Share of the award that a call takes; uniform between."""

    @model_validator(mode="after")
    def _in_order(self) -> ReserveProduct:
        check_in_order(self, ("deploy_low_frac", "deploy_high_frac"), ("call_hours", "call_hours_max"))
        if self.calm_usd_per_mwh >= self.tight_usd_per_mwh:
            raise ValueError(
                f"calm_usd_per_mwh ({self.calm_usd_per_mwh:g}) must be below tight_usd_per_mwh"
                f" ({self.tight_usd_per_mwh:g})"
            )
        return self


class Events(MarketModel):
    """Demand-response events, announced ahead, on the tightest afternoons of different days."""

    per_year: int = Field(ge=0, le=200)
    notice_h: Annotated[float, Field(ge=0, lt=48)]
    first_hour: HourOfDay
    last_hour: HourOfDay
    """Local hours between which an event begins."""
    hours_low: Positive
    hours_high: Annotated[float, Field(gt=0, le=24)]
    cut_low_frac: Fraction
    cut_high_frac: Fraction
    """Cut asked, share of the baseline; uniform between."""
    usd_per_mwh_low: NonNegative
    usd_per_mwh_high: Annotated[float, Field(ge=0, le=20_000)]

    @model_validator(mode="after")
    def _in_order(self) -> Events:
        check_in_order(
            self,
            ("hours_low", "hours_high"),
            ("cut_low_frac", "cut_high_frac"),
            ("usd_per_mwh_low", "usd_per_mwh_high"),
        )
        if self.last_hour - self.first_hour < 1:
            raise ValueError(
                f"an event needs an hour to begin in: last_hour ({self.last_hour:g}) must be at least 1 after"
                f" first_hour ({self.first_hour:g})"
            )
        return self
