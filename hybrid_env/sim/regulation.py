"""A levy on mining energy, and a price on the carbon of imports."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import CARBON_USD, LEVY_USD
from hybrid_env.sim.table import squash
from hybrid_env.sites.units import KG_PER_T

LEVY_SCALE_USD_PER_MWH = 20.0
CARBON_SCALE_USD_PER_T = 50.0


@part
def charge(s, p, row, out):
    """`levy mining MWh` (sleeping machines included), and `price / 1000 import MWh kg/MWh`."""
    if p.mining_levied > 0:
        out.usd[LEVY_USD] -= row.mining_levy_usd_per_mwh * s.mining_mw * p.interval_h
    if p.carbon_priced > 0:
        kg = s.import_mw * p.interval_h * row.carbon_average_kg_per_mwh
        out.usd[CARBON_USD] -= row.carbon_usd_per_t / KG_PER_T * kg


def fields(p: np.void) -> list[Field]:
    """Observed of levies."""
    out = []
    if p["mining_levied"]:
        out.append(Field("mining_levy_usd_per_mwh", "now", "squash(x / 20)", "levy on energy used for mining"))
    if p["carbon_priced"]:
        out.append(Field("carbon_usd_per_t", "now", "squash(x / 50)", "price of a tonne of CO2"))
    return out


@part
def observe(p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.mining_levied > 0:
        obs[k] = squash(now.mining_levy_usd_per_mwh / LEVY_SCALE_USD_PER_MWH)
        k += 1
    if p.carbon_priced > 0:
        obs[k] = squash(now.carbon_usd_per_t / CARBON_SCALE_USD_PER_T)
        k += 1
    return k
