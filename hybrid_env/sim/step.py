"""One interval of N sites, in place. The order of the day is the order of this file."""

from __future__ import annotations

from hybrid_env.sim import (
    battery,
    carbon,
    cash,
    cooling,
    events,
    gang,
    generator,
    gpu,
    meter,
    mining,
    outdoor,
    regulation,
    reserves,
    settle,
    space,
    supply,
    tariff,
    transformer,
)
from hybrid_env.sim.action import ADMISSION, BATTERY, SETPOINT, WATER, first_bad, share
from hybrid_env.sim.compiler import entry, part
from hybrid_env.sim.ledger import COOLING_LIMIT_H, COOLING_MWH, GPU_MWH, MINING_MWH
from hybrid_env.sim.observe import observe
from hybrid_env.sim.state import begin
from hybrid_env.sim.table import clip
from hybrid_env.sites.outdoor import HALL, LOOP

FULL_LOAD_FRAC = 1.0 - 1e-9
"""Share of the plant in use from which, rounding aside, it is at its limit."""


@part
def interval(s, p, row, next_row, jobs, a, out):
    """Play one interval of one site with the action `a`, and close its books."""
    settle.clear(out)
    # 1. what the action asks for, and what the grid and the weather allow
    import_limit, export_limit = meter.import_limit_mw(s, p, row), meter.export_limit_mw(p, row)
    renewable, hydro = supply.renewable_mw(p, row), supply.hydro_mw(s, p, row)
    own = renewable + hydro + generator.most_mw(p, row)
    specific, plant_mw, gpu_catch_up, mining_catch_up = _aim_at_setpoints(s, p, row, a)
    asked_mw = a[BATTERY] * p.battery_mw
    discharge = min(max(0.0, asked_mw), battery.discharge_limit_mw(s, p))
    power_mw = import_limit + own + discharge
    # 2. GPU work first: it is granted what fits under the limits
    if p.training_gpus > 0.0:
        _take_in_jobs(s, p, row, jobs, a, out)
    sleep, least_mw, gpu_plant_mw, gpu_catch_up, mining_catch_up, fits = _keep_for_mining(
        s, p, power_mw, plant_mw, specific, gpu_catch_up, mining_catch_up
    )
    gpu_mw = _run_gpus(s, p, row, a, fits, out)
    gpu_removed = clip(gpu_mw + gpu_catch_up, 0.0, gpu_plant_mw)
    base_frac = gpu_removed * ((1.0 + specific) / plant_mw)
    gpu_total = gpu_mw + specific * gpu_removed
    # 3. the battery charges from what GPU work leaves
    charge = min(max(0.0, -asked_mw), battery.charge_limit_mw(s, p))
    charge = clip(import_limit + own - gpu_total - least_mw - cooling.fan_mw(p, base_frac), 0.0, charge)
    # 4. mining fills its share of the rest
    rest = power_mw - charge - gpu_total
    mining_plant_mw = plant_mw - gpu_removed * (1.0 + specific)
    target = _ask_miners(s, p, row, a, sleep, rest, mining_catch_up, base_frac, plant_mw, mining_plant_mw)
    mining_mw = sleep + mining.run(s, p, row, out)
    # 5. cooling carries the heat away
    cooling_mw = _carry_heat_away(
        s, p, row, sleep, specific, gpu_mw, gpu_removed, mining_mw, mining_catch_up, base_frac, plant_mw,
        mining_plant_mw, out,
    )  # fmt: skip
    # 6. the meter: nothing breaks a limit, for all was granted what fits
    load = gpu_mw + mining_mw + cooling_mw
    discharge = min(discharge, load + export_limit)
    battery.run(s, p, charge, discharge, out)
    offered = supply.offered_mw(s, p, row, share(a[WATER]), hydro) if p.hydro_turbine_mw > 0.0 else 0.0
    meter.balance(s, p, row, renewable, hydro, offered, load + charge - discharge, import_limit, export_limit, out)
    s.mining_mw, s.gpu_mw, s.cooling_mw = mining_mw, gpu_mw, cooling_mw
    if p.n_reserves > 0:
        reserves.run(s, p, row, a, mining_mw - sleep + charge, out)
    out.clipped_mw = abs(asked_mw - (discharge - charge)) + max(0.0, target - (mining_mw - sleep))
    # 7. money, carbon, clock
    _write_books(s, p, row, export_limit, out)
    settle.close(s, p, row, next_row, out)


@part
def _aim_at_setpoints(s, p, row, a):
    """Move the supply temperature; returns what a MW of heat costs the chillers, what the plant can reject, and what
    brings each hall to its set-point."""
    goal_c = p.setpoint_min_c + share(a[SETPOINT]) * (p.setpoint_max_c - p.setpoint_min_c)
    s.setpoint_c = clip(goal_c, s.setpoint_c - p.setpoint_ramp_c, s.setpoint_c + p.setpoint_ramp_c)
    specific = cooling.chiller_specific(p, cooling.outdoor_c(p.specific_wet_frac, row), s.setpoint_c)
    plant_mw = cooling.capacity_mw(p, cooling.outdoor_c(p.capacity_wet_frac, row))
    gpu_catch_up = cooling.catch_up_mw(p.gpu_hall_mwh_per_k, s.gpu_hall_c, s.setpoint_c, p.interval_h)
    mining_catch_up = cooling.catch_up_mw(
        p.mining_hall_mwh_per_k, s.mining_hall_c, p.mining_hall_setpoint_c, p.interval_h
    )
    return specific, plant_mw, gpu_catch_up, mining_catch_up


@part
def _take_in_jobs(s, p, row, jobs, a, out):
    """Jobs that run may fail, and new work comes in."""
    if p.gpu_mtbf_h > 0.0:
        gang.fail(s, p, row, out)
    gang.arrive(s, p, jobs, share(a[ADMISSION]), out)
    gpu.arrive(s, p, row, out)


@part
def _keep_for_mining(s, p, power_mw, plant_mw, specific, gpu_catch_up, mining_catch_up):
    """Set aside what sleeping miners and their hall need, and give GPUs what is left under power, plant and trip.

    Returns:
        Sleep draw; power kept for it and its cooling; heat the plant takes from the GPU hall; both halls' catch-up;
        IT power that fits in the GPU hall.
    """
    sleep, least_mw = p.sleep_mw, cooling.least_for_mining_mw(p, plant_mw, mining_catch_up)
    gpu_plant_mw = (plant_mw - sleep) / (1.0 + specific)  # the rest takes the heat of sleeping machines
    gpu_frac_per_mw = (1.0 + specific) / plant_mw
    fits = cooling.it_that_fits(p, power_mw - least_mw, gpu_catch_up, specific, 0.0, gpu_frac_per_mw)
    if fits <= 0.0 or fits < p.gpu_idle_mw:  # not even the idle draw fits: nodes are switched off and halls coast
        sleep, least_mw = 0.0, 0.0
        gpu_plant_mw = plant_mw / (1.0 + specific)
        gpu_catch_up, mining_catch_up = min(0.0, gpu_catch_up), min(0.0, mining_catch_up)
        fits = cooling.it_that_fits(p, power_mw, gpu_catch_up, specific, 0.0, gpu_frac_per_mw)
    fits = min(fits, gpu_plant_mw + p.gpu_hall_mwh_per_k * (p.gpu_hall_trip_c - s.gpu_hall_c) / p.interval_h)
    return sleep, least_mw, gpu_plant_mw, gpu_catch_up, mining_catch_up, fits


@part
def _run_gpus(s, p, row, a, fits, out):
    """Work in the room above the idle draw; returns IT power of the GPU hall."""
    idle = min(p.gpu_idle_mw, fits)
    gpu_mw = idle
    if p.halls > 0:
        space.clear(s, p, p.reserved_gpus * row.tenant_contract_frac + row.inference_load * p.inference_gpus)
    if p.gpus > 0.0:
        if p.withdraw_frac > 0.0:
            cash.withdraw(s, p, p.reserved_gpus * row.tenant_contract_frac, out)
        gpu_mw += gpu.run(s, p, row, a, fits - idle, out)
    return gpu_mw


@part
def _ask_miners(s, p, row, a, sleep, rest, mining_catch_up, base_frac, plant_mw, mining_plant_mw):
    """Power asked of every fleet, within power, plant and trips; a relay may take some of it. Returns the whole."""
    over_mw = p.mining_hall_mwh_per_k * (p.mining_hall_trip_c - s.mining_hall_c) / p.interval_h
    hall_mw = mining_plant_mw + over_mw
    if p.outdoor_fleets > 0:
        target = outdoor.ask(
            s, p, row, a, 1.0 if sleep > 0.0 else 0.0, rest, mining_catch_up, base_frac, plant_mw, mining_plant_mw,
            hall_mw - mining_plant_mw,
        )  # fmt: skip
    else:
        fits = cooling.it_that_fits(p, rest, mining_catch_up, p.mining_specific, base_frac, 1.0 / plant_mw)
        left = max(0.0, min(fits, hall_mw) - sleep) if row.mining_allowed > 0.5 else 0.0
        target = mining.ask(s, p, a, space.miners_mw(s, p, left, 0.0))
    if p.n_reserves > 0:
        reserves.trip(s, p, row, target)
    return target


@part
def _carry_heat_away(
    s, p, row, sleep, specific, gpu_mw, gpu_removed, mining_mw, mining_catch_up, base_frac, plant_mw, mining_plant_mw,
    out,
):  # fmt: skip
    """Remove the heat of both halls, move their temperatures, and use water; returns the power cooling takes."""
    in_hall_mw, on_loop_mw = mining_mw, 0.0
    if p.outdoor_fleets > 0:
        awake = 1.0 if sleep > 0.0 else 0.0
        in_hall_mw, on_loop_mw = outdoor.drawn_mw(s, p, HALL, awake), outdoor.drawn_mw(s, p, LOOP, awake)
        outdoor.wet_pads(s, p, row, out)
    hall_removed = clip(in_hall_mw + mining_catch_up, 0.0, mining_plant_mw - on_loop_mw)
    mining_removed = hall_removed + on_loop_mw
    s.cooling_load_frac = base_frac + mining_removed / plant_mw
    s.gpu_hall_c += (gpu_mw - gpu_removed) * p.interval_h / p.gpu_hall_mwh_per_k
    s.mining_hall_c += (in_hall_mw - hall_removed) * p.interval_h / p.mining_hall_mwh_per_k
    if s.cooling_load_frac >= FULL_LOAD_FRAC:
        out.work[COOLING_LIMIT_H] += p.interval_h
    if p.water_m3_per_mwh > 0.0:
        cooling.use_water(p, row, (1.0 + specific) * gpu_removed + mining_removed, out)
    return specific * gpu_removed + p.mining_specific * mining_removed + cooling.fan_mw(p, s.cooling_load_frac)


@part
def _write_books(s, p, row, export_limit, out):
    """Energy by use, then what every party charges and pays."""
    out.mwh[GPU_MWH] += s.gpu_mw * p.interval_h
    out.mwh[MINING_MWH] += s.mining_mw * p.interval_h
    out.mwh[COOLING_MWH] += s.cooling_mw * p.interval_h
    tariff.charge(s, p, row, out)
    if p.event_baseline_mw > 0.0:
        events.pay(s, p, row, out)
    if p.mining_levied + p.carbon_priced > 0:
        regulation.charge(s, p, row, out)
    carbon.account(s, p, row, export_limit, out)
    if p.transformer_mw > 0.0:
        transformer.age(s, p, row, out)


@entry
def step(lanes, sites, rows, jobs, forecast, actions, observations, ledger):
    """Advance every lane by one interval with its action, write its ledger page and its observation.

    Args:
        lanes: LANE[N], changed in place.
        sites, rows, jobs, forecast: parameter records [P], trace rows [M, T], job table, forecasts [M, H, V, L]; read
        only. actions: float32 [N, A] in [-1, 1], never changed.
        observations: float32 [N, D], overwritten.
        ledger: LEDGER[N], overwritten.

    Returns:
        -1, or the flat index of the first action that is not a number in [-1, 1]; then nothing has been changed.
    """
    bad = first_bad(actions)
    if bad >= 0:
        return bad
    for i in range(lanes.size):
        s = lanes[i]
        p = sites[s.site]
        interval(s, p, rows[s.world, s.row], rows[s.world, s.row + 1], jobs, actions[i], ledger[i])
        observe(s, p, rows, forecast, observations[i])
    return -1


@entry
def start(lanes, sites, rows, jobs, forecast, begins, uniforms, observations):
    """Put lanes at the start of an episode and write their first observation.

    Args:
        begins: int64 [N, 6]: site, world, first row, end row, first and last job of the world.
        uniforms: float64 [N, 8] in [0, 1).
    """
    for i in range(lanes.size):
        s = lanes[i]
        s.site = begins[i, 0]
        p = sites[s.site]
        world = begins[i, 1]
        begin(s, p, rows[world], jobs, begins[i, 4], begins[i, 5], world, begins[i, 2], begins[i, 3], uniforms[i])
        observe(s, p, rows, forecast, observations[i])


@entry
def look(lanes, sites, rows, forecast, observations):
    """Write the observation of lanes as they stand (after a restore or a branch)."""
    for i in range(lanes.size):
        s = lanes[i]
        observe(s, sites[s.site], rows, forecast, observations[i])
