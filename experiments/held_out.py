"""`python -m experiments.held_out`: draw the test years of every packaged task and state their hashes.

Run it after a change of a market, a site or the generator that is meant to change test years, or for a new task. It
says which hashes changed: each of those tasks needs a new version, for scores on other years cannot be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from rich.table import Table

from experiments.command import Settings, console, run_programme
from experiments.progress import progress_bar
from hybrid_env.held_out import HeldOut, held_out_file, read_held_out
from hybrid_env.scoring.reference import stored_references
from hybrid_env.scoring.result import write_atomically
from hybrid_env.tasks import Task, load_task, task_names
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import load_market

HEADING = """\
# The test years of the registered tasks, by hash; a year that comes out otherwise is refused.
# Written by: python -m experiments.held_out
"""


class HeldOutSettings(Settings):
    """`configs/held_out.yaml`."""

    file: Path | None
    """File to write; None is the one in the package."""


def main(settings: HeldOutSettings) -> None:
    """Draw, compare with what was stated before, write."""
    path = settings.file or held_out_file()
    before, after = read_held_out(path), {}
    names = task_names()
    with progress_bar() as bar:
        line = bar.add_task("test years", total=len(names), note="")
        for name in names:
            bar.update(line, note=name)
            task = load_task(name)
            after[task.id] = drawn(task)
            bar.update(line, advance=1)
    write_atomically(path, held_out_yaml(after))
    console.print(_table(before, after))
    for name in names:
        _warn_of_references(load_task(name), after)
    console.print(f"test years: {path}")


def drawn(task: Task) -> HeldOut:
    """The task's test years as they come out now, whatever a cache holds."""
    site, market = task.site_model, load_market(task.market)
    years = {
        seed: generate_year(market, seed, site.meter.import_limit_mw, site.interval_s, site.utc_offset_h).hash
        for seed in task.test_seeds
    }
    return HeldOut(site=task.site, market=task.market, years=years)


def held_out_yaml(entries: Mapping[str, HeldOut]) -> str:
    """The file's text, tasks by id."""
    data = {task_id: entries[task_id].model_dump() for task_id in sorted(entries)}
    return HEADING + yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=120)


def _table(before: Mapping[str, HeldOut], after: Mapping[str, HeldOut]) -> Table:
    table = Table(title="test years")
    for column in ("task", "seed", "stated before", "now", ""):
        table.add_column(column, no_wrap=True)
    for task_id, entry in after.items():
        known = before[task_id].years if task_id in before else {}
        for seed, now in entry.years.items():
            old = known.get(seed, "")
            word = "" if old == now else "changed: raise the version" if old else "new"
            table.add_row(task_id, str(seed), old, now, word)
    return table


def _warn_of_references(task: Task, after: Mapping[str, HeldOut]) -> None:
    references = stored_references(task)
    if references is not None and set(references.trace_hashes.values()) != set(after[task.id].years.values()):
        console.print(
            f"[bold yellow]warning[/]: {task.id} has stored references of other years; undo the change, or make a new"
            f" version with references of its own (python -m experiments.references task={task.slug})"
        )


if __name__ == "__main__":
    run_programme("held_out", HeldOutSettings, main)
