"""The cooling plant's tables for arrays of weather, as the kernel reads them for one interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weather = np.ndarray | Mapping[str, Floats]
"""Anything with `drybulb_c` and `wetbulb_c`, by row."""


def hinges(value: Floats, y0: float, at: Floats, change: Floats) -> Floats:
    """The simulator's hinge tables for arrays: `y0 + sum_k change_k max(0, value - at_k)`."""
    return y0 + np.maximum(0.0, value[:, None] - at) @ change


def outdoor_c(wet_frac: float, rows: Weather) -> Floats:
    """The outdoor temperature a table is read at, by row."""
    return wet_frac * rows["wetbulb_c"] + (1.0 - wet_frac) * rows["drybulb_c"]


def dearest_specific(p: np.void, rows: Weather) -> Floats:
    """Chiller power per unit of heat at the lowest set-point."""
    return hinges(outdoor_c(p["specific_wet_frac"], rows), p["chiller_y0"], p["chiller_at"], p["chiller_change"])


def capacity_mw(p: np.void, rows: Weather) -> Floats:
    """Heat (MW) the plant can reject, chillers' own included."""
    outdoor = outdoor_c(p["capacity_wet_frac"], rows)
    return hinges(outdoor, p["capacity_y0"], p["capacity_at"], p["capacity_change"])
