"""Proof-of-work mining on GPUs that nobody rents: the last and least of their uses."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import GPU_MINING_H, GPU_MINING_USD
from hybrid_env.sim.table import centre, squash

STATE = [("pow_gpus", np.float64), ("pow_mw", np.float64)]
"""GPUs that mined in the last interval, and their dynamic power."""

USUAL_USD_PER_GPU_H = 0.05


@part
def run(s, p, row, share, free_gpus, room, derate, out):
    """Let a share of `free_gpus` mine within `room` (MW); returns dynamic MW used.

    GPUs that did not mine in the last interval lose their switching time first.
    """
    each_mw = p.pow_power_frac * p.gpu_dyn_mw
    mining = min(share * max(0.0, free_gpus), max(0.0, room) / each_mw)
    switched = max(0.0, mining - s.pow_gpus)
    gpu_h = (mining * p.interval_h - switched * p.pow_switch_h) * derate
    s.pow_gpus, s.pow_mw = mining, mining * each_mw
    out.usd[GPU_MINING_USD] += row.gpu_pow_usd_per_gpu_h * gpu_h
    out.work[GPU_MINING_H] += gpu_h
    return s.pow_mw


@part
def begin(s):
    """No GPU mines yet."""
    s.pow_gpus = s.pow_mw = 0.0


def fields(p: np.void) -> list[Field]:
    """Observed where GPUs may mine."""
    if not p["pow_power_frac"] > 0:
        return []
    return [
        Field("gpu_pow_usd_per_gpu_h", "now", "squash(x / 0.05)", "what a GPU earns by proof of work"),
        Field("gpu_mining_frac", "state", "centre", "GPUs that mine over the pool"),
    ]


@part
def observe(s, p, now, pool, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.pow_power_frac <= 0.0:
        return k
    obs[k] = squash(now.gpu_pow_usd_per_gpu_h / USUAL_USD_PER_GPU_H)
    obs[k + 1] = centre(s.pow_gpus / pool)
    return k + 2
