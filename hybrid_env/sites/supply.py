"""Generation behind the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Supply(SiteModel):
    """Own generation: used on site, exported, or curtailed."""

    wind_mw: float = Field(default=0.0, ge=0, le=10_000)
    """Nameplate of the wind farm; output is `wind_cf` times this."""


RECORD = [("wind_nameplate_mw", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write own generation into the site's record."""
    p["wind_nameplate_mw"] = site.supply.wind_mw
