"""The bitcoin columns of a trace, from bars, snapshots or the chain's daily figures, without a look ahead.

A bar's close and a day's fees are known when it is over: they hold from then on. That is also how most pools pay fees:
by what the last day's blocks held. Difficulty is known at any time; where a source prints means of days, the step is
put back to the hour that gives the mean of its day. The subsidy follows from the date.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from hybrid_env.traces.generate.bitcoin import HASHES_PER_DIFFICULTY, hashprice_usd_per_ph_day
from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span, need
from hybrid_env.traces.schema import COLUMNS, TraceError

HOUR_S = 3600
BLOCK_S = 600.0
HASHES_PER_TH = 1e12
SAME_DIFFICULTY = 1e-9
"""Sources print one epoch's difficulty with noise in its last digits; retargets are larger by orders."""
LONGEST_HOLD = 3
"""A value holds for at most this many of the file's usual steps; a longer gap stays a gap."""
HASHPRICE_WARN, HASHPRICE_REFUSE = 0.10, 0.5
"""Relative difference of a reading from the computed one: a lag of days explains the first, a wrong unit the second."""
HALVINGS = (
    ("2009-01-03T18:15:05Z", 50.0), ("2012-11-28T15:24:38Z", 25.0), ("2016-07-09T16:46:13Z", 12.5),
    ("2020-05-11T19:23:43Z", 6.25), ("2024-04-20T00:09:27Z", 3.125),
)  # fmt: skip
"""Times of blocks 0, 210,000, 420,000, 630,000 and 840,000, and the subsidy from each on, BTC."""
NEXT_HALVING = pd.Timestamp("2028-03-01T00:00Z")
"""Block 1,050,000 is expected in spring 2028: from here on the subsidy must be looked up again."""


class HashpriceReading(Parameters):
    """A hashprice that somebody published, to check against."""

    at_utc: datetime
    usd_per_ph_day: Annotated[float, Field(gt=0, lt=10_000)]


class BitcoinMarket(Parameters):
    """When values are known, and readings to check them against.

    Attributes:
        known_at: "start" where a row is a snapshot at its stamp, "end" where it is a bar's close or a day's mean; None
            for what the file's format says, else "end", which never shows the future.
        hashprice: published readings; the computed hashprice of their hour must agree within a half, and a difference
            above a tenth is noted.
    """

    known_at: Literal["start", "end"] | None = None
    hashprice: list[HashpriceReading] = Field(default_factory=list)


def bitcoin_market(table: Table, parameters: BitcoinMarket, span: Span) -> Table:
    """`btc_usd`, `difficulty`, `fees_btc_per_block` (those that the file has) and `subsidy_btc`, by the hour or finer.

    Raises:
        TraceError: the file has neither price nor difficulty, or a reading disagrees.
    """
    notes = Notes()
    frame = table.frame.sort_index()
    step_s = min(table.interval_s or HOUR_S, HOUR_S)
    known_at = parameters.known_at or table.facts.get("known_at", "end")
    late_s = (table.interval_s or _usual_step_s(frame.index)) if known_at == "end" else 0
    times = _times(frame.index, step_s, late_s)
    hold = LONGEST_HOLD * pd.Timedelta(seconds=_usual_step_s(frame.index))
    columns: dict[str, np.ndarray] = {}
    for name in ("btc_usd", "fees_btc_per_block"):
        if name in frame:
            columns[name] = _known_since(frame[name], late_s, times, hold)
    if late_s and columns:
        notes.assumed(
            f"{' and '.join(columns)} of an interval {'hold' if len(columns) > 1 else 'holds'} from its end on,"
            f" {late_s / 3600:g} h after its start"
        )
    if "difficulty" in frame:
        columns["difficulty"] = _difficulty_steps(frame["difficulty"], table.interval_s, times, hold)
        notes.assumed("a day's mean difficulty between two epochs puts the retarget at the hour that gives this mean")
    elif "hashrate_th_per_s" in frame:
        rate = _known_since(frame["hashrate_th_per_s"], late_s, times, hold)
        columns["difficulty"] = rate * HASHES_PER_TH * BLOCK_S / HASHES_PER_DIFFICULTY
        notes.warned("difficulty from the hash rate, as if blocks came every ten minutes: no steps, some noise")
    if not columns:
        need(table, "btc_usd", why="the bitcoin columns (or difficulty, hashrate_th_per_s)")
    columns["subsidy_btc"] = _subsidy(times, notes)
    out = replace(table, frame=pd.DataFrame(columns, index=times), interval_s=step_s)
    for reading in parameters.hashprice:
        _check_hashprice(out, reading, notes)
    return replace(out, notes=(*table.notes, *notes.all), facts={**table.facts, "known_at": "start"})


def _times(index: Any, step_s: int, late_s: int) -> Any:
    """From the first row to the moment at which the last one is known."""
    step = pd.Timedelta(seconds=step_s)
    first = pd.DatetimeIndex(index)[0].floor(step)
    last = pd.DatetimeIndex(index)[-1] + pd.Timedelta(seconds=max(late_s, step_s)) - step
    return pd.date_range(first, last.floor(step) + (step if late_s else 0 * step), freq=step, name="start_utc")


def _usual_step_s(index: Any) -> int:
    steps_s = np.diff(pd.DatetimeIndex(index).as_unit("s").asi8)
    return int(np.median(steps_s)) if len(steps_s) else HOUR_S


def _known_since(values: Any, late_s: int, times: Any, hold: Any) -> np.ndarray:
    """The last value that is known at each time; missing before the first, and where the last is too old."""
    known = values.dropna()
    moved = pd.Series(known.to_numpy(float), index=known.index + pd.Timedelta(seconds=late_s))
    return moved.reindex(times, method="ffill", tolerance=hold).to_numpy(float)


def _difficulty_steps(values: Any, interval_s: int | None, times: Any, hold: Any) -> np.ndarray:
    """Levels that hold from epoch to epoch; the step within an interval lies where it gives the interval's mean."""
    known = values.dropna()
    level = known.to_numpy(float)
    starts = pd.DatetimeIndex(known.index)
    same = np.abs(np.diff(level)) <= SAME_DIFFICULTY * level[1:]
    changes: list[tuple[Any, float]] = [(starts[0], level[0])]
    row = 1
    while row < len(level):
        if same[row - 1]:
            row += 1
            continue
        before, now = changes[-1][1], level[row]
        after = level[row + 1] if row + 1 < len(level) else now
        mixed = row + 1 < len(level) and not same[row] and (now - before) * (after - now) > 0
        if mixed and interval_s is not None:
            share_after = (now - before) / (after - before)
            wait = pd.Timedelta(seconds=round((1 - share_after) * interval_s))
            changes.append((starts[row] + wait, after))
            row += 2
        else:
            changes.append((starts[row], now))
            row += 1
    steps = pd.Series([level for _, level in changes], index=pd.DatetimeIndex([time for time, _ in changes]))
    steps = steps.groupby(level=0).last().sort_index()
    watched = known.reindex(times, method="ffill", tolerance=hold).notna().to_numpy()
    return np.where(watched, steps.reindex(times, method="ffill").to_numpy(float), np.nan)


def _subsidy(times: Any, notes: Notes) -> np.ndarray:
    starts = pd.DatetimeIndex(pd.to_datetime([time for time, _ in HALVINGS], utc=True))
    place = starts.searchsorted(times, side="right") - 1
    if (place < 0).any():
        raise TraceError(f"bitcoin begins on {HALVINGS[0][0]}; the file's first row is {times[0].isoformat()}")
    if times[-1] >= NEXT_HALVING:
        notes.warned(
            f"rows from {NEXT_HALVING.date()} on may lie after the halving of block 1,050,000: check the subsidy"
        )
    notes.assumed("the subsidy follows from the date (halvings at blocks 210,000 to 840,000)")
    return np.array([subsidy for _, subsidy in HALVINGS])[place]


def _check_hashprice(table: Table, reading: HashpriceReading, notes: Notes) -> None:
    need(table, "btc_usd", "difficulty", why="the check against a published hashprice")
    when = pd.Timestamp(reading.at_utc)
    when = when.tz_localize("UTC") if when.tz is None else when.tz_convert("UTC")
    row = table.frame.index.searchsorted(when, side="right") - 1
    if row < 0 or when > table.frame.index[-1] + pd.Timedelta(days=1):
        raise TraceError(f"{table.path}: hashprice reading of {when.isoformat()} lies outside the file")
    there = table.frame.iloc[row]
    fees = there.get("fees_btc_per_block", COLUMNS["fees_btc_per_block"].default)
    computed = float(hashprice_usd_per_ph_day(there["difficulty"], there["subsidy_btc"] + fees, there["btc_usd"]))
    off = reading.usd_per_ph_day / computed - 1
    text = f"hashprice at {when.isoformat()}: computed {computed:.2f} USD/PH/day, published {reading.usd_per_ph_day:g}"
    if not abs(off) <= HASHPRICE_REFUSE:
        raise TraceError(f"{table.path}: {text}; check the units of price, difficulty and reading")
    if abs(off) > HASHPRICE_WARN:
        notes.warned(f"{text} ({off:+.0%})")
    else:
        notes.assumed(f"{text} ({off:+.1%}): they agree")
