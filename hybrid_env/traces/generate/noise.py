"""Random building blocks: independent streams and stationary memories."""

from __future__ import annotations

from enum import IntEnum

import numba
import numpy as np

SETTLE_TAUS = 8
"""Memories after which a recursion started at rest is as good as stationary (e^-8 of its start is left)."""


class Stream(IntEnum):
    """Number of each subject's random stream: a change to one subject leaves the draws of the others alone."""

    WEATHER = 1
    WIND = 2
    LOAD = 3
    PRICE = 4
    BITCOIN = 5
    WORK = 6
    GANG = 7
    ORDERS = 8
    FORECAST = 9
    CARBON = 10
    SOLAR = 11
    HYDRO = 12
    FUEL = 13
    MARGINAL_CARBON = 14
    RESERVES = 15
    EVENTS = 16
    ON_DEMAND = 17
    PROOF_OF_WORK = 18
    TENANTS = 19
    JOB_FAILURES = 20
    FAILURES = 21


def stream(seed: int, subject: Stream, part: int | None = None) -> np.random.Generator:
    """The random generator of one subject in one year, or of one of its numbered parts (from 1)."""
    return np.random.default_rng([seed, int(subject)] if part is None else [seed, int(subject), part])


@numba.njit
def remember(draws: np.ndarray, memory: float) -> np.ndarray:
    """AR(1) path `x[t] = memory x[t-1] + sqrt(1 - memory^2) draws[t]`, started in its stationary law."""
    out = np.empty_like(draws)
    gain = np.sqrt(1.0 - memory * memory)
    out[0] = draws[0]
    for t in range(1, len(draws)):
        out[t] = memory * out[t - 1] + gain * draws[t]
    return out


@numba.njit
def decay(impulses: np.ndarray, memory: float) -> np.ndarray:
    """Shot noise `x[t] = memory x[t-1] + impulses[t]`, started at rest."""
    out = np.empty_like(impulses)
    out[0] = impulses[0]
    for t in range(1, len(impulses)):
        out[t] = memory * out[t - 1] + impulses[t]
    return out


def memory_of(tau_h: float, step_h: float) -> float:
    """AR(1) coefficient whose correlation falls to 1/e in `tau_h` hours."""
    return float(np.exp(-step_h / tau_h))


def wander(rng: np.random.Generator, n: int, tau_h: float, step_h: float) -> np.ndarray:
    """Unit-variance Ornstein-Uhlenbeck path of `n` steps."""
    return remember(rng.standard_normal(n), memory_of(tau_h, step_h))


def smooth_wander(rng: np.random.Generator, n: int, tau_h: float, step_h: float) -> np.ndarray:
    """Two equal memories in series, scaled to unit variance: a path with a slope."""
    memory = memory_of(tau_h, step_h)
    settle = round(SETTLE_TAUS * tau_h / step_h)
    path = remember(wander(rng, settle + n, tau_h, step_h), memory)[settle:]
    return path * np.sqrt((1 - memory**2) / (1 + memory**2))
