"""Settings that a calibrated market uses and `texas` leaves at their defaults."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.grid import draw_load_mw
from hybrid_env.traces.generate.price import mapped, shift_mw
from hybrid_env.traces.generate.weather import draw_weather, solar_cf
from hybrid_env.traces.market import Market, PriceMap, load_market

LIMIT_MW = 100.0
CLOCK = make_clock(2021, 3600, -6.0)


@pytest.fixture(scope="module")
def market() -> Market:
    return load_market("texas")


def correlation(x, y) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def test_a_price_map_keeps_its_points_and_holds_its_ends():
    table = PriceMap(made_usd_per_mwh=[-50.0, 0.0, 100.0], shown_usd_per_mwh=[-20.0, 5.0, 900.0])
    shown = mapped(table, np.array([-80.0, -50.0, 0.0, 100.0, 300.0]))
    assert shown == pytest.approx([-20, -20, 5, 900, 900])


def test_a_price_map_bends_evenly_in_asinh():
    table = PriceMap(made_usd_per_mwh=[0.0, 1000.0], shown_usd_per_mwh=[0.0, 2000.0])
    made = np.array([500.0])
    share = np.arcsinh(500 / 20) / np.arcsinh(1000 / 20)
    assert mapped(table, made)[0] == pytest.approx(20 * np.sinh(share * np.arcsinh(2000 / 20)))


@pytest.mark.parametrize(
    ("made", "shown", "message"),
    [([0.0, 0.0], [1.0, 2.0], "rise strictly"), ([0.0, 1.0], [2.0, 1.0], "must not fall"), ([0.0, 1.0], [2.0], "2")],
)
def test_a_price_map_that_does_not_rise_is_refused(made, shown, message):
    with pytest.raises(ValueError, match=message):
        PriceMap(made_usd_per_mwh=made, shown_usd_per_mwh=shown)


def test_maps_set_the_distribution_and_leave_the_order(market):
    table = PriceMap(made_usd_per_mwh=[-250.0, 0.0, 50.0, 5000.0], shown_usd_per_mwh=[-40.0, 0.0, 25.0, 2000.0])
    price = market.price.model_copy(update={"real_time_map": table, "day_ahead_map": table})
    plain = generate_year(market, 7, LIMIT_MW, interval_s=3600)
    changed = generate_year(market.model_copy(update={"price": price}), 7, LIMIT_MW, interval_s=3600)
    for name in ("price_rt_usd_per_mwh", "price_da_usd_per_mwh"):
        assert changed.rows[name].max() <= 2000 and changed.rows[name].min() >= -40
        ranks = [np.argsort(np.argsort(year.rows[name], kind="stable")) for year in (plain, changed)]
        assert correlation(*ranks) > 0.999
    assert (plain.rows["drybulb_c"] == changed.rows["drybulb_c"]).all()
    beyond = changed.forecast[:, 0, -1]
    assert beyond.max() <= 2000 + market.forecasting.price_nudge_max_usd_per_mwh


def test_shifts_make_their_months_and_hours_dearer(market):
    months, hours = [0.0] * 12, [0.0] * 24
    months[3], hours[5] = 9_000.0, 9_000.0
    price = market.price.model_copy(update={"month_shift_mw": months, "hour_shift_mw": hours})
    plain = generate_year(market, 7, LIMIT_MW, interval_s=3600).rows
    changed = generate_year(market.model_copy(update={"price": price}), 7, LIMIT_MW, interval_s=3600).rows
    april, hour = plain["month"] == 4, np.arange(8_760) % 24
    for name in ("price_rt_usd_per_mwh", "price_da_usd_per_mwh"):
        gain = np.arcsinh(changed[name] / 20) - np.arcsinh(plain[name] / 20)
        assert gain[april].mean() > 3 * gain[plain["month"] == 9].mean() + 0.1
        assert gain[hour == 5].mean() > 3 * abs(gain[hour == 15].mean()) + 0.05


def test_winter_may_have_hourly_shifts_of_its_own(market):
    summer, winter = [0.0] * 24, [0.0] * 24
    summer[16], winter[7] = 1_000.0, 2_000.0
    price = market.price.model_copy(update={"hour_shift_mw": summer, "winter_hour_shift_mw": winter})
    shift = shift_mw(price, CLOCK)
    assert shift is not None
    days = shift[CLOCK.year].reshape(365, 24)
    assert days[15, 7] == pytest.approx(2_000, rel=0.01) and days[15, 16] == pytest.approx(0, abs=10)
    assert days[198, 16] == pytest.approx(1_000, rel=0.01) and days[198, 7] == pytest.approx(0, abs=10)
    data = market.price.model_dump() | {"winter_hour_shift_mw": winter}
    with pytest.raises(ValueError, match="needs hour_shift_mw"):
        type(market.price).model_validate(data)


def test_month_shifts_pass_from_one_to_the_next_without_a_jump(market):
    price = market.price.model_copy(update={"month_shift_mw": [1000.0, -1000.0] * 6})
    shift = shift_mw(price, CLOCK)
    assert shift is not None and np.abs(np.diff(shift)).max() < 5 and shift.max() == pytest.approx(1000, rel=0.01)


def test_a_market_without_shifts_has_none(market):
    assert shift_mw(market.price, CLOCK) is None


def test_the_course_of_a_day_is_that_of_its_season(market):
    summer = [0.0] * 24
    winter = [float(5 * (hour == 3)) for hour in range(24)]
    weather = market.weather.model_copy(update={"summer_day_c": summer, "winter_day_c": winter})
    drybulb = draw_weather(weather, market.wind, CLOCK, 3).drybulb_c[CLOCK.year].reshape(365, 24)
    bump = drybulb[:, 3] - drybulb[:, [1, 5]].mean(axis=1)
    assert bump[:40].mean() > 3 and abs(bump[180:230].mean()) < 0.6


def test_one_day_without_the_other_is_refused(market):
    data = market.weather.model_dump() | {"summer_day_c": [0.0] * 24}
    with pytest.raises(ValueError, match="both summer_day_c and winter_day_c"):
        type(market.weather).model_validate(data)


def test_an_overbuilt_fleet_has_a_flat_noon(market):
    weather = market.weather.model_copy(update={"sun_power": 1.0, "sun_overbuild_frac": 1.0})
    clear = np.zeros(len(CLOCK))
    output = solar_cf(weather, CLOCK, clear)[CLOCK.year].reshape(365, 24)
    assert (output[150, 10:15] == output[150, 12]).all() and output[150, 12] == pytest.approx(0.95)


def test_thick_cloud_takes_its_part_and_light_cloud_less_with_a_higher_power(market):
    half = np.full(len(CLOCK), 0.5)
    linear, sharp = (
        solar_cf(market.weather.model_copy(update={"sun_loss_power": power}), CLOCK, half).max() for power in (1, 3)
    )
    clear = solar_cf(market.weather, CLOCK, half * 0).max()
    assert linear / clear == pytest.approx(1 - 0.6 * 0.5) and sharp / clear == pytest.approx(1 - 0.6 * 0.125)


def test_warm_air_may_bring_wind(market):
    wind = market.wind.model_copy(update={"warm_share": 1.5})
    year = draw_weather(market.weather, wind, CLOCK, 3)
    calm = draw_weather(market.weather, market.wind, CLOCK, 3)
    anomaly = year.drybulb_c[CLOCK.year].reshape(365, 24).mean(axis=1)
    anomaly = anomaly - np.convolve(np.pad(anomaly, 15, mode="edge"), np.ones(31) / 31, mode="valid")
    with_it, without = (y.system_wind_cf[CLOCK.year].reshape(365, 24).mean(axis=1) for y in (year, calm))
    assert correlation(anomaly, with_it) > correlation(anomaly, without) + 0.25


def test_smooth_wind_steps_less_from_hour_to_hour(market):
    smooth = market.wind.model_copy(update={"fast_smooth": True})
    steps = [np.diff(draw_weather(market.weather, w, CLOCK, 3).system_wind_cf).std() for w in (market.wind, smooth)]
    assert steps[1] < 0.9 * steps[0]


def test_winter_has_a_load_shape_of_its_own(market):
    shape = [1.2 if hour == 7 else 1.0 for hour in range(24)]
    flat = market.load.model_copy(
        update={"hour_shape": [1.0] * 24, "winter_hour_shape": shape, "noise_frac": 0.0, "cooling_mw_per_c": 0.0,
                "heating_mw_per_c": 0.0, "frost_mw_per_c": 0.0, "weekend_frac": 1.0}
    )  # fmt: skip
    load = draw_load_mw(flat, CLOCK, np.full(len(CLOCK), 15.0), 3)[CLOCK.year].reshape(365, 24)
    assert load[14, 7] / load[14, 12] == pytest.approx(1.2, rel=0.01)
    assert load[197, 7] / load[197, 12] == pytest.approx(1.0, rel=0.01)


def test_smooth_load_noise_has_no_jumps(market):
    rough = market.load
    smooth = rough.model_copy(update={"noise_smooth": True})
    still = np.full(len(CLOCK), 15.0)
    rest = [np.diff(np.log(draw_load_mw(load, CLOCK, still, 3)), n=2).std() for load in (rough, smooth)]
    assert rest[1] < rest[0]
