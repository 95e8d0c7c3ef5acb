"""Fleets outside the mining hall: what they may draw, how hot they get, and the water of their pads."""

from __future__ import annotations

from hybrid_env.sim import cooling, mining, space
from hybrid_env.sim.action import MINING, MINING_1, share
from hybrid_env.sim.compiler import part
from hybrid_env.sim.ledger import WATER_M3, WATER_USD
from hybrid_env.sim.mining import inlet_c
from hybrid_env.sim.table import clip
from hybrid_env.sites.outdoor import AIR, HALL, LOOP


@part
def room_mw(p, place, rest, catch_up, base_frac, plant_mw, mining_plant_mw, store_mw, hall, air, loop):
    """Power (MW) that one place can take on top of what `hall`, `air` and `loop` draw, cooling included.

    Air takes power alone; the loop takes plant as well, but for the heat the hall wants removed; the hall has what the
    loop leaves of the plant, and its own warmth.
    """
    removed = clip(hall + catch_up, 0.0, max(0.0, mining_plant_mw - loop))
    hall_cost, loop_cost = hall + p.mining_specific * removed, loop * (1.0 + p.mining_specific)
    if place == HALL:
        power = rest - air - loop_cost
        base = base_frac + loop / plant_mw
        fits = cooling.it_that_fits(p, power, catch_up, p.mining_specific, base, 1.0 / plant_mw)
        return max(0.0, min(fits, mining_plant_mw - loop + store_mw) - hall)
    base = base_frac + removed / plant_mw
    if place == LOOP:
        fits = cooling.it_that_fits(p, rest - air - hall_cost, 0.0, p.mining_specific, base, 1.0 / plant_mw)
        return max(0.0, min(fits, mining_plant_mw - removed) - loop)
    return max(0.0, rest - hall_cost - loop_cost - cooling.fan_mw(p, base + loop / plant_mw) - air)


@part
def ask(s, p, row, a, awake, rest, catch_up, base_frac, plant_mw, mining_plant_mw, store_mw):
    """Spread what the actions want over fleets wherever they stand; returns MW wanted, above the sleep draw.

    `awake` is 1, or 0 where even sleepers are switched off.
    """
    hall, air, loop = awake * p.sleep_by_place[HALL], awake * p.sleep_by_place[AIR], awake * p.sleep_by_place[LOOP]
    if p.per_fleet == 0:  # all stand in one place
        room = room_mw(
            p, p.fleet_place[0], rest, catch_up, base_frac, plant_mw, mining_plant_mw, store_mw, hall, air, loop
        )
        runs = row.mining_allowed > 0.5 and inlet_c(s, p, row, 0) < p.fleet_trip_c[0]
        target_mw = share(a[MINING]) * min(room, mining.most_mw(s, p)) if runs else 0.0
        mining.dispatch(s, p, target_mw)
        return target_mw
    total, in_hall = 0.0, 0.0
    for k in range(p.n_fleets):
        f = p.fleet_order[k]
        place = p.fleet_place[f]
        room = room_mw(p, place, rest, catch_up, base_frac, plant_mw, mining_plant_mw, store_mw, hall, air, loop)
        if place == HALL:
            room = space.miners_mw(s, p, room, in_hall)
        runs = row.mining_allowed > 0.5 and inlet_c(s, p, row, f) < p.fleet_trip_c[f]
        most = p.fleet_max_mw[f] * s.fleet_healthy[f] if runs else 0.0
        mw = share(a[MINING] if f == 0 else a[MINING_1 + f - 1]) * min(room, most)
        s.fleet_mw[f] = mw
        total += mw
        hall += mw if place == HALL else 0.0
        in_hall += mw if place == HALL else 0.0
        air += mw if place == AIR else 0.0
        loop += mw if place == LOOP else 0.0
    return total


@part
def drawn_mw(s, p, place, awake):
    """What all fleets of a place draw in this interval, sleepers included."""
    mw = awake * p.sleep_by_place[place]
    for f in range(p.n_fleets):
        if p.fleet_place[f] == place:
            mw += s.fleet_mw[f]
    return mw


@part
def wet_pads(s, p, row, out):
    """Water that pads evaporate: `energy / (latent heat x air's rise) x efficiency x wet-bulb depression`."""
    if row.drybulb_c <= p.pad_from_c:
        return
    used = 0.0
    for f in range(p.n_fleets):
        used += s.fleet_mw[f] * p.fleet_water_m3_per_mwh_k[f]
    used *= p.interval_h * max(0.0, row.drybulb_c - row.wetbulb_c)
    out.work[WATER_M3] += used
    out.usd[WATER_USD] -= used * p.water_usd_per_m3
