"""One heat-rejection plant shared by the GPU hall (chilled) and the mining hall (warm loop)."""

from __future__ import annotations

from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

LEAST_CAPACITY_FRAC = 0.4
"""The plant rejects at least this share of its capacity, however hot it is."""


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
