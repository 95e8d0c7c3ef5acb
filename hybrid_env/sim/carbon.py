"""Carbon of the energy used."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import CARBON_KG, OWN_USED_MWH
from hybrid_env.sim.table import centre

CARBON_SCALE = 1_000.0


@part
def account(s, p, row, out):
    """Location-based: imports at the grid's average intensity, own generation at its own."""
    out.kg[CARBON_KG] += (
        s.import_mw * p.interval_h * row.carbon_average_kg_per_mwh + out.mwh[OWN_USED_MWH] * p.own_kg_per_mwh
    )


def fields(p: np.void) -> list[Field]:
    """Observed of carbon."""
    if not p["import_limit_mw"] > 0:
        return []
    return [Field("carbon_average_kg_per_mwh", "settled", "centre(x / 1000)", "grid intensity")]


@part
def observe(p, last, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.import_limit_mw <= 0.0:
        return k
    obs[k] = centre(last.carbon_average_kg_per_mwh / CARBON_SCALE)
    return k + 1
