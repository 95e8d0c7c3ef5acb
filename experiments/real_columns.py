"""`python -m experiments.real_columns data=../shared/data`: which task gets which column from real data, as a table.

The table takes its place between two marks in docs/real_replay.md.
"""

from __future__ import annotations

from pathlib import Path

from experiments.command import Settings, UserError, console, run_programme
from experiments.real_years import assemble_real_year
from experiments.report.real_replay import origin_table
from hybrid_env.scoring.result import write_atomically
from hybrid_env.tasks import load_task, task_names

BEGIN, END = "<!-- columns: made by experiments.real_columns -->", "<!-- end of columns -->"


class ColumnsSettings(Settings):
    """`configs/real_columns.yaml`."""

    data: Path | None
    year: int
    page: Path


def columns_text(data: Path | None, year: int) -> str:
    """The table of all packaged tasks that have real series, and the names of those that have none.

    Raises:
        UserError: no folder is named.
        TraceError: a file is missing or wrong.
    """
    tasks = [load_task(name) for name in task_names()]
    origins = {
        task.id.rpartition("/")[2]: assemble_real_year(task, year, data).trace.origin
        for task in tasks
        if task.real is not None
    }
    without = [task.id.rpartition("/")[2] for task in tasks if task.real is None]
    return f"{origin_table(origins)}\n\nWithout real series: {', '.join(without) or 'no task'}."


def replaced(page: str, text: str, path: Path) -> str:
    """The page with the text between its marks.

    Raises:
        UserError: the page has no such marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{path}: has no place for the table; give it the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(settings: ColumnsSettings) -> None:
    """Make the table and put it into the page."""
    page = settings.page.read_text("utf-8")
    write_atomically(settings.page, replaced(page, columns_text(settings.data, settings.year), settings.page))
    console.print(f"page: {settings.page}")


if __name__ == "__main__":
    run_programme("real_columns", ColumnsSettings, main)
