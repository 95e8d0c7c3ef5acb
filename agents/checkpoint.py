"""Training state on disk: whole or not at all, and never code.

A checkpoint is one file, `step-<steps>-<digest>.pt`. It holds tensors, numbers and strings only and is read with
`torch.load(weights_only=True)`, which refuses everything else, so a stranger's file cannot run anything. The digest in
the name is of the file's bytes: a damaged file is known as such, and the one before it is taken.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import warnings
from pathlib import Path
from typing import Any

import torch

from hybrid_env.scoring.result import write_atomically

FORMAT = 1
KEPT = 2
"""Checkpoints that are kept; the second is for the case that the first is damaged."""


class CheckpointError(ValueError):
    """A file of weights is missing, damaged, or not of this project; the message names file and fix."""


class CheckpointWarning(UserWarning):
    """A damaged checkpoint was passed over."""


def to_bytes(content: dict[str, Any]) -> bytes:
    """Tensors, numbers, strings, lists and dictionaries as bytes that `from_bytes` reads."""
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **content}, buffer)
    return buffer.getvalue()


def from_bytes(content: bytes, origin: str) -> dict[str, Any]:
    """The content of `to_bytes`; refuses anything that could run code.

    Raises:
        CheckpointError: damaged, of another format, or holding more than data.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stranger's file may be odd in more ways than one; the error says it
            found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{origin}: damaged, or not a file of weights ({_first_line(error)})") from error
    version = found.get("format") if isinstance(found, dict) else None
    if version != FORMAT:
        raise CheckpointError(f"{origin}: format: found {version!r}, this version reads {FORMAT}; train again")
    return found


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def digest(content: bytes) -> str:
    """Ten hex digits that name bytes."""
    return hashlib.sha256(content).hexdigest()[:10]


def checkpoints(folder: Path) -> list[Path]:
    """Checkpoints of a folder, newest first."""
    return sorted(folder.glob("step-*-*.pt"), reverse=True)


def save_checkpoint(folder: Path, steps: int, content: dict[str, Any]) -> Path:
    """Add a checkpoint, then remove all but the newest ones."""
    data = to_bytes(content)
    path = folder / f"step-{steps:012d}-{digest(data)}.pt"
    write_atomically(path, data)
    others = [old for old in checkpoints(folder) if old != path]
    for old in others[KEPT - 1 :]:
        old.unlink(missing_ok=True)
    for half in folder.glob(".step-*.tmp"):
        half.unlink(missing_ok=True)
    return path


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The newest checkpoint that is whole; None if there is none. Each damaged one is named in a warning.

    Raises:
        CheckpointError: there are checkpoints, and none is whole.
    """
    found = checkpoints(folder)
    for path in found:
        try:
            return _read(path)
        except CheckpointError as error:
            warnings.warn(f"{error}; going on from the checkpoint before it", CheckpointWarning, stacklevel=2)
    if found:
        raise CheckpointError(
            f"{folder}: all {len(found)} checkpoints are damaged; delete the folder {folder.parent} to train anew"
        )
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or error})") from error
    if digest(data) != path.stem.rpartition("-")[2]:
        raise CheckpointError(f"{path}: damaged (its content is not what its name says)")
    return from_bytes(data, str(path))
