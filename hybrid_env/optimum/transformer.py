"""The transformer's ageing: three convex curves, each as the most of some of its lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.meter import Meter
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term

EVERY = 3
"""Which lines are kept: fewer are quicker and still a relaxation."""


@dataclass(frozen=True)
class Transformer:
    """Columns `[T]`: oil over ambient (K) at each period's end, ageing rate."""

    oil_rise: Columns
    rate: Columns


def supporting(y0: float, at: Floats, change: Floats) -> tuple[Floats, Floats]:
    """Slope and offset of every `EVERY`th line of a convex hinge table; none of them passes above it."""
    slope = np.cumsum(change)
    value = y0 + np.maximum(0.0, at[:, None] - at) @ change
    offset = value - slope * at
    return slope[:-1:EVERY], offset[:-1:EVERY]


def add(lp: Lp, p: np.void, t: Periods, state: StartState, grid: Meter) -> Transformer | None:
    """`rise' = keep rise + (1 - keep) settled`, `settled >= U(K)`, `winding >= W(K)`, `rate >= FAA(T + rise' +
    winding)`, K net power over the rating; None where ageing costs nothing.

    U, W and FAA are convex and rising, so the simulator's own values satisfy every line.
    """
    if not p["transformer_usd_per_h"] > 0:
        return None
    n, shape, air = len(t), (len(t),), t.rows["drybulb_c"]
    load, hot = p["transformer_load"], p["transformer_hot_spot_c"]
    oil = (float(p["transformer_oil_y0"]), load, p["transformer_oil_change"])
    winding = (0.0, load, p["transformer_winding_change"])
    ageing = (float(p["transformer_ageing_y0"]), hot, p["transformer_ageing_change"])
    start = float(state.known("oil_rise_c", p["transformer_oil_start_c"]))
    most_oil, most_winding = max(start, _at(oil, load[-1])), _at(winding, load[-1])
    settled = lp.variable("oil_settled_c", shape, 0.0, most_oil, keys=t.row)
    rise = lp.variable("oil_rise_c", shape, 0.0, most_oil, keys=t.row)
    above = lp.variable("winding_rise_c", shape, 0.0, most_winding, keys=t.row)
    most = np.array([_at(ageing, x) for x in air + most_oil + most_winding])
    rate = lp.variable("ageing_rate", shape, 0.0, most, -p["transformer_usd_per_h"] * t.hours, keys=t.row)
    keep = p["transformer_oil_keep"] ** (t.hours / p["interval_h"])
    known = np.zeros(n)
    known[0] = keep[0] * start
    memory: list[Term] = [(1.0, rise), (-keep[1:], rise[:-1], np.arange(1, n)), (keep - 1.0, settled)]
    lp.constrain("oil_step", shape, memory, known, known, keys=t.row)
    for name, table, column in (("oil", oil, settled), ("winding", winding, above)):
        for k, (slope, offset) in enumerate(zip(*supporting(*table), strict=True)):
            per_mw = slope / p["transformer_mw"]
            inward: list[Term] = [(1.0, column), (-per_mw, grid.bought), (per_mw, grid.sold)]
            lp.constrain(f"{name}_line_{k}", shape, inward, low=offset, keys=t.row)
            if p["export_limit_mw"] > 0:
                outward: list[Term] = [(1.0, column), (per_mw, grid.bought), (-per_mw, grid.sold)]
                lp.constrain(f"{name}_line_out_{k}", shape, outward, low=offset, keys=t.row)
    for k, (slope, offset) in enumerate(zip(*supporting(*ageing), strict=True)):
        terms: list[Term] = [(1.0, rate), (-slope, rise), (-slope, above)]
        lp.constrain(f"ageing_line_{k}", shape, terms, low=offset + slope * air, keys=t.row)
    return Transformer(rise, rate)


def _at(table: tuple[float, Floats, Floats], value: float) -> float:
    y0, at, change = table
    return float(y0 + np.maximum(0.0, value - at) @ change)
