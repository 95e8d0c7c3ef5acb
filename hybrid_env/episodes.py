"""What the three faces share: the recipe of an environment, and how an episode is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray

from hybrid_env.batch import Batch
from hybrid_env.sim.state import N_START_UNIFORMS
from hybrid_env.sites.site import Site
from hybrid_env.tasks import Split, load_task
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import Trace

OPTIONS = ("world", "row", "horizon_rows", "standard_start")


@dataclass(frozen=True)
class Recipe:
    """All that is needed to make an environment again; this is what is pickled, not the arrays.

    Attributes:
        task: name of a packaged task or path of a task's YAML file.
        split: which of its years.
        horizon_rows: length of an episode; None takes the task's.
        site: replaces the task's site.
        traces: replace the task's years.
    """

    task: str
    split: Split
    horizon_rows: int | None
    site: Site | None
    traces: tuple[Trace, ...] | None

    def __post_init__(self) -> None:
        if self.horizon_rows is not None:
            _check_horizon(self.horizon_rows)

    def batch(self, n: int, threads: int = 1) -> Batch:
        """N lanes over the recipe's site and years."""
        task = load_task(self.task)
        library = Library.of(self.traces) if self.traces is not None else task.library(self.split)
        return Batch(self.site or task.site_model, library, n, threads)

    @property
    def horizon(self) -> int:
        """Length of an episode in rows."""
        return self.horizon_rows or load_task(self.task).horizon_rows


def _check_horizon(rows: int) -> int:
    if rows < 1:
        raise ValueError(f"horizon_rows = {rows}: an episode has at least one row")
    return rows


def choose(
    batch: Batch, generator: np.random.Generator, horizon_rows: int, options: Mapping[str, Any] | None
) -> tuple[tuple[int, int, int], NDArray[np.float64]]:
    """World, first row and end row of the next episode, and the luck of its starting state.

    Args:
        options: `world`, `row`, `horizon_rows` fix what is otherwise drawn; `standard_start` replaces the drawn
        starting state by
            the middle one. The generator advances equally whatever is fixed.

    Raises:
        ValueError: an option is unknown or out of range.
    """
    options = options or {}
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise ValueError(f"unknown reset option {unknown[0]!r}; known: {', '.join(OPTIONS)}")
    horizon = _check_horizon(int(options.get("horizon_rows", horizon_rows)))
    (world, row, _), luck = batch.draw(generator, horizon)
    world = int(options.get("world", world))
    if not 0 <= world < len(batch.library.names):
        raise ValueError(
            f"option world = {world} is not one of the {len(batch.library.names)} worlds:"
            f" {', '.join(batch.library.names)}"
        )
    first, last = batch.first_rows(world, horizon)
    row = int(options["row"]) if "row" in options else min(row, last)
    if not first <= row <= last or row % first:
        raise ValueError(
            f"option row = {row} must be a multiple of {first} (an hour) from {first} to {last}"
            f" for an episode of {horizon} rows"
        )
    if options.get("standard_start", False):
        luck = np.full(N_START_UNIFORMS, 0.5)
    return (world, row, row + horizon), luck


def lane_generators(seed: int | Sequence[int | None] | None, n: int) -> list[np.random.Generator]:
    """One generator a lane. An integer seeds lane i with `seed + i`, as Gymnasium's own vector environments do."""
    if seed is None:
        seeds: list[int | None] = [None] * n
    elif isinstance(seed, int | np.integer):
        seeds = [int(seed) + i for i in range(n)]
    else:
        seeds = [None if s is None else int(s) for s in seed]
    if len(seeds) != n:
        raise ValueError(f"{len(seeds)} seeds were given for {n} lanes")
    return [seeding.np_random(s)[0] for s in seeds]
