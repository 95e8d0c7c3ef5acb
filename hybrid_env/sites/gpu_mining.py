"""Idle GPUs that mine a proof-of-work coin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel
from hybrid_env.sites.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class GpuMining(SiteModel):
    """How GPUs mine while nobody rents them; what they earn is in the trace (`gpu_pow_usd_per_gpu_h`)."""

    power_frac: float = Field(default=0.8, gt=0, le=1)
    """Share of a GPU's dynamic power that hashing draws: miners tune for memory bandwidth, below full power."""
    switch_s: float = Field(default=120, ge=0, le=3_600)
    """Time without income on each GPU that turns to mining: loading the miner and building its data set."""


RECORD = [("pow_power_frac", _F), ("pow_switch_h", _F)]
"""`pow_power_frac` is 0 where GPUs do not mine; `pow_switch_h` is at most an interval."""


def fill(p: np.void, site: Site) -> None:
    """Write power and switching time into the site's record."""
    if site.gpu is None or site.gpu.gpu_mining is None:
        return
    p["pow_power_frac"] = site.gpu.gpu_mining.power_frac
    p["pow_switch_h"] = min(site.gpu.gpu_mining.switch_s / SECONDS_PER_HOUR, site.interval_h)
