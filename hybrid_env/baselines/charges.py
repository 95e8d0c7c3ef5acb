"""What wires, events and levies add to the price of energy, as an operator sees it."""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.policy import Array, View
from hybrid_env.sites.units import KG_PER_T

HOURS_PER_MONTH = 730.0


def import_usd_per_mwh(view: View) -> Array:
    """On top of the market price, for an imported MWh, [n]: wires, its carbon at the last known intensity, and the pay
    that a running event loses by it."""
    extra = np.full(len(view.lanes), float(view.p["adder_usd_per_mwh"]))
    if view.p["carbon_priced"]:
        extra += view.now("carbon_usd_per_t") / KG_PER_T * view.last("carbon_average_kg_per_mwh")
    if view.p["event_baseline_mw"] > 0:
        extra += np.where(view.now("event_frac") > 0, view.now("event_usd_per_mwh"), 0.0)
    return extra


def mining_usd_per_mwh(view: View) -> Array:
    """Levy on energy used for mining, [n]."""
    levied = view.p["mining_levied"] > 0
    return view.now("mining_levy_usd_per_mwh") if levied else np.zeros(len(view.lanes))


def peak_rise_usd_per_mwh(view: View) -> Array:
    """What an imported MWh above the month's peak so far adds to the demand charge, [n]: a peak that is paid for serves
    for the rest of the month, so `rate / hours left`."""
    left_h = (1 - view.now("month_frac")) * HOURS_PER_MONTH
    return view.p["demand_usd_per_mw_month"] / np.maximum(left_h, view.p["interval_h"])
