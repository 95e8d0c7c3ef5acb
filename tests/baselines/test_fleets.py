"""Megawatts by fleet, and the actions that bring them about."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.fleets import capped, most_mw, set_fleets
from hybrid_env.baselines.market import MarketClearing
from hybrid_env.batch import defaults
from hybrid_env.sim.action import FLEET_ACTIONS
from tests.baselines.tiny import lanes
from tests.workbench import Workbench, calm_trace, site_with

SITE = site_with(
    {
        "mining.control": "per_fleet",
        "mining.fleets": [{"model": m, "nameplate_mw": 20} for m in ("S19j Pro", "S21", "S21 XP")],
        "mining.wear_usd_per_mw_start": 0,
    }
)


@pytest.mark.parametrize("wanted", [[20.0, 5.0, 13.0], [0.0, 0.0, 20.0], [7.0, 20.0, 0.0]])
def test_what_is_wanted_of_each_fleet_is_what_the_simulator_gives_it(wanted: list[float]) -> None:
    bench = Workbench(SITE)
    action = defaults(1)
    set_fleets(action, bench.p, np.array([wanted]), np.array([1_000.0]), most_mw(bench.p, np.ones((1, 3))))
    bench.batch.step(action)
    assert bench.lane["fleet_mw"][:3] == pytest.approx(wanted, abs=1e-4)


def test_the_share_is_of_what_better_fleets_leave() -> None:
    """30 MW: the S21 XP takes 20, the S21 half of the 10 that are left, the S19j Pro all of the last 5."""
    action = defaults(1)
    most = np.full((1, 3), 20.0)
    set_fleets(action, Workbench(SITE).p, np.array([[9.0, 5.0, 20.0]]), np.array([30.0]), most)
    assert action[0, FLEET_ACTIONS[:2]].tolist() == pytest.approx([1, 0])


def test_the_least_efficient_fleets_are_cut_first() -> None:
    p = Workbench(SITE).p
    assert capped(p, np.array([[10.0, 10.0, 10.0]]), np.array([15.0])).tolist() == [[0, 5, 10]]


def test_the_dispatcher_sleeps_the_fleets_that_a_price_does_not_pay() -> None:
    """At 52.39 USD per PH/s and day the floor of an S19j Pro breaks even at 98 USD/MWh, that of an S21 XP at 213."""
    batch = lanes(SITE, calm_trace(price_lmp_usd_per_mwh=120), [8])
    old, _, new = MarketClearing().act(batch)[0, FLEET_ACTIONS[:3]]
    assert old == -1 and new > 0
