"""Events of a file become the trace's event columns, as generated years hold them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hybrid_env.traces.importers import Table
from hybrid_env.traces.importers.derive import derive
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.schema import TraceError

SPAN = Span(datetime(2024, 1, 1, tzinfo=UTC), 12, 3600, 0)


def events(*rows: tuple[str, float, float]) -> Table:
    index = pd.DatetimeIndex([row[0] for row in rows], name="start_utc").as_unit("ns")
    frame = pd.DataFrame(
        {"value_unstated": [row[1] for row in rows], "duration_s": [row[2] for row in rows]}, index=index
    )
    return Table(frame, None, "events", "openadr_2b", Path("event.xml"), "0")


def made(table: Table, **parameters: float) -> pd.DataFrame:
    return derive("demand_response", table, {"usd_per_mwh": 500, "notice_h": 2} | parameters, SPAN).frame


def test_an_event_is_announced_counts_down_and_runs() -> None:
    frame = made(events(("2024-01-01T04:00Z", 50, 7200)), full_value=100)
    np.testing.assert_array_equal(frame["event_frac"], [0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(frame["event_usd_per_mwh"], [0, 0, 500, 500, 500, 500, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(frame["event_ahead_h"], [48, 48, 2, 1, 0, 0, 48, 48, 48, 48, 48, 48])


def test_intervals_that_touch_are_one_event_and_a_zero_asks_nothing() -> None:
    rows = [("2024-01-01T04:00Z", 50, 3600), ("2024-01-01T05:00Z", 100, 1800), ("2024-01-01T09:00Z", 0, 3600)]
    frame = made(events(*rows), full_value=100)
    assert frame["event_frac"].tolist()[4:6] == [0.5, 1.0]
    assert frame["event_ahead_h"].tolist()[2:6] == [2, 1, 0, 0] and frame["event_ahead_h"].tolist()[7] == 48


def test_an_earlier_event_hides_a_later_ones_notice() -> None:
    frame = made(events(("2024-01-01T03:00Z", 1, 3600), ("2024-01-01T05:00Z", 1, 3600)), cut_frac=0.3, notice_h=4)
    assert frame["event_ahead_h"].tolist()[:6] == [3, 2, 1, 0, 1, 0]


def test_events_outside_the_trace_are_counted() -> None:
    table = derive("demand_response", events(("2023-12-01T00:00Z", 1, 60)), {"usd_per_mwh": 1, "cut_frac": 1.0}, SPAN)
    assert table.frame["event_frac"].sum() == 0
    assert [note.rows for note in table.notes if note.kind == "dropped"] == [1]


def test_what_does_not_fit_is_refused() -> None:
    table = events(("2024-01-01T04:00Z", 50, 7200))
    with pytest.raises(TraceError, match="asks for 500% of the baseline"):
        made(table, full_value=10)
    with pytest.raises(TraceError, match="either full_value or cut_frac"):
        made(table)
    with pytest.raises(TraceError, match="column 'duration_s' is needed"):
        made(replace(table, frame=table.frame.drop(columns="duration_s")), cut_frac=0.5)
