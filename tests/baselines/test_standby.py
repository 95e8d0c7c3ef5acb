"""Reserves by rule and by plan: what is offered, that calls are followed, and that a miner gains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from hybrid_env.baselines.mpc import Mpc
from hybrid_env.baselines.naive import Naive
from hybrid_env.baselines.policy import Policy
from hybrid_env.batch import Batch
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import RESERVE_PENALTY_USD
from tests.baselines.tiny import earned_usd, exact_batch
from tests.workbench import column

QUICK: dict[str, Any] = {"name": "quick", "response_s": 0, "duration_h": 2}
SLOW: dict[str, Any] = {"name": "slow", "response_s": 0, "duration_h": 2}
MINER: dict[str, Any] = {"gpu": None, "battery": None}
SELLER = MINER | {"reserves": {"products": [QUICK, SLOW], "max_mw": 30}}
PRICED: dict[str, Any] = {"reserve_0_usd_per_mw_h": 4.0, "reserve_1_usd_per_mw_h": 9.0}
CHEAP = np.full(96, 20.0)
POLICIES = [MarketClearing, Mpc]


def batch(changes: dict[str, Any] = SELLER, **columns: Any) -> Batch:
    """Hourly, power at 20 USD/MWh, 40 MW of machines that earn about 100."""
    given: dict[str, Any] = {"price": CHEAP} | PRICED | columns
    return exact_batch(changes, **given)


def offers(policy: Policy, b: Batch) -> np.ndarray:
    """MW offered of each product now."""
    action = policy.act(b)[0]
    return np.array([30 * (action[ACTIONS.index(f"reserve_{k}")] + 1) / 2 for k in range(3)])


@pytest.mark.parametrize("policy", POLICIES)
def test_the_dearer_product_is_offered_while_mining_pays(policy) -> None:
    assert offers(policy(), batch()) == pytest.approx([0, 30, 0], abs=1e-3)


def test_nothing_is_offered_where_mining_will_not_run() -> None:
    assert offers(MarketClearing(), batch(price=np.full(96, 400.0))).max() == 0


def test_naive_offers_nothing() -> None:
    assert offers(Naive(), batch()).max() == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_calls_are_followed(policy) -> None:
    b = batch(reserve_1_deploy_frac=column({27: 1.0, 28: 0.5}, 0.0, 96))
    player, mined, penalty = policy(), [], 0.0
    for _ in range(6):
        b.step(player.act(b))
        mined.append(b.lanes["mining_mw"][0])
        penalty += b.ledger["usd"][0][RESERVE_PENALTY_USD]
    assert mined[3] == pytest.approx(mined[2] - 30, abs=1)
    assert mined[4] < mined[2] - 5  # how much is half a call depends on what was sold for that hour
    assert penalty == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("policy", POLICIES)
def test_reserves_raise_a_miners_profit(policy) -> None:
    """On spiky prices that nobody is warned of beyond their forecasts, with a call in two of the dear hours."""
    calls = column({30: 1.0, 60: 0.5}, 0.0, 96)
    with_them = earned_usd(policy(), exact_batch(SELLER, rows=24, reserve_0_deploy_frac=calls, **PRICED))
    without = earned_usd(policy(), exact_batch(MINER, rows=24, reserve_0_deploy_frac=calls, **PRICED))
    assert with_them > 1.02 * without
