"""Real years of a task: its recipe for its site, made from public series in a folder of the user's.

Agents learn from 2021 and their checkpoint is picked on 2022; 2023 is replayed, and nothing is chosen by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.command import UserError
from experiments.progress import progress_bar
from hybrid_env.tasks import Split, Task, load_task, task_names
from hybrid_env.traces.importers.assemble import Assembled, assemble
from hybrid_env.traces.importers.recipe import Recipe, load_recipe
from hybrid_env.traces.importers.save import write_import

TRAIN_YEARS = (2021,)
VALIDATION_YEARS = (2022,)
"""The checkpoint is picked on these; 2023, which is replayed, stays a year that nothing was chosen by."""
FOLDER = "real"
"""Within the folder of results or runs: the traces that were made."""


def real_recipe(task: Task, year: int) -> Recipe:
    """The recipe of a task's real year, for its site; what no file feeds is drawn from the task's own market.

    Raises:
        UserError: the task has no real series.
    """
    if task.real is None:
        others = [name for name in task_names() if load_task(name).real is not None]
        raise UserError(
            f"{task.id}: there are no real series for this task; tasks that have some: {', '.join(others) or 'none'};"
            f" for your own, name a recipe in the task (`real: my_recipe.yaml`)"
        )
    recipe, site = load_recipe(task.real, year), task.site_model
    drawn = recipe.synthetic
    return recipe.model_copy(
        update={
            "interval_s": site.interval_s,
            "import_limit_mw": site.meter.import_limit_mw,
            "synthetic": None if drawn is None else drawn.model_copy(update={"market": task.market}),
        }
    )


def assemble_real_year(task: Task, year: int, data: Path | None) -> Assembled:
    """Read the public series and make the trace of a real year.

    Args:
        data: folder of the public series.

    Raises:
        UserError: no folder is named, or the task has no real series.
        TraceError: a file is missing or wrong.
    """
    recipe = real_recipe(task, year)
    if data is None:
        raise UserError("real years are made from public series on your disk: name their folder (data=../shared/data)")
    if not data.is_dir():
        raise UserError(f"data: {data} is no folder; name the one that holds the public series (docs/real_replay.md)")
    with progress_bar() as bar:
        line = bar.add_task(recipe.name, total=None, note="")

        def show(text: str, done: int, total: int) -> None:
            bar.update(line, completed=done, total=total, note=text)

        made = assemble(recipe, data, progress=show)
        bar.update(line, completed=1, total=1, note="")
    return made


def folder_name(task: Task) -> str:
    """The task's own name, as a folder's.

    A packaged task on another site (`task.site=`) goes by that site's name: it is no longer what its id says.
    """
    if task.slug in task_names() and load_task(task.slug).site != task.site:
        return task.site_model.name
    return task.slug


def make_real_year(task: Task, year: int, data: Path | None, folder: Path) -> Path:
    """As `assemble_real_year`, written with all that says how it was made; returns the path of the trace.

    Args:
        folder: of results or runs; the trace lies in `<folder>/real/<folder_name>`.
    """
    return write_import(assemble_real_year(task, year, data), folder / FOLDER / folder_name(task)).trace


def with_real_years(task: Task, years: dict[Split, Sequence[int]], data: Path | None, folder: Path) -> Task:
    """The task on real years in place of some splits' generated ones; errors as in `make_real_year`."""
    files = {
        split: tuple(str(make_real_year(task, year, data, folder)) for year in of_split)
        for split, of_split in years.items()
    }
    return task.model_copy(update={"trace_files": {**task.trace_files, **files}})
