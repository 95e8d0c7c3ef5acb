"""What racks leave, by hand; and policies whose plans the simulator then carries out in its halls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.halls import hosted, miners_room_mw, within
from hybrid_env.baselines.market import MarketClearing, MarketSettings, demand_stack
from hybrid_env.baselines.mpc import Mpc
from hybrid_env.baselines.policy import View
from hybrid_env.batch import Batch
from hybrid_env.sites.parameters import parameter_record
from tests.baselines.tiny import exact_batch
from tests.workbench import Workbench, calm_trace, site_with

TIGHT = {"racks": 125, "kw_per_rack": 40, "oversubscription": 2}
BESIDE = {"racks": 1_100, "kw_per_rack": 40, "gpus": 2_000}
"""44 MW: 0.4 of idle GPUs, up to 1.6 of batch work, and miners."""


def test_segments_are_cut_from_the_cheap_end() -> None:
    mw = np.array([[2.0, 3.0, 4.0], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(within(mw, np.array([4.0, 9.0])), [[2, 2, 0], [1, 1, 1]])


def test_uses_share_the_racks_in_the_order_in_which_they_are_served() -> None:
    p = parameter_record(site_with({"space": {"gpu_hall": TIGHT, "mining_hall": BESIDE}}))[0]
    one = np.ones((1, 1))
    segments = np.array([p["segment_mw"][: int(p["n_segments"])]])
    parts = [
        ("mining", one, segments), ("training", one, 5.6 * one), ("spot", one, 1.6 * one),
        ("inference", one, 0.8 * one), ("reserved", one, 1.6 * one),
    ]  # fmt: skip
    found = {name: float(mw.sum()) for name, _, mw in hosted(p, parts, np.array([1.2]))}
    # GPU hall: 5 MW less 1.6 idle less 2.4 of tenants and inference; training takes 1.2 of 1.6 in the mining hall
    asleep = float(p["sleep_mw"])
    expected = {"mining": 44 - 2.0 - asleep, "training": 5.6, "spot": 1.4, "inference": 0.8, "reserved": 1.6}
    assert found == pytest.approx(expected)


def test_miners_have_what_batch_work_leaves() -> None:
    p = parameter_record(site_with({"space.mining_hall": BESIDE}))[0]
    asleep = float(p["sleep_mw"])
    np.testing.assert_allclose(miners_room_mw(p, np.array([0.0, 1.0, 9.0])) + asleep, [43.6, 42.6, 42.0])


def played_mw(batch: Batch, policy: Any) -> float:
    """Mining power above the sleep draw in one interval of a policy's play."""
    policy.reset(batch)
    batch.step(policy.act(batch))
    return float(batch.lanes["fleet_mw"][0].sum())


@pytest.mark.parametrize("usd_per_mwh", [30, 110, 120])
def test_the_dispatcher_mines_what_it_accepted(usd_per_mwh: float) -> None:
    site = site_with({"space.mining_hall": BESIDE, "battery": None})
    batch = Workbench(site, calm_trace(price_rt_usd_per_mwh=usd_per_mwh, price_lmp_usd_per_mwh=usd_per_mwh)).batch
    stack = demand_stack(View(batch), MarketSettings())
    accepted = stack.accepted_mw(np.array([float(usd_per_mwh)]))["mining"]
    assert 0 < accepted[0] <= 42 + 1e-9
    assert played_mw(batch, MarketClearing()) == pytest.approx(float(accepted[0]), rel=1e-6)


def test_control_by_forecasts_keeps_to_the_racks() -> None:
    batch = exact_batch({"space": {"gpu_hall": TIGHT | {"racks": 100}, "mining_hall": BESIDE}})
    policy = Mpc()
    policy.reset(batch)
    for _ in range(6):
        batch.step(policy.act(batch))
        assert batch.ledger["clipped_mw"][0] == pytest.approx(0, abs=1e-6)
        assert batch.lanes["batch_room_mw"][0] >= batch.lanes["fleet_mw"][0].sum() - 1e-6
