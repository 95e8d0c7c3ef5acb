"""Checkpoints survive accidents and never run code."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from agents.checkpoint import (
    KEPT,
    CheckpointError,
    CheckpointWarning,
    checkpoints,
    from_bytes,
    load_checkpoint,
    save_checkpoint,
    to_bytes,
)


def test_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    for steps in (1, 20, 300):
        save_checkpoint(tmp_path, steps, {"steps": steps})
    assert len(checkpoints(tmp_path)) == KEPT
    found = load_checkpoint(tmp_path)
    assert found is not None and found["steps"] == 300


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken(tmp_path: Path, damage: str) -> None:
    save_checkpoint(tmp_path, 1, {"steps": 1, "weights": torch.zeros(100)})
    newest = save_checkpoint(tmp_path, 2, {"steps": 2, "weights": torch.zeros(100)})
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes({"cut": bytes(data[: len(data) // 2]), "flipped": bytes(data), "empty": b""}[damage])
    with pytest.warns(CheckpointWarning, match=newest.name):
        found = load_checkpoint(tmp_path)
    assert found is not None and found["steps"] == 1


@pytest.mark.filterwarnings("ignore::agents.checkpoint.CheckpointWarning")
def test_nothing_but_damaged_checkpoints_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoints", 1, {}).write_bytes(b"")
    with pytest.raises(CheckpointError, match="delete the folder"):
        load_checkpoint(tmp_path / "checkpoints")


class Hostile:
    """What a stranger might put into a file of weights."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("ran",)


@pytest.mark.parametrize(
    "pack", [lambda x: to_bytes({"weights": x}), lambda x: pickle.dumps({"format": 1, "weights": x}, protocol=2)]
)
def test_code_in_a_file_is_refused_and_not_run(pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"policy\.pt"):
        from_bytes(pack(Hostile()), "policy.pt")
    assert not list(tmp_path.iterdir())


def test_another_format_is_refused() -> None:
    with pytest.raises(CheckpointError, match="format"):
        from_bytes(to_bytes({"format": 99}), "x.pt")
