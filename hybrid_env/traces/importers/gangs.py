"""Gang jobs of a trace from a job log: large jobs that need all their GPUs at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from hybrid_env.traces.importers.frame import Notes, Table
from hybrid_env.traces.importers.gpu_demand import first_second, known_jobs
from hybrid_env.traces.importers.span import Parameters, Span
from hybrid_env.traces.read import GOLDEN_FRAC
from hybrid_env.traces.schema import JOB, MAX_BID_USD_PER_GPU_H, MIN_GANG_GPUS, TraceError

Bid = Annotated[float, Field(ge=0, lt=MAX_BID_USD_PER_GPU_H)]


class GangJobs(Parameters):
    """What a job log does not say.

    Attributes:
        start_utc: time of the log's first second; not needed where the file knows it.
        gpus_times: factor on every job's GPUs, where the log's cluster is smaller than the site; those of 128 or more
            after scaling are gang jobs.
        slack_h, slack_frac: time to the deadline beyond the run: hours, plus a share of the run.
        bid_low_usd_per_gpu_h, bid_high_usd_per_gpu_h: bids are spread evenly between these, in the order of the log.
    """

    start_utc: datetime | None = None
    gpus_times: float = Field(default=1.0, gt=0, le=1000)
    slack_h: float = Field(default=6.0, ge=0)
    slack_frac: float = Field(default=0.5, ge=0)
    bid_low_usd_per_gpu_h: Bid = 1.5
    bid_high_usd_per_gpu_h: Bid = 3.0

    @model_validator(mode="after")
    def _in_order(self) -> GangJobs:
        if self.bid_low_usd_per_gpu_h > self.bid_high_usd_per_gpu_h:
            raise ValueError("bid_low_usd_per_gpu_h must not exceed bid_high_usd_per_gpu_h")
        return self


def gang_jobs(table: Table, parameters: GangJobs, span: Span) -> Table:
    """The table with `facts["jobs"]`: jobs of `MIN_GANG_GPUS` GPUs or more that arrive within the span, dtype `JOB`.

    Raises:
        TraceError: the log lacks arrivals, GPUs or durations, or holds no such job.
    """
    notes = Notes()
    jobs = known_jobs(table, notes).sort_values("submit_s", kind="stable")
    gpus = np.round(jobs["gpus"].to_numpy(float) * parameters.gpus_times)
    large = gpus >= MIN_GANG_GPUS
    if not large.any():
        raise TraceError(
            f"{table.path}: its largest job has {jobs['gpus'].max():g} GPUs; gang jobs need {MIN_GANG_GPUS}: raise"
            f" gpus_times to {MIN_GANG_GPUS / jobs['gpus'].max():.3g} or more, or take the log as training load"
        )
    first = first_second(table, parameters.start_utc, notes)
    arrival_s = first.timestamp() + jobs["submit_s"].to_numpy(float)[large] - span.start.timestamp()
    hours = jobs["duration_h"].to_numpy(float)[large]
    row = np.floor(arrival_s / span.interval_s).astype(np.int64)
    inside = (row >= 0) & (row < span.rows)
    notes.dropped("large jobs that arrive outside the trace", rows=int((~inside).sum()))
    notes.assumed(
        f"{int(inside.sum())} gang jobs: GPUs times {parameters.gpus_times:g}, deadline {parameters.slack_h:g} h and"
        f" {parameters.slack_frac:.0%} of the run after it, bids {parameters.bid_low_usd_per_gpu_h:g} to"
        f" {parameters.bid_high_usd_per_gpu_h:g} USD/GPU-h"
    )
    records = _records(gpus[large][inside], hours[inside], arrival_s[inside], parameters, span)
    return replace(table, facts={**table.facts, "jobs": records}, notes=(*table.notes, *notes.all))


def _records(gpus: Any, hours: np.ndarray, arrival_s: np.ndarray, parameters: GangJobs, span: Span) -> np.ndarray:
    """The deadline's row is counted from the arrival itself, rounded up: a job never has less time than given."""
    jobs = np.zeros(len(gpus), JOB)
    due_s = arrival_s + 3600 * (hours * (1 + parameters.slack_frac) + parameters.slack_h)
    jobs["arrival_row"] = np.floor(arrival_s / span.interval_s)
    jobs["deadline_row"] = np.maximum(np.ceil(due_s / span.interval_s), jobs["arrival_row"] + 1)
    jobs["gpus"], jobs["gpu_hours"] = gpus, np.maximum(np.round(gpus * hours, 1), 0.1)
    even = np.arange(1, len(gpus) + 1) * GOLDEN_FRAC % 1
    low, high = parameters.bid_low_usd_per_gpu_h, parameters.bid_high_usd_per_gpu_h
    jobs["bid_usd_per_gpu_h"] = np.round(low + (high - low) * even, 3)
    jobs["u_fail"] = np.round(even, 9) % 1
    return jobs
