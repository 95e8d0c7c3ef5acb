"""From numbers in [-1, 1] to what is asked of the site."""

from __future__ import annotations

from hybrid_env.sim.compiler import part

ACTIONS = ("mining", "reserved", "inference", "training", "spot", "battery", "setpoint")
"""In this order; units and meanings are in `hybrid_env/spaces.py`."""
MINING, RESERVED, INFERENCE, TRAINING, SPOT, BATTERY, SETPOINT = range(len(ACTIONS))

ACTION_TOLERANCE = 1e-6


@part
def share(action):
    """-1 is none (or the contract's minimum), +1 is all."""
    return min(1.0, max(0.0, 0.5 * (action + 1.0)))


@part
def first_bad(actions):
    """Flat index of the first action that is not a number in [-1, 1]; -1 if all are."""
    for i in range(actions.shape[0]):
        for k in range(actions.shape[1]):
            if not abs(actions[i, k]) <= 1.0 + ACTION_TOLERANCE:
                return i * actions.shape[1] + k
    return -1
