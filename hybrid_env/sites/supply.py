"""Generation behind the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.generator import Generator

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64
SOURCES = ("wind", "solar", "geothermal", "hydro")
"""In the order in which they are used."""


class Ppa(SiteModel):
    """A power purchase contract, settled in money: the site is paid the real-time price less the strike."""

    mw: float = Field(gt=0, le=10_000)
    strike_usd_per_mwh: float = Field(ge=-100, le=1_000)
    """Texas wind and sun: 20 to 40."""
    shape: Literal["flat", "wind", "solar"] = "flat"
    """All hours alike, or as the wind or the sun of the trace."""


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

    generator: Generator | None = None
    """Runs where imports are not to be had, or are dearer."""

    ppa: Ppa | None = None
    """Has no part in what the site may use: a contract for differences."""

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

    @model_validator(mode="after")
    def _terms_have_their_plant(self) -> Supply:
        needs = {f"{source}_usd_per_mwh": f"{source}_mw" for source in SOURCES}
        needs |= {"hydro_turbine_mw": "hydro_mw", "pond_value_usd_per_mwh": "hydro_pond_mwh"}
        for name, plant in needs.items():
            value = getattr(self, name)
            if getattr(self, plant) == 0 and value != type(self).model_fields[name].default:
                raise ValueError(
                    f"{name} = {value:g} is of no use without {plant} (found 0); give {plant} or remove {name}"
                )
        return self


RECORD = [
    *((f"{source}_nameplate_mw", _F) for source in SOURCES), *((f"{source}_usd_per_mwh", _F) for source in SOURCES),
    ("has_own_energy", np.int64), ("hydro_turbine_mw", _F), ("pond_mwh", _F), ("pond_value_usd_per_mwh", _F),
    ("ppa_flat_mw", _F), ("ppa_wind_mw", _F), ("ppa_solar_mw", _F), ("ppa_strike_usd_per_mwh", _F),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write own generation into the site's record."""
    own = site.supply
    for source in SOURCES:
        p[f"{source}_nameplate_mw"] = getattr(own, f"{source}_mw")
        p[f"{source}_usd_per_mwh"] = getattr(own, f"{source}_usd_per_mwh")
    p["has_own_energy"] = own.generator is not None or any(getattr(own, f"{source}_mw") > 0 for source in SOURCES)
    p["hydro_turbine_mw"] = own.hydro_mw if own.hydro_turbine_mw is None else own.hydro_turbine_mw
    p["pond_mwh"], p["pond_value_usd_per_mwh"] = own.hydro_pond_mwh, own.pond_value_usd_per_mwh
    if own.ppa is not None:
        p[f"ppa_{own.ppa.shape}_mw"], p["ppa_strike_usd_per_mwh"] = own.ppa.mw, own.ppa.strike_usd_per_mwh
