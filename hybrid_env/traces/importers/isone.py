"""ISO New England: price reports whose first cell says what a line is, and the web service's JSON."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd

from hybrid_env.traces.importers.clock import hour_numbers, hour_starts, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers

ZONE = "America/New_York"
ENDING = "hours end at their number, US Eastern prevailing time; `02X` is the repeated hour"
PRICE = "Locational Marginal Price"


def _recognises_report(source: SourceFile) -> bool:
    return source.lines[0].startswith('"C",') and any(PRICE in line for line in source.lines[:12])


def _recognises_load(source: SourceFile) -> bool:
    return isinstance(source.json, dict) and "HourlySystemLoads" in source.json


def _read_report(source: SourceFile) -> Table:
    notes = Notes()
    names: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    trailer: int | None = None
    for line, text in enumerate(source.lines, 1):
        kind, *cells = next(csv.reader([text]), [""])
        if kind == "H" and not names:
            names = cells
        elif kind == "D":
            if len(cells) != len(names):
                raise ReadError(
                    source.path, line=line, found=f"{len(cells)} cells", allowed=f"{len(names)} as in the header",
                    fix="the download broke off: download it again",
                )  # fmt: skip
            rows.append(cells)
            lines.append(line)
        elif kind == "T":
            trailer = int(cells[0].split()[0])
    raw = pd.DataFrame(rows, columns=names, index=pd.Index(lines, name="line"), dtype=object)
    if trailer is None:
        notes.warned("the trailer line `T` is missing: the download may have broken off")
    elif trailer != len(source.lines):
        notes.warned(f"the trailer counts {trailer} lines, the file has {len(source.lines)}: rows are missing")
    date = stamps(raw["Date"], source, "%m/%d/%Y")
    repeated = raw["Hour Ending"].str.upper().str.endswith("X")
    hours = hour_numbers(raw["Hour Ending"].str.upper().str.removesuffix("X"), source)
    start = hour_starts(date, hours, ZONE, repeated)
    notes.assumed(ENDING)
    notes.dropped("hours that the day clocks go forward does not have", raw.index[start.isna()])
    return build_table(
        source, "price", start, {"price_usd_per_mwh": numbers(raw[PRICE], source)}, notes, point=raw["Location Name"],
        interval_s=3600, lines=raw.index,
    )  # fmt: skip


def _read_load(source: SourceFile) -> Table:
    notes = Notes()
    items: Any = source.json["HourlySystemLoads"]["HourlySystemLoad"]
    items = items if isinstance(items, list) else [items]
    raw = pd.DataFrame(
        {
            "BeginDate": [item["BeginDate"] for item in items],
            "Load": [item["Load"] for item in items],
            "point": [item["Location"]["$"] for item in items],
        },
        index=pd.RangeIndex(1, len(items) + 1, name="line"),
        dtype=object,
    )
    notes.assumed("row numbers count the items of the list, the first is 1")
    return build_table(
        source, "load", stamps(raw["BeginDate"], source), {"load_mw": numbers(raw["Load"], source)}, notes,
        point=raw["point"], interval_s=3600, lines=raw.index,
    )  # fmt: skip


FORMATS = (
    Format(
        "isone_lmp", "ISO New England hourly LMP report, real-time or day-ahead (CSV)", "price", _recognises_report,
        _read_report, ENDING,
    ),
    Format(
        "isone_load", "ISO New England hourly system load (web service JSON)", "load", _recognises_load, _read_load,
        "hours begin at their stamp, which carries its offset",
    ),
)  # fmt: skip
