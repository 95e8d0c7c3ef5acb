"""Naive: the zero of every score. Pinned: a change raises every task's version."""

from __future__ import annotations

from hybrid_env.baselines.policy import FULL, NEUTRAL, constant
from hybrid_env.batch import Batch, Floats


class Naive:
    """Contracted and deadline work first, all fleets on with what is left, battery idle, no curtailment."""

    name = "naive"

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch) -> Floats:
        """Everything on."""
        return constant(
            batch.n,
            mining=FULL,
            reserved=FULL,
            inference=FULL,
            training=FULL,
            spot=FULL,
            battery=NEUTRAL,
            setpoint=NEUTRAL,
        )
