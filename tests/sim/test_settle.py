"""The end of an episode: what is left is worth, and windows add up."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.batch import Batch
from hybrid_env.sim.ledger import USD_ACCOUNTS
from hybrid_env.sites.site import load_site
from hybrid_env.traces.library import Library
from tests.strategies import actions, wild_trace
from tests.workbench import OFF, Workbench, calm_trace, site_with

TERMINAL = USD_ACCOUNTS.index("terminal")


def test_the_terminal_account_is_posted_at_truncation_alone() -> None:
    b = Workbench(horizon=3)
    pages = [b.play(battery=-1.0) for _ in range(3)]
    assert [p.page["truncated"] for p in pages] == [0, 0, 1]
    assert pages[0].usd("terminal") == pages[1].usd("terminal") == 0 < pages[2].usd("terminal")


def test_a_charged_megawatt_hour_is_worth_what_it_can_deliver() -> None:
    b = Workbench(horizon=1)
    page = b.play(battery=-1.0)
    assert page.usd("terminal") == pytest.approx(5 * 0.922 * 0.922 * 40)


def test_machines_put_to_sleep_are_worth_their_next_start_less() -> None:
    assert Workbench(horizon=1).play(mining=-1.0).usd("terminal") == pytest.approx(-20 * 40)


def test_open_work_is_worth_half_its_price() -> None:
    trace = calm_trace(jobs=[(4, 90, 1_000, 5_000, 2.0)], training_load=1)
    page = Workbench(trace=trace, horizon=1).play(OFF, mining=1.0)
    assert page.usd("terminal") == pytest.approx(0.5 * 1 * 250 + 0.5 * 2.0 * 5_000)


def test_unused_throttle_hours_are_worth_what_the_site_says() -> None:
    b = Workbench(site_with({"gpu.throttle_value_usd_per_h": 100}), horizon=1)
    used = b.play(reserved=-1.0).usd("terminal")
    b = Workbench(site_with({"gpu.throttle_value_usd_per_h": 100}), horizon=1)
    assert b.play().usd("terminal") - used == pytest.approx(100 * 0.25)


def test_two_windows_add_up_to_one_roll() -> None:
    site, trace = load_site("texas_wind"), wild_trace(5, utc_offset_h=-6)
    luck, plan = np.full((1, 8), 0.4), actions(3, 192, 1)

    def begun(end: int) -> Batch:
        batch = Batch(site, Library([trace]), 1)
        batch.begin(np.zeros(1, np.int64), np.array([[0, 8, end]]), luck)
        return batch

    whole, parts = begun(200), begun(104)
    total, split = 0.0, 0.0
    for h, action in enumerate(plan):
        if h == 96:  # the second window starts where the first ended
            assert parts.ledger["truncated"][0] == 1
            lane = parts.lanes[0]
            lane["start_value_usd"] += parts.ledger["usd"][0, TERMINAL]
            lane["end_row"] = 200
        whole.step(action)
        parts.step(action)
        total += float(whole.ledger["usd"].sum())
        split += float(parts.ledger["usd"].sum())
        assert whole.ledger["usd"][0, :TERMINAL].tobytes() == parts.ledger["usd"][0, :TERMINAL].tobytes()
    assert split == pytest.approx(total, rel=1e-12)


def test_nothing_happens_twice_at_a_month_end() -> None:
    b = Workbench(trace=calm_trace(days=3), row=190)
    pages = [b.play() for _ in range(4)]
    assert len({round(p.total_usd, 6) for p in pages}) == 1
