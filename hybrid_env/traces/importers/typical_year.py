"""A typical year (months of several years, as EPW and TMY3 give) laid on the calendar of a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span
from hybrid_env.traces.schema import TraceError


class TypicalYear(Parameters):
    """No choice to make."""


def typical_year(table: Table, parameters: TypicalYear, span: Span) -> Table:
    """Every interval of the span takes the row of its month, day and time in local standard time.

    29 February takes the 28th where the file has none. What the file lacks stays missing. The weather is then of no
    year in particular: prices and loads of a real year do not go with it hour by hour.

    Raises:
        TraceError: the file's intervals are not known.
    """
    if table.interval_s is None:
        raise TraceError(f"{table.path}: a typical year needs intervals of one length")
    notes = Notes()
    offset = pd.Timedelta(hours=float(table.facts.get("utc_offset_h", span.utc_offset_h)))
    local = pd.DatetimeIndex(table.frame.index) + offset
    known: Any = pd.Series(np.arange(len(local)), index=_minute_of_year(local, local.day))
    known = known[~known.index.duplicated(keep="last")]
    step = pd.Timedelta(seconds=table.interval_s)
    first, last = span.times[0].floor(step), span.times[-1].floor(step)
    wanted: Any = pd.date_range(first, last, freq=step, name="start_utc")
    here = wanted + offset
    leap = (here.month == 2) & (here.day == 29)
    rows = known.reindex(_minute_of_year(here, here.day)).to_numpy(float)
    stand_in = known.reindex(_minute_of_year(here, np.where(leap, 28, here.day))).to_numpy(float)
    filled = np.isnan(rows) & np.isfinite(stand_in)
    rows = np.where(filled, stand_in, rows)
    frame = table.frame.iloc[np.where(np.isnan(rows), 0, rows).astype(int)].copy()
    frame.loc[np.isnan(rows)] = np.nan
    frame.index = wanted
    notes.filled("29 February takes the weather of the 28th", rows=int(filled.sum()))
    notes.assumed("weather is of a typical year, laid on the trace's calendar by month, day and local standard time")
    facts = {**table.facts, "typical_year": False}
    return replace(table, frame=frame, facts=facts, notes=(*table.notes, *notes.all))


def _minute_of_year(local: Any, day: Any) -> np.ndarray:
    """One number for each month, day and minute of the day."""
    return ((local.month * 100 + np.asarray(day)) * 10_000 + local.hour * 60 + local.minute).to_numpy()
