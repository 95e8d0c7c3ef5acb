"""A battery behind the meter."""

from __future__ import annotations

from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel


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
    charge_value_usd_per_mwh: float = Field(default=40.0, ge=0, le=5_000)
    """Worth of a deliverable MWh left when the books close."""

    @model_validator(mode="after")
    def _ordered(self) -> Battery:
        if self.soc_min_frac >= self.soc_max_frac:
            raise ValueError("soc_min_frac must be below soc_max_frac")
        return self
