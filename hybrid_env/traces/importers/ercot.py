"""ERCOT: settlement point prices, native load, ancillary services. US Central prevailing time, hours ENDING."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import flags, from_zone, hour_numbers, hour_starts, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table, build_wide, listed
from hybrid_env.traces.importers.source import DataFrame, SourceFile, Times, numbers, read_csv

ZONE = "America/Chicago"
ENDING = "hours end at their stamp, US Central prevailing time"
ZONES = ("COAST", "EAST", "FWEST", "NORTH", "NCENT", "SOUTH", "SCENT", "WEST", "ERCOT")
OLD_ZONES = {"FARWEST": "FWEST", "NORTHC": "NCENT", "SOUTHERN": "SOUTH", "SOUTHC": "SCENT"}
"""Weather zones as they were called until 2016."""
LOAD_TIMES = {"hourending", "hourend"}

ALIASES = {
    "deliverydate": "date", "hourending": "hour", "deliveryhour": "hour", "deliveryinterval": "quarter",
    "settlementpoint": "point", "settlementpointname": "point", "settlementpointtype": "type",
    "settlementpointprice": "price", "dstflag": "repeated", "repeatedhourflag": "repeated", "ancillarytype": "product",
    "mcpc": "price",
}  # fmt: skip
"""Headings of reports and yearly workbooks, spaces and case aside."""
CLEARED = "Total Cleared AS - "
PRODUCTS = {"REGDN", "REGUP", "RRS", "NSPIN", "ECRS"}


def _key(heading: object) -> str:
    return str(heading).replace(" ", "").replace("_", "").strip('"').lower()


def _headings(source: SourceFile) -> list[set[str]]:
    """The first row of a CSV, or of each sheet of a workbook."""
    if source.is_workbook:
        return [{_key(cell) for row in source.sheet_head(name, 1) for cell in row} for name in source.sheets]
    return [{_key(cell) for cell in source.lines[0].split(",")}]


def _recognises_prices(source: SourceFile) -> bool:
    point = {"settlementpointprice", "deliverydate"}
    return any(point <= names for names in _headings(source))


def _recognises_load(source: SourceFile) -> bool:
    return any({"ercot", "coast"} <= names and LOAD_TIMES & names for names in _headings(source))


def _recognises_cleared(source: SourceFile) -> bool:
    return source.has_columns("Delivery Date", "Hour Ending") and CLEARED in source.lines[0]


def _recognises_reserve_prices(source: SourceFile) -> bool:
    return any(
        {"ancillarytype", "mcpc"} <= names or {"deliverydate", "hourending", "regup", "regdn"} <= names
        for names in _headings(source)
    )


def _tables(source: SourceFile) -> DataFrame:
    """The CSV, or all sheets of the workbook one after another; headings as in `ALIASES`."""
    if not source.is_workbook:
        raw = read_csv(source)
    else:
        sheets = [source.sheet(name) for name in source.sheets]
        raw = pd.concat([sheet for sheet in sheets if len(sheet)])
    return raw.rename(columns={name: ALIASES.get(_key(name), name) for name in raw.columns})


def _starts(raw: DataFrame, source: SourceFile, notes: Notes) -> Times:
    """UTC starts of rows with a date and an hour ending (or an hour and one of its quarters)."""
    date = stamps(raw["date"], source, ("%m/%d/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
    hour = hour_numbers(raw["hour"], source)
    same_hour = [name for name in ("date", "hour", "quarter", "point", "type", "product") if name in raw]
    repeated = flags(raw["repeated"]) if "repeated" in raw else raw.duplicated(same_hour).to_numpy()
    start = hour_starts(date, hour, ZONE, repeated)
    if "quarter" in raw:
        quarter = numbers(raw["quarter"], source)
        start = pd.DatetimeIndex(start + pd.to_timedelta(15 * (quarter - 1), unit="min"))
        notes.assumed(
            "intervals 1 to 4 are the quarters of the hour that ends at `DeliveryHour`, US Central prevailing time"
        )
    else:
        notes.assumed(ENDING)
    notes.dropped("hours that the day clocks go forward does not have", raw.index[start.isna()])
    return start


def _read_prices(source: SourceFile) -> Table:
    notes = Notes()
    raw = _tables(source)
    point = raw["point"].astype(str)
    if "type" in raw:  # load zones are printed twice in real time: plain, and weighted by energy
        weighted = raw["type"].astype(str) == "LZEW"
        point = point.where(~weighted, point + " (LZEW)")
    start = _starts(raw, source, notes)
    quarter_hours = "quarter" in raw
    return build_table(
        source, "price", start, {"price_usd_per_mwh": numbers(raw["price"], source)}, notes, point=point,
        interval_s=900 if quarter_hours else 3600, lines=raw.index, facts={"market": "rt" if quarter_hours else "da"},
    )  # fmt: skip


def _load_heading(name: object) -> str:
    key = _key(name)
    return "hour" if key in LOAD_TIMES else OLD_ZONES.get(key.upper(), key.upper())


def _read_load(source: SourceFile) -> Table:
    notes = Notes()
    raw = source.sheet(source.sheets[0]) if source.is_workbook else read_csv(source)
    raw = raw.rename(columns={name: _load_heading(name) for name in raw.columns})
    text = raw["hour"].astype(str)
    ends = stamps(text.str.removesuffix(" DST").str.strip(), source, ("%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M:%S"))
    repeated = text.str.endswith(" DST").to_numpy() | ends.duplicated()
    start = from_zone(ends - pd.Timedelta(hours=1), ZONE, repeated)
    notes.assumed(ENDING)
    notes.assumed("`DST` behind a stamp marks the second of the two hours that end at 02:00")
    notes.dropped("hours that the day clocks go forward does not have", raw.index[start.isna()])
    zones = {zone: numbers(raw[zone], source) for zone in ZONES if zone in raw}
    return build_wide(source, "load", start, "load_mw", zones, notes, interval_s=3600, lines=raw.index)


def _read_cleared(source: SourceFile) -> Table:
    notes = Notes()
    raw = _tables(source)
    name = next((str(column) for column in raw.columns if str(column).startswith(CLEARED)), None)
    if name is None:
        raise ReadError(source.path, line=1, found=listed(map(str, raw.columns)), allowed=f"a column `{CLEARED}...`")
    start = _starts(raw, source, notes)
    notes.assumed("the long day counts hours 1 to 25 from midnight")
    notes.warned("these are megawatts cleared, not prices")
    return build_table(
        source, "reserve", start, {"cleared_mw": numbers(raw[name], source)}, notes,
        point=np.full(len(raw), name.removeprefix(CLEARED)), interval_s=3600, lines=raw.index,
    )  # fmt: skip


def _read_reserve_prices(source: SourceFile) -> Table:
    notes = Notes()
    raw = _tables(source)
    start = _starts(raw, source, notes)
    if "product" in raw:
        return build_table(
            source, "reserve", start, {"price_usd_per_mw_h": numbers(raw["price"], source)}, notes,
            point=raw["product"], interval_s=3600, lines=raw.index,
        )  # fmt: skip
    products = {str(name).upper(): numbers(raw[name], source) for name in raw.columns if str(name).upper() in PRODUCTS}
    return build_wide(source, "reserve", start, "price_usd_per_mw_h", products, notes, interval_s=3600, lines=raw.index)


FORMATS = (
    Format(
        "ercot_spp",
        "ERCOT settlement point prices, day-ahead or real-time: daily reports (CSV) and yearly workbooks (xlsx)",
        "price", _recognises_prices, _read_prices, ENDING + "; the flag marks the second of two equal hours",
    ),
    Format(
        "ercot_native_load", "ERCOT native load by weather zone (xlsx or CSV)", "load", _recognises_load, _read_load,
        ENDING + "; `DST` marks the second of two equal hours; megawatts",
    ),
    Format(
        "ercot_as_cleared", "ERCOT cleared ancillary services (CSV)", "reserve", _recognises_cleared, _read_cleared,
        ENDING + "; hours 1 to 25 counted from midnight; megawatts, not prices",
    ),
    Format(
        "ercot_as_prices", "ERCOT ancillary service clearing prices (CSV or xlsx)", "reserve",
        _recognises_reserve_prices, _read_reserve_prices, ENDING,
    ),
)  # fmt: skip
