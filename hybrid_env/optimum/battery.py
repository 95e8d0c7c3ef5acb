"""The battery: charge, discharge and what is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Lp, Term


@dataclass(frozen=True)
class Battery:
    """Columns `[T]`: MW charged and discharged, MWh stored at the period's end."""

    charge: Columns
    discharge: Columns
    stored: Columns

    @property
    def supply_terms(self) -> list[Term]:
        """Net supply (MW) by period."""
        return [(1.0, self.discharge), (-1.0, self.charge)]


def add(lp: Lp, p: np.void, t: Periods, state: StartState) -> Battery | None:
    """`soc' = keep soc + eta_c c h - d h / eta_d`, `c / P + d / P <= 1`, wear per MWh either way; None without a
    battery.

    In one period a battery either charges or discharges; their mixture is the hull. Standing loss may carry the
    store below its lower limit, so the floor falls as slowly as that loss can take it.
    """
    if not p["battery_mw"] > 0:
        return None
    n, mw, shape = len(t), float(p["battery_mw"]), (len(t),)
    keep = p["soc_keep"] ** (t.hours / p["interval_h"])
    lp.constant_usd -= float(p["battery_usd_per_h"] * t.hours.sum())
    wear = -p["battery_wear_usd_per_mwh"] * t.hours
    value = np.zeros(n)
    value[-1] = p["discharge_efficiency"] * p["charge_value_usd_per_mwh"]
    lowest = min(state.soc_mwh, float(p["soc_min_mwh"])) * np.cumprod(keep)
    charge = lp.variable("charge_mw", shape, 0.0, mw, wear, keys=t.row)
    discharge = lp.variable("discharge_mw", shape, 0.0, mw, wear, keys=t.row)
    stored = lp.variable("soc_mwh", shape, lowest, max(float(p["soc_max_mwh"]), state.soc_mwh), value, keys=t.row)
    known = np.zeros(n)
    known[0] = keep[0] * state.soc_mwh
    flow: list[Term] = [(-p["charge_efficiency"] * t.hours, charge), (t.hours / p["discharge_efficiency"], discharge)]
    step: list[Term] = [(1.0, stored), (-keep[1:], stored[:-1], np.arange(1, n)), *flow]
    lp.constrain("soc_step", shape, step, known, known, keys=t.row)
    lp.constrain("battery_side", shape, [(1.0, charge), (1.0, discharge)], high=mw, keys=t.row)
    return Battery(charge, discharge, stored)
