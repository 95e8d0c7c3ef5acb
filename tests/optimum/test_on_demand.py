"""On-demand rental in the programme: the price that earns most, and a bound that nobody beats."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.sim.action import ACTIONS
from tests.optimum.played import Episode, climbed
from tests.optimum.tiny import prices, solved
from tests.strategies import actions, wild_trace
from tests.workbench import FULL, calm_trace, site_with

RENTED = {"gpu.on_demand.peak_gpus": 1_000, "battery": None}


def test_with_gpus_to_spare_the_price_of_most_revenue_is_asked() -> None:
    # ask x accept of the default menu: 0.4, 0.63, 0.7, 0.52, 0.24
    x = solved(RENTED, on_demand_load=0.5, gpu_rent_usd_per_gpu_h=2.0)
    np.testing.assert_allclose(x["ask_weight"][:, 2], 1, atol=1e-9)
    np.testing.assert_allclose(x["on_demand_mw"], 350 * 0.8e-3)


def test_dear_power_makes_fewer_customers_at_a_higher_price_worth_more() -> None:
    # at 2,400 USD/MWh a GPU-hour costs 1.92 USD, more than the market's rent less the loss of customers
    x = solved(RENTED, on_demand_load=0.5, gpu_rent_usd_per_gpu_h=2.0, **prices({8: 2_400}))
    assert x["ask_weight"][8].argmax() == 3


def test_what_one_site_earns_at_each_price_is_what_the_programme_says() -> None:
    site, trace = site_with(RENTED), calm_trace(on_demand_load=0.5, gpu_rent_usd_per_gpu_h=2.0)
    episode = Episode(site, trace, 4, 8, np.full(8, 0.5))
    plans = np.tile(np.array([[list(FULL.values())]], np.float32), (5, 8, 1))
    plans[:, :, ACTIONS.index("asking_price")] = np.linspace(-1, 1, 5)[:, None]
    earned = episode.usd(plans)
    assert earned.argmax() == 2
    cost = (30 + site.tariff.energy_adder_usd_per_mwh) * 0.8e-3 * 1.1
    assert earned[2] - earned[4] == pytest.approx(500 * 2 * 2.0 * (0.7 - 1.6 * 0.15), rel=2 * cost)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_beats_the_bound(seed: int) -> None:
    site = site_with({"gpu.on_demand.peak_gpus": 6_000, "gpu.gpus": 6_000})
    episode = Episode(site, wild_trace(seed), 8, 24, np.full(8, 0.5))
    best = episode.bound().value_usd
    assert episode.usd(actions(seed, 24, 32).transpose(1, 0, 2)).max() <= best + 1e-4
    everything = np.tile(np.array(list(FULL.values()), np.float32), (24, 1))
    assert climbed(episode, everything, 20, seed) <= best + 1e-4
