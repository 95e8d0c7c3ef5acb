"""The last observations as one."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from hybrid_env.batch import StateError
from hybrid_env.env import HybridEnv
from hybrid_env.wrappers.discrete import DiscreteActions
from hybrid_env.wrappers.frames import LastObservations
from tests.faces.conftest import GIVEN
from tests.wrappers.conftest import plan


def test_it_shows_what_gymnasiums_own_wrappers_show(env: HybridEnv) -> None:
    own = LastObservations(env, 3)
    theirs = gymnasium.wrappers.FlattenObservation(gymnasium.wrappers.FrameStackObservation(HybridEnv(**GIVEN), 3))
    assert own.observation_space == theirs.observation_space
    for seed in (0, 1):
        np.testing.assert_array_equal(own.reset(seed=seed)[0], theirs.reset(seed=seed)[0])
        for action in plan(env)[:6]:
            np.testing.assert_array_equal(own.step(action)[0], theirs.step(action)[0])


def test_a_restored_state_shows_what_was_seen_before_it(env: HybridEnv) -> None:
    wrapped = LastObservations(env, 4)
    seen, _ = wrapped.reset(seed=0)
    for action in plan(env)[:9]:
        seen = wrapped.step(action)[0]
    state = wrapped.get_state()
    after = [wrapped.step(action)[0] for action in plan(env)[9:12]]
    fresh = LastObservations(HybridEnv(**GIVEN), 4)
    np.testing.assert_array_equal(fresh.set_state(state), seen)
    np.testing.assert_array_equal([fresh.step(action)[0] for action in plan(env)[9:12]], after)


def test_states_pass_through_wrappers_below_and_twice(env: HybridEnv) -> None:
    twice = LastObservations(LastObservations(DiscreteActions(env), 2), 2)
    twice.reset(seed=0)
    seen = twice.step(np.int64(3))[0]
    state = twice.get_state()
    twice.step(np.int64(3))
    np.testing.assert_array_equal(twice.set_state(state), seen)


def test_what_is_shown_is_never_written_again(env: HybridEnv) -> None:
    wrapped = LastObservations(env, 2)
    kept = [wrapped.reset(seed=0)[0]]
    copies = [kept[0].copy()]
    for action in plan(env)[:4]:
        kept.append(wrapped.step(action)[0])
        copies.append(kept[-1].copy())
    np.testing.assert_array_equal(kept, copies)


@pytest.mark.parametrize("spoil", [lambda s: b"", lambda s: s[:100], lambda s: s[8:]])
def test_another_kind_of_state_is_refused_and_changes_nothing(spoil, env: HybridEnv) -> None:
    wrapped = LastObservations(env, 2)
    wrapped.reset(seed=0)
    wrapped.step(plan(env)[0])
    before = wrapped.get_state()
    with pytest.raises(StateError, match="does not hold 2 observations"):
        wrapped.set_state(spoil(before))
    with pytest.raises(StateError, match="does not hold 2 observations"):
        wrapped.set_state(env.get_state())
    with pytest.raises(StateError):
        wrapped.set_state(before[:-8])
    assert wrapped.get_state() == before


def test_at_least_one_is_shown(env: HybridEnv) -> None:
    with pytest.raises(ValueError, match="found k = 0"):
        LastObservations(env, 0)


def test_observations_must_be_flat(env: HybridEnv) -> None:
    with pytest.raises(TypeError, match="flat observations are needed; FrameStackObservation offers"):
        LastObservations(gymnasium.wrappers.FrameStackObservation(env, 2), 2)
