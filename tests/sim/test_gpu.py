"""GPU work by class: what it draws, delivers and earns; throttling, shedding, due boundaries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench import OFF, Workbench, calm_trace, column, site_with

DYN = 0.8e-3
"""Dynamic MW of one bench GPU."""
NO_MINING = {"mining": -1.0}


def bench(columns: dict[str, Any] | None = None, row: int = 4, **changes: Any) -> Workbench:
    return Workbench(site_with({f"gpu.{k}": v for k, v in changes.items()}), calm_trace(**(columns or {})), row)


# -- power and pay -----------------------------------------------------------------------------------------------------


def test_idle_gpus_draw_their_idle_power() -> None:
    page = bench({"tenant_load": 0, "inference_load": 0}).play(OFF)
    assert page.mwh("gpu") == pytest.approx(10_000 * 0.2e-3 / 4)


def test_all_classes_at_work_draw_their_gpus_dynamic_power() -> None:
    page = bench().play()
    assert page.mwh("gpu") * 4 == pytest.approx(2 + (2_000 + 1_000 + 2_000) * DYN)


def test_reserved_gpus_are_paid_for_whether_used_or_not() -> None:
    busy, empty = bench().play(), bench({"tenant_load": 0}).play()
    assert busy.usd("gpu_reserved") == empty.usd("gpu_reserved") == pytest.approx(2_000 * 2 / 4)


def test_inference_is_paid_for_what_it_delivers() -> None:
    assert bench().play().usd("gpu_inference") == pytest.approx(1_000 * 3 / 4)


def test_a_capped_inference_class_loses_less_work_than_power() -> None:
    page = bench().play(inference=-1.0)
    delivered = page.usd("gpu_inference") / (1_000 * 3 / 4)
    assert delivered == pytest.approx(1 - 0.70 * 0.5**1.55, abs=1e-6)
    assert page.usd("sla_credit") == pytest.approx(-0.5 * 3 * (1 - delivered) * 1_000 / 4)


def test_spot_earns_its_share_of_the_market_rent() -> None:
    page = bench({"gpu_rent_usd_per_gpu_h": 2.4}).play()
    assert page.usd("gpu_spot") == pytest.approx(2_000 * 0.25 * 2.4 / 4)


def test_spot_takes_no_more_gpus_than_training_leaves() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][3] = 6_500 / 4
    b.play()
    assert float(b.lane["training_gpus"]) == pytest.approx(6_500)
    assert float(b.lane["spot_gpus"]) == pytest.approx(500)


def test_at_70_percent_of_power_training_keeps_81_percent_of_its_throughput() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][7] = 1e6
    page = b.play(training=0.4)
    share = page.work("gpu_h_training") / (7_000 / 4)
    assert 0.80 < share < 0.84


def test_below_the_knee_gpus_are_paused_instead_of_capped_deeper() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][7] = 1e6
    page = b.play(training=-0.5, spot=-1.0)
    assert float(b.lane["training_gpus"]) == pytest.approx(7_000 * 0.25 / 0.5)
    assert page.work("gpu_h_training") == pytest.approx(3_500 / 4 * (1 - 0.96 * 0.5**1.35), rel=1e-6)


def test_a_hot_hall_slows_work_by_6_percent_per_kelvin_above_30() -> None:
    cool, hot = bench(), bench()
    hot.lane["gpu_hall_c"] = 35
    assert hot.play().usd("gpu_inference") == pytest.approx(cool.play().usd("gpu_inference") * 0.7)


def test_spot_that_is_cut_runs_and_pays_until_its_notice_is_over() -> None:
    b = bench(None, **{"spot.notice_s": 360})
    b.play()
    cut, after = b.play(spot=-1.0), b.play(spot=-1.0)
    assert cut.work("gpu_h_spot") == pytest.approx(2_000 / 4 * 0.4 * (1 - 0.70 * 0.5**1.55), rel=1e-6)
    assert cut.usd("gpu_spot") == pytest.approx(cut.work("gpu_h_spot") * 0.25 * 2.2)
    assert after.work("gpu_h_spot") == 0


def test_a_small_cut_of_spot_is_over_within_the_interval() -> None:
    b = bench(None, **{"spot.notice_s": 360})
    b.play()
    b.play(spot=-0.5)
    assert float(b.lane["spot_gpus"]) == pytest.approx(2_000 * 0.5)


def test_training_takes_gpus_from_spot_without_notice() -> None:
    b = bench(None, **{"spot.notice_s": 900})
    b.play()
    b.lane["bucket_gpu_h"][3] = 6_500 / 4
    b.play(spot=-1.0)
    assert float(b.lane["spot_gpus"]) == pytest.approx(500)


# -- take-or-pay throttling -------------------------------------------------------------------------------------------


def test_throttling_within_the_budget_is_free() -> None:
    b = bench()
    page = b.play(reserved=-1.0)
    assert page.usd("sla_credit") == pytest.approx(0, abs=1e-9)
    assert float(b.lane["throttle_used_h"]) == pytest.approx(0.25)
    assert page.work("gpu_h_reserved") == pytest.approx(2_000 * 0.7 / 4)


def test_a_shallow_throttle_uses_the_budget_pro_rata() -> None:
    b = bench()
    b.play(reserved=0.0)
    assert float(b.lane["throttle_used_h"]) == pytest.approx(0.125)


def test_beyond_the_budget_withheld_hours_are_credited_at_their_price() -> None:
    b = bench()
    b.lane["throttle_used_h"] = 5.9
    first, second = b.play(reserved=-1.0), b.play(reserved=-1.0)
    assert first.usd("sla_credit") == pytest.approx(-2 * 2_000 * 0.3 * (0.25 - 0.1))
    assert second.usd("sla_credit") == pytest.approx(-2 * 2_000 * 0.3 * 0.25)
    assert first.work("throttle_h") == second.work("throttle_h") == pytest.approx(0.25)
    assert float(b.lane["throttle_used_h"]) == pytest.approx(6)


def test_the_budget_is_new_every_month() -> None:
    b = Workbench(trace=calm_trace(days=3), row=188)
    b.lane["throttle_used_h"] = 6
    for _ in range(3):
        assert b.play(reserved=-1.0).usd("sla_credit") < 0
    assert float(b.lane["throttle_used_h"]) == 6
    b.play(reserved=-1.0)  # the month's last interval
    assert float(b.lane["throttle_used_h"]) == 0
    assert b.play(reserved=-1.0).usd("sla_credit") == pytest.approx(0, abs=1e-9)


# -- small training jobs ----------------------------------------------------------------------------------------------


def test_arriving_work_spreads_over_the_due_boundaries() -> None:
    b = bench({"training_load": 0.8})
    page = b.play(training=-1.0)
    assert page.work("gpu_h_arrived") == pytest.approx(0.8 * 1_000 / 4)
    assert b.lane["bucket_gpu_h"].tolist() == pytest.approx(
        [200 * s for s in (0.05, 0.15, 0.2, 0.2, 0.15, 0.1, 0.1, 0.05)]
    )


def test_the_earliest_due_work_is_done_first() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][:3] = 1_000
    b.play()
    assert b.lane["bucket_gpu_h"][:3].tolist() == pytest.approx([0, 250, 1_000])


def test_done_work_is_paid_at_its_price() -> None:
    b = bench()
    b.lane["bucket_gpu_h"][5] = 500
    assert b.play().usd("gpu_training") == pytest.approx(500)
    assert b.play().usd("gpu_training") == 0


def test_what_is_left_at_a_due_boundary_is_late_once_and_the_rest_moves_up() -> None:
    b = bench(row=20)
    b.lane["bucket_gpu_h"][:2] = [400, 300]
    pages = [b.play(training=-1.0) for _ in range(4)]
    assert [p.usd("late_penalty") for p in pages] == pytest.approx([0, 0, 0, -0.5 * 400])
    assert pages[3].work("gpu_h_late") == pytest.approx(400)
    assert b.lane["bucket_gpu_h"][:2].tolist() == [300, 0]
    assert b.play(training=-1.0).usd("late_penalty") == 0


def test_work_done_in_the_last_interval_before_its_boundary_is_in_time() -> None:
    b = bench(row=20)
    b.lane["bucket_gpu_h"][0] = 1_000
    for _ in range(3):
        b.play(training=-1.0)
    page = b.play()
    assert page.usd("gpu_training") == pytest.approx(1_000) and page.usd("late_penalty") == 0


# -- shedding ---------------------------------------------------------------------------------------------------------


def with_import(limit_mw: float) -> tuple[Workbench, Any]:
    b = Workbench(site_with({"battery": None}), calm_trace(import_limit_mw=column({4: limit_mw}, 1e6)))
    b.lane["bucket_gpu_h"][6] = 5_000 / 4
    return b, b.play()


def test_under_a_falling_limit_work_is_shed_mining_first_and_reserved_last() -> None:
    ranks = []
    for tenth in range(600, 0, -2):
        _, page = with_import(tenth / 10)
        hours = [page.work(f"gpu_h_{c}") for c in ("spot", "training", "inference", "reserved")]
        whole = [h > full * (1 - 1e-6) for h, full in zip(hours, (500, 1_250, 250, 500), strict=True)]
        mining = page.mwh("mining") * 4 - 0.4 > 0.04  # what is kept for the hall's cooling leaves it 0.1 % of nameplate
        order = [mining, *whole]
        assert order == sorted(order), "something is cut while a class of lower rank is not"
        ranks.append(sum(order))
    assert ranks == sorted(ranks, reverse=True) and {0, 1, 2, 3, 5} <= set(ranks)


@pytest.mark.parametrize("limit_mw", [0, 0.5, 1.9, 2.1, 3.0, 4.0, 6.0, 9.0])
def test_shedding_keeps_the_import_at_its_limit(limit_mw: float) -> None:
    _, page = with_import(limit_mw)
    assert page.mwh("import") * 4 <= limit_mw + 1e-9
    assert page.mwh("import") * 4 > limit_mw - 0.5


def test_shed_reserved_work_is_credited_beyond_the_contracts_depth() -> None:
    b, page = with_import(0)
    assert page.work("gpu_h_reserved") == 0
    assert float(b.lane["throttle_used_h"]) == pytest.approx(0.25)
    reserved_credit = 2 * 2_000 * (1 - 0.3) / 4
    inference_credit = 0.5 * 3 * 1_000 / 4
    assert page.usd("sla_credit") == pytest.approx(-reserved_credit - inference_credit)
    assert page.work("shed_mwh") == pytest.approx((2_000 + 1_000) * DYN / 4)


# -- tenants who leave ------------------------------------------------------------------------------------------------


def test_a_tenant_who_is_gone_pays_nothing_and_draws_nothing() -> None:
    page = bench({"tenant_contract_frac": 0.25}).play()
    assert page.usd("gpu_reserved") == pytest.approx(2_000 * 0.25 * 2 / 4)
    assert page.work("gpu_h_reserved") == pytest.approx(500 / 4)
    assert page.mwh("gpu") * 4 == pytest.approx(2 + (500 + 1_000 + 2_000) * DYN)


def test_the_gpus_of_a_tenant_who_is_gone_join_the_pool() -> None:
    b = bench({"tenant_contract_frac": 0})
    b.lane["bucket_gpu_h"][3] = 1e6
    b.play(reserved=-1.0)
    assert float(b.lane["training_gpus"]) == pytest.approx(10_000 - 1_000)
    assert float(b.lane["throttle_used_h"]) == 0


def test_the_share_under_contract_is_seen_as_the_interval_starts() -> None:
    b = bench({"tenant_contract_frac": column({5: 0.25}, 1.0)})
    b.play()
    assert b.observed("tenant_contract_frac") == pytest.approx(-0.5)


# -- power caps -------------------------------------------------------------------------------------------------------


def test_at_equal_power_pausing_training_gpus_beats_a_cap_below_the_knee() -> None:
    """A cap of a quarter keeps less than half of what half the GPUs do at half power; measured: 0.185 at 0.27."""
    b = bench()
    b.lane["bucket_gpu_h"][7] = 1e6
    page = b.play(training=-0.5, spot=-1.0)
    assert float(b.lane["training_mw"]) == pytest.approx(0.25 * 7_000 * DYN)
    assert page.work("gpu_h_training") / (7_000 / 4) > 0.25 > 0.185


def test_at_equal_power_capping_inference_beats_dropping_requests() -> None:
    b = bench()
    page = b.play(inference=-1.0)
    assert float(b.lane["inference_mw"]) == pytest.approx(0.5 * 1_000 * DYN)
    assert page.work("gpu_h_inference") / (1_000 / 4) > 0.75


def test_work_moves_up_one_boundary_every_six_hours_and_none_is_made() -> None:
    b = Workbench(row=23)
    b.lane["bucket_gpu_h"] = range(100, 900, 100)
    page = b.play(training=-1.0)
    assert b.lane["bucket_gpu_h"].tolist() == [200, 300, 400, 500, 600, 700, 800, 0]
    assert page.work("gpu_h_late") == 100


def test_throttle_hours_that_are_used_are_worth_nothing_when_the_books_close() -> None:
    b = Workbench(site_with({"gpu.throttle_value_usd_per_h": 100, "battery": None}), horizon=1)
    assert b.play(reserved=-1.0).usd("terminal") == pytest.approx(-0.25 * 100)
