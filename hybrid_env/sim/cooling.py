"""One heat-rejection plant, two halls: chillers for the GPU hall, a warm loop for mining, fans for both.

Halls follow `C dT/dt = IT - removed`. The plant holds the set-point while it can; heat is constant over an interval,
so the balance is exact without smaller steps. Load is limited beforehand so that no hall passes its trip temperature.
"""

from __future__ import annotations

from hybrid_env.sim.compiler import part
from hybrid_env.sim.table import clip, hinges


@part
def chiller_specific(p, wetbulb_c, setpoint_c):
    """Chiller MW per MW of heat: the wet-bulb table, less per kelvin of supply temperature (zero gain at the lowest
    set-point).
    """
    return hinges(wetbulb_c, p.chiller_y0, p.chiller_at, p.chiller_change) * (
        1.0 - p.setpoint_gain_per_c * (setpoint_c - p.setpoint_min_c)
    )


@part
def capacity_mw(p, drybulb_c):
    """Heat the plant can reject at this dry bulb."""
    return hinges(drybulb_c, p.capacity_y0, p.capacity_at, p.capacity_change)


@part
def fan_mw(p, load_frac):
    """Fan and pump power at a share of full flow (cube law as a table)."""
    for k in range(1, p.fan_x.size):
        if load_frac <= p.fan_x[k] or k == p.fan_x.size - 1:
            slope = (p.fan_y[k] - p.fan_y[k - 1]) / (p.fan_x[k] - p.fan_x[k - 1])
            return p.fan_rated_mw * (p.fan_y[k - 1] + slope * (load_frac - p.fan_x[k - 1]))
    return 0.0


@part
def catch_up_mw(hall_mwh_per_k, hall_c, target_c, interval_h):
    """Heat to remove on top of the load to bring a hall to its target in an interval; negative if it may warm up."""
    return hall_mwh_per_k * (hall_c - target_c) / interval_h


STEEPEST_FAN = 3.0
"""Slope of the cube law at full flow: what a last MW of heat costs at most, in rated fan power per plant capacity."""


@part
def least_for_mining_mw(p, plant_mw, catch_up):
    """Power to keep for a sleeping mining hall and its cooling (a safe upper figure)."""
    per_mw = p.mining_specific + STEEPEST_FAN * p.fan_rated_mw / plant_mw
    return p.sleep_mw * (1.0 + per_mw) + max(0.0, catch_up) * per_mw


@part
def it_that_fits(p, power_mw, catch_up, specific, base_frac, frac_per_mw):
    """Largest IT power (MW) that, with the cooling it needs, fits in `power_mw`.

    Removal is `max(0, IT + catch_up)`; it costs `specific` MW per MW and moves the fans from `base_frac` by
    `frac_per_mw` per MW. The cost is piecewise linear, so the walk over the fan knots is exact. Heat beyond the plant
    costs no cooling: the
    caller limits it.
    """
    removed = clip(catch_up, 0.0, max(0.0, 1.0 - base_frac) / frac_per_mw)
    x = base_frac + frac_per_mw * removed
    room = power_mw - specific * removed - fan_mw(p, x)
    if room <= 0.0:
        return 0.0
    it = min(room, max(0.0, -catch_up))
    room -= it
    for k in range(p.fan_x.size - 1):
        if room <= 0.0:
            break
        if p.fan_x[k + 1] > x:
            slope = p.fan_rated_mw * (p.fan_y[k + 1] - p.fan_y[k]) / (p.fan_x[k + 1] - p.fan_x[k])
            cost = 1.0 + specific + slope * frac_per_mw
            step = min(room / cost, (p.fan_x[k + 1] - x) / frac_per_mw)
            it += step
            room -= step * cost
            x += step * frac_per_mw
    return it + max(0.0, room)
