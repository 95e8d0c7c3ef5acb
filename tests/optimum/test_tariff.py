"""What a megawatt costs in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum import tariff
from tests.optimum.tiny import solved
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
