"""The score plot and the ledger waterfall: HTML rows with inline SVG tracks; type keeps its size on any screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from experiments.report import wording
from experiments.report.standings import Standing, mean_over_runs
from hybrid_env.scoring.score import References

MINOR_SHARE = 0.004
"""Accounts that moved less than this share of the largest move are gathered in one row."""
LEFT_LIMIT = -0.1
"""The score axis ends here; policies below are marked with an arrow."""
ARROW_PERCENT = 3.0
"""Width kept free for that arrow."""


_CIRCLE = '<circle r="5"/>'
SHAPES = {"rule": _CIRCLE, "agent": _CIRCLE, "reference": _CIRCLE, "mpc": '<path d="M0,-6.5L6.5,0L0,6.5L-6.5,0Z"/>'}
"""Mark of each kind of policy; colours are kept for the uses of power."""


def score_plot(rows: Sequence[Standing]) -> str:
    """Score with its 95 % interval for each contestant, reference lines across all of them."""
    shown = [row for row in rows if not row.is_line]
    lines = {row.policy: row.score.estimate for row in rows if row.is_line}
    edges = [value for row in shown for value in (row.score.estimate, row.score.low, row.score.high) if value == value]
    low = max(min([0.0, *edges]) - 0.02, LEFT_LIMIT)
    high = max([1.0, *edges]) + 0.02
    body = [_axis_row(lines, low, high)]
    body += [_score_row(row, lines, low, high) for row in shown]
    return f'<div class="rows score-rows">{"".join(body)}</div>'


def _percent(value: float, low: float, high: float) -> float:
    return 100 * (min(max(value, low), high) - low) / (high - low)


def _axis_row(lines: Mapping[str, float], low: float, high: float) -> str:
    """Names of the reference lines on flags above their places, each at a height of its own."""
    flags = []
    for level, (name, value) in enumerate(sorted(lines.items(), key=lambda item: item[1])):
        at = _percent(value, low, high)
        style = f"left:{at:.2f}%;height:{1.1 * (level + 1):.1f}rem"
        text = f"{escape(name)}&nbsp;{wording.points(value)}"
        flags.append(f'<span class="flag{" left" if at > 50 else ""}" style="{style}">{text}</span>')
    return f'<div class="row-name unit">score, points</div><div class="line-names">{"".join(flags)}</div><div></div>'


def _score_row(row: Standing, lines: Mapping[str, float], low: float, high: float) -> str:
    places = [f"{_percent(value, low, high):.2f}%" for value in lines.values()]
    marks = [f'<line class="reference" x1="{place}" x2="{place}" y1="0" y2="100%"/>' for place in places]
    interval, at = row.score, _percent(row.score.estimate, low, high)
    if interval.known and interval.high > low:
        left, right = _percent(interval.low, low, high), _percent(interval.high, low, high)
        left = max(left, ARROW_PERCENT) if interval.estimate < low else left
        marks.append(f'<line class="whisker" x1="{left:.2f}%" x2="{right:.2f}%" y1="50%" y2="50%"/>')
    if interval.estimate < low:
        marks.append('<text class="off-scale" x="2" y="50%" dy="0.35em">\N{LEFTWARDS ARROW}</text>')
    else:
        marks.append(f'<svg x="{at:.2f}%" y="50%" class="dot {row.kind}">{SHAPES[row.kind]}</svg>')
    estimate, bounds = wording.points(interval.estimate), wording.interval_text(interval)
    label = f"{row.policy}: {estimate} points, 95 % interval {bounds}"
    return (
        f'<div class="row-name">{escape(row.policy)}</div>'
        f'<svg class="track" role="img" aria-label="{escape(label)}">{"".join(marks)}</svg>'
        f'<div class="row-value">{estimate} <small>{bounds}</small></div>'
    )


def ledger_moves(row: Standing, references: References) -> list[tuple[str, float]]:
    """Account -> USD a week over naive, in the ledger's order, small moves gathered at the end; adds up to the gain."""
    weeks = references.naive().size
    own, naive = mean_over_runs(row.runs, "accounts_usd"), references.naive_accounts_usd
    names = dict.fromkeys([*naive, *own])
    moves = {name: (own.get(name, 0.0) - naive.get(name, 0.0)) / weeks for name in names}
    largest = max(map(abs, moves.values()), default=0.0)
    kept = {name: move for name, move in moves.items() if abs(move) > MINOR_SHARE * largest}
    rest = sum(move for name, move in moves.items() if name not in kept)
    gathered = [(f"{len(moves) - len(kept)} small accounts", rest)] if abs(rest) > 1e-6 else []
    return [(wording.account_label(name), move) for name, move in kept.items()] + gathered


def waterfall(row: Standing, references: References) -> str:
    """From the naive policy (0) account by account to the policy's gain; thousand USD a week."""
    moves = ledger_moves(row, references)
    total = sum(move for _, move in moves)
    levels = [0.0]
    for _, move in moves:
        levels.append(levels[-1] + move)
    low, high = min(levels), max(levels)
    margin = 0.02 * (high - low or 1.0)
    low, high = low - margin, high + margin
    naive = sum(references.naive_accounts_usd.values()) / references.naive().size
    body = [bar_row("naive policy", 0.0, 0.0, low, high, f"{wording.thousands(naive, sign=False)} in all", "total")]
    for (name, move), start, end in zip(moves, levels[:-1], levels[1:], strict=True):
        body.append(bar_row(name, start, end, low, high, wording.thousands(move), "gain" if move > 0 else "loss"))
    body.append(bar_row(row.policy, 0.0, total, low, high, wording.thousands(total), "total"))
    return f'<div class="rows waterfall-rows">{"".join(body)}</div>'


def bar_row(
    name: str, start: float, end: float, low: float, high: float, value: str, kind: str, *, strong: bool | None = None
) -> str:
    """A named bar from `start` to `end` on an axis from `low` to `high`, and its value, in thousand USD a week.

    Args:
        kind: "gain", "loss" or "total", which is the bar's colour.
        strong: whether the text is bold; None for totals alone.
    """
    css = " strong" if (kind == "total" if strong is None else strong) else ""
    left, right = _percent(min(start, end), low, high), _percent(max(start, end), low, high)
    zero = _percent(0.0, low, high)
    svg = (
        f'<line class="zero" x1="{zero:.2f}%" x2="{zero:.2f}%" y1="0" y2="100%"/>'
        f'<rect class="bar {kind}" x="{left:.2f}%" width="{max(right - left, 0.25):.2f}%" y="15%" height="70%"/>'
    )
    return (
        f'<div class="row-name{css}">{escape(name)}</div>'
        f'<svg class="track" role="img" aria-label="{escape(name)}: {escape(value)} thousand USD a week">{svg}</svg>'
        f'<div class="row-value{css}">{escape(value)}</div>'
    )
