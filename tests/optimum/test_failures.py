"""The programme assumes the best: nothing breaks, and what is broken is repaired."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.bound import bound
from hybrid_env.optimum.failures import most_healthy
from hybrid_env.optimum.horizon import StartState, trace_periods
from tests.optimum.tiny import solved
from tests.workbench import Workbench, calm_trace, site_with

SITE = site_with({"mining.failures": {"repair_s": 7_200}, "mining.max_hash_frac": 1.0})


def start(healthy: float) -> tuple[Workbench, StartState]:
    b = Workbench(SITE, horizon=12)
    b.lane["fleet_healthy"][0] = b.lane["fleet_awake"][0] = healthy
    return b, StartState.from_lane(b.lane, b.p)


def test_whole_machines_stay_whole() -> None:
    assert np.array_equal(solved({"mining.failures": {}})["awake"], solved()["awake"])


def test_broken_machines_come_back_as_in_the_simulator() -> None:
    b, state = start(0.5)
    t = trace_periods(b.p, calm_trace(), 4, 12, state)
    seen = []
    for _ in range(12):
        seen.append(b.lane["fleet_healthy"][0])
        b.play()
    assert most_healthy(b.p, t, state)[:, 0] == pytest.approx(seen)


def test_broken_machines_lower_the_bound_but_not_below_what_is_earned() -> None:
    b, state = start(0.5)
    best = bound(SITE, calm_trace(), 4, 12, state).value_usd
    whole = bound(SITE, calm_trace(), 4, 12, start(1.0)[1]).value_usd
    assert sum(b.play(setpoint=1.0).total_usd for _ in range(12)) <= best < whole - 1_000
