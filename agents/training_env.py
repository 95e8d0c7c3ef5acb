"""What an agent trains on: the site with fewer actions and a reward of less variance. Scores never use it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from agents.config import Reward
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import DAY_LEADS, Policy
from hybrid_env.batch import Batch, Floats
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.sim.ledger import IMPORT_MWH, PEAK_USD, TERMINAL_USD, USD_ACCOUNTS
from hybrid_env.sim.state import N_START_UNIFORMS
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import FORECAST_VARIABLES

Array = NDArray[np.float64]

ROWS_PER_WEEK_H = 168
RATIO_EDGES = np.concatenate([[0.0], np.linspace(0.80, 1.05, 26), [np.inf]])
"""Classes of the load ratio in which peaks are counted."""


def weekly_lanes(site_batch: Batch, weeks: NDArray[np.int64]) -> Batch:
    """One lane for each world and each of `weeks`, at the week's first row, in the standard starting state."""
    per_hour = 3600 // site_batch.site.interval_s
    rows = ROWS_PER_WEEK_H * per_hour
    worlds = len(site_batch.library.names)
    batch = Batch(site_batch.site, site_batch.library, worlds * len(weeks))
    world = np.repeat(np.arange(worlds), len(weeks))
    first = per_hour + np.tile(weeks, worlds) * rows
    begins = np.stack([world, first, first + rows], axis=1).astype(np.int64)
    batch.begin(np.arange(batch.n), begins, np.full((batch.n, N_START_UNIFORMS), 0.5))
    return batch


def roll_weeks(policy: Policy, batch: Batch) -> Array:
    """USD by lane and account of a batch made by `weekly_lanes`, rolled to its end, [n, accounts]."""
    usd = np.zeros((batch.n, len(USD_ACCOUNTS)))
    policy.reset(batch)
    for _ in range(int(batch.lanes["end_row"][0] - batch.lanes["row"][0])):
        batch.step(batch.actions(policy.act(batch)))
        usd += batch.ledger["usd"]
    return usd


def expected_peak_weight(library: Library) -> Array:
    """Expected `cp_weight` by world and row, given what is forecast as the row begins, [worlds, rows].

    Rows are classed by month and by the load forecast for the hour over the highest of the month so far or of the next
    day; a class expects the mean weight of its rows over all years of the library.
    """
    rows = library.rows
    per_hour = 3600 // library.interval_s
    load = library.forecast[:, :, FORECAST_VARIABLES.index("system_load_mw")].astype(np.float64)
    hour = np.minimum(np.arange(rows.shape[1]) // per_hour, load.shape[1] - 1)
    ahead = load[:, :, DAY_LEADS].max(axis=2)[:, hour]
    highest = np.maximum(month_to_date(rows["system_load_mw"], rows["month"]), ahead)
    ratio = load[:, hour, 0] / np.maximum(highest, 1.0)
    kind = np.digitize(ratio, RATIO_EDGES) + rows["month"].astype(np.int64) * (len(RATIO_EDGES) + 1)
    total = np.bincount(kind.ravel(), rows["cp_weight"].ravel())
    return (total / np.maximum(np.bincount(kind.ravel()), 1))[kind]


def month_to_date(values: Array, month: Array) -> Array:
    """Highest value of the calendar month before each row, [worlds, rows]; 0 on a month's first row."""
    out = np.zeros(values.shape)
    for w in range(len(values)):
        starts = [0, *(1 + np.flatnonzero(np.diff(month[w]))), values.shape[1]]
        for a, b in pairwise(starts):
            out[w, a + 1 : b] = np.maximum.accumulate(values[w, a : b - 1])
    return out


class TrainingEnv(VecEnvWrapper):
    """A `HybridVecEnv` that offers some actions and pays the training reward.

    Episode infos stay those of the site itself: true returns, true ledger.

    Args:
        venv: the sites.
        free: names of the actions the agent may move; all others are naive's.
        reward: how the reward is made.
    """

    def __init__(self, venv: HybridVecEnv, free: tuple[str, ...], reward: Reward) -> None:
        box = spaces.Box(-1.0, 1.0, (len(free),), np.float32)
        super().__init__(venv, venv.observation_space, box)
        self.site = venv
        names = venv.batch.action_names
        unknown = [name for name in free if name not in names]
        if unknown:
            raise ValueError(f"the site has no action {unknown[0]!r}; it has {', '.join(names)}")
        self.free = np.array([names.index(name) for name in free])
        self.reward = reward
        self.fixed = Naive().act(venv.batch)[:, venv.batch.native]
        peak_usd = float(venv.batch.parameters["peak_usd_per_mw_year"][0])
        self.peak_usd = peak_usd * expected_peak_weight(venv.batch.library) if reward.expected_peaks else None
        self.paired_usd = self._naive_usd() if reward.paired else None
        self._world = self._row = np.zeros(venv.num_envs, np.int64)

    def _naive_usd(self) -> Array:
        """What naive earns in each row of each year, [worlds, rows]; the year is rolled as one lane a week."""
        source = self.site.batch
        per_hour = 3600 // source.site.interval_s
        weeks = (int(source.library.length.min()) - per_hour - 1) // (ROWS_PER_WEEK_H * per_hour)
        batch = weekly_lanes(source, np.arange(weeks))
        usd = np.zeros(source.library.rows.shape)
        policy = Naive()
        for _ in range(ROWS_PER_WEEK_H * per_hour):
            world, row = batch.lanes["world"].copy(), batch.lanes["row"].copy()
            batch.step(policy.act(batch))
            usd[world, row] = self._usd(batch, world, row)
        return usd

    def _usd(self, batch: Batch, world: NDArray[np.int64], row: NDArray[np.int64]) -> Array:
        """Money of the last interval for training: what is left over at an episode's end is the critic's to value."""
        usd = batch.ledger["usd"]
        total = usd.sum(axis=1) - usd[:, TERMINAL_USD]
        if self.peak_usd is not None:
            import_mw = batch.ledger["mwh"][:, IMPORT_MWH] / batch.site.interval_h
            total -= usd[:, PEAK_USD] + self.peak_usd[world, row] * import_mw
        return total

    def whole(self, actions: Floats) -> Floats:
        """All of the site's actions from those the agent moved."""
        out = self.fixed.copy()
        out[:, self.free] = actions
        return out

    def reset(self) -> VecEnvObs:
        """Start an episode in every lane."""
        return self.venv.reset()

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions, and which rows they are for."""
        lanes = self.site.batch.lanes
        self._world, self._row = lanes["world"].copy(), lanes["row"].copy()
        self.venv.step_async(self.whole(actions))

    def step_wait(self) -> VecEnvStepReturn:
        """Advance all lanes by one interval."""
        observations, _, dones, infos = self.venv.step_wait()
        usd = self._usd(self.site.batch, self._world, self._row)
        if self.paired_usd is not None:
            usd -= self.paired_usd[self._world, self._row]
        rewards = np.clip(usd / self.reward.scale_usd, -self.reward.clip, self.reward.clip)
        return observations, rewards.astype(np.float32), dones, infos
