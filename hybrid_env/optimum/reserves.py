"""Reserves: awards by the hour, what is not held, and what a call misses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.optimum.horizon import Floats, Periods, StartState
from hybrid_env.optimum.programme import Columns, Lp, Term
from hybrid_env.sites.reserves import MAX_PRODUCTS
from hybrid_env.sites.units import SECONDS_PER_HOUR


@dataclass(frozen=True)
class Reserves:
    """Columns `[S, products]`: MW sold by slot."""

    award: Columns

    def offers_mw(self, x: Floats, t: Periods) -> Floats:
        """By period, `[T, MAX_PRODUCTS]`: what is to be sold for the slot that follows; nothing in the last."""
        out = np.zeros((len(self.award), MAX_PRODUCTS))
        out[:-1, : self.award.shape[1]] = x[self.award[1:]]
        return out[t.slot]


def add(
    lp: Lp, p: np.void, t: Periods, state: StartState, mining: Columns, charge: Columns | None
) -> Reserves | None:  # fmt: skip
    """`short_k <= (1 - d_k) award_k`, `sum short >= sum (1 - d_k) award_k - flexible`; None without reserves.

    Within an hour the award is one; that of the first hour, and of the second once its gate has closed, are the lane's
    (free where no lane is known). The simulator shares what is short among products in proportion, the programme as it
    likes. What a call misses is a hinge; see `_calls`.

    Args:
        mining: power above the sleep draw, `[T, fleets]`. charge: battery charging, `[T]`.
    """
    if not p["n_reserves"]:
        return None
    products, most, n = int(p["n_reserves"]), float(p["reserve_max_mw"]), len(t)
    slots = len(t.slot_row)
    price, called = prices(p, t.rows), deploy_frac(p, t.rows)
    pay = np.zeros((slots, products))
    np.add.at(pay, t.slot, price * t.hours[:, None])
    low, high = _known_awards(p, t, state, slots)
    award = lp.variable("award_mw", (slots, products), low, high, pay, axis="slot", keys=t.slot_row)
    each = [(1.0, award[:, k]) for k in range(products)]
    lp.constrain("award_total", (slots,), each, high=most, axis="slot", keys=t.slot_row)
    ready, sold = 1 - called, award[t.slot]
    penalty = -(1 + p["reserve_penalty_mult"]) * price * t.hours[:, None]
    short = lp.variable("reserve_short_mw", (n, products), 0.0, most * ready, penalty, keys=t.row)
    lp.constrain("short_of_award", (n, products), [(1.0, short), (-ready, sold)], high=0.0, keys=t.row)
    flexible: list[Term] = [(1.0, mining[:, f]) for f in range(mining.shape[1])]
    flexible += [] if charge is None else [(1.0, charge)]
    held: list[Term] = [(1.0, short[:, k]) for k in range(products)]
    held += [(-ready[:, k], sold[:, k]) for k in range(products)]
    lp.constrain("reserve_held", (n,), [*flexible, *held], low=0.0, keys=t.row)
    due = due_frac(p, t, state) * called
    if p["reserve_tripped"]:
        top = float(p["mining_max_mw"])
        runs: list[Term] = [(1.0, mining[:, f]) for f in range(mining.shape[1])]
        trips: list[Term] = [(min(1.0, top / most) * due[:, k], sold[:, k]) for k in range(products)]
        lp.constrain("reserve_tripped", (n,), [*runs, *trips], high=top, keys=t.row)
    _calls(lp, p, t, state, mining, charge, sold, due, high)
    return Reserves(award)


def _calls(
    lp: Lp, p: np.void, t: Periods, state: StartState, mining: Columns, charge: Columns | None, sold: Columns,
    due: Floats, most_award: Floats,
) -> None:  # fmt: skip
    """`missed >= (1 - tolerance) c + flexible - base - B (1 - c / C)`, `c = sum due_k award_k`.

    In the simulator a site that has sold nothing (c = 0) owes nothing, however its load moves; B, the highest flexible
    load, and C, the most that can be due, make the row the convex hull of that and of a full award. An award that is
    known is C itself: then the row is exact. The base is the flexible load of the last period without a call; before
    the first it is the lane's, or B where no lane is known.
    """
    most = np.minimum((due * most_award[t.slot]).sum(axis=1), due.max(axis=1) * p["reserve_max_mw"])
    rows = np.flatnonzero(most > 0)
    called = (deploy_frac(p, t.rows) > 0).any(axis=1)
    before = np.maximum.accumulate(np.where(called, -1, np.arange(len(t))))[rows]
    inside = np.flatnonzero(before >= 0)
    span = float(p["mining_max_mw"] + p["battery_mw"])
    cost = -p["reserve_deviation_usd_per_mwh"] * t.hours[rows]
    missed = lp.variable("call_missed_mw", (len(rows),), 0.0, span + most[rows], cost, keys=t.row[rows])
    owed = (1 - p["reserve_tolerance_frac"] + span / most[rows])[:, None] * due[rows]
    terms: list[Term] = [(1.0, missed), *((-owed[:, k], sold[rows, k]) for k in range(sold.shape[1]))]
    for one in [mining[:, f] for f in range(mining.shape[1])] + ([] if charge is None else [charge]):
        terms += [(-1.0, one[rows]), (1.0, one[before[inside]], inside)]
    known = np.where(before < 0, float(state.known("base_mw", span)), 0.0)
    lp.constrain("call_followed", (len(rows),), terms, low=-span - known, keys=t.row[rows])


def _known_awards(p: np.void, t: Periods, state: StartState, slots: int) -> tuple[Floats, Floats]:
    """Bounds of the awards, `[S, products]`: what the lane has sold already is fixed."""
    products, per_hour = int(p["n_reserves"]), int(p["rows_per_hour"])
    low, high = np.zeros((slots, products)), np.full((slots, products), float(p["reserve_max_mw"]))
    if state.lane is None:
        return low, high
    low[0] = high[0] = state.lane["award_mw"][:products]
    if slots > 1 and t.row[0] % per_hour > p["reserve_gate_row"]:
        low[1] = high[1] = state.lane["sold_mw"][:products]
    return low, high


def prices(p: np.void, rows: np.ndarray) -> Floats:
    """Availability prices, USD/MW-h, `[T, products]`."""
    return np.stack([rows[f"reserve_{k}_usd_per_mw_h"] for k in range(int(p["n_reserves"]))], axis=1)


def deploy_frac(p: np.void, rows: np.ndarray) -> Floats:
    """Called shares, `[T, products]`; a relay knows only all or nothing."""
    frac = np.stack([rows[f"reserve_{k}_deploy_frac"] for k in range(int(p["n_reserves"]))], axis=1)
    return np.where(frac > 0, 1.0, 0.0) if p["reserve_tripped"] else frac


def due_frac(p: np.void, t: Periods, state: StartState) -> Floats:
    """Share of each period for which a call of each product is due, `[T, products]`: from its response time until its
    duration is over, counted from the first period of an unbroken call (or from the lane's)."""
    products, n = int(p["n_reserves"]), len(t)
    called = deploy_frac(p, t.rows) > 0
    start_s = np.concatenate([[0.0], np.cumsum(t.hours)[:-1]]) * SECONDS_PER_HOUR
    length_s = (t.hours * SECONDS_PER_HOUR)[:, None]
    first = np.zeros(products) if state.lane is None else -state.lane["called_s"][:products]
    quiet = np.maximum.accumulate(np.where(called, -1, np.arange(n)[:, None]), axis=0)
    began_s = np.where(quiet < 0, first, (start_s[:, None] + length_s)[quiet, np.zeros_like(quiet)])
    since_s = start_s[:, None] - began_s
    response, duration = p["reserve_response_s"][:products], p["reserve_duration_s"][:products]
    due_s = np.minimum(since_s + length_s, duration) - np.maximum(since_s, response)
    return np.where(called, np.maximum(0.0, due_s) / length_s, 0.0)
