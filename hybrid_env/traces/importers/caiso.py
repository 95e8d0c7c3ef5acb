"""CAISO: OASIS downloads (also after a detour through pandas) and the daily renewables watch."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import hour_numbers, hour_starts, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import DataFrame, SourceFile, numbers, read_csv

ZONE = "America/Los_Angeles"
START, END = "INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT"
PRICE_COLUMNS = ("MW", "PRC", "VALUE")
WATCH = "Hourly Breakdown of Renewable Resources (MW)"


def _recognises_oasis(source: SourceFile) -> bool:
    return source.has_columns(START, END, "XML_DATA_ITEM")


def _recognises_watch(source: SourceFile) -> bool:
    return WATCH in source.lines[0]


def _read_oasis(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    start, end = stamps(raw[START], source), stamps(raw[END], source)
    lengths = np.unique((end - start).total_seconds())
    if len(lengths) != 1 or lengths[0] <= 0:
        raise ReadError(
            source.path, column=END, found=f"intervals of {lengths.tolist()} s", allowed="one length a file"
        )
    value_column = next((name for name in PRICE_COLUMNS if name in raw), None)
    if value_column is None:
        raise ReadError(source.path, line=1, found="no value column", allowed=", ".join(PRICE_COLUMNS))
    values = numbers(raw[value_column], source)
    keep = np.ones(len(raw), bool)
    if "LMP_TYPE" in raw:
        keep = (raw["LMP_TYPE"] == "LMP").to_numpy()
        notes.dropped("rows of the price's parts (energy, congestion, loss, greenhouse gas)", raw.index[~keep])
        notes.assumed(f"the price in USD/MWh stands in the column `{value_column}`, whatever its name says")
        kind, column, point = "price", "price_usd_per_mwh", raw["NODE"]
    elif "ANC_TYPE" in raw:
        kind, column, point = "reserve", "price_usd_per_mw_h", raw["ANC_REGION"] + " " + raw["ANC_TYPE"]
    elif "TAC_AREA_NAME" in raw:
        item = raw["XML_DATA_ITEM"]
        kind, column = "load", "load_mw"
        point = raw["TAC_AREA_NAME"] + np.where(item.nunique() > 1, " " + item, "")
    else:
        kind, column, point = "price", "value_unstated", raw["XML_DATA_ITEM"]
        notes.warned("neither prices of nodes, nor ancillary services, nor load: the unit is not known")
    market = raw["MARKET_RUN_ID"].iloc[0] if "MARKET_RUN_ID" in raw else ""
    return build_table(
        source, kind, start[keep], {column: values[keep]}, notes, point=point[keep], interval_s=int(lengths[0]),
        lines=raw.index[keep], facts={"market": market},
    )  # fmt: skip


def _read_watch(source: SourceFile) -> Table:
    """Two tables with many empty cells; the hour that never was holds an exception's text or `#VALUE!`."""
    notes = Notes()
    rows: list[tuple[str, str, str, int]] = []  # hour, resource, cell, line
    names: list[str] = []
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter="\t")
    last = 0
    for row in reader:
        line, last = last + 1, reader.line_num
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) > 1 and cells[0] == "Hour":
            names = cells[1:]
        elif names and cells and cells[0].isdigit() and len(cells) == len(names) + 1:
            rows += [(cells[0], name, cell, line) for name, cell in zip(names, cells[1:], strict=True)]
    raw: DataFrame = pd.DataFrame(rows, columns=["hour", "resource", "cell", "line"], dtype=object).set_index("line")
    if raw.empty:
        raise ReadError(source.path, found="no hourly table", allowed="rows under a heading `Hour`")
    day = pd.Timestamp(
        stamps(pd.Series([source.lines[0].split("\t")[0]], index=[1], name="date"), source, "%m/%d/%y")[0]
    )
    hour = hour_numbers(raw["hour"], source)
    start = pd.Series(pd.NaT, index=range(len(raw)), dtype="datetime64[ns, UTC]")
    for resource in raw["resource"].unique():
        at = np.flatnonzero(raw["resource"] == resource)
        start.iloc[at] = hour_starts(np.repeat(day.to_datetime64(), len(at)), hour[at], ZONE).as_unit("ns")
    never = start.isna().to_numpy()
    notes.assumed("hours end at their number, US Pacific prevailing time")
    notes.dropped("cells of the hour that the day clocks go forward does not have", raw.index[never])
    raw, start = raw.loc[~never], start[~never]
    broken = raw["cell"].str.contains("^#|invalid", case=False)
    notes.warned("cells hold a spreadsheet's error; kept missing", raw.index[broken])
    power = numbers(raw["cell"].where(~broken, ""), source)
    return build_table(
        source, "generation", start, {"power_mw": power}, notes, point=raw["resource"], interval_s=3600, lines=raw.index
    )


FORMATS = (
    Format(
        "caiso_oasis", "CAISO OASIS prices, ancillary services or load (CSV)", "price", _recognises_oasis, _read_oasis,
        "intervals are the GMT columns'; the price is the row of type LMP",
    ),
    Format(
        "caiso_renewables_watch", "CAISO daily renewables watch (tab text)", "generation", _recognises_watch,
        _read_watch, "hours end at their number, US Pacific prevailing time",
    ),
)  # fmt: skip
