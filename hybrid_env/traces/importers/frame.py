"""What a reader returns: a table on the UTC clock, with notes of all that was assumed, dropped, filled or odd.

How to write a reader (one file a family of sources):

    def _recognises(source: SourceFile) -> bool:          # by content, never by the file's name; cheap; never raises
        return source.lines[0].startswith("DeliveryDate,HourEnding,SettlementPoint")

    def _read(source: SourceFile) -> Table:
        notes = Notes()
        raw = read_csv(source)                             # all cells as text, index = physical line
        start = ...                                        # clock.py: stamps to UTC interval START
        price = numbers(raw["SettlementPointPrice"], source)
        notes.assumed("hours end at their stamp, US Central prevailing time")
        return build_table(source, "price", start, {"price_usd_per_mwh": price}, notes, point=raw["SettlementPoint"])

    FORMATS = (Format("ercot_spp_csv", "ERCOT settlement point prices (CSV)", "price", _recognises, _read, "..."),)

and name the module in `formats.py`. Columns carry their unit as in a trace (`price_usd_per_mwh`, `load_mw`,
`drybulb_c`); text columns are allowed (`point`, `state`). Times are one of three kinds of index: `start_utc` (series;
the start of the interval, or the instant), `offset_s` (traces with relative time, such as job logs), `record` (no time:
a tariff, an inventory). Several places, fuels or products in one file stand in long form under the column `point`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.cadence import are_means, coarse_stretches, held, step_of
from hybrid_env.traces.importers.source import DataFrame, ReadError, Series, SourceFile

__all__ = ["Format", "Note", "Notes", "ReadError", "Table", "build_records", "build_table", "build_wide"]

NoteKind = Literal["assumed", "dropped", "filled", "warned"]
INDEX_NAMES = ("start_utc", "offset_s", "record")
MOST_LINES_NAMED = 10


@dataclass(frozen=True)
class Note:
    """One thing a reader did or took for granted.

    Attributes:
        kind: "assumed" (the file does not say), "dropped" (rows left out), "filled" (values made up by a stated rule),
            "warned" (odd, kept as it is).
        text: a sentence for people.
        rows: number of rows it touches; 0 where it is about the whole file.
        lines: physical lines of the file (header = 1), at most the first ten.
    """

    kind: NoteKind
    text: str
    rows: int = 0
    lines: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = ""
        if self.rows:
            where = f" ({self.rows:,} row{'s' if self.rows > 1 else ''}"
            if self.lines:
                more = ", ..." if self.rows > len(self.lines) else ""
                where += f": line{'s' if len(self.lines) > 1 else ''} {', '.join(map(str, self.lines))}{more}"
            where += ")"
        return f"{self.kind}: {self.text}{where}"


class Notes:
    """Collects a reader's notes in order."""

    def __init__(self) -> None:
        self._notes: list[Note] = []

    def assumed(self, text: str) -> None:
        """The file does not say it; the format's convention was used."""
        self._add("assumed", text, ())

    def dropped(self, text: str, lines: Iterable[Any] = (), rows: int | None = None) -> None:
        """Rows were left out; nothing is noted where there are none."""
        self._add_rows("dropped", text, lines, rows)

    def filled(self, text: str, lines: Iterable[Any] = (), rows: int | None = None) -> None:
        """Values were made up by a stated rule; nothing is noted where there are none."""
        self._add_rows("filled", text, lines, rows)

    def warned(self, text: str, lines: Iterable[Any] | None = None, rows: int | None = None) -> None:
        """Odd, but kept; with `lines` or `rows` given, nothing is noted where they are empty."""
        if lines is None and rows is None:
            self._add("warned", text, ())
        else:
            self._add_rows("warned", text, () if lines is None else lines, rows)

    def extend(self, notes: Iterable[Note]) -> None:
        """Take over notes made elsewhere."""
        self._notes.extend(notes)

    @property
    def all(self) -> tuple[Note, ...]:
        return tuple(self._notes)

    def _add_rows(self, kind: NoteKind, text: str, lines: Iterable[Any], rows: int | None) -> None:
        listed = [int(line) for line in lines]
        count = len(listed) if rows is None else rows
        if count:
            self._add(kind, text, listed, count)

    def _add(self, kind: NoteKind, text: str, lines: Iterable[int], rows: int = 0) -> None:
        self._notes.append(Note(kind, text, rows, tuple(lines)[:MOST_LINES_NAMED]))


@dataclass(frozen=True)
class Table:
    """One file, read.

    Attributes:
        frame: the data; see the module's text for index and columns. Sorted by time (and point), no duplicates.
        interval_s: seconds of every interval; None where irregular or without time.
        kind: what it is about: "price", "load", "generation", "reserve", "weather", "carbon", "bitcoin", "jobs",
            "tariff", "meter", "events", "telemetry", "requests", "rent" or "tidy".
        format: name in `FORMATS`.
        path, sha256: the file, and the hash of its bytes as they lie on disk.
        notes: in the order in which they were made.
        facts: what holds for the whole file and is no column: a station's place, a tariff's matrices, a currency.
    """

    frame: DataFrame
    interval_s: int | None
    kind: str
    format: str
    path: Path
    sha256: str
    notes: tuple[Note, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        index = self.frame.index
        if index.name not in INDEX_NAMES:
            raise ValueError(
                f"{self.path}: a table's index is called one of {', '.join(INDEX_NAMES)}, not {index.name!r}"
            )
        if index.name == "start_utc" and not (isinstance(index, pd.DatetimeIndex) and str(index.tz) == "UTC"):
            raise ValueError(f"{self.path}: the index start_utc must hold UTC stamps")

    @property
    def files(self) -> tuple[Path, ...]:
        """The files it was read from: one, or those that a recipe joined."""
        return self.facts.get("files", (self.path,))

    @property
    def points(self) -> tuple[str, ...]:
        """Places, fuels or products in the file, in the order of their names; empty where it has only one."""
        return tuple(sorted(set(self.frame["point"]))) if "point" in self.frame else ()

    def at(self, point: str) -> Table:
        """The rows of one point, without the column `point`.

        Raises:
            ReadError: there is no such point.
        """
        if point not in self.points:
            raise ReadError(
                self.path, column="point", found=repr(point),
                allowed=listed(self.points) or "none: the file has one point", fix="name one of these in the recipe",
            )  # fmt: skip
        frame = self.frame[self.frame["point"] == point].drop(columns="point")
        return replace(self, frame=frame)


@dataclass(frozen=True)
class Format:
    """One kind of file that can be read.

    Attributes:
        name: short, for recipes: `ercot_spp_csv`.
        title: for people.
        kind: as in `Table`.
        recognises: true if the content is of this format; cheap; two formats never claim one file.
        read: the reader.
        assumptions: what the reader takes for granted that the file does not say; shown in the docs.
    """

    name: str
    title: str
    kind: str
    recognises: Callable[[SourceFile], bool]
    read: Callable[[SourceFile], Table]
    assumptions: str


def build_table(
    source: SourceFile, kind: str, start_utc: Any, columns: Mapping[str, Any], notes: Notes, *, point: Any = None,
    interval_s: int | None = None, lines: Any = None, facts: Mapping[str, Any] | None = None,
) -> Table:  # fmt: skip
    """Sort, look for duplicates and gaps, and make a table of a series.

    Equal rows that are repeated are dropped; of rows that differ at one time and point the last one is kept, with a
    warning. Missing values stay missing and are counted, gaps stay gaps and are counted: filling is `gaps.py`'s.

    Args:
        start_utc: UTC starts, one a row (anything `pd.DatetimeIndex` takes); rows where it is NaT are dropped silently:
            the reader has noted them.
        columns: arrays or Series of the same length, taken by position.
        point: place, fuel or product of each row; None where the file has one.
        interval_s: where the format fixes it; None to take it from the rows (`cadence.step_of`).
        lines: physical line of each row, for notes.

    Raises:
        ReadError: no row is left.
    """
    index = pd.DatetimeIndex(start_utc)
    index = index.tz_localize("UTC") if index.tz is None else index.tz_convert("UTC")
    frame = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    names = list(frame.columns)
    frame["line"] = np.arange(len(frame)) if lines is None else np.asarray(lines)
    frame["start_utc"] = index.as_unit("ns")
    keys = ["start_utc"]
    if point is not None:
        frame.insert(0, "point", np.asarray(point, dtype=object).astype(str))
        keys.append("point")
    frame = frame[frame["start_utc"].notna()]
    if frame.empty:
        raise ReadError(source.path, found="no data row", allowed="at least one", fix="download the file again")
    known = lines is not None
    frame = _without_duplicates(frame, keys, names, notes, known)
    jumps = bool((facts or {}).get("typical_year"))  # months of several years: order and gaps mean nothing
    if not jumps:
        backwards = _backwards(frame, keys)
        notes.warned(
            "rows earlier than the one before them; sorted by time", backwards if known else (), len(backwards)
        )
    frame = frame.sort_values(keys, kind="stable")
    for name in names:
        if frame[name].dtype.kind == "f":
            blank = frame["line"][frame[name].isna()]
            notes.warned(f"{name} is blank; kept missing", blank if known else (), len(blank))
    frame = frame.drop(columns="line").set_index("start_utc")
    step = interval_s if interval_s is not None else step_of(frame)
    if not jumps:
        frame = _evenly(frame, names, step, notes)
        _note_gaps(frame, step, notes)
    return Table(frame, step, kind, source.format, source.path, source.sha256, notes.all, dict(facts or {}))


def build_wide(
    source: SourceFile, kind: str, start_utc: Any, column: str, by_point: Mapping[str, Any], notes: Notes, *,
    interval_s: int | None = None, lines: Any = None, facts: Mapping[str, Any] | None = None,
) -> Table:  # fmt: skip
    """`build_table` for a file with one column a point: `by_point` becomes the column `column` in long form."""
    points = list(by_point)
    start = pd.DatetimeIndex(start_utc)
    start = start.tz_localize("UTC") if start.tz is None else start
    values = np.concatenate([np.asarray(by_point[point]) for point in points])
    return build_table(
        source, kind, start.append([start] * (len(points) - 1)), {column: values}, notes,
        point=np.repeat(points, len(start)), interval_s=interval_s,
        lines=None if lines is None else np.tile(np.asarray(lines), len(points)), facts=facts,
    )  # fmt: skip


def build_records(
    source: SourceFile, kind: str, columns: Mapping[str, Any], notes: Notes, *, offset_s: Any = None,
    facts: Mapping[str, Any] | None = None,
) -> Table:  # fmt: skip
    """A table without clock: with `offset_s` (seconds since the trace began, sorted) or as numbered records."""
    frame = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    if offset_s is None:
        frame.index = pd.RangeIndex(len(frame), name="record")
    else:
        frame.index = pd.Index(np.asarray(offset_s, float), name="offset_s")
        frame = frame.sort_index(kind="stable")
    return Table(frame, None, kind, source.format, source.path, source.sha256, notes.all, dict(facts or {}))


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a message, cut where there are too many."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _without_duplicates(frame: DataFrame, keys: list[str], names: list[str], notes: Notes, known: bool) -> DataFrame:
    same = frame.duplicated([*keys, *names])
    notes.dropped("rows that repeat another one", frame["line"][same] if known else (), int(same.sum()))
    frame = frame[~same]
    replaced = frame.duplicated(keys, keep="last")
    notes.dropped(
        "rows that a later row of the same time contradicts (the later one is kept)",
        frame["line"][replaced] if known else (), int(replaced.sum()),
    )  # fmt: skip
    return frame[~replaced]


def _backwards(frame: DataFrame, keys: list[str]) -> Series:
    """Lines of rows that are earlier than the row before them of the same point."""
    frame = frame.sort_values("line", kind="stable")
    times = frame.groupby("point")["start_utc"] if "point" in keys else frame["start_utc"]
    return frame["line"][times.diff() < pd.Timedelta(0)]


def _evenly(frame: DataFrame, names: list[str], step_s: int | None, notes: Notes) -> DataFrame:
    """Prices and powers of a stretch that is coarser than the rest, held for the finer rows."""
    if step_s is None or not are_means(names):
        return frame
    holds = coarse_stretches(frame, step_s)
    coarse = np.flatnonzero(holds > 1)
    if not len(coarse):
        return frame
    first, last = (frame.index[row].strftime("%Y-%m-%dT%H:%MZ") for row in coarse[[0, -1]])
    notes.assumed(
        f"{len(coarse):,} rows between {first} and {last} stand {step_s * holds[coarse[0]]} s apart, others {step_s} s:"
        f" each holds until the next"
    )
    return held(frame, holds, step_s)


def _note_gaps(frame: DataFrame, step_s: int | None, notes: Notes) -> None:
    """Count the intervals that are absent between the first and the last of each point."""
    if step_s is None:
        return
    absent, first = 0, None
    for _, part in frame.groupby("point") if "point" in frame else [("", frame)]:
        steps = np.diff(part.index.as_unit("ms").asi8)
        late = np.flatnonzero(steps > 1_000 * step_s)
        absent += int((steps[late] // (1_000 * step_s) - 1).sum())
        if len(late) and (first is None or part.index[late[0]] < first):
            first = part.index[late[0]]
    if absent:
        after = pd.Timestamp(first).strftime("%Y-%m-%dT%H:%MZ")
        notes.warned(f"{absent} intervals are absent (all points together); the first gap follows {after}")
