"""NYISO: zonal prices, load and fuel mix. Stamps of real-time prices END their interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, from_zone, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import DataFrame, SourceFile, Times, numbers, read_csv

ZONE = "America/New_York"
OFFSET_H = {"EST": -5.0, "EDT": -4.0}
LAYOUTS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
PRICE = "LBMP ($/MWHr)"
LOADS = ("Load", "Integrated Load")


def _header_line(source: SourceFile) -> int:
    """The first line is empty in some downloads."""
    return next((number for number, line in enumerate(source.lines[:4], 1) if line.strip()), 1)


def _recognises_prices(source: SourceFile) -> bool:
    return source.has_columns("Time Stamp", "Name", PRICE, line=_header_line(source))


def _recognises_fuel(source: SourceFile) -> bool:
    return source.has_columns("Time Stamp", "Time Zone", "Fuel Category", line=_header_line(source))


def _recognises_load(source: SourceFile) -> bool:
    line = _header_line(source)
    return any(source.has_columns("Time Stamp", "Name", "PTID", name, line=line) for name in LOADS)


def _instants(raw: DataFrame, point: str, source: SourceFile, notes: Notes) -> Times:
    """UTC of each stamp: by the column `Time Zone`, else by US Eastern prevailing time."""
    local = stamps(raw["Time Stamp"], source, LAYOUTS)
    if "Time Zone" in raw:
        offset = raw["Time Zone"].map(OFFSET_H)
        bad = np.flatnonzero(offset.isna())
        if len(bad):
            raise ReadError(
                source.path, line=int(raw.index[bad[0]]), column="Time Zone", found=repr(raw["Time Zone"].iloc[bad[0]]),
                allowed="EST or EDT",
            )  # fmt: skip
        return from_offset(local, offset.to_numpy(float))
    notes.assumed("US Eastern prevailing time; of two equal stamps in autumn the first is daylight time")
    second = pd.DataFrame({"stamp": local, "point": raw[point].to_numpy()}).duplicated()
    return from_zone(local, ZONE, second)


def _read_prices(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=_header_line(source))
    instant = _instants(raw, "Name", source, notes)
    distinct = np.unique(instant.dropna().as_unit("s").asi8)
    step_s = int(np.min(np.diff(distinct))) if len(distinct) > 1 else 3600
    if step_s < 3600:
        notes.assumed(f"real-time stamps END their interval of {step_s} s")
        instant = pd.DatetimeIndex(instant - pd.Timedelta(seconds=step_s))
    else:
        notes.assumed("hourly stamps begin their hour, as in day-ahead files")
    return build_table(
        source, "price", instant, {"price_usd_per_mwh": numbers(raw[PRICE], source)}, notes, point=raw["Name"],
        interval_s=step_s, lines=raw.index, facts={"market": "rt" if step_s < 3600 else "da"},
    )  # fmt: skip


def _read_fuel(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=_header_line(source))
    instant = _instants(raw, "Fuel Category", source, notes)
    odd = (instant.second != 0) | (instant.minute % 5 != 0)
    notes.warned("extra stamps off the five-minute grid; kept as samples", raw.index[odd])
    notes.assumed("a stamp is the moment of the sample")
    return build_table(
        source, "generation", instant, {"power_mw": numbers(raw["Gen MW"], source)}, notes, point=raw["Fuel Category"],
        lines=raw.index,
    )  # fmt: skip


def _read_load(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=_header_line(source))
    instant = _instants(raw, "Name", source, notes)
    name = next(name for name in LOADS if name in raw)
    notes.assumed("stamps begin their interval")
    return build_table(
        source, "load", instant, {"load_mw": numbers(raw[name], source)}, notes, point=raw["Name"], lines=raw.index
    )


FORMATS = (
    Format(
        "nyiso_lbmp", "NYISO zonal LBMP, real-time or day-ahead (CSV)", "price", _recognises_prices, _read_prices,
        "stamps closer than an hour END their interval, hourly ones begin it; US Eastern prevailing time",
    ),
    Format(
        "nyiso_fuel_mix", "NYISO real-time fuel mix (CSV)", "generation", _recognises_fuel, _read_fuel,
        "a stamp is the moment of the sample; the time zone column is used",
    ),
    Format(
        "nyiso_load", "NYISO load by zone (CSV)", "load", _recognises_load, _read_load, "stamps begin their interval"
    ),
)  # fmt: skip
