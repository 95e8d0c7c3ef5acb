"""The training reward is the ledger, less a baseline no action changes; episode infos stay true."""

from __future__ import annotations

import numpy as np
import pytest

from agents.config import Reward
from agents.training_env import TrainingEnv, expected_peak_weight, month_to_date
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.sim.action import MINING
from hybrid_env.traces.library import Library
from tests.agents.tiny import tiny_task

LANES = 4


@pytest.fixture(scope="module")
def traces() -> tuple:
    return tiny_task().library("train").traces


def make(traces: tuple, **reward: object) -> TrainingEnv:
    sites = HybridVecEnv(LANES, horizon_rows=48, traces=traces)
    sites.seed(0)
    return TrainingEnv(sites, ("mining", "battery"), Reward.model_validate(reward))


def test_plain_reward_is_the_ledgers_money_without_leftovers(traces: tuple) -> None:
    env = make(traces, paired=False, expected_peaks=False, scale_usd=1_000, clip=1e9)
    env.reset()
    plain = HybridVecEnv(LANES, horizon_rows=48, traces=traces)
    plain.seed(0)
    plain.reset()
    for _ in range(10):
        _, mine, _, _ = env.step(np.tile([1.0, 0.0], (LANES, 1)).astype(np.float32))
        _, true, _, _ = plain.step(env.fixed)
        np.testing.assert_allclose(mine, true, rtol=1e-5)


def test_naive_earns_next_to_nothing_when_paired(traces: tuple) -> None:
    env = make(traces, clip=1e9)
    env.reset()
    sums, size = np.zeros(LANES), np.zeros(LANES)
    for _ in range(40):
        _, reward, _, _ = env.step(np.tile([1.0, 0.0], (LANES, 1)).astype(np.float32))
        sums += reward * env.reward.scale_usd
        size += np.abs(env.site.batch.ledger["usd"]).sum(axis=1)
    assert np.all(np.abs(sums) < 0.1 * size)


def test_the_pair_does_not_depend_on_what_the_agent_does(traces: tuple) -> None:
    env = make(traces)
    assert env.paired_usd is not None
    before = env.paired_usd.copy()
    env.reset()
    for _ in range(5):
        env.step(-np.ones((LANES, 2), np.float32))
    np.testing.assert_array_equal(env.paired_usd, before)


def test_actions_that_are_not_free_stay_naives(traces: tuple) -> None:
    env = make(traces)
    whole = env.whole(-np.ones((LANES, 2), np.float32))
    assert np.all(whole[:, MINING] == -1)
    others = [k for k, name in enumerate(env.site.batch.action_names) if name not in {"mining", "battery"}]
    np.testing.assert_array_equal(whole[:, others], env.fixed[:, others])


def test_reward_is_clipped_and_episode_infos_are_the_sites_own(traces: tuple) -> None:
    env = make(traces, clip=0.001)
    env.reset()
    dones, infos = np.zeros(LANES, np.bool_), []
    for _ in range(48):
        _, reward, dones, infos = env.step(-np.ones((LANES, 2), np.float32))
        assert np.all(np.abs(reward) <= 0.001 + 1e-9)
    assert dones.all()
    scale = env.site.batch.site.reward_scale_usd
    for info in infos:
        assert info["episode"]["r"] == pytest.approx(info["ledger_usd"].sum() / scale)


def test_expected_peak_weight_keeps_the_years_charge(traces: tuple) -> None:
    library = Library.of(traces)
    expected = expected_peak_weight(library)
    assert expected.sum() == pytest.approx(library.rows["cp_weight"].sum())
    assert (expected > 0).sum() > (library.rows["cp_weight"] > 0).sum()


def test_month_to_date_looks_back_within_the_month_only() -> None:
    found = month_to_date(np.array([[3.0, 1.0, 5.0, 2.0, 4.0]]), np.array([[1, 1, 1, 2, 2]]))
    np.testing.assert_array_equal(found, [[0, 3, 3, 0, 2]])
