"""Weather files: interval ends, fixed zones, 24:00, missing codes, typical years, one offset for a whole file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pvlib")

from hybrid_env.traces.importers import ReadError, Table, read
from tests.traces.importers.notes import said
from tests.traces.importers.real import real_file, value, written

EPW_HEAD = "LOCATION,TOWN,-,NLD,Made up,000000,52.30,4.77,1.0,-2.0\n" + "".join(
    f"{name}\n"
    for name in (
        "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0", "HOLIDAYS/DAYLIGHT SAVINGS,No",
        "COMMENTS 1", "COMMENTS 2", "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    )
)  # fmt: skip
TMY3_HEAD = (
    '723170,"A TOWN",NC,-5.0,36.100,-79.950,273\n'
    "Date (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),DNI (W/m^2),DHI (W/m^2),Dry-bulb (C),Dew-point (C),RHum (%),"
    "Pressure (mbar),Wspd (m/s)\n"
)
NSRDB_HEAD = (
    "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone\n"
    "NSRDB,1,-,-,-,40.53,-108.54,{zone},2168,-7\n"
    "Year,Month,Day,Hour,Minute,DHI,GHI,DNI,Temperature,Relative Humidity,Pressure,Wind Speed\n"
)
OPEN_METEO: dict[str, Any] = {
    "latitude": 32.0, "longitude": -102.0, "elevation": 900.0, "utc_offset_seconds": -18_000,
    "timezone": "America/Chicago",
    "hourly_units": {"time": "iso8601", "temperature_2m": "°F", "windspeed_100m": "mp/h", "surface_pressure": "hPa"},
    "hourly": {
        "time": ["2023-11-05T00:00", "2023-11-05T01:00", "2023-11-05T02:00"], "temperature_2m": [32, None, 50],
        "windspeed_100m": [10, 20, 30], "surface_pressure": [900, 901, 902], "shortwave_radiation": [1, 2, 3],
        "rain": [0, 0, 0],
    },
}  # fmt: skip


def epw_row(year: int, month: int, day: int, hour: int, drybulb: str = "5.0", wind: str = "4.0", sky: str = "5") -> str:
    cells = [
        year,
        month,
        day,
        hour,
        60,
        "C9",
        drybulb,
        "1.0",
        79,
        100_100,
        0,
        1415,
        288,
        9999,
        0,
        10,
        0,
        0,
        0,
        0,
        340,
        wind,
    ]
    return ",".join(map(str, [*cells, sky, 5, 20.0, 420, 9, 999_999_999, 0, 0.05, 0, 88, 0.0, 0.0, 0.0])) + "\n"


def open_meteo(folder: Path, **changes: Any) -> Table:
    return read(written(folder, json.dumps({**OPEN_METEO, **changes})))


def test_epw_hours_end_at_their_number_in_standard_time() -> None:
    table = read(real_file("weather_NLD_Amsterdam062400_IWEC_piece.epw"))
    assert (table.format, table.interval_s, len(table.frame)) == ("epw", 3600, 120)
    first = {"drybulb_c": 5.1, "dewpoint_c": 1.8, "relative_humidity_pct": 79, "pressure_pa": 100_100}
    assert {name: value(table, "1994-12-31T23:00Z", name) for name in first} == first
    assert (table.facts["typical_year"], table.facts["latitude_deg"], table.facts["sun_offset_s"]) == (True, 52.3, 1800)
    assert [text[:6] for text in said(table, "warned")] == ["months"]  # no word of gaps between its years


def test_epw_missing_codes_are_missing(tmp_path: Path) -> None:
    rows = epw_row(1995, 1, 1, 1) + epw_row(1995, 1, 1, 2, drybulb="99.9", wind="999", sky="99")
    table = read(written(tmp_path, EPW_HEAD + rows))
    missing = [name for name in ("drybulb_c", "wind_10m_ms", "cloud_cover_pct") if
               math.isnan(value(table, "1995-01-01T00:00Z", name))]  # fmt: skip
    assert missing == ["drybulb_c", "wind_10m_ms", "cloud_cover_pct"]
    assert np.isnan(table.frame["ghi_w_per_m2"]).all()
    assert value(table, "1994-12-31T23:00Z", "cloud_cover_pct") == 50
    assert table.facts["typical_year"] is False


def test_epw_quarter_hours_end_at_their_minute(tmp_path: Path) -> None:
    head = EPW_HEAD.replace("DATA PERIODS,1,1", "DATA PERIODS,1,4")
    rows = [epw_row(1995, 1, 1, 1, drybulb=str(n)).replace(",1,60,", f",1,{15 * n},", 1) for n in (1, 2, 3, 4)]
    table = read(written(tmp_path, head + "".join(rows)))
    assert table.interval_s == 900
    assert value(table, "1994-12-31T23:45Z", "drybulb_c") == 4


def test_tmy3_hours_end_at_their_stamp() -> None:
    table = read(real_file("tmy3_723170TYA_piece.CSV"))
    assert (table.format, table.interval_s, len(table.frame)) == ("tmy3", 3600, 120)
    assert value(table, "1988-01-01T05:00Z", "drybulb_c") == 10.0
    assert value(table, "1988-01-02T04:00Z", "drybulb_c") == 5.0
    assert table.facts["typical_year"] is True
    assert 1996 in set(table.frame.index.year)


def test_tmy3_midnight_stays_in_february_of_a_leap_year(tmp_path: Path) -> None:
    rows = "02/28/1996,23:00,0,0,0,1.0,0,50,990,2\n02/28/1996,24:00,0,0,0,2.0,0,50,990,2\n"
    rows += "03/01/1996,1:00,0,0,0,3.0,0,50,990,2\n"
    table = read(written(tmp_path, TMY3_HEAD + rows))
    assert value(table, "1996-02-29T04:00Z", "drybulb_c") == 2.0
    assert value(table, "1996-03-01T05:00Z", "drybulb_c") == 3.0
    assert value(table, "1996-03-01T05:00Z", "pressure_pa") == 99_000


def test_tmy3_also_takes_midnight_written_as_the_next_day(tmp_path: Path) -> None:
    rows = "01/01/2001,23:00,0,0,0,1.0,0,50,990,2\n01/02/2001,00:00,0,0,0,2.0,0,50,990,2\n"
    assert value(read(written(tmp_path, TMY3_HEAD + rows)), "2001-01-02T04:00Z", "drybulb_c") == 2.0


def test_nsrdb_keeps_its_fixed_zone() -> None:
    table = read(real_file("nsrdb_psm3_two_header_rows_piece.csv"))
    assert (table.format, table.interval_s) == ("nsrdb_csv", 1800)
    assert (value(table, "2017-01-01T07:00Z", "drybulb_c"), value(table, "2017-01-01T07:00Z", "ghi_w_per_m2")) == (
        -8.4,
        0,
    )
    assert value(table, "2017-01-02T11:00Z", "drybulb_c") == -2.9
    assert table.facts["sun_offset_s"] == 0


def test_nsrdb_stamps_at_half_past_stand_for_their_hour(tmp_path: Path) -> None:
    rows = "2017,6,1,12,30,90,800,850,20,50,780,3\n2017,6,1,13,30,90,810,860,21,50,780,3\n"
    table = read(written(tmp_path, NSRDB_HEAD.format(zone=0) + rows))
    assert (table.interval_s, table.facts["sun_offset_s"]) == (3600, 1800)
    assert value(table, "2017-06-01T13:00Z", "ghi_w_per_m2") == 810


def test_nsrdb_in_a_zone_of_half_hours_is_refused_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"'Time Zone': found '5.5'.*request it in UTC"):
        read(written(tmp_path, NSRDB_HEAD.format(zone="5.5") + "2017,6,1,12,30,90,800,850,20,50,780,3\n"))


def test_pvgis_stamps_are_utc_minutes_into_their_hour() -> None:
    table = read(real_file("pvgis_hourly_2016_SA_30deg.csv"))
    assert (table.format, table.interval_s, table.facts["sun_offset_s"]) == ("pvgis_hourly", 3600, 600)
    assert value(table, "2016-01-01T00:00Z", "drybulb_c") == 3.44
    assert value(table, "2016-01-01T08:00Z", "poa_w_per_m2") == pytest.approx(26.71 + 8.28 + 0.21)
    assert (table.facts["tilt_deg"], table.facts["azimuth_deg"]) == (30, 180)


def test_crn_stamps_end_five_minutes_and_codes_are_missing() -> None:
    table = read(real_file("noaa_CRNS0101-05-2019-AZ_Tucson_11_W.txt"))
    ends = table.frame.index + np.timedelta64(table.interval_s or 0, "s")
    assert [end.isoformat() for end in ends[:2]] == ["2019-01-01T16:10:00+00:00", "2019-01-01T16:15:00+00:00"]
    assert math.isnan(table.frame["drybulb_c"].iloc[0])
    assert list(table.frame["drybulb_c"][1:3]) == [3.3, 3.5]


def test_open_meteo_keeps_one_offset_across_the_change_of_clocks() -> None:
    table = read(real_file("open-meteo_archive_New_York_2023-03.json"))
    assert (table.format, table.interval_s, len(table.frame)) == ("open_meteo", 3600, 72)
    assert value(table, "2023-03-11T04:00Z", "drybulb_c") == 5.0
    assert round(value(table, "2023-03-11T04:00Z", "wind_10m_ms"), 2) == 2.64
    assert value(table, "2023-03-12T06:00Z", "drybulb_c") == 0.6


def test_open_meteo_units_become_ours(tmp_path: Path) -> None:
    table = open_meteo(tmp_path)
    assert value(table, "2023-11-05T05:00Z", "drybulb_c") == 0
    assert math.isnan(value(table, "2023-11-05T06:00Z", "drybulb_c"))
    assert value(table, "2023-11-05T05:00Z", "wind_100m_ms") == pytest.approx(4.4704)
    assert value(table, "2023-11-05T05:00Z", "pressure_pa") == 90_000
    assert any("rain" in text for text in said(table, "warned"))


def test_open_meteo_radiation_moves_to_the_hour_it_covers(tmp_path: Path) -> None:
    table = open_meteo(tmp_path)
    assert value(table, "2023-11-05T05:00Z", "ghi_w_per_m2") == 2
    assert math.isnan(value(table, "2023-11-05T07:00Z", "ghi_w_per_m2"))


def test_open_meteo_unix_times_are_utc_whatever_the_offset(tmp_path: Path) -> None:
    hourly = {"time": [1_699_160_400, 1_699_164_000], "temperature_2m": [1, 2]}
    table = open_meteo(tmp_path, hourly=hourly, hourly_units={"time": "unixtime", "temperature_2m": "°C"})
    assert value(table, "2023-11-05T05:00Z", "drybulb_c") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hourly": {**OPEN_METEO["hourly"], "temperature_2m": [1]}}, "found 1 values; allowed: 3"),
        ({"hourly_units": {"temperature_2m": "K"}}, "unit 'K'"),
        ({"hourly": {"time": OPEN_METEO["hourly"]["time"], "rain": [0, 0, 0]}}, "found rain; allowed: temperature_2m"),
    ],
)
def test_open_meteo_says_what_is_wrong(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        open_meteo(tmp_path, **change)


def test_a_broken_weather_file_is_said_for_people(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"no whole EnergyPlus weather .EPW. .*download it again"):
        read(written(tmp_path, EPW_HEAD + epw_row(1995, 13, 1, 1)))


def test_a_pvgis_row_that_broke_off_is_named(tmp_path: Path) -> None:
    text = "Latitude (decimal degrees):\t45.000\n\ntime,G(i),T2m,WS10m\n20160101:0010,0.0,3.4,1.4\n20160101:0110,0.0\n"
    with pytest.raises(ReadError, match=r"line 5: found '20160101:0110,0.0'; allowed: a stamp and 3 cells"):
        read(written(tmp_path, text))
