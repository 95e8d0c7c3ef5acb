"""Failures of mining machines: containers of them break down, are repaired weeks later, and cost money."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

HOURS_PER_MONTH = 730.5


class Failures(SiteModel):
    """How often, how long and how dear. No operator publishes its figures; defaults are plausible ones."""

    rate_per_month: float = Field(default=0.005, ge=0, le=1)
    """Share of awake machines that fails in a month with an inlet of 30 C or less (assumed; 0.003 to 0.01)."""
    blocks: int = Field(default=50, ge=1, le=10_000)
    """Containers of a fleet, each of which fails and is repaired as one."""
    start_hazard: float = Field(default=5e-5, ge=0, le=0.1)
    """Share of woken machines that a cold start breaks (assumed)."""
    repair_s: float = Field(default=1_814_400, gt=0, le=1e8)
    """Mean time to repair (three weeks)."""
    repair_usd_per_mw: float = Field(default=57_000, ge=0, le=1e7)
    """Repair of a megawatt of machines: 200 USD (150 to 250) for each of 286 machines of 3.5 kW."""


RECORD = [
    ("failing", _I), ("failures_per_row", _F), ("failures_per_start", _F), ("block_share", _F),
    ("repaired_share", _F), ("repair_usd_per_mw", _F), ("failure_heat_y0", _F), ("failure_heat_at", _F, 3),
    ("failure_heat_change", _F, 3),
]  # fmt: skip
"""`failures_per_row` and `failures_per_start` are chances that a block of a fleet fails, all of it awake, or all of it
woken; `repaired_share` is what an interval repairs of what is broken."""


def fill(p: np.void, site: Site) -> None:
    """Write failures into the site's record; without them all is zero."""
    failures = None if site.mining is None else site.mining.failures
    if failures is None:
        return
    p["failing"], p["block_share"] = 1, 1 / failures.blocks
    p["failures_per_row"] = failures.rate_per_month * failures.blocks * site.interval_h / HOURS_PER_MONTH
    p["failures_per_start"] = failures.start_hazard * failures.blocks
    p["repaired_share"] = -math.expm1(-site.interval_s / failures.repair_s)
    p["repair_usd_per_mw"] = failures.repair_usd_per_mw
    heat = curves.as_hinges(*curves.failure_heat_knots(), 3)
    p["failure_heat_y0"], p["failure_heat_at"], p["failure_heat_change"] = heat
