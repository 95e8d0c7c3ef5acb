"""Plant and halls as the kernel reads them."""

from __future__ import annotations

import pytest

from hybrid_env.sites.cooling import COMPRESSORS
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


@pytest.mark.parametrize(
    ("kind", "cop", "water"),
    [("chiller", 5.5, 1.84), ("air_chiller", 3, 0), ("dry_cooler", 5.5, 0), ("evaporative", 5.5, 1.84)],
)
def test_a_kind_brings_its_own_efficiency_and_water(kind: str, cop: float, water: float) -> None:
    plant = site_with({"cooling.kind": kind}).cooling
    assert (plant.chiller_cop, plant.water_l_per_kwh) == (cop, water)
    changes = {"cooling.kind": kind, "cooling.water_l_per_kwh": 1}
    own_cop = {"cooling.chiller_cop": 4} if kind in COMPRESSORS else {}
    other = site_with(changes | own_cop).cooling
    assert (other.chiller_cop, other.water_l_per_kwh) == (4 if own_cop else cop, 1)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'chiller', 'air_chiller', 'dry_cooler' or 'evaporative'"):
        site_with({"cooling.kind": "fridge"})


def test_a_loop_must_be_warmer_than_the_air_it_is_rated_in() -> None:
    with pytest.raises(ValueError, match="loop_c must be above capacity_ref_c"):
        site_with({"cooling.kind": "dry_cooler", "cooling.loop_c": 30, "cooling.capacity_ref_c": 30})


def test_pumps_save_nothing_by_a_higher_set_point() -> None:
    assert parameter_record(site_with({"cooling.kind": "dry_cooler"}))[0]["setpoint_gain_per_c"] == 0
    assert parameter_record(site_with({"cooling.kind": "air_chiller"}))[0]["setpoint_gain_per_c"] == 0.025
