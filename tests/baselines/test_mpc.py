"""Model-predictive control: how the horizon is cut, what each solve is told, and what it earns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_env.baselines.clearing import STARTS_BELOW
from hybrid_env.baselines.mpc import Mpc, period_sizes, periods_from_rows, without_derating
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.outlook import expected_gang_gpu_h_per_h
from hybrid_env.batch import Batch
from hybrid_env.optimum.horizon import Jobs, StartState, trace_periods
from tests.baselines.tiny import STORE, TEXAS, earned_usd, exact_batch, lanes, view
from tests.strategies import wild_trace
from tests.workbench import Workbench, calm_trace, site_with

NO_ROWS, NOTHING = np.zeros(0, np.int64), np.zeros(0)
NO_JOBS = Jobs(NO_ROWS, NO_ROWS, NO_ROWS, NOTHING, NOTHING, NOTHING, np.zeros(0, bool), NOTHING)
WILD = wild_trace(6, utc_offset_h=-6, days=4)


@given(row=st.integers(0, 35_000), per_hour=st.sampled_from([1, 2, 4, 12]), horizon_h=st.sampled_from([6, 24, 36]))
def test_periods_fill_the_horizon_and_straddle_no_due_boundary(row: int, per_hour: int, horizon_h: int) -> None:
    sizes = period_sizes(row, per_hour, horizon_h)
    end = (row // per_hour + horizon_h) * per_hour
    edges = row + np.concatenate([[0], np.cumsum(sizes)])
    assert end <= edges[-1] <= end + per_hour
    bucket = 6 * per_hour
    np.testing.assert_array_equal(edges[:-1] // bucket, (edges[1:] - 1) // bucket)


@given(row=st.integers(0, 35_000))
def test_near_periods_are_rows_and_far_ones_two_hours(row: int) -> None:
    sizes = period_sizes(row, 4, 24)
    rows_now = 4 - row % 4 + 4
    assert (sizes[:rows_now] == 1).all() and set(sizes[rows_now:]) == {4, 8}
    assert (np.diff(sizes[rows_now + 8 :]) == 0).sum() >= len(sizes) - rows_now - 10


def test_single_rows_give_the_programme_of_the_trace() -> None:
    p = lanes(TEXAS, WILD, [8]).parameters[0]
    n = 48
    expected = trace_periods(p, WILD, 8, n, StartState.from_lane(lanes(TEXAS, WILD, [8]).lanes[0], p))
    found = periods_from_rows(p, WILD.rows[8 : 8 + n].copy(), 8, np.ones(n, np.int64), NO_JOBS, 0.0)
    for name in found.__dataclass_fields__:
        if name not in ("jobs", "month", "end_month", "mining_allowed"):
            here, there = (np.asarray(getattr(x, name)) for x in (found, expected))
            if here.dtype.names:
                here, there = here.copy().view(np.float64), there.copy().view(np.float64)
            np.testing.assert_allclose(here, there, err_msg=name)


def test_longer_periods_keep_the_days_work_and_peak_charge() -> None:
    p = lanes(TEXAS, WILD, [8]).parameters[0]
    rows = WILD.rows[8:104].copy()
    fine = periods_from_rows(p, rows, 8, np.ones(96, np.int64), NO_JOBS, 0.0)
    coarse = periods_from_rows(p, rows, 8, period_sizes(8, 4, 24), NO_JOBS, 0.0)
    assert coarse.arrival_gpu_h.sum() == pytest.approx(fine.arrival_gpu_h.sum())
    assert coarse.peak_usd_per_mw.sum() == pytest.approx(fine.peak_usd_per_mw.sum())
    assert coarse.hours.sum() == pytest.approx(24)


def test_coming_gang_work_is_what_came_in_the_last_two_weeks() -> None:
    jobs = [(0, 100, 256.0, 100.0, 2.0), (20, 120, 256.0, 60.0, 2.0), (90, 150, 256.0, 1e6, 2.0)]
    trace = calm_trace(days=2, jobs=jobs)
    assert expected_gang_gpu_h_per_h(view(site_with(), trace, 80), 0) == pytest.approx(160 / 20)


def test_halls_are_planned_to_stay_below_where_machines_slow_down() -> None:
    batch = lanes(TEXAS, WILD, [8])
    p, lane = batch.parameters[0], batch.lanes[0]
    careful = without_derating(p, lane)
    assert careful["mining_hall_trip_c"] == p["mining_derate_start_c"] < p["mining_hall_trip_c"]
    lane["mining_hall_c"] = 44
    assert without_derating(p, lane)["mining_hall_trip_c"] == 44  # a hall that is hotter already is no contradiction
    assert p["mining_hall_trip_c"] == 47


@pytest.mark.parametrize("seed", range(4))
def test_every_decision_has_an_optimal_programme_whatever_the_world(seed: int) -> None:
    """Any other end of the solver raises."""
    batch = lanes(TEXAS, wild_trace(seed, utc_offset_h=-6, days=4), [4, 101, 202])
    policy = Mpc()
    policy.reset(batch)
    for _ in range(3):
        actions = policy.act(batch)
        assert np.isfinite(actions).all() and (np.abs(actions) <= 1).all()
        batch.step(actions)


def test_a_decision_is_the_same_when_asked_twice() -> None:
    batch = lanes(TEXAS, WILD, [50, 120])
    np.testing.assert_array_equal(Mpc().act(batch), Mpc().act(batch))


def test_it_beats_naive_on_spiky_days() -> None:
    def days() -> Batch:
        return exact_batch({"battery": STORE}, rows=120, days=7)

    assert earned_usd(Mpc(), days()) > 1.1 * earned_usd(Naive(), days())


def test_a_full_battery_is_kept_for_a_price_spike_it_was_told_of() -> None:
    price = np.full(96, 30.0)
    price[30] = 700
    batch = exact_batch({"battery": STORE}, price=price)
    batch.lanes["soc_mwh"] = full = float(batch.parameters[0]["soc_max_mwh"])
    policy, held = Mpc(), [full]
    for _ in range(7):
        batch.step(policy.act(batch))
        held.append(float(batch.lanes["soc_mwh"][0]))
    assert held[6] > 0.99 * full
    assert held[6] - held[7] == pytest.approx(20 / 0.922, rel=1e-2)


def test_a_hall_that_has_become_too_hot_is_cooled_down_again() -> None:
    """A plant that can just keep up with all machines: only by mining less does the hall come down."""
    site = site_with({"cooling.capacity_mw": 62, "gpu": None, "mining.fleets": [{"model": "S21", "nameplate_mw": 60}]})
    batch = lanes(site, calm_trace(), [8])
    start_c = batch.parameters[0]["mining_derate_start_c"]
    batch.lanes["mining_hall_c"] = start_c + 5
    policy = Mpc()
    for _ in range(24):
        batch.step(policy.act(batch))
    assert batch.lanes["mining_hall_c"][0] <= start_c + 0.1


@pytest.mark.parametrize(("short_mw", "runs"), [(1.0, False), (20.0, True)], ids=["a trifle", "much"])
def test_a_generator_is_started_for_much_and_not_for_a_trifle(short_mw: float, runs: bool) -> None:
    """It gives 15 MW at least, at 120 USD/MWh; mining earns more, and the connection is short of what it asks for."""
    engine = {"nameplate_mw": 30, "min_load_frac": 0.5, "heat_rate_mmbtu_per_mwh": 10, "om_usd_per_mwh": 0}
    base = {"gpu": None, "battery": None, "mining.fleets": [{"model": "S21 XP", "nameplate_mw": 40}]}
    wanted_mw = float(Workbench(site_with(base), calm_trace()).play().mwh("import")) * 4
    site = site_with(
        base | {"supply.generator": engine, "meter.import_limit_mw": (wanted_mw - short_mw) / STARTS_BELOW}
    )
    bench = Workbench(site, calm_trace(fuel_usd_per_mmbtu=12, btc_usd=150_000))
    bench.batch.step(Mpc().act(bench.batch))
    assert (bench.lane["generator_mw"] > 0) == runs
