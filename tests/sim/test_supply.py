"""Own generation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workbench import FULL, OFF, Workbench, calm_trace, column, site_with

WINDY = site_with({"supply.wind_mw": 80, "meter.export_limit_mw": 10})


def test_output_is_nameplate_times_capacity_factor() -> None:
    assert Workbench(WINDY, calm_trace(wind_cf=0.25)).play().mwh("own_available") == pytest.approx(80 * 0.25 / 4)


def test_own_wind_is_used_before_imports() -> None:
    page = Workbench(WINDY, calm_trace(wind_cf=0.25)).play()
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("import") == pytest.approx(load - 5) and page.mwh("own_curtailed") == 0


def test_surplus_is_exported_up_to_the_limit_and_the_rest_curtailed() -> None:
    page = Workbench(WINDY, calm_trace(wind_cf=1)).play(OFF)
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("export") == pytest.approx(2.5)
    assert page.mwh("own_curtailed") == pytest.approx(20 - load - 2.5)


def test_wind_makes_room_above_the_import_limit() -> None:
    tight = site_with({"supply.wind_mw": 80, "meter.import_limit_mw": 10})
    calm, windy = (Workbench(tight, calm_trace(wind_cf=cf)).play() for cf in (0.0, 0.5))
    assert windy.mwh("mining") - calm.mwh("mining") == pytest.approx(min(10, 40 / 4), rel=0.1)


def test_sun_and_heat_join_the_wind() -> None:
    site = site_with({"supply.solar_mw": 20, "supply.geothermal_mw": 10, "supply.wind_mw": 4})
    page = Workbench(site, calm_trace(wind_cf=1, solar_cf=0.5, geothermal_cf=0.9)).play()
    assert [page.mwh(name) * 4 for name in ("wind", "solar", "geothermal")] == pytest.approx([4, 10, 9])
    assert page.mwh("own_used") * 4 == pytest.approx(23)


def test_own_energy_is_paid_for_whether_it_is_taken_or_not() -> None:
    site = site_with({"supply.wind_mw": 80, "supply.wind_usd_per_mwh": 30, "meter.export_limit_mw": 0})
    for action in (FULL, OFF):
        assert Workbench(site, calm_trace(wind_cf=1)).play(action).usd("own_supply") == pytest.approx(-20 * 30)


RIVER = {
    "supply.hydro_mw": 8, "supply.hydro_turbine_mw": 12, "supply.hydro_pond_mwh": 40, "supply.hydro_usd_per_mwh": 20,
}  # fmt: skip


def test_water_comes_last_and_draws_on_the_pond_up_to_the_turbine() -> None:
    b = Workbench(site_with(RIVER | {"supply.wind_mw": 10}), calm_trace(hydro_cf=0.5, wind_cf=1))
    assert b.lane["pond_mwh"] == 20
    page = b.play()
    assert page.mwh("hydro") == pytest.approx(12 / 4) and page.mwh("own_used") == pytest.approx(22 / 4)
    assert b.lane["pond_mwh"] == pytest.approx(20 + (4 - 12) / 4)
    assert page.usd("own_supply") == pytest.approx(-4 / 4 * 20)


def test_water_that_is_not_needed_stays_and_only_what_does_not_fit_is_exported_or_spilled() -> None:
    windy = calm_trace(hydro_cf=1, wind_cf=column({4: 0.2}, 0))
    b = Workbench(site_with(RIVER | {"supply.wind_mw": 500, "meter.export_limit_mw": 0}), windy)
    page = b.play(OFF)
    assert page.mwh("hydro") == 0 and b.lane["pond_mwh"] == pytest.approx(22)
    full = Workbench(site_with(RIVER | {"meter.export_limit_mw": 2}), calm_trace(hydro_cf=1, price_lmp_usd_per_mwh=-1))
    full.lane["pond_mwh"] = 39
    page = full.play()
    assert full.lane["pond_mwh"] == 40
    assert page.mwh("export") == 0 and page.mwh("own_curtailed") == pytest.approx(1) == page.mwh("hydro")


def test_overflow_goes_through_the_turbine_to_the_grid() -> None:
    """60 MW of inflow without a pond: what the load and 2 MW of export leave is spilled."""
    site = site_with({"supply.hydro_mw": 60, "meter.export_limit_mw": 2})
    page = Workbench(site, calm_trace(hydro_cf=1)).play(OFF)
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("export") == pytest.approx(2 / 4)
    assert page.mwh("own_curtailed") == pytest.approx(60 / 4 - load - 2 / 4)


def test_water_makes_room_above_the_import_limit() -> None:
    tight = site_with(RIVER | {"meter.import_limit_mw": 10})
    dry, wet = (Workbench(tight, calm_trace(hydro_cf=0)) for _ in range(2))
    dry.lane["pond_mwh"] = 0
    assert wet.play().mwh("mining") - dry.play().mwh("mining") == pytest.approx(12 / 4, rel=0.1)


def test_water_left_when_the_books_close_is_worth_its_value() -> None:
    b = Workbench(site_with(RIVER | {"battery": None, "gpu": None}), calm_trace(hydro_cf=1, wind_cf=0), horizon=1)
    start = b.lane["pond_mwh"]
    page = b.play()
    assert page.usd("terminal") == pytest.approx((b.lane["pond_mwh"] - start) * 25)


@pytest.mark.parametrize(
    ("action", "stored", "inflow", "used"),
    [(1, 20, 4, 12), (-1, 20, 4, 0), (0, 20, 4, 6), (-1, 40, 4, 4), (-1, 39.5, 4, 2), (0, 40, 4, 8), (1, 0, 4, 4)],
    ids=["first", "kept", "half", "a full pond lets the river through", "nearly full", "half of the rest", "empty"],
)
def test_the_pond_is_used_before_the_grid_as_far_as_the_action_says(
    action: float, stored: float, inflow: float, used: float
) -> None:
    """A turbine of 12 MW; a load far above it that the connection could carry alone."""
    b = Workbench(site_with(RIVER), calm_trace(hydro_cf=inflow / 8))
    b.lane["pond_mwh"] = stored
    page = b.play(FULL | {"water": action})
    assert page.mwh("hydro") == page.mwh("own_used") == pytest.approx(used / 4)
    assert b.lane["pond_mwh"] == pytest.approx(stored + (inflow - used) / 4)


def test_kept_water_still_carries_what_the_connection_cannot() -> None:
    free = Workbench(site_with(RIVER), calm_trace(hydro_cf=0)).play(FULL | {"water": -1.0})
    load_mw = 4 * free.mwh("import")
    tight = Workbench(site_with(RIVER | {"meter.import_limit_mw": load_mw - 5}), calm_trace(hydro_cf=0))
    page = tight.play(FULL | {"water": -1.0})
    assert page.mwh("import") == pytest.approx((load_mw - 5) / 4)
    assert page.mwh("hydro") == pytest.approx(5 / 4)


def test_the_pond_is_seen() -> None:
    b = Workbench(site_with(RIVER))
    assert b.observed("pond_frac") == pytest.approx(0)


@pytest.mark.parametrize("source", ["wind", "solar", "geothermal", "hydro"])
def test_each_source_is_paid_its_own_price(source: str) -> None:
    plants = {f"{name}_mw": 10 for name in ("wind", "solar", "geothermal", "hydro")}
    site = site_with({"supply": plants | {f"{source}_usd_per_mwh": 40}})
    trace = calm_trace(wind_cf=0.2, solar_cf=0.4, geothermal_cf=0.6, hydro_cf=0.8)
    share = {"wind": 0.2, "solar": 0.4, "geothermal": 0.6, "hydro": 0.8}[source]
    assert Workbench(site, trace).play().usd("own_supply") == pytest.approx(-10 * share / 4 * 40)


def test_the_pond_begins_between_a_tenth_and_nine_tenths_full() -> None:
    b = Workbench(site_with(RIVER))
    for luck, share in ((0.0, 0.1), (1.0, 0.9)):
        b.batch.begin(np.zeros(1, np.int64), np.array([[0, 4, 8]]), np.full((1, 8), luck))
        assert b.lane["pond_mwh"] == pytest.approx(40 * share)


def test_the_battery_goes_out_before_what_own_generation_leaves() -> None:
    """20 MW of discharge beside 60 MW of wind that nobody uses: 10 MW of wind fit under the limit of 30."""
    site = site_with({"supply.wind_mw": 60, "meter.export_limit_mw": 30, "gpu": None})
    page = Workbench(site, calm_trace(wind_cf=1)).play(OFF, battery=1.0)
    load = page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("export") == pytest.approx(30 / 4)
    assert page.mwh("own_curtailed") == pytest.approx(60 / 4 + 20 / 4 - 30 / 4 - load, abs=1e-6)
