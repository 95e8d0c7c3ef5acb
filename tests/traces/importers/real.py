"""Where the real files are: beside the checkout, never in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hybrid_env.traces.importers import Table

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def real_file(name: str) -> Path:
    """A file of `shared/data/formats`; skips where the real data are absent."""
    path = DATA / "formats" / name
    if not path.is_file():
        pytest.skip(f"the real file {name} is not beside this checkout ({DATA})")
    return path


def real_data(name: str) -> Path:
    """A tidy file of `shared/data`; skips where the real data are absent."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the real file {name} is not beside this checkout ({DATA})")
    return path


def written(folder: Path, text: str) -> Path:
    """A self-made file whose name tells nothing."""
    path = folder / "download"
    path.write_text(text, "utf-8")
    return path


def value(table: Table, start_utc: str, column: str, point: str | None = None) -> float:
    """The one value at a time (and point)."""
    frame = (table if point is None else table.at(point)).frame
    return float(frame.loc[pd.Timestamp(start_utc), column])
