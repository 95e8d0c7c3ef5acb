"""The cooling block against the simulator's own functions."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum import cooling
from hybrid_env.sim import cooling as sim
from hybrid_env.sim.action import ACTIONS
from tests.optimum.played import Episode, climbed
from tests.optimum.tiny import solved
from tests.workbench import calm_trace, site_with

KINDS = ("chiller", "air_chiller", "dry_cooler", "evaporative")


def test_tables_are_those_of_the_simulator() -> None:
    x = solved(wetbulb_c=23.3, drybulb_c=33.3, n=4)
    assert x.t.chiller_specific[0] == pytest.approx(sim.chiller_specific.py_func(x.record, 23.3, x.p["setpoint_max_c"]))
    assert x.t.capacity_mw[0] == pytest.approx(sim.capacity_mw.py_func(x.record, 33.3))


def test_fans_follow_the_simulators_table() -> None:
    x = solved(n=8)
    load = (x["gpu_heat_mw"] * (1 + x.t.chiller_specific) + x["mining_heat_mw"]) / x.t.capacity_mw
    expected = [sim.fan_mw.py_func(x.record, value) for value in load]
    np.testing.assert_allclose(x["fan_mw"], expected, atol=1e-7)


def test_heat_in_is_heat_out_and_warming() -> None:
    x = solved(n=8)
    it = x.p["gpu_idle_mw"] + x["reserved_mw"] + x["inference_mw"] + x["training_mw"] + x["spot_mw"]
    before = np.concatenate([[x.p["setpoint_max_c"]], x["gpu_hall_c"][:-1]])
    warming = (x["gpu_hall_c"] - before) * x.p["gpu_hall_mwh_per_k"] / 0.25
    np.testing.assert_allclose(it - x["gpu_heat_mw"], warming, atol=1e-7)


def test_a_small_plant_limits_the_load() -> None:
    x = solved({"cooling.capacity_mw": 30}, n=48)
    heat = x["gpu_heat_mw"] * (1 + x.t.chiller_specific) + x["mining_heat_mw"]
    assert heat.max() == pytest.approx(30) and heat.min() > 29
    assert x["mining_hall_c"].max() <= x.p["mining_hall_trip_c"] + 1e-9


def test_idle_machines_go_off_only_where_limits_may_force_it() -> None:
    assert len(cooling.short_periods((x := solved(n=8)).p, x.t)) == 0
    dark = solved(import_limit_mw=0, n=8)
    assert len(cooling.short_periods(dark.p, dark.t)) == 8


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_the_simulators_tables(kind: str) -> None:
    x = solved({"cooling.kind": kind}, wetbulb_c=26, drybulb_c=33, n=4)
    at, p = sim.outdoor_c.py_func, x.record
    row = x.t.rows.view(np.recarray)[0]
    outdoor = at(p.specific_wet_frac, row)
    assert x.t.chiller_specific[0] == pytest.approx(sim.chiller_specific.py_func(p, outdoor, p.setpoint_max_c))
    assert x.t.capacity_mw[0] == pytest.approx(sim.capacity_mw.py_func(p, at(p.capacity_wet_frac, row)))


def test_water_is_paid_per_heat_rejected() -> None:
    changes = {"cooling.water_usd_per_m3": 3}
    x, free = solved(changes, wetbulb_c=20, n=8), solved(wetbulb_c=20, n=8)
    heat = x["gpu_heat_mw"] * (1 + x.t.chiller_specific) + x["mining_heat_mw"]
    assert free.usd - x.usd == pytest.approx(3 * 1.84 * 0.25 * heat.sum(), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_no_play_earns_more_than_the_bound_of_a_thirsty_plant(kind: str) -> None:
    site = site_with({"cooling.kind": kind, "cooling.water_usd_per_m3": 15, "cooling.capacity_mw": 60})
    weather = np.linspace(0, 30, 192)
    trace = calm_trace(wetbulb_c=weather, drybulb_c=weather + 8)
    episode = Episode(site, trace, 4, 24, np.full(8, 0.5))
    plan = np.ones((24, len(ACTIONS)), np.float32)
    best = climbed(episode, plan, 12, seed=1)
    limit = episode.bound().value_usd
    assert 0.9 * limit < best <= limit
