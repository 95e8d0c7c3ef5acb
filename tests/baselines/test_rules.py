"""Rules of thumb: when fleets go off and on, which goes first, and at what hours."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from hybrid_env.baselines.policy import View
from hybrid_env.baselines.rules import (
    Breakeven,
    MiningOnly,
    NightMining,
    Random,
    breakeven_usd_per_mwh,
    peak_ratio,
    share_of_left,
)
from hybrid_env.sim.action import MINING, MINING_1
from tests.baselines.tiny import flat_forecast, lanes, rebuilt, view
from tests.strategies import wild_trace
from tests.workbench import calm_trace, column, site_with

TWO_FLEETS = {
    "mining.fleets": [{"model": "S19j Pro", "nameplate_mw": 25}, {"model": "S21", "nameplate_mw": 40}],
    "network.pool_fee_frac": 0,
}
"""29.5 and 17.5 J/TH."""
HASHPRICE = 1.676380634e-4 * 3.125 * 100_000
"""USD/PH/day on the calm trace."""
DEAR, CHEAP = 1_000.0, 1.0


def mining(policy: Breakeven, *prices: float, fleets: bool = False) -> list[float]:
    """The mining action at each of some successive prices."""
    price = column(dict(enumerate(prices, 8)), CHEAP)
    batch = lanes(site_with(TWO_FLEETS if fleets else {}), calm_trace(price_lmp_usd_per_mwh=price), [8])
    policy.reset(batch)
    out = []
    for _ in prices:
        actions = policy.act(batch)
        out.append(float(actions[0, MINING]))
        batch.step(actions)
    return out


def test_breakeven_is_a_days_hashprice_over_a_days_energy() -> None:
    """1 PH/s at 29.5 J/TH takes 29.5 kW, 0.708 MWh a day."""
    found = breakeven_usd_per_mwh(view(site_with(TWO_FLEETS), calm_trace(), 8))
    np.testing.assert_allclose(found, [[HASHPRICE / 0.708, HASHPRICE / 0.42]], rtol=1e-6)


def test_each_fleet_goes_off_at_its_own_breakeven() -> None:
    """74 USD/MWh for the S19j Pro, 125 for the S21."""
    site = site_with(TWO_FLEETS | {"mining.control": "per_fleet"})
    batch = lanes(site, calm_trace(price_lmp_usd_per_mwh=100), [8])
    policy = Breakeven(windows_down=1)
    policy.reset(batch)
    assert policy.act(batch)[0, [MINING, MINING_1]].tolist() == [-1, 1]


def switching_prices(hashprice: float) -> tuple[float, float]:
    """Price at which breakeven curtails an S21 as power gets dearer, and at which it resumes as it gets cheaper."""
    price = 3.0 * np.minimum(np.arange(192), 192 - np.arange(192))
    trace = calm_trace(price_lmp_usd_per_mwh=price, btc_usd=100_000 * hashprice / HASHPRICE)
    batch = lanes(site_with({"gpu": None, "battery": None}), trace, [1])
    policy = Breakeven()
    policy.reset(batch)
    on = []
    for _ in range(189):
        actions = policy.act(batch)
        on.append(actions[0, MINING] > 0)
        batch.step(actions)
    off, again = on.index(False), len(on) - on[::-1].index(False)
    assert not any(on[off:again])
    return float(price[1 + off]), float(price[1 + again])


def test_a_higher_hashprice_curtails_at_a_higher_price() -> None:
    """As Texan miners do (arXiv 2606.00587); hysteresis acts two intervals after, or four below, breakeven."""
    hashprices = np.array([25, 40, 60, 90])
    even = hashprices * 0.99 / 0.42
    off, again = np.array([switching_prices(float(hashprice)) for hashprice in hashprices]).T
    assert (np.diff(off) > 0).all() and (np.diff(again) > 0).all()
    assert ((off - even > 0) & (off - even <= 6)).all()
    assert ((even - again > 0) & (even - again <= 12)).all()


def test_one_dear_interval_is_not_enough_to_switch_off() -> None:
    assert mining(Breakeven(), CHEAP, DEAR, CHEAP, DEAR, CHEAP) == [1] * 5


def test_two_dear_intervals_switch_off() -> None:
    assert mining(Breakeven(), CHEAP, DEAR, DEAR, DEAR) == [1, 1, -1, -1]


def test_four_cheap_intervals_switch_on_again() -> None:
    assert mining(Breakeven(), DEAR, DEAR, CHEAP, CHEAP, CHEAP, CHEAP) == [1, -1, -1, -1, -1, 1]


def test_a_dear_interval_starts_the_count_of_cheap_ones_anew() -> None:
    seen = mining(Breakeven(), DEAR, DEAR, CHEAP, CHEAP, CHEAP, DEAR, CHEAP, CHEAP, CHEAP, CHEAP)
    assert seen == [1, -1, -1, -1, -1, -1, -1, -1, -1, 1]


def test_windows_and_margin_can_be_chosen() -> None:
    assert mining(Breakeven(windows_down=1, windows_up=1), DEAR, CHEAP) == [-1, 1]
    assert mining(Breakeven(windows_down=1, margin_frac=20.0), DEAR) == [1]


def test_a_reset_forgets_what_was_off() -> None:
    policy = Breakeven()
    assert mining(policy, DEAR, DEAR)[-1] == -1
    assert mining(policy, DEAR) == [1]


def test_between_breakevens_only_the_more_efficient_fleets_power_is_asked_for() -> None:
    """Which machines spend it is the site's own merit order."""
    between = HASHPRICE / 0.55
    batch = lanes(site_with(TWO_FLEETS), calm_trace(price_lmp_usd_per_mwh=between), [8])
    policy = Breakeven()
    policy.reset(batch)
    for _ in range(3):
        batch.step(policy.act(batch))
    assert batch.lanes["fleet_mw"][0].sum() == pytest.approx(float(batch.parameters[0]["fleet_max_mw"][1]), rel=1e-5)


def test_what_is_asked_for_is_a_share_of_what_is_left() -> None:
    """With 200 MW to import, the 40 MW fleet is never limited, so its own maximum is what is left."""
    seen = view(site_with(), calm_trace(), 8)
    most = float(seen.p["mining_max_mw"])
    assert share_of_left(seen, np.array([most / 4])) == pytest.approx(-0.5)
    assert share_of_left(seen, np.array([9_999.0])) == 1


@pytest.mark.parametrize("offset_h", [0.0, -6.0, 5.5])
def test_night_mining_runs_from_ten_to_six_local_time(offset_h: float) -> None:
    trace = wild_trace(1, utc_offset_h=offset_h, days=2)
    rows = list(range(4, 100))
    batch = lanes(site_with(), trace, rows)
    on = NightMining().act(batch)[:, MINING] == 1
    hour = (np.array(rows) / 4 + offset_h) % 24
    np.testing.assert_array_equal(on, (hour >= 22) | (hour < 6))
    assert on.sum() == 32


def test_mining_only_lets_all_gpu_work_rest() -> None:
    batch = lanes(site_with(), calm_trace(), [8, 9])
    np.testing.assert_array_equal(MiningOnly().act(batch)[:, :7], [[1, -1, -1, -1, -1, 0, 0]] * 2)


def peak_day(month: int) -> View:
    """The hour of the highest load of the day and of the month."""
    trace = rebuilt(
        calm_trace(system_load_mw=60_000), datetime(2025, month, 10, tzinfo=UTC),
        flat_forecast(48, system_load_mw=80_000),
    )  # fmt: skip
    return view(site_with(), trace, 40)


@pytest.mark.parametrize("month", range(1, 13))
def test_peaks_are_feared_in_summer_alone(month: int) -> None:
    expected = 1.0 if month in (6, 7, 8, 9) else 0.0
    assert peak_ratio(peak_day(month)) == expected


def test_the_ratio_is_taken_over_the_highest_load_of_the_month_so_far() -> None:
    seen = peak_day(7)
    seen.lanes["month_peak_mw"] = 100_000
    assert peak_ratio(seen) == pytest.approx(0.8)


@pytest.mark.parametrize(("month", "action"), [(7, -1), (1, 1)])
def test_the_peak_rule_rests_mining_through_a_feared_peak(month: int, action: int) -> None:
    batch = peak_day(month).batch
    policy = Breakeven(peak_ratio=0.97)
    policy.reset(batch)
    assert policy.name == "breakeven_peaks"
    assert policy.act(batch)[0, MINING] == action


def test_random_actions_come_again_after_a_reset_and_differ_by_seed() -> None:
    batch = lanes(site_with(), calm_trace(), [8, 9])
    policy = Random(5)
    policy.reset(batch)
    first = [policy.act(batch) for _ in range(3)]
    policy.reset(batch)
    np.testing.assert_array_equal(first, [policy.act(batch) for _ in range(3)])
    assert (np.abs(first) <= 1).all() and (first[0] != first[1]).any()
    assert (Random(6).act(batch) != first[0]).any()
