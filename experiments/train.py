"""`python -m experiments.train task=texas_wind agent=ppo seed=0`: train an agent, or go on where it was stopped.

With `trace=real` it learns from real 2021 and is validated on real 2022 (docs/real_replay.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field
from rich.markup import escape

from agents.config import AgentConfig
from agents.run import Run
from agents.training import train
from experiments.command import Settings, console, run_programme, task_arguments
from experiments.progress import progress_bar
from experiments.real_years import TRAIN_YEARS, VALIDATION_YEARS, with_real_years
from hybrid_env.tasks import Split, Task


class TrainSettings(Settings):
    """`configs/train.yaml`."""

    task: Task
    agent: AgentConfig = Field(discriminator="algorithm")
    seed: int = Field(ge=0, lt=2**31)
    trace: Literal["real"] | None
    data: Path | None
    runs: Path


def make_run(task: Task, agent: AgentConfig, seed: int, runs: Path) -> Run:
    """The run of these settings; reads the training years to know their hashes."""
    return Run(task, agent, seed, task.library("train").hashes, runs)


def train_with_bar(run: Run) -> Path:
    """Train with a progress bar and return the run's folder; a finished run is left as it is."""
    done = run.summary()
    if done is not None:
        console.print(f"{run.folder}: finished before; nothing to do")
        return run.folder
    total = run.agent.total_steps
    with progress_bar() as bar:
        line = bar.add_task(f"training {run.agent.name}, seed {run.seed}", total=total, note="")

        def report(steps: int, seconds: float, gain_usd: float | None) -> None:
            note = "" if gain_usd is None else f"best on validation: {gain_usd / 1e3:+,.0f} k USD a week over naive"
            bar.update(line, completed=min(steps, total), note=note)

        summary = train(run, report)
    gain = summary["best_gain_usd_per_week"] / 1e3
    console.print(
        f"{run.folder}: trained for {summary['steps']:,} steps in {summary['seconds']:,.0f} s; "
        f"{gain:+,.0f} k USD a week over naive on the validation years"
    )
    return run.folder


def main(settings: TrainSettings) -> None:
    """Train one agent."""
    task, where = settings.task, ""
    if settings.trace == "real":
        years: dict[Split, Sequence[int]] = {"train": TRAIN_YEARS, "validation": VALIDATION_YEARS}
        task, where = with_real_years(task, years, settings.data, settings.runs), f" trace=real data={settings.data}"
    run = make_run(task, settings.agent, settings.seed, settings.runs)
    train_with_bar(run)
    same = task_arguments() or f"task={run.folder.parent.name}"
    console.print(escape(f"next: python -m experiments.evaluate {same} run={run.folder}{where}"))


if __name__ == "__main__":
    run_programme("train", TrainSettings, main)
