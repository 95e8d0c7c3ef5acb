"""The transformer's hot spot and ageing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hybrid_env.sim import transformer
from hybrid_env.sim.ledger import LEDGER
from hybrid_env.traces.schema import ROW
from tests.workbench import OFF, Workbench, calm_trace, site_with


def bench(drybulb_c: float = 30, **unit: float) -> Workbench:
    return Workbench(site_with({"transformer": {"rating_mw": 100} | unit}), calm_trace(drybulb_c=drybulb_c))


def settled_oil(load: float) -> float:
    """By hand, defaults of the guide."""
    return 45 * ((8 * load**2 + 1) / 9) ** 0.9


def test_oil_warms_towards_what_the_load_sets_with_its_time_constant() -> None:
    b = bench()
    before = float(b.lane["oil_rise_c"])
    assert before == pytest.approx(settled_oil(0.7))
    assert float(b.lane["hot_spot_c"]) == pytest.approx(30 + before)
    load = b.play().mwh("import") * 4 / 100
    expected = settled_oil(load) + (before - settled_oil(load)) * math.exp(-900 / 10_800)
    assert float(b.lane["oil_rise_c"]) == pytest.approx(expected, abs=0.1)
    assert float(b.lane["hot_spot_c"]) == pytest.approx(30 + expected + 20 * load**1.6, abs=0.2)


def test_life_is_used_at_the_rate_of_the_hot_spot_and_paid_for() -> None:
    b = bench(drybulb_c=50, value_usd=3.6e6)
    page = b.play()
    rate = math.exp(15_000 / 383 - 15_000 / (float(b.lane["hot_spot_c"]) + 273))
    assert page.work("transformer_life_h") == pytest.approx(rate / 4, rel=0.05)
    assert page.usd("transformer") == pytest.approx(-20 * page.work("transformer_life_h"))


def test_heat_and_load_age_it() -> None:
    cool, hot, idle = bench(10), bench(40), bench(40)
    for _ in range(40):
        cool.play()
        hot.play()
        idle.play(OFF)
    most = hot.play().work("transformer_life_h")
    assert cool.play().work("transformer_life_h") < most > idle.play(OFF).work("transformer_life_h")


def test_without_a_transformer_nothing_ages() -> None:
    b = Workbench()
    page = b.play()
    assert page.work("transformer_life_h") == page.usd("transformer") == 0
    assert float(b.lane["hot_spot_c"]) == 0 and "transformer_hot_spot_c" not in {f.name for f in b.batch.fields}


def test_the_hot_spot_is_observed() -> None:
    b = bench()
    b.play()
    x = (float(b.lane["hot_spot_c"]) - 110) / 30
    assert b.observed("transformer_hot_spot_c") == pytest.approx(x / (1 + abs(x)), abs=1e-6)


def test_what_goes_in_and_out_at_once_does_not_load_it() -> None:
    s, p = bench().lane.copy(), bench().p
    row, out = np.zeros(1, ROW), np.zeros(1, LEDGER)
    heat = []
    for bought, sold in ((60.0, 20.0), (40.0, 0.0), (0.0, 40.0)):
        lane = np.array([s]).view(np.recarray)[0]
        lane.import_mw, lane.export_mw = bought, sold
        transformer.age.py_func(
            lane, np.array([p]).view(np.recarray)[0], row.view(np.recarray)[0], out.view(np.recarray)[0]
        )
        heat.append(float(lane.hot_spot_c))
    assert heat[0] == heat[1] == heat[2] > 0
