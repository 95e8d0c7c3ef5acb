"""Coarser values are held or joined, finer ones averaged; nothing is shown before it is known."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from hybrid_env.traces.importers import Notes
from hybrid_env.traces.importers.resample import to_rows
from hybrid_env.traces.importers.span import Span

NAN = np.nan


def span(rows: int, interval_s: int = 900) -> Span:
    return Span(datetime(2024, 1, 1, tzinfo=UTC), rows, interval_s, 0)


def series(step: str, *values: float, start: str = "2024-01-01T00:00Z") -> pd.Series:
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq=step), dtype=float)


def test_an_hours_value_holds_for_its_rows_and_no_longer() -> None:
    found = to_rows(series("h", 1, 2), 3600, span(10), "hold", Notes())
    np.testing.assert_array_equal(found, [1] * 4 + [2] * 4 + [NAN] * 2)


def test_a_missing_hour_stays_missing() -> None:
    found = to_rows(series("h", 1, NAN, 3), 3600, span(12), "hold", Notes())
    np.testing.assert_array_equal(found, [1] * 4 + [NAN] * 4 + [3] * 4)


def test_lines_join_the_middles_of_neighbouring_hours_alone() -> None:
    found = to_rows(series("h", 0, 8, NAN, 8), 3600, span(16), "linear", Notes())
    np.testing.assert_allclose(found[:6], [0, 0, 1, 3, 5, 7])  # middles of rows against middles of hours
    np.testing.assert_array_equal(found[8:12], [NAN] * 4)


def test_lines_join_moments_at_their_stamps() -> None:
    found = to_rows(series("h", 0, 8), 3600, span(8), "linear", Notes(), instants=True)
    np.testing.assert_allclose(found, [1, 3, 5, 7, 8, 8, 8, 8])


def test_finer_values_are_averaged_where_half_of_them_are_there() -> None:
    notes = Notes()
    five = series("5min", 1, 2, 3, 4, 5, NAN, 7, NAN, NAN)
    np.testing.assert_array_equal(to_rows(five, 300, span(3), "hold", notes), [2, 4.5, NAN])
    assert [note.rows for note in notes.all] == [1]


def test_a_bars_close_stands_from_its_end_on() -> None:
    found = to_rows(series("h", 1, 2), 3600, span(12), "hold", Notes(), known_late=True)
    np.testing.assert_array_equal(found, [NAN] * 4 + [1] * 4 + [2] * 4)


def test_a_price_without_interval_holds_until_the_next_for_a_day_at_most() -> None:
    times = pd.DatetimeIndex(["2024-01-01T00:05Z", "2024-01-01T00:35Z"])
    found = to_rows(pd.Series([1.0, 2.0], index=times), None, span(200), "hold", Notes())
    np.testing.assert_array_equal(found[:4], [NAN, 1, 1, 2])
    assert np.isnan(found[-1]) and found[96] == 2


def test_values_off_the_grid_are_told() -> None:
    notes = Notes()
    to_rows(series("h", 1, 2, start="2024-01-01T00:10Z"), 3600, span(4), "hold", notes)
    assert "2 values begin inside a row" in notes.all[0].text
