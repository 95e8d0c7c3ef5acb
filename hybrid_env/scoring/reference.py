"""Stored reference returns of the registered tasks, so that scoring a policy needs no optimiser.

One folder a task: `references.json` (naive, bound, R*, P24 by world and week) and the result files of the reference
controllers, which leaderboards show beside everybody else's. `python -m experiments.references` recomputes all of it.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from hybrid_env.scoring.result import Result, load_results
from hybrid_env.scoring.score import References, load_references
from hybrid_env.tasks import Task

REFERENCES_FILE = "references.json"
RESULTS_FOLDER = "results"


def references_folder(task: Task) -> Path:
    """Where the package keeps a task's references: `hybrid_env/scoring/references/<slug of the task>`."""
    return Path(str(resources.files("hybrid_env") / "scoring" / "references" / task.slug))


def stored_references(task: Task) -> References | None:
    """The task's references; None where none are stored.

    Raises:
        ResultError: the file is damaged.
    """
    path = references_folder(task) / REFERENCES_FILE
    return load_references(path) if path.exists() else None


def stored_results(task: Task) -> list[Result]:
    """Results of the reference controllers (MPC, P24, R*); empty where none are stored.

    Raises:
        ResultError: a file is damaged.
    """
    folder = references_folder(task) / RESULTS_FOLDER
    return load_results(folder) if any(folder.glob("*.json")) else []
