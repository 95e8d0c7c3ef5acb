"""Service levels of inference: a monthly allowance of free misses, and a price per missed hour beyond it."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Lp


def add(lp: Lp, p: np.void, t: Periods, state: StartState, work: Columns) -> None:
    """Free missed hours, next to a programme that credits every missed hour at the hull's price.

    `free[t] <= asked[t] - work[t]`; over a month `sum free <= (1 - x) asked - missed`, asked and missed from before the
    start included. The steps of the true credit are never below this. What has been posted is not posted again.
    """
    if not p["n_sla_tiers"]:
        return
    price = float(p["inference_credit_frac"] * p["inference_price"])
    asked_h = t.inference_gpus * t.hours
    months = np.unique(t.month)
    total = np.bincount(t.month - months[0], asked_h)
    missed = np.zeros(len(months))
    total[0] += state.known("sla_asked_h", 0.0)
    missed[0] = state.known("sla_missed_h", 0.0)
    allowed = (1.0 - float(p["sla_below"][0])) * total - missed
    lp.constant_usd += float(state.known("sla_credit_usd", 0.0)) + price * min(0.0, float(allowed[0]))
    free = lp.variable("sla_free_h", (len(t),), 0.0, asked_h, price, keys=t.row)
    lp.constrain("sla_missed", (len(t),), [(1.0, free), (t.hours, work)], high=asked_h, keys=t.row)
    lp.constrain(
        "sla_allowance", (len(months),), [(1.0, free, t.month - months[0])], high=np.maximum(0.0, allowed),
        axis="month", keys=months,
    )  # fmt: skip
