"""Forecast skill as one self-contained HTML page: curves by lead and every number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import plotly.io
from plotly.offline import get_plotlyjs

from experiments.report.imports import POLICY
from experiments.report.sections import scrolling_table, section
from hybrid_env.traces.forecasting import METHODS
from hybrid_env.traces.forecasting.features import WARM_UP_H
from hybrid_env.traces.forecasting.skill import Skill

UNITS = {
    "price_usd_per_mwh": "USD/MWh", "system_load_mw": "MW", "wind_cf": "share of nameplate", "drybulb_c": "C",
    "inference_load": "share of peak", "solar_cf": "share of nameplate",
}  # fmt: skip
SHOWN_LEADS_H = (0, 1, 3, 6, 12, 24, 47)
COLOURS = {
    "as_issued": "#7a8696", "persistence": "#d55e00", "seasonal": "#e69f00", "day_ahead": "#0072b2",
    "learned": "#009e73",
}  # fmt: skip
GRID, TEXT = "#7a869633", "#7a8696"
MEASURES = (("mae", "mean absolute error"), ("rmse", "root mean square error"), ("covered", "share within 10 to 90 %"))
STYLE = Path(__file__).parent / "page.css"
OWN_STYLE = """
.trio { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 0 1.5rem; }
.trio > div { min-width: 0; } .plot-title { font-weight: 600; margin: 1.2rem 0 0; max-width: none; }
td.text, th.text { text-align: left; }
"""


def shown_leads(rows: Sequence[Skill]) -> list[int]:
    """The leads that tables show."""
    there = {row.lead_h for row in rows}
    return [lead for lead in SHOWN_LEADS_H if lead in there]


def skill_over(row: Skill, floor: Skill) -> float:
    """Share of another's mean absolute error that a forecast saves; 0 where there is none to save."""
    return 1 - row.mae / floor.mae if floor.mae > 0 else 0.0


def forecast_page(rows: Sequence[Skill], train: Mapping[str, str], test: Mapping[str, str], command: str = "") -> str:
    """The page's HTML."""
    title = f"Forecast skill: {', '.join(test)}"
    body = [
        f"<header><h1>{escape(title)}</h1><p>Learned from {escape(', '.join(train))}.</p>",
        f'<p class="finding">{_finding(rows)}</p></header><main>',
        section("methods", "Methods", "", _methods(rows)),
        *(section(name, f"{name}, {unit}", _prose(), _variable(rows, name)) for name, unit in UNITS.items()),
        "</main>",
        _footer({**train, **test}, command),
    ]  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE.read_text('utf-8')}{OWN_STYLE}</style>\n"
        f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n{''.join(body)}\n</body>\n</html>\n"
    )


def _finding(rows: Sequence[Skill]) -> str:
    """Which honest method has the least error a day ahead, by variable."""
    honest = [row for row in rows if row.lead_h == 24 and row.method in COLOURS]
    parts = []
    for variable in ("price_usd_per_mwh", "system_load_mw", "wind_cf"):
        best = min((row for row in honest if row.variable == variable), key=lambda row: row.mae, default=None)
        if best is not None:
            parts.append(f"{variable} <strong>{best.method}</strong> ({best.mae:,.4g})")
    return f"Least mean absolute error a day ahead: {', '.join(parts)}." if parts else "Only references were measured."


def _methods(rows: Sequence[Skill]) -> str:
    there = {row.method for row in rows}
    items = (
        f"<div><dt>{name}</dt><dd>{escape(method.meaning)}</dd></div>"
        for name, method in METHODS.items()
        if name in there
    )
    return f'<dl class="facts">{"".join(items)}</dl>'


def _prose() -> str:
    return (
        f"Hourly means; the first {WARM_UP_H // 24} days of each year are left out, for there is no past yet. A good "
        "band holds 80 % of the hours; where a method states no quantiles, its band is that of its errors in training."
    )


def _variable(rows: Sequence[Skill], variable: str) -> str:
    mine = [row for row in rows if row.variable == variable]
    plots = "".join(
        f'<div><p class="plot-title">{label}</p>{_plot(mine, variable, measure)}</div>' for measure, label in MEASURES
    )
    return f'<div class="trio">{plots}</div>{_table(mine, variable)}'


def _plot(rows: Sequence[Skill], variable: str, measure: str) -> str:
    lines = []
    for method, colour in COLOURS.items():
        points = [(row.lead_h, getattr(row, measure)) for row in rows if row.method == method]
        if points and points[0][1] is not None:
            x, y = zip(*points, strict=True)
            line = {"color": colour, "width": 2}
            lines.append(go.Scatter(x=x, y=y, name=method, mode="lines+markers", line=line, marker={"size": 5}))
    layout = {
        "height": 300, "margin": {"l": 60, "r": 10, "t": 8, "b": 80}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": TEXT, "size": 12}, "hovermode": "x",
        "xaxis": {"gridcolor": GRID, "title": {"text": "hours ahead"}, "dtick": 12},
        "yaxis": {"gridcolor": GRID, "range": [0.5, 1.0]} if measure == "covered"
        else {"gridcolor": GRID, "rangemode": "tozero"},
        "legend": {"orientation": "h", "y": -0.3},
    }  # fmt: skip
    figure = str(plotly.io.to_json(go.Figure(data=lines, layout=layout), validate=False)).replace("<", "\\u003c")
    config, name = json.dumps({"displayModeBar": False, "responsive": True}), f"plot-{variable}-{measure}"
    return (
        f'<div id="{name}"></div>'
        f"<script>{{const f = {figure}; Plotly.newPlot('{name}', f.data, f.layout, {config});}}</script>"
    )


def _table(rows: Sequence[Skill], variable: str) -> str:
    leads = shown_leads(rows)
    head = '<th class="text">method</th><th class="text">measure</th>' + "".join(f"<th>{lead} h</th>" for lead in leads)
    by = {(row.method, row.lead_h): row for row in rows}
    body = []
    for method in dict.fromkeys(row.method for row in rows):
        label = f"{method} (reference)" if method not in COLOURS else method
        for measure, name in (*MEASURES, ("skill", "skill over persistence")):
            cells = []
            for lead in leads:
                row, floor = by[method, lead], by.get(("persistence", lead))
                value = getattr(row, measure) if measure != "skill" else floor and skill_over(row, floor)
                share = measure in ("covered", "skill")
                cells.append("–" if value is None else f"{value:.0%}" if share else f"{value:,.4g}")
            if set(cells) != {"–"}:
                cells_html = "".join(f"<td>{cell}</td>" for cell in cells)
                body.append(f'<tr><th class="text">{label}</th><td class="text">{name}</td>{cells_html}</tr>')
    return scrolling_table(variable, head, "".join(body))


def _footer(hashes: Mapping[str, str], command: str) -> str:
    again = f"<p>This page again:</p><pre>{escape(command)}</pre>" if command else ""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in hashes.items())
    return (
        f'<footer id="provenance"><h2>Provenance</h2>{again}<p>Hashes of the traces:</p>'
        f'<dl class="facts hashes">{items}</dl></footer>'
    )
