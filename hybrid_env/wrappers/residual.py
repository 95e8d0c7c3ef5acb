"""Small corrections to a baseline: an agent that starts as good as the rule it corrects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.registry import make_policy
from hybrid_env.batch import Floats
from hybrid_env.wrappers.own import check_known, checked, need_episode, places, site_actions, site_env


class ResidualActions(gymnasium.ActionWrapper[Floats, Floats, Floats], gymnasium.utils.RecordConstructorArgs):
    """Plays `clip(baseline + scale * a, -1, 1)`; the zero action is the baseline to the bit.

    Args:
        env: a `HybridEnv`, with or without wrappers that leave its actions alone.
        baseline: a policy of `hybrid_env.baselines.registry` by its name, or any policy.
        scale: how far an action of 1 moves the baseline's; one number for all the site's actions, or by name. What is
            not named stays the baseline's and is not in the action space.
        dead_zone: from 0 to 1, one number or by name: smaller actions move nothing, larger ones what they exceed it
            by, stretched so that 1 still moves `scale`. It keeps exploration from disturbing what is right already.

    Attributes:
        action_names: the site's actions that can be corrected, in order.
        baseline: the policy.
    """

    def __init__(
        self, env: gymnasium.Env[Floats, Floats], baseline: str | Policy = "market_clearing",
        scale: float | Mapping[str, float] = 0.25, dead_zone: float | Mapping[str, float] = 0.0,
    ) -> None:  # fmt: skip
        gymnasium.utils.RecordConstructorArgs.__init__(self, baseline=baseline, scale=scale, dead_zone=dead_zone)
        super().__init__(env)
        self._base = site_env(env)
        names = site_actions(env)
        scales = dict(scale) if isinstance(scale, Mapping) else dict.fromkeys(names, scale)
        check_known("scale", tuple(scales), names)
        if not scales:
            raise ValueError("scale names no action; nothing could be corrected")
        self.action_names = tuple(name for name in names if name in scales)
        zones = dict(dead_zone) if isinstance(dead_zone, Mapping) else dict.fromkeys(self.action_names, dead_zone)
        check_known("dead_zone", tuple(zones), self.action_names)
        for name in self.action_names:
            if not 0 < scales[name] <= 2:
                raise ValueError(f"scale: {name} = {scales[name]!r}; a number above 0 and up to 2 is needed")
            if not 0 <= zones.get(name, 0.0) < 1:
                raise ValueError(f"dead_zone: {name} = {zones[name]!r}; a number from 0 and below 1 is needed")
        self._scale = np.array([scales[name] for name in self.action_names], np.float32)
        self._zone = np.array([zones.get(name, 0.0) for name in self.action_names], np.float32)
        self._own = places(names)
        self._moved = np.array([names.index(name) for name in self.action_names])
        self.baseline = make_policy(baseline) if isinstance(baseline, str) else baseline
        self._knows_episode = False
        self.action_space = spaces.Box(-1.0, 1.0, (len(self.action_names),), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """As the environment; the baseline forgets the last episode."""
        self._knows_episode = False
        return self.env.reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Floats, Any, bool, bool, dict[str, Any]]:
        """As the environment, with the corrected action."""
        told = super().step(action)
        self._knows_episode = not (told[2] or told[3])
        return told

    def action(self, action: Any) -> Floats:
        """The site's action, float32 [A].

        Raises:
            ActionError: wrong shape, not a number, or out of range.
            gymnasium.error.ResetNeeded: no episode is running.
        """
        given = checked(action, self.action_names)
        need_episode(self._base)
        if not self._knows_episode:  # at the first step, so that an episode begun by set_state() counts too
            self.baseline.reset(self._base.batch)
            self._knows_episode = True
        played = self.baseline.act(self._base.batch)[0, self._own]
        beyond = np.sign(given) * np.maximum(np.abs(given) - self._zone, 0) / (1 - self._zone)
        played[self._moved] = np.clip(played[self._moved] + self._scale * beyond, -1, 1)
        return played
