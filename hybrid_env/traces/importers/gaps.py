"""Filling gaps by a stated rule, and counting what was filled. What is too long is refused, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from hybrid_env.sites.base import SiteModel
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.schema import COLUMNS, TraceError


class Fill(SiteModel):
    """What is done about missing rows of one column.

    Attributes:
        how: up to `limit_h`: "linear" between the rows around a gap, "hold" the row before it, "refuse" every gap.
            At an end of the trace, where there is one side only, its value is held.
        limit_h: hours; a longer gap is dealt with by `longer`.
        longer: "refuse", "default" (the column's default), or the name of a column of the same unit that stands in,
            as a day-ahead price does for a real-time one.
    """

    how: Literal["linear", "hold", "refuse"] = "linear"
    limit_h: float = Field(default=2.0, ge=0, le=168)
    longer: str = "refuse"


@dataclass(frozen=True)
class Filled:
    """What was filled in one column.

    Attributes:
        rows: by what: "linear", "hold", "default" or the column that stood in.
        runs: number of gaps.
        longest_h: the longest of them, hours.
        spans: first and end row of each.
    """

    rows: dict[str, int]
    runs: int
    longest_h: float
    spans: tuple[tuple[int, int], ...] = ()


def gaps_of(values: np.ndarray) -> list[tuple[int, int]]:
    """First and end row of each run of missing values."""
    missing = np.concatenate([[False], np.isnan(values), [False]])
    edges = np.flatnonzero(missing[1:] != missing[:-1])
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def fill_gaps(
    column: str, values: np.ndarray, rule: Fill, span: Span, others: dict[str, np.ndarray], where: str
) -> tuple[np.ndarray, Filled]:
    """Fill what the rule allows.

    Args:
        column: the trace column.
        values: one a row, NaN where missing.
        others: columns that may stand in, before their own gaps are filled.
        where: file and column of the source, for messages.

    Returns:
        The values without NaN, and what was done.

    Raises:
        TraceError: a gap is longer than allowed, or what should stand in is missing too; names its first row's time.
    """
    found = gaps_of(values)
    if not found:
        return values, Filled({}, 0, 0.0)
    if len(found) == 1 and found[0] == (0, len(values)):
        first, last = span.times[0], span.times[-1]
        raise TraceError(f"{where}: no value for {column} between {first:%Y-%m-%d %H:%M}Z and {last:%Y-%m-%d %H:%M}Z")
    per_h = 3600 / span.interval_s
    out, rows = values.copy(), {}
    for first, end in found:
        hours = (end - first) / per_h
        if rule.how != "refuse" and hours <= rule.limit_h:
            out[first:end] = _bridge(values, first, end, rule.how)
            by = rule.how
        elif rule.longer == "refuse":
            raise TraceError(
                f"{where}: {column} is missing for {hours:g} h from {span.times[first]:%Y-%m-%dT%H:%MZ}"
                f" ({len(found)} gaps in all); allowed: {rule.limit_h if rule.how != 'refuse' else 0:g} h; get the"
                f" missing part, raise `fill: {{limit_h: ...}}`, or name what stands in as `fill: {{longer: ...}}`"
            )
        else:
            out[first:end] = _stand_in(column, rule.longer, first, end, span, others, where)
            by = rule.longer
        rows[by] = rows.get(by, 0) + end - first
    longest = max(end - first for first, end in found) / per_h
    return out, Filled(rows, len(found), longest, tuple(found))


def _bridge(values: np.ndarray, first: int, end: int, how: str) -> np.ndarray:
    before = values[first - 1] if first > 0 else None
    after = values[end] if end < len(values) else None
    if before is None or after is None or how == "hold":
        return np.full(end - first, after if before is None else before)
    share = np.arange(1, end - first + 1) / (end - first + 1)
    return before + share * (after - before)


def _stand_in(
    column: str, other: str, first: int, end: int, span: Span, others: dict[str, np.ndarray], where: str
) -> np.ndarray:
    if other == "default":
        default = COLUMNS[column].default
        if default is None:
            raise TraceError(f"{where}: {column} has no default; name a column that stands in, or get the missing part")
        return np.full(end - first, default)
    if other not in others:
        raise TraceError(
            f"{where}: `longer: {other}` names no column that the recipe feeds; there are: {', '.join(sorted(others))}"
        )
    part = others[other][first:end]
    if np.isnan(part).any():
        raise TraceError(
            f"{where}: {column} is missing from {span.times[first]:%Y-%m-%dT%H:%MZ}, and so is {other}, which should"
            f" stand in; get the missing part of one of them"
        )
    return part
