"""On-demand rental: small customers who come by the hour if the asking price suits them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

MAX_ASKS = 5


class OnDemand(SiteModel):
    """Customers without a contract. Published list prices of one H100 lie between half and three times the market's
    (1.49 to 6.98 USD per GPU-hour over nine providers, costnimbus.com, March 2026), so the asking price is a choice."""

    peak_gpus: int = Field(ge=0, le=10_000_000)
    """GPUs wanted at `on_demand_load` = 1 in the trace by those who accept the lowest price."""
    ask_frac: tuple[float, ...] = (0.4, 0.7, 1.0, 1.3, 1.6)
    """The menu of asking prices, rising, as multiples of `gpu_rent_usd_per_gpu_h`."""
    accept_frac: tuple[float, ...] = (1.0, 0.9, 0.7, 0.4, 0.15)
    """Share of the demand that accepts each price; falls along the menu. Assumed: no demand curve is published."""

    @model_validator(mode="after")
    def _menu_is_a_demand_curve(self) -> OnDemand:
        if not 1 <= len(self.ask_frac) <= MAX_ASKS or len(self.ask_frac) != len(self.accept_frac):
            raise ValueError(
                f"ask_frac and accept_frac must list as many prices as shares, 1 to {MAX_ASKS};"
                f" found {len(self.ask_frac)} and {len(self.accept_frac)}"
            )
        if min(self.ask_frac) < 0 or max(self.ask_frac) > 20 or any(b <= a for a, b in pairwise(self.ask_frac)):
            raise ValueError(f"ask_frac must rise, from 0 to 20 at most; found {list(self.ask_frac)}")
        if min(self.accept_frac) < 0 or max(self.accept_frac) > 1 or any(b >= a for a, b in pairwise(self.accept_frac)):
            raise ValueError(f"accept_frac must fall, between 1 and 0; found {list(self.accept_frac)}")
        return self


RECORD = [
    ("on_demand_gpus", _F), ("n_asks", _I), ("ask_frac", _F, MAX_ASKS), ("accept_frac", _F, MAX_ASKS),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write the menu into the site's record; a site without on-demand rental has no GPUs for it."""
    on_demand = None if site.gpu is None else site.gpu.on_demand
    if on_demand is None:
        return
    n = len(on_demand.ask_frac)
    p["on_demand_gpus"], p["n_asks"] = on_demand.peak_gpus, n
    p["ask_frac"][:n], p["accept_frac"][:n] = on_demand.ask_frac, on_demand.accept_frac
