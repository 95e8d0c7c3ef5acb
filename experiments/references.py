"""`python -m experiments.references task=texas_wind`: recompute what scores of a task are measured against.

Each part of each world is computed by itself and kept as one file in the work folder, so a stopped run goes on with the
parts that are missing. The folder is named by site, years and simulator; delete it after changing optimiser or
controllers. Parts:

| part | what | needs |
| --- | --- | --- |
| naive | the zero of the score | - |
| bound | the certified bound | optimiser |
| reachable | R*: the plan with full knowledge, replayed in the simulator and improved by search | optimiser |
| p24 | P24: control that knows the next 24 hours exactly | optimiser |
| mpc | control on honest forecasts, a contestant like any other | optimiser |
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Literal

import numpy as np
from pydantic import Field

from experiments.command import Settings, UserError, console, run_programme
from experiments.progress import progress_bar
from hybrid_env.baselines.registry import make_policy
from hybrid_env.scoring.evaluate import HOURS_PER_WEEK, evaluate, year_batch
from hybrid_env.scoring.reference import REFERENCES_FILE, RESULTS_FOLDER, references_folder
from hybrid_env.scoring.result import Kind, Result, load_result, write_atomically
from hybrid_env.scoring.score import References, split_bound
from hybrid_env.sim.compiler import kernel_hash
from hybrid_env.tasks import WEEKS, Task

Part = Literal["naive", "bound", "reachable", "p24", "mpc"]
Tell = Callable[[int, int], None]

POLICIES: dict[str, tuple[str, str, Kind]] = {
    "naive": ("naive", "naive", "rule"),
    "reachable": ("reachable", "R*", "reference"),
    "p24": ("p24", "P24", "reference"),
    "mpc": ("mpc", "mpc", "mpc"),
}
"""Part -> name in the registry, name in results, kind."""


class ReferencesSettings(Settings):
    """`configs/references.yaml`."""

    task: Task
    parts: tuple[Part, ...] = Field(min_length=1)
    weeks: int = Field(gt=0, le=WEEKS)
    processes: int = Field(gt=0, le=256)
    work: Path
    stored: Path | None
    """Folder to write; None is the one in the package."""


@dataclass(frozen=True)
class Job:
    """One part of one world."""

    part: Part
    task: Task
    """With this world as its only test year."""
    weeks: int
    path: Path

    @property
    def label(self) -> str:
        """`bound, 3001`."""
        return f"{self.part}, {self.task.test_seeds[0]}"


def main(settings: ReferencesSettings) -> None:
    """Compute what is missing, then write the references and the results of the controllers."""
    task = settings.task
    _check_policies(settings.parts)
    folder = work_folder(settings.work, task, settings.weeks)
    jobs = [
        Job(part, task.model_copy(update={"test_seeds": (seed,)}), settings.weeks, folder / f"{part}-{seed}.json")
        for part in settings.parts
        for seed in task.test_seeds
    ]
    missing = [job for job in jobs if not job.path.exists()]
    console.print(f"{folder}: {len(jobs) - len(missing)} of {len(jobs)} parts are there")
    compute(missing, settings.processes)
    target = settings.stored or references_folder(task)
    _save_results(task, settings.parts, folder, target / RESULTS_FOLDER)
    needed = [folder / f"{part}-{seed}.json" for part in ("naive", "bound") for seed in task.test_seeds]
    if not all(path.exists() for path in needed):
        console.print("no references are written before naive and bound are there (parts=[naive,bound])")
        return
    path = assemble(task, folder, settings.weeks).save(target / REFERENCES_FILE)
    console.print(f"references: {path}")


def _check_policies(parts: Sequence[str]) -> None:
    """Say at once, not after hours, that a controller cannot run here."""
    for part in parts:
        if part in POLICIES:
            make_policy(POLICIES[part][0])


def work_folder(work: Path, task: Task, weeks: int) -> Path:
    """One folder for all parts of the same site, years, weeks and simulator."""
    parts = [task.id, task.site_model.hash, *task.library("test").hashes, kernel_hash(), str(weeks)]
    return work / f"{task.slug}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:10]}"


# -- computing ---------------------------------------------------------------------------------------------------------


def compute(jobs: Sequence[Job], processes: int) -> None:
    """Run jobs side by side, each in its own process; a finished job's file is there whatever happens to others."""
    if not jobs:
        return
    with multiprocessing.Manager() as manager, progress_bar() as bar:
        told: Any = manager.Queue()
        lines = {job.label: bar.add_task(job.label, total=None, note="waiting") for job in jobs}
        pool = ProcessPoolExecutor(min(processes, len(jobs)), mp_context=multiprocessing.get_context("spawn"))
        try:
            futures = {pool.submit(run_job, job, told): job for job in jobs}
            _follow(
                futures, told, lambda label, done, total: bar.update(lines[label], completed=done, total=total, note="")
            )
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _follow(futures: dict[Future[None], Job], told: Any, update: Callable[[str, int, int | None], None]) -> None:
    """Show what the workers tell until all are done; the first error is raised."""
    while True:
        waiting = [future for future in futures if not future.done()]
        try:
            update(*told.get(timeout=0.5))
        except Empty:
            if not waiting:
                break
    for future in as_completed(futures):
        future.result()


def run_job(job: Job, told: Any) -> None:
    """Compute one part and write its file."""

    def tell(done: int, total: int) -> None:
        told.put((job.label, done, total))

    told.put((job.label, 0, None))
    compute_part = bound_part if job.part == "bound" else policy_part
    write_atomically(job.path, compute_part(job, tell))


def policy_part(job: Job, tell: Tell) -> str:
    """A year of one policy in one world, as a result."""
    name, shown, kind = POLICIES[job.part]
    policy = make_policy(name)
    policy.name = shown
    config = {"policy": name, "split": "test", "weeks": job.weeks}
    return evaluate(policy, job.task, kind, weeks=job.weeks, config=config, progress=tell).model_dump_json()


def bound_part(job: Job, tell: Tell) -> str:
    """The certified bound of one world, from the state in which every evaluation starts."""
    from hybrid_env.optimum.bound import bound
    from hybrid_env.optimum.horizon import StartState

    batch = year_batch(job.task, "test", job.weeks)
    lane = batch.lanes[0]
    rows = job.weeks * HOURS_PER_WEEK * 3600 // batch.site.interval_s
    state = StartState.from_lane(lane, batch.parameters[0])
    found = bound(batch.site, batch.library.traces[0], int(lane["row"]), rows, state, workers=1, progress=tell)
    return json.dumps(
        {
            "value_usd": found.value_usd,
            "primal_usd": found.primal_usd,
            "status": found.status,
            "violation": found.violation,
            "windows": found.windows,
            "seconds": found.seconds,
        },
        indent=1,
    )


# -- putting together --------------------------------------------------------------------------------------------------


def assemble(task: Task, folder: Path, weeks: int) -> References:
    """The task's references from the parts of all worlds.

    The weekly split of the bound, which serves the bootstrap alone, follows R* where it is there, else P24, else naive.
    """
    library = task.library("test")
    naive = gathered("naive", task, folder)
    reachable, p24 = gathered("reachable", task, folder), gathered("p24", task, folder)
    if naive is None:
        raise UserError(f"{folder}: parts of naive are missing; run with parts=[naive,bound]")
    bounds = tuple(float(_read(folder / f"bound-{seed}.json")["value_usd"]) for seed in task.test_seeds)
    shape = reachable or p24 or naive
    return References(
        task=task.id,
        worlds=library.names,
        trace_hashes=dict(zip(library.names, library.hashes, strict=True)),
        site_hash=task.site_model.hash,
        naive_usd=naive.weekly_usd,
        bound_usd=bounds,
        bound_weekly_usd=tuple(tuple(row) for row in split_bound(shape.weekly(), bounds).tolist()),
        reachable_usd=None if reachable is None else reachable.weekly_usd,
        p24_usd=None if p24 is None else p24.weekly_usd,
        naive_accounts_usd=naive.accounts_usd,
    )


def gathered(part: str, task: Task, folder: Path) -> Result | None:
    """One policy's results of all worlds as one; None where a world is missing."""
    paths = [folder / f"{part}-{seed}.json" for seed in task.test_seeds]
    return joined([load_result(path) for path in paths]) if all(path.exists() for path in paths) else None


def joined(results: Sequence[Result]) -> Result:
    """Results of the same policy in different worlds as one result."""
    first = results[0]
    hashes = {world: hash_ for result in results for world, hash_ in result.provenance.trace_hashes.items()}
    return first.model_copy(
        update={
            "worlds": tuple(world for result in results for world in result.worlds),
            "weekly_usd": tuple(row for result in results for row in result.weekly_usd),
            **{name: _sum([getattr(r, name) for r in results]) for name in ("accounts_usd", "mwh", "kg", "work")},
            "decision_latency_ms": float(np.median([result.decision_latency_ms for result in results])),
            "provenance": first.provenance.model_copy(update={"trace_hashes": hashes}),
        }
    )


def _sum(tables: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: sum(table[name] for table in tables) for name in tables[0]}


def _save_results(task: Task, parts: Sequence[str], folder: Path, target: Path) -> None:
    """Keep the controllers' results, which leaderboards show; naive is in the references themselves."""
    for part in parts:
        result = gathered(part, task, folder) if part in POLICIES and part != "naive" else None
        if result is not None:
            console.print(f"{result.save(target)}: {result.weekly().mean() / 1e3:,.1f} k USD a week")


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read; delete it and run the same command again") from error


if __name__ == "__main__":
    run_programme("references", ReferencesSettings, main)
