"""A generator that burns fuel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.optimum.programme import Columns, Floats, Lp

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods


def most_mw(p: np.void, rows: np.ndarray) -> Floats:
    """What there is fuel for; nothing if that is less than it can run at."""
    fuelled = p["generator_mw"] * rows["fuel_cf"]
    return np.where(fuelled >= p["generator_least_mw"], fuelled, 0.0)


def full_load_usd_per_mwh(p: np.void, rows: np.ndarray) -> Floats:
    """Fuel and maintenance of a MWh at full load."""
    return rows["fuel_usd_per_mmbtu"] * p["generator_mmbtu_per_mwh"] + p["generator_om_usd_per_mwh"]


def add(lp: Lp, p: np.void, t: Periods) -> Columns | None:
    """MW of it that are used, at full-load cost: the line from the origin below the fuel curve, so no output is
    dearer than in the simulator; None without a generator. Its least load is left out."""
    if not p["generator_mw"] > 0:
        return None
    usd = -full_load_usd_per_mwh(p, t.rows) * t.hours
    return lp.variable("generator_mw", (len(t),), 0.0, most_mw(p, t.rows), usd, keys=t.row)
