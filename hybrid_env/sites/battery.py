"""A battery behind the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64
HOURS_PER_YEAR = 8_760.0


class Battery(SiteModel):
    """Defaults: 85 % round trip, 150 USD/kWh over 6,000 cycles at 80 % depth = 15.6 USD per MWh of throughput."""

    power_mw: float = Field(gt=0, le=10_000)
    energy_mwh: float = Field(gt=0, le=100_000)
    charge_efficiency: float = Field(default=0.922, gt=0.5, le=1)
    discharge_efficiency: float = Field(default=0.922, gt=0.5, le=1)
    soc_min_frac: float = Field(default=0.05, ge=0, lt=1)
    soc_max_frac: float = Field(default=0.95, gt=0, le=1)
    self_discharge_frac_per_month: float = Field(default=0.03, ge=0, le=0.5)
    wear_usd_per_mwh: float = Field(default=15.6, ge=0, le=500)
    """Per MWh charged and per MWh discharged, measured at the meter side."""
    calendar_usd_per_mwh_year: float = Field(default=0.0, ge=0, le=100_000)
    """Ageing by time alone, per MWh of nameplate energy (150 USD/kWh over 15 years: 10,000)."""
    charge_value_usd_per_mwh: float = Field(default=40.0, ge=0, le=5_000)
    """Worth of a deliverable MWh left when the books close."""

    @model_validator(mode="after")
    def _ordered(self) -> Battery:
        if self.soc_min_frac >= self.soc_max_frac:
            raise ValueError("soc_min_frac must be below soc_max_frac")
        return self


RECORD = [
    ("battery_mw", _F), ("soc_min_mwh", _F), ("soc_max_mwh", _F), ("charge_efficiency", _F),
    ("discharge_efficiency", _F), ("soc_keep", _F), ("battery_wear_usd_per_mwh", _F),
    ("charge_value_usd_per_mwh", _F), ("battery_usd_per_h", _F),
]  # fmt: skip
"""All zero without a battery, but for the efficiencies."""


def fill(p: np.void, site: Site) -> None:
    """Write the battery into the site's record."""
    p["charge_efficiency"] = p["discharge_efficiency"] = p["soc_keep"] = 1.0
    if site.battery is None:
        return
    b = site.battery
    p["battery_mw"] = b.power_mw
    p["soc_min_mwh"], p["soc_max_mwh"] = b.soc_min_frac * b.energy_mwh, b.soc_max_frac * b.energy_mwh
    p["charge_efficiency"], p["discharge_efficiency"] = b.charge_efficiency, b.discharge_efficiency
    p["soc_keep"] = 1 - b.self_discharge_frac_per_month / (30 * 24) * site.interval_h
    p["battery_wear_usd_per_mwh"], p["charge_value_usd_per_mwh"] = b.wear_usd_per_mwh, b.charge_value_usd_per_mwh
    p["battery_usd_per_h"] = b.calendar_usd_per_mwh_year * b.energy_mwh / HOURS_PER_YEAR
