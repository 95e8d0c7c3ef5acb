"""The balance of power in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.tiny import solved


def test_what_comes_in_is_what_is_used() -> None:
    x = solved({"supply.wind_mw": 30}, n=16, wind_cf=0.5)
    it = x.p["gpu_idle_mw"] + x["reserved_mw"] + x["inference_mw"] + x["training_mw"] + x["spot_mw"]
    it += x["mining_mw"].sum(axis=1) + x.p["sleep_mw"]
    plant = x.t.chiller_specific * x["gpu_heat_mw"] + x.p["mining_specific"] * x["mining_heat_mw"] + x["fan_mw"]
    out = it + plant + x["charge_mw"] + x["export_mw"]
    np.testing.assert_allclose(x["import_mw"] + x["own_used_mw"] + x["discharge_mw"], out, atol=1e-6)


def test_the_limits_of_site_and_grid_hold() -> None:
    x = solved({"battery": None}, n=8, import_limit_mw=30, price_rt_usd_per_mwh=1, price_lmp_usd_per_mwh=1)
    np.testing.assert_allclose(x["import_mw"], 30)


def test_nothing_is_sold_where_the_dispatch_price_at_the_node_is_negative() -> None:
    x = solved({"supply.wind_mw": 400}, n=4, wind_cf=1, price_lmp_usd_per_mwh=5, basis_gen_usd_per_mwh=-6)
    assert x["export_mw"].max() == pytest.approx(0, abs=1e-9)
