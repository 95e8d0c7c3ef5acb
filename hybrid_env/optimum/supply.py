"""Own generation: used, or curtailed at no cost."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods
from hybrid_env.optimum.programme import Columns, Lp


def add(lp: Lp, p: np.void, t: Periods) -> Columns | None:
    """MW of wind taken, at most what blows; None on a site without wind. The simulator's order (wind first, or
    import first at negative prices) is one choice among those allowed here."""
    if not p["wind_nameplate_mw"] > 0:
        return None
    return lp.variable("wind_used_mw", (len(t),), 0.0, t.wind_mw, keys=t.row)
