"""Seasonal naive: each hour is as the same hour of the last day, or of the last week, was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecasting.past import Floats, column_of, first_guess, hourly, latest_known, seen_until
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace

DAY_H, WEEK_H = 24, 168
WEEKLY = ("system_load_mw", "inference_load")
"""What people do has a weekly course; weather and prices have a daily one."""


@dataclass(frozen=True)
class Seasonal:
    """The same hour of the last week for load and inference, of the last day for everything else."""

    name: str = "seasonal"

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, [issue_hour, variable, lead]."""
        lines = []
        for variable in FORECAST_VARIABLES:
            column = column_of(variable)
            series = hourly(trace, column)
            period = WEEK_H if variable in WEEKLY else DAY_H
            lines.append(latest_known(series, seen_until(len(series)), period, first_guess(column)))
        return np.stack(lines, axis=1)
