"""A site's wind from the output of its grid's wind farms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span, extended, need

LEAST_PEAK_MW = 1.0


class WindFleet(Parameters):
    """How a fleet's output becomes a share of nameplate.

    Attributes:
        window_days: the fleet grows through a year; its output is divided by the highest of so many days around.
        peak_frac: of nameplate, what that highest output is: a fleet never blows all at once. ERCOT's record of 2023
            was about 27 GW of 37 GW installed.
    """

    window_days: int = Field(default=60, ge=7, le=366)
    peak_frac: float = Field(default=0.75, gt=0, le=1)


def wind_fleet(table: Table, parameters: WindFleet, span: Span) -> Table:
    """`wind_cf` from the grid's `wind_mw`: smoother than one farm's, but of the hours that made the prices."""
    notes = Notes()
    need(table, "wind_mw", why="the fleet's output")
    output = table.frame["wind_mw"]
    around = pd.Timedelta(days=parameters.window_days)
    highest = output.rolling(around, center=True, min_periods=1).max().to_numpy(float)
    share = output.to_numpy(float) / np.maximum(highest, LEAST_PEAK_MW) * parameters.peak_frac
    notes.assumed(
        f"wind is the grid's, over its highest of {parameters.window_days} days around, which is"
        f" {parameters.peak_frac:g} of nameplate"
    )
    return extended(table, {"wind_cf": np.clip(share, 0, 1)}, notes)
