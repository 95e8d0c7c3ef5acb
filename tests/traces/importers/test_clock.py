"""Local time to UTC: days of 23 and 25 hours, 24:00, hour numbers, zones with half hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hybrid_env.traces.importers import ReadError, SourceFile
from hybrid_env.traces.importers.clock import from_offset, from_zone, hour_numbers, hour_starts, stamps, starts_of_ends

CHICAGO = "America/Chicago"


@pytest.fixture
def source(tmp_path) -> SourceFile:
    path = tmp_path / "file.csv"
    path.write_text("x", "utf-8")
    return SourceFile(path)


def cells(*text: str) -> pd.Series:
    return pd.Series(list(text), index=range(2, 2 + len(text)), name="when", dtype=object)


def test_24_00_is_the_next_midnight(source: SourceFile) -> None:
    found = stamps(cells("12/31/2021 24:00", "01/01/2022 01:00"), source, "%m/%d/%Y %H:%M")
    assert [str(stamp) for stamp in found] == ["2022-01-01 00:00:00", "2022-01-01 01:00:00"]


def test_a_stamp_of_another_layout_is_named_with_its_line(source: SourceFile) -> None:
    with pytest.raises(ReadError, match=r"line 3, column 'when': found '2021-13-01'.*%m/%d/%Y"):
        stamps(cells("01/31/2021", "2021-13-01"), source, "%m/%d/%Y")


@pytest.mark.parametrize(("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-07-01", 24)])
def test_hours_counted_from_midnight_fill_the_day(day: str, hours: int) -> None:
    found = hour_starts([pd.Timestamp(day)] * hours, np.arange(1, hours + 1), CHICAGO)
    first = pd.Timestamp(day).tz_localize(CHICAGO).tz_convert("UTC")
    assert list(found) == list(pd.date_range(first, periods=hours, freq="h"))


def test_hours_read_from_a_clock_skip_the_third_in_spring() -> None:
    hours = [hour for hour in range(1, 25) if hour != 3]
    found = hour_starts([pd.Timestamp("2024-03-10")] * 23, hours, CHICAGO)
    assert list(found) == list(pd.date_range("2024-03-10T06:00Z", periods=23, freq="h"))


def test_hours_read_from_a_clock_have_the_second_twice_in_autumn() -> None:
    hours = [1, 2, 2, *range(3, 25)]
    found = hour_starts([pd.Timestamp("2024-11-03")] * 25, hours, CHICAGO)
    assert list(found) == list(pd.date_range("2024-11-03T05:00Z", periods=25, freq="h"))


def test_quarters_of_the_repeated_hour_are_told_by_order() -> None:
    local = [f"2024-11-03 {h}:{m:02d}" for h in ("01", "01", "02") for m in (0, 15, 30, 45)]
    assert list(from_zone(local, CHICAGO)) == list(pd.date_range("2024-11-03T06:00Z", periods=12, freq="15min"))


@pytest.mark.parametrize("zone", [CHICAGO, "America/St_Johns", "Europe/Berlin", "Australia/Sydney", "UTC"])
def test_a_year_of_quarter_hours_on_any_clock_comes_back_whole(zone: str) -> None:
    utc = pd.date_range("2024-01-01T00:00Z", "2025-01-01T00:00Z", freq="15min", inclusive="left")
    wall = utc.tz_convert(zone).tz_localize(None)
    assert from_zone(wall, zone).equals(utc)
    ends = (utc + pd.Timedelta(minutes=15)).tz_convert(zone).tz_localize(None)
    assert starts_of_ends(ends, 900, zone).equals(utc)
    labels = wall + pd.Timedelta(minutes=15)
    assert starts_of_ends(labels, 900, zone).equals(utc)


@pytest.mark.parametrize(
    "ends",
    [
        ["2024-11-03 01:00", "2024-11-03 02:00", "2024-11-03 02:00", "2024-11-03 03:00"],  # labels: start plus an hour
        ["2024-11-03 01:00", "2024-11-03 01:00", "2024-11-03 02:00", "2024-11-03 03:00"],  # what the clock shows
    ],
)
def test_both_habits_of_ending_stamps_fill_the_long_day(ends: list[str]) -> None:
    found = starts_of_ends(ends, 3600, CHICAGO)
    first = "2024-11-03T05:00Z"
    assert list(found) == list(pd.date_range(first, periods=4, freq="h"))


@pytest.mark.parametrize("ends", [["02:00", "04:00", "05:00"], ["03:00", "04:00", "05:00"]])
def test_both_habits_of_ending_stamps_fill_the_short_day(ends: list[str]) -> None:
    found = starts_of_ends([f"2024-03-10 {end}" for end in ends], 3600, CHICAGO)
    assert list(found) == list(pd.date_range("2024-03-10T07:00Z", periods=3, freq="h"))


def test_a_time_that_never_was_is_no_time() -> None:
    assert from_zone(["2024-03-10 02:30", "2024-03-10 03:30"], CHICAGO).isna().tolist() == [True, False]


def test_offsets_may_differ_by_row_and_by_half_hours() -> None:
    found = from_offset(["2024-01-01 00:00", "2024-01-01 00:00"], np.array([5.5, -3.5]))
    assert [str(stamp) for stamp in found] == ["2023-12-31 18:30:00+00:00", "2024-01-01 03:30:00+00:00"]


def test_hour_numbers_come_in_many_dresses(source: SourceFile) -> None:
    assert hour_numbers(cells("01:00", "1", "HE 7", "24:00", "25"), source).tolist() == [1, 1, 7, 24, 25]
    with pytest.raises(ReadError, match=r"line 2.*found '26'"):
        hour_numbers(cells("26"), source)
