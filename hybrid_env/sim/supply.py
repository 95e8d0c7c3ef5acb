"""Own generation."""

from __future__ import annotations

from hybrid_env.sim.compiler import part


@part
def wind_mw(p, row):
    """What the wind farm could deliver in this interval."""
    return p.wind_nameplate_mw * row.wind_cf
