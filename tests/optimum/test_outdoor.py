"""Outdoor fleets in the programme: derating is a coefficient, and matches the simulator's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.optimum.tiny import solved

CHEAP: dict[str, Any] = {"price_rt_usd_per_mwh": 1, "price_lmp_usd_per_mwh": 1}


def fleet(kind: str) -> dict[str, object]:
    return {"mining.fleets": [{"model": "S21", "nameplate_mw": 40, "cooling": kind}]}


@pytest.mark.parametrize(("kind", "left"), [("hall", 1), ("air", 0.85), ("hydro", 0.82), ("immersion", 0.97)])
def test_hash_is_what_the_heat_leaves(kind: str, left: float) -> None:
    """At 43 C: air 45 C, loops 51 C; 3 % per kelvin above 40, 45 and 50 C."""
    x = solved(fleet(kind), drybulb_c=43, **CHEAP)
    assert x["hash_ph"][4, 0] == pytest.approx(x.p["fleet_ph"][0] * 1.2 * left)


def test_above_the_trip_machines_on_air_sleep() -> None:
    assert solved(fleet("air"), drybulb_c=45, **CHEAP)["mining_mw"].max() == 0


def test_only_the_loop_takes_plant() -> None:
    for kind, takes in [("air", False), ("hydro", True)]:
        x = solved(fleet(kind), **CHEAP)
        heat = x["loop_heat_mw"][4] if kind == "hydro" else x["mining_heat_mw"][4]
        assert heat == pytest.approx(x["mining_mw"][4, 0] + 0.4 if takes else 0, abs=1e-6)
