"""Reserves and demand-response events: prices, calls, notice."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.flexibility import draw_events, draw_reserves
from hybrid_env.traces.market import Events, load_market

CLOCK = make_clock(2023, 900, -6)
ROWS = 365 * 96
TEXAS = load_market("texas")


@pytest.fixture(scope="module")
def years():
    return [generate_year(TEXAS, seed, 100.0) for seed in range(8)]


@pytest.fixture(scope="module")
def pooled(years):
    return np.concatenate([year.rows for year in years])


def spans(values):
    """First and one-past-last row of each run of true values."""
    edges = np.diff(np.concatenate([[0], np.asarray(values, int), [0]]))
    return list(zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True))


def product(**change):
    return TEXAS.reserves[0].model_copy(update=change)


# -- reserve prices


def test_an_availability_price_follows_the_worked_example():
    """1 USD in calm hours, ten times that at the tight energy price, 10 ^ 2 at its square over the calm one; capped."""
    plain = product(sigma=0.0, calm_usd_per_mwh=20, tight_usd_per_mwh=80, cap_usd_per_mw_h=500, calls_per_year=0)
    day_ahead = np.resize([-30.0, 0.0, 20.0, 40.0, 80.0, 320.0, 5_000.0], 8_760)
    hourly = draw_reserves([plain], CLOCK, day_ahead, np.zeros(ROWS), 0)["reserve_0_usd_per_mw_h"].reshape(-1, 4)
    assert (hourly == hourly[:, :1]).all()
    assert hourly[:7, 0] == pytest.approx([1, 1, 1, np.sqrt(10), 10, 100, 500])


def test_reserve_prices_lie_between_those_of_2024_and_2023(pooled):
    """2024: ECRS median 1.0, 90 % 11.5, mean 8.3; RRS 1.0, 5.5, 5.7; Non-Spin 1.0, 8.0, 6.3. ECRS 2023: mean 77."""
    for number, (high, mean) in enumerate(((11.5, 8.3), (5.5, 5.7), (8.0, 6.3))):
        price = pooled[f"reserve_{number}_usd_per_mw_h"]
        assert 0.8 < np.median(price) < 2
        assert 0.7 < np.quantile(price, 0.9) / high < 1.4
        assert mean < price.mean() < 3 * mean


def test_reserve_prices_are_lognormal_in_calm_hours(pooled):
    calm = (pooled["price_da_usd_per_mwh"] < 22) & (pooled["price_da_usd_per_mwh"] > 0)
    log_price = np.log(pooled["reserve_0_usd_per_mw_h"][calm][::4])
    assert np.median(log_price) == pytest.approx(0, abs=0.1) and log_price.std() == pytest.approx(1.0, abs=0.1)


def test_reserves_are_dear_where_energy_is(pooled):
    tight = pooled["price_da_usd_per_mwh"] > 100
    for number in range(3):
        price = pooled[f"reserve_{number}_usd_per_mw_h"]
        assert np.median(price[tight]) > 10 * np.median(price[~tight])


def test_products_share_part_of_their_noise(pooled):
    calm = (pooled["price_da_usd_per_mwh"] < 22)[::4]
    first, second = (np.log(pooled[f"reserve_{k}_usd_per_mw_h"][::4][calm] + 0.01) for k in (0, 1))
    assert 0.55 < np.corrcoef(first, second)[0, 1] < 0.85


def test_reserve_prices_do_not_know_the_tightness_of_their_hour():
    day_ahead, tightness = np.full(8_760, 30.0), np.random.default_rng(1).normal(size=ROWS)
    one, other = (draw_reserves([product()], CLOCK, day_ahead, sign * tightness, 5) for sign in (1, -1))
    np.testing.assert_array_equal(one["reserve_0_usd_per_mw_h"], other["reserve_0_usd_per_mw_h"])
    assert (one["reserve_0_deploy_frac"] != other["reserve_0_deploy_frac"]).any()


def test_another_product_leaves_the_first_ones_luck_alone(years):
    alone = generate_year(TEXAS.model_copy(update={"reserves": TEXAS.reserves[:1]}), 0, 100.0).rows
    for column in ("reserve_0_usd_per_mw_h", "reserve_0_deploy_frac"):
        np.testing.assert_array_equal(alone[column], years[0].rows[column])
    assert not alone["reserve_1_usd_per_mw_h"].any()


# -- calls


@pytest.mark.parametrize("number", range(3))
def test_calls_come_as_often_as_the_market_says(years, number):
    calls = sum(len(spans(year.rows[f"reserve_{number}_deploy_frac"] > 0)) for year in years)
    expected = TEXAS.reserves[number].calls_per_year * len(years)
    assert abs(calls - expected) < 3 * np.sqrt(expected)


def test_four_in_five_calls_of_ecrs_end_within_two_hours():
    tightness, hours = np.random.default_rng(0).normal(size=ROWS), []
    for seed in range(40):
        columns = draw_reserves([product()], CLOCK, np.ones(8_760), tightness, seed)
        hours += [(last - first) / 4 for first, last in spans(columns["reserve_0_deploy_frac"] > 0)]
    assert 0.75 < np.mean(np.array(hours) <= 2) < 0.87 and max(hours) <= 4.0


def test_calls_fall_on_the_tightest_hours(pooled):
    for number in range(3):
        called = pooled[f"reserve_{number}_deploy_frac"] > 0
        assert np.median(pooled["price_rt_usd_per_mwh"][called]) > 3 * np.median(pooled["price_rt_usd_per_mwh"])
        assert np.isin(pooled["month"][called], (6, 7, 8, 9)).mean() > 0.7


def test_a_call_takes_the_share_the_market_says(pooled):
    for number, texan in enumerate(TEXAS.reserves):
        frac = pooled[f"reserve_{number}_deploy_frac"]
        taken = frac[frac > 0]
        assert taken.min() >= texan.deploy_low_frac - 0.005 and taken.max() <= texan.deploy_high_frac + 1e-9


def test_more_than_three_products_are_refused():
    data = TEXAS.model_dump(mode="json")
    data["reserves"] = [data["reserves"][0]] * 4
    with pytest.raises(ValueError, match="at most 3"):
        type(TEXAS).model_validate(data)


def test_a_product_that_is_never_tight_is_refused():
    with pytest.raises(ValueError, match=r"calm_usd_per_mwh \(90\) must be below tight_usd_per_mwh"):
        type(product()).model_validate(product().model_dump() | {"calm_usd_per_mwh": 90, "tight_usd_per_mwh": 80})


# -- events


EVENTS = Events(
    per_year=2, notice_h=6, first_hour=13, last_hour=20, hours_low=2, hours_high=2, cut_low_frac=0.3, cut_high_frac=0.3,
    usd_per_mwh_low=400, usd_per_mwh_high=400,
)  # fmt: skip


def tight_at(*rows):
    tightness = np.zeros(ROWS)
    tightness[list(rows)] = np.arange(1, len(rows) + 1)
    return tightness


def test_an_event_is_announced_counts_down_and_runs_when_it_said():
    """Tightest at 16:00 of day 10: two hours around it begin at 15:00; six hours of notice begin at 09:00."""
    peak = 10 * 96 + 16 * 4
    columns = draw_events(EVENTS.model_copy(update={"per_year": 1}), CLOCK, tight_at(peak), 0)
    cut, pay, ahead = (columns[f"event_{name}"] for name in ("frac", "usd_per_mwh", "ahead_h"))
    first, announced = 10 * 96 + 15 * 4, 10 * 96 + 9 * 4
    assert spans(cut > 0) == [(first, first + 8)] and (cut[first : first + 8] == 0.3).all()
    assert spans(pay > 0) == [(announced, first + 8)] and (pay[announced : first + 8] == 400).all()
    np.testing.assert_allclose(ahead[announced:first], np.arange(24, 0, -1) / 4)
    assert (ahead[first : first + 8] == 0).all()
    assert (np.delete(ahead, np.arange(announced, first + 8)) == 48).all()


def test_of_two_announced_events_the_nearer_shows_and_the_later_one_appears_after_it():
    first_peak, second_peak = 10 * 96 + 16 * 4, 11 * 96 + 16 * 4
    events = EVENTS.model_copy(update={"notice_h": 30.0})
    columns = draw_events(events, CLOCK, tight_at(second_peak, first_peak), 0)
    ahead, cut = columns["event_ahead_h"], columns["event_frac"]
    first, second = 10 * 96 + 15 * 4, 11 * 96 + 15 * 4
    assert spans(cut > 0) == [(first, first + 8), (second, second + 8)]
    assert ahead[first - 4] == 1.0 and (ahead[first : first + 8] == 0).all()
    assert ahead[first + 8] == 22.0 and ahead[second - 1] == 0.25


def test_events_begin_within_their_hours_though_the_day_is_tighter_outside():
    columns = draw_events(
        EVENTS.model_copy(update={"per_year": 1}), CLOCK, tight_at(10 * 96 + 14 * 4, 10 * 96 + 3 * 4), 0
    )
    assert spans(columns["event_frac"] > 0) == [(10 * 96 + 13 * 4, 10 * 96 + 15 * 4)]


def test_texan_events_are_as_many_as_said_on_different_tight_afternoons(years):
    for year in years:
        runs = spans(year.rows["event_frac"] > 0)
        assert len(runs) == 12 and len({first // 96 for first, _ in runs}) == 12
        assert all(1 <= (last - first) / 4 <= 4 for first, last in runs)
        running = year.rows["event_frac"] > 0
        assert np.median(year.rows["price_rt_usd_per_mwh"][running]) > 300
        assert (year.rows["event_ahead_h"][running] == 0).all() and (
            year.rows["event_usd_per_mwh"][running] >= 300
        ).all()
        assert year.rows["event_ahead_h"][runs[0][0] - 96] == 24


def test_an_event_without_an_hour_to_begin_in_is_refused():
    with pytest.raises(ValueError, match=r"last_hour \(13\) must be at least 1 after first_hour"):
        Events.model_validate(EVENTS.model_dump() | {"last_hour": 13})
