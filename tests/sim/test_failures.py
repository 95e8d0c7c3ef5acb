"""Blocks of machines that break and are repaired."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing
from tests.workbench import Page, Workbench, calm_trace, column, site_with

PER_ROW = 0.25 / (730.5 * 4)
"""Chance of a failure in a quarter of an hour: a quarter of a block a month."""
NEVER, SURELY = 1.0, 0.0


def bench(u: dict[int, float], fleets: int = 1, **failures: Any) -> Workbench:
    """The bench site with failures; `u` is the hidden number in some rows, 1 otherwise. Episodes begin in row 4."""
    changes = {"mining.failures": failures, "mining.max_hash_frac": 1.0, "mining.fleets": [
        {"model": "S21", "nameplate_mw": 40 / fleets} for _ in range(fleets)
    ]}  # fmt: skip
    b = Workbench(site_with(changes), calm_trace(u_fail_0=column(u, NEVER)))
    b.lane["mining_hall_c"] = 30
    return b


def fails(b: Workbench) -> bool:
    return b.play().work("blocks_failed") == 1


@pytest.mark.parametrize(("times", "found"), [(0.99, True), (1.01, False)])
def test_a_block_fails_where_the_hidden_number_is_below_the_hazard(times: float, found: bool) -> None:
    assert fails(bench({4: PER_ROW * times})) == found


@pytest.mark.parametrize(("hall_c", "factor"), [(20, 1), (30, 1), (35, 1.5), (40, 2), (45, 3), (46.9, 3.38)])
def test_heat_doubles_the_hazard_every_ten_kelvin(hall_c: float, factor: float) -> None:
    for times, found in [(0.99, True), (1.01, False)]:
        b = bench({4: PER_ROW * factor * times})
        b.lane["mining_hall_c"] = hall_c
        assert fails(b) == found


def test_a_cold_start_is_a_hazard_of_its_own() -> None:
    for times, found in [(0.99, True), (1.01, False)]:
        b = bench({4: (PER_ROW + 50 * 5e-5) * times})
        b.lane["fleet_awake"] = 0
        assert fails(b) == found


def test_sleeping_machines_do_not_fail() -> None:
    assert bench({4: SURELY}).play(mining=-1.0).work("blocks_failed") == 0


def test_a_failed_block_costs_its_repair_and_is_missed_from_the_next_interval_on() -> None:
    b = bench({4: SURELY}, repair_s=1e8)
    first, second = b.play(), b.play()
    assert first.usd("repair") == pytest.approx(-57_000 * 40 / 50) and second.usd("repair") == 0
    assert second.usd("mining") == pytest.approx(first.usd("mining") * 0.98, rel=1e-5)
    assert second.mwh("mining") * 4 - 0.4 == pytest.approx((first.mwh("mining") * 4 - 0.4) * 0.98, rel=1e-5)


def test_what_is_broken_comes_back_exponentially_and_is_started_again() -> None:
    b = bench({4: SURELY}, blocks=1, repair_s=3_600)
    b.play()
    assert b.lane["fleet_healthy"][0] == b.lane["fleet_awake"][0] == 0
    pages = [b.play() for _ in range(8)]
    assert b.lane["fleet_healthy"][0] == pytest.approx(1 - math.exp(-2))
    assert pages[0].usd("mining") == 0 < pages[1].usd("mining")
    assert sum(page.work("mw_started") for page in pages) == pytest.approx(40 * (1 - math.exp(-7 / 4)))


def test_each_fleet_has_its_own_luck() -> None:
    b = bench({4: SURELY}, fleets=3)
    b.play()
    assert b.lane["fleet_healthy"][:3] == pytest.approx([0.98, 1, 1])


def test_the_healthy_share_is_seen() -> None:
    b = bench({4: SURELY})
    b.play()
    assert b.observed("fleet_0_healthy_frac") == pytest.approx(0.96)


def test_a_dispatcher_asks_no_more_of_a_fleet_than_is_whole() -> None:
    b = bench({4: SURELY}, blocks=2, repair_s=1e8)
    b.play()
    b.batch.step(MarketClearing().act(b.batch))
    assert Page(b.batch.ledger[0]).page["clipped_mw"] == pytest.approx(0, abs=1e-6)
    assert b.lane["fleet_mw"][0] == pytest.approx(b.p["fleet_max_mw"][0] / 2, rel=1e-5)


def test_without_failures_the_hidden_number_is_not_read() -> None:
    site = site_with()
    one, other = Workbench(site), Workbench(site, calm_trace(u_fail_0=SURELY))
    one.play()
    other.play()
    np.testing.assert_array_equal(one.batch.ledger, other.batch.ledger)
    assert one.lane.tobytes() == other.lane.tobytes()


def test_each_of_four_fleets_reads_its_own_number() -> None:
    for f in range(4):
        changes = {"mining.failures": {}, "mining.fleets": [{"model": "S21", "nameplate_mw": 10}] * 4}
        luck: dict[str, Any] = {f"u_fail_{f}": column({4: SURELY}, NEVER)}
        b = Workbench(site_with(changes), calm_trace(**luck))
        b.play()
        assert [float(x) for x in b.lane["fleet_healthy"]] == [0.98 if k == f else 1.0 for k in range(4)]
        assert [b.observed(f"fleet_{k}_healthy_frac") < 1 for k in range(4)] == [k == f for k in range(4)]


def test_a_cold_start_in_the_heat_is_no_worse() -> None:
    """At 40 C running is twice as bad; starting is not."""
    for times, found in [(0.99, True), (1.01, False)]:
        b = bench({4: (2 * PER_ROW + 50 * 5e-5) * times})
        b.lane["fleet_awake"], b.lane["mining_hall_c"] = 0, 40
        assert fails(b) == found


def test_a_broken_block_costs_by_the_size_of_its_own_fleet() -> None:
    fleets = [{"model": "S21", "nameplate_mw": 30}, {"model": "S21", "nameplate_mw": 10}]
    site = site_with({"mining.failures": {}, "mining.fleets": fleets})
    page = Workbench(site, calm_trace(u_fail_1=column({4: SURELY}, NEVER))).play()
    assert page.usd("repair") == pytest.approx(-57_000 * 10 / 50)


def test_no_more_breaks_than_is_whole() -> None:
    b = bench({4: SURELY}, repair_s=1e8)
    b.lane["fleet_healthy"], b.lane["fleet_awake"] = 0.01, 0.01  # half a block
    page = b.play()
    assert float(b.lane["fleet_healthy"][0]) == 0
    assert page.usd("repair") == pytest.approx(-57_000 * 40 * 0.01, rel=1e-3)


def test_what_breaks_while_it_boots_boots_no_more() -> None:
    site = site_with({"mining.failures": {"blocks": 1}, "mining.boot_s": 3_600})
    b = Workbench(site, calm_trace(u_fail_0=column({4: SURELY}, NEVER)))
    b.lane["fleet_awake"] = 0
    b.play()
    assert b.lane["fleet_awake"][0] == b.lane["fleet_boot_share"][0] == 0


@pytest.mark.parametrize("control", ["shared", "per_fleet"])
def test_broken_machines_draw_nothing(control: str) -> None:
    """Half of the better fleet is broken, the other is whole."""
    fleets = [{"model": "S21", "nameplate_mw": 20}, {"model": "S19j Pro", "nameplate_mw": 20}]
    changes = {"mining.failures": {"repair_s": 1e8}, "mining.control": control, "mining.fleets": fleets}
    b = Workbench(site_with(changes), calm_trace(u_fail_0=NEVER))
    b.lane["fleet_healthy"][0] = b.lane["fleet_awake"][0] = 0.5
    b.play()
    most = b.p["fleet_max_mw"][:2]
    assert b.lane["fleet_mw"][:2] == pytest.approx([most[0] / 2, most[1]])
