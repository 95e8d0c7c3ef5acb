"""Generation behind the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64
SOURCES = ("wind", "solar", "geothermal", "hydro")
"""In the order in which they are used."""


class Supply(SiteModel):
    """Own generation: used on site, exported, kept in the pond, or curtailed."""

    wind_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Nameplate of the wind farm; output is `wind_cf` times this."""
    solar_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Nameplate (AC) of the solar plant; output is `solar_cf` times this."""
    geothermal_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Nameplate of the geothermal plant; output is `geothermal_cf` times this."""
    hydro_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Power of the river at `hydro_cf` 1: the inflow is `hydro_cf` times this."""
    hydro_turbine_mw: float | None = Field(default=None, ge=0, le=10_000)
    """What the turbine can pass, pond and inflow together; at least, and by default, `hydro_mw`."""
    hydro_pond_mwh: float = Field(default=0.0, ge=0, le=1_000_000)
    """Water that can be kept for later, as energy; 0 is run-of-river."""
    pond_value_usd_per_mwh: float = Field(default=25.0, ge=0, le=5_000)
    """Worth of a MWh of water left when the books close (hydro contracts: 15 to 45)."""
    wind_usd_per_mwh: float = Field(default=0.0, ge=0, le=1_000)
    """Paid for each MWh the wind farm could deliver, taken or not (take-or-pay; contracts: 20 to 40)."""
    solar_usd_per_mwh: float = Field(default=0.0, ge=0, le=1_000)
    """The same for the solar plant (20 to 40)."""
    geothermal_usd_per_mwh: float = Field(default=0.0, ge=0, le=1_000)
    """The same for the geothermal plant (60 to 90)."""
    hydro_usd_per_mwh: float = Field(default=0.0, ge=0, le=1_000)
    """The same for each MWh of inflow (15 to 45)."""

    @model_validator(mode="after")
    def _turbine_passes_the_river(self) -> Supply:
        if self.hydro_turbine_mw is not None and self.hydro_turbine_mw < self.hydro_mw:
            raise ValueError(
                f"hydro_turbine_mw = {self.hydro_turbine_mw:g} must be at least hydro_mw = {self.hydro_mw:g};"
                " raise it, or lower hydro_mw to what the turbine can pass"
            )
        if self.hydro_pond_mwh > 0 and self.hydro_mw == 0:
            raise ValueError("hydro_pond_mwh needs a river: give hydro_mw, or leave the pond out")
        return self


RECORD = [
    *((f"{source}_nameplate_mw", _F) for source in SOURCES), *((f"{source}_usd_per_mwh", _F) for source in SOURCES),
    ("hydro_turbine_mw", _F), ("pond_mwh", _F), ("pond_value_usd_per_mwh", _F),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write own generation into the site's record."""
    own = site.supply
    for source in SOURCES:
        p[f"{source}_nameplate_mw"] = getattr(own, f"{source}_mw")
        p[f"{source}_usd_per_mwh"] = getattr(own, f"{source}_usd_per_mwh")
    p["hydro_turbine_mw"] = own.hydro_mw if own.hydro_turbine_mw is None else own.hydro_turbine_mw
    p["pond_mwh"], p["pond_value_usd_per_mwh"] = own.hydro_pond_mwh, own.pond_value_usd_per_mwh
