"""Optional demand for GPUs, and the uniforms that decide failures."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.failures import FAILURE_COLUMNS
from hybrid_env.traces.generate.work import draw_contract_frac
from hybrid_env.traces.market import Tenants, load_market

CLOCK = make_clock(2023, 3600, -6)


@pytest.fixture(scope="module")
def years():
    return [generate_year(load_market("texas"), seed, 100.0) for seed in range(6)]


@pytest.fixture(scope="module")
def pooled(years):
    return np.concatenate([year.rows for year in years])


# -- on demand, proof of work


def test_walk_in_demand_follows_the_day_and_is_noisier_than_inference(pooled):
    load, weekend = pooled["on_demand_load"], pooled["weekend"] == 1
    assert 0.47 < load.mean() < 0.57
    assert load[weekend].mean() < 0.9 * load[~weekend].mean()
    daily = load.reshape(-1, 24, 4).mean(axis=(0, 2))
    assert daily.argmax() in (13, 14, 15) and daily.argmin() in (1, 2, 3)
    noon = np.flatnonzero((pooled["hour_cos"] < -0.99) & ~weekend)
    assert load[noon].std() / load[noon].mean() > 1.5 * pooled["inference_load"][noon].std()


def test_walk_in_demand_has_luck_of_its_own(pooled):
    noon = np.flatnonzero((pooled["hour_cos"] < -0.99) & (pooled["weekend"] == 0))
    assert abs(np.corrcoef(pooled["on_demand_load"][noon], pooled["inference_load"][noon])[0, 1]) < 0.15


def test_a_gpu_earns_cents_by_proof_of_work_and_that_changes_slowly(pooled, years):
    earned = pooled["gpu_pow_usd_per_gpu_h"]
    assert 0.02 < np.median(earned) < 0.035 and earned.min() > 0.005 and earned.max() < 0.12
    hourly = years[0].rows["gpu_pow_usd_per_gpu_h"].reshape(-1, 4)
    assert (hourly == hourly[:, :1]).all()
    assert np.abs(np.diff(np.log(hourly[::24, 0]))).mean() < 0.08


# -- tenants


def tenants(**change):
    base = Tenants(shares=[3.0, 1.0], leave_per_year=1.0, relet_days_low=60, relet_days_high=180)
    return base.model_copy(update=change)


def test_a_tenant_who_leaves_takes_its_share_for_60_to_180_days():
    lengths = []
    for seed in range(40):
        share = draw_contract_frac(tenants(shares=[1.0]), CLOCK, seed)
        assert set(np.unique(share)) <= {0.0, 1.0}
        edges = np.flatnonzero(np.diff(share))
        lengths += [(b - a) / 24 for a, b in zip(edges[::2], edges[1::2], strict=False)]
    assert len(lengths) > 10 and min(lengths) >= 59.9 and max(lengths) <= 180.1


def test_shares_are_scaled_to_one_and_each_tenant_leaves_on_its_own():
    levels = np.unique(np.concatenate([draw_contract_frac(tenants(), CLOCK, seed) for seed in range(40)]).round(6))
    assert levels.tolist() == [0.0, 0.25, 0.75, 1.0]


def test_tenants_leave_as_often_as_their_hazard_says():
    years = len(CLOCK) / 8_760
    away = sum(
        draw_contract_frac(tenants(shares=[1.0], leave_per_year=0.05), CLOCK, s).min() == 0 for s in range(2_000)
    )
    assert away / 2_000 == pytest.approx(1 - np.exp(-0.05 * years), abs=0.015)


def test_without_a_hazard_nobody_leaves():
    assert (draw_contract_frac(tenants(leave_per_year=0.0), CLOCK, 1) == 1).all()


# -- failures


def test_failure_uniforms_are_uniform_independent_and_different_every_row(pooled):
    draws = np.stack([pooled[name] for name in FAILURE_COLUMNS])
    assert len(draws) == 6
    assert np.abs(draws.mean(axis=1) - 0.5).max() < 0.005 and np.abs(draws.std(axis=1) - 12**-0.5).max() < 0.005
    assert np.abs(np.corrcoef(draws) - np.eye(6)).max() < 0.01
    assert abs(np.corrcoef(draws[0, 1:], draws[0, :-1])[0, 1]) < 0.01
    assert (np.abs(draws * 1e9 - np.round(draws * 1e9)) < 1e-3).all()


def test_every_job_has_a_uniform_of_its_own(years):
    u = np.concatenate([year.jobs["u_fail"] for year in years])
    assert u.min() >= 0 and u.max() < 1 and abs(u.mean() - 0.5) < 0.01 and abs(u.std() - 12**-0.5) < 0.01
    assert len(np.unique(years[0].jobs["u_fail"])) == len(years[0].jobs)
    order = years[0].jobs["arrival_row"]
    assert abs(np.corrcoef(order, years[0].jobs["u_fail"])[0, 1]) < 0.05
