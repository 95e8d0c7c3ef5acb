"""Day-ahead-anchored: the published day-ahead price, nudged by how far real time was from it in the last hour.

The rule is `forecast_from_past`, by which imported traces are forecast too. Where no market publishes a price of the
other variables, they are the week's course plus what is left of the last deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecast import LEADS, day_ahead_known_until, forecast_from_past
from hybrid_env.traces.forecasting.past import Floats, hourly, latest_known
from hybrid_env.traces.schema import COLUMNS, Trace

DAY_AHEAD = "price_da_usd_per_mwh"


@dataclass(frozen=True)
class DayAhead:
    """Published day-ahead prices plus what is left of the last hour's deviation."""

    name: str = "day_ahead"

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, [issue_hour, variable, lead]."""
        columns = {name: trace.rows[name] for name in COLUMNS}
        issued = forecast_from_past(trace.start, trace.interval_s, trace.utc_offset_h, columns)
        return issued.astype(np.float64)


def anchor_usd_per_mwh(trace: Trace) -> tuple[Floats, np.ndarray]:
    """Day-ahead price of each target hour, or of the same hour of the last published day; and whether it is its own.

    Returns:
        Prices and bool, both [hours, leads].
    """
    prices = hourly(trace, DAY_AHEAD)
    known_until = day_ahead_known_until(trace.start, trace.utc_offset_h, len(prices))
    latest = latest_known(prices, known_until, 24, 0.0)
    own = latest_known(np.arange(len(prices), dtype=np.float64), known_until, 24, -1.0)
    target = np.arange(len(prices))[:, None] + LEADS[None, :]
    return latest, own == target
