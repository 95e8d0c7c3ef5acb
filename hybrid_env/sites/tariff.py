"""What the grid charges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64
REAL_TIME, DAY_AHEAD, FIXED = range(3)
PRICE_INDEX = {"real_time": REAL_TIME, "day_ahead": DAY_AHEAD, "fixed": FIXED}


class Tariff(SiteModel):
    """Energy with an adder, a position taken the day before, and a charge on coincident peaks."""

    energy_adder_usd_per_mwh: float = Field(default=0.0, ge=0, le=500)
    """Wires, losses and retail margin on each imported MWh."""
    energy_price: Literal["real_time", "day_ahead", "fixed"] = "real_time"
    """At what imports, and exports less the basis of the generation node, are settled."""
    fixed_usd_per_mwh: float | None = Field(default=None, ge=0, le=5_000)
    """The price where `energy_price` is fixed, and only there."""
    day_ahead_mw: float = Field(default=0.0, ge=-10_000, le=10_000)
    """Bought (negative: sold) in the day-ahead market in every hour, and settled against the real-time price."""
    coincident_peak_usd_per_kw_year: float = Field(default=0.0, ge=0, le=1_000)
    """Annual charge per kW of import in the rows that carry `cp_weight` (ERCOT 4CP: about 70, range 60 to 80)."""
    demand_usd_per_kw_month: float = Field(default=0.0, ge=0, le=200)
    """Charge per kW of the site's own highest import of each local month (US utilities: 5 to 20)."""
    system_peak_mw: float = Field(default=85_000.0, gt=0, le=10_000_000)
    """A typical annual peak of the whole grid; scales what the operator sees of it (ERCOT 2023: 85,464)."""

    @model_validator(mode="after")
    def _fixed_price_is_given(self) -> Tariff:
        if self.energy_price == "fixed" and self.fixed_usd_per_mwh is None:
            raise ValueError("energy_price is fixed, and fixed_usd_per_mwh is missing; give the price")
        if self.energy_price != "fixed" and self.fixed_usd_per_mwh is not None:
            raise ValueError(
                f"fixed_usd_per_mwh is of no use where energy_price is {self.energy_price}; remove it or write"
                " energy_price: fixed"
            )
        return self


RECORD = [
    ("adder_usd_per_mwh", _F), ("peak_usd_per_mw_year", _F), ("system_peak_mw", _F), ("price_index", _I),
    ("fixed_usd_per_mwh", _F), ("day_ahead_mw", _F), ("demand_usd_per_mw_month", _F),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write the charges into the site's record."""
    p["adder_usd_per_mwh"] = site.tariff.energy_adder_usd_per_mwh
    p["peak_usd_per_mw_year"] = site.tariff.coincident_peak_usd_per_kw_year * 1_000
    p["system_peak_mw"] = site.tariff.system_peak_mw
    p["price_index"] = PRICE_INDEX[site.tariff.energy_price]
    p["fixed_usd_per_mwh"] = site.tariff.fixed_usd_per_mwh or 0.0
    p["demand_usd_per_mw_month"] = site.tariff.demand_usd_per_kw_month * 1_000
    p["day_ahead_mw"] = site.tariff.day_ahead_mw
