"""Failures of mining machines: a block of a fleet breaks when the interval's hidden number falls below its hazard."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import BLOCKS_FAILED, REPAIR_USD
from hybrid_env.sim.table import centre, hinges
from hybrid_env.sites.mining import MAX_FLEETS

STATE = [("fleet_healthy", np.float64, MAX_FLEETS)]
"""Share of each fleet's machines that are not broken."""


@part
def luck(row, f):
    """The hidden uniform number that decides over a fleet in this interval."""
    if f == 0:
        return row.u_fail_0
    if f == 1:
        return row.u_fail_1
    return row.u_fail_2 if f == 2 else row.u_fail_3


@part
def hazard(p, awake, woken, inlet_c):
    """Chance that a block of a fleet fails within an interval: by running, more so in the heat, and by starting."""
    heat = hinges(inlet_c, p.failure_heat_y0, p.failure_heat_at, p.failure_heat_change)
    return p.failures_per_row * awake * heat + p.failures_per_start * woken


@part
def close(s, p, row, f, woken, inlet_c, out):
    """Repair a share of what is broken, then break a block if luck has it so; felt from the next interval on."""
    chance = hazard(p, s.fleet_awake[f], woken, inlet_c)
    s.fleet_healthy[f] += (1.0 - s.fleet_healthy[f]) * p.repaired_share
    if luck(row, f) < chance:
        lost = min(s.fleet_healthy[f], p.block_share)
        s.fleet_healthy[f] -= lost
        s.fleet_awake[f] = min(s.fleet_awake[f], s.fleet_healthy[f])
        s.fleet_boot_share[f] = min(s.fleet_boot_share[f], s.fleet_awake[f])
        out.usd[REPAIR_USD] -= p.repair_usd_per_mw * p.fleet_nameplate_mw[f] * lost
        out.work[BLOCKS_FAILED] += 1.0


@part
def begin(s):
    """Nothing is broken."""
    for f in range(MAX_FLEETS):
        s.fleet_healthy[f] = 1.0


def fields(p: np.void) -> list[Field]:
    """Observed of failures."""
    if not p["failing"]:
        return []
    return [
        Field(f"fleet_{f}_healthy_frac", "state", "centre", f"share of fleet {f} that is not broken")
        for f in range(int(p["n_fleets"]))
    ]


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.failing == 0:
        return k
    for f in range(p.n_fleets):
        obs[k] = centre(s.fleet_healthy[f])
        k += 1
    return k
