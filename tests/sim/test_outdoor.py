"""Fleets outside the hall: power without plant, plant without hall, heat from the weather, water of pads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import Workbench, calm_trace, site_with

KINDS = ("hall", "air", "hydro", "immersion")


def bench(kind: str, drybulb: float = 20.0, wetbulb: float = 14.0, **changes: Any) -> Workbench:
    """40 MW of S21 cooled in one way."""
    fleets = [{"model": "S21", "nameplate_mw": 40, "cooling": kind}]
    site = site_with({"mining.fleets": fleets, "mining.max_hash_frac": 1.0} | changes)
    return Workbench(site, calm_trace(drybulb_c=drybulb, wetbulb_c=wetbulb))


@pytest.mark.parametrize("kind", KINDS)
def test_in_mild_weather_every_kind_hashes_alike(kind: str) -> None:
    assert bench(kind).play().usd("mining") == pytest.approx(bench("hall").play().usd("mining"))


def test_outdoor_air_takes_no_cooling_power_and_the_loop_its_pumps() -> None:
    none = bench("air").play(mining=-1.0).mwh("cooling")
    assert bench("air").play().mwh("cooling") == pytest.approx(none)
    assert bench("hydro").play().mwh("cooling") == pytest.approx(bench("hall").play().mwh("cooling"), rel=1e-3)


@pytest.mark.parametrize(
    ("kind", "drybulb", "left"),
    [("air", 38, 1), ("air", 43, 0.85), ("hydro", 37, 1), ("hydro", 42, 0.85), ("immersion", 42, 1)],
)
def test_heat_derates_by_3_percent_per_kelvin_above_each_kinds_limit(kind: str, drybulb: float, left: float) -> None:
    """Air: 2 K of recirculation, from 40 C; loops: 8 K of approach, from 45 C and 50 C."""
    assert bench(kind, drybulb).play().usd("mining") == pytest.approx(bench("hall").play().usd("mining") * left)


def test_machines_on_air_sleep_above_47_c() -> None:
    page = bench("air", 45.0).play()
    assert page.usd("mining") == 0 and page.mwh("mining") == pytest.approx(0.1)


def test_a_wet_pad_cools_the_inlet_and_evaporates_water() -> None:
    """45 C less 0.8 x 20 K, plus 2 K: 31 C. 10 MWh x 3.6 / 2.45 x 0.8 x 20 K / 15 K = 15.5 m3 at 2 USD."""
    pad = {"mining.air": {"pad_efficiency": 0.8}, "cooling.water_usd_per_m3": 2, "cooling.water_l_per_kwh": 0}
    page = bench("air", 45.0, 25.0, **pad).play()
    assert page.usd("mining") == pytest.approx(bench("hall").play().usd("mining"))
    assert page.work("water_m3") == pytest.approx(9.9 * 3.6 / 2.45 * 0.8 * 20 / 15)
    assert page.usd("water") == pytest.approx(-2 * page.work("water_m3"))


def test_the_loop_is_limited_by_the_plant_and_outdoor_air_is_not() -> None:
    small = {"cooling.capacity_mw": 12}
    drawn = {kind: bench(kind, **small).play().mwh("mining") * 4 for kind in ("air", "hydro")}
    assert drawn["air"] == pytest.approx(40) and 5 < drawn["hydro"] < 12


def test_the_hall_does_not_warm_by_what_is_outside() -> None:
    b = bench("immersion")
    before = b.lane["mining_hall_c"]
    b.play()
    assert b.lane["mining_hall_c"] == before


def test_scarce_power_is_shared_in_order_of_efficiency_wherever_fleets_stand() -> None:
    models = ("S19j Pro", "S21", "S21 XP")
    fleets = [
        {"model": m, "nameplate_mw": 20, "cooling": k} for m, k in zip(models, ("air", "hydro", "hall"), strict=True)
    ]
    changes = {"mining.fleets": fleets, "mining.control": "per_fleet", "meter.import_limit_mw": 50.0}
    b = Workbench(site_with(changes | {"mining.max_hash_frac": 1.0}))
    page = b.play()
    old, middle, new = b.lane["fleet_mw"][:3]
    assert page.mwh("import") * 4 == pytest.approx(50)
    assert (middle, new) == pytest.approx((19.8, 19.8)) and 0 < old < 5


def test_a_pad_is_dry_while_it_is_cool() -> None:
    """From 25 C on: the inlet is the air's, and no water is used."""
    pad = {"mining.air": {"pad_efficiency": 0.8}, "cooling.water_l_per_kwh": 0}
    assert (
        bench("air", 24.0, 10.0, **pad).play().work("water_m3")
        == 0
        < bench("air", 26.0, 10.0, **pad).play().work("water_m3")
    )


MIXED = {
    "mining.fleets": [{"model": "S21", "nameplate_mw": 10, "cooling": kind} for kind in ("hall", "hall", "air")],
    "mining.control": "per_fleet",
    "mining.max_hash_frac": 1.0,
}


def test_each_fleet_trips_by_its_own_inlet() -> None:
    b = Workbench(site_with(MIXED), calm_trace(drybulb_c=46.0, wetbulb_c=20.0))
    b.play()
    assert b.lane["fleet_mw"][:3] == pytest.approx([9.9, 9.9, 0])


@pytest.mark.parametrize(
    "changes", [MIXED, {"mining.fleets": [{"model": "S21", "nameplate_mw": 10, "cooling": "air"}]}]
)
def test_a_ban_holds_for_fleets_wherever_they_stand(changes: dict[str, Any]) -> None:
    b = Workbench(site_with(changes), calm_trace(mining_allowed=0.0))
    page = b.play()
    assert b.lane["fleet_mw"].max() == 0 and page.usd("mining") == 0


def test_hall_fleets_share_their_racks_with_each_other_and_not_with_those_outside() -> None:
    """Racks for 20 MW of nameplate carry 14, of which 0.2 are sleepers'; the fleet on outdoor air takes none of it."""
    racks = {"racks": 350, "kw_per_rack": 40, "oversubscription": 1.5}
    b = Workbench(site_with(MIXED | {"space.mining_hall": racks}))
    b.play()
    assert b.lane["fleet_mw"][:2].sum() == pytest.approx(13.8)
    assert b.lane["fleet_mw"][2] == pytest.approx(9.9)
