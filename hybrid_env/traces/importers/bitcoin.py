"""Bitcoin from exchanges (bars) and price sites: Kraken, Binance, CoinGecko. The chain's figures: `blockchain.py`.

Every table says in `facts["known_at"]` when a row's value is known: "start" for a snapshot at the row's stamp, "end"
for a bar, whose close is known once it is over. A close held over its own bar would show the future: `derive.py` holds
it from the bar's end on. Columns: `btc_usd` (close or snapshot), `volume_btc`.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

KRAKEN_LINE = re.compile(r"\d{9,10}(,[\d.]+){5},\d+$")
BINANCE_LINE = re.compile(r"\d{13,16}(,[\d.]+){5},\d{13,16}(,[\d.]+){5}$")
LEAST_MICROSECONDS = 10**14
"""An open time at or above this is in microseconds: as milliseconds it would lie after the year 5138."""
MOST_EPOCH = 10**16
"""The year 2286 in microseconds."""
PARTIAL_SHARE = 0.25
"""A last bar with fewer trades than this share of the median bar is taken as one that had only begun."""


def _is_kraken(source: SourceFile) -> bool:
    return bool(KRAKEN_LINE.match(source.lines[0].strip()))


def _read_kraken(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=None)
    trades = numbers(raw["6"], source)
    if len(raw) > 2 and trades[-1] < PARTIAL_SHARE * np.median(trades[:-1]):
        notes.dropped(
            f"the last bar, which had only begun ({trades[-1]:g} trades, {np.median(trades[:-1]):g} usual)",
            [raw.index[-1]],
        )
        raw = raw.iloc[:-1]
    seconds = epochs(raw["0"], source)
    notes.assumed("stamps are unix seconds at the START of each bar; bars without a trade are left out by the source")
    columns = {"btc_usd": numbers(raw["4"], source), "volume_btc": numbers(raw["5"], source)}
    return build_table(
        source, "bitcoin", pd.to_datetime(seconds, unit="s", utc=True), columns, notes, lines=raw.index,
        facts={"known_at": "end"},
    )  # fmt: skip


def _is_binance(source: SourceFile) -> bool:
    if source.lines[0].startswith("open_time,open,high,low,close,volume,close_time"):
        return True
    return bool(BINANCE_LINE.match(source.lines[0].strip()))


def _read_binance(source: SourceFile) -> Table:
    notes = Notes()
    headed = source.lines[0].startswith("open_time")
    raw = read_csv(source, header_line=1 if headed else None)
    raw.columns = pd.Index([str(i) for i in range(raw.shape[1])])
    opens, closes = epochs(raw["0"], source), epochs(raw["6"], source)
    micro = opens >= LEAST_MICROSECONDS
    opens_us, closes_us = np.where(micro, opens, opens * 1000), np.where(micro, closes, closes * 1000 + 999)
    lengths_us = closes_us + 1 - opens_us
    odd = np.flatnonzero(lengths_us != lengths_us[0])
    if lengths_us[0] % 1_000_000 or len(odd):
        row = int(odd[0]) if len(odd) else 0
        raise ReadError(
            source.path, line=int(raw.index[row]), column="close time", found=f"a bar of {lengths_us[row] / 1e6:g} s",
            allowed="bars of one length in whole seconds",
        )  # fmt: skip
    if micro.any():
        notes.assumed(f"{int(micro.sum())} of {len(micro)} stamps are microseconds (Binance spot since 2025-01-01)")
    notes.assumed("open times are UTC; the value is the bar's close")
    columns = {"btc_usd": numbers(raw["4"], source), "volume_btc": numbers(raw["5"], source)}
    return build_table(
        source, "bitcoin", pd.to_datetime(opens_us, unit="us", utc=True), columns, notes, lines=raw.index,
        interval_s=int(lengths_us[0] // 1_000_000), facts={"known_at": "end"},
    )  # fmt: skip


def _is_coingecko(source: SourceFile) -> bool:
    return source.lines[0].strip() == "snapped_at,price,market_cap,total_volume"


def _read_coingecko(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    text = raw["snapped_at"].str.removesuffix(" UTC")
    start = pd.DatetimeIndex(pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce"))
    bad = np.flatnonzero(start.isna())
    if len(bad):
        raise ReadError(
            source.path, line=int(raw.index[bad[0]]), column="snapped_at", found=repr(raw["snapped_at"].iloc[bad[0]]),
            allowed="a time such as 2013-04-28 00:00:00 UTC",
        )  # fmt: skip
    steps_s = np.diff(start.as_unit("s").asi8)
    if len(steps_s) > 1 and steps_s[-1] < steps_s[-2]:
        notes.dropped("the last row, a price of the moment of the download", [raw.index[-1]])
        raw, start = raw.iloc[:-1], start[:-1]
    notes.assumed("a snapshot at 00:00 is the price at the START of that date: the close of the day before")
    columns = {"btc_usd": numbers(raw["price"], source)}
    return build_table(source, "bitcoin", start, columns, notes, lines=raw.index, facts={"known_at": "start"})


def epochs(cells: Any, source: SourceFile) -> np.ndarray:
    """Unix times in whatever unit, as int64.

    Raises:
        ReadError: a cell is blank, no number, or beyond any unit's range.
    """
    values = numbers(cells, source)
    bad = np.flatnonzero(~((values >= 0) & (values < MOST_EPOCH)))
    if len(bad):
        raise ReadError(
            source.path, line=int(cells.index[bad[0]]), column=str(cells.name), found=repr(cells.iloc[bad[0]]),
            allowed="a unix time", fix="the download broke off: download it again",
        )  # fmt: skip
    return values.astype(np.int64)


FORMATS = (
    Format(
        "kraken_ohlc", "Kraken bars (OHLCVT)", "bitcoin", _is_kraken, _read_kraken,
        "unix seconds at the bar's start; a last bar with few trades has only begun and is dropped",
    ),
    Format(
        "binance_klines", "Binance klines", "bitcoin", _is_binance, _read_binance,
        "milliseconds, or microseconds since 2025, told by their size row by row; the quote currency is taken as USD",
    ),
    Format(
        "coingecko", "CoinGecko snapshots (CSV)", "bitcoin", _is_coingecko, _read_coingecko,
        "a snapshot at 00:00 UTC opens the date",
    ),
)  # fmt: skip
