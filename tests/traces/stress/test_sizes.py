"""How hard each shock strikes, in which direction and when."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from hybrid_env.traces.forecast import day_ahead_known_until, what_stays
from hybrid_env.traces.generate.bitcoin import hashprice_usd_per_ph_day
from hybrid_env.traces.schema import FORECAST_VARIABLES, Trace
from hybrid_env.traces.stress import SHOCKS, ShockError
from hybrid_env.traces.stress.outlook import day_ahead, follow
from hybrid_env.traces.stress.shock import Draft
from tests.strategies import START
from tests.traces.stress.lively import OFFSET_H, PER_H, lively
from tests.workbench import column

DAY = 24 * PER_H
MONTH = lively(30)


def shocked(name: str, trace: Trace = MONTH) -> Trace:
    return SHOCKS[name].apply(trace)


def window(after: Trace, name: str, trace: Trace = MONTH) -> slice:
    """From the first to the last row in which a column differs."""
    rows = np.flatnonzero(after.rows[name] != trace.rows[name])
    assert len(rows) == rows[-1] - rows[0] + 1
    return slice(int(rows[0]), int(rows[-1]) + 1)


def local(row: int) -> datetime:
    return START + timedelta(hours=OFFSET_H + row / PER_H)


def test_bitcoin_loses_60_per_cent() -> None:
    np.testing.assert_allclose(shocked("bitcoin_crash").rows["btc_usd"], 0.4 * MONTH.rows["btc_usd"])


def test_hashprice_falls_to_its_historic_low_on_average_and_keeps_its_shape() -> None:
    rng = np.random.default_rng(0)
    trace = lively(3, btc_usd=100_000 + 5_000 * rng.random(3 * DAY))
    rows = shocked("hashprice_low", trace).rows
    reward = rows["subsidy_btc"] + rows["fees_btc_per_block"]
    assert np.mean(hashprice_usd_per_ph_day(rows["difficulty"], reward, rows["btc_usd"])) == pytest.approx(28.7, 1e-5)
    np.testing.assert_allclose(
        rows["btc_usd"] / trace.rows["btc_usd"], rows["btc_usd"][0] / trace.rows["btc_usd"][0], 1e-6
    )


def test_a_hashprice_below_the_low_is_not_raised() -> None:
    with pytest.raises(ShockError, match=r"already at or below the historic low of 28\.7"):
        shocked("hashprice_low", lively(3, btc_usd=20_000))


def test_rent_and_bids_halve() -> None:
    after = shocked("rent_halved")
    np.testing.assert_allclose(after.rows["gpu_rent_usd_per_gpu_h"], 1.1)
    np.testing.assert_array_equal(after.jobs["bid_usd_per_gpu_h"], 0.5 * MONTH.jobs["bid_usd_per_gpu_h"])
    others = [name for name in after.jobs.dtype.names or () if name != "bid_usd_per_gpu_h"]
    np.testing.assert_array_equal(after.jobs[others], MONTH.jobs[others])


def test_the_tenant_is_gone_for_120_days_from_a_third_of_a_year_on() -> None:
    year = lively(365)
    after = shocked("tenant_lost", year)
    gone = window(after, "tenant_contract_frac", year)
    assert (gone.stop - gone.start) / DAY == 120
    assert gone.start == pytest.approx(365 / 3 * DAY, abs=PER_H)
    assert (after.rows["tenant_contract_frac"][gone] == 0).all()


def test_the_subsidy_halves_in_the_middle_and_difficulty_follows_after_an_epoch() -> None:
    year = lively(365)
    after = shocked("halving", year)
    halved = window(after, "subsidy_btc", year)
    assert (halved.start, halved.stop) == (365 * DAY // 2, len(year))
    assert (after.rows["subsidy_btc"][halved] == 1.5625).all()
    ratio = after.rows["difficulty"] / year.rows["difficulty"]
    epoch = 14 * DAY
    changes = halved.start + epoch * np.array([1, 2])
    assert np.flatnonzero(np.diff(ratio)).tolist() == (changes - 1).tolist()
    np.testing.assert_allclose(ratio[changes], [0.94, 0.94 * 0.9071])


def test_the_heat_dome_stands_over_the_hottest_ten_days() -> None:
    year = lively(120)
    after = shocked("heat_dome", year)
    dome = window(after, "drybulb_c", year)
    assert dome.stop - dome.start == 10 * DAY
    means = np.convolve(year.rows["drybulb_c"], np.ones(10 * DAY) / (10 * DAY), "valid")
    assert year.rows["drybulb_c"][dome].mean() >= means.max() - 0.05
    np.testing.assert_allclose((after.rows["drybulb_c"] - year.rows["drybulb_c"])[dome], 8)
    np.testing.assert_allclose((after.rows["wetbulb_c"] - year.rows["wetbulb_c"])[dome], 4)
    load = after.rows["system_load_mw"][dome] / year.rows["system_load_mw"][dome]
    np.testing.assert_allclose(load, 1.16, rtol=1e-4)


@pytest.mark.parametrize(("dry_c", "wet_c", "expected_c"), [(35, 29, 31), (35, 32.5, 32.5), (10, 9.5, 13.5), (2, 2, 6)])
def test_the_wet_bulb_stays_within_physics(dry_c: float, wet_c: float, expected_c: float) -> None:
    after = shocked("heat_dome", lively(3, drybulb_c=dry_c, wetbulb_c=wet_c))
    assert after.rows["wetbulb_c"].max() == pytest.approx(expected_c)


def test_prices_in_the_dome_are_half_as_high_again_and_scarce_in_the_evening() -> None:
    trace = lively(30, price_rt_usd_per_mwh=column({30: -20.0}, 40, 30 * DAY), drybulb_c=30)
    after = shocked("heat_dome", trace)
    rows = np.arange(4, 4 + 10 * DAY)  # even heat: the first window there is
    evening = np.array([17 <= local(int(row)).hour < 21 for row in rows])
    price = after.rows["price_rt_usd_per_mwh"][rows]
    assert (price[evening] == 1_000).all()
    assert set(price[~evening]) == {60.0, -20.0}


@pytest.mark.parametrize("weight_on_highest", [True, False])
def test_a_months_coincident_peak_moves_into_the_dome_and_no_charge_is_lost(weight_on_highest: bool) -> None:
    n, january, february = 20 * DAY, 100, 400
    load = column({january: 62_000.0, february: 60_000.0}, 55_000, n)
    peaks = {january: 0.25, (february if weight_on_highest else 500): 0.25}
    heat = column(dict.fromkeys(range(1_200, n - 8), 30.0), 20, n)
    trace = lively(20, system_load_mw=load, drybulb_c=heat, cp_weight=column(peaks, 0, n))
    after = shocked("heat_dome", trace)
    dome = window(after, "drybulb_c", trace)
    charged = np.flatnonzero(after.rows["cp_weight"])
    assert dome.start > 500 and after.rows["cp_weight"].sum() == 0.5
    expected = dome.start if weight_on_highest else 500  # a charge by another rule stays where it is
    assert charged.tolist() == [january, expected]


def test_the_winter_storm_begins_on_14_february() -> None:
    after = shocked("winter_storm")
    storm = window(after, "drybulb_c")
    assert local(storm.start) == datetime(2025, 2, 14, tzinfo=START.tzinfo) and storm.stop - storm.start == 4 * DAY
    assert after.rows["drybulb_c"][storm].mean() == pytest.approx(-10, abs=0.05)
    fall = (MONTH.rows["drybulb_c"] - after.rows["drybulb_c"])[storm]
    np.testing.assert_allclose((MONTH.rows["wetbulb_c"] - after.rows["wetbulb_c"])[storm], fall.mean(), atol=0.051)
    np.testing.assert_allclose(after.rows["wind_cf"][storm], 0.25 * MONTH.rows["wind_cf"][storm], atol=1e-4)


def test_the_storm_first_costs_then_breaks_the_market() -> None:
    after = shocked("winter_storm")
    storm = window(after, "drybulb_c")
    before, crisis = slice(storm.start, storm.start + DAY), slice(storm.start + DAY, storm.stop)
    for name in ("price_rt_usd_per_mwh", "price_lmp_usd_per_mwh"):
        assert (after.rows[name][before] == 1_000).all() and (after.rows[name][crisis] == 5_000).all()
    assert window(after, "import_limit_mw") == crisis and (after.rows["import_limit_mw"][crisis] == 40).all()
    assert window(after, "system_load_mw") == before
    np.testing.assert_allclose(
        after.rows["system_load_mw"][before] / MONTH.rows["system_load_mw"][before], 1.3, rtol=1e-4
    )


@pytest.mark.parametrize("days", [2, 14])
def test_without_the_middle_of_february_the_coldest_days_are_hit(days: int) -> None:
    n = days * DAY
    trace = lively(days, drybulb_c=column(dict.fromkeys(range(n // 2, n // 2 + 40), 2.0), 15, n))
    storm = window(shocked("winter_storm", trace), "drybulb_c", trace)
    assert storm.start <= n // 2 < storm.stop and storm.stop - storm.start <= n / 3


def test_a_storm_needs_an_import_limit_to_order_down() -> None:
    with pytest.raises(ShockError, match=r"states no import limit.*read_trace\(..., import_limit_mw=...\)"):
        shocked("winter_storm", lively(3, import_limit_mw=1_000_000))


def test_a_lower_order_stays() -> None:
    trace = lively(3, import_limit_mw=column(dict.fromkeys(range(120, 288), 30.0), 100, 288))
    assert shocked("winter_storm", trace).rows["import_limit_mw"].min() == 30


def test_the_wind_drought_takes_the_two_best_weeks() -> None:
    n = 60 * DAY
    trace = lively(60, wind_cf=column(dict.fromkeys(range(2_000, 2_000 + 14 * DAY), 0.8), 0.3, n))
    after = shocked("wind_drought", trace)
    assert window(after, "wind_cf", trace) == slice(2_000, 2_000 + 14 * DAY)
    np.testing.assert_allclose(after.rows["wind_cf"][2_000 : 2_000 + 14 * DAY], 0.2)


def test_fuel_is_out_three_times_for_three_days() -> None:
    year = lively(365)
    out = shocked("fuel_outage", year).rows["fuel_cf"] == 0
    starts, ends = np.flatnonzero(np.diff(out.astype(int)) == 1) + 1, np.flatnonzero(np.diff(out.astype(int)) == -1) + 1
    assert ((ends - starts) / DAY).tolist() == [3, 3, 3]
    np.testing.assert_allclose(starts / len(year), [0.25, 0.5, 0.75], atol=1e-4)


def test_a_tonne_of_carbon_costs_80_more() -> None:
    after = shocked("carbon_price", lively(2, carbon_usd_per_t=15))
    assert (after.rows["carbon_usd_per_t"] == 95).all()


def test_mining_is_forbidden_in_the_evening_and_levied_always() -> None:
    after = shocked("mining_ban")
    forbidden = np.array([16 <= local(row).hour < 21 for row in range(len(after))])
    np.testing.assert_array_equal(after.rows["mining_allowed"] == 0, forbidden)
    assert (after.rows["mining_levy_usd_per_mwh"] == 20).all()


def test_forecasts_are_biased_and_what_happens_is_not() -> None:
    after = shocked("forecast_bias")
    expected = MONTH.forecast.copy()
    for name, factor in (("price_usd_per_mwh", 0.7), ("system_load_mw", 0.95), ("wind_cf", 1.2)):
        expected[:, FORECAST_VARIABLES.index(name)] *= np.float32(factor)
    wind = FORECAST_VARIABLES.index("wind_cf")
    expected[:, wind] = np.minimum(expected[:, wind], 1)
    np.testing.assert_allclose(after.forecast, expected, atol=0.51)
    np.testing.assert_allclose(after.forecast[:, wind], expected[:, wind], atol=1e-4)
    np.testing.assert_array_equal(after.rows, MONTH.rows)


def test_forecasts_use_only_what_has_been_seen() -> None:
    """Whatever happens from an hour on, issues up to that hour are the same."""
    rng = np.random.default_rng(0)
    for hour in (30, 47, 60):
        drafts = [Draft(MONTH), Draft(MONTH)]
        for draft in drafts:
            draft.columns["price_rt_usd_per_mwh"][20 * PER_H :] += 500
            draft.columns["wind_cf"][25 * PER_H :] *= 0.3
        drafts[1].columns["price_rt_usd_per_mwh"][hour * PER_H :] = rng.uniform(0, 4_000, len(MONTH) - hour * PER_H)
        drafts[1].columns["wind_cf"][hour * PER_H :] = 0
        for draft in drafts:
            day_ahead(draft)
            follow(draft, "price_usd_per_mwh", "wind_cf")
        np.testing.assert_array_equal(drafts[0].forecast[: hour + 1], drafts[1].forecast[: hour + 1])
        known = day_ahead_known_until(MONTH.start, OFFSET_H, len(MONTH.forecast))[hour]
        published = [draft.columns["price_da_usd_per_mwh"][: known * PER_H] for draft in drafts]
        np.testing.assert_array_equal(published[0], published[1])


def test_forecasters_learn_within_an_hour_believe_within_a_day_and_forget_within_a_day() -> None:
    trace = lively(40, wind_cf=0.8)
    after = shocked("wind_drought", trace)
    calm = window(after, "wind_cf", trace)
    first, wind = calm.start // PER_H, FORECAST_VARIABLES.index("wind_cf")
    at_once = after.forecast[:, wind, 0]
    assert at_once[first] == pytest.approx(0.8, abs=1e-3)
    assert at_once[first + 1] == pytest.approx(0.2, abs=0.07)
    assert after.forecast[first + 1, wind, 13] > 0.7 and after.forecast[first + 25, wind, 13] == pytest.approx(
        0.39, abs=0.02
    )
    last = calm.stop // PER_H
    assert at_once[last + 1] == pytest.approx(0.8, abs=0.07)
    np.testing.assert_array_equal(after.forecast[last + 24 :, wind], trace.forecast[last + 24 :, wind])


def test_day_ahead_prices_follow_from_the_first_auction_that_has_seen_the_storm() -> None:
    after = shocked("winter_storm")
    storm = window(after, "drybulb_c")
    moved = window(after, "price_da_usd_per_mwh")
    assert local(moved.start) == datetime(2025, 2, 15, tzinfo=START.tzinfo)  # published on the storm's first day
    assert local(moved.stop) == datetime(2025, 2, 20, tzinfo=START.tzinfo)  # published on its last day
    change = (after.rows["price_da_usd_per_mwh"] - MONTH.rows["price_da_usd_per_mwh"])[moved].reshape(5, DAY)
    assert change.max() == pytest.approx(5_000 - MONTH.rows["price_rt_usd_per_mwh"].mean(), rel=0.01)
    usual = MONTH.rows["price_rt_usd_per_mwh"][storm.start : storm.start + 13 * PER_H].mean()
    assert change[0].mean() == pytest.approx((1_000 - usual) * 13 / 24, abs=0.02)


def test_what_stays_of_a_steady_deviation_is_its_mean() -> None:
    steady = what_stays(np.full(60, 10.0))
    assert steady[0].tolist() == [0.0] * steady.shape[1]
    np.testing.assert_allclose(steady[1:, 0], 10 * 0.985)
