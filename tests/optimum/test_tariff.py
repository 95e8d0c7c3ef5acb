"""What a megawatt costs in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum import tariff
from hybrid_env.optimum.bound import bound, padded
from tests.optimum.tiny import prices, solved
from tests.strategies import wild_trace
from tests.workbench import column, site_with


def test_import_pays_price_adder_and_its_share_of_the_peak() -> None:
    changes = {"tariff.energy_adder_usd_per_mwh": 4, "tariff.coincident_peak_usd_per_kw_year": 70}
    x = solved(changes, n=4, cp_weight=column({2: 0.25}, 0))
    per_mw = tariff.import_usd_per_mw(x.t)
    assert per_mw[1] == pytest.approx(-34 / 4)
    assert per_mw[2] == pytest.approx(-34 / 4 - 17_500)


def test_export_earns_price_and_basis() -> None:
    x = solved(n=4, basis_gen_usd_per_mwh=-6)
    np.testing.assert_allclose(tariff.export_usd_per_mw(x.t), 24 / 4)


def test_a_known_peak_is_avoided() -> None:
    x = solved({"tariff.coincident_peak_usd_per_kw_year": 70}, n=8, cp_weight=column({4: 0.25}, 0))
    assert x["import_mw"][4] < 0.2 * x["import_mw"][3]


def test_positions_are_a_constant() -> None:
    """40 MW x (130 - 30) and 100 MW x (130 - 20) USD/MWh in one of eight quarters of an hour, and 100 x 10 in seven."""
    column = prices({3: 130})
    plain = solved(n=8, **column)
    bought = solved({"tariff.day_ahead_mw": 40, "supply.ppa": {"mw": 100, "strike_usd_per_mwh": 20}}, n=8, **column)
    assert bought.usd - plain.usd == pytest.approx((40 * 100 + 100 * 110 + 7 * 100 * 10) / 4)


@pytest.mark.parametrize(("kind", "price"), [("fixed", 55), ("day_ahead", 41)])
def test_energy_is_bought_and_sold_at_the_price_that_is_settled(kind: str, price: float) -> None:
    fixed = 55 if kind == "fixed" else None
    changes = {"tariff.energy_price": kind, "tariff.fixed_usd_per_mwh": fixed, "tariff.energy_adder_usd_per_mwh": 3}
    x = solved(changes, n=4, price_da_usd_per_mwh=41, price_lmp_usd_per_mwh=-90, basis_gen_usd_per_mwh=-2)
    np.testing.assert_allclose(x.t.buying_usd_per_mwh, price + 3)
    np.testing.assert_allclose(x.t.selling_usd_per_mwh, price - 2)
    assert (x.t.export_limit_mw > 0).all()


def test_a_months_peak_costs_its_rise_above_what_has_been_paid() -> None:
    """Power worth having at 30 USD/MWh is not worth a peak at 10 USD/kW within two hours."""
    charged = {"tariff.demand_usd_per_kw_month": 10, "battery": None}
    x, free = solved(charged, n=8), solved({"battery": None}, n=8)
    assert x["demand_peak_mw"][0] == pytest.approx(x["import_mw"].max())
    assert x["import_mw"].max() < free["import_mw"].max()
    paid = solved(charged, n=8, state={"carried": {"month_import_peak_mw": 100.0}})
    assert paid.usd == pytest.approx(free.usd)


def test_windows_by_month_keep_the_bound_of_a_demand_charge_tight() -> None:
    site = site_with({"tariff.demand_usd_per_kw_month": 10, "supply.wind_mw": 40, "mining": None})
    trace = wild_trace(3, 3600, days=8)
    site = site.model_copy(update={"interval_s": 3600})
    n = 7 * 24
    single = bound(site, trace, 0, n, windows=padded([0, n], 0)).value_usd
    months = bound(site, trace, 0, n)
    assert months.windows == 2
    assert single - 1e-3 <= months.value_usd <= single + 2e-3 * abs(single)
