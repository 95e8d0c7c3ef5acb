"""The grid connection: limits and the balance of power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum import tariff
from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Columns, Floats, Lp, Term


@dataclass(frozen=True)
class Meter:
    """Columns `[T]` in MW, the most that may be imported, and the highest import of each month where it is charged."""

    bought: Columns
    sold: Columns
    highest_mw: Floats
    demand_peak: Columns | None


def add(
    lp: Lp, p: np.void, t: Periods, state: StartState,
    supply: Sequence[Term], load: Sequence[Term], constant_mw: float | Floats,
) -> Meter:  # fmt: skip
    """`import - export + supply = load + constant` within the limits of site and grid.

    Import and export are free of each other; as buying is never cheaper than selling, doing both at once gains nothing.
    Where a ramp is limited, an import is above the one before by no more than it allows between their middles.
    """
    highest = highest_mw(p, t, state)
    bought = lp.variable("import_mw", (len(t),), 0.0, highest, tariff.import_usd_per_mw(t), keys=t.row)
    sold = lp.variable("export_mw", (len(t),), 0.0, t.export_limit_mw, tariff.export_usd_per_mw(t), keys=t.row)
    drawn: list[Term] = [(-c, *rest) for c, *rest in load]  # type: ignore[misc, operator]
    terms: list[Term] = [(1.0, bought), (-1.0, sold), *supply, *drawn]
    lp.constrain("balance", (len(t),), terms, constant_mw, constant_mw, keys=t.row)
    if p["ramp_mw"] > 0 and len(t) > 1:
        rise = p["ramp_mw"] * (t.hours[1:] + t.hours[:-1]) / (2 * p["interval_h"])
        lp.constrain("ramp", (len(t) - 1,), [(1.0, bought[1:]), (-1.0, bought[:-1])], high=rise, keys=t.row[1:])
    return Meter(bought, sold, highest, tariff.add_demand_charge(lp, p, t, state, bought))


def highest_mw(p: np.void, t: Periods, state: StartState) -> Floats:
    """Most that may be imported, by period: the limits, and in the first what a ramp from the start allows."""
    start = float(state.known("ramp_from_mw", -1.0))
    if not p["ramp_mw"] > 0 or start < 0:
        return t.import_limit_mw
    out = t.import_limit_mw.copy()
    out[0] = min(out[0], start + p["ramp_mw"] * (t.hours[0] / p["interval_h"] + 1) / 2)
    return out


def carried(meter: Meter, columns: Floats, last: int) -> dict[str, float]:
    """What a plan has led to by the end of period `last`, as fields of a lane."""
    return {"ramp_from_mw": float(columns[meter.bought[last]])}
