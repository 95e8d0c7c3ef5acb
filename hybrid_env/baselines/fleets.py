"""What fleets earn, and from megawatts by fleet to actions where each fleet has its own."""

from __future__ import annotations

import numpy as np

from hybrid_env.baselines.policy import Array, View, as_action
from hybrid_env.batch import Floats
from hybrid_env.sim.action import FLEET_ACTIONS
from hybrid_env.sites.units import HOURS_PER_DAY


def most_mw(p: np.void, healthy: Array) -> Array:
    """Highest power by fleet, above the sleep draw, [n, fleets]; `healthy` is of the lanes, [n, fleets or more]."""
    fleets = int(p["n_fleets"])
    return p["fleet_max_mw"][:fleets] * healthy[:, :fleets]


def set_fleets(out: Floats, p: np.void, wanted_mw: Array, left_mw: Array, most_mw: Array) -> None:
    """Write the actions that bring fleets to their power, as the simulator serves them: in order of J/TH.

    Args:
        out: actions [n, A], changed in place.
        wanted_mw: above the sleep draw, [n, fleets].
        left_mw: what all fleets together may take, [n].
        most_mw: highest power by fleet, [n, fleets].
    """
    left = left_mw
    for f in p["fleet_order"][: int(p["n_fleets"])]:
        most = np.minimum(left, most_mw[:, f])
        out[:, FLEET_ACTIONS[f]] = as_action(np.where(most > 1e-6, wanted_mw[:, f] / np.maximum(most, 1e-6), 1.0))
        left = np.maximum(0.0, left - np.minimum(wanted_mw[:, f], most))


def capped(p: np.void, wanted_mw: Array, most_mw: Array) -> Array:
    """Power by fleet [n, fleets] cut to `most_mw` [n] in all, the least efficient first."""
    out, left = wanted_mw.copy(), most_mw
    for f in p["fleet_order"][: int(p["n_fleets"])]:
        out[:, f] = np.minimum(wanted_mw[:, f], left)
        left = left - out[:, f]
    return out


def hash_usd_per_ph_h(view: View) -> Array:
    """What a PH/s of each segment earns in an hour, [n, segments]: from the pool, or where it is a customer's, the
    credit for it if it were missing."""
    p, k = view.p, int(view.p["n_segments"])
    pool = np.repeat((view.pool_usd_per_ph_day() / HOURS_PER_DAY * (1 - p["pool_fee_frac"]))[:, None], k, axis=1)
    if p["cloud_ph"] <= 0:
        return pool
    ph = p["segment_ph_per_mw"][:k] * p["segment_mw"][:k]
    rented = np.clip((p["cloud_ph"] - (np.cumsum(ph) - ph)) / ph, 0.0, 1.0)
    credit = p["cloud_credit_frac"] * view.hashprice_usd_per_ph_day()[:, None] / HOURS_PER_DAY
    return rented * credit + (1 - rented) * pool
