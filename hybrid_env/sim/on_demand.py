"""On-demand rental: GPUs asked for at the asking price, served now or lost."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import ON_DEMAND_H, ON_DEMAND_LOST_H, ON_DEMAND_USD
from hybrid_env.sim.table import centre, lines

STATE = [("on_demand_mw", np.float64), ("on_demand_gpus", np.float64)]
"""Dynamic power and running GPUs of the last interval."""


@part
def nearest_ask(p, price_share):
    """Place in the menu that lies nearest to a share (0 lowest price, 1 highest); halfway goes to the dearer."""
    return int(price_share * (p.n_asks - 1) + 0.5)


@part
def run(s, p, row, price_share, power_share, pool, room, derate, out):
    """Serve at most `pool` GPUs within `room` MW; writes `s.on_demand_gpus`, returns dynamic MW.

    `asked = peak load accept[k]` GPUs at the price `ask[k] rent`. Below the knee GPUs are paused rather than capped
    deeper. What is not served is lost: no pay, no penalty.
    """
    k = nearest_ask(p, price_share)
    asked = p.on_demand_gpus * row.on_demand_load * p.accept_frac[k]
    power_frac = max(power_share, p.inference_knee)
    served = max(0.0, min(asked, pool)) * min(1.0, power_share / p.inference_knee)
    running = min(served, max(0.0, room) / (power_frac * p.gpu_dyn_mw))
    delivered_h = running * lines(power_frac, 1.0, p.inference_slope, p.inference_offset) * derate * p.interval_h
    out.usd[ON_DEMAND_USD] += p.ask_frac[k] * row.gpu_rent_usd_per_gpu_h * delivered_h
    out.work[ON_DEMAND_H] += delivered_h
    out.work[ON_DEMAND_LOST_H] += max(0.0, asked * p.interval_h - delivered_h)
    s.on_demand_gpus = running
    return running * power_frac * p.gpu_dyn_mw


@part
def begin(s):
    """Nobody served yet."""
    s.on_demand_mw = s.on_demand_gpus = 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of on-demand rental."""
    if not p["on_demand_gpus"] > 0:
        return []
    return [
        Field("on_demand_load", "settled", "centre", "demand at the lowest asking price as a share of its peak"),
        Field("on_demand_gpus_frac", "settled", "centre", "GPUs rented on demand over the peak of that demand"),
    ]


@part
def observe(s, p, last, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.on_demand_gpus <= 0.0:
        return k
    obs[k], obs[k + 1] = centre(last.on_demand_load), centre(s.on_demand_gpus / p.on_demand_gpus)
    return k + 2
