"""Traces from people's own files: strict about what they hold, plain about what is wrong.

Needs pandas and pyarrow (`pip install "hybrid-env[data]"`). Tables are pandas data frames, times are pandas indexes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from hybrid_env.traces.forecast import forecast_from_past
from hybrid_env.traces.schema import CALENDAR, COLUMNS, JOB, Trace, TraceError, build_trace

TIME_COLUMN = "timestamp_utc"
JOB_NUMBERS = ("gpus", "gpu_hours", "bid_usd_per_gpu_h")
JOB_UNIFORM = "u_fail"
GOLDEN_FRAC = 0.6180339887498949
"""Fraction of the golden ratio: its multiples fill [0, 1) more evenly than any random draw (Weyl's sequence)."""
JOB_TIMES = {"arrival_row": "arrival_utc", "deadline_row": "deadline_utc"}


def read_trace(
    rows_path: str | Path, jobs_path: str | Path | None = None, *, interval_s: int, utc_offset_h: float,
    name: str | None = None, import_limit_mw: float | None = None, export_limit_mw: float | None = None,
) -> Trace:  # fmt: skip
    """Read a trace from a CSV (also compressed) or Parquet file; forecasts are made from each issue's past.

    Args:
        rows_path: a `timestamp_utc` column (start of each interval; without an offset it is taken as UTC) and any
            columns of `COLUMNS`. Absent ones take their default; an absent `price_lmp_usd_per_mwh` becomes the
            real-time price of the interval before (nothing newer is known as an interval starts).
        jobs_path: gang jobs with `gpus, gpu_hours, bid_usd_per_gpu_h` and either `arrival_row, deadline_row` or
            `arrival_utc, deadline_utc`, and perhaps `u_fail`; without a file there are none.
        interval_s: seconds between timestamps.
        utc_offset_h: local standard time minus UTC, for calendars and publication times.
        name: how results call the trace; the file's stem if absent.
        import_limit_mw, export_limit_mw: constant limits, where the file has no such column.

    Raises:
        TraceError: the message names file, column, time and row, what was found, what is allowed and the likely fix.
        ImportError: pandas is not installed.
    """
    rows_path = Path(rows_path)
    table = _read_table(rows_path)
    _check_names(rows_path, table.columns, [TIME_COLUMN, *COLUMNS], ignored=CALENDAR)
    times = _times(rows_path, table, TIME_COLUMN)
    _check_grid(rows_path, times, interval_s)
    columns = {c: _numbers(rows_path, table, c, times) for c in COLUMNS if c in table.columns}
    origin = dict.fromkeys(columns, "real")
    _require(rows_path, columns)
    if "price_lmp_usd_per_mwh" not in columns:
        real_time = columns["price_rt_usd_per_mwh"]
        columns["price_lmp_usd_per_mwh"] = np.concatenate([real_time[:1], real_time[:-1]])
        origin["price_lmp_usd_per_mwh"] = "derived"
    for column, limit in (("import_limit_mw", import_limit_mw), ("export_limit_mw", export_limit_mw)):
        if limit is not None and column not in columns:
            columns[column] = np.full(len(times), float(limit))
            origin[column] = "given"
    _check_ranges(rows_path, columns, times)
    start: datetime = times[0].to_pydatetime()
    jobs = np.zeros(0, JOB) if jobs_path is None else read_jobs(jobs_path, start, interval_s)
    forecast = forecast_from_past(start, interval_s, utc_offset_h, columns)
    trace_name = name or rows_path.name.split(".")[0]
    return build_trace(trace_name, start, interval_s, utc_offset_h, columns, jobs, forecast, origin)


def read_jobs(path: str | Path, start: datetime, interval_s: int) -> np.ndarray:
    """Gang jobs from a CSV or Parquet file, dtype `JOB`; times become the row they fall in (deadlines round up).

    An absent `u_fail` becomes the job's number in the file times the golden ratio, less the whole part: spread evenly,
    and the same every time the file is read.

    Raises:
        TraceError: as in `read_trace`.
    """
    path = Path(path)
    table = _read_table(path)
    _check_names(path, table.columns, [*JOB_NUMBERS, JOB_UNIFORM, *JOB_TIMES, *JOB_TIMES.values(), "refused"])
    jobs = np.zeros(len(table), JOB)
    for column in JOB_NUMBERS:
        if column not in table.columns:
            raise TraceError(f"{path}: required column {column!r} is missing; found {', '.join(table.columns)}")
        jobs[column] = _numbers(path, table, column, None)
    if JOB_UNIFORM in table.columns:
        jobs[JOB_UNIFORM] = _numbers(path, table, JOB_UNIFORM, None)
    else:
        jobs[JOB_UNIFORM] = np.round(np.arange(1, len(table) + 1) * GOLDEN_FRAC % 1, 9) % 1
    for row_column, time_column in JOB_TIMES.items():
        if row_column in table.columns:
            jobs[row_column] = _numbers(path, table, row_column, None).astype(np.int64)
        elif time_column in table.columns:
            seconds = (_times(path, table, time_column) - start).total_seconds().to_numpy()
            rounded = np.floor if row_column == "arrival_row" else np.ceil
            jobs[row_column] = rounded(seconds / interval_s).astype(np.int64)
        else:
            raise TraceError(f"{path}: needs a column {row_column!r} (row number) or {time_column!r} (time)")
    return jobs


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError('reading files needs pandas and pyarrow: pip install "hybrid-env[data]"') from error
    return pandas


def _read_table(path: Path) -> Any:
    """The file as a table of text (CSV) or of its own types (Parquet)."""
    pandas = _pandas()
    if not path.is_file():
        raise TraceError(f"{path}: no such file")
    try:
        if path.suffix == ".parquet":
            return pandas.read_parquet(path)
        table = pandas.read_csv(path, dtype=str, encoding="utf-8-sig", skipinitialspace=True, index_col=False)
    except UnicodeDecodeError as error:
        raise TraceError(
            f"{path}: not UTF-8 (byte {error.start} is {error.object[error.start]:#x}); save it as CSV UTF-8"
        ) from error
    except pandas.errors.ParserError as error:
        raise TraceError(
            f"{path}: lines differ in their number of fields ({error}); check quotes and commas"
        ) from error
    except (pandas.errors.EmptyDataError, OSError, ValueError) as error:
        raise TraceError(f"{path}: cannot be read as a table ({error})") from error
    if len(table.columns) == 1 and ";" in str(table.columns[0]):
        raise TraceError(f"{path}: fields are separated by semicolons; save it with commas (and decimal points)")
    if table.empty:
        raise TraceError(f"{path}: has a header but no rows")
    return table.rename(columns=str.strip)


def _check_names(path: Path, found: Iterable[str], known: list[str], ignored: Iterable[str] = ()) -> None:
    for column in found:
        if column not in known and column not in ignored:
            near = difflib.get_close_matches(column, known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else "remove it, or name it as one of " + ", ".join(known)
            raise TraceError(f"{path}: unknown column {column!r}; {hint}")


def _place(path: Path, row: int, times: Any) -> str:
    """File, line as an editor counts it, and time."""
    when = "" if times is None else f" ({times[row].isoformat()})"
    return f"{path}: row {row}" + (when if path.suffix == ".parquet" else f", line {row + 2}{when}")


def _times(path: Path, table: Any, column: str) -> Any:
    pandas = _pandas()
    if column not in table.columns:
        raise TraceError(
            f"{path}: column {column!r} is missing; it holds the start of each interval, as 2022-01-01T06:00:00Z;"
            f" found columns {', '.join(map(str, table.columns))}"
        )
    parsed = pandas.to_datetime(table[column], utc=True, format="ISO8601", errors="coerce")
    bad = np.flatnonzero(parsed.isna())
    if len(bad):
        raise TraceError(
            f"{_place(path, int(bad[0]), None)}: {column} is {table[column].iloc[bad[0]]!r};"
            f" allowed are ISO 8601 times in UTC, as 2022-01-01T06:00:00Z ({len(bad)} such rows)"
        )
    return pandas.DatetimeIndex(parsed)


def _check_grid(path: Path, times: Any, interval_s: int) -> None:
    """Every interval once, in order, none left out, the first at a full hour."""
    seconds = times.as_unit("s").asi8
    steps = np.diff(seconds)
    odd = np.flatnonzero(steps != interval_s)
    if not len(odd):
        if seconds[0] % 3600:
            raise TraceError(
                f"{_place(path, 0, times)}: a trace starts at a full hour in UTC; drop the rows before the next one"
            )
        return
    row, step = int(odd[0]) + 1, int(steps[odd[0]])
    place, before = _place(path, row, times), times[row - 1].isoformat()
    if step == 0:
        fix = "a timestamp twice: local time at the end of daylight saving? convert to UTC, or drop one of the two"
    elif step < 0:
        fix = "not in order: sort the rows by time"
    elif len(np.unique(steps)) == 1:
        fix = f"the whole file has intervals of {step} s: pass interval_s={step}, or resample it"
    elif step % interval_s:
        fix = f"off the grid of {interval_s} s: resample the file first"
    else:
        fix = f"a gap of {step // interval_s - 1} intervals: fill it and say how, or cut the trace there"
    raise TraceError(f"{place} follows {before}; expected {interval_s} s later; {fix} ({len(odd)} such places)")


def _numbers(path: Path, table: Any, column: str, times: Any) -> np.ndarray:
    numbers = _pandas().to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if not len(bad):
        return numbers
    found = table[column].iloc[int(bad[0])]
    text = str(found)
    if not isinstance(found, str):
        fix = "missing values must be filled (and said how) before a trace is built"
    elif "," in text:
        fix = "write decimals with a point and thousands without a comma"
    else:
        fix = "only numbers are allowed"
    raise TraceError(f"{_place(path, int(bad[0]), times)}: {column} is {found!r}; {fix} ({len(bad)} such rows)")


def _require(path: Path, columns: dict[str, np.ndarray]) -> None:
    for column, spec in COLUMNS.items():
        if spec.default is None and column not in columns and column != "price_lmp_usd_per_mwh":
            raise TraceError(f"{path}: required column {column!r} ({spec.meaning}, {spec.unit}) is missing")


def _check_ranges(path: Path, columns: dict[str, np.ndarray], times: Any) -> None:
    for column, values in columns.items():
        spec = COLUMNS[column]
        bad = np.flatnonzero((values < spec.low - spec.resolution / 2) | (values > spec.high + spec.resolution / 2))
        if not len(bad):
            continue
        place = f"{_place(path, int(bad[0]), times)}: {column} is {values[bad[0]]:g} {spec.unit}"
        if column == "basis_gen_usd_per_mwh":
            reason = "exports would earn more than imports cost, and a meter would print money; allowed is 0 or less"
        else:
            reason = f"allowed is {spec.low:g} to {spec.high:g}; check the unit and the sign"
        raise TraceError(f"{place}; {reason} ({len(bad)} such rows)")
