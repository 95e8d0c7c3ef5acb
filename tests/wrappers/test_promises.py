"""What every wrapper keeps: both checkers' rules, seeds, pickles, saved states, vectors."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

from hybrid_env.env import HybridEnv
from hybrid_env.wrappers import (
    ConstraintCost,
    DiscreteActions,
    LastObservations,
    PriceActions,
    ResidualActions,
    SensorFaults,
    VectorReward,
)
from tests.faces.conftest import GIVEN, HORIZON
from tests.wrappers.conftest import plan

WRAPPERS: dict[str, Callable[[gymnasium.Env], gymnasium.Env]] = {
    "discrete": DiscreteActions,
    "cost": ConstraintCost,
    "residual": partial(ResidualActions, baseline="breakeven_peaks"),
    "price_space": PriceActions,
    "frames": partial(LastObservations, k=3),
    "sensors": partial(SensorFaults, dropout=0.2, delay=2, noise=0.05),
    "several": lambda env: LastObservations(ConstraintCost(PriceActions(env)), 2),
}
ALL = WRAPPERS | {"vector_reward": VectorReward}


@pytest.fixture(params=ALL)
def wrapped(request: pytest.FixtureRequest, env: HybridEnv) -> gymnasium.Env:
    return ALL[request.param](env)


def played(env: gymnasium.Env, actions: list[Any]) -> list[tuple]:
    """Everything an agent is told."""
    told = []
    for action in actions:
        seen, reward, terminated, truncated, info = env.step(action)
        costs = info.get("cost"), info.get("episode_cost")
        told.append((seen.tobytes(), np.asarray(reward).tobytes(), terminated, truncated, costs))
    return told


@pytest.mark.parametrize("name", WRAPPERS)
def test_gymnasiums_checker_has_nothing_to_say(name: str, env: HybridEnv) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*is different from the unwrapped version")  # that is the point here
        check_env(WRAPPERS[name](env), skip_render_check=True)


@pytest.mark.parametrize("name", WRAPPERS)
def test_stable_baselines_checker_has_nothing_to_say(name: str, env: HybridEnv) -> None:
    sb3 = pytest.importorskip("stable_baselines3.common.env_checker")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sb3.check_env(WRAPPERS[name](env), warn=True)


def test_the_same_seed_is_the_same_episode(wrapped: gymnasium.Env) -> None:
    actions = plan(wrapped)
    first = wrapped.reset(seed=3)[0].tobytes()
    told = played(wrapped, actions)
    assert wrapped.reset(seed=3)[0].tobytes() == first
    assert played(wrapped, actions) == told
    assert wrapped.reset(seed=4)[0].tobytes() != first


@pytest.mark.parametrize("copier", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_copy_made_mid_episode_goes_on_exactly(wrapped: gymnasium.Env, copier: Callable) -> None:
    actions = plan(wrapped)
    wrapped.reset(seed=0)
    played(wrapped, actions[:9])
    twin = copier(wrapped)
    assert played(twin, actions[9:]) == played(wrapped, actions[9:])
    assert twin.reset()[0].tobytes() == wrapped.reset()[0].tobytes()


def test_a_site_restored_underneath_goes_on_exactly(wrapped: gymnasium.Env) -> None:
    base: Any = wrapped.unwrapped
    actions = plan(wrapped)
    wrapped.reset(seed=0)
    played(wrapped, actions[:9])
    state = base.get_state()
    played(wrapped, actions[9:])
    first = base.get_state()
    base.set_state(state)
    assert base.get_state() == state
    if not isinstance(wrapped, ResidualActions):  # whose rule counts windows of its own
        played(wrapped, actions[9:])
        assert base.get_state() == first


def test_an_episode_can_begin_with_a_restored_state(wrapped: gymnasium.Env) -> None:
    actions = plan(wrapped)
    wrapped.reset(seed=0)
    base: Any = wrapped.unwrapped
    state = base.get_state()
    told = [t[1] for t in played(wrapped, actions)]
    fresh = pickle.loads(pickle.dumps(wrapped))
    fresh.unwrapped.set_state(state)
    assert [t[1] for t in played(fresh, actions)] == told


def test_stepping_needs_a_running_episode(wrapped: gymnasium.Env) -> None:
    action = plan(wrapped, 1)[0]
    with pytest.raises(gymnasium.error.ResetNeeded):
        wrapped.step(action)
    wrapped.reset(seed=0)
    played(wrapped, [action] * HORIZON)
    with pytest.raises(gymnasium.error.ResetNeeded):
        wrapped.step(action)


def test_another_environment_is_refused() -> None:
    for wrapper in ALL.values():
        with pytest.raises(TypeError, match=r"for a HybridEnv.*found CartPole"):
            wrapper(gymnasium.make("CartPole-v1"))


@pytest.mark.parametrize("name", WRAPPERS)
def test_gymnasiums_own_vectors_take_it(name: str) -> None:
    envs = SyncVectorEnv([lambda: WRAPPERS[name](HybridEnv(**GIVEN))] * 2)
    alone = WRAPPERS[name](HybridEnv(**GIVEN))
    seen, _ = envs.reset(seed=[3, 4])
    assert seen[0].tobytes() == alone.reset(seed=3)[0].tobytes()
    for action in plan(alone):
        seen, reward, *_ = envs.step(np.stack([action, action]))
        told = alone.step(action)
        assert seen[0].tobytes() == told[0].tobytes() and reward[0] == told[1]


@pytest.mark.parametrize("name", ["discrete", "residual", "price_space"])
def test_two_wrappers_do_not_both_set_the_sites_actions(name: str, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=r"PriceActions below it offers.*use one of the two"):
        WRAPPERS[name](PriceActions(env))


@pytest.mark.parametrize("name", ["residual", "price_space"])
@pytest.mark.parametrize("bad", [np.nan, 1.5, -np.inf])
def test_a_bad_action_is_named_and_moves_nothing(name: str, bad: float, env: HybridEnv) -> None:
    wrapped: Any = WRAPPERS[name](env)
    wrapped.reset(seed=0)
    before = env.get_state()
    action = np.zeros(len(wrapped.action_names))
    action[1] = bad
    with pytest.raises(ValueError, match=rf"{wrapped.action_names[1]!r}.*\[-1, 1\]"):
        wrapped.step(action)
    for misshapen in (action[1:], "off", [None] * len(action)):
        with pytest.raises(ValueError, match="action"):
            wrapped.step(misshapen)
    assert env.get_state() == before
