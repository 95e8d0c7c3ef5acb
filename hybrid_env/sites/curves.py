"""Every curve of the physics as a table of a few knots, computed once from a site's parameters.

The simulator and the optimiser read the same tables, so they cannot drift apart. Two forms are used:

* *lines* of a concave curve, as `value(p, u) = min_k(slope[k] * p + offset[k] * u)`: the perspective of the curve,
  which says what a share `u` of the machines does with total power `p`;
* *knots* `(x, y)` of a curve in one variable, linear in between and constant outside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST_CAPACITY_FRAC = 0.4
"""The plant rejects at least this share of its capacity, however hot it is."""

ASIC_POWER_K = 0.25
"""Curvature of the power-hash curve (0.16 to 0.32 in published profiles)."""
ASIC_FIXED_FRAC = 0.03
"""Share of nameplate power that does not depend on hashrate (fans, control board)."""

THROUGHPUT_FIT = {"training": (0.96, 1.35), "inference": (0.70, 1.55)}
"""`(k, q)` of throughput `T = 1 - k (1 - p)^q`, fitted to the Emerald AI power-cap sweep (RMSE .017 and .004)."""
THROUGHPUT_FIT_FROM = 0.5
"""The sweep supports the fit down to half power; below it throughput collapses, so GPUs are paused instead."""

N_LINES = 7
N_FAN_KNOTS = 6
N_CHILLER_KNOTS = 8

_CHILLER_EIR_FT = (0.933678591, -0.058199196, 0.00449937, 0.002429466, 0.000485893, -0.001214733)


def asic_power_frac(hash_frac: Array) -> Array:
    """Share of nameplate power at a share of nameplate hashrate, for a machine that is awake.

    `P(h)/P0 = (1 - phi) h (1 - k (1 - h))^2 + phi`: power follows f V^2 with voltage falling with frequency.
    Source: LuxOS profiles and measured S19j Pro profiles, valid for 0.4 <= h <= 1.2.
    """
    return (1 - ASIC_FIXED_FRAC) * hash_frac * (1 - ASIC_POWER_K * (1 - hash_frac)) ** 2 + ASIC_FIXED_FRAC


def asic_lines(floor_hash_frac: float, max_hash_frac: float, sleep_frac: float) -> tuple[Array, Array, Array, Array]:
    """Hull of "asleep, or awake at `floor` or more" as lines; power is counted above the sleep draw.

    Returns:
        slope, offset: `N_LINES` each, hash share against power share; knot_power, knot_hash: `N_LINES + 1` each,
        from (0, 0) through the floor to the highest profile.
    """
    hash_knots = np.concatenate([[0.0], np.linspace(floor_hash_frac, max_hash_frac, N_LINES)])
    power_knots = np.concatenate([[0.0], asic_power_frac(hash_knots[1:]) - sleep_frac])
    slope = np.diff(hash_knots) / np.diff(power_knots)
    if np.any(np.diff(slope) > 1e-12):
        raise ValueError(f"the ASIC curve is not concave from floor_hash_frac = {floor_hash_frac}; raise the floor")
    offset = hash_knots[:-1] - slope * power_knots[:-1]
    return slope, offset, power_knots, hash_knots


def throughput_lines(kind: str) -> tuple[Array, Array, float]:
    """Hull of "paused, or running at `p` of full dynamic power" as lines, and the knee below which pausing is better.

    Source: Emerald AI demonstration, May 2025 (measured caps of 100 to 400 W on eight workloads).
    """
    k, q = THROUGHPUT_FIT[kind]
    power = np.concatenate([[0.0], np.linspace(THROUGHPUT_FIT_FROM, 1.0, N_LINES)])
    work = np.concatenate([[0.0], 1 - k * (1 - power[1:]) ** q])
    slope = np.diff(work) / np.diff(power)
    offset = work[:-1] - slope * power[:-1]
    return slope, offset, THROUGHPUT_FIT_FROM


def fan_knots() -> tuple[Array, Array]:
    """Affinity law: share of rated fan power is the cube of the share of flow; knots from 0 to 1."""
    x = np.array([0.0, 0.4, 0.6, 0.8, 0.9, 1.0])
    return x, x**3


def chiller_knots(cop: float, approach_c: float, free_below_c: float) -> tuple[Array, Array]:
    """Chiller power per unit of heat against wet bulb, at the reference supply temperature and near-full load.

    `1/COP = EIRFT(T_chw, T_cond) / COP_ref` (DOE-2 centrifugal set, Hydeman et al.; `T_chw` at its upper fit limit of
    10 C, `T_cond` = wet bulb + approach, clamped to the fit's 24 to 35 C). Below the free-cooling limit only pumps run
    (0.03); over the next 10 K economisers and chillers share the load.
    """
    wetbulb = np.array([free_below_c, free_below_c + 5, free_below_c + 10, 20.0, 23.0, 26.0, 29.0, 35.0])
    wetbulb = np.maximum.accumulate(wetbulb)
    condenser = np.clip(wetbulb + approach_c, 24.0, 35.0)
    c, chilled = _CHILLER_EIR_FT, 10.0
    eir = (
        c[0] + c[1] * chilled + c[2] * chilled**2 + c[3] * condenser + c[4] * condenser**2 + c[5] * chilled * condenser
    )
    specific = eir / cop
    share = np.clip((wetbulb - free_below_c) / 10.0, 0.0, 1.0)
    return wetbulb, 0.03 + (specific - 0.03) * share


def capacity_knots(capacity_mw: float, ref_c: float, loss_per_c: float) -> tuple[Array, Array]:
    """Heat the plant rejects against dry bulb: full up to the reference, then falling, never under
    `LEAST_CAPACITY_FRAC`.
    """
    worst_c = 50.0
    least = max(LEAST_CAPACITY_FRAC, 1 - loss_per_c * (worst_c - ref_c))
    return np.array([ref_c, worst_c]), capacity_mw * np.array([1.0, least])


def as_hinges(x: Array, y: Array, size: int) -> tuple[float, Array, Array]:
    """Turn knots into `y0 + sum_k d[k] max(0, v - x[k])`, constant outside the knots, padded to `size` hinges."""
    keep = np.concatenate([[True], np.diff(x) > 0])
    x, y = x[keep], y[keep]
    slope = np.concatenate([np.diff(y) / np.diff(x), [0.0]])
    at, change = np.zeros(size), np.zeros(size)
    at[: len(x)] = x
    change[: len(x)] = np.diff(np.concatenate([[0.0], slope]))
    return float(y[0]), at, change
