"""Reserves that the site sells to the grid: load it promises to drop when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F, _I = np.float64, np.int64

MAX_PRODUCTS = 3


class Product(SiteModel):
    """One reserve product; the first takes the trace's `reserve_0_*` columns, the second `reserve_1_*`, and so on.

    ERCOT's, after its real-time co-optimisation of December 2025: ECRS 600 s for 1 h (2 h before), Non-Spin 1,800 s
    for 4 h, RRS 0.5 s (under-frequency relay) for 0.5 h.
    """

    name: str = Field(min_length=1)
    response_s: float = Field(ge=0, le=3_600)
    """From the call until the load must have dropped."""
    duration_h: float = Field(gt=0, le=24)
    """Longest time for which a call must be followed."""


class Reserves(SiteModel):
    """What may be sold, how it is called, and what failing costs."""

    products: tuple[Product, ...] = Field(min_length=1, max_length=MAX_PRODUCTS)
    max_mw: float = Field(gt=0, le=5_000)
    """Most that may be sold in an hour, all products together: what the site is qualified for."""
    load_type: Literal["controllable", "plain"] = "controllable"
    """`controllable`: follows calls itself, by degree. `plain`: a relay trips the whole award at any call."""
    gate_closure_s: float = Field(default=3_600, gt=0, le=3_600)
    """Offers for an hour are read in the one interval that begins this long before it (rounded up to an interval).
    ERCOT's adjustment period ends an hour ahead."""
    penalty_mult: float = Field(default=2.0, ge=0, le=20)
    """Penalty for a megawatt sold but not held, as a multiple of its price; its pay is clawed back too (no rule
    publishes one figure; 2 is an assumption)."""
    deviation_usd_per_mwh: float = Field(default=1_000.0, ge=0, le=20_000)
    """Cost of a called megawatt-hour that was not dropped. The default is several times what the newest machines earn
    at any hash price since 2023 (60 to 300 USD/MWh), so that mining through a call never pays."""
    deviation_tolerance_frac: float = Field(default=0.03, ge=0, le=0.5)
    """Share of what is called that may be missing without cost."""

    @model_validator(mode="after")
    def _tell_apart_and_respond_in_time(self) -> Reserves:
        names = [product.name for product in self.products]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f"products: {name!r} stands {names.count(name)} times (found: {', '.join(names)}); each product has"
                    " a column of the trace and a name of its own: rename one or remove it"
                )
        for product in self.products:
            if product.response_s >= product.duration_h * 3_600:
                raise ValueError(
                    f"product {product.name}: response_s ({product.response_s:g}) must be shorter than duration_h"
                    f" ({product.duration_h:g} h = {product.duration_h * 3_600:g} s)"
                )
        return self


RECORD = [
    ("n_reserves", _I), ("reserve_response_s", _F, MAX_PRODUCTS), ("reserve_duration_s", _F, MAX_PRODUCTS),
    ("reserve_max_mw", _F), ("reserve_tripped", _I), ("reserve_gate_row", _I), ("reserve_penalty_mult", _F),
    ("reserve_deviation_usd_per_mwh", _F), ("reserve_tolerance_frac", _F),
]  # fmt: skip
"""`reserve_gate_row` is the place within an hour (0 = its first interval) of the interval whose offers count for the
next; `reserve_tripped` is 1 for a plain load."""


def fill(p: np.void, site: Site) -> None:
    """Write products and rules into the site's record; without reserves all is zero."""
    reserves = site.reserves
    if reserves is None:
        return
    p["n_reserves"] = len(reserves.products)
    for k, product in enumerate(reserves.products):
        p["reserve_response_s"][k], p["reserve_duration_s"][k] = product.response_s, product.duration_h * 3_600
    p["reserve_max_mw"] = reserves.max_mw
    p["reserve_tripped"] = int(reserves.load_type == "plain")
    p["reserve_gate_row"] = 3_600 // site.interval_s - int(np.ceil(reserves.gate_closure_s / site.interval_s))
    p["reserve_penalty_mult"] = reserves.penalty_mult
    p["reserve_deviation_usd_per_mwh"] = reserves.deviation_usd_per_mwh
    p["reserve_tolerance_frac"] = reserves.deviation_tolerance_frac
