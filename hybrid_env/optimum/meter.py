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
    """Columns `[T]` in MW, and the highest import of each month where it is charged."""

    bought: Columns
    sold: Columns
    demand_peak: Columns | None


def add(
    lp: Lp, p: np.void, t: Periods, state: StartState,
    supply: Sequence[Term], load: Sequence[Term], constant_mw: float | Floats,
) -> Meter:  # fmt: skip
    """`import - export + supply = load + constant` within the limits of site and grid.

    Import and export are free of each other; as buying is never cheaper than selling, doing both at once gains nothing.
    """
    bought = lp.variable("import_mw", (len(t),), 0.0, t.import_limit_mw, tariff.import_usd_per_mw(t), keys=t.row)
    sold = lp.variable("export_mw", (len(t),), 0.0, t.export_limit_mw, tariff.export_usd_per_mw(t), keys=t.row)
    drawn: list[Term] = [(-c, *rest) for c, *rest in load]  # type: ignore[misc, operator]
    terms: list[Term] = [(1.0, bought), (-1.0, sold), *supply, *drawn]
    lp.constrain("balance", (len(t),), terms, constant_mw, constant_mw, keys=t.row)
    return Meter(bought, sold, tariff.add_demand_charge(lp, p, t, state, bought))
