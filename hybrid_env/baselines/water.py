"""What the water of a pond is worth to the dispatcher, and when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.baselines.halls import open_training_gpus
from hybrid_env.baselines.outlook import expected_gang_gpu_h_per_h
from hybrid_env.baselines.policy import LEAD_H, Array, View
from hybrid_env.traces.schema import MAX_OPEN_JOBS

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
        stack: demand, taken to stay as it is but for training, of which a day holds what is open and as much as
            lately came in.
        price: of the grid over the coming day, wires included, USD/MWh [n, leads].
        free_mw: other own generation less fixed loads, MW [n, leads].
    """
    p, lanes = view.p, view.lanes
    inflow_mw = view.last("hydro_cf") * p["hydro_nameplate_mw"]
    budget_mwh = lanes["pond_mwh"] + inflow_mw * LEAD_H.sum()
    grid_mw = view.import_limit_mw()[:, None]
    low, high = np.zeros(len(lanes)), np.full(len(lanes), MOST_USD_PER_MWH)
    trains = np.array(stack.use) == "training"
    mw = np.where(trains, stack.mw * training_over_day(view)[:, None], stack.mw)
    for _ in range(HALVINGS):
        worth = (low + high) / 2
        wanted_mw = np.where(stack.value >= worth[:, None], mw, 0.0).sum(axis=1)
        bought_mw = np.where(price <= worth[:, None], grid_mw, 0.0)
        used_mw = np.clip(wanted_mw[:, None] - free_mw - bought_mw, 0.0, p["hydro_turbine_mw"])
        scarce = (used_mw * LEAD_H).sum(axis=1) > budget_mwh
        low, high = np.where(scarce, worth, low), np.where(scarce, high, worth)
    return Water(high, view.hydro_mw())


def training_over_day(view: View) -> Array:
    """GPUs that training needs on average over the coming day, as a share of those it can use now, [n]."""
    lanes, p = view.lanes, view.p
    if p["training_gpus"] <= 0:
        return np.ones(len(lanes))
    open_gpu_h = lanes["gang_left_gpu_h"].sum(axis=1, where=np.arange(MAX_OPEN_JOBS) < lanes["n_gang"][:, None])
    open_gpu_h += lanes["bucket_gpu_h"].sum(axis=1)
    coming = view.last("training_load") * p["training_gpus"]
    coming += [expected_gang_gpu_h_per_h(view, lane) for lane in range(len(lanes))]
    now = np.clip(open_training_gpus(view), 1e-9, p["gpus"] - p["reserved_gpus"])
    return (open_gpu_h / LEAD_H.sum() + coming) / now


def water_action(view: View, water: Water, price: Array, load_mw: Array) -> Array:
    """Water before the grid where that is dearer, USD/MWh [n], or where a load (MW, [n]) met from it would raise the
    month's peak at a site that pays for it; else the pond is kept."""
    raises = (view.p["demand_usd_per_mw_month"] > 0) & (load_mw > view.lanes["month_import_peak_mw"])
    return np.where((price > water.value_usd_per_mwh) | raises, 1.0, -1.0)
