"""Halls against hand calculation: 10,000 GPUs of 0.2 kW idle and 0.8 kW on top, 2,000 reserved, 1,000 in inference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.workbench import Workbench, calm_trace, site_with

TIGHT = {"racks": 125, "kw_per_rack": 40, "oversubscription": 2}
"""5 MW for 10 MW of GPUs: 3 MW above idle."""
SHELVES = {"racks": 953, "kw_per_rack": 42}
"""40.026 MW for 40 MW of miners, which overclocked draw more."""


def bench(changes: dict[str, Any], **columns: Any) -> Workbench:
    return Workbench(site_with({"battery": None} | changes), **columns)


def with_gpus(gpus: int, **changes: Any) -> dict[str, Any]:
    """Some of the GPUs stand in the mining hall, which has shelves enough."""
    return {"space.mining_hall": {"racks": 3_000, "kw_per_rack": 42, "gpus": gpus}, **changes}


def test_a_full_gpu_hall_leaves_spot_what_its_racks_still_carry() -> None:
    # 3 MW less 1.6 of tenants and 0.8 of inference
    b = bench({"space.gpu_hall": TIGHT})
    page = b.play()
    assert float(b.lane["spot_mw"]) == pytest.approx(0.6)
    assert page.mwh("gpu") * 4 == pytest.approx(5)
    assert page.work("shed_mwh") == 0


def test_what_must_run_is_shed_where_racks_do_not_carry_it() -> None:
    # inference at its peak of 2,000 GPUs wants 1.6 MW and finds 1.4
    page = bench({"space.gpu_hall": TIGHT}, inference_load=1).play()
    assert page.work("shed_mwh") == pytest.approx(0.2 / 4)
    assert page.mwh("gpu") * 4 == pytest.approx(5)


def test_miners_overclock_as_far_as_their_shelves_carry() -> None:
    free, held = bench({}), bench({"space.mining_hall": SHELVES})
    assert free.play().mwh("mining") * 4 > 50
    assert held.play().mwh("mining") * 4 == pytest.approx(40.026)
    half = bench({"space.mining_hall": SHELVES}).play(mining=0.0).mwh("mining") * 4
    asleep = float(held.p["sleep_mw"])
    assert half == pytest.approx(asleep + (40.026 - asleep) / 2)


def test_batch_work_fills_the_mining_hall_first_and_leaves_miners_the_rest() -> None:
    # 2,000 GPUs on spot stand beside the miners: 0.4 MW idle and 1.6 on top of 44 MW
    hall = {"racks": 1_100, "kw_per_rack": 40, "gpus": 2_000}
    b = bench({"space.mining_hall": hall})
    page = b.play()
    assert float(b.lane["spot_gpus"]) == pytest.approx(2_000)
    assert float(b.lane["batch_free_gpus"]) == pytest.approx(0)
    assert float(b.lane["hall_free_gpus"]) == pytest.approx(5_000)
    assert page.mwh("mining") * 4 == pytest.approx(44 - 2.0)
    assert bench({"space.mining_hall": hall}).play(spot=-1.0).mwh("mining") * 4 == pytest.approx(44 - 0.4)


def test_batch_work_that_the_mining_hall_cannot_hold_goes_to_the_gpu_hall() -> None:
    b = bench(with_gpus(1_500))
    b.play()
    assert float(b.lane["spot_gpus"]) == pytest.approx(2_000)
    assert float(b.lane["hall_free_gpus"]) == pytest.approx(8_500 - 3_000 - 500)


@pytest.mark.parametrize(("gpus", "runs"), [(5_500, True), (5_900, False)])
def test_a_gang_job_needs_its_gpus_in_the_gpu_hall(gpus: int, runs: bool) -> None:
    # of 10,000 GPUs 3,000 are spoken for: 1,500 or 1,100 are free beside the fabric for a job of 1,280
    b = bench(with_gpus(gpus), jobs=[(4, 100, 1_280, 1_280 * 4, 2.0)])
    b.play()
    assert bool(b.lane["gang_running"][0]) == runs


def test_small_jobs_run_in_both_halls() -> None:
    b = bench(with_gpus(5_900))
    b.lane["bucket_gpu_h"][3] = 1e6
    b.play()
    assert float(b.lane["training_gpus"]) == pytest.approx(7_000)
    assert float(b.lane["batch_free_gpus"]) == pytest.approx(0)
    assert float(b.lane["hall_free_gpus"]) == pytest.approx(0)


def test_customers_on_demand_find_the_gpu_halls_gpus_only() -> None:
    rental = {"gpu.on_demand": {"peak_gpus": 4_000}}
    all_of_them, some = bench(rental, on_demand_load=1), bench(with_gpus(5_900, **rental), on_demand_load=1)
    all_of_them.play(asking_price=-1.0)
    some.play(asking_price=-1.0)
    assert float(all_of_them.lane["on_demand_gpus"]) == pytest.approx(4_000)
    assert float(some.lane["on_demand_gpus"]) == pytest.approx(1_100)


def test_proof_of_work_runs_where_power_is_left() -> None:
    # the GPU hall has 0.6 MW left, all for spot; in the mining hall 2,000 GPUs mine at half power
    halls = {"gpu_hall": TIGHT | {"racks": 100}, "mining_hall": {"racks": 1_100, "kw_per_rack": 42, "gpus": 2_000}}
    changes = {"space": halls, "gpu.spot": None, "gpu.gpu_mining": {"power_frac": 0.5, "switch_s": 0}}
    b = bench(changes, gpu_pow_usd_per_gpu_h=0.1, inference_load=0.5)
    b.play(gpu_mining=1.0)
    # GPU hall: 4 MW less 1.6 idle less 2.4 of tenants and inference
    assert float(b.lane["pow_gpus"]) == pytest.approx(2_000)


def test_only_fleets_inside_share_the_mining_halls_power() -> None:
    fleets = [
        {"model": "S21", "nameplate_mw": 20},
        {"model": "S21", "nameplate_mw": 20, "cooling": "air"},
    ]
    hall = {"racks": 480, "kw_per_rack": 42}
    b = bench({"mining.fleets": fleets, "mining.control": "per_fleet", "space.mining_hall": hall})
    b.play(mining_1=1.0)
    inside, outside = b.lane["fleet_mw"][:2]
    assert inside + float(b.p["sleep_by_place"][0]) == pytest.approx(20.16)
    assert outside == pytest.approx(float(b.p["fleet_max_mw"][1]))


def test_load_of_both_halls_is_seen() -> None:
    b = bench({"space": {"gpu_hall": TIGHT, "mining_hall": SHELVES}})
    b.play(mining=-1.0, spot=-1.0)
    assert b.observed("gpu_hall_load_frac") == pytest.approx(2 * (2 + 2.4) / 5 - 1)
    asleep = float(b.p["sleep_mw"])
    assert b.observed("mining_hall_load_frac") == pytest.approx(2 * asleep / 40.026 - 1, abs=1e-6)
    b.play()
    assert b.observed("gpu_hall_load_frac") == pytest.approx(1)
    assert b.observed("mining_hall_load_frac") == pytest.approx(1)


def test_halls_with_room_for_all_change_nothing() -> None:
    wide = {
        "space": {"gpu_hall": {"racks": 500, "kw_per_rack": 40}, "mining_hall": {"racks": 2_000, "kw_per_rack": 42}}
    }
    jobs = [(8, 60, 1_024, 4_000, 2.0)]
    books = []
    for changes in ({}, wide):
        b = Workbench(site_with(changes), calm_trace(jobs=jobs, training_load=0.7))
        books.append(np.array([b.play(training=t % 3 - 1.0, mining=1 - t % 2).page["usd"] for t in range(24)]))
    np.testing.assert_array_equal(*books)


def test_idle_draw_counts_in_the_hall_where_gpus_stand() -> None:
    """6,000 GPUs idle at 1.2 MW of a hall of 4; tenants take 1.6, and inference at its peak finds 1.2 of 1.6 MW. The
    other 4,000 idle in the mining hall."""
    hall = {"racks": 100, "kw_per_rack": 40, "oversubscription": 2}
    page = bench(with_gpus(4_000, **{"space.gpu_hall": hall}), inference_load=1).play()
    assert page.work("shed_mwh") == pytest.approx(0.4 / 4)


def test_the_mining_halls_racks_limit_batch_work_as_its_gpus_do() -> None:
    """2,000 GPUs there idle at 0.4 MW of 1: power for 750. The GPU hall has 4.8 MW less 1.6 idle, 1.6 of tenants and
    0.8 of inference: power for 1,000 more of the 2,000 that spot would take."""
    fleet = {"mining.fleets": [{"model": "S21", "nameplate_mw": 40, "cooling": "air"}]}
    halls = {
        "gpu_hall": TIGHT | {"racks": 120},
        "mining_hall": {"racks": 25, "kw_per_rack": 40, "oversubscription": 2, "gpus": 2_000},
    }
    b = bench({"space": halls, **fleet})
    b.play()
    assert float(b.lane["spot_gpus"]) == pytest.approx(1_750)
    assert float(b.lane["batch_free_gpus"]) == pytest.approx(1_250)
    assert float(b.lane["batch_room_mw"]) == pytest.approx(0, abs=1e-9)
    assert float(b.lane["hall_free_gpus"]) == pytest.approx(8_000 - 3_000 - 1_000)


@pytest.mark.parametrize(("racks", "runs"), [(130, False), (150, True)])
def test_a_gang_job_needs_power_in_the_gpu_hall(racks: int, runs: bool) -> None:
    """A job of 1,280 GPUs takes 1.024 MW; 40 kW a rack, less 2 MW idle, 1.6 of tenants and 0.8 of inference."""
    b = bench({"space.gpu_hall": TIGHT | {"racks": racks}}, jobs=[(4, 100, 1_280, 1_280 * 4, 2.0)])
    b.play()
    assert bool(b.lane["gang_running"][0]) == runs


def test_fleets_outside_do_not_load_the_mining_hall() -> None:
    fleets = [{"model": "S21", "nameplate_mw": 20}, {"model": "S21", "nameplate_mw": 20, "cooling": "air"}]
    hall = {"racks": 480, "kw_per_rack": 42}
    b = bench({"mining.fleets": fleets, "mining.control": "per_fleet", "space.mining_hall": hall})
    b.play(mining=-1.0, mining_1=1.0)
    assert float(b.lane["fleet_mw"][1]) > 10
    asleep = float(b.p["sleep_by_place"][0])
    assert b.observed("mining_hall_load_frac") == pytest.approx(2 * asleep / 20.16 - 1, abs=1e-6)
