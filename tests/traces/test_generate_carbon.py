"""The grid's carbon: on average, at the margin, and the share that has none."""

import numpy as np
import pytest

from hybrid_env.traces.generate import generate_year
from hybrid_env.traces.generate.carbon import carbon_free_frac, draw_marginal_kg_per_mwh
from hybrid_env.traces.generate.clock import make_clock
from hybrid_env.traces.market import load_market

TEXAS = load_market("texas")


@pytest.fixture(scope="module")
def pooled():
    return np.concatenate([generate_year(TEXAS, seed, 100.0).rows for seed in range(4)])


def test_marginal_emissions_follow_the_worked_example():
    """Efficient units at 26.5 GW of net load, peakers at 50; half of it where the price is half of what gas needs."""
    assert TEXAS.carbon is not None
    clock = make_clock(2023, 3600, -6)
    carbon = TEXAS.carbon.model_copy(update={"noise_kg_per_mwh": 0.0})
    net = np.resize([10_000.0, 26_500.0, 38_250.0, 50_000.0, 70_000.0, 26_500.0, 26_500.0, 26_500.0], len(clock))
    price = np.resize([30.0, 30.0, 30.0, 30.0, 900.0, 5.0, 0.0, -20.0], len(clock))
    made = draw_marginal_kg_per_mwh(carbon, clock, net, price, 0)
    assert made[:8] == pytest.approx([400, 400, 475, 550, 550, 200, 0, 0])


def test_the_margin_is_gas_but_nothing_where_prices_are_negative(pooled):
    marginal, price = pooled["carbon_marginal_kg_per_mwh"], pooled["price_rt_usd_per_mwh"]
    assert marginal[price < 0].max() < 1
    ordinary = marginal[(price > 15) & (price < 200)]
    assert np.quantile(ordinary, 0.05) > 390 and np.quantile(ordinary, 0.95) < 575
    assert marginal[price > 500].mean() > ordinary.mean() + 40


def test_the_carbon_free_share_is_that_of_wind_sun_and_nuclear(pooled):
    assert TEXAS.carbon is not None
    share = carbon_free_frac(TEXAS.carbon, np.array([50_000.0, 20_000.0]), np.array([10e3, 30e3]), np.array([5e3, 0.0]))
    assert share == pytest.approx([(10 + 5 + 4.7) / 50, 1.0])
    assert 0.33 < pooled["grid_cfe_frac"].mean() < 0.45  # ERCOT 2023: about 0.40
    assert np.corrcoef(pooled["grid_cfe_frac"], pooled["carbon_average_kg_per_mwh"])[0, 1] < -0.9


def test_a_margin_that_does_not_rise_is_refused():
    assert TEXAS.carbon is not None
    with pytest.raises(ValueError, match=r"slack_net_load_mw .* must be below tight_net_load_mw"):
        type(TEXAS.carbon).model_validate(TEXAS.carbon.model_dump() | {"slack_net_load_mw": 60_000})
