"""Carbon of a plan, and the premium on load that is matched by the hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.optimum import carbon
from hybrid_env.sim.action import ACTIONS
from tests.optimum.played import Episode, Rest, climbed
from tests.optimum.tiny import solved
from tests.workbench import calm_trace, site_with

MATCHED: dict[str, Any] = {
    "supply.wind_mw": 60,
    "carbon": {
        "certificates": {}, "contracted": {"mw": 30, "shape": "solar", "usd_per_mwh": 2},
        "matched_premium_usd_per_mwh": 40,
    },
}  # fmt: skip


def test_imports_count_at_the_grids_and_wind_at_its_own_intensity() -> None:
    x = solved({"carbon.own_kg_per_mwh": 10}, n=4, carbon_average_kg_per_mwh=400)
    np.testing.assert_allclose(
        carbon.kg(x.p, x.t, np.full(4, 8.0), np.full(4, 2.0), np.zeros(1)), (8 * 400 + 2 * 10) / 4
    )


def test_without_a_premium_there_is_nothing_to_decide() -> None:
    assert "matched_mwh" not in solved({"carbon.certificates": {}}, n=4).site.lp.variables


def test_matched_energy_is_limited_by_certificates_and_paid() -> None:
    x = solved({"carbon.contracted": {"mw": 12, "shape": "flat"}, "carbon.matched_premium_usd_per_mwh": 10}, n=8)
    free = solved(n=8)
    np.testing.assert_allclose(x["matched_mwh"], 12)
    assert x.usd - free.usd == pytest.approx(10 * 24)


def test_matched_energy_is_limited_by_load() -> None:
    x = solved({"carbon.contracted": {"mw": 900, "shape": "flat"}, "carbon.matched_premium_usd_per_mwh": 10}, n=4)
    it = x.p["gpu_idle_mw"] + x["reserved_mw"] + x["inference_mw"] + x["training_mw"] + x["spot_mw"]
    least = (it + x["mining_mw"].sum(axis=1)).sum() / 4
    assert least < x["matched_mwh"][0] < 1.15 * least


def test_certificates_bought_are_paid_whatever_is_done() -> None:
    x, free = solved({"carbon.contracted": {"mw": 12, "shape": "flat", "usd_per_mwh": 3}}, n=8), solved(n=8)
    assert free.usd - x.usd == pytest.approx(3 * 24)


@pytest.mark.parametrize("cls", [Episode, Rest])
@pytest.mark.parametrize("own", [True, False])
def test_no_play_earns_more_than_the_bound(cls: type[Episode], own: bool) -> None:
    """Also one that wastes power in cooling for the premium's sake, also from within an hour."""
    sun = np.tile(np.clip(np.sin(np.linspace(0, 2 * np.pi, 96)), 0, 1), 2)
    price = np.tile(np.array([-20.0, 5.0, 30.0, 60.0]).repeat(6), 8)
    trace = calm_trace(
        wind_cf=np.roll(sun, 30) * 0.8, solar_cf=sun, wetbulb_c=24, drybulb_c=33, price_rt_usd_per_mwh=price,
        price_lmp_usd_per_mwh=price,
    )  # fmt: skip
    site = site_with(MATCHED | {"carbon": MATCHED["carbon"] | {"certificates": {"own": own}}})
    luck = np.full(8, 0.5)
    episode = cls(site, trace, 4, 28, luck) if cls is Episode else Rest(site, trace, 4, 28, luck, 6)
    best = climbed(episode, np.ones((28, len(ACTIONS)), np.float32), 14, seed=3)
    limit = episode.bound().value_usd
    assert 0.8 * limit < best <= limit
