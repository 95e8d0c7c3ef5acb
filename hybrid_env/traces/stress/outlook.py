"""What forecasts and published prices know of a shock: nothing before it is seen.

A shock comes without warning. Forecasts issued before its first hour is over stay as they were. Later issues add what
is left, at each lead, of the difference seen so far between what happened and what would have (`what_stays`): the last
day's mean, which fades by 1.5 % an hour, and what the last hour differs from it, which fades by 10 %. So a forecaster
learns of the shock within an hour, believes in it within a day, never knows how long it lasts, and needs a day to
forget it. A day-ahead price moves by the mean difference of the 24 hours before it is published (13:30 local, the day
before); prices published before the shock stand.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.forecast import day_ahead_known_until, day_mean, what_stays
from hybrid_env.traces.schema import COLUMNS, FORECAST_VARIABLES
from hybrid_env.traces.stress.shock import Draft

FOLLOWS = "follow what has been seen: unmoved before its first hour is over"
SETTLED_BY_AUCTION_H = 2
"""From the issue of 14:00, the first that knows a day-ahead price published at 13:30, back to the last hour settled by
then, the one that began at 12:00."""
PRICE_CAP_USD_PER_MWH = 5_000.0
"""ERCOT's cap on offers since 2022."""

FORECAST_OF = {"price_usd_per_mwh": "price_rt_usd_per_mwh"}
"""Forecast variable -> the column it is a forecast of, where names differ."""


def follow(draft: Draft, *variables: str) -> None:
    """Move the forecasts of some variables by what has been seen of their columns' change."""
    for variable in variables:
        column = FORECAST_OF.get(variable, variable)
        shift = what_stays(draft.hourly_change(column))
        issued = draft.forecast[:, FORECAST_VARIABLES.index(variable)]
        low, high = COLUMNS[column].low, COLUMNS[column].high
        if variable == "price_usd_per_mwh":
            high = PRICE_CAP_USD_PER_MWH
        moved = np.clip(issued + shift, low, np.maximum(issued, high))
        issued[:] = np.where(shift != 0, moved, issued)


def day_ahead(draft: Draft) -> None:
    """Move day-ahead prices by what had been seen of the real-time price's change when they were published."""
    seen = day_mean(draft.hourly_change("price_rt_usd_per_mwh"))
    known_until = day_ahead_known_until(draft.trace.start, draft.trace.utc_offset_h, draft.hours)
    first_issue = np.searchsorted(known_until, np.arange(draft.hours), side="right")
    last_settled = first_issue - SETTLED_BY_AUCTION_H
    shift = np.where(last_settled >= 0, seen[np.maximum(last_settled, 0)], 0.0)
    by_row = np.repeat(shift, draft.rows_per_h)[: len(draft)]
    price = draft.columns["price_da_usd_per_mwh"]
    price[:] = np.clip(price + by_row, COLUMNS["price_da_usd_per_mwh"].low, np.maximum(price, PRICE_CAP_USD_PER_MWH))


def prices(draft: Draft) -> None:
    """Day-ahead prices and price forecasts after a change of the real-time price."""
    day_ahead(draft)
    follow(draft, "price_usd_per_mwh")


BIAS_PRICE, BIAS_LOAD, BIAS_WIND = 0.7, 0.95, 1.2


def forecast_bias(draft: Draft) -> None:
    """All year, forecasts say price x 0.7, system load x 0.95, wind x 1.2 (up to 1); what happens stays as it was.

    Source: assumed, all three on the side that hurts: energy looks cheap, peaks look harmless, own wind looks plenty.
    The sizes are a few times the errors of good forecasts: ERCOT's day-ahead load forecasts erred by 2.1 % in 2024.
    """
    for variable, factor in (
        ("price_usd_per_mwh", BIAS_PRICE), ("system_load_mw", BIAS_LOAD), ("wind_cf", BIAS_WIND),
    ):  # fmt: skip
        draft.forecast[:, FORECAST_VARIABLES.index(variable)] *= factor
    wind = draft.forecast[:, FORECAST_VARIABLES.index("wind_cf")]
    np.clip(wind, 0, 1, out=wind)
