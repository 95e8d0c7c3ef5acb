"""The worth of a pond's water, and when it is used."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing, Values
from hybrid_env.baselines.mpc import Mpc
from hybrid_env.baselines.policy import LEAD_H, View
from hybrid_env.baselines.replay import PlanReplay
from hybrid_env.baselines.steer import water_share
from hybrid_env.baselines.water import Water, training_over_day, water_action, water_of
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import MWH_ACCOUNTS
from tests.baselines.test_market import THREE as USES
from tests.baselines.tiny import lanes, perfect_price_forecast, rebuilt, view
from tests.workbench import FULL, Workbench, calm_trace, site_with

RIVER = {"supply.hydro_mw": 8, "supply.hydro_turbine_mw": 24, "supply.hydro_pond_mwh": 400, "battery": None}
LEADS = len(LEAD_H)


def valued(
    pond_mwh: float, limit_mw: float, price: float | list[float], inflow_cf: float = 0.5, free_mw: float = 0
) -> float:
    """Worth of water (USD/MWh) beside `free_mw` of other own generation, less fixed loads."""
    seen = view(site_with(RIVER | {"meter.import_limit_mw": limit_mw}), calm_trace(hydro_cf=inflow_cf), 8)
    seen.lanes["pond_mwh"] = pond_mwh
    prices = np.broadcast_to(np.array(price, float), (1, LEADS))
    return float(water_of(seen, USES, prices, np.full((1, LEADS), free_mw)).value_usd_per_mwh[0])


def test_on_an_island_it_is_worth_the_first_use_that_a_day_cannot_serve() -> None:
    """A day asks for 240 MWh of each use; the river brings 96."""
    assert valued(pond_mwh=50, limit_mw=0, price=0) == pytest.approx(100, abs=0.1)
    assert valued(pond_mwh=200, limit_mw=0, price=0) == pytest.approx(50, abs=0.1)
    assert valued(pond_mwh=390, limit_mw=0, price=0) == pytest.approx(20, abs=0.1)


def test_wind_that_serves_the_dearest_use_makes_it_cheaper_and_fixed_loads_make_it_dearer() -> None:
    """146 MWh of water for a day; 240 MWh of wind are one use's."""
    assert valued(pond_mwh=50, limit_mw=0, price=0, free_mw=10) == pytest.approx(50, abs=0.1)
    assert valued(pond_mwh=200, limit_mw=0, price=0, free_mw=-5) == pytest.approx(100, abs=0.1)


def test_beside_a_wide_connection_it_is_worth_what_it_replaces() -> None:
    """At 40 USD/MWh two uses want 480 MWh a day, which the grid brings too."""
    assert valued(pond_mwh=100, limit_mw=100, price=40) == pytest.approx(40, abs=0.1)
    dear_first = [80.0, *[30.0] * (LEADS - 1)]
    assert valued(pond_mwh=0, limit_mw=100, price=dear_first, inflow_cf=0) == pytest.approx(80, abs=0.1)


def test_where_there_is_more_than_a_day_can_use_it_is_worth_nothing() -> None:
    assert valued(pond_mwh=400, limit_mw=0, price=0, inflow_cf=1.0) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("price", "demand_usd", "load_mw", "action"),
    [(80, 0, 90, 1), (40, 0, 90, -1), (40, 10, 90, 1), (40, 10, 30, -1)],
    ids=["a dearer grid", "a cheaper grid", "a peak that would cost", "below the month's peak"],
)
def test_it_is_used_before_a_dearer_grid_or_a_higher_peak(
    price: float, demand_usd: float, load_mw: float, action: float
) -> None:
    """Water at 60 USD/MWh; the month's peak so far is 50 MW."""
    seen = view(site_with(RIVER | {"tariff.demand_usd_per_kw_month": demand_usd}), calm_trace(hydro_cf=0.5), 8)
    seen.lanes["month_import_peak_mw"] = 50
    water = Water(np.array([60.0]), np.array([10.0]))
    assert water_action(seen, water, np.array([float(price)]), np.array([float(load_mw)])).tolist() == [action]


def test_training_counts_with_the_work_that_a_day_holds() -> None:
    """A gang of 1,000 GPUs has 6,000 GPU-hours left; small work of 500 GPUs goes on coming."""
    site = site_with(RIVER | {"gpu.training": {"base_gpus": 500, "price_usd_per_gpu_h": 1}})
    seen = view(site, calm_trace(hydro_cf=0.5, training_load=1), 8)
    seen.lanes["bucket_gpu_h"] = 0
    seen.lanes["n_gang"], seen.lanes["gang_gpus"][:, 0], seen.lanes["gang_left_gpu_h"][:, 0] = 1, 1_000, 6_000
    assert training_over_day(seen).tolist() == pytest.approx([(6_000 / 24 + 500) / 1_500])


def test_the_dispatcher_keeps_the_pond_for_hours_of_scarcity() -> None:
    """With a grid that is free from the next hour on, water is for the hour that is dear."""
    found = []
    for price in (-5, 900):
        trace = calm_trace(hydro_cf=0.5, price_lmp_usd_per_mwh=price)
        batch = Workbench(site_with(RIVER), trace).batch
        found.append(float(MarketClearing().act(batch)[0, ACTIONS.index("water")]))
    assert found == [-1.0, 1.0]


@pytest.mark.parametrize(("inflow_cf", "kept"), [(0.5, True), (1.0, False)])
def test_the_inflow_of_a_pond_counts_once(inflow_cf: float, kept: bool) -> None:
    """Mining wants 22.5 MW at 117 USD/MWh and 28.8 MW at 105. A day has 496 MWh of water (20.7 MW), or 592 (24.7 MW)
    with all of the river; the grid asks 110 now and 120 later."""
    site = site_with(RIVER | {"gpu": None, "meter.import_limit_mw": 10})
    now = calm_trace(hydro_cf=inflow_cf, price_lmp_usd_per_mwh=110)
    batch = lanes(site, rebuilt(now, forecast=perfect_price_forecast(np.full(48, 120))), [8])
    batch.lanes["pond_mwh"] = 400
    assert MarketClearing().act(batch)[0, ACTIONS.index("water")] == (-1 if kept else 1)


@pytest.mark.parametrize(("pond_mwh", "mining_mw"), [(0, 12.0132), (400, 28.8136)])
def test_water_is_one_source_and_not_two(pond_mwh: float, mining_mw: float) -> None:
    """12 MW of hash pay for a grid at 160 USD/MWh, and 8 MW of river carry no second block beside them. A full pond
    brings 24 MW: the fourth block is the first that it does not carry whole."""
    batch = lanes(site_with(RIVER | {"gpu": None}), calm_trace(hydro_cf=1, price_lmp_usd_per_mwh=160), [8])
    batch.lanes["pond_mwh"] = pond_mwh
    batch.step(MarketClearing().act(batch))
    assert 4 * batch.ledger["mwh"][0, MWH_ACCOUNTS.index("mining")] == pytest.approx(mining_mw + 0.4)


def test_whoever_judges_water_dearer_keeps_it_and_cheaper_uses_it() -> None:
    """A grid of 40 USD/MWh and 30 of wires, now and in all hours to come: water is worth just that."""
    trace = rebuilt(
        calm_trace(hydro_cf=0.5, price_lmp_usd_per_mwh=40), forecast=perfect_price_forecast(np.full(48, 40))
    )
    batch = lanes(site_with(RIVER | {"tariff.energy_adder_usd_per_mwh": 30}), trace, [8, 8])
    judged = Values(water_usd_per_mwh=np.array([20.0, -20.0]))
    assert MarketClearing().act(batch, judged)[:, ACTIONS.index("water")].tolist() == [-1, 1]


@pytest.mark.parametrize("policy", [Mpc(), PlanReplay()], ids=["mpc", "plan_replay"])
def test_a_plan_keeps_the_pond_for_dear_hours_and_spends_it_there(policy: Mpc | PlanReplay) -> None:
    """Four hours at 20 USD/MWh, four at 300 in which miners sleep: the pond then carries the load that is left."""
    hourly = np.array([20.0] * 6 + [300.0] * 4 + [20.0] * 38)
    rows = np.repeat(hourly, 4)
    trace = rebuilt(
        calm_trace(hydro_cf=0.5, price_lmp_usd_per_mwh=rows, price_rt_usd_per_mwh=rows),
        forecast=perfect_price_forecast(hourly),
    )
    batch = lanes(site_with(RIVER | {"supply.hydro_pond_mwh": 80}), trace, [8], end=44)
    batch.lanes["pond_mwh"] = 30
    policy.reset(batch)
    accounts = [MWH_ACCOUNTS.index("hydro"), MWH_ACCOUNTS.index("import")]
    played = []
    for _ in range(32):
        batch.step(policy.act(batch))
        played.append(batch.ledger["mwh"][0, accounts].copy())
    water_mwh, import_mwh = np.array(played).T
    assert water_mwh[:16].max() == pytest.approx(0, abs=1e-6)
    assert import_mwh[16:].sum() < 0.3 * water_mwh[16:].sum()  # a plan may sell water, which a site does not


@pytest.mark.parametrize("wanted_mw", [3.0, 6.5, 12.0])
def test_a_planned_flow_becomes_the_action_that_gives_it(wanted_mw: float) -> None:
    bench = Workbench(site_with(RIVER | {"supply.hydro_turbine_mw": 12}), calm_trace(hydro_cf=0.5))
    bench.lane["pond_mwh"] = 399.75  # 3 of the river's 4 MW would be spilled
    p = View(bench.batch).p
    share = water_share(p, float(bench.lane["pond_mwh"]), wanted_mw, 4.0)
    page = bench.play(FULL | {"water": 2 * share - 1})
    assert 4 * page.mwh("hydro") == pytest.approx(wanted_mw)
