"""Three rewards in place of one."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import TransformReward

from hybrid_env.env import HybridEnv
from hybrid_env.wrappers.vector_reward import VectorReward
from tests.wrappers.conftest import plan


def test_profit_carbon_and_service_are_the_ledgers(env: HybridEnv) -> None:
    wrapped = VectorReward(env, sla_scale_gpu_h=500)
    wrapped.reset(seed=2)
    unserved = 0.0
    for action in plan(env):
        _, rewards, _, _, info = wrapped.step(action)
        kg = info["ledger_kg"][env.kg_accounts.index("carbon_location")]
        gpu_h = sum(info["work"][env.work_measures.index(f"gpu_h_{name}")] for name in ("undelivered", "late"))
        profit = info["ledger_usd"].sum() / env.batch.site.reward_scale_usd
        np.testing.assert_allclose(rewards, [profit, -kg / 1_000, -gpu_h / 500], rtol=1e-6)
        assert rewards.dtype == np.float32 and wrapped.reward_space.contains(rewards)
        unserved += gpu_h
    assert unserved > 0


def test_tools_that_look_at_the_base_find_the_reward_space_there(env: HybridEnv) -> None:
    """MO-Gymnasium reads `env.unwrapped.reward_space`; so must a copy made by pickling offer it."""
    wrapped = VectorReward(env)
    for one in (wrapped, pickle.loads(pickle.dumps(wrapped))):
        assert vars(one.unwrapped)["reward_space"].shape == (3,) == one.get_wrapper_attr("reward_space").shape


def test_a_weighted_sum_makes_it_an_ordinary_environment_again(env: HybridEnv) -> None:
    weights = np.array([1.0, 0.1, 0.5])
    summed = TransformReward(VectorReward(env), lambda r: float(r @ weights))  # type: ignore[operator]
    with pytest.warns(UserWarning, match="different from the unwrapped version"):
        check_env(summed, skip_render_check=True)


def test_its_names_go_with_its_numbers(env: HybridEnv) -> None:
    wrapped = VectorReward(env)
    assert wrapped.reward_names == ("profit", "carbon", "sla")
    assert wrapped.reward_space.shape == (len(wrapped.reward_names),)


@pytest.mark.parametrize("scale", [0, -1, float("inf"), float("nan")])
def test_a_scale_is_positive(scale: float, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match="sla_scale_gpu_h must be a positive number"):
        VectorReward(env, scale)
