"""Readings that are lost, late or noisy."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from hybrid_env.env import HybridEnv
from hybrid_env.traces.schema import CALENDAR
from hybrid_env.vector_env import HybridVectorEnv
from hybrid_env.wrappers import LastObservations, SensorFaults, VectorSensorFaults
from hybrid_env.wrappers.sensors import GROUPS
from tests.faces.conftest import GIVEN, HORIZON
from tests.wrappers.conftest import plan

FAULTS: dict[str, Any] = {"dropout": 0.3, "delay": 2, "noise": 0.1}


def group_of(env: HybridEnv) -> np.ndarray:
    """Name of each field's group, "calendar" for those without."""
    return np.array(["calendar" if f.name in CALENDAR else f.known for f in env.batch.fields])


def shown_and_true(env: HybridEnv, seed: int = 0, **faults: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An episode's shown observations, ages [T, groups], and what was true, [T, D]."""
    wrapped = SensorFaults(env, **faults)
    shown = [wrapped.reset(seed=seed)[0]]
    true = [env.batch.observations[0].copy()]
    for action in plan(env):
        shown.append(wrapped.step(action)[0])
        true.append(env.batch.observations[0].copy())
    seen = np.array(shown)
    ages = seen[:, -len(GROUPS) :].astype(np.float64)
    return seen[:, : -len(GROUPS)], ages / (1 - ages), np.array(true)


def test_without_faults_all_is_shown_and_new(env: HybridEnv) -> None:
    shown, ages, true = shown_and_true(env)
    np.testing.assert_array_equal(shown, true)
    assert (ages == 0).all()


def test_late_readings_are_those_of_k_intervals_ago_but_the_calendar_is_never_late(env: HybridEnv) -> None:
    shown, ages, true = shown_and_true(env, delay=3)
    late = group_of(env) != "calendar"
    np.testing.assert_array_equal(shown[3:, late], true[:-3, late])
    np.testing.assert_array_equal(shown[:3, late], np.repeat(true[:1, late], 3, axis=0))
    np.testing.assert_array_equal(shown[:, ~late], true[:, ~late])
    np.testing.assert_allclose(ages, np.minimum(np.arange(len(ages)), 3)[:, None] * np.ones(len(GROUPS)), rtol=1e-5)


def test_lost_readings_leave_the_last_good_ones_and_their_age_says_how_old_they_are(env: HybridEnv) -> None:
    shown, ages, true = shown_and_true(env, dropout=0.5)
    assert ages.max() >= 2 and 0.3 < (ages[1:] > 0).mean() < 0.7
    for g, name in enumerate(GROUPS):
        fields = group_of(env) == name
        assert fields.any(), name
        for t in range(len(true)):
            np.testing.assert_array_equal(shown[t, fields], true[t - round(ages[t, g]), fields])
    assert not (ages[:, 0] == ages[:, 1]).all()  # groups fail each by itself


def test_only_the_named_groups_drop_out(env: HybridEnv) -> None:
    _, ages, _ = shown_and_true(env, dropout={"forecast": 0.6})
    assert ages[:, GROUPS.index("forecast")].max() > 0
    assert np.delete(ages, GROUPS.index("forecast"), axis=1).max() == 0


def test_noise_has_its_size_and_stays_in_the_space(env: HybridEnv) -> None:
    shown, _, true = shown_and_true(env, noise=0.05)
    noisy = group_of(env) != "calendar"
    inside = (np.abs(true) < 0.8) & noisy
    assert (shown - true)[inside].std() == pytest.approx(0.05, rel=0.05)
    assert abs((shown - true)[inside].mean()) < 0.005
    assert np.abs(shown).max() <= 1
    np.testing.assert_array_equal(shown[:, ~noisy], true[:, ~noisy])


def test_late_and_lost_add_up(env: HybridEnv) -> None:
    shown, ages, true = shown_and_true(env, dropout=0.4, delay=2)
    for g, name in enumerate(GROUPS):
        fields = group_of(env) == name
        for t in range(len(true)):
            np.testing.assert_array_equal(shown[t, fields], true[t - round(ages[t, g]), fields])
    assert (ages[2:] >= 2).all()


def test_two_policies_meet_the_same_faults_and_episodes_meet_others(env: HybridEnv) -> None:
    wrapped = SensorFaults(env, **FAULTS)
    rng = np.random.default_rng(0)

    def ages(seed: int | None, still: bool) -> np.ndarray:
        wrapped.reset(seed=seed)
        size = wrapped.action_space.shape or ()
        steps = [wrapped.step(np.zeros(size) if still else rng.uniform(-1, 1, size))[0] for _ in range(HORIZON)]
        return np.array(steps)[:, -len(GROUPS) :]

    first, second = ages(3, still=True), ages(None, still=True)
    np.testing.assert_array_equal(first, ages(3, still=False))
    np.testing.assert_array_equal(second, ages(None, still=False))
    assert (first != second).any() and (first != ages(4, still=True)).any()


def test_what_is_earned_is_the_same(env: HybridEnv) -> None:
    wrapped, plain = SensorFaults(env, **FAULTS), HybridEnv(**GIVEN)
    wrapped.reset(seed=1)
    plain.reset(seed=1)
    for action in plan(env):
        assert wrapped.step(action)[1:4] == plain.step(action)[1:4]


def test_what_was_shown_is_never_written_again(env: HybridEnv) -> None:
    wrapped = SensorFaults(env, **FAULTS)
    kept = [wrapped.reset(seed=0)[0]]
    copies = [kept[0].copy()]
    for action in plan(env)[:5]:
        kept.append(wrapped.step(action)[0])
        copies.append(kept[-1].copy())
    np.testing.assert_array_equal(kept, copies)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"dropout": 1.0}, "probability from 0 and below 1"),
        ({"dropout": {"state": -0.1}}, "dropout of 'state'"),
        ({"dropout": {"radio": 0.1}}, "unknown name 'radio'; known here: now, settled, forecast, state"),
        ({"delay": -1}, "whole number"),
        ({"delay": 1.5}, "whole number"),
        ({"noise": float("nan")}, "standard deviation from 0"),
    ],
)
def test_impossible_faults_are_named(faults: dict[str, Any], message: str, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=message):
        SensorFaults(env, **faults)


def test_it_goes_next_to_the_site(env: HybridEnv) -> None:
    assert LastObservations(SensorFaults(env), 2).reset(seed=0)[0].shape == (2 * (len(env.batch.fields) + 4),)
    with pytest.raises(TypeError, match=r"LastObservations below shows.*wrap it around SensorFaults"):
        SensorFaults(LastObservations(env, 2))


def test_without_a_seed_faults_differ_from_environment_to_environment() -> None:
    ages = []
    for _ in range(2):
        wrapped = SensorFaults(HybridEnv(**GIVEN), dropout=0.5)
        wrapped.reset()
        ages.append(np.array([wrapped.step(action)[0][-4:] for action in plan(wrapped)]))
    assert (ages[0] != ages[1]).any()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_each_lane_of_a_vector_is_a_single_site(mode: AutoresetMode) -> None:
    n = 3
    envs = VectorSensorFaults(HybridVectorEnv(n, autoreset_mode=mode, **GIVEN), **FAULTS)
    singles = [SensorFaults(HybridEnv(**GIVEN), **FAULTS) for _ in range(n)]
    seen, _ = envs.reset(seed=5)
    for i, single in enumerate(singles):
        np.testing.assert_array_equal(seen[i], single.reset(seed=5 + i)[0])
    actions = plan(singles[0], HORIZON + 6)
    over = False
    for action in actions:
        shown, reward, _, truncated, infos = envs.step(np.repeat(action[None], n, axis=0))
        assert envs.observation_space.contains(shown)
        for i, single in enumerate(singles):
            if over:  # NEXT_STEP: this step began the next episode
                np.testing.assert_array_equal(shown[i], single.reset()[0])
                continue
            expected, earned, _, ends, _ = single.step(action)
            assert (reward[i], truncated[i]) == (earned, ends)
            if ends and mode == AutoresetMode.SAME_STEP:
                np.testing.assert_array_equal(infos["final_obs"][i], expected)
                expected, _ = single.reset()
            np.testing.assert_array_equal(shown[i], expected)
        over = bool(truncated.all()) and mode == AutoresetMode.NEXT_STEP
        if truncated.all() and mode == AutoresetMode.DISABLED:
            shown, _ = envs.reset(options={"reset_mask": np.array([True, False, True])})
            for i in (0, 2):
                np.testing.assert_array_equal(shown[i], singles[i].reset()[0])
            return


def test_a_vector_without_a_seed_or_with_some_has_luck_of_its_own() -> None:
    envs = VectorSensorFaults(HybridVectorEnv(2, **GIVEN), dropout=0.5)
    envs.reset()
    envs.reset(seed=[7, None])
    single = SensorFaults(HybridEnv(**GIVEN), dropout=0.5)
    single.reset(seed=7)
    for action in plan(single)[:8]:
        shown = envs.step(np.repeat(action[None], 2, axis=0))[0]
        np.testing.assert_array_equal(shown[0], single.step(action)[0])


def test_another_vector_is_refused() -> None:
    with pytest.raises(TypeError, match="for a HybridVectorEnv; found SyncVectorEnv"):
        VectorSensorFaults(gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="sync"))
