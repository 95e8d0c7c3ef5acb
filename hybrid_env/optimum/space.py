"""Halls: what their racks carry, and how many GPUs the work that needs the network may have."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.gang import Gang
from hybrid_env.optimum.gpu import Gpu, contracted_gpus
from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.mining import Mining
from hybrid_env.optimum.programme import Lp, Term
from hybrid_env.sites.outdoor import HALL


def add(lp: Lp, p: np.void, t: Periods, asics: Mining, gpu: Gpu, gangs: Gang) -> None:
    """Power `q` of batch work in the mining hall is free from none to all of that work and of that hall's GPUs:

    `GPU work - q + idle <= GPU hall`, `miners + q + idle + asleep <= mining hall`. In each slot gang jobs and on-demand
    customers have the GPU-hours of the GPU hall that tenants and inference leave. Loose only where power of gang jobs
    may stand in the mining hall, as their power is not told from that of small jobs.
    """
    if not p["halls"]:
        return
    n, shape = len(t), (len(t),)
    batch: list[Term] = [(1.0, gpu.training), (1.0, gpu.spot), *([] if gpu.mining is None else gpu.mining.it_terms)]
    online: list[Term] = [(1.0, gpu.reserved), (1.0, gpu.inference)]
    online += [] if gpu.on_demand is None else [(1.0, gpu.on_demand.power)]
    miners_mw = float(p["mining_hall_mw"] - p["batch_idle_mw"] - p["sleep_by_place"][HALL])
    here: list[Term] = []
    if p["batch_gpus"] > 0:
        most = min(float(p["batch_gpus"] * p["gpu_dyn_mw"]), miners_mw)
        here = [(1.0, lp.variable("batch_hall_mw", shape, 0.0, most, keys=t.row))]
        lp.constrain("batch_hall_work", shape, [*here, *_negative(batch)], high=0.0, keys=t.row)
    if p["gpus"] > 0:
        gpu_mw = float(p["gpu_hall_mw"] - (p["gpu_idle_mw"] - p["batch_idle_mw"]))
        lp.constrain("gpu_hall_racks", shape, [*online, *batch, *_negative(here)], high=gpu_mw, keys=t.row)
        _places(lp, p, t, gpu, gangs)
    inside = np.flatnonzero(p["fleet_place"][: asics.power.shape[1]] == HALL)
    if len(inside) and n:
        miners: list[Term] = [(1.0, asics.power[:, f]) for f in inside]
        lp.constrain("mining_hall_racks", shape, [*miners, *here], high=miners_mw, keys=t.row)


def _places(lp: Lp, p: np.void, t: Periods, gpu: Gpu, gangs: Gang) -> None:
    """Gang jobs do at most a GPU-hour of work in an hour on a GPU of the hall that is free for them."""
    if not gangs.work_terms:
        return
    free = np.maximum(0.0, p["gpus"] - p["batch_gpus"] - contracted_gpus(p, t) - t.inference_gpus)
    taken: list[Term] = [*gangs.work_terms]
    taken += [] if gpu.on_demand is None else [(t.hours, gpu.on_demand.gpus, t.slot)]
    most = np.bincount(t.slot, t.hours * free)
    lp.constrain("gang_places", (len(t.slot_row),), taken, high=most, axis="slot", keys=t.slot_row)


def _negative(terms: list[Term]) -> list[Term]:
    return [(-np.asarray(c), *rest) for c, *rest in terms]  # type: ignore[misc]
