"""The generator: when it runs, what it burns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import OFF, Workbench, calm_trace, column, site_with

ENGINE = {"nameplate_mw": 20, "min_load_frac": 0.5, "heat_rate_mmbtu_per_mwh": 10, "no_load_frac": 0.2,
          "om_usd_per_mwh": 4, "carbon_kg_per_mwh": 500}  # fmt: skip
"""24 USD/MWh at full load with fuel at 2 USD/MMBtu."""


def bench(changes: dict[str, Any] | None = None, **columns: Any) -> Workbench:
    return Workbench(site_with({"supply.generator": ENGINE} | (changes or {})), calm_trace(**columns))


def test_it_runs_at_full_load_where_the_grid_is_dearer() -> None:
    page = bench().play()
    assert page.mwh("generator") == pytest.approx(20 / 4)
    assert page.usd("fuel") == pytest.approx(-5 * 24)
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("import") == pytest.approx(load - 5) and page.mwh("own_used") == pytest.approx(5)


def test_it_stands_still_where_the_grid_is_cheaper() -> None:
    page = bench(fuel_usd_per_mmbtu=3).play()
    assert page.mwh("generator") == 0 and page.usd("fuel") == 0


def test_wires_count_as_part_of_what_the_grid_costs() -> None:
    assert bench({"tariff.energy_adder_usd_per_mwh": 5}, fuel_usd_per_mmbtu=3).play().mwh("generator") > 0


def test_it_covers_what_the_import_limit_leaves_however_dear_it_is() -> None:
    page = bench({"meter.import_limit_mw": 25}, fuel_usd_per_mmbtu=30).play()
    assert page.mwh("import") * 4 == pytest.approx(25)
    assert page.mwh("generator") * 4 == pytest.approx(20)


def test_at_part_load_it_burns_more_for_each_megawatt_hour() -> None:
    """13 MW: 10 MMBtu/MWh x (0.2 x 20 + 0.8 x 13) MW / 4 = 36 MMBtu at 2 USD, and 4 USD/MWh."""
    load = bench().play().mwh("import") * 4 + 20
    page = bench({"supply.wind_mw": load}, wind_cf=(load - 13) / load).play()
    burnt = page.mwh("generator")
    assert 0.5 * 20 < burnt * 4 < 20
    assert page.usd("fuel") == pytest.approx(-(10 * (0.2 * 20 / 4 + 0.8 * burnt) * 2 + 4 * burnt))


def test_below_its_least_load_the_excess_is_curtailed() -> None:
    load = bench(fuel_usd_per_mmbtu=30).play(OFF).mwh("import") * 4
    page = bench({"meter.import_limit_mw": load - 4}, fuel_usd_per_mmbtu=30).play(OFF)
    assert page.mwh("generator") * 4 == pytest.approx(10)
    assert page.mwh("import") * 4 == pytest.approx(max(0.0, load - 10))
    assert page.mwh("own_used") + page.mwh("own_curtailed") == pytest.approx(page.mwh("own_available"))


def test_no_load_no_fire() -> None:
    page = bench({"supply.wind_mw": 300}, wind_cf=1).play()
    assert page.mwh("generator") == 0 and page.usd("fuel") == 0


def test_too_little_fuel_for_its_least_load_is_none() -> None:
    b = bench(fuel_cf=column({4: 0.75, 5: 0.4}, 1))
    assert [b.play().mwh("generator") * 4 for _ in range(3)] == pytest.approx([15, 0, 20])


def test_its_smoke_is_its_own() -> None:
    page = bench({"carbon.own_kg_per_mwh": 11}, carbon_average_kg_per_mwh=300).play()
    assert page.kg("carbon_location") == pytest.approx(5 * 500 + page.mwh("import") * 300)


def test_an_islanded_site_lives_on_what_it_has() -> None:
    b = bench(
        {"meter.import_limit_mw": 0, "meter.export_limit_mw": 0, "battery": None, "supply.solar_mw": 5}, solar_cf=1
    )
    page = b.play()
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("import") == 0
    assert load == pytest.approx(25 / 4, rel=0.05) and page.mwh("own_used") == pytest.approx(load)


def test_fuel_and_output_are_seen() -> None:
    b = bench(fuel_cf=0.75, fuel_usd_per_mmbtu=2)
    b.play()
    seen = [b.observed(name) for name in ("fuel_cf", "fuel_usd_per_mmbtu", "generator_frac")]
    assert seen == pytest.approx([0.5, 0.4 / 1.4, 0.5])


def test_its_upkeep_counts_as_part_of_what_it_costs() -> None:
    """At 2.8 USD/MMBtu fuel alone is below the grid's 30 USD/MWh; with 4 USD of upkeep it is not."""
    assert bench(fuel_usd_per_mmbtu=2.5).play().mwh("generator") > 0
    assert bench(fuel_usd_per_mmbtu=2.8).play().mwh("generator") == 0


def test_what_finds_no_use_is_kept_up_smokes_and_is_seen_all_the_same() -> None:
    """18 MW at its least load, of which a site that is off needs less; the plant's own 11 kg/MWh are not for fuel."""
    island = {"meter": {"import_limit_mw": 0}, "battery": None, "carbon": {"own_kg_per_mwh": 11, "certificates": {}}}
    b = bench(island | {"supply.generator": ENGINE | {"min_load_frac": 0.9}})
    page = b.play(OFF)
    assert page.mwh("own_curtailed") > 0 and page.mwh("generator") == pytest.approx(18 / 4)
    assert page.usd("fuel") == pytest.approx(-(10 * (0.2 * 20 + 0.8 * 18) / 4 * 2 + 4 * 18 / 4))
    assert page.kg("carbon_location") == page.kg("carbon_market") == pytest.approx(500 * 18 / 4)
    assert b.observed("generator_frac") == pytest.approx(0.8)


def test_what_it_cannot_throttle_below_is_seen_as_curtailed() -> None:
    island = {"meter": {"import_limit_mw": 0}, "battery": None, "supply.generator": ENGINE | {"min_load_frac": 0.9}}
    b = bench(island)
    page = b.play(OFF)
    left_mw = page.mwh("own_curtailed") * 4
    assert (
        left_mw == pytest.approx(18 - (page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")) * 4) and left_mw > 1
    )
    assert b.observed("curtailed_mw") == pytest.approx(left_mw / (25 + left_mw), abs=1e-6)
