"""ASIC fleets: merit order, waking, hashing, wear."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim import failures, network
from hybrid_env.sim.action import MINING, MINING_1, share
from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import STARTED_MW, WEAR_USD
from hybrid_env.sim.table import centre, lines, squash
from hybrid_env.sites.mining import MAX_FLEETS

STATE = [
    ("fleet_mw", np.float64, MAX_FLEETS), ("fleet_awake", np.float64, MAX_FLEETS),
    ("fleet_boot_share", np.float64, MAX_FLEETS), ("fleet_boot_left_s", np.float64, MAX_FLEETS),
    ("mining_mw", np.float64),
]  # fmt: skip
"""Power above the sleep draw, awake share, and the cohort that is booting, by fleet; power of the last interval."""


@part
def ask(s, p, a, left_mw):
    """Spread what the actions want of `left_mw` (above the sleep draw) over the fleets; returns MW wanted."""
    if p.per_fleet > 0:
        return dispatch_each(s, p, a, left_mw)
    target_mw = share(a[MINING]) * min(left_mw, most_mw(s, p))
    dispatch(s, p, target_mw)
    return target_mw


@part
def most_mw(s, p):
    """Highest power of all fleets as they stand, above the sleep draw."""
    if p.failing == 0:
        return p.mining_max_mw
    mw = 0.0
    for f in range(p.n_fleets):
        mw += p.fleet_max_mw[f] * s.fleet_healthy[f]
    return mw


@part
def dispatch_each(s, p, a, left_mw):
    """Serve fleets in order of J/TH, each with its own share of what is left, at most its highest; returns the sum."""
    total = 0.0
    for k in range(p.n_fleets):
        f = p.fleet_order[k]
        wanted = share(a[MINING] if f == 0 else a[MINING_1 + f - 1])
        s.fleet_mw[f] = wanted * min(max(0.0, left_mw - total), p.fleet_max_mw[f] * s.fleet_healthy[f])
        total += s.fleet_mw[f]
    return total


@part
def dispatch(s, p, target_mw):
    """Spend `target_mw` (above the sleep draw) where a megawatt hashes most; writes `s.fleet_mw`.

    Walks the hull segments of all fleets in merit order: marginal, not average, J/TH decides, so the least efficient
    units go off first.
    """
    for f in range(p.n_fleets):
        s.fleet_mw[f] = 0.0
    left = target_mw
    for k in range(p.n_segments):
        f = p.segment_fleet[k]
        take = min(left, p.segment_mw[k] * s.fleet_healthy[f])
        s.fleet_mw[f] += take
        left -= take
        if left <= 0.0:
            break


@part
def hash_fleet(s, p, f, derate, out):
    """Wake what the power asks for, as fast as staggering allows, and hash; returns PH/s averaged over the interval."""
    before = s.fleet_awake[f]
    awake = min(s.fleet_healthy[f], s.fleet_mw[f] / p.fleet_floor_mw[f])
    if awake > before + p.stagger_share:
        awake = before + p.stagger_share
        s.fleet_mw[f] = min(s.fleet_mw[f], awake * p.fleet_max_mw[f])
    s.fleet_awake[f] = awake
    woken = max(0.0, awake - before)
    idle_share_s = _boot(s, p, f, awake, woken)
    out.usd[WEAR_USD] -= p.wear_usd_per_mw_start * p.fleet_nameplate_mw[f] * woken
    out.work[STARTED_MW] += p.fleet_nameplate_mw[f] * woken
    if awake <= 0.0:
        return 0.0
    ph = lines(s.fleet_mw[f], awake, p.hash_slope[f], p.hash_offset[f])
    return ph * derate * (1.0 - idle_share_s / (awake * p.interval_s))


@part
def _boot(s, p, f, awake, woken):
    """Machine-share seconds lost to booting in this interval; what outlasts it is carried as one cohort with its mean
    time left.
    """
    carried = min(s.fleet_boot_share[f], awake - woken) if awake > woken else 0.0
    lost = carried * min(s.fleet_boot_left_s[f], p.interval_s) + woken * min(p.boot_s, p.interval_s)
    carried_left = max(0.0, s.fleet_boot_left_s[f] - p.interval_s)
    woken_left = max(0.0, p.boot_s - p.interval_s)
    carried = carried if carried_left > 0.0 else 0.0
    woken = woken if woken_left > 0.0 else 0.0
    share = carried + woken
    s.fleet_boot_share[f] = share
    s.fleet_boot_left_s[f] = (carried * carried_left + woken * woken_left) / share if share > 0.0 else 0.0
    return lost


@part
def inlet_c(s, p, row, f):
    """Temperature of the air or water that a fleet takes in."""
    if p.fleet_place[f] == 0:
        return s.mining_hall_c
    pad = p.fleet_pad[f] if row.drybulb_c > p.pad_from_c else 0.0
    return row.drybulb_c - pad * (row.drybulb_c - row.wetbulb_c) + p.fleet_above_c[f]


@part
def run(s, p, row, out):
    """All fleets for one interval at `s.fleet_mw`; returns their power above the sleep draw."""
    ph, mw = 0.0, 0.0
    for f in range(p.n_fleets):
        inlet = inlet_c(s, p, row, f)
        derate = max(0.0, 1.0 - p.mining_derate_per_c * max(0.0, inlet - p.fleet_derate_start_c[f]))
        before = s.fleet_awake[f]
        ph += hash_fleet(s, p, f, derate, out)
        mw += s.fleet_mw[f]
        if p.failing > 0:
            failures.close(s, p, row, f, max(0.0, s.fleet_awake[f] - before), inlet, out)
    if p.n_fleets > 0:
        network.sell(p, row, ph, out)
    return mw


@part
def begin(s, p, now, luck):
    """Awake with four chances in five."""
    awake = 1.0 if now.mining_allowed > 0.5 and luck < 0.8 else 0.0
    for f in range(MAX_FLEETS):
        s.fleet_awake[f] = awake if f < p.n_fleets else 0.0
        s.fleet_mw[f] = s.fleet_awake[f] * p.fleet_floor_mw[f]
        s.fleet_boot_share[f] = s.fleet_boot_left_s[f] = 0.0
    s.mining_mw = 0.0


@part
def leftover_usd(s, p):
    """Starts that need not be paid for again."""
    usd = 0.0
    for f in range(p.n_fleets):
        usd += s.fleet_awake[f] * p.fleet_nameplate_mw[f] * p.wear_usd_per_mw_start
    return usd


def fields(p: np.void) -> list[Field]:
    """Observed of mining."""
    if not p["n_fleets"]:
        return []
    out = [
        Field("mining_allowed", "now", "centre", "0 where mining is forbidden"),
        Field("mining_frac", "settled", "centre", "mining power over its highest"),
    ]
    for f in range(int(p["n_fleets"])):
        out.append(Field(f"fleet_{f}_awake_frac", "state", "centre", f"awake share of fleet {f}"))
        out.append(Field(f"fleet_{f}_boot_s", "state", "squash(x / interval_s)", f"boot time left in fleet {f}"))
    return out


@part
def observe(s, p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.n_fleets == 0:
        return k
    obs[k] = centre(now.mining_allowed)
    obs[k + 1] = centre(s.mining_mw / p.mining_max_mw)
    k += 2
    for f in range(p.n_fleets):
        obs[k] = centre(s.fleet_awake[f])
        obs[k + 1] = squash(s.fleet_boot_left_s[f] / p.interval_s)
        k += 2
    return k
