"""Perfect foresight: a reference that no operator has, by which the worth of forecasting is bounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecast import LEADS
from hybrid_env.traces.forecasting.past import Floats, column_of, hourly
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace


@dataclass(frozen=True)
class Perfect:
    """What happens, hour by hour; beyond the trace's end its last hour is repeated. It looks ahead: reference only."""

    name: str = "perfect"

    def forecast(self, trace: Trace) -> Floats:
        """The hourly means to come, [issue_hour, variable, lead]."""
        hours = len(trace.forecast)
        target = np.minimum(np.arange(hours)[:, None] + LEADS[None, :], hours - 1)
        return np.stack([hourly(trace, column_of(v))[target] for v in FORECAST_VARIABLES], axis=1)
