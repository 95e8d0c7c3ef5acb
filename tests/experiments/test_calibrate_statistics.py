"""Statistics of series whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.calibrate.compare import compare, tally, unexpected
from experiments.calibrate.measures import (
    autocorrelation,
    daily_anomaly,
    day_clustering,
    hour_profile,
    mean_run_h,
    rank_correlation,
    run_lengths,
)
from experiments.calibrate.series import Series, by_fleet_solar, join, squeeze, without
from experiments.calibrate.statistics import table_of
from experiments.calibrate.tolerances import Tolerance, distance, tolerance_of

MONTH = np.repeat(np.arange(1, 13), 31)[:365]
STATISTICS = {s.name: s for s in table_of(quarters=True)}


def flat(price: float = 30.0, days: int = 365) -> Series:
    hourly = {
        name: np.full((days, 24), value)
        for name, value in (("price_da", 30.0), ("load", 1.0), ("wind", 0.4), ("solar", 0.3), ("drybulb", 20.0),
                            ("wetbulb", 14.0), ("carbon", 350.0))
    }  # fmt: skip
    return Series("flat", np.full((days, 96), price), hourly, MONTH[:days])


def figure(name: str, series: Series) -> float:
    value = STATISTICS[name].of(series)
    assert value is not None and len(value) == 1
    return float(value[0])


def test_runs_are_counted_with_their_lengths():
    assert run_lengths(np.array([True, True, False, True, False, False, True])).tolist() == [2, 1, 1]
    assert mean_run_h(np.array([True, True, False, True]), 4) == pytest.approx(1.5 / 4)
    assert mean_run_h(np.zeros(5, bool), 4) == 0


def test_spikes_have_their_share_length_and_days():
    price = np.full((365, 96), 30.0)
    price[100:120, 40:48] = 400.0  # two hours on each of twenty days in a row
    price[200, 10:14] = 2_000.0
    series = replace(flat(), price_rt=price)
    assert figure("rt_over_250", series) == pytest.approx(100 * (20 * 8 + 4) / (365 * 96))
    assert figure("rt_over_1000", series) == pytest.approx(100 * 4 / (365 * 96))
    assert figure("spike_run", series) == pytest.approx((20 * 2 + 1) / 21)
    assert figure("extreme_run", series) == pytest.approx(1.0)
    assert figure("spike_days", series) == pytest.approx(100 * 21 / 365)
    assert figure("spike_clustering", series) == pytest.approx(19 / 21 / (21 / 365))


def test_days_at_random_do_not_cluster():
    flags = np.random.default_rng(1).random((20_000, 4)) < 0.05
    assert day_clustering(flags) == pytest.approx(1.0, abs=0.05)
    assert np.isnan(day_clustering(np.zeros((30, 4), bool)))


def test_memory_of_an_autoregression_is_its_coefficient():
    rng = np.random.default_rng(2)
    x = np.zeros(24 * 4_000)
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + rng.standard_normal()
    days = x.reshape(-1, 24)
    assert autocorrelation(days, 1) == pytest.approx(0.8, abs=0.01)
    days[::7] = np.nan
    assert autocorrelation(days, 3) == pytest.approx(0.8**3, abs=0.02)


def test_missing_values_count_nowhere():
    whole = np.random.default_rng(3).normal(40, 10, (365, 96))
    holed = whole.copy()
    holed[10:20] = np.nan
    a, b = replace(flat(), price_rt=np.delete(whole, range(10, 20), 0)), replace(flat(), price_rt=holed)
    assert np.nanmean(b.price_rt) == pytest.approx(a.price_rt.mean())
    assert figure("rt_q50", b) == pytest.approx(float(np.median(a.price_rt)))


def test_a_quarter_of_below_zero_is_a_quarter():
    price = np.full((365, 96), 10.0)
    price[:, :24] = -1.0
    series = replace(flat(), price_rt=price)
    assert figure("rt_negative", series) == pytest.approx(25.0)
    assert figure("negative_run", series) == pytest.approx(6.0)
    by_hour = STATISTICS["negative_by_hour"].of(series)
    assert by_hour is not None and by_hour.tolist() == [100.0] * 6 + [0.0] * 18


def test_prices_apart_from_their_hour_are_seen():
    price = np.tile([20.0, 40.0, 20.0, 40.0], (365, 24))
    assert figure("within_hour_q50", replace(flat(), price_rt=price)) == pytest.approx(10.0)
    assert figure("spread_mean", replace(flat(), price_rt=price)) == pytest.approx(0.0)


def test_profiles_are_relative_and_anomalies_leave_out_the_season():
    days = np.tile(np.arange(24.0), (365, 1))
    assert hour_profile(days).tolist() == (np.arange(24) - 11.5).tolist()
    season = np.repeat(np.sin(2 * np.pi * np.arange(365) / 365)[:, None], 24, axis=1)
    assert np.abs(daily_anomaly(season)[20:-20]).max() < 0.02


def test_rank_correlation_sees_order_alone():
    x = np.arange(100.0)
    assert rank_correlation(x, np.exp(x / 10)) == pytest.approx(1.0)
    assert rank_correlation(x, -x) == pytest.approx(-1.0)


def test_joined_years_do_not_touch():
    one, two = flat(10.0, 30), flat(20.0, 30)
    pool = join("both", [one, two])
    assert len(pool) == 61 and np.isnan(pool.price_rt[30]).all() and pool.month[30] == 0


def test_years_of_different_columns_are_not_joined():
    odd = replace(flat(), hourly={"load": flat().hourly["load"]})
    with pytest.raises(ValueError, match="differ in columns"):
        join("both", [flat(), odd])


def test_days_left_out_are_missing_everywhere():
    cut = without(flat(), 40, 51)
    assert np.isnan(cut.price_rt[40:52]).all() and np.isnan(cut.hourly["load"][40:52]).all()
    assert np.isfinite(cut.price_rt[[39, 52]]).all()


def test_a_growing_solar_fleet_is_scaled_by_what_it_reaches():
    sun = np.maximum(np.sin(np.pi * (np.arange(24) - 6) / 12), 0)
    growing = np.linspace(1_000, 2_000, 365)[:, None] * sun
    share = by_fleet_solar(growing).max(axis=1)
    assert share.min() > 0.85 and share.max() <= 1.0


def test_every_statistic_has_a_tolerance_and_a_name_of_its_own():
    names = [s.name for s in table_of(quarters=True)]
    assert len(names) == len(set(names)) > 100
    for name in names:
        assert tolerance_of(name).allowed(np.array([1.0])) > 0
    with pytest.raises(KeyError, match="nonsense"):
        tolerance_of("nonsense")


def test_a_tolerance_is_the_largest_of_its_three():
    tolerance = Tolerance("x", 2.0, 0.1)
    assert tolerance.allowed(np.array([10.0])) == 2.0
    assert tolerance.allowed(np.array([50.0])) == 5.0
    assert tolerance.allowed(np.array([10.0]), between_years=9.0) == 4.5
    assert distance(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == pytest.approx(np.sqrt(2))


def test_a_series_against_itself_passes_and_a_dearer_one_breaks_its_quantiles():
    rng = np.random.default_rng(4)
    years = [replace(flat(), price_rt=rng.gamma(2, 20, (365, 96))) for _ in range(3)]
    chosen = [STATISTICS[name] for name in ("rt_q50", "rt_q99", "rt_mean")]
    same = compare(chosen, years[:2], years[2], years[:2])
    assert all(row.passes and row.distance == 0 for row in same) and all(row.validates for row in same)
    dear = [replace(year, price_rt=2 * year.price_rt) for year in years[:2]]
    rows = compare(chosen, years[:2], years[2], dear)
    assert unexpected(rows, {"rt_mean": "known"}) == (["rt_q50", "rt_q99"], [])
    assert unexpected(same, {"rt_mean": "known"}) == ([], ["rt_mean"])
    assert tally(rows).startswith("0 of 3 tolerances hold") and "3 of the 3 statistics" in tally(same)


def test_a_figure_that_generated_years_lack_is_broken_not_passed():
    chosen = [STATISTICS["spike_clustering"]]
    rng = np.random.default_rng(4)
    spiky = [replace(flat(), price_rt=np.where(rng.random((365, 96)) < 0.01, 900.0, 30.0)) for _ in range(2)]
    calm = [flat(), flat()]
    assert np.isnan(figure("spike_clustering", calm[0])) and np.isfinite(figure("spike_clustering", spiky[0]))
    assert [row.passes for row in compare(chosen, spiky, spiky[0], calm)] == [False]
    assert [row.passes for row in compare(chosen, calm, calm[0], calm)] == [True]


def test_prices_are_compared_linearly_near_zero_and_in_logs_in_the_tail():
    assert squeeze(np.array([0.2])) == pytest.approx(0.01, rel=1e-3)
    assert squeeze(np.array([2_000.0]))[0] - squeeze(np.array([1_000.0]))[0] == pytest.approx(np.log(2), rel=1e-3)
