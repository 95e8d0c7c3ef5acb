"""GridStatus: files of gridstatus.io, and tables that its Python client saved. Start and end stand in the file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import Series, SourceFile, numbers, read_csv

PRICES = ("lmp", "spp", "price", "energy", "congestion", "loss")
"""Columns taken for USD/MWh; every other number is taken for megawatts."""
TIMES = ("time", "interval_start", "interval_end", "interval_start_local", "interval_start_utc", "interval_end_local",
         "interval_end_utc", "publish_time", "publish_time_utc", "publish_time_local")  # fmt: skip
POINTS = ("location", "region", "zone", "area")
ASSUMED = "prices are USD/MWh, all else megawatts; the market is not stated in the file"


def _plain(name: object) -> str:
    return str(name).strip().lower().replace(" ", "_")


def _recognises(source: SourceFile) -> bool:
    names = {_plain(cell.strip('"')) for cell in source.lines[0].split(",")}
    return {"interval_start_utc", "interval_end_utc"} <= names or {"interval_start", "interval_end"} <= names


def _read(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    raw = raw.rename(columns={name: _plain(name) for name in raw.columns})
    suffix = "_utc" if "interval_start_utc" in raw else ""
    start = stamps(raw[f"interval_start{suffix}"], source)
    end = stamps(raw[f"interval_end{suffix}"], source)
    if start.tz is None:
        raise ReadError(
            source.path, line=2, column="interval_start", found="a time without offset", allowed="with offset"
        )
    lengths, counts = np.unique((end - start).total_seconds(), return_counts=True)
    step_s = int(lengths[np.argmax(counts)])
    odd = (end - start).total_seconds() != step_s
    notes.dropped(f"rows whose interval is not {step_s} s long (0 s happens where clocks go forward)", raw.index[odd])
    notes.assumed(ASSUMED)
    point_column = next((name for name in POINTS if name in raw), None)
    columns = {}
    for name in raw.columns:
        if name in TIMES or name == "" or name in POINTS or not _is_numeric(raw[name]):
            continue
        unit = "usd_per_mwh" if name in PRICES else "mw"
        plain = "price" if name in ("lmp", "spp") else name
        columns[f"{plain}_{unit}"] = numbers(raw[name], source)[~odd]
    if not columns:
        raise ReadError(source.path, line=1, found="no column of numbers", allowed="such as lmp, load, demand")
    kind = "price" if any(name.startswith("price") for name in columns) else "load"
    return build_table(
        source, kind, start[~odd], columns, notes, point=None if point_column is None else raw[point_column][~odd],
        interval_s=step_s, lines=raw.index[~odd],
    )  # fmt: skip


def _is_numeric(cells: Series) -> bool:
    filled = cells[cells != ""]
    known = np.asarray(pd.to_numeric(filled.iloc[:20], errors="coerce"), float)
    return len(filled) > 0 and bool(np.isfinite(known).all())


FORMATS = (
    Format(
        "gridstatus",
        "gridstatus.io download, or a table saved by its client (CSV)",
        "load",
        _recognises,
        _read,
        ASSUMED,
    ),
)
