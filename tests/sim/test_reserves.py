"""Reserves by hand: gate, pay, holding, calls, trips."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import FULL, OFF, Workbench, calm_trace, column, site_with

QUICK: dict[str, Any] = {"name": "quick", "response_s": 0, "duration_h": 2}
SLOW: dict[str, Any] = {"name": "slow", "response_s": 450, "duration_h": 0.5}
PRICED: dict[str, Any] = {"reserve_0_usd_per_mw_h": 8.0, "reserve_1_usd_per_mw_h": 4.0}
IDLE = FULL | {"reserve_0": -1.0, "reserve_1": -1.0}
"""Everything runs, nothing is offered."""


def bench(rules: dict[str, Any] | None = None, products: tuple[dict[str, Any], ...] = (QUICK, SLOW), **columns: Any):
    """At row 4 with 10 MW for sale, read in the last interval of an hour; 40 MW of mining run."""
    site = site_with({"reserves": {"products": products, "max_mw": 10, "gate_closure_s": 900, **(rules or {})}})
    return Workbench(site, calm_trace(**(PRICED | columns)))


def sold(b: Workbench, **offer: float):
    """Play the hour of rows 4 to 7 with an offer at its end; the award is that of rows 8 to 11."""
    for _ in range(3):
        b.play(IDLE)
    b.play(IDLE | offer)
    return b


def test_only_the_offer_at_the_gate_counts() -> None:
    b = bench()
    for offer in (1.0, 1.0, 1.0, 0.0):
        b.play(IDLE | {"reserve_0": offer})
    assert b.lane["award_mw"].tolist() == [5, 0, 0]
    b = bench()
    for offer in (1.0, 1.0, 1.0, -1.0):
        b.play(IDLE | {"reserve_0": offer})
    assert b.lane["award_mw"].tolist() == [0, 0, 0]


def test_an_offer_an_hour_ahead_waits_until_its_hour() -> None:
    b = bench({"gate_closure_s": 3600})
    b.play(reserve_0=1.0, reserve_1=-1.0)
    assert b.lane["sold_mw"][0] == 10 and b.lane["award_mw"][0] == 0
    assert b.observed("reserve_0_sold_frac") == 1 and b.observed("reserve_0_award_frac") == -1
    for _ in range(3):
        b.play(IDLE)
    assert b.lane["sold_mw"][0] == 0 and b.lane["award_mw"][0] == 10


def test_all_products_together_stay_within_what_may_be_sold() -> None:
    b = sold(bench(), reserve_0=1.0, reserve_1=0.0)
    assert b.lane["award_mw"][:2].tolist() == pytest.approx([20 / 3, 10 / 3])


def test_a_tiny_offer_is_not_taken() -> None:
    assert sold(bench(), reserve_0=-0.99).lane["award_mw"][0] == 0


def test_standing_ready_is_paid_by_the_hour() -> None:
    page = sold(bench(), reserve_0=1.0).play(IDLE)
    assert page.usd("reserve_pay") == pytest.approx(10 * 8 / 4)
    assert page.usd("reserve_penalty") == 0
    assert page.work("reserve_mw_h") == pytest.approx(2.5)


def test_what_is_not_held_loses_its_pay_and_pays_double() -> None:
    page = sold(bench(), reserve_0=1.0).play(IDLE | {"mining": -0.8})
    held = (page.mwh("mining") - 0.01 * 40 / 4) * 4
    assert 0 < held < 10
    assert page.usd("reserve_penalty") == pytest.approx(-(10 - held) * 8 * 3 / 4)
    assert page.work("reserve_short_mw_h") == pytest.approx((10 - held) / 4)


def test_a_charging_battery_holds_reserves_too() -> None:
    page = sold(bench(), reserve_0=1.0).play(IDLE | {"mining": -1.0, "battery": -0.3})
    assert page.work("reserve_short_mw_h") == pytest.approx((10 - 6) / 4)


def test_what_is_short_is_priced_at_the_mean_of_what_was_sold() -> None:
    page = sold(bench(), reserve_0=0.0, reserve_1=0.0).play(OFF)
    assert page.usd("reserve_penalty") == pytest.approx(-10 * 6 * 3 / 4)


def called(rules: dict[str, Any] | None = None, frac: float = 1.0, first: int = 9, **rest: Any) -> Workbench:
    """10 MW of the quick product are sold; a call begins at row 9, after one interval at full load."""
    b = sold(
        bench(rules, reserve_0_deploy_frac=column(dict.fromkeys(range(first, 16), frac), 0.0), **rest), reserve_0=1
    )
    b.play(IDLE)
    return b


def dropped_to(b: Workbench, share: float, **more: float):
    page = b.play(IDLE | {"mining": 2 * share - 1} | more)
    return page, (page.mwh("mining") - 0.01 * 40 / 4) * 4


def test_a_call_that_is_followed_costs_nothing() -> None:
    b = called()
    base = b.lane["base_mw"]
    page, mw = dropped_to(b, (base - 10) / base)
    assert mw == pytest.approx(base - 10) and page.usd("reserve_penalty") == 0
    assert page.work("reserve_called_mwh") == pytest.approx(2.5)
    assert page.usd("reserve_pay") == pytest.approx(20)  # a called megawatt is paid for too
    assert b.lane["base_mw"] == base  # the base is that of before the call


def test_a_call_that_is_ignored_costs_all_beyond_the_tolerance() -> None:
    page, _ = dropped_to(called(), 1.0)
    assert page.usd("reserve_penalty") == pytest.approx(-0.97 * 10 * 1000 / 4)


def test_a_part_of_the_award_may_be_called_and_the_rest_must_still_be_held() -> None:
    b = called(frac=0.4)
    page, _ = dropped_to(b, 0.0)
    assert page.usd("reserve_penalty") == pytest.approx(-6 * 8 * 3 / 4)
    assert b.observed("reserve_due_frac") == pytest.approx(2 * 0.4 - 1)


def test_nothing_is_due_before_the_response_time_or_after_the_duration() -> None:
    call = column(dict.fromkeys(range(9, 16), 1.0), 0.0)
    b = sold(bench(reserve_1_deploy_frac=call), reserve_1=1)
    missed = [-b.play(IDLE).usd("reserve_penalty") / 250 for _ in range(4)]
    assert missed == pytest.approx([0, 0.97 * 5, 0.97 * 10, 0])  # half of the first interval, then until half an hour


def test_a_site_that_sold_nothing_owes_nothing() -> None:
    b = bench(reserve_0_deploy_frac=1.0)
    b.play(IDLE | {"mining": -1.0})
    assert b.play(IDLE).usd("reserve_penalty") == 0


def test_a_relay_drops_the_whole_award_at_any_call() -> None:
    b = called({"load_type": "plain"}, frac=0.1)
    base = b.lane["base_mw"]
    page, mw = dropped_to(b, 1.0)
    assert mw == pytest.approx(base - 10)
    assert page.usd("reserve_penalty") == 0 and page.work("reserve_called_mwh") == pytest.approx(2.5)


def test_a_relay_leaves_a_site_alone_that_sold_nothing() -> None:
    b = bench({"load_type": "plain"}, reserve_0_deploy_frac=1.0)
    assert b.play(IDLE).mwh("mining") == pytest.approx(bench().play(IDLE).mwh("mining"))


def test_the_gate_is_announced() -> None:
    b = bench()
    seen = []
    for _ in range(4):
        seen.append(b.observed("reserve_gate_open"))
        b.play(IDLE)
    assert seen == [-1, -1, -1, 1]


def test_what_is_short_while_another_product_is_called_is_priced_by_what_should_stand_ready() -> None:
    """5 MW of each are sold; the dear product is called and dropped, the cheap one cannot drop any more."""
    page = sold(bench(reserve_0_deploy_frac=column({8: 1.0}, 0.0)), reserve_0=0.0, reserve_1=0.0).play(OFF)
    assert page.usd("reserve_penalty") == pytest.approx(-5 * 4 * 3 / 4)


def test_the_third_product_has_a_price_and_calls_of_its_own() -> None:
    third = {"name": "third", "response_s": 0, "duration_h": 1}
    calls = column({8: 1.0}, 0.0)
    b = sold(bench(None, (QUICK, SLOW, third), reserve_2_usd_per_mw_h=7.0, reserve_2_deploy_frac=calls), reserve_2=1.0)
    first, second = b.play(IDLE), b.play(IDLE)
    assert first.usd("reserve_pay") == second.usd("reserve_pay") == pytest.approx(10 * 7 / 4)
    assert first.work("reserve_called_mwh") == pytest.approx(2.5) and second.work("reserve_called_mwh") == 0


def test_a_call_after_a_pause_is_a_new_one() -> None:
    """Due from 450 s on for half an hour, and again from 450 s on after an interval without a call."""
    call = column(dict.fromkeys((8, 9, 11), 1.0), 0.0)
    b = sold(bench(reserve_1_deploy_frac=call), reserve_1=1)
    assert [b.play(IDLE).work("reserve_called_mwh") for _ in range(4)] == pytest.approx([1.25, 2.5, 0, 1.25])


def test_the_base_is_seen_as_a_share_of_all_that_could_drop() -> None:
    b = bench()
    b.play(IDLE)
    most_mw = float(b.p["mining_max_mw"]) + 20
    assert b.observed("reserve_base_frac") == pytest.approx(2 * float(b.lane["base_mw"]) / most_mw - 1, abs=1e-6)
