"""Gang jobs against hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.gang import restart_gpu_h
from hybrid_env.optimum.horizon import Jobs, started
from hybrid_env.sim.ledger import WORK_MEASURES
from tests.optimum.played import Episode, Rest, climbed, everything
from tests.optimum.tiny import solved
from tests.strategies import wild_trace
from tests.workbench import site_with


def test_a_job_with_time_is_finished_and_paid_by_its_bid() -> None:
    x = solved(n=64, jobs=[(4, 60, 1_000, 4_000, 2.0)])
    none = solved(n=64)
    need = 4_000 + restart_gpu_h(x.p, x.t.jobs)[0]
    assert x["gang_gpu_h"].sum() == pytest.approx(need)
    power = (x["training_mw"].sum() - none["training_mw"].sum()) / 4 * 30
    assert 0.9 * power < 8_000 - (x.usd - none.usd) < 1.6 * power


def test_no_more_than_its_gpus_in_any_hour() -> None:
    x = solved(n=64, jobs=[(4, 20, 1_000, 9_000, 2.0)])
    assert x["gang_gpu_h"].max() <= 1_000 + 1e-9
    assert len(x["gang_gpu_h"]) == 4


def test_a_part_of_an_hour_counts_as_a_part() -> None:
    x = solved(n=64, jobs=[(6, 8, 1_000, 9_000, 2.0)])
    np.testing.assert_allclose(x["gang_gpu_h"], [500])


def test_what_is_late_is_penalised() -> None:
    hopeless = solved(n=64, jobs=[(4, 8, 1_000, 50_000, 2.0)])
    none = solved(n=64)
    assert none.usd - hopeless.usd == pytest.approx(0.5 * 2 * 50_000, rel=0.1)


def test_what_is_open_at_the_end_is_worth_half() -> None:
    soon = solved({"gpu.gpus": 4_000}, n=8, jobs=[(7, 180, 1_000, 50_000, 2.0)])
    none = solved({"gpu.gpus": 4_000}, n=8)
    assert soon.usd - none.usd == pytest.approx(0.5 * 2 * 50_000, rel=0.02)


def test_a_job_that_runs_already_needs_no_restart() -> None:
    number, amount = np.array([0]), np.array([256.0])
    one = Jobs(number, number, number + 100, amount, amount * 2, amount / 256, np.array([False]), np.zeros(1))
    x = solved()
    # 10 minutes at the knee's rate: T(1/2) = 1 - 0.96 * 0.5 ** 1.35
    assert restart_gpu_h(x.p, one)[0] == pytest.approx(256 / 6 * (1 - 0.96 * 0.5**1.35))
    half = started(one, 50)
    assert restart_gpu_h(x.p, half)[0] == 0 and half.left_gpu_h[0] == 256


def test_no_jobs_no_columns() -> None:
    assert len(solved().site.gang.given) == 0


def test_failures_and_slow_checkpoints_never_beat_the_bound_of_a_site_without() -> None:
    changes = {"gang.mtbf_gpu_h": 200, "gang.checkpoint_cost_s": 60, "gang.checkpoint_interval_s": "young_daly"}
    site = site_with(changes)
    episode = Episode(site, wild_trace(7), 8, 40, np.full(8, 0.5))
    batch, failures = episode.batch(), 0.0
    for action in everything(40):
        batch.step(action[None])
        failures += batch.ledger["work"][0, WORK_MEASURES.index("gang_failures")]
    assert failures > 3
    best = episode.bound()
    assert best.status == "Optimal"
    assert climbed(episode, everything(40), 6, 1) <= best.value_usd + 1e-4


def test_a_job_that_may_be_turned_away_owes_no_penalty_but_one_that_is_open_does() -> None:
    hopeless = [(8, 10, 256.0, 5_000.0, 1.0)]
    free, bound_by_it = (solved({"gpu.admission": a}, jobs=hopeless) for a in (True, False))
    assert free.usd - bound_by_it.usd > 0.5 * 1.0 * 4_000
    later, without_choice = (solved({"gpu.admission": a}, start=9, jobs=hopeless) for a in (True, False))
    assert later.usd == pytest.approx(without_choice.usd)


def test_a_job_runs_after_the_whole_rows_its_data_takes_and_pays_for_it() -> None:
    """2,000 s and rows of 900 s: two whole rows, so that 2 of 4 are left."""
    data = {"gang.data": {"gb_per_gpu": 1, "wan_gbps": 4, "usd_per_tb": 1_000}}
    slow, here = (solved(changes, n=64, jobs=[(4, 8, 1_000, 9_000, 2.0)]) for changes in (data, {}))
    assert slow["gang_gpu_h"].sum() == pytest.approx(500) and here["gang_gpu_h"].sum() == pytest.approx(1_000)
    # half the work is worth 2 USD an hour of pay and 1 of penalty; 1,000 GB cost 1,000 USD
    assert here.usd - slow.usd == pytest.approx(1_000 + 3 * 500, rel=0.1)


@pytest.mark.parametrize("deadline", [5, 6, 7])
def test_a_job_whose_data_comes_too_late_in_its_last_hour_never_runs(deadline: int) -> None:
    """Its data is there as row 6 begins."""
    data = {"gang.data": {"gb_per_gpu": 1, "wan_gbps": 4}}
    x = solved(data, n=64, jobs=[(4, deadline, 1_000, 9_000, 2.0)])
    assert x["gang_gpu_h"].sum() == pytest.approx(max(0, deadline - 6) * 250)


@pytest.mark.parametrize("seed", [3, 7])
def test_nobody_beats_the_bound_of_a_site_with_a_thin_line(seed: int) -> None:
    site = site_with({"gang.data": {"gb_per_gpu": 60, "wan_gbps": 100, "usd_per_tb": 5}})
    episode = Rest(site, wild_trace(seed), 8, 40, np.full(8, 0.5), played=6)
    assert climbed(episode, everything(40), 6, 1) <= episode.bound().value_usd + 1e-4
