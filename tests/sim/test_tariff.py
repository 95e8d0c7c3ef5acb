"""What the grid charges and pays."""

from __future__ import annotations

import pytest

from tests.workbench import OFF, Workbench, calm_trace, column, site_with

SITE = site_with(
    {"supply.wind_mw": 80, "tariff.energy_adder_usd_per_mwh": 4, "tariff.coincident_peak_usd_per_kw_year": 70}
)


def test_imports_are_settled_at_the_real_time_price_and_the_adder() -> None:
    page = Workbench(SITE, calm_trace(price_rt_usd_per_mwh=column({4: 123.45}, 30))).play()
    assert page.usd("energy_import") == pytest.approx(-page.mwh("import") * 127.45)


def test_the_dispatch_price_is_not_what_is_paid() -> None:
    page = Workbench(SITE, calm_trace(price_lmp_usd_per_mwh=column({4: 500}, 30))).play()
    assert page.usd("energy_import") == pytest.approx(-page.mwh("import") * 34)


def test_exports_earn_the_price_at_the_generation_node() -> None:
    page = Workbench(SITE, calm_trace(wind_cf=1, basis_gen_usd_per_mwh=-6)).play(OFF)
    assert page.mwh("export") > 0
    assert page.usd("energy_export") == pytest.approx(page.mwh("export") * 24)


def test_a_megawatt_in_one_of_four_peaks_costs_17_500_usd() -> None:
    page = Workbench(SITE, calm_trace(cp_weight=column({4: 0.25}, 0))).play()
    assert page.usd("coincident_peak") / (page.mwh("import") * 4) == pytest.approx(-17_500)


def test_100_mw_through_all_four_peaks_cost_7_million() -> None:
    b = Workbench(SITE, calm_trace(cp_weight=column({4: 0.25, 20: 0.25, 40: 0.25, 60: 0.25}, 0)))
    pages = [b.play() for _ in range(60)]
    mean_mw = sum(pages[k].mwh("import") for k in (0, 16, 36, 56))
    assert sum(page.usd("coincident_peak") for page in pages) / mean_mw * 100 == pytest.approx(-7e6)
