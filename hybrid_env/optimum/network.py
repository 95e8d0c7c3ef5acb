"""Bitcoin: what a petahash a second earns in an hour, and contracts on hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hybrid_env.optimum.programme import Lp, Term
from hybrid_env.sites.units import HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods
    from hybrid_env.optimum.mining import Mining

HASHES_PER_DIFFICULTY = 2.0**32
HASHES_PER_PH = 1e15

Floats = NDArray[np.float64]


def hashprice_usd_per_ph_h(rows: np.ndarray, fees_weight: float = 1.0) -> Floats:
    """Expected reward (USD) of one PH/s for one hour, by row.

    Blocks an hour = `1e15 * 3600 / (difficulty * 2^32)`, each worth subsidy and weighted fees.
    """
    blocks = HASHES_PER_PH * SECONDS_PER_HOUR / (rows["difficulty"] * HASHES_PER_DIFFICULTY)
    return blocks * (rows["subsidy_btc"] + fees_weight * rows["fees_btc_per_block"]) * rows["btc_usd"]


def hash_usd_per_ph_h(p: np.void, rows: np.ndarray) -> Floats:
    """Income (USD) from one PH/s for one hour, by row, as the pool's scheme counts it and after its fee."""
    return hashprice_usd_per_ph_h(rows, float(p["pool_fees_weight"])) * (1 - p["pool_fee_frac"])


def add(lp: Lp, p: np.void, t: Periods, asics: Mining) -> None:
    """Contracts: the forward is a constant; rented hash that is missing is a variable.

    `short >= sold - hash`: all hash is paid as the pool pays (`optimum/mining.py`), so what is rented out gives that
    back but where it is short, where it gives the credit instead. Exact: a credit of hashprice or more makes income
    concave in hash.
    """
    hashprice = hashprice_usd_per_ph_h(t.rows)
    forward_usd = float(p["forward_usd_per_ph_day"]) / HOURS_PER_DAY
    lp.constant_usd += float(p["forward_ph"]) * float((forward_usd - hashprice) @ t.hours)
    sold = float(p["cloud_ph"])
    if sold <= 0:
        return
    lp.constant_usd += sold * float((p["cloud_usd_per_ph_day"] / HOURS_PER_DAY - t.hash_usd_per_ph_h) @ t.hours)
    credit = (p["cloud_credit_frac"] * hashprice - t.hash_usd_per_ph_h) * t.hours
    short = lp.variable("cloud_short_ph", (len(t),), 0.0, sold, -credit, keys=t.row)
    terms: list[Term] = [(1.0, short), *asics.hash_terms]
    lp.constrain("cloud_delivery", (len(t),), terms, low=sold, keys=t.row)
