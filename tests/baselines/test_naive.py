"""The zero of every score."""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.naive import Naive
from tests.baselines.tiny import TEXAS, lanes
from tests.strategies import wild_trace


def test_it_turns_everything_on_and_leaves_battery_and_setpoint_alone_whatever_happens() -> None:
    """In the order of `ACTIONS`; pinned: a change raises every task's version."""
    for seed in (1, 2):
        batch = lanes(TEXAS, wild_trace(seed, utc_offset_h=-6), [4, 60, 130])
        policy = Naive()
        policy.reset(batch)
        for _ in range(3):
            actions = policy.act(batch)
            np.testing.assert_array_equal(actions, [[1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, -1, -1, -1, -1, -1, 1]] * 3)
            assert actions.dtype == np.float32
            batch.step(actions)
