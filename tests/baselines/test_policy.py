"""What policies may know, in units that they can reckon with; and that they know no more."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.policy import DAY_LEADS, FULL, OFF, View, constant
from hybrid_env.baselines.registry import make_policy, policy_kind, policy_names
from hybrid_env.batch import defaults
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sim.ledger import WORK_MEASURES
from hybrid_env.traces.schema import CALENDAR, COLUMNS, FORECAST_LEADS_H, FORECAST_VARIABLES
from tests.baselines.tiny import DAY, TEXAS, lanes, last_action, rebuilt, view, with_another_future
from tests.strategies import wild_trace
from tests.workbench import Workbench, calm_trace, column, site_with, unpublished

WILD = wild_trace(3, utc_offset_h=-6, days=4)
MOMENTS = (2 * DAY, 2 * DAY + 3, 2 * DAY + 77, 2 * DAY + 80)
"""Rows; local midnight is at hour 6 of the trace's day, so day-ahead prices come out at row 78 of it."""
HONEST = [name for name in policy_names() if policy_kind(name) != "reference"]


@pytest.mark.parametrize("name", [name for name in COLUMNS if unpublished(name)])
def test_a_column_published_later_is_refused_now(name: str) -> None:
    with pytest.raises(KeyError, match=f"{name} of the coming interval is not published yet"):
        view(TEXAS, WILD, 8).now(name)


def test_a_hidden_column_is_refused_even_afterwards() -> None:
    with pytest.raises(KeyError, match="cp_weight is not published"):
        view(TEXAS, WILD, 8).last("cp_weight")


def test_only_calendar_columns_are_read_as_the_calendar() -> None:
    seen = view(TEXAS, WILD, 8)
    for name in CALENDAR:
        assert seen.calendar(name) == WILD.rows[name][8]
    with pytest.raises(KeyError, match="price_rt_usd_per_mwh is not a calendar column"):
        seen.calendar("price_rt_usd_per_mwh")


def test_a_lane_sees_its_own_row_now_and_the_row_before_as_the_last() -> None:
    seen = view(TEXAS, WILD, 8, 40)
    np.testing.assert_array_equal(seen.now("price_lmp_usd_per_mwh"), WILD.rows["price_lmp_usd_per_mwh"][[8, 40]])
    np.testing.assert_array_equal(seen.last("price_rt_usd_per_mwh"), WILD.rows["price_rt_usd_per_mwh"][[7, 39]])


def test_own_generation_is_expected_to_stay_as_it_was_last_metered() -> None:
    trace = calm_trace(wind_cf=column({7: 0.25}, 0.9))
    assert view(TEXAS, trace, 8).own_mw() == pytest.approx(0.25 * 80)


def test_the_lower_of_both_import_limits_is_in_force() -> None:
    trace = calm_trace(import_limit_mw=column({8: 40}, 1e6))
    np.testing.assert_array_equal(view(TEXAS, trace, 8, 9).import_limit_mw(), [40, 100])


def test_a_ramp_limits_what_may_be_imported_now() -> None:
    batch = Workbench(site_with({"meter.ramp_mw_per_min": 1, "battery": None})).batch
    assert View(batch).import_now_mw() == pytest.approx(200)
    batch.step(constant(1, mining=OFF))
    assert View(batch).import_now_mw() == pytest.approx(float(batch.lanes["import_mw"][0]) + 15)
    assert View(batch).import_limit_mw() == 200


@pytest.mark.parametrize("name", ["market_clearing", "mpc"])
def test_policies_ask_for_no_more_than_a_ramp_allows(name: str) -> None:
    """Left at rest, they take the whole ramp, and GPU work is not shed for it."""
    batch = Workbench(site_with({"meter.ramp_mw_per_min": 1, "battery": None})).batch
    policy = make_policy(name)
    policy.reset(batch)
    batch.step(constant(1, mining=OFF))
    for _ in range(2):
        before = float(batch.lanes["import_mw"][0])
        batch.step(policy.act(batch))
        assert float(batch.lanes["import_mw"][0]) == pytest.approx(before + 15, abs=0.5)
        assert batch.ledger["work"][0, WORK_MEASURES.index("shed_mwh")] == 0


def test_hashprice_is_reckoned_from_published_figures() -> None:
    """86,400e15 hashes at 1.2e14 * 2^32 a block find 1.6764e-4 blocks of 3.125 + 0.5 BTC at 90,000 USD."""
    trace = calm_trace(btc_usd=column({7: 90_000}, 1), fees_btc_per_block=column({7: 0.5}, 0))
    assert view(TEXAS, trace, 8).hashprice_usd_per_ph_day() == pytest.approx(1.676380634e-4 * 3.625 * 90_000, rel=1e-6)


def test_forecasts_are_those_of_the_hour_in_physical_units() -> None:
    seen = view(TEXAS, WILD, 11, 12)
    for k, name in enumerate(FORECAST_VARIABLES):
        np.testing.assert_array_equal(seen.forecast(name), WILD.forecast[[2, 3], k].astype(float))
    assert [h for h, first_day in zip(FORECAST_LEADS_H, DAY_LEADS, strict=True) if first_day][-1] == 24


@pytest.mark.parametrize("offset_h", [0.0, -6.0, 5.5])
def test_the_local_hour_is_the_clock_on_the_wall(offset_h: float) -> None:
    trace = rebuilt(wild_trace(1, utc_offset_h=offset_h, days=2))
    rows = np.arange(4, DAY + 4)
    found = View(lanes(site_with(), trace, rows.tolist())).local_hour()
    np.testing.assert_allclose(found, (rows / 4 + offset_h) % 24, atol=1e-3)


def test_a_constant_names_its_actions_and_leaves_the_others_at_their_default() -> None:
    chosen = constant(2, mining=FULL, spot=OFF)
    np.testing.assert_array_equal(chosen[:, :7], [[1, 1, 1, 1, -1, 0, 0]] * 2)
    np.testing.assert_array_equal(chosen[:, 7:], defaults(2)[:, 7:])
    assert chosen.dtype == np.float32 and chosen.shape == (2, len(ACTIONS))
    with pytest.raises(ValueError, match="not in tuple"):
        constant(2, minning=FULL)


@pytest.mark.parametrize("row", MOMENTS)
@pytest.mark.parametrize("name", HONEST)
def test_no_baseline_sees_the_future(name: str, row: int) -> None:
    first = row - row % 4 - 8
    known = last_action(make_policy(name), WILD, first, row)
    for seed in (0, 1):
        other = last_action(make_policy(name), with_another_future(WILD, row, seed), first, row)
        np.testing.assert_array_equal(known, other)


def test_the_labelled_reference_does_see_the_future() -> None:
    row = MOMENTS[0]
    known = last_action(make_policy("p24"), WILD, row, row)
    others = [last_action(make_policy("p24"), with_another_future(WILD, row, seed), row, row) for seed in (0, 1)]
    assert any((known != other).any() for other in others)
