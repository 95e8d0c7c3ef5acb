"""GPU demand of a trace from requests, job logs and spot prices, on the trace's grid.

Logs are far shorter than a trace and seldom know the hour of the day: how they are laid on the calendar and scaled to
the site is the recipe's choice, and a note says it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.span import Parameters, Span, need, on_grid
from hybrid_env.traces.schema import MIN_GANG_GPUS, TraceError

Positive = Annotated[float, Field(gt=0)]

DAY_S = 86_400
REPEATS_S = {"day": DAY_S, "week": 7 * DAY_S}
LEAST_COVERED = 0.9
"""Share of a day or week that a log must cover to stand for it."""


class Laying(Parameters):
    """How a log lies on the trace's calendar.

    Attributes:
        start_utc: time of the log's first second; not needed where the file knows it.
        repeat: "day" or "week": the log's means by time of day (or of the week), local standard time, again and again;
            "no": the log as it is, missing outside.
    """

    start_utc: datetime | None = None
    repeat: Literal["day", "week", "no"] = "day"


class InferenceLoad(Laying):
    """Requests as a share of the site's peak inference GPUs.

    Attributes:
        output_token_weight: work of one token written, in tokens read (APIs ask 3 to 5 times as much for it); unused
            where the file has no tokens.
        peak_load: load of the busiest interval, after laying: 1 where the site is just large enough for it.
        smooth_s: length of the running mean before the peak is taken; GPUs batch over minutes.
    """

    output_token_weight: Positive = 4.0
    peak_load: float = Field(default=1.0, gt=0, le=1)
    smooth_s: int = Field(default=3600, ge=0, le=DAY_S)


class TrainingLoad(Laying):
    """Small jobs as GPU-hours that arrive an hour, as a share of `training.base_gpus`.

    Attributes:
        mean_load: mean of the column; the log's own size is scaled to it (the site is not the log's cluster).
        smooth_s: length of the running mean; the simulator's small jobs are a fluid.
        most_gpus: jobs with this many GPUs or more are left out: they are gang jobs.
    """

    mean_load: float = Field(default=0.8, gt=0, le=50)
    smooth_s: int = Field(default=3600, ge=0, le=DAY_S)
    most_gpus: float = Field(default=MIN_GANG_GPUS, gt=0)


class GpuRent(Parameters):
    """A machine's spot price as the market rent of one GPU.

    Attributes:
        gpus_per_machine: GPUs in the machine that the price is for.
        point: zone and product, where the file has several.
        times: factor on top, for what a rented GPU earns in place of the spot price of another kind.
    """

    gpus_per_machine: Positive
    point: str | None = None
    times: Positive = 1.0


def inference_load(table: Table, parameters: InferenceLoad, span: Span) -> Table:
    """`inference_load`, 0 to 1: work of requests by interval, over that of the busiest one.

    Raises:
        TraceError: the file has no requests, does not know its time, or is shorter than what is to be repeated.
    """
    notes = Notes()
    frame = table.frame
    if "requests_per_s" in frame:
        window_s = float(table.facts["window_s"])
        work, spread = frame["requests_per_s"].to_numpy(float), window_s
        notes.assumed("work is counted in requests")
    else:
        need(table, "input_tokens", "output_tokens", why="inference load (or requests_per_s)")
        weight = parameters.output_token_weight
        work = frame["input_tokens"].to_numpy(float) + weight * frame["output_tokens"].to_numpy(float)
        spread = 0.0
        notes.assumed(f"work is counted in tokens, one written as {weight:g} read")
    laid = _lay(table, parameters, span, frame.index.to_numpy(float), work, spread, parameters.smooth_s, notes)
    peak = float(np.nanmax(laid))
    if not peak > 0:
        raise TraceError(f"{table.path}: no request in the whole file")
    notes.assumed(f"the busiest interval is {parameters.peak_load:g} of the site's peak inference GPUs")
    return on_grid(table, span, {"inference_load": laid / peak * parameters.peak_load}, notes)


def training_load(table: Table, parameters: TrainingLoad, span: Span) -> Table:
    """`training_load`: GPU-hours of small jobs by time of submission, scaled to a mean.

    Raises:
        TraceError: the file lacks submission times, GPUs or durations, does not know its time, or is too short.
    """
    notes = Notes()
    jobs = known_jobs(table, notes)
    jobs = jobs[jobs["gpus"] < parameters.most_gpus]
    if jobs.empty:
        raise TraceError(f"{table.path}: no job with fewer than {parameters.most_gpus:g} GPUs")
    offset_s = jobs["submit_s"].to_numpy(float)
    gpu_hours = (jobs["gpus"] * jobs["duration_h"]).to_numpy(float)
    laid = _lay(table, parameters, span, offset_s, gpu_hours, 0.0, parameters.smooth_s, notes)
    notes.assumed(
        f"{len(jobs)} jobs, {gpu_hours.sum():,.0f} GPU-hours in all, scaled to a mean load of {parameters.mean_load:g}"
    )
    return on_grid(table, span, {"training_load": laid / np.nanmean(laid) * parameters.mean_load}, notes)


def gpu_rent(table: Table, parameters: GpuRent, span: Span) -> Table:
    """`gpu_rent_usd_per_gpu_h`: each price holds until the next one; missing before the first.

    Raises:
        TraceError: the file holds several zones or products and `point` names none of them.
    """
    notes = Notes()
    need(table, "price_usd_per_h", why="the rent of a GPU")
    points = table.points
    if len(points) > 1 and parameters.point is None:
        raise TraceError(f"{table.path}: holds {len(points)} zones and products; name one as point: {points[0]!r}")
    if points:
        table = table.at(points[0] if parameters.point is None else parameters.point)
    prices = table.frame["price_usd_per_h"].groupby(level=0).last()
    held = prices.reindex(span.times, method="ffill").to_numpy(float)
    notes.assumed(
        f"a machine holds {parameters.gpus_per_machine:g} GPUs; rent is {parameters.times:g} times its price over them"
    )
    rent = held / parameters.gpus_per_machine * parameters.times
    return on_grid(table, span, {"gpu_rent_usd_per_gpu_h": rent}, notes)


def known_jobs(table: Table, notes: Notes) -> Any:
    """Jobs whose submission, size and duration are known and above zero; the others are counted.

    Raises:
        TraceError: a column is missing, or no job is left.
    """
    need(table, "submit_s", "gpus", "duration_h", why="job arrivals")
    jobs = table.frame
    known = jobs["submit_s"].notna() & (jobs["gpus"] > 0) & (jobs["duration_h"] > 0)
    notes.dropped("jobs without a known arrival, GPU or duration", rows=int((~known).sum()))
    if not known.any():
        raise TraceError(f"{table.path}: no job has a known arrival, a GPU and a duration")
    return jobs[known]


def first_second(table: Table, start_utc: datetime | None, notes: Notes) -> Any:
    """UTC time of offset 0: the recipe's, else the file's own where its clock is real.

    Raises:
        TraceError: neither knows it.
    """
    if start_utc is not None:
        when = pd.Timestamp(start_utc)
        notes.assumed(f"the log begins at {when.isoformat()} (recipe)")
        return when.tz_localize("UTC") if when.tz is None else when.tz_convert("UTC")
    if table.facts.get("clock") != "utc":
        raise TraceError(
            f"{table.path}: times are {table.facts.get('clock', 'unknown')}, the hour of the day is not known: give"
            " start_utc, the time at which the log's first second shall lie"
        )
    return pd.Timestamp(str(table.facts["start_utc"]))


def _lay(
    table: Table, laying: Laying, span: Span, offset_s: np.ndarray, work: np.ndarray, spread_s: float, smooth_s: int,
    notes: Notes,
) -> np.ndarray:  # fmt: skip
    """Work by interval of the span; with `spread_s` each item is a rate over that many seconds."""
    first = first_second(table, laying.start_utc, notes)
    step = span.interval_s
    absolute_s = first.timestamp() + offset_s
    lowest = np.floor(absolute_s.min() / step) * step
    if spread_s > step:
        parts = round(spread_s / step)
        absolute_s = (absolute_s[:, None] + step * np.arange(parts)).ravel()
        work = np.repeat(work, parts)
    bins = ((absolute_s - lowest) // step).astype(int)
    totals = np.bincount(bins, work)
    if spread_s:
        totals = totals / np.maximum(np.bincount(bins), 1)
    totals = _smoothed(totals, max(1, round(smooth_s / step)))
    if laying.repeat == "no":
        times = pd.to_datetime(lowest + step * np.arange(len(totals)), unit="s", utc=True)
        as_it_is: Any = pd.Series(totals, index=times.as_unit("ns")).reindex(span.times)
        if as_it_is.isna().all():
            raise TraceError(
                f"{table.path}: the log, from {times[0]:%Y-%m-%dT%H:%MZ} to {times[-1]:%Y-%m-%dT%H:%MZ}, lies outside"
                " the trace; give another start_utc, or repeat it by the day"
            )
        return as_it_is.to_numpy(float)
    period_s = REPEATS_S[laying.repeat]
    slots = period_s // step
    if len(totals) < LEAST_COVERED * slots:
        raise TraceError(
            f"{table.path}: {len(totals) * step / 3600:.1f} h of data are not enough to repeat by the {laying.repeat};"
            " take a longer piece" + (", or repeat by the day" if laying.repeat == "week" else "")
        )
    local_s = lowest + span.utc_offset_h * 3600 + step * np.arange(len(totals))
    slot = (local_s % period_s // step).astype(int)
    seen = np.bincount(slot, minlength=slots)
    there = np.flatnonzero(seen)
    mean = np.interp(np.arange(slots), there, np.bincount(slot, totals, slots)[there] / seen[there], period=slots)
    notes.filled(
        f"means by time of the {laying.repeat}, local standard, over {len(totals) * step / DAY_S:.1f} days, repeated"
        + (f"; {slots - len(there)} of {slots} intervals between their neighbours" if len(there) < slots else ""),
        rows=span.rows,
    )
    here_s = span.start.timestamp() + span.utc_offset_h * 3600 + step * np.arange(span.rows)
    return mean[(here_s % period_s // step).astype(int)]


def _smoothed(values: np.ndarray, rows: int) -> np.ndarray:
    """Running mean over what there is of the window."""
    series: Any = pd.Series(values)
    return series.rolling(rows, center=True, min_periods=1).mean().to_numpy(float)
