"""Gang jobs: all GPUs or none, progress since the last checkpoint lost on preemption and on failure."""

from __future__ import annotations

from math import sqrt

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import (
    ARRIVED_H,
    DATA_USD,
    GANG_FAILURES,
    JOBS_ARRIVED,
    JOBS_FINISHED,
    JOBS_LATE,
    JOBS_REFUSED,
    LATE_H,
    LATE_USD,
    RESTARTS,
    ROLLED_BACK_H,
    TRAINING_H,
    TRAINING_USD,
    TURNED_AWAY,
)
from hybrid_env.sim.table import centre, squash
from hybrid_env.sites.units import SECONDS_PER_HOUR
from hybrid_env.traces.schema import MAX_OPEN_JOBS

_F, _I = np.float64, np.int64
STATE = [
    ("next_job", _I), ("job_end", _I), ("n_gang", _I), ("gang_deadline_row", _I, MAX_OPEN_JOBS),
    ("gang_gpus", _F, MAX_OPEN_JOBS), ("gang_left_gpu_h", _F, MAX_OPEN_JOBS), ("gang_bid", _F, MAX_OPEN_JOBS),
    ("gang_since_gpu_h", _F, MAX_OPEN_JOBS), ("gang_run_s", _F, MAX_OPEN_JOBS),
    ("gang_restart_left_s", _F, MAX_OPEN_JOBS), ("gang_running", _I, MAX_OPEN_JOBS),
    ("gang_u_fail", _F, MAX_OPEN_JOBS), ("gang_data_left_s", _F, MAX_OPEN_JOBS),
]  # fmt: skip
"""Open jobs, dense and sorted by deadline, and the next of the trace's table. `gang_since_gpu_h` is progress since the
last checkpoint; `gang_u_fail` keys a job's failures and is seen by nobody;
`gang_data_left_s` is the time until its data is there."""

RENT_SCALE = 5.0
HIGHEST_FLOOR = 5.0
"""USD per GPU-hour: more than gang jobs bid, so that the action can refuse them all."""
SLACK_STEPS_H = (1.0, 4.0, 12.0)
MOST_SLACK_H = 48.0
"""More than an open job has of it."""
WAITING_ZOOM, AT_RISK_ZOOM = 2.0, 4.0
LEFT_SCALE_H, SLACK_WORK_SCALE_H = 12.0, 4.0
"""Hours of work of the whole pool."""
SLACK_SCALE_H, DATA_SCALE_H = 6.0, 6.0
DONE_GPU_H = 1e-9
"""Less than this is rounding, and a job is finished."""


@part
def admit(s, job):
    """Insert a job by deadline; returns its slot."""
    k = s.n_gang
    while k > 0 and s.gang_deadline_row[k - 1] > job.deadline_row:
        _move(s, k - 1, k)
        k -= 1
    s.gang_deadline_row[k], s.gang_gpus[k] = job.deadline_row, job.gpus
    s.gang_left_gpu_h[k], s.gang_bid[k] = job.gpu_hours, job.bid_usd_per_gpu_h
    s.gang_since_gpu_h[k] = s.gang_run_s[k] = s.gang_restart_left_s[k] = 0.0
    s.gang_data_left_s[k] = 0.0
    s.gang_running[k] = 0
    s.gang_u_fail[k] = job.u_fail
    s.n_gang += 1
    return k


@part
def _move(s, source, target):
    s.gang_deadline_row[target] = s.gang_deadline_row[source]
    s.gang_gpus[target] = s.gang_gpus[source]
    s.gang_left_gpu_h[target] = s.gang_left_gpu_h[source]
    s.gang_bid[target] = s.gang_bid[source]
    s.gang_since_gpu_h[target] = s.gang_since_gpu_h[source]
    s.gang_run_s[target] = s.gang_run_s[source]
    s.gang_restart_left_s[target] = s.gang_restart_left_s[source]
    s.gang_running[target] = s.gang_running[source]
    s.gang_u_fail[target] = s.gang_u_fail[source]
    s.gang_data_left_s[target] = s.gang_data_left_s[source]


@part
def arrive(s, p, jobs, admission, out):
    """Take in the jobs of this row; where the operator may choose, those that bid under its floor are turned away.

    The floor is 0 at `admission` = 0 and `HIGHEST_FLOOR` at 1. A job turned away pays nothing and claims nothing.
    """
    floor = admission * HIGHEST_FLOOR if p.admission == 1 else 0.0
    while s.next_job < s.job_end and jobs[s.next_job].arrival_row <= s.row:
        job = jobs[s.next_job]
        if job.refused == 0 and job.bid_usd_per_gpu_h < floor:
            out.work[TURNED_AWAY] += 1.0
        elif job.refused == 0:
            slot = admit(s, job)
            if p.data_s_per_gpu > 0.0:
                s.gang_data_left_s[slot] = job.gpus * p.data_s_per_gpu
                out.usd[DATA_USD] -= job.gpus * p.data_usd_per_gpu
            out.work[JOBS_ARRIVED] += 1.0
            out.work[ARRIVED_H] += job.gpu_hours
        else:
            out.work[JOBS_REFUSED] += 1.0
        s.next_job += 1


@part
def fail(s, p, row, out):
    """Jobs that run as the interval begins and fail now fall back to their last checkpoint and must restart.

    A job of g GPUs fails with probability `g h / M`, M the mean time between failures of one GPU: its uniform is the
    row's, shifted by its own and wrapped (Cranley-Patterson), so that it does not depend on what else is open. A row's
    uniform of 1 is a source's word for "nothing fails".
    """
    if row.u_fail_4 >= 1.0:
        return
    for k in range(s.n_gang):
        if s.gang_running[k] == 1:
            uniform = row.u_fail_4 + s.gang_u_fail[k]
            if uniform >= 1.0:
                uniform -= 1.0
            if uniform < s.gang_gpus[k] * p.interval_h / p.gpu_mtbf_h:
                _preempt(s, k, out)
                out.work[GANG_FAILURES] += 1.0


@part
def checkpoint_interval_s(p, gpus):
    """Running time between the checkpoints of a job of `gpus`: the site's, or Young-Daly's `sqrt(2 C M / gpus)`."""
    return sqrt(p.young_daly_gpu_s2 / gpus) if p.young_daly_gpu_s2 > 0.0 else p.checkpoint_s


@part
def run(s, p, gpus, rate, out):
    """Run jobs in order of deadline on at most `gpus` GPUs, each doing `rate` GPU-hours an hour; returns GPUs used.

    A job whose data is not there as the interval begins waits.
    """
    free = gpus
    for k in range(s.n_gang):
        if s.gang_data_left_s[k] > 0.0:
            s.gang_data_left_s[k] -= p.interval_s
        elif s.gang_gpus[k] <= free:
            free -= s.gang_gpus[k]
            _progress(s, p, k, rate, out)
        elif s.gang_running[k] == 1:
            _preempt(s, k, out)
    return gpus - free


@part
def _progress(s, p, k, rate, out):
    if s.gang_running[k] == 0:
        s.gang_running[k] = 1
        s.gang_restart_left_s[k] = p.restart_s
        out.work[RESTARTS] += 1.0
    waiting_s = min(s.gang_restart_left_s[k], p.interval_s)
    s.gang_restart_left_s[k] -= waiting_s
    checkpoint_s = checkpoint_interval_s(p, s.gang_gpus[k])
    progress = rate * max(0.0, 1.0 - p.checkpoint_cost_s / checkpoint_s)
    done = min(s.gang_left_gpu_h[k], s.gang_gpus[k] * progress * (p.interval_s - waiting_s) / SECONDS_PER_HOUR)
    s.gang_left_gpu_h[k] -= done
    s.gang_since_gpu_h[k] += done
    s.gang_run_s[k] += p.interval_s
    if s.gang_run_s[k] >= checkpoint_s:
        s.gang_run_s[k] = s.gang_since_gpu_h[k] = 0.0
    out.usd[TRAINING_USD] += done * s.gang_bid[k]
    out.work[TRAINING_H] += done


@part
def _preempt(s, k, out):
    """Back to the last checkpoint; what was paid for the lost progress is paid back."""
    lost = s.gang_since_gpu_h[k]
    s.gang_left_gpu_h[k] += lost
    s.gang_since_gpu_h[k] = s.gang_run_s[k] = s.gang_restart_left_s[k] = 0.0
    s.gang_running[k] = 0
    out.usd[TRAINING_USD] -= lost * s.gang_bid[k]
    out.work[TRAINING_H] -= lost
    out.work[ROLLED_BACK_H] += lost


@part
def close(s, p, next_row, out):
    """Remove finished jobs and those whose deadline has come; the unfinished part is penalised."""
    kept = 0
    for k in range(s.n_gang):
        if s.gang_left_gpu_h[k] <= DONE_GPU_H:
            out.work[JOBS_FINISHED] += 1.0
        elif s.gang_deadline_row[k] <= next_row:
            out.work[JOBS_LATE] += 1.0
            out.work[LATE_H] += s.gang_left_gpu_h[k]
            out.usd[LATE_USD] -= p.late_penalty_frac * s.gang_bid[k] * s.gang_left_gpu_h[k]
        else:
            if kept < k:
                _move(s, k, kept)
            kept += 1
    s.n_gang = kept


@part
def begin(s, p, jobs, job_start, job_end, row, left_share):
    """Jobs that arrived before the start are half done in proportion to the time they have had, and running.

    They come only to a site that sells training.
    """
    s.n_gang, s.next_job, s.job_end = 0, job_start, job_end
    if p.training_gpus <= 0.0:
        return
    while s.next_job < job_end and jobs[s.next_job].arrival_row < row:
        job = jobs[s.next_job]
        if job.refused == 0 and job.deadline_row > row:
            share = left_share * (job.deadline_row - row) / (job.deadline_row - job.arrival_row)
            slot = admit(s, job)
            s.gang_left_gpu_h[slot] = job.gpu_hours * share
            s.gang_running[slot] = 1
        s.next_job += 1


@part
def leftover_usd(s, p):
    """Open work at a share of its pay."""
    usd = 0.0
    for k in range(s.n_gang):
        usd += p.open_work_frac * s.gang_bid[k] * s.gang_left_gpu_h[k]
    return usd


def fields(p: np.void) -> list[Field]:
    """Observed of gang jobs."""
    if not p["training_gpus"] > 0:
        return []
    out = [
        Field("gang_running_frac", "state", "centre", "GPUs of running gang jobs over the pool"),
        Field("gang_waiting_frac", "state", "squash(2 x)", "GPUs of waiting gang jobs over the pool"),
        Field("gang_left_gpu_h", "state", "squash(x / (12 pool))", "work left in gang jobs"),
        Field("gang_urgent_gpu_h", "state", "squash(x / (4 pool))", "gang work with less than 1 h of slack"),
        Field("gang_soon_gpu_h", "state", "squash(x / (4 pool))", "gang work with 1 to 4 h of slack"),
        Field("gang_later_gpu_h", "state", "squash(x / (4 pool))", "gang work with 4 to 12 h of slack"),
        Field("gang_bid_usd_per_gpu_h", "state", "centre(x / 5)", "mean pay of open gang work"),
        Field("gang_at_risk_gpu_h", "state", "squash(4 x / pool)", "progress since the last checkpoints"),
        Field("gang_least_slack_h", "state", "squash(x / 6)", "least slack of an open gang job"),
    ]
    if p["data_s_per_gpu"] > 0:
        out += [
            Field("gang_receiving_frac", "state", "squash(2 x)", "GPUs of jobs whose data is on its way over the pool"),
            Field("gang_next_data_h", "state", "squash(x / 6)", "time until a job's data is there; 1 if none waits"),
        ]
    return out


@part
def observe(s, p, pool, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    if p.training_gpus <= 0.0:
        return k
    running, waiting, at_risk, left_h, worth_usd = 0.0, 0.0, 0.0, 0.0, 0.0
    urgent_h, soon_h, later_h, least = 0.0, 0.0, 0.0, MOST_SLACK_H
    receiving, next_data_h = 0.0, MOST_SLACK_H
    for j in range(s.n_gang):
        if s.gang_running[j] == 1:
            running += s.gang_gpus[j]
        else:
            waiting += s.gang_gpus[j]
        data_h = max(0.0, s.gang_data_left_s[j]) / SECONDS_PER_HOUR
        slack_h = (s.gang_deadline_row[j] - s.row) * p.interval_h - s.gang_left_gpu_h[j] / s.gang_gpus[j] - data_h
        if data_h > 0.0:
            receiving += s.gang_gpus[j]
            next_data_h = min(next_data_h, data_h)
        if slack_h < SLACK_STEPS_H[0]:
            urgent_h += s.gang_left_gpu_h[j]
        elif slack_h < SLACK_STEPS_H[1]:
            soon_h += s.gang_left_gpu_h[j]
        elif slack_h < SLACK_STEPS_H[2]:
            later_h += s.gang_left_gpu_h[j]
        least = min(least, slack_h)
        at_risk += s.gang_since_gpu_h[j]
        left_h += s.gang_left_gpu_h[j]
        worth_usd += s.gang_left_gpu_h[j] * s.gang_bid[j]
    obs[k], obs[k + 1] = centre(running / pool), squash(waiting / pool * WAITING_ZOOM)
    obs[k + 2] = squash(left_h / (pool * LEFT_SCALE_H))
    obs[k + 3] = squash(urgent_h / (pool * SLACK_WORK_SCALE_H))
    obs[k + 4] = squash(soon_h / (pool * SLACK_WORK_SCALE_H))
    obs[k + 5] = squash(later_h / (pool * SLACK_WORK_SCALE_H))
    obs[k + 6] = centre(worth_usd / left_h / RENT_SCALE) if left_h > 0.0 else -1.0
    obs[k + 7] = squash(at_risk / pool * AT_RISK_ZOOM)
    obs[k + 8] = squash(least / SLACK_SCALE_H) if s.n_gang > 0 else 1.0
    k += 9
    if p.data_s_per_gpu > 0.0:
        obs[k] = squash(receiving / pool * WAITING_ZOOM)
        obs[k + 1] = squash(next_data_h / DATA_SCALE_H) if receiving > 0.0 else 1.0
        k += 2
    return k
