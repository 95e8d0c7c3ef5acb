"""Broken limits as a cost beside the reward, for safe reinforcement learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from hybrid_env.batch import Floats
from hybrid_env.wrappers.own import check_known, site_env

WEIGHTS: dict[str, float] = {
    "shed_mwh": 1.0,
    "undelivered_gpu_h": 0.001,
    "thermal_limit_h": 1.0,
    "throttle_over_budget_h": 1.0,
}
"""Cost of one unit of each violation. GPU-hours count by the thousand: about a megawatt-hour of GPU work."""

MEASURES = {
    "shed_mwh": "shed_mwh",
    "undelivered_gpu_h": "gpu_h_undelivered",
    "thermal_limit_h": "cooling_limit_h",
    "throttle_over_budget_h": "throttle_h",
}


class ConstraintCost(gymnasium.Wrapper[Floats, Any, Floats, Any], gymnasium.utils.RecordConstructorArgs):
    """Adds `info["cost"]`, a float >= 0, at every step, and `info["episode_cost"]`, its sum, at an episode's last.

    The cost is the weighted sum of

    | name | meaning |
    | --- | --- |
    | `shed_mwh` | GPU work cut because a limit would have broken, MWh |
    | `undelivered_gpu_h` | GPU-hours that tenants or inference should have had, beyond what contracts let go |
    | `thermal_limit_h` | hours with the cooling plant at its limit |
    | `throttle_over_budget_h` | hours of throttling tenants beyond the month's budget, in hours at full depth |

    They overlap on purpose (a shed inference request is also undelivered): choose by weight. The reward is unchanged
    and pays contractual credits already; a cost is for limits that must hold whatever they would earn.

    Args:
        env: a `HybridEnv`, with or without wrappers.
        weights: cost of one unit of each; what is not named costs nothing. None takes `WEIGHTS`.
    """

    def __init__(self, env: gymnasium.Env[Floats, Any], weights: Mapping[str, float] | None = None) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, weights=weights)
        super().__init__(env)
        self.weights = dict(WEIGHTS if weights is None else weights)
        check_known("cost weights", tuple(self.weights), tuple(MEASURES))
        for name, weight in self.weights.items():
            if not 0 <= weight < np.inf:
                raise ValueError(f"cost weights: {name} = {weight!r}; a number from 0 is needed")
        self._base = site_env(env)
        self._place = {name: self._base.work_measures.index(MEASURES[name]) for name in self.weights}
        self._sum = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """As the environment; the sum starts anew."""
        self._sum = 0.0
        return self.env.reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Floats, Any, bool, bool, dict[str, Any]]:
        """As the environment, with the cost in the info."""
        batch = self._base.batch
        budget_h = float(batch.parameters["throttle_budget_h"][0] - batch.lanes["throttle_used_h"][0])
        observation, reward, terminated, truncated, info = self.env.step(action)
        cost = 0.0
        for name, weight in self.weights.items():
            amount = float(info["work"][self._place[name]])
            if name == "throttle_over_budget_h":
                amount = max(0.0, amount - max(0.0, budget_h))
            cost += weight * amount
        self._sum += cost
        info["cost"] = cost
        if terminated or truncated:
            info["episode_cost"] = self._sum
        return observation, reward, terminated, truncated, info
