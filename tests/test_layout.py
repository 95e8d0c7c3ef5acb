"""The tree keeps its shape: one mechanism, one word, in every room; each layer imports only from those above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MECHANISMS = (
    "mining",
    "gpu",
    "on_demand",
    "sla",
    "gang",
    "gpu_mining",
    "cooling",
    "battery",
    "supply",
    "generator",
    "meter",
    "tariff",
    "carbon",
    "cash",
    "network",
    "failures",
    "outdoor",
    "transformer",
    "reserves",
    "space",
    "events",
    "regulation",
)
ROOMS = {
    "hybrid_env/sites": "{}.py",
    "hybrid_env/sim": "{}.py",
    "hybrid_env/optimum": "{}.py",
    "docs/model": "{}.md",
    "tests/sites": "test_{}.py",
    "tests/sim": "test_{}.py",
    "tests/optimum": "test_{}.py",
}
LAYERS: tuple[tuple[str, ...], ...] = (
    ("hybrid_env.sites",),
    ("hybrid_env.traces",),
    ("hybrid_env.sim",),
    ("hybrid_env",),  # the faces: files in the package's own folder
    ("hybrid_env.optimum",),
    ("hybrid_env.baselines",),
    ("hybrid_env.wrappers",),
    ("hybrid_env.scoring",),
    ("agents",),
    ("experiments", "benchmarks"),
)
"""From the top down, as in the design's table."""
MOST_LINES = 400


def sources(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if "__pycache__" not in p.parts)


ALL = [p for top in ("hybrid_env", "agents", "experiments", "benchmarks", "tests") for p in sources(top)]


@pytest.mark.parametrize("room", ROOMS)
def test_every_mechanism_has_its_room(room: str) -> None:
    missing = [m for m in MECHANISMS if not (ROOT / room / ROOMS[room].format(m)).is_file()]
    assert not missing, f"{room} has no file for {', '.join(missing)}"


def test_every_page_of_the_model_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert [p.name for p in (ROOT / "docs" / "model").glob("*.md") if f"(model/{p.name})" not in index] == []


def layer_of(module: str) -> int | None:
    """Place of a module in `LAYERS`; None for what is not the project's."""
    parts = module.split(".")
    for depth in range(len(parts), 0, -1):
        for place, names in enumerate(LAYERS):
            if ".".join(parts[:depth]) in names:
                return place
    return None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> set[str]:
    """Modules of the project that a file imports at run time."""
    found: set[str] = set()
    hidden = set()
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            hidden |= {id(n) for n in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            folder = ROOT / node.module.replace(".", "/")
            found |= {f"{node.module}.{n.name}" for n in node.names if (folder / f"{n.name}.py").is_file()}
    return {module for module in found if layer_of(module) is not None}


LAYERED = [p for p in ALL if layer_of(module_of(p)) is not None]


@pytest.mark.parametrize("path", LAYERED, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_layer_imports_only_from_those_above_it(path: Path) -> None:
    mine = layer_of(module_of(path))
    assert mine is not None
    below = sorted(m for m in imported(path) if (layer_of(m) or 0) > mine)
    assert not below, f"{path.relative_to(ROOT)} imports {', '.join(below)}"


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= MOST_LINES, f"{path.relative_to(ROOT)} has {lines} lines; split it by subject"


def test_no_room_is_called_by_what_it_is_not() -> None:
    vague = {"utils", "helpers", "common", "misc"}
    assert not [p for p in ALL if p.stem in vague or vague & set(p.parent.parts)]
