"""A bound that no policy can beat, with a certificate that does not rest on a solver's tolerances.

A year is too long for one solve, so overlapping windows (a week and two days on either side) are solved apart, and
their duals are put together, each row of the programme taking its dual from the window that owns its time. Weak
duality turns *any* vector of duals into a valid bound of the whole horizon's one programme (`Lp.weak_bound`);
windows only make it tight.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hybrid_env.optimum import gang, model
from hybrid_env.optimum.horizon import StartState, trace_periods
from hybrid_env.optimum.plan import Plan, midway_record, plan_from, roll
from hybrid_env.optimum.programme import Block, Floats, Lp, Solution
from hybrid_env.sites.parameters import parameter_record
from hybrid_env.sites.site import Site
from hybrid_env.traces.schema import Trace

WINDOW_DAYS = 7.0
PAD_DAYS = 2.0
"""Days solved on either side of a window and thrown away: the due time of most small work, and longer than a
battery's memory."""

ACROSS_WINDOWS = ("gang_work", "throttle_budget", "sla_allowance")
"""Constraints that reach over many rows: their duals are set anew once all windows are in."""

Owned = Callable[[Block], NDArray[np.bool_]]


@dataclass(frozen=True)
class Window:
    """Rows `first` to `after` are its own; it is solved over `padded_first` to `padded_after`."""

    first: int
    after: int
    padded_first: int
    padded_after: int


@dataclass(frozen=True)
class Bound:
    """The most that was possible, in USD of the ledger's total from `start` to `start + n`, `terminal` included.

    Attributes:
        value_usd: certified: no policy earns more.
        primal_usd: worth of the plan in the relaxation. If `violation` is empty, the relaxation's optimum lies between
        the two; plans of overlapping windows that were not rolled break constraints where windows meet.
        plan: power by row, as the relaxation would have it.
        status: "Optimal" if HiGHS says so of every window, else the first other status.
        violation: by how much the plan breaks constraints where windows meet, by block; empty for one window.
    """

    value_usd: float
    primal_usd: float
    plan: Plan
    status: str
    violation: dict[str, float]
    windows: int
    seconds: float

    @property
    def gap_usd(self) -> float:
        """Certificate less primal: what windows and solver tolerances may have left."""
        return self.value_usd - self.primal_usd


def bound(
    site: Site, trace: Trace, start: int, n: int, state0: StartState | None = None, *,
    lines: tuple[int, ...] = model.ALL_LINES, windows: list[Window] | None = None, method: str = "simplex",
    rolled: bool = False, workers: int = 2, progress: Callable[[int, int], None] | None = None,
) -> Bound:  # fmt: skip
    """Bound the profit of rows `start` to `start + n` from `state0`, knowing all of the trace.

    Args:
        state0: the site as row `start` begins; by default fleets awake, battery half full, no small work waiting.
        lines: lines of the hash and throughput curves to keep; fewer are quicker and a little looser.
        windows: how to cut the horizon; by default `usual_windows`.
        method: "simplex" or "ipm", for each window.
        rolled: make the plan by rolling through time (`plan.roll`), so that the gap means something; doubles the time.
        workers: windows solved at a time, one thread each.
        progress: called as `progress(done, all)` after each window.

    Raises:
        ValueError: the rows lie outside the trace.
    """
    began = time.perf_counter()
    if start < 0 or n < 1 or start + n > len(trace):
        raise ValueError(f"rows {start} to {start + n} do not lie in trace {trace.name}, which has {len(trace)}")
    p = parameter_record(site)[0]
    state0 = StartState.usual(p) if state0 is None else state0
    t = trace_periods(p, trace, start, n, state0)
    whole = model.build(p, t, state0, lines)
    cut = usual_windows(p, trace, start, n) if windows is None else windows
    columns, duals = np.zeros(len(whole.lp.usd)), np.zeros(len(whole.lp.row_bounds[0]))
    statuses: list[str] = []
    rolls = rolled and len(cut) > 1

    def solve(window: Window) -> tuple[Window, Lp, Solution]:
        if len(cut) == 1:
            return window, whole.lp, whole.lp.solve(method)
        part = _part(p, trace, start, n, window, state0, lines)
        return window, part, part.solve(method)

    with ThreadPoolExecutor(workers) as pool:
        rolling = pool.submit(_rolled, p, trace, start, n, state0, lines, whole.lp) if rolls else None
        for future in as_completed([pool.submit(solve, window) for window in cut]):
            window, part, found = future.result()
            statuses.append(found.status)
            owned = _owned_by(window, trace, start)
            _take(whole.lp.variables, part.variables, owned, columns, found.columns)
            _take(whole.lp.constraints, part.constraints, owned, duals, found.duals)
            if progress is not None:
                progress(len(statuses), len(cut))
        columns = columns if rolling is None else rolling.result()
    if len(cut) > 1:
        for name in ACROSS_WINDOWS:
            if name in whole.lp.constraints:
                whole.lp.polish(duals, name)
    status = next((s for s in statuses if s != "Optimal"), "Optimal")
    return Bound(
        whole.lp.weak_bound(duals), whole.lp.worth(columns), plan_from(whole, columns, p, t), status,
        whole.lp.violation(columns, 1e-5), len(cut), time.perf_counter() - began,
    )  # fmt: skip


def week_windows(p: np.void, start: int, n: int, days: float = WINDOW_DAYS, pad_days: float = PAD_DAYS) -> list[Window]:
    """Windows of a week, the last with what is left over (less than a window is joined to the one before)."""
    each = round(days * int(p["rows_per_day"]))
    edges = [start + each * k for k in range(max(1, n // each))]
    return padded([*edges, start + n], round(pad_days * int(p["rows_per_day"])))


def usual_windows(p: np.void, trace: Trace, start: int, n: int) -> list[Window]:
    """By week; by calendar month where a month's peak is charged, as the charge's duals must add up to its rate."""
    if not p["demand_usd_per_mw_month"] > 0:
        return week_windows(p, start, n)
    changes = start + 1 + np.flatnonzero(np.diff(trace.rows["month"][start : start + n]))
    return padded([start, *(int(row) for row in changes), start + n], round(PAD_DAYS * int(p["rows_per_day"])))


def padded(edges: list[int], pad_rows: int) -> list[Window]:
    """Windows between successive edges, with `pad_rows` more on either side within the horizon."""
    low, high = edges[0], edges[-1]
    return [Window(a, b, max(low, a - pad_rows), min(high, b + pad_rows)) for a, b in pairwise(edges)]


def _part(
    p: np.void, trace: Trace, start: int, n: int, window: Window, state0: StartState, lines: tuple[int, ...]
) -> Lp:
    """A window's programme. One that begins or ends within the horizon guesses the state there, and the worth of
    open work."""
    day_before = trace.rows["training_load"][
        max(0, window.padded_first - int(p["rows_per_day"])) : window.padded_first + 1
    ]
    state = state0 if window.padded_first == start else StartState.midway(p, float(day_before.mean()))
    if window.padded_after < start + n:
        p = midway_record(p)
    first, rows = window.padded_first, window.padded_after - window.padded_first
    return model.build(p, trace_periods(p, trace, first, rows, state), state, lines).lp


def _rolled(
    p: np.void, trace: Trace, start: int, n: int, state0: StartState, lines: tuple[int, ...], whole: Lp
) -> Floats:
    """A point of the whole programme by rolling; unused throttle hours are not counted, which can only lower its
    worth."""
    columns = np.zeros(len(whole.usd))
    week, ahead = round(WINDOW_DAYS * int(p["rows_per_day"])), round(PAD_DAYS * int(p["rows_per_day"]))
    for part in roll(p, trace, start, n, state0, week, ahead, lines):
        owned = _owned_by(Window(part.first, part.after, part.first, part.after), trace, start)
        _take(whole.variables, part.site.lp.variables, owned, columns, part.columns)
    columns[whole.variables["throttle_kept_h"].span] = 0.0
    return columns


def _take(whole: dict[str, Block], part: dict[str, Block], owned: Owned, target: Floats, source: Floats) -> None:
    """Copy the values of all members whose time the window owns."""
    for name, block in part.items():
        into = whole[name]
        if not block.members or not into.members:
            continue
        mine = owned(block)
        place = np.searchsorted(into.keys, block.keys[mine])
        target[into.span].reshape(into.shape)[place] = source[block.span].reshape(block.shape)[mine]


def _owned_by(window: Window, trace: Trace, start: int) -> Owned:
    """Which members of a block are a window's own: those whose row, slot, arrival (of a job) or first row (of a
    month) is."""
    month_row = np.concatenate([[0], 1 + np.flatnonzero(np.diff(trace.rows["month"])), [len(trace)]])

    def owned(block: Block) -> NDArray[np.bool_]:
        row = block.keys
        if block.axis == "month":
            row = np.maximum(start, month_row[row])
        elif block.axis == "entry":
            row = row % gang.ROWS_A_NAME
        elif block.axis == "job":
            arrival = np.append(trace.jobs["arrival_row"], -1)
            row = np.maximum(start, arrival[np.maximum(row, -1)])
        return (row >= window.first) & (row < window.after)

    return owned
