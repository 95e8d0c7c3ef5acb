"""Episodes of arbitrary sites, traces and policies, and the bound of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.baselines.policy import constant
from hybrid_env.batch import Batch
from hybrid_env.optimum.bound import Bound, bound
from hybrid_env.optimum.horizon import StartState
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.site import Site
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import Trace


@dataclass
class Episode:
    """An episode about to be played: `n` rows from `row`, in one lane."""

    site: Site
    trace: Trace
    row: int
    n: int
    luck: np.ndarray

    def batch(self) -> Batch:
        """A lane at its start."""
        batch = Batch(self.site, Library([self.trace]), 1)
        batch.begin(np.zeros(1, np.int64), np.array([[0, self.row, self.row + self.n]]), self.luck[None])
        return batch

    def usd(self, plans: np.ndarray) -> np.ndarray:
        """Profit of open-loop plans, float32 [K, n, A] in [-1, 1], all accounts."""
        k = len(plans)
        actions = np.ascontiguousarray(plans.transpose(1, 0, 2)[:, None])
        return self.batch().branch([0], k, actions, self.n).usd.sum(axis=-1)[0]

    def bound(self) -> Bound:
        """The bound from the lane's own start."""
        batch = self.batch()
        return bound(self.site, self.trace, self.row, self.n, StartState.from_lane(batch.lanes[0], batch.parameters[0]))


@dataclass
class Rest(Episode):
    """What is left of an episode of which `played` rows have been played with everything on."""

    played: int = 8

    def batch(self) -> Batch:
        """The lane in mid-episode."""
        batch = super().batch()
        for _ in range(self.played):
            batch.step(np.ones((1, len(ACTIONS)), np.float32))
        return batch

    def usd(self, plans: np.ndarray) -> np.ndarray:
        """Profit of open-loop plans for the rows that are left, float32 [K, n, A]; only those rows are used."""
        k, left = len(plans), self.n - self.played
        actions = np.ascontiguousarray(plans[:, :left].transpose(1, 0, 2)[:, None])
        return self.batch().branch([0], k, actions, left).usd.sum(axis=-1)[0]

    def bound(self) -> Bound:
        """The bound of what is left, from the lane as it stands."""
        batch = self.batch()
        state = StartState.from_lane(batch.lanes[0], batch.parameters[0])
        return bound(self.site, self.trace, self.row + self.played, self.n - self.played, state)


def everything(n: int) -> np.ndarray:
    """A plan of `n` rows with everything on at the highest set-point, float32 [n, A]."""
    return constant(n, setpoint=1.0)


def climbed(episode: Episode, plan: np.ndarray, rounds: int, seed: int) -> float:
    """Best profit that a hill climb over open-loop plans finds: in each round sixteen changes of single actions,
    runs or whole columns."""
    rng = np.random.default_rng(seed)
    best = float(episode.usd(plan[None])[0])
    for _ in range(rounds):
        tries = np.repeat(plan[None], 16, axis=0)
        for one in tries:
            first = rng.integers(0, episode.n)
            length = rng.choice([1, 4, 16, episode.n])
            column = rng.integers(0, plan.shape[1])
            one[first : first + length, column] = rng.choice([-1.0, 1.0, rng.uniform(-1, 1)])
        usd = episode.usd(tries)
        if usd.max() > best:
            best, plan = float(usd.max()), tries[usd.argmax()]
    return best
