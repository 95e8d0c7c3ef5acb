"""Values in place of megawatts."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.baselines.market import MarketClearing, MarketSettings, Values
from hybrid_env.env import HybridEnv
from hybrid_env.sites.site import Site
from hybrid_env.wrappers.own import places, site_actions
from hybrid_env.wrappers.price_space import REACH, PriceActions
from tests.faces.conftest import GIVEN, SITE, TRACES
from tests.workbench import calm_trace, site_with

ROWS = 300


RIVER = {"hydro_mw": 30, "hydro_pond_mwh": 60}
FEW = {"training": {"base_gpus": 500, "price_usd_per_gpu_h": 1.6}, "spot": {"max_gpus": 500, "price_frac": 0.16}}
MORE = {"supply": RIVER, "gpu": FEW | {"on_demand": {"peak_gpus": 4_000}, "gpu_mining": {}}}
"""What the packaged site lacks of what can be judged, and batch work that leaves GPUs idle."""


def with_everything() -> Site:
    described = SITE.model_dump(mode="json")
    return Site.model_validate(described | {part: described[part] | more for part, more in MORE.items()})


def long_env() -> HybridEnv:
    return HybridEnv(site=with_everything(), traces=TRACES, horizon_rows=ROWS)


def test_the_zero_action_is_the_dispatcher_to_the_bit() -> None:
    wrapped, alone, policy = PriceActions(long_env()), long_env(), MarketClearing()
    own = places(site_actions(alone))
    assert wrapped.reset(seed=0)[0].tobytes() == alone.reset(seed=0)[0].tobytes()
    for _ in range(ROWS):
        told = wrapped.step(np.zeros(len(wrapped.action_names), np.float32))
        expected = alone.step(policy.act(alone.batch)[0, own])
        assert told[0].tobytes() == expected[0].tobytes() and told[1] == expected[1]


def test_an_action_is_a_multiple_of_a_use_and_dollars_for_what_is_stored_and_a_peak() -> None:
    wrapped = PriceActions(long_env(), reach={"mining": 4.0, "water": 80.0})
    assert wrapped.action_names == tuple(REACH)
    found = wrapped.values([0.5, -1, 0, 0, 1, -1, 1, 0.5, -0.5, 0.5])
    assert found == Values(
        mining=2.0, reserved=0.5, spot=2.0, on_demand=0.5, gpu_mining=2.0,
        battery_usd_per_mwh=25.0, water_usd_per_mwh=-40.0, peak_usd_per_mwh=125.0,
    )  # fmt: skip


def test_a_negative_peak_takes_fear_away(env: HybridEnv) -> None:
    found = PriceActions(env).values([0, 0, 0, 0, 0, 0, -0.75])
    assert found == Values(peak_fear=0.25)


@pytest.mark.parametrize("name", REACH)
def test_every_value_matters_in_some_state(name: str) -> None:
    wrapped = PriceActions(long_env(), reach={name: 1e3})
    still = np.zeros(len(wrapped.action_names), np.float32)
    differs = False
    wrapped.reset(seed=0)
    for _ in range(ROWS):
        judged = []
        for extreme in (-1, 1):
            action = still.copy()
            action[wrapped.action_names.index(name)] = extreme
            judged.append(wrapped.action(action))
        differs |= not np.array_equal(*judged)
        wrapped.step(still)
    assert differs


def test_what_a_site_does_not_have_is_not_judged() -> None:
    site = site_with({"battery": None, "tariff.coincident_peak_usd_per_kw_year": 0})
    env = HybridEnv(site=site, traces=[calm_trace()], horizon_rows=8)
    assert PriceActions(env).action_names == ("mining", "reserved", "inference", "training", "spot")
    for name in ("battery", "water"):
        with pytest.raises(ValueError, match=f"reach: unknown name '{name}'; known here: mining"):
            PriceActions(env, reach={name: 10.0})


def test_an_island_judges_the_water_of_its_pond() -> None:
    site = site_with({"supply": RIVER, "meter": {"import_limit_mw": 0, "export_limit_mw": 0}})
    assert "water" in PriceActions(HybridEnv(site=site, traces=[calm_trace()], horizon_rows=8)).action_names


def test_settings_are_the_dispatchers(env: HybridEnv) -> None:
    wrapped = PriceActions(env, settings=MarketSettings(setpoint=-0.5))
    wrapped.reset(seed=0)
    assert wrapped.action(np.zeros(len(wrapped.action_names)))[site_actions(env).index("setpoint")] == -0.5


@pytest.mark.parametrize("reach", [{"mining": 1.0}, {"spot": 0.5}, {"battery": 0.0}, {"peak": float("inf")}])
def test_a_reach_must_reach_somewhere(reach: dict[str, float], env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=r"reach: \w+ = .*; a number above [01] is needed"):
        PriceActions(env, reach=reach)


def test_the_texas_site_offers_what_it_has() -> None:
    lacking = {"on_demand", "gpu_mining", "water"}
    assert PriceActions(HybridEnv(**GIVEN)).action_names == tuple(name for name in REACH if name not in lacking)
