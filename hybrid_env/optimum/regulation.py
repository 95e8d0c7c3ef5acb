"""A levy on mining energy, and a price on the carbon of imports: linear and exact."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Floats, Periods
from hybrid_env.optimum.meter import Meter
from hybrid_env.optimum.mining import Mining
from hybrid_env.optimum.programme import Lp
from hybrid_env.sites.units import KG_PER_T


def add(lp: Lp, p: np.void, t: Periods, asics: Mining, meter: Meter) -> None:
    """Charge every MW of mining, sleeping machines included, and every imported MW."""
    if p["mining_levied"]:
        usd_per_mw = t.rows["mining_levy_usd_per_mwh"] * t.hours
        off, periods = asics.sleep_off
        lp.reward(asics.power, -usd_per_mw[:, None])
        lp.reward(off, usd_per_mw[periods])
        lp.constant_usd -= float(usd_per_mw.sum() * p["sleep_mw"])
    if p["carbon_priced"]:
        lp.reward(meter.bought, -carbon_usd_per_mwh(t) * t.hours)


def carbon_usd_per_mwh(t: Periods) -> Floats:
    """What the carbon of an imported MWh costs, by period."""
    return t.rows["carbon_usd_per_t"] / KG_PER_T * t.carbon_kg_per_mwh
