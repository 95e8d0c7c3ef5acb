"""The state of a site: one record a lane. Copying the record is saving, restoring and branching."""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.gang import admit
from hybrid_env.sites.parameters import MAX_FLEETS, N_BUCKETS
from hybrid_env.traces.schema import MAX_OPEN_JOBS

_F, _I = np.float64, np.int64

LANE = np.dtype(
    [
        # where and when
        ("world", _I), ("site", _I), ("row", _I), ("end_row", _I), ("next_job", _I), ("job_end", _I),
        ("start_value_usd", _F),
        # mining
        ("fleet_mw", _F, MAX_FLEETS), ("fleet_awake", _F, MAX_FLEETS), ("fleet_boot_share", _F, MAX_FLEETS),
        ("fleet_boot_left_s", _F, MAX_FLEETS),
        # gpu
        ("throttle_used_h", _F), ("bucket_gpu_h", _F, N_BUCKETS),
        # gang: dense, sorted by deadline
        ("n_gang", _I), ("gang_deadline_row", _I, MAX_OPEN_JOBS), ("gang_gpus", _F, MAX_OPEN_JOBS),
        ("gang_left_gpu_h", _F, MAX_OPEN_JOBS), ("gang_bid", _F, MAX_OPEN_JOBS),
        ("gang_since_gpu_h", _F, MAX_OPEN_JOBS),
        ("gang_run_s", _F, MAX_OPEN_JOBS), ("gang_restart_left_s", _F, MAX_OPEN_JOBS),
        ("gang_running", _I, MAX_OPEN_JOBS),
        # cooling, battery
        ("gpu_hall_c", _F), ("mining_hall_c", _F), ("setpoint_c", _F), ("soc_mwh", _F),
        # tariff: highest load of the grid seen this month
        ("month_peak_mw", _F),
        # what the meters showed in the last interval
        ("mining_mw", _F), ("gpu_mw", _F), ("cooling_mw", _F), ("import_mw", _F), ("export_mw", _F),
        ("curtailed_mw", _F),
        ("cooling_load_frac", _F), ("training_gpus", _F), ("spot_gpus", _F),
        ("reserved_mw", _F), ("inference_mw", _F), ("training_mw", _F), ("spot_mw", _F),
    ]
)  # fmt: skip
"""`world` and `site` index the trace library and the parameter records; `row` is the interval about to be played; the
episode is cut before `end_row`. `bucket_gpu_h[j]` is small training work due at the (j+1)-th next boundary.
`gang_since_gpu_h` is progress since the last checkpoint. `start_value_usd` is what the start's leftovers were worth."""

N_START_UNIFORMS = 8


@part
def begin(s, p, world_rows, jobs, job_start, job_end, world, row, end_row, uniforms):
    """Put a lane at the start of an episode in a plausible state drawn from `uniforms` (8 numbers in [0, 1))."""
    now = world_rows[row]
    s.world, s.row, s.end_row = world, row, end_row
    s.soc_mwh = p.soc_min_mwh + (0.1 + 0.8 * uniforms[0]) * (p.soc_max_mwh - p.soc_min_mwh)
    s.setpoint_c = p.setpoint_min_c + uniforms[1] * (p.setpoint_max_c - p.setpoint_min_c)
    s.gpu_hall_c, s.mining_hall_c = s.setpoint_c, p.mining_hall_setpoint_c
    awake = 1.0 if now.mining_allowed > 0.5 and uniforms[2] < 0.8 else 0.0
    for f in range(MAX_FLEETS):
        s.fleet_awake[f] = awake if f < p.n_fleets else 0.0
        s.fleet_mw[f] = s.fleet_awake[f] * p.fleet_floor_mw[f]
        s.fleet_boot_share[f] = s.fleet_boot_left_s[f] = 0.0
    s.throttle_used_h = uniforms[3] * now.month_frac * p.throttle_budget_h
    due_later = 1.0
    hours = p.rows_per_bucket * p.interval_h
    for j in range(N_BUCKETS):
        s.bucket_gpu_h[j] = 0.6 * uniforms[4] * due_later * p.training_gpus * hours * 0.25
        due_later -= p.arrival_share[j]
    _load_open_jobs(s, jobs, job_start, job_end, row, 0.5 + 0.5 * uniforms[5])
    _read_meters(s, p, world_rows, row)
    s.start_value_usd = leftover_usd(s, p)


@part
def _load_open_jobs(s, jobs, job_start, job_end, row, left_share):
    """Jobs that arrived before the start are half done in proportion to the time they have had, and running."""
    s.n_gang, s.next_job, s.job_end = 0, job_start, job_end
    while s.next_job < job_end and jobs[s.next_job].arrival_row < row:
        job = jobs[s.next_job]
        if job.refused == 0 and job.deadline_row > row:
            share = left_share * (job.deadline_row - row) / (job.deadline_row - job.arrival_row)
            slot = admit(s, job)
            s.gang_left_gpu_h[slot] = job.gpu_hours * share
            s.gang_running[slot] = 1
        s.next_job += 1


@part
def _read_meters(s, p, world_rows, row):
    s.mining_mw = s.gpu_mw = s.cooling_mw = s.import_mw = s.export_mw = s.curtailed_mw = 0.0
    s.cooling_load_frac = s.training_gpus = s.spot_gpus = 0.0
    s.reserved_mw = s.inference_mw = s.training_mw = s.spot_mw = 0.0
    s.month_peak_mw = 0.0
    k = row - 1
    while k >= 0 and world_rows[k].month == world_rows[row].month:
        s.month_peak_mw = max(s.month_peak_mw, world_rows[k].system_load_mw)
        k -= 1


@part
def leftover_usd(s, p):
    """Worth (USD) of charge, open training work, awake machines and unused throttle hours, as in the optimiser."""
    usd = s.soc_mwh * p.discharge_efficiency * p.charge_value_usd_per_mwh
    for j in range(N_BUCKETS):
        usd += p.open_work_frac * p.training_price * s.bucket_gpu_h[j]
    for k in range(s.n_gang):
        usd += p.open_work_frac * s.gang_bid[k] * s.gang_left_gpu_h[k]
    for f in range(p.n_fleets):
        usd += s.fleet_awake[f] * p.fleet_nameplate_mw[f] * p.wear_usd_per_mw_start
    return usd + max(0.0, p.throttle_budget_h - s.throttle_used_h) * p.throttle_value_usd_per_h
