"""Carbon of the energy used."""

from __future__ import annotations

import pytest

from hybrid_env.sites.site import Site
from hybrid_env.traces.schema import Trace
from tests.workbench import FULL, OFF, Page, Workbench, calm_trace, column, site_with


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


# -- marginal and market-based accounts, matching by the hour ----------------------------------------------------------


def hours(site: Site, trace: Trace, n: int = 4) -> list[Page]:
    """Pages of `n` intervals from a full hour on."""
    b = Workbench(site, trace)
    return [b.play() for _ in range(n)]


def test_imports_carry_the_grids_marginal_emissions() -> None:
    page = Workbench(trace=calm_trace(carbon_marginal_kg_per_mwh=480)).play()
    assert page.kg("carbon_marginal") == pytest.approx(480 * page.mwh("import"))


def test_without_certificates_the_market_account_is_the_location_account() -> None:
    site = site_with({"supply.wind_mw": 20, "carbon.own_kg_per_mwh": 11})
    page = Workbench(site, calm_trace(wind_cf=1, carbon_average_kg_per_mwh=350)).play()
    assert page.kg("carbon_market") == page.kg("carbon_location") > 0
    assert page.work("certificate_mwh") == page.work("matched_mwh") == 0


def test_contracted_certificates_cover_imports_by_volume_also_later() -> None:
    site = site_with({"carbon.contracted": {"mw": 100, "shape": "wind"}})
    trace = calm_trace(wind_cf=column({4: 1}, 0), carbon_average_kg_per_mwh=400)
    first, second, *_ = hours(site, trace)
    assert first.work("certificate_mwh") == pytest.approx(25) and first.kg("carbon_market") == 0
    left = 25 - first.mwh("import")
    assert 0 < left < second.mwh("import")
    assert second.kg("carbon_market") == pytest.approx(400 * (second.mwh("import") - left))


def test_own_energy_whose_certificates_are_sold_counts_as_the_grids() -> None:
    site = site_with({"supply.wind_mw": 20, "carbon.certificates": {"own": False}})
    page = Workbench(site, calm_trace(wind_cf=1, carbon_average_kg_per_mwh=400)).play()
    assert page.kg("carbon_market") == pytest.approx(400 * (page.mwh("import") + 5))
    assert page.work("certificate_mwh") == 0


def test_exported_wind_keeps_its_certificates() -> None:
    site = site_with({"supply.wind_mw": 40, "carbon.certificates": {}})
    page = Workbench(site, calm_trace(wind_cf=1)).play(OFF)
    assert page.mwh("export") > 0 and page.work("certificate_mwh") == pytest.approx(page.mwh("own_used"))


def test_load_is_matched_within_the_hour_and_no_further() -> None:
    """Flat load, certificates of 1.2, 0.4, 0 and 0 of it by quarter: 40 % of the hour."""
    site = site_with({"carbon.contracted": {"mw": 100, "shape": "solar", "additional": False}})
    trace = calm_trace(solar_cf=column({4: 0.6, 5: 0.2, 8: 0.9}, 0), grid_cfe_frac=0.25)
    pages = hours(site, trace)
    load = sum(page.mwh(k) for page in pages for k in ("mining", "gpu", "cooling"))
    assert [page.work("matched_mwh") for page in pages] == [0, 0, 0, pytest.approx(20)]
    assert pages[3].work("matched_additional_mwh") == 0
    assert pages[3].work("cfe_mwh") == pytest.approx(20 + 0.25 * (load - 20))


def test_the_premium_is_paid_on_matched_energy_and_certificates_are_bought() -> None:
    contract = {"mw": 4, "shape": "flat", "usd_per_mwh": 3}
    site = site_with({"carbon": {"contracted": contract, "matched_premium_usd_per_mwh": 10}})
    pages = hours(site, calm_trace())
    assert [p.usd("matched_premium") for p in pages] == pytest.approx([-3, -3, -3, -3 + 40])
    assert pages[3].work("matched_additional_mwh") == pytest.approx(4)


def test_an_episode_that_ends_within_an_hour_closes_it() -> None:
    b = Workbench(site_with({"carbon.contracted": {"mw": 4, "shape": "flat"}}), horizon=2)
    assert b.play().work("matched_mwh") == 0 and b.play().work("matched_mwh") == pytest.approx(2)


def test_own_energy_is_stranded_as_far_as_it_could_not_have_been_exported() -> None:
    site = site_with({"supply.wind_mw": 60, "meter.export_limit_mw": 24})
    page = Workbench(site, calm_trace(wind_cf=1)).play()
    assert page.mwh("own_used") == pytest.approx(15) and page.mwh("export") == 0
    assert page.work("stranded_mwh") == pytest.approx(15 - 6)


def test_the_running_hour_is_observed() -> None:
    b = Workbench(site_with({"carbon.contracted": {"mw": 8, "shape": "flat"}}), grid_cfe_frac=0.4)
    page = b.play()
    open_mwh = page.mwh("mining") + page.mwh("gpu") + page.mwh("cooling") - 2
    assert b.observed("hour_unmatched_mwh") == pytest.approx(open_mwh / 25 / (1 + abs(open_mwh) / 25), abs=1e-6)
    assert b.observed("grid_cfe_frac") == pytest.approx(-0.2, abs=1e-6)
    assert b.observed("contracted_mw") == pytest.approx(8 / 33, abs=1e-6)


def test_what_a_generator_burns_has_no_certificates() -> None:
    """Also where it runs at its least load and some of that finds no use."""
    burns = {"nameplate_mw": 100, "min_load_frac": 0.9}
    site = site_with({"supply.generator": burns, "supply.wind_mw": 4, "carbon.certificates": {}})
    page = Workbench(site, calm_trace(wind_cf=1, price_rt_usd_per_mwh=900, price_lmp_usd_per_mwh=900)).play(
        FULL, mining=-1.0
    )
    assert page.mwh("generator") == pytest.approx(22.5) and page.mwh("own_curtailed") > 0
    assert page.work("certificate_mwh") == pytest.approx(1)


def test_what_a_generator_burns_is_not_stranded() -> None:
    """On an island with 4 MW of sun: all else comes from fuel, which somebody sold and nobody would have lost."""
    island = {"meter": {"import_limit_mw": 0}, "supply": {"generator": {"nameplate_mw": 100}, "solar_mw": 4}}
    page = Workbench(site_with(island), calm_trace(solar_cf=1)).play()
    assert page.mwh("generator") > 1 and page.mwh("own_used") == pytest.approx(page.mwh("generator") + 1)
    assert page.work("stranded_mwh") == pytest.approx(1)


def test_what_is_exported_and_what_could_have_been_is_not_stranded() -> None:
    """52 MW of wind behind an export limit of 50: all but 2 MW found or would have found a way out."""
    site = site_with({"supply.wind_mw": 52, "meter.export_limit_mw": 50})
    page = Workbench(site, calm_trace(wind_cf=1)).play(OFF)
    assert 0 < page.mwh("export") < 50 / 4 and page.mwh("own_curtailed") == 0
    assert page.work("stranded_mwh") == pytest.approx(2 / 4)


def test_certificates_of_energy_used_on_site_cover_no_imports() -> None:
    site = site_with({"supply.wind_mw": 20, "carbon.certificates": {}, "carbon.own_kg_per_mwh": 11})
    page = Workbench(site, calm_trace(wind_cf=1, carbon_average_kg_per_mwh=400)).play()
    assert page.kg("carbon_market") == pytest.approx(400 * page.mwh("import") + 11 * 5)


def test_exported_energy_whose_certificates_are_sold_is_nobodys_load() -> None:
    site = site_with({"supply.wind_mw": 60, "carbon.certificates": {"own": False}})
    page = Workbench(site, calm_trace(wind_cf=1, carbon_average_kg_per_mwh=400)).play(OFF)
    load = sum(page.mwh(k) for k in ("mining", "gpu", "cooling"))
    assert page.mwh("import") == 0 < page.mwh("export") and page.kg("carbon_market") == pytest.approx(400 * load)


def test_each_hour_is_matched_anew_and_never_beyond_its_load() -> None:
    """400 MW of certificates in the first hour and 4 in the second, at a grid that is a quarter carbon-free."""
    trace = calm_trace(solar_cf=column(dict.fromkeys(range(4, 8), 1.0), 0.01), grid_cfe_frac=0.25)
    pages = hours(site_with({"carbon.contracted": {"mw": 400, "shape": "solar"}}), trace, 8)
    first, second = (
        sum(p.mwh(k) for p in part for k in ("mining", "gpu", "cooling")) for part in (pages[:4], pages[4:])
    )
    assert pages[3].work("matched_additional_mwh") == pages[3].work("matched_mwh") == pytest.approx(first)
    assert pages[7].work("matched_additional_mwh") == pages[7].work("matched_mwh") == pytest.approx(4)
    assert pages[3].work("cfe_mwh") == pytest.approx(first)
    assert pages[7].work("cfe_mwh") == pytest.approx(4 + 0.25 * (second - 4))
