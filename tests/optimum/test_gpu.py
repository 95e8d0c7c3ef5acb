"""The GPU block against hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.played import Episode, climbed, everything
from tests.optimum.tiny import prices, solved
from tests.strategies import wild_trace
from tests.workbench import site_with

DYN_MW = 0.8e-3
FULL_MW = 2_000 * DYN_MW


def test_cheap_power_serves_everyone_in_full() -> None:
    x = solved({"gpu.throttle_value_usd_per_h": 1_000})
    np.testing.assert_allclose(x["reserved_mw"], FULL_MW)
    np.testing.assert_allclose(x["inference_work"], 1_000)
    np.testing.assert_allclose(x["spot_gpus"], 2_000)


def test_an_hour_of_dear_power_is_throttled_within_the_budget() -> None:
    x = solved(**prices({row: 3_000 for row in range(8, 12)}))
    np.testing.assert_allclose(x["throttle_mw"][8:12], 0.3 * FULL_MW)
    assert x["throttle_kept_h"][0] <= 5 + 1e-9


def test_the_budget_goes_to_the_dearest_hours() -> None:
    changes = {"gpu.reserved.throttle_budget_h_per_month": 0.5, "battery": None}
    x = solved(changes, **prices({8: 500, 9: 900, 10: 800, 11: 400}))
    np.testing.assert_allclose(x["throttle_mw"][8:12], np.array([0, 1, 1, 0]) * 0.3 * FULL_MW, atol=1e-7)


def test_what_the_start_has_used_is_gone() -> None:
    dear = prices({8: 500, 9: 900, 10: 800, 11: 400})
    x = solved({"battery": None}, state={"throttle_used_h": 6.0}, **dear)
    np.testing.assert_allclose(x["throttle_mw"], 0, atol=1e-9)


def test_a_new_month_brings_a_new_budget() -> None:
    x = solved(
        {"battery": None}, n=16, start=184, state={"throttle_used_h": 6.0}, days=4, **prices({196: 900}, rows=384)
    )
    assert x["throttle_mw"][12] == pytest.approx(0.3 * FULL_MW)


def test_work_withheld_beyond_the_budget_is_credited() -> None:
    # credit: 2 USD per GPU-hour over 0.8 kW = 2,500 USD/MWh, less than the price
    x = solved({"battery": None}, state={"throttle_used_h": 6.0}, **prices({8: 4_000}))
    assert x["reserved_mw"][8] == pytest.approx(0, abs=1e-9)
    assert x["shed_mw"][8] == pytest.approx(FULL_MW)


def test_inference_is_capped_where_its_last_megawatt_is_not_worth_its_price() -> None:
    x = solved({"battery": None}, **prices({8: 3_500}))
    assert 0.5 <= x["inference_mw"][8] / (1_000 * DYN_MW) < 1


def test_small_jobs_are_done_before_they_are_due_and_paid() -> None:
    with_work = solved(n=96, training_load=0.5)
    without = solved(n=96)
    assert with_work["small_gpu_h"].sum() <= 96 / 4 * 500 + 1e-6
    assert with_work.usd > without.usd
    np.testing.assert_allclose(with_work["backlog_gpu_h"][5, 0], 0, atol=1e-6)


def test_arrivals_less_work_are_the_backlog_and_leftovers_at_a_boundary_are_forgotten() -> None:
    waiting = np.array([50_000.0, 0, 0, 0, 0, 0, 0, 0])
    x = solved(n=32, state={"bucket_gpu_h": waiting})
    done = x["small_gpu_h"][:6, 0].sum()
    assert 0 < done < 50_000
    assert x["backlog_gpu_h"][5, 0] == pytest.approx(50_000 - done)
    assert x["backlog_gpu_h"][6, 0] == pytest.approx(0)


def test_training_and_spot_share_what_contracts_leave() -> None:
    x = solved({"gpu.gpus": 4_000}, n=16, state={"bucket_gpu_h": np.full(8, 1e5)})
    np.testing.assert_allclose(x["training_gpus"] + x["spot_gpus"], 1_000, atol=1e-6)


def test_tenants_who_are_gone_leave_their_pay_and_their_gpus() -> None:
    changes = {"gpu.gpus": 4_000, "gpu.spot.max_gpus": 4_000}
    here, gone = (solved(changes, n=16, tenant_contract_frac=share, tenant_load=0.5) for share in (1, 0))
    np.testing.assert_allclose(gone["reserved_mw"], 0)
    np.testing.assert_allclose(here["spot_gpus"], 1_000)
    np.testing.assert_allclose(gone["spot_gpus"], 3_000)


@pytest.mark.parametrize("seed", range(2))
def test_spot_under_notice_does_not_beat_the_bound(seed: int) -> None:
    site = site_with({"gpu.spot.notice_s": 600, "gpu.spot.price_frac": 1})
    episode = Episode(site, wild_trace(seed), 8, 24, np.full(8, 0.5))
    assert climbed(episode, everything(24), 12, seed) <= episode.bound().value_usd + 1e-4
