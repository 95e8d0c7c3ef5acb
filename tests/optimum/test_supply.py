"""Own generation in the programme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.optimum.horizon import StartState
from hybrid_env.optimum.plan import state_after
from tests.optimum.tiny import prices, solved


def test_wind_replaces_import_and_the_rest_is_sold() -> None:
    x = solved({"supply.wind_mw": 400, "battery": None}, n=8, wind_cf=1)
    assert x["import_mw"].max() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(x["export_mw"], 50)
    assert x["own_used_mw"].max() < 400


def test_never_more_than_blows() -> None:
    x = solved({"supply.wind_mw": 40}, n=8, wind_cf=0.25)
    np.testing.assert_allclose(x["own_used_mw"], 10)


def test_a_site_without_own_generation_has_no_columns() -> None:
    assert solved(n=4).site.supply.used == []


def test_sun_and_heat_are_used_as_wind_is() -> None:
    x = solved({"supply.solar_mw": 10, "supply.geothermal_mw": 20}, n=8, solar_cf=0.5, geothermal_cf=0.9)
    np.testing.assert_allclose(x["own_used_mw"], 10 * 0.5 + 20 * 0.9)


RIVER = {"supply.hydro_mw": 4, "supply.hydro_turbine_mw": 10, "supply.hydro_pond_mwh": 20, "battery": None}


def test_the_pond_waits_for_dear_hours() -> None:
    x = solved(RIVER, n=8, hydro_cf=0.5, **prices({4: 200, 5: 200, 6: 200, 7: 200}))
    np.testing.assert_allclose(x["hydro_used_mw"][4:], 10)
    assert x["hydro_used_mw"][:4].sum() / 4 == pytest.approx(10 + 2 * 2 - 10)


def test_water_left_is_worth_its_value_and_what_is_paid_for_the_river_is_a_constant() -> None:
    still: dict[str, Any] = {"price_rt_usd_per_mwh": 24.0, "price_lmp_usd_per_mwh": 24.0, "hydro_cf": 0.5}
    x = solved(RIVER | {"supply.pond_value_usd_per_mwh": 25}, n=8, **still)
    assert x["pond_mwh"][-1] == pytest.approx(10 + 2 * 2)
    paid = solved(RIVER | {"supply.pond_value_usd_per_mwh": 25, "supply.hydro_usd_per_mwh": 30}, n=8, **still)
    assert paid.usd == pytest.approx(x.usd - 2 * 2 * 30)


def test_a_plan_goes_on_with_the_water_it_has_left() -> None:
    x = solved(RIVER, n=16, hydro_cf=0.5)
    after = state_after(x.site, x.columns, x.p, x.t, StartState.usual(x.p), 8)
    assert after.known("pond_mwh", -1.0) == pytest.approx(x["pond_mwh"][7])
