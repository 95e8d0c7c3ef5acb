"""What the racks of each hall leave for the uses in it, as the simulator serves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hybrid_env.baselines.policy import Array, View
from hybrid_env.sites.outdoor import HALL
from hybrid_env.traces.schema import MAX_OPEN_JOBS

Part = tuple[str, Array, Array]
"""A use, its values USD/MWh [n, S] and its MW [n, S], dear to cheap."""

ONLINE = ("reserved", "inference", "on_demand")
"""Uses that stand in the GPU hall, in the order in which they are served."""
BATCH = ("training", "spot", "gpu_mining")


def within(mw: Array, most: Array) -> Array:
    """Segments [n, S] cut to `most` [n] in all, the last first."""
    before = np.cumsum(mw, axis=1) - mw
    return np.clip(most[:, None] - before, 0.0, mw)


def hosted(p: np.void, parts: Sequence[Part], training_mw: Array) -> list[Part]:
    """The same uses with the megawatts that the halls' racks carry.

    Args:
        parts: all uses; mining in merit order over all fleets.
        training_mw: what open training work can use, [n].
    """
    by_use = {name: mw for name, _, mw in parts}
    room = np.full(len(training_mw), float(p["gpu_hall_mw"] - p["gpu_idle_mw"] + p["batch_idle_mw"]))
    beside = np.full(len(training_mw), batch_room_mw(p))
    for use in (*ONLINE, *BATCH):
        if use not in by_use:
            continue
        most = np.maximum(0.0, room + (beside if use in BATCH else 0.0))
        if use == "training":  # its segments are those of all GPUs it may ask for; most of them stay idle
            most = np.where(training_mw <= most, np.inf, most)
        by_use[use] = within(by_use[use], most)
        runs = by_use[use].sum(axis=1)
        if use == "training":
            runs = np.minimum(runs, training_mw)
        here = np.minimum(runs, beside) if use in BATCH else 0.0
        beside, room = beside - here, room - (runs - here)
    inside = p["fleet_place"][p["segment_fleet"][: int(p["n_segments"])]] == HALL
    miners = by_use["mining"].copy()
    miners[:, inside] = within(miners[:, inside], miners_room_mw(p, batch_room_mw(p) - beside))
    by_use["mining"] = miners
    return [(name, value, by_use[name]) for name, value, _ in parts]


def batch_room_mw(p: np.void) -> float:
    """Dynamic power that batch work may draw in the mining hall."""
    return min(float(p["batch_gpus"] * p["gpu_dyn_mw"]), float(miners_room_mw(p, 0.0)))


def miners_room_mw(p: np.void, batch_mw: Array | float) -> Array:
    """Power above the sleep draw that the mining hall's racks carry next to batch work of `batch_mw` in any hall."""
    free = float(p["mining_hall_mw"] - p["batch_idle_mw"] - p["sleep_by_place"][HALL])
    beside = np.minimum(batch_mw, float(p["batch_gpus"] * p["gpu_dyn_mw"]))
    return np.maximum(0.0, free - beside)


def open_training_gpus(view: View) -> Array:
    """GPUs that training work could use now, [n]: open gang jobs, and small jobs as one interval's work, with those
    that come in as they last did."""
    lanes, p = view.lanes, view.p
    gangs = (lanes["gang_gpus"] * (np.arange(MAX_OPEN_JOBS) < lanes["n_gang"][:, None])).sum(axis=1)
    return gangs + lanes["bucket_gpu_h"].sum(axis=1) / p["interval_h"] + view.last("training_load") * p["training_gpus"]


def left_for_miners_mw(view: View, accepted: dict[str, Array]) -> Array:
    """Power above the sleep draw that the mining hall's racks leave next to the batch work that is to run, [n]."""
    training = np.minimum(accepted["training"], open_training_gpus(view) * view.p["gpu_dyn_mw"])
    return miners_room_mw(view.p, training + accepted["spot"] + accepted.get("gpu_mining", 0.0))
