"""`python -m experiments.evaluate policy=breakeven` or `run=<folder>`: a policy through a year, as one result file.

With `trace=<file>` the year is the user's own, as `experiments.import_data` makes it; with `trace=real` it is a real
year of the task's place, made from public series (docs/real_replay.md); `forecasts=learned` tells the policy what
another forecaster would have told it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field

from agents.policy import Description, load_description, load_policy
from agents.run import trained_on
from experiments.command import Settings, UserError, console, run_programme
from experiments.progress import progress_bar
from experiments.real_years import folder_name, make_real_year
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.registry import make_policy, policy_kind, policy_names
from hybrid_env.scoring.evaluate import HOURS_PER_WEEK, evaluate
from hybrid_env.scoring.foresight import labelled
from hybrid_env.scoring.result import Kind, Result, ResultError, load_result
from hybrid_env.sim.compiler import kernel_hash
from hybrid_env.spaces import observation_fields
from hybrid_env.tasks import WEEKS, Split, Task
from hybrid_env.traces.forecasting import MethodName
from hybrid_env.traces.importers.frame import listed

NAIVE = Naive.name


class EvaluateSettings(Settings):
    """`configs/evaluate.yaml`."""

    task: Task
    policy: str | None
    run: Path | None
    trace: Literal["real"] | Path | None
    data: Path | None
    year: int
    forecasts: MethodName
    split: Split
    weeks: int = Field(gt=0, le=WEEKS)
    results: Path
    overwrite: bool


def results_folder(results: Path, task: Task, split: Split = "test", weeks: int = WEEKS) -> Path:
    """Where results of a task live: `<results>/<task>` for full test years, a folder of their own for all else."""
    name = folder_name(task)
    name += "" if task.forecasts == "as_issued" else f"-{task.forecasts}_forecasts"
    name += "" if split == "test" else f"-{split}"
    name += "" if weeks == WEEKS else f"-{weeks}_weeks"
    return results / name


def over_naive(result: Result, naive: Path) -> str:
    """By how much a result beats the naive one of the same weeks, in words; what to do where there is none."""
    if result.policy == NAIVE:
        return ""
    base = load_result(naive) if naive.exists() else None
    same = base is not None and (base.worlds, base.weekly().shape, base.provenance.trace_hashes) == (
        result.worlds, result.weekly().shape, result.provenance.trace_hashes
    )  # fmt: skip
    if base is None or not same:
        return "how far over naive? run the same command with policy=naive, then this one again"
    gain = result.weekly() - base.weekly()
    return (
        f"{gain.mean() / 1e3:+,.1f} k USD a week over naive ({base.weekly().mean() / 1e3:,.1f}), which it beats in"
        f" {(gain > 0).sum()} of {gain.size} weeks"
    )


def evaluate_rule(name: str, task: Task, split: Split, weeks: int, results: Path, *, overwrite: bool = False) -> Result:
    """Evaluate a named policy, or read the result that is there."""
    policy = make_policy(name)
    config = {"policy": name, "split": split, "weeks": weeks}
    path = results_folder(results, task, split, weeks) / f"{_filed(policy.name, task, split)}-0.json"
    found = None if overwrite else reusable(path, task, config)
    if found is not None:
        return found
    return _evaluate(policy, task, config, split, weeks, path.parent)


def evaluate_run(
    folder: Path, task: Task, split: Split, weeks: int, results: Path, *, overwrite: bool = False
) -> Result:
    """Evaluate a trained agent, or read the result that is there."""
    description = judged(folder, task, split)
    config = {"run": description.run, "agent": description.agent, "split": split, "weeks": weeks}
    filed = _filed(description.agent["name"], task, split)
    path = results_folder(results, task, split, weeks) / f"{filed}-{description.seed}.json"
    found = None if overwrite else reusable(path, task, config)
    if found is not None:
        return found
    policy, description = load_policy(folder)
    return _evaluate(policy, task, config, split, weeks, path.parent, description)


def judged(folder: Path, task: Task, split: Split) -> Description:
    """What a run has trained, where it can be played on these years.

    Raises:
        UserError: it was trained for another task or site, or has learned from one of the years.
        CheckpointError: there is no trained policy.
    """
    description = load_description(folder)
    if description.task != task.id:
        raise UserError(f"{folder}: trained for {description.task}, not {task.id}: name its own task (task=...)")
    seen = [field.name for field in observation_fields(task.site_model)]
    if list(description.observations) != seen:
        odd = sorted(set(seen) ^ set(description.observations))
        raise UserError(
            f"{folder}: trained on another site than {task.site} ({listed(odd, 4)} are observed on one of them alone):"
            f" name its own site as in training (task=my_task.yaml, or task.site=...)"
        )
    learned, library = trained_on(folder), task.library(split)
    known = [name for name, key in zip(library.names, library.hashes, strict=True) if key in learned]
    if known and split != "train":
        raise UserError(
            f"{folder}: learned from {known[0]} and cannot be judged by it: name another year, or say split=train"
        )
    return description


def _filed(policy: str, task: Task, split: Split) -> str:
    """The policy's name in its result: `mpc@perfect` where it is told the future."""
    return labelled(policy, "rule", task.library(split).names)[0]


def reusable(path: Path, task: Task, config: dict[str, object]) -> Result | None:
    """The result of an earlier evaluation of the very same thing; None, with a word why, if it must be made again."""
    if not path.exists():
        return None
    try:
        result = load_result(path)
    except ResultError as error:
        console.print(f"{error}; evaluating again")
        return None
    split: Split = config["split"]  # type: ignore[assignment]
    library = task.library(split)
    now = {
        "configuration": config,
        "task": task.id,
        "site": task.site_model.hash,
        "simulator": kernel_hash(),
        "years": dict(zip(library.names, library.hashes, strict=True)),
    }
    made = result.provenance
    then = {
        "configuration": made.config,
        "task": result.task,
        "site": made.site_hash,
        "simulator": made.kernel_hash,
        "years": made.trace_hashes,
    }
    changed = [name for name in now if now[name] != then[name]]
    if changed:
        console.print(f"{path}: made with another {' and '.join(changed)}; evaluating again")
        return None
    return result


def _evaluate(
    policy: Policy,
    task: Task,
    config: dict[str, object],
    split: Split,
    weeks: int,
    folder: Path,
    trained: Description | None = None,
) -> Result:
    check_writable(folder)
    kind: Kind = "agent" if trained else policy_kind(str(config["policy"]))
    with progress_bar() as bar:
        line = bar.add_task(f"evaluating {policy.name}", total=None, note="")
        result = evaluate(
            policy,
            task,
            kind,
            split=split,
            weeks=weeks,
            seed=trained.seed if trained else 0,
            training_seconds=trained.training_seconds if trained else 0.0,
            training_steps=trained.training_steps if trained else 0,
            config=config,
            command=command_line(),
            progress=lambda done, total: bar.update(line, completed=done, total=total),
        )
    path = result.save(folder)
    console.print(f"{path}: {result.weekly().mean() / 1e3:,.1f} k USD a week")
    return result


def with_trace(task: Task, path: Path, split: Split, weeks: int) -> Task:
    """The task on one trace of the user's own in place of a split's years.

    Raises:
        UserError: the trace is too short for the weeks.
        TraceError: it cannot be read, or is not the site's.
    """
    task = task.model_copy(update={"trace_files": {**task.trace_files, split: (str(path),)}})
    rows = int(task.library(split).length[0])
    per_h = 3600 // task.site_model.interval_s
    fits = (rows - per_h - 1) // (HOURS_PER_WEEK * per_h)
    if weeks > fits:
        raise UserError(
            f"{path}: {rows} rows hold {fits} whole weeks after an hour of history; ask for weeks={max(fits, 1)}"
            + ("" if fits else ", with a trace of at least 8 days")
        )
    return task


def check_writable(folder: Path) -> None:
    """Fail before a long run, not after it, where its result could not be kept.

    Raises:
        UserError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(f"results: {folder} cannot be written ({error.strerror}); name another folder") from error


def command_line() -> str:
    """What was typed, with the module's name instead of its path."""
    programme = Path(sys.argv[0])
    named = f"python -m experiments.{programme.stem}" if programme.parent.name == "experiments" else programme.name
    return " ".join([named, *sys.argv[1:]])


def main(settings: EvaluateSettings) -> None:
    """Evaluate what was named."""
    if (settings.policy is None) == (settings.run is None):
        known = ", ".join(policy_names())
        raise UserError(f"name either a policy (policy=...: {known}) or the folder of a training run (run=...)")
    task, results = settings.task, settings.results
    if settings.forecasts != task.forecasts:
        task = task.model_copy(update={"forecasts": settings.forecasts})
    if settings.trace is not None:
        own = settings.trace if isinstance(settings.trace, Path) else None
        path = own or make_real_year(task, settings.year, settings.data, results)
        task, results = with_trace(task, path, settings.split, settings.weeks), results / path.stem
    arguments = (task, settings.split, settings.weeks, results)
    if settings.run is not None:
        result = evaluate_run(settings.run, *arguments, overwrite=settings.overwrite)
    else:
        result = evaluate_rule(str(settings.policy), *arguments, overwrite=settings.overwrite)
    folder = results_folder(results, task, settings.split, settings.weeks)
    console.print(f"{folder / result.file_name} is up to date")
    said = over_naive(result, folder / f"{NAIVE}-0.json")
    if said:
        console.print(said)


if __name__ == "__main__":
    run_programme("evaluate", EvaluateSettings, main)
