"""The next day as a planner may expect it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from hybrid_env.baselines.outlook import PERSISTENCE_PER_ROW, forecast_rows, foresight_rows
from hybrid_env.baselines.policy import View
from hybrid_env.sites.site import Site
from hybrid_env.traces.schema import CALENDAR, COLUMNS, Trace, build_trace
from tests.baselines.tiny import DAY, TEXAS, flat_forecast, rebuilt, view
from tests.strategies import START, wild_trace
from tests.workbench import calm_trace, column, site_with

WILD = wild_trace(3, utc_offset_h=-6, days=4)
PEAK_FROM, PEAK_USD = 0.98, 3_000.0
FEAR = (PEAK_FROM, PEAK_USD)


def outlook(trace: Trace, row: int, n: int = DAY, site: Site = TEXAS) -> np.ndarray:
    """Rows expected at `row`."""
    return forecast_rows(view(site, trace, row), 0, n, *FEAR)


def day_ahead_trace() -> Trace:
    """Local midnight at hour 6; day-ahead prices that tell their hour, forecasts and dispatch price of 5 USD/MWh."""
    base = calm_trace(days=4, price_lmp_usd_per_mwh=5, price_rt_usd_per_mwh=5)
    columns = {name: base.rows[name].copy() for name in COLUMNS}
    columns["price_da_usd_per_mwh"] = 100.0 + np.repeat(np.arange(96), 4)
    return build_trace("day_ahead", START, 900, -6.0, columns, base.jobs, flat_forecast(96, price_usd_per_mwh=5.0))


@pytest.mark.parametrize(
    ("local_time", "known_until"),
    [((0, 0), 24), ((13, 0), 24), ((13, 30), 24), ((13, 45), 24), ((14, 0), 48), ((23, 45), 48)],
)
def test_tomorrows_prices_are_known_from_two_oclock(local_time: tuple[int, int], known_until: int) -> None:
    """Published at 13:30 and used with the next hourly forecast; `known_until` counts hours from local midnight."""
    hour, minute = local_time
    row = (6 + hour) * 4 + minute // 15
    seen = outlook(day_ahead_trace(), row, 40 * 4)["price_rt_usd_per_mwh"]
    absolute = (row + np.arange(len(seen))) // 4
    known = (absolute > 6 + hour) & (absolute < 6 + known_until)
    np.testing.assert_allclose(seen, np.where(known, 100 + absolute, 5))


def test_the_current_hour_is_expected_from_the_dispatch_price_not_from_the_day_ahead() -> None:
    seen = outlook(day_ahead_trace(), 6 * 4)["price_rt_usd_per_mwh"]
    np.testing.assert_array_equal(seen[:4], 5)
    assert seen[4] == 107


def test_a_deviation_from_forecast_fades_by_the_interval() -> None:
    trace = rebuilt(
        calm_trace(price_lmp_usd_per_mwh=column({8: 105}, 5), price_da_usd_per_mwh=5, inference_load=0.5),
        forecast=flat_forecast(48, price_usd_per_mwh=5, inference_load=0.4, wind_cf=0.5, solar_cf=0.2),
    )
    seen = outlook(trace, 8, 12)
    fade = PERSISTENCE_PER_ROW ** np.arange(12)
    np.testing.assert_allclose(seen["price_rt_usd_per_mwh"], 5 + 100 * fade)
    np.testing.assert_allclose(seen["inference_load"], 0.4 + 0.1 * fade, atol=1e-6)
    np.testing.assert_allclose(seen["wind_cf"], 0.5 - 0.5 * fade, atol=1e-6)
    np.testing.assert_allclose(seen["solar_cf"], 0.2 - 0.2 * fade, atol=1e-6)


def test_forecasts_are_interpolated_between_their_leads() -> None:
    forecast = flat_forecast(48)
    forecast[2, 3, 6:8] = 10.0, 14.0  # dry bulb, 6 and 8 hours ahead
    seen = outlook(rebuilt(calm_trace(), forecast=forecast), 8, 40)["drybulb_c"]
    np.testing.assert_allclose(seen[[24, 27, 28, 32]], [10, 10, 12, 14])


def test_what_is_known_as_an_interval_starts_is_taken_from_it_and_the_rest_from_the_one_before() -> None:
    row = 100
    seen = outlook(WILD, row)
    for name in ("difficulty", "subsidy_btc", "gpu_rent_usd_per_gpu_h", "mining_allowed", "export_limit_mw"):
        np.testing.assert_array_equal(seen[name], WILD.rows[name][row])
    for name in ("btc_usd", "fees_btc_per_block", "tenant_load", "wetbulb_c", "basis_gen_usd_per_mwh"):
        np.testing.assert_array_equal(seen[name], WILD.rows[name][row - 1])
    day_before = WILD.rows["training_load"][row - DAY : row]
    np.testing.assert_allclose(seen["training_load"], day_before.mean())


def test_an_emergency_limit_is_expected_to_last_the_hour() -> None:
    trace = calm_trace(import_limit_mw=column(dict.fromkeys(range(8, 20), 30), 1e6))
    np.testing.assert_array_equal(outlook(trace, 9, 6)["import_limit_mw"], [30, 30, 30, 100, 100, 100])


def test_the_calendar_is_known() -> None:
    seen = outlook(WILD, 100)
    for name in CALENDAR:
        if not name.startswith("season"):
            np.testing.assert_array_equal(seen[name], WILD.rows[name][100 : 100 + DAY])


def test_expectations_are_possible_values_to_the_end_of_the_trace() -> None:
    for row in (4, 180, len(WILD) - 10):
        seen = outlook(WILD, row)
        assert all(np.isfinite(seen[name]).all() for name in COLUMNS)
        for name in ("wind_cf", "inference_load"):
            assert (seen[name] >= 0).all() and (seen[name] <= 1).all()


def peak_view(month: int, site: Site = TEXAS) -> View:
    """Load is forecast at 80 GW now and at 79.2 GW from the next hour on, far above the month so far."""
    forecast = flat_forecast(48, system_load_mw=79_200)
    forecast[:, 2, 0] = 80_000
    base = rebuilt(calm_trace(system_load_mw=60_000), datetime(2025, month, 10, tzinfo=UTC), forecast)
    return view(site, base, 40)


@pytest.mark.parametrize("month", range(1, 13))
def test_peaks_are_expected_in_summer_alone(month: int) -> None:
    seen = forecast_rows(peak_view(month), 0, 8, *FEAR)["cp_weight"]
    if month not in (6, 7, 8, 9):
        np.testing.assert_array_equal(seen, 0)
    else:
        """3,000 USD/MWh at the peak and a quarter of it half-way, of 70,000 USD a MW and year."""
        np.testing.assert_allclose(seen[:4] * 70_000 / 0.25, 3_000, rtol=1e-5)
        np.testing.assert_allclose(seen[4:] * 70_000 / 0.25, 750, rtol=1e-3)


def test_without_a_peak_charge_none_is_expected() -> None:
    np.testing.assert_array_equal(forecast_rows(peak_view(7, site_with()), 0, 8, *FEAR)["cp_weight"], 0)


def test_a_higher_peak_earlier_in_the_month_takes_the_fear_away() -> None:
    seen = peak_view(7)
    seen.lanes["month_peak_mw"] = 90_000
    np.testing.assert_array_equal(forecast_rows(seen, 0, 8, *FEAR)["cp_weight"], 0)


def test_foresight_is_the_trace_itself_as_far_as_it_reaches() -> None:
    seen = view(TEXAS, WILD, 100)
    found = foresight_rows(seen, 0, DAY, 40, *FEAR)
    np.testing.assert_array_equal(found[:40], WILD.rows[100:140])
    np.testing.assert_array_equal(found[40:], forecast_rows(seen, 0, DAY, *FEAR)[40:])
