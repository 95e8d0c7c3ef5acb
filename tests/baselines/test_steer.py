"""What is wanted in megawatts comes out in megawatts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.steer import Target, hall_room_mw, open_training_gpus, steer
from hybrid_env.sim.action import BATTERY, MINING, SETPOINT, SPOT
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from tests.workbench import Workbench, site_with

LIMIT_MW = 90.0
COOL = {"fan_frac": 0, "free_cooling_below_c": 25, "mining_specific_kw_per_kw": 0, "setpoint_gain_frac_per_c": 0}
SITE = site_with({"meter.import_limit_mw": LIMIT_MW, "cooling": {"capacity_mw": 300, "gpu_hall_mj_per_k": 1} | COOL})
CHILLER, IDLE_MW, SLEEP_MW, POOL = 0.03, 2.0, 0.4, 7_000
"""GPUs: 2,000 reserved, 1,000 of 2,000 asked for by inference, 7,000 left; 0.8 kW each above idle."""
KW = 0.8e-3


def bench(backlog_gpu_h: float) -> Workbench:
    """The site at a calm moment with some small jobs open."""
    w = Workbench(SITE)
    w.lane["bucket_gpu_h"][1] = backlog_gpu_h
    w.lane["setpoint_c"] = w.lane["gpu_hall_c"] = SITE.cooling.setpoint_max_c
    return w


def feasible(w: Workbench, seed: int, **gpus: float) -> Target:
    """A target that the site can do: mining, tenants, inference and battery at random; `gpus` for the rest."""
    rng = np.random.default_rng(seed)
    battery = float(rng.uniform(-15, 15))
    reserved, inference = 1.6 * float(rng.uniform(0.7, 1)), 0.8 * float(rng.uniform(0.5, 1))
    gpu = reserved + inference + gpus.get("training_mw", 0) + gpus.get("spot_mw", 0) + IDLE_MW
    room = LIMIT_MW - (1 + CHILLER) * gpu - SLEEP_MW + battery
    mining = float(rng.uniform(0, 1)) * min(room, float(w.p["mining_max_mw"]))
    rest: dict[str, Any] = {"training_mw": 0.0, "training_gpus": 0.0, "spot_mw": 0.0, "spot_gpus": 0.0} | gpus
    return Target(
        mining_mw=np.array([mining]), spare_mw=room - mining, mining_plant_mw=300 - (1 + CHILLER) * gpu,
        reserved_mw=reserved, inference_mw=inference, battery_mw=battery, tenant_load=1.0, inference_load=0.5, **rest,
    )  # fmt: skip


def reached(w: Workbench, target: Target) -> dict[str, float]:
    """Megawatts by use after one interval steered to a target."""
    w.batch.step(steer(w.p, w.lane, target)[None])
    mwh = w.batch.ledger["mwh"][0]
    found = {f"{use}_mw": float(w.lane[f"{use}_mw"]) for use in ("reserved", "inference", "training", "spot")}
    charged, discharged = (float(mwh[MWH_ACCOUNTS.index(f"battery_{way}")]) for way in ("charge", "discharge"))
    return found | {
        "mining_mw": w.lane["fleet_mw"][: len(target.mining_mw)].copy(),
        "battery_mw": (discharged - charged) * 4,
    }


def assert_reached(w: Workbench, target: Target) -> None:
    for name, mw in reached(w, target).items():
        assert mw == pytest.approx(getattr(target, name), abs=0.005), name


SEEDS = pytest.mark.parametrize("seed", range(5))


@SEEDS
def test_training_on_all_gpus_under_a_cap(seed: int) -> None:
    w = bench(1e6)
    mw = POOL * KW * (0.5 + 0.1 * seed)
    assert_reached(w, feasible(w, seed, training_mw=mw, training_gpus=POOL))


@SEEDS
def test_training_on_some_gpus_at_the_knee(seed: int) -> None:
    w = bench(1e6)
    gpus = POOL * (0.1 + 0.15 * seed)
    assert_reached(w, feasible(w, seed, training_mw=gpus * KW / 2, training_gpus=gpus))


@SEEDS
def test_spot_on_all_gpus_it_takes_under_a_cap(seed: int) -> None:
    w = bench(0)
    assert_reached(w, feasible(w, seed, spot_mw=2_000 * KW * (0.5 + 0.1 * seed), spot_gpus=2_000))


@SEEDS
def test_spot_on_some_gpus_at_the_knee(seed: int) -> None:
    w = bench(0)
    gpus = 2_000 * (0.1 + 0.15 * seed)
    assert_reached(w, feasible(w, seed, spot_mw=gpus * KW / 2, spot_gpus=gpus))


def test_training_in_full_with_spot_on_what_it_leaves() -> None:
    w = bench(3_000 * 0.25)
    target = feasible(w, 0, training_mw=3_000 * KW, training_gpus=3_000, spot_mw=2_000 * KW, spot_gpus=2_000)
    assert_reached(w, target)


def test_no_more_gpus_are_rented_out_than_the_market_takes() -> None:
    """A plan in megawatts names the most GPUs that may be meant: 4,000 at half power are 2,000 in full."""
    w = bench(0)
    target = feasible(w, 0, spot_mw=2_000 * KW, spot_gpus=4_000)
    assert steer(w.p, w.lane, target)[SPOT] == 1
    assert_reached(w, target)


def test_what_cannot_be_done_is_done_as_far_as_it_goes() -> None:
    w = bench(0)
    much = replace(
        feasible(w, 0), mining_mw=np.array([1_000.0]), spare_mw=0, battery_mw=500, reserved_mw=50, inference_mw=0
    )
    action = steer(w.p, w.lane, much)
    assert (np.abs(action) <= 1).all() and action.dtype == np.float32
    assert action[MINING] == action[BATTERY] == action[SETPOINT] == 1


def test_mining_is_limited_by_the_heat_its_hall_can_take() -> None:
    """300 MJ/K from 33 to 47 C take 1.17 MWh: 4.67 MW in a quarter of an hour, on top of what the plant takes."""
    w = Workbench(site_with({"cooling.mining_hall_mj_per_k": 300}))
    w.lane["mining_hall_c"] = 33
    assert hall_room_mw(w.p, w.lane, 10.0) == pytest.approx(10 + 4.0 * 300 * 14 / 3_600 - SLEEP_MW)
    assert hall_room_mw(w.p, w.lane, -50.0) == 0


def test_open_training_work_counts_gangs_and_what_small_jobs_could_fill_now() -> None:
    w = bench(100)
    w.lane["n_gang"] = 2
    w.lane["gang_gpus"][:3] = 256, 512, 4_096
    assert open_training_gpus(w.p, w.lane) == 256 + 512 + 400


def test_without_a_battery_none_is_asked_for() -> None:
    w = Workbench(site_with({"battery": None}))
    assert steer(w.p, w.lane, replace(feasible(w, 0), battery_mw=10))[BATTERY] == 0
