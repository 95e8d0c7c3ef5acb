"""The bitcoin network as the site meets it: its pool, and what it has sold of its hash ahead of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64


class Forward(SiteModel):
    """Hashprice sold ahead: settled in cash each interval against the market's hashprice, whatever the site hashes."""

    sold_ph: float = Field(gt=0, le=1e6)
    """Hash sold, PH/s."""
    price_usd_per_ph_day: float = Field(ge=0, le=10_000)
    """Agreed hashprice; the market's was 315 USD on average in 2021 (Hashrate Index), 29 in June 2026 (bt-miners)."""


class Cloud(SiteModel):
    """Hash rented out: customers pay for all of it and own what the first machines hash."""

    sold_ph: float = Field(gt=0, le=1e6)
    """Hash rented out, PH/s."""
    price_usd_per_ph_day: float = Field(ge=0, le=10_000)
    """What customers pay for a PH/s and day, delivered or not."""
    shortfall_credit_frac: float = Field(default=1.0, ge=1, le=10)
    """Credited for a missing PH/s, as a multiple of hashprice; at least 1, or not hashing would be a business."""


class Network(SiteModel):
    """Pool terms and contracts on hash."""

    pool_scheme: Literal["fpps", "pps_plus", "pps"] = "fpps"
    """How the pool pays: `fpps` subsidy and transaction fees by expectation, less `pool_fee_frac`; `pps_plus` the
    same with another fee on transaction fees; `pps` the subsidy alone."""
    pool_fee_frac: float = Field(default=0.01, ge=0, le=0.2)
    """FPPS pools take 1 to 4 %; 1 % is common for institutions."""
    fee_on_fees_frac: float = Field(default=0.02, ge=0, le=0.2)
    """What a `pps_plus` pool keeps of transaction fees; other schemes do not read it."""
    forward: Forward | None = None
    cloud: Cloud | None = None

    @property
    def fees_weight(self) -> float:
        """What a transaction fee counts for beside a subsidy of the same size, before the pool's fee."""
        if self.pool_scheme == "fpps":
            return 1.0
        return (1 - self.fee_on_fees_frac) / (1 - self.pool_fee_frac) if self.pool_scheme == "pps_plus" else 0.0


RECORD = [
    ("pool_fee_frac", _F), ("pool_fees_weight", _F), ("forward_ph", _F), ("forward_usd_per_ph_day", _F),
    ("cloud_ph", _F), ("cloud_usd_per_ph_day", _F), ("cloud_credit_frac", _F),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write the pool's terms and the contracts into the site's record."""
    network = site.network
    p["pool_fee_frac"], p["pool_fees_weight"] = network.pool_fee_frac, network.fees_weight
    if network.forward is not None:
        p["forward_ph"] = network.forward.sold_ph
        p["forward_usd_per_ph_day"] = network.forward.price_usd_per_ph_day
    if network.cloud is not None:
        p["cloud_ph"], p["cloud_usd_per_ph_day"] = network.cloud.sold_ph, network.cloud.price_usd_per_ph_day
        p["cloud_credit_frac"] = network.cloud.shortfall_credit_frac
