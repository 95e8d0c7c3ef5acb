"""A task's headroom in the terminal and as one self-contained HTML page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots
from rich.table import Table

from hybrid_env.scoring.headroom import HeadroomReport
from hybrid_env.scoring.result import write_atomically


def headroom_tables(report: HeadroomReport) -> list[Table]:
    """Policies, mechanisms, actions."""
    tables = [_policies(report)]
    if report.without:
        tables.append(_mechanisms(report))
    if report.frozen:
        tables.append(_actions(report))
    return tables


def _policies(report: HeadroomReport) -> Table:
    table = Table(title=f"{report.task}, {report.split}: {_weeks(report)}", caption=_gate(report))
    for name in ("policy", "k$ a week", "score, points", "95 % interval"):
        table.add_column(name, justify="left" if name == "policy" else "right")
    n = sum(len(row) for row in report.naive_usd)
    table.add_row("naive", f"{_total(report.naive_usd) / n / 1e3:,.1f}", "0.0", "")
    for line in report.lines:
        interval = "" if line.low is None or line.high is None else f"{100 * line.low:.1f} to {100 * line.high:.1f}"
        table.add_row(line.policy, f"{_total(line.usd) / n / 1e3:,.1f}", f"{100 * line.score:.1f}", interval)
    table.add_row("bound", f"{sum(report.bound_usd) / n / 1e3:,.1f}", "100.0", "")
    return table


def _mechanisms(report: HeadroomReport) -> Table:
    table = Table(title="headroom by mechanism", caption="gone without it; negative: without it there is more")
    table.add_column("mechanism")
    table.add_column("share of headroom, %", justify="right")
    for one in report.without:
        table.add_row(one.mechanism, f"{100 * report.share(one):.1f}")
    return table


def _actions(report: HeadroomReport) -> Table:
    table = Table(title=f"actions of {report.frozen_policy}, held still one at a time")
    for name in ("action", "best constant", "points lost"):
        table.add_column(name, justify="left" if name == "action" else "right")
    for one in report.frozen:
        table.add_row(one.action, f"{one.constant:g}", f"{100 * report.worth(one):.1f}")
    return table


def _gate(report: HeadroomReport) -> str:
    """The figures that decide whether a task is a good one."""
    parts = [f"at the limit under naive in {100 * report.limit_binding_frac:.0f} % of rows"]
    scores = {line.policy: line.score for line in report.lines}
    rules = [score for name, score in scores.items() if name not in ("mpc", "p24", "reachable", "plan_replay")]
    if rules and "p24" in scores:
        parts.append(f"best rule / P24 {max(rules) / scores['p24']:.3f}")
    if rules and "mpc" in scores:
        parts.append(f"MPC less best rule {100 * (scores['mpc'] - max(rules)):+.1f} points")
    return "; ".join(parts)


def _weeks(report: HeadroomReport) -> str:
    lanes = len(report.naive_usd)
    spread = f"{lanes} spread start{'s' if lanes > 1 else ''}"
    return f"{spread} of {report.length} week{'s' if report.length > 1 else ''}"


def _total(usd: tuple[tuple[float, ...], ...]) -> float:
    return sum(map(sum, usd))


def headroom_page(report: HeadroomReport, path: Path) -> Path:
    """Write the page, whole or not at all; returns its path. Parts that were not measured have no panel."""
    panels = [("Score, points (0 naive, 100 bound)", _scores(report))]
    if report.without:
        panels.append(
            ("Share of headroom gone without a mechanism, %",
             _bars([(one.mechanism, 100 * report.share(one)) for one in report.without]))
        )  # fmt: skip
    if report.frozen:
        panels.append(
            (f"Points lost by holding an action of {report.frozen_policy} at its best constant",
             _bars([(one.action, 100 * report.worth(one)) for one in report.frozen]))
        )  # fmt: skip
    figure = make_subplots(rows=len(panels), cols=1, vertical_spacing=0.1, subplot_titles=[name for name, _ in panels])
    for row, (_, bars) in enumerate(panels, 1):
        figure.add_trace(bars, row=row, col=1)
    title = f"{report.task}: headroom on {_weeks(report)} ({report.split})<br><sup>{escape(_gate(report))}</sup>"
    figure.update_layout(title=title, height=150 + 320 * len(panels), showlegend=False, margin={"l": 180})
    # A policy far below naive would squeeze the others.
    figure.update_xaxes(range=[-50, 105], row=1, col=1)
    write_atomically(path, figure.to_html(include_plotlyjs=True, full_html=True))
    return path


def _scores(report: HeadroomReport) -> go.Bar:
    """Policies with their intervals, the best on top."""
    lines = sorted(report.lines, key=lambda line: line.score)
    above = [None if line.high is None else 100 * (line.high - line.score) for line in lines]
    below = [None if line.low is None else 100 * (line.score - line.low) for line in lines]
    bars = _bars([(line.policy, 100 * line.score) for line in lines])
    return bars.update(error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below})


def _bars(values: list[tuple[str, float]]) -> go.Bar:
    ordered = sorted(values, key=lambda item: item[1])
    return go.Bar(y=[name for name, _ in ordered], x=[value for _, value in ordered], orientation="h")
