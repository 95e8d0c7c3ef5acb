"""Traces on disk: one `.npz` file each, written whole or not at all, checked by hash when read."""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from hybrid_env.traces.schema import COLUMNS, SCHEMA_VERSION, Trace, TraceError, build_trace

JOB_KEY, FORECAST_KEY, HEADER_KEY = "jobs", "forecast", "header"


def write_trace(trace: Trace, folder: str | Path) -> Path:
    """Write a trace into `folder` (made if absent) as `<name>_<hash>.npz`.

    Returns:
        The file's path.
    """
    path = Path(folder) / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', trace.name)}_{trace.hash}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_trace(trace, path)
    return path


def save_trace(trace: Trace, path: Path) -> None:
    """Write a trace to exactly `path`, through a temporary file beside it: readers never see half a file."""
    header = {
        "schema_version": SCHEMA_VERSION,
        "hash": trace.hash,
        "name": trace.name,
        "start": trace.start.isoformat(),
        "interval_s": trace.interval_s,
        "utc_offset_h": trace.utc_offset_h,
        "origin": trace.origin,
    }
    arrays: dict[str, np.ndarray] = {column: trace.rows[column] for column in COLUMNS}
    arrays |= {JOB_KEY: trace.jobs, FORECAST_KEY: trace.forecast, HEADER_KEY: np.array(json.dumps(header))}
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]
        os.chmod(temporary, 0o644)  # as any new file: mkstemp gives it to its owner alone
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_trace(path: str | Path) -> Trace:
    """Read a trace written by `write_trace`.

    Raises:
        TraceError: the file is missing, damaged, of another schema version, or its content does not match its hash.
    """
    path = Path(path)
    with _opened(path) as archive:
        header = _header(path, archive)
        columns = {column: archive[column] for column in COLUMNS}
        jobs, forecast = archive[JOB_KEY], archive[FORECAST_KEY]
    trace = build_trace(
        header["name"], datetime.fromisoformat(header["start"]), header["interval_s"], header["utc_offset_h"],
        columns, jobs, forecast, header["origin"],
    )  # fmt: skip
    if trace.hash != header["hash"]:
        raise TraceError(
            f"{path}: its content has hash {trace.hash}, but it was written as {header['hash']}:"
            f" the file has been changed; use the original"
        )
    return trace


def stated_hash(path: str | Path) -> str:
    """The hash that a trace file says it has, without reading its columns; `load_trace` checks it.

    Raises:
        TraceError: the file is missing, damaged, or of another schema version.
    """
    path = Path(path)
    with _opened(path) as archive:
        return str(_header(path, archive)["hash"])


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    """The archive; whatever is wrong with the file while it is open becomes a `TraceError` that names it."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            yield archive
    except TraceError:
        raise
    except FileNotFoundError as error:
        raise TraceError(f"{path}: no such file") from error
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise TraceError(f"{path}: damaged, or not a trace written by this package ({error})") from error


def _header(path: Path, archive: NpzFile) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(str(archive[HEADER_KEY]))
    if header["schema_version"] != SCHEMA_VERSION:
        raise TraceError(
            f"{path}: written with schema version {header['schema_version']}, this package reads"
            f" {SCHEMA_VERSION}; import the source again"
        )
    return header
