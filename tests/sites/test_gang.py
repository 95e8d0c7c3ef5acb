"""How gang jobs checkpoint and restart."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_durations_are_in_seconds() -> None:
    p = parameter_record(site_with({"gang.checkpoint_interval_s": 1_800, "gang.restart_s": 300}))[0]
    assert (p["checkpoint_s"], p["restart_s"]) == (1_800, 300)


def test_a_restart_longer_than_the_checkpoint_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no job ever makes progress"):
        site_with({"gang.checkpoint_interval_s": 500})


def test_without_a_mean_time_between_failures_nothing_fails() -> None:
    p = parameter_record(site_with())[0]
    assert p["gpu_mtbf_h"] == p["checkpoint_cost_s"] == p["young_daly_gpu_s2"] == 0


def test_young_daly_needs_a_cost_and_a_rate_of_failures() -> None:
    with pytest.raises(ValueError, match="needs mtbf_gpu_h and a checkpoint_cost_s above 0"):
        site_with({"gang.checkpoint_interval_s": "young_daly", "gang.mtbf_gpu_h": 50_700})


def test_a_checkpoint_as_long_as_its_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="must be below checkpoint_interval_s"):
        site_with({"gang.checkpoint_cost_s": 3_600})


@pytest.mark.parametrize("value", ["daly", 0, 100_000, True, float("nan")])
def test_an_interval_is_a_time_or_a_rule(value: object) -> None:
    with pytest.raises(ValueError, match="or 'young_daly'; found"):
        site_with({"gang.checkpoint_interval_s": value})


def test_data_takes_time_and_money_by_the_gpu() -> None:
    p = parameter_record(site_with({"gang.data": {"gb_per_gpu": 500, "wan_gbps": 40, "usd_per_tb": 4}}))[0]
    assert (p["data_s_per_gpu"], p["data_usd_per_gpu"]) == pytest.approx((100, 2))
