"""A package that is not installed, in words: which one, and which extra of the project brings it."""

from __future__ import annotations

import sys
from types import TracebackType

MISTAKE = 2
"""Exit status after a mistake of the user's."""
EXTRA_OF = {
    "highspy": "lp", "scipy": "lp",
    "sb3_contrib": "train", "stable_baselines3": "train", "tensorboard": "train", "torch": "train",
    "sklearn": "forecast", "threadpoolctl": "forecast",
    "pandas": "data", "plotly": "data", "pvlib": "data", "pyarrow": "data", "python_calamine": "data",
    "tzdata": "data",
    "hydra": "run", "matplotlib": "run", "omegaconf": "run", "rich": "run",
}  # fmt: skip
"""What is imported -> the smallest extra that holds it."""


def missing_package(error: ImportError) -> str | None:
    """What to tell the user; None where it is no package of ours that is missing, so that it is a bug.

    Args:
        error: as raised, or as raised anew with a message that names the fix already.
    """
    cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    package = (cause.name or "").partition(".")[0]
    if not isinstance(cause, ModuleNotFoundError) or package not in EXTRA_OF:
        return None
    if "pip install" in str(error):
        return str(error)
    return f'this needs the package {package}, which is not installed: pip install "hybrid-env[{EXTRA_OF[package]}]"'


def leave_in_words(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """An `excepthook`: a missing package of ours in one line, all else as ever.

    Raises:
        SystemExit: with the status of a mistake.
    """
    message = missing_package(error) if isinstance(error, ImportError) else None
    if message is None:
        sys.__excepthook__(kind, error, traceback)
        return
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(MISTAKE)
