"""Decide in dollars: the agent judges what a megawatt-hour is worth in each use, a market allots the megawatts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from hybrid_env.baselines.market import MarketClearing, MarketSettings, Values
from hybrid_env.batch import Floats
from hybrid_env.wrappers.own import check_known, checked, need_episode, places, site_actions, site_env

REACH: dict[str, float] = {
    "mining": 2.0,
    "reserved": 2.0,
    "inference": 2.0,
    "training": 2.0,
    "spot": 2.0,
    "on_demand": 2.0,
    "gpu_mining": 2.0,
    "battery": 50.0,
    "water": 50.0,
    "peak": 500.0,
}
"""What an action of 1 does: uses of power are worth so many times the dispatcher's own value (-1: that fraction of it);
`battery`, `water` and `peak` in USD/MWh."""
USES = ("mining", "reserved", "inference", "training", "spot", "on_demand", "gpu_mining")


class PriceActions(gymnasium.ActionWrapper[Floats, Floats, Floats], gymnasium.utils.RecordConstructorArgs):
    """Offers values in place of megawatts; the market-clearing dispatcher allots by merit order under the limits.

    | name | an action a in [-1, 1] means |
    | --- | --- |
    | `mining`, GPU work by class | a megawatt-hour there is worth `reach ** a` times what it earns |
    | `reserved` | tenants are throttled from `reach ** a` times the dispatcher's price |
    | `battery` | charge is worth `reach * a` USD/MWh more: the battery buys dearer and sells later |
    | `water` | a pond's water is worth `reach * a` USD/MWh more: it is kept for dearer hours |
    | `peak` | a > 0: `reach * a**2` USD/MWh of fear of a coincident peak on top; a < 0: `-a` of the fear goes |

    The zero action is the dispatcher to the bit. What the dispatcher sets without a price (the supply temperature)
    stays its own. A site has those it has use for: `water` with a pond, `peak` where coincident peaks are charged.

    Args:
        env: a `HybridEnv`, with or without wrappers that leave its actions alone.
        reach: by name, what an action of 1 does; what is not named keeps `REACH`.
        settings: figures of the dispatcher; None takes the tuned ones.

    Attributes:
        action_names: what is judged, in order.
    """

    def __init__(
        self, env: gymnasium.Env[Floats, Floats], reach: Mapping[str, float] | None = None,
        settings: MarketSettings | None = None,
    ) -> None:  # fmt: skip
        gymnasium.utils.RecordConstructorArgs.__init__(self, reach=reach, settings=settings)
        super().__init__(env)
        self._base = site_env(env)
        own = site_actions(env)
        parameters = self._base.batch.parameters[0]
        has = {use: use in own for use in USES}
        has |= {
            "battery": "battery" in own,
            "water": parameters["pond_mwh"] > 0,
            "peak": parameters["peak_usd_per_mw_year"] > 0,
        }
        self.action_names = tuple(name for name in REACH if has[name])
        check_known("reach", tuple(reach or {}), self.action_names)
        self.reach = {name: float({**REACH, **(reach or {})}[name]) for name in self.action_names}
        for name, value in self.reach.items():
            least = 1.0 if name in USES else 0.0
            if not least < value < np.inf:
                raise ValueError(f"reach: {name} = {value!r}; a number above {least:g} is needed")
        self.dispatcher = MarketClearing(settings)
        self._own = places(own)
        self.action_space = spaces.Box(-1.0, 1.0, (len(self.action_names),), np.float32)

    def values(self, action: Any) -> Values:
        """What an action says about the worth of each use.

        Raises:
            ActionError: wrong shape, not a number, or out of range.
        """
        given = dict(zip(self.action_names, checked(action, self.action_names).tolist(), strict=True))
        multiples = {use: self.reach[use] ** given[use] for use in USES if use in given}
        peak = given.get("peak", 0.0)
        return Values(
            **multiples,
            battery_usd_per_mwh=self.reach.get("battery", 0.0) * given.get("battery", 0.0),
            water_usd_per_mwh=self.reach.get("water", 0.0) * given.get("water", 0.0),
            peak_fear=1.0 + min(0.0, peak),
            peak_usd_per_mwh=self.reach.get("peak", 0.0) * max(0.0, peak) ** 2,
        )

    def action(self, action: Any) -> Floats:
        """The site's action, float32 [A].

        Raises:
            ActionError: wrong shape, not a number, or out of range.
            gymnasium.error.ResetNeeded: no episode is running.
        """
        values = self.values(action)
        need_episode(self._base)
        return self.dispatcher.act(self._base.batch, values)[0, self._own]
