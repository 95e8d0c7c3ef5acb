"""A site's wind from the output of its grid's wind farms."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from pydantic import Field, PositiveFloat

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span, extended, need
from hybrid_env.traces.schema import TraceError


class WindFleet(Parameters):
    """How a fleet's output becomes a share of nameplate, from what is known by then.

    Attributes:
        record_mw: the fleet's highest output ever before a day, by that day (UTC). What the file itself has reached
            by a row raises it: a growing fleet breaks its record again and again.
        peak_frac: of nameplate, what the record is: a fleet never blows all at once. ERCOT's record of 2023 was about
            27 GW of 37 GW installed.
    """

    record_mw: dict[date, PositiveFloat] = Field(min_length=1)
    peak_frac: float = Field(default=0.75, gt=0, le=1)


def wind_fleet(table: Table, parameters: WindFleet, span: Span) -> Table:
    """`wind_cf` from the grid's `wind_mw`: smoother than one farm's, but of the hours that made the prices.

    A row is divided by the record as it stands at that row, so that nothing of a row rests on a later one.

    Raises:
        TraceError: there is no `wind_mw`, or no record from before its first row.
    """
    notes = Notes()
    need(table, "wind_mw", why="the fleet's output")
    output = table.frame["wind_mw"]
    days = sorted(parameters.record_mw)
    known = pd.Series([parameters.record_mw[day] for day in days], pd.DatetimeIndex(days, tz="UTC"))
    first = output.index[0]
    if known.index[0] > first:
        raise TraceError(
            f"{table.path}: wind_fleet, record_mw: the file begins {first:%Y-%m-%d}, the first record is of {days[0]};"
            f" give the fleet's highest output before the file begins"
        )
    at = np.searchsorted(known.index, output.index, side="right") - 1
    record = np.fmax(known.to_numpy()[at], output.cummax().ffill().to_numpy(float))
    share = output.to_numpy(float) / record * parameters.peak_frac
    notes.assumed(f"wind is the grid's, over its record until then, which is {parameters.peak_frac:g} of nameplate")
    return extended(table, {"wind_cf": np.clip(share, 0, 1)}, notes)
