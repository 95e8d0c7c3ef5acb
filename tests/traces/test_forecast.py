"""Forecasts know nothing but their past, and day-ahead prices from when they are published."""

from datetime import UTC, datetime

import numpy as np
import pytest

from hybrid_env.traces.forecast import LEADS, day_ahead_known_until, forecast_from_past
from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.market import load_market
from hybrid_env.traces.schema import COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES
from tests.traces.real_year import texas_real_trace

START = datetime(2021, 1, 1, 6, tzinfo=UTC)
OFFSET_H = -6


@pytest.fixture(scope="module")
def year():
    return generate_year(load_market("texas"), 3, 100.0)


def hourly(trace, column):
    return trace.rows[column].reshape(-1, 4).mean(axis=1)


def test_tomorrows_day_ahead_price_is_known_from_14_local():
    known = day_ahead_known_until(START, OFFSET_H, 48)
    assert known[0] == 24 and known[13] == 24  # until the end of today
    assert known[14] == 48 and known[23] == 48  # 14:00 local: tomorrow is published
    assert known[24] == 48 and known[38] == 72


def test_publication_follows_local_days_when_a_trace_starts_within_one():
    known = day_ahead_known_until(datetime(2021, 1, 1, 20, tzinfo=UTC), OFFSET_H, 12)  # 14:00 local
    assert known[0] == 10 + 24
    known = day_ahead_known_until(datetime(2021, 1, 1, 19, tzinfo=UTC), OFFSET_H, 12)  # 13:00 local
    assert known[0] == 11 and known[1] == 11 + 24


def test_forecasts_from_the_past_do_not_move_with_what_comes_after_issue():
    rng = np.random.default_rng(1)
    n, cut_hour = 24 * 14 * 4, 200
    names = ("price_rt_usd_per_mwh", "price_da_usd_per_mwh", *FORECAST_VARIABLES[1:])
    columns = {name: rng.random(n) * 0.9 for name in names}
    changed = {name: values.copy() for name, values in columns.items()}
    published = day_ahead_known_until(START, OFFSET_H, n // 4)[cut_hour]
    for name in names:
        first = published if name == "price_da_usd_per_mwh" else cut_hour
        changed[name][first * 4 :] = rng.random(n - first * 4)
    before = forecast_from_past(START, 900, OFFSET_H, columns)
    after = forecast_from_past(START, 900, OFFSET_H, changed)
    np.testing.assert_array_equal(before[: cut_hour + 1], after[: cut_hour + 1])
    assert (before[cut_hour + 1 :] != after[cut_hour + 1 :]).any()


def test_first_hour_of_a_file_is_forecast_from_defaults_alone():
    columns = {"price_rt_usd_per_mwh": np.full(400, 9.0), "price_da_usd_per_mwh": np.full(400, 7.0)}
    columns |= {"drybulb_c": np.full(400, 31.0), "system_load_mw": np.full(400, 1.0)}
    first = forecast_from_past(START, 900, OFFSET_H, columns)[0]
    assert first[0, 0] == 7.0
    assert first[FORECAST_VARIABLES.index("drybulb_c"), 0] == COLUMNS["drybulb_c"].default
    assert first[FORECAST_VARIABLES.index("system_load_mw"), 0] == COLUMNS["system_load_mw"].default


def test_a_file_of_hours_cut_short_still_has_a_forecast_for_its_last_hour():
    columns = {"price_rt_usd_per_mwh": np.ones(42), "price_da_usd_per_mwh": np.ones(42)}
    assert forecast_from_past(START, 900, OFFSET_H, columns).shape == (11, len(FORECAST_VARIABLES), len(LEADS))


def test_published_day_ahead_prices_are_the_price_forecast_where_real_time_has_no_say(year):
    """At long published leads the nudge has faded, so the forecast is the day-ahead price to the cent or nearly so."""
    day_ahead, lead = hourly(year, "price_da_usd_per_mwh"), FORECAST_LEADS_H.index(24)
    issue = np.arange(14, len(day_ahead) - 48, 24)[:300]  # 14:00 local: 24 hours ahead lies in the published day
    target = issue + FORECAST_LEADS_H[lead]
    difference = year.forecast[issue, 0, lead] - day_ahead[target]
    assert np.abs(difference).max() < 0.6 * 150 * 0.75**24 + 0.01


def test_price_forecast_at_13_local_does_not_hold_tomorrows_day_ahead_price(year):
    day_ahead, lead = hourly(year, "price_da_usd_per_mwh"), FORECAST_LEADS_H.index(24)
    issue = np.arange(13, len(day_ahead) - 48, 24)[:300]
    difference = np.abs(year.forecast[issue, 0, lead] - day_ahead[issue + 24])
    assert np.median(difference) > 0.3


@pytest.mark.parametrize(
    ("variable", "column", "lead_h", "low", "high"),
    [
        ("system_load_mw", "system_load_mw", 24, 700.0, 1500.0),  # 2.1 % of 50 GW
        ("wind_cf", "wind_cf", 24, 0.06, 0.14),
        ("drybulb_c", "drybulb_c", 24, 0.8, 2.5),
        ("inference_load", "inference_load", 24, 0.02, 0.08),
        ("solar_cf", "solar_cf", 24, 0.03, 0.06),  # nights included: about twice as much by day
    ],
)
def test_generated_forecasts_err_as_much_as_real_ones(year, variable, column, lead_h, low, high):
    v, lead, truth = FORECAST_VARIABLES.index(variable), FORECAST_LEADS_H.index(lead_h), hourly(year, column)
    error = np.abs(year.forecast[: len(truth) - lead_h, v, lead] - truth[lead_h:])
    assert low < error.mean() < high


@pytest.mark.parametrize("v", range(len(FORECAST_VARIABLES)))
def test_generated_forecasts_get_worse_with_lead(year, v):
    column = ("price_rt_usd_per_mwh", *FORECAST_VARIABLES[1:])[v]
    truth = hourly(year, column)
    errors = []
    for lead_h in (0, 6, 24):
        lead, target = FORECAST_LEADS_H.index(lead_h), truth[lead_h:]
        error = np.abs(year.forecast[: len(target), v, lead] - target)
        errors.append(np.median(error[target > 0.05] if column == "solar_cf" else error))  # at night all is known
    # beyond a few hours both price forecasts lean on the day-ahead price
    assert errors[0] < errors[1] <= errors[2] * 1.1


def test_the_solar_forecast_is_of_the_sites_own_field(year):
    """As issued for the hour that begins, it tells the field's output better than the field's mean day does."""
    truth, v = hourly(year, "solar_cf"), FORECAST_VARIABLES.index("solar_cf")
    mean_day = np.tile(truth.reshape(-1, 24).mean(axis=0), 365)
    assert np.abs(year.forecast[:, v, 0] - truth).mean() < 0.5 * np.abs(mean_day - truth).mean()
    assert (year.forecast[:, v, 0][truth == 0] == 0).all()


def test_without_a_field_of_its_own_a_site_has_no_solar_forecast():
    market = load_market("texas").model_copy(update={"solar": None})
    year = generate_year(market, 3, 100.0, interval_s=3600)
    assert (year.rows["solar_cf"] == 0).all() and year.origin["solar_cf"] == "default"
    assert (year.forecast[:, FORECAST_VARIABLES.index("solar_cf")] == 0).all()


def test_forecasts_of_a_real_year_beat_plain_persistence_a_day_ahead():
    trace = texas_real_trace(2022)
    hours = len(trace) // 4
    for variable, column in (("system_load_mw", "system_load_mw"), ("wind_cf", "wind_cf")):
        truth = trace.rows[column][: hours * 4].reshape(-1, 4).mean(axis=1)
        v, lead = FORECAST_VARIABLES.index(variable), FORECAST_LEADS_H.index(18)
        issued = np.arange(24 * 8, hours - 18)
        error = np.abs(trace.forecast[issued, v, lead] - truth[issued + 18]).mean()
        assert error < np.abs(truth[issued - 1] - truth[issued + 18]).mean()
