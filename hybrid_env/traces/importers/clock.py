"""Local stamps to UTC, once and for all: offsets, daylight saving, hours 1 to 25, 24:00, interval ends.

Everything here takes naive local wall-clock stamps and returns UTC starts of intervals; NaT marks wall times that never
were (the spring gap), which the caller drops and notes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.source import ReadError, Series, SourceFile, Times


def stamps(cells: Series, source: SourceFile, layout: str | Sequence[str] | None = None) -> Times:
    """Text as stamps (naive, or UTC where every cell carries an offset).

    Args:
        cells: text, indexed by physical line; `24:00` is taken as the next day's 00:00, blanks become NaT.
        layout: as in `strptime`, or several of which one must fit all cells; None for ISO 8601.

    Raises:
        ReadError: a cell does not fit; names its line and the layout.
    """
    text = cells.astype(str).str.strip().where(cells.notna(), "")
    midnight = text.str.contains(r"(?:^|[ T])24:00", regex=True)
    text = text.str.replace(r"((?:^|[ T]))24:00", r"\g<1>00:00", regex=True)
    layouts = [layout] if isinstance(layout, str) or layout is None else list(layout)
    best: Series = None
    for one in layouts:
        parsed = _parse(text.where(text != "", None), one)
        if best is None or parsed.isna().sum() < best.isna().sum():
            best = parsed
    assert best is not None
    bad = np.flatnonzero((best.isna() & (text != "")).to_numpy())
    if len(bad):
        raise ReadError(
            source.path, line=int(cells.index[bad[0]]), column=str(cells.name), found=repr(cells.iloc[bad[0]]),
            allowed=f"a time written as {' or '.join(one or 'ISO 8601' for one in layouts)}",
            fix="if the file was opened and saved in a spreadsheet, download it again: dates change form there",
        )  # fmt: skip
    index = pd.DatetimeIndex(best)
    return pd.DatetimeIndex(index + pd.to_timedelta(midnight.to_numpy().astype(int), unit="D"))


def from_offset(local: Any, offset_h: Any) -> Times:
    """Wall clock of a place without daylight saving (or with a stated offset) to UTC.

    Args:
        local: naive stamps.
        offset_h: local minus UTC, hours, -14 to 14 (one value, or one a row).
    """
    index = pd.DatetimeIndex(local)
    return pd.DatetimeIndex(index - pd.to_timedelta(offset_h, unit="h")).tz_localize("UTC")


def from_zone(local: Any, zone: str, repeated: Any = None) -> Times:
    """Prevailing wall clock to UTC.

    Args:
        local: naive stamps, in the order of the file.
        zone: IANA name, such as `America/Chicago`.
        repeated: True where a stamp of the hour that comes twice is the SECOND one (standard time). None: told by
            order of appearance: the n-th occurrence of a stamp in the repeated hour is the n-th in time, which needs
            one row a stamp (call it for each point).

    Returns:
        UTC stamps; NaT where the wall time never was.
    """
    index = pd.DatetimeIndex(local)
    second = _second_by_order(index) if repeated is None else np.asarray(repeated, bool)
    aware = index.tz_localize(zone, ambiguous=~second, nonexistent="NaT")
    return aware.tz_convert("UTC")


def starts_of_ends(local_ends: Any, interval_s: int, zone: str, point: Any = None) -> Times:
    """Stamps that END their interval, on a clock with daylight saving, to UTC starts.

    Two habits exist. Labels: the end is the start's wall time plus the interval. Readings: the end is what a clock
    shows then. They differ on days of change only; the habit under which fewer rows fall on times that never were, or
    on each other, is taken for the whole file.

    Args:
        local_ends: naive stamps in the order of the file.
        interval_s: seconds of every interval.
        zone: IANA name.
        point: place of each row, where there are several.

    Returns:
        UTC starts; NaT where the wall time never was.
    """
    ends, step = pd.DatetimeIndex(local_ends), pd.Timedelta(seconds=interval_s)
    place = np.zeros(len(ends)) if point is None else np.asarray(point)
    labels = from_zone(ends - step, zone, pd.DataFrame({"time": ends, "point": place}).duplicated())
    readings = from_zone(ends, zone, pd.DataFrame({"time": ends, "point": place}).duplicated()) - step

    def faults(starts: Times) -> int:
        twice = pd.DataFrame({"time": starts, "point": place}).duplicated() & starts.notna()
        return int(starts.isna().sum() + twice.sum())

    return readings if faults(readings) < faults(labels) else labels


def hour_starts(date: Any, hour: Any, zone: str, repeated: Any = None) -> Times:
    """Hour numbers as markets print them, 1 to 24 (25 on the long day) and ENDING, to UTC starts.

    Two habits exist and are told apart by the day: hours COUNTED from midnight (1 to 23 or 25 on days of change), and
    hours READ from a clock (the short day lacks 3, the long day has 2 twice, flagged by `repeated` or by order).

    Args:
        date: naive midnights, one a row.
        hour: 1 to 25, one a row.
        zone: IANA name.
        repeated: True on the second of two equal hours; None to tell by order.

    Returns:
        UTC stamps; NaT where the hour never was.
    """
    days = pd.DatetimeIndex(date).normalize()
    hours = np.asarray(hour, int)
    out = pd.Series(from_zone(days + pd.to_timedelta(hours - 1, unit="h"), zone, repeated))
    for day in days.unique():
        midnight = pd.Timestamp(day).tz_localize(zone)
        length = round(((day + pd.Timedelta(days=1)).tz_localize(zone) - midnight).total_seconds() / 3600)
        if length == 24:
            continue
        rows = np.flatnonzero(days == day)
        there = set(hours[rows].tolist())
        if 25 in there or (length == 23 and 24 not in there and 3 in there):
            counted = midnight.tz_convert("UTC") + pd.to_timedelta(hours[rows] - 1, unit="h")
            out.iloc[rows] = pd.Series(counted, index=out.index[rows])
    return pd.DatetimeIndex(out)


def hour_numbers(cells: Series, source: SourceFile) -> np.ndarray:
    """`01:00`, `1`, `24:00`, `HE 7` or `07` as 1 to 25.

    Raises:
        ReadError: a cell is none of these.
    """
    found = cells.astype(str).str.extract(
        r"^\s*(?:HE\s*)?(\d{1,2})(?::00)?(?::00)?\s*$", expand=False, flags=re.IGNORECASE
    )
    hours = np.asarray(pd.to_numeric(found, errors="coerce"), float)
    bad = np.flatnonzero(~((hours >= 1) & (hours <= 25)))
    if len(bad):
        raise ReadError(
            source.path, line=int(cells.index[bad[0]]), column=str(cells.name), found=repr(cells.iloc[bad[0]]),
            allowed="an hour from 1 to 24 (25 on the day clocks go back)",
        )  # fmt: skip
    return hours.astype(int)


def flags(cells: Series) -> np.ndarray:
    """`Y`, `N`, `True`, `false`, 1, 0 or blank as booleans: true where the hour is the repeated one."""
    return cells.astype(str).str.strip().str.upper().isin(["Y", "YES", "TRUE", "1"]).to_numpy()


def _parse(text: Series, layout: str | None) -> Series:
    if layout is not None:
        parsed = pd.to_datetime(text, format=layout, errors="coerce", utc="%z" in layout)
    else:
        aware = text.dropna().str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)
        parsed = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=bool(len(aware) and aware.all()))
    return pd.Series(parsed, index=text.index)


def _second_by_order(index: pd.DatetimeIndex) -> np.ndarray:
    """True on the second occurrence of an equal stamp."""
    return index.duplicated(keep="first")
