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
from experiments.calibrate.plots import median_week
from experiments.calibrate.series import Series, by_fleet_solar, join, squeeze, without
from experiments.calibrate.statistics import table_of
from experiments.calibrate.tolerances import Tolerance, distance, tolerance_of
from experiments.calibrate.two_sample import distinct_subjects

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


def spiky(days: int) -> Series:
    """A year with an hour at 400 USD/MWh on so many days, spread over it."""
    price = np.full((365, 96), 30.0)
    price[np.linspace(0, 364, days).astype(int), 40:44] = 400.0
    return replace(flat(), price_rt=price)


@pytest.mark.parametrize("name", ["rt_over_250", "spike_days"])
def test_no_spike_at_all_is_never_near_enough_to_some(name: str):
    """Eight days a year, 2.2 % of them: less than the absolute distance that fits are weighed by."""
    chosen, real = [STATISTICS[name]], [spiky(8), spiky(8)]
    assert figure(name, real[0]) < tolerance_of(name).absolute or name == "rt_over_250"
    (none,), (same,) = compare(chosen, real, real[0], [flat()]), compare(chosen, real, real[0], real)
    assert none.told_apart and not none.passes and same.passes
    assert none.allowed == pytest.approx(figure(name, real[0]) * 2 / np.sqrt(16))
    assert tally([none]).startswith("0 of 1 tolerances hold")


def test_a_count_is_never_off_by_more_than_a_factor():
    """Years so far apart that the half of it would let three times as many pass."""
    chosen, real = [STATISTICS["spike_days"]], [spiky(4), spiky(80)]
    (row,) = compare(chosen, real, real[0], [spiky(90)])
    assert row.distance <= row.allowed * 1.4 and not row.passes


def test_what_happens_on_one_day_a_year_tells_nothing():
    chosen = [STATISTICS[name] for name in ("spike_days", "spike_run", "rt_mean")]
    rows = compare(chosen, [spiky(1), spiky(1)], spiky(1), [flat()])
    assert [row.told_apart for row in rows] == [False, False, True]
    said = tally(rows)
    assert said.startswith("1 of 1 tolerances hold") and "not counted: spike_days, spike_run." in said
    assert unexpected(rows, {}) == ([], [])


def test_a_figure_within_its_own_tolerance_and_a_level_curve_tell_nothing():
    price = np.full((365, 96), 1.0)
    price[:, :24] = -0.5
    few = price.copy()
    few[40:, :24] = 1.0  # below zero on 40 days: 11 % of the first hours
    real = [replace(flat(), price_rt=few)] * 2
    names = ("rt_q50", "rt_negative", "negative_by_hour", "carbon_by_hour", "drybulb_q50", "carbon_q50")
    rows = {row.statistic.name: row for row in compare([STATISTICS[n] for n in names], real, real[0], real)}
    assert not rows["rt_q50"].told_apart and rows["rt_negative"].told_apart
    assert rows["negative_by_hour"].told_apart and not rows["carbon_by_hour"].told_apart
    assert rows["drybulb_q50"].told_apart and rows["carbon_q50"].told_apart


def test_prices_are_compared_linearly_near_zero_and_in_logs_in_the_tail():
    assert squeeze(np.array([0.2])) == pytest.approx(0.01, rel=1e-3)
    assert squeeze(np.array([2_000.0]))[0] - squeeze(np.array([1_000.0]))[0] == pytest.approx(np.log(2), rel=1e-3)


def test_subjects_that_come_to_the_same_features_are_judged_once():
    bare = Series("hours", np.full((365, 24), 30.0), {"drybulb": np.zeros((365, 24))}, MONTH)
    assert distinct_subjects(bare) == ["everything", "real-time price", "temperature"]
    assert {"real-time price", "prices", "day-ahead price"} <= set(distinct_subjects(flat()))


def test_the_week_that_is_drawn_is_the_middle_one_of_its_season():
    price = np.full((365, 24), 30.0)
    for number, level in enumerate((50.0, 10.0, 40.0, np.nan, 20.0, 30.5)):
        price[7 * number : 7 * number + 7] = level
    year = Series("hours", price, {}, MONTH)
    dear = replace(year, price_rt=np.full((365, 24), 500.0))
    assert median_week([year], range(0, 42, 7)) == (year, 35)
    assert median_week([dear, year], range(0, 21, 7))[0] is dear
