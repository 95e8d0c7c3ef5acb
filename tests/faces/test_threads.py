"""Threads share the lanes and change nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.batch import ActionError
from hybrid_env.vector_env import HybridVectorEnv


def test_threads_give_the_same_bits_as_one() -> None:
    one, three = HybridVectorEnv(7), HybridVectorEnv(7, threads=3)
    actions = np.random.default_rng(0).uniform(-1, 1, (50, 7, 7)).astype(np.float32)
    np.testing.assert_array_equal(one.reset(seed=5)[0], three.reset(seed=5)[0])
    for action in actions:
        left, right = one.step(action), three.step(action)
        np.testing.assert_array_equal(left[0], right[0])
        np.testing.assert_array_equal(left[1], right[1])
    assert one.get_state() == three.get_state()


def test_a_bad_action_moves_no_lane_of_any_thread() -> None:
    envs = HybridVectorEnv(4, threads=2)
    envs.reset(seed=0)
    before = envs.get_state()
    bad = np.zeros((4, 7), np.float32)
    bad[3, 2] = np.nan
    with pytest.raises(ActionError, match="'inference' of lane 3"):
        envs.step(bad)
    assert envs.get_state() == before


@pytest.mark.parametrize("threads", [0, 3])
def test_more_threads_than_lanes_are_refused(threads: int) -> None:
    with pytest.raises(ValueError, match="threads must be from 1"):
        HybridVectorEnv(2, threads=threads)
