"""Halls in the programme: the limits themselves, and that no play gets past them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.optimum.played import Episode, climbed, everything
from tests.optimum.tiny import solved
from tests.strategies import wild_trace
from tests.workbench import site_with

TIGHT = {"racks": 125, "kw_per_rack": 40, "oversubscription": 2}
BESIDE = {"racks": 1_100, "kw_per_rack": 40, "gpus": 2_000}
ROOMS: dict[str, Any] = {
    "space": {"gpu_hall": TIGHT | {"racks": 100}, "mining_hall": BESIDE},
    "gpu.on_demand": {"peak_gpus": 4_000},
    "gpu.gpu_mining": {"power_frac": 0.5},
}


def test_a_gpu_hall_carries_no_more_than_its_racks() -> None:
    x = solved({"space.gpu_hall": TIGHT})
    power = x["reserved_mw"] + x["inference_mw"] + x["spot_mw"]
    np.testing.assert_allclose(power, 3.0)
    assert x.usd < solved().usd


def test_batch_work_beside_the_miners_takes_from_their_power() -> None:
    x = solved({"space.mining_hall": BESIDE, "battery": None})
    miners = x["mining_mw"][:, 0] + float(x.p["sleep_mw"])
    assert (x["batch_hall_mw"] <= 1.6 + 1e-9).all()
    assert (miners + 0.4 + x["batch_hall_mw"] <= 44 + 1e-9).all()


def test_gang_jobs_have_the_gpus_of_the_gpu_hall() -> None:
    # 2,000 free GPUs at most, of 7,000
    jobs = [(0, 40, 6_400, 6_400 * 20, 3.0)]
    hall = {"racks": 3_000, "kw_per_rack": 42, "gpus": 5_000}
    every, some = solved(jobs=jobs, n=16), solved({"space.mining_hall": hall}, jobs=jobs, n=16)
    assert every["gang_gpu_h"].max() > 2_001
    assert some["gang_gpu_h"].max() <= 2_000 + 1e-6


def test_a_site_without_halls_takes_no_room() -> None:
    x = solved(n=4)
    assert not {"gpu_hall_racks", "mining_hall_racks", "gang_places"} & set(x.site.lp.constraints)


@pytest.mark.parametrize("seed", range(2))
def test_no_play_earns_more_than_the_bound(seed: int) -> None:
    episode = Episode(site_with(ROOMS), wild_trace(seed), 8, 24, np.full(8, 0.5))
    limit = episode.bound().value_usd
    assert climbed(episode, everything(24), 12, seed) <= limit + 1e-4
    free = Episode(site_with({k: v for k, v in ROOMS.items() if k != "space"}), episode.trace, 8, 24, episode.luck)
    assert limit < free.bound().value_usd
