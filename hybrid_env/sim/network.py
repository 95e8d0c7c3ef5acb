"""The bitcoin network: what a petahash a second earns, from the pool and under contracts."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import BTC, CLOUD_USD, FORWARD_USD, MINING_USD
from hybrid_env.sim.table import squash
from hybrid_env.sites.units import HOURS_PER_DAY

HASHES_PER_DIFFICULTY = 4_294_967_296.0
"""Expected hashes per block at difficulty 1: 2^32."""
HASHES_PER_PH = 1e15
SECONDS_PER_DAY = 86_400.0
HASHPRICE_SCALE = 50.0
BREAKEVEN_SCALE = 100.0


@part
def hashprice_usd_per_ph_day(row, fees_weight=1.0):
    """Expected reward of 1 PH/s and day: the market's hashprice, or with the weight of a pool's scheme what that pool
    counts before its fee.

    `1e15 * 86400 / (D 2^32) * (subsidy + weight * fees) * price`.
    """
    blocks_per_day = HASHES_PER_PH * SECONDS_PER_DAY / (row.difficulty * HASHES_PER_DIFFICULTY)
    return blocks_per_day * (row.subsidy_btc + fees_weight * row.fees_btc_per_block) * row.btc_usd


@part
def breakeven_usd_per_mwh(p, fleet, pool_usd):
    """Price at which a fleet at nameplate earns nothing, without the site's overheads.

    `pool income (1 - fee) / (J/TH * 24e-3)`, income in USD per PH/s and day.
    """
    return pool_usd * (1.0 - p.pool_fee_frac) / (p.fleet_j_per_th[fleet] * 24e-3)


@part
def sell(p, row, ph, out):
    """Sell an interval's hash (PH/s on average): customers' share first, the rest to the pool; settle the forward."""
    own = max(0.0, ph - p.cloud_ph)
    usd = (
        own * hashprice_usd_per_ph_day(row, p.pool_fees_weight) / HOURS_PER_DAY * p.interval_h * (1.0 - p.pool_fee_frac)
    )
    out.usd[MINING_USD] += usd
    out.work[BTC] += usd / row.btc_usd if row.btc_usd > 0.0 else 0.0
    if p.cloud_ph > 0.0:
        credit = p.cloud_credit_frac * hashprice_usd_per_ph_day(row) * max(0.0, p.cloud_ph - ph)
        out.usd[CLOUD_USD] += (p.cloud_usd_per_ph_day * p.cloud_ph - credit) / HOURS_PER_DAY * p.interval_h
    if p.forward_ph > 0.0:
        gain = (p.forward_usd_per_ph_day - hashprice_usd_per_ph_day(row)) * p.forward_ph
        out.usd[FORWARD_USD] += gain / HOURS_PER_DAY * p.interval_h


@part
def reference_usd_per_mwh(p, row):
    """What prices are measured against: the breakeven of the first fleet, 0 on a site without mining."""
    return breakeven_usd_per_mwh(p, 0, hashprice_usd_per_ph_day(row, p.pool_fees_weight)) if p.n_fleets > 0 else 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of the bitcoin network."""
    if not p["n_fleets"]:
        return []
    return [
        Field("hashprice_usd_per_ph_day", "settled", "squash(x / 50)", "expected income of 1 PH/s for a day"),
        *(
            Field(f"fleet_{f}_breakeven_usd_per_mwh", "settled", "squash(x / 100)", f"breakeven price of fleet {f}")
            for f in range(int(p["n_fleets"]))
        ),
    ]


@part
def observe(p, last, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.n_fleets == 0:
        return k
    obs[k] = squash(hashprice_usd_per_ph_day(last) / HASHPRICE_SCALE)
    pool_usd = hashprice_usd_per_ph_day(last, p.pool_fees_weight)
    k += 1
    for f in range(p.n_fleets):
        obs[k] = squash(breakeven_usd_per_mwh(p, f, pool_usd) / BREAKEVEN_SCALE)
        k += 1
    return k
