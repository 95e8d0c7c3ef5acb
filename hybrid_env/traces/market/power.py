"""The grid: its load, its prices, its emergency orders."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from hybrid_env.traces.market.base import (
    DayOfYear,
    Fraction,
    HourOfDay,
    HourShape,
    MarketModel,
    Month,
    NonNegative,
    Positive,
    check_in_order,
)
from hybrid_env.traces.peaks import CP_RULE_MONTHS, CoincidentPeakRule


class SystemLoad(MarketModel):
    """Load of the whole grid: an hourly shape and a U in temperature."""

    base_mw: Positive
    hour_shape: HourShape
    winter_hour_shape: HourShape | None = None
    """Shape at midwinter, `hour_shape` then being that at midsummer; absent: one shape all year."""
    winter_day: DayOfYear = 15
    """Day of the year on which the winter shape is pure."""
    weekend_frac: Fraction
    cooling_above_c: float
    cooling_mw_per_c: NonNegative
    heating_below_c: float
    heating_mw_per_c: NonNegative
    frost_below_c: float
    frost_mw_per_c: NonNegative
    memory_share: Fraction
    """Share of the temperature that acts through the buildings' memory."""
    memory_h: Positive
    noise_frac: NonNegative
    noise_tau_h: Positive
    noise_smooth: bool = False
    """The noise is two such memories in series, without jumps from row to row."""


class PriceMap(MarketModel):
    """A rising table from the price that the merit order makes to the price that the market shows.

    Linear between its points in `asinh(price / 20 USD/MWh)`, which is linear near zero and logarithmic in the tail;
    beyond its ends the last price holds. Fitted by quantile mapping, it sets the distribution and leaves the order.
    """

    made_usd_per_mwh: Annotated[list[float], Field(min_length=2, max_length=100)]
    shown_usd_per_mwh: Annotated[list[float], Field(min_length=2, max_length=100)]

    @model_validator(mode="after")
    def _rises(self) -> PriceMap:
        made, shown = self.made_usd_per_mwh, self.shown_usd_per_mwh
        if len(made) != len(shown):
            raise ValueError(
                f"made_usd_per_mwh and shown_usd_per_mwh must be of one length; found {len(made)} and {len(shown)}"
            )
        if any(b <= a for a, b in pairwise(made)) or any(b < a for a, b in pairwise(shown)):
            raise ValueError("made_usd_per_mwh must rise strictly, and shown_usd_per_mwh must not fall")
        return self


class Price(MarketModel):
    """Merit order, scarcity, export congestion of the West, and the noise around them."""

    wind_capacity_mw: NonNegative
    solar_capacity_mw: NonNegative
    gas_usd_per_mmbtu: Positive
    gas_sigma: NonNegative
    gas_tau_h: Positive
    stack_net_load_mw: list[float]
    stack_heat_rate_mmbtu_per_mwh: list[float]
    outage_sd_mw: NonNegative
    outage_tau_h: Positive
    surprise_sd_mw: NonNegative
    """What day-ahead cannot know: forced outages, ramps."""
    surprise_tau_h: Positive
    scarcity_frac: Fraction
    """Typical share of a year's rows in which the scarcity price exceeds `scarcity_usd_per_mwh`."""
    scarcity_frac_sigma: NonNegative
    """Log standard deviation of that share between years."""
    scarcity_usd_per_mwh: Positive
    scarcity_scale_mw: Positive
    """Net load that multiplies the scarcity price by e."""
    cap_usd_per_mwh: Positive
    floor_usd_per_mwh: float = Field(le=0)
    export_limit_mw: Positive
    """Wind and solar output of the system at which the West's lines begin to bind."""
    export_solar_share: Fraction
    export_load_share: NonNegative
    export_load_ref_mw: Positive
    export_width_mw: Positive
    export_noise_mw: NonNegative
    export_noise_tau_h: Positive
    wind_offer_usd_per_mwh: Positive
    """Median of what curtailed wind pays to run."""
    wind_offer_sigma: NonNegative
    wind_offer_max_usd_per_mwh: Positive
    wind_offer_tau_h: Positive
    calm_premium_usd_per_mwh: NonNegative
    noise_frac: NonNegative
    noise_tau_h: Positive
    noise_vol_sigma: NonNegative
    noise_vol_tau_h: Positive
    transients_per_h: NonNegative
    transient_usd_per_mwh: Positive
    transient_sigma: NonNegative
    transient_decay_h: Positive
    da_premium_frac: float = Field(gt=-1)
    da_noise_frac: NonNegative
    da_noise_tau_h: Positive
    da_doubt_mw: NonNegative
    """Standard deviation of net load that the day-ahead auction prices in."""
    da_issue_hour: HourOfDay
    """Local hour of the day before at which the forecasts behind the day-ahead price are made."""
    lmp_noise_frac: NonNegative
    lmp_late_frac: Fraction
    """Share of rows in which the dispatch price seen at the start is still that of the row before."""
    basis_usd_per_mwh: NonNegative
    basis_windy_usd_per_mwh: NonNegative
    basis_sigma: NonNegative
    basis_tau_h: Positive
    month_shift_mw: Annotated[list[float], Field(min_length=12, max_length=12)] | None = None
    hour_shift_mw: Annotated[list[float], Field(min_length=24, max_length=24)] | None = None
    """Tightness beyond net load, known to all: by month (maintenance, hydro), as each local hour starts (ramps)."""
    winter_hour_shift_mw: Annotated[list[float], Field(min_length=24, max_length=24)] | None = None
    """Hourly shift at midwinter, `hour_shift_mw` then being that at midsummer; absent: one all year."""
    real_time_map: PriceMap | None = None
    day_ahead_map: PriceMap | None = None
    """What the prices of the merit order become; absent: themselves."""
    carbon_calm_kg_per_mwh: float
    carbon_thermal_kg_per_mwh: Positive
    carbon_noise_kg_per_mwh: NonNegative
    cp_rule: CoincidentPeakRule | None = None
    """A named rule of the coincident-peak charge; either this or `cp_months`."""
    cp_months: list[Month] | None = None
    """Months whose highest load carries an equal share of the charge, for a rule without a name."""

    @model_validator(mode="after")
    def _stack_rises(self) -> Price:
        loads, rates = self.stack_net_load_mw, self.stack_heat_rate_mmbtu_per_mwh
        if len(loads) != len(rates) or len(loads) < 2:
            raise ValueError(
                f"stack_net_load_mw and stack_heat_rate_mmbtu_per_mwh must be of one length, at least 2;"
                f" found {len(loads)} and {len(rates)}"
            )
        if any(b <= a for a, b in pairwise(loads)):
            raise ValueError(f"stack_net_load_mw must rise strictly; found {loads}")
        return self

    @model_validator(mode="after")
    def _summer_with_winter(self) -> Price:
        if self.winter_hour_shift_mw is not None and self.hour_shift_mw is None:
            raise ValueError("winter_hour_shift_mw needs hour_shift_mw, which is then the summer's")
        return self

    @model_validator(mode="after")
    def _one_peak_rule(self) -> Price:
        if (self.cp_rule is None) == (self.cp_months is None):
            raise ValueError(f"give either cp_rule ({', '.join(CP_RULE_MONTHS)}) or cp_months, not both or neither")
        return self

    @property
    def peak_months(self) -> tuple[int, ...]:
        """Months that have a coincident peak."""
        return CP_RULE_MONTHS[self.cp_rule] if self.cp_rule is not None else tuple(self.cp_months or ())


class GridOrders(MarketModel):
    """Emergency orders of the grid that cut the site's import limit."""

    orders_low: int = Field(ge=0, le=20)
    orders_high: int = Field(ge=0, le=20)
    hours_low: Positive
    hours_high: Positive
    limit_low_frac: Fraction
    limit_high_frac: Fraction

    @model_validator(mode="after")
    def _in_order(self) -> GridOrders:
        check_in_order(
            self,
            ("orders_low", "orders_high"),
            ("hours_low", "hours_high"),
            ("limit_low_frac", "limit_high_frac"),
        )
        return self
