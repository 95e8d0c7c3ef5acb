"""What a megawatt costs in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum import tariff
from tests.optimum.tiny import prices, solved
from tests.workbench import column


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
    changes = {"tariff.energy_price": kind, "tariff.fixed_usd_per_mwh": 55, "tariff.energy_adder_usd_per_mwh": 3}
    x = solved(changes, n=4, price_da_usd_per_mwh=41, price_lmp_usd_per_mwh=-90, basis_gen_usd_per_mwh=-2)
    np.testing.assert_allclose(x.t.buying_usd_per_mwh, price + 3)
    np.testing.assert_allclose(x.t.selling_usd_per_mwh, price - 2)
    assert (x.t.export_limit_mw > 0).all()
