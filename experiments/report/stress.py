"""The stress suite in the terminal and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from rich.markup import escape as plain
from rich.table import Table

from experiments.report import wording
from experiments.report.figures import bar_row
from experiments.report.page import document
from experiments.report.sections import scrolling_table, section
from hybrid_env.scoring.result import write_atomically
from hybrid_env.scoring.stress import Figures, Outcome, StressReport, figures

CALM = "as it was"
HEADS = (
    "shock", "k$ a week", "lost", "naive loses", "over naive", "worst week", "worst week over naive",
    "at limit, h a year", "shed, h a year", "AI withdrawn, % of weeks", "tenant away, % of weeks",
)  # fmt: skip
HOURS_A_YEAR = 8_760
HOURS_A_WEEK = 168


def stress_table(report: StressReport) -> Table:
    """A line for the years as they were and one a shock; thousand USD a week and world, hours a year of one world."""
    table = Table(title=plain(f"{report.task}: {report.policy} under stress"), caption=_weeks(report))
    for name in HEADS:
        table.add_column(name, justify="left" if name == "shock" else "right", no_wrap=name == "shock")
    for outcome, cells in _rows(report):
        table.add_row(*map(plain, cells), style="dim" if outcome.note else None)
    return table


def stress_notes(report: StressReport) -> list[str]:
    """What has to be said of shocks that were not played, not felt or not seen, one line each."""
    return [f"{outcome.shock}: {outcome.note}" for outcome in report.shocks if outcome.note]


def stress_page(report: StressReport, path: str | Path, *, command: str = "") -> Path:
    """Write the page, whole or not at all; returns its path."""
    title = f"{report.task.rpartition('/')[2]}: {report.policy} under stress"
    units = f"Thousand USD a week, over {_weeks(report)}; hours a year of one world."
    prose = (
        "The same policy on the same years, each time with one thing that they do not hold, or seen through faulty"
        " sensors."
    )
    body = [
        f'<header><h1>{escape(title)}</h1><p class="task-id">{escape(report.task)}</p><p>{prose}</p>',
        f'<p class="finding">{_finding(report)}</p></header><main>',
        section("losses", "What each shock costs", _losses_prose(), _losses(report)),
        section("figures", "In figures", units, _table(report)),
        section("meanings", "What happens", "", _meanings(report)),
        "</main>",
        _footer(report, command),
    ]  # fmt: skip
    write_atomically(path, document(title, "".join(body), []))
    return Path(path)


def _weeks(report: StressReport) -> str:
    """`52 weeks in each of 2 test worlds`."""
    worlds = len(report.calm.trace_hashes)
    where = f"one {report.split} world" if worlds == 1 else f"each of {worlds} {report.split} worlds"
    return f"{report.weeks} weeks in {where}"


def _rows(report: StressReport) -> Iterator[tuple[Outcome, tuple[str, ...]]]:
    """Each outcome with its cells; dashes where the shock could not be played."""
    for outcome in (report.calm, *report.shocks):
        found = figures(outcome, report.calm)
        name = outcome.shock or CALM
        yield outcome, (name, *([wording.NONE] * (len(HEADS) - 1) if found is None else _cells(report, outcome, found)))


def _cells(report: StressReport, outcome: Outcome, found: Figures) -> tuple[str, ...]:
    worlds = len(report.calm.trace_hashes)
    world_weeks = worlds * report.weeks
    a_year = HOURS_A_YEAR / (world_weeks * HOURS_A_WEEK)
    calm = not found.shock
    blind = outcome.sensors  # naive reads no sensor, so that it has nothing to lose
    return (
        wording.thousands(found.usd / world_weeks, sign=False),
        wording.NONE if calm else wording.thousands(found.loss_usd / world_weeks, sign=False),
        wording.NONE if calm or blind else wording.thousands(found.naive_loss_usd / world_weeks, sign=False),
        wording.thousands(found.over_naive_usd / world_weeks),
        wording.thousands(found.worst_week_usd, sign=False),
        wording.thousands(found.worst_week_over_naive_usd),
        wording.number(found.import_limit_h * a_year),
        wording.number(found.shed_h * a_year, 1),
        wording.share(found.risk.withdrawn_week_frac),
        wording.share(found.risk.tenant_away_week_frac),
    )


def _finding(report: StressReport) -> str:
    """The dearest shock, and where the policy is worse than naive."""
    shocked = [found for found in report.figures() if found.shock]
    if not shocked:
        return "No shock could be played."
    weeks = len(report.calm.trace_hashes) * report.weeks
    worst = max(shocked, key=lambda found: found.loss_usd)
    text = (
        f"<strong>{escape(worst.shock)}</strong> costs most: {wording.thousands(worst.loss_usd / weeks, sign=False)}"
        f" thousand USD a week of {wording.thousands(report.figures()[0].usd / weeks, sign=False)}."
    )
    behind = [escape(found.shock) for found in shocked if found.over_naive_usd < 0]
    if behind:
        return f"{text} It earns less than the naive policy under {', '.join(behind)}."
    return (
        f"{text} It earns at least as much as the naive policy under every shock." if report.policy != "naive" else text
    )


def _losses_prose() -> str:
    return (
        "Thousand USD a week against the same policy without the shock, and in the second line the same of the naive "
        "policy. Orange bars, to the left, are losses. A policy that loses less than naive softens the blow. Faults of "
        "the sensors have one line: naive reads none."
    )


def _losses(report: StressReport) -> str:
    weeks = len(report.calm.trace_hashes) * report.weeks
    noted = {outcome.shock for outcome in report.shocks if outcome.note}
    blind = {outcome.shock for outcome in report.shocks if outcome.sensors}
    felt = (found for found in report.figures() if found.shock and found.shock not in noted)
    shocked = sorted(felt, key=lambda found: -found.loss_usd)
    if not shocked:
        return "<p>No shock was felt.</p>"
    lines: list[tuple[str, float, bool]] = []
    for found in shocked:
        lines.append((found.shock, -found.loss_usd / weeks, True))
        if found.shock not in blind:
            lines.append(("naive", -found.naive_loss_usd / weeks, False))
    low, high = min(0.0, *(move for _, move, _ in lines)), max(0.0, *(move for _, move, _ in lines))
    margin = 0.02 * (high - low or 1.0)
    body = []
    for name, move, own in lines:
        kind, text = "gain" if move > 0 else "loss", wording.thousands(move)
        body.append(bar_row(name, 0.0, move, low - margin, high + margin, text, kind, strong=own))
    return f'<div class="rows waterfall-rows">{"".join(body)}</div>'


def _table(report: StressReport) -> str:
    head = "".join(f'<th scope="col" class="{"" if n else "left"}">{name}</th>' for n, name in enumerate(HEADS))
    body = []
    for outcome, (name, *cells) in _rows(report):
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        plain_row = outcome.note or not outcome.shock
        body.append(f'<tr class="{"line-row" if plain_row else ""}"><th scope="row">{escape(name)}</th>{row}</tr>')
    return scrolling_table("Shocks", head, "".join(body))


def _meanings(report: StressReport) -> str:
    """What each shock is, with its note."""
    items = []
    for outcome in report.shocks:
        note = f" <em>{escape(outcome.note)}</em>" if outcome.note else ""
        items.append(f"<div><dt>{escape(outcome.shock)}</dt><dd>{escape(outcome.meaning)}.{note}</dd></div>")
    return f'<dl class="facts">{"".join(items)}</dl>'


def _footer(report: StressReport, command: str) -> str:
    made = report.provenance
    facts = {
        "Site hash": made.site_hash, "Kernel hash": made.kernel_hash, "Commit": made.git_commit,
        "Processor": made.machine, "Made, UTC": f"{made.created_utc:%Y-%m-%d %H:%M}",
        "Versions": ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items())),
    }  # fmt: skip
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    again = f"<p>This page again:</p><pre>{escape(command)}</pre>" if command else ""
    return f'<footer id="provenance"><h2>Provenance</h2>{again}<dl class="facts hashes">{items}</dl></footer>'
