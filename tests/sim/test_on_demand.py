"""On-demand rental by hand: what is asked, served, paid and lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import Workbench, calm_trace, site_with

DYN = 0.8e-3
RENT = 2.0


def bench(load: float = 0.5, columns: dict[str, Any] | None = None, changes: dict[str, Any] | None = None) -> Workbench:
    """1,000 GPUs are wanted at most; the rest of the bench site is as ever."""
    trace = calm_trace(on_demand_load=load, gpu_rent_usd_per_gpu_h=RENT, **(columns or {}))
    return Workbench(site_with({"gpu.on_demand.peak_gpus": 1_000} | (changes or {})), trace)


@pytest.mark.parametrize(
    "action, ask, accept",
    [
        (-1.0, 0.4, 1.0),
        (-0.5, 0.7, 0.9),
        (0.0, 1.0, 0.7),
        (0.5, 1.3, 0.4),
        (1.0, 1.6, 0.15),
        (0.2, 1.0, 0.7),
        (0.4, 1.3, 0.4),
    ],
)
def test_a_dearer_price_is_paid_by_fewer_customers(action: float, ask: float, accept: float) -> None:
    page = bench().play(asking_price=action)
    assert page.work("gpu_h_on_demand") == pytest.approx(500 * accept / 4)
    assert page.usd("gpu_on_demand") == pytest.approx(500 * accept / 4 * ask * RENT)
    assert page.work("gpu_h_on_demand_lost") == pytest.approx(0, abs=1e-9)


def test_a_cap_loses_less_work_than_power_and_what_is_lost_costs_nothing() -> None:
    b = bench()
    page = b.play(asking_price=-1.0, on_demand=0.4)
    served = page.work("gpu_h_on_demand") / (500 / 4)
    assert float(b.lane["on_demand_mw"]) == pytest.approx(0.7 * 500 * DYN)
    assert 0.88 < served < 0.90
    assert page.work("gpu_h_on_demand_lost") == pytest.approx((1 - served) * 500 / 4)
    assert page.usd("sla_credit") == pytest.approx(0, abs=1e-9)


def test_below_the_knee_gpus_are_paused() -> None:
    b = bench()
    b.play(asking_price=-1.0, on_demand=-0.5)
    assert float(b.lane["on_demand_gpus"]) == pytest.approx(250)
    assert float(b.lane["on_demand_mw"]) == pytest.approx(250 * 0.5 * DYN)


def test_it_comes_after_inference_and_before_training_and_spot() -> None:
    b = bench(1.0, {"inference_load": 1.0}, {"gpu.gpus": 4_600})
    b.lane["bucket_gpu_h"][3] = 1e6
    page = b.play(asking_price=-1.0)
    assert page.work("gpu_h_inference") == pytest.approx(2_000 / 4)
    assert page.work("gpu_h_on_demand") == pytest.approx(600 / 4)
    assert page.work("gpu_h_on_demand_lost") == pytest.approx(400 / 4)
    assert float(b.lane["training_gpus"]) == float(b.lane["spot_gpus"]) == 0


def test_gpus_that_customers_leave_are_trained_on() -> None:
    b = bench(changes={"gpu.gpus": 4_000})
    b.lane["bucket_gpu_h"][3] = 1e6
    b.play(asking_price=1.0)
    assert float(b.lane["training_gpus"]) == pytest.approx(4_000 - 2_000 - 1_000 - 75)


def test_load_and_gpus_served_are_seen_once_settled() -> None:
    b = bench(0.6)
    b.play(asking_price=-0.5)
    assert b.observed("on_demand_load") == pytest.approx(0.2)
    assert b.observed("on_demand_gpus_frac") == pytest.approx(2 * 0.54 - 1, abs=1e-6)


def test_under_a_limit_capped_customers_are_served_with_all_the_power_there_is() -> None:
    """Nothing is left for spot, and each GPU that runs draws 70 %."""
    b = bench(1.0, {"import_limit_mw": 6.0}, {"battery": None})
    b.play(asking_price=-1.0, on_demand=0.4)
    running = float(b.lane["on_demand_gpus"])
    assert 100 < running < 900 and float(b.lane["on_demand_mw"]) == pytest.approx(running * 0.7 * DYN)
    assert float(b.lane["spot_gpus"]) == pytest.approx(0, abs=1e-6)
