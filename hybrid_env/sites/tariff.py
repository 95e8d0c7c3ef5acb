"""What the grid charges."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.sites.base import SiteModel


class Tariff(SiteModel):
    """Real-time energy with an adder, and a charge on coincident peaks."""

    energy_adder_usd_per_mwh: float = Field(default=0.0, ge=0, le=500)
    """Wires, losses and retail margin on each imported MWh."""
    coincident_peak_usd_per_kw_year: float = Field(default=0.0, ge=0, le=1_000)
    """Annual charge per kW of import in the rows that carry `cp_weight` (ERCOT 4CP: about 70, range 60 to 80)."""
    system_peak_mw: float = Field(default=85_000.0, gt=0, le=10_000_000)
    """A typical annual peak of the whole grid; scales what the operator sees of it (ERCOT 2023: 85,464)."""
