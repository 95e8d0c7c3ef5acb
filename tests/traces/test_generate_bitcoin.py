"""The network's market: hashprice, retargets, fees, a halving."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.bitcoin import hashprice_usd_per_ph_day, retarget
from hybrid_env.traces.market import load_market

LIMIT_MW = 100.0
HALVING_DAY = 108


def changed(**bitcoin):
    market = load_market("texas")
    return market.model_copy(update={"bitcoin": market.bitcoin.model_copy(update=bitcoin)})


@pytest.fixture(scope="module")
def years():
    return [generate_year(load_market("texas"), seed, LIMIT_MW) for seed in range(6)]


@pytest.fixture(scope="module")
def pooled(years):
    return np.concatenate([year.rows for year in years])


@pytest.fixture(scope="module")
def halved():
    return [generate_year(changed(halving_day=HALVING_DAY), seed, LIMIT_MW).rows for seed in range(6)]


def test_hashprice_starts_near_the_markets_and_moves(years):
    for year in years:
        rows = year.rows
        price = hashprice_usd_per_ph_day(
            rows["difficulty"], rows["subsidy_btc"] + rows["fees_btc_per_block"], rows["btc_usd"]
        )
        assert 25 < np.asarray(price)[0] < 80
        assert np.asarray(price).max() / np.asarray(price).min() > 1.2


def test_hashprice_matches_a_worked_example():
    """An S21 of 200 TH/s at difficulty 1.2e14, 3.125 BTC a block and 100,000 USD earns 10.477 USD a day."""
    assert 0.2 * np.asarray(hashprice_usd_per_ph_day(1.2e14, 3.125, 1e5)) == pytest.approx(10.477, abs=0.001)


def test_difficulty_changes_about_every_two_weeks_within_bounds(years):
    for year in years:
        difficulty = year.rows["difficulty"]
        steps = difficulty[1:] / difficulty[:-1] - 1
        changes = steps[steps != 0]
        assert 23 <= len(changes) <= 29
        assert changes.min() >= -0.15 - 1e-6 and changes.max() <= 0.12 + 1e-6


def test_fees_are_small_with_bursts(pooled):
    fees = pooled["fees_btc_per_block"]
    assert 0.015 < np.median(fees) < 0.04 and 0.1 < fees.max() < 1.5


# -- retargets and a halving


def test_nine_minute_blocks_raise_difficulty_by_a_ninth():
    """2,016 blocks of 540 s: 1.2e14 * 600 / 540 = 1.3333e14."""
    assert retarget(1.2e14, 2016 * 540) == pytest.approx(1.33333e14, rel=1e-5)


@pytest.mark.parametrize(("minutes", "factor"), [(10, 1.0), (20, 0.5), (50, 0.25), (1, 4.0)])
def test_a_retarget_is_held_between_a_quarter_and_four(minutes, factor):
    assert retarget(1e14, 2016 * 60 * minutes) == pytest.approx(1e14 * factor)


def test_the_subsidy_halves_from_the_row_that_begins_the_halving_day(halved):
    subsidy = halved[0]["subsidy_btc"]
    first = HALVING_DAY * 96
    assert (subsidy[:first] == 3.125).all() and (subsidy[first:] == 1.5625).all()


def test_a_halving_halves_hashprice_at_once(halved):
    first = HALVING_DAY * 96
    for rows in halved:
        before, after = (
            hashprice_usd_per_ph_day(row["difficulty"], row["subsidy_btc"] + row["fees_btc_per_block"], row["btc_usd"])
            for row in (rows[first - 1], rows[first])
        )
        assert 0.48 < after / before < 0.56  # fees are not halved


def test_difficulty_answers_a_halving_over_the_next_epochs_and_not_before(halved, years):
    first, ratios = HALVING_DAY * 96, []
    for rows, year in zip(halved, years, strict=True):
        np.testing.assert_array_equal(rows["difficulty"][:first], year.rows["difficulty"][:first])
        np.testing.assert_array_equal(rows["btc_usd"], year.rows["btc_usd"])
        path = rows["difficulty"] / year.rows["difficulty"]
        ratios.append((path[first], path[first + 20 * 96 : first + 30 * 96].mean(), path[-30 * 96 :].mean()))
    at_once, after_a_month, at_last = np.mean(ratios, axis=0)
    assert at_once > 0.98 > after_a_month > at_last + 0.01
    assert 0.85 < at_last < 0.93  # 15 % of log 2, as after April 2024: from 88.1 to 79.5 T
