"""`python -m experiments.real_replay task=texas_wind data=../shared/data`: does a real year rank policies as generated
years do?

Every policy plays the task's generated test years and one real year. What is in the results folder, or stored with the
package, is not played again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field
from rich.markup import escape

from experiments.agreement import agreement, ranks
from experiments.command import Settings, UserError, console, run_programme
from experiments.evaluate import check_writable, command_line, evaluate_rule, results_folder, with_trace
from experiments.real_years import make_real_year
from experiments.replay_report import Played, ReplayReport
from experiments.report.real_replay import replay_page, replay_table
from hybrid_env.baselines.registry import RULES, policy_names
from hybrid_env.scoring.reference import stored_results
from hybrid_env.scoring.result import Result
from hybrid_env.tasks import WEEKS, Task
from hybrid_env.traces.schema import COLUMNS

BASELINES = (*RULES, "mpc")
"""What is ranked if nothing is named: all rules and model-predictive control."""
NAIVE = "naive"


class ReplaySettings(Settings):
    """`configs/real_replay.yaml`."""

    task: Task
    data: Path | None
    year: int
    policies: tuple[str, ...] | None
    weeks: int = Field(gt=0, le=WEEKS)
    results: Path
    folder: Path
    overwrite: bool


def chosen(policies: Sequence[str] | None) -> tuple[str, ...]:
    """The policies to rank, naive first.

    Raises:
        UserError: a name is unknown or occurs twice.
    """
    names = BASELINES if policies is None else tuple(dict.fromkeys([NAIVE, *policies]))
    unknown = [name for name in names if name not in policy_names()]
    if unknown:
        raise UserError(f"policies: there is no {unknown[0]!r}; known: {', '.join(policy_names())}")
    return names


def generated_results(names: Sequence[str], settings: ReplaySettings) -> dict[str, Result]:
    """Each policy on the task's test years: stored with the package where it is for these very years, else played."""
    task, weeks = settings.task, settings.weeks
    library = task.library("test")
    hashes = dict(zip(library.names, library.hashes, strict=True))
    stored = {
        result.policy: result
        for result in stored_results(task)
        if result.task == task.id and result.weekly().shape[1] == weeks
        and (result.provenance.site_hash, result.provenance.trace_hashes) == (task.site_model.hash, hashes)
    }  # fmt: skip
    return {
        name: stored[name] if name in stored
        else evaluate_rule(name, task, "test", weeks, settings.results, overwrite=settings.overwrite)
        for name in names
    }  # fmt: skip


def compare(
    task: Task, year: int, generated: dict[str, Result], real: dict[str, Result], origin: dict[str, str], command: str
) -> ReplayReport:
    """The report on results of the same policies in both worlds, naive among them."""
    gains = [
        {name: result.weekly() - world[NAIVE].weekly() for name, result in world.items()} for world in (generated, real)
    ]
    found = agreement(gains[0], gains[1])
    means = [{name: float(gain.mean()) for name, gain in world.items()} for world in gains]
    places = [ranks(world) for world in means]
    order = sorted(generated, key=lambda name: places[0][name])
    known = found.tau.known
    base = real[NAIVE]
    return ReplayReport(
        task=task.id, year=year, weeks=base.weekly().shape[1], generated_worlds=generated[NAIVE].worlds,
        real_world=base.worlds[0],
        policies=tuple(
            Played(
                policy=name, kind=generated[name].kind,
                generated_usd_per_week=means[0][name], real_usd_per_week=means[1][name],
                generated_rank=places[0][name], real_rank=places[1][name],
                weeks_above_naive_frac=float(np.mean(gains[1][name] > 0)),
            )
            for name in order
        ),
        naive_usd_per_week=(float(generated[NAIVE].weekly().mean()), float(base.weekly().mean())),
        tau=found.tau.estimate, tau_low=found.tau.low if known else None, tau_high=found.tau.high if known else None,
        p_value=found.p_value, swapped=found.swapped,
        origin={name: origin[name] for name in COLUMNS},
        provenance=base.provenance.model_copy(update={"command": command}),
    )  # fmt: skip


def main(settings: ReplaySettings) -> None:
    """Play both worlds, compare, and write the report."""
    names, task, weeks = chosen(settings.policies), settings.task, settings.weeks
    folder = results_folder(settings.folder, task, "test", weeks)
    check_writable(folder)
    trace = make_real_year(task, settings.year, settings.data, settings.results)
    real_task = with_trace(task, trace, "test", weeks)
    generated = generated_results(names, settings)
    real = {
        name: evaluate_rule(
            name, real_task, "test", weeks, settings.results / trace.stem, overwrite=settings.overwrite
        )
        for name in names
    }  # fmt: skip
    origin = real_task.library("test").traces[0].origin
    report = compare(task, settings.year, generated, real, origin, command_line())
    path = report.save(folder / f"{settings.year}.json")
    console.print(replay_table(report))
    console.print(f"report: {escape(str(path))}")
    console.print(f"page: {escape(str(replay_page(report, path.with_suffix('.html'))))}")


if __name__ == "__main__":
    run_programme("real_replay", ReplaySettings, main)
