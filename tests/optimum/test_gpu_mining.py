"""Proof of work in the programme: only in cheap hours, and a bound that nobody beats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.registry import make_policy
from hybrid_env.batch import Batch
from hybrid_env.traces.library import Library
from tests.optimum.played import Episode, climbed
from tests.optimum.tiny import prices, solved
from tests.strategies import actions, wild_trace
from tests.workbench import FULL, calm_trace, column, site_with

COIN: dict[str, Any] = {"gpu_pow_usd_per_gpu_h": 0.03}
"""0.03 USD for 0.6 kWh: worth it below 50 USD/MWh, cooling included."""
IDLE = 5_000


def mines(switch_s: float = 300) -> dict[str, Any]:
    """Changes to the bench site that let its GPUs mine."""
    return {"gpu.gpu_mining": {"power_frac": 0.75, "switch_s": switch_s}, "battery": None}


def test_idle_gpus_mine_while_energy_is_cheap() -> None:
    x = solved(mines(), **COIN, **prices({row: 100 for row in range(8, 16)}))
    np.testing.assert_allclose(x["pow_gpus"][:8], IDLE)
    np.testing.assert_allclose(x["pow_gpus"][8:16], 0, atol=1e-6)
    np.testing.assert_allclose(x["pow_gpus"][16:], IDLE)
    np.testing.assert_allclose(np.flatnonzero(x["pow_switched"] > 1e-6), [16])


def test_it_costs_the_switching_time_to_come_back() -> None:
    free = solved(mines(0), **COIN, **prices({8: 100}))
    slow = solved(mines(), **COIN, **prices({8: 100}))
    assert free.usd - slow.usd == pytest.approx(IDLE * 0.03 * 300 / 3_600, rel=1e-6)


def test_a_cut_of_one_row_is_ridden_through_where_switching_is_dear() -> None:
    x = solved(mines(900), **COIN, **prices({8: 55}))
    np.testing.assert_allclose(x["pow_gpus"], IDLE)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_beats_the_bound(seed: int) -> None:
    site = site_with({"gpu.gpu_mining": {"switch_s": 600}, "gpu.gpus": 6_000})
    episode = Episode(site, wild_trace(seed), 8, 24, np.full(8, 0.5))
    best = episode.bound().value_usd
    assert episode.usd(actions(seed, 24, 32).transpose(1, 0, 2)).max() <= best + 1e-4
    everything = np.tile(np.array(list(FULL.values()), np.float32), (24, 1))
    assert climbed(episode, everything, 20, seed) <= best + 1e-4


@pytest.mark.parametrize("name", ["market_clearing", "mpc", "plan_replay"])
def test_policies_mine_in_cheap_hours_alone(name: str) -> None:
    price = column({row: 100 for row in range(8, 12)}, 30)
    trace = calm_trace(**COIN, price_rt_usd_per_mwh=price, price_lmp_usd_per_mwh=price)
    batch = Batch(site_with(mines()), Library([trace]), 1)
    batch.begin(np.zeros(1, np.int64), np.array([[0, 4, 16]]), np.full((1, 8), 0.0))
    policy = make_policy(name)
    policy.reset(batch)
    mining = []
    for _ in range(12):
        batch.step(policy.act(batch))
        mining.append(float(batch.lanes["pow_gpus"][0]))
    assert max(mining[4:8]) == 0 and min(mining[:4]) > 0.9 * IDLE and min(mining[8:]) > 0.9 * IDLE
