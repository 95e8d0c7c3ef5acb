"""The market-clearing dispatcher: every use and source in merit order by USD/MWh, under the site's limits.

Each use is a stack of segments (marginal value, MW). What the import limit leaves is given to the dearest segments;
the price at which supply meets demand inside the fence is the *clearing price*. The battery trades against a water
value from the forecast of that price. Somebody who judges a use differently passes `Values`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from hybrid_env.baselines.asking import Places, ask_action, best_ask, on_demand_gpus
from hybrid_env.baselines.charges import import_usd_per_mwh, mining_usd_per_mwh, peak_rise_usd_per_mwh
from hybrid_env.baselines.clearing import Stack, clear_now, clear_site, generator_left_mw
from hybrid_env.baselines.fleets import capped, hash_usd_per_ph_h, most_mw, set_fleets
from hybrid_env.baselines.halls import hosted, left_for_miners_mw, open_training_gpus
from hybrid_env.baselines.outlook import weighted_quantile
from hybrid_env.baselines.policy import LEAD_H, WITHIN_DAY, Array, View, as_action
from hybrid_env.baselines.rules import peak_ratio
from hybrid_env.baselines.standby import held_mw, offers
from hybrid_env.baselines.water import Water, water_action, water_of
from hybrid_env.batch import Batch, Floats, defaults
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
from hybrid_env.sites import plant
from hybrid_env.sites.units import HOURS_PER_DAY
from hybrid_env.traces.schema import FORECAST_LEADS_H


@dataclass(frozen=True)
class MarketSettings:
    """Figures of the dispatcher; the defaults were tuned on training years only.

    Attributes:
        peak_from: load ratio (this hour's forecast over the month's highest) from which a coincident peak is feared.
        peak_usd_per_mwh: price added at ratio 1; grows with the square of the excess over `peak_from`.
        discharge_above: multiple of the water value from which the battery is sold.
        training_value_frac: training runs now while its pay times this exceeds the price.
        throttle_usd_per_mwh: price above which tenants are throttled while budget is left.
        setpoint: supply-temperature action.
    """

    peak_from: float = 0.98
    peak_usd_per_mwh: float = 3_000.0
    discharge_above: float = 1.2
    training_value_frac: float = 1.0
    throttle_usd_per_mwh: float = 300.0
    setpoint: float = 1.0

    def scaled(self, **changes: float) -> MarketSettings:
        """A copy with some figures changed."""
        known = {f.name for f in fields(self)}
        unknown = set(changes) - known
        if unknown:
            raise ValueError(f"unknown market setting {sorted(unknown)[0]!r}; known: {', '.join(sorted(known))}")
        return replace(self, **changes)


@dataclass(frozen=True)
class Values:
    """How far somebody's values depart from the dispatcher's own; the defaults are its own to the bit.

    Each is a number, or one a lane, [n].

    Attributes:
        mining, inference, on_demand, training, spot, gpu_mining: multiples of what a megawatt-hour earns there.
        reserved: multiple of the price from which tenants are throttled.
        battery_usd_per_mwh: added to the worth of charge: above 0 the battery buys dearer and sells later.
        water_usd_per_mwh: added to the worth of a pond's water: above 0 it is kept for dearer hours.
        peak_fear: multiple of the price that a feared coincident peak adds.
        peak_usd_per_mwh: fear of a peak on top, whatever the load is.
    """

    mining: float | Array = 1.0
    reserved: float | Array = 1.0
    inference: float | Array = 1.0
    training: float | Array = 1.0
    spot: float | Array = 1.0
    on_demand: float | Array = 1.0
    gpu_mining: float | Array = 1.0
    battery_usd_per_mwh: float | Array = 0.0
    water_usd_per_mwh: float | Array = 0.0
    peak_fear: float | Array = 1.0
    peak_usd_per_mwh: float | Array = 0.0


OWN_VALUES = Values()


class MarketClearing:
    """Merit order with a water value for the battery and a fear of coincident peaks."""

    name = "market_clearing"

    def __init__(self, settings: MarketSettings | None = None) -> None:
        self.settings = settings or MarketSettings()

    def reset(self, batch: Batch) -> None:
        """Nothing to forget."""

    def act(self, batch: Batch, values: Values = OWN_VALUES) -> Floats:
        """Clear the site's own market once, then once more with the battery's trade."""
        view = View(batch)
        price = view.price_usd_per_mwh() + import_usd_per_mwh(view) + self._peak_fear(view, values)
        fixed, export = fixed_load_mw(view), self._export(view)
        ask, free = None, (view.renewable_mw() if view.p["pond_mwh"] > 0 else view.own_mw()) - fixed
        stack = demand_stack(view, self.settings, values)
        water = self._water(view, stack, fixed, values.water_usd_per_mwh)
        clearing = clear_now(view, stack, price, free, export, water)
        if view.p["on_demand_gpus"] > 0:  # cleared first without these customers, then with those who accept
            ask = best_ask(view, clearing)
            stack = demand_stack(view, self.settings, values, ask)
            water = self._water(view, stack, fixed, values.water_usd_per_mwh)
            clearing = clear_now(view, stack, price, free, export, water)
        battery_mw = self._battery(view, stack, clearing, fixed, water, values.battery_usd_per_mwh)
        clearing = clear_now(view, stack, price, free + battery_mw, export, water)
        out = self._actions(view, stack, price, clearing, battery_mw, fixed, ask)
        if water is not None:
            load_mw = sum(stack.accepted_mw(clearing).values(), fixed - battery_mw - view.renewable_mw())
            out[:, WATER] = water_action(view, water, price, load_mw)
        return out

    def _water(self, view: View, stack: Stack, fixed: Array, shift: float | Array) -> Water | None:
        """The pond as a source, dearer by `shift`; None without one."""
        if view.p["pond_mwh"] <= 0:
            return None
        price = view.price_ahead_usd_per_mwh()[:, WITHIN_DAY] + view.p["adder_usd_per_mwh"]
        water = water_of(view, stack, price, self._own_ahead(view) - fixed[:, None])
        return replace(water, value_usd_per_mwh=np.maximum(water.value_usd_per_mwh + shift, 0.0))

    def _peak_fear(self, view: View, values: Values) -> Array:
        excess = np.clip((peak_ratio(view) - self.settings.peak_from) / (1 - self.settings.peak_from), 0.0, 1.0)
        charged = view.p["peak_usd_per_mw_year"] > 0
        fear = self.settings.peak_usd_per_mwh * excess**2 * values.peak_fear + values.peak_usd_per_mwh
        return np.where(charged, fear, 0.0)

    def _not_worth_a_peak_mw(self, view: View, price: Array, clearing: Array) -> Array:
        """Import above the month's peak so far, where the clearing price does not pay for raising it, [n]."""
        unpaid = np.maximum(view.import_now_mw() - view.lanes["month_import_peak_mw"], 0.0)
        return np.where(clearing < price + peak_rise_usd_per_mwh(view) - 1e-9, unpaid, 0.0)

    def _export(self, view: View) -> Array:
        price = view.price_usd_per_mwh() + view.last("basis_gen_usd_per_mwh")
        return np.where(view.p["export_limit_mw"] > 0, np.maximum(price, 0.0), 0.0)

    def _battery(
        self, view: View, stack: Stack, clearing: Array, fixed: Array, water: Water | None, shift: float | Array
    ) -> Array:
        """MW, discharge positive: against the price quantiles that empty and fill the store over the next day."""
        p, s = view.p, self.settings
        if p["battery_mw"] <= 0:
            return np.zeros_like(clearing)
        prices = view.price_ahead_usd_per_mwh()[:, WITHIN_DAY] + p["adder_usd_per_mwh"]
        own = self._own_ahead(view)
        limit = view.import_limit_mw()
        ahead = clear_site(view, stack, prices, own - fixed[:, None], np.maximum(prices, 0.0), limit, water)
        full_h = (p["soc_max_mwh"] - p["soc_min_mwh"]) / p["battery_mw"]
        held_h = (
            np.clip(view.lanes["soc_mwh"] - p["soc_min_mwh"], 0, None) * p["discharge_efficiency"] / p["battery_mw"]
        )
        dear = weighted_quantile(ahead, LEAD_H, 1 - held_h / HOURS_PER_DAY)
        cheap = weighted_quantile(ahead, LEAD_H, (full_h - held_h) / HOURS_PER_DAY)
        wear, round_trip = p["battery_wear_usd_per_mwh"], p["charge_efficiency"] * p["discharge_efficiency"]
        top = weighted_quantile(ahead, LEAD_H, np.full_like(held_h, 1 - full_h / HOURS_PER_DAY))
        sell = clearing >= np.maximum(dear, 2 * wear) * s.discharge_above + shift
        buy = (clearing <= cheap + shift) & (clearing / round_trip + 2 * wear <= top + shift)
        return np.where(sell, p["battery_mw"], np.where(buy, -p["battery_mw"], 0.0))

    def _next_hour(self, view: View, stack: Stack, fixed: Array) -> tuple[Array, Array]:
        """Mining power (MW) expected to be worth its price in the coming hour, and that price, [n] each."""
        at = FORECAST_LEADS_H.index(1)
        price = view.price_ahead_usd_per_mwh()[:, at] + view.p["adder_usd_per_mwh"]
        clearing = clear_now(view, stack, price, self._own_ahead(view)[:, at] - fixed, np.maximum(price, 0.0))
        return stack.accepted_mw(clearing)["mining"], price

    def _own_ahead(self, view: View) -> Array:
        """Own generation of the coming day but a pond's, [n, leads]: wind and sun as forecast, the rest as it was
        last."""
        p = view.p
        wind = view.forecast("wind_cf")[:, WITHIN_DAY] * p["wind_nameplate_mw"]
        sun = view.forecast("solar_cf")[:, WITHIN_DAY] * p["solar_nameplate_mw"]
        steady = view.last("hydro_cf") * p["hydro_nameplate_mw"] * (p["pond_mwh"] <= 0)
        steady += view.last("geothermal_cf") * p["geothermal_nameplate_mw"]
        return wind + sun + steady[:, None]

    def _actions(
        self, view: View, stack: Stack, price: Array, clearing: Array, battery_mw: Array, fixed: Array,
        ask: Places | None,
    ) -> Floats:  # fmt: skip
        p = view.p
        out = defaults(len(clearing))
        accepted = stack.accepted_mw(clearing, gpu_plant_mw(view))
        gpu = sum((mw for use, mw in accepted.items() if use != "mining"), np.zeros(len(clearing)))
        most = most_mw(p, view.lanes["fleet_healthy"])
        free = view.on_hand_mw() + battery_mw - fixed - gpu
        left = np.minimum(np.maximum(free, 0), most.sum(axis=1))
        room = mining_plant_mw(view, gpu + p["gpu_idle_mw"])
        cool = accepted["mining"]
        if not p["outdoor_fleets"]:
            left = np.minimum(left, room + hall_store_mw(view, p["mining_hall_trip_c"]))
            cool = np.minimum(cool, room + hall_store_mw(view, p["mining_derate_start_c"]))
            if p["halls"]:
                left = np.minimum(left, left_for_miners_mw(view, accepted))
        if p["demand_usd_per_mw_month"] > 0:
            cool = np.minimum(cool, np.maximum(free - self._not_worth_a_peak_mw(view, price, clearing), 0.0))
        if p["generator_mw"] > 0:
            cool = np.minimum(cool, np.maximum(free - generator_left_mw(view, clearing), 0.0))
        if p["n_reserves"]:
            worth = stack.mean_value("mining")
            cool = np.minimum(held_mw(view, cool, clearing - worth), np.maximum(left, 0.0))
            runs, next_price = self._next_hour(view, stack, fixed)
            out[:, RESERVE_0:WATER] = offers(view, np.minimum(runs, np.maximum(left, 0.0)), worth - next_price)
        if p["per_fleet"]:
            set_fleets(out, p, capped(p, stack.mining_mw(p, clearing), cool), left, most)
        else:
            out[:, MINING] = as_action(np.where(left > 0, cool / np.maximum(left, 1e-6), 1.0))
        out[:, SPOT] = as_action(accepted["spot"] / np.maximum(stack.full_mw["spot"], 1e-9))
        out[:, TRAINING] = as_action(_share(accepted["training"], stack.full_mw["training"]))
        low = p["inference_min_power"]
        out[:, INFERENCE] = as_action(
            (accepted["inference"] / np.maximum(stack.full_mw["inference"], 1e-9) - low) / max(1 - low, 1e-9)
        )
        depth = p["throttle_depth"]
        out[:, RESERVED] = as_action(
            (accepted["reserved"] / np.maximum(stack.full_mw["reserved"], 1e-9) - (1 - depth)) / depth
        )
        out[:, BATTERY] = np.clip(battery_mw / max(p["battery_mw"], 1e-9), -1, 1)
        out[:, SETPOINT] = self.settings.setpoint
        if "gpu_mining" in accepted:
            out[:, GPU_MINING] = as_action(accepted["gpu_mining"] / np.maximum(stack.full_mw["gpu_mining"], 1e-9))
        if ask is not None:
            out[:, ASKING_PRICE] = ask_action(p, ask)
            out[:, ON_DEMAND] = as_action(accepted["on_demand"] / np.maximum(stack.full_mw["on_demand"], 1e-9))
        return out


def _share(taken_mw: Array, full_mw: Array) -> Array:
    """Part of a demand that is served; all of one that is not there yet."""
    return np.where(full_mw > 0, taken_mw / np.maximum(full_mw, 1e-9), 1.0)


def demand_stack(view: View, settings: MarketSettings, values: Values = OWN_VALUES, ask: Places | None = None) -> Stack:
    """All uses of power as segments of falling value, from what the operator knows now.

    Args:
        ask: place in the menu of on-demand prices, [n]; None leaves those customers out.
    """
    p, n = view.p, len(view.lanes)
    parts: list[tuple[str, Array, Array]] = []
    k = int(p["n_segments"])
    allowed = view.now("mining_allowed")[:, None] > 0.5
    segment_mw = p["segment_mw"][:k] * view.lanes["fleet_healthy"][:, p["segment_fleet"][:k]]
    usd_per_ph_h = hash_usd_per_ph_h(view) * np.reshape(values.mining, (-1, 1))
    if p["outdoor_fleets"]:
        weather = {name: view.last(name) for name in ("drybulb_c", "wetbulb_c")}
        usd_per_ph_h *= plant.fleet_derate(p, weather)[:, p["segment_fleet"][:k]]
    hash_usd_per_mwh = usd_per_ph_h * p["segment_ph_per_mw"][:k] - mining_usd_per_mwh(view)[:, None]
    parts.append(("mining", hash_usd_per_mwh, np.where(allowed, segment_mw, 0.0)))
    inference_gpus = view.last("inference_load") * p["inference_gpus"]
    contracted = view.now("tenant_contract_frac") * p["reserved_gpus"]
    pool = p["gpus"] - contracted - inference_gpus
    if ask is not None:
        customers = on_demand_gpus(view, ask, pool - p["batch_gpus"])
        pool = pool - customers
        asked = p["ask_frac"][ask] * view.now("gpu_rent_usd_per_gpu_h") * values.on_demand
        parts.append(_work("on_demand", asked, customers, p["inference_slope"], p["gpu_dyn_mw"], p["inference_knee"]))
    training_gpus = np.clip(open_training_gpus(view), 0, pool)
    spot_gpus = np.clip(pool - training_gpus, 0, p["spot_gpus"])
    training_pay = p["training_price"] * (1 + p["late_penalty_frac"]) * settings.training_value_frac
    pay = np.full(n, training_pay) * values.training
    spot_pay = p["spot_price_frac"] * view.now("gpu_rent_usd_per_gpu_h") * values.spot
    missed_usd = p["inference_price"] * (p["inference_lost_frac"] + p["inference_credit_frac"])
    inference_pay = np.full(n, missed_usd) * values.inference
    parts.append(_work("training", pay, training_gpus, p["training_slope"], p["gpu_dyn_mw"], p["training_knee"]))
    parts.append(_work("spot", spot_pay, spot_gpus, p["inference_slope"], p["gpu_dyn_mw"], p["inference_knee"]))
    if p["pow_power_frac"] > 0:
        each_mw = p["pow_power_frac"] * p["gpu_dyn_mw"]
        idle_mw = np.maximum(0.0, pool - training_gpus - spot_gpus) * each_mw
        mined_usd = view.now("gpu_pow_usd_per_gpu_h") * values.gpu_mining
        parts.append(("gpu_mining", mined_usd[:, None] / each_mw, idle_mw[:, None]))
    on_curve = (p["inference_slope"], p["gpu_dyn_mw"], p["inference_knee"])
    parts.append(_work("inference", inference_pay, inference_gpus, *on_curve))
    tenant_mw = view.last("tenant_load") * contracted * p["gpu_dyn_mw"]
    has_budget = view.lanes["throttle_used_h"] < p["throttle_budget_h"]
    credit = p["reserved_credit_frac"] * p["reserved_price"] / p["gpu_dyn_mw"]
    throttle = np.where(has_budget, settings.throttle_usd_per_mwh, credit) * values.reserved
    depth = p["throttle_depth"]
    parts.append(
        (
            "reserved",
            np.stack([np.full(n, 1e9), throttle], axis=1),
            np.stack([tenant_mw * (1 - depth), tenant_mw * depth], axis=1),
        )
    )
    full = {name: np.broadcast_to(m, (n, m.shape[-1])).sum(axis=1) for name, _, m in parts}
    if p["halls"]:
        parts = hosted(p, parts, training_gpus * p["gpu_dyn_mw"])
    value = np.concatenate([np.broadcast_to(v, (n, v.shape[-1])) for _, v, _ in parts], axis=1)
    mw = np.concatenate([np.broadcast_to(m, (n, m.shape[-1])) for _, _, m in parts], axis=1)
    use = tuple(name for name, v, _ in parts for _ in range(v.shape[-1]))
    order = np.argsort(-value, axis=1, kind="stable")
    return Stack(
        value,
        mw,
        use,
        full,
        np.take_along_axis(value, order, axis=1),
        np.take_along_axis(mw, order, axis=1).cumsum(axis=1),
    )


def _work(
    name: str, usd_per_gpu_h: Array, gpus: Array, slope: Array, dyn_mw: float, knee: float
) -> tuple[str, Array, Array]:
    """Segments of a throughput curve: marginal pay per MWh, and MW."""
    widths = np.concatenate([[knee], np.full(len(slope) - 1, (1 - knee) / (len(slope) - 1))])
    return name, usd_per_gpu_h[:, None] * slope / dyn_mw, gpus[:, None] * widths * dyn_mw


def mining_plant_mw(view: View, gpu_mw: Array) -> Array:
    """Heat the plant can take from the mining hall above the sleep draw, at the last weather, [n]."""
    p = view.p
    weather = {"wetbulb_c": view.last("wetbulb_c"), "drybulb_c": view.last("drybulb_c")}
    chiller = plant.dearest_specific(p, weather)
    return plant.capacity_mw(p, weather) - (1 + chiller) * gpu_mw - p["sleep_mw"]


def gpu_plant_mw(view: View) -> Array:
    """Power of GPU work, above idle, whose heat the plant can take before GPUs slow down, [n]."""
    p = view.p
    weather = {"wetbulb_c": view.last("wetbulb_c"), "drybulb_c": view.last("drybulb_c")}
    store = p["gpu_hall_mwh_per_k"] * (p["gpu_derate_start_c"] - view.lanes["gpu_hall_c"]) / p["interval_h"]
    removed = mining_plant_mw(view, np.zeros(len(view.lanes))) / (1 + plant.dearest_specific(p, weather))
    return np.maximum(0.0, removed + store - p["gpu_idle_mw"])


def hall_store_mw(view: View, limit_c: float) -> Array:
    """Power whose heat takes the mining hall to `limit_c` within the interval, on top of what is removed, [n]."""
    return view.p["mining_hall_mwh_per_k"] * (limit_c - view.lanes["mining_hall_c"]) / view.p["interval_h"]


def fixed_load_mw(view: View) -> Array:
    """Idle nodes, sleeping miners and the cooling of the last interval, [n]."""
    return np.minimum(view.p["gpu_idle_mw"] + view.p["sleep_mw"] + view.lanes["cooling_mw"], view.on_hand_mw())
