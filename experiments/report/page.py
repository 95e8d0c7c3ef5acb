"""The leaderboard as one self-contained HTML page: no network, no external script, style or font."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from experiments.report import opening, sections
from experiments.report.dispatch import readout_data
from experiments.report.standings import standings
from hybrid_env.scoring.result import Result, write_atomically
from hybrid_env.scoring.score import References
from hybrid_env.scoring.statistics import RESAMPLES

HERE = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""Content security: a browser that reads this fetches nothing, whatever the page holds."""
WITHOUT_SCRIPT = "[data-part][hidden] { display: block !important; } .chooser, .slider, .readout { display: none; }"
"""Where scripts are off, every policy's plots are shown below each other."""


def build_page(
    results: Sequence[Result],
    references: References,
    path: str | Path,
    *,
    facts: Mapping[str, str | float] | None = None,
    title: str = "",
    summary: str = "",
    command: str = "",
    resamples: int = RESAMPLES,
) -> Path:
    """Write the page, whole or not at all; returns its path.

    Args:
        results: runs of any number of policies and seeds on the references' traces.
        references: the task's naive, bound and reference lines.
        path: the `.html` file to write.
        facts: what the site is, label -> value with its unit, in the order shown.
        title: of the page; the task's id otherwise.
        summary: a sentence or two on the task, plain text.
        command: that makes this page again.
        resamples: of the bootstrap.

    Raises:
        ScoreError: a run belongs to another task, site or trace than the references, or a seed occurs twice.
    """
    rows = standings(results, references, resamples=resamples)
    weeks = [run.week_trace for row in rows if (run := row.shown_run) and run.week_trace]
    heading = title or f"{references.task.rpartition('/')[2]}: leaderboard"
    body = [
        opening.header(heading, summary, facts or {}, references, rows),
        "<main>",
        sections.leaderboard(rows, references),
        sections.score_section(rows),
        sections.dispatch_section(rows),
        sections.ledger_section(rows, references),
        sections.measures_section(rows, references),
        (HERE / "reading.html").read_text("utf-8"),
        "</main>",
        sections.provenance_section(rows, references, command),
    ]
    write_atomically(path, document(heading, "".join(body), [readout_data(week) for week in weeks]))
    return Path(path)


def document(title: str, body: str, weeks: Sequence[Mapping[str, object]]) -> str:
    """A page that needs nothing from elsewhere; `body` is HTML, `weeks` what the dispatch plots read."""
    style = (HERE / "page.css").read_text("utf-8")
    script = (HERE / "page.js").read_text("utf-8")
    data = json.dumps(weeks, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n"
        f"<noscript><style>{WITHOUT_SCRIPT}</style></noscript>\n</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="weeks">{data}</script>\n<script>\n{script}</script>\n</body>\n</html>\n'
    )
