"""Open-Meteo's JSON (forecast and archive), old and new names.

`utc_offset_seconds` holds for the whole answer: a request with `timezone=America/New_York` made in summer stamps winter
hours with UTC-4 too. So stamps are taken back by that offset and never localised with `timezone`. Radiation is the
mean of the interval BEFORE its stamp, all else an instant at it (Open-Meteo's documentation of hourly variables).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile

BLOCKS = ("minutely_15", "hourly")
INSTANTS = {
    "temperature_2m": "drybulb_c", "dew_point_2m": "dewpoint_c", "dewpoint_2m": "dewpoint_c",
    "relative_humidity_2m": "relative_humidity_pct", "relativehumidity_2m": "relative_humidity_pct",
    "wet_bulb_temperature_2m": "wetbulb_c", "surface_pressure": "pressure_pa", "cloud_cover": "cloud_cover_pct",
    "cloudcover": "cloud_cover_pct",
}  # fmt: skip
MEANS_BEFORE = {
    "shortwave_radiation": "ghi_w_per_m2", "direct_normal_irradiance": "dni_w_per_m2",
    "diffuse_radiation": "dhi_w_per_m2",
}  # fmt: skip
WIND = re.compile(r"wind_?speed_(\d+)m$")
UNIT_FACTORS = {
    "": 1.0, "°C": 1.0, "%": 1.0, "W/m²": 1.0, "hPa": 100.0, "m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704,
    "mp/h": 0.44704, "kn": 1852 / 3600,
}  # fmt: skip
"""To the unit in our names; °F is converted apart."""
EPOCH_UNIT = "unixtime"


def _recognises(source: SourceFile) -> bool:
    if not source.text.lstrip().startswith("{") or '"utc_offset_seconds"' not in source.text[:2000]:
        return False
    return any(f'"{block}"' in source.text for block in BLOCKS)


def _read(source: SourceFile) -> Table:
    notes = Notes()
    answer = source.json
    block = next(name for name in BLOCKS if isinstance(answer.get(name), dict))
    series, units = dict(answer[block]), answer.get(f"{block}_units", {})
    start = _starts(source, series.pop("time", []), units.get("time", ""), float(answer["utc_offset_seconds"]))
    if len(start) < 2:
        raise ReadError(source.path, column=f"{block}.time", found=f"{len(start)} stamps", allowed="at least two")
    step_s = int(np.diff(start[:2].as_unit("s").asi8)[0])
    columns: dict[str, np.ndarray] = {}
    ignored: list[str] = []
    shifted = False
    for name, values in series.items():
        wind = WIND.match(name)
        ours = f"wind_{wind[1]}m_ms" if wind else INSTANTS.get(name) or MEANS_BEFORE.get(name)
        if ours is None:
            ignored.append(name)
            continue
        numbers = _in_our_unit(source, f"{block}.{name}", values, units.get(name, ""), len(start))
        if name in MEANS_BEFORE:
            numbers = np.append(numbers[1:], np.nan)
            shifted = True
        columns[ours] = numbers
    if not columns:
        raise ReadError(
            source.path, column=block, found=", ".join(ignored) or "no variable",
            allowed=", ".join([*INSTANTS, *MEANS_BEFORE, "wind_speed_<height>m"]),
        )  # fmt: skip
    notes.assumed(
        f"stamps are UTC{float(answer['utc_offset_seconds']) / 3600:+g} through the whole file, also across changes of"
        " the clocks (`utc_offset_seconds`); values are instants at their stamp"
    )
    if shifted:
        notes.assumed("radiation is the mean of the interval before its stamp: moved to the row that it covers")
    if ignored:
        notes.warned(f"variables that are not used: {', '.join(ignored)}")
    facts = {
        "latitude_deg": float(answer["latitude"]), "longitude_deg": float(answer["longitude"]),
        "altitude_m": float(answer.get("elevation", 0.0)), "sun_offset_s": step_s // 2, "typical_year": False,
        "instants": (*(name for name in columns if name not in MEANS_BEFORE.values()), "wetbulb_c"),
    }  # fmt: skip
    return build_table(source, "weather", start, columns, notes, interval_s=step_s, facts=facts)


def _starts(source: SourceFile, times: list[Any], unit: str, offset_s: float) -> pd.DatetimeIndex:
    if unit == EPOCH_UNIT:  # unix times are UTC, whatever the zone of the request
        return pd.DatetimeIndex(pd.to_datetime(times, unit="s", utc=True))
    if not all(isinstance(time, str) for time in times):
        raise ReadError(source.path, column="time", found="numbers", allowed="stamps such as 2023-03-12T02:00")
    try:
        local = pd.to_datetime(times, format="ISO8601")
    except ValueError as error:
        raise ReadError(
            source.path, column="time", found=str(error), allowed="stamps such as 2023-03-12T02:00"
        ) from error
    return from_offset(local, offset_s / 3600)


def _in_our_unit(source: SourceFile, column: str, values: Any, unit: str, rows: int) -> np.ndarray:
    if not isinstance(values, list) or len(values) != rows:
        raise ReadError(
            source.path, column=column, found=f"{len(values) if isinstance(values, list) else 'no'} values",
            allowed=f"{rows}, one a stamp", fix="the download broke off: download it again",
        )  # fmt: skip
    numbers = np.array([np.nan if value is None else value for value in values], float)
    if unit == "°F":
        return (numbers - 32) / 1.8
    if unit not in UNIT_FACTORS:
        raise ReadError(source.path, column=column, found=f"unit {unit!r}", allowed=", ".join([*UNIT_FACTORS, "°F"]))
    return numbers * UNIT_FACTORS[unit]


FORMATS = (
    Format(
        "open_meteo", "Open-Meteo archive or forecast (JSON)", "weather", _recognises, _read,
        "one fixed UTC offset for the whole file; radiation is the mean before its stamp, all else an instant",
    ),
)  # fmt: skip
