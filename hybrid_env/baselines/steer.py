"""From planned megawatts to actions: the inverse of what the simulator does with an action."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hybrid_env.baselines.asking import ask_action
from hybrid_env.baselines.fleets import most_mw, set_fleets
from hybrid_env.baselines.halls import miners_room_mw
from hybrid_env.baselines.policy import Array
from hybrid_env.batch import defaults
from hybrid_env.sim.action import (
    ASKING_PRICE,
    BATTERY,
    GPU_MINING,
    INFERENCE,
    MINING,
    ON_DEMAND,
    RESERVE_0,
    RESERVED,
    SETPOINT,
    SPOT,
    TRAINING,
    WATER,
)
from hybrid_env.sites.gpu import N_BUCKETS
from hybrid_env.sites.reserves import MAX_PRODUCTS

NO_OFFERS = np.zeros(MAX_PRODUCTS)
ALL_BUT = 0.97
"""A class that is planned to run at this share of its demand or more is not meant to be paused."""


@dataclass(frozen=True)
class Target:
    """What is wanted of one site in the coming interval, MW unless said otherwise.

    Attributes:
        mining_mw: of each fleet, above the sleep draw.
        spare_mw: what the connection would still carry on top of the plan (import room and wind not used).
        mining_plant_mw: heat the plant can take from the mining hall.
        reserved_mw, inference_mw, training_mw, spot_mw: dynamic power, above idle.
        training_gpus, spot_gpus: GPUs that share it.
        battery_mw: discharge positive.
        tenant_load, inference_load, on_demand_load: demand of the interval, as known or expected.
        gpu_mining_mw: dynamic power of idle GPUs that mine.
        tenant_contract_frac: share of reserved GPUs that is under contract.
        ask: place in the menu of asking prices.
        offer_mw: reserves to be sold for the next hour, by product.
        water_mw, inflow_mw: power from the river and its pond, and what the river brings.
    """

    mining_mw: Array
    spare_mw: float
    mining_plant_mw: float
    reserved_mw: float
    inference_mw: float
    training_mw: float
    training_gpus: float
    spot_mw: float
    spot_gpus: float
    battery_mw: float
    tenant_load: float
    inference_load: float
    on_demand_mw: float = 0.0
    on_demand_gpus: float = 0.0
    ask: int = 0
    on_demand_load: float = 0.0
    gpu_mining_mw: float = 0.0
    tenant_contract_frac: float = 1.0
    offer_mw: Array = field(default_factory=NO_OFFERS.copy)
    water_mw: float = 0.0
    inflow_mw: float = 0.0


def steer(p: np.void, lane: np.void, target: Target) -> np.ndarray:
    """The action, float32 [A], that brings a site closest to a target."""
    out = defaults(1)[0]
    dyn = float(p["gpu_dyn_mw"])
    mining_mw = float(target.mining_mw.sum())
    most = most_mw(p, lane["fleet_healthy"][None])
    left = min(
        float(most.sum()),
        mining_mw + max(0.0, target.spare_mw),
        np.inf if p["outdoor_fleets"] else hall_room_mw(p, lane, target.mining_plant_mw),
        racks_room_mw(p, lane, target) if p["halls"] and not p["outdoor_fleets"] else np.inf,
    )
    if p["per_fleet"]:
        set_fleets(out[None], p, target.mining_mw[None], np.array([left]), most)
    else:
        out[MINING] = _as_action(mining_mw / left if left > 1e-6 else 1.0)
    for k in range(int(p["n_reserves"])):
        out[RESERVE_0 + k] = _as_action(float(target.offer_mw[k] / p["reserve_max_mw"]))
    depth, contracted = float(p["throttle_depth"]), target.tenant_contract_frac * float(p["reserved_gpus"])
    out[RESERVED] = _as_action(1 - (1 - _frac(target.reserved_mw, target.tenant_load * contracted * dyn)) / depth)
    low, gpus = float(p["inference_min_power"]), target.inference_load * float(p["inference_gpus"])
    out[INFERENCE] = _as_action((_frac(target.inference_mw, gpus * dyn) - low) / max(1 - low, 1e-9))
    pool = max(0.0, float(p["gpus"]) - contracted - gpus)
    if p["on_demand_gpus"] > 0:
        asked = min(
            max(0.0, pool - float(p["batch_gpus"])),
            target.on_demand_load * float(p["on_demand_gpus"] * p["accept_frac"][target.ask]),
        )
        rented = min(target.on_demand_gpus, asked)
        knee = float(p["inference_knee"])
        out[ASKING_PRICE] = ask_action(p, target.ask)
        out[ON_DEMAND] = _as_action(_share(target.on_demand_mw, rented, rented, asked, asked, dyn, knee))
        pool -= rented
    wanted = min(pool, open_training_gpus(p, lane))
    busy = target.training_gpus + target.spot_gpus  # one class in place of the other is no wish to pause either
    runs = min(target.training_gpus, wanted)
    out[TRAINING] = _as_action(_share(target.training_mw, runs, busy, wanted, pool, dyn, float(p["training_knee"])))
    rentable = min(float(p["spot_gpus"]), pool - runs)
    rents = min(target.spot_gpus, rentable)
    rented = rentable if busy >= ALL_BUT * pool else rents
    out[SPOT] = _as_action(_share(target.spot_mw, rents, rented, rentable, rentable, dyn, float(p["inference_knee"])))
    if p["pow_power_frac"] > 0:
        idle_mw = (pool - runs - rents) * float(p["pow_power_frac"]) * dyn
        out[GPU_MINING] = _as_action(target.gpu_mining_mw / idle_mw if idle_mw > 1e-9 else 0.0)
    if p["battery_mw"] > 0:
        out[BATTERY] = np.clip(target.battery_mw / p["battery_mw"], -1, 1)
    out[SETPOINT] = 1.0
    if p["pond_mwh"] > 0:
        out[WATER] = _as_action(water_share(p, float(lane["pond_mwh"]), target.water_mw, target.inflow_mw))
    return out


def water_share(p: np.void, pond_mwh: float, water_mw: float, inflow_mw: float) -> float:
    """Share of the water that could be kept which is to be used; what would be spilled is used anyway."""
    most = min(float(p["hydro_turbine_mw"]), inflow_mw + pond_mwh / float(p["interval_h"]))
    kept = min(most, max(0.0, inflow_mw - (float(p["pond_mwh"]) - pond_mwh) / float(p["interval_h"])))
    return _frac(water_mw - kept, most - kept)


def hall_room_mw(p: np.void, lane: np.void, plant_mw: float) -> float:
    """Mining power above the sleep draw that takes its hall to the trip temperature by the end of the interval."""
    store_mw = (
        float(p["mining_hall_mwh_per_k"])
        * float(p["mining_hall_trip_c"] - lane["mining_hall_c"])
        / float(p["interval_h"])
    )
    return max(0.0, plant_mw + store_mw - float(p["sleep_mw"]))


def racks_room_mw(p: np.void, lane: np.void, target: Target) -> float:
    """Mining power above the sleep draw that the hall's racks carry next to the batch work that is planned there."""
    gangs = float(lane["gang_gpus"][: int(lane["n_gang"])].sum() * p["gpu_dyn_mw"])
    batch_mw = max(0.0, target.training_mw - gangs) + target.spot_mw + target.gpu_mining_mw
    return float(miners_room_mw(p, batch_mw))


def open_training_gpus(p: np.void, lane: np.void) -> float:
    """GPUs that open training work could use now: gang jobs, and small jobs as one interval's work."""
    gangs = float(lane["gang_gpus"][: int(lane["n_gang"])].sum())
    return gangs + float(lane["bucket_gpu_h"][:N_BUCKETS].sum()) / float(p["interval_h"])


def _share(mw: float, gpus: float, busy: float, wanted: float, pool: float, dyn_mw: float, knee: float) -> float:
    """Share of a class's power: the planned cap if all that wants to run is to run, else the part of the pool that may.

    Args:
        busy: GPUs planned to be busy in this class or in one that takes its place.
        wanted: GPUs that open work could use now.
    """
    if busy >= ALL_BUT * wanted:
        return min(1.0, max(knee, mw / (gpus * dyn_mw))) if gpus > 1e-6 else 1.0
    return knee * min(1.0, busy / pool) if pool > 1e-9 else 1.0


def _frac(part: float, whole: float) -> float:
    return part / whole if whole > 1e-9 else 1.0


def _as_action(share: float) -> float:
    return 2.0 * min(1.0, max(0.0, share)) - 1.0
