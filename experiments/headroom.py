"""`python -m experiments.headroom task=california_solar`: what a task leaves to win, by policy, mechanism and action.

`starts` are spread evenly over the year and each begins in the standard state; from each, `length` weeks are played one
after the other. `starts=1 length=52` is the year roll.
Tuning a site looks at `split=validation` only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from rich.console import Group
from rich.progress import Progress, TaskID

from experiments.command import Settings, UserError, console, run_programme
from experiments.evaluate import check_writable, command_line, results_folder
from experiments.progress import progress_bar
from experiments.report.headroom import headroom_page, headroom_tables
from hybrid_env.baselines.registry import make_policy
from hybrid_env.scoring.headroom import SWITCHES, HeadroomReport, Weeks, measure, switched_off
from hybrid_env.tasks import WEEKS, Split, Task


class HeadroomSettings(Settings):
    """`configs/headroom.yaml`."""

    task: Task
    split: Split
    starts: int = Field(gt=0, le=WEEKS)
    length: int = Field(gt=0, le=WEEKS)
    worlds: int | None = Field(gt=0)
    policies: tuple[str, ...]
    mechanisms: Literal["all"] | tuple[str, ...]
    frozen: str | None
    folder: Path


class _Line:
    """One bar, refilled by each part of the work."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._line: TaskID = bar.add_task("headroom", total=None, note="")

    def update(self, what: str, done: int, total: int) -> None:
        """`what` is under way, so far."""
        self._bar.update(self._line, completed=done, total=total, note=what)


def run(settings: HeadroomSettings) -> HeadroomReport:
    """Measure what the settings ask for."""
    for name in (*settings.policies, *([] if settings.frozen is None else [settings.frozen])):
        make_policy(name)  # say at once that one cannot run here
    if settings.frozen is not None and settings.frozen not in settings.policies:
        raise UserError(f"frozen={settings.frozen} must be one of policies; add it there, or set frozen=null")
    site = settings.task.site_model
    names = tuple(SWITCHES) if settings.mechanisms == "all" else settings.mechanisms
    unknown = [name for name in names if name not in SWITCHES]
    if unknown:
        raise UserError(f"mechanisms: found {unknown[0]!r}; there are {', '.join(SWITCHES)}")
    off = {name: site_without for name in names if (site_without := switched_off(site, name)) is not None}
    try:
        weeks = Weeks(settings.starts, settings.length)
    except ValueError as error:
        raise UserError(f"starts, length: {error}") from error
    with progress_bar() as bar:
        return measure(
            settings.task, settings.split, weeks, settings.worlds, policies=settings.policies,
            off=off, frozen=settings.frozen, command=command_line(), progress=_Line(bar).update,
        )  # fmt: skip


def main(settings: HeadroomSettings) -> None:
    """Measure, print and keep."""
    folder = results_folder(settings.folder, settings.task, settings.split, settings.starts * settings.length)
    check_writable(folder)
    report = run(settings)
    path = report.save(folder / "headroom.json")
    console.print(Group(*headroom_tables(report)))
    console.print(f"report: {path}")
    console.print(f"page: {headroom_page(report, path.with_suffix('.html'))}")


if __name__ == "__main__":
    run_programme("headroom", HeadroomSettings, main)
