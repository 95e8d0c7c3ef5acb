"""Every action and observation, declared once: name, unit, range, when it is known, and what it means.

Append-only: a site's own list keeps its order when new fields are added at the end. `docs/spaces.md` is made from this
file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.parameters import N_BUCKETS
from hybrid_env.sites.site import Site
from hybrid_env.traces.schema import FORECAST_LEADS_H


@dataclass(frozen=True)
class Field:
    """One number of an observation or an action.

    Attributes:
        name: with its unit where it has one.
        known: "now" (as the interval starts), "settled" (of the last interval), "forecast" (as issued this hour) or
        "state". scale: how the number is brought into [-1, 1]: `squash(x) = x / (1 + |x|)`, `centre(x) = 2 x - 1`.
        meaning: one line.
    """

    name: str
    known: str
    scale: str
    meaning: str


ACTION_FIELDS = (
    Field("mining", "now", "share (a + 1) / 2", "share of what GPU work, cooling and battery leave"),
    Field("reserved", "now", "share (a + 1) / 2", "cap of take-or-pay tenants: -1 the deepest contracted, +1 none"),
    Field("inference", "now", "share (a + 1) / 2", "power cap of inference: -1 the lowest cap allowed, +1 uncapped"),
    Field("training", "now", "share (a + 1) / 2", "training and gang jobs: -1 paused, +1 uncapped"),
    Field("spot", "now", "share (a + 1) / 2", "power of spot rental: -1 off, +1 uncapped"),
    Field("battery", "now", "MW / power_mw", "-1 charge at full power, +1 discharge at full power"),
    Field("setpoint", "now", "share (a + 1) / 2", "supply temperature of the GPU hall: -1 lowest, +1 highest"),
)  # fmt: skip
assert tuple(f.name for f in ACTION_FIELDS) == ACTIONS


def observation_fields(site: Site) -> list[Field]:
    """The site's own observation, in order. The kernel (`hybrid_env/sim/observe.py`) writes exactly these."""
    return [*_calendar_and_market(), *_forecasts(), *_weather_and_grid(), *_plant(site), *_work()]


def _calendar_and_market() -> list[Field]:
    price = "squash((x - breakeven) / 50 USD/MWh)"
    return [
        Field("hour_sin", "now", "as is", "local time of day"),
        Field("hour_cos", "now", "as is", "local time of day"),
        Field("season_sin", "now", "as is", "time of year"),
        Field("season_cos", "now", "as is", "time of year"),
        Field("weekend", "now", "centre", "1 on Saturday and Sunday"),
        Field("month_frac", "now", "centre", "share of the month that is over"),
        Field("price_lmp_usd_per_mwh", "now", price, "dispatch price, against the breakeven of the first fleet"),
        Field("price_da_usd_per_mwh", "now", price, "day-ahead price of this hour"),
        Field("price_rt_usd_per_mwh", "settled", price, "settled price of the last interval"),
        Field("price_rt_before_usd_per_mwh", "settled", price, "settled price of the interval before"),
        Field("price_spread_usd_per_mwh", "now", "squash(x / 50)", "dispatch price less day-ahead price"),
        Field("price_low_24h_usd_per_mwh", "forecast", price, "lowest forecast price of the next 24 h"),
        Field("price_high_24h_usd_per_mwh", "forecast", price, "highest forecast price of the next 24 h"),
        Field("price_mean_24h_usd_per_mwh", "forecast", price, "mean forecast price of the next 24 h"),
        Field("price_rank_24h", "forecast", "centre", "share of the next 24 h forecast to be cheaper than now"),
        Field("breakeven_usd_per_mwh", "settled", "squash(x / 100)", "breakeven of the first fleet at nameplate"),
        Field("price_lmp_over_last_fleet_usd_per_mwh", "now", "squash(x / 50)", "the same against the last fleet"),
        Field("gpu_rent_usd_per_gpu_h", "now", "centre(x / 5)", "market rent of a GPU"),
    ]  # fmt: skip


def _forecasts() -> list[Field]:
    fields = [
        Field(
            f"forecast_price_{h}h_usd_per_mwh", "forecast", "squash((x - breakeven) / 50 USD/MWh)", f"price {h} h ahead"
        )
        for h in FORECAST_LEADS_H
    ]
    fields += [Field(f"forecast_wind_{h}h_cf", "forecast", "centre", f"wind {h} h ahead") for h in FORECAST_LEADS_H]
    fields += [
        Field(f"forecast_load_{h}h_mw", "forecast", "centre(x / system_peak_mw)", f"grid load {h} h ahead")
        for h in FORECAST_LEADS_H
    ]
    for h in FORECAST_LEADS_H[::4]:
        fields.append(Field(f"forecast_drybulb_{h}h_c", "forecast", "squash((x - 20) / 20)", f"dry bulb {h} h ahead"))
        fields.append(Field(f"forecast_inference_{h}h", "forecast", "centre", f"inference load {h} h ahead"))
    return fields


def _weather_and_grid() -> list[Field]:
    return [
        Field("drybulb_c", "settled", "squash((x - 20) / 20)", "outdoor dry bulb"),
        Field("wetbulb_c", "settled", "squash((x - 15) / 15)", "outdoor wet bulb"),
        Field("wind_cf", "settled", "centre", "wind output as a share of nameplate"),
        Field("system_load_mw", "settled", "centre(x / system_peak_mw)", "load of the grid"),
        Field(
            "load_over_month_peak",
            "forecast",
            "squash(20 (x - 1))",
            "forecast load this hour over the month's highest so far",
        ),
        Field(
            "load_24h_over_month_peak",
            "forecast",
            "squash(20 (x - 1))",
            "highest forecast load in 24 h over the month's highest so far",
        ),
        Field(
            "load_over_24h_peak", "forecast", "squash(20 (x - 1))", "forecast load this hour over the highest in 24 h"
        ),
        Field("carbon_average_kg_per_mwh", "settled", "centre(x / 1000)", "grid intensity"),
        Field("import_limit_frac", "now", "centre", "import limit now over the contract"),
        Field("export_limit_frac", "now", "centre", "export limit now over the contract"),
        Field("mining_allowed", "now", "centre", "0 where mining is forbidden"),
    ]


def _plant(site: Site) -> list[Field]:
    fields = [
        Field("battery_charge_frac", "state", "centre", "usable charge"),
        Field("gpu_hall_c", "state", "squash((x - setpoint_max) / 5)", "temperature of the GPU hall"),
        Field("mining_hall_c", "state", "squash((x - setpoint) / 5)", "temperature of the mining hall"),
        Field("setpoint_frac", "state", "centre", "supply temperature within its range"),
        Field("cooling_load_frac", "settled", "centre", "share of the cooling plant in use"),
        Field("cooling_capacity_frac", "settled", "centre", "plant capacity at the last dry bulb over all IT power"),
        Field("mining_frac", "settled", "centre", "mining power over its highest"),
        Field("gpu_frac", "settled", "centre", "GPU power over its highest"),
        Field("import_frac", "settled", "centre", "import over the contract"),
        Field("export_frac", "settled", "centre", "export over the contract"),
        Field("curtailed_frac", "settled", "squash(4 x)", "curtailed wind over the import contract"),
    ]
    for f, fleet in enumerate(site.mining.fleets):
        fields.append(Field(f"fleet_{f}_awake_frac", "state", "centre", f"awake share of fleet {f} ({fleet.model})"))
        fields.append(Field(f"fleet_{f}_boot_s", "state", "squash(x / interval_s)", f"boot time left in fleet {f}"))
    return fields


def _work() -> list[Field]:
    fields = [
        Field("throttle_used_frac", "state", "centre", "share of the month's throttle budget that is used"),
        Field("inference_load", "settled", "centre", "inference demand as a share of its peak"),
        Field("tenant_load", "settled", "centre", "share of reserved GPUs in use"),
        Field("training_load", "settled", "squash(x - 1)", "small training work that arrived, over its base"),
        Field("training_gpus_frac", "settled", "centre", "GPUs in training over all that are not reserved"),
        Field("spot_gpus_frac", "settled", "centre", "GPUs in spot rental over all that are not reserved"),
    ]
    fields += [
        Field(
            f"bucket_{j}_gpu_h",
            "state",
            "squash(8 x / (pool 6 h))",
            f"small training work due at boundary {j + 1} from now",
        )
        for j in range(N_BUCKETS)
    ]
    fields += [
        Field("boundary_left_frac", "state", "centre", "time to the next due boundary over 6 h"),
        Field("gang_running_frac", "state", "centre", "GPUs of running gang jobs over the pool"),
        Field("gang_waiting_frac", "state", "squash(2 x)", "GPUs of waiting gang jobs over the pool"),
        Field("gang_left_gpu_h", "state", "squash(x / (12 pool))", "work left in gang jobs"),
        Field("gang_urgent_gpu_h", "state", "squash(x / (4 pool))", "gang work with less than 1 h of slack"),
        Field("gang_soon_gpu_h", "state", "squash(x / (4 pool))", "gang work with 1 to 4 h of slack"),
        Field("gang_later_gpu_h", "state", "squash(x / (4 pool))", "gang work with 4 to 12 h of slack"),
        Field("gang_bid_usd_per_gpu_h", "state", "centre(x / 5)", "mean pay of open gang work"),
        Field("gang_at_risk_gpu_h", "state", "squash(4 x / pool)", "progress since the last checkpoints"),
        Field("gang_least_slack_h", "state", "squash(x / 6)", "least slack of an open gang job"),
    ]
    return fields


def action_space() -> spaces.Box[np.float32]:
    """`Box(-1, 1)`, one number a field of `ACTION_FIELDS`."""
    return spaces.Box(-1.0, 1.0, (len(ACTIONS),), np.float32)


def observation_space(site: Site) -> spaces.Box[np.float32]:
    """`Box(-1, 1)`, one number a field of `observation_fields`."""
    return spaces.Box(-1.0, 1.0, (len(observation_fields(site)),), np.float32)


def spaces_page(site: Site) -> str:
    """Markdown of `docs/spaces.md`: every action, every observation of a site, every account."""
    lines = [
        "# Actions, observations and accounts",
        "",
        "Made from `hybrid_env/spaces.py` and `hybrid_env/sim/ledger.py`; a test keeps it current.",
        "",
        "## Actions",
        "",
        f"`Box(-1, 1, ({len(ACTIONS)},), float32)`. What cannot be done is cut back and reported in `clipped_mw`.",
        "",
        *_table(ACTION_FIELDS, known=False),
        "",
        "## Observations",
        "",
        f"`Box(-1, 1, ({len(observation_fields(site))},), float32)` for the site `{site.name}`;"
        " other sites differ in the number of fleets.",
        "`centre(x) = 2 x - 1` (clipped), `squash(x) = x / (1 + |x|)`. *Known*: `now` as the interval starts,",
        "`settled` of the last interval, `forecast` as issued at the start of this hour, `state` of the site itself.",
        "The pool is all GPUs that are not reserved.",
        "",
        *_table(observation_fields(site)),
        "",
        "## Accounts",
        "",
        "Dollars (`ledger_usd`, income positive; their sum over `reward_scale_usd` is the reward): "
        + _names(USD_ACCOUNTS),
        "",
        "Energy in MWh (`ledger_mwh`): " + _names(MWH_ACCOUNTS),
        "",
        "Carbon in kg (`ledger_kg`): " + _names(KG_ACCOUNTS),
        "",
        "Work (`work`; hours, counts, megawatts as named): " + _names(WORK_MEASURES),
    ]
    return "\n".join(lines) + "\n"


def _table(fields: Sequence[Field], known: bool = True) -> list[str]:
    head = ["#", "name", *(["known"] if known else []), "scale", "meaning"]
    rows = [
        [str(i), f"`{f.name}`", *([f.known] if known else []), f"`{f.scale}`", f.meaning] for i, f in enumerate(fields)
    ]
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) + "."
