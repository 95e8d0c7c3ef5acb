"""EIA hourly grid data: API v2 rows (CSV or JSON) and the EIA-930 balance files. UTC, hours ENDING."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, Table, build_table
from hybrid_env.traces.importers.source import DataFrame, SourceFile, numbers, read_csv

ENDING = "hours END at their stamp in UTC, the convention of EIA-930"
HOUR = pd.Timedelta(hours=1)
SERIES = ("period", "respondent", "type", "value")
BALANCE = {
    "Demand (MW)": "demand", "Demand Forecast (MW)": "demand forecast", "Net Generation (MW)": "net generation",
    "Total Interchange (MW)": "total interchange",
    "Demand (MW) (Adjusted)": "demand adjusted",
}  # fmt: skip


def _rows(source: SourceFile) -> list[dict] | None:
    """Rows of an API answer saved as JSON."""
    answer = source.json
    rows = answer.get("response", {}).get("data") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) and rows and set(SERIES) <= set(rows[0]) else None


def _recognises_api(source: SourceFile) -> bool:
    return source.has_columns(*SERIES) or _rows(source) is not None


def _recognises_balance(source: SourceFile) -> bool:
    return source.has_columns("Balancing Authority", "UTC Time at End of Hour", "Demand (MW)")


def _read_api(source: SourceFile) -> Table:
    notes = Notes()
    rows = _rows(source)
    raw: DataFrame = read_csv(source) if rows is None else pd.DataFrame(rows, dtype=object)
    if rows is not None:
        raw.index = pd.RangeIndex(1, len(raw) + 1, name="line")
        notes.assumed("row numbers count the items of the list, the first is 1")
    end = from_offset(stamps(raw["period"], source, "%Y-%m-%dT%H"), 0)
    notes.assumed(ENDING)
    notes.assumed("a megawatt-hour in an hour is a mean megawatt; interchange below 0 is import")
    return build_table(
        source, "load", end - HOUR, {"energy_mwh": numbers(raw["value"], source)}, notes,
        point=raw["respondent"].astype(str) + " " + raw["type"].astype(str), interval_s=3600, lines=raw.index,
    )  # fmt: skip


def _read_balance(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    end = from_offset(stamps(raw["UTC Time at End of Hour"], source, ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M")), 0)
    notes.assumed(ENDING)
    columns = {short: numbers(raw[name], source) for name, short in BALANCE.items() if name in raw}
    authority = raw["Balancing Authority"].astype(str)
    return build_table(
        source, "load", (end - HOUR).append([end - HOUR] * (len(columns) - 1)),
        {"power_mw": np.concatenate(list(columns.values()))}, notes,
        point=np.concatenate([(authority + " " + short).to_numpy() for short in columns]), interval_s=3600,
        lines=np.tile(raw.index.to_numpy(), len(columns)),
    )  # fmt: skip


FORMATS = (
    Format("eia_api", "EIA API v2 hourly region data (CSV or JSON)", "load", _recognises_api, _read_api, ENDING),
    Format(
        "eia_930_balance", "EIA-930 balance file (CSV)", "load", _recognises_balance, _read_balance, ENDING
    ),
)  # fmt: skip
