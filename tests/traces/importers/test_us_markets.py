"""PJM, ISO New England, CAISO, NYISO, MISO, EIA and GridStatus: each market's clock, and the right column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hybrid_env.traces.importers import ReadError, read
from tests.traces.importers.real import real_file, value, written

PRICE = "price_usd_per_mwh"


def test_pjm_goes_by_its_utc_column() -> None:
    table = read(real_file("pjm_rt_hrl_lmps_2025.csv"))
    lmp = {"2025-06-24T22:00Z": 1975.19, "2025-11-02T05:00Z": 42.37, "2025-11-02T06:00Z": 42.01}
    assert {time: value(table, time, PRICE, "ALDENE") for time in lmp} == lmp
    assert (table.format, table.facts["market"]) == ("pjm_hrl_lmps", "rt")


def test_pjm_leaves_replaced_versions_out(tmp_path: Path) -> None:
    text = (
        "datetime_beginning_utc,pnode_name,total_lmp_da,row_is_current\n"
        "6/23/2025 12:00:00 AM,AEP,30.5,False\n6/23/2025 12:00:00 AM,AEP,31.5,True\n"
    )
    table = read(written(tmp_path, text))
    assert value(table, "2025-06-23T00:00Z", PRICE, "AEP") == 31.5
    assert [note.lines for note in table.notes if note.kind == "dropped"] == [(2,)]


def test_pjm_load(tmp_path: Path) -> None:
    text = "datetime_beginning_utc,datetime_beginning_ept,zone,load_area,mw\n1/1/2025 5:00:00 AM,x,AE,AECO,1000.5\n"
    assert value(read(written(tmp_path, text)), "2025-01-01T05:00Z", "load_mw", "AECO") == 1000.5


def test_isone_report_ends_its_hours() -> None:
    table = read(real_file("isone_lmp_rt_final_20260602.csv"))
    assert value(table, "2026-06-02T04:00Z", PRICE, ".H.INTERNAL_HUB") == 34.98
    assert value(table, "2026-06-03T03:00Z", PRICE, ".H.INTERNAL_HUB") == 42.07
    assert any("counts 29064 lines" in note.text for note in table.notes)


def test_isone_marks_the_repeated_hour_with_an_x(tmp_path: Path) -> None:
    lines = ['"C","Real-Time Energy Market Hourly LMP Report"']
    lines += ['"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price"']
    lines += [
        f'"D","11/03/2024","{hour}","4000","HUB","HUB",{price}' for hour, price in (("02", 1), ("02X", 2), ("03", 3))
    ]
    table = read(written(tmp_path, "\n".join(lines)))
    assert table.at("HUB").frame[PRICE].tolist() == [1, 2, 3]
    assert str(table.frame.index[0]) == "2024-11-03 05:00:00+00:00"
    assert any("trailer line `T` is missing" in note.text for note in table.notes)


def test_isone_web_service_has_25_hours() -> None:
    table = read(real_file("isone_hourlysysload_20241103.json"))
    assert len(table.frame) == 25
    assert value(table, "2024-11-03T05:00Z", "load_mw", "NEPOOL AREA") == 10073.077
    assert value(table, "2024-11-03T06:00Z", "load_mw", "NEPOOL AREA") == 9951.317


def test_caiso_price_stands_in_the_column_mw() -> None:
    table = read(real_file("caiso_oasis_PRC_HASP_LMP_pandas_resaved_20240101.csv"))
    assert value(table, "2024-01-01T07:00Z", PRICE, "PALOVRDE_5_N101") == 36.57843
    assert (table.interval_s, len(table.frame), table.facts["market"]) == (900, 100, "HASP")


def test_caiso_renewables_watch_has_no_third_hour_in_spring() -> None:
    table = read(real_file("pyiso_caiso_20170312_DailyRenewablesWatch.txt"))
    wind = table.at("WIND TOTAL").frame
    assert len(wind) == 23
    assert value(table, "2017-03-12T09:00Z", "power_mw", "WIND TOTAL") == 1355
    assert value(table, "2017-03-12T10:00Z", "power_mw", "WIND TOTAL") == 1186  # hour 4: there was no third
    assert value(table, "2017-03-12T10:00Z", "power_mw", "IMPORTS") == 6488
    assert any(note.kind == "dropped" for note in table.notes)


def test_caiso_ancillary_services_and_load(tmp_path: Path) -> None:
    head = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,XML_DATA_ITEM,MARKET_RUN_ID,"
    row = "2023-01-01T08:00:00-00:00,2023-01-01T09:00:00-00:00,2023-01-01,1,"
    reserve = read(written(tmp_path, f"{head}ANC_TYPE,ANC_REGION,MW\n{row}RU_CLR_PRC,DAM,RU,AS_CAISO,21.0\n"))
    assert value(reserve, "2023-01-01T08:00Z", "price_usd_per_mw_h", "AS_CAISO RU") == 21
    load = read(written(tmp_path, f"{head}TAC_AREA_NAME,MW\n{row}SYS_FCST_ACT_MW,ACTUAL,CA ISO-TAC,20500\n"))
    assert value(load, "2023-01-01T08:00Z", "load_mw", "CA ISO-TAC") == 20500


def test_nyiso_real_time_stamps_end_their_interval() -> None:
    table = read(real_file("pyiso_nyiso_lmp.csv"))
    assert value(table, "2016-02-18T05:00Z", PRICE, "CAPITL") == 21.53
    assert (table.interval_s, len(table.points)) == (900, 15)


def test_nyiso_day_ahead_stamps_begin_their_hour(tmp_path: Path) -> None:
    head = '"Time Stamp","Name","PTID","LBMP ($/MWHr)"\n'
    rows = [
        f'"11/03/2024 {stamp}","WEST",1,{price}' for price, stamp in enumerate(("00:00", "01:00", "01:00", "02:00"))
    ]
    table = read(written(tmp_path, head + "\n".join(rows)))
    hours = [f"2024-11-03T0{hour}:00Z" for hour in (4, 5, 6, 7)]
    assert [value(table, hour, PRICE, "WEST") for hour in hours] == [0, 1, 2, 3]


def test_nyiso_fuel_mix_keeps_extra_samples() -> None:
    table = read(real_file("nyiso_20171122rtfuelmix_piece.csv"))
    assert value(table, "2017-11-22T05:05Z", "power_mw", "Dual Fuel") == 1447
    assert value(table, "2017-11-22T05:07:34Z", "power_mw", "Dual Fuel") == 1443
    assert table.interval_s is None
    assert any(note.lines[:1] == (9,) for note in table.notes)


def test_nyiso_refuses_an_unknown_clock(tmp_path: Path) -> None:
    text = "Time Stamp,Time Zone,Name,PTID,Load\n11/22/2017 00:05:00,PST,WEST,1,5\n"
    with pytest.raises(ReadError, match="line 2, column 'Time Zone': found 'PST'; allowed: EST or EDT"):
        read(written(tmp_path, text))


def test_miso_is_standard_time_in_july() -> None:
    table = read(real_file("miso_day_ahead_lmps_20110716_piece.csv"))
    assert value(table, "2011-07-16T05:00Z", PRICE, "AEC") == 26.82
    assert value(table, "2011-07-16T21:00Z", PRICE, "AEC") == 72.04
    assert len(table.at("AEC").frame) == 24


def test_eia_hours_end_at_their_stamp(tmp_path: Path) -> None:
    table = read(real_file("eia_v2_region-data_CISO_20231231_tail.csv"))
    assert value(table, "2023-12-31T20:00Z", "energy_mwh", "CISO D") == 22916
    rows = [{"period": "2023-12-31T21", "respondent": "CISO", "type": "D", "value": "22916"}]
    answer = read(written(tmp_path, json.dumps({"response": {"data": rows}})))
    assert value(answer, "2023-12-31T20:00Z", "energy_mwh", "CISO D") == 22916


def test_eia_balance_files_have_thousands_marks(tmp_path: Path) -> None:
    text = (
        "Balancing Authority,Data Date,UTC Time at End of Hour,Demand (MW),Net Generation (MW)\n"
        '"CISO",01/01/2023,01/01/2023 9:00:00 AM,"22,916",\nPJM,01/01/2023,01/01/2023 9:00:00 AM,"90,001","88,000"\n'
    )
    table = read(written(tmp_path, text))
    assert value(table, "2023-01-01T08:00Z", "power_mw", "CISO demand") == 22916
    assert value(table, "2023-01-01T08:00Z", "power_mw", "PJM net generation") == 88000
    assert np.isnan(value(table, "2023-01-01T08:00Z", "power_mw", "CISO net generation"))


def test_gridstatus_states_start_and_end() -> None:
    table = read(real_file("gridstatus_io_download_demand_202606.csv"))
    assert value(table, "2026-06-02T05:00Z", "demand_mw") == 61222.4727
    assert table.interval_s == 900


def test_gridstatus_client_tables(tmp_path: Path) -> None:
    text = (
        "Time,Interval Start,Interval End,Location,Market,SPP\n"
        "x,2024-03-10 01:00:00-06:00,2024-03-10 03:00:00-05:00,HB_WEST,DAM,12.5\n"
        "x,2024-03-10 03:00:00-05:00,2024-03-10 03:00:00-05:00,HB_WEST,DAM,13.5\n"
        "x,2024-03-10 03:00:00-05:00,2024-03-10 04:00:00-05:00,HB_WEST,DAM,14.5\n"
    )
    table = read(written(tmp_path, text))
    assert table.at("HB_WEST").frame[PRICE].tolist() == [12.5, 14.5]
    assert [note.lines for note in table.notes if note.kind == "dropped"] == [(3,)]
