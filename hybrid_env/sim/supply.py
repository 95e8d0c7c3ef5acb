"""Own generation."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.table import centre
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

N_LEADS = len(FORECAST_LEADS_H)
WIND = FORECAST_VARIABLES.index("wind_cf")


@part
def wind_mw(p, row):
    """What the wind farm could deliver in this interval."""
    return p.wind_nameplate_mw * row.wind_cf


def fields(p: np.void) -> list[Field]:
    """Observed of own generation."""
    if not p["wind_nameplate_mw"] > 0:
        return []
    return [
        Field("wind_cf", "settled", "centre", "wind output as a share of nameplate"),
        *(Field(f"forecast_wind_{h}h_cf", "forecast", "centre", f"wind {h} h ahead") for h in FORECAST_LEADS_H),
    ]


@part
def observe(p, last, issued, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.wind_nameplate_mw <= 0.0:
        return k
    obs[k] = centre(last.wind_cf)
    k += 1
    for lead in range(N_LEADS):
        obs[k + lead] = centre(issued[WIND, lead])
    return k + N_LEADS
