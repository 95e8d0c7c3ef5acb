"""Levies that apply to the site, as far as the trace has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site


class Regulation(SiteModel):
    """Which of the trace's levies the site pays; a trace without them charges nothing."""

    mining_levy: bool = True
    """Levy on energy used for mining (Kazakhstan: since 2022, by the kWh; USA: proposed in 2023, up to 30 %)."""
    carbon_price: bool = True
    """Price on the CO2 of imported energy, at the grid's average intensity."""


RECORD = [("mining_levied", np.int64), ("carbon_priced", np.int64)]


def fill(p: np.void, site: Site) -> None:
    """Write what applies into the site's record."""
    if site.regulation is not None:
        p["mining_levied"] = int(site.regulation.mining_levy and site.mining is not None)
        p["carbon_priced"] = int(site.regulation.carbon_price and site.meter.import_limit_mw > 0)
