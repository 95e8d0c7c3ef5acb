"""How the page opens: the task, what was found in plain words, what to doubt, and the site's facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from experiments.report import wording
from experiments.report.standings import Standing, best_rule
from hybrid_env.scoring.score import References
from hybrid_env.scoring.statistics import WEEKS_PER_YEAR

BALANCE_TOLERANCE_MW = 0.05
"""Supply and use of a plotted week may differ by this much before the page warns."""


def header(
    title: str, summary: str, facts: Mapping[str, str | float], references: References, rows: Sequence[Standing]
) -> str:
    """Title, task, what was found in a sentence, warnings, and the site's facts."""
    worlds, weeks = references.naive().shape
    shown = {**facts, "Tested on": f"{worlds} worlds of {weeks} weeks, none trained on"}
    items = "".join(f"<div><dt>{escape(label)}</dt><dd>{_fact(value)}</dd></div>" for label, value in shown.items())
    return (
        f'<header><h1>{escape(title)}</h1><p class="task-id">{escape(references.task)}</p>'
        f"{f'<p>{escape(summary)}</p>' if summary else ''}"
        f'<p class="finding">{finding(rows)}</p>{_warnings(rows, references)}'
        f'<dl class="facts">{items}</dl></header>'
    )


def _fact(value: str | float) -> str:
    return escape(value if isinstance(value, str) else wording.significant(value))


def finding(rows: Sequence[Standing]) -> str:
    """The result in plain words; claims only what the intervals allow."""
    contestants = [row for row in rows if not row.is_line]
    if not contestants:
        return "No policy has been evaluated on this task yet."
    best = contestants[0]
    text = (
        f"The best policy, <strong>{escape(best.policy)}</strong>, takes {wording.points(best.score.estimate)} of "
        f"every 100 dollars between the naive policy and the bound "
        f"(95&nbsp;% interval {wording.interval_text(best.score)}): "
        f"{wording.thousands(best.gain_usd_per_week)} thousand USD a week over naive."
    )
    rule = best_rule(rows)
    if rule is None or best.against_rule is None:
        return text
    claim = {
        "beats": "That beats the best rule",
        "loses to": "That is below the best rule",
        "not told apart from": "These weeks cannot tell it apart from the best rule",
    }[best.against_rule.claim]
    return f"{text} {claim}, {escape(rule.policy)} ({wording.points(rule.score.estimate)})."


def _warnings(rows: Sequence[Standing], references: References) -> str:
    """What a reader should doubt, found by looking at the runs."""
    runs = [run for row in rows for run in row.runs]
    here = [run for run in runs if run.kind in {"rule", "agent"}]  # controllers may be stored with a release
    notes = []
    above = [row.policy for row in rows if not row.is_line and row.score.estimate > 1]
    if above:
        notes.append(f"{', '.join(above)} scored above the bound. Nothing can: the simulator or the bound has a fault.")
    for what, values in (
        ("simulator versions (kernel hashes)", {run.provenance.kernel_hash for run in runs}),
        ("code versions (commits)", {run.provenance.git_commit for run in here}),
    ):
        if len(values) > 1:
            notes.append(f"The runs come from {len(values)} different {what}; evaluate all of them with one.")
    if any(run.provenance.git_commit.endswith("-dirty") for run in here):
        notes.append("Some runs were made with edited files (commit marked -dirty): nobody else can repeat them.")
    single = [row.policy for row in rows if row.kind == "agent" and row.seeds == 1]
    if single:
        notes.append(f"One training seed only: {', '.join(single)}. The interval leaves out the luck of training.")
    if references.naive().shape[1] < WEEKS_PER_YEAR:
        notes.append(
            f"{references.naive().shape[1]} weeks instead of a year: seasons are missing, take scores as a trial."
        )
    unbalanced = [
        row.policy
        for row in rows
        if (run := row.shown_run) and run.week_trace and run.week_trace.imbalance_mw() > BALANCE_TOLERANCE_MW
    ]
    if unbalanced:
        notes.append(f"Supply and use differ in the plotted week of {', '.join(unbalanced)}.")
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<div class="warnings" role="note"><ul>{items}</ul></div>' if notes else ""
