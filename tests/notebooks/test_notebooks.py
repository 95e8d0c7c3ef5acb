"""Notebooks run from top to bottom, and what is committed of their outputs is fit to be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from notebooks.execute import executed

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_BYTES = 1 << 20
LOCAL_PATH = re.compile(
    r"(?<![\w.:/])/(home|root|Users|tmp|var|mnt|opt|usr|private|work)/|\b[A-Z]:\\|site-packages|\.venv"
)
AGAIN = "run `python notebooks/execute.py` and commit the outputs"

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def kinds(cell: NotebookNode) -> list[str]:
    """What a cell puts out, without what it says: ("stream",), ("text/html", "text/plain"), ..."""
    return [" ".join(sorted(out.get("data", {out.output_type: ""}))) for out in cell.outputs]


def words(cell: NotebookNode) -> str:
    """All text of a cell's outputs; pictures left out."""
    data = [value for out in cell.outputs for key, value in out.get("data", {}).items() if not key.startswith("image/")]
    return "\n".join([*(out.text for out in cell.outputs if out.output_type == "stream"), *map(str, data)])


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.slow
@each
def test_it_runs_and_puts_out_what_is_committed(path: Path) -> None:
    committed, fresh = code_cells(read(path)), code_cells(executed(path))
    for number, (old, new) in enumerate(zip(committed, fresh, strict=True)):
        assert kinds(old) == kinds(new), f"code cell {number} of {path.name}: {AGAIN}\n{old.source}"


@each
def test_it_was_run_in_one_go(path: Path) -> None:
    counts = [cell.execution_count for cell in code_cells(read(path))]
    assert counts == list(range(1, len(counts) + 1)), AGAIN


@each
def test_no_output_is_an_error_or_a_warning(path: Path) -> None:
    for cell in code_cells(read(path)):
        for out in cell.outputs:
            assert out.output_type != "error" and out.get("name") != "stderr", f"{out}\n{AGAIN}"


@each
def test_nothing_names_a_place_on_one_machine(path: Path) -> None:
    for cell in read(path).cells:
        text = cell.source + (words(cell) if cell.cell_type == "code" else "")
        assert not (found := LOCAL_PATH.search(text)), f"{found!r} in {text}"


@each
def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < MOST_BYTES


@each
def test_its_links_lead_somewhere(path: Path) -> None:
    prose = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", prose)]
    broken = [t for t in targets if t and not t.startswith("http") and not (path.parent / t).exists()]
    assert not broken


@each
def test_its_colours_are_those_of_the_leaderboard_page(path: Path) -> None:
    source = "\n".join(cell.source for cell in code_cells(read(path)))
    page = (ROOT / "experiments/report/page.css").read_text("utf-8")
    light = page[: page.index("@media")]
    for use, colour in re.findall(r'"(\w+)": "(#[0-9a-f]{6})"', source):
        assert f"--{use}: {colour};" in light, f"{use} has another colour on the leaderboard's page"


def test_local_paths_are_told_from_links() -> None:
    for path in ("/home/someone/x", "see /tmp/x", "C:\\Users", json.dumps({"at": "/root/y"})):
        assert LOCAL_PATH.search(path), path
    for link in ("https://example.org/home/x", "../docs/index.md", "hybrid_env/tmp/x", "USD/MWh", "s/usr/"):
        assert not LOCAL_PATH.search(link), link
