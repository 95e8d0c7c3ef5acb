"""Proof of work on idle GPUs against hand calculation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import Workbench, calm_trace, site_with

IDLE = 5_000
"""GPUs of the bench that are neither reserved (2,000), asked for by inference (1,000) nor rented on spot (2,000)."""


def bench(changes: dict[str, Any] | None = None, usd_per_gpu_h: float = 0.04, limit_mw: float = 1e6) -> Workbench:
    """The bench site with no switching time and 0.04 USD per GPU-hour, unless given."""
    mining = {"gpu.gpu_mining": {"power_frac": 0.75, "switch_s": 0}}
    trace = calm_trace(gpu_pow_usd_per_gpu_h=usd_per_gpu_h, import_limit_mw=limit_mw)
    return Workbench(site_with(mining | (changes or {})), trace)


def test_idle_gpus_earn_what_the_trace_says_at_their_share_of_power() -> None:
    b = bench()
    none, all_of_them = b.play(gpu_mining=-1.0), b.play(gpu_mining=1.0)
    assert none.usd("gpu_mining") == 0
    assert all_of_them.usd("gpu_mining") == pytest.approx(IDLE / 4 * 0.04)
    assert all_of_them.work("gpu_h_gpu_mining") == pytest.approx(IDLE / 4)
    assert all_of_them.mwh("gpu") - none.mwh("gpu") == pytest.approx(IDLE * 0.75 * 0.8e-3 / 4)


def test_the_action_is_a_share_of_the_idle_gpus() -> None:
    b = bench()
    b.play(gpu_mining=-0.5)
    assert float(b.lane["pow_gpus"]) == pytest.approx(IDLE / 4)


def test_spot_and_training_come_first() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][3] = 4_000 / 4
    b.play(gpu_mining=1.0)
    assert float(b.lane["spot_gpus"]) == pytest.approx(2_000)
    assert float(b.lane["pow_gpus"]) == pytest.approx(IDLE - 4_000)


def test_only_newly_switched_gpus_lose_their_switching_time() -> None:
    b = bench({"gpu.gpu_mining.switch_s": 180})
    hours = [b.play(gpu_mining=a).work("gpu_h_gpu_mining") for a in (0.0, 1.0, 1.0, -1.0, 1.0)]
    half, lost = IDLE / 2, 0.2
    expected = [half * (1 - lost), half + half * (1 - lost), IDLE, 0, IDLE * (1 - lost)]
    assert hours == pytest.approx([x / 4 for x in expected])


def test_it_is_the_first_gpu_work_that_a_limit_cuts() -> None:
    b = bench({"battery": None}, limit_mw=9.0)
    page = b.play(gpu_mining=1.0, mining=-1.0)
    assert 0 < float(b.lane["pow_gpus"]) < IDLE
    assert page.work("gpu_h_spot") == pytest.approx(2_000 / 4) and page.work("shed_mwh") == 0
    assert 9.0 - 0.1 < page.mwh("import") * 4 <= 9.0 + 1e-9


def test_a_hot_hall_slows_it_like_all_work() -> None:
    b = bench()
    b.lane["gpu_hall_c"] = 35
    assert b.play(gpu_mining=1.0).usd("gpu_mining") == pytest.approx(IDLE / 4 * 0.04 * 0.7)


def test_what_it_earns_and_how_many_mine_is_seen() -> None:
    b = bench(usd_per_gpu_h=0.05)
    b.play(gpu_mining=1.0)
    assert b.observed("gpu_pow_usd_per_gpu_h") == pytest.approx(0.5)
    assert b.observed("gpu_mining_frac") == pytest.approx(2 * IDLE / 8_000 - 1)
