"""GPU work as the kernel reads it."""

from __future__ import annotations

import pytest

from hybrid_env.sites.gpu import Training
from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_power_is_split_into_idle_and_dynamic() -> None:
    p = parameter_record(site_with())[0]
    assert p["gpu_idle_mw"] == pytest.approx(2.0) and p["gpu_dyn_mw"] == pytest.approx(0.8e-3)


def test_a_thousand_h100_at_nameplate_draw_1_275_mw_of_it_power() -> None:
    p = parameter_record(site_with({"gpu.busy_kw": 10.2 / 8}))[0]
    assert 1_000 * (p["gpu_dyn_mw"] + 0.2e-3) * 1.25 == pytest.approx(1.594, rel=1e-3)


def test_arrival_shares_default_to_a_whole() -> None:
    assert sum(Training(base_gpus=1, price_usd_per_gpu_h=1).arrival_share) == pytest.approx(1)


def test_all_gpus_may_be_sold() -> None:
    site = site_with({"gpu.reserved.gpus": 8_000})
    p = parameter_record(site)[0]
    assert p["reserved_gpus"] + p["inference_gpus"] == p["gpus"]


def test_a_notice_longer_than_an_interval_is_refused() -> None:
    assert parameter_record(site_with({"gpu.spot.notice_s": 450}))[0]["spot_notice_share"] == 0.5
    with pytest.raises(ValueError, match="must not exceed interval_s"):
        site_with({"gpu.spot.notice_s": 901})
