"""Carbon accounting of the energy used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Carbon(SiteModel):
    """Location-based accounting: imports at the grid's average intensity, own generation at its own."""

    own_kg_per_mwh: float = Field(default=0.0, ge=0, le=1_500)
    """Direct emissions of own generation (0 for wind)."""


RECORD = [("own_kg_per_mwh", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write the accounting factors into the site's record."""
    p["own_kg_per_mwh"] = site.carbon.own_kg_per_mwh
