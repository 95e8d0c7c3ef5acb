"""What an operator can see as an interval begins, scaled into [-1, 1].

Reads only what has been published: `now` for columns known as the interval starts (lag 0), `last` for those known after
settlement (lag 1), and forecasts issued at the start of the current hour. Order and meaning are declared in
`hybrid_env/spaces.py`; the two are tested against each other.
"""

from __future__ import annotations

from hybrid_env.sim import cooling, network
from hybrid_env.sim.compiler import part
from hybrid_env.sites.parameters import N_BUCKETS
from hybrid_env.traces.schema import FORECAST_LEADS_H

N_LEADS = len(FORECAST_LEADS_H)
PRICE, WIND, LOAD, DRYBULB, INFERENCE = range(5)
PRICE_SCALE_USD_PER_MWH = 50.0
HASHPRICE_SCALE = 100.0
RENT_SCALE = 5.0
CARBON_SCALE = 1_000.0
SLACK_STEPS_H = (1.0, 4.0, 12.0)
N_DAY_LEADS = 13
"""Leads up to 24 h ahead."""


@part
def squash(x):
    """`x / (1 + |x|)`: unbounded to (-1, 1) by arithmetic alone, so equal to the bit on every processor."""
    return x / (1.0 + abs(x))


@part
def centre(x):
    """[0, 1] to [-1, 1], clipped."""
    return min(1.0, max(-1.0, 2.0 * x - 1.0))


@part
def observe(s, p, rows, forecast, obs):
    """Fill one observation vector."""
    world, row = s.world, s.row
    now = rows[world, row]
    last = rows[world, max(0, row - 1)]
    issued = forecast[world, row // p.rows_per_hour]
    even = network.breakeven_usd_per_mwh(p, 0, network.hashprice_usd_per_ph_day(last))
    before = rows[world, max(0, row - 2)]
    k = _calendar_and_market(p, now, last, before, even, issued, obs)
    k = _forecasts(p, issued, even, obs, k)
    k = _weather_and_grid(s, p, now, last, issued, obs, k)
    k = _plant(s, p, last, obs, k)
    _work(s, p, last, obs, k)


@part
def _calendar_and_market(p, now, last, before, even, issued, obs):
    obs[0], obs[1], obs[2], obs[3] = now.hour_sin, now.hour_cos, now.season_sin, now.season_cos
    obs[4], obs[5] = centre(now.weekend), centre(now.month_frac)
    lmp = now.price_lmp_usd_per_mwh
    obs[6] = squash((lmp - even) / PRICE_SCALE_USD_PER_MWH)
    obs[7] = squash((now.price_da_usd_per_mwh - even) / PRICE_SCALE_USD_PER_MWH)
    obs[8] = squash((last.price_rt_usd_per_mwh - even) / PRICE_SCALE_USD_PER_MWH)
    obs[9] = squash((before.price_rt_usd_per_mwh - even) / PRICE_SCALE_USD_PER_MWH)
    obs[10] = squash((lmp - now.price_da_usd_per_mwh) / PRICE_SCALE_USD_PER_MWH)
    low, high, total, cheaper = issued[PRICE, 0], issued[PRICE, 0], 0.0, 0.0
    for lead in range(N_DAY_LEADS):
        price = issued[PRICE, lead]
        low, high, total = min(low, price), max(high, price), total + price
        cheaper += 1.0 if price < lmp else 0.0
    obs[11] = squash((low - even) / PRICE_SCALE_USD_PER_MWH)
    obs[12] = squash((high - even) / PRICE_SCALE_USD_PER_MWH)
    obs[13] = squash((total / N_DAY_LEADS - even) / PRICE_SCALE_USD_PER_MWH)
    obs[14] = centre(cheaper / N_DAY_LEADS)
    obs[15] = squash(even / HASHPRICE_SCALE)
    worst = network.breakeven_usd_per_mwh(p, p.n_fleets - 1, network.hashprice_usd_per_ph_day(last))
    obs[16] = squash((lmp - worst) / PRICE_SCALE_USD_PER_MWH)
    obs[17] = centre(now.gpu_rent_usd_per_gpu_h / RENT_SCALE)
    return 18


@part
def _forecasts(p, issued, even, obs, k):
    for lead in range(N_LEADS):
        obs[k + lead] = squash((issued[PRICE, lead] - even) / PRICE_SCALE_USD_PER_MWH)
        obs[k + N_LEADS + lead] = centre(issued[WIND, lead])
        obs[k + 2 * N_LEADS + lead] = centre(issued[LOAD, lead] / p.system_peak_mw)
    k += 3 * N_LEADS
    for lead in range(0, N_LEADS, 4):
        obs[k] = squash((issued[DRYBULB, lead] - 20.0) / 20.0)
        obs[k + 1] = centre(issued[INFERENCE, lead])
        k += 2
    return k


@part
def _weather_and_grid(s, p, now, last, issued, obs, k):
    obs[k] = squash((last.drybulb_c - 20.0) / 20.0)
    obs[k + 1] = squash((last.wetbulb_c - 15.0) / 15.0)
    obs[k + 2] = centre(last.wind_cf)
    obs[k + 3] = centre(last.system_load_mw / p.system_peak_mw)
    peak = max(s.month_peak_mw, 1.0)
    highest = issued[LOAD, 0]
    for lead in range(1, N_DAY_LEADS):
        highest = max(highest, issued[LOAD, lead])
    obs[k + 4] = squash(20.0 * (issued[LOAD, 0] / peak - 1.0))
    obs[k + 5] = squash(20.0 * (highest / peak - 1.0))
    obs[k + 6] = squash(20.0 * (issued[LOAD, 0] / max(highest, 1.0) - 1.0))
    obs[k + 7] = centre(last.carbon_average_kg_per_mwh / CARBON_SCALE)
    obs[k + 8] = centre(min(1.0, now.import_limit_mw / p.import_limit_mw) if p.import_limit_mw > 0.0 else 0.0)
    obs[k + 9] = centre(min(1.0, now.export_limit_mw / p.export_limit_mw) if p.export_limit_mw > 0.0 else 0.0)
    obs[k + 10] = centre(now.mining_allowed)
    return k + 11


@part
def _plant(s, p, last, obs, k):
    span = p.soc_max_mwh - p.soc_min_mwh
    obs[k] = centre((s.soc_mwh - p.soc_min_mwh) / span) if span > 0.0 else -1.0
    obs[k + 1] = squash((s.gpu_hall_c - p.setpoint_max_c) / 5.0)
    obs[k + 2] = squash((s.mining_hall_c - p.mining_hall_setpoint_c) / 5.0)
    obs[k + 3] = centre((s.setpoint_c - p.setpoint_min_c) / (p.setpoint_max_c - p.setpoint_min_c))
    obs[k + 4] = centre(s.cooling_load_frac)
    obs[k + 5] = centre(
        cooling.capacity_mw(p, last.drybulb_c) / (p.mining_max_mw + p.gpus * p.gpu_dyn_mw + p.gpu_idle_mw)
    )
    site_mw = max(p.import_limit_mw, 1.0)
    obs[k + 6] = centre(s.mining_mw / p.mining_max_mw)
    obs[k + 7] = centre(s.gpu_mw / (p.gpus * p.gpu_dyn_mw + p.gpu_idle_mw))
    obs[k + 8] = centre(s.import_mw / site_mw)
    obs[k + 9] = centre(s.export_mw / max(p.export_limit_mw, 1.0))
    obs[k + 10] = squash(s.curtailed_mw / site_mw * 4.0)
    k += 11
    for f in range(p.n_fleets):
        obs[k] = centre(s.fleet_awake[f])
        obs[k + 1] = squash(s.fleet_boot_left_s[f] / p.interval_s)
        k += 2
    return k


@part
def _work(s, p, last, obs, k):
    obs[k] = centre(s.throttle_used_h / p.throttle_budget_h) if p.throttle_budget_h > 0.0 else 1.0
    obs[k + 1] = centre(last.inference_load)
    obs[k + 2] = centre(last.tenant_load)
    obs[k + 3] = squash(last.training_load - 1.0)
    pool = max(1.0, p.gpus - p.reserved_gpus)
    obs[k + 4], obs[k + 5] = centre(s.training_gpus / pool), centre(s.spot_gpus / pool)
    k += 6
    bucket_h = p.rows_per_bucket * p.interval_h
    for j in range(N_BUCKETS):
        obs[k + j] = squash(s.bucket_gpu_h[j] / (pool * bucket_h) * 8.0)
    k += N_BUCKETS
    obs[k] = centre((p.rows_per_bucket - s.row % p.rows_per_bucket) / p.rows_per_bucket)
    _gangs(s, p, pool, obs, k + 1)


@part
def _gangs(s, p, pool, obs, k):
    """Open jobs: running and waiting GPUs, GPU-hours by slack, worth an hour of work, progress at risk, least slack."""
    running, waiting, at_risk, left_h, worth_usd = 0.0, 0.0, 0.0, 0.0, 0.0
    urgent_h, soon_h, later_h, least = 0.0, 0.0, 0.0, 48.0
    for j in range(s.n_gang):
        if s.gang_running[j] == 1:
            running += s.gang_gpus[j]
        else:
            waiting += s.gang_gpus[j]
        slack_h = (s.gang_deadline_row[j] - s.row) * p.interval_h - s.gang_left_gpu_h[j] / s.gang_gpus[j]
        if slack_h < SLACK_STEPS_H[0]:
            urgent_h += s.gang_left_gpu_h[j]
        elif slack_h < SLACK_STEPS_H[1]:
            soon_h += s.gang_left_gpu_h[j]
        elif slack_h < SLACK_STEPS_H[2]:
            later_h += s.gang_left_gpu_h[j]
        least = min(least, slack_h)
        at_risk += s.gang_since_gpu_h[j]
        left_h += s.gang_left_gpu_h[j]
        worth_usd += s.gang_left_gpu_h[j] * s.gang_bid[j]
    obs[k], obs[k + 1] = centre(running / pool), squash(waiting / pool * 2.0)
    obs[k + 2] = squash(left_h / (pool * 12.0))
    obs[k + 3] = squash(urgent_h / (pool * 4.0))
    obs[k + 4] = squash(soon_h / (pool * 4.0))
    obs[k + 5] = squash(later_h / (pool * 4.0))
    obs[k + 6] = centre(worth_usd / left_h / RENT_SCALE) if left_h > 0.0 else -1.0
    obs[k + 7] = squash(at_risk / pool * 4.0)
    obs[k + 8] = squash(least / 6.0) if s.n_gang > 0 else 1.0
