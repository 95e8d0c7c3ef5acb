"""Learned forecasts kept on disk: arrays of numbers, never models; read only where all that made them is the same."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

from hybrid_env.traces.forecasting.past import Floats
from hybrid_env.traces.library import cache_folder

logger = logging.getLogger("hybrid_env.traces")

MADE_WITH = ("numpy", "scikit-learn")


def key(parts: Iterable[str]) -> str:
    """What names a kept forecast: hashes of its traces, the code and the versions that made it; 24 hex digits."""
    return hashlib.sha256("|".join([_code(), *parts]).encode()).hexdigest()[:24]


def load(name: str, shape: tuple[int, ...]) -> Floats | None:
    """The kept forecast, or None where there is none or it is damaged (said in a warning)."""
    path = _path(name)
    if path is None or not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = archive["forecast"]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("%s: damaged (%s); forecasting again", path, error)
        return None
    if found.shape != shape or found.dtype != np.float64 or not np.isfinite(found).all():
        logger.warning("%s: not a forecast of shape %s; forecasting again", path, shape)
        return None
    return found


def save(name: str, forecast: Floats) -> None:
    """Keep a forecast, whole or not at all; where nothing can be written it is made again next time."""
    path = _path(name)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, forecast=forecast)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:  # read-only or full: the forecast stays in memory
        logger.debug("cannot write %s (%s)", path, error)


def _path(name: str) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder.parent / "forecasts" / f"learned_{name}.npz"


@cache
def _code() -> str:
    """Hash of this folder's sources, of the shared rule's, and of the versions of what does the arithmetic."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in [*sorted(here.glob("*.py")), here.parent / "forecast.py"]:
        digest.update(path.read_bytes())
    for package in MADE_WITH:
        digest.update(f"{package} {_version(package)}".encode())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
