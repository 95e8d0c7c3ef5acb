"""Tables of a recipe's source: files found, downloaded, read, joined, and taken through its derivations."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.cadence import are_means, held
from hybrid_env.traces.importers.derive import derive
from hybrid_env.traces.importers.fetch import Progress, fetch
from hybrid_env.traces.importers.formats import read
from hybrid_env.traces.importers.frame import Note, Notes, Table
from hybrid_env.traces.importers.own import read_own
from hybrid_env.traces.importers.recipe import Source
from hybrid_env.traces.importers.source import SourceFile
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.schema import TraceError


def files_of(
    source: Source, folder: Path, downloads: Path | None = None, progress: Progress | None = None
) -> list[Path]:
    """The files that a source names, in order of their names.

    Raises:
        TraceError: a pattern fits none, or a download fails.
    """
    if source.url is not None:
        return [fetch(source.url, source.sha256, folder=downloads, progress=progress)]
    names = (source.file,) if isinstance(source.file, str) else source.file or ()
    found: list[Path] = []
    for name in names:
        path = folder / Path(name).expanduser()
        if glob.has_magic(name):
            fits = sorted(Path(match) for match in glob.glob(str(path)))
            if not fits:
                raise TraceError(f"{path}: no file fits; check the pattern in the recipe")
            found += fits
        else:
            found.append(path)
    return found


def read_source(source: Source, files: list[Path]) -> Table:
    """All files of a source as one table.

    Raises:
        TraceError: a file cannot be read, or they differ in format or columns.
    """
    tables = []
    for path in files:
        if source.layout is not None:
            tables.append(read_own(SourceFile(path), source.layout))
        else:
            tables.append(read(path, source.format))
    return tables[0] if len(tables) == 1 else _joined(tables)


def derived(source: Source, table: Table, span: Span) -> Table:
    """The table after the source's derivations, in order.

    Raises:
        TraceError: a derivation fails, or months of several years were not laid on the trace's calendar.
    """
    for name, parameters in source.models:
        table = derive(name, table, parameters, span)
    if table.facts.get("typical_year"):
        raise TraceError(
            f"{table.path}: months of several years stand for one (a typical year); put typical_year first: `derive:"
            f" [typical_year{''.join(f', {name}' for name, _ in source.models)}]`"
        )
    return table


def _joined(tables: list[Table]) -> Table:
    """Files of one format one after the other; of rows that two of them hold the later file's stays."""
    first = tables[0]
    for table in tables[1:]:
        if table.format != first.format or list(table.frame.columns) != list(first.frame.columns):
            raise TraceError(
                f"{table.path}: is {table.format} with columns {', '.join(map(str, table.frame.columns))}, but"
                f" {first.path} is {first.format} with {', '.join(map(str, first.frame.columns))}; name them as two"
                f" sources"
            )
    notes = Notes()
    tables, step_s = _at_one_step(tables, notes)
    frame = pd.concat([table.frame for table in tables])
    if frame.index.name == "start_utc":
        keys = pd.DataFrame({"time": frame.index, "point": frame["point"].to_numpy() if "point" in frame else ""})
        twice = keys.duplicated(keep="last").to_numpy()
        notes.dropped("rows that a later file holds again", rows=int(twice.sum()))
        frame = frame[~twice]
        order = np.argsort(pd.DatetimeIndex(frame.index).as_unit("ns").asi8, kind="stable")
        frame = frame.iloc[order]
    own = [
        replace(note, text=f"{table.path.name}: {note.text}") for table in tables for note in _distinct(table, first)
    ]
    return replace(
        first, frame=frame, interval_s=step_s, notes=(*own, *notes.all),
        sha256=" ".join(table.sha256 for table in tables),
        facts={**first.facts, "files": tuple(table.path for table in tables)},
    )  # fmt: skip


def _at_one_step(tables: list[Table], notes: Notes) -> tuple[list[Table], int | None]:
    """The tables at their finest interval, and its seconds; None where one of them has no fixed interval.

    A file of one row has the others' interval: it cannot tell its own.
    """
    steps = {table.interval_s for table in tables if len(table.frame) > len(table.points or ("",))}
    if len(steps) < 2 or None in steps:
        return tables, next(iter(steps), None)
    finest = min(step for step in steps if step is not None)
    out = []
    for table in tables:
        own = table.interval_s or finest
        if own != finest:
            columns = [str(name) for name in table.frame.columns if name != "point"]
            if own % finest or not are_means(columns):
                raise TraceError(
                    f"{table.path}: has intervals of {own} s, others of this source {finest} s; bring them to one"
                    f" interval, or read the finer files alone"
                )
            notes.assumed(f"{table.path.name}: values of {own} s hold for rows of {finest} s")
            table = replace(table, frame=held(table.frame, np.full(len(table.frame), own // finest), finest))
        out.append(table)
    return out, finest


def _distinct(table: Table, first: Table) -> tuple[Note, ...]:
    """A table's notes, less the assumptions that the first one made already."""
    known = {note.text for note in first.notes if note.kind == "assumed"} if table is not first else set()
    return tuple(note for note in table.notes if note.text not in known)
