"""An import on disk: the trace for programmes, its rows and jobs as tables for people, and where all came from."""

from __future__ import annotations

import json
import os
import platform
import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hybrid_env.traces.importers.assemble import Assembled
from hybrid_env.traces.read import TIME_COLUMN
from hybrid_env.traces.schema import COLUMNS
from hybrid_env.traces.store import save_trace

PACKAGES = ("hybrid-env", "numpy", "pandas", "pyarrow", "pvlib")


@dataclass(frozen=True)
class Written:
    """Paths of an import.

    Attributes:
        trace: `.npz`, what `trace=` and `trace_files` take; its content is checked by hash.
        rows, jobs: Parquet, as `read_trace` reads them.
        provenance: JSON.
    """

    trace: Path
    rows: Path
    jobs: Path
    provenance: Path


def write_import(made: Assembled, folder: str | Path) -> Written:
    """Write all files of an import into `folder` (made if absent), each whole or not at all; the trace comes last."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", made.trace.name)
    paths = Written(*(folder / f"{stem}{end}" for end in (".npz", ".parquet", "_jobs.parquet", ".json")))
    rows = pd.DataFrame({name: np.asarray(made.trace.rows[name]) for name in COLUMNS})
    rows.insert(0, TIME_COLUMN, made.span.times)
    jobs = pd.DataFrame({name: np.asarray(made.trace.jobs[name]) for name in made.trace.jobs.dtype.names or ()})
    _atomically(paths.rows, lambda path: rows.to_parquet(path, index=False))
    _atomically(paths.jobs, lambda path: jobs.to_parquet(path, index=False))
    text = json.dumps(provenance_of(made), indent=1, ensure_ascii=False, allow_nan=False)
    _atomically(paths.provenance, lambda path: path.write_text(text, "utf-8"))
    save_trace(made.trace, paths.trace)
    return paths


def provenance_of(made: Assembled) -> dict[str, Any]:
    """Recipe, sources with their hashes and notes, and how each column came about."""
    return {
        "trace": {
            "name": made.trace.name,
            "hash": made.trace.hash,
            "rows": len(made.trace),
            "start": made.trace.start.isoformat(),
            "interval_s": made.trace.interval_s,
            "utc_offset_h": made.trace.utc_offset_h,
            "jobs": len(made.trace.jobs),
        },
        "recipe": made.recipe.model_dump(mode="json", exclude_defaults=True),
        "sources": [
            {
                "files": dict(zip(map(str, table.files), table.sha256.split(), strict=True)),
                "format": table.format,
                "rows": table.facts["rows_read"],
                "notes": [str(note) for note in table.notes],
            }
            for table in made.tables
        ],
        "columns": [
            {**asdict(column), "notes": [str(note) for note in column.notes]} for column in made.columns
        ],
        "defaults": sorted(name for name, origin in made.trace.origin.items() if origin == "default"),
        "notes": [str(note) for note in made.notes],
        "versions": {"python": platform.python_version(), **_versions()},
    }  # fmt: skip


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _atomically(path: Path, write: Callable[[Path], Any]) -> None:
    """Write beside the path, then rename: readers never see half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        write(Path(temporary))
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
