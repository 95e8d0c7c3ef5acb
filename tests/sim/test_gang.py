"""Gang jobs: all GPUs or none, checkpoints, deadlines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.sim.gang import checkpoint_interval_s
from tests.workbench import Workbench, calm_trace, column, site_with


def bench(*jobs: tuple[int, int, float, float, float], row: int = 4, **changes: Any) -> Workbench:
    """Jobs as (arrival_row, deadline_row, gpus, gpu_hours, bid); no restart delay unless asked."""
    settings = {"gang.restart_s": 0} | {f"gang.{k}": v for k, v in changes.items()}
    return Workbench(site_with(settings), calm_trace(jobs=jobs), row)


def test_a_job_runs_from_its_arrival_and_is_paid_its_bid() -> None:
    b = bench((5, 100, 1_000, 500, 2.0))
    pages = [b.play() for _ in range(5)]
    assert [p.usd("gpu_training") for p in pages] == pytest.approx([0, 500, 500, 0, 0])
    assert [p.work("jobs_arrived") for p in pages] == [0, 1, 0, 0, 0]
    assert [p.work("jobs_finished") for p in pages] == [0, 0, 1, 0, 0]
    assert b.lane["n_gang"] == 0


def test_a_job_that_does_not_fit_waits_whole() -> None:
    b = bench((4, 100, 8_000, 4_000, 2.0))
    page = b.play()
    assert page.work("gpu_h_training") == 0 and b.lane["n_gang"] == 1
    assert b.lane["gang_running"][0] == 0


def test_the_earliest_deadline_goes_first_whatever_the_order_of_arrival() -> None:
    b = bench((4, 150, 4_000, 9_000, 2.0), (4, 90, 4_000, 9_000, 2.0), (4, 120, 4_000, 9_000, 2.0))
    b.play()
    assert b.lane["gang_deadline_row"][:3].tolist() == [90, 120, 150]
    assert b.lane["gang_running"][:3].tolist() == [1, 0, 0]


def test_a_smaller_later_job_fills_what_the_first_leaves() -> None:
    b = bench((4, 90, 5_000, 9_000, 2.0), (4, 120, 4_000, 9_000, 2.0), (4, 150, 2_000, 9_000, 2.0))
    b.play()
    assert b.lane["gang_running"][:3].tolist() == [1, 0, 1]


def test_starting_draws_power_without_progress() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0), restart_s=600)
    first, second = b.play(), b.play()
    assert first.work("gpu_h_training") == pytest.approx(250 / 3)
    assert second.work("gpu_h_training") == pytest.approx(250)
    assert first.mwh("gpu") == pytest.approx(second.mwh("gpu"))
    assert (first.work("gang_restarts"), second.work("gang_restarts")) == (1, 0)


def test_a_restart_longer_than_an_interval_goes_on_in_the_next() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0), restart_s=1_200)
    hours = [b.play().work("gpu_h_training") for _ in range(3)]
    assert hours == pytest.approx([0, 250 * 2 / 3, 250])


def test_preemption_rolls_back_to_the_checkpoint_and_pays_back() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0), checkpoint_interval_s=3_600)
    for _ in range(6):  # a checkpoint after four, two intervals at risk
        b.play()
    assert float(b.lane["gang_since_gpu_h"][0]) == pytest.approx(500)
    page = b.play(training=-1.0)
    assert page.usd("gpu_training") == pytest.approx(-1_000)
    assert page.work("gpu_h_rolled_back") == pytest.approx(500)
    assert page.work("gpu_h_training") == pytest.approx(-500)
    assert float(b.lane["gang_left_gpu_h"][0]) == pytest.approx(4_000)


def test_preemption_at_a_checkpoint_loses_nothing() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0), checkpoint_interval_s=1_800)
    for _ in range(2):
        b.play()
    assert b.play(training=-1.0).usd("gpu_training") == 0
    assert float(b.lane["gang_left_gpu_h"][0]) == pytest.approx(4_500)


def test_a_waiting_job_is_not_preempted_twice() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0))
    b.play()
    assert b.play(training=-1.0).usd("gpu_training") == pytest.approx(-500)
    assert b.play(training=-1.0).usd("gpu_training") == 0


def test_a_resumed_job_starts_anew() -> None:
    b = bench((4, 100, 1_000, 5_000, 2.0), restart_s=600)
    b.play()
    b.play(training=-1.0)
    page = b.play()
    assert page.work("gang_restarts") == 1 and page.work("gpu_h_training") == pytest.approx(250 / 3)


def test_what_is_unfinished_at_the_deadline_is_penalised_once_and_dropped() -> None:
    b = bench((4, 8, 1_000, 5_000, 2.0))
    pages = [b.play() for _ in range(6)]
    assert [p.usd("late_penalty") for p in pages] == pytest.approx([0, 0, 0, -0.5 * 2 * 4_000, 0, 0])
    assert pages[3].work("jobs_late") == 1 and pages[3].work("gpu_h_late") == pytest.approx(4_000)
    assert b.lane["n_gang"] == 0


def test_a_job_finished_in_the_last_interval_before_its_deadline_is_in_time() -> None:
    b = bench((4, 8, 1_000, 1_000, 2.0))
    pages = [b.play() for _ in range(4)]
    assert sum(p.usd("late_penalty") for p in pages) == 0 and pages[3].work("jobs_finished") == 1


def test_a_capped_job_progresses_by_the_throughput_curve() -> None:
    page = bench((4, 100, 1_000, 5_000, 2.0)).play(training=0.0, spot=-1.0)
    assert page.work("gpu_h_training") == pytest.approx(250 * (1 - 0.96 * 0.5**1.35), rel=1e-6)


def test_the_33rd_open_job_is_refused() -> None:
    b = bench(*[(4, 100, 128, 5_000, 2.0)] * 34)
    page = b.play()
    assert page.work("jobs_arrived") == 32 and page.work("jobs_refused") == 2
    assert b.lane["n_gang"] == 32


def test_a_slot_is_free_again_at_the_deadline() -> None:
    b = bench(*[(4, 6, 128, 5_000, 2.0)] * 32, (5, 50, 128, 5_000, 2.0), (6, 50, 128, 5_000, 2.0))
    pages = [b.play() for _ in range(3)]
    assert [p.work("jobs_refused") for p in pages] == [0, 1, 0]
    assert b.lane["n_gang"] == 1


def test_jobs_from_before_the_start_are_part_done_and_running() -> None:
    b = bench((2, 22, 1_000, 5_000, 2.0), row=12)
    assert b.lane["n_gang"] == 1 and b.lane["gang_running"][0] == 1
    assert 0 < float(b.lane["gang_left_gpu_h"][0]) <= 5_000 * 10 / 20
    assert b.play().work("gang_restarts") == 0


# -- failures and checkpoints ------------------------------------------------------------------------------------------


def failing(u_fail: dict[int, float], job_u_fail: float = 0.0, **changes: Any) -> Workbench:
    """A running job of 1,000 GPUs with a hazard of 1,000 x 0.25 / 2,500 = 0.1 a row, u_fail_4 = 0.5 unless given."""
    settings = {"restart_s": 0, "mtbf_gpu_h": 2_500} | changes
    trace = calm_trace(jobs=[(4, 100, 1_000, 5_000, 2.0)], u_fail_4=column(u_fail, 0.5))
    b = Workbench(site_with({f"gang.{k}": v for k, v in settings.items()}), trace)
    b.play()
    b.lane["gang_u_fail"][0] = job_u_fail
    return b


def test_a_failing_job_loses_what_it_did_since_its_checkpoint_and_starts_anew() -> None:
    b = failing({5: 0.09})
    page = b.play()
    assert page.work("gang_failures") == 1 and page.work("gang_restarts") == 1
    assert page.work("gpu_h_rolled_back") == pytest.approx(250)
    assert page.usd("gpu_training") == pytest.approx(-500 + 500)
    assert float(b.lane["gang_left_gpu_h"][0]) == pytest.approx(5_000 - 250)


def test_above_its_hazard_a_job_goes_on() -> None:
    page = failing({5: 0.11}).play()
    assert page.work("gang_failures") == 0 and page.usd("gpu_training") == pytest.approx(500)


def test_a_jobs_own_number_shifts_the_rows_and_wraps() -> None:
    assert failing({5: 0.7}, job_u_fail=0.35).play().work("gang_failures") == 1
    assert failing({5: 0.05}, job_u_fail=0.35).play().work("gang_failures") == 0


def test_nothing_fails_where_a_trace_says_so_or_a_site_does_not_say_how() -> None:
    assert failing({5: 1.0}).play().work("gang_failures") == 0
    assert failing({5: 0.0}, mtbf_gpu_h=None).play().work("gang_failures") == 0


def test_a_job_that_waits_does_not_fail() -> None:
    b = failing({6: 0.0})
    b.play(training=-1.0)
    assert b.play(training=-1.0).work("gang_failures") == 0


def test_a_failed_job_without_gpus_waits_and_loses_no_more() -> None:
    page = failing({5: 0.0}).play(training=-1.0)
    assert page.work("gang_failures") == 1 and page.work("gpu_h_rolled_back") == pytest.approx(250)
    assert page.work("gang_restarts") == 0


def test_checkpoints_take_their_share_of_the_time() -> None:
    page = bench((4, 100, 1_000, 5_000, 2.0), checkpoint_cost_s=180).play()
    assert page.work("gpu_h_training") == pytest.approx(250 * (1 - 180 / 3_600))


@pytest.mark.parametrize(("gpus", "minutes"), [(16_384, 19.3), (1_000, 78.0)])
def test_young_dalys_interval_falls_with_the_size_of_the_job(gpus: float, minutes: float) -> None:
    b = bench(checkpoint_interval_s="young_daly", checkpoint_cost_s=60, mtbf_gpu_h=50_700)
    p = np.array([b.p]).view(np.recarray)[0]
    assert checkpoint_interval_s.py_func(p, gpus) / 60 == pytest.approx(minutes, abs=0.1)


def test_a_job_checkpoints_at_its_own_interval() -> None:
    """sqrt(2 x 60 s x 1,875 GPU-h x 3,600 / 1,000) = 900 s: every interval ends with a checkpoint."""
    b = failing({6: 0.0}, checkpoint_interval_s="young_daly", checkpoint_cost_s=60, mtbf_gpu_h=1_875)
    b.play()
    page = b.play()
    assert page.work("gang_failures") == 1 and page.work("gpu_h_rolled_back") == 0
    assert page.work("gpu_h_training") == pytest.approx(250 * (1 - 60 / 900))


# -- admission --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("admission, admitted", [(-1.0, 2), (-0.4, 2), (-0.3, 1), (0.19, 1), (0.21, 0), (1.0, 0)])
def test_jobs_that_bid_under_the_floor_are_turned_away(admission: float, admitted: int) -> None:
    jobs = [(4, 40, 256.0, 500.0, 1.6), (4, 40, 256.0, 500.0, 3.0)]
    b = Workbench(site_with({"gpu.admission": True}), calm_trace(jobs=jobs))
    page = b.play(admission=admission)
    assert int(b.lane["n_gang"]) == page.work("jobs_arrived") == admitted
    assert page.work("jobs_turned_away") == 2 - admitted
    assert page.work("gpu_h_arrived") == 500 * admitted


def test_without_the_right_to_turn_jobs_away_the_action_does_nothing() -> None:
    b = Workbench(site_with(), calm_trace(jobs=[(4, 40, 256.0, 500.0, 1.0)]))
    assert b.play(admission=1.0).work("jobs_turned_away") == 0
    assert int(b.lane["n_gang"]) == 1


# -- data --------------------------------------------------------------------------------------------------------------


def test_a_job_waits_for_its_data_and_pays_for_it_on_arrival() -> None:
    """1,000 GPUs x 100 GB over 800 Gbit/s are 1,000 s: two intervals; 100 TB at 3 USD."""
    b = bench((5, 100, 1_000, 5_000, 2.0), data={"gb_per_gpu": 100, "wan_gbps": 800, "usd_per_tb": 3})
    pages = [b.play() for _ in range(4)]
    assert [p.work("gpu_h_training") for p in pages] == pytest.approx([0, 0, 0, 250])
    assert [p.usd("data_transfer") for p in pages] == pytest.approx([0, -300, 0, 0])
    assert pages[1].work("gang_restarts") == pages[2].work("gang_restarts") == 0


def test_jobs_from_before_the_start_have_their_data() -> None:
    b = bench((2, 22, 1_000, 5_000, 2.0), row=12, data={"gb_per_gpu": 100, "wan_gbps": 1})
    page = b.play()
    assert page.work("gpu_h_training") > 0 and page.usd("data_transfer") == 0


def test_a_job_keeps_waiting_for_its_data_when_an_earlier_deadline_moves_it() -> None:
    """The first waits for rows 5 to 8; the second, due sooner and with less data, arrives in row 6 and goes before."""
    jobs = ((5, 150, 1_000, 5_000, 2.0), (6, 60, 128, 64, 2.0))
    b = bench(*jobs, data={"gb_per_gpu": 100, "wan_gbps": 250})
    small, large = [], []
    for _ in range(8):
        b.play()
        open_jobs = slice(int(b.lane["n_gang"]))
        pairs = zip(b.lane["gang_gpus"][open_jobs], b.lane["gang_running"][open_jobs], strict=True)
        running = {float(gpus): bool(runs) for gpus, runs in pairs}
        small.append(running.get(128.0, False))
        large.append(running.get(1_000.0, False))
    assert small.index(True) == 3
    assert large.index(True) == 5  # rows 5 to 8 are indexes 1 to 4


def test_the_time_until_data_is_there_is_seen_and_counts_as_no_slack() -> None:
    """1,000 s for the job of row 5, which is due in row 44 and has 5 h of work; 128 s for that of row 6."""
    jobs = ((5, 44, 1_000, 5_000, 2.0), (6, 190, 128, 128, 2.0))
    b = bench(*jobs, data={"gb_per_gpu": 100, "wan_gbps": 800})
    pool = 8_000
    b.play()
    assert (b.observed("gang_receiving_frac"), b.observed("gang_next_data_h")) == (0, 1)
    b.play()  # the interval of its arrival takes 900 of the 1,000 s
    assert b.observed("gang_receiving_frac") == pytest.approx(2_000 / pool / (1 + 2_000 / pool), abs=1e-6)
    assert b.observed("gang_next_data_h") == pytest.approx(squash(100 / 3_600 / 6), abs=1e-6)
    assert b.observed("gang_least_slack_h") == pytest.approx(squash((38 / 4 - 5 - 100 / 3_600) / 6), abs=1e-6)
    b.play()
    assert (b.observed("gang_receiving_frac"), b.observed("gang_next_data_h")) == (0, 1)


def test_jobs_that_bring_their_data_show_nothing_of_it() -> None:
    assert not any("data" in field.name or "receiving" in field.name for field in bench().batch.fields)


def squash(x: float) -> float:
    return x / (1 + abs(x))


def test_of_two_jobs_due_together_the_one_that_came_first_goes_first() -> None:
    b = bench((4, 60, 5_000, 5_000, 2.0), (5, 60, 6_000, 6_000, 2.0))
    for _ in range(2):
        b.play()
    assert b.lane["gang_gpus"][:2].tolist() == [5_000, 6_000] and b.lane["gang_running"][:2].tolist() == [1, 0]


def test_work_left_when_the_books_close_is_worth_half_its_pay() -> None:
    """A job of 5,000 GPU-h at 2 USD of which the last interval does 250; the bench's battery does not move."""
    site = site_with({"gang.restart_s": 0, "battery": None})
    b = Workbench(site, calm_trace(jobs=((4, 100, 1_000, 5_000, 2.0),)), horizon=1)
    assert b.play().usd("terminal") == pytest.approx(0.5 * 2.0 * (5_000 - 250))


def test_of_several_jobs_that_wait_for_data_the_next_one_is_told() -> None:
    """1,000 and 2,000 s, of which their first interval takes 900."""
    b = bench((5, 44, 1_000, 1_000, 2.0), (5, 90, 2_000, 2_000, 2.0), data={"gb_per_gpu": 100, "wan_gbps": 800})
    b.play()
    b.play()
    assert b.observed("gang_receiving_frac") == pytest.approx(squash(2 * 3_000 / 8_000), abs=1e-6)
    assert b.observed("gang_next_data_h") == pytest.approx(squash(100 / 3_600 / 6), abs=1e-6)


def test_a_job_refused_before_the_start_is_not_there_at_the_start() -> None:
    assert int(bench(*((2, 100, 128, 500, 2.0),) * 33, row=12).lane["n_gang"]) == 32
