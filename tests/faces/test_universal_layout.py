"""The universal layout shows every site at the same places, and says what a site does not have."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

from hybrid_env.env import HybridEnv
from hybrid_env.layout import Layout, universal_observations
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.sim.action import ACTIONS
from hybrid_env.sites.site import Site
from hybrid_env.vector_env import HybridVectorEnv
from tests.faces.conftest import GIVEN, SITE
from tests.strategies import actions
from tests.workbench import site_with

SMALL = site_with({"utc_offset_h": -6, "battery": None, "supply.wind_mw": 0})


def make(site: Site = SITE) -> HybridEnv:
    return HybridEnv(**(GIVEN | {"site": site}), layout="universal")  # type: ignore[arg-type]


def test_all_sites_have_one_space() -> None:
    assert make().observation_space == make(SMALL).observation_space
    assert make().action_space == make(SMALL).action_space
    assert make().action_space.shape == (len(ACTIONS),)


def test_values_stand_at_their_places_and_the_mask_says_which() -> None:
    every, own = universal_observations(), HybridEnv(**(GIVEN | {"site": SMALL}))  # type: ignore[arg-type]
    env = make(SMALL)
    seen, _ = env.reset(seed=1)
    plain, _ = own.reset(seed=1)
    names = own.layout.observation_names
    for name, value in zip(names, plain, strict=True):
        assert seen[every.index(name)] == value
    mask = seen[len(every) :]
    assert {every[i] for i in np.flatnonzero(mask)} == set(names)
    assert np.all(seen[: len(every)][mask == 0] == 0)
    assert "battery_charge_frac" not in names and mask[every.index("battery_charge_frac")] == 0


def test_actions_that_a_site_does_not_have_change_nothing() -> None:
    env, other = make(SMALL), make(SMALL)
    env.reset(seed=2)
    other.reset(seed=2)
    lacking = [k for k, name in enumerate(ACTIONS) if name not in Layout(SMALL).action_names]
    for action in actions(5, 20, 1)[:, 0]:
        changed = action.copy()
        changed[lacking] = -changed[lacking]
        here, there = env.step(action), other.step(changed)
        np.testing.assert_array_equal(here[0], there[0])
        assert here[1] == there[1]


def test_all_faces_agree_on_it() -> None:
    env = make()
    vector = HybridVectorEnv(2, **GIVEN, layout="universal")  # type: ignore[arg-type]
    vec = HybridVecEnv(2, **GIVEN, layout="universal")  # type: ignore[arg-type]
    vec.seed(4)
    one, many, sb3 = env.reset(seed=4)[0], vector.reset(seed=4)[0], vec.reset()
    for action in [None, *actions(6, 10, 2)]:
        if action is not None:
            one, many, sb3 = env.step(action[0])[0], vector.step(action)[0], vec.step(action)[0]
        np.testing.assert_array_equal(one, many[0])
        np.testing.assert_array_equal(many, sb3)


def test_the_checkers_take_it_and_it_survives_pickling() -> None:
    check_env(make(), skip_render_check=True)
    check_env_for_sb3(make())
    env = make()
    env.reset(seed=3)
    again = pickle.loads(pickle.dumps(env))
    action = np.zeros(len(ACTIONS), np.float32)
    np.testing.assert_array_equal(env.step(action)[0], again.step(action)[0])


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="native"):
        Layout(SITE, "other")  # type: ignore[arg-type]
