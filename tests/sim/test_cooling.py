"""One heat-rejection plant and two halls."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_env.sim import cooling
from hybrid_env.sites.parameters import parameter_record
from tests.strategies import number
from tests.workbench import OFF, Workbench, calm_trace, site_with

P = parameter_record(site_with())[0]


def specific(wetbulb_c: float, setpoint_c: float = 18.0) -> float:
    return cooling.chiller_specific(P, wetbulb_c, setpoint_c)


def test_a_chiller_needs_more_power_the_warmer_the_wet_bulb() -> None:
    values = [specific(t) for t in np.arange(-10, 35, 0.5)]
    assert (np.diff(values) >= -1e-12).all() and values[-1] > 3 * values[0]


def test_in_the_cold_only_pumps_run() -> None:
    assert specific(5.0) == specific(-20.0) == pytest.approx(0.03)


def test_at_the_rating_point_the_coefficient_of_performance_is_the_curves() -> None:
    """10 C chilled water and 29.4 C condenser (wet bulb 23.4 C): EIRFT of the DOE-2 set by hand."""
    eir = 0.933678591 - 0.58199196 + 0.449937 + 0.002429466 * 29.4 + 0.000485893 * 29.4**2 - 0.01214733 * 29.4
    assert specific(23.4) == pytest.approx(eir / 5.5, rel=0.01)


def test_a_kelvin_of_supply_temperature_saves_2_5_percent() -> None:
    assert specific(20, 22) == pytest.approx(specific(20, 18) * (1 - 0.025 * 4))


def test_capacity_falls_with_heat_above_the_reference() -> None:
    values = [cooling.capacity_mw(P, t) for t in np.arange(0, 50, 1.0)]
    assert (np.diff(values) <= 0).all()
    assert values[25] == pytest.approx(300) and values[45] == pytest.approx(300 * (1 - 0.012 * 20))


def test_capacity_never_falls_below_40_percent() -> None:
    p = parameter_record(site_with({"cooling.capacity_loss_frac_per_c": 0.1}))[0]
    assert cooling.capacity_mw(p, 60.0) == pytest.approx(120)


def test_fans_at_80_percent_of_flow_draw_51_2_percent() -> None:
    assert cooling.fan_mw(P, 0.8) / P["fan_rated_mw"] == pytest.approx(0.512)


def test_catching_up_takes_the_heat_that_the_hall_holds() -> None:
    assert cooling.catch_up_mw.py_func(2.0, 25.0, 22.0, 0.25) == pytest.approx(24.0)


@st.composite
def fits(draw: st.DrawFn) -> tuple[float, ...]:
    return (
        draw(number(0, 60)),
        draw(number(-20, 30)),
        draw(number(0, 0.3)),
        draw(number(0, 0.9)),
        1 / draw(number(10, 100)),
    )


@given(case=fits())
def test_the_largest_it_power_that_fits_is_found(case: tuple[float, ...]) -> None:
    power, catch_up, per_mw, base, frac = case

    def draw_mw(it: np.ndarray) -> np.ndarray:
        removed = np.clip(it + catch_up, 0, (1 - base) / frac)
        return it + per_mw * removed + P["fan_rated_mw"] * np.interp(base + frac * removed, P["fan_x"], P["fan_y"])

    found = cooling.it_that_fits(P, power, catch_up, per_mw, base, frac)
    if found > 0:
        assert draw_mw(np.array([found]))[0] <= power + 1e-9
    grid = np.linspace(0, power, 4_001)
    possible = grid[draw_mw(grid) <= power]
    assert found >= possible.max(initial=0.0) - 1e-9


def test_at_the_set_point_heat_removed_is_heat_made() -> None:
    b = Workbench()
    page = b.play()
    assert float(b.lane["gpu_hall_c"]) == pytest.approx(18)
    assert float(b.lane["mining_hall_c"]) == pytest.approx(33)
    gpu, mining = page.mwh("gpu") * 4, page.mwh("mining") * 4
    s = cooling.chiller_specific(P, 14.0, 18.0)
    x = (gpu * (1 + s) + mining) / 300
    fan = 0.025 * 300 * np.interp(x, P["fan_x"], P["fan_y"])
    assert page.mwh("cooling") * 4 == pytest.approx(s * gpu + 0.015 * mining + fan)


def test_a_hall_without_cooling_warms_by_its_thermal_mass() -> None:
    """1 MW into 600 MJ/K is 1.5 K in a quarter of an hour."""
    b = Workbench(site_with({"cooling.setpoint_ramp_c_per_h": 100}), calm_trace(tenant_load=0, inference_load=0))
    b.play(OFF, setpoint=1.0)
    assert float(b.lane["setpoint_c"]) == pytest.approx(27)
    assert float(b.lane["gpu_hall_c"]) == pytest.approx(18 + 2.0 * 900 / 600)


def test_the_set_point_moves_no_faster_than_its_ramp() -> None:
    b = Workbench()
    b.play(setpoint=1.0)
    assert float(b.lane["setpoint_c"]) == pytest.approx(18 + 20 / 4)
    b.lane["setpoint_c"] = 27
    b.play(setpoint=-1.0)
    assert float(b.lane["setpoint_c"]) == pytest.approx(27 - 20 / 4)


def test_a_higher_set_point_saves_chiller_power() -> None:
    low, high = Workbench(), Workbench()
    high.lane["setpoint_c"] = high.lane["gpu_hall_c"] = 27
    saved = low.play(setpoint=-1.0).mwh("cooling") - high.play(setpoint=1.0).mwh("cooling")
    assert saved > 0


def test_a_small_plant_limits_mining_before_gpu_work() -> None:
    roomy, small = Workbench(), Workbench(site_with({"cooling.capacity_mw": 20}))
    for _ in range(40):
        roomy.play()
        small.play()
    whole, cut = roomy.play(), small.play()
    assert cut.mwh("gpu") == pytest.approx(whole.mwh("gpu"))
    assert cut.mwh("mining") < whole.mwh("mining") / 2
    assert cut.work("cooling_limit_h") == pytest.approx(0.25)


def test_load_is_held_back_so_that_no_hall_passes_its_trip() -> None:
    b = Workbench(site_with({"cooling.capacity_mw": 8}), calm_trace(drybulb_c=40, wetbulb_c=25))
    for _ in range(100):
        b.play()
        assert float(b.lane["gpu_hall_c"]) <= 38 + 1e-9 and float(b.lane["mining_hall_c"]) <= 47 + 1e-9
    assert float(b.lane["mining_hall_c"]) == pytest.approx(47)


def test_sleeping_machines_stay_below_the_trip_while_gpus_take_the_plant() -> None:
    fleets = [{"model": "S21", "nameplate_mw": 100}]
    site = site_with({"cooling.capacity_mw": 6, "mining.fleets": fleets, "cooling.mining_hall_mj_per_k": 100})
    b = Workbench(site)
    b.lane["mining_hall_c"] = 46.9
    for _ in range(50):
        b.play(mining=-1.0)
        assert float(b.lane["mining_hall_c"]) <= 47 + 1e-9


def test_without_power_nothing_is_cooled() -> None:
    """A site whose GPUs idle at no power once drew cooling that no source gave."""
    site = site_with({"gpu.idle_kw": 0, "battery": None})
    b = Workbench(site, calm_trace(import_limit_mw=0))
    b.lane["gpu_hall_c"] = 26
    page = b.play()
    assert page.mwh("cooling") == 0 and page.mwh("gpu") == 0


def test_hinges_read_what_their_knots_say() -> None:
    p = SimpleNamespace(capacity_y0=10.0, capacity_at=np.array([25.0, 50.0]), capacity_change=np.array([-0.2, 0.2]))
    assert [cooling.capacity_mw.py_func(p, t) for t in (20.0, 30.0, 60.0)] == pytest.approx([10, 9, 5])


# -- kinds of plant and water ------------------------------------------------------------------------------------------


def plant(kind: str, wetbulb_c: float, drybulb_c: float) -> tuple[float, float]:
    """Power per heat at the lowest set-point, and capacity."""
    p = np.array([parameter_record(site_with({"cooling.kind": kind}))[0]]).view(np.recarray)[0]
    row = SimpleNamespace(wetbulb_c=wetbulb_c, drybulb_c=drybulb_c)
    at = cooling.outdoor_c.py_func
    return (
        cooling.chiller_specific(p, at(p.specific_wet_frac, row), 18.0),
        cooling.capacity_mw(p, at(p.capacity_wet_frac, row)),
    )


@pytest.mark.parametrize(
    ("kind", "power_moves", "capacity_moves"),
    [("chiller", "wet", "dry"), ("air_chiller", "dry", "dry"), ("dry_cooler", "", "dry"), ("evaporative", "", "wet")],
)
def test_each_kind_follows_its_own_temperature(kind: str, power_moves: str, capacity_moves: str) -> None:
    usual, wet, dry = plant(kind, 26, 30), plant(kind, 29, 30), plant(kind, 26, 34)
    assert [wet[0] > usual[0], dry[0] > usual[0]] == [power_moves == "wet", power_moves == "dry"]
    assert [wet[1] < usual[1], dry[1] < usual[1]] == [capacity_moves == "wet", capacity_moves == "dry"]


def test_an_air_chiller_needs_more_power_on_a_hot_day_than_a_dry_cooler() -> None:
    assert plant("air_chiller", 20, 35)[0] == pytest.approx(1 / 3.15, rel=0.03)
    assert plant("dry_cooler", 20, 35)[0] == pytest.approx(0.03)


def test_on_a_hot_day_dry_coolers_lose_what_towers_keep() -> None:
    assert plant("dry_cooler", 22, 38)[1] < plant("evaporative", 22, 38)[1] == 300


def test_a_tower_evaporates_1_84_litres_per_kwh_of_heat() -> None:
    site = site_with({"cooling.water_usd_per_m3": 2.5})
    page = Workbench(site, calm_trace(wetbulb_c=20)).play()
    heat_mwh = page.mwh("gpu") * (1 + specific(20)) + page.mwh("mining")
    assert page.work("water_m3") == pytest.approx(1.84 * heat_mwh)
    assert page.usd("water") == pytest.approx(-2.5 * 1.84 * heat_mwh)


def test_in_free_cooling_no_water_is_used() -> None:
    page = Workbench(trace=calm_trace(wetbulb_c=3)).play()
    assert page.work("water_m3") == 0 < page.mwh("cooling")


@pytest.mark.parametrize("kind", ["air_chiller", "dry_cooler"])
def test_dry_plants_use_no_water(kind: str) -> None:
    page = Workbench(site_with({"cooling.kind": kind}), calm_trace(wetbulb_c=22, drybulb_c=30)).play()
    assert page.work("water_m3") == 0


PAD = {"mining.air": {"pad_efficiency": 0.8}, "mining.fleets": [{"model": "S21", "nameplate_mw": 9, "cooling": "air"}]}


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"cooling.kind": "chiller"}, True),
        ({"cooling.kind": "evaporative", "cooling.water_l_per_kwh": 0}, True),
        ({"cooling.kind": "dry_cooler"}, False),
        ({"cooling.kind": "air_chiller"}, False),
        ({"cooling.kind": "air_chiller", "cooling.water_l_per_kwh": 0.5}, True),
        ({"cooling.kind": "dry_cooler"} | PAD, True),
        ({"cooling.kind": "dry_cooler"} | PAD | {"mining.air": {}}, False),
    ],
)
def test_the_wet_bulb_is_seen_where_something_follows_it(changes: dict, seen: bool) -> None:
    b = Workbench(site_with(changes), calm_trace(wetbulb_c=9, drybulb_c=29))
    assert ("wetbulb_c" in [field.name for field in b.batch.fields]) == seen
    assert b.observed("drybulb_c") == pytest.approx(0.45 / 1.45, abs=1e-6)
    if seen:
        assert b.observed("wetbulb_c") == pytest.approx(-0.4 / 1.4, abs=1e-6)


def test_what_is_kept_for_sleeping_miners_is_their_draw_and_what_cooling_it_costs_at_most() -> None:
    """0.4 MW asleep; pumps 0.015 and fans 3 x 2.5 % a MW of heat; a hall that may warm up takes nothing off."""
    per_mw = 0.015 + 3 * 0.025
    assert cooling.least_for_mining_mw(P, 300.0, 0.0) == pytest.approx(0.4 * (1 + per_mw))
    assert cooling.least_for_mining_mw(P, 300.0, 2.0) == pytest.approx(0.4 * (1 + per_mw) + 2 * per_mw)
    assert cooling.least_for_mining_mw(P, 300.0, -2.0) == pytest.approx(0.4 * (1 + per_mw))
