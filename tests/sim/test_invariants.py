"""What must hold at every step, whatever the site, the trace and the actions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_env.batch import Batch
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import KG_ACCOUNTS, MWH_ACCOUNTS, USD_ACCOUNTS, WORK_MEASURES
from hybrid_env.sites.outdoor import AIR, HALL
from hybrid_env.sites.site import Site, load_site
from hybrid_env.traces.library import Library
from hybrid_env.traces.schema import Trace
from tests.strategies import actions, sites, traces, wild_trace

LANES, INTERVALS = 3, 60
TOLERANCE = 1e-6


class Books:
    """The books of some lanes over an episode: every array is [intervals * lanes], read by name."""

    def __init__(self, site: Site, world: Trace, seed: int, action: np.ndarray | None = None) -> None:
        self.site, self.h = site, site.interval_h
        batch = Batch(site, Library([world]), LANES)
        self.p = batch.parameters[0]
        per_hour = int(self.p["rows_per_hour"])
        rng = np.random.default_rng(seed)
        first = rng.integers(1, (len(world) - INTERVALS - 1) // per_hour, LANES) * per_hour
        begins = np.stack([np.zeros(LANES, int), first, first + INTERVALS], axis=1)
        batch.begin(np.arange(LANES), begins, rng.random((LANES, 8)))
        plan = actions(seed, INTERVALS, LANES)
        if action is not None:
            plan[:] = action
        before, after, page, seen = [], [], [], [batch.observations.copy()]
        for chosen in plan:
            before.append(batch.lanes.copy())
            batch.step(chosen)
            after.append(batch.lanes.copy())
            page.append(batch.ledger.copy())
            seen.append(batch.observations.copy())
        self.before, self.after, self.page = (np.concatenate(x) for x in (before, after, page))
        self.seen = np.concatenate(seen)
        self.row = batch.library.rows[0, self.before["row"]]

    def mwh(self, name: str) -> np.ndarray:
        return self.page["mwh"][:, MWH_ACCOUNTS.index(name)]

    def usd(self, name: str) -> np.ndarray:
        return self.page["usd"][:, USD_ACCOUNTS.index(name)]

    def work(self, name: str) -> np.ndarray:
        return self.page["work"][:, WORK_MEASURES.index(name)]


def books(examples: int = 60):
    """Run a test on arbitrary books."""

    @st.composite
    def arbitrary(draw):
        site = draw(sites())
        return Books(site, draw(traces(site, days=4)), draw(st.integers(0, 2**32 - 1)))

    def decorate(test):
        return settings(max_examples=examples)(given(b=arbitrary())(test))

    return decorate


def assert_close(a, b, scale=1.0):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=TOLERANCE * scale)


@books()
def test_energy_in_is_energy_out(b: Books) -> None:
    supply = b.mwh("import") + b.mwh("own_used") + b.mwh("battery_discharge")
    assert_close(supply, b.mwh("mining") + b.mwh("gpu") + b.mwh("cooling") + b.mwh("battery_charge") + b.mwh("export"))
    assert (b.page["mwh"] >= -TOLERANCE).all(), dict(zip(MWH_ACCOUNTS, b.page["mwh"].min(axis=0), strict=True))


@books()
def test_all_own_energy_is_used_or_curtailed(b: Books) -> None:
    for source in ("wind", "solar", "geothermal"):
        assert_close(b.mwh(source), b.row[f"{source}_cf"] * b.p[f"{source}_nameplate_mw"] * b.h)
    sources = ("wind", "solar", "hydro", "geothermal", "generator")
    assert_close(b.mwh("own_available"), sum(b.mwh(source) for source in sources))
    assert_close(b.mwh("own_available"), b.mwh("own_used") + b.mwh("own_curtailed"))


@books()
def test_water_is_turned_into_power_spilled_or_kept(b: Books) -> None:
    inflow = b.row["hydro_cf"] * b.p["hydro_nameplate_mw"] * b.h
    kept = b.after["pond_mwh"] - b.before["pond_mwh"]
    assert_close(b.mwh("hydro") + kept, inflow)
    assert ((b.after["pond_mwh"] >= 0) & (b.after["pond_mwh"] <= b.p["pond_mwh"])).all()


@books()
def test_the_reward_is_the_sum_of_all_dollars(b: Books) -> None:
    assert_close(b.page["reward"] * b.p["reward_scale_usd"], b.page["usd"].sum(axis=1))
    np.testing.assert_array_equal(b.page["truncated"], (b.after["row"] >= b.after["end_row"]).astype(int))
    assert (b.usd("terminal")[b.page["truncated"] == 0] == 0).all()


@books()
def test_the_grid_is_paid_for_what_the_meter_shows(b: Books) -> None:
    columns = {"real_time": "price_rt_usd_per_mwh", "day_ahead": "price_da_usd_per_mwh"}
    kind = b.site.tariff.energy_price
    price = b.row[columns[kind]] if kind in columns else np.full(len(b.row), b.site.tariff.fixed_usd_per_mwh)
    assert_close(b.usd("energy_import"), -b.mwh("import") * (price + b.p["adder_usd_per_mwh"]))
    assert_close(b.usd("energy_export"), b.mwh("export") * (price + b.row["basis_gen_usd_per_mwh"]))
    assert_close(
        b.usd("coincident_peak"), -b.row["cp_weight"] * b.p["peak_usd_per_mw_year"] * b.mwh("import") / b.h, 10
    )


@books()
def test_carbon_is_counted_at_the_grids_and_own_intensity(b: Books) -> None:
    grid, burnt = b.mwh("import") * b.row["carbon_average_kg_per_mwh"], b.mwh("generator") * b.p["generator_kg_per_mwh"]
    own_kg = b.page["kg"][:, KG_ACCOUNTS.index("carbon_location")] - grid - burnt
    most = b.mwh("own_used") * b.p["own_kg_per_mwh"]
    least = most - b.mwh("generator") * b.p["own_kg_per_mwh"]
    assert ((own_kg <= most + 1e-5) & (own_kg >= least - 1e-5)).all()


@books()
def test_the_generator_runs_between_its_least_load_and_its_fuel(b: Books) -> None:
    given = b.mwh("generator") / b.h
    on = given > 0
    assert (given[on] >= b.p["generator_least_mw"] - TOLERANCE).all()
    assert (given <= b.row["fuel_cf"] * b.p["generator_mw"] + TOLERANCE).all()
    fuel = b.row["fuel_usd_per_mmbtu"] * b.p["generator_mmbtu_per_mwh"] + b.p["generator_om_usd_per_mwh"]
    assert (-b.usd("fuel") >= given * b.h * fuel - TOLERANCE).all()


@books(120)
def test_grid_limits_hold(b: Books) -> None:
    limit = np.minimum(b.p["import_limit_mw"], b.row["import_limit_mw"])
    assert (b.mwh("import") / b.h <= limit + TOLERANCE).all()
    out = np.minimum(b.p["export_limit_mw"], b.row["export_limit_mw"])
    assert (b.mwh("export") / b.h <= out + TOLERANCE).all()
    columns = {"real_time": "price_lmp_usd_per_mwh", "day_ahead": "price_da_usd_per_mwh"}
    kind = b.site.tariff.energy_price
    guide = b.row[columns[kind]] if kind in columns else b.site.tariff.fixed_usd_per_mwh
    below_zero = guide + b.row["basis_gen_usd_per_mwh"] < 0
    assert (b.mwh("export")[below_zero] == 0).all()


@books()
def test_imports_rise_no_faster_than_the_terms_and_steep_falls_are_counted(b: Books) -> None:
    start, most, found = b.before["ramp_from_mw"], b.p["ramp_mw"], b.mwh("import") / b.h
    counts = (start >= 0) & (most > 0)
    assert (found[counts] <= start[counts] + most + TOLERANCE).all()
    assert_close(b.work("import_drop_mw"), np.where(counts, np.maximum(0, start - found - most), 0))


@books()
def test_the_battery_store_balances_within_its_limits(b: Books) -> None:
    soc, before = b.after["soc_mwh"], b.before["soc_mwh"]
    charged, discharged = b.mwh("battery_charge"), b.mwh("battery_discharge")
    assert_close(soc, before + charged - discharged - b.mwh("battery_loss"))
    assert (soc <= b.p["soc_max_mwh"] + TOLERANCE).all()
    kept = before * b.p["soc_keep"]  # standing loss alone may go below the lower limit
    assert (soc >= np.minimum(kept, b.p["soc_min_mwh"]) - TOLERANCE).all()
    assert (np.minimum(charged, discharged) <= TOLERANCE).all()
    assert (charged + discharged <= b.p["battery_mw"] * b.h + TOLERANCE).all()


@books(120)
def test_no_hall_passes_its_trip_temperature(b: Books) -> None:
    assert (b.after["gpu_hall_c"] <= b.p["gpu_hall_trip_c"] + TOLERANCE).all()
    assert (b.after["mining_hall_c"] <= b.p["mining_hall_trip_c"] + TOLERANCE).all()


def cooled_mining_mw(b: Books) -> np.ndarray:
    """What miners draw whose heat goes to the plant: all but those on outdoor air."""
    fleets, asleep = b.after["fleet_mw"], b.p["sleep_by_place"]
    on_air = (fleets * (b.p["fleet_place"] == AIR)).sum(axis=1)
    sleepers = b.mwh("mining") / b.h - fleets.sum(axis=1)
    return b.mwh("mining") / b.h - on_air - sleepers * asleep[AIR] / max(asleep.sum(), 1e-12)


def pads_m3(b: Books) -> np.ndarray:
    """Water of wet pads, from the weather and each fleet's draw."""
    dry, wet = b.row["drybulb_c"], b.row["wetbulb_c"]
    each = b.after["fleet_mw"] @ b.p["fleet_water_m3_per_mwh_k"]
    return np.where(dry > b.p["pad_from_c"], each * np.maximum(0, dry - wet) * b.h, 0.0)


@books()
def test_heat_is_stored_or_removed_within_the_plant(b: Books) -> None:
    p = b.p
    gpu_removed = b.mwh("gpu") / b.h - (b.after["gpu_hall_c"] - b.before["gpu_hall_c"]) * p["gpu_hall_mwh_per_k"] / b.h
    mining_removed = (
        cooled_mining_mw(b) - (b.after["mining_hall_c"] - b.before["mining_hall_c"]) * p["mining_hall_mwh_per_k"] / b.h
    )
    assert (gpu_removed >= -TOLERANCE).all() and (mining_removed >= -TOLERANCE).all()
    wet, dry = b.row["wetbulb_c"], b.row["drybulb_c"]
    kind = b.site.cooling.kind
    at = {"power": wet if kind == "chiller" else dry, "capacity": wet if kind == "evaporative" else dry}
    specific = p["chiller_y0"] + np.maximum(0, at["power"][:, None] - p["chiller_at"]) @ p["chiller_change"]
    specific *= 1 - p["setpoint_gain_per_c"] * (b.after["setpoint_c"] - p["setpoint_min_c"])
    plant = p["capacity_y0"] + np.maximum(0, at["capacity"][:, None] - p["capacity_at"]) @ p["capacity_change"]
    rejected = gpu_removed * (1 + specific) + mining_removed
    assert (rejected <= plant + TOLERANCE).all()
    fan = p["fan_rated_mw"] * np.interp(rejected / plant, p["fan_x"], p["fan_y"])
    assert_close(b.mwh("cooling") / b.h, specific * gpu_removed + p["mining_specific"] * mining_removed + fan)
    evaporates = np.clip((wet - b.site.cooling.free_cooling_below_c) / 10, 0, 1) * b.site.cooling.water_l_per_kwh
    assert_close(b.work("water_m3"), evaporates * rejected * b.h + pads_m3(b))
    assert_close(b.usd("water"), -b.site.cooling.water_usd_per_m3 * b.work("water_m3"))


@books()
def test_a_transformer_stays_between_the_temperatures_its_loads_set(b: Books) -> None:
    unit = b.site.transformer
    if unit is None:
        assert not b.after["oil_rise_c"].any() and not b.work("transformer_life_h").any()
        return
    most = unit.oil_rise_c * ((4 * unit.loss_ratio + 1) / (unit.loss_ratio + 1)) ** unit.n
    assert (b.after["oil_rise_c"] >= 0).all() and (b.after["oil_rise_c"] <= most + TOLERANCE).all()
    assert (b.after["hot_spot_c"] >= b.row["drybulb_c"] + b.after["oil_rise_c"] - TOLERANCE).all()
    assert (b.work("transformer_life_h") > 0).all()
    assert_close(b.usd("transformer"), -unit.value_usd / unit.normal_life_h * b.work("transformer_life_h"), 100)


@books()
def test_work_that_arrived_is_done_late_or_open(b: Books) -> None:
    def open_h(lanes):
        slots = np.arange(lanes["gang_left_gpu_h"].shape[1]) < lanes["n_gang"][:, None]
        return lanes["bucket_gpu_h"].sum(axis=1) + np.where(slots, lanes["gang_left_gpu_h"], 0).sum(axis=1)

    done = b.work("gpu_h_training") + b.work("gpu_h_late")
    assert_close(open_h(b.before) + b.work("gpu_h_arrived"), done + open_h(b.after), 10)
    assert (b.after["bucket_gpu_h"] >= -TOLERANCE).all() and (b.after["gang_left_gpu_h"] >= -TOLERANCE).all()


@books()
def test_shares_stay_shares_and_power_within_nameplate(b: Books) -> None:
    p, s = b.p, b.after
    assert ((s["fleet_awake"] >= 0) & (s["fleet_awake"] <= 1)).all()
    assert ((s["fleet_boot_share"] >= 0) & (s["fleet_boot_share"] <= s["fleet_awake"] + TOLERANCE)).all()
    woken = s["fleet_awake"] - b.before["fleet_awake"]
    assert (woken <= p["stagger_share"] + TOLERANCE).all()
    assert (s["mining_mw"] <= p["sleep_mw"] + p["mining_max_mw"] + TOLERANCE).all()
    assert (s["gpu_mw"] <= p["gpu_idle_mw"] + p["gpus"] * p["gpu_dyn_mw"] + TOLERANCE).all()
    assert ((s["cooling_load_frac"] >= 0) & (s["cooling_load_frac"] <= 1 + TOLERANCE)).all()
    assert (b.page["clipped_mw"] >= 0).all()
    contracted = p["reserved_gpus"] * b.row["tenant_contract_frac"]
    pool = p["gpus"] - contracted - b.row["inference_load"] * p["inference_gpus"]
    assert (s["on_demand_gpus"] + s["training_gpus"] + s["spot_gpus"] <= pool + TOLERANCE).all()
    assert ((s["throttle_used_h"] >= 0) & (s["throttle_used_h"] <= p["throttle_budget_h"] + TOLERANCE)).all()
    assert (s["n_gang"] <= 32).all()
    assert (np.diff(s["gang_deadline_row"], axis=1)[np.arange(31) < s["n_gang"][:, None] - 1] >= 0).all()


@books()
def test_observations_are_finite_and_within_the_space(b: Books) -> None:
    assert np.isfinite(b.seen).all() and (np.abs(b.seen) <= 1).all()


@books()
def test_no_class_of_work_delivers_more_than_its_gpus_allow(b: Books) -> None:
    p, row = b.p, b.row
    demand = row["inference_load"] * p["inference_gpus"]
    assert (b.work("gpu_h_inference") <= demand * b.h + TOLERANCE).all()
    assert (b.work("gpu_h_reserved") <= row["tenant_load"] * p["reserved_gpus"] * b.h + TOLERANCE).all()
    assert (b.work("gpu_h_spot") <= b.after["spot_gpus"] * b.h + TOLERANCE).all()
    net = b.work("gpu_h_training") + b.work("gpu_h_rolled_back")
    assert (net <= b.after["training_gpus"] * b.h + TOLERANCE).all()
    assert p["n_sla_tiers"] or (b.usd("sla_credit") <= TOLERANCE).all()  # a recovering attainment takes credit back
    assert (b.usd("late_penalty") <= 0).all()


@books(30)
def test_hash_never_exceeds_what_the_curve_allows(b: Books) -> None:
    p, row = b.p, b.row
    best_ph = 0.0 if b.site.mining is None else (p["fleet_ph"] * b.site.mining.max_hash_frac).sum()
    per_ph_h = 1e15 * 3600 / (row["difficulty"] * 2**32) * (row["subsidy_btc"] + row["fees_btc_per_block"])
    assert (b.work("btc") <= best_ph * per_ph_h * b.h * (1 + 1e-9)).all()
    assert (b.work("btc") >= -TOLERANCE).all()
    assert_close(b.usd("mining"), b.work("btc") * row["btc_usd"], 10)


@pytest.mark.parametrize("corner", range(16))
def test_standing_at_a_corner_breaks_nothing(corner: int) -> None:
    """Constant extreme actions over four wild days on the packaged site."""
    site = load_site("texas_wind")
    action = np.random.default_rng(corner).choice([-1.0, 1.0], len(ACTIONS))
    b = Books(site, wild_trace(corner, days=4, utc_offset_h=site.utc_offset_h), corner, action)
    supply = b.mwh("import") + b.mwh("own_used") + b.mwh("battery_discharge")
    assert_close(supply, b.mwh("mining") + b.mwh("gpu") + b.mwh("cooling") + b.mwh("battery_charge") + b.mwh("export"))
    assert (b.mwh("import") / b.h <= b.p["import_limit_mw"] + TOLERANCE).all()
    assert (b.after["mining_hall_c"] <= b.p["mining_hall_trip_c"] + TOLERANCE).all()
    assert np.isfinite(b.seen).all()


@books()
def test_no_more_is_matched_than_was_used_or_certified(b: Books) -> None:
    load = b.mwh("mining") + b.mwh("gpu") + b.mwh("cooling")
    matched, additional, cfe = b.work("matched_mwh"), b.work("matched_additional_mwh"), b.work("cfe_mwh")
    made = b.work("certificate_mwh")
    assert matched.sum() <= min(load.sum(), made.sum()) + TOLERANCE
    assert (additional <= matched + TOLERANCE).all() and (cfe >= matched - TOLERANCE).all()
    assert cfe.sum() <= load.sum() + TOLERANCE * len(load)
    assert (b.after["spare_cert_mwh"] >= 0).all() and (b.work("stranded_mwh") <= b.mwh("own_used") + TOLERANCE).all()
    assert made.any() or not matched.any()


@books()
def test_halls_carry_what_stands_in_them(b: Books) -> None:
    p, s = b.p, b.after
    rooms = [s[name] for name in ("hall_room_mw", "batch_room_mw", "hall_free_gpus", "batch_free_gpus")]
    if b.site.space is None:
        assert not np.any(rooms)
        return
    assert (np.array(rooms) >= 0).all()
    inside = (s["fleet_mw"] * (p["fleet_place"] == HALL)).sum(axis=1)
    assert (inside <= s["batch_room_mw"] + TOLERANCE).all()
    online_mw, idle_mw = s["reserved_mw"] + s["inference_mw"] + s["on_demand_mw"], p["gpu_idle_mw"] - p["batch_idle_mw"]
    assert (online_mw + idle_mw <= p["gpu_hall_mw"] + TOLERANCE).all()
    miners_mw = inside + p["sleep_by_place"][HALL]
    assert (s["gpu_mw"] + miners_mw <= p["gpu_hall_mw"] + p["mining_hall_mw"] + TOLERANCE).all()
    gangs = np.where(s["gang_running"] == 1, s["gang_gpus"], 0)
    gangs = (gangs * (np.arange(gangs.shape[1]) < s["n_gang"][:, None])).sum(axis=1)
    spoken_for = p["reserved_gpus"] * b.row["tenant_contract_frac"] + b.row["inference_load"] * p["inference_gpus"]
    assert (spoken_for + s["on_demand_gpus"] + gangs <= p["gpus"] - p["batch_gpus"] + TOLERANCE).all()
