"""The merit order's stack: what the grid's hub paid at each net load in the training years, over the gas price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hybrid_env.traces.market import Price

GAS_USD_PER_MMBTU = 5.0
"""Geometric mean of Henry Hub's yearly averages, 3.89 (2021) and 6.45 (2022), EIA."""
NEIGHBOURS = 0.06
"""Share of all hours around a knot whose median is taken."""
LEAST_HEAT_RATE = 0.3
LEAST_STEP = 0.05


def fit_stack(price: Price, net_load_mw: Sequence[np.ndarray], hub_usd_per_mwh: Sequence[np.ndarray]) -> dict[str, Any]:
    """Fields of `Price`: the gas level, and heat rates at net loads that a fourteenth of the hours lie between.

    Medians leave scarcity out, which has a term of its own. Heat rates rise by a little at least.

    Args:
        net_load_mw: load less wind and solar of each year, MW [days, 24].
        hub_usd_per_mwh: day-ahead price of the hub average in the same hours.
    """
    load = np.concatenate([year.ravel() for year in net_load_mw])
    hub = np.concatenate([year.ravel() for year in hub_usd_per_mwh])
    there = np.isfinite(load) & np.isfinite(hub)
    order = np.argsort(load[there])
    load, hub = load[there][order], hub[there][order]
    count = len(price.stack_net_load_mw)
    places = np.linspace(0.005, 0.995, count)
    knots, rates = [], []
    for place in places:
        middle, half = place * len(load), NEIGHBOURS * len(load) / 2
        near = slice(max(0, int(middle - half)), int(middle + half) + 1)
        knots.append(round(float(np.median(load[near])), -1))
        rates.append(float(np.median(hub[near])) / GAS_USD_PER_MMBTU)
    rising = [max(rates[0], LEAST_HEAT_RATE)]
    for rate in rates[1:]:
        rising.append(max(rate, rising[-1] + LEAST_STEP))
    return {
        "gas_usd_per_mmbtu": GAS_USD_PER_MMBTU,
        "stack_net_load_mw": knots,
        "stack_heat_rate_mmbtu_per_mwh": [round(rate, 2) for rate in rising],
    }
