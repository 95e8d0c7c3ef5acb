"""The bitcoin network: what a petahash a second earns."""

from __future__ import annotations

from hybrid_env.sim.compiler import part

HASHES_PER_DIFFICULTY = 4_294_967_296.0
"""Expected hashes per block at difficulty 1: 2^32."""
HASHES_PER_PH = 1e15
SECONDS_PER_DAY = 86_400.0


@part
def hashprice_usd_per_ph_day(row):  # type: ignore[no-untyped-def]
    """Expected reward of 1 PH/s for a day: `1e15 * 86400 / (D 2^32) * (subsidy + fees) * price`, what an FPPS pool pays before its fee."""
    return HASHES_PER_PH * SECONDS_PER_DAY / (row.difficulty * HASHES_PER_DIFFICULTY) * (row.subsidy_btc + row.fees_btc_per_block) * row.btc_usd


@part
def breakeven_usd_per_mwh(p, fleet, hashprice):  # type: ignore[no-untyped-def]
    """Price at which a fleet at nameplate earns nothing: `hashprice (1 - fee) / (J/TH * 24e-3)`; overheads of the site not counted."""
    return hashprice * (1.0 - p.pool_fee_frac) / (p.fleet_j_per_th[fleet] * 24e-3)
