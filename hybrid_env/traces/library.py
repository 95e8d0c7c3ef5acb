"""The read-only traces that all lanes share, and where generated years come from.

A generated year is taken from this process's memory, else from the user's cache folder, else drawn and cached.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import Market, load_market
from hybrid_env.traces.schema import JOB, ROW, SCHEMA_VERSION, Trace, TraceError
from hybrid_env.traces.store import load_trace, save_trace

logger = logging.getLogger("hybrid_env.traces")

_years: dict[str, Trace] = {}
_libraries: WeakValueDictionary[tuple[str, ...], Library] = WeakValueDictionary()
_lock = RLock()


class Library:
    """M traces of one interval, laid out for the kernel; all arrays are read-only.

    Attributes:
        rows: dtype `ROW`, [M, T], T the longest; a shorter trace is padded with its last row.
        length: int64 [M], the true lengths.
        jobs: dtype `JOB`, all traces' jobs one after the other.
        job_start: int64 [M + 1]; jobs of trace m are `jobs[job_start[m]:job_start[m + 1]]`.
        forecast: float32 [M, H, V, L]; padded with the last issue.
        names, hashes: of each trace.
        interval_s: seconds a row.
        traces: the traces themselves, as views of these arrays.
    """

    def __init__(self, traces: Sequence[Trace]) -> None:
        if not traces:
            raise TraceError("a library needs at least one trace")
        odd = [trace for trace in traces if trace.interval_s != traces[0].interval_s]
        if odd:
            raise TraceError(
                f"{odd[0].name} has intervals of {odd[0].interval_s} s, {traces[0].name} of {traces[0].interval_s} s;"
                f" a library holds traces of one interval"
            )
        self.names = tuple(trace.name for trace in traces)
        self.hashes = tuple(trace.hash for trace in traces)
        self.interval_s = traces[0].interval_s
        self.length = np.array([len(trace) for trace in traces], np.int64)
        self.rows = _stack([trace.rows for trace in traces], np.dtype(ROW))
        self.forecast = _stack([trace.forecast for trace in traces], np.dtype(np.float32))
        self.jobs = np.concatenate([trace.jobs for trace in traces]).astype(JOB, copy=False)
        self.job_start = np.cumsum([0, *(len(trace.jobs) for trace in traces)]).astype(np.int64)
        for array in (self.length, self.rows, self.forecast, self.jobs, self.job_start):
            array.setflags(write=False)
        self.traces = tuple(
            replace(
                trace,
                rows=self.rows[m, : len(trace.rows)],
                jobs=self.jobs[self.job_start[m] : self.job_start[m + 1]],
                forecast=self.forecast[m, : len(trace.forecast)],
            )
            for m, trace in enumerate(traces)
        )

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> Library:
        """The library of these traces: built once and shared by all who ask for the same content."""
        key = tuple(trace.hash for trace in traces)
        with _lock:
            library = _libraries.get(key)
            if library is None:
                library = _libraries[key] = cls(traces)
                _keep_views(traces, library.traces)
            return library

    def __len__(self) -> int:
        return len(self.traces)

    def __reduce__(self) -> tuple[Any, ...]:
        return Library.of, (self.traces,)


def load_or_generate(
    market: str | Market, seed: int, site_import_limit_mw: float, interval_s: int = 900, utc_offset_h: float = -6,
    year: int | None = None,
) -> Trace:  # fmt: skip
    """A generated year: from this process's memory, else from the user's cache folder, else drawn (and cached)."""
    key = year_key(market, seed, site_import_limit_mw, interval_s, utc_offset_h, year)
    with _lock:
        if key not in _years:
            model = market if isinstance(market, Market) else load_market(market)
            _years[key] = _fetch(key, model, seed, site_import_limit_mw, interval_s, utc_offset_h, year)
        return _years[key]


def cache_folder() -> Path | None:
    """`$XDG_CACHE_HOME/hybrid_env/traces`, else under `~/.cache`; None where neither is known."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base and Path(base).is_absolute():
        return Path(base) / "hybrid_env" / "traces"
    try:
        return Path.home() / ".cache" / "hybrid_env" / "traces"
    except RuntimeError:
        return None


def year_key(
    market: str | Market, seed: int, site_import_limit_mw: float, interval_s: int, utc_offset_h: float, year: int | None
) -> str:
    """What names a generated year: everything it depends on, hashed; 24 hex digits."""
    model = market if isinstance(market, Market) else load_market(market)
    parts = (
        str(SCHEMA_VERSION), _generator_hash(), model.canonical_json, str(int(seed)), repr(float(site_import_limit_mw)),
        str(int(interval_s)), repr(float(utc_offset_h)), str(year),
    )  # fmt: skip
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def _keep_views(originals: Sequence[Trace], views: Sequence[Trace]) -> None:
    """Let the memory of generated years hold the library's views, so that no year is held twice."""
    view_of = {id(original): view for original, view in zip(originals, views, strict=True)}
    for key, year in _years.items():
        if id(year) in view_of:
            _years[key] = view_of[id(year)]


@cache
def _generator_hash() -> str:
    """Hash of the sources that decide what a year looks like: an edited generator never meets an old cache."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [
        *sorted((folder / "generate").glob("*.py")),
        *(folder / f"{n}.py" for n in ("schema", "forecast", "peaks")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fetch(
    key: str, market: Market, seed: int, site_import_limit_mw: float, interval_s: int, utc_offset_h: float,
    year: int | None,
) -> Trace:  # fmt: skip
    folder = cache_folder()
    path = None if folder is None else folder / f"{market.name}_{seed}_{key}.npz"
    if path is not None:
        cached = _read_cached(path)
        if cached is not None:
            return cached
    began = time.perf_counter()
    trace = generate_year(market, seed, site_import_limit_mw, interval_s, utc_offset_h, year)
    _say(f"generated {trace.name} ({len(trace)} rows) in {time.perf_counter() - began:.1f} s")
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_trace(trace, path)
        except OSError:  # read-only or full: the year stays in memory
            logger.debug("cannot write %s; the year is kept in memory only", path)
    return trace


def _read_cached(path: Path) -> Trace | None:
    """The cached year, or None where there is none or it is damaged (said in a warning)."""
    try:
        if not path.is_file():
            return None
        return load_trace(path)
    except (TraceError, OSError) as error:
        logger.warning("%s; generating the year again", error)
        return None


def _say(message: str) -> None:
    """One progress line, on stderr unless the program has set up logging of its own."""
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.INFO)
    logger.info(message)


def _stack(arrays: list[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """Stack along a new first axis; a shorter array repeats its last element."""
    longest = max(len(array) for array in arrays)
    out = np.empty((len(arrays), longest, *arrays[0].shape[1:]), dtype)
    for m, array in enumerate(arrays):
        out[m, : len(array)] = array
        out[m, len(array) :] = array[-1]
    return out
