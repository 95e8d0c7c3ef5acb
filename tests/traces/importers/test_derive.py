"""Typical years on a calendar, and what every derivation says of wrong names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd

from hybrid_env.traces.importers import Table, read
from hybrid_env.traces.importers.derive import DERIVE, Span, derive
from hybrid_env.traces.schema import COLUMNS, TraceError
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_file, value

YEAR = Span(datetime(2024, 1, 1, tzinfo=UTC), 366 * 96, 900, 1)


def typical() -> Table:
    """Hours of a year without 29 February; each is its month, day and local hour as a number."""
    local = pd.date_range("2001-01-01", "2001-12-31T23:00", freq="h")
    number = local.month * 10_000 + local.day * 100 + local.hour
    index = (local - pd.Timedelta(hours=1)).tz_localize("UTC").rename("start_utc").as_unit("ns")
    facts = {"utc_offset_h": 1.0, "typical_year": True}
    return Table(pd.DataFrame({"drybulb_c": number.astype(float)}, index=index), 3600, "weather", "made",
                 Path("made.epw"), "0", (), facts)  # fmt: skip


def test_a_typical_year_lies_on_the_calendar_by_local_standard_time() -> None:
    table = derive("typical_year", typical(), {}, YEAR)
    assert (table.interval_s, len(table.frame), table.facts["typical_year"]) == (3600, 366 * 24, False)
    assert value(table, "2024-07-01T11:00Z", "drybulb_c") == 70_112
    assert value(table, "2024-12-31T23:00Z", "drybulb_c") == 10_100
    assert not table.frame["drybulb_c"].isna().any()


def test_a_leap_day_takes_the_day_before() -> None:
    table = derive("typical_year", typical(), {}, YEAR)
    assert value(table, "2024-02-29T11:00Z", "drybulb_c") == 22_812
    assert [note.rows for note in table.notes if "29 February" in note.text] == [24]


def test_epw_months_of_two_years_become_one() -> None:
    table = derive("typical_year", read(real_file("weather_NLD_Amsterdam062400_IWEC_piece.epw")), {}, YEAR)
    assert value(table, "2024-01-01T00:00Z", "drybulb_c") == 4.6
    assert value(table, "2024-07-01T00:00Z", "drybulb_c") == 14.2
    assert np.isnan(value(table, "2024-03-01T00:00Z", "drybulb_c"))
    assert any("typical year" in text for text in said(table, "assumed"))


def test_every_derivation_makes_columns_of_a_trace() -> None:
    assert {column for model in DERIVE.values() for column in model.columns} <= set(COLUMNS)


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(TraceError, match="found 'wet_bulp', allowed typical_year, wet_bulb"):
        derive("wet_bulp", typical(), {}, YEAR)
    with pytest.raises(TraceError, match=r"made.epw: wind_power, hub: .*fields are curve, hub_height_m"):
        derive("wind_power", typical(), {"hub": 100}, YEAR)
