"""Gang jobs: GPU-hours of each job by slot, paid pro rata. Their all-or-nothing nature is relaxed.

Best case: no job fails, and checkpoints take no time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hybrid_env.optimum.horizon import Jobs, Periods, throughput_at_knee
from hybrid_env.optimum.programme import Columns, Floats, Ints, Lp, Term
from hybrid_env.sites.units import SECONDS_PER_HOUR

ROWS_A_NAME = 10_000_000
"""More than any trace has rows: an entry is named by job and slot row in one number."""
MOST_OPEN_AT_START = 1_000
"""More than the jobs that are open at a start, whose keys are negative."""


def restart_gpu_h(p: np.void, jobs: Jobs) -> Floats:
    """Least training work (GPU-hours) each job burns before its first progress, if it does not run already."""
    each = float(p["restart_s"]) / SECONDS_PER_HOUR * throughput_at_knee(p)
    return np.where(jobs.running, 0.0, each * jobs.gpus)


def open_slots(t: Periods, jobs: Jobs) -> tuple[Ints, Ints, Floats]:
    """Where jobs may run: entries (job, slot, hours open in that slot). One that opens when it is due has none."""
    edges = np.append(t.row, t.end_row)
    ends = np.concatenate([[0.0], np.cumsum(t.hours)])
    opens = np.interp(jobs.open_row, edges, ends)
    closes = np.interp(jobs.deadline_row, edges, ends)
    slot_end = np.cumsum(np.bincount(t.slot, t.hours))
    slot_start = np.concatenate([[0.0], slot_end[:-1]])
    first = np.searchsorted(slot_end, opens + 1e-9)
    after = np.searchsorted(slot_start, closes - 1e-9)
    count = np.where(closes > opens, np.maximum(0, after - first), 0)
    job = np.repeat(np.arange(len(jobs)), count)
    slot = np.arange(len(job)) - np.repeat(np.cumsum(count) - count, count) + first[job]
    hours = np.minimum(slot_end[slot], closes[job]) - np.maximum(slot_start[slot], opens[job])
    return job, slot, hours


@dataclass(frozen=True)
class Gang:
    """Entries (job, slot) with the column of the GPU-hours given; `delivered_frac` of them counts for the job,
    `[jobs]`."""

    given: Columns
    job: Ints
    slot: Ints
    delivered_frac: Floats

    @property
    def work_terms(self) -> list[Term]:
        """GPU-hours given to gang jobs by slot."""
        return [(1.0, self.given, self.slot)] if len(self.given) else []


def add(lp: Lp, p: np.void, t: Periods) -> Gang:
    """GPU-hours `z[job, slot]` of training work given to each job.

    `sum_s z <= left + restart`, `z <= gpus * hours open`. A job that must restart first delivers at most
    `left / (left + restart)` of each GPU-hour given: the hull of "nothing before the restart". Pay by the bid as
    work is delivered; the undelivered part is penalised if the deadline falls within the horizon, else it is worth
    what the books say. Where the operator may turn jobs away, those that have yet to arrive owe neither a
    penalty nor the price of their data. A job may run after the whole rows that its data takes.
    """
    jobs = t.jobs
    need = jobs.left_gpu_h + restart_gpu_h(p, jobs)
    delivered = jobs.left_gpu_h / need
    settled = jobs.deadline_row <= t.end_row
    undelivered = np.where(settled, -float(p["late_penalty_frac"]), float(p["open_work_frac"])) * jobs.bid
    if p["admission"] == 1:
        undelivered = np.where(jobs.running | (jobs.key < 0), undelivered, np.maximum(0.0, undelivered))
    else:  # who arrives brings data that has to be paid for
        arriving = ~jobs.running & (jobs.key >= 0)
        lp.constant_usd -= float(p["data_usd_per_gpu"]) * float(jobs.gpus[arriving].sum())
    lp.constant_usd += float(undelivered @ jobs.left_gpu_h)
    ready = jobs.open_row + np.floor(jobs.data_left_s / p["interval_s"]).astype(np.int64)
    job, slot, hours = open_slots(t, replace(jobs, open_row=ready))
    usd = ((jobs.bid - undelivered) * delivered)[job]
    names = (jobs.key[job] + MOST_OPEN_AT_START) * ROWS_A_NAME + t.slot_row[slot]
    given = lp.variable(
        "gang_gpu_h", (len(job),), 0.0, np.minimum(jobs.gpus[job] * hours, need[job]), usd, "entry", names
    )
    lp.constrain("gang_work", (len(jobs),), [(1.0, given, job)], high=need, axis="job", keys=jobs.key)
    return Gang(given, job, slot, delivered)
