"""The score: which share of the money between the naive policy and the bound a policy takes.

    score = sum_w (R_w - N_w) / sum_w (B_w - N_w)

over all weeks of all worlds. It is a ratio of sums, never a mean of ratios: most of a year's worth lies in a few weeks,
and in many weeks there is next to nothing to win.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from hybrid_env.scoring.result import Record, Result, load_record, write_atomically

SCHEMA_VERSION = 1
TAIL = 0.10
"""Share of weeks that the tail mean (CVaR) looks at."""
SPLIT_TOLERANCE = 1e-6

Array = NDArray[np.float64]


class ScoreError(ValueError):
    """These results and references cannot be scored together; the message names both sides and the fix."""


class References(Record):
    """What a task's scores are measured against, on the same traces, USD.

    The bound holds for a whole world (a year with state carried over), so `bound_usd` is one figure a world. Its weekly
    split is the optimal plan's weekly value scaled to add up to it (`split_bound`) and serves the bootstrap alone.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    task: str = Field(min_length=1)
    worlds: tuple[str, ...] = Field(min_length=1)
    trace_hashes: dict[str, str]
    site_hash: str
    naive_usd: tuple[tuple[float, ...], ...]
    """[W][T]"""
    bound_usd: tuple[float, ...]
    """[W], the dual bound: no policy can earn more."""
    bound_weekly_usd: tuple[tuple[float, ...], ...]
    """[W][T], adds up to `bound_usd`."""
    reachable_usd: tuple[tuple[float, ...], ...] | None = None
    """[W][T], R*: the optimal plan replayed and improved by search in the simulator."""
    p24_usd: tuple[tuple[float, ...], ...] | None = None
    """[W][T], P24: model-predictive control that knows the next 24 hours exactly."""
    naive_accounts_usd: dict[str, float] = {}
    """Ledger account -> USD of the naive policy over all worlds and weeks."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        shape = (len(self.worlds), len(self.naive_usd[0]) if self.naive_usd else 0)
        for name in ("naive_usd", "bound_weekly_usd", "reachable_usd", "p24_usd"):
            rows = getattr(self, name)
            if rows is not None and [len(row) for row in rows] != [shape[1]] * shape[0]:
                raise ValueError(
                    f"{name}: expected {shape[0]} worlds of {shape[1]} weeks each, as worlds and naive_usd have"
                )
        if len(self.bound_usd) != shape[0]:
            raise ValueError(
                f"bound_usd: expected one figure for each of {shape[0]} worlds, found {len(self.bound_usd)}"
            )
        if set(self.trace_hashes) != set(self.worlds):
            raise ValueError("trace_hashes must name exactly the worlds")
        split, bound = self.bound_weekly().sum(axis=1), np.asarray(self.bound_usd)
        if np.any(np.abs(split - bound) > SPLIT_TOLERANCE * np.maximum(1.0, np.abs(bound))):
            raise ValueError("bound_weekly_usd does not add up to bound_usd: make it with split_bound")
        for world, short in zip(self.worlds, bound <= self.naive().sum(axis=1), strict=True):
            if short:
                raise ValueError(
                    f"bound_usd of {world} is not above the naive policy: nothing to win, or the bound is wrong"
                )
        return self

    def naive(self) -> Array:
        """[W, T]"""
        return np.asarray(self.naive_usd, dtype=np.float64)

    def bound(self) -> Array:
        """[W]"""
        return np.asarray(self.bound_usd, dtype=np.float64)

    def bound_weekly(self) -> Array:
        """[W, T]"""
        return np.asarray(self.bound_weekly_usd, dtype=np.float64)

    def save(self, path: str | Path) -> Path:
        """Write to `path`, whole or not at all."""
        write_atomically(path, self.model_dump_json())
        return Path(path)


def load_references(path: str | Path) -> References:
    """Read a task's references; errors are `ResultError`, as for results."""
    return load_record(References, path, SCHEMA_VERSION)


def score(policy_usd: ArrayLike, naive_usd: ArrayLike, bound_usd: ArrayLike) -> float:
    """Money-weighted score; 0 is the naive policy, 1 the bound.

    Args:
        policy_usd: [W, T], or [S, W, T] for S training seeds (the mean over seeds is scored).
        naive_usd: [W, T].
        bound_usd: [W], totals a world.

    Raises:
        ScoreError: shapes differ, or the bound leaves nothing to win.
    """
    policy, naive = by_seed(policy_usd, naive_usd)
    bound = np.asarray(bound_usd, dtype=np.float64)
    if bound.shape != naive.shape[:1]:
        raise ScoreError(f"bound_usd has shape {bound.shape}, expected {naive.shape[:1]}: one total for each world")
    room = float(np.sum(bound - naive.sum(axis=1)))
    if room <= 0:
        raise ScoreError(f"the bound is {room:,.0f} USD above the naive policy: nothing to win, or the bound is wrong")
    return float(np.sum(policy.mean(axis=0) - naive)) / room


def by_seed(policy_usd: ArrayLike, naive_usd: ArrayLike) -> tuple[Array, Array]:
    """Policy as [S, W, T] and naive as [W, T], float64; shapes are checked."""
    policy, naive = np.asarray(policy_usd, dtype=np.float64), np.asarray(naive_usd, dtype=np.float64)
    if policy.ndim == 2:
        policy = policy[None]
    if naive.ndim != 2 or policy.ndim != 3 or policy.shape[1:] != naive.shape:
        raise ScoreError(
            f"policy has shape {policy.shape}, naive {naive.shape}: expected (seeds, worlds, weeks) and (worlds, weeks)"
        )
    return policy, naive


def reference_lines(references: References) -> dict[str, float]:
    """Name -> score of the lines beside every score: naive, P24 and R* where the task stores them, bound."""
    lines = {"naive": 0.0}
    for name, weekly in (("P24", references.p24_usd), ("R*", references.reachable_usd)):
        if weekly is not None:
            lines[name] = score(weekly, references.naive(), references.bound())
    return {**lines, "bound": 1.0}


def tail_mean(gains_usd: ArrayLike, tail: float = TAIL) -> float:
    """Mean of the worst `tail` share of all entries (CVaR); a share that cuts an entry takes it in part."""
    gains = np.sort(np.asarray(gains_usd, dtype=np.float64), axis=None)
    if not 0 < tail <= 1 or gains.size == 0:
        raise ScoreError(f"tail must lie in (0, 1] and there must be weeks; found tail {tail!r}, {gains.size} weeks")
    weights = np.clip(tail * gains.size - np.arange(gains.size), 0.0, 1.0)
    return float(weights @ gains / weights.sum())


def weekly_tail_mean(policy_usd: ArrayLike, naive_usd: ArrayLike, tail: float = TAIL) -> float:
    """10 % CVaR of the weekly gain over naive, USD: over all weeks of each training seed, then the mean over seeds."""
    policy, naive = by_seed(policy_usd, naive_usd)
    return float(np.mean([tail_mean(one - naive, tail) for one in policy]))


def worst_week(policy_usd: ArrayLike, naive_usd: ArrayLike) -> float:
    """Smallest weekly gain over naive, USD, over all seeds, worlds and weeks."""
    policy, naive = by_seed(policy_usd, naive_usd)
    return float(np.min(policy - naive))


def split_bound(plan_weekly_usd: ArrayLike, bound_usd: ArrayLike) -> Array:
    """The bound by week: the optimal plan's weekly value [W, T], scaled so that each world adds up to its bound [W].

    A plan that earns nothing or loses money cannot be scaled; its difference to the bound is spread evenly instead.
    """
    plan, bound = np.asarray(plan_weekly_usd, dtype=np.float64), np.asarray(bound_usd, dtype=np.float64)
    if plan.ndim != 2 or bound.shape != plan.shape[:1]:
        raise ScoreError(f"plan has shape {plan.shape}, bound {bound.shape}: expected (worlds, weeks) and (worlds,)")
    total = plan.sum(axis=1)
    scalable = (total > 0) & (bound > 0)
    factor = np.where(scalable, bound / np.where(scalable, total, 1.0), 1.0)
    shift = np.where(scalable, 0.0, (bound - total) / plan.shape[1])
    return plan * factor[:, None] + shift[:, None]


def stack_seeds(results: list[Result], references: References) -> Array:
    """Weekly USD of one policy's runs, [S, W, T] ordered by seed, after a check that they met the references' traces.

    Raises:
        ScoreError: runs of different policies, a seed twice, or another task, site, trace or length.
    """
    if not results or len({result.policy for result in results}) != 1:
        raise ScoreError(f"expected the runs of one policy, found {sorted({result.policy for result in results})}")
    seeds = [result.seed for result in results]
    if len(set(seeds)) != len(seeds):
        raise ScoreError(f"{results[0].policy}: a training seed occurs twice in {sorted(seeds)}: remove the older run")
    for result in results:
        check_comparable(result, references)
    return np.stack([result.weekly() for result in sorted(results, key=lambda result: result.seed)])


def check_comparable(result: Result, references: References) -> None:
    """Raise `ScoreError` unless the run met the very task, site, traces and weeks of the references."""
    provenance, expected = result.provenance, references
    pairs = {
        "task": (result.task, expected.task),
        "worlds": (result.worlds, expected.worlds),
        "site hash": (provenance.site_hash, expected.site_hash),
        "trace hashes": (provenance.trace_hashes, expected.trace_hashes),
        "weeks": (result.weekly().shape[1], expected.naive().shape[1]),
    }
    for what, (found, wanted) in pairs.items():
        if found != wanted:
            raise ScoreError(
                f"{result.policy}, seed {result.seed}: its {what} are {found!r}, the references' {wanted!r}; "
                "scores compare runs on identical traces only: run the evaluation again on this task version"
            )
