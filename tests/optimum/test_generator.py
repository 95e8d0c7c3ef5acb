"""The generator in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.optimum.plan import plan_from
from tests.optimum.tiny import prices, solved

ENGINE = {"supply.generator": {"nameplate_mw": 20, "heat_rate_mmbtu_per_mwh": 10, "om_usd_per_mwh": 4}}


def test_it_runs_where_it_is_cheaper_than_the_grid() -> None:
    x = solved(ENGINE, n=8, **prices({4: 20, 5: 20}))
    np.testing.assert_allclose(x["generator_mw"], [20, 20, 20, 20, 0, 0, 20, 20])


def test_less_fuel_than_its_least_load_is_none() -> None:
    x = solved(ENGINE, n=8, fuel_cf=np.where(np.arange(192) == 3, 0.2, 0.5))
    np.testing.assert_allclose(x["generator_mw"], [10, 10, 10, 0, 10, 10, 10, 10])


def test_what_it_burns_is_in_the_plans_carbon() -> None:
    x = solved(ENGINE, n=4, price_rt_usd_per_mwh=200, price_lmp_usd_per_mwh=200)
    assert plan_from(x.site, x.columns, x.p, x.t).carbon_kg[0] == pytest.approx(20 / 4 * 573)


def test_a_site_without_one_has_no_column() -> None:
    assert solved(n=4).site.supply.burnt is None
