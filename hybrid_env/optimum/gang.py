"""Gang jobs: GPU-hours of each job by slot, paid pro rata. Their all-or-nothing nature is relaxed."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum.horizon import Jobs, Periods, throughput_at_knee
from hybrid_env.optimum.programme import Floats, Ints, Lp, Term

SECONDS_PER_HOUR = 3_600.0


def restart_gpu_h(p: np.void, jobs: Jobs) -> Floats:
    """Least training work (GPU-hours) each job burns before its first progress, if it does not run already."""
    each = float(p["restart_s"]) / SECONDS_PER_HOUR * throughput_at_knee(p)
    return np.where(jobs.running, 0.0, each * jobs.gpus)


def open_slots(t: Periods, jobs: Jobs) -> tuple[Ints, Ints, Floats]:
    """Where jobs may run: entries (job, slot, hours open in that slot)."""
    edges = np.append(t.row, t.end_row)
    ends = np.concatenate([[0.0], np.cumsum(t.hours)])
    opens = np.interp(jobs.open_row, edges, ends)
    closes = np.interp(jobs.deadline_row, edges, ends)
    slot_end = np.cumsum(np.bincount(t.slot, t.hours))
    slot_start = np.concatenate([[0.0], slot_end[:-1]])
    first = np.searchsorted(slot_end, opens + 1e-9)
    after = np.searchsorted(slot_start, closes - 1e-9)
    count = np.maximum(0, after - first)
    job = np.repeat(np.arange(len(jobs)), count)
    slot = np.arange(len(job)) - np.repeat(np.cumsum(count) - count, count) + first[job]
    hours = np.minimum(slot_end[slot], closes[job]) - np.maximum(slot_start[slot], opens[job])
    return job, slot, hours


def add(lp: Lp, p: np.void, t: Periods) -> list[Term]:
    """GPU-hours `z[job, slot]` of training work given to each job; returns the terms to take from a slot's training work.

    `sum_s z <= left + restart`, `z <= gpus * hours open`. A job that must restart first delivers at most
    `left / (left + restart)` of each GPU-hour given: the hull of "nothing before the restart". Pay by the bid as work is delivered;
    the undelivered part is penalised if the deadline falls within the horizon, else it is worth what the books say.
    """
    jobs = t.jobs
    if not len(jobs):
        return []
    restart = restart_gpu_h(p, jobs)
    delivered = jobs.left_gpu_h / (jobs.left_gpu_h + restart)
    settled = jobs.deadline_row <= t.end_row
    undelivered = np.where(settled, -float(p["late_penalty_frac"]), float(p["open_work_frac"])) * jobs.bid
    lp.constant_usd += float(undelivered @ jobs.left_gpu_h)
    job, slot, hours = open_slots(t, jobs)
    usd = ((jobs.bid - undelivered) * delivered)[job]
    most = np.minimum(jobs.gpus[job] * hours, (jobs.left_gpu_h + restart)[job])
    given = lp.variable("gang_gpu_h", (len(job),), 0.0, most, usd, "entry", np.arange(len(job)))
    order = np.argsort(jobs.key, kind="stable")
    place = np.empty(len(jobs), np.int64)
    place[order] = np.arange(len(jobs))
    limit = (jobs.left_gpu_h + restart)[order]
    lp.constrain("gang_work", (len(jobs),), [(1.0, given, place[job])], high=limit, axis="job", keys=jobs.key[order])
    return [(-1.0, given, slot)]
