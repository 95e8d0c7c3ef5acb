"""What a market is: the figures from which a synthetic year is drawn, read from YAML.

Every number that the generators use stands in a `Market`; `configs/market/texas.yaml` gives each with its source.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
HourOfDay = Annotated[float, Field(ge=0, lt=24)]
DayOfYear = Annotated[float, Field(ge=0, le=366)]
HourShape = Annotated[list[Positive], Field(min_length=24, max_length=24)]


class MarketError(ValueError):
    """A market description is impossible; the message names file, field, value and what is allowed."""


class MarketModel(BaseModel):
    """A part of a market. Unknown fields, wrong types, NaN and infinity are refused; instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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


class SystemLoad(MarketModel):
    """Load of the whole grid: an hourly shape and a U in temperature."""

    base_mw: Positive
    hour_shape: HourShape
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
    carbon_calm_kg_per_mwh: float
    carbon_thermal_kg_per_mwh: Positive
    carbon_noise_kg_per_mwh: NonNegative
    cp_months: list[Annotated[int, Field(ge=1, le=12)]]

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


class Bitcoin(MarketModel):
    """Price (Merton jump diffusion), difficulty, fees."""

    hashprice_usd_per_ph_day: Positive
    """Typical hashprice on the first row; the first bitcoin price follows from it."""
    hashprice_sigma: NonNegative
    difficulty: Positive
    difficulty_sigma: NonNegative
    subsidy_btc: NonNegative
    sigma_per_year: NonNegative
    jumps_per_year: NonNegative
    jump_mean: float
    jump_sd: NonNegative
    retarget_mean: float
    retarget_sd: NonNegative
    retarget_low: float
    retarget_high: float
    retarget_price_share: NonNegative
    """Retarget gained per unit of the epoch's log price move (miners follow the price)."""
    fee_btc: Positive
    fee_sigma: NonNegative
    fee_tau_h: Positive
    fee_bursts_per_year: NonNegative
    fee_burst_btc: Positive
    fee_burst_sigma: NonNegative
    fee_burst_max_btc: Positive
    fee_burst_decay_h: Positive


class Work(MarketModel):
    """Demand for GPUs: rent, inference, tenants, small training, gang jobs."""

    rent_usd_per_gpu_h: Positive
    rent_sigma_per_year: NonNegative
    rent_tau_h: Positive
    inference_mean: Fraction
    inference_day_amplitude: Fraction
    inference_peak_hour: HourOfDay
    inference_weekend_frac: Fraction
    inference_noise_frac: NonNegative
    inference_noise_tau_h: Positive
    tenant_mean: Fraction
    tenant_sd: NonNegative
    tenant_tau_h: Positive
    tenant_low: Fraction
    training_mean: NonNegative
    training_day_amplitude: Fraction
    training_peak_hour: HourOfDay
    training_weekend_frac: Fraction
    training_sigma: NonNegative
    training_tau_h: Positive
    gang_gpu_hours_per_h: NonNegative
    """Mean work that arrives in gang jobs, GPU-hours an hour."""
    gang_day_amplitude: Fraction
    gang_peak_hour: HourOfDay
    gang_weekend_frac: Fraction
    gang_gpus: list[Annotated[int, Field(ge=128)]]
    gang_gpus_share: list[Positive]
    gang_hours_median: Positive
    gang_hours_sigma: NonNegative
    gang_hours_low: Positive
    gang_hours_high: Positive
    gang_slack_low_h: NonNegative
    gang_slack_high_h: NonNegative
    gang_slack_low_frac: NonNegative
    gang_slack_high_frac: NonNegative
    gang_bid_low_usd_per_gpu_h: NonNegative
    gang_bid_high_usd_per_gpu_h: NonNegative

    @model_validator(mode="after")
    def _sizes_have_shares(self) -> Work:
        if len(self.gang_gpus) != len(self.gang_gpus_share):
            raise ValueError(
                f"gang_gpus and gang_gpus_share must be of one length;"
                f" found {len(self.gang_gpus)} and {len(self.gang_gpus_share)}"
            )
        for low, high in (
            ("gang_hours_low", "gang_hours_high"),
            ("gang_slack_low_h", "gang_slack_high_h"),
            ("gang_slack_low_frac", "gang_slack_high_frac"),
            ("gang_bid_low_usd_per_gpu_h", "gang_bid_high_usd_per_gpu_h"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} ({getattr(self, low):g}) must not exceed {high} ({getattr(self, high):g})")
        return self


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
        for low, high in (
            ("orders_low", "orders_high"),
            ("hours_low", "hours_high"),
            ("limit_low_frac", "limit_high_frac"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} ({getattr(self, low):g}) must not exceed {high} ({getattr(self, high):g})")
        return self


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


class Market(MarketModel):
    """All that a synthetic year is drawn from, but its seed."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = ""
    year: int | None = Field(default=None, ge=1971, le=2200)
    """Calendar year of every trace; without one the seed chooses it."""
    weather: Weather
    wind: Wind
    load: SystemLoad
    price: Price
    bitcoin: Bitcoin
    work: Work
    orders: GridOrders
    forecasting: Forecasting

    @property
    def canonical_json(self) -> str:
        """The figures alone, in a fixed order: what a cached year is keyed by."""
        return json.dumps(self.model_dump(mode="json", exclude={"description"}), sort_keys=True)


def load_market(source: str | Path) -> Market:
    """Read a market from a YAML file, or a packaged one by its name (`"texas"`).

    Raises:
        MarketError: the file is missing, is not YAML, or describes an impossible market.
    """
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        return _packaged(str(source))
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MarketError(f"{path}: cannot be read as a UTF-8 text file ({error})") from error
    return market_from_yaml(text, str(path))


@cache
def _packaged(name: str) -> Market:
    folder = resources.files("hybrid_env") / "configs" / "market"
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml"))
        raise MarketError(f"no market named {name!r}; packaged: {', '.join(known)}; or give the path of a .yaml file")
    return market_from_yaml(file.read_text("utf-8"), str(file))


def market_from_yaml(text: str, origin: str = "market") -> Market:
    """Parse and validate YAML text; `origin` is named in errors."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise MarketError(f"{origin}: not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise MarketError(f"{origin}: expected a mapping of fields at the top level, found {type(data).__name__}")
    try:
        return Market.model_validate(data)
    except ValidationError as error:
        raise MarketError(_explain(error, origin)) from error


def _explain(error: ValidationError, origin: str) -> str:
    """One line a mistake: file, field, what is wrong, what was found."""
    lines = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        found = item.get("input")
        shown = "" if isinstance(found, dict | MarketModel) else f" (found {found!r})"
        hint = "; unknown field: check the spelling and the indentation" if item["type"] == "extra_forbidden" else ""
        lines.append(f"{origin}: {place}: {item['msg']}{shown}{hint}")
    return "\n".join(lines)
