"""The years that the registered tasks are tested on, by hash: a year that comes out otherwise is refused.

`configs/held_out.yaml` states them; `python -m experiments.held_out` writes it. A task that names another site or
market than its entry (one's own variant of a packaged task) is not held to it, nor are seeds that the entry does not
name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel, ValidationError

from hybrid_env.sites.base import SiteError, SiteModel
from hybrid_env.sites.explain import explain, read_yaml
from hybrid_env.traces.schema import Trace, TraceError
from hybrid_env.traces.store import stated_hash

HELD_OUT_FILE = "held_out.yaml"
REWRITE = "python -m experiments.held_out"


class HeldOut(SiteModel):
    """What one task states of its test years."""

    site: str
    """As the task names it."""
    market: str
    years: dict[int, str] = Field(min_length=1)
    """Test seed -> the trace's hash, 16 hexadecimal digits."""


class _Entries(RootModel[dict[str, HeldOut]]):
    """Task id -> its test years."""


def held_out_file() -> Path:
    """Where the package keeps the hashes."""
    return Path(str(resources.files("hybrid_env") / "configs" / HELD_OUT_FILE))


def read_held_out(path: Path) -> dict[str, HeldOut]:
    """Test years by task id; empty where there is no such file.

    Raises:
        SiteError: the file is damaged.
    """
    if not path.is_file():
        return {}
    try:
        return _Entries.model_validate(read_yaml(path.read_text("utf-8"), str(path))).root
    except ValidationError as error:
        raise SiteError(f"{explain(error, str(path), HeldOut)}\nwrite the file anew: {REWRITE}") from error


@cache
def stated_years() -> Mapping[str, HeldOut]:
    """What the package states; read once.

    Raises:
        SiteError: the packaged file is damaged.
    """
    return read_held_out(held_out_file())


def check_seeds(entries: Mapping[str, HeldOut], task_id: str, site: str, market: str, seeds: Sequence[int]) -> None:
    """Refuse to train on, or to choose by, what the registered task is tested on.

    Raises:
        ValueError: a seed of the training or validation split is a stated test year.
    """
    entry = _entry(entries, task_id, site, market)
    taken = sorted(set(seeds) & set(entry.years)) if entry else []
    if taken:
        raise ValueError(f"train and validation years must not be test years of {task_id}; found {taken}")


def check_files(entries: Mapping[str, HeldOut], files: Mapping[Any, Sequence[str]]) -> None:
    """Refuse splits that share a trace under two names, and training or validation on a registered test year.

    Args:
        files: split -> its trace files.

    Raises:
        TraceError: a file is missing or damaged, or its trace is in two splits.
    """
    tested = {hash_: task_id for task_id, entry in entries.items() for hash_ in entry.years.values()}
    seen: dict[str, tuple[str, str]] = {}
    for split, names in files.items():
        for name in names:
            hash_ = stated_hash(name)
            if split != "test" and hash_ in tested:
                raise TraceError(f"{name}: is a test year of {tested[hash_]}; it cannot be in the {split} split")
            other_split, other = seen.setdefault(hash_, (split, name))
            if other_split != split:
                raise TraceError(
                    f"{name} ({split}) and {other} ({other_split}) hold the same trace {hash_}; train, validation and"
                    f" test must not overlap"
                )


def check_years(
    entries: Mapping[str, HeldOut], task_id: str, site: str, market: str, seeds: Sequence[int], years: Sequence[Trace]
) -> None:
    """Hold generated test years to what is stated of them.

    Args:
        seeds: of `years`, in the same order.

    Raises:
        TraceError: a year has another hash; the message names both.
    """
    entry = _entry(entries, task_id, site, market)
    if entry is None:
        return
    for seed, year in zip(seeds, years, strict=True):
        stated = entry.years.get(seed, year.hash)
        if year.hash != stated:
            raise TraceError(
                f"{task_id}: test year {year.name} has hash {year.hash}, but {HELD_OUT_FILE} states {stated}: market"
                f" {market!r}, the import limit of site {site!r} or the generator is not what the task was registered"
                f" with. Undo that change, or, where it is meant, raise the task's version and run {REWRITE}"
            )


def _entry(entries: Mapping[str, HeldOut], task_id: str, site: str, market: str) -> HeldOut | None:
    """The task's entry, where it is about this site and market."""
    entry = entries.get(task_id)
    return entry if entry is not None and (entry.site, entry.market) == (site, market) else None
