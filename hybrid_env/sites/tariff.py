"""What the grid charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Tariff(SiteModel):
    """Real-time energy with an adder, and a charge on coincident peaks."""

    energy_adder_usd_per_mwh: float = Field(default=0.0, ge=0, le=500)
    """Wires, losses and retail margin on each imported MWh."""
    coincident_peak_usd_per_kw_year: float = Field(default=0.0, ge=0, le=1_000)
    """Annual charge per kW of import in the rows that carry `cp_weight` (ERCOT 4CP: about 70, range 60 to 80)."""
    system_peak_mw: float = Field(default=85_000.0, gt=0, le=10_000_000)
    """A typical annual peak of the whole grid; scales what the operator sees of it (ERCOT 2023: 85,464)."""


RECORD = [("adder_usd_per_mwh", _F), ("peak_usd_per_mw_year", _F), ("system_peak_mw", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write the charges into the site's record."""
    p["adder_usd_per_mwh"] = site.tariff.energy_adder_usd_per_mwh
    p["peak_usd_per_mw_year"] = site.tariff.coincident_peak_usd_per_kw_year * 1_000
    p["system_peak_mw"] = site.tariff.system_peak_mw
