"""One heat-rejection plant, two halls: chillers for the GPU hall, a warm loop for mining, fans for both.

Halls follow `C dT/dt = IT - removed`. The plant holds the set-point while it can; heat is constant over an interval,
so the balance is exact without smaller steps. Load is limited beforehand so that no hall passes its trip temperature.
"""

from __future__ import annotations

import numpy as np

from hybrid_env.sim.compiler import part
from hybrid_env.sim.field import Field
from hybrid_env.sim.ledger import WATER_M3, WATER_USD
from hybrid_env.sim.table import centre, clip, hinges, squash
from hybrid_env.traces.schema import FORECAST_LEADS_H, FORECAST_VARIABLES

STATE = [
    ("gpu_hall_c", np.float64), ("mining_hall_c", np.float64), ("setpoint_c", np.float64), ("cooling_mw", np.float64),
    ("cooling_load_frac", np.float64),
]  # fmt: skip
"""Temperatures; power and share of the plant in use in the last interval."""

DRYBULB = FORECAST_VARIABLES.index("drybulb_c")
N_LEADS = len(FORECAST_LEADS_H)
DRYBULB_CENTRE_C, DRYBULB_SCALE_C = 20.0, 20.0
WETBULB_CENTRE_C, WETBULB_SCALE_C = 15.0, 15.0
HALL_SCALE_C = 5.0


@part
def outdoor_c(wet_frac, row):
    """The outdoor temperature a table is read at: wet bulb (1) or dry bulb (0), as the kind of plant has it."""
    return wet_frac * row.wetbulb_c + (1.0 - wet_frac) * row.drybulb_c


@part
def chiller_specific(p, outdoor, setpoint_c):
    """Chiller (or pump) MW per MW of heat: the table over outdoor temperature, less per kelvin of supply temperature
    (zero gain at the lowest set-point).
    """
    return hinges(outdoor, p.chiller_y0, p.chiller_at, p.chiller_change) * (
        1.0 - p.setpoint_gain_per_c * (setpoint_c - p.setpoint_min_c)
    )


@part
def capacity_mw(p, outdoor):
    """Heat the plant can reject at this outdoor temperature."""
    return hinges(outdoor, p.capacity_y0, p.capacity_at, p.capacity_change)


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


@part
def use_water(p, row, heat_mw, out):
    """Water evaporated and blown down to reject `heat_mw`, the chillers' own heat included; none in free cooling."""
    used = heat_mw * p.interval_h * hinges(row.wetbulb_c, 0.0, p.water_at, p.water_change)
    out.work[WATER_M3] += used
    out.usd[WATER_USD] -= used * p.water_usd_per_m3


@part
def begin(s, p, luck):
    """Halls at their set-points."""
    s.setpoint_c = p.setpoint_min_c + luck * (p.setpoint_max_c - p.setpoint_min_c)
    s.gpu_hall_c, s.mining_hall_c = s.setpoint_c, p.mining_hall_setpoint_c
    s.cooling_mw = s.cooling_load_frac = 0.0


@part
def follows_wet_bulb(p):
    """Whether anything depends on the wet bulb: plant, its water, or a fleet's wet pad."""
    pads = 0.0
    for f in range(p.n_fleets):
        pads += p.fleet_pad[f]
    return p.specific_wet_frac + p.capacity_wet_frac + p.water_m3_per_mwh + pads > 0.0


def fields(p: np.void) -> list[Field]:
    """Observed of weather, plant and halls."""
    out = [Field("drybulb_c", "settled", "squash((x - 20) / 20)", "outdoor dry bulb")]
    if follows_wet_bulb(p):
        out.append(Field("wetbulb_c", "settled", "squash((x - 15) / 15)", "outdoor wet bulb"))
    out += [
        *(
            Field(f"forecast_drybulb_{h}h_c", "forecast", "squash((x - 20) / 20)", f"dry bulb {h} h ahead")
            for h in FORECAST_LEADS_H[::4]
        ),
        Field("cooling_load_frac", "settled", "centre", "share of the cooling plant in use"),
        Field("cooling_capacity_frac", "settled", "centre", "plant capacity in the last weather over all IT power"),
    ]
    if p["gpus"] > 0:
        out += [
            Field("gpu_hall_c", "state", "squash((x - setpoint_max) / 5)", "temperature of the GPU hall"),
            Field("setpoint_frac", "state", "centre", "supply temperature within its range"),
        ]
    if p["hall_fleets"]:
        out.append(Field("mining_hall_c", "state", "squash((x - setpoint) / 5)", "temperature of the mining hall"))
    return out


@part
def observe(s, p, last, issued, obs, k):
    """Writes `fields` from place k on; returns the next place."""
    obs[k] = squash((last.drybulb_c - DRYBULB_CENTRE_C) / DRYBULB_SCALE_C)
    k += 1
    if follows_wet_bulb(p):
        obs[k] = squash((last.wetbulb_c - WETBULB_CENTRE_C) / WETBULB_SCALE_C)
        k += 1
    for lead in range(0, N_LEADS, 4):
        obs[k] = squash((issued[DRYBULB, lead] - DRYBULB_CENTRE_C) / DRYBULB_SCALE_C)
        k += 1
    obs[k] = centre(s.cooling_load_frac)
    it_mw = p.mining_max_mw + p.gpus * p.gpu_dyn_mw + p.gpu_idle_mw
    obs[k + 1] = centre(capacity_mw(p, outdoor_c(p.capacity_wet_frac, last)) / it_mw)
    k += 2
    if p.gpus > 0.0:
        obs[k] = squash((s.gpu_hall_c - p.setpoint_max_c) / HALL_SCALE_C)
        obs[k + 1] = centre((s.setpoint_c - p.setpoint_min_c) / (p.setpoint_max_c - p.setpoint_min_c))
        k += 2
    if p.hall_fleets > 0:
        obs[k] = squash((s.mining_hall_c - p.mining_hall_setpoint_c) / HALL_SCALE_C)
        k += 1
    return k
