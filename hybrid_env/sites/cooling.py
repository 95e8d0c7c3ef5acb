"""One heat-rejection plant shared by the GPU hall (chilled) and the mining hall (warm loop)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64

MJ_PER_MWH = 3_600.0


class Cooling(SiteModel):
    """Plant and halls. Curves become tables in `hybrid_env/sites/curves.py`."""

    capacity_mw: float = Field(gt=0, le=10_000)
    """Heat the plant rejects at or below `capacity_ref_c`."""
    capacity_ref_c: float = Field(default=25.0, ge=0, le=50)
    capacity_loss_frac_per_c: float = Field(default=0.012, ge=0, le=0.1)
    """Share of capacity lost per kelvin of dry bulb above the reference."""
    fan_frac: float = Field(default=0.025, ge=0, le=0.2)
    """Fan and pump power at full flow, as a share of capacity; falls with the cube of flow."""
    chiller_cop: float = Field(default=5.5, gt=1, le=15)
    """COP at 29.4 C condenser water (DOE-2 centrifugal curve set)."""
    condenser_approach_c: float = Field(default=6.0, ge=2, le=20)
    free_cooling_below_c: float = Field(default=5.0, ge=-20, le=25)
    """Wet bulb at and below which the chillers rest and only pumps run."""
    mining_specific_kw_per_kw: float = Field(default=0.015, ge=0, le=0.5)
    """Pump power of the mining loop per unit of heat."""
    setpoint_min_c: float = Field(default=18.0, ge=10, le=40)
    setpoint_max_c: float = Field(default=27.0, ge=10, le=45)
    setpoint_gain_frac_per_c: float = Field(default=0.025, ge=0, le=0.1)
    """Chiller power saved per kelvin of higher supply temperature."""
    setpoint_ramp_c_per_h: float = Field(default=20.0, gt=0, le=100)
    """ASHRAE TC 9.9: at most 20 C an hour."""
    gpu_hall_mj_per_k: float = Field(default=600.0, gt=0, le=1e6)
    """Thermal mass (18 MJ/K per MW gives 3.3 K/min per MW of imbalance)."""
    gpu_hall_trip_c: float = Field(default=38.0, ge=20, le=70)
    mining_hall_mj_per_k: float = Field(default=1_500.0, gt=0, le=1e6)
    mining_hall_setpoint_c: float = Field(default=33.0, ge=10, le=50)
    mining_hall_trip_c: float = Field(default=47.0, ge=20, le=70)
    """Inlet temperature at which machines switch themselves off (S21 field test)."""

    @model_validator(mode="after")
    def _ordered(self) -> Cooling:
        if not self.setpoint_min_c < self.setpoint_max_c < self.gpu_hall_trip_c:
            raise ValueError("setpoint_min_c < setpoint_max_c < gpu_hall_trip_c must hold")
        saved = self.setpoint_gain_frac_per_c * (self.setpoint_max_c - self.setpoint_min_c)
        if saved >= 1:
            raise ValueError(
                f"setpoint_gain_frac_per_c * (setpoint_max_c - setpoint_min_c) = {saved:g} would make cooling free;"
                " it must stay below 1"
            )
        if not self.mining_hall_setpoint_c < self.mining_hall_trip_c:
            raise ValueError("mining_hall_setpoint_c must be below mining_hall_trip_c")
        return self


RECORD = [
    ("chiller_y0", _F), ("chiller_at", _F, curves.N_CHILLER_KNOTS), ("chiller_change", _F, curves.N_CHILLER_KNOTS),
    ("capacity_y0", _F), ("capacity_at", _F, 2), ("capacity_change", _F, 2),
    ("fan_rated_mw", _F), ("fan_x", _F, curves.N_FAN_KNOTS), ("fan_y", _F, curves.N_FAN_KNOTS),
    ("mining_specific", _F), ("setpoint_min_c", _F), ("setpoint_max_c", _F), ("setpoint_gain_per_c", _F),
    ("setpoint_ramp_c", _F), ("gpu_hall_mwh_per_k", _F), ("gpu_hall_trip_c", _F), ("mining_hall_mwh_per_k", _F),
    ("mining_hall_setpoint_c", _F), ("mining_hall_trip_c", _F),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write plant, halls and their tables into the site's record."""
    c = site.cooling
    chiller = curves.chiller_knots(c.chiller_cop, c.condenser_approach_c, c.free_cooling_below_c)
    p["chiller_y0"], p["chiller_at"], p["chiller_change"] = curves.as_hinges(*chiller, curves.N_CHILLER_KNOTS)
    capacity = curves.capacity_knots(c.capacity_mw, c.capacity_ref_c, c.capacity_loss_frac_per_c)
    p["capacity_y0"], p["capacity_at"], p["capacity_change"] = curves.as_hinges(*capacity, 2)
    p["fan_rated_mw"] = c.fan_frac * c.capacity_mw
    p["fan_x"], p["fan_y"] = curves.fan_knots()
    p["mining_specific"] = c.mining_specific_kw_per_kw
    p["setpoint_min_c"], p["setpoint_max_c"] = c.setpoint_min_c, c.setpoint_max_c
    p["setpoint_gain_per_c"] = c.setpoint_gain_frac_per_c
    p["setpoint_ramp_c"] = c.setpoint_ramp_c_per_h * site.interval_h
    p["gpu_hall_mwh_per_k"], p["gpu_hall_trip_c"] = c.gpu_hall_mj_per_k / MJ_PER_MWH, c.gpu_hall_trip_c
    p["mining_hall_mwh_per_k"], p["mining_hall_trip_c"] = c.mining_hall_mj_per_k / MJ_PER_MWH, c.mining_hall_trip_c
    p["mining_hall_setpoint_c"] = c.mining_hall_setpoint_c
