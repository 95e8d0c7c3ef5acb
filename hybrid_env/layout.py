"""Two ways of laying out observations and actions: a site's own, or one that all sites share.

The universal layout is for agents that must run several sites: every observation and action that any site can have
stands at its own place, and a mask says which of them this site has.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from gymnasium import spaces

from hybrid_env.batch import Batch, Floats
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.site import Site, load_site
from hybrid_env.spaces import action_names, observation_fields

LayoutName = Literal["native", "universal"]
EVERYTHING = "everything"
"""The packaged site that has every mechanism; its observations are all there are."""


@cache
def universal_observations() -> tuple[str, ...]:
    """Names of all observations, in order."""
    return tuple(field.name for field in observation_fields(load_site(EVERYTHING)))


class Layout:
    """How a batch's observations are shown and its actions are read.

    Native: the site's own observations and actions. Universal: `[values, mask]`, each as long as
    `universal_observations()`, 0 where the site shows nothing; all of `ACTIONS`, of which those that the site does not
    have change nothing.

    Raises:
        ValueError: no such layout, or the site shows something that the universal layout does not know.
    """

    def __init__(self, site: Site, name: LayoutName = "native") -> None:
        if name not in ("native", "universal"):
            raise ValueError(f"layout must be 'native' or 'universal'; found {name!r}")
        own = [field.name for field in observation_fields(site)]
        self.name = name
        self.action_names = action_names(site) if name == "native" else ACTIONS
        self.observation_names = tuple(own)
        self.action_space = spaces.Box(-1.0, 1.0, (len(self.action_names),), np.float32)
        self._places = np.arange(len(own))
        self._blank = np.zeros(len(own), np.float32)
        if name == "universal":
            every = universal_observations()
            unknown = [field for field in own if field not in every]
            if unknown:
                raise ValueError(f"site {site.name} shows {unknown[0]!r}, which the universal layout does not know")
            self.observation_names = (*every, *(f"has_{field}" for field in every))
            self._places = np.array([every.index(field) for field in own])
            self._blank = np.zeros(2 * len(every), np.float32)
            self._blank[len(every) + self._places] = 1.0
        self.observation_space = spaces.Box(-1.0, 1.0, self._blank.shape, np.float32)

    def show(self, observations: Floats) -> Floats:
        """A batch's own observations `[..., D]` in this layout, a copy."""
        if self.name == "native":
            return observations.copy()
        out = np.broadcast_to(self._blank, (*observations.shape[:-1], len(self._blank))).copy()
        out[..., self._places] = observations
        return out

    def expand(self, batch: Batch, actions: Floats, n: int | None = None) -> Floats:
        """The caller's actions `[n, A]` as all actions of the kernel.

        Raises:
            ActionError: the shape is wrong, or something is not a number.
        """
        return batch.expand(actions, n) if self.name == "native" else batch.actions(actions, n).copy()
