"""The page's sections, each a function from standings to an HTML fragment. All text from outside is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from experiments.report import wording
from experiments.report.dispatch import common_axes, dispatch_panels
from experiments.report.figures import score_plot, waterfall
from experiments.report.standings import Standing, mean_over_runs, risks
from hybrid_env.scoring.result import Proof, Result, WeekTrace
from hybrid_env.scoring.score import References
from hybrid_env.scoring.statistics import WEEKS_PER_YEAR

HEADS = (
    ("policy", "left"), ("kind", "left"), ("score<br>points", ""), ("95&nbsp;%<br>interval", ""),
    ("against best rule<br>points", ""), ("over naive<br>k$ a week", ""), ("10&nbsp;% CVaR<br>k$ a week", ""),
    ("worst week<br>k$", ""), ("decision<br>ms", ""), ("training<br>time, steps", ""),
)  # fmt: skip


def section(name: str, title: str, prose: str, content: str) -> str:
    """A titled part of the page; `prose` and `content` are HTML."""
    return f'<section id="{name}"><h2>{title}</h2>{f"<p>{prose}</p>" if prose else ""}{content}</section>'


def scrolling_table(label: str, head: str, body: str) -> str:
    """A table that scrolls sideways by itself where the screen is narrow."""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{table}</div>'


def leaderboard(rows: Sequence[Standing], references: References) -> str:
    """The table."""
    prose = (
        f"0 points is the naive policy, 100 the bound; {references.naive().size} weeks, the same for every policy. "
        "Grey rows are reference lines. \N{HEAVY CHECK MARK}: the paired difference to the best rule is above zero "
        "over its whole 95&nbsp;% interval; \N{HEAVY BALLOT X}: below zero; no mark: the two cannot be told apart."
    )
    measured = risks(rows)
    heads = (*HEADS, *((wording.RISK_LABELS[name], "") for name in measured))
    head = "".join(f'<th scope="col" class="{css}">{text}</th>' for text, css in heads)
    body = "".join(_row(row, measured) for row in rows)
    return section("leaderboard", "Leaderboard", prose, scrolling_table("Leaderboard", head, body))


def _row(row: Standing, measured: Sequence[str]) -> str:
    label = wording.LINE_LABELS.get(row.policy, row.policy) if row.is_line else row.policy
    seeds = f" <small>{row.seeds} seeds</small>" if row.seeds > 1 else ""
    comparison = row.against_rule
    claim = "" if comparison is None else "beats" if comparison.beats else "loses" if comparison.loses else "level"
    training = wording.duration(row.training_seconds)
    if row.training_steps:
        training += f", {wording.count(row.training_steps)}"
    cells = (
        (f'<span class="tag {row.kind}">{row.kind}</span>', "left"),
        (wording.points(row.score.estimate), "main"),
        (wording.interval_text(row.score), ""),
        (f'<span class="{claim}">{wording.comparison_text(comparison)}</span>', ""),
        (wording.thousands(row.gain_usd_per_week), ""),
        (wording.thousands(row.tail_usd), ""),
        (wording.thousands(row.worst_usd), ""),
        (wording.milliseconds(row.latency_ms), ""),
        (training, ""),
        *((wording.share(row.risk_frac(name)), "") for name in measured),
    )
    tail = "".join(f'<td class="{css}">{text}</td>' for text, css in cells)
    return f'<tr class="{"line-row" if row.is_line else ""}"><th scope="row">{escape(label)}{seeds}</th>{tail}</tr>'


def score_section(rows: Sequence[Standing]) -> str:
    """The interval plot."""
    if all(row.is_line for row in rows):
        return ""
    prose = (
        "Full circle: trained agent; diamond: model-predictive control; open circle: rule. Bar: 95&nbsp;% interval "
        "over training seeds, weeks and worlds. Dashed: reference lines. Policies whose bars overlap may still differ: "
        "they meet the same weeks, so <em>against best rule</em> above is the sharper test."
    )
    return section("scores", "Scores and how sure they are", prose, score_plot(rows))


def dispatch_section(rows: Sequence[Standing]) -> str:
    """One week of every policy that kept one."""
    kept = [(row, run, run.week_trace) for row in rows if (run := row.shown_run) and run.week_trace]
    if not kept:
        return ""
    axes = common_axes([week for _, _, week in kept])
    first = next((index for index, (row, _, _) in enumerate(kept) if not row.is_line), 0)
    parts = []
    for index, (row, run, week) in enumerate(kept):
        place = f'data-part="dispatch" data-policy="{escape(row.policy)}" data-index="{index}"'
        content = f"{_caption(row, run, week)}{dispatch_panels(week, axes)}{_reader(week)}"
        parts.append(f'<div class="dispatch" {place}{"" if index == first else " hidden"}>{content}</div>')
    prose = (
        "What each policy did with the site's power in one test week. Colours keep their meaning in every panel, and "
        "axes are the same for every policy: switch between policies to see where they differ."
    )
    chooser = _chooser("dispatch", [row.policy for row, _, _ in kept], kept[first][0].policy)
    return section("dispatch", "A week in megawatts", prose, chooser + "".join(parts))


def _caption(row: Standing, run: Result, week: WeekTrace) -> str:
    seed = f", seed {run.seed} (the median of {row.seeds})" if row.seeds > 1 else ""
    text = (
        f"{row.policy}{seed}: week {week.week + 1} of {week.world}, from {week.start_utc.day} {week.start_utc:%B %Y}, "
        f"times in UTC. Supply and use differ by {wording.number(week.imbalance_mw(), 3)} MW at most."
    )
    return f'<p class="note">{escape(text)}</p>'


def _reader(week: WeekTrace) -> str:
    """The slider and the place where values are read."""
    slider = f'<input type="range" min="0" max="{len(week) - 1}" value="0" aria-label="time within the week">'
    hint = "Point at a panel, touch it, or move the slider to read the values."
    return f'<div class="slider">{slider}</div><div class="readout">{hint}</div>'


def ledger_section(rows: Sequence[Standing], references: References) -> str:
    """The waterfall from naive to each policy."""
    kept = [row for row in rows if row.runs and row.policy != "naive"]
    if not kept or not references.naive_accounts_usd:
        return ""
    first = next((row.policy for row in kept if not row.is_line), kept[0].policy)
    parts = "".join(
        f'<div data-part="ledger" data-policy="{escape(row.policy)}"{"" if row.policy == first else " hidden"}>'
        f"{waterfall(row, references)}</div>"
        for row in kept
    )
    prose = (
        "From the naive policy to the chosen one, account by account, in thousand USD a week (mean over all weeks, "
        "worlds and seeds). Blue bars, to the right, earn or save money against naive; orange bars, to the left, cost "
        "it; they add up to the last row."
    )
    chooser = _chooser("ledger", [row.policy for row in kept], first)
    return section("ledger", "Where the money comes from", prose, chooser + parts)


def _chooser(group: str, policies: Iterable[str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>{escape(name)}</option>'
        for name in policies
    )
    return f'<label class="chooser">Policy <select data-group="{group}">{options}</select></label>'


def measures_section(rows: Sequence[Standing], references: References) -> str:
    """Energy, emissions and work of all policies, a year of one world."""
    kept = [row for row in rows if row.runs]
    if not kept:
        return ""
    years = references.naive().size / WEEKS_PER_YEAR
    body = []
    for title, field in (
        ("Energy, MWh", "mwh"),
        ("Emissions and matter, kg", "kg"),
        ("Work and service, sums", "work"),
    ):
        columns = [mean_over_runs(row.runs, field) for row in kept]
        names = dict.fromkeys(name for column in columns for name in column)
        if names:
            body.append(f'<tr class="line-row"><th scope="rowgroup">{title}</th>{"<td></td>" * len(kept)}</tr>')
        for name in names:
            cells = "".join(f"<td>{wording.significant(column.get(name, 0.0) / years)}</td>" for column in columns)
            body.append(f'<tr><th scope="row">{escape(wording.measure_label(name))}</th>{cells}</tr>')
    body += _on_demand_price(kept)
    body += _proofs(kept)
    names = "".join(f'<th scope="col">{escape(row.policy)}</th>' for row in kept)
    table = scrolling_table("Measures", f'<th scope="col">measure</th>{names}', "".join(body))
    summary = "<summary>Energy, emissions and work of every policy, per world and year</summary>"
    return section("measures", "What was done", "", f"<details>{summary}{table}</details>")


def _on_demand_price(rows: Sequence[Standing]) -> list[str]:
    """A row with the mean price of a GPU-hour rented on demand, where some policy sold one."""
    sold = [
        (mean_over_runs(row.runs, "accounts_usd").get("gpu_on_demand", 0.0),
         mean_over_runs(row.runs, "work").get("gpu_h_on_demand", 0.0))
        for row in rows
    ]  # fmt: skip
    if not any(hours > 0 for _, hours in sold):
        return []
    cells = "".join(
        f"<td>{wording.significant(usd / hours) if hours > 0 else wording.NONE}</td>" for usd, hours in sold
    )
    label = wording.measure_label("on_demand_usd_per_gpu_h")
    return [f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>']


def _proofs(rows: Sequence[Standing]) -> list[str]:
    """Rows with what each policy's year claims of carbon-free energy and what is behind it, where one claims any."""
    years = [[run.proofs["year"] for run in row.runs if "year" in run.proofs] for row in rows]
    if not any(years):
        return []
    lines = [f'<tr class="line-row"><th scope="rowgroup">Proof of the year</th>{"<td></td>" * len(rows)}</tr>']
    for name in Proof.model_fields:
        shares = [np.mean([getattr(proof, name) for proof in found]) if found else None for found in years]
        cells = "".join(
            f"<td>{wording.NONE if share is None else wording.number(100 * float(share), 1)}</td>" for share in shares
        )
        lines.append(f'<tr><th scope="row">{escape(wording.measure_label(name))}</th>{cells}</tr>')
    return lines


def provenance_section(rows: Sequence[Standing], references: References, command: str) -> str:
    """All that is needed to repeat the page, or to see why another's differs."""
    runs = [run for row in rows for run in row.runs]
    lines = "".join(_run_row(run) for run in runs)
    facts = {
        "Site hash": references.site_hash,
        "Kernel hash": _distinct(run.provenance.kernel_hash for run in runs),
        "Commit": _distinct(run.provenance.git_commit for run in runs),
        "Processor": _distinct(run.provenance.machine for run in runs),
        "Versions": _distinct(
            ", ".join(f"{name} {version}" for name, version in sorted(run.provenance.versions.items())) for run in runs
        ),
        "Trace hashes": ", ".join(f"{world} {found}" for world, found in references.trace_hashes.items()),
    }
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items() if value)
    configs = "".join(
        f"<details><summary>Configuration of {escape(row.policy)}</summary><pre>"
        f"{escape(json.dumps(row.runs[0].provenance.config, indent=1, ensure_ascii=False))}</pre></details>"
        for row in rows
        if row.runs and row.runs[0].provenance.config
    )
    again = f"<p>This page again:</p><pre>{escape(command)}</pre>" if command else ""
    head = (
        '<th scope="col">run</th><th scope="col">seed</th><th scope="col">made, UTC</th>'
        '<th scope="col" class="left">command</th>'
    )
    return (
        f'<footer id="provenance"><h2>Provenance</h2>{again}<dl class="facts hashes">{items}</dl>'
        f"{scrolling_table('Runs', head, lines)}{configs}</footer>"
    )


def _run_row(run: Result) -> str:
    made = run.provenance
    return (
        f'<tr><th scope="row">{escape(run.policy)}</th><td>{run.seed}</td><td>{made.created_utc:%Y-%m-%d %H:%M}</td>'
        f'<td class="left mono">{escape(made.command) or wording.NONE}</td></tr>'
    )


def _distinct(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))
