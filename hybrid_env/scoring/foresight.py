"""Whoever is told the future is no competitor: results on years that hold perfect forecasts say so themselves."""

from __future__ import annotations

from collections.abc import Sequence

from hybrid_env.baselines.naive import Naive
from hybrid_env.scoring.result import Kind
from hybrid_env.traces.forecasting.methods import reference_method


def labelled(policy: str, kind: Kind, worlds: Sequence[str]) -> tuple[str, Kind]:
    """Name and kind under which a policy's results on these years are filed and shown.

    On years with perfect forecasts `mpc` is `mpc@perfect`, a reference, whoever made the years and wherever their file
    lies. Naive reads no forecast and stays the zero of the score.

    Args:
        worlds: names of the traces.
    """
    told = next((method for world in worlds if (method := reference_method(world)) is not None), None)
    if told is None or policy == Naive.name:
        return policy, kind
    return f"{policy}@{told}", "reference"
