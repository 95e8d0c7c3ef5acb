"""JEPX: spot prices by area, half hours of Japan Standard Time, yen a kilowatt-hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.clock import from_offset, stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_wide
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

JST_H = 9
HALF_HOURS = 48
YEN_PER_MWH = 1000
"""Yen per MWh in one yen per kWh."""
AREAS = {
    "システムプライス": "system", "エリアプライス北海道": "Hokkaido", "エリアプライス東北": "Tohoku",
    "エリアプライス東京": "Tokyo", "エリアプライス中部": "Chubu", "エリアプライス北陸": "Hokuriku",
    "エリアプライス関西": "Kansai", "エリアプライス中国": "Chugoku", "エリアプライス四国": "Shikoku",
    "エリアプライス九州": "Kyushu",
}  # fmt: skip
DAY, CODE = ("受渡日", "年月日"), "時刻コード"


def _recognises(source: SourceFile) -> bool:
    first = source.lines[0]
    return CODE in first and "システムプライス" in first


def _read(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    day_column = next((name for name in DAY if name in raw), None)
    if day_column is None:
        raise ReadError(source.path, line=1, found="no column of the delivery day", allowed=" or ".join(DAY))
    code = numbers(raw[CODE], source)
    bad = np.flatnonzero(~((code >= 1) & (code <= HALF_HOURS)))
    if len(bad):
        raise ReadError(
            source.path, line=int(raw.index[bad[0]]), column=CODE, found=str(raw[CODE].iloc[bad[0]]), allowed="1 to 48"
        )
    day = stamps(raw[day_column], source, "%Y/%m/%d")
    start = from_offset(day + pd.to_timedelta(30 * (code - 1), unit="min"), JST_H)
    notes.assumed("time codes 1 to 48 are the half hours from midnight, Japan Standard Time")
    prices = {
        area: numbers(raw[name], source) * YEN_PER_MWH
        for name in raw.columns
        for heading, area in AREAS.items()
        if name.split("(")[0] == heading
    }
    return build_wide(source, "price", start, "price_jpy_per_mwh", prices, notes, interval_s=1800, lines=raw.index)


FORMATS = (
    Format(
        "jepx_spot", "JEPX spot summary (CSV, Shift-JIS)", "price", _recognises, _read,
        "half hours from midnight Japan Standard Time; yen per kWh times 1000",
    ),
)  # fmt: skip
