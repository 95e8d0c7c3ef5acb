"""The compiled kernel's cache notices every edit, and does without a place to write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hybrid_env.sim import compiler

PACKAGE = Path(__file__).parents[2] / "hybrid_env"
PLAY = """
import sys
sys.path[:0] = [{copy!r}, {root!r}]
import hybrid_env
assert hybrid_env.__file__.startswith({copy!r}), hybrid_env.__file__
from tests.workbench import Workbench
from hybrid_env.sim.compiler import cache_folder
print(Workbench().play().usd("gpu_reserved"), cache_folder())
"""


def play(folder: Path, **environment: str | None) -> tuple[float, str]:
    """One interval in a fresh process with the package in `folder`."""
    variables = {k: v for k, v in (os.environ | environment).items() if v is not None}
    script = PLAY.format(copy=str(folder), root=str(PACKAGE.parent))
    done = subprocess.run([sys.executable, "-c", script], env=variables, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    usd, cache = done.stdout.split(maxsplit=1)
    return float(usd), cache.strip()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package that may be edited."""
    shutil.copytree(PACKAGE, tmp_path / "copy" / "hybrid_env", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.mark.slow
def test_an_edited_part_is_compiled_anew_and_an_unedited_one_is_not(copied: Path, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    first, folder = play(copied, **cache)
    assert first == pytest.approx(1_000)
    compiled = sorted(Path(folder).rglob("*.nbc"))
    assert compiled
    stamps = [p.stat().st_mtime_ns for p in compiled]
    again, same_folder = play(copied, **cache)
    assert (again, same_folder) == (first, folder)
    assert [p.stat().st_mtime_ns for p in sorted(Path(folder).rglob("*.nbc"))] == stamps
    gpu = copied / "hybrid_env/sim/gpu.py"
    text = gpu.read_text("utf-8")
    line = "out.usd[RESERVED_USD] += p.reserved_price"
    assert line in text
    gpu.write_text(text.replace(line, "out.usd[RESERVED_USD] += 2.0 * p.reserved_price"), "utf-8")
    edited, other_folder = play(copied, **cache)
    assert edited == pytest.approx(2 * first) and other_folder != folder


@pytest.mark.slow
def test_without_a_home_the_kernel_runs_uncached(copied: Path) -> None:
    usd, folder = play(copied, HOME=None, XDG_CACHE_HOME=None)
    assert usd == pytest.approx(1_000) and folder == "None"


def test_a_place_that_cannot_be_written_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiler.cache_folder() is None


def test_the_cache_is_named_by_sources_and_compiler_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiler.kernel_hash()
    assert compiler.kernel_hash.__wrapped__() == before
    monkeypatch.setattr(compiler.numba, "__version__", "0")
    assert compiler.kernel_hash.__wrapped__() != before


def test_every_source_the_kernel_is_compiled_from_is_hashed() -> None:
    """Whatever a file of `sim/` imports from elsewhere in the package must be among the hashed sources."""
    import ast

    hashed = {"hybrid_env.traces.schema", "hybrid_env.sites"}
    for path in (PACKAGE / "sim").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hybrid_env"):
                folder = node.module.rpartition(".")[0]
                assert {node.module, folder} & hashed or node.module.startswith("hybrid_env.sim"), path.name
