"""The operator's cash: what happens to AI customers when mining collapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Cash(SiteModel):
    """Cash that profits fill and fixed costs drain; under a floor the operator withdraws AI capacity.

    No figures are published for a single site; the defaults are assumptions to be replaced by one's own.
    """

    start_usd: float = Field(ge=-1e10, le=1e10)
    fixed_cost_usd_per_day: float = Field(ge=0, le=1e8)
    """Debt service, staff, leases: leaves the cash box, is no part of the ledger (no dispatch can change it)."""
    floor_usd: float = Field(default=0.0, ge=-1e10, le=1e10)
    """With less than this as an interval begins, capacity is withdrawn for that interval."""
    withdraw_frac: float = Field(default=0.25, gt=0, le=1)
    """Share of the contracted reserved GPUs that is withdrawn."""
    credit_frac: float = Field(default=1.0, ge=0, le=20)
    """Credit for a withdrawn GPU-hour on top of its lost pay, as a multiple of its price."""


RECORD = [
    ("cash_start_usd", _F), ("fixed_cost_usd_per_h", _F), ("cash_floor_usd", _F), ("withdraw_frac", _F),
    ("withdraw_credit_frac", _F),
]  # fmt: skip
"""`withdraw_frac` is 0 on a site whose cash is not followed."""


def fill(p: np.void, site: Site) -> None:
    """Write the cash rules into the site's record."""
    cash = site.cash
    if cash is None:
        return
    p["cash_start_usd"], p["cash_floor_usd"] = cash.start_usd, cash.floor_usd
    p["fixed_cost_usd_per_h"] = cash.fixed_cost_usd_per_day / 24
    p["withdraw_frac"], p["withdraw_credit_frac"] = cash.withdraw_frac, cash.credit_frac
