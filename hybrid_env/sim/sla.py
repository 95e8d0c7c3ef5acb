"""Service levels of inference: the month's attainment and the credit it earns customers."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import CREDIT_USD
from hybrid_env.sim.table import centre, squash

STATE = [("sla_asked_h", np.float64), ("sla_missed_h", np.float64), ("sla_credit_usd", np.float64)]
"""Inference work (GPU-hours) asked for and missed in the local month so far, and its credit to date."""

MISSED_SCALE = 200.0


@part
def credit_share(s, p):
    """Share of the month's bill that is credited at the attainment so far."""
    attained = 1.0 - s.sla_missed_h / s.sla_asked_h if s.sla_asked_h > 0.0 else 1.0
    share = 0.0
    for k in range(p.n_sla_tiers):
        if attained < p.sla_below[k]:
            share = p.sla_credit[k]
    return share


@part
def settle(s, p, asked_h, missed_h, out):
    """Post what the credit to date grew by; negative where the attainment has recovered."""
    s.sla_asked_h += asked_h
    s.sla_missed_h += missed_h
    credit_usd = credit_share(s, p) * p.inference_price * s.sla_asked_h
    out.usd[CREDIT_USD] -= credit_usd - s.sla_credit_usd
    s.sla_credit_usd = credit_usd


@part
def forget_month(s):
    """A new bill."""
    s.sla_asked_h = s.sla_missed_h = s.sla_credit_usd = 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of service levels."""
    if not p["n_sla_tiers"]:
        return []
    return [
        Field("sla_missed_frac", "state", "squash(200 x)", "share of this month's inference work that was missed"),
        Field("sla_credit_frac", "state", "centre", "share of this month's inference bill credited so far"),
    ]


@part
def observe(s, p, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.n_sla_tiers == 0:
        return k
    missed = s.sla_missed_h / s.sla_asked_h if s.sla_asked_h > 0.0 else 0.0
    obs[k], obs[k + 1] = squash(MISSED_SCALE * missed), centre(credit_share(s, p))
    return k + 2
