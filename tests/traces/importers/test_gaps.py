"""Gaps are filled by a stated rule, counted, and refused where the rule ends."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from hybrid_env.traces.importers.gaps import Fill, fill_gaps, gaps_of
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.schema import TraceError

NAN = np.nan
SPAN = Span(datetime(2024, 1, 1, tzinfo=UTC), 8, 3600, 0)
PRICE = "price_rt_usd_per_mwh"


def filled(values: list[float], rule: Fill, **others: list[float]):
    given = {name: np.array(column, float) for name, column in others.items()}
    return fill_gaps(PRICE, np.array(values, float), rule, SPAN, given, "file.csv, price")


def test_runs_of_missing_values() -> None:
    assert gaps_of(np.array([NAN, 1, NAN, NAN, 2, NAN])) == [(0, 1), (2, 4), (5, 6)]


def test_short_gaps_are_bridged_by_a_line_and_ends_are_held() -> None:
    values, told = filled([NAN, 1, NAN, NAN, 4, 5, 6, NAN], Fill(limit_h=2))
    np.testing.assert_allclose(values, [1, 1, 2, 3, 4, 5, 6, 6])
    assert (told.rows, told.runs, told.longest_h) == ({"linear": 4}, 3, 2.0)


def test_or_the_value_before_is_held() -> None:
    values, _ = filled([1, NAN, NAN, 4, 5, 6, 7, 8], Fill(how="hold"))
    np.testing.assert_array_equal(values[:4], [1, 1, 1, 4])


def test_a_longer_gap_is_refused_with_its_place_and_the_ways_out() -> None:
    with pytest.raises(TraceError, match=r"file\.csv, price: .* missing for 3 h from 2024-01-01T01:00Z .*limit_h"):
        filled([1, NAN, NAN, NAN, 5, 6, 7, 8], Fill())
    with pytest.raises(TraceError, match="allowed: 0 h"):
        filled([1, NAN, 3, 4, 5, 6, 7, 8], Fill(how="refuse"))


def test_another_column_stands_in_for_a_longer_gap() -> None:
    values, told = filled(
        [1, NAN, NAN, NAN, 5, NAN, 7, 8], Fill(longer="price_da_usd_per_mwh"), price_da_usd_per_mwh=[9] * 8
    )
    np.testing.assert_array_equal(values, [1, 9, 9, 9, 5, 6, 7, 8])
    assert told.rows == {"price_da_usd_per_mwh": 3, "linear": 1}


def test_a_stand_in_must_be_there() -> None:
    gap = [1, NAN, NAN, NAN, 5, 6, 7, 8]
    with pytest.raises(TraceError, match="so is price_da_usd_per_mwh"):
        filled(gap, Fill(longer="price_da_usd_per_mwh"), price_da_usd_per_mwh=[1, 1, NAN, 1, 1, 1, 1, 1])
    with pytest.raises(TraceError, match="names no column"):
        filled(gap, Fill(longer="price_da"))
    with pytest.raises(TraceError, match="has no default"):
        filled(gap, Fill(longer="default"))


def test_a_column_without_any_value_is_refused() -> None:
    with pytest.raises(TraceError, match="no value for price_rt_usd_per_mwh between 2024-01-01 00:00Z"):
        filled([NAN] * 8, Fill(limit_h=100))
