"""`python notebooks/execute.py`: run every notebook of this folder and keep its outputs, without times or versions."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from hybrid_env.tasks import load_task

FOLDER = Path(__file__).parent
TIMEOUT_S = 300


def executed(path: Path) -> NotebookNode:
    """A copy of a notebook with fresh outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    load_task("texas_wind").library("train")  # drawn here, so that its progress lines are not among the outputs
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    quiet = ["--log-level=ERROR"]
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        record_timing=False,
        resources=place,
        extra_arguments=quiet,
        coalesce_streams=True,  # or a slow machine splits one cell's prints in two
    )
    client.execute()
    notebook.metadata.language_info = {"name": "python"}
    return notebook


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(path), path)
        print(f"{path.name}: {path.stat().st_size / 1024:,.0f} KiB")
