"""The operator's cash, and the AI capacity it withdraws when there is too little of it."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import LOW_CASH_H, WITHDRAWAL_USD, WITHDRAWN_H
from hybrid_env.sim.table import squash

STATE = [("cash_usd", np.float64), ("withdrawn_frac", np.float64)]
"""Cash as the interval begins; share of contracted reserved GPUs that is withdrawn in it."""

CASH_SCALE_USD = 1e6


@part
def withdraw(s, p, contracted_gpus, out):
    """Withdraw capacity while cash is under its floor; its pay is lost and credited on top.

    The reserved account books the whole contract; this account takes back what was not provided:
    `share * gpus * price * (1 + credit) * h`.
    """
    low = s.cash_usd < p.cash_floor_usd
    s.withdrawn_frac = p.withdraw_frac if low else 0.0
    gpu_h = s.withdrawn_frac * contracted_gpus * p.interval_h
    out.usd[WITHDRAWAL_USD] -= gpu_h * p.reserved_price * (1.0 + p.withdraw_credit_frac)
    out.work[WITHDRAWN_H] += gpu_h
    out.work[LOW_CASH_H] += p.interval_h if low else 0.0


@part
def close(s, p, earned_usd):
    """Profit comes in, fixed costs go out.

    `earned_usd` leaves out the interval's coincident peaks, which nobody knows yet and next year's rates will bill.
    """
    s.cash_usd += earned_usd - p.fixed_cost_usd_per_h * p.interval_h


@part
def begin(s, p):
    """The cash box as the site describes it."""
    s.cash_usd, s.withdrawn_frac = p.cash_start_usd, 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of cash."""
    if not p["withdraw_frac"] > 0:
        return []
    return [
        Field("cash_over_floor_usd", "state", "squash(x / 1e6)", "cash above its floor"),
        Field("withdrawn_frac", "settled", "as is", "share of reserved capacity that was withdrawn"),
    ]


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.withdraw_frac <= 0.0:
        return k
    obs[k] = squash((s.cash_usd - p.cash_floor_usd) / CASH_SCALE_USD)
    obs[k + 1] = s.withdrawn_frac
    return k + 2
