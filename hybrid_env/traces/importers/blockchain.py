"""Figures of the bitcoin chain: Coin Metrics, and blockchain.com's downloads in their three dialects.

Columns: `btc_usd`, `difficulty` (mean of the day), `hashrate_th_per_s`, `blocks`, `fees_btc_per_block`, `subsidy_btc`,
and a day's `fees_btc`, `issued_btc`, `miners_revenue_usd`. Rows are days, known at their end.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.bitcoin import epochs
from hybrid_env.traces.importers.clock import stamps
from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_table
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

DAY = pd.Timedelta(days=1)
COIN_METRICS = {
    "PriceUSD": "btc_usd", "HashRate": "hashrate_th_per_s", "BlkCnt": "blocks", "FeeTotNtv": "fees_btc",
    "IssContNtv": "issued_btc",
}  # fmt: skip
COIN_METRICS_DIFFICULTY = ("DiffMean", "DiffLast")
CHARTS = {
    "hash-rate": "hashrate_th_per_s", "difficulty": "difficulty", "miners-revenue": "miners_revenue_usd",
    "market-price": "btc_usd", "transaction-fees": "fees_btc",
}  # fmt: skip
"""Names of blockchain.com's charts and ours: TH/s, 1, USD a day, USD, BTC a day."""


def _is_coin_metrics(source: SourceFile) -> bool:
    first = source.lines[0].split(",", 1)[0].strip('"')
    return first in ("date", "time") and source.has_columns("PriceUSD", "BlkCnt", "SplyCur")


def _read_coin_metrics(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    priced = numbers(raw["PriceUSD"], source)
    first = int(np.argmax(np.isfinite(priced)))
    if not np.isfinite(priced).any():
        raise ReadError(source.path, column="PriceUSD", found="no price in any row", allowed="at least one")
    notes.dropped("rows before the first price", raw.index[:first].tolist())
    raw = raw.iloc[first:]
    columns = {ours: numbers(raw[theirs], source) for theirs, ours in COIN_METRICS.items() if theirs in raw}
    difficulty = next((name for name in COIN_METRICS_DIFFICULTY if name in raw), None)
    if difficulty is not None:
        columns["difficulty"] = numbers(raw[difficulty], source)
    with np.errstate(divide="ignore", invalid="ignore"):
        for total, ours in (("fees_btc", "fees_btc_per_block"), ("issued_btc", "subsidy_btc")):
            if total in columns:
                a_block = columns[total] / columns["blocks"]
                columns[ours] = np.where(np.isfinite(a_block), a_block, np.nan)
    notes.assumed("days are UTC; PriceUSD is the price as the day ends; fees and subsidy are the day's over its blocks")
    start = stamps(raw[str(raw.columns[0])], source)
    return build_table(
        source, "bitcoin", start, columns, notes, lines=raw.index, interval_s=86_400, facts={"known_at": "end"}
    )


def _is_xy(source: SourceFile) -> bool:
    return source.lines[0].replace('"', "").strip() == "x,y"


def _read_xy(source: SourceFile) -> Table:
    """The file does not say what it holds: its name does, or else the recipe must."""
    notes = Notes()
    raw = read_csv(source)
    chart = _chart_in_name(source.path)
    if chart is None:
        notes.warned("neither content nor name of the file says which chart it is; the column is called `value`")
    else:
        notes.assumed(f"the file's content does not say what it holds; its name says {chart}")
    start = pd.to_datetime(epochs(raw["x"], source), unit="ms", utc=True)
    column = "value" if chart is None else CHARTS[chart]
    notes.assumed("stamps are unix milliseconds at the start of a UTC day")
    return build_table(
        source, "bitcoin", start, {column: numbers(raw["y"], source)}, notes, lines=raw.index, facts={"known_at": "end"}
    )


def _chart_in_name(path: Path) -> str | None:
    name = path.name.lower().replace("_", "-")
    return next((chart for chart in sorted(CHARTS, key=len, reverse=True) if chart in name), None)


def _is_timestamped(source: SourceFile) -> bool:
    names = source.lines[0].strip().replace('"', "").split(",")
    return len(names) == 2 and names[0] == "Timestamp" and names[1] in CHARTS


def _read_timestamped(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    chart = str(raw.columns[1])
    local = stamps(raw["Timestamp"], source)
    start = local.round("D")
    notes.warned(
        "stamps that are not at 00:00 (written by a clock that was changed in autumn); moved to the nearest midnight",
        raw.index[local != start].tolist(),
    )
    notes.assumed("stamps without zone are the start of a UTC day")
    return build_table(
        source, "bitcoin", start, {CHARTS[chart]: numbers(raw[chart], source)}, notes, lines=raw.index,
        facts={"known_at": "end"},
    )  # fmt: skip


def _is_metric_pair(source: SourceFile) -> bool:
    return source.text.lstrip().startswith("{") and '"metric1"' in source.text[:200] and '"x"' in source.text[:500]


def _read_metric_pair(source: SourceFile) -> Table:
    notes = Notes()
    content = source.json
    series: dict[str, pd.Series] = {}
    for key in ("metric1", "metric2"):
        chart = content.get(key)
        if chart is None or chart not in content:
            continue
        if chart not in CHARTS:
            notes.warned(f"chart {chart!r} is not used")
            continue
        points = content[chart]
        index = pd.to_datetime([point["x"] for point in points], unit="ms", utc=True)
        values = pd.Series([point["y"] for point in points], index=index, dtype=float)
        series[CHARTS[chart]] = values.groupby(level=0).last()
    if not series:
        raise ReadError(source.path, column="metric1", found="no known chart", allowed=", ".join(CHARTS))
    table = pd.concat(series, axis=1, sort=True)
    step = table.index.to_series().diff().median()
    if step > DAY:
        notes.warned(f"a point every {step / DAY:g} days only: changes between them come up to that much late")
    notes.assumed("stamps are unix milliseconds, UTC; values are means of days")
    columns = {name: table[name].to_numpy() for name in table.columns}
    return build_table(source, "bitcoin", table.index, columns, notes, facts={"known_at": "end"})


FORMATS = (
    Format(
        "coin_metrics", "Coin Metrics community data (CSV)", "bitcoin", _is_coin_metrics, _read_coin_metrics,
        "UTC days; the price is the day's close; difficulty is the day's mean; first column `date` or `time`",
    ),
    Format(
        "blockchain_com_xy", "blockchain.com chart (x, y)", "bitcoin", _is_xy, _read_xy,
        "what is charted is told by the file's name alone: hash-rate, difficulty, miners-revenue, market-price,"
        " transaction-fees",
    ),
    Format(
        "blockchain_com_timestamp", "blockchain.com chart (Timestamp, name)", "bitcoin", _is_timestamped,
        _read_timestamped, "no zone: days are UTC; stamps at 23:00 belong to the next midnight",
    ),
    Format(
        "blockchain_com_json", "blockchain.com pair of charts (JSON)", "bitcoin", _is_metric_pair, _read_metric_pair,
        "unix milliseconds, UTC; long spans are drawn sparsely",
    ),
)  # fmt: skip
