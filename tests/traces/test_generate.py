"""Generated years look like Texas, hang together, and are the same every time."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.weather import relative_humidity_pct, wetbulb_c
from hybrid_env.traces.market import MarketError, load_market, market_from_yaml
from hybrid_env.traces.schema import COLUMNS, FORECAST_VARIABLES
from tests.traces.real_year import texas_real_trace

LIMIT_MW = 100.0
SEEDS = range(6)


@pytest.fixture(scope="module")
def market():
    return load_market("texas")


@pytest.fixture(scope="module")
def years(market):
    return [generate_year(market, seed, LIMIT_MW) for seed in SEEDS]


@pytest.fixture(scope="module")
def pooled(years):
    return np.concatenate([year.rows for year in years])


def correlation(a, b):
    return float(np.corrcoef(a, b)[0, 1])


# -- identity


def test_the_same_seed_gives_the_same_year(market, years):
    assert generate_year(market, 0, LIMIT_MW).hash == years[0].hash


def test_different_seeds_give_different_years(years):
    assert len({year.hash for year in years}) == len(years)


def test_a_year_is_365_days_from_local_midnight(years):
    year = years[0]
    assert len(year) == 365 * 96 and len(year.forecast) == 365 * 24
    assert (year.start.month, year.start.day, year.start.hour) == (1, 1, 6)
    assert year.rows["month"][0] == 1 and year.rows["month"][-1] == 12


def test_a_warm_year_is_made_in_under_two_seconds(market):
    began = time.perf_counter()
    generate_year(market, 77, LIMIT_MW)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("interval_s", [300, 3600])
def test_other_intervals_work(market, interval_s):
    year = generate_year(market, 1, LIMIT_MW, interval_s=interval_s)
    assert len(year) == 365 * 86_400 // interval_s
    assert 0.3 < year.rows["wind_cf"].mean() < 0.5
    assert year.rows["cp_weight"].sum() == pytest.approx(1)


@pytest.mark.parametrize("utc_offset_h", [0, 5.5, 10, -8])
def test_other_time_zones_work(market, utc_offset_h):
    year = generate_year(market, 1, LIMIT_MW, interval_s=3600, utc_offset_h=utc_offset_h, year=2023)
    noon = year.rows["drybulb_c"][12::24].mean()
    assert noon > year.rows["drybulb_c"][3::24].mean() + 3


def test_a_given_year_sets_the_calendar(market):
    assert generate_year(market, 1, LIMIT_MW, interval_s=3600, year=2023).start.year == 2023


def test_changing_one_subject_leaves_the_others_draws_alone(market, years):
    bitcoin = market.bitcoin.model_copy(update={"sigma_per_year": 0.9})
    other = generate_year(market.model_copy(update={"bitcoin": bitcoin}), 0, LIMIT_MW)
    assert (other.rows["btc_usd"] != years[0].rows["btc_usd"]).any()
    for column in ("price_rt_usd_per_mwh", "wind_cf", "inference_load"):
        np.testing.assert_array_equal(other.rows[column], years[0].rows[column])


OPTIONAL_PARTS = {"solar": None, "fuel": None, "carbon": None, "reserves": [], "events": None}
OPTIONAL_WORK = {"on_demand": None, "gpu_pow": None, "tenants": None}
OPTIONAL_COLUMNS = (
    "solar_cf", "fuel_cf", "fuel_usd_per_mmbtu", "carbon_marginal_kg_per_mwh", "grid_cfe_frac",
    *(f"reserve_{k}_{what}" for k in range(3) for what in ("usd_per_mw_h", "deploy_frac")),
    "event_frac", "event_usd_per_mwh", "event_ahead_h", "on_demand_load", "gpu_pow_usd_per_gpu_h",
    "tenant_contract_frac",
)  # fmt: skip


def test_parts_left_out_leave_neutral_columns_and_all_other_draws_alone(market, years):
    work = market.work.model_copy(update=OPTIONAL_WORK)
    bare = generate_year(market.model_copy(update=OPTIONAL_PARTS | {"work": work}), 0, LIMIT_MW)
    for name, column in COLUMNS.items():
        if name in OPTIONAL_COLUMNS:
            assert (bare.rows[name] == column.default).all() and bare.origin[name] == "default", name
            assert years[0].origin[name] == "synthetic", name
        else:
            np.testing.assert_array_equal(bare.rows[name], years[0].rows[name], name)
    solar = FORECAST_VARIABLES.index("solar_cf")
    np.testing.assert_array_equal(bare.forecast[:, :solar], years[0].forecast[:, :solar])
    np.testing.assert_array_equal(bare.jobs, years[0].jobs)


def test_a_markets_yaml_may_leave_every_optional_part_out(market):
    data = market.model_dump(mode="json", exclude=set(OPTIONAL_PARTS))
    data["work"] = {name: value for name, value in data["work"].items() if name not in OPTIONAL_WORK}
    assert type(market).model_validate(data).reserves == []


# -- prices


def test_real_time_prices_have_texan_quantiles(pooled):
    price = pooled["price_rt_usd_per_mwh"]
    assert 42 < price.mean() < 60
    assert 20 < np.median(price) < 40
    assert 0.08 < (price < 0).mean() < 0.12
    assert 0.003 < (price > 1000).mean() < 0.007
    assert price.max() <= 5000


def test_each_year_has_scarcity_and_negative_prices(years):
    for year in years:
        price = year.rows["price_rt_usd_per_mwh"]
        assert 0.001 < (price > 1000).mean() < 0.015
        assert 0.05 < (price < 0).mean() < 0.16


def test_scarcity_comes_in_clusters(years):
    for year in years:
        spike = year.rows["price_rt_usd_per_mwh"] > 1000
        days = spike.reshape(-1, 96).any(axis=1).sum()
        assert spike.sum() / days > 3


def test_negative_prices_come_with_wind(pooled):
    negative = pooled["price_rt_usd_per_mwh"] < 0
    assert pooled["wind_cf"][negative].mean() > pooled["wind_cf"][~negative].mean() + 0.25


def test_prices_rise_with_load(pooled):
    high = pooled["system_load_mw"] > np.quantile(pooled["system_load_mw"], 0.95)
    assert pooled["price_rt_usd_per_mwh"][high].mean() > 3 * pooled["price_rt_usd_per_mwh"][~high].mean()


def test_day_ahead_expects_real_time(years):
    for year in years:
        real, ahead = (year.rows[f"price_{m}_usd_per_mwh"].reshape(-1, 4).mean(axis=1) for m in ("rt", "da"))
        ranks = [np.argsort(np.argsort(x)) for x in (real, ahead)]
        assert 0.7 < correlation(*ranks) < 0.95
        assert -5 < ahead.mean() - real.mean() < 20


def test_day_ahead_is_one_price_an_hour(years):
    ahead = years[0].rows["price_da_usd_per_mwh"].reshape(-1, 4)
    assert (ahead == ahead[:, :1]).all()


def test_the_dispatch_price_is_nearly_what_settles_but_not_always(pooled):
    gap = np.abs(pooled["price_lmp_usd_per_mwh"] - pooled["price_rt_usd_per_mwh"])
    assert np.median(gap) < 1 and np.quantile(gap, 0.9) < 5
    assert gap.max() > 100


def test_exports_never_earn_more_than_imports_cost(pooled):
    assert (pooled["basis_gen_usd_per_mwh"] <= 0).all()


def test_the_basis_is_wider_in_wind(pooled):
    windy = pooled["wind_cf"] > 0.7
    assert pooled["basis_gen_usd_per_mwh"][windy].mean() < 2 * pooled["basis_gen_usd_per_mwh"][~windy].mean()


@pytest.mark.parametrize("real_year", [2022, 2023])
def test_generated_prices_lie_near_a_real_year(pooled, real_year):
    real = texas_real_trace(real_year).rows["price_rt_usd_per_mwh"]
    made = pooled["price_rt_usd_per_mwh"]
    for q, within in ((0.05, 4), (0.25, 12), (0.5, 18), (0.75, 30), (0.9, 35), (0.95, 50)):
        assert abs(np.quantile(made, q) - np.quantile(real, q)) < within, q
    for q in (0.99, 0.995, 0.999):
        assert 0.4 < np.quantile(made, q) / np.quantile(real, q) < 2.5, q


# -- weather and grid


def test_wet_bulb_never_exceeds_dry_bulb(pooled):
    assert (pooled["wetbulb_c"] <= pooled["drybulb_c"] + 1e-9).all()


def test_stulls_example_holds():
    assert wetbulb_c(np.array([20.0]), np.array([50.0]))[0] == pytest.approx(13.7, abs=0.05)


def test_saturated_air_has_100_percent_humidity():
    assert relative_humidity_pct(np.array([25.0]), np.array([25.0]))[0] == pytest.approx(100)


def test_texas_is_hot_in_july_and_mild_in_january(pooled):
    assert 29 < pooled["drybulb_c"][pooled["month"] == 7].mean() < 34
    assert 5 < pooled["drybulb_c"][pooled["month"] == 1].mean() < 13
    assert pooled["drybulb_c"].max() < 47 and pooled["drybulb_c"].min() > -22


def test_wind_is_that_of_west_texas(pooled, years):
    wind = pooled["wind_cf"]
    assert 0.37 < wind.mean() < 0.43
    month = [wind[pooled["month"] == m].mean() for m in range(1, 13)]
    assert np.mean(month[2:5]) > np.mean(month[6:9]) + 0.1  # spring over late summer
    by_hour = np.mean([year.rows["wind_cf"].reshape(-1, 24, 4).mean(axis=(0, 2)) for year in years], axis=0)
    assert by_hour.argmax() in (21, 22, 23, 0, 1) and by_hour.argmin() in range(8, 15)


def test_wind_keeps_its_memory_for_hours_and_loses_it_in_days(years):
    hourly = years[0].rows["wind_cf"].reshape(-1, 4).mean(axis=1)
    assert correlation(hourly[1:], hourly[:-1]) > 0.9
    assert 0.4 < correlation(hourly[6:], hourly[:-6]) < 0.75
    assert correlation(hourly[48:], hourly[:-48]) < 0.35


def test_load_is_that_of_texas(pooled):
    load = pooled["system_load_mw"]
    assert load.min() > 30_000 and load.max() < 95_000
    assert 47_000 < load.mean() < 55_000
    mild = load[(pooled["drybulb_c"] > 10) & (pooled["drybulb_c"] < 16)].mean()
    assert load[pooled["drybulb_c"] > 35].mean() > 1.6 * mild
    assert load[pooled["drybulb_c"] < -5].mean() > 1.2 * mild


def test_each_summer_month_has_one_coincident_peak(years):
    for year in years:
        rows = np.flatnonzero(year.rows["cp_weight"])
        assert (year.rows["cp_weight"][rows] == 0.25).all()
        assert year.rows["month"][rows].tolist() == [6, 7, 8, 9]
        for row in rows:
            month = year.rows["month"] == year.rows["month"][row]
            assert year.rows["system_load_mw"][row] == year.rows["system_load_mw"][month].max()


def test_carbon_falls_as_wind_rises(pooled):
    assert correlation(pooled["carbon_average_kg_per_mwh"], pooled["wind_cf"]) < -0.5
    assert 250 < pooled["carbon_average_kg_per_mwh"].mean() < 400


def test_emergency_orders_are_few_short_and_in_scarcity(years):
    for year in years:
        cut = year.rows["import_limit_mw"] < LIMIT_MW
        orders = int(np.diff(np.concatenate([[0], cut.astype(int)])).clip(0).sum())
        assert 1 <= orders <= 3 and 4 <= cut.sum() <= 3 * 16
        assert year.rows["import_limit_mw"][cut].min() >= 35 and year.rows["import_limit_mw"][cut].max() <= 60
        assert np.median(year.rows["price_rt_usd_per_mwh"][cut]) > 200


# -- work


def test_inference_follows_the_day_and_rests_at_the_weekend(pooled):
    load, weekend = pooled["inference_load"], pooled["weekend"] == 1
    assert 0.65 < load[weekend].mean() / load[~weekend].mean() < 0.85
    daily = load.reshape(-1, 24, 4).mean(axis=(0, 2))
    assert daily.argmax() in (12, 13, 14) and 0.3 < daily.min() / daily.max() < 0.6


def test_small_training_work_is_near_its_mean_and_bursty(pooled):
    load = pooled["training_load"]
    assert 0.8 < load.mean() < 1.0 and load.max() > 3


def test_tenants_use_most_of_what_they_reserve(pooled):
    assert 0.8 < pooled["tenant_load"].mean() < 0.9 and pooled["tenant_load"].min() >= 0.5


def test_gang_jobs_bring_the_work_the_market_says(years):
    for year in years:
        assert year.jobs["gpu_hours"].sum() / 8_760 == pytest.approx(4_500, rel=0.12)


def test_gang_jobs_can_all_be_done_in_time(years):
    for year in years:
        jobs = year.jobs
        window_h = (jobs["deadline_row"] - jobs["arrival_row"]) / 4
        assert (window_h >= jobs["gpu_hours"] / jobs["gpus"] + 1).all()
        assert jobs["gpus"].min() >= 256 and jobs["gpus"].max() <= 4096
        assert jobs["bid_usd_per_gpu_h"].min() >= 1.4 and jobs["bid_usd_per_gpu_h"].max() <= 2.9


def test_refused_jobs_are_rare(years):
    assert sum(year.jobs["refused"].sum() for year in years) < 0.002 * sum(len(year.jobs) for year in years)


# -- the market's file


def test_an_unknown_field_is_named_with_its_file(market):
    with pytest.raises(MarketError, match=r"mine\.yaml: pryce: .*unknown field"):
        market_from_yaml("name: x\npryce: 1\n", "mine.yaml")


def test_a_bad_value_is_named_with_field_value_and_bound(tmp_path):
    text = (load_market.__globals__["resources"].files("hybrid_env") / "configs/market/texas.yaml").read_text("utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("front_tau_h: 26", "front_tau_h: -1"), encoding="utf-8")
    with pytest.raises(MarketError, match=r"mine\.yaml: weather\.front_tau_h: .*greater than 0.*found -1"):
        load_market(path)


def test_a_stack_that_does_not_rise_is_refused(market):
    data = market.model_dump(mode="json")
    data["price"]["stack_net_load_mw"][1] = 1.0
    with pytest.raises(ValueError, match="must rise strictly"):
        type(market).model_validate(data)


def test_an_unknown_market_lists_the_packaged_ones():
    with pytest.raises(MarketError, match=r"packaged: .*texas"):
        load_market("texsa")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("price", {"wind_capacity_mw": 0.0, "solar_capacity_mw": 0.0}),
        ("price", {"scarcity_frac": 0.0}),
        ("price", {"transients_per_h": 0.0, "noise_frac": 0.0, "da_noise_frac": 0.0}),
        ("price", {"cp_rule": "NCP"}),
        ("work", {"gang_gpu_hours_per_h": 0.0}),
        ("orders", {"orders_low": 0, "orders_high": 0}),
        ("bitcoin", {"fee_bursts_per_year": 0.0, "jumps_per_year": 0.0, "sigma_per_year": 0.0}),
        ("weather", {"mean_c": -8.0}),
        ("load", {"base_mw": 3000.0, "cooling_mw_per_c": 50.0}),
    ],
)
def test_a_market_with_something_turned_off_still_makes_a_year(market, part, change):
    changed = getattr(market, part).model_copy(update=change)
    year = generate_year(market.model_copy(update={part: changed}), 4, LIMIT_MW, interval_s=3600)
    assert len(year) == 8_760


def test_a_year_hashes_the_same_on_a_processor_without_vector_instructions(years):
    """exp and log differ in their last bit between instruction sets; the rounding of columns hides it."""
    code = (
        "from hybrid_env.traces import generate_year, load_market;"
        f"print(*(generate_year(load_market('texas'), seed, {LIMIT_MW}).hash for seed in range(3)))"
    )
    dispatched = np.lib.introspect.opt_func_info("^(exp|log|sin|cos)$").values()
    targets = {word for function in dispatched for kind in function.values() for word in kind["available"].split()}
    vectors = " ".join(sorted(word for word in targets if "baseline" not in word))
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": vectors}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [year.hash for year in years[:3]]


def test_a_market_may_start_from_a_packaged_one() -> None:
    base = load_market("texas")
    mine = market_from_yaml(
        "base: texas\nname: mine\nweather: {mean_c: 10}\nwork: {gang_gpus: [256], gang_gpus_share: [1]}"
    )
    assert mine.weather == base.weather.model_copy(update={"mean_c": 10.0})
    assert mine.work.gang_gpus == [256] and mine.work.rent_usd_per_gpu_h == base.work.rent_usd_per_gpu_h
    assert mine.bitcoin == base.bitcoin and mine.provenance is None


def test_a_market_cannot_start_from_one_that_is_not_there() -> None:
    with pytest.raises(MarketError, match=r"'mars'.*texas"):
        market_from_yaml("base: mars\nname: mine")
