"""The transformer at the grid connection: its windings' temperature and how fast its insulation ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hybrid_env.sites import curves
from hybrid_env.sites.base import SiteModel

if TYPE_CHECKING:
    from hybrid_env.sites.site import Site

_F = np.float64
Array = NDArray[np.float64]

MOST_LOAD = 2.0
"""Load over rating up to which the guide's equations hold (200 %)."""
LOAD_KNOTS = np.round(np.arange(0.0, MOST_LOAD + 0.05, 0.1), 10)
HOT_SPOT_KNOTS_C = np.arange(60.0, 201.0, 5.0)
"""Insulation ages a hundred times slower than normal below; above, the last line goes on."""
START_LOAD = 0.7
"""Load over rating that the oil's temperature has settled to as an episode begins."""


class Transformer(SiteModel):
    """IEEE C57.91 thermal model; defaults are the guide's for forced air (ONAN/ONAF)."""

    rating_mw: float = Field(gt=0, le=10_000)
    """Nameplate, at power factor 1; the connection may load it to twice that."""
    oil_rise_c: float = Field(default=45.0, gt=0, le=80)
    """Top oil over ambient at rated load."""
    winding_rise_c: float = Field(default=20.0, gt=0, le=60)
    """Hot spot over top oil at rated load."""
    loss_ratio: float = Field(default=8.0, gt=0, le=20)
    """Load loss over no-load loss."""
    n: float = Field(default=0.9, ge=0.5, le=1.2)
    """Exponent of the oil's rise with losses."""
    m: float = Field(default=0.8, ge=0.5, le=1.2)
    """Exponent of the winding's rise with losses."""
    oil_tau_s: float = Field(default=10_800.0, gt=0, le=86_400)
    """Time constant of the oil; the winding's (5 min) is taken as none."""
    value_usd: float = Field(default=0.0, ge=0, le=1e9)
    """What a new one costs; spent in proportion to the life used up."""
    normal_life_h: float = Field(default=180_000.0, gt=0, le=1e6)
    """Life at a hot spot of 110 C all the time."""


def oil_rise_c(t: Transformer, load_frac: Array) -> Array:
    """Top oil over ambient in the long run: `dTO ((K^2 R + 1) / (R + 1))^n` (IEEE C57.91, clause 7)."""
    return t.oil_rise_c * ((load_frac**2 * t.loss_ratio + 1) / (t.loss_ratio + 1)) ** t.n


def winding_rise_c(t: Transformer, load_frac: Array) -> Array:
    """Hot spot over top oil: `dH K^(2 m)` (IEEE C57.91, clause 7)."""
    return t.winding_rise_c * load_frac ** (2 * t.m)


def ageing_rate(hot_spot_c: Array) -> Array:
    """Hours of life an hour takes: `FAA = exp(15000 / 383 - 15000 / (theta + 273))`, 1 at 110 C (IEEE C57.91, clause
    5)."""
    return np.exp(15_000 / 383 - 15_000 / (hot_spot_c + 273))


RECORD = [
    ("transformer_mw", _F), ("transformer_usd_per_h", _F), ("transformer_oil_keep", _F),
    ("transformer_oil_start_c", _F), ("transformer_load", _F, len(LOAD_KNOTS)),
    ("transformer_oil_y0", _F), ("transformer_oil_change", _F, len(LOAD_KNOTS)),
    ("transformer_winding_change", _F, len(LOAD_KNOTS)), ("transformer_ageing_y0", _F),
    ("transformer_hot_spot_c", _F, len(HOT_SPOT_KNOTS_C)), ("transformer_ageing_change", _F, len(HOT_SPOT_KNOTS_C)),
]  # fmt: skip


def fill(p: np.void, site: Site) -> None:
    """Write rating, tables and the oil's memory into the site's record."""
    t = site.transformer
    if t is None:
        return
    p["transformer_mw"], p["transformer_usd_per_h"] = t.rating_mw, t.value_usd / t.normal_life_h
    p["transformer_oil_keep"] = np.exp(-site.interval_s / t.oil_tau_s)
    p["transformer_oil_start_c"] = float(oil_rise_c(t, np.array(START_LOAD)))
    oil = curves.as_hinges(LOAD_KNOTS, oil_rise_c(t, LOAD_KNOTS), len(LOAD_KNOTS))
    p["transformer_oil_y0"], p["transformer_load"], p["transformer_oil_change"] = oil
    winding = curves.as_hinges(LOAD_KNOTS, winding_rise_c(t, LOAD_KNOTS), len(LOAD_KNOTS))
    p["transformer_winding_change"] = winding[2]
    ageing = curves.as_hinges(HOT_SPOT_KNOTS_C, ageing_rate(HOT_SPOT_KNOTS_C), len(HOT_SPOT_KNOTS_C))
    p["transformer_ageing_y0"], p["transformer_hot_spot_c"], p["transformer_ageing_change"] = ageing
    p["transformer_ageing_change"][-1] = 0.0  # not constant above the last knot, so that the table is convex
