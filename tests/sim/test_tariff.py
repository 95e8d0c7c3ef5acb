"""What the grid charges and pays."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid_env.spaces import observation_fields
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES, Trace, build_trace
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


def test_a_fixed_price_is_paid_for_imports_and_earned_by_exports_whatever_the_market_does() -> None:
    fixed = {"tariff.energy_price": "fixed", "tariff.fixed_usd_per_mwh": 55, "tariff.energy_adder_usd_per_mwh": 4}
    dear: dict[str, Any] = {"price_rt_usd_per_mwh": 900, "price_lmp_usd_per_mwh": 900}
    page = Workbench(site_with(fixed), calm_trace(**dear)).play()
    assert page.usd("energy_import") == pytest.approx(-page.mwh("import") * 59)
    windy = Workbench(
        site_with(fixed | {"supply.wind_mw": 80}), calm_trace(wind_cf=1, basis_gen_usd_per_mwh=-6, **dear)
    )
    page = windy.play(OFF)
    assert page.mwh("export") > 0
    assert page.usd("energy_export") == pytest.approx(page.mwh("export") * 49)


def test_at_a_fixed_price_own_wind_comes_first_also_where_the_market_is_negative() -> None:
    site = site_with({"tariff.energy_price": "fixed", "tariff.fixed_usd_per_mwh": 55, "supply.wind_mw": 10})
    page = Workbench(site, calm_trace(wind_cf=1, price_lmp_usd_per_mwh=-20)).play()
    assert page.mwh("own_used") == pytest.approx(10 / 4)


def test_day_ahead_prices_are_paid_as_published() -> None:
    page = Workbench(site_with({"tariff.energy_price": "day_ahead"}), calm_trace(price_da_usd_per_mwh=41)).play()
    assert page.usd("energy_import") == pytest.approx(-page.mwh("import") * 41)


def test_a_day_ahead_position_earns_what_the_price_rises_by() -> None:
    trace = calm_trace(price_rt_usd_per_mwh=column({4: 130, 5: 10}, 30), price_da_usd_per_mwh=30)
    b = Workbench(site_with({"tariff.day_ahead_mw": 40}), trace)
    assert [b.play().usd("day_ahead") for _ in range(3)] == pytest.approx([40 / 4 * 100, -40 / 4 * 20, 0])


def test_100_mw_bought_at_30_are_worth_97_000_usd_in_an_hour_at_1_000_in_which_nothing_is_used() -> None:
    """Per hour: 100 MW x (1,000 - 30) USD/MWh."""
    site = site_with({"supply.ppa": {"mw": 100, "strike_usd_per_mwh": 30}})
    b = Workbench(site, calm_trace(price_rt_usd_per_mwh=1_000, price_lmp_usd_per_mwh=1_000))
    assert sum(b.play(OFF).usd("ppa") for _ in range(4)) == pytest.approx(97_000)


@pytest.mark.parametrize(("shape", "share"), [("wind", 0.25), ("solar", 0.5)])
def test_a_contract_may_follow_the_weather(shape: str, share: float) -> None:
    site = site_with({"supply.ppa": {"mw": 100, "strike_usd_per_mwh": 20, "shape": shape}})
    page = Workbench(site, calm_trace(wind_cf=0.25, solar_cf=0.5)).play()
    assert page.usd("ppa") == pytest.approx(100 * share * 10 / 4)


def test_each_rise_of_the_months_own_peak_is_charged_once() -> None:
    limit = column({4: 30, 5: 20, 6: 50, 7: 40}, 60)
    b = Workbench(site_with({"tariff.demand_usd_per_kw_month": 10}), calm_trace(import_limit_mw=limit))
    pages = [b.play() for _ in range(4)]
    assert [page.usd("demand_charge") for page in pages] == pytest.approx([-300_000, 0, -200_000, 0])
    assert [page.work("demand_peak_mw") for page in pages] == pytest.approx([30, 0, 20, 0])


def test_a_new_month_has_a_new_peak() -> None:
    """The trace begins two days before the end of a month."""
    b = Workbench(site_with({"tariff.demand_usd_per_kw_month": 10}), calm_trace(days=4), row=190)
    charged = [b.play().work("demand_peak_mw") > 1 for _ in range(4)]
    assert charged == [True, False, True, False]


def test_the_peak_so_far_is_seen() -> None:
    b = Workbench(site_with({"tariff.demand_usd_per_kw_month": 10}), calm_trace(import_limit_mw=50))
    b.play()
    assert b.observed("month_import_peak_frac") == pytest.approx(2 * 50 / 200 - 1)


def prices_seen(changes: dict) -> bool:
    names = [field.name for field in observation_fields(site_with(changes))]
    assert ("price_lmp_usd_per_mwh" in names) == any("forecast_price" in name for name in names)
    return "price_lmp_usd_per_mwh" in names


FIXED = {"tariff": {"energy_price": "fixed", "fixed_usd_per_mwh": 60}}


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, True),
        ({"tariff.energy_price": "day_ahead"}, True),
        (FIXED, False),
        (FIXED | {"tariff.day_ahead_mw": -5}, True),
        (FIXED | {"supply.ppa": {"mw": 10, "strike_usd_per_mwh": 30, "shape": "solar"}}, True),
        ({"meter": {"import_limit_mw": 0}}, False),
    ],
)
def test_prices_are_seen_where_they_move_money(changes: dict, seen: bool) -> None:
    assert prices_seen(changes) == seen


def test_at_day_ahead_prices_own_wind_yields_to_a_negative_day_ahead_price_alone() -> None:
    site = site_with({"supply.wind_mw": 8, "tariff.energy_price": "day_ahead"})
    for day_ahead, dispatch, used in ((30, -5, 2), (-5, 30, 0)):
        trace = calm_trace(wind_cf=1, price_da_usd_per_mwh=day_ahead, price_lmp_usd_per_mwh=dispatch)
        assert Workbench(site, trace).play().mwh("own_used") == pytest.approx(used)


CHARGED = {"tariff.coincident_peak_usd_per_kw_year": 70, "tariff.system_peak_mw": 80_000}


def with_load_forecast(trace: Trace, mw: list[float]) -> Trace:
    """The trace with the same forecast of the grid's load in every hour, by lead."""
    forecast = trace.forecast.copy()
    forecast[:, FORECAST_VARIABLES.index("system_load_mw")] = mw
    columns = {name: trace.rows[name] for name in COLUMNS}
    return build_trace("peaks", trace.start, trace.interval_s, 0.0, columns, trace.jobs, forecast)


def test_how_near_the_grid_comes_to_its_peaks_is_seen() -> None:
    """55 GW now, 66 at most within 24 h (70 beyond them do not count), and 60 so far this month."""
    mw = [70_000.0 if lead > 24 else 66_000.0 if lead == 24 else 55_000.0 for lead in FORECAST_LEADS_H]
    trace = with_load_forecast(calm_trace(system_load_mw=column({2: 60_000}, 50_000)), mw)
    b = Workbench(site_with(CHARGED), trace)
    b.play()
    for name, over in {
        "load_over_month_peak": 55 / 60,
        "load_24h_over_month_peak": 66 / 60,
        "load_over_24h_peak": 55 / 66,
    }.items():
        x = 20 * (over - 1)
        assert b.observed(name) == pytest.approx(x / (1 + abs(x)), abs=1e-4), name


def test_an_episode_that_begins_in_a_new_month_knows_nothing_of_the_last_ones_peak() -> None:
    """The trace's month ends after 192 rows."""
    trace = calm_trace(days=4, system_load_mw=column({100: 80_000, 194: 60_000}, 50_000, rows=384))
    for row, peak_mw in ((150, 80_000), (193, 50_000), (200, 60_000)):
        assert Workbench(site_with(CHARGED), trace, row).lane["month_peak_mw"] == peak_mw
