"""The leaderboard in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from experiments.report import wording
from experiments.report.standings import Standing, risks, standings
from hybrid_env.scoring.result import Result
from hybrid_env.scoring.score import References
from hybrid_env.scoring.statistics import RESAMPLES

_COLUMNS = ("kind", "score", "95 %", "vs best rule", "k$/week", "CVaR k$", "worst k$", "ms", "training")


def leaderboard_table(results: Sequence[Result], references: References, *, resamples: int = RESAMPLES) -> Table:
    """Policies and reference lines, best first; scores in points (naive 0, bound 100), money over naive.

    Raises:
        ScoreError: a run belongs to another task, site or trace than the references, or a seed occurs twice.
    """
    size = f"{references.naive().size} weeks in {len(references.worlds)} worlds"
    caption = f"{size}; * beats the best rule: the paired 95 % interval is above 0"
    table = Table(title=escape(references.task), caption=caption)
    table.add_column("policy", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "kind" else "right", no_wrap=name != "training")
    rows = standings(results, references, resamples=resamples)
    measured = [name for name in risks(rows) if any(row.risk_frac(name) for row in rows)]  # terminals are narrow
    for name in measured:
        table.add_column(wording.RISK_LABELS[name], justify="right")
    for row in rows:
        cells = [*_cells(row), *(wording.share(row.risk_frac(name)) for name in measured)]
        table.add_row(*map(escape, cells), style="dim" if row.is_line else None)
    return table


def _cells(row: Standing) -> tuple[str, ...]:
    mark = " *" if row.against_rule and row.against_rule.beats else ""
    training = wording.duration(row.training_seconds)
    if row.training_steps:
        training += f", {wording.count(row.training_steps)}"
    return (
        row.policy + (f" x{row.seeds}" if row.seeds > 1 else ""),
        row.kind,
        wording.points(row.score.estimate),
        wording.interval_text(row.score),
        wording.comparison_text(row.against_rule) + mark,
        wording.thousands(row.gain_usd_per_week),
        wording.thousands(row.tail_usd),
        wording.thousands(row.worst_usd),
        wording.milliseconds(row.latency_ms),
        training,
    )
