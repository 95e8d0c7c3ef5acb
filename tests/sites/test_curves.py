"""Every table stays close to the formula it was made from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_env.sites import curves
from hybrid_env.sites.parameters import parameter_record
from tests.strategies import number
from tests.workbench import site_with

EMERALD = {
    "training": ([0.515, 0.64, 0.76, 0.885, 1], [0.63, 0.784, 0.867, 0.923, 1]),
    "inference": ([0.53, 0.66, 0.78, 0.90, 1], [0.781, 0.871, 0.931, 0.976, 1]),
}
"""Published power-cap sweep: share of power, share of throughput."""


def of_lines(slope: np.ndarray, offset: np.ndarray, value: np.ndarray) -> np.ndarray:
    return (slope[:, None] * value + offset[:, None]).min(axis=0)


# -- ASIC --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hash_frac", "power_frac"), [(1.0, 1.0), (0.776, 0.7007), (0.5, 0.5 * 14.05 / 17.5)])
def test_the_asic_curve_meets_published_profiles(hash_frac: float, power_frac: float) -> None:
    assert curves.asic_power_frac(np.array([hash_frac]))[0] == pytest.approx(power_frac, rel=2e-3)


@given(floor=number(0.25, 0.9), top=number(1.0, 1.4), sleep=number(0, 0.05))
def test_the_asic_table_is_within_half_a_percent_of_the_curve(floor: float, top: float, sleep: float) -> None:
    slope, offset, power, made = curves.asic_lines(floor, top, sleep)
    hash_frac = np.linspace(floor, top, 200)
    table = of_lines(slope, offset, curves.asic_power_frac(hash_frac) - sleep)
    assert (table <= hash_frac + 1e-9).all()  # a chord lies below a concave curve
    assert (hash_frac - table).max() < 0.005
    assert (np.diff(slope) <= 1e-12).all() and (np.diff(power) > 0).all() and (np.diff(made) > 0).all()


def test_a_curve_that_is_not_concave_is_refused() -> None:
    with pytest.raises(ValueError, match=r"floor_hash_frac = 0\.2"):
        curves.asic_lines(0.2, 1.2, -0.2)


# -- throughput -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EMERALD)
def test_throughput_meets_the_published_sweep_within_4_percent(kind: str) -> None:
    slope, offset, _ = curves.throughput_lines(kind)
    power, work = (np.array(x) for x in EMERALD[kind])
    assert np.abs(of_lines(slope, offset, power) - work).max() < 0.04


def test_at_70_percent_of_power_inference_keeps_89_percent_and_training_82() -> None:
    kept = {k: of_lines(*curves.throughput_lines(k)[:2], np.array([0.7]))[0] for k in EMERALD}
    assert 0.88 < kept["inference"] < 0.90 and 0.80 < kept["training"] < 0.84


@pytest.mark.parametrize("kind", EMERALD)
def test_the_throughput_table_is_within_a_percent_of_its_fit(kind: str) -> None:
    slope, offset, knee = curves.throughput_lines(kind)
    k, q = curves.THROUGHPUT_FIT[kind]
    power = np.linspace(knee, 1, 200)
    error = of_lines(slope, offset, power) - (1 - k * (1 - power) ** q)
    assert np.abs(error).max() < 0.01
    assert of_lines(slope, offset, np.array([0.0, 1.0])) == pytest.approx([0, 1])
    assert (np.diff(slope) < 0).all()


# -- fans, chillers, plant --------------------------------------------------------------------------------------------


def test_the_fan_table_is_within_4_percent_of_the_cube_law_and_never_below() -> None:
    x, y = curves.fan_knots()
    flow = np.linspace(0, 1, 500)
    error = np.interp(flow, x, y) - flow**3
    assert error.min() > -1e-12 and error.max() < 0.04
    assert np.interp(0.8, x, y) == pytest.approx(0.512)


def chiller(wetbulb: np.ndarray, cop: float, approach: float, free_below: float) -> np.ndarray:
    """The formula, point by point."""
    c, condenser = curves._CHILLER_EIR_FT, np.clip(wetbulb + approach, 24, 35)
    eir = c[0] + c[1] * 10 + c[2] * 100 + c[3] * condenser + c[4] * condenser**2 + c[5] * 10 * condenser
    return 0.03 + (eir / cop - 0.03) * np.clip((wetbulb - free_below) / 10, 0, 1)


@pytest.mark.parametrize(("cop", "approach", "free_below"), [(5.5, 6, 5), (4, 4, 0), (8, 8, 10)])
def test_the_chiller_table_is_within_a_percent_of_its_formula(cop: float, approach: float, free_below: float) -> None:
    y0, at, change = curves.as_hinges(*curves.chiller_knots(cop, approach, free_below), curves.N_CHILLER_KNOTS)
    wetbulb = np.linspace(-10, 32, 400)
    table = y0 + np.maximum(0, wetbulb[:, None] - at) @ change
    assert np.abs(table - chiller(wetbulb, cop, approach, free_below)).max() < 0.01


@given(cop=number(2, 10), approach=number(2, 15), free_below=number(-20, 25))
def test_chiller_power_never_falls_with_the_wet_bulb(cop: float, approach: float, free_below: float) -> None:
    _, specific = curves.chiller_knots(cop, approach, free_below)
    assert (np.diff(specific) >= -1e-9).all() and (specific > 0).all()


@pytest.mark.parametrize(("drybulb", "cop"), [(10, 4.6), (20, 4.2), (30, 3.5), (35, 3.15), (40, 2.85), (45, 2.6)])
def test_the_air_chillers_cop_is_that_of_the_energyplus_set(drybulb: float, cop: float) -> None:
    assert curves.air_chiller_cop(np.array([drybulb]), 3.0)[0] == pytest.approx(cop, abs=0.05)


def test_the_air_chillers_cop_falls_with_heat() -> None:
    assert (np.diff(curves.air_chiller_cop(np.arange(10.0, 55.0, 0.5), 3.0)) < 0).all()


@pytest.mark.parametrize(("cop", "free_below"), [(3, 5), (2, 0), (4.5, 10)])
def test_the_air_chiller_table_is_within_a_percent_of_its_formula(cop: float, free_below: float) -> None:
    y0, at, change = curves.as_hinges(*curves.air_chiller_knots(cop, free_below), curves.N_CHILLER_KNOTS)
    drybulb = np.linspace(-10, 50, 400)
    table = y0 + np.maximum(0, drybulb[:, None] - at) @ change
    share = np.clip((drybulb - free_below) / 10, 0, 1)
    formula = 0.03 + (1 / curves.air_chiller_cop(drybulb, cop) - 0.03) * share
    assert np.abs(table - formula).max() < 0.01


@given(cop=number(2, 5), free_below=number(-20, 25))
def test_air_chiller_power_never_falls_with_the_dry_bulb(cop: float, free_below: float) -> None:
    _, specific = curves.air_chiller_knots(cop, free_below)
    assert (np.diff(specific) >= -1e-9).all() and (specific > 0).all()


def test_a_loop_rejects_in_proportion_to_its_distance_from_the_air() -> None:
    y0, at, change = curves.as_hinges(*curves.loop_capacity_knots(100, 25, 45), 2)
    air = np.array([-10.0, 25, 30, 35, 37, 50])
    np.testing.assert_allclose(y0 + np.maximum(0, air[:, None] - at) @ change, [100, 100, 75, 50, 40, 40])


def test_water_is_evaporated_where_free_cooling_ends() -> None:
    y0, at, change = curves.as_hinges(*curves.water_knots(1.84, 5), 2)
    wetbulb = np.array([-5.0, 5, 10, 15, 30])
    assert y0 == 0
    np.testing.assert_allclose(np.maximum(0, wetbulb[:, None] - at) @ change, [0, 0, 0.92, 1.84, 1.84])
    assert curves.water_knots(3.6 / 2.45 * 5 / 4, 5)[1][1] == pytest.approx(1.84, abs=0.005)


@given(ref=number(0, 50), loss=number(0, 0.1))
def test_plant_capacity_never_rises_with_heat(ref: float, loss: float) -> None:
    y0, at, change = curves.as_hinges(*curves.capacity_knots(100, ref, loss), 2)
    capacity = y0 + np.maximum(0, np.linspace(-20, 60, 200)[:, None] - at) @ change
    assert (np.diff(capacity) <= 1e-9).all() and capacity.min() >= 40 - 1e-9


@st.composite
def knots(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    x = np.sort(np.array(draw(st.lists(st.integers(-50, 50), min_size=2, max_size=8)), float))
    return x, np.array(draw(st.lists(number(-5, 5), min_size=len(x), max_size=len(x))))


@given(case=knots())
def test_hinges_are_their_knots_and_constant_outside(case: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = case
    keep = np.concatenate([[True], np.diff(x) > 0])
    y0, at, change = curves.as_hinges(x, y, 8)
    where = np.linspace(-60, 60, 241)
    table = y0 + np.maximum(0, where[:, None] - at) @ change
    np.testing.assert_allclose(table, np.interp(where, x[keep], y[keep]), atol=1e-9)


def test_simulator_and_optimiser_read_one_record() -> None:
    p = parameter_record(site_with())[0]
    slope, offset, *_ = curves.asic_lines(0.4, 1.2, 0.01)
    ph_per_mw = 1e6 / 17.5 / 1e3
    np.testing.assert_allclose(p["hash_slope"][0], slope * ph_per_mw)
    np.testing.assert_allclose(p["hash_offset"][0], offset * ph_per_mw * 40)


@pytest.mark.parametrize(
    ("usd_per_mwh", "hash_frac", "usd_per_day"), [(60, 1.0, 0.75), (60, 0.7, 0.99), (80, 1.0, -0.98), (80, 0.4, 0.23)]
)
def test_a_slower_machine_earns_more_where_the_last_hash_costs_more_than_it_pays(
    usd_per_mwh: float, hash_frac: float, usd_per_day: float
) -> None:
    """An S21 (200 TH/s, 3.5 kW, PUE 1.03) at a hashprice of 30 USD less 1 %: marginal, not average, J/TH decides."""
    power_mw = 0.0035 * float(curves.asic_power_frac(np.array(hash_frac)))
    earned = hash_frac * 0.2 * 30 * 0.99 - power_mw * 1.03 * 24 * usd_per_mwh
    assert earned == pytest.approx(usd_per_day, abs=0.005)
