"""From numbers in [-1, 1] to what is asked of the site.

The kernel and the baselines know all actions; a site's own action space (`hybrid_env/spaces.py`) holds those it has,
and the others stand at their default.
"""

from __future__ import annotations

from hybrid_env.sim.compiler import part

ACTIONS = (
    "mining", "reserved", "inference", "training", "spot", "battery", "setpoint", "mining_1", "mining_2", "mining_3",
    "on_demand", "asking_price", "admission", "gpu_mining", "reserve_0", "reserve_1", "reserve_2", "water",
)  # fmt: skip
"""In this order, append-only; units and meanings are in `hybrid_env/spaces.py`."""
(
    MINING, RESERVED, INFERENCE, TRAINING, SPOT, BATTERY, SETPOINT, MINING_1, MINING_2, MINING_3, ON_DEMAND,
    ASKING_PRICE, ADMISSION, GPU_MINING, RESERVE_0, RESERVE_1, RESERVE_2, WATER,
) = range(len(ACTIONS))  # fmt: skip

FLEET_ACTIONS = (MINING, MINING_1, MINING_2, MINING_3)
"""Of each fleet where they are controlled one by one; where they share one action it is `MINING`."""

NEUTRAL_ACTIONS = ("battery", "setpoint", "asking_price")
REFUSING_ACTIONS = ("admission", "gpu_mining", "reserve_0", "reserve_1", "reserve_2")
DEFAULTS = tuple(
    0.0 if name in NEUTRAL_ACTIONS else -1.0 if name in REFUSING_ACTIONS else 1.0 for name in ACTIONS
)  # fmt: skip
"""What stands in the place of an action that nobody takes: everything on, battery idle, nothing offered or refused."""

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
