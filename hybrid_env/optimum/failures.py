"""Failures of mining machines: the best case, in which nothing breaks from now on and what is broken is repaired."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Periods, StartState
from hybrid_env.optimum.programme import Floats
from hybrid_env.sites.mining import MAX_FLEETS


def most_healthy(p: np.void, t: Periods, state: StartState) -> Floats:
    """The largest share of each fleet that can be whole as a period begins, `[T, fleets]`.

    `1 - (1 - healthy) (1 - repaired share)^rows`; failures, which only lower it, and their repairs are left out, so
    the programme remains a bound.
    """
    fleets = int(p["n_fleets"])
    broken = (np.ones(MAX_FLEETS) - state.known("fleet_healthy", 1.0))[:fleets]
    return 1.0 - broken * (1.0 - p["repaired_share"]) ** (t.row - t.row[0])[:, None]
