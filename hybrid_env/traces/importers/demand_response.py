"""Demand-response events of a file as event columns of a trace: the cut, its pay, the time until it begins."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span, need, on_grid
from hybrid_env.traces.schema import COLUMNS, TraceError


class DemandResponse(Parameters):
    """What an event's file does not say.

    Attributes:
        usd_per_mwh: pay for what is cut, by the contract.
        notice_h: time before an event at which it is announced.
        full_value: the signal's value that asks for the whole baseline; its share of it is the cut. None where
            `cut_frac` says the cut.
        cut_frac: the cut in every event.
    """

    usd_per_mwh: float = Field(ge=0, le=20_000)
    notice_h: float = Field(default=2.0, ge=0, le=48)
    full_value: float | None = Field(default=None, gt=0)
    cut_frac: float | None = Field(default=None, gt=0, le=1)


def demand_response(table: Table, parameters: DemandResponse, span: Span) -> Table:
    """`event_frac`, `event_usd_per_mwh`, `event_ahead_h`, as generated years hold them.

    From the notice on, the pay shows and `event_ahead_h` counts down to the event's first row; it is 0 while the event
    runs. A running event hides one announced after it; of two announced ones the nearer shows.

    Raises:
        TraceError: the table holds no durations, or neither or both of `full_value` and `cut_frac` are given.
    """
    if (parameters.full_value is None) == (parameters.cut_frac is None):
        raise TraceError(f"{table.path}: demand_response: give either full_value or cut_frac")
    need(table, "duration_s", "value_unstated", why="events")
    notes, step = Notes(), span.interval_s
    cut, pay = np.zeros(span.rows), np.zeros(span.rows)
    none = float(COLUMNS["event_ahead_h"].default or 0.0)
    ahead = np.full(span.rows, none)
    began = table.frame.index.as_unit("ms").asi8 / 1e3 - span.start.timestamp()
    lasts = table.frame["duration_s"].to_numpy(float)
    value = table.frame["value_unstated"].to_numpy(float)
    full = parameters.full_value
    fraction = value / full if full is not None else np.full(len(value), parameters.cut_frac)
    if (fraction > 1).any() or (fraction < 0).any():
        raise TraceError(
            f"{table.path}: demand_response: a signal of {value[np.argmax(np.abs(fraction))]:g} against full_value ="
            f" {full} asks for {np.abs(fraction).max():.0%} of the baseline; allowed: 0 to 100 %"
        )
    asked = fraction > 0
    runs = _runs(began[asked], lasts[asked], step)
    outside = sum(end <= 0 or first >= span.rows for first, end in runs)
    notes.dropped("events outside the trace", rows=outside)
    notice = round(parameters.notice_h * 3600 / step)
    for first, end in reversed(runs):  # an earlier event hides a later one's announcement
        announced = range(max(0, first - notice), min(first, span.rows))
        pay[max(0, first - notice) : max(0, end)] = parameters.usd_per_mwh
        ahead[list(announced)] = [min((first - row) * step / 3600, none) for row in announced]
        ahead[max(0, first) : max(0, end)] = 0.0
    for at, seconds, share in zip(began[asked], lasts[asked], fraction[asked], strict=True):
        first, end = _rows(at, seconds, step)
        cut[max(0, first) : max(0, end)] = np.maximum(cut[max(0, first) : max(0, end)], share)
    notes.assumed(
        f"{len(runs) - outside} events, announced {parameters.notice_h:g} h before, paid {parameters.usd_per_mwh:g}"
        " USD/MWh; rows that an event touches are wholly in it"
    )
    return on_grid(table, span, {"event_frac": cut, "event_usd_per_mwh": pay, "event_ahead_h": ahead}, notes)


def _rows(at_s: float, lasts_s: float, step_s: int) -> tuple[int, int]:
    """First and end row that an interval touches."""
    return int(np.floor(at_s / step_s)), int(np.ceil((at_s + lasts_s) / step_s))


def _runs(began_s: np.ndarray, lasts_s: np.ndarray, step_s: int) -> list[tuple[int, int]]:
    """Rows of events; intervals that touch are one event."""
    runs: list[tuple[int, int]] = []
    for at, seconds in sorted(zip(began_s, lasts_s, strict=True)):
        first, end = _rows(at, seconds, step_s)
        if runs and first <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((first, end))
    return runs
