"""What a trace is: its columns, who may see them when, and the checks every trace passes.

A trace holds all that happens to a site whatever the site does. One float64 record a row, one row an interval, UTC.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

SCHEMA_VERSION = 2

FORECAST_LEADS_H = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 36, 47)
"""Hours after the hour of issue; lead 0 is the hour that begins as the forecast is issued."""
FORECAST_VARIABLES = ("price_usd_per_mwh", "wind_cf", "system_load_mw", "drybulb_c", "inference_load", "solar_cf")
"""Hourly means, best estimates issued at the start of each hour: [issue_hour, variable, lead]."""


@dataclass(frozen=True)
class Column:
    """One trace column.

    Attributes:
        unit: as in the name's suffix, spelled out.
        low, high: physical range, both allowed.
        resolution: values are rounded to this, so that a year regenerated on another processor hashes the same.
        lag_rows: 0 if known as its interval starts, 1 if known when its interval has been settled, -1 if never observed
            in time.
        meaning: one line.
        default: value where a source lacks the column; None if the column is required.
    """

    unit: str
    low: float
    high: float
    resolution: float
    lag_rows: int
    meaning: str
    default: float | None = None


HIDDEN = -1

COLUMNS: dict[str, Column] = {
    "price_rt_usd_per_mwh": Column("USD/MWh", -1_000, 20_000, 0.01, 1, "settled real-time price at the load zone"),
    "price_lmp_usd_per_mwh": Column(
        "USD/MWh", -1_000, 20_000, 0.01, 0, "dispatch price visible as the interval starts"
    ),
    "price_da_usd_per_mwh": Column(
        "USD/MWh", -1_000, 20_000, 0.01, 0, "day-ahead price of this hour, published 13:30 local the day before"
    ),
    "basis_gen_usd_per_mwh": Column(
        "USD/MWh", -1_000, 0, 0.01, 1, "generation node minus load zone; never positive", 0.0
    ),
    "system_load_mw": Column("MW", 0, 1_000_000, 1.0, 1, "load of the whole grid", 50_000.0),
    "cp_weight": Column(
        "1", 0, 1, 1e-6, HIDDEN, "share of the year's coincident-peak charge on this row; posted at month end", 0.0
    ),
    "drybulb_c": Column("C", -50, 60, 0.1, 1, "outdoor dry bulb", 20.0),
    "wetbulb_c": Column("C", -50, 45, 0.1, 1, "outdoor wet bulb", 14.0),
    "wind_cf": Column("1", 0, 1, 1e-4, 1, "wind output as a share of nameplate", 0.0),
    "carbon_average_kg_per_mwh": Column("kg/MWh", 0, 2_000, 0.1, 1, "grid average intensity", 0.0),
    "btc_usd": Column("USD/BTC", 0, 10_000_000, 0.01, 1, "bitcoin price"),
    "difficulty": Column("1", 1, 1e18, 1e6, 0, "network difficulty"),
    "fees_btc_per_block": Column("BTC/block", 0, 1_000, 1e-6, 1, "transaction fees", 0.02),
    "subsidy_btc": Column("BTC/block", 0, 50, 1e-8, 0, "block subsidy", 3.125),
    "gpu_rent_usd_per_gpu_h": Column("USD/GPU-h", 0, 100, 0.001, 0, "market rent of one GPU", 2.2),
    "inference_load": Column("1", 0, 1, 1e-4, 1, "inference demand as a share of its peak GPUs", 0.7),
    "tenant_load": Column("1", 0, 1, 1e-4, 1, "share of reserved GPUs that tenants use", 0.8),
    "training_load": Column(
        "1", 0, 50, 1e-4, 1, "small training work arriving, GPU-hours per hour as a share of `training.base_gpus`", 0.8
    ),
    "import_limit_mw": Column(
        "MW", 0, 1_000_000, 0.1, 0, "grid's import limit now (emergency orders lower it)", 1_000_000.0
    ),
    "export_limit_mw": Column("MW", 0, 1_000_000, 0.1, 0, "grid's export limit now", 1_000_000.0),
    "mining_allowed": Column("1", 0, 1, 1.0, 0, "0 where the authorities forbid mining", 1.0),
    "solar_cf": Column("1", 0, 1, 1e-4, 1, "solar output as a share of nameplate", 0.0),
    "hydro_cf": Column("1", 0, 1, 1e-4, 1, "water inflow as a share of the site's `hydro_mw`", 0.0),
    "geothermal_cf": Column("1", 0, 1, 1e-4, 1, "geothermal output as a share of nameplate", 0.9),
    "fuel_cf": Column("1", 0, 1, 1e-3, 0, "share of the generator's power for which there is fuel", 1.0),
    "fuel_usd_per_mmbtu": Column("USD/MMBtu", 0, 100, 0.001, 0, "price of the generator's fuel", 2.0),
    "carbon_marginal_kg_per_mwh": Column("kg/MWh", -200, 2_000, 0.1, 1, "emissions of one more MWh of load", 0.0),
    "grid_cfe_frac": Column("1", 0, 1, 1e-4, 1, "carbon-free share of the grid's energy", 0.0),
    "reserve_0_usd_per_mw_h": Column("USD/MW-h", 0, 10_000, 0.01, 0, "availability price of the first product", 0.0),
    "reserve_1_usd_per_mw_h": Column("USD/MW-h", 0, 10_000, 0.01, 0, "availability price of the second product", 0.0),
    "reserve_2_usd_per_mw_h": Column("USD/MW-h", 0, 10_000, 0.01, 0, "availability price of the third product", 0.0),
    "reserve_0_deploy_frac": Column("1", 0, 1, 0.01, 0, "share of the first product that is called", 0.0),
    "reserve_1_deploy_frac": Column("1", 0, 1, 0.01, 0, "share of the second product that is called", 0.0),
    "reserve_2_deploy_frac": Column("1", 0, 1, 0.01, 0, "share of the third product that is called", 0.0),
    "event_frac": Column("1", 0, 1, 0.01, 0, "cut asked by a demand-response event, share of the baseline", 0.0),
    "event_usd_per_mwh": Column("USD/MWh", 0, 20_000, 0.01, 0, "pay of the running or announced event", 0.0),
    "event_ahead_h": Column(
        "h", 0, 48, 0.01, 0, "hours until the announced event; 0 while one runs, 48 if none is announced", 48.0
    ),
    "mining_levy_usd_per_mwh": Column("USD/MWh", 0, 500, 0.01, 0, "levy on energy used for mining", 0.0),
    "carbon_usd_per_t": Column("USD/t", 0, 1_000, 0.01, 0, "price of a tonne of CO2", 0.0),
    "on_demand_load": Column("1", 0, 1, 1e-4, 1, "demand at the lowest asking price, share of its peak GPUs", 0.0),
    "gpu_pow_usd_per_gpu_h": Column("USD/GPU-h", 0, 10, 1e-4, 0, "what a GPU earns by proof of work", 0.02),
    "tenant_contract_frac": Column("1", 0, 1, 1e-3, 0, "share of reserved GPUs that is under contract", 1.0),
    "u_fail_0": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: a block of the first fleet fails below its hazard", 1.0),
    "u_fail_1": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: the same for the second fleet", 1.0),
    "u_fail_2": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: the same for the third fleet", 1.0),
    "u_fail_3": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: the same for the fourth fleet", 1.0),
    "u_fail_4": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: shifted by each gang job's own, its failure", 1.0),
    "u_fail_5": Column("1", 0, 1, 1e-9, HIDDEN, "uniform: an outage of the generator", 1.0),
}

CALENDAR = ("hour_sin", "hour_cos", "season_sin", "season_cos", "weekend", "month", "month_frac")
"""Derived from the row's time when a trace is built; known in advance; not part of the hash."""

ROW = np.dtype([(name, np.float64) for name in (*COLUMNS, *CALENDAR)])

JOB = np.dtype(
    [("arrival_row", np.int64), ("deadline_row", np.int64), ("gpus", np.float64), ("gpu_hours", np.float64),
     ("bid_usd_per_gpu_h", np.float64), ("refused", np.int64), ("u_fail", np.float64)]
)  # fmt: skip
"""Gang jobs of 128 GPUs or more, ordered by arrival. `refused` = 1 where 32 earlier jobs are still open: no slot,
whatever the policy. `u_fail` in [0, 1) keys the job's failures: it shifts the row's uniform (Cranley-Patterson)."""

MIN_GANG_GPUS = 128
MAX_OPEN_JOBS = 32
MAX_BID_USD_PER_GPU_H = 1_000


class TraceError(ValueError):
    """A trace or its source is impossible; the message names source, column, row, value and what is allowed."""


@dataclass(frozen=True)
class Trace:
    """A checked trace, whatever it came from.

    Attributes:
        name: how results call it, e.g. `texas_wind/2001`.
        start: UTC time of row 0, at a full hour.
        interval_s: seconds a row.
        utc_offset_h: local standard time minus UTC, for calendars and publication times.
        rows: dtype `ROW`, shape [T].
        jobs: dtype `JOB`, ordered by `arrival_row`.
        forecast: float32 [ceil(T / rows an hour), len(FORECAST_VARIABLES), len(FORECAST_LEADS_H)].
        origin: per column "real", "derived", "given", "synthetic", "default" or "stressed".
    """

    name: str
    start: datetime
    interval_s: int
    utc_offset_h: float
    rows: np.ndarray
    jobs: np.ndarray
    forecast: np.ndarray
    origin: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of all that a policy can meet."""
        digest = hashlib.sha256()
        digest.update(f"{SCHEMA_VERSION}|{self.start.isoformat()}|{self.interval_s}|{self.utc_offset_h}|".encode())
        for name in COLUMNS:
            digest.update(np.ascontiguousarray(self.rows[name]).tobytes())
        digest.update(self.jobs.tobytes())
        digest.update(np.ascontiguousarray(self.forecast).tobytes())
        return digest.hexdigest()[:16]


def build_trace(
    name: str, start: datetime, interval_s: int, utc_offset_h: float, columns: dict[str, np.ndarray],
    jobs: np.ndarray, forecast: np.ndarray, origin: dict[str, str] | None = None,
) -> Trace:  # fmt: skip
    """Round, check and assemble a trace; columns that are absent take their default.

    Args:
        columns: float arrays of one length, named as in `COLUMNS`.
        jobs: dtype `JOB`, any order; `refused` is computed here.
        forecast: as in `Trace`; rounded to 4 significant decimals by its maker.

    Raises:
        TraceError: a required column is missing, a value is outside its range or not a number, or shapes disagree.
    """
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown:
        raise TraceError(f"{name}: unknown column {unknown[0]!r}; known columns: {', '.join(COLUMNS)}")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise TraceError(
            f"{name}: columns differ in length: " + ", ".join(f"{k}: {len(v)}" for k, v in columns.items())
        )
    n = lengths.pop()
    rows = np.zeros(n, ROW)
    origin = dict(origin or {})
    for column, spec in COLUMNS.items():
        if column in columns:
            values = np.asarray(columns[column], np.float64)
        elif spec.default is not None:
            values = np.full(n, spec.default)
            origin[column] = "default"
        else:
            raise TraceError(f"{name}: required column {column!r} ({spec.meaning}) is missing")
        rows[column] = np.round(values / spec.resolution) * spec.resolution + 0.0  # no -0.0: one zero, one hash
    _check_rows(name, rows)
    _fill_calendar(rows, start, interval_s, utc_offset_h)
    jobs = _check_jobs(name, jobs, n)
    expected = (-(-n // (3600 // interval_s)), len(FORECAST_VARIABLES), len(FORECAST_LEADS_H))
    if forecast.shape != expected or forecast.dtype != np.float32:
        raise TraceError(
            f"{name}: forecast must be float32 of shape {expected}, found {forecast.dtype} of {forecast.shape}"
        )
    if not np.isfinite(forecast).all():
        raise TraceError(
            f"{name}: forecast holds values that are not numbers, first at"
            f" {tuple(np.argwhere(~np.isfinite(forecast))[0].tolist())}"
        )
    for array in (rows, jobs, forecast):
        array.setflags(write=False)
    return Trace(name, start, interval_s, utc_offset_h, rows, jobs, forecast, origin)


def _check_rows(name: str, rows: np.ndarray) -> None:
    for column, spec in COLUMNS.items():
        values = rows[column]
        tolerance = spec.resolution / 2
        bad = np.flatnonzero(~((values >= spec.low - tolerance) & (values <= spec.high + tolerance)))
        if len(bad):
            raise TraceError(
                f"{name}: {column}, row {bad[0]}: found {float(values[bad[0]])!r}, allowed"
                f" {spec.low:g} to {spec.high:g} {spec.unit}"
                f" ({len(bad)} such rows); missing values must be filled before a trace is built"
            )
        np.clip(values, spec.low, spec.high, out=values)
    total = rows["cp_weight"].sum()
    if total > 1 + np.count_nonzero(rows["cp_weight"]) * COLUMNS["cp_weight"].resolution:
        raise TraceError(f"{name}: cp_weight adds up to {total:g} over the trace; at most 1 is allowed")


def _check_jobs(name: str, jobs: np.ndarray, n: int) -> np.ndarray:
    if jobs.dtype != JOB:
        raise TraceError(f"{name}: jobs must have dtype JOB with fields {', '.join(JOB.names or ())}")
    jobs = np.sort(jobs, order=["arrival_row", "deadline_row", "gpus", "gpu_hours"])
    arrival, deadline = jobs["arrival_row"], jobs["deadline_row"]
    bad = np.flatnonzero(~((arrival >= 0) & (arrival < n) & (deadline > arrival)))
    if len(bad):
        raise TraceError(
            f"{name}: job {bad[0]}: rows {arrival[bad[0]]} to {deadline[bad[0]]} must lie in order,"
            f" the first inside the trace"
        )
    bid = jobs["bid_usd_per_gpu_h"]
    if not ((jobs["u_fail"] >= 0) & (jobs["u_fail"] < 1)).all():
        raise TraceError(f"{name}: u_fail of every job must lie in [0, 1)")
    possible = (jobs["gpus"] >= MIN_GANG_GPUS) & np.isfinite(jobs["gpus"]) & (jobs["gpu_hours"] > 0)
    bad = np.flatnonzero(~(possible & np.isfinite(jobs["gpu_hours"]) & (bid >= 0) & (bid < MAX_BID_USD_PER_GPU_H)))
    if len(bad):
        raise TraceError(
            f"{name}: job {bad[0]}: needs gpus >= {MIN_GANG_GPUS}, gpu_hours > 0"
            f" and 0 <= bid < {MAX_BID_USD_PER_GPU_H}; found {jobs[bad[0]]}"
        )
    _mark_refused(jobs)
    return jobs


def _mark_refused(jobs: np.ndarray) -> None:
    """A job that arrives while `MAX_OPEN_JOBS` accepted ones are before their deadlines finds no slot."""
    deadlines: list[int] = []  # of the open jobs, as a heap
    refused = np.zeros(len(jobs), np.int64)
    for i, (arrival, deadline) in enumerate(
        zip(jobs["arrival_row"].tolist(), jobs["deadline_row"].tolist(), strict=True)
    ):
        while deadlines and deadlines[0] <= arrival:
            heapq.heappop(deadlines)
        if len(deadlines) >= MAX_OPEN_JOBS:
            refused[i] = 1
        else:
            heapq.heappush(deadlines, deadline)
    jobs["refused"] = refused


def _fill_calendar(rows: np.ndarray, start: datetime, interval_s: int, utc_offset_h: float) -> None:
    if start.tzinfo is None or start.astimezone(UTC).timestamp() % 3600:
        raise TraceError(f"a trace starts at a full hour in UTC; found {start.isoformat()}")
    local_s = start.timestamp() + utc_offset_h * 3600 + interval_s * np.arange(len(rows), dtype=np.float64)
    day_frac = (local_s % 86_400) / 86_400
    when = local_s.astype("datetime64[s]")
    year_start = when.astype("datetime64[Y]")
    season = (when - year_start).astype(np.float64) / (365.25 * 86_400)
    rows["hour_sin"], rows["hour_cos"] = np.sin(2 * np.pi * day_frac).round(6), np.cos(2 * np.pi * day_frac).round(6)
    rows["season_sin"], rows["season_cos"] = np.sin(2 * np.pi * season).round(6), np.cos(2 * np.pi * season).round(6)
    rows["weekend"] = (((local_s // 86_400).astype(np.int64) + 3) % 7 >= 5).astype(np.float64)
    month_start = when.astype("datetime64[M]")
    rows["month"] = month_start.astype(np.int64) % 12 + 1
    month_length = (month_start + 1).astype("datetime64[s]") - month_start.astype("datetime64[s]")
    rows["month_frac"] = ((when - month_start.astype("datetime64[s]")) / month_length).round(6)
