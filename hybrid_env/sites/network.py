"""The bitcoin network as the site meets it: through its pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Network(SiteModel):
    """Pool terms. The pool pays the expected reward (FPPS)."""

    pool_fee_frac: float = Field(default=0.01, ge=0, le=0.2)
    """FPPS pools take 1 to 4 %; 1 % is common for institutions."""


RECORD = [("pool_fee_frac", _F)]


def fill(p: np.void, site: Site) -> None:
    """Write the pool's terms into the site's record."""
    p["pool_fee_frac"] = site.network.pool_fee_frac
