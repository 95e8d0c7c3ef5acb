"""Cash in the programme: best case, no capacity is ever withdrawn.

A withdrawal loses its pay and is credited on top, while the programme may shed the same work for its credit alone
(`Site` sees to it that this is never dearer), so leaving it out can only raise the bound.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Floats


def path_usd(p: np.void, t: Periods, state: StartState, earned_usd: Floats) -> Floats:
    """Cash after each period if a plan earns `earned_usd` in each; where it stays over the floor, nothing was left out.

    Args:
        earned_usd: by period, without the `terminal` account.
    """
    start = float(state.known("cash_usd", p["cash_start_usd"]))
    return start + np.cumsum(earned_usd - p["fixed_cost_usd_per_h"] * t.hours)
