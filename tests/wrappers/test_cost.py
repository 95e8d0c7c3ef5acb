"""Broken limits as a cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hybrid_env.env import HybridEnv
from hybrid_env.wrappers.cost import MEASURES, WEIGHTS, ConstraintCost
from hybrid_env.wrappers.own import site_actions
from tests.workbench import FULL, calm_trace, column, site_with
from tests.wrappers.conftest import plan

OPTIONS = {"row": 8, "standard_start": True}


def calm_env(changes: dict | None = None, **columns: Any) -> HybridEnv:
    """The bench site from row 8 on of a calm trace, with chosen columns."""
    return HybridEnv(site=site_with(changes), traces=[calm_trace(**columns)], horizon_rows=8)


def costs(env: ConstraintCost, **changes: float) -> list[float]:
    """Cost of each interval from row 8 with a constant action."""
    action = np.array([(FULL | changes)[name] for name in site_actions(env)], np.float32)
    env.reset(seed=0, options=OPTIONS)
    return [env.step(action)[4]["cost"] for _ in range(8)]


def test_the_cost_is_the_weighted_sum_of_what_the_ledger_measured(env: HybridEnv) -> None:
    weights = {"shed_mwh": 2.0, "undelivered_gpu_h": 0.5, "thermal_limit_h": 3.0}
    wrapped = ConstraintCost(env, weights)
    wrapped.reset(seed=2)
    total, info = 0.0, {}
    for action in plan(env):
        *_, info = wrapped.step(action)
        expected = sum(w * info["work"][env.work_measures.index(MEASURES[name])] for name, w in weights.items())
        assert info["cost"] == pytest.approx(expected) and isinstance(info["cost"], float)
        total += expected
    assert info["episode_cost"] == pytest.approx(total) and total > 0


def test_only_an_episodes_last_info_has_the_sum_and_the_next_starts_anew(env: HybridEnv) -> None:
    wrapped = ConstraintCost(env)
    sums = []
    for _ in range(2):
        wrapped.reset(seed=2)
        infos = [wrapped.step(action)[4] for action in plan(env)]
        assert ["episode_cost" in info for info in infos] == [False] * 23 + [True]
        sums.append(infos[-1]["episode_cost"])
        assert sums[-1] == sum(info["cost"] for info in infos)
    assert sums[0] == sums[1]


def test_a_site_within_its_limits_costs_nothing() -> None:
    assert costs(ConstraintCost(calm_env())) == [0.0] * 8


def test_work_cut_by_a_limit_costs_its_megawatt_hours() -> None:
    env = calm_env(import_limit_mw=column({8: 1}, 1e6), wind_cf=0)
    found = costs(ConstraintCost(env, {"shed_mwh": 1.0}), battery=0.0)
    assert found[0] > 0 and found[1:] == [0.0] * 7


@pytest.mark.parametrize("budget_h", [0.0, 1.0, 1.2, 100.0])
def test_throttling_costs_what_goes_beyond_what_is_left_of_the_months_budget(budget_h: float) -> None:
    """At full depth an interval is a quarter of an hour of throttling."""
    site = calm_env({"gpu.reserved.throttle_budget_h_per_month": budget_h})
    env = ConstraintCost(site, {"throttle_over_budget_h": 2.0})
    env.reset(seed=0, options=OPTIONS)
    left_h = budget_h - site.batch.lanes["throttle_used_h"][0]
    over_h = np.maximum(0, 0.25 * np.arange(9) - left_h)
    assert costs(env, reserved=-1.0) == pytest.approx(2.0 * np.diff(over_h))


def test_a_plant_at_its_limit_costs_the_hours_it_is_there() -> None:
    env = ConstraintCost(calm_env({"cooling.capacity_mw": 20}, drybulb_c=35, wetbulb_c=25), {"thermal_limit_h": 1.0})
    assert costs(env)[-1] == 0.25


def test_the_reward_is_left_alone(env: HybridEnv) -> None:
    wrapped = ConstraintCost(env)
    wrapped.reset(seed=2)
    paid = [wrapped.step(action)[1] for action in plan(env)]
    env.reset(seed=2)
    assert [env.step(action)[1] for action in plan(env)] == paid


def test_the_standard_weights_name_every_violation() -> None:
    assert set(WEIGHTS) == set(MEASURES)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"shedding": 1.0}, "cost weights: unknown name 'shedding'; known here: shed_mwh, "),
        ({"shed_mwh": -1.0}, "shed_mwh = -1.0; a number from 0"),
        ({"shed_mwh": float("nan")}, "shed_mwh = nan"),
    ],
)
def test_an_impossible_weight_is_refused(weights: dict[str, float], message: str, env: HybridEnv) -> None:
    with pytest.raises(ValueError, match=message):
        ConstraintCost(env, weights)
