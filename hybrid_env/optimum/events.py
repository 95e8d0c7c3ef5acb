"""Announced demand response: MW below the baseline that are paid for."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.meter import Meter
from hybrid_env.optimum.programme import Lp


def add(lp: Lp, p: np.void, t: Periods, meter: Meter) -> None:
    """`cut <= f b`, and `cut <= b - import` where the import limit M is at most the baseline b: exact.

    Where M > b, pay is zero from b up to M; its concave hull falls from f b at (1 - f) b to zero at M:
    `cut <= f b (M - import) / (M - (1 - f) b)`.
    """
    if not p["event_baseline_mw"] > 0:
        return
    at = np.flatnonzero((t.rows["event_frac"] > 0) & (t.import_limit_mw > 0))
    base, most = float(p["event_baseline_mw"]), t.import_limit_mw[at]
    asked = t.rows["event_frac"][at] * base
    free = np.flatnonzero((t.rows["event_frac"] > 0) & (t.import_limit_mw <= 0))
    pay = t.rows["event_usd_per_mwh"] * t.hours
    lp.constant_usd += float((pay * t.rows["event_frac"])[free].sum() * base)  # nothing can be imported: all is cut
    cut = lp.variable("event_cut_mw", (len(at),), 0.0, asked, pay[at], keys=t.row[at])
    inside = most <= base
    slope = np.where(inside, 1.0, asked / np.where(inside, 1.0, most - (base - asked)))
    high = np.where(inside, base, slope * most)
    lp.constrain("event_cut", (len(at),), [(1.0, cut), (slope, meter.bought[at])], high=high, keys=t.row[at])
