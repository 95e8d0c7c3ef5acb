"""The asking price: the dispatcher's and the planner's choice from the menu."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.asking import ask_action, best_ask
from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.mpc import Mpc
from hybrid_env.baselines.policy import Policy
from hybrid_env.baselines.replay import PlanReplay
from hybrid_env.batch import Batch
from hybrid_env.sim.action import ASKING_PRICE, ON_DEMAND
from hybrid_env.sim.on_demand import nearest_ask
from tests.baselines.tiny import earned_usd, exact_batch, view
from tests.workbench import Workbench, calm_trace, site_with

RENTED = {"gpu.on_demand": {"peak_gpus": 3_000}, "gpu.spot": None}


def market_batch(changes: dict[str, Any]) -> Batch:
    """A lane of the exact site at cheap power."""
    return exact_batch(changes, price=np.full(96, 30.0), on_demand_load=0.8, gpu_rent_usd_per_gpu_h=2.0)


def test_the_dearer_the_power_the_higher_the_price() -> None:
    v = view(site_with(RENTED), calm_trace(on_demand_load=0.8, gpu_rent_usd_per_gpu_h=2.0), 8)
    chosen = [int(best_ask(v, np.array([price]))[0]) for price in (0.0, 30.0, 1_000.0, 2_400.0, 4_000.0)]
    assert chosen == sorted(chosen) and chosen[0] == 2 and chosen[-1] == 4


@pytest.mark.parametrize("asks", range(1, 6))
def test_the_action_names_its_place_in_the_menu(asks: int) -> None:
    menu = {"ask_frac": np.linspace(0.5, 2, asks).tolist(), "accept_frac": np.linspace(1, 0.1, asks).tolist()}
    p = Workbench(site_with({"gpu.on_demand": {"peak_gpus": 10} | menu})).batch.parameters.view(np.recarray)[0]
    for place in range(asks):
        share = (np.float32(ask_action(p, place)) + np.float32(1)) / 2
        assert nearest_ask.py_func(p, float(share)) == place


@pytest.mark.parametrize("policy", [MarketClearing(), Mpc(), PlanReplay()], ids=lambda p: p.name)
def test_who_plans_asks_the_price_of_most_revenue_of_customers_it_can_serve(policy: Policy) -> None:
    batch = market_batch(RENTED)
    policy.reset(batch)
    action = policy.act(batch)[0]
    assert nearest_ask.py_func(batch.parameters.view(np.recarray)[0], (float(action[ASKING_PRICE]) + 1) / 2) == 2
    assert action[ON_DEMAND] == 1
    batch.step(action[None])
    assert batch.lanes["on_demand_gpus"][0] == pytest.approx(0.7 * 0.8 * 3_000)


def test_the_bench_site_earns_more_with_customers_than_without() -> None:
    with_them, without = market_batch(RENTED), market_batch({"gpu.spot": None})
    assert earned_usd(MarketClearing(), with_them) > earned_usd(MarketClearing(), without) + 10_000
