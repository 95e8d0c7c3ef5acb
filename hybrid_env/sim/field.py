"""How a number of an observation or an action is declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One number of an observation or an action.

    Attributes:
        name: with its unit where it has one.
        known: "now" (as the interval starts), "settled" (of the last interval), "forecast" (as issued this hour) or
        "state". scale: how the number is brought into [-1, 1]: `squash(x) = x / (1 + |x|)`, `centre(x) = 2 x - 1`.
        meaning: one line.
    """

    name: str
    known: str
    scale: str
    meaning: str
