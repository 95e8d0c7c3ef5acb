"""Whether two worlds rank policies alike: Kendall's tau of their gains over naive, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.command import UserError
from hybrid_env.scoring.statistics import BLOCK_WEEKS, LEVEL, Interval, cell_weights, kendall_tau

RESAMPLES = 2_000
LEAST_POLICIES = 3

Weekly = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Two rankings of the same policies.

    Attributes:
        tau: Kendall's tau-b, 1 for the same order, -1 for the reverse; its interval is over resampled weeks of both
            worlds (NaN where there are too few to resample).
        p_value: two-sided, of a tau at least as far from 0 if the orders had nothing to do with each other; exact
            without ties.
        swapped: pairs of policies in the first world's order, better first, which the second world orders the other
            way round.
    """

    tau: Interval
    p_value: float
    swapped: tuple[tuple[str, str], ...]


def ranks(gain_usd: Mapping[str, float]) -> dict[str, int]:
    """1 for the highest; equal gains share the better rank."""
    return {name: 1 + sum(other > gain for other in gain_usd.values()) for name, gain in gain_usd.items()}


def agreement(first: Mapping[str, Weekly], second: Mapping[str, Weekly], seed: int = 0) -> Agreement:
    """Compare two worlds.

    Args:
        first, second: policy -> gain over naive, USD [worlds, weeks]; the same policies in both.

    Raises:
        UserError: fewer than three policies, or not the same ones.
    """
    names = list(first)
    if len(names) < LEAST_POLICIES or set(names) != set(second):
        raise UserError(f"ranks need the same policies in both worlds, at least {LEAST_POLICIES}; found {len(names)}")
    one, two = (np.stack([world[name] for name in names]) for world in (first, second))
    a, b = one.mean(axis=(1, 2)), two.mean(axis=(1, 2))
    found: Any = stats.kendalltau(a, b)
    rng = np.random.default_rng(seed)
    drawn = [kendall_tau(x, y) for x, y in zip(_resampled(rng, one), _resampled(rng, two), strict=True)]
    blocks = min(one.shape[2], two.shape[2]) > BLOCK_WEEKS
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if blocks else (np.nan, np.nan)
    order = np.argsort(-a, kind="stable")
    swapped = tuple((names[i], names[j]) for i, j in combinations(order, 2) if a[i] > a[j] and b[i] < b[j])
    return Agreement(Interval(float(found.statistic), float(low), float(high)), float(found.pvalue), swapped)


def _resampled(rng: np.random.Generator, gain: Weekly) -> Weekly:
    """Mean gains [resamples, policies] over drawn blocks of weeks; all policies meet the same weeks."""
    weeks = gain.shape[2]
    blocks = np.add.reduceat(gain, np.arange(0, weeks, BLOCK_WEEKS), axis=2)
    return np.einsum("rwb,pwb->rp", cell_weights(rng, RESAMPLES, gain.shape[1], weeks), blocks)
