"""Random sites, traces and actions, for every test that must hold whatever they are.

Traces are made through `build_trace` from a seed, without a generator: wild on purpose (free, negative and scarce
power, no import, frost and heat, still and stormy air), a few days long, and quick.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.catalogue import asics
from hybrid_env.sites.curves import LEAST_CAPACITY_FRAC
from hybrid_env.sites.effect import most_mw
from hybrid_env.sites.mining import Mining
from hybrid_env.sites.site import Site
from hybrid_env.spaces import action_names
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES, JOB, Trace, build_trace
from tests.parts import (
    carbon,
    failures,
    halls,
    networks,
    number,
    on_demand,
    own_generation,
    plants,
    reserves,
    supply_contracts,
)

START = datetime(2025, 1, 30, 0, tzinfo=UTC)
"""Two days before the end of a month, so that short traces cross it."""


@st.composite
def sites(draw: st.DrawFn, interval_s: int | None = None) -> Site:
    """Any site that the models accept, sane or not: tiny plants, no grid, no battery, all GPUs sold, parts absent."""
    gpus = draw(st.integers(100, 30_000))
    reserved = draw(st.integers(0, gpus))
    inference = draw(st.integers(0, gpus - reserved))
    idle_kw = draw(number(0, 0.5))
    setpoint_min = draw(number(15, 25))
    setpoint_max = setpoint_min + draw(number(1, 10))
    floor = draw(number(0.3, 0.8))
    checkpoint = draw(number(600, 7_200))
    failing = {"mtbf_gpu_h": draw(number(50, 1e5)), "checkpoint_cost_s": draw(number(1, 300))}
    failing |= draw(st.sampled_from([{}, {"checkpoint_interval_s": "young_daly"}]))
    fleets = draw(
        st.lists(
            st.fixed_dictionaries({"model": st.sampled_from(sorted(asics())), "nameplate_mw": number(0.5, 60)}),
            min_size=1,
            max_size=4,
        )
    )
    kinds = ["hall", "air", "hydro", "immersion"]
    mixed = draw(st.booleans())
    kind = draw(st.sampled_from(["hall", *kinds]))
    fleets = [fleet | {"cooling": draw(st.sampled_from(kinds)) if mixed else kind} for fleet in fleets]
    for fleet in fleets:
        if asics()[str(fleet["model"])].cooling == "hydro":
            fleet["cooling"], mixed = "hydro", True
    places = {fleet["cooling"] for fleet in fleets}
    sleep_draw, availability = draw(number(0, 0.05)), draw(number(0.5, 1))
    asleep_mw = sleep_draw * availability * sum(float(fleet["nameplate_mw"]) for fleet in fleets)
    description: dict[str, Any] = {
        "name": "any",
        "interval_s": interval_s or draw(st.sampled_from([300, 900, 1800, 3600])),
        "utc_offset_h": draw(st.sampled_from([-6, 0, 5.5])),
        "reward_scale_usd": draw(number(1, 10_000)),
        "meter": {
            "import_limit_mw": draw(number(0, 150)),
            "export_limit_mw": draw(number(0, 60)),
            "ramp_mw_per_min": draw(st.none() | number(0.01, 10)),
        },
        "tariff": {
            "energy_adder_usd_per_mwh": draw(number(0, 20)),
            "coincident_peak_usd_per_kw_year": draw(number(0, 80)),
            **draw(supply_contracts()),
            "demand_usd_per_kw_month": draw(number(0, 20)),
            "day_ahead_mw": draw(number(-50, 100)),
        },
        "supply": draw(own_generation()),
        "network": draw(networks()),
        "mining": {
            "fleets": fleets,
            "failures": draw(st.none() | failures()),
            "control": "per_fleet" if mixed else draw(st.sampled_from(["shared", "per_fleet"])),
            "air": {"pad_efficiency": draw(number(0, 0.9)), "trip_c": draw(number(30, 50))} if "air" in places else {},
            "loop": {"hydro_limit_c": draw(number(25, 50))} if places & {"hydro", "immersion"} else {},
            "floor_hash_frac": floor,
            "max_hash_frac": draw(number(1.0, 1.3)),
            "sleep_draw_frac": sleep_draw,
            "availability_frac": availability,
            "boot_s": draw(number(0, 7_200)),
            "stagger_share_per_h": draw(number(0.2, 60)),
            "wear_usd_per_mw_start": draw(number(0, 100)),
        },
        "gpu": {
            "gpus": gpus,
            "busy_kw": idle_kw + draw(number(0.1, 2)),
            "idle_kw": idle_kw,
            "throttle_value_usd_per_h": draw(number(0, 500)),
            "open_work_frac": draw(number(0, 1)),
            "admission": draw(st.booleans()),
            "reserved": {
                "gpus": reserved,
                "price_usd_per_gpu_h": draw(number(0, 4)),
                "throttle_depth_frac": draw(number(0.05, 0.9)),
                "throttle_budget_h_per_month": draw(number(0, 20)),
                "credit_frac": draw(number(0, 3)),
            },
            "inference": {
                "peak_gpus": inference,
                "price_usd_per_gpu_h": draw(number(0, 4)),
                "min_power_frac": draw(number(0.1, 1)),
                "sla_tiers": draw(st.sampled_from([None, [[0.999, 0.1], [0.99, 0.25], [0.95, 1.0]], [[0.8, 0.5]]])),
            },
            "on_demand": draw(on_demand(gpus)),
            "training": {"base_gpus": draw(st.integers(0, gpus)), "price_usd_per_gpu_h": draw(number(0, 4))},
            "spot": {
                "max_gpus": draw(st.integers(0, gpus)),
                "price_frac": draw(number(0, 1)),
                "notice_s": draw(st.sampled_from([0, 200, 300])),
            },
            "gpu_mining": draw(st.sampled_from([None, {"power_frac": 0.8}, {"power_frac": 0.3, "switch_s": 1_200}])),
        },
        "gang": {"checkpoint_interval_s": checkpoint, "restart_s": draw(number(0, checkpoint))}
        | draw(st.sampled_from([{}, failing]))
        | draw(st.sampled_from([{}, {"data": {"gb_per_gpu": 200, "wan_gbps": 40, "usd_per_tb": 2}}])),
        "cooling": {
            "capacity_mw": asleep_mw / LEAST_CAPACITY_FRAC + draw(number(5, 200)),
            **draw(plants()),
            "water_usd_per_m3": draw(number(0, 20)),
            "setpoint_min_c": setpoint_min,
            "setpoint_max_c": setpoint_max,
            "setpoint_ramp_c_per_h": draw(number(1, 40)),
            "gpu_hall_mj_per_k": draw(number(100, 3_000)),
            "mining_hall_mj_per_k": draw(number(100, 3_000)),
        },
        "carbon": draw(carbon()),
    }
    if draw(st.booleans()):
        description["battery"] = {
            "power_mw": draw(number(0.5, 60)),
            "energy_mwh": draw(number(0.5, 200)),
            "calendar_usd_per_mwh_year": draw(number(0, 20_000)),
            "soc_min_frac": draw(number(0, 0.4)),
            "soc_max_frac": draw(number(0.5, 1)),
            "self_discharge_frac_per_month": draw(number(0, 0.5)),
        }
    for name in draw(st.lists(st.sampled_from(["reserved", "inference", "on_demand", "training", "spot"]), max_size=4)):
        description["gpu"][name] = None
    absent = draw(st.sampled_from(["", "", "mining", "gpu"]))
    if absent:
        description[absent] = None
    if absent == "mining":
        description["network"] = {}
    if not ((description["gpu"] or {}).get("training") or {"base_gpus": 0})["base_gpus"]:
        description["gang"] = {}
        description["gpu"] = description["gpu"] and description["gpu"] | {"admission": False}
    if description["meter"]["import_limit_mw"] == 0:
        description["tariff"] = {"day_ahead_mw": description["tariff"]["day_ahead_mw"]}
        description["meter"]["ramp_mw_per_min"] = None
    if draw(st.booleans()):
        connection_mw = max(description["meter"]["import_limit_mw"], description["meter"]["export_limit_mw"])
        description["transformer"] = {
            "rating_mw": connection_mw * draw(number(0.51, 2)) + 0.1,
            "oil_tau_s": draw(number(600, 20_000)),
            "value_usd": draw(number(0, 1e8)),
        }
    if draw(st.booleans()):
        description["space"] = draw(halls(description["mining"], description["gpu"]))
    droppable_mw = description.get("battery", {}).get("power_mw", 0.0)
    if absent != "mining":
        droppable_mw += most_mw(Mining.model_validate(description["mining"]))
    if droppable_mw and draw(st.booleans()):
        description["reserves"] = draw(reserves(droppable_mw))
    reserved = (description.get("gpu") or {}).get("reserved")
    if reserved and draw(st.booleans()):
        description["cash"] = {
            "start_usd": draw(number(-1e5, 1e6)),
            "fixed_cost_usd_per_day": draw(number(0, 1e6)),
            "floor_usd": draw(number(-1e5, 1e5)),
            "withdraw_frac": draw(number(0.05, 1)),
            "credit_frac": max(0.0, float(reserved.get("credit_frac", 1)) - 1) + draw(number(0, 2)),
        }
    if draw(st.booleans()) and description["meter"]["import_limit_mw"] > 1:
        description["events"] = {"baseline_mw": draw(number(0.5, description["meter"]["import_limit_mw"]))}
    description["regulation"] = draw(st.sampled_from([None, {}, {"mining_levy": False}, {"carbon_price": False}]))
    return Site.model_validate(description)


@st.composite
def traces(draw: st.DrawFn, site: Site, days: int = 3) -> Trace:
    """A wild trace of some days for a site."""
    return wild_trace(draw(st.integers(0, 2**32 - 1)), site.interval_s, site.utc_offset_h, days)


def actions(seed: int, intervals: int, lanes: int) -> np.ndarray:
    """Actions float32 [intervals, lanes, A]: corners, anything in between, and stretches that stay the same."""
    rng = np.random.default_rng(seed)
    shape = (intervals, lanes, len(ACTIONS))
    anything = np.where(rng.random(shape) < 0.4, rng.choice([-1.0, 1.0], shape), rng.uniform(-1, 1, shape))
    held = rng.random((intervals, lanes)) < 0.5
    for h in range(1, intervals):
        anything[h, held[h]] = anything[h - 1, held[h]]
    return anything.astype(np.float32)


def own_actions(seed: int, intervals: int, lanes: int, site: Site) -> np.ndarray:
    """The same, but only the actions a site has: float32 [intervals, lanes, len(action_names(site))]."""
    return actions(seed, intervals, lanes)[..., [ACTIONS.index(name) for name in action_names(site)]]


def wild_trace(seed: int, interval_s: int = 900, utc_offset_h: float = 0.0, days: int = 3, name: str = "wild") -> Trace:
    """A trace from a seed; every column takes calm and extreme values."""
    rng = np.random.default_rng(seed)
    n = days * 86_400 // interval_s
    columns = wild_columns(rng, n)
    hours = n * interval_s // 3600
    return build_trace(
        name, START, interval_s, utc_offset_h, columns, wild_jobs(rng, n, interval_s), wild_forecast(rng, hours)
    )


def wild_columns(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """All columns of `n` rows."""

    def sometimes(frac: float, rare: Any, usual: Any) -> np.ndarray:
        return np.where(_stretches(rng, n) < frac, rare, usual)

    lmp = sometimes(0.15, rng.uniform(-60, 0, n), sometimes(0.1, rng.uniform(200, 5_000, n), rng.normal(35, 20, n)))
    drybulb = np.clip(rng.uniform(-15, 45) + rng.normal(0, 4, n), -40, 58)  # inside the schema however wild
    weight = sometimes(0.05, 0.25 / n, 0.0)
    return {
        "price_lmp_usd_per_mwh": lmp,
        "price_rt_usd_per_mwh": lmp + rng.normal(0, 10, n),
        "price_da_usd_per_mwh": rng.normal(40, 20, n),
        "basis_gen_usd_per_mwh": -np.abs(sometimes(0.5, 0.0, rng.normal(0, 10, n))),
        "system_load_mw": rng.uniform(30_000, 85_000, n),
        "cp_weight": weight,
        "drybulb_c": drybulb,
        "wetbulb_c": np.clip(drybulb - np.abs(rng.normal(0, 6, n)), -50, 35),
        "wind_cf": np.clip(sometimes(0.3, 0.0, rng.uniform(-0.1, 1.1, n)), 0, 1),
        "carbon_average_kg_per_mwh": rng.uniform(0, 900, n),
        "btc_usd": rng.uniform(20_000, 200_000) + rng.normal(0, 100, n),
        "difficulty": np.full(n, np.round(rng.uniform(2e13, 3e14), -6)),
        "fees_btc_per_block": rng.uniform(0, 1, n),
        "subsidy_btc": np.full(n, rng.choice([3.125, 1.5625])),
        "gpu_rent_usd_per_gpu_h": rng.uniform(0.5, 5, n),
        "inference_load": np.clip(rng.uniform(-0.1, 1.1, n), 0, 1),
        "tenant_load": np.clip(sometimes(0.1, 0.0, rng.uniform(0, 1.2, n)), 0, 1),
        "training_load": sometimes(0.1, rng.uniform(0, 5, n), rng.uniform(0, 1.5, n)),
        "import_limit_mw": sometimes(0.15, rng.choice([0.0, 5.0, 30.0]), 1e6),
        "export_limit_mw": sometimes(0.2, rng.choice([0.0, 3.0]), 1e6),
        "mining_allowed": sometimes(0.1, 0.0, 1.0),
        "solar_cf": np.clip(sometimes(0.5, 0.0, rng.uniform(0, 1.1, n)), 0, 1),
        "hydro_cf": np.clip(sometimes(0.2, 0.0, rng.uniform(0, 1.1, n)), 0, 1),
        "geothermal_cf": sometimes(0.1, 0.0, 0.9),
        "fuel_cf": sometimes(0.1, rng.choice([0.0, 0.5]), 1.0),
        "fuel_usd_per_mmbtu": rng.uniform(0, 8, n),
        "carbon_marginal_kg_per_mwh": rng.uniform(-50, 900, n),
        "grid_cfe_frac": rng.uniform(0, 1, n),
        "reserve_0_usd_per_mw_h": sometimes(0.1, rng.uniform(50, 3_000, n), rng.uniform(0, 10, n)),
        "reserve_1_usd_per_mw_h": rng.uniform(0, 10, n),
        "reserve_2_usd_per_mw_h": rng.uniform(0, 10, n),
        "reserve_0_deploy_frac": sometimes(0.15, rng.choice([0.5, 1.0]), 0.0),
        "reserve_1_deploy_frac": sometimes(0.05, 1.0, 0.0),
        "reserve_2_deploy_frac": sometimes(0.1, rng.uniform(0, 1, n), 0.0),
        "event_frac": sometimes(0.1, rng.choice([0.2, 1.0]), 0.0),
        "event_usd_per_mwh": rng.uniform(0, 2_000, n),
        "event_ahead_h": sometimes(0.2, rng.uniform(0, 24, n), 48.0),
        "mining_levy_usd_per_mwh": sometimes(0.3, 20.0, 0.0),
        "carbon_usd_per_t": sometimes(0.5, rng.uniform(0, 120, n), 0.0),
        "on_demand_load": np.clip(rng.uniform(-0.1, 1.1, n), 0, 1),
        "gpu_pow_usd_per_gpu_h": rng.uniform(0, 0.3, n),
        "tenant_contract_frac": sometimes(0.2, rng.choice([0.0, 0.5]), 1.0),
        **{f"u_fail_{k}": np.where(rng.random(n) < 0.1, rng.random(n) ** 8, rng.random(n)) for k in range(6)},
    }


def wild_jobs(rng: np.random.Generator, n: int, interval_s: int) -> np.ndarray:
    """Gang jobs: many, some hopeless, some longer than the trace."""
    jobs = np.zeros(int(rng.integers(0, 60)), JOB)
    for job in jobs:
        job["arrival_row"] = rng.integers(0, n)
        job["deadline_row"] = job["arrival_row"] + 1 + int(rng.exponential(24 * 3600 / interval_s))
        job["gpus"] = 128 * rng.integers(1, 40)
        job["gpu_hours"] = job["gpus"] * rng.uniform(0.5, 30)
        job["bid_usd_per_gpu_h"] = np.round(rng.uniform(0.5, 4), 2)
        job["u_fail"] = rng.random()
    return jobs


def wild_forecast(rng: np.random.Generator, hours: int) -> np.ndarray:
    """Forecasts that know nothing."""
    shape = (hours, len(FORECAST_LEADS_H))
    by_variable = {
        "price_usd_per_mwh": rng.normal(40, 60, shape),
        "wind_cf": rng.uniform(0, 1, shape),
        "system_load_mw": rng.uniform(30_000, 90_000, shape),
        "drybulb_c": rng.uniform(-20, 45, shape),
        "inference_load": rng.uniform(0, 1, shape),
        "solar_cf": rng.uniform(0, 1, shape),
    }
    return np.stack([by_variable[v] for v in FORECAST_VARIABLES], axis=1).astype(np.float32)


def perturbed(trace: Trace, row: int, seed: int) -> Trace:
    """The same trace but for all that is not yet published as interval `row` begins.

    Columns known as their interval starts change from `row + 1` on, columns known after settlement from `row` on,
    hidden ones everywhere, but luck from `row` on; forecasts change from the next hour's issue on, later jobs are
    others.
    """
    rng = np.random.default_rng(seed)
    n = len(trace)
    other = wild_columns(rng, n)
    columns = {name: trace.rows[name].copy() for name in COLUMNS}
    for name, column in COLUMNS.items():
        hidden = column.lag_rows < 0 and not name.startswith("u_fail")  # what has failed already is plain to see
        first = 0 if hidden else row + 1 - min(1, abs(column.lag_rows))
        columns[name][first:] = other[name][first:]
    per_hour = 3600 // trace.interval_s
    forecast = trace.forecast.copy()
    forecast[row // per_hour + 1 :] = wild_forecast(rng, len(forecast))[row // per_hour + 1 :]
    strangers = wild_jobs(rng, n, trace.interval_s)
    jobs = np.concatenate([trace.jobs[trace.jobs["arrival_row"] < row], strangers[strangers["arrival_row"] >= row]])
    return build_trace("perturbed", trace.start, trace.interval_s, trace.utc_offset_h, columns, jobs, forecast)


def _stretches(rng: np.random.Generator, n: int) -> np.ndarray:
    """Uniform numbers that last some rows each."""
    return np.repeat(rng.random(n), rng.integers(1, 12, n))[:n]
