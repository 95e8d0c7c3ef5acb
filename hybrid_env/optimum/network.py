"""Bitcoin: what a petahash a second earns in an hour. A coefficient only; it needs no variable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HASHES_PER_DIFFICULTY = 2.0**32
SECONDS_PER_HOUR = 3_600.0
HASHES_PER_PH = 1e15


def hash_usd_per_ph_h(p: np.void, rows: np.ndarray) -> NDArray[np.float64]:
    """Income (USD) from one PH/s for one hour, by row, after the pool fee.

    Expected blocks an hour = `1e15 * 3600 / (difficulty * 2^32)`, each worth subsidy and fees.
    """
    blocks = HASHES_PER_PH * SECONDS_PER_HOUR / (rows["difficulty"] * HASHES_PER_DIFFICULTY)
    usd = blocks * (rows["subsidy_btc"] + rows["fees_btc_per_block"]) * rows["btc_usd"]
    return usd * (1 - p["pool_fee_frac"])
