"""The state of a site: one record a lane. Copying the record is saving, restoring and branching.

Each mechanism declares its own part (`STATE`), starts it (`begin`) and values what is left of it (`leftover_usd`).
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim import (
    battery,
    carbon,
    cash,
    cooling,
    failures,
    gang,
    generator,
    gpu,
    gpu_mining,
    meter,
    mining,
    on_demand,
    reserves,
    sla,
    space,
    supply,
    tariff,
    transformer,
)
from hybrid_env.sim.compiler import part

_F, _I = np.float64, np.int64

CLOCK = [("world", _I), ("site", _I), ("row", _I), ("end_row", _I), ("start_value_usd", _F)]
MECHANISMS = (
    mining,
    failures,
    gpu,
    sla,
    on_demand,
    gang,
    gpu_mining,
    cooling,
    battery,
    supply,
    generator,
    tariff,
    meter,
    transformer,
    reserves,
    carbon,
    cash,
    space,
)

LANE = np.dtype([*CLOCK, *(field for mechanism in MECHANISMS for field in mechanism.STATE)])
"""`world` and `site` index the trace library and the parameter records; `row` is the interval about to be played; the
episode is cut before `end_row`. `start_value_usd` is what the start's leftovers were worth."""

N_START_UNIFORMS = 8


@part
def begin(s, p, world_rows, jobs, job_start, job_end, world, row, end_row, uniforms):
    """Put a lane at the start of an episode in a plausible state drawn from `uniforms` (8 numbers in [0, 1))."""
    now = world_rows[row]
    s.world, s.row, s.end_row = world, row, end_row
    battery.begin(s, p, uniforms[0])
    cooling.begin(s, p, uniforms[1])
    mining.begin(s, p, now, uniforms[2])
    failures.begin(s)
    gpu.begin(s, p, now, uniforms[3], uniforms[4])
    sla.forget_month(s)
    on_demand.begin(s)
    gang.begin(s, p, jobs, job_start, job_end, row, 0.5 + 0.5 * uniforms[5])
    gpu_mining.begin(s)
    supply.begin(s, p, uniforms[6])
    meter.begin(s)
    carbon.begin(s)
    tariff.begin(s, world_rows, row)
    transformer.begin(s, p, world_rows[max(0, row - 1)])
    reserves.begin(s)
    cash.begin(s, p)
    space.begin(s, p)
    s.start_value_usd = leftover_usd(s, p)


@part
def leftover_usd(s, p):
    """Worth (USD) of charge, water, open work, awake machines and unused throttle hours, as in the optimiser."""
    held = battery.leftover_usd(s, p) + gpu.leftover_usd(s, p) + gang.leftover_usd(s, p)
    return held + mining.leftover_usd(s, p) + supply.leftover_usd(s, p)
