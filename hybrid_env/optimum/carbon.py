"""Carbon of a plan. No variable and no cost: the simulator only accounts for it."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.programme import Floats


def kg(p: np.void, t: Periods, import_mw: Floats, own_used_mw: Floats) -> Floats:
    """CO2 (kg) by period: imports at the grid's average intensity, own generation at its own."""
    return (import_mw * t.carbon_kg_per_mwh + own_used_mw * p["own_kg_per_mwh"]) * t.hours
