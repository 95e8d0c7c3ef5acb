"""Corrections to a baseline."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.registry import RULES, PolicyError, make_policy
from hybrid_env.baselines.rules import Breakeven
from hybrid_env.env import HybridEnv
from hybrid_env.wrappers.own import places, site_actions
from hybrid_env.wrappers.residual import ResidualActions
from tests.faces.conftest import GIVEN, HORIZON


@pytest.mark.parametrize("name", RULES)
def test_the_zero_action_is_the_baseline_to_the_bit(name: str, env: HybridEnv) -> None:
    wrapped, policy, alone = ResidualActions(env, name), make_policy(name), HybridEnv(**GIVEN)
    own = places(site_actions(alone))
    for seed in (0, 1):
        seen, _ = wrapped.reset(seed=seed)
        assert seen.tobytes() == alone.reset(seed=seed)[0].tobytes()
        policy.reset(alone.batch)
        for _ in range(HORIZON):
            told = wrapped.step(np.zeros(len(wrapped.action_names), np.float32))
            expected = alone.step(policy.act(alone.batch)[0, own])
            assert told[0].tobytes() == expected[0].tobytes() and told[1] == expected[1]


def test_an_action_moves_the_baseline_by_its_scale_and_stops_at_the_ends(env: HybridEnv) -> None:
    wrapped = ResidualActions(env, "naive", scale=0.5)
    wrapped.reset(seed=0)
    n = len(wrapped.action_names)
    usual, up, down = (dict(zip(wrapped.action_names, wrapped.action([a] * n), strict=True)) for a in (0, 1, -0.5))
    assert (usual["mining"], up["mining"], down["mining"]) == (1, 1, 0.75)
    assert (usual["battery"], up["battery"], down["battery"]) == (0, 0.5, -0.25)


def test_scale_by_name_offers_only_what_it_names(env: HybridEnv) -> None:
    wrapped = ResidualActions(env, "naive", scale={"battery": 1.0, "mining": 0.2})
    wrapped.reset(seed=0)
    assert wrapped.action_names == ("mining", "battery") and wrapped.action_space.shape == (2,)
    usual, moved = wrapped.action([0, 0]), wrapped.action([-1, -1])
    names = site_actions(env)
    changed = {names[i]: float(moved[i]) for i in np.flatnonzero(usual != moved)}
    assert changed == {"mining": pytest.approx(0.8), "battery": -1}


@pytest.mark.parametrize(("action", "moved"), [(0.2, 0), (-0.2, 0), (0.6, 0.5), (-0.6, -0.5), (1, 1), (-1, -1)])
def test_in_the_dead_zone_nothing_moves_and_beyond_it_the_reach_is_whole(
    action: float, moved: float, env: HybridEnv
) -> None:
    wrapped = ResidualActions(env, "naive", scale={"battery": 0.8, "mining": 1}, dead_zone={"battery": 0.2})
    wrapped.reset(seed=0)
    battery = wrapped.action([0, action])[site_actions(env).index("battery")]
    assert battery == pytest.approx(0.8 * moved)


def test_a_policy_of_ones_own_is_taken_too(env: HybridEnv) -> None:
    policy = Breakeven(windows_down=1)
    assert ResidualActions(env, policy).baseline is policy


def test_a_stateful_baseline_forgets_the_last_episode(env: HybridEnv) -> None:
    wrapped = ResidualActions(env, "breakeven")
    still = np.zeros(len(wrapped.action_names), np.float32)
    paid = []
    for _ in range(2):
        wrapped.reset(seed=1)
        paid.append([wrapped.step(still)[1] for _ in range(HORIZON)])
    assert paid[0] == paid[1]


def test_an_unknown_baseline_is_refused(env: HybridEnv) -> None:
    with pytest.raises(PolicyError, match="there is no policy 'naiv'"):
        ResidualActions(env, "naiv")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scale": 0.0}, "scale: mining = 0.0; a number above 0 and up to 2"),
        ({"scale": {"battery": 2.5}}, "scale: battery = 2.5"),
        ({"scale": {}}, "names no action"),
        ({"scale": {"bat": 1.0}}, "scale: unknown name 'bat'; known here: mining"),
        ({"dead_zone": 1.0}, "dead_zone: mining = 1.0; a number from 0 and below 1"),
        (
            {"scale": {"battery": 1.0}, "dead_zone": {"mining": 0.1}},
            "dead_zone: unknown name 'mining'; known here: batt",
        ),
    ],
)
def test_impossible_figures_are_refused(given: dict, message: str, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=message):
        ResidualActions(env, "naive", **given)
