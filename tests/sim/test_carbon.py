"""Carbon of the energy used."""

from __future__ import annotations

import pytest

from tests.workbench import FULL, OFF, Workbench, calm_trace, site_with


def test_imports_carry_the_grids_average_intensity() -> None:
    page = Workbench(trace=calm_trace(carbon_average_kg_per_mwh=350)).play()
    assert page.kg("carbon_location") == pytest.approx(350 * page.mwh("import"))


def test_own_wind_carries_its_own_intensity_and_nothing_of_the_grids() -> None:
    site = site_with({"supply.wind_mw": 20, "carbon.own_kg_per_mwh": 11})
    page = Workbench(site, calm_trace(wind_cf=1, carbon_average_kg_per_mwh=350)).play(FULL)
    assert page.mwh("own_used") == pytest.approx(5)
    assert page.kg("carbon_location") == pytest.approx(350 * page.mwh("import") + 11 * 5)


def test_a_site_on_its_own_wind_alone_emits_nothing() -> None:
    page = Workbench(site_with({"supply.wind_mw": 150}), calm_trace(wind_cf=1, carbon_average_kg_per_mwh=350)).play(OFF)
    assert page.mwh("import") == 0 and page.kg("carbon_location") == 0
