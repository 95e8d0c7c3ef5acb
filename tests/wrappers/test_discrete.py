"""A named list of joint actions."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import ActionError
from hybrid_env.env import HybridEnv
from hybrid_env.wrappers.discrete import MOST_ACTIONS, DiscreteActions, joint_actions
from hybrid_env.wrappers.own import places, site_actions

USUAL = ("mining", "reserved", "inference", "training", "spot", "battery", "setpoint")


def test_the_standard_list_is_every_mix_of_mining_battery_and_batch_work() -> None:
    found = joint_actions(USUAL)
    assert len(found) == 3 * 3 * 4
    assert found["mining half, battery charging, no spot"] == {"mining": 0, "battery": -1, "spot": -1, "training": 1}


def test_the_first_joint_action_is_naive(env: HybridEnv) -> None:
    wrapped = DiscreteActions(env)
    np.testing.assert_array_equal(wrapped.action(0), Naive().act(env.batch)[0, places(site_actions(env))])


def test_reserves_join_where_the_site_has_them_and_the_list_stays_readable() -> None:
    found = joint_actions((*USUAL, "reserve_0", "reserve_1"))
    assert len(found) == 3 * 3 * 3 * 2 <= MOST_ACTIONS
    offered = found["mining full, battery idle, all work, all reserves"]
    assert offered["reserve_0"] == offered["reserve_1"] == 1
    assert not any("no training" in label.split(", ") for label in found)


def test_all_fleets_move_together() -> None:
    found = joint_actions((*USUAL, "mining_1", "gpu_mining"))
    off = found["mining off, battery idle, all work"]
    assert off["mining"] == off["mining_1"] == -1 and "gpu_mining" not in off


def test_what_a_site_lacks_takes_no_room() -> None:
    assert list(joint_actions(("mining", "reserved"))) == ["mining full", "mining half", "mining off"]
    assert len(joint_actions(("training", "spot", "battery"))) == 3 * 4
    assert len(joint_actions(("mining", "spot"))) == 3 * 2


def test_no_two_joint_actions_are_the_same() -> None:
    for names in (USUAL, (*USUAL, "reserve_0"), ("mining", "training", "battery")):
        mixes = [tuple(sorted(values.items())) for values in joint_actions(names).values()]
        assert len(set(mixes)) == len(mixes)


def test_a_list_of_ones_own_leaves_the_rest_to_naive(env: HybridEnv) -> None:
    wrapped = DiscreteActions(env, {"as ever": {}, "rest": {"mining": -1, "battery": 0.5}})
    assert wrapped.labels == ("as ever", "rest") and wrapped.action_space == spaces.Discrete(2)
    usual, rest = wrapped.action_names_of(0), wrapped.action_names_of(1)
    assert tuple(usual) == site_actions(env)
    assert {name: value for name, value in rest.items() if value != usual[name]} == {"mining": -1, "battery": 0.5}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "from 1 to 64 joint actions; found 0"),
        ({str(i): {} for i in range(65)}, "from 1 to 64 joint actions; found 65"),
        ({"rest": {"minning": -1}}, "joint action 'rest': unknown name 'minning'; known here: mining, "),
        ({"rest": {"mining": -3}}, r"joint action 'rest': mining = -3; a number in \[-1, 1\]"),
        ({"rest": {"mining": float("nan")}}, "mining = nan"),
    ],
)
def test_an_impossible_list_is_refused(given: dict, message: str, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=message):
        DiscreteActions(env, given)


@pytest.mark.parametrize("bad", [-1, 64, 1.5, np.array([1]), None, "0"])
def test_what_is_not_in_the_list_is_refused(bad: object, env: HybridEnv) -> None:
    wrapped = DiscreteActions(env)
    wrapped.reset(seed=0)
    with pytest.raises(ActionError, match="a joint action is a whole number from 0 to "):
        wrapped.step(bad)  # type: ignore[arg-type]


def test_a_joint_action_plays_like_the_box_action_it_names(env: HybridEnv) -> None:
    wrapped = DiscreteActions(env)
    for index in (0, 7, len(wrapped.labels) - 1):
        wrapped.reset(seed=1)
        listed = wrapped.step(np.int64(index))
        env.reset(seed=1)
        assert env.step(np.array(list(wrapped.action_names_of(index).values())))[1] == listed[1]


def test_a_table_cannot_be_spoiled_from_outside(env: HybridEnv) -> None:
    wrapped = DiscreteActions(env)
    wrapped.action(0)[:] = 0.3
    np.testing.assert_array_equal(wrapped.action(0), Naive().act(env.batch)[0, places(site_actions(env))])


def test_dqn_learns_on_it(env: HybridEnv) -> None:
    sb3 = pytest.importorskip("stable_baselines3")
    model = sb3.DQN("MlpPolicy", DiscreteActions(env), learning_starts=50, buffer_size=500, seed=0, device="cpu")
    before = {name: value.clone() for name, value in model.q_net.state_dict().items()}
    model.learn(300)
    assert model.num_timesteps == 300
    assert any(not value.equal(before[name]) for name, value in model.q_net.state_dict().items())
