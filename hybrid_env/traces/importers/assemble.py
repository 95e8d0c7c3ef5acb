"""From a recipe to a trace: every column fed, derived, drawn or at its default, with a record of which and how."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from hybrid_env.traces.forecast import forecast_from_past
from hybrid_env.traces.importers.day_ahead import day_ahead_from_past
from hybrid_env.traces.importers.drawn import drawn_columns, drawn_jobs
from hybrid_env.traces.importers.frame import Note, Notes, Table, listed
from hybrid_env.traces.importers.gaps import Filled, fill_gaps
from hybrid_env.traces.importers.recipe import Feed, Recipe, Source
from hybrid_env.traces.importers.resample import LINEAR, to_rows
from hybrid_env.traces.importers.span import Span
from hybrid_env.traces.importers.supply import derived, files_of, read_source
from hybrid_env.traces.importers.units import UnitError, factor
from hybrid_env.traces.peaks import coincident_peak_weights
from hybrid_env.traces.read import read_jobs
from hybrid_env.traces.schema import COLUMNS, JOB, Trace, TraceError, build_trace

Progress = Callable[[str, int, int], None]
"""Called with what is done now, steps done and steps in all."""
LONGEST_PEAK_DAYS = 366
LEAST_HIGHEST_USD_PER_MWH = 1.0
"""A fed price that never gets so high is most likely one per kilowatt-hour."""
DAY_AHEAD, REAL_TIME, DISPATCH = "price_da_usd_per_mwh", "price_rt_usd_per_mwh", "price_lmp_usd_per_mwh"


@dataclass(frozen=True)
class ColumnReport:
    """How a trace column came about.

    Attributes:
        origin: as in `Trace.origin`.
        source: file and column, market, or rule.
        filled: what was filled, where a file feeds it.
        notes: of bringing it onto the rows.
        low, mean, high: of its values.
    """

    name: str
    origin: str
    source: str
    low: float
    mean: float
    high: float
    filled: Filled | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Assembled:
    """A trace and how it was made.

    Attributes:
        tables: of each source, after its derivations; in the recipe's order. The fact `rows_read` counts those of its
            files.
        columns: of every trace column that is not at its default.
        notes: about the trace as a whole.
    """

    trace: Trace
    recipe: Recipe
    span: Span
    tables: tuple[Table, ...]
    columns: tuple[ColumnReport, ...]
    notes: tuple[Note, ...]


@dataclass
class _Work:
    """Columns as they come in."""

    values: dict[str, np.ndarray] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    filled: dict[str, Filled] = field(default_factory=dict)
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)

    def put(self, name: str, values: np.ndarray, origin: str, source: str) -> None:
        self.values[name], self.origin[name], self.source[name] = values, origin, source


def span_of(recipe: Recipe) -> Span:
    """The rows of a recipe's trace: whole days in local standard time.

    Raises:
        TraceError: midnight in local standard time is not at a full hour in UTC.
    """
    midnight = datetime.combine(recipe.first_day, datetime.min.time(), UTC) - timedelta(hours=recipe.utc_offset_h)
    if midnight.timestamp() % 3600:
        raise TraceError(
            f"{recipe.name}: utc_offset_h = {recipe.utc_offset_h:g}: a trace's days begin at a full hour in UTC; take"
            f" the nearest whole hour"
        )
    days = (recipe.last_day - recipe.first_day).days + 1
    return Span(midnight, days * 86_400 // recipe.interval_s, recipe.interval_s, recipe.utc_offset_h)


def assemble(
    recipe: Recipe, folder: str | Path = ".", *, downloads: Path | None = None, progress: Progress | None = None
) -> Assembled:
    """Make the trace.

    Args:
        folder: what paths in the recipe are relative to.
        downloads: cache folder of downloads; None for the user's.

    Raises:
        TraceError: a file, column, point or unit is wrong, a gap is longer than allowed, or a value is impossible; the
            message names it and the likely fix.
    """
    folder, span, work = Path(folder), span_of(recipe), _Work()
    tables = []
    jobs: np.ndarray | None = None
    steps = len(recipe.sources) + 2
    for number, source in enumerate(recipe.sources):
        _tell(progress, f"reading {source.url or source.file}", number, steps)
        raw = read_source(source, files_of(source, folder, downloads, _downloading(progress, number, steps)))
        table = derived(source, raw, span)
        table = replace(table, facts={**table.facts, "rows_read": len(raw.frame)})
        tables.append(table)
        made = set(map(str, table.frame.columns)) - set(map(str, raw.frame.columns))
        for name, feed in source.feeds.items():
            _feed(work, name, feed, source, table, recipe, span, "derived" if feed.column in made else "real")
        if source.jobs:
            if "jobs" not in table.facts:
                raise TraceError(
                    f"{table.path}: `jobs: true`, but no derivation makes gang jobs; add `derive: [gang_jobs]`"
                )
            jobs = table.facts["jobs"]
    _fill(work, recipe, span)
    _tell(progress, "completing", len(recipe.sources), steps)
    notes = Notes()
    _warn_of_small_prices(work, notes)
    _complete(work, recipe, span, notes)
    jobs = _jobs(recipe, folder, span, jobs, notes)
    _tell(progress, "forecasts", len(recipe.sources) + 1, steps)
    columns = {name: _rounded(name, values) for name, values in work.values.items()}
    _check(columns, work, span)
    forecast = forecast_from_past(span.start, span.interval_s, span.utc_offset_h, columns)
    trace = build_trace(
        recipe.name, span.start, span.interval_s, span.utc_offset_h, columns, jobs, forecast, dict(work.origin)
    )
    _tell(progress, "done", steps, steps)
    reports = tuple(
        ColumnReport(
            name, work.origin[name], work.source[name], float(values.min()), float(values.mean()), float(values.max()),
            work.filled.get(name), work.notes.get(name, ()),
        )
        for name, values in columns.items()
    )  # fmt: skip
    return Assembled(trace, recipe, span, tuple(tables), reports, notes.all)


def _downloading(progress: Progress | None, number: int, steps: int) -> Callable[[int, int | None], None]:
    """Tells how much of a download is there."""

    def tell(done: int, total: int | None) -> None:
        whole = "" if total is None else f" of {total / 1e6:,.1f}"
        _tell(progress, f"downloading {done / 1e6:,.1f}{whole} MB", number, steps)

    return tell


def _tell(progress: Progress | None, text: str, done: int, total: int) -> None:
    if progress is not None:
        progress(text, done, total)


def _feed(
    work: _Work, name: str, feed: Feed, source: Source, table: Table, recipe: Recipe, span: Span, origin: str
) -> None:
    """Bring one column of a table onto the rows; its gaps are filled when all columns are there."""
    others = len(table.files) - 1
    where = f"{table.path}{f' and {others} more' if others else ''}, {feed.column}"
    if table.frame.index.name != "start_utc":
        raise TraceError(
            f"{table.path}: is {table.format}, which has no times; a derivation must bring it onto the trace"
        )
    if feed.column not in table.frame:
        near = difflib.get_close_matches(feed.column, list(map(str, table.frame)), 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise TraceError(
            f"{table.path}: no column {feed.column!r} for {name}; {table.format} has"
            f" {', '.join(map(str, table.frame))}{hint}"
        )
    point = feed.point or source.point
    points = table.points
    if points:
        if point is None and len(points) > 1:
            raise TraceError(
                f"{table.path}: holds {len(points)} points ({listed(points)}); name one for {name} as `point: ...`"
            )
        table = table.at(point if point is not None else next(iter(points)))
        where += f" at {point}" if point is not None else ""
    elif point is not None:
        raise TraceError(f"{table.path}: has no points, but the recipe asks for {point!r}; leave `point` out")
    if feed.scale is None:
        try:
            scale = factor(feed.column, name, recipe.usd_per)
        except UnitError as error:
            raise TraceError(f"{table.path}: {error}") from error
    else:
        scale = feed.scale
    notes = Notes()
    between = feed.between_rows or ("linear" if name in LINEAR else "hold")
    late = table.facts.get("known_at") == "end"
    instants = feed.column in table.facts.get("instants", ())
    rows = to_rows(table.frame[feed.column], table.interval_s, span, between, notes, late, instants)
    work.put(name, rows * scale + feed.offset, origin, where)
    work.notes[name] = notes.all


def _fill(work: _Work, recipe: Recipe, span: Span) -> None:
    before = {name: values.copy() for name, values in work.values.items()}
    for source in recipe.sources:
        for name, feed in source.feeds.items():
            filled = fill_gaps(name, before[name], feed.fill, span, before, work.source[name])
            work.values[name], work.filled[name] = filled


def _warn_of_small_prices(work: _Work, notes: Notes) -> None:
    for name in (REAL_TIME, DAY_AHEAD, DISPATCH):
        highest = float(np.abs(work.values[name]).max()) if name in work.values else np.inf
        if highest < LEAST_HIGHEST_USD_PER_MWH:
            notes.warned(
                f"{name} never exceeds {highest:.3g} USD/MWh: if {work.source[name]} is in USD/kWh, give `scale: 1000`"
            )


def _complete(work: _Work, recipe: Recipe, span: Span, notes: Notes) -> None:
    """Everything that no file feeds."""
    for name, constant in recipe.constants.items():
        work.put(name, np.full(span.rows, constant), "given", "constant in the recipe")
    for name, limit in (("import_limit_mw", recipe.import_limit_mw), ("export_limit_mw", recipe.export_limit_mw)):
        if limit is not None and name not in work.values:
            work.put(name, np.full(span.rows, limit), "given", f"{name} in the recipe")
    if ("drybulb_c" in work.values) != ("wetbulb_c" in work.values):
        raise TraceError(
            f"{recipe.name}: dry bulb and wet bulb belong together; feed both from one weather file:"
            f" `derive: [wet_bulb]` makes the wet bulb"
        )
    if recipe.synthetic is not None:
        values, label = drawn_columns(recipe, span, set(work.values), notes)
        for name, column in values.items():
            work.put(name, column, "synthetic", label)
    if recipe.day_ahead_from_past and REAL_TIME in work.values:
        work.put(DAY_AHEAD, day_ahead_from_past(work.values[REAL_TIME], span, notes), "derived", "mean of 7 days")
    missing = [name for name, spec in COLUMNS.items() if spec.default is None and name not in work.values]
    missing = [name for name in missing if name != DISPATCH]
    if missing:
        raise TraceError(
            f"{recipe.name}: nothing feeds {', '.join(missing)}; feed them from a file, give them under `constants`, or"
            f" draw them with `synthetic: {{market: texas}}`"
        )
    if DISPATCH not in work.values:
        real_time = work.values[REAL_TIME]
        work.put(DISPATCH, np.concatenate([real_time[:1], real_time[:-1]]), "derived", "real-time price one row before")
    if recipe.coincident_peaks is not None:
        _peaks(work, recipe, span, notes)


def _peaks(work: _Work, recipe: Recipe, span: Span, notes: Notes) -> None:
    if "system_load_mw" not in work.values:
        raise TraceError(f"{recipe.name}: coincident_peaks needs the grid's load: feed system_load_mw")
    if (recipe.last_day - recipe.first_day).days >= LONGEST_PEAK_DAYS:
        raise TraceError(
            f"{recipe.name}: coincident_peaks counts each month once, but the trace is longer than a year; make one"
            " trace a year"
        )
    assert recipe.coincident_peaks is not None
    local = span.times + np.timedelta64(round(span.utc_offset_h * 3600), "s")
    month = np.asarray(local.month)
    load = _rounded("system_load_mw", work.values["system_load_mw"])
    weights = coincident_peak_weights(load, month, recipe.coincident_peaks)
    at = [f"{span.times[row]:%Y-%m-%dT%H:%MZ}" for row in np.flatnonzero(weights)]
    notes.assumed(f"coincident peaks ({recipe.coincident_peaks}) at {listed(at) or 'no row: not in these months'}")
    origin = "synthetic" if work.origin["system_load_mw"] == "synthetic" else "derived"
    work.put("cp_weight", weights, origin, f"{recipe.coincident_peaks} on system_load_mw")


def _jobs(recipe: Recipe, folder: Path, span: Span, made: np.ndarray | None, notes: Notes) -> np.ndarray:
    if recipe.jobs_file is not None:
        jobs = read_jobs(folder / recipe.jobs_file, span.start, span.interval_s)
        notes.assumed(f"{len(jobs)} gang jobs from {recipe.jobs_file}")
        return jobs
    if made is not None:
        return made
    if recipe.synthetic is not None and recipe.synthetic.jobs:
        return drawn_jobs(recipe, span, notes)
    notes.assumed("no gang jobs: no file, derivation or market supplies them")
    return np.zeros(0, JOB)


def _rounded(name: str, values: np.ndarray) -> np.ndarray:
    step = COLUMNS[name].resolution
    return np.round(values / step) * step + 0.0


def _check(columns: dict[str, np.ndarray], work: _Work, span: Span) -> None:
    for name, values in columns.items():
        spec = COLUMNS[name]
        bad = np.flatnonzero(
            ~((values >= spec.low - spec.resolution / 2) & (values <= spec.high + spec.resolution / 2))
        )
        if len(bad):
            raise TraceError(
                f"{work.source[name]}: feeds {name} with {values[bad[0]]:g} at {span.times[bad[0]]:%Y-%m-%dT%H:%MZ};"
                f" allowed: {spec.low:g} to {spec.high:g} {spec.unit} ({len(bad)} such rows); check the unit, the sign"
                f" and `scale`"
            )
