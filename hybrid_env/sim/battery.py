"""The battery: what it can do now, and what it keeps."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import BATTERY_USD, CHARGE_MWH, DISCHARGE_MWH, LOSS_MWH
from hybrid_env.sim.table import centre

STATE = [("soc_mwh", np.float64)]
"""What is stored."""


@part
def discharge_limit_mw(s, p):
    """Most it can deliver for a whole interval."""
    kept = s.soc_mwh * p.soc_keep
    return min(p.battery_mw, max(0.0, kept - p.soc_min_mwh) * p.discharge_efficiency / p.interval_h)


@part
def charge_limit_mw(s, p):
    """Most it can take for a whole interval."""
    kept = s.soc_mwh * p.soc_keep
    return min(p.battery_mw, max(0.0, p.soc_max_mwh - kept) / (p.charge_efficiency * p.interval_h))


@part
def run(s, p, charge_mw, discharge_mw, out):
    """`soc' = keep soc + eta_c c dt - d dt / eta_d`; wear on every MWh in and out, and by time."""
    before = s.soc_mwh
    s.soc_mwh = (
        before * p.soc_keep + (p.charge_efficiency * charge_mw - discharge_mw / p.discharge_efficiency) * p.interval_h
    )
    charged, discharged = charge_mw * p.interval_h, discharge_mw * p.interval_h
    out.usd[BATTERY_USD] -= p.battery_wear_usd_per_mwh * (charged + discharged)
    if p.battery_usd_per_h > 0.0:
        out.usd[BATTERY_USD] -= p.battery_usd_per_h * p.interval_h
    out.mwh[CHARGE_MWH] += charged
    out.mwh[DISCHARGE_MWH] += discharged
    out.mwh[LOSS_MWH] += before + charged - discharged - s.soc_mwh


@part
def begin(s, p, luck):
    """Between 10 and 90 % of the usable store."""
    s.soc_mwh = p.soc_min_mwh + (0.1 + 0.8 * luck) * (p.soc_max_mwh - p.soc_min_mwh)


@part
def leftover_usd(s, p):
    """What the charge is worth when the books close."""
    return s.soc_mwh * p.discharge_efficiency * p.charge_value_usd_per_mwh


def fields(p: np.void) -> list[Field]:
    """Observed of the battery."""
    return [Field("battery_charge_frac", "state", "centre", "usable charge")] if p["battery_mw"] > 0 else []


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.battery_mw <= 0.0:
        return k
    span = p.soc_max_mwh - p.soc_min_mwh
    obs[k] = centre((s.soc_mwh - p.soc_min_mwh) / span) if span > 0.0 else -1.0
    return k + 1
