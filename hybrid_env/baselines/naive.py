"""Naive: the zero of every score. Pinned: a change raises every task's version."""

from __future__ import annotations

from hybrid_env.batch import Batch, Floats, defaults


class Naive:
    """Contracted and deadline work first, all fleets on with what is left, battery idle, no curtailment."""

    name = "naive"

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch) -> Floats:
        """The default of every action: everything on, nothing offered."""
        return defaults(batch.n)
