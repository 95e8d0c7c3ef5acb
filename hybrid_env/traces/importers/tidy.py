"""Tidy files: a UTC stamp or date, and columns named with their unit."""

from __future__ import annotations

import numpy as np

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

TIMES = ("timestamp_utc", "date_utc", "start_utc")
TEXTS = ("point", "name", "state")
ASSUMED = "stamps are UTC and begin their interval; a date is its midnight"


def _time(source: SourceFile) -> str:
    return source.lines[0].split(",")[0].strip().strip('"')


def _recognises(source: SourceFile) -> bool:
    return _time(source) in TIMES


def _read(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    time = _time(source)
    rest = [str(name) for name in raw.columns[1:]]
    texts = [name for name in rest if name in TEXTS]
    plain = [name for name in rest if name not in TEXTS]
    odd = [name for name in plain if "_" not in name and name != "difficulty"]
    if odd:
        raise ReadError(
            source.path,
            line=1,
            column=odd[0],
            found="a name without unit",
            allowed="names such as price_rt_usd_per_mwh",
        )
    columns = {name: numbers(raw[name], source) for name in plain} | {
        name: raw[name] for name in texts if name != "point"
    }
    start = stamps(raw[time], source)
    start = from_offset(start, 0) if start.tz is None else start
    notes.assumed(ASSUMED)
    empty = np.all([np.isnan(values) for name, values in columns.items() if name in plain], axis=0)
    notes.dropped("rows without any value", raw.index[empty])
    kept = ~empty
    return build_table(
        source, "tidy", start[kept], {name: np.asarray(values)[kept] for name, values in columns.items()}, notes,
        point=raw["point"][kept] if "point" in raw else None, lines=raw.index[kept],
    )  # fmt: skip


FORMATS = (Format("tidy", "tidy table, UTC, one unit a column (CSV)", "tidy", _recognises, _read, ASSUMED),)
