"""One heat-rejection plant shared by the GPU hall (chilled) and the mining hall (warm loop)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64

MJ_PER_MWH = 3_600.0

BY_KIND: dict[str, dict[str, float]] = {
    "chiller": {"chiller_cop": 5.5, "water_l_per_kwh": 1.84},
    "air_chiller": {"chiller_cop": 3.0, "water_l_per_kwh": 0.0},
    "dry_cooler": {"chiller_cop": 5.5, "water_l_per_kwh": 0.0},
    "evaporative": {"chiller_cop": 5.5, "water_l_per_kwh": 1.84},
}
"""What a kind of plant takes for fields that are left out. COPs: DOE-2 and EnergyPlus rating points; water: heat of
evaporation with blowdown at five cycles of concentration (450 gal/MWh, 1.70 L/kWh, is published for towers)."""
WET_CAPACITY, WET_SPECIFIC = ("evaporative",), ("chiller", "evaporative")
"""Kinds whose capacity, and whose power per heat, follow the wet bulb; the others follow the dry bulb."""
COMPRESSORS = ("chiller", "air_chiller")
"""Kinds whose power falls with a higher set-point; in the others pumps run all the same."""
READ_BY: dict[str, tuple[str, ...]] = {
    "capacity_loss_frac_per_c": COMPRESSORS, "chiller_cop": COMPRESSORS, "setpoint_gain_frac_per_c": COMPRESSORS,
    "condenser_approach_c": ("chiller",), "loop_c": ("dry_cooler", "evaporative"),
}  # fmt: skip
"""Fields that only some kinds of plant read."""


class Cooling(SiteModel):
    """Plant and halls. Curves become tables in `hybrid_env/sites/curves.py`."""

    kind: Literal["chiller", "air_chiller", "dry_cooler", "evaporative"] = "chiller"
    """`chiller`: water-cooled chillers with a tower. `air_chiller`: air-cooled chillers. `dry_cooler`: liquid-cooled
    machines on a warm loop, cooled by dry air. `evaporative`: the same loop on a tower."""
    capacity_mw: float = Field(gt=0, le=10_000)
    """Heat the plant rejects at or below `capacity_ref_c`."""
    capacity_ref_c: float = Field(default=25.0, ge=0, le=50)
    capacity_loss_frac_per_c: float = Field(default=0.012, ge=0, le=0.1)
    """Share of capacity lost per kelvin of dry bulb above the reference (kinds with compressors)."""
    loop_c: float = Field(default=45.0, ge=25, le=60)
    """Temperature of the loop of `dry_cooler` and `evaporative` (45 C: ASHRAE class W45), above `capacity_ref_c`."""
    fan_frac: float = Field(default=0.025, ge=0, le=0.2)
    """Fan and pump power at full flow, as a share of capacity; falls with the cube of flow."""
    chiller_cop: float = Field(default=5.5, gt=1, le=15)
    """`chiller`: COP at 29.4 C condenser water (DOE-2 centrifugal curve set, 5.5). `air_chiller`: COP at 35 C dry bulb
    (EnergyPlus air-cooled set, 3)."""
    condenser_approach_c: float = Field(default=6.0, ge=2, le=20)
    free_cooling_below_c: float = Field(default=5.0, ge=-20, le=25)
    """Outdoor temperature (wet bulb; dry bulb of `air_chiller`) at and below which compressors rest, only pumps run and
    no water evaporates."""
    water_l_per_kwh: float = Field(default=1.84, ge=0, le=5)
    """Water per kWh of heat rejected, blowdown included; left out, as the kind has it."""
    water_usd_per_m3: float = Field(default=0.0, ge=0, le=100)
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

    @model_validator(mode="before")
    @classmethod
    def _as_the_kind_has_it(cls, data: Any) -> Any:
        kind = data.get("kind", "chiller") if isinstance(data, dict) else None
        return BY_KIND[kind] | data if isinstance(kind, str) and kind in BY_KIND else data

    @model_validator(mode="after")
    def _kind_reads_what_is_set(self) -> Cooling:
        for name, kinds in READ_BY.items():
            value, usual = getattr(self, name), BY_KIND[self.kind].get(name, type(self).model_fields[name].default)
            if self.kind not in kinds and value != usual:
                raise ValueError(
                    f"{name} = {value:g} is of no use to kind: {self.kind}; remove it, or choose kind:"
                    f" {' or '.join(kinds)}"
                )
        return self

    @model_validator(mode="after")
    def _ordered(self) -> Cooling:
        if self.kind not in COMPRESSORS and not self.capacity_ref_c < self.loop_c:
            raise ValueError("loop_c must be above capacity_ref_c, or the loop rejects no heat")
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
    ("specific_wet_frac", _F), ("capacity_wet_frac", _F),
    ("water_m3_per_mwh", _F), ("water_at", _F, 2), ("water_change", _F, 2), ("water_usd_per_m3", _F),
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
    _fill_kind(p, c)
    _fill_water(p, c)
    p["fan_rated_mw"] = c.fan_frac * c.capacity_mw
    p["fan_x"], p["fan_y"] = curves.fan_knots()
    p["mining_specific"] = c.mining_specific_kw_per_kw
    p["setpoint_min_c"], p["setpoint_max_c"] = c.setpoint_min_c, c.setpoint_max_c
    p["setpoint_gain_per_c"] = c.setpoint_gain_frac_per_c if c.kind in COMPRESSORS else 0.0
    p["setpoint_ramp_c"] = c.setpoint_ramp_c_per_h * site.interval_h
    p["gpu_hall_mwh_per_k"], p["gpu_hall_trip_c"] = c.gpu_hall_mj_per_k / MJ_PER_MWH, c.gpu_hall_trip_c
    p["mining_hall_mwh_per_k"], p["mining_hall_trip_c"] = c.mining_hall_mj_per_k / MJ_PER_MWH, c.mining_hall_trip_c
    p["mining_hall_setpoint_c"] = c.mining_hall_setpoint_c


def _fill_kind(p: np.void, c: Cooling) -> None:
    """Power per heat and capacity, and the outdoor temperature each is read at: all that tells kinds apart."""
    if c.kind == "chiller":
        specific = curves.chiller_knots(c.chiller_cop, c.condenser_approach_c, c.free_cooling_below_c)
    elif c.kind == "air_chiller":
        specific = curves.air_chiller_knots(c.chiller_cop, c.free_cooling_below_c)
    else:
        specific = curves.pump_knots()
    if c.kind in COMPRESSORS:
        capacity = curves.capacity_knots(c.capacity_mw, c.capacity_ref_c, c.capacity_loss_frac_per_c)
    else:
        capacity = curves.loop_capacity_knots(c.capacity_mw, c.capacity_ref_c, c.loop_c)
    p["chiller_y0"], p["chiller_at"], p["chiller_change"] = curves.as_hinges(*specific, curves.N_CHILLER_KNOTS)
    p["capacity_y0"], p["capacity_at"], p["capacity_change"] = curves.as_hinges(*capacity, 2)
    p["specific_wet_frac"], p["capacity_wet_frac"] = float(c.kind in WET_SPECIFIC), float(c.kind in WET_CAPACITY)


def _fill_water(p: np.void, c: Cooling) -> None:
    water = curves.water_knots(c.water_l_per_kwh, c.free_cooling_below_c)
    _, p["water_at"], p["water_change"] = curves.as_hinges(*water, 2)
    p["water_m3_per_mwh"], p["water_usd_per_m3"] = c.water_l_per_kwh, c.water_usd_per_m3
