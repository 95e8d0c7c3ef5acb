"""What weather does to the cooling plant and to fleets outdoors, for arrays, as the kernel reads it by interval."""

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


def fleet_inlet_c(p: np.void, rows: Weather) -> Floats:
    """Inlet temperature of each fleet, `[T, fleets]`; of no meaning for those in the hall."""
    fleets, dry, wet = int(p["n_fleets"]), rows["drybulb_c"], rows["wetbulb_c"]
    depression = np.where(dry > p["pad_from_c"], dry - wet, 0.0)
    return dry[:, None] - p["fleet_pad"][:fleets] * depression[:, None] + p["fleet_above_c"][:fleets]


def fleet_derate(p: np.void, rows: Weather) -> Floats:
    """Share of hash that is left, `[T, fleets]`: 1 in the hall (whose temperature is a variable), 0 where it trips."""
    fleets, inlet = int(p["n_fleets"]), fleet_inlet_c(p, rows)
    hot = np.maximum(0.0, inlet - p["fleet_derate_start_c"][:fleets])
    left = np.where(inlet < p["fleet_trip_c"][:fleets], np.maximum(0.0, 1 - p["mining_derate_per_c"] * hot), 0.0)
    return np.where(p["fleet_place"][:fleets] > 0, left, 1.0)


def fleet_runs(p: np.void, rows: Weather) -> Floats:
    """1 where a fleet may run, 0 where its inlet is at its trip, `[T, fleets]`."""
    fleets = int(p["n_fleets"])
    return np.where((p["fleet_place"][:fleets] > 0) & (fleet_inlet_c(p, rows) >= p["fleet_trip_c"][:fleets]), 0.0, 1.0)
