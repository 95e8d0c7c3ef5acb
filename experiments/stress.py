"""`python -m experiments.stress policy=market_clearing`: a policy's years again, each time under one shock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field
from rich.markup import escape
from rich.progress import Progress

from agents.policy import load_policy
from experiments.command import Settings, UserError, console, run_programme
from experiments.evaluate import check_writable, command_line, judged, results_folder
from experiments.progress import progress_bar
from experiments.report.stress import stress_notes, stress_page, stress_table
from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.registry import make_policy, policy_kind, policy_names
from hybrid_env.scoring.result import Kind, ResultError
from hybrid_env.scoring.sensor_faults import SensorFault
from hybrid_env.scoring.stress import STRESSES, StressReport, load_report, make_stresses, stress
from hybrid_env.sim.compiler import kernel_hash
from hybrid_env.tasks import WEEKS, Split, Task
from hybrid_env.traces.stress import Shock


class StressSettings(Settings):
    """`configs/stress.yaml`."""

    task: Task
    policy: str | None
    run: Path | None
    shocks: Literal["all"] | tuple[str, ...]
    split: Split
    weeks: int = Field(gt=0, le=WEEKS)
    folder: Path
    overwrite: bool


@dataclass(frozen=True)
class Contestant:
    """Who is put under stress.

    Attributes:
        config: what names it in a report, so that another's outcomes are never taken over.
    """

    policy: Policy
    kind: Kind
    seed: int
    config: dict[str, object]


def contestant(settings: StressSettings) -> Contestant:
    """The named policy or the trained agent.

    Raises:
        UserError: both or neither are named, or the agent cannot be judged by these years.
    """
    if (settings.policy is None) == (settings.run is None):
        known = ", ".join(policy_names())
        raise UserError(f"name either a policy (policy=...: {known}) or the folder of a training run (run=...)")
    where: dict[str, object] = {"split": settings.split, "weeks": settings.weeks}
    if settings.run is None:
        name = str(settings.policy)
        return Contestant(make_policy(name), policy_kind(name), 0, {"policy": name, **where})
    judged(settings.run, settings.task, settings.split)
    policy, trained = load_policy(settings.run)
    return Contestant(policy, "agent", trained.seed, {"run": trained.run, "agent": trained.agent, **where})


def play(
    settings: StressSettings, who: Contestant, shocks: tuple[Shock | SensorFault, ...], path: Path
) -> StressReport:
    """Play what is not there yet; the report is kept after every shock."""
    earlier = None if settings.overwrite else reusable(path, settings.task, who)
    with progress_bar() as bar:
        follow = _Lines(bar, ["", *(shock.name for shock in shocks)])
        return stress(
            who.policy, settings.task, who.kind, shocks, split=settings.split, seed=who.seed, weeks=settings.weeks,
            config=who.config, command=command_line(), earlier=earlier, keep=lambda report: report.save(path),
            progress=follow.update,
        )  # fmt: skip


class _Lines:
    """One bar over all shocks; its note says which one is played."""

    def __init__(self, bar: Progress, names: list[str]) -> None:
        self._bar, self._names = bar, names
        self._line = bar.add_task("stress", total=None, note="")

    def update(self, name: str, done: int, total: int) -> None:
        """What is done of one shock, in intervals."""
        before = self._names.index(name) * total
        note = name or "without shocks"
        self._bar.update(self._line, completed=before + done, total=len(self._names) * total, note=note)


def reusable(path: Path, task: Task, who: Contestant) -> StressReport | None:
    """An earlier report of the very same contestant, site and simulator; None, with a word why, if there is none."""
    if not path.exists():
        return None
    try:
        report = load_report(path)
    except ResultError as error:
        console.print(f"{error}; playing again")
        return None
    made = report.provenance
    now = (task.id, task.site_model.hash, kernel_hash(), who.config)
    if now != (report.task, made.site_hash, made.kernel_hash, made.config):
        console.print(f"{path}: made with another site, simulator or configuration; playing again")
        return None
    return report


def main(settings: StressSettings) -> None:
    """Play the shocks and show what they cost."""
    shocks = tuple(STRESSES.values()) if settings.shocks == "all" else make_stresses(settings.shocks)
    if not shocks:
        raise UserError(f"shocks: name at least one of {', '.join(STRESSES)}, or all")
    who = contestant(settings)
    folder = results_folder(settings.folder, settings.task, settings.split, settings.weeks)
    check_writable(folder)
    path = folder / f"{who.policy.name.replace('*', 'star')}-{who.seed}.json"
    report = play(settings, who, shocks, path)
    report.save(path)
    console.print(stress_table(report))
    for note in stress_notes(report):
        console.print(f"note: {escape(note)}")
    console.print(f"report: {path}")
    console.print(f"page: {stress_page(report, path.with_suffix('.html'), command=report.provenance.command)}")


if __name__ == "__main__":
    run_programme("stress", StressSettings, main)
