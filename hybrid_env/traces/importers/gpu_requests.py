"""Requests to language and image models: Azure LLM inference, Mooncake, ServeGen, a series of requests a second.

One row a request (`input_tokens`, `output_tokens`, index `offset_s` from the first one), or one row a window
(`requests_per_s`, facts `window_s`). `facts["clock"]` says what the times are worth: "utc" (`facts["start_utc"]` is the
first request), "relative" or "anonymised" (the hour of the day is not known: a recipe must say it).
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.frame import Format, Notes, ReadError, Table, build_records
from hybrid_env.traces.importers.source import SourceFile, numbers, read_csv

AZURE_HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"
SERVEGEN_LINE = re.compile(r"\d+(?:\.\d+)?,[\d.eE+-]+,[\d.eE+-]+,[A-Za-z]*,[\d.eE+-]+,[\d.eE+-]+$")
SERVEGEN_LINES_LOOKED_AT = 5
RATE_HEADER = "timestamp_anonymised,requests_per_s"


def _is_azure(source: SourceFile) -> bool:
    return source.lines[0].strip() == AZURE_HEADER


def _read_azure(source: SourceFile) -> Table:
    notes = Notes()
    raw = _fast_csv(source)
    times = pd.to_datetime(raw["TIMESTAMP"], format="ISO8601", utc=True, errors="coerce")
    bad = np.flatnonzero(times.isna())
    if len(bad):
        raise ReadError(
            source.path, line=int(bad[0]) + 2, column="TIMESTAMP", found=repr(raw["TIMESTAMP"].iloc[bad[0]]),
            allowed="a time such as 2023-11-16 18:15:46.6805900", fix="the download broke off: download it again",
        )  # fmt: skip
    index: Any = pd.DatetimeIndex(times).as_unit("ns")
    first = index.min()
    notes.assumed("stamps without zone are UTC; their seven decimals (100 ns) are kept")
    columns = {"input_tokens": raw["ContextTokens"], "output_tokens": raw["GeneratedTokens"]}
    return build_records(
        source, "requests", {name: _whole(source, values) for name, values in columns.items()}, notes,
        offset_s=(index - first).total_seconds(), facts={"clock": "utc", "start_utc": first.isoformat()},
    )  # fmt: skip


def _is_mooncake(source: SourceFile) -> bool:
    first = source.lines[0]
    return first.startswith("{") and all(word in first for word in ('"timestamp"', '"input_length"', '"output_length"'))


def _read_mooncake(source: SourceFile) -> Table:
    notes = Notes()
    rows: list[tuple[float, float, float]] = []
    for i, line in enumerate(source.lines):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            rows.append((float(item["timestamp"]), float(item["input_length"]), float(item["output_length"])))
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise ReadError(
                source.path, line=i + 1, found=f"{line[:60]!r} ({error})",
                allowed="an object with numbers timestamp, input_length, output_length",
                fix="the download broke off: download it again" if i + 1 == len(source.lines) else None,
            ) from error  # fmt: skip
    values = np.array(rows)
    notes.assumed("stamps are milliseconds since the trace began; the hour of the day is not known")
    return build_records(
        source, "requests", {"input_tokens": values[:, 1], "output_tokens": values[:, 2]}, notes,
        offset_s=values[:, 0] / 1000, facts={"clock": "relative"},
    )  # fmt: skip


def _is_servegen(source: SourceFile) -> bool:
    opening = [line.strip() for line in source.lines[:SERVEGEN_LINES_LOOKED_AT]]
    return opening[0].startswith("0,") and all(SERVEGEN_LINE.match(line) for line in opening if line)


def _read_servegen(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source, header_line=None)
    start = numbers(raw["0"], source)
    if len(start) < 2:
        raise ReadError(source.path, found="one window", allowed="at least two, to tell their length")
    window_s = float(np.median(np.diff(start)))
    rate = numbers(raw["1"], source)
    silent = raw.index[(raw["3"] == "") & (rate > 0)]
    notes.warned("windows with requests but without a distribution of their gaps", silent.tolist())
    notes.assumed(f"windows of {window_s:g} s since the trace began; rate in requests/s; the hour is not known")
    columns = {"requests_per_s": rate, "gap_cv": numbers(raw["2"], source)}
    return build_records(
        source, "requests", columns, notes, offset_s=start, facts={"clock": "relative", "window_s": window_s}
    )


def _is_rate(source: SourceFile) -> bool:
    return source.lines[0].strip() == RATE_HEADER


def _read_rate(source: SourceFile) -> Table:
    notes = Notes()
    raw = read_csv(source)
    stamp: Any = pd.DatetimeIndex(pd.to_datetime(raw["timestamp_anonymised"], format="ISO8601", utc=True))
    offset_s = np.asarray((stamp - stamp.min()).total_seconds(), float)
    window_s = float(np.median(np.diff(np.sort(offset_s))))
    notes.assumed("stamps are anonymised: only their order and distance mean something, not the hour of the day")
    return build_records(
        source, "requests", {"requests_per_s": numbers(raw["requests_per_s"], source)}, notes, offset_s=offset_s,
        facts={"clock": "anonymised", "start_utc": stamp.min().isoformat(), "window_s": window_s},
    )  # fmt: skip


def _fast_csv(source: SourceFile) -> Any:
    """Tens of millions of rows: parsed by pandas' own reader, as text."""
    try:
        return pd.read_csv(io.StringIO(source.text), dtype=str)
    except pd.errors.ParserError as error:
        raise ReadError(source.path, found=str(error), fix="the download broke off: download it again") from error


def _whole(source: SourceFile, cells: Any) -> np.ndarray:
    parsed: Any = pd.to_numeric(cells, errors="coerce")
    values = np.asarray(parsed, float)
    bad = np.flatnonzero(~(values >= 0))
    if len(bad):
        raise ReadError(
            source.path, line=int(bad[0]) + 2, column=str(cells.name), found=repr(cells.iloc[bad[0]]),
            allowed="a number of tokens", fix="the download broke off: download it again",
        )  # fmt: skip
    return values


FORMATS = (
    Format(
        "azure_llm", "Azure LLM inference trace", "requests", _is_azure, _read_azure,
        "stamps without zone are UTC; one row a request",
    ),
    Format(
        "mooncake", "Mooncake trace (JSON lines)", "requests", _is_mooncake, _read_mooncake,
        "milliseconds since the trace began; the hour of the day is not known",
    ),
    Format(
        "servegen", "ServeGen client rates", "requests", _is_servegen, _read_servegen,
        "seconds since the trace began; rates in requests a second over the window that begins there",
    ),
    Format(
        "requests_per_s", "requests a second, anonymised", "requests", _is_rate, _read_rate,
        "only order and distance of the stamps are meant",
    ),
)  # fmt: skip
