"""The calibration's page: real against generated, side by side, in one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from plotly.offline import get_plotlyjs

from experiments.calibrate.compare import Row, tally
from experiments.calibrate.figures import FigureRow
from experiments.calibrate.not_reproduced import NOT_REPRODUCED
from experiments.calibrate.plots import plots
from experiments.calibrate.series import Series
from experiments.calibrate.two_sample import Verdict
from experiments.report.imports import POLICY
from experiments.report.sections import scrolling_table, section
from hybrid_env.scoring.result import write_atomically
from hybrid_env.traces.market import Market

STYLE = Path(__file__).parents[1] / "report" / "page.css"
OWN_STYLE = """
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(26rem, 1fr)); gap: 0 1.5rem; }
.pair > div { min-width: 0; }
.plot-title { font-weight: 600; margin: 1.2rem 0 0; max-width: none; }
td.text, th.text { text-align: left; white-space: normal; } .broken { color: var(--loss); font-weight: 600; }
"""
BROKEN = '<span class="broken">broken</span>'
HEADS = ("statistic", "unit", "2021-22", "generated", "lowest year", "highest year", "2023", "distance", "allowed", "")


def calibration_page(
    path: str | Path, name: str, market: Market, train: Sequence[Series], kept: Series, generated: Sequence[Series],
    rows: Sequence[Row], verdicts: Sequence[tuple[str, Verdict]], figures: Sequence[FigureRow],
) -> Path:  # fmt: skip
    """Write the page, whole or not at all; returns its path."""
    heading = f"{name}: generated against real"
    drawn = "".join(
        f'<div><p class="plot-title">{escape(label)}</p>{html}</div>' for label, html in plots(train, kept, generated)
    )
    drawn = f'<div class="pair">{drawn}</div>'
    body = [
        f"<header><h1>{escape(heading)}</h1><p>{escape(market.description)}</p>",
        f'<p class="finding">{tally(rows)}</p></header><main>',
        section("plots", "Side by side", f"{len(generated)} generated years together.", drawn),
        section("told-apart", "Can they be told apart?", _verdict_prose(), _verdicts(verdicts)) if verdicts else "",
        section("table", "Every statistic", _table_prose(), _table(rows, name)),
        section("figures", "Against figures", _figures_prose(), _figures(figures)),
        section("columns", "Where each trace column comes from", "", _columns(market)),
        "</main>",
    ]  # fmt: skip
    write_atomically(
        path,
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(heading)}</title>\n<style>\n{STYLE.read_text('utf-8')}{OWN_STYLE}</style>\n"
        f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n{''.join(body)}\n</body>\n</html>\n",
    )
    return Path(path)


def _verdict_prose() -> str:
    return (
        "A gradient-boosted classifier learns to tell real days from generated ones and is tried on blocks of four "
        "weeks that it has not seen. Area under the curve: 0.5, it cannot; 1, it always can. The controls say what two "
        "real years, and two generated ones, give."
    )


def _verdicts(verdicts: Sequence[tuple[str, Verdict]]) -> str:
    left = "".join(f'<th class="text">{name}</th>' for name in ("compared", "by"))
    head = f"{left}<th>AUC</th><th>95&nbsp;% interval</th><th>days each</th>"
    body = "".join(
        f'<tr><td class="text">{escape(kind)}</td><td class="text">{escape(v.subject)}</td><td>{v.auc:.3f}</td>'
        f"<td>{v.low:.3f} to {v.high:.3f}</td><td>{v.days}</td></tr>"
        for kind, v in verdicts
    )
    return scrolling_table("Two-sample tests", head, body)


def _table_prose() -> str:
    return (
        "A curve (its number of points in brackets) is compared by the root mean square of its differences. 2023 holds "
        "where it lies among the single generated years, or no further outside than the tolerance. A tolerance that "
        "zero (for a curve, a level line) would meet tells nothing: such statistics are shown, and not counted."
    )


def _table(rows: Sequence[Row], name: str) -> str:
    known = NOT_REPRODUCED.get(name, {})
    head = "".join(f'<th class="{"text" if h in ("statistic", "unit", "") else ""}">{h}</th>' for h in HEADS)
    body, subject = [], ""
    for row in rows:
        if row.statistic.subject != subject:
            subject = row.statistic.subject
            body.append(f'<tr class="line-row"><th colspan="{len(HEADS)}">{escape(subject)}</th></tr>')
        words = [] if row.passes else [f"{BROKEN} {escape(known.get(row.statistic.name, ''))}"]
        words += [] if row.validates else ["2023 outside"]
        verdict = (", ".join(words) or "holds") if row.told_apart else "not told apart from zero"
        cells = "".join(
            f"<td>{_shown(v)}</td>" for v in (row.train, row.generated, row.lowest, row.highest, row.validation)
        )
        body.append(
            f"<tr><th>{escape(row.statistic.name)}</th><td class=\"text\">{escape(row.statistic.unit)}</td>{cells}"
            f'<td>{row.distance:.3g}</td><td>{row.allowed:.3g}</td><td class="text">{verdict}</td></tr>'
        )  # fmt: skip
    return scrolling_table("Statistics", head, "".join(body))


def _figures_prose() -> str:
    return (
        "Forecast skill and reserve prices are compared with figures of ERCOT's series of 2024, bitcoin and work with "
        "daily and job tables, the winter storm with the stress suite's shock of that name."
    )


def _figures(rows: Sequence[FigureRow]) -> str:
    left = "".join(f'<th class="text">{name}</th>' for name in ("subject", "figure"))
    head = f"{left}<th>known</th><th>generated</th><th>allowed</th><th></th>"
    body = "".join(
        f'<tr><td class="text">{escape(row.subject)}</td><td class="text">{escape(row.name)}</td>'
        f"<td>{row.known:.4g}</td><td>{row.made:.4g}</td><td>{'factor ' if row.ratio else ''}{row.allowed:g}</td>"
        f"<td>{'holds' if row.passes else BROKEN}</td></tr>"
        for row in rows
    )
    return scrolling_table("Figures", head, body)


def _shown(values: np.ndarray) -> str:
    if len(values) > 1:
        return f"({len(values)})"
    return "" if np.isnan(values[0]) else f"{values[0]:,.4g}"


def _columns(market: Market) -> str:
    if market.provenance is None:
        return "<p>The market states no provenance.</p>"
    head = '<th class="text">column</th><th class="text">its figures are</th>'
    rows = (f'<tr><th>{c}</th><td class="text">{basis}</td></tr>' for c, basis in market.provenance.columns.items())
    return scrolling_table("Origins", head, "".join(rows))
