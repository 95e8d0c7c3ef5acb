"""A real replay in the terminal and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from rich.markup import escape as plain
from rich.table import Table

from experiments.replay_report import Played, ReplayReport
from experiments.report import wording
from experiments.report.figures import bar_row
from experiments.report.page import document
from experiments.report.sections import scrolling_table, section
from hybrid_env.scoring.result import write_atomically
from hybrid_env.traces.schema import COLUMNS

HEADS = ("policy", "generated, k$ a week", "rank", "real, k$ a week", "rank", "real weeks over naive, %")
ORIGINS = {
    "real": "measured, published",
    "derived": "computed from what is real",
    "given": "the site's own limit",
    "synthetic": "drawn from the task's market",
    "default": "one value throughout",
}
"""Where a column of a real trace comes from, and what that means."""


def replay_table(report: ReplayReport) -> Table:
    """A line a policy; gains over naive in thousand USD a week."""
    table = Table(title=plain(f"{report.task}: generated years and {report.year}"), caption=plain(tau_text(report)))
    for name in HEADS:
        table.add_column(name, justify="left" if name == "policy" else "right", no_wrap=name == "policy")
    for played in report.policies:
        table.add_row(*map(plain, _cells(played)), style="bold" if played.generated_rank != played.real_rank else None)
    return table


def tau_text(report: ReplayReport) -> str:
    """`Kendall's tau 0.93, 95 % interval 0.86 to 1.00, p 0.0004`."""
    interval = ""
    if report.tau_low is not None and report.tau_high is not None:
        low, high = wording.number(report.tau_low, 2), wording.number(report.tau_high, 2)
        interval = f", 95 % interval over weeks {low} to {high}"
    return f"Kendall's tau {wording.number(report.tau, 2)}{interval}, p {report.p_value:.2g}"


def origin_table(origins: Mapping[str, Mapping[str, str]]) -> str:
    """Where each trace column comes from, as Markdown: a row a column, a column a task.

    Args:
        origins: task -> trace column -> origin.
    """
    tasks = list(origins)
    lines = [f"| column | {' | '.join(tasks)} |", "| --- |" + " --- |" * len(tasks)]
    lines += [f"| `{name}` | {' | '.join(origins[task][name] for task in tasks)} |" for name in COLUMNS]
    return "\n".join(lines)


def replay_page(report: ReplayReport, path: str | Path) -> Path:
    """Write the page, whole or not at all; returns its path."""
    title = f"{report.task.rpartition('/')[2]}: generated years and {report.year}"
    prose = (
        f"The same policies on {_worlds(report)} and on a real year, {report.weeks} weeks each. Policies are made on"
        " generated years; a real one shows whether their order holds."
    )
    body = [
        f'<header><h1>{escape(title)}</h1><p class="task-id">{escape(report.task)}</p><p>{prose}</p>',
        f'<p class="finding">{_finding(report)}</p></header><main>',
        section("gains", "Gains over naive", _gains_prose(), _gains(report)),
        section("figures", "In figures", _figures_prose(report), _figures(report.policies)),
        section("columns", "Where the real year comes from", _columns_prose(), _columns(report)),
        "</main>", _footer(report),
    ]  # fmt: skip
    write_atomically(path, document(title, "".join(body), []))
    return Path(path)


def _cells(played: Played) -> tuple[str, ...]:
    return (
        played.policy, wording.thousands(played.generated_usd_per_week), str(played.generated_rank),
        wording.thousands(played.real_usd_per_week), str(played.real_rank),
        wording.share(played.weeks_above_naive_frac),
    )  # fmt: skip


def _worlds(report: ReplayReport) -> str:
    count = len(report.generated_worlds)
    return "one generated year" if count == 1 else f"{count} generated years"


def _finding(report: ReplayReport) -> str:
    """The tau, and what became of the best and the worst."""
    ends = []
    for word, (generated, real) in (("best", report.best), ("worst", report.worst)):
        stays = f"{escape(generated)} stays the {word}"
        ends.append(stays if generated == real else f"the {word} is {escape(real)} instead of {escape(generated)}")
    pairs = len(report.policies) * (len(report.policies) - 1) // 2
    return (
        f"<strong>{escape(tau_text(report))}.</strong> {len(report.swapped)} of {pairs} pairs change places;"
        f" {'; '.join(ends)}."
    )


def _gains_prose() -> str:
    return (
        "Thousand USD a week over the naive policy; first line generated years, second line the real one. Orange bars,"
        " to the left, are losses."
    )


def _gains(report: ReplayReport) -> str:
    shown = [played for played in report.policies if played.policy != "naive"]
    values = [value for played in shown for value in (played.generated_usd_per_week, played.real_usd_per_week)]
    low, high = min([0.0, *values]), max([0.0, *values])
    margin = 0.02 * (high - low or 1.0)
    body = []
    for played in shown:
        lines = ((played.policy, played.generated_usd_per_week), (str(report.year), played.real_usd_per_week))
        for name, gain in lines:
            kind, text = "gain" if gain > 0 else "loss", wording.thousands(gain)
            body.append(bar_row(name, 0.0, gain, low - margin, high + margin, text, kind, strong=name == played.policy))
    return f'<div class="rows waterfall-rows">{"".join(body)}</div>'


def _figures_prose(report: ReplayReport) -> str:
    generated, real = (wording.thousands(usd, sign=False) for usd in report.naive_usd_per_week)
    swapped = "; ".join(f"{escape(first)} and {escape(second)}" for first, second in report.swapped) or "none"
    return (
        f"Rows by rank on generated years. Naive earns {generated} thousand USD a week there and {real} in"
        f" {report.year}. Pairs that change places: {swapped}."
    )


def _figures(policies: Sequence[Played]) -> str:
    head = "".join(f'<th scope="col" class="{"" if n else "left"}">{name}</th>' for n, name in enumerate(HEADS))
    body = []
    for played in policies:
        name, *cells = _cells(played)
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        same = played.generated_rank == played.real_rank
        body.append(f'<tr class="{"line-row" if same else ""}"><th scope="row">{escape(name)}</th>{row}</tr>')
    return scrolling_table("Gains and ranks", head, "".join(body))


def _columns_prose() -> str:
    return (
        "A generated year is held to a real one only in what is real; nothing is learned of a column that is drawn or"
        " stands at its default."
    )


def _columns(report: ReplayReport) -> str:
    items = []
    for origin, meaning in ORIGINS.items():
        names = [name for name, found in report.origin.items() if found == origin]
        if names:
            listed = ", ".join(f"<code>{name}</code>" for name in names)
            items.append(f"<h3>{len(names)} {origin}: {meaning}</h3><p>{listed}</p>")
    return "".join(items)


def _footer(report: ReplayReport) -> str:
    made = report.provenance
    facts = {
        "Real trace": f"{report.real_world}, {made.trace_hashes[report.real_world]}",
        "Generated traces": ", ".join(report.generated_worlds),
        "Site hash": made.site_hash, "Kernel hash": made.kernel_hash, "Commit": made.git_commit,
        "Processor": made.machine, "Made, UTC": f"{made.created_utc:%Y-%m-%d %H:%M}",
    }  # fmt: skip
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    again = f"<p>This page again:</p><pre>{escape(made.command)}</pre>"
    return f'<footer id="provenance"><h2>Provenance</h2>{again}<dl class="facts hashes">{items}</dl></footer>'
