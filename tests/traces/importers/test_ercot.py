"""ERCOT files: hours ending, 24:00, repeated hours, hours 1 to 25, two dialects of prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.real import real_file, value, written
from tests.traces.importers.workbook import write_workbook

PRICE, LOAD = "price_usd_per_mwh", "load_mw"
HEADER = "DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag\n"


def test_a_daily_report_ends_its_hours_at_their_stamp() -> None:
    table = read(real_file("ercot_cdr_damspp_20240930_hubs_zones.csv"))
    assert (table.format, table.interval_s, len(table.frame)) == ("ercot_spp", 3600, 360)
    assert value(table, "2024-09-30T05:00Z", PRICE, "HB_NORTH") == 23.16
    assert value(table, "2024-10-01T00:00Z", PRICE, "HB_WEST") == 149.38
    assert value(table, "2024-10-01T04:00Z", PRICE, "HB_NORTH") == 21.34


def test_a_yearly_workbook_has_its_short_and_its_long_day() -> None:
    table = read(real_file("ercot_DAMLZHBSPP_2021_piece.xlsx"))
    north = {
        "2021-03-14T07:00Z": 15.73, "2021-03-14T08:00Z": 14.54, "2021-11-07T06:00Z": 27.57, "2021-11-07T07:00Z": 28.59,
        "2021-11-07T08:00Z": 29.02,
    }  # fmt: skip
    assert {time: value(table, time, PRICE, "HB_NORTH") for time in north} == north
    assert value(table, "2021-02-18T00:00Z", PRICE, "LZ_AEN") == 9052.53
    assert value(table, "2021-11-13T18:00Z", PRICE, "HB_PAN") == -34.40
    hours = table.at("HB_NORTH").frame.tz_convert("America/Chicago")
    assert (len(hours.loc["2021-03-14"]), len(hours.loc["2021-11-07"])) == (23, 25)
    assert not any(note.kind == "dropped" for note in table.notes)


def test_sheets_of_a_workbook_follow_one_another(tmp_path: Path) -> None:
    names = "Delivery Date,Hour Ending,Repeated Hour Flag,Settlement Point,Settlement Point Price"
    head: list[str | float] = [*names.split(",")]
    january, february = ["01/31/2021", "24:00", "N", "HB_WEST", 18.5], ["02/01/2021", "01:00", "N", "HB_WEST", -3]
    table = read(write_workbook(tmp_path / "download", {"Jan": [head, january], "Feb": [head, february]}))
    assert table.at("HB_WEST").frame[PRICE].tolist() == [18.5, -3]
    assert str(table.frame.index[0]) == "2021-02-01 05:00:00+00:00"


def test_a_real_time_workbook_has_numbers_for_hours_and_quarters(tmp_path: Path) -> None:
    names = (
        "Delivery Date,Delivery Hour,Delivery Interval,Repeated Hour Flag,Settlement Point Name,Settlement Point Type"
    )
    head: list[str | float] = [*names.split(","), "Settlement Point Price"]
    row: list[str | float] = ["11/07/2021", 2.0, 4.0, "Y", "LZ_WEST", "LZ", 30.25]
    table = read(write_workbook(tmp_path / "download", {"Nov": [head, row]}))
    assert value(table, "2021-11-07T07:45Z", PRICE, "LZ_WEST") == 30.25


def test_a_workbook_that_broke_off_is_told(tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "whole", {"Jan": [["Settlement Point Price", "Delivery Date"]]}).read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReadError, match=r"damaged archive.*download it again"):
        read(tmp_path / "half")


def test_native_load_reads_the_repeated_hour() -> None:
    table = read(real_file("ercot_Native_Load_2021_piece.xlsx"))
    load = {
        "2021-03-14T07:00Z": 32296.897, "2021-03-14T08:00Z": 31390.578, "2021-11-07T06:00Z": 33049.815,
        "2021-11-07T07:00Z": 32661.761, "2022-01-01T05:00Z": 39270.592,
    }  # fmt: skip
    assert {time: round(value(table, time, LOAD, "ERCOT"), 3) for time in load} == load


def test_older_load_files_name_zones_otherwise_and_repeat_the_hour_without_a_mark(tmp_path: Path) -> None:
    rows = [f"2014-11-02 {hour:02d}:00:00,{load},{load + 1}" for hour, load in ((1, 10), (2, 20), (2, 30), (3, 40))]
    table = read(written(tmp_path, "Hour_End,COAST,FAR_WEST,ERCOT\n" + "\n".join(f"{row},5" for row in rows)))
    hours = [f"2014-11-02T0{hour}:00Z" for hour in (5, 6, 7, 8)]
    assert [value(table, hour, LOAD, "FWEST") for hour in hours] == [11, 21, 31, 41]


def test_cleared_reserves_count_25_hours() -> None:
    table = read(real_file("ercot_2d_Cleared_DAM_AS_REGUP-05-NOV-24.csv"))
    cleared = {"2024-11-03T06:00Z": 219, "2024-11-03T07:00Z": 224, "2024-11-04T05:00Z": 224}
    assert {time: value(table, time, "cleared_mw", "RegUp") for time in cleared} == cleared
    assert any("not prices" in note.text for note in table.notes)


def test_real_time_prices_come_by_quarter_hour(tmp_path: Path) -> None:
    rows = [f"11/03/2024,2,{q},HB_NORTH,HU,{20 + q},{flag}" for flag in "NY" for q in (1, 2, 3, 4)]
    rows += ["11/03/2024,2,1,LZ_WEST,LZ,1,N", "11/03/2024,2,1,LZ_WEST,LZEW,2,N"]
    header = (
        "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,"
        "SettlementPointPrice,DSTFlag\n"
    )
    table = read(written(tmp_path, header + "\n".join(rows)))
    assert (table.interval_s, table.points) == (900, ("HB_NORTH", "LZ_WEST", "LZ_WEST (LZEW)"))
    assert value(table, "2024-11-03T06:15Z", PRICE, "HB_NORTH") == 22
    assert value(table, "2024-11-03T07:15Z", PRICE, "HB_NORTH") == 22
    assert value(table, "2024-11-03T06:00Z", PRICE, "LZ_WEST (LZEW)") == 2


def test_reserve_prices_come_long_or_wide(tmp_path: Path) -> None:
    long = "DeliveryDate,HourEnding,AncillaryType,MCPC,DSTFlag\n07/01/2024,24:00,ECRS, 1.5,N\n"
    wide = "Delivery Date,Hour Ending,Repeated Hour Flag,REGDN,REGUP,ECRS\n07/01/2024,24:00,N,1,2,1.5\n"
    for text in (long, wide):
        table = read(written(tmp_path, text))
        assert value(table, "2024-07-02T04:00Z", "price_usd_per_mw_h", "ECRS") == 1.5


def test_without_a_flag_the_order_of_each_point_tells_the_repeated_hour(tmp_path: Path) -> None:
    rows = [f"11/03/2024,02:00,{point},{price}" for price in (1, 2) for point in ("HB_NORTH", "HB_WEST")]
    table = read(written(tmp_path, HEADER.replace(",DSTFlag", "") + "\n".join(rows)))
    assert value(table, "2024-11-03T06:00Z", PRICE, "HB_WEST") == 1
    assert value(table, "2024-11-03T07:00Z", PRICE, "HB_WEST") == 2


def test_an_hour_that_never_was_is_dropped_and_said(tmp_path: Path) -> None:
    rows = "03/10/2024,02:00,HB_NORTH,1,N\n03/10/2024,03:00,HB_NORTH,2,N\n03/10/2024,24:00,HB_NORTH,3,N\n"
    table = read(written(tmp_path, HEADER + rows))
    assert len(table.frame) == 2
    assert [(note.rows, note.lines) for note in table.notes if note.kind == "dropped"] == [(1, (3,))]


def test_a_bad_price_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "09/30/2024,01:00,HB_NORTH, 24.02,N\n09/30/2024,02:00,HB_NORTH,abc,N\n")
    with pytest.raises(ReadError, match=r"line 3, column 'price': found 'abc'"):
        read(path)


def test_a_download_that_broke_off_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "09/30/2024,01:00,HB_NORTH, 24.02,N\n09/30/2024,02:00,HB_N")
    with pytest.raises(ReadError, match=r"line 3: found 3 cells.*download it again"):
        read(path)
