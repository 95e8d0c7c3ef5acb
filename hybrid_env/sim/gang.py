"""Gang jobs: all GPUs or none, progress since the last checkpoint lost on preemption."""

from __future__ import annotations

from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import (
    ARRIVED_H,
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
)

SECONDS_PER_HOUR = 3_600.0


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
    s.gang_running[k] = 0
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


@part
def arrive(s, jobs, out):
    """Take in the jobs of this row."""
    while s.next_job < s.job_end and jobs[s.next_job].arrival_row <= s.row:
        job = jobs[s.next_job]
        if job.refused == 0:
            admit(s, job)
            out.work[JOBS_ARRIVED] += 1.0
            out.work[ARRIVED_H] += job.gpu_hours
        else:
            out.work[JOBS_REFUSED] += 1.0
        s.next_job += 1


@part
def run(s, p, gpus, rate, out):
    """Run jobs in order of deadline on at most `gpus` GPUs, each doing `rate` GPU-hours an hour; returns GPUs used."""
    free = gpus
    for k in range(s.n_gang):
        if s.gang_gpus[k] <= free:
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
    done = min(s.gang_left_gpu_h[k], s.gang_gpus[k] * rate * (p.interval_s - waiting_s) / SECONDS_PER_HOUR)
    s.gang_left_gpu_h[k] -= done
    s.gang_since_gpu_h[k] += done
    s.gang_run_s[k] += p.interval_s
    if s.gang_run_s[k] >= p.checkpoint_s:
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
        if s.gang_left_gpu_h[k] <= 1e-9:
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
