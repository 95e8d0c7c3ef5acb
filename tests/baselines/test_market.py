"""The dispatcher: clearing by hand, merit order, quantiles, and a battery that trades."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.clearing import Stack, clear, clear_now
from hybrid_env.baselines.market import (
    MarketClearing,
    MarketSettings,
    Values,
    as_action,
    demand_stack,
    fixed_load_mw,
    weighted_quantile,
)
from hybrid_env.baselines.naive import Naive
from hybrid_env.sim.action import BATTERY, GPU_MINING, INFERENCE, MINING, ON_DEMAND, RESERVED, SPOT, TRAINING
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from tests.baselines.tiny import TEXAS, lanes, perfect_price_forecast, rebuilt, view
from tests.strategies import wild_trace
from tests.workbench import Workbench, calm_trace, column, site_with

WILD = wild_trace(4, utc_offset_h=-6, days=3)


def stack(*segments: tuple[str, float, float]) -> Stack:
    """One site's uses as (use, USD/MWh, MW), dear to cheap."""
    use = tuple(name for name, _, _ in segments)
    value, mw = (np.array([[s[k] for s in segments]], float) for k in (1, 2))
    full = {name: mw[:, np.array(use) == name].sum(axis=1) for name in use}
    return Stack(value, mw, use, full, value, mw.cumsum(axis=1))


THREE = stack(("gpu", 100, 10), ("mining", 50, 10), ("spot", 20, 10))


def cleared(price: float, own: float, imports: float, export: float = 0.0, uses: Stack = THREE) -> float:
    """The clearing price of one moment."""
    price_at, own_mw, import_mw, outside = (np.array([[float(x)]]) for x in (price, own, imports, export))
    return float(clear(uses, own_mw, [(price_at, import_mw)], outside)[0, 0])


def test_with_room_to_import_the_grid_sets_the_price() -> None:
    assert cleared(price=40, own=0, imports=100) == 40
    assert cleared(price=40, own=-5, imports=100) == 40


def test_when_imports_are_scarce_the_first_use_left_without_power_sets_it() -> None:
    assert cleared(price=40, own=0, imports=15) == 50
    assert cleared(price=40, own=0, imports=5) == 100
    assert cleared(price=5, own=0, imports=25) == 20
    assert cleared(price=40, own=0, imports=25) == 40  # the next use is not worth the grid's price


def test_what_is_left_out_by_scarcity_is_not_accepted_below_the_price() -> None:
    taken = THREE.accepted_mw(np.array([60.0]))
    assert {use: float(mw[0]) for use, mw in taken.items()} == {"gpu": 10, "mining": 0, "spot": 0}
    assert float(THREE.accepted_mw(np.array([50.0]))["mining"][0]) == 10


def test_own_surplus_serves_uses_that_the_grid_is_too_dear_for() -> None:
    assert cleared(price=60, own=15, imports=100) == 50
    assert cleared(price=40, own=25, imports=100) == 20
    assert cleared(price=40, own=35, imports=100) == 0


def test_own_surplus_is_never_worth_less_than_what_it_earns_outside() -> None:
    assert cleared(price=40, own=25, imports=100, export=30) == 30
    assert cleared(price=40, own=35, imports=100, export=12) == 12
    assert cleared(price=40, own=35, imports=100, export=55) == 40  # nor more than the grid's


def test_free_power_costs_what_the_grid_pays_for_taking_it() -> None:
    assert cleared(price=-10, own=0, imports=100) == -10
    assert cleared(price=-10, own=35, imports=100) == -10


def test_many_moments_are_cleared_at_once() -> None:
    price = np.array([[40.0, 60.0, -10.0]])
    found = clear(THREE, np.array([[0.0, 15.0, 0.0]]), [(price, np.array([[100.0]]))], np.zeros((1, 3)))
    np.testing.assert_array_equal(found, [[40, 50, -10]])


@pytest.mark.parametrize(
    ("dear_mw", "expected"),
    [(0, 50), (5, 50), (10, 30), (15, 30)],
    ids=["mining is short", "and still is", "the dear source covers it", "and more"],
)
def test_dearer_sources_are_used_after_cheaper_ones(dear_mw: float, expected: float) -> None:
    """10 MW at 5 USD serve the GPUs; spot, worth 20, gets none of the source at 30."""
    steps = [(np.array([[30.0]]), np.array([[dear_mw]])), (np.array([[5.0]]), np.array([[10.0]]))]
    assert clear(THREE, np.zeros((1, 1)), steps, np.zeros((1, 1)))[0, 0] == expected


def test_the_merit_order_runs_from_dear_to_cheap_and_loses_nothing() -> None:
    found = demand_stack(view(TEXAS, WILD, 20, 100), MarketSettings())
    assert (np.diff(found.falling_value, axis=1) <= 0).all()
    assert (np.diff(found.filled_mw, axis=1) >= -1e-12).all()
    np.testing.assert_allclose(found.filled_mw[:, -1], found.mw.sum(axis=1))
    np.testing.assert_allclose(found.filled_mw[:, -1], sum(found.full_mw.values()))


def test_a_mining_segment_is_worth_the_hash_of_a_megawatt_hour() -> None:
    site = site_with({"network.pool_fee_frac": 0.02})
    seen = view(site, calm_trace(), 8)
    found = demand_stack(seen, MarketSettings())
    per_ph_h = 1.676380634e-4 * 3.125 * 100_000 / 24 * 0.98
    mining = found.value[0][np.array(found.use) == "mining"]
    np.testing.assert_allclose(mining, per_ph_h * seen.p["segment_ph_per_mw"][: len(mining)], rtol=1e-6)


def test_hash_that_is_rented_out_is_worth_its_credit() -> None:
    """The floor's 914 PH/s come first; 500 of them are customers'."""
    cloud = {"sold_ph": 500, "price_usd_per_ph_day": 60, "shortfall_credit_frac": 3}
    seen = view(site_with({"network.cloud": cloud}), calm_trace(), 8)
    found = demand_stack(seen, MarketSettings())
    rented, hashprice = 500 / (0.4 * 40e3 / 17.5), 1.676380634e-4 * 3.125 * 100_000 / 24
    mining = found.value[0][np.array(found.use) == "mining"] / seen.p["segment_ph_per_mw"][:7]
    np.testing.assert_allclose(mining[0], hashprice * (3 * rented + 0.99 * (1 - rented)), rtol=1e-6)
    np.testing.assert_allclose(mining[1:], hashprice * 0.99, rtol=1e-6)


def test_where_mining_is_forbidden_it_asks_for_nothing() -> None:
    found = demand_stack(view(site_with(), calm_trace(mining_allowed=column({8: 0}, 1)), 8, 9), MarketSettings())
    assert found.full_mw["mining"][0] == 0 < found.full_mw["mining"][1]


def test_tenants_are_throttled_from_the_chosen_price_while_budget_is_left_and_then_from_their_credit() -> None:
    """Credit: 2 USD per GPU-hour of 0.8 kW is 2,500 USD/MWh."""
    seen = view(site_with(), calm_trace(), 8, 8)
    seen.lanes["throttle_used_h"] = [0, 6]
    found = demand_stack(seen, MarketSettings(throttle_usd_per_mwh=250))
    values = found.value[:, np.array(found.use) == "reserved"]
    np.testing.assert_allclose(values, [[1e9, 250], [1e9, 2_500]])
    np.testing.assert_allclose(found.mw[0, np.array(found.use) == "reserved"], [1.6 * 0.7, 1.6 * 0.3])


@pytest.mark.parametrize(("q", "value"), [(-1, 10), (0, 10), (0.25, 10), (0.26, 20), (0.75, 20), (0.76, 30), (2, 30)])
def test_a_weighted_quantile_is_the_first_value_whose_share_reaches_it(q: float, value: float) -> None:
    found = weighted_quantile(np.array([[30.0, 10.0, 20.0]]), np.array([1.0, 1.0, 2.0]), np.array([q]))
    assert found == [value]


def test_each_row_has_its_own_quantile() -> None:
    found = weighted_quantile(np.array([[3.0, 1.0], [7.0, 9.0]]), np.ones(2), np.array([1.0, 0.0]))
    np.testing.assert_array_equal(found, [3, 7])


def test_fixed_loads_are_idle_nodes_sleepers_and_the_last_cooling() -> None:
    seen = view(site_with(), calm_trace(import_limit_mw=column({9: 1}, 1e6)), 8, 9)
    seen.lanes["cooling_mw"] = 3
    expected = 2.0 + 0.4 + 3
    np.testing.assert_allclose(fixed_load_mw(seen), [expected, 1])


def test_shares_become_actions() -> None:
    np.testing.assert_array_equal(as_action(np.array([-1, 0, 0.25, 1, 2])), [-1, -1, -0.5, 1, 1])


def test_the_battery_buys_cheap_and_sells_dear() -> None:
    """Twelve hours at 20 and twelve at 110 USD/MWh in turn, sold at the water value itself."""
    price = np.tile(np.repeat([20.0, 110.0], 12), 4)
    rows = np.repeat(price, 4)
    trace = rebuilt(
        calm_trace(days=4, price_rt_usd_per_mwh=rows, price_lmp_usd_per_mwh=rows),
        forecast=perfect_price_forecast(price),
    )
    batch = Workbench(site_with(), trace, 4).batch
    policy, flow = MarketClearing(MarketSettings(discharge_above=1.0)), []
    policy.reset(batch)
    for _ in range(2 * 96):
        batch.step(policy.act(batch))
        mwh = batch.ledger["mwh"][0]
        flow.append(mwh[MWH_ACCOUNTS.index("battery_discharge")] - mwh[MWH_ACCOUNTS.index("battery_charge")])
    traded, cheap = np.array(flow), rows[4 : 4 + len(flow)] < 100
    assert (traded[cheap] <= 0).all() and (traded[~cheap] >= 0).all()
    per_cycle = 0.9 * 100
    assert traded[~cheap].sum() > 1.5 * per_cycle * 0.922 * 0.95
    assert traded[cheap].sum() < -1.5 * per_cycle


def test_the_battery_is_sold_for_a_spike_over_its_water_value() -> None:
    price = np.full(48, 60.0)
    rows = column({8: 500}, 60)
    trace = rebuilt(calm_trace(price_lmp_usd_per_mwh=rows), forecast=perfect_price_forecast(price))
    assert MarketClearing().act(lanes(site_with(), trace, [8, 9]))[:, BATTERY].tolist() == [1, 0]


def test_the_battery_rests_where_prices_do_not_pay_for_its_wear() -> None:
    price = np.tile(np.repeat([30.0, 40.0], 12), 2)
    rows = np.repeat(price, 4)
    trace = rebuilt(calm_trace(price_lmp_usd_per_mwh=rows), forecast=perfect_price_forecast(price))
    batch = lanes(site_with(), trace, [4, 60, 100])
    batch.lanes["soc_mwh"] = 20
    buys = MarketClearing().act(batch)[:, BATTERY] < 0
    assert not buys.any()


def test_a_price_over_the_worth_of_hash_sends_mining_to_sleep() -> None:
    batch = lanes(site_with(), calm_trace(price_lmp_usd_per_mwh=column({8: 900}, 30)), [8, 9])
    assert MarketClearing().act(batch)[:, MINING].tolist() == [-1, 1]


def test_customers_and_coins_that_are_judged_worthless_are_let_go() -> None:
    """At 10 USD/MWh both are worth their power: idle GPUs earn 125 USD/MWh by proof of work."""
    site = site_with({"gpu.on_demand": {"peak_gpus": 2_000}, "gpu.gpu_mining": {}, "gpu.spot": None})
    trace = calm_trace(price_lmp_usd_per_mwh=10, on_demand_load=1, gpu_pow_usd_per_gpu_h=0.08)
    for use, action in (("on_demand", ON_DEMAND), ("gpu_mining", GPU_MINING)):
        batch = lanes(site, trace, [8, 8])
        batch.lanes["bucket_gpu_h"] = 0
        usual, other = MarketClearing().act(batch, Values(**{use: np.array([1.0, 1e-3])}))
        assert (usual[action], other[action]) == (1, -1)
        assert usual[MINING] == other[MINING] == 1


@pytest.mark.parametrize(
    ("use", "action"),
    [("mining", MINING), ("inference", INFERENCE), ("training", TRAINING), ("spot", SPOT), ("reserved", RESERVED)],
)
def test_a_use_that_is_judged_worthless_is_the_first_to_go(use: str, action: int) -> None:
    """Dispatch prices of 30 USD/MWh are below the worth of every use; only lane 1 judges this one differently."""
    batch = lanes(site_with(), calm_trace(training_load=2), [8, 8])
    batch.lanes["bucket_gpu_h"] = 100
    judged = Values(**{use: np.array([1.0, 1e-3])})
    usual, other = MarketClearing().act(batch, judged)
    assert usual.tolist() == MarketClearing().act(batch)[0].tolist()
    assert (usual[action], other[action]) == (1, -1)
    keep = [a for a in (MINING, INFERENCE, TRAINING, SPOT, RESERVED) if a != action]
    np.testing.assert_array_equal(usual[keep], other[keep])


def test_dearer_charge_is_kept_and_cheaper_charge_is_sold() -> None:
    price = np.full(48, 60.0)
    rows = column({8: 500}, 60)
    trace = rebuilt(calm_trace(price_lmp_usd_per_mwh=rows), forecast=perfect_price_forecast(price))
    batch = lanes(site_with(), trace, [8, 8, 9, 9, 9])
    shift = np.array([0.0, 500.0, 0.0, -100.0, 100.0])
    found = MarketClearing().act(batch, Values(battery_usd_per_mwh=shift))[:, BATTERY]
    assert found.tolist() == [1, 0, 0, 1, -1]


def test_a_fear_of_ones_own_sends_mining_to_sleep_before_the_rule_would() -> None:
    site = site_with({"tariff.coincident_peak_usd_per_kw_year": 60, "battery": None})
    batch = lanes(site, calm_trace(), [8, 8])
    usual, feared = MarketClearing().act(batch, Values(peak_usd_per_mwh=np.array([0.0, 400.0])))
    assert (usual[MINING], feared[MINING]) == (1, -1)


def test_a_gpu_hall_stays_below_where_machines_slow_down() -> None:
    """8,000 GPUs of spot rental behind a plant for about half of their heat, on a hot day."""
    few = {"gpu.spot": {"max_gpus": 8_000, "price_frac": 0.25}, "gpu.reserved": None, "gpu.inference": None}
    site = site_with(few | {"gpu.training": None, "mining": None, "battery": None, "cooling": {"capacity_mw": 5}})
    hottest_c = []
    for policy in (MarketClearing(), Naive()):
        batch = lanes(site, calm_trace(price_lmp_usd_per_mwh=10, drybulb_c=38, wetbulb_c=25), [8])
        temperatures = []
        for _ in range(60):
            batch.step(policy.act(batch))
            temperatures.append(float(batch.lanes["gpu_hall_c"][0]))
        hottest_c.append(max(temperatures))
    assert hottest_c[0] < 30 < hottest_c[1]


def test_training_is_what_is_open_and_what_comes_in_and_spot_has_the_rest() -> None:
    """Of a pool of 7,000 GPUs small jobs that arrive take 2,000, and those of 200 GPU-hours that wait 800 more."""
    seen = view(site_with({"gpu.spot.max_gpus": 9_000}), calm_trace(training_load=2), 8)
    for waiting_gpu_h, training_gpus in ((0, 2_000), (25, 2_800)):
        seen.lanes["bucket_gpu_h"] = waiting_gpu_h
        full = demand_stack(seen, MarketSettings()).full_mw
        assert full["training"][0] == pytest.approx(training_gpus * 0.8e-3)
        assert full["spot"][0] == pytest.approx((7_000 - training_gpus) * 0.8e-3)


def test_where_peaks_are_not_charged_nobody_fears_them() -> None:
    batch = lanes(site_with({"tariff.coincident_peak_usd_per_kw_year": 0}), calm_trace(), [8])
    feared = MarketClearing().act(batch, Values(peak_usd_per_mwh=400))
    np.testing.assert_array_equal(feared, MarketClearing().act(batch))


def test_settings_are_scaled_by_name() -> None:
    found = MarketSettings().scaled(peak_from=0.9, setpoint=0.0)
    assert (found.peak_from, found.setpoint) == (0.9, 0.0)
    assert found.discharge_above == MarketSettings().discharge_above


def test_an_unknown_setting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match=r"unknown market setting 'peek_from'; known: discharge_above, .*training_value"
    ):
        MarketSettings().scaled(peek_from=0.9)


def test_actions_stay_in_range_whatever_the_world() -> None:
    rows = list(range(4, 200, 7))
    for seed in range(3):
        batch = lanes(TEXAS, wild_trace(seed, utc_offset_h=-6), rows)
        for _ in range(4):
            actions = MarketClearing().act(batch)
            assert np.isfinite(actions).all() and (np.abs(actions) <= 1).all()
            batch.step(actions)


@pytest.mark.parametrize(
    ("fuel", "limit", "price"),
    [(2, 200, 24), (4, 200, 30), (4, 20, 44)],
    ids=["cheaper than the grid", "dearer", "dearer, but imports are scarce"],
)
def test_the_generator_sets_the_price_where_it_is_the_last_to_run(fuel: float, limit: float, price: float) -> None:
    """10 MMBtu/MWh and 4 USD/MWh against a grid at 30 USD/MWh."""
    engine = {"nameplate_mw": 300, "heat_rate_mmbtu_per_mwh": 10, "om_usd_per_mwh": 4}
    site = site_with({"supply.generator": engine, "meter.import_limit_mw": limit, "battery": None})
    seen = view(site, calm_trace(fuel_usd_per_mmbtu=fuel), 8)
    fixed = fixed_load_mw(seen)
    grid = np.full(1, 30.0)
    assert clear_now(seen, demand_stack(seen, MarketSettings()), grid, seen.own_mw() - fixed, np.zeros(1)) == price
