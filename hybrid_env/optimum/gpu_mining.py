"""Proof-of-work mining on idle GPUs: a number of GPUs, and the switching time of those that turn to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum.horizon import Floats, Periods, StartState
from hybrid_env.optimum.programme import Columns, Lp, Term


@dataclass(frozen=True)
class GpuMining:
    """Columns `[T]` of GPUs that mine, and the dynamic MW each of them draws."""

    gpus: Columns
    each_mw: float

    @property
    def pool_terms(self) -> list[Term]:
        """GPUs taken from the pool by period."""
        return [(1.0, self.gpus)]

    @property
    def it_terms(self) -> list[Term]:
        """Dynamic power by period."""
        return [(self.each_mw, self.gpus)]


def add(lp: Lp, p: np.void, t: Periods, state: StartState, pool: Floats) -> GpuMining | None:
    """GPUs g, of which `s >= g - g_before` lose their switching time's income; None where GPUs do not mine.

    Where the start is not known all GPUs count as switched. Derating for heat is left out (best case).
    """
    if not p["pow_power_frac"] > 0:
        return None
    n, price = len(t), t.rows["gpu_pow_usd_per_gpu_h"]
    gpus = lp.variable("pow_gpus", (n,), 0.0, pool, price * t.hours, keys=t.row)
    switched = lp.variable("pow_switched", (n,), 0.0, pool, -price * float(p["pow_switch_h"]), keys=t.row)
    before = np.zeros(n)
    before[0] = float(state.known("pow_gpus", p["gpus"]))
    steps: list[Term] = [(1.0, gpus), (-1.0, gpus[:-1], np.arange(1, n)), (-1.0, switched)]
    lp.constrain("pow_step", (n,), steps, high=before, keys=t.row)
    return GpuMining(gpus, float(p["pow_power_frac"] * p["gpu_dyn_mw"]))
