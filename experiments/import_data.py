"""`python -m experiments.import_data recipe=my_site.yaml out=traces`: a trace from files, and a page on its making.

With `file=prices.csv` it says what one file is, and shows its columns, points and notes. A packaged recipe goes by its
name: `recipe=texas year=2023 data=<folder>`.
"""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape
from rich.table import Table as Grid

from experiments.command import Settings, UserError, console, run_programme
from experiments.evaluate import check_writable, command_line
from experiments.progress import progress_bar
from experiments.report.imports import import_page
from hybrid_env.scoring.result import write_atomically
from hybrid_env.traces.importers.assemble import Assembled, assemble
from hybrid_env.traces.importers.formats import FORMATS, read
from hybrid_env.traces.importers.frame import Table, listed
from hybrid_env.traces.importers.recipe import load_recipe
from hybrid_env.traces.importers.save import Written, write_import


class ImportSettings(Settings):
    """`configs/import_data.yaml`."""

    recipe: Path | None
    year: int | None
    data: Path | None
    out: Path
    downloads: Path | None
    file: Path | None


def make(settings: ImportSettings, recipe_path: Path) -> tuple[Assembled, Written]:
    """Read, assemble and write; returns the trace and the paths of its files."""
    recipe = load_recipe(recipe_path, settings.year)
    check_writable(settings.out)
    with progress_bar() as bar:
        line = bar.add_task(recipe.name, total=None, note="")

        def show(text: str, done: int, total: int) -> None:
            bar.update(line, completed=done, total=total, note=text)

        folder = recipe_path.parent if settings.data is None else settings.data
        made = assemble(recipe, folder, downloads=settings.downloads, progress=show)
        written = write_import(made, settings.out)
        page = written.trace.with_suffix(".html")
        write_atomically(page, import_page(made, command_line()))
    return made, written


def summary(made: Assembled) -> Grid:
    """What came of each column, in the terminal."""
    grid = Grid(title=escape(f"{made.trace.name}: {len(made.trace):,} rows, hash {made.trace.hash}"))
    for name in ("column", "origin", "from", "low", "mean", "high", "filled"):
        grid.add_column(name, justify="left" if name in ("column", "origin", "from") else "right")
    for column in made.columns:
        filled = sum(column.filled.rows.values()) if column.filled else 0
        low, mean, high = (f"{value:,.4g}" for value in (column.low, column.mean, column.high))
        source = Path(column.source).name if column.origin in ("real", "derived") else column.source
        grid.add_row(
            *map(escape, (column.name, column.origin, source, low, mean, high, f"{filled:,}" if filled else ""))
        )
    return grid


def describe(table: Table) -> None:
    """Say what one file is."""
    known = FORMATS[table.format]
    step = f"{table.interval_s} s" if table.interval_s else "no fixed interval"
    console.print(f"{table.path}: [bold]{escape(known.title)}[/] ({known.name}), {len(table.frame):,} rows, {step}")
    if table.frame.index.name == "start_utc":
        console.print(
            f"from {table.frame.index[0]:%Y-%m-%d %H:%M}Z to {table.frame.index[-1]:%Y-%m-%d %H:%M}Z (starts)"
        )
    console.print(f"columns: {escape(listed(map(str, table.frame.columns), 30))}")
    if table.points:
        console.print(f"points: {escape(listed(table.points, 30))}")
    for note in table.notes:
        console.print(f"  {_plain(str(note))}")
    console.print(escape(table.frame.head(3).to_string()))


def _plain(text: str) -> str:
    """A note for the terminal: nothing of it is markup, its or ours."""
    return escape(text.replace("`", ""))


def main(settings: ImportSettings) -> None:
    """Make a trace, or describe a file."""
    if (settings.recipe is None) == (settings.file is None):
        raise UserError("name a recipe (recipe=my_site.yaml), or one file to look at (file=prices.csv)")
    if settings.file is not None:
        describe(read(settings.file))
        return
    assert settings.recipe is not None
    made, written = make(settings, settings.recipe)
    console.print(summary(made))
    for note in made.notes:
        console.print(f"  {_plain(str(note))}")
    odd = [(table, note) for table in made.tables for note in table.notes if note.kind == "warned"]
    for table, note in odd:
        console.print(f"  {_plain(f'{table.path.name}: {note}')}")
    others = sum(len(table.notes) for table in made.tables) - len(odd)
    console.print(f"  {others} more notes of the readers are on the page: what was assumed, dropped and filled")
    console.print(f"{written.trace}: the trace; {written.trace.with_suffix('.html')}: how it was made")


if __name__ == "__main__":
    run_programme("import_data", ImportSettings, main)
