"""The site's own sources: sun, water, the ground's heat, fuel."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.generate.supply import draw_fuel_cf, draw_hydro_cf, fuel_usd_per_mmbtu, geothermal_cf
from hybrid_env.traces.market import Fuel, Geothermal, Hydro, load_market

HYDRO = Hydro(
    winter_frac=0.3, freshet_frac=0.95, freshet_first_day=120, freshet_last_day=242, shoulder_days=7, noise_sigma=0.12,
    noise_tau_h=240,
)  # fmt: skip
CLOCK = make_clock(2023, 900, -6)


@pytest.fixture(scope="module")
def years():
    return [generate_year(load_market("texas"), seed, 100.0) for seed in range(4)]


@pytest.fixture(scope="module")
def pooled(years):
    return np.concatenate([year.rows for year in years])


def without(**solar):
    market = load_market("texas")
    assert market.solar is not None
    return market.model_copy(update={"solar": market.solar.model_copy(update=solar)})


# -- sun


def test_solar_output_is_a_quarter_of_nameplate_highest_at_noon_and_in_june(pooled):
    solar = pooled["solar_cf"]
    assert 0.22 < solar.mean() < 0.27 and solar.max() > 0.95
    daily = solar.reshape(-1, 24, 4).mean(axis=(0, 2))
    assert daily.argmax() in (11, 12) and (daily[[0, 1, 2, 3, 22, 23]] == 0).all()
    assert solar[pooled["month"] == 6].mean() > 1.6 * solar[pooled["month"] == 12].mean()


def test_derating_scales_the_field_and_inverters_clip_it():
    whole = generate_year(without(overbuild_frac=0.0, derate_frac=1.0), 1, 100.0).rows["solar_cf"]
    half = generate_year(without(overbuild_frac=0.0, derate_frac=0.5), 1, 100.0).rows["solar_cf"]
    double = generate_year(without(overbuild_frac=1.0, derate_frac=1.0), 1, 100.0).rows["solar_cf"]
    np.testing.assert_allclose(half, whole / 2, atol=1e-4)
    np.testing.assert_allclose(double, np.minimum(2 * whole, 1), atol=2e-4)


def test_the_site_shares_the_systems_sky_only_in_part():
    """With no cloud of its own the site's field is the system's sun; the prices are the same either way."""
    shared = generate_year(without(own_share=0.0), 1, 100.0).rows
    own = generate_year(without(own_share=1.0), 1, 100.0).rows
    noon = np.flatnonzero(shared["hour_cos"] < -0.99)
    correlation = np.corrcoef(shared["solar_cf"][noon], own["solar_cf"][noon])[0, 1]
    assert 0.1 < correlation < 0.5  # the seasons are shared
    np.testing.assert_array_equal(shared["price_rt_usd_per_mwh"], own["price_rt_usd_per_mwh"])


# -- water


def test_inflow_is_high_from_may_to_august_and_low_in_winter():
    flow = np.concatenate([draw_hydro_cf(HYDRO, CLOCK, seed)[CLOCK.year] for seed in range(8)])
    month = np.tile(CLOCK.month[CLOCK.year], 8)
    by_month = np.array([flow[month == m].mean() for m in range(1, 13)])
    assert ((by_month[[0, 1, 10, 11]] > 0.2) & (by_month[[0, 1, 10, 11]] < 0.4)).all()
    assert (by_month[[5, 6]] > 0.8).all() and (by_month[4:8] > 0.7).all()
    assert flow.min() >= 0 and flow.max() == 1


def test_a_freshet_over_new_year_is_one_freshet():
    south = HYDRO.model_copy(update={"freshet_first_day": 330, "freshet_last_day": 366, "noise_sigma": 0.0})
    flow = draw_hydro_cf(south, CLOCK, 0)[CLOCK.year]
    assert flow[-1] == pytest.approx(flow[0], abs=0.01) and flow[180 * 96] == pytest.approx(0.3, abs=0.01)


def test_inflow_changes_slowly():
    noise = np.log(
        draw_hydro_cf(HYDRO, CLOCK, 3) / draw_hydro_cf(HYDRO.model_copy(update={"noise_sigma": 0.0}), CLOCK, 3)
    )
    low = noise[CLOCK.season_day < 90]
    assert np.corrcoef(low[96:], low[:-96])[0, 1] > 0.7


# -- the ground's heat


def test_geothermal_output_falls_linearly_above_its_design_dry_bulb():
    plant = Geothermal(cf=0.9, design_drybulb_c=15, fall_frac_per_k=0.008)
    output = geothermal_cf(plant, np.array([-10.0, 15.0, 40.0, 200.0]))
    assert output == pytest.approx([0.9, 0.9, 0.9 * 0.8, 0.0])


# -- fuel


def test_fuel_is_one_price_a_local_day_the_gas_of_its_first_row():
    gas = np.arange(len(CLOCK), dtype=float)
    price = fuel_usd_per_mmbtu(Fuel(surcharge_usd_per_mmbtu=0.5), CLOCK, gas)
    assert (price.reshape(-1, 96) == (gas[::96] + 0.5)[:, None]).all()


def test_the_fuel_of_a_dear_gas_year_is_dear(years):
    fuel = np.array([year.rows["fuel_usd_per_mmbtu"].mean() for year in years])
    assert (fuel > 2).all() and (fuel < 5).all()
    dear, cheap = years[fuel.argmax()].rows, years[fuel.argmin()].rows
    calm = [np.median(rows["price_rt_usd_per_mwh"]) for rows in (dear, cheap)]
    assert calm[0] > calm[1]


def test_fuel_fails_as_often_and_as_long_as_the_market_says():
    fuel = Fuel(surcharge_usd_per_mmbtu=0, outages_per_year=6, outage_hours=10, outage_left_frac=0.25)
    left = np.stack([draw_fuel_cf(fuel, CLOCK, seed) for seed in range(60)])
    assert set(np.unique(left)) == {0.25, 1.0}
    starts = ((left[:, 1:] < 1) & (left[:, :-1] == 1)).sum() / 60
    assert 5.2 < starts < 6.8
    assert (left < 1).sum() / 4 / 60 == pytest.approx(60, rel=0.15)


def test_fuel_does_not_fail_unless_the_market_says_so(pooled):
    assert (pooled["fuel_cf"] == 1).all()


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("hydro", {"winter_frac": 0.99}, r"winter_frac \(0.99\) must not exceed freshet_frac"),
        ("hydro", {"freshet_first_day": 300}, r"freshet_first_day \(300\) must not exceed freshet_last_day"),
        ("geothermal", {"cf": 1.2}, "less than or equal to 1"),
    ],
)
def test_an_impossible_source_is_refused(part, change, message):
    data = HYDRO.model_dump() if part == "hydro" else {"cf": 0.9, "design_drybulb_c": 15, "fall_frac_per_k": 0.008}
    with pytest.raises(ValueError, match=message):
        (Hydro if part == "hydro" else Geothermal).model_validate(data | change)


def test_a_market_with_water_and_ground_heat_gives_their_columns():
    market = load_market("texas").model_copy(
        update={"hydro": HYDRO, "geothermal": Geothermal(cf=0.9, design_drybulb_c=15, fall_frac_per_k=0.008)}
    )
    rows = generate_year(market, 2, 100.0).rows
    assert 0.4 < rows["hydro_cf"].mean() < 0.65
    hot = rows["drybulb_c"] > 38
    assert (rows["geothermal_cf"][hot] < 0.74).all()
    assert (rows["geothermal_cf"][rows["drybulb_c"] < 14.9] == 0.9).all()
