"""The balance of power in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.played import Episode, Rest, climbed, everything
from tests.optimum.tiny import prices, solved
from tests.strategies import wild_trace
from tests.workbench import site_with


def test_what_comes_in_is_what_is_used() -> None:
    x = solved({"supply.wind_mw": 30}, n=16, wind_cf=0.5)
    it = x.p["gpu_idle_mw"] + x["reserved_mw"] + x["inference_mw"] + x["training_mw"] + x["spot_mw"]
    it += x["mining_mw"].sum(axis=1) + x.p["sleep_mw"]
    plant = x.t.chiller_specific * x["gpu_heat_mw"] + x.p["mining_specific"] * x["mining_heat_mw"] + x["fan_mw"]
    out = it + plant + x["charge_mw"] + x["export_mw"]
    np.testing.assert_allclose(x["import_mw"] + x["own_used_mw"] + x["discharge_mw"], out, atol=1e-6)


def test_the_limits_of_site_and_grid_hold() -> None:
    x = solved({"battery": None}, n=8, import_limit_mw=30, price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1)
    np.testing.assert_allclose(x["import_mw"], 30)


def test_nothing_is_sold_where_the_dispatch_price_at_the_node_is_negative() -> None:
    x = solved({"supply.wind_mw": 400}, n=4, wind_cf=1, price_lmp_usd_per_mwh=5, basis_gen_usd_per_mwh=-6)
    assert x["export_mw"].max() == pytest.approx(0, abs=1e-9)


RAMP = {"meter.ramp_mw_per_min": 1, "meter.export_limit_mw": 0, "battery": None}


def test_imports_rise_by_a_ramp_at_most() -> None:
    dear = prices({row: 400 for row in range(8, 12)})
    x, free = solved(RAMP, n=24, **dear), solved(RAMP | {"meter.ramp_mw_per_min": None}, n=24, **dear)
    assert np.diff(free["import_mw"]).max() > 20
    assert np.diff(x["import_mw"]).max() == pytest.approx(15)
    assert x["import_mw"].min() < 20 and np.diff(x["import_mw"]).min() < -15  # falls are free
    assert x.usd < free.usd


def test_the_first_rise_starts_from_what_is_known() -> None:
    assert solved(RAMP, n=4)["import_mw"][0] > 50
    known = solved(RAMP, n=4, state={"carried": {"ramp_from_mw": 10.0}})
    np.testing.assert_allclose(known["import_mw"][:2], [25, 40])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mw_per_min", [0.05, 1])
def test_no_play_up_a_ramp_earns_more_than_the_bound(seed: int, mw_per_min: float) -> None:
    site = site_with({"meter.ramp_mw_per_min": mw_per_min, "supply.wind_mw": 60})
    episode = Episode(site, wild_trace(seed), 8, 24, np.full(8, 0.5))
    assert climbed(episode, everything(24), 8, seed) <= episode.bound().value_usd + 1e-4
    rest = Rest(site, wild_trace(seed), 8, 24, np.full(8, 0.5))
    assert climbed(rest, everything(24), 4, seed) <= rest.bound().value_usd + 1e-4
