"""Where a number came from."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hybrid_env.batch import Batch
from hybrid_env.scoring import provenance as module
from hybrid_env.scoring.provenance import git_commit, processor_name, provenance, versions
from hybrid_env.sim.compiler import kernel_hash
from hybrid_env.traces.library import Library
from tests.strategies import wild_trace
from tests.workbench import site_with


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit, in which the code is taken to lie."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "hybrid_env" / "scoring" / "provenance.py"
    file.parent.mkdir(parents=True)
    file.write_text("1\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=n", "-c", "user.email=e@e", "commit", "--quiet", "--message=one")
    monkeypatch.setattr(module, "__file__", str(file))
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_clean_clone_is_named_by_its_commit(clone: Path) -> None:
    assert git_commit() == git(clone, "rev-parse", "HEAD")[:12]


def test_a_tag_does_not_stand_in_for_the_commit(clone: Path) -> None:
    git(clone, "tag", "v9")
    assert git_commit() == git(clone, "rev-parse", "HEAD")[:12]


def test_edited_code_is_called_dirty(clone: Path) -> None:
    (clone / "hybrid_env" / "scoring" / "provenance.py").write_text("2\n")
    assert git_commit() == git(clone, "rev-parse", "HEAD")[:12] + "-dirty"


def test_outside_a_clone_the_commit_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert git_commit() == "unknown"


def test_without_git_the_commit_is_unknown(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(clone))
    assert git_commit() == "unknown"


def test_versions_are_of_the_interpreter_and_of_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGES", ("numpy", "no-such-package-of-that-name"))
    assert versions() == {"python": platform.python_version(), "numpy": np.__version__}


def test_the_processor_has_a_name() -> None:
    assert processor_name().strip()


def test_a_run_names_site_traces_and_kernel() -> None:
    worlds = [wild_trace(seed, name=f"wild/{seed}") for seed in (1, 2)]
    site = site_with()
    found = provenance(Batch(site, Library(worlds), 2), {"seed": 3}, "do it again")
    assert found.site_hash == site.hash and found.kernel_hash == kernel_hash()
    assert found.trace_hashes == {world.name: world.hash for world in worlds}
    assert found.config == {"seed": 3} and found.command == "do it again"
    assert found.created_utc.microsecond == 0
    assert abs((datetime.now(UTC) - found.created_utc).total_seconds()) < 60
