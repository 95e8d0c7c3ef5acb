"""Medians with their spread, and a process that keeps to one core."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """One figure: the median over repeats, with the lowest and highest.

    Attributes:
        name: what was measured.
        unit: of all values.
        median, low, high: None where it was skipped.
        repeats: how often it was measured.
        note: why it was skipped, or what to know.
    """

    name: str
    unit: str
    median: float | None
    low: float | None = None
    high: float | None = None
    repeats: int = 0
    note: str = ""

    @classmethod
    def of(cls, name: str, unit: str, values: Sequence[float], note: str = "") -> Measure:
        """From the values of all repeats."""
        return cls(name, unit, statistics.median(values), min(values), max(values), len(values), note)

    @classmethod
    def skipped(cls, name: str, unit: str, why: str) -> Measure:
        """What could not be measured, and why."""
        return cls(name, unit, None, note=f"skipped: {why}")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def keep_to_one_core() -> str:
    """Pin this process to one of its cores where the system can; returns what was done."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned: this system cannot"
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def side_by_side(
    ours: Callable[[], float], theirs: Callable[[], float], repeats: int
) -> tuple[list[float], list[float]]:
    """Both measured in turn, so that a busy moment hits both."""
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]
