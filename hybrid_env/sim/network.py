"""The bitcoin network: what a petahash a second earns."""

from __future__ import annotations

from hybrid_env.sim.compiler import part

HASHES_PER_DIFFICULTY = 4_294_967_296.0
"""Expected hashes per block at difficulty 1: 2^32."""
HASHES_PER_PH = 1e15
SECONDS_PER_DAY = 86_400.0


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
