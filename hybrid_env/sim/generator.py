"""A generator that burns fuel."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import CARBON_KG, FUEL_USD, GENERATOR_MWH, MARKET_KG
from hybrid_env.sim.table import centre, clip, squash

STATE = [("generator_mw", np.float64), ("generator_used_mw", np.float64)]
"""What it gave in the last interval, and what was used of it."""

NEED_MW = 1e-9
"""Less than this is rounding, and starts nothing."""
FUEL_SCALE_USD_PER_MMBTU = 5.0


@part
def most_mw(p, row):
    """What there is fuel for; nothing if that is less than it can run at."""
    if p.generator_mw <= 0.0:
        return 0.0
    fuelled = p.generator_mw * row.fuel_cf
    return fuelled if fuelled >= p.generator_least_mw else 0.0


@part
def full_load_usd_per_mwh(p, row):
    """Fuel and maintenance of a MWh at full load."""
    return row.fuel_usd_per_mmbtu * p.generator_mmbtu_per_mwh + p.generator_om_usd_per_mwh


@part
def output_mw(p, row, need_mw, import_limit, grid_usd_per_mwh):
    """MW it gives: all that is needed where the grid is dearer, else what the grid cannot bring; off where that is
    nothing, and never below its least load.

    Args:
        need_mw: load that no other own generation covers.
        grid_usd_per_mwh: what a MWh from the grid is expected to cost, wires included.
    """
    most = most_mw(p, row)
    dearer = grid_usd_per_mwh > full_load_usd_per_mwh(p, row)
    wanted = need_mw if dearer else need_mw - import_limit
    return clip(wanted, p.generator_least_mw, most) if wanted > NEED_MW and most > 0.0 else 0.0


@part
def burn(s, p, row, output_mw, used_mw, out):
    """`fuel = heat_rate (no_load nameplate + (1 - no_load) output) dt`, maintenance, and its own carbon."""
    s.generator_mw, s.generator_used_mw = output_mw, used_mw
    if output_mw <= 0.0:
        return
    energy = output_mw * p.interval_h
    idle = p.generator_no_load_frac * p.generator_mw * p.interval_h
    mmbtu = p.generator_mmbtu_per_mwh * (idle + (1.0 - p.generator_no_load_frac) * energy)
    out.usd[FUEL_USD] -= mmbtu * row.fuel_usd_per_mmbtu + p.generator_om_usd_per_mwh * energy
    out.mwh[GENERATOR_MWH] += energy
    # what is used of it is also own energy, which is accounted at the plant's own intensity
    smoke = energy * p.generator_kg_per_mwh - used_mw * p.interval_h * p.own_kg_per_mwh
    out.kg[CARBON_KG] += smoke
    out.kg[MARKET_KG] += smoke


def fields(p: np.void) -> list[Field]:
    """Observed of the generator."""
    if not p["generator_mw"] > 0:
        return []
    return [
        Field("fuel_cf", "now", "centre", "share of the generator's power for which there is fuel"),
        Field("fuel_usd_per_mmbtu", "now", "squash(x / 5)", "price of fuel"),
        Field("generator_frac", "settled", "centre", "generator output over nameplate"),
    ]


@part
def observe(s, p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.generator_mw <= 0.0:
        return k
    obs[k] = centre(now.fuel_cf)
    obs[k + 1] = squash(now.fuel_usd_per_mmbtu / FUEL_SCALE_USD_PER_MMBTU)
    obs[k + 2] = centre(s.generator_mw / p.generator_mw)
    return k + 3
