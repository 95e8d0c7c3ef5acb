"""One row a policy: its runs gathered over training seeds, scored, and compared with the best rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hybrid_env.scoring.result import Kind, Result, Risk
from hybrid_env.scoring.score import Array, References, score, stack_seeds, weekly_tail_mean, worst_week
from hybrid_env.scoring.statistics import RESAMPLES, Comparison, Interval, paired_difference, score_interval


@dataclass(frozen=True)
class Standing:
    """A policy's place on the leaderboard; money in USD over the naive policy, scores as shares of the bound."""

    policy: str
    kind: Kind
    seeds: int
    score: Interval
    gain_usd_per_week: float
    tail_usd: float | None
    """10 % CVaR of the weekly gain."""
    worst_usd: float | None
    latency_ms: float | None = None
    training_seconds: float = 0.0
    training_steps: int = 0
    runs: tuple[Result, ...] = ()
    """By seed; empty for a stored reference line."""
    against_rule: Comparison | None = None
    """Paired with the best rule; none for that rule itself and for references."""

    @property
    def is_line(self) -> bool:
        """Whether this is one of the task's reference lines rather than a contestant."""
        return self.kind == "reference"

    def risk_frac(self, name: str) -> float | None:
        """A field of `Risk`, averaged over the runs that measured it; None if none did."""
        found = [frac for run in self.runs if (frac := getattr(run.risk, name)) is not None]
        return float(np.mean(found)) if found else None

    @property
    def shown_run(self) -> Result | None:
        """The run that plots show: the seed of median money among those that kept a week."""
        kept = sorted((run for run in self.runs if run.week_trace), key=lambda run: float(run.weekly().sum()))
        return kept[(len(kept) - 1) // 2] if kept else None


def standings(results: Sequence[Result], references: References, *, resamples: int = RESAMPLES) -> list[Standing]:
    """Every policy and reference line, best first.

    Raises:
        ScoreError: a run belongs to another task, site or trace than the references, or a seed occurs twice.
    """
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.policy, []).append(result)
    weekly = {policy: stack_seeds(runs, references) for policy, runs in groups.items()}
    rows = [_contestant(groups[policy], weekly[policy], references, resamples) for policy in groups]
    rule = best_rule(rows)
    if rule is not None:
        rows = [_compared(row, rule, weekly, references, resamples) for row in rows]
    rows += [line for line in _lines(references, resamples) if line.policy not in groups]
    return sorted(rows, key=lambda row: (-row.score.estimate, row.policy))


def best_rule(rows: Sequence[Standing]) -> Standing | None:
    """The rule of highest score, if there is a rule."""
    return max((row for row in rows if row.kind == "rule"), key=lambda row: row.score.estimate, default=None)


def risks(rows: Sequence[Standing]) -> list[str]:
    """Fields of `Risk` that any of these policies' runs measured."""
    return [name for name in Risk.model_fields if any(row.risk_frac(name) is not None for row in rows)]


def mean_over_runs(runs: Sequence[Result], field: str) -> dict[str, float]:
    """A dictionary field (`accounts_usd`, `mwh`, `kg`, `work`) averaged over runs; a name that a run lacks counts 0."""
    tables: list[Mapping[str, float]] = [getattr(run, field) for run in runs]
    names = dict.fromkeys(name for table in tables for name in table)
    return {name: float(np.mean([table.get(name, 0.0) for table in tables])) for name in names}


def _contestant(runs: list[Result], weekly: Array, references: References, resamples: int) -> Standing:
    row = _measured(runs[0].policy, runs[0].kind, weekly, references, resamples)
    return replace(
        row,
        seeds=len(runs),
        latency_ms=float(np.mean([run.decision_latency_ms for run in runs])),
        training_seconds=float(np.mean([run.training_seconds for run in runs])),
        training_steps=round(float(np.mean([run.training_steps for run in runs]))),
        runs=tuple(sorted(runs, key=lambda run: run.seed)),
    )


def _measured(policy: str, kind: Kind, weekly: Array, references: References, resamples: int) -> Standing:
    naive = references.naive()
    interval = score_interval(weekly, naive, references.bound_weekly(), resamples=resamples)
    mean = weekly.mean(axis=0) if weekly.ndim == 3 else weekly
    return Standing(
        policy=policy,
        kind=kind,
        seeds=1,
        score=replace(interval, estimate=score(weekly, naive, references.bound())),
        gain_usd_per_week=float(np.mean(mean - naive)),
        tail_usd=weekly_tail_mean(weekly, naive),
        worst_usd=worst_week(weekly, naive),
    )


def _compared(
    row: Standing, rule: Standing, weekly: dict[str, Array], references: References, resamples: int
) -> Standing:
    if row.policy == rule.policy or row.is_line:
        return row
    pair = weekly[row.policy], weekly[rule.policy]
    comparison = paired_difference(*pair, references.naive(), references.bound_weekly(), resamples=resamples)
    return replace(row, against_rule=comparison)


def _lines(references: References, resamples: int) -> list[Standing]:
    """The task's stored reference lines as rows."""
    certain = {name: Interval(value, float("nan"), float("nan")) for name, value in (("naive", 0.0), ("bound", 1.0))}
    room = float(np.mean(references.bound_weekly() - references.naive()))
    rows = [
        Standing("naive", "reference", 1, certain["naive"], 0.0, 0.0, 0.0),
        Standing("bound", "reference", 1, certain["bound"], room, None, None),
    ]
    for name, stored in (("P24", references.p24_usd), ("R*", references.reachable_usd)):
        if stored is not None:
            weekly = np.asarray(stored, dtype=np.float64)
            rows.append(_measured(name, "reference", weekly, references, resamples))
    return rows
