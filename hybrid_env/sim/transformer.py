"""The transformer at the grid connection: hot spot and ageing of its insulation (IEEE C57.91)."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import TRANSFORMER_LIFE_H, TRANSFORMER_USD
from hybrid_env.sim.table import hinges, squash

STATE = [("oil_rise_c", np.float64), ("hot_spot_c", np.float64)]
"""Top oil over ambient; the winding's hottest place as the last interval ended."""

NORMAL_HOT_SPOT_C = 110.0
HOT_SPOT_SCALE_C = 30.0


@part
def age(s, p, row, out):
    """Warm or cool the oil towards what the connection's load sets it to, and use up life at the hot spot's rate.

    `rise' = U(K) + (rise - U(K)) exp(-dt / tau)`, `theta = ambient + rise' + W(K)`, life `FAA(theta) dt`, with K the
    net power over the rating, either way. The winding follows at once.
    """
    load = abs(s.import_mw - s.export_mw) / p.transformer_mw
    settled = hinges(load, p.transformer_oil_y0, p.transformer_load, p.transformer_oil_change)
    s.oil_rise_c = settled + (s.oil_rise_c - settled) * p.transformer_oil_keep
    s.hot_spot_c = row.drybulb_c + s.oil_rise_c + hinges(load, 0.0, p.transformer_load, p.transformer_winding_change)
    rate = hinges(s.hot_spot_c, p.transformer_ageing_y0, p.transformer_hot_spot_c, p.transformer_ageing_change)
    out.work[TRANSFORMER_LIFE_H] += rate * p.interval_h
    out.usd[TRANSFORMER_USD] -= rate * p.interval_h * p.transformer_usd_per_h


@part
def begin(s, p, last):
    """Oil settled to a usual load, in the last interval's weather."""
    s.oil_rise_c = p.transformer_oil_start_c
    s.hot_spot_c = last.drybulb_c + s.oil_rise_c if p.transformer_mw > 0.0 else 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of the transformer."""
    if not p["transformer_mw"] > 0:
        return []
    return [Field("transformer_hot_spot_c", "settled", "squash((x - 110) / 30)", "hottest place of the windings")]


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.transformer_mw <= 0.0:
        return k
    obs[k] = squash((s.hot_spot_c - NORMAL_HOT_SPOT_C) / HOT_SPOT_SCALE_C)
    return k + 1
