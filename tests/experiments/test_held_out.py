"""The programme that states the registered tasks' test years."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.command import run_programme
from experiments.held_out import HeldOutSettings, drawn, held_out_yaml, main
from hybrid_env.held_out import HeldOut, held_out_file, read_held_out
from hybrid_env.tasks import load_task


def write(path: Path) -> None:
    run_programme("held_out", HeldOutSettings, main, [f"file={path}"])


@pytest.fixture
def one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.held_out.task_names", lambda: ["texas_wind"])


def test_the_packaged_file_is_what_the_programme_writes() -> None:
    entries = read_held_out(held_out_file())
    assert held_out_yaml(entries) == held_out_file().read_text("utf-8")
    task = load_task("texas_wind")
    assert drawn(task) == entries[task.id]


@pytest.mark.usefixtures("one_task")
def test_it_says_what_changed_and_whose_references_no_longer_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "held_out.yaml"
    write(path)
    told = capsys.readouterr().out
    assert told.count("new") == 2 and "raise the version" not in told and "references" not in told
    other = HeldOut(site="texas_wind", market="texas", years={3001: "f" * 16, 3002: "e" * 16})
    monkeypatch.setattr("experiments.held_out.drawn", lambda _: other)
    write(path)
    told = capsys.readouterr().out
    assert told.count("changed: raise the version") == 2 and "has stored references of other years" in told
    assert list(read_held_out(path).values()) == [other]
