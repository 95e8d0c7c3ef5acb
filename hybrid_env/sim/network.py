"""The bitcoin network: what a petahash a second earns."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.table import squash

HASHES_PER_DIFFICULTY = 4_294_967_296.0
"""Expected hashes per block at difficulty 1: 2^32."""
HASHES_PER_PH = 1e15
SECONDS_PER_DAY = 86_400.0
HASHPRICE_SCALE = 50.0
BREAKEVEN_SCALE = 100.0


@part
def hashprice_usd_per_ph_day(row):
    """What an FPPS pool pays for 1 PH/s and day, before its fee.

    `1e15 * 86400 / (D 2^32) * (subsidy + fees) * price`: the expected reward.
    """
    blocks_per_day = HASHES_PER_PH * SECONDS_PER_DAY / (row.difficulty * HASHES_PER_DIFFICULTY)
    return blocks_per_day * (row.subsidy_btc + row.fees_btc_per_block) * row.btc_usd


@part
def breakeven_usd_per_mwh(p, fleet, hashprice):
    """Price at which a fleet at nameplate earns nothing, without the site's overheads.

    `hashprice (1 - fee) / (J/TH * 24e-3)`.
    """
    return hashprice * (1.0 - p.pool_fee_frac) / (p.fleet_j_per_th[fleet] * 24e-3)


@part
def reference_usd_per_mwh(p, row):
    """What prices are measured against: the breakeven of the first fleet, 0 on a site without mining."""
    return breakeven_usd_per_mwh(p, 0, hashprice_usd_per_ph_day(row)) if p.n_fleets > 0 else 0.0


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
    hashprice = hashprice_usd_per_ph_day(last)
    obs[k] = squash(hashprice / HASHPRICE_SCALE)
    k += 1
    for f in range(p.n_fleets):
        obs[k] = squash(breakeven_usd_per_mwh(p, f, hashprice) / BREAKEVEN_SCALE)
        k += 1
    return k
