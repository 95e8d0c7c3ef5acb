"""The report of an import: one self-contained page on what was read, filled and dropped, with plots."""

from __future__ import annotations

import json
import re
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io
from plotly.offline import get_plotlyjs

from hybrid_env.traces.importers.assemble import Assembled, ColumnReport
from hybrid_env.traces.importers.formats import FORMATS
from hybrid_env.traces.importers.frame import Note, Table, listed
from hybrid_env.traces.schema import COLUMNS

HERE = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"
"""Content security: a browser that reads this fetches nothing."""
MOST_POINTS = 4_000
"""A longer series is drawn by its lowest and highest value in each of so many parts: spikes stay."""
MOST_BANDS = 200
CODE = re.compile("`([^`]+)`")
INK, FILL, GRID = "#0072b2", "#d55e00", "#7a869633"
ORIGINS = {
    "real": "from a file",
    "derived": "computed from files",
    "given": "given in the recipe",
    "synthetic": "drawn from a market",
    "default": "the column's default",
}
OWN_STYLE = """
.import td, .import th { white-space: normal; } .import td.text { text-align: left; }
.notes { list-style: none; padding: 0; margin: .3rem 0; max-width: 60rem; }
.notes li { padding: .1rem 0 .1rem 6.2rem; text-indent: -6.2rem; }
.notes b { display: inline-block; width: 6.2rem; text-indent: 0; font-weight: 600; color: var(--soft); }
.notes .warned b, .notes .filled b { color: var(--limit); }
.plot-title { font-weight: 600; margin: 1.4rem 0 0; } .plot-title small { font-weight: 400; }
"""


def import_page(made: Assembled, command: str = "") -> str:
    """The page as HTML.

    Args:
        command: that makes it again.
    """
    heading = f"{made.trace.name}: how this trace was made"
    body = [
        f"<header><h1>{escape(heading)}</h1>{_finding(made)}{_facts(made)}</header><main>",
        '<section id="sources"><h2>Sources</h2>', *(_source(table) for table in made.tables), "</section>",
        '<section id="columns"><h2>Columns</h2>', _columns(made), "</section>",
        '<section id="plots"><h2>Plots</h2>', _plots(made), "</section></main>",
        _footer(made, command),
    ]  # fmt: skip
    style = (HERE / "page.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(heading)}</title>\n<style>\n{style}{OWN_STYLE}</style>\n"
        f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n{''.join(body)}\n</body>\n</html>\n"
    )


def _finding(made: Assembled) -> str:
    real = sum(column.origin in ("real", "derived") for column in made.columns)
    drawn = sum(column.origin == "synthetic" for column in made.columns)
    defaults = sum(origin == "default" for origin in made.trace.origin.values())
    filled = sum(sum(column.filled.rows.values()) for column in made.columns if column.filled)
    fed = sum(len(made.trace) for column in made.columns if column.filled is not None)
    share = f" {filled:,} of {fed:,} values from files were missing and filled." if fed else ""
    return (
        f'<p class="finding"><strong>{real} of {len(COLUMNS)} columns come from files</strong>, {drawn} are drawn'
        f" from a market, {defaults} stand at their defaults.{share}</p>"
    )


def _facts(made: Assembled) -> str:
    trace, recipe = made.trace, made.recipe
    facts = {
        "Days, local standard time": f"{recipe.first_day} to {recipe.last_day}",
        "Rows": f"{len(trace):,} of {trace.interval_s} s",
        "Local minus UTC": f"{trace.utc_offset_h:+g} h",
        "Gang jobs": f"{len(trace.jobs):,}",
        "Trace hash": trace.hash,
    }
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    return f'<dl class="facts">{items}</dl>{_notes(made.notes)}'


def _source(table: Table) -> str:
    known = FORMATS.get(table.format)
    frame = table.frame
    title = known.title if known else "a table of your own"
    when = ""
    if frame.index.name == "start_utc":
        when = f", {frame.index[0]:%Y-%m-%d %H:%M} to {frame.index[-1]:%Y-%m-%d %H:%M} UTC"
    step = f", intervals of {table.interval_s} s" if table.interval_s else ""
    points = f" Points: {escape(listed(table.points))}." if table.points else ""
    read = table.facts["rows_read"]
    made = "" if read == len(frame) else f", {len(frame):,} after its models"
    return (
        f"<h3>{escape(listed(file.name for file in table.files))}</h3>"
        f"<p>{escape(title)} (<code>{escape(table.format)}</code>):"
        f" {read:,} rows read{made}{when}{step}.{points}</p>{_notes(table.notes)}"
    )


def _notes(notes: tuple[Note, ...]) -> str:
    """A list of notes; the kind stands in front of each."""
    items = "".join(
        f'<li class="{note.kind}"><b>{note.kind}</b>{_prose(str(note).split(": ", 1)[1])}</li>' for note in notes
    )
    return f'<ul class="notes">{items}</ul>' if items else ""


def _prose(text: str) -> str:
    """A note's text as HTML; names between backticks are set as code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def _columns(made: Assembled) -> str:
    """Columns from files and from the recipe first; those drawn can be unfolded, those at their defaults are named."""
    own = [column for column in made.columns if column.origin != "synthetic"]
    drawn = [column for column in made.columns if column.origin == "synthetic"]
    folded = ""
    if drawn:
        label = f"{len(drawn)} columns are drawn from a market, not real"
        folded = f"<details><summary>{label}</summary>{_table('Drawn columns', drawn)}</details>"
    defaults = sorted(name for name, origin in made.trace.origin.items() if origin == "default")
    rest = f'<p class="note">At their defaults: {escape(", ".join(defaults))}.</p>' if defaults else ""
    return _table("Columns", own) + folded + rest


def _table(name: str, columns: list[ColumnReport]) -> str:
    heads = ("Column", "Origin", "From", "Lowest", "Mean", "Highest", "Filled rows", "Gaps", "Longest, h")
    head = "".join(f'<th scope="col" class="{"left" if n < 3 else ""}">{text}</th>' for n, text in enumerate(heads))
    rows = "".join(_row(column) for column in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll import" tabindex="0" role="region" aria-label="{name}">{table}</div>'


def _row(column: ColumnReport) -> str:
    filled = column.filled
    by = ", ".join(f"{rows:,} {how}" for how, rows in filled.rows.items()) if filled and filled.rows else ""
    cells = (f"{column.low:,.5g}", f"{column.mean:,.5g}", f"{column.high:,.5g}", by)
    gaps = (f"{filled.runs:,}", f"{filled.longest_h:g}") if filled and filled.runs else ("", "")
    numbers = "".join(f"<td>{escape(cell)}</td>" for cell in (*cells, *gaps))
    source = column.source if column.origin not in ("real", "derived") else Path(column.source).name
    notes = "".join(f"<br><small>{_prose(str(note))}</small>" for note in column.notes)
    return (
        f'<tr><th scope="row">{column.name}</th><td class="text">{ORIGINS.get(column.origin, column.origin)}</td>'
        f'<td class="text">{escape(source)}{notes}</td>{numbers}</tr>'
    )


def _plots(made: Assembled) -> str:
    """Columns from files and computed from them, with what was filled in orange; no constants."""
    shown = [column for column in made.columns if column.origin in ("real", "derived")]
    out = []
    for number, column in enumerate(column for column in shown if column.low < column.high):
        spec = COLUMNS[column.name]
        meaning = escape(f"{spec.unit}: {spec.meaning}")
        title = f'<p class="plot-title">{column.name} <small>{meaning}</small></p>'
        out.append(title + _figure(made, column, f"plot-{number}"))
    return "".join(out) or "<p>No column comes from a file.</p>"


def _figure(made: Assembled, column: ColumnReport, name: str) -> str:
    values = np.asarray(made.trace.rows[column.name], float)
    rows = _drawn_rows(values)
    times = made.span.times[rows].strftime("%Y-%m-%dT%H:%MZ").tolist()
    lines = [
        go.Scatter(x=times, y=values[rows].tolist(), mode="lines", line={"width": 1, "color": INK}, name=column.name)
    ]
    layout = {
        "height": 190, "margin": {"l": 60, "r": 10, "t": 6, "b": 28}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": "#7a8696", "size": 11}, "showlegend": False,
        "xaxis": {"type": "date", "gridcolor": GRID}, "yaxis": {"gridcolor": GRID, "zerolinecolor": "#7a8696"},
        "hovermode": "x", "shapes": _filled_shapes(made, column),
    }  # fmt: skip
    figure = go.Figure(data=lines, layout=layout)
    data = str(plotly.io.to_json(figure, validate=False)).replace("<", "\\u003c")
    config = json.dumps({"displayModeBar": False, "responsive": True})
    return (
        f'<div id="{name}" role="img" aria-label="{escape(column.name)} over time"></div>'
        f"<script>{{const f = {data}; Plotly.newPlot('{name}', f.data, f.layout, {config});}}</script>"
    )


def _filled_shapes(made: Assembled, column: ColumnReport) -> list[dict[str, Any]]:
    """Bands where values were filled; the longest where there are too many to draw."""
    if column.filled is None:
        return []
    spans = sorted(column.filled.spans, key=lambda span: span[0] - span[1])[:MOST_BANDS]
    step = made.span.times[1] - made.span.times[0] if len(made.span.times) > 1 else 0
    look: dict[str, Any] = {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": FILL,
        "opacity": 0.35,
    }
    look |= {"line": {"width": 1, "color": FILL}, "layer": "below"}
    begins = [made.span.times[first] for first, _ in spans]
    ends = [made.span.times[end - 1] + step for _, end in spans]
    return [look | {"x0": _stamp(begin), "x1": _stamp(end)} for begin, end in zip(begins, ends, strict=True)]


def _stamp(time: Any) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ")


def _drawn_rows(values: np.ndarray) -> np.ndarray:
    """All rows, or the lowest and the highest of each part of a long series, in order."""
    if len(values) <= MOST_POINTS:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), MOST_POINTS // 2 + 1).astype(int)
    kept = set()
    for first, end in pairwise(edges.tolist()):
        part = values[first:end]
        kept |= {first + int(part.argmin()), first + int(part.argmax())}
    return np.array(sorted(kept))


def _footer(made: Assembled, command: str) -> str:
    again = f"<p>This page again:</p><pre>{escape(command)}</pre>" if command else ""
    hashes = "".join(
        f"<div><dt>{escape(file.name)}</dt><dd>{escape(sha256)}</dd></div>"
        for table in made.tables
        for file, sha256 in zip(table.files, table.sha256.split(), strict=True)
    )
    return (
        f'<footer id="provenance"><h2>Provenance</h2>{again}<p>SHA-256 of the files as they lie on disk:</p>'
        f'<dl class="facts hashes">{hashes}</dl></footer>'
    )
