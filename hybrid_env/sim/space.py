"""Halls: racks that carry so much power and hold so many GPUs, and work that only one of them is fit for.

Work that needs the network (tenants, inference, on-demand customers, gang jobs) stands in the GPU hall. Batch work
(small training jobs, spot rental, proof of work) fills the mining hall's GPUs first, then what is free in the GPU
hall; miners have what it leaves of the mining hall's power.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.table import centre
from hybrid_env.sites.outdoor import HALL

STATE = [
    ("hall_room_mw", np.float64), ("hall_free_gpus", np.float64),
    ("batch_room_mw", np.float64), ("batch_free_gpus", np.float64),
]  # fmt: skip
"""What the last interval's GPU work left: power and GPUs in the GPU hall; power and GPUs in the mining hall, whose
power the miners then share."""


@part
def clear(s, p, online_gpus):
    """Only idle and sleeping machines draw; `online_gpus` of the GPU hall are asked for by tenants and inference."""
    s.hall_room_mw = p.gpu_hall_mw - (p.gpu_idle_mw - p.batch_idle_mw)
    s.hall_free_gpus = p.gpus - p.batch_gpus - online_gpus
    s.batch_room_mw = p.mining_hall_mw - p.batch_idle_mw - p.sleep_by_place[HALL]
    s.batch_free_gpus = p.batch_gpus


@part
def online_mw(s, p, room):
    """How much of `room` the GPU hall's racks carry."""
    return room if p.halls == 0 else min(room, s.hall_room_mw)


@part
def online_gpus(s, p, gpus):
    """How many of `gpus` stand free in the GPU hall."""
    return gpus if p.halls == 0 else min(gpus, s.hall_free_gpus)


@part
def gang_gpus(s, p, gpus, each_mw):
    """How many of `gpus` that draw `each_mw` the GPU hall has place and power for."""
    return gpus if p.halls == 0 else min(gpus, s.hall_free_gpus, s.hall_room_mw / each_mw)


@part
def batch_gpus(s, p, gpus, each_mw):
    """How many of `gpus` that draw `each_mw` both halls have place and power for."""
    if p.halls == 0:
        return gpus
    here = min(s.batch_free_gpus, s.batch_room_mw / each_mw)
    return min(gpus, here + min(s.hall_free_gpus, s.hall_room_mw / each_mw))


@part
def take(s, p, gpus, mw):
    """Give `gpus` places and `mw` of the GPU hall to work that needs it."""
    if p.halls > 0:
        s.hall_free_gpus = max(0.0, s.hall_free_gpus - gpus)
        s.hall_room_mw = max(0.0, s.hall_room_mw - mw)


@part
def place(s, p, gpus, each_mw):
    """Give batch work its places: in the mining hall first."""
    if p.halls > 0:
        here = min(gpus, s.batch_free_gpus, s.batch_room_mw / each_mw)
        s.batch_free_gpus = max(0.0, s.batch_free_gpus - here)
        s.batch_room_mw = max(0.0, s.batch_room_mw - here * each_mw)
        take(s, p, gpus - here, (gpus - here) * each_mw)


@part
def miners_mw(s, p, room, in_hall):
    """How much of `room` the mining hall's racks carry, next to miners that draw `in_hall` above their sleep draw."""
    return room if p.halls == 0 else max(0.0, min(room, s.batch_room_mw - in_hall))


@part
def begin(s, p):
    """Nothing runs yet."""
    s.hall_room_mw = s.hall_free_gpus = s.batch_room_mw = s.batch_free_gpus = 0.0
    if p.halls > 0:
        clear(s, p, 0.0)


def fields(p: np.void) -> list[Field]:
    """Observed of the halls."""
    out = []
    if p["halls"] and p["gpus"] > 0:
        out.append(Field("gpu_hall_load_frac", "settled", "centre", "power in the GPU hall over what its racks carry"))
    if p["halls"] and p["n_fleets"]:
        out.append(
            Field("mining_hall_load_frac", "settled", "centre", "power in the mining hall over what its racks carry")
        )
    return out


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.halls == 0:
        return k
    if p.gpus > 0.0:
        obs[k] = centre(1.0 - s.hall_room_mw / p.gpu_hall_mw)
        k += 1
    if p.n_fleets > 0:
        left = s.batch_room_mw
        for f in range(p.n_fleets):
            left -= s.fleet_mw[f] if p.fleet_place[f] == HALL else 0.0
        obs[k] = centre(1.0 - left / p.mining_hall_mw)
        k += 1
    return k
