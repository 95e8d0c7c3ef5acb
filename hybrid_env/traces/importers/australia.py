"""AEMO: aggregated price and demand. NEM time, UTC+10 without daylight saving; stamps END their interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

NEM_H = 10
ENDING = "stamps END their interval, NEM time (UTC+10, no daylight saving in any state)"


def _recognises(source: SourceFile) -> bool:
    return source.has_columns("REGION", "SETTLEMENTDATE", "TOTALDEMAND", "RRP")


def _read(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    ends = from_offset(stamps(raw["SETTLEMENTDATE"], source, ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")), NEM_H)
    distinct = np.unique(ends.as_unit("s").asi8)
    step_s = int(np.min(np.diff(distinct))) if len(distinct) > 1 else 300
    notes.assumed(f"{ENDING}; intervals of {step_s} s")
    return build_table(
        source, "price", ends - pd.Timedelta(seconds=step_s),
        {"price_aud_per_mwh": numbers(raw["RRP"], source), "load_mw": numbers(raw["TOTALDEMAND"], source)}, notes,
        point=raw["REGION"], interval_s=step_s, lines=raw.index,
    )  # fmt: skip


FORMATS = (
    Format("aemo_price_and_demand", "AEMO aggregated price and demand (CSV)", "price", _recognises, _read, ENDING),
)
