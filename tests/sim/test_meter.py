"""The balance at the grid connection."""

from __future__ import annotations

import pytest

from tests.workbench import OFF, Workbench, calm_trace, column, site_with

WINDY = {"supply.wind_mw": 80, "meter.export_limit_mw": 10}


def load_mwh(page) -> float:
    return page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")


def test_while_the_dispatch_price_is_negative_the_grid_comes_before_the_wind() -> None:
    page = Workbench(site_with(WINDY), calm_trace(wind_cf=0.5, price_lmp_usd_per_mwh=-5)).play()
    assert page.mwh("import") == pytest.approx(load_mwh(page))
    assert page.mwh("own_curtailed") == pytest.approx(10)


def test_wind_covers_what_the_import_limit_leaves_at_a_negative_price() -> None:
    site = site_with(WINDY | {"meter.import_limit_mw": 30})
    page = Workbench(site, calm_trace(wind_cf=1, price_lmp_usd_per_mwh=-5)).play()
    assert page.mwh("import") * 4 == pytest.approx(30)
    assert page.mwh("own_used") == pytest.approx(load_mwh(page) - 7.5)


def test_nothing_is_exported_while_the_node_price_is_negative() -> None:
    negative_node = calm_trace(wind_cf=1, price_lmp_usd_per_mwh=5, basis_gen_usd_per_mwh=-6)
    page = Workbench(site_with(WINDY), negative_node).play(OFF)
    assert page.mwh("export") == 0
    assert page.mwh("own_used") == pytest.approx(load_mwh(page))


def test_exports_are_limited_by_the_contract_and_by_the_grid() -> None:
    b = Workbench(site_with(WINDY), calm_trace(wind_cf=1, export_limit_mw=column({5: 4}, 1e6)))
    assert b.play(OFF).mwh("export") * 4 == pytest.approx(10)
    assert b.play(OFF).mwh("export") * 4 == pytest.approx(4)


def test_the_trace_may_lower_the_import_limit_but_never_raise_it() -> None:
    site = site_with({"meter.import_limit_mw": 25})
    b = Workbench(site, calm_trace(import_limit_mw=column({5: 10}, 1e6)))
    assert b.play().mwh("import") * 4 == pytest.approx(25)
    assert b.play().mwh("import") * 4 == pytest.approx(10)


def test_time_at_the_import_limit_is_counted() -> None:
    b = Workbench(site_with({"meter.import_limit_mw": 25}))
    assert b.play().work("import_limit_h") == pytest.approx(0.25)
    assert b.play(OFF).work("import_limit_h") == 0


def test_no_import_at_all_shuts_the_site_down() -> None:
    page = Workbench(trace=calm_trace(import_limit_mw=column({4: 0}, 1e6))).play()
    assert page.mwh("import") == 0 and load_mwh(page) == pytest.approx(0, abs=1e-9)
    assert page.usd("energy_import") == 0


def test_in_an_emergency_the_battery_alone_carries_gpu_work() -> None:
    b = Workbench(trace=calm_trace(import_limit_mw=column({4: 0}, 1e6)))
    page = b.play(battery=1.0)
    assert page.mwh("import") == pytest.approx(0, abs=1e-12)
    assert page.mwh("battery_discharge") == pytest.approx(load_mwh(page))
    assert page.work("gpu_h_reserved") == pytest.approx(500)


RAMP = {"meter.ramp_mw_per_min": 1, "battery": None}
"""15 MW from one interval to the next."""


def test_imports_rise_by_a_ramp_at_most_and_gpu_work_goes_first() -> None:
    b = Workbench(site_with(RAMP))
    low = b.play(OFF).mwh("import") * 4
    pages = [b.play() for _ in range(4)]
    assert [page.mwh("import") * 4 for page in pages[:3]] == pytest.approx([low + 15, low + 30, low + 45])
    assert pages[3].mwh("import") * 4 < low + 60
    assert all(page.work("shed_mwh") == 0 and page.work("gpu_h_spot") == pytest.approx(500) for page in pages)
    assert pages[0].work("import_limit_h") == 0.25


def test_the_first_interval_and_a_site_without_ramps_are_free() -> None:
    assert Workbench(site_with(RAMP)).play().mwh("import") * 4 > 50
    free = Workbench(site_with({"battery": None}))
    assert free.play(OFF).mwh("import") * 4 < 10 and free.play().mwh("import") * 4 > 50


def test_a_steep_fall_happens_and_is_counted() -> None:
    b = Workbench(site_with(RAMP))
    high, low = b.play().mwh("import") * 4, b.play(OFF)
    assert low.work("import_drop_mw") == pytest.approx(high - low.mwh("import") * 4 - 15)
    assert b.play(OFF).work("import_drop_mw") == 0
    free = Workbench(site_with({"battery": None}))
    assert free.play().work("import_drop_mw") == free.play(OFF).work("import_drop_mw") == 0


def test_a_battery_bridges_a_ramp() -> None:
    b = Workbench(site_with({"meter.ramp_mw_per_min": 1}))
    low = b.play(OFF).mwh("import") * 4
    page = b.play(battery=1.0)
    assert page.mwh("import") * 4 == pytest.approx(low + 15)
    assert load_mwh(page) * 4 == pytest.approx(low + 15 + page.mwh("battery_discharge") * 4)
    assert page.mwh("battery_discharge") > 4


def test_work_is_shed_where_wind_dies_faster_than_imports_may_rise() -> None:
    site = site_with(RAMP | {"supply.wind_mw": 100, "meter.ramp_mw_per_min": 0.1})
    b = Workbench(site, calm_trace(wind_cf=column({6: 0}, 1)))
    assert b.play(mining=-1.0).mwh("import") == b.play(mining=-1.0).mwh("import") == 0
    page = b.play(mining=-1.0)
    assert page.mwh("import") * 4 == pytest.approx(1.5)
    assert page.work("shed_mwh") > 0


def test_the_limit_that_a_ramp_sets_is_seen() -> None:
    b = Workbench(site_with(RAMP))
    assert b.observed("import_limit_frac") == 1
    low = b.play(OFF).mwh("import") * 4
    assert b.observed("import_limit_frac") == pytest.approx(2 * (low + 15) / 200 - 1)


def test_an_order_of_the_grid_goes_before_a_ramp() -> None:
    """The grid's 20 MW in row 6, and from there on no more than 15 MW an interval."""
    b = Workbench(site_with(RAMP), calm_trace(import_limit_mw=column({6: 20}, 1_000)))
    drawn = [b.play().mwh("import") * 4 for _ in range(4)]
    assert drawn[1] > 50
    assert drawn[2:] == pytest.approx([20, 35])


def test_an_island_is_at_no_limit_but_a_site_cut_off_for_a_while_is() -> None:
    island = {"meter": {"import_limit_mw": 0}, "supply.hydro_mw": 60}
    assert Workbench(site_with(island), calm_trace(hydro_cf=1)).play().work("import_limit_h") == 0
    cut_off = Workbench(trace=calm_trace(import_limit_mw=column({4: 0}, 1e6)))
    assert cut_off.play().work("import_limit_h") == 0.25


def test_free_energy_of_the_grid_does_not_go_before_own_wind() -> None:
    page = Workbench(site_with(WINDY), calm_trace(wind_cf=0.25, price_lmp_usd_per_mwh=0)).play()
    assert page.mwh("own_used") == pytest.approx(20 / 4) and page.mwh("import") == pytest.approx(load_mwh(page) - 5)


def test_wind_and_water_share_the_room_for_exports() -> None:
    """40 MW of each that nobody needs, behind a limit of 50: wind goes out first, then water, and the rest is lost."""
    site = site_with({"supply": {"wind_mw": 40, "hydro_mw": 40}, "gpu": None, "battery": None})
    b = Workbench(site, calm_trace(wind_cf=1, hydro_cf=1))
    page = b.play(OFF)
    assert page.mwh("export") == pytest.approx(50 / 4)
    assert page.mwh("own_curtailed") == pytest.approx(80 / 4 - 50 / 4 - load_mwh(page))
    assert b.observed("export_frac") == pytest.approx(1)


def test_exports_are_seen_over_their_own_contract() -> None:
    b = Workbench(site_with(WINDY | {"battery": None}), calm_trace(wind_cf=1, export_limit_mw=column({4: 4}, 1e6)))
    b.play(OFF)
    assert b.observed("export_frac") == pytest.approx(2 * 4 / 10 - 1, abs=1e-6)
