"""Fits of generated years find the parameters that made them; a classifier sees what differs and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.calibrate import fit_bitcoin, fit_work
from experiments.calibrate.fit_carbon import fit_carbon
from experiments.calibrate.fit_load import fit_load
from experiments.calibrate.fit_renewables import fit_wind, weather_years
from experiments.calibrate.fit_stack import GAS_USD_PER_MMBTU, fit_stack
from experiments.calibrate.fit_weather import fit_weather, sharpen
from experiments.calibrate.generated import make_year
from experiments.calibrate.match import Knob
from experiments.calibrate.price_maps import fit_maps, improve_shifts, price_map
from experiments.calibrate.series import Series, join
from experiments.calibrate.two_sample import two_sample
from hybrid_env.traces.generate.bitcoin import draw_bitcoin
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.grid import draw_load_mw
from hybrid_env.traces.generate.price import mapped
from hybrid_env.traces.generate.weather import draw_weather
from hybrid_env.traces.market import Market, PriceMap, load_market

SEEDS = range(4)


@pytest.fixture(scope="module")
def market() -> Market:
    return load_market("texas")


@pytest.fixture(scope="module")
def years(market) -> list[Series]:
    return [make_year(market, seed, -6.0) for seed in SEEDS]


def test_the_temperature_that_is_fitted_is_the_one_that_was_drawn(market, years):
    fitted, drawn = fit_weather(join("drawn", years)), market.weather
    assert fitted["mean_c"] == pytest.approx(drawn.mean_c, abs=0.7)
    assert fitted["season_amplitude_c"] == pytest.approx(drawn.season_amplitude_c, abs=0.7)
    assert fitted["warmest_day"] == pytest.approx(drawn.warmest_day, abs=8)
    assert fitted["front_tau_h"] == pytest.approx(drawn.front_tau_h, abs=5)
    assert fitted["front_sd_winter_c"] == pytest.approx(drawn.front_sd_winter_c, rel=0.2)
    assert fitted["front_sd_summer_c"] == pytest.approx(drawn.front_sd_summer_c, rel=0.25)


def test_sharpened_profiles_have_the_hourly_means_they_came_from():
    profile = np.cos(2 * np.pi * np.arange(24) / 24)
    points = sharpen(profile)
    quarters = np.interp(np.arange(0, 24, 0.25), np.arange(25), [*points, points[0]])
    assert quarters.reshape(24, 4).mean(axis=1) == pytest.approx(profile, abs=0.02)


def test_the_load_that_is_fitted_is_the_one_that_was_drawn(market):
    clock = make_clock(2022, 3600, 0.0)
    load = market.load.model_copy(update={"noise_frac": 0.01})
    drybulb = draw_weather(market.weather, market.wind, clock, 5).drybulb_c
    drawn = draw_load_mw(load, clock, drybulb, 5)[clock.year].reshape(365, 24)
    months, weekend = clock.month[clock.year][::24], clock.weekend[clock.year][::24]
    fitted = fit_load(load, drawn, drybulb[clock.year].reshape(365, 24), months, weekend)
    assert fitted["base_mw"] == pytest.approx(load.base_mw, rel=0.05)
    assert fitted["cooling_mw_per_c"] == pytest.approx(load.cooling_mw_per_c, rel=0.1)
    assert fitted["cooling_above_c"] == pytest.approx(load.cooling_above_c, abs=1.0)
    assert fitted["weekend_frac"] == pytest.approx(load.weekend_frac, abs=0.005)
    assert fitted["noise_frac"] == pytest.approx(0.01, abs=0.006)


def test_wind_is_found_again_from_a_wrong_start(market):
    real = [weather_years(market.weather, market.wind.model_copy(update={"fast_smooth": True}))]
    wrong = market.wind.model_copy(update={"system_centre": -0.2, "system_slope": 1.6, "day_amplitude": 0.2})
    found = fit_wind(market.weather, wrong, real, 8, lambda: None)
    assert found.after < 0.1 * found.before
    assert found.settings["system_slope"] == pytest.approx(market.wind.system_slope, rel=0.05)
    assert found.settings["day_amplitude"] == pytest.approx(market.wind.day_amplitude, rel=0.05)


def test_carbon_is_found_from_load_wind_and_sun():
    rng = np.random.default_rng(1)
    load, wind = rng.uniform(30e3, 70e3, (365, 24)), rng.uniform(0, 20e3, (365, 24))
    grid = {"load": load, "wind": wind, "solar": np.zeros((365, 24))}
    carbon = 20 + 450 * (load - wind) / load + 15 * rng.standard_normal(load.shape)
    series = Series("made", np.zeros((365, 24)), {"carbon": carbon}, np.ones(365, int))
    fitted = fit_carbon([grid], [series])
    assert fitted["carbon_calm_kg_per_mwh"] == pytest.approx(20, abs=3)
    assert fitted["carbon_thermal_kg_per_mwh"] == pytest.approx(450, abs=4)
    assert fitted["carbon_noise_kg_per_mwh"] == pytest.approx(15, abs=0.5)


def test_the_stack_is_found_under_noise_and_scarcity(market):
    rng = np.random.default_rng(3)
    net_load = rng.uniform(15e3, 60e3, (365, 24))
    stack = market.price.stack_net_load_mw, market.price.stack_heat_rate_mmbtu_per_mwh
    hub = GAS_USD_PER_MMBTU * np.interp(net_load, *stack) * np.exp(0.1 * rng.standard_normal((365, 24)))
    hub[rng.random(hub.shape) < 0.02] = 3_000.0
    found = fit_stack(market.price, [net_load], [hub])
    at = np.linspace(18e3, 56e3, 12)
    rates = np.interp(at, found["stack_net_load_mw"], found["stack_heat_rate_mmbtu_per_mwh"])
    assert rates == pytest.approx(np.interp(at, *stack), rel=0.06)
    assert len(found["stack_net_load_mw"]) == len(stack[0])


def test_a_price_map_is_found_again(market, years):
    true = PriceMap(made_usd_per_mwh=[-250.0, 0.0, 40.0, 5000.0], shown_usd_per_mwh=[-50.0, 5.0, 60.0, 1500.0])
    made = join("made", years)
    real = replace(made, price_rt=mapped(true, made.price_rt))
    found = fit_maps(made, real, market.price).real_time
    at = np.nanpercentile(made.price_rt, [1, 10, 50, 90, 99, 99.9])
    assert mapped(found, at) == pytest.approx(mapped(true, at), rel=0.02, abs=0.3)


def test_a_price_map_gives_unseen_years_the_quantiles(market, years):
    real = np.random.default_rng(1).gamma(2, 20, (365, 96))
    table = price_map(join("made", years[:3]).price_rt, real, market.price)
    shown = mapped(table, years[3].price_rt)
    for percent in (10, 50, 90):
        assert np.percentile(shown, percent) == pytest.approx(np.percentile(real, percent), rel=0.25)


def test_prices_that_are_all_the_same_still_make_a_rising_map(market):
    made = np.concatenate([np.full(9_000, 20.0), np.linspace(20, 100, 1_000)])
    table = price_map(made, np.linspace(-10, 90, 10_000), market.price)
    assert (np.diff(table.made_usd_per_mwh) > 0).all()


def test_shifts_bring_hours_nearer(market, years):
    made = join("made", years)
    dear = made.price_rt.copy()
    dear[:, 4 * 6 : 4 * 8] += 60.0
    real = replace(made, price_rt=dear)
    price = improve_shifts(market.price, made, real, 0.5)
    assert price.hour_shift_mw is not None and price.month_shift_mw is not None
    assert price.winter_hour_shift_mw is not None and int(np.argmax(price.winter_hour_shift_mw)) in (6, 7)
    assert int(np.argmax(price.hour_shift_mw)) in (6, 7) and np.abs(price.month_shift_mw).max() < 1_500


def test_bitcoins_volatility_and_retargets_are_found_again(market):
    bitcoin = market.bitcoin.model_copy(
        update={"sigma_per_year": 0.5, "jumps_per_year": 20.0, "jump_mean": 0.0, "jump_sd": 0.1}
    )
    clock = make_clock(2022, 3600, 0.0)
    drawn = [draw_bitcoin(bitcoin, clock, seed) for seed in range(12)]
    returns = np.concatenate([np.diff(np.log(d.btc_usd[::24])) for d in drawn])
    turns = np.concatenate([fit_bitcoin.epochs(d.difficulty[::24]) for d in drawn[:1]])
    fitted = fit_bitcoin.fit_bitcoin(np.exp(np.concatenate([[0.0], np.cumsum(returns)])), turns)
    assert fitted["sigma_per_year"] == pytest.approx(0.5, rel=0.15)
    whole = np.sqrt(fitted["sigma_per_year"] ** 2 + fitted["jumps_per_year"] * fitted["jump_sd"] ** 2)
    assert whole == pytest.approx(np.sqrt(0.5**2 + 20 * 0.1**2), rel=0.1)
    assert 8 < fitted["jumps_per_year"] < 50
    assert fitted["retarget_sd"] == pytest.approx(bitcoin.retarget_sd, rel=0.6)


def test_bursts_of_submissions_are_told_from_chance():
    rng = np.random.default_rng(1)
    level = 20 * (1 + 0.4 * np.cos(2 * np.pi * np.arange(21 * 24) / 24))
    calm = fit_work.real_figures(rng.poisson(level).astype(float), np.exp(rng.normal(1.5, 0.5, 5_000)), 2, 30)
    assert calm.burst_sigma < 0.12 and calm.day_amplitude == pytest.approx(0.4, abs=0.06)
    burst = np.exp(0.7 * rng.standard_normal(len(level)) - 0.245)
    wild = fit_work.real_figures(rng.poisson(level * burst).astype(float), np.exp(rng.normal(1.5, 0.5, 5_000)), 2, 30)
    assert wild.burst_sigma == pytest.approx(0.7, abs=0.15)


def test_a_knob_goes_there_and_back():
    for knob in (Knob("a", 1.0, 100.0, log=True), Knob("b", -2.0, 3.0)):
        assert knob.value(knob.place(2.5)) == pytest.approx(2.5)
    assert Knob("a", 1.0, 100.0, log=True).value(0.5) == pytest.approx(10.0)


def test_years_of_one_market_cannot_be_told_apart(years):
    verdict = two_sample("real-time price", years[:2], years[2:])
    assert verdict.low < 0.6 and 0.35 < verdict.auc < 0.65 and verdict.low < verdict.auc < verdict.high


def test_a_market_that_is_dearer_is_told_apart(years):
    dear = [replace(year, price_rt=year.price_rt + 80) for year in years[2:]]
    assert two_sample("real-time price", years[:2], dear).low > 0.95


def test_shuffled_labels_cannot_be_learnt(years):
    dear = [replace(year, price_rt=year.price_rt + 80) for year in years[2:]]
    verdict = two_sample("real-time price", years[:2], dear, shuffle=True)
    assert 0.4 < verdict.auc < 0.6
