"""A training run's folder: its name, its lock, and what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.config import AgentConfig
from hybrid_env.scoring.provenance import git_commit, processor_name, versions
from hybrid_env.scoring.result import write_atomically
from hybrid_env.sim.compiler import kernel_hash
from hybrid_env.tasks import Task

HASH_DIGITS = 10


class RunError(RuntimeError):
    """A run's folder cannot be used; the message names folder, reason and fix."""


@dataclass(frozen=True)
class Run:
    """One training run: everything that decides it, and where its files are.

    Attributes:
        task, agent, seed: what is trained, how, and with which luck.
        trace_hashes: of the training years.
        root: folder of all runs.
    """

    task: Task
    agent: AgentConfig
    seed: int
    trace_hashes: tuple[str, ...]
    root: Path

    @property
    def hash(self) -> str:
        """Hash of configuration, site, years and simulator: another run of the same hash ends with the same weights."""
        parts = {
            "task": self.task.model_dump(mode="json"),
            "agent": self.agent.model_dump(mode="json"),
            "seed": self.seed,
            "site": self.task.site_model.hash,
            "traces": self.trace_hashes,
            "kernel": kernel_hash(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:HASH_DIGITS]

    @property
    def folder(self) -> Path:
        """`<root>/<task>/<agent>-<seed>-<hash>`."""
        return self.root / self.task.slug / f"{self.agent.name}-{self.seed}-{self.hash}"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / "checkpoints"

    @property
    def task_file(self) -> Path:
        """The task as it was resolved."""
        return self.folder / "task.yaml"

    def describe(self) -> dict[str, Any]:
        """Resolved configuration and provenance."""
        return {
            "hash": self.hash,
            "seed": self.seed,
            "task": self.task.model_dump(mode="json"),
            "agent": self.agent.model_dump(mode="json"),
            "versions": versions(),
            "git_commit": git_commit(),
            "site_hash": self.task.site_model.hash,
            "trace_hashes": list(self.trace_hashes),
            "kernel_hash": kernel_hash(),
            "machine": processor_name(),
        }

    def write_description(self) -> None:
        """`config.json` and `task.yaml`; JSON is YAML too."""
        write_atomically(self.task_file, json.dumps(self.task.model_dump(mode="json"), indent=1))
        write_atomically(self.folder / "config.json", json.dumps(self.describe(), indent=1))

    def summary(self) -> dict[str, Any] | None:
        """`summary.json` of a finished run; None if it is not finished or the file is damaged."""
        try:
            found = json.loads((self.folder / "summary.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("hash") == self.hash else None


def trained_on(folder: Path) -> frozenset[str]:
    """Hashes of the years that the run in this folder learned from; empty where the folder holds a policy alone.

    Raises:
        RunError: its description is damaged.
    """
    path = folder / "config.json"
    if not path.exists():
        return frozenset()
    try:
        return frozenset(json.loads(path.read_text("utf-8"))["trace_hashes"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: damaged; run the same training command again") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process alone; the system lets go when the process ends, however it ends.

    Raises:
        RunError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".lock"
    with open(path, "a+b") as file:
        if not _lock(file.fileno()):
            raise RunError(f"{folder}: another process is at work here; wait for it or stop it, then try again")
        yield


def _lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
