"""How sure a score is: a paired two-way bootstrap, and small rank and mean helpers. NumPy alone.

What could have come out differently is (1) the training seed and (2) the weeks and worlds that happened. Each resample
draws seeds and, independently, (world, block) cells, where a block is four consecutive weeks: longer than a heat wave
or a scarcity event, so that blocks are nearly independent. Blocks are drawn within their season, so every resample has
a winter and a summer. The ratio is recomputed in each resample, and two policies always meet the same cells.

Small numbers: worlds are drawn W of W and blocks n of n within each drawn world, which is a little wide where worlds
differ little and about right where they differ. Seeds, and blocks where there is only one world, are drawn n - 1 of n,
which makes the resampled variance of a mean unbiased (n of n would understate it by 1/n). On synthetic years the 95 %
interval held the truth in 86 to 99 of 100 cases (1 to 6 worlds, 1 to 10 seeds): least with two very different worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hybrid_env.scoring.score import Array, ScoreError, by_seed

BLOCK_WEEKS = 4
SEASONS = 4
WEEKS_PER_YEAR = 52
RESAMPLES = 10_000
LEVEL = 0.95
_UNDEFINED_ALLOWED = 0.01


@dataclass(frozen=True)
class Interval:
    """An estimate with its bootstrap percentile interval; NaN bounds where nothing could be resampled."""

    estimate: float
    low: float
    high: float
    level: float = LEVEL

    @property
    def known(self) -> bool:
        """Whether there is an interval at all."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))


@dataclass(frozen=True)
class Comparison:
    """Score of A minus score of B on identical traces."""

    difference: Interval
    seeds: tuple[int, int]

    @property
    def beats(self) -> bool:
        """A beats B: the whole interval lies above zero."""
        return self.difference.known and self.difference.low > 0

    @property
    def loses(self) -> bool:
        """B beats A: the whole interval lies below zero."""
        return self.difference.known and self.difference.high < 0

    @property
    def claim(self) -> str:
        """`beats`, `loses to`, or `not told apart from`."""
        return "beats" if self.beats else "loses to" if self.loses else "not told apart from"


def score_interval(
    policy_usd: ArrayLike,
    naive_usd: ArrayLike,
    bound_weekly_usd: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Score with its interval.

    Args:
        policy_usd: [S, W, T], or [W, T] for a policy without training seeds.
        naive_usd, bound_weekly_usd: [W, T].
        resamples, seed, level: of the bootstrap.

    Raises:
        ScoreError: shapes differ or there is nothing to win.
    """
    gain, room = _cells(policy_usd, naive_usd, bound_weekly_usd)
    rng = np.random.default_rng(seed)
    cells = cell_weights(rng, resamples, *np.shape(naive_usd))
    scores = _scores(gain, room, seed_weights(rng, resamples, len(gain)), cells)
    can_vary = len(gain) > 1 or _cells_vary(*np.shape(naive_usd))
    return _interval(_plain(gain, room), scores, level, can_vary)


def paired_difference(
    a_usd: ArrayLike,
    b_usd: ArrayLike,
    naive_usd: ArrayLike,
    bound_weekly_usd: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Comparison:
    """Score of A minus score of B: both meet the same resampled cells, their training seeds are drawn independently.

    Arguments and errors as in `score_interval`.
    """
    gain_a, room = _cells(a_usd, naive_usd, bound_weekly_usd)
    gain_b, _ = _cells(b_usd, naive_usd, bound_weekly_usd)
    rng = np.random.default_rng(seed)
    cells = cell_weights(rng, resamples, *np.shape(naive_usd))
    seeds = (len(gain_a), len(gain_b))
    differences = _scores(gain_a, room, seed_weights(rng, resamples, seeds[0]), cells) - _scores(
        gain_b, room, seed_weights(rng, resamples, seeds[1]), cells
    )
    can_vary = max(seeds) > 1 or _cells_vary(*np.shape(naive_usd))
    return Comparison(_interval(_plain(gain_a, room) - _plain(gain_b, room), differences, level, can_vary), seeds)


def season_of_blocks(weeks: int) -> NDArray[np.int64]:
    """Season 0 to 3 of each four-week block, by the block's middle week; week 0 begins the year.

    Under a year of weeks there is one stratum only: a few blocks cannot be split further.
    """
    blocks = -(-weeks // BLOCK_WEEKS)
    if weeks < WEEKS_PER_YEAR:
        return np.zeros(blocks, dtype=np.int64)
    middle = (np.arange(blocks) + 0.5) * BLOCK_WEEKS % WEEKS_PER_YEAR
    return (middle * SEASONS // WEEKS_PER_YEAR).astype(np.int64)


def cell_weights(rng: np.random.Generator, resamples: int, worlds: int, weeks: int) -> Array:
    """How often each (world, block) cell occurs in each resample, [resamples, worlds, blocks]; 1 on average."""
    seasons = season_of_blocks(weeks)
    weights = np.empty((resamples, worlds, len(seasons)))
    for season in np.unique(seasons):
        members = np.flatnonzero(seasons == season)
        weights[:, :, members] = _counts(rng, (resamples, worlds), len(members), spare_one=worlds == 1)
    if worlds > 1:
        weights *= _counts(rng, (resamples,), worlds, spare_one=False)[:, :, None]
    return weights


def seed_weights(rng: np.random.Generator, resamples: int, seeds: int) -> Array:
    """Weight of each training seed in each resample, [resamples, seeds]; each row adds up to 1."""
    return _counts(rng, (resamples,), seeds, spare_one=True) / seeds


def interquartile_mean(scores: ArrayLike) -> float:
    """Mean of the middle half of all entries; where a quarter cuts an entry, the entry counts in part.

    For a tasks x seeds matrix of scores. Never for weeks: a week's worth differs a hundredfold.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64), axis=None)
    if values.size == 0:
        raise ScoreError("no scores to average: give at least one")
    inside = np.clip(np.arange(values.size + 1.0), 0.25 * values.size, 0.75 * values.size)
    weights = np.diff(inside)
    return float(np.sum(weights * values) / np.sum(weights))


def interquartile_mean_interval(
    scores: Sequence[ArrayLike], *, resamples: int = RESAMPLES, seed: int = 0, level: float = LEVEL
) -> Interval:
    """Interquartile mean over tasks x seeds; seeds are resampled within each task, tasks are taken as given.

    Args:
        scores: one array of seed scores a task; lengths may differ.
    """
    rng = np.random.default_rng(seed)
    tasks = [np.asarray(task, dtype=np.float64).ravel() for task in scores]
    drawn = np.concatenate([task[rng.integers(len(task), size=(resamples, len(task)))] for task in tasks], axis=1)
    values = np.array([interquartile_mean(row) for row in drawn])
    can_vary = any(len(task) > 1 for task in tasks)
    return _interval(interquartile_mean(np.concatenate(tasks)), values, level, can_vary)


def kendall_tau(a: ArrayLike, b: ArrayLike) -> float:
    """Rank correlation tau-b of two paired lists with ties: 1 same order, -1 reversed; NaN if one is constant."""
    x, y = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    if x.shape != y.shape or x.size < 2:
        raise ScoreError(f"kendall_tau needs two lists of one length of at least 2, found {x.size} and {y.size}")
    upper = np.triu_indices(x.size, k=1)
    dx, dy = np.sign(x[:, None] - x[None, :])[upper], np.sign(y[:, None] - y[None, :])[upper]
    untied = float(np.sqrt(np.sum(dx != 0) * np.sum(dy != 0)))
    return float(np.sum(dx * dy)) / untied if untied else float("nan")


def _counts(rng: np.random.Generator, shape: tuple[int, ...], size: int, *, spare_one: bool) -> Array:
    """Times each of `size` units is drawn, scaled to 1 on average, shape + (size,); one unit is always drawn once."""
    if size == 1:
        return np.ones((*shape, 1))
    draws = size - 1 if spare_one else size
    counts = rng.multinomial(draws, np.full(size, 1.0 / size), size=shape)
    return counts.astype(np.float64) * (size / draws)


def _cells(policy_usd: ArrayLike, naive_usd: ArrayLike, bound_weekly_usd: ArrayLike) -> tuple[Array, Array]:
    """Gain [S, W, K] and room [W, K] over naive, summed over the weeks of each block."""
    policy, naive = by_seed(policy_usd, naive_usd)
    bound = np.asarray(bound_weekly_usd, dtype=np.float64)
    if bound.shape != naive.shape:
        raise ScoreError(f"bound_weekly_usd has shape {bound.shape}, expected {naive.shape}: (worlds, weeks)")
    starts = np.arange(0, naive.shape[1], BLOCK_WEEKS)
    gain, room = (np.add.reduceat(values - naive, starts, axis=-1) for values in (policy, bound))
    if room.sum() <= 0:
        raise ScoreError(
            f"the bound is {room.sum():,.0f} USD above the naive policy: nothing to win, or the bound is wrong"
        )
    return gain, room


def _cells_vary(worlds: int, weeks: int) -> bool:
    """Whether resampling worlds and blocks can change anything."""
    return worlds > 1 or bool(np.any(np.bincount(season_of_blocks(weeks)) > 1))


def _plain(gain: Array, room: Array) -> float:
    return float(gain.mean(axis=0).sum() / room.sum())


def _scores(gain: Array, room: Array, seeds: Array, cells: Array) -> Array:
    """The ratio in every resample, [resamples]; NaN where a resample leaves nothing to win."""
    flat = cells.reshape(len(cells), -1)
    won = np.sum((flat @ gain.reshape(len(gain), -1).T) * seeds, axis=1)
    available = flat @ room.ravel()
    positive = available > 0
    return np.where(positive, won / np.where(positive, available, 1.0), np.nan)


def _interval(estimate: float, values: Array, level: float, can_vary: bool) -> Interval:
    if not can_vary:
        return Interval(estimate, float("nan"), float("nan"), level)
    if np.mean(np.isnan(values)) > _UNDEFINED_ALLOWED:
        raise ScoreError(
            "over 1 % of the resamples leave nothing to win: does bound_weekly_usd lie above naive_usd in most blocks?"
        )
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), level)
