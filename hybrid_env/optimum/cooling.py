"""One heat-rejection plant: heat taken from both halls, their temperatures, and the power it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybrid_env.optimum.programme import Columns, Floats, Lp, Term
from hybrid_env.sim.cooling import STEEPEST_FAN
from hybrid_env.sites.plant import Weather, dearest_specific, hinges

if TYPE_CHECKING:
    from hybrid_env.optimum.horizon import Periods, StartState


@dataclass(frozen=True)
class Cooling:
    """Columns `[T]`: heat removed from the GPU and the mining hall (MW), fan power (MW), hall temperatures (C) at
    each period's end."""

    gpu_heat: Columns
    warm_heat: list[Columns]
    fan: Columns
    gpu_hall: Columns
    mining_hall: Columns
    chiller_specific: Floats
    mining_specific: float

    @property
    def power_terms(self) -> list[Term]:
        """Cooling power (MW) by period."""
        return [
            (self.chiller_specific, self.gpu_heat),
            (1.0, self.fan),
            *((self.mining_specific, heat) for heat in self.warm_heat),
        ]


def best_specific(p: np.void, rows: Weather) -> Floats:
    """Chiller power per unit of heat at the highest set-point, the cheapest."""
    return dearest_specific(p, rows) * setpoint_factor(p)


def setpoint_factor(p: np.void) -> float:
    """Chiller power at the highest set-point as a share of that at the lowest."""
    return 1 - float(p["setpoint_gain_per_c"] * (p["setpoint_max_c"] - p["setpoint_min_c"]))


def water_usd_per_mw(p: np.void, t: Periods) -> Floats:
    """What a MW of heat rejected all through a period costs in water."""
    return p["water_usd_per_m3"] * t.hours * hinges(t.rows["wetbulb_c"], 0.0, p["water_at"], p["water_change"])


def short_periods(p: np.void, t: Periods) -> Columns:
    """Periods in which limits are so low that even idle GPUs may have to be switched off (a safe, generous test).

    Power: import limit (or a ramp from none) and own generation against idle draw, chillers and fans with both halls at
    their hottest.
    Heat: plant against idle draw.
    """
    dearest = t.chiller_specific / setpoint_factor(p)
    gpu_warm = p["gpu_hall_mwh_per_k"] * (p["gpu_hall_trip_c"] - p["setpoint_min_c"]) / p["interval_h"]
    hottest = p["mining_hall_trip_c"] - p["mining_hall_setpoint_c"]
    per_mw = p["mining_specific"] + STEEPEST_FAN * p["fan_rated_mw"] / t.capacity_mw
    kept = p["sleep_mw"] + (p["sleep_mw"] + p["mining_hall_mwh_per_k"] * hottest / p["interval_h"]) * per_mw
    need = p["gpu_idle_mw"] + dearest * (p["gpu_idle_mw"] + gpu_warm) + p["fan_rated_mw"] + kept
    import_mw = t.import_limit_mw if not p["ramp_mw"] > 0 else np.minimum(t.import_limit_mw, p["ramp_mw"])
    starved = import_mw + t.own_mw < need
    return np.flatnonzero(starved | ((t.capacity_mw - p["sleep_mw"]) / (1 + dearest) < p["gpu_idle_mw"]))


def add(
    lp: Lp, p: np.void, t: Periods, state: StartState,
    gpu: tuple[Sequence[Term], float], mining: tuple[Sequence[Term], float],
    on_loop: tuple[Sequence[Term], float] | None = None,
) -> Cooling:  # fmt: skip
    """Heat balance of both halls, plant capacity and the fan law.

    `C (T' - T) / hours = IT - R`, `R_g (1 + s) + R_m <= Q`, `fan >= rated (slope x + offset)` for each chord, x the
    share of Q. The GPU hall leaves room for the heat of sleeping machines. The set-point is not a variable: s takes its
    least value, and halls may lie anywhere between set-point and trip. Water is paid per MW rejected.

    Args:
        gpu, mining: terms of the hall's IT draw by period, and its constant part in MW.
    """
    n, spec, capacity = len(t), t.chiller_specific, t.capacity_mw
    shape = (n,)
    for_sleepers = np.full(n, float(p["sleep_mw"]))
    for_sleepers[short_periods(p, t)] = 0.0
    water = -water_usd_per_mw(p, t)
    most = (capacity - for_sleepers) / (1 + spec)
    gpu_heat = lp.variable("gpu_heat_mw", shape, 0.0, most, (1 + spec) * water, keys=t.row)
    mining_heat = lp.variable("mining_heat_mw", shape, 0.0, capacity, water, keys=t.row)
    fan = lp.variable("fan_mw", shape, 0.0, p["fan_rated_mw"], keys=t.row)
    warm = [mining_heat]
    if on_loop is not None:
        loop_heat = lp.variable("loop_heat_mw", shape, 0.0, capacity, water, keys=t.row)
        removed: list[Term] = [(1.0, loop_heat), *[(-np.asarray(c), *rest) for c, *rest in on_loop[0]]]  # type: ignore[misc]
        lp.constrain("loop_heat", shape, removed, on_loop[1], on_loop[1], keys=t.row)
        warm.append(loop_heat)
    load: list[Term] = [(1 + spec, gpu_heat), *((1.0, heat) for heat in warm)]
    lp.constrain("plant", shape, load, high=capacity, keys=t.row)
    slope = np.diff(p["fan_y"]) / np.diff(p["fan_x"])
    offset = p["fan_y"][:-1] - slope * p["fan_x"][:-1]
    for k in range(len(slope)):
        per_mw = p["fan_rated_mw"] * slope[k] / capacity
        terms: list[Term] = [(1.0, fan), (-per_mw * (1 + spec), gpu_heat), *((-per_mw, heat) for heat in warm)]
        lp.constrain(f"fan_chord_{k}", shape, terms, low=p["fan_rated_mw"] * offset[k], keys=t.row)
    gpu_hall = _hall(lp, p, t, "gpu", state.gpu_hall_c, p["setpoint_min_c"], gpu, gpu_heat)
    mining_hall = _hall(lp, p, t, "mining", state.mining_hall_c, p["mining_hall_setpoint_c"], mining, mining_heat)
    return Cooling(gpu_heat, warm, fan, gpu_hall, mining_hall, spec, float(p["mining_specific"]))


def _hall(
    lp: Lp,
    p: np.void,
    t: Periods,
    name: str,
    start_c: float,
    lowest_c: float,
    it: tuple[Sequence[Term], float],
    heat: Columns,
) -> Columns:
    """Temperature above the hall's trip is impossible; below the lower of set-point and start it cannot get."""
    n, (terms, constant) = len(t), it
    per_k = float(p[f"{name}_hall_mwh_per_k"])
    trip = max(float(p[f"{name}_hall_trip_c"]), start_c)
    hall = lp.variable(f"{name}_hall_c", (n,), min(start_c, lowest_c), trip, keys=t.row)
    inertia = per_k / t.hours
    balance: list[Term] = [(inertia, hall), (-inertia[1:], hall[:-1], np.arange(1, n)), (1.0, heat)]
    balance += [(-np.asarray(c), *rest) for c, *rest in terms]  # type: ignore[misc]
    known = np.full(n, constant)
    known[0] += inertia[0] * start_c
    lp.constrain(f"{name}_hall_heat", (n,), balance, known, known, keys=t.row)
    return hall
