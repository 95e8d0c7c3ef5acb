"""A generator that burns fuel: gas from the wellhead, or a backup set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Generator(SiteModel):
    """Defaults: a gas engine at the wellhead, 250,000 cubic feet a day for a MW (10.8 MMBtu/MWh)."""

    nameplate_mw: float = Field(gt=0, le=10_000)
    min_load_frac: float = Field(default=0.3, ge=0, le=1)
    """Share of nameplate below which it cannot run."""
    heat_rate_mmbtu_per_mwh: float = Field(default=10.8, gt=0, le=50)
    """At full load."""
    no_load_frac: float = Field(default=0.15, ge=0, lt=1)
    """Share of full-load fuel that is burnt at no load; the rest grows with output."""
    om_usd_per_mwh: float = Field(default=5.0, ge=0, le=500)
    """Wear and maintenance of each MWh."""
    carbon_kg_per_mwh: float = Field(default=573.0, ge=0, le=5_000)
    """10.8 MMBtu/MWh of natural gas at 53.06 kg/MMBtu (US EPA, emission factors for greenhouse gas inventories)."""


RECORD = [
    ("generator_mw", _F), ("generator_least_mw", _F), ("generator_mmbtu_per_mwh", _F), ("generator_no_load_frac", _F),
    ("generator_om_usd_per_mwh", _F), ("generator_kg_per_mwh", _F),
]  # fmt: skip
"""All zero without a generator."""


def fill(p: np.void, site: Site) -> None:
    """Write the generator into the site's record."""
    g = site.supply.generator
    if g is None:
        return
    p["generator_mw"], p["generator_least_mw"] = g.nameplate_mw, g.min_load_frac * g.nameplate_mw
    p["generator_mmbtu_per_mwh"], p["generator_no_load_frac"] = g.heat_rate_mmbtu_per_mwh, g.no_load_frac
    p["generator_om_usd_per_mwh"], p["generator_kg_per_mwh"] = g.om_usd_per_mwh, g.carbon_kg_per_mwh
