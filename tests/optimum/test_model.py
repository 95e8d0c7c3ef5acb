"""The whole programme against the simulator."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.horizon import StartState, trace_periods
from hybrid_env.optimum.model import build, leftover_usd
from hybrid_env.sim.state import leftover_usd as sim_leftover_usd
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import load_site
from tests.optimum.played import Episode, everything
from tests.strategies import wild_trace
from tests.workbench import calm_trace, site_with


def episode(n: int = 32) -> Episode:
    site = load_site("texas_wind")
    return Episode(site, wild_trace(3, 900, -6, 4), 4, n, np.full(8, 0.5))


def test_every_bound_is_finite() -> None:
    site = load_site("texas_wind")
    p = parameter_record(site)[0]
    state = StartState.usual(p)
    lp = build(p, trace_periods(p, wild_trace(1, 900, -6, 4), 0, 300, state), state).lp
    assert lp.fault() == ""


def test_what_is_left_over_is_worth_what_the_simulator_says() -> None:
    e = episode()
    batch = e.batch()
    p, lane = batch.parameters[0], batch.lanes[0]
    state = StartState.from_lane(lane, p)
    t = trace_periods(p, e.trace, e.row, e.n, state)
    expected = sim_leftover_usd.py_func(batch.lanes.view(np.recarray)[0], batch.parameters.view(np.recarray)[0])
    assert leftover_usd(p, t, state) == pytest.approx(expected)


def test_a_lanes_open_jobs_come_first_and_keep_their_order() -> None:
    e = episode()
    batch = e.batch()
    state = StartState.from_lane(batch.lanes[0], batch.parameters[0])
    t = trace_periods(batch.parameters[0], e.trace, e.row, e.n, state)
    assert state.jobs is not None and (np.diff(t.jobs.key) > 0).all()
    assert (t.jobs.key < 0).sum() == len(state.jobs)


def test_where_full_use_is_best_the_bound_is_what_full_use_earns() -> None:
    site = site_with({"battery": None, "gpu.throttle_value_usd_per_h": 1_000})
    trace = calm_trace(price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1, training_load=0.5)
    e = Episode(site, trace, 4, 48, np.full(8, 0.5))
    full = everything(48)
    best = e.bound().value_usd
    assert e.usd(full[None])[0] == pytest.approx(best, rel=2e-3)
    assert e.usd(full[None])[0] <= best
