"""Carbon of the energy used."""

from __future__ import annotations

from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import CARBON_KG, WIND_USED_MWH


@part
def account(s, p, row, out):
    """Location-based: imports at the grid's average intensity, own generation at its own."""
    out.kg[CARBON_KG] += (
        s.import_mw * p.interval_h * row.carbon_average_kg_per_mwh + out.mwh[WIND_USED_MWH] * p.own_kg_per_mwh
    )
