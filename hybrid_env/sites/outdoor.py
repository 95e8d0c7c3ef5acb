"""Fleets outside the mining hall: containers on outdoor air, and machines in water or oil on a warm loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

Kind = Literal["hall", "air", "hydro", "immersion"]
HALL, AIR, LOOP = 0, 1, 2
PLACE: dict[str, int] = {"hall": HALL, "air": AIR, "hydro": LOOP, "immersion": LOOP}
WATER_M3_PER_MWH = 3.6 / 2.45
"""Water whose evaporation takes up a MWh (2.45 MJ/kg at 20 C)."""
NO_TRIP_C = 1e3


class Air(SiteModel):
    """Fans blow outdoor air once through the machines, in dry heat through a wet pad first."""

    pad_efficiency: float = Field(default=0.0, ge=0, le=0.95)
    """Share of the wet-bulb depression by which the pad cools; 0 without a pad (pads: 0.7 to 0.9)."""
    pad_from_c: float = Field(default=25.0, ge=0, le=50)
    """Dry bulb above which the pad is wet."""
    recirculation_c: float = Field(default=2.0, ge=0, le=20)
    """By how much exhaust air that comes round warms the inlet (assumed)."""
    air_rise_c: float = Field(default=15.0, ge=5, le=40)
    """How much warmer air leaves the machines; decides how much of it, and how much water, a MWh takes (assumed)."""
    trip_c: float = Field(default=47.0, ge=30, le=70)
    """Inlet temperature at which machines switch themselves off (S21 field test)."""


class Loop(SiteModel):
    """Dry coolers of water-cooled (`hydro`) and immersed machines."""

    approach_c: float = Field(default=8.0, ge=1, le=30)
    """By how much the loop is warmer than the outdoor air."""
    hydro_limit_c: float = Field(default=45.0, ge=25, le=70)
    immersion_limit_c: float = Field(default=50.0, ge=25, le=70)
    """Loop temperatures from which machines slow down, by `derate_frac_per_c`."""


RECORD = [
    ("outdoor_fleets", _I), ("hall_fleets", _I), ("fleet_place", _I, 4), ("fleet_pad", _F, 4), ("pad_from_c", _F),
    ("fleet_above_c", _F, 4), ("fleet_derate_start_c", _F, 4), ("fleet_trip_c", _F, 4),
    ("fleet_water_m3_per_mwh_k", _F, 4), ("sleep_by_place", _F, 3),
]  # fmt: skip
"""Inlet of a fleet: dry bulb less `fleet_pad` of the wet-bulb depression, plus `fleet_above_c`; `sleep_by_place` is the
sleep draw in the hall, on outdoor air and on the loop, in MW."""


def fill(p: np.void, site: Site) -> None:
    """Write where fleets stand into the site's record; all stand in the hall unless it says otherwise."""
    if site.mining is None:
        return
    mining, air, loop = site.mining, site.mining.air, site.mining.loop
    p["pad_from_c"] = air.pad_from_c
    for f, fleet in enumerate(mining.fleets):
        place = PLACE[fleet.cooling]
        p["fleet_place"][f] = place
        p["outdoor_fleets"] += place != HALL
        p["hall_fleets"] += place == HALL
        p["sleep_by_place"][place] += fleet.nameplate_mw * mining.availability_frac * mining.sleep_draw_frac
        p["fleet_trip_c"][f] = air.trip_c if place == AIR else NO_TRIP_C
        p["fleet_above_c"][f] = air.recirculation_c if place == AIR else loop.approach_c
        p["fleet_derate_start_c"][f] = mining.derate_start_c
        if place == LOOP:
            p["fleet_derate_start_c"][f] = loop.hydro_limit_c if fleet.cooling == "hydro" else loop.immersion_limit_c
        if place == AIR:
            p["fleet_pad"][f] = air.pad_efficiency
            p["fleet_water_m3_per_mwh_k"][f] = WATER_M3_PER_MWH * air.pad_efficiency / air.air_rise_c
