"""Reserves: offers before the hour, pay for standing ready, calls, and what failing costs.

The *flexible load* is what can drop at once: mining above the sleep draw, and battery charging.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.action import RESERVE_0, share
from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import (
    RESERVE_CALLED_MWH,
    RESERVE_MW_H,
    RESERVE_PAY_USD,
    RESERVE_PENALTY_USD,
    RESERVE_SHORT_MW_H,
)
from hybrid_env.sim.table import centre, squash
from hybrid_env.sites.reserves import MAX_PRODUCTS

STATE = [
    ("award_mw", np.float64, MAX_PRODUCTS), ("sold_mw", np.float64, MAX_PRODUCTS),
    ("called_s", np.float64, MAX_PRODUCTS), ("base_mw", np.float64),
]  # fmt: skip
"""Sold for this hour and for the next, time for which each product has been called without a break, and the flexible
load of the last interval without a call."""

PRICE_SCALE_USD_PER_MW_H = 10.0
LEAST_OFFER_MW = 0.1
"""Smaller offers are not taken."""


@part
def price_usd_per_mw_h(row, k):
    """Availability price of product k."""
    if k == 0:
        return row.reserve_0_usd_per_mw_h
    return row.reserve_1_usd_per_mw_h if k == 1 else row.reserve_2_usd_per_mw_h


@part
def deploy_frac(p, row, k):
    """Share of product k that is called; a relay knows only all or nothing."""
    frac = row.reserve_0_deploy_frac
    if k > 0:
        frac = row.reserve_1_deploy_frac if k == 1 else row.reserve_2_deploy_frac
    return 1.0 if frac > 0.0 and p.reserve_tripped > 0 else frac


@part
def due_mw(s, p, row):
    """Mean drop due in this interval: what is called, from the response time until the product's duration is over."""
    mw = 0.0
    for k in range(p.n_reserves):
        begin = max(s.called_s[k], p.reserve_response_s[k])
        end = min(s.called_s[k] + p.interval_s, p.reserve_duration_s[k])
        mw += s.award_mw[k] * deploy_frac(p, row, k) * max(0.0, end - begin) / p.interval_s
    return mw


@part
def trip(s, p, row, wanted_mw):
    """A plain load's relay takes what is due off the mining power that is wanted, a like share of every fleet."""
    if p.reserve_tripped > 0 and wanted_mw > 0.0:
        kept = max(0.0, 1.0 - due_mw(s, p, row) / wanted_mw)
        for f in range(p.n_fleets):
            s.fleet_mw[f] *= kept


@part
def run(s, p, row, a, flexible_mw, out):
    """Pay, check what is held and what was dropped, take offers at the gate, and turn the hour."""
    _settle(s, p, row, flexible_mw, out)
    called = False
    for k in range(p.n_reserves):
        frac = deploy_frac(p, row, k)
        s.called_s[k] = s.called_s[k] + p.interval_s if frac > 0.0 else 0.0
        called = called or frac > 0.0
    if not called:
        s.base_mw = flexible_mw
    place = s.row % p.rows_per_hour
    if place == p.reserve_gate_row:
        _sell(s, p, a)
    if place == p.rows_per_hour - 1:
        for k in range(p.n_reserves):
            s.award_mw[k] = s.sold_mw[k]
            s.sold_mw[k] = 0.0


@part
def _settle(s, p, row, flexible_mw, out):
    """`short = max(0, sum award (1 - deploy) - flexible)` at its mean price, and what a call missed."""
    sold, pay, held, held_pay = 0.0, 0.0, 0.0, 0.0
    for k in range(p.n_reserves):
        price = price_usd_per_mw_h(row, k)
        ready = s.award_mw[k] * (1.0 - deploy_frac(p, row, k))
        sold += s.award_mw[k]
        pay += s.award_mw[k] * price
        held += ready
        held_pay += ready * price
    short = max(0.0, held - flexible_mw)
    short_pay = held_pay * short / held if held > 0.0 else 0.0
    due = due_mw(s, p, row)
    missed = max(0.0, due * (1.0 - p.reserve_tolerance_frac) - (s.base_mw - flexible_mw)) if due > 0.0 else 0.0
    hours = p.interval_h
    out.usd[RESERVE_PAY_USD] += pay * hours
    out.usd[RESERVE_PENALTY_USD] -= short_pay * (1.0 + p.reserve_penalty_mult) * hours
    out.usd[RESERVE_PENALTY_USD] -= missed * p.reserve_deviation_usd_per_mwh * hours
    out.work[RESERVE_MW_H] += sold * hours
    out.work[RESERVE_SHORT_MW_H] += short * hours
    out.work[RESERVE_CALLED_MWH] += due * hours


@part
def _sell(s, p, a):
    """A price taker's offers are all awarded, cut in proportion to what may be sold in all."""
    total = 0.0
    for k in range(p.n_reserves):
        offer = share(a[RESERVE_0 + k]) * p.reserve_max_mw
        s.sold_mw[k] = offer if offer >= LEAST_OFFER_MW else 0.0
        total += s.sold_mw[k]
    if total > p.reserve_max_mw:
        for k in range(p.n_reserves):
            s.sold_mw[k] *= p.reserve_max_mw / total


@part
def begin(s):
    """Nothing is sold, nothing called."""
    s.base_mw = 0.0
    for k in range(MAX_PRODUCTS):
        s.award_mw[k] = s.sold_mw[k] = s.called_s[k] = 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of reserves."""
    if not p["n_reserves"]:
        return []
    out = [
        Field("reserve_gate_open", "now", "centre", "1 where offers for the next hour are read in this interval"),
        Field("reserve_due_frac", "now", "centre", "mean drop due in this interval over the most that may be sold"),
        Field("reserve_base_frac", "state", "centre", "flexible load before the call over its highest"),
    ]
    for k in range(int(p["n_reserves"])):
        out += [
            Field(f"reserve_{k}_usd_per_mw_h", "now", "squash(x / 10)", f"availability price of product {k}"),
            Field(f"reserve_{k}_deploy_frac", "now", "centre", f"share of product {k} that is called"),
            Field(f"reserve_{k}_award_frac", "state", "centre", "sold for this hour over the most that may be sold"),
            Field(f"reserve_{k}_sold_frac", "state", "centre", "sold for the next hour over the most that may be sold"),
        ]
    return out


@part
def observe(s, p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.n_reserves == 0:
        return k
    obs[k] = centre(1.0 if s.row % p.rows_per_hour == p.reserve_gate_row else 0.0)
    obs[k + 1] = centre(due_mw(s, p, now) / p.reserve_max_mw)
    obs[k + 2] = centre(s.base_mw / (p.mining_max_mw + p.battery_mw))
    k += 3
    for product in range(p.n_reserves):
        obs[k] = squash(price_usd_per_mw_h(now, product) / PRICE_SCALE_USD_PER_MW_H)
        obs[k + 1] = centre(deploy_frac(p, now, product))
        obs[k + 2] = centre(s.award_mw[product] / p.reserve_max_mw)
        obs[k + 3] = centre(s.sold_mw[product] / p.reserve_max_mw)
        k += 4
    return k
