"""On-demand rental: a mixture over the menu of asking prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.programme import Columns, Lp, Term


@dataclass(frozen=True)
class OnDemand:
    """Columns `[T]` of running GPUs and their dynamic MW, and `[T, asks]` of the menu's weights."""

    gpus: Columns
    power: Columns
    weight: Columns


def add(lp: Lp, p: np.void, t: Periods, pool: np.ndarray, lines: tuple[int, ...]) -> OnDemand | None:
    """Weight `w[k]` of each price, work `x[k]` sold at it, running GPUs n and their power P.

    `sum w <= 1`, `x[k] <= demand accept[k] w[k]`, `n <= sum demand accept[k] w[k]`, `sum x <= a_j P / dyn + b_j n`:
    the simulator's choice of one price is one of these points, and so is any mixture of prices in time.
    """
    if not p["on_demand_gpus"] > 0:
        return None
    n, asks = len(t), int(p["n_asks"])
    dyn, demand = float(p["gpu_dyn_mw"]), t.rows["on_demand_load"] * float(p["on_demand_gpus"])
    accepted = demand[:, None] * p["accept_frac"][:asks]
    most = np.minimum(pool, accepted.max(axis=1))
    usd = (t.rows["gpu_rent_usd_per_gpu_h"] * t.hours)[:, None] * p["ask_frac"][:asks]
    period = np.broadcast_to(np.arange(n)[:, None], (n, asks))
    gpus = lp.variable("on_demand_gpus", (n,), 0.0, most, keys=t.row)
    power = lp.variable("on_demand_mw", (n,), 0.0, most * dyn, keys=t.row)
    weight = lp.variable("ask_weight", (n, asks), 0.0, 1.0, keys=t.row)
    work = lp.variable("on_demand_work", (n, asks), 0.0, np.minimum(accepted, pool[:, None]), usd, keys=t.row)
    lp.constrain("one_ask", (n,), [(1.0, weight, period)], high=1.0, keys=t.row)
    lp.constrain("on_demand_sold", (n, asks), [(1.0, work), (-accepted, weight)], high=0.0, keys=t.row)
    lp.constrain("on_demand_asked", (n,), [(1.0, gpus), (-accepted, weight, period)], high=0.0, keys=t.row)
    lp.constrain("on_demand_top", (n,), [(1.0, power), (-dyn, gpus)], high=0.0, keys=t.row)
    for k in (0, *lines):
        slope, offset = p["inference_slope"][k] / dyn, p["inference_offset"][k]
        terms: list[Term] = [(1.0, work, period), (-slope, power), (-offset, gpus)]
        lp.constrain(f"on_demand_line_{k}", (n,), terms, high=0.0, keys=t.row)
    return OnDemand(gpus, power, weight)
