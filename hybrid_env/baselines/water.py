"""What the water of a pond is worth to the dispatcher, and when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.baselines.policy import LEAD_H, Array, View

if TYPE_CHECKING:
    from hybrid_env.baselines.clearing import Stack

HALVINGS = 16
MOST_USD_PER_MWH = 4_000.0
"""Water values are looked for below this: AI work earns less."""


@dataclass(frozen=True)
class Water:
    """A pond's water as a source: what a MWh is worth, USD/MWh [n], and the most it gives now, MW [n]."""

    value_usd_per_mwh: Array
    mw: Array


def water_of(view: View, stack: Stack, price: Array, free_mw: Array) -> Water:
    """The worth at which a day's demand uses the day's inflow and the pond, and no more.

    Args:
        stack: demand, taken to stay as it is.
        price: of the grid over the coming day, wires included, USD/MWh [n, leads].
        free_mw: other own generation less fixed loads, MW [n, leads].
    """
    p, lanes = view.p, view.lanes
    inflow_mw = view.last("hydro_cf") * p["hydro_nameplate_mw"]
    budget_mwh = lanes["pond_mwh"] + inflow_mw * LEAD_H.sum()
    grid_mw = view.import_limit_mw()[:, None]
    low, high = np.zeros(len(lanes)), np.full(len(lanes), MOST_USD_PER_MWH)
    for _ in range(HALVINGS):
        worth = (low + high) / 2
        wanted_mw = np.where(stack.value >= worth[:, None], stack.mw, 0.0).sum(axis=1)
        bought_mw = np.where(price <= worth[:, None], grid_mw, 0.0)
        used_mw = np.clip(wanted_mw[:, None] - free_mw - bought_mw, 0.0, p["hydro_turbine_mw"])
        scarce = (used_mw * LEAD_H).sum(axis=1) > budget_mwh
        low, high = np.where(scarce, worth, low), np.where(scarce, high, worth)
    return Water(high, view.hydro_mw())


def water_action(water: Water, price: Array) -> Array:
    """Water before the grid where that is dearer, USD/MWh [n]; else the pond is kept."""
    return np.where(price > water.value_usd_per_mwh, 1.0, -1.0)
