"""The battery: limits, efficiency, standing loss, wear."""

from __future__ import annotations

import pytest

from tests.workbench import OFF, Workbench, calm_trace, column, site_with


def test_a_round_trip_returns_85_percent() -> None:
    b = Workbench()
    b.lane["soc_mwh"] = start = 50.0
    charged = b.play(battery=-1.0).mwh("battery_charge")
    stored = float(b.lane["soc_mwh"]) - start
    assert charged == pytest.approx(5.0) and stored == pytest.approx(5 * 0.922)
    given_back = stored * 0.922
    assert given_back / charged == pytest.approx(0.85, abs=1e-3)
    out = b.play(battery=given_back / 5).mwh("battery_discharge")
    assert out == pytest.approx(given_back, rel=1e-6)
    assert float(b.lane["soc_mwh"]) == pytest.approx(start, abs=1e-5)


def test_every_megawatt_hour_in_or_out_wears_15_6_usd() -> None:
    b = Workbench()
    assert b.play(battery=-1.0).usd("battery_wear") == pytest.approx(-15.6 * 5)
    assert b.play(battery=1.0).usd("battery_wear") == pytest.approx(-15.6 * 5)


def test_discharge_stops_at_the_lower_limit() -> None:
    b = Workbench()
    b.lane["soc_mwh"] = 6.0
    page = b.play(battery=1.0)
    assert page.mwh("battery_discharge") == pytest.approx(1.0 * 0.922)
    assert float(b.lane["soc_mwh"]) == pytest.approx(5.0)
    assert b.play(battery=1.0).mwh("battery_discharge") == 0


def test_charge_stops_at_the_upper_limit() -> None:
    b = Workbench()
    b.lane["soc_mwh"] = 94.0
    page = b.play(battery=-1.0)
    assert page.mwh("battery_charge") == pytest.approx(1.0 / 0.922)
    assert float(b.lane["soc_mwh"]) == pytest.approx(95.0)


def test_what_the_limits_refuse_is_reported_as_clipped() -> None:
    b = Workbench()
    b.lane["soc_mwh"] = 95.0
    assert float(b.play(battery=-1.0).page["clipped_mw"]) == pytest.approx(20)


def test_three_percent_a_month_is_lost_standing() -> None:
    b = Workbench(site_with({"battery.self_discharge_frac_per_month": 0.03}))
    b.lane["soc_mwh"] = 50.0
    page = b.play()
    assert page.mwh("battery_loss") == pytest.approx(50 * 0.03 / 720 / 4)
    assert float(b.lane["soc_mwh"]) == pytest.approx(50 * (1 - 0.03 / 720 / 4))


def test_charging_takes_only_what_gpu_work_leaves_under_the_limit() -> None:
    b = Workbench(site_with({"meter.import_limit_mw": 12.0}))
    page = b.play(battery=-1.0)
    assert page.mwh("import") * 4 == pytest.approx(12)
    assert 0 < page.mwh("battery_charge") * 4 < 12 - page.mwh("gpu") * 4


def test_discharge_makes_room_for_mining_above_the_import_limit() -> None:
    b = Workbench(site_with({"meter.import_limit_mw": 20.0}))
    held, helped = b.play(), b.play(battery=1.0)
    assert helped.mwh("import") * 4 == pytest.approx(20)
    assert helped.mwh("mining") > held.mwh("mining") + 4


def test_discharge_beyond_load_is_exported_up_to_the_limit() -> None:
    b = Workbench(site_with({"meter.export_limit_mw": 3.0}))
    page = b.play(OFF, battery=1.0)
    assert page.mwh("export") * 4 == pytest.approx(3)
    assert page.mwh("import") == 0
    load = page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling")
    assert page.mwh("battery_discharge") == pytest.approx(load + 0.75)


def test_nothing_is_discharged_into_a_negative_price_beyond_the_load() -> None:
    b = Workbench(trace=calm_trace(price_lmp_usd_per_mwh=column({4: -1}, 30)))
    page = b.play(OFF, battery=1.0)
    assert page.mwh("export") == 0
    assert page.mwh("battery_discharge") == pytest.approx(page.mwh("gpu") + page.mwh("mining") + page.mwh("cooling"))


def test_a_site_without_a_battery_ignores_the_action() -> None:
    b = Workbench(site_with({"battery": None}))
    with_action, without = b.play(battery=1.0), b.play()
    assert with_action.page["mwh"].tolist() == pytest.approx(without.page["mwh"].tolist())


def test_it_ages_by_time_whether_it_is_used_or_not() -> None:
    """10,000 USD a year for each of 100 MWh, over 35,040 quarters of an hour."""
    site = site_with({"battery.calendar_usd_per_mwh_year": 10_000})
    assert Workbench(site).play().usd("battery_wear") == pytest.approx(-10_000 * 100 / 35_040)


def test_charge_is_seen_between_the_limits_of_the_store() -> None:
    b = Workbench(site_with({"battery.soc_min_frac": 0.2, "battery.soc_max_frac": 0.7}))
    p, soc = b.batch.parameters[0], float(b.lane["soc_mwh"])
    share = (soc - p["soc_min_mwh"]) / (p["soc_max_mwh"] - p["soc_min_mwh"])
    assert 0 < share < 1 and b.observed("battery_charge_frac") == pytest.approx(2 * share - 1, abs=1e-6)


def test_what_is_left_when_the_books_close_is_worth_what_of_it_can_be_delivered() -> None:
    b = Workbench(site_with({"gpu": None}), horizon=1)
    before = float(b.lane["soc_mwh"])
    page = b.play(battery=-1.0)
    kept = float(b.lane["soc_mwh"]) - before
    assert kept > 1 and page.usd("terminal") == pytest.approx(kept * 0.922 * 40)


@pytest.mark.parametrize(("soc_mwh", "action", "clipped_mw"), [(50, -1, 0), (95, -1, 20), (50, 1, 0), (5, 1, 20)])
def test_what_a_full_or_empty_battery_cannot_do_is_reported(soc_mwh: float, action: float, clipped_mw: float) -> None:
    b = Workbench()
    b.lane["soc_mwh"] = soc_mwh
    assert float(b.play(OFF, battery=action).page["clipped_mw"]) == pytest.approx(clipped_mw, abs=1e-6)
