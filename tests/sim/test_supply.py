"""Own generation."""

from __future__ import annotations

import pytest

from tests.workbench import OFF, Workbench, calm_trace, site_with

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
