"""Levies in the programme are those of the simulator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.optimum.regulation import carbon_usd_per_mwh
from tests.optimum.tiny import solved

LEVIED: dict[str, Any] = {"mining_levy_usd_per_mwh": 12.0, "carbon_usd_per_t": 50.0, "carbon_average_kg_per_mwh": 400.0}


def test_the_levy_is_taken_from_every_megawatt_of_mining_asleep_or_not() -> None:
    levied = solved({"regulation": {"carbon_price": False}, "battery": None}, n=8, **LEVIED)
    free = solved({"battery": None}, n=8, **LEVIED)
    mwh = (levied["mining_mw"].sum() + 8 * levied.p["sleep_mw"]) / 4
    assert levied.usd == pytest.approx(free.usd - 12 * mwh)


def test_carbon_makes_imports_dearer() -> None:
    x = solved({"regulation": {"mining_levy": False}, "battery": None}, n=8, **LEVIED)
    np.testing.assert_allclose(carbon_usd_per_mwh(x.t), 20)
    free = solved({"battery": None}, n=8, **LEVIED)
    assert x.usd == pytest.approx(free.usd - 20 * x["import_mw"].sum() / 4)


def test_a_levy_above_what_mining_earns_stops_it() -> None:
    dear: dict[str, Any] = LEVIED | {"mining_levy_usd_per_mwh": 300.0}
    x = solved({"regulation": {}, "battery": None}, n=8, **dear)
    assert x["mining_mw"].max() == pytest.approx(0, abs=1e-6)
