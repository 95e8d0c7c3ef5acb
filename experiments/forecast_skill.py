"""`python -m experiments.forecast_skill`: how good each forecast method is, by variable and lead.

Methods learn from a task's training years (or the traces named as `train`) and are measured on other years.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from experiments.command import Settings, UserError, console, run_programme
from experiments.evaluate import check_writable, command_line
from experiments.progress import progress_bar
from experiments.report.forecasts import UNITS, forecast_page, shown_leads, skill_over
from hybrid_env.scoring.result import write_atomically
from hybrid_env.tasks import Split, Task
from hybrid_env.traces.forecasting import METHODS, MethodName, make_forecaster
from hybrid_env.traces.forecasting.skill import Skill, measure
from hybrid_env.traces.schema import Trace
from hybrid_env.traces.store import load_trace


class ForecastSettings(Settings):
    """`configs/forecast_skill.yaml`."""

    task: Task
    methods: Literal["all"] | tuple[MethodName, ...]
    split: Split
    train: tuple[Path, ...]
    test: tuple[Path, ...]
    folder: Path
    name: str | None


class SkillReport(BaseModel):
    """What the JSON file holds.

    Attributes:
        train, test: names of the years with their hashes.
        rows: every method, variable and lead.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    train: dict[str, str]
    test: dict[str, str]
    rows: tuple[Skill, ...]


def years(settings: ForecastSettings) -> tuple[Sequence[Trace], Sequence[Trace]]:
    """Training and test traces.

    Raises:
        UserError: a trace is in both, or the test years are the training split.
    """
    if settings.split == "train" and not settings.test:
        raise UserError("split: forecasts are measured on years that none has learned from: validation or test")
    train = tuple(map(load_trace, settings.train)) if settings.train else settings.task.library("train").traces
    test = tuple(map(load_trace, settings.test)) if settings.test else settings.task.library(settings.split).traces
    both = {trace.hash for trace in train} & {trace.hash for trace in test}
    if both:
        again = next(trace.name for trace in test if trace.hash in both)
        raise UserError(f"{again} is both trained on and tested: leave it out of one of the two")
    return train, test


def table(rows: Sequence[Skill], variable: str) -> Table:
    """One variable: a line a method; mean absolute error by lead with skill over persistence, and coverage."""
    leads = shown_leads(rows)
    grid = Table(title=f"{variable}, {UNITS[variable]}: mean absolute error (skill over persistence; covered)")
    grid.add_column("method")
    for lead in leads:
        grid.add_column(f"{lead} h", justify="right")
    by = {(row.method, row.lead_h): row for row in rows if row.variable == variable}
    for method in dict.fromkeys(row.method for row in rows):
        cells = []
        for lead in leads:
            row, floor = by[method, lead], by.get(("persistence", lead))
            over = "" if floor is None else f"{skill_over(row, floor):+.0%}"
            cover = "" if row.covered is None else f"{row.covered:.0%}"
            extra = "; ".join(part for part in (over, cover) if part)
            cells.append(f"{row.mae:,.4g}" + (f" ({extra})" if extra else ""))
        label = f"{method} (reference)" if METHODS[method].reference else method  # type: ignore[index]
        grid.add_row(label, *cells)
    return grid


def as_csv(rows: Sequence[Skill]) -> str:
    """A line a method, variable and lead; skill is 1 - MAE / MAE of persistence."""
    floors = {(row.variable, row.lead_h): row for row in rows if row.method == "persistence"}
    text = io.StringIO()
    names = [field.name for field in fields(Skill)]
    writer = csv.DictWriter(text, [*names, "skill_over_persistence"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        floor = floors.get((row.variable, row.lead_h))
        writer.writerow(asdict(row) | {"skill_over_persistence": "" if floor is None else skill_over(row, floor)})
    return text.getvalue()


def main(settings: ForecastSettings) -> None:
    """Measure, show and write."""
    check_writable(settings.folder)
    names = tuple(METHODS) if settings.methods == "all" else settings.methods
    if not names:
        raise UserError(f"methods: name at least one of {', '.join(METHODS)}, or all")
    train, test = years(settings)
    rows: list[Skill] = []
    with progress_bar() as bar:
        line = bar.add_task("forecasting", total=len(names), note="")
        for name in names:
            bar.update(line, note=f"{name}, trains some minutes" if METHODS[name].learns else name)
            rows += measure(make_forecaster(name, train), test, train, banded=not METHODS[name].reference)
            bar.update(line, advance=1)
    stem = settings.folder / (settings.name or f"{settings.task.slug}-{settings.split}")
    hashes = [{trace.name: trace.hash for trace in traces} for traces in (train, test)]
    report = SkillReport(command=command_line(), train=hashes[0], test=hashes[1], rows=tuple(rows))
    for variable in UNITS:
        console.print(table(rows, variable))
    write_atomically(stem.with_suffix(".csv"), as_csv(rows))
    write_atomically(stem.with_suffix(".json"), report.model_dump_json(indent=1))
    page = forecast_page(rows, hashes[0], hashes[1], command_line())
    write_atomically(stem.with_suffix(".html"), page)
    console.print(f"table: {stem.with_suffix('.csv')}; with hashes: {stem.with_suffix('.json')}")
    console.print(f"page: {stem.with_suffix('.html')}")


if __name__ == "__main__":
    run_programme("forecast_skill", ForecastSettings, main)
