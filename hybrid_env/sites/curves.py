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

PUMPS_ONLY = 0.03
"""Power per unit of heat while only pumps and rejection run, no compressor."""
BLEND_K = 10.0
"""Compressors (and evaporation) take over from free cooling across this many kelvins."""

AIR_CHILLER_FROM_C = 10.0
"""Below it the air-cooled fit turns up again; what is colder counts as this."""
AIR_CHILLER_PART_LOAD = 0.7
"""Load over nominal capacity at which the table is made."""
_AIR_CAPACITY_FT = (0.944836, -0.0570088, 0.00185486)
_AIR_POWER_FT = (2.333, -1.975, 0.6121)
_AIR_POWER_PLR = (0.03303, 0.6852, 0.2818)


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
    (`PUMPS_ONLY`); over the next 10 K economisers and chillers share the load.
    """
    wetbulb = np.array([free_below_c, free_below_c + 5, free_below_c + 10, 20.0, 23.0, 26.0, 29.0, 35.0])
    wetbulb = np.maximum.accumulate(wetbulb)
    condenser = np.clip(wetbulb + approach_c, 24.0, 35.0)
    c, chilled = _CHILLER_EIR_FT, 10.0
    eir = (
        c[0] + c[1] * chilled + c[2] * chilled**2 + c[3] * condenser + c[4] * condenser**2 + c[5] * chilled * condenser
    )
    specific = eir / cop
    return wetbulb, PUMPS_ONLY + (specific - PUMPS_ONLY) * compressor_share(wetbulb, free_below_c)


def compressor_share(outdoor_c: Array, free_below_c: float) -> Array:
    """Share of the heat that free cooling does not take: 0 up to the limit, 1 from `BLEND_K` above it."""
    return np.clip((outdoor_c - free_below_c) / BLEND_K, 0.0, 1.0)


def air_chiller_cop(drybulb_c: Array, cop: float) -> Array:
    """COP of an air-cooled chiller at 70 % load and 6.67 C chilled water.

    EnergyPlus `Chiller:Electric` (BLAST set): `d = (T - 35) / 2.778`, capacity ratio `r(d)`, full-load power ratio
    `w(r)`, part-load power `f(load / r)`; `P = f w r / COP_ref` of nominal. With a reference COP of 3 at 35 C:
    4.6, 4.2, 3.5, 3.15, 2.85, 2.6 at 10, 20, 30, 35, 40, 45 C.

    Args:
        cop: reference COP, 2 to 5.
    """
    d = (np.maximum(drybulb_c, AIR_CHILLER_FROM_C) - 35.0) / 2.778
    ratio = np.polynomial.polynomial.polyval(d, _AIR_CAPACITY_FT)
    full = np.polynomial.polynomial.polyval(ratio, _AIR_POWER_FT)
    part = np.polynomial.polynomial.polyval(AIR_CHILLER_PART_LOAD / ratio, _AIR_POWER_PLR)
    return AIR_CHILLER_PART_LOAD * cop / (part * full * ratio)


def air_chiller_knots(cop: float, free_below_c: float) -> tuple[Array, Array]:
    """Power of an air-cooled chiller per unit of heat against dry bulb, blended into free cooling as
    `chiller_knots`."""
    drybulb = np.array([free_below_c, free_below_c + 5, free_below_c + 10, 20.0, 26.0, 32.0, 40.0, 50.0])
    drybulb = np.maximum.accumulate(drybulb)
    specific = 1.0 / air_chiller_cop(drybulb, cop)
    return drybulb, PUMPS_ONLY + (specific - PUMPS_ONLY) * compressor_share(drybulb, free_below_c)


def pump_knots() -> tuple[Array, Array]:
    """Power per unit of heat where no compressor is: the same whatever the weather."""
    return np.array([0.0]), np.array([PUMPS_ONLY])


def water_knots(l_per_kwh: float, free_below_c: float) -> tuple[Array, Array]:
    """Water (m3) evaporated and blown down per MWh of heat rejected, against wet bulb: none in free cooling.

    `3.6 / 2.45 = 1.47` L evaporate per kWh of heat; blowdown at five cycles of concentration makes it 1.84.
    """
    return np.array([free_below_c, free_below_c + BLEND_K]), l_per_kwh * np.array([0.0, 1.0])


def capacity_knots(capacity_mw: float, ref_c: float, loss_per_c: float) -> tuple[Array, Array]:
    """Heat the plant rejects against dry bulb: full up to the reference, then falling, never under
    `LEAST_CAPACITY_FRAC`.
    """
    worst_c = 50.0
    least = max(LEAST_CAPACITY_FRAC, 1 - loss_per_c * (worst_c - ref_c))
    return np.array([ref_c, worst_c]), capacity_mw * np.array([1.0, least])


def loop_capacity_knots(capacity_mw: float, ref_c: float, loop_c: float) -> tuple[Array, Array]:
    """Heat rejected by a liquid loop at `loop_c` against outdoor temperature, `Q = UA (T_loop - T)`.

    UA is such that the whole capacity is reached at `ref_c`; colder air is not used (fans slow down), and under
    `LEAST_CAPACITY_FRAC` the loop is let run warmer.
    """
    least_c = loop_c - LEAST_CAPACITY_FRAC * (loop_c - ref_c)
    return np.array([ref_c, least_c]), capacity_mw * np.array([1.0, LEAST_CAPACITY_FRAC])


def failure_heat_knots() -> tuple[Array, Array]:
    """Machines fail twice as often for each 10 K of inlet temperature above 30 C, up to 50 C (rule of Arrhenius)."""
    return np.array([30.0, 40.0, 50.0]), np.array([1.0, 2.0, 4.0])


def as_hinges(x: Array, y: Array, size: int) -> tuple[float, Array, Array]:
    """Turn knots into `y0 + sum_k d[k] max(0, v - x[k])`, constant outside the knots, padded to `size` hinges."""
    keep = np.concatenate([[True], np.diff(x) > 0])
    x, y = x[keep], y[keep]
    slope = np.concatenate([np.diff(y) / np.diff(x), [0.0]])
    at, change = np.zeros(size), np.zeros(size)
    at[: len(x)] = x
    change[: len(x)] = np.diff(np.concatenate([[0.0], slope]))
    return float(y[0]), at, change
