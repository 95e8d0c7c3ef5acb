"""Announced demand response: pay for importing less than the baseline while an event runs."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import EVENT_MWH, EVENT_USD
from hybrid_env.sim.table import centre, squash

PAY_SCALE_USD_PER_MWH = 200.0
LONGEST_NOTICE_H = 48.0


@part
def pay(s, p, row, out):
    """`event_usd_per_mwh max(0, min(baseline - import, event_frac baseline)) h`, in rows with an event."""
    if row.event_frac > 0.0:
        cut_mw = max(0.0, min(p.event_baseline_mw - s.import_mw, row.event_frac * p.event_baseline_mw))
        out.usd[EVENT_USD] += row.event_usd_per_mwh * cut_mw * p.interval_h
        out.work[EVENT_MWH] += cut_mw * p.interval_h


def fields(p: np.void) -> list[Field]:
    """Observed of events."""
    if not p["event_baseline_mw"] > 0:
        return []
    return [
        Field("event_frac", "now", "centre", "cut that a running event asks for, share of the baseline"),
        Field("event_usd_per_mwh", "now", "squash(x / 200)", "pay of the running or announced event"),
        Field("event_ahead_h", "now", "centre(x / 48)", "hours until the announced event"),
    ]


@part
def observe(p, now, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.event_baseline_mw <= 0.0:
        return k
    obs[k] = centre(now.event_frac)
    obs[k + 1] = squash(now.event_usd_per_mwh / PAY_SCALE_USD_PER_MWH)
    obs[k + 2] = centre(now.event_ahead_h / LONGEST_NOTICE_H)
    return k + 3
