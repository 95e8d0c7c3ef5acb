"""Tables of one's own: the recipe names the clock and the columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from hybrid_env.traces.importers import ReadError, SourceFile
from hybrid_env.traces.importers.own import Layout, read_own
from tests.traces.importers.notes import said
from tests.traces.importers.real import value, written

PRICE = "price_eur_per_mwh"


def layout(**changes) -> Layout:
    given = {
        "time_column": "When", "time_format": "%d/%m/%Y %H:%M", "zone": "Europe/Berlin", "stamp": "end",
        "interval_s": 3600, "columns": {"Preis": PRICE}, "separator": ";", "decimal": ",", "thousands": ".",
    }  # fmt: skip
    return Layout.model_validate(given | changes)


def test_a_spreadsheet_with_decimal_commas_on_a_clock_with_summer_time(tmp_path: Path) -> None:
    rows = ["27/10/2024 02:00;1.234,5", "27/10/2024 03:00;2,5", "27/10/2024 03:00;3,5", "27/10/2024 04:00;-4"]
    table = read_own(SourceFile(written(tmp_path, "When;Preis\n" + "\n".join(rows))), layout())
    hours = ["2024-10-26T23:00Z", "2024-10-27T00:00Z", "2024-10-27T01:00Z", "2024-10-27T02:00Z"]
    assert [value(table, hour, PRICE) for hour in hours] == [1234.5, 2.5, 3.5, -4]  # 03:00 ends two hours of that day
    assert (table.format, table.interval_s) == ("own_csv", 3600)


@pytest.mark.parametrize(("stamp", "first"), [("begin", 0), ("end", 1)])
@pytest.mark.parametrize(
    ("left_out", "warns"), [("12/03/2023 02:00", True), ("12/03/2023 14:00", False), (None, False)]
)
def test_a_clock_that_skips_an_hour_in_spring_is_no_fixed_offset(
    tmp_path: Path, stamp: str, first: int, left_out: str | None, warns: bool
) -> None:
    hours = pd.date_range("2023-03-10", "2023-03-14", freq="h")
    kept = [hour for hour in hours if hour.strftime("%d/%m/%Y %H:%M") != left_out]
    lines = [f"{hour + pd.Timedelta(hours=first):%d/%m/%Y %H:%M};1" for hour in kept]
    table = read_own(
        SourceFile(written(tmp_path, "When;Preis\n" + "\n".join(lines))),
        layout(zone=None, utc_offset_h=-6, stamp=stamp),
    )
    assert any("the hour before 2023-03-12 03:00, a Sunday" in text for text in said(table, "warned")) == warns


def test_a_fixed_offset_and_points(tmp_path: Path) -> None:
    text = "When;Preis;Zone\n01/01/2024 00:00;1;A\n01/01/2024 00:00;2;B\n"
    given = layout(zone=None, utc_offset_h=5.5, stamp="begin", point_column="Zone")
    table = read_own(SourceFile(written(tmp_path, text)), given)
    assert value(table, "2023-12-31T18:30Z", PRICE, "B") == 2


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="line 1, column 'Preis': found no such column; allowed: When, Price"):
        read_own(SourceFile(written(tmp_path, "When;Price\n01/01/2024 00:00;1\n")), layout())


def test_a_wrong_separator_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="line 2: found 2 cells; allowed: 1 as in the header; the header has no ','"):
        read_own(SourceFile(written(tmp_path, "When;Preis\n01/01/2024 00:00;1,5\n")), layout(separator=","))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"utc_offset_h": 1}, "exclude each other"),
        ({"zone": "Europe/Berlinn"}, "no time zone"),
        ({"interval_s": None}, "need interval_s"),
        ({"thousands": ","}, "both ','"),
        ({"columns": {}}, "at least 1"),
    ],
)
def test_impossible_layouts(changes: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        layout(**changes)
