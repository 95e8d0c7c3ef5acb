"""MISO: prices in one row a node, 24 columns a day. Eastern STANDARD time all year."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

EST_H = -5
ENDING = "hours end at their number, Eastern STANDARD time (UTC-5) all year"


def _header_line(source: SourceFile) -> int:
    return next((n for n, line in enumerate(source.lines[:10], 1) if line.startswith("Node,Type,Value,HE 1,")), 0)


def _recognises(source: SourceFile) -> bool:
    return "Market LMPs" in source.lines[0] and _header_line(source) > 0


def _read(source: SourceFile) -> Table:
    notes = Notes()
    dated = [(n, line) for n, line in enumerate(source.lines[:5], 1) if re.fullmatch(r"\s*\d\d/\d\d/\d{4}[\s,]*", line)]
    if not dated:
        raise ReadError(source.path, line=2, found="no date", allowed="MM/DD/YYYY above the header")
    number, text = dated[0]
    day = stamps(pd.Series([text.strip(" ,")], index=[number], name="date"), source, "%m/%d/%Y")[0]
    raw = read_csv(source, header_line=_header_line(source))
    part = raw["Value"] != "LMP"
    notes.dropped("rows of the price's parts (MCC congestion, MLC loss)", raw.index[part])
    raw = raw[~part]
    hours = [name for name in raw.columns if str(name).startswith("HE ")]
    start = from_offset([day + pd.Timedelta(hours=int(str(name)[3:]) - 1) for name in hours], EST_H)
    notes.assumed(ENDING)
    prices = np.concatenate([numbers(raw[name], source) for name in hours])
    return build_table(
        source, "price", start.repeat(len(raw)), {"price_usd_per_mwh": prices}, notes,
        point=np.tile(raw["Node"].to_numpy(), len(hours)), interval_s=3600,
        lines=np.tile(raw.index.to_numpy(), len(hours)),
        facts={"market": "da" if "Day Ahead" in source.lines[0] else "rt"},
    )  # fmt: skip


FORMATS = (Format("miso_lmp", "MISO LMPs of a day, day-ahead or real-time (CSV)", "price", _recognises, _read, ENDING),)
