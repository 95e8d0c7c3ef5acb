"""Carbon accounting of the energy used."""

from __future__ import annotations

from pydantic import Field

from hybrid_env.sites.base import SiteModel


class Carbon(SiteModel):
    """Location-based accounting: imports at the grid's average intensity, own generation at its own."""

    own_kg_per_mwh: float = Field(default=0.0, ge=0, le=1_500)
    """Direct emissions of own generation (0 for wind)."""
