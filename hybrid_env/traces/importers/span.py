"""What derivations share: the trace's grid, their parameters, and a table with more columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.schema import TraceError


class Parameters(BaseModel):
    """What a derivation assumes. Unknown fields, wrong types, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Span:
    """The grid of the trace to be made.

    Attributes:
        start: start of row 0, UTC.
        rows: number of rows.
        interval_s: seconds a row.
        utc_offset_h: local standard time minus UTC, hours.
    """

    start: datetime
    rows: int
    interval_s: int
    utc_offset_h: float

    @property
    def times(self) -> Any:
        """Starts of the rows, a UTC index."""
        start = pd.Timestamp(self.start.astimezone(UTC)).as_unit("ns")
        return pd.date_range(start, periods=self.rows, freq=pd.Timedelta(seconds=self.interval_s), name="start_utc")


def need(table: Table, *columns: str, why: str) -> None:
    """Refuse a table that lacks a column.

    Raises:
        TraceError: names the file, the column, why it is needed and what there is.
    """
    for column in columns:
        if column not in table.frame:
            raise TraceError(
                f"{table.path}: column {column!r} is needed for {why}; the file has {', '.join(map(str, table.frame))}"
            )


def place(table: Table, given: Parameters, *names: str) -> tuple[float, ...]:
    """`latitude_deg` and the like: the recipe's where it gives them, else the file's.

    Raises:
        TraceError: neither knows one.
    """
    found = []
    for name in names:
        value = getattr(given, name)
        value = table.facts.get(name) if value is None else value
        if value is None:
            raise TraceError(f"{table.path}: the file does not say {name}; give it in the recipe")
        found.append(float(value))
    return tuple(found)


def extended(table: Table, columns: Mapping[str, np.ndarray], notes: Notes) -> Table:
    """The table with further columns (those of equal name replaced) and notes."""
    frame = table.frame.assign(**columns)
    return replace(table, frame=frame, notes=(*table.notes, *notes.all))


def on_grid(table: Table, span: Span, columns: Mapping[str, np.ndarray], notes: Notes) -> Table:
    """A table on the span's grid in place of the file's own rows."""
    frame = pd.DataFrame(dict(columns), index=span.times)
    return replace(table, frame=frame, interval_s=span.interval_s, notes=(*table.notes, *notes.all))
