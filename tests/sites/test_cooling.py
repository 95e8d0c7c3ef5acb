"""Plant and halls as the kernel reads them."""

from __future__ import annotations

import pytest

from hybrid_env.sites.parameters import parameter_record
from tests.workbench import site_with


def test_thermal_mass_is_kept_in_megawatt_hours_per_kelvin() -> None:
    p = parameter_record(site_with({"cooling.gpu_hall_mj_per_k": 3_600}))[0]
    assert p["gpu_hall_mwh_per_k"] == pytest.approx(1.0)


def test_the_set_point_ramp_is_per_interval() -> None:
    assert parameter_record(site_with())[0]["setpoint_ramp_c"] == pytest.approx(5.0)
    assert parameter_record(site_with({"interval_s": 300}))[0]["setpoint_ramp_c"] == pytest.approx(20 / 12)


def test_18_mj_per_kelvin_warm_by_3_3_kelvin_a_minute_per_megawatt() -> None:
    p = parameter_record(site_with({"cooling.gpu_hall_mj_per_k": 18}))[0]
    assert 1 / 60 / p["gpu_hall_mwh_per_k"] == pytest.approx(3.33, abs=0.01)


def test_cooling_cannot_be_made_free_by_a_high_set_point() -> None:
    with pytest.raises(ValueError, match="would make cooling free"):
        site_with({"cooling.setpoint_gain_frac_per_c": 0.1, "cooling.setpoint_min_c": 10})
