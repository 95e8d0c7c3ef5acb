"""Persistence: the coming two days are as the last hour was. What any forecast has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hybrid_env.traces.forecasting.past import Floats, column_of, first_guess, hourly, latest_known, seen_until
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace


@dataclass(frozen=True)
class Persistence:
    """The mean of the last hour, at every lead."""

    name: str = "persistence"

    def forecast(self, trace: Trace) -> Floats:
        """Best estimates, [issue_hour, variable, lead]."""
        lines = []
        for column in map(column_of, FORECAST_VARIABLES):
            series = hourly(trace, column)
            lines.append(latest_known(series, seen_until(len(series)), 1, first_guess(column)))
        return np.stack(lines, axis=1)
