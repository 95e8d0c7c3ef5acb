"""Weather files: EPW, TMY3, NSRDB, PVGIS and NOAA's climate reference network, parsed by pvlib (extra `[data]`).

pvlib parses cells and headers; the clock is set here, because its readers disagree: EPW comes back at the start of
each hour, TMY3 at the end (pvlib issue 1156), TMY3's 24:00 of 28 February is moved into March, PVGIS keeps minutes.

Columns: `drybulb_c`, `dewpoint_c`, `relative_humidity_pct`, `pressure_pa`, `ghi_w_per_m2`, `dni_w_per_m2`,
`dhi_w_per_m2`, `poa_w_per_m2` (on the panels' plane), `cloud_cover_pct`, `wind_<height>m_ms`; each file has some.
Facts: `latitude_deg`, `longitude_deg`, `altitude_m`, `utc_offset_h` where the file says them; `sun_offset_s`, seconds
after a row's start at which its irradiance is taken (the middle of the interval for means, the stamp for instants);
`typical_year`, true where months of several years stand for one.
"""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile

EPW_FIRST_LINE = 9
TMY3_FIRST_LINE = 3
NSRDB_FIRST_LINE = 4
NSRDB_STEPS_S = (300, 600, 900, 1800, 3600)
PASCAL_PER_MBAR = 100.0
CRN_WIND_HEIGHT_M = 1.5
CRN_ERRONEOUS = 3
CRN_LINE = re.compile(r"\s*\d{5} \d{8}\s+\d{1,4} \d{8}\s+\d{1,4}\s")
PVGIS_LINE = re.compile(r"\d{8}:\d{4},")

EPW_COLUMNS = {
    "temp_air": ("drybulb_c", 99.9), "temp_dew": ("dewpoint_c", 99.9),
    "relative_humidity": ("relative_humidity_pct", 999.0), "atmospheric_pressure": ("pressure_pa", 999_999.0),
    "ghi": ("ghi_w_per_m2", 9999.0), "dni": ("dni_w_per_m2", 9999.0), "dhi": ("dhi_w_per_m2", 9999.0),
    "total_sky_cover": ("cloud_cover_pct", 99.0), "wind_speed": ("wind_10m_ms", 999.0),
}  # fmt: skip
"""pvlib's name: ours, and the value at and above which a cell is missing (EnergyPlus, Auxiliary Programs, EPW)."""
STATION_COLUMNS = {
    "temp_air": "drybulb_c", "temp_dew": "dewpoint_c", "relative_humidity": "relative_humidity_pct",
    "pressure": "pressure_pa", "ghi": "ghi_w_per_m2", "dni": "dni_w_per_m2", "dhi": "dhi_w_per_m2",
    "wind_speed": "wind_10m_ms",
}  # fmt: skip
"""TMY3 and NSRDB."""
PVGIS_COLUMNS = {
    "temp_air": "drybulb_c", "wind_speed": "wind_10m_ms", "ghi": "ghi_w_per_m2", "poa_global": "poa_w_per_m2",
}  # fmt: skip
PVGIS_PLANE = ("poa_direct", "poa_sky_diffuse", "poa_ground_diffuse")
CRN_COLUMNS = {
    "temp_air": "drybulb_c", "relative_humidity": "relative_humidity_pct", "ghi": "ghi_w_per_m2",
    "wind_speed": f"wind_{CRN_WIND_HEIGHT_M:g}m_ms",
}  # fmt: skip
PVGIS_SOUTH_DEG = 180.0
"""PVGIS counts azimuth from south, west positive; elsewhere it is counted from north, east positive."""


def _is_epw(source: SourceFile) -> bool:
    return source.lines[0].startswith("LOCATION,") and any(line.startswith("DATA PERIODS") for line in source.lines[:8])


def _read_epw(source: SourceFile) -> Table:
    notes = Notes()
    iotools = _iotools()
    data, meta = iotools.read_epw(io.StringIO(source.text))
    _check_clock(source, data, ("year", "month", "day", "hour", "minute"), EPW_FIRST_LINE)
    columns: dict[str, np.ndarray] = {}
    for name, (ours, missing) in EPW_COLUMNS.items():
        values = data[name].to_numpy(float)
        columns[ours] = np.where(values >= missing, np.nan, values)
    columns["cloud_cover_pct"] = columns["cloud_cover_pct"] * 10
    interval_s = 3600 // _epw_records_an_hour(source)
    minute = data["minute"].to_numpy(int)
    ending = interval_s == 3600
    within_s = np.zeros(len(data), int) if ending else minute * 60 - interval_s
    day = pd.to_datetime(data[["year", "month", "day"]])
    local = day.to_numpy() + pd.to_timedelta((data["hour"].to_numpy(int) - 1) * 3600 + within_s, unit="s").to_numpy()
    notes.assumed("hours 1 to 24 end at their number, in local standard time all year (EPW); sky cover in tenths")
    return _station_table(source, local, columns, notes, meta, interval_s, EPW_FIRST_LINE)


def _epw_records_an_hour(source: SourceFile) -> int:
    line = next((i for i, text in enumerate(source.lines[:8]) if text.startswith("DATA PERIODS")), 7)
    cells = source.lines[line].split(",")
    found = cells[2].strip() if len(cells) > 2 else ""
    if not found.isdigit() or int(found) not in (1, 2, 3, 4, 6, 12, 60):
        raise ReadError(
            source.path, line=line + 1, column="records per hour", found=repr(found), allowed="a divisor of 60"
        )
    return int(found)


def _is_tmy3(source: SourceFile) -> bool:
    return source.has_columns("Date (MM/DD/YYYY)", "Time (HH:MM)", line=2)


def _read_tmy3(source: SourceFile) -> Table:
    notes = Notes()
    iotools = _iotools()
    data, meta = iotools.read_tmy3(io.StringIO(source.text), map_variables=True)
    columns = _take(data, STATION_COLUMNS)
    columns["pressure_pa"] = columns["pressure_pa"] * PASCAL_PER_MBAR
    for name, values in columns.items():
        columns[name] = np.where(values <= -9900, np.nan, values)
    clock = data["Time (HH:MM)"].astype(str).str.split(":", expand=True).astype(int)
    date = pd.to_datetime(data["Date (MM/DD/YYYY)"], format="%m/%d/%Y").to_numpy()
    ends_s = clock[0].to_numpy() * 3600 + clock[1].to_numpy() * 60
    local = date + pd.to_timedelta(ends_s - 3600, unit="s").to_numpy()
    notes.assumed("hours end at their stamp, in local standard time all year; 24:00 and 00:00 both end a day (TMY3)")
    return _station_table(source, local, columns, notes, meta, 3600, TMY3_FIRST_LINE)


def _is_nsrdb(source: SourceFile) -> bool:
    return source.has_columns("Source", "Location ID", "Time Zone") and source.has_columns(
        "Year", "Month", "Day", "Hour", "Minute", line=3
    )


def _read_nsrdb(source: SourceFile) -> Table:
    notes = Notes()
    iotools = _iotools()
    names, values = (line.split(",") for line in source.lines[:2])
    zone = values[names.index("Time Zone")].strip()
    if not re.fullmatch(r"-?\d{1,2}", zone):
        raise ReadError(
            source.path, line=2, column="Time Zone", found=repr(zone), allowed="whole hours", fix="request it in UTC"
        )
    text = source.text.replace("\r\n", "\n")
    data, meta = iotools.read_nsrdb_psm4(io.StringIO(text), map_variables=True)
    _check_clock(source, data, ("Year", "Month", "Day", "Hour", "Minute"), NSRDB_FIRST_LINE)
    columns = _take(data, STATION_COLUMNS)
    if "pressure_pa" in columns:
        columns["pressure_pa"] = columns["pressure_pa"] * PASCAL_PER_MBAR
    local = pd.to_datetime(data[["Year", "Month", "Day", "Hour", "Minute"]]).to_numpy()
    step_s = int(np.median(np.diff(local)) / np.timedelta64(1, "s")) if len(local) > 1 else 3600
    if step_s not in NSRDB_STEPS_S:
        raise ReadError(source.path, column="Minute", found=f"rows {step_s} s apart", allowed=f"{NSRDB_STEPS_S} s")
    after_s = (local - local.astype("datetime64[D]")).astype("timedelta64[s]").astype(int) % step_s
    meta["TZ"] = meta["Time Zone"]
    notes.assumed("values are instants at their stamp, in the fixed zone of the header's `Time Zone` (NSRDB)")
    start = local - after_s.astype("timedelta64[s]")
    return _station_table(source, start, columns, notes, meta, step_s, NSRDB_FIRST_LINE, sun_offset_s=int(after_s[0]))


def _is_pvgis(source: SourceFile) -> bool:
    head = source.lines[:14]
    return head[0].startswith("Latitude (decimal degrees)") and any(PVGIS_LINE.match(line) for line in head)


def _read_pvgis(source: SourceFile) -> Table:
    notes = Notes()
    iotools = _iotools()
    lines = _pvgis_lines(source)
    data, meta = iotools.read_pvgis_hourly(io.StringIO(source.text), pvgis_format="csv", map_variables=True)
    if all(name in data for name in PVGIS_PLANE):
        data["poa_global"] = data[list(PVGIS_PLANE)].sum(axis=1)
    columns = _take(data, PVGIS_COLUMNS)
    stamp = pd.DatetimeIndex(data.index).tz_convert("UTC")
    first = pd.Timestamp(stamp.to_list()[0])
    after_s = int((first - first.floor("h")).total_seconds())
    notes.assumed(f"stamps are UTC; values are instants {after_s // 60} min into their hour and stand for it (PVGIS)")
    inputs = meta["inputs"]
    facts: dict[str, Any] = {
        "latitude_deg": inputs["latitude"], "longitude_deg": inputs["longitude"], "altitude_m": inputs["elevation"],
        "sun_offset_s": after_s, "typical_year": False,
    }  # fmt: skip
    for ours, theirs, shift in (("tilt_deg", "Slope", 0.0), ("azimuth_deg", "Azimuth", PVGIS_SOUTH_DEG)):
        found = re.match(r"-?[\d.]+", str(inputs.get(theirs, "")))
        if found:
            facts[ours] = float(found.group()) + shift
    return build_table(source, "weather", stamp.floor("h"), columns, notes, interval_s=3600, lines=lines, facts=facts)


def _pvgis_lines(source: SourceFile) -> list[int]:
    """Physical lines of the data, from the header to the first blank line; each must be whole."""
    first = next((i for i, line in enumerate(source.lines) if PVGIS_LINE.match(line)), None)
    if first is None:
        raise ReadError(source.path, found="no data row", allowed="rows such as 20160101:0010,0.0,...")
    cells = source.lines[first - 1].count(",")
    lines: list[int] = []
    for i in range(first, len(source.lines)):
        line = source.lines[i]
        if not line.strip():
            break
        if not PVGIS_LINE.match(line) or line.count(",") != cells:
            raise ReadError(
                source.path, line=i + 1, found=repr(line[:40]), allowed=f"a stamp and {cells} cells, as in the header",
                fix="the download broke off: download it again",
            )  # fmt: skip
        lines.append(i + 1)
    return lines


def _is_crn(source: SourceFile) -> bool:
    return bool(CRN_LINE.match(source.lines[0]))


def _read_crn(source: SourceFile) -> Table:
    notes = Notes()
    iotools = _iotools()
    data = iotools.read_crn(io.StringIO(source.text))
    columns = _take(data, CRN_COLUMNS)
    lines = np.array([i + 1 for i, line in enumerate(source.lines) if line.strip()])
    for ours, flag in (("ghi_w_per_m2", "ghi_flag"), ("relative_humidity_pct", "relative_humidity_flag")):
        wrong = data[flag].to_numpy() == CRN_ERRONEOUS
        columns[ours] = np.where(wrong, np.nan, columns[ours])
        notes.warned(f"{ours} flagged as erroneous by the station; taken as missing", lines[wrong].tolist())
    ends = pd.DatetimeIndex(data.index)
    notes.assumed("values are means of the five minutes that end at the UTC stamp (NOAA CRN subhourly)")
    facts = {
        "latitude_deg": float(data["latitude"].iloc[0]), "longitude_deg": float(data["longitude"].iloc[0]),
        "sun_offset_s": 150, "typical_year": False,
    }  # fmt: skip
    start = ends - pd.Timedelta(minutes=5)
    return build_table(source, "weather", start, columns, notes, interval_s=300, lines=lines, facts=facts)


def _check_clock(source: SourceFile, data: Any, names: tuple[str, ...], first_line: int) -> None:
    """Parts of the stamps must be whole numbers: pandas reads a damaged column as something else."""
    for name in names:
        values = np.asarray(pd.to_numeric(data[name], errors="coerce"), float)
        bad = np.flatnonzero(~((values >= 0) & (values < 10_000) & (values % 1 == 0)))
        if len(bad):
            raise ReadError(
                source.path, line=int(bad[0]) + first_line, column=name, found=repr(data[name].iloc[bad[0]]),
                allowed="a whole number", fix="the download broke off: download it again",
            )  # fmt: skip


def _station_table(
    source: SourceFile, local: Any, columns: dict[str, np.ndarray], notes: Notes, meta: dict[str, Any],
    interval_s: int, first_line: int, sun_offset_s: int | None = None,
) -> Table:  # fmt: skip
    """A table from naive local standard starts and a station's header; irradiance is a mean unless said otherwise."""
    local = pd.DatetimeIndex(local)
    typical = bool((np.diff(local.year) < 0).any() or len(set(local.year)) > 2)
    if typical:
        years = sorted(set(local.year.tolist()))
        notes.warned(
            f"months of {len(years)} years stand for one ({years[0]} to {years[-1]}): derive `typical_year` first"
        )
    facts = {
        "latitude_deg": float(meta["latitude"]), "longitude_deg": float(meta["longitude"]),
        "altitude_m": float(meta["altitude"]), "utc_offset_h": float(meta["TZ"]),
        "sun_offset_s": interval_s // 2 if sun_offset_s is None else sun_offset_s, "typical_year": typical,
    }  # fmt: skip
    lines = np.arange(len(local)) + first_line
    start = from_offset(local, facts["utc_offset_h"])
    return build_table(source, "weather", start, columns, notes, interval_s=interval_s, lines=lines, facts=facts)


def _take(data: Any, names: dict[str, str]) -> dict[str, np.ndarray]:
    return {ours: data[theirs].to_numpy(float) for theirs, ours in names.items() if theirs in data}


def _iotools() -> Any:
    try:
        from pvlib import iotools
    except ImportError as error:
        raise ImportError('reading weather files needs pvlib: pip install "hybrid-env[data]"') from error
    return iotools


FORMATS = (
    Format(
        "epw", "EnergyPlus weather (EPW)", "weather", _is_epw, _read_epw,
        "hours end at their number, local standard time all year; 99.9, 999, 9999 and 999999 are missing; sky cover in"
        " tenths; wind at 10 m",
    ),
    Format(
        "tmy3", "Typical meteorological year 3 (TMY3)", "weather", _is_tmy3, _read_tmy3,
        "hours end at their stamp (24:00 or 00:00 at midnight), local standard time all year; wind at 10 m",
    ),
    Format(
        "nsrdb_csv", "NSRDB PSM (SAM CSV)", "weather", _is_nsrdb, _read_nsrdb,
        "instants at their stamp, fixed zone of the header; stamps at half past stand for their hour; wind at 10 m",
    ),
    Format(
        "pvgis_hourly", "PVGIS hourly (CSV)", "weather", _is_pvgis, _read_pvgis,
        "UTC; instants some minutes into their hour, which they stand for; azimuth 0 is south",
    ),
    Format(
        "noaa_crn", "NOAA climate reference network, 5 min", "weather", _is_crn, _read_crn,
        "means of the five minutes that end at the UTC stamp; wind at 1.5 m; flag 3 is missing",
    ),
)  # fmt: skip
