"""Fleets outside the mining hall: their derating is known from the weather, so it is a coefficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.optimum.programme import Floats

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods


def water_usd_per_mw(p: np.void, t: Periods) -> Floats:
    """What pads evaporate for a MW all through a period, in money, `[T, fleets]`."""
    dry, wet = t.rows["drybulb_c"], t.rows["wetbulb_c"]
    depression = np.where(dry > p["pad_from_c"], np.maximum(0.0, dry - wet), 0.0)
    each = p["fleet_water_m3_per_mwh_k"][: int(p["n_fleets"])]
    return p["water_usd_per_m3"] * (t.hours * depression)[:, None] * each
