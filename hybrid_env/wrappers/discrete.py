"""A short named list of joint actions, for agents that choose one of a few (DQN and its kin)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from hybrid_env.baselines.naive import Naive
from hybrid_env.batch import ActionError, Floats
from hybrid_env.wrappers.own import check_known, places, site_actions, site_env

MOST_ACTIONS = 64
"""A longer list is no longer one that a person reads or a Q-network tells apart."""

Levels = dict[str, dict[str, float]]

WORK: Levels = {
    "all work": {"spot": 1, "training": 1},
    "no spot": {"spot": -1, "training": 1},
    "no spot or training": {"spot": -1, "training": -1},
    "no training": {"spot": 1, "training": -1},
}
BATTERY: Levels = {
    "battery idle": {"battery": 0},
    "battery charging": {"battery": -1},
    "battery discharging": {"battery": 1},
}


def joint_actions(names: Sequence[str]) -> Levels:
    """The standard list for a site with these actions: every mix of mining, battery, batch work and reserves.

    The first is naive. All mining fleets move together, so do all reserve products; a part that the site lacks is left
    out. With reserves, training is never paused while spot runs, so that the list stays within `MOST_ACTIONS`.
    """
    mining = [name for name in names if name == "mining" or name.startswith("mining_")]
    reserves = [name for name in names if name.startswith("reserve_")]
    parts: list[Levels] = [
        {
            f"mining {word}": dict.fromkeys(mining, value)
            for word, value in (("full", 1.0), ("half", 0.0), ("off", -1.0))
        },
        BATTERY,
        {label: WORK[label] for label in list(WORK)[:3]} if reserves else WORK,
        {"no reserves": dict.fromkeys(reserves, -1.0), "all reserves": dict.fromkeys(reserves, 1.0)},
    ]
    offered = [levels for part in parts if len(levels := _of_site(part, names)) > 1]
    joint: Levels = {}
    for mix in product(*(levels.items() for levels in offered)):
        joint[", ".join(label for label, _ in mix)] = {name: v for _, values in mix for name, v in values.items()}
    return joint


def _of_site(part: Levels, names: Sequence[str]) -> Levels:
    """The levels that differ on a site with these actions."""
    found: Levels = {}
    for label, values in part.items():
        own = {name: value for name, value in values.items() if name in names}
        if own not in found.values():
            found[label] = own
    return found


class DiscreteActions(gymnasium.ActionWrapper[Floats, np.int64, Floats], gymnasium.utils.RecordConstructorArgs):
    """Offers a `Discrete` list of joint actions in place of the site's `Box`.

    Args:
        env: a `HybridEnv`, with or without wrappers that leave its actions alone.
        actions: label -> {action: value in [-1, 1]}, at most 64; what is not named is naive's. None takes
            `joint_actions`.

    Attributes:
        labels: name of each joint action, in order.
    """

    def __init__(
        self, env: gymnasium.Env[Floats, Floats], actions: Mapping[str, Mapping[str, float]] | None = None
    ) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, actions=actions)
        super().__init__(env)
        names = site_actions(env)
        listed = joint_actions(names) if actions is None else actions
        if not 1 <= len(listed) <= MOST_ACTIONS:
            raise ValueError(f"a list holds from 1 to {MOST_ACTIONS} joint actions; found {len(listed)}")
        usual = Naive().act(site_env(env).batch)[0, places(names)]
        self.labels = tuple(listed)
        self._names = names
        self._table = np.repeat(usual[None], len(listed), axis=0)
        for row, (label, values) in zip(self._table, listed.items(), strict=True):
            check_known(f"joint action {label!r}", tuple(values), names)
            for name, value in values.items():
                if not abs(value) <= 1:
                    raise ValueError(f"joint action {label!r}: {name} = {value!r}; a number in [-1, 1] is needed")
                row[names.index(name)] = value
        self.action_space = spaces.Discrete(len(listed))

    def action_names_of(self, index: int) -> dict[str, float]:
        """A joint action in full: the site's actions by name."""
        return dict(zip(self._names, self.action(np.int64(index)).tolist(), strict=True))

    def action(self, action: Any) -> Floats:
        """The site's action, float32 [A].

        Raises:
            ActionError: no such joint action.
        """
        if not self.action_space.contains(action):
            raise ActionError(f"a joint action is a whole number from 0 to {len(self.labels) - 1}; found {action!r}")
        return self._table[int(action)].copy()
