"""The vector environment is N single ones, whatever the autoreset mode."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import vector as vector_wrappers

from hybrid_env.batch import ActionError, StateError
from hybrid_env.env import HybridEnv
from hybrid_env.spaces import action_names
from hybrid_env.vector_env import HybridVectorEnv
from tests.faces.conftest import GIVEN, HORIZON, SITE, TRACES
from tests.strategies import own_actions

N, STEPS = 3, 60
OWN = len(action_names(SITE))
PLAN = own_actions(7, STEPS, N, SITE)
"""Over two episode ends."""


def sync(mode: AutoresetMode) -> SyncVectorEnv:
    return SyncVectorEnv([lambda: HybridEnv(**GIVEN)] * N, autoreset_mode=mode)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_it_behaves_as_gymnasiums_vector_of_single_environments(make_vector, mode: AutoresetMode) -> None:
    native, reference = make_vector(N, autoreset_mode=mode), sync(mode)
    np.testing.assert_array_equal(native.reset(seed=5)[0], reference.reset(seed=5)[0])
    for step, action in enumerate(PLAN):
        mine, theirs = native.step(action), reference.step(action)
        for k in range(4):
            np.testing.assert_array_equal(mine[k], theirs[k], err_msg=f"step {step}")
            assert mine[k].dtype == np.asarray(theirs[k]).dtype
        if mode == AutoresetMode.SAME_STEP:
            assert ("final_obs" in mine[4]) == ("final_obs" in theirs[4]) == bool(mine[3].any())
            for i in np.flatnonzero(mine[3]):
                np.testing.assert_array_equal(mine[4]["final_obs"][i], theirs[4]["final_obs"][i])
                np.testing.assert_array_equal(
                    mine[4]["final_info"]["ledger_usd"][i], theirs[4]["final_info"]["ledger_usd"][i]
                )
            if mine[3].any():
                np.testing.assert_array_equal(mine[4]["_final_obs"], theirs[4]["_final_obs"])


def test_without_autoreset_finished_lanes_are_reset_by_mask(make_vector) -> None:
    native, reference = make_vector(N, autoreset_mode="Disabled"), sync(AutoresetMode.DISABLED)
    np.testing.assert_array_equal(native.reset(seed=5)[0], reference.reset(seed=5)[0])
    for action in PLAN:
        mine, theirs = native.step(action), reference.step(action)
        for k in range(4):
            np.testing.assert_array_equal(mine[k], theirs[k])
        if mine[3].any():
            options = {"reset_mask": mine[3].copy()}
            with pytest.raises(gymnasium.error.ResetNeeded):
                native.step(action)
            np.testing.assert_array_equal(native.reset(options=dict(options))[0], reference.reset(options=options)[0])


def test_resetting_some_lanes_leaves_the_others_where_they_are(make_vector) -> None:
    env, untouched = make_vector(N, autoreset_mode="Disabled"), make_vector(N, autoreset_mode="Disabled")
    for e in (env, untouched):
        e.reset(seed=1)
        e.step(PLAN[0])
    env.reset(options={"reset_mask": np.array([False, True, False])})
    mine, theirs = env.step(PLAN[1]), untouched.step(PLAN[1])
    for lane in (0, 2):
        np.testing.assert_array_equal(mine[0][lane], theirs[0][lane])
        assert mine[1][lane] == theirs[1][lane]
    assert (mine[0][1] != theirs[0][1]).any()


@pytest.mark.parametrize("mask", [np.zeros(3, bool), np.ones(2, bool), [True, False, False], np.ones(3, int)], ids=str)
def test_an_impossible_mask_is_refused(make_vector, mask: object) -> None:
    env = make_vector(3, autoreset_mode="Disabled")
    env.reset(seed=0)
    with pytest.raises(ValueError, match="reset_mask"):
        env.reset(options={"reset_mask": mask})


def test_lanes_can_be_seeded_one_by_one_and_none_keeps_a_lanes_luck(make_vector) -> None:
    env, reference = make_vector(N), sync(AutoresetMode.NEXT_STEP)
    for seed in (7, [3, None, 9], None, [None, 0, None]):
        np.testing.assert_array_equal(env.reset(seed=seed)[0], reference.reset(seed=seed)[0])


def test_lane_i_is_the_single_environment_with_seed_plus_i(make_vector) -> None:
    env = make_vector(N)
    seen, _ = env.reset(seed=40)
    singles = [HybridEnv(**GIVEN) for _ in range(N)]
    for i, single in enumerate(singles):
        np.testing.assert_array_equal(single.reset(seed=40 + i)[0], seen[i])
    for action in PLAN[: HORIZON - 1]:
        seen, reward, *_ = env.step(action)
        for i, single in enumerate(singles):
            alone, paid, *_ = single.step(action[i])
            assert paid == reward[i] and alone.tobytes() == seen[i].tobytes()


def test_the_ledger_of_all_lanes_can_be_read(make_vector) -> None:
    env = make_vector(N)
    env.reset(seed=0)
    reward = env.step(PLAN[0])[1]
    ledger = env.ledger()
    np.testing.assert_allclose(ledger["usd"].sum(axis=1) / SITE.reward_scale_usd, reward)
    assert ledger["mwh"].shape == (N, len(env.mwh_accounts))


def test_what_is_returned_is_never_written_again(make_vector) -> None:
    for mode in AutoresetMode:
        env = make_vector(N, autoreset_mode=mode)
        kept: list[tuple[Any, Any]] = []

        def keep(value: Any, kept: list[tuple[Any, Any]] = kept) -> None:
            if isinstance(value, dict):
                for part in value.values():
                    keep(part)
            elif isinstance(value, np.ndarray):
                kept.append((value, copy.deepcopy(value)))

        keep(env.reset(seed=0)[0])
        for action in PLAN[:HORIZON]:
            for part in env.step(action):
                keep(part)
        env.reset(seed=1)
        for now, then in kept:
            assert now.dtype == then.dtype
            if now.dtype == object:
                assert all(np.array_equal(a, b) for a, b in zip(now, then, strict=True))
            else:
                np.testing.assert_array_equal(now, then)


def test_the_callers_actions_are_never_changed(make_vector) -> None:
    env = make_vector(N)
    env.reset(seed=0)
    for form in (PLAN[0].copy(), PLAN[0].astype(np.float64), PLAN[0][:, ::-1]):
        before = form.copy()
        env.step(form)
        np.testing.assert_array_equal(form, before)


BAD = [np.full((N, 7), np.nan), np.full((N, 7), 3.0), np.zeros((N, 6)), np.zeros(7), np.zeros((N + 1, 7)), "off", None]


@pytest.mark.parametrize("bad", BAD, ids=lambda b: str(np.shape(b)))
def test_a_bad_action_moves_no_lane(make_vector, bad: Any) -> None:
    env = make_vector(N)
    env.reset(seed=0)
    before = env.get_state()
    with pytest.raises(ActionError):
        env.step(bad)
    assert env.get_state() == before


def test_one_bad_number_in_one_lane_moves_no_lane_and_is_named(make_vector) -> None:
    env = make_vector(N)
    env.reset(seed=0)
    before = env.get_state()
    action = PLAN[0].copy()
    action[2, 4] = np.inf
    with pytest.raises(ActionError, match="'spot' of lane 2"):
        env.step(action)
    assert env.get_state() == before


def test_a_bad_action_after_an_episodes_end_moves_no_lane(make_vector) -> None:
    env = make_vector(N)
    env.reset(seed=0)
    for action in PLAN[:HORIZON]:
        env.step(action)
    before = env.get_state()
    with pytest.raises(ActionError):
        env.step(np.full((N, 7), np.nan))
    assert env.get_state() == before


def test_stepping_needs_a_reset(make_vector) -> None:
    with pytest.raises(gymnasium.error.ResetNeeded):
        make_vector(N).step(PLAN[0])


@pytest.mark.parametrize("at", [5, HORIZON], ids=["mid episode", "at its end"])
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_a_pickled_environment_goes_on_exactly(make_vector, mode: AutoresetMode, at: int) -> None:
    env = make_vector(N, autoreset_mode=mode)
    env.reset(seed=0)
    for action in PLAN[:at]:
        env.step(action)
    twin = pickle.loads(pickle.dumps(env))
    if mode == AutoresetMode.DISABLED and at == HORIZON:
        options = {"reset_mask": np.ones(N, bool)}
        np.testing.assert_array_equal(env.reset(options=dict(options))[0], twin.reset(options=dict(options))[0])
    for action in PLAN[at : at + 10]:
        mine, theirs = env.step(action), twin.step(action)
        for k in range(4):
            np.testing.assert_array_equal(mine[k], theirs[k])


def test_a_pickled_environment_of_which_some_lanes_run_keeps_them(make_vector) -> None:
    env = make_vector(2, autoreset_mode="Disabled")
    env.reset(seed=0, options={"reset_mask": np.array([True, False])})
    twin = pickle.loads(pickle.dumps(env))
    options = {"reset_mask": np.array([False, True])}
    np.testing.assert_array_equal(
        env.reset(seed=4, options=dict(options))[0], twin.reset(seed=4, options=dict(options))[0]
    )
    np.testing.assert_array_equal(env.step(PLAN[0][:2])[1], twin.step(PLAN[0][:2])[1])


def test_lanes_can_be_saved_and_restored_elsewhere(make_vector) -> None:
    env, other = make_vector(N), make_vector(N)
    env.reset(seed=0)
    other.reset(seed=9)
    env.step(PLAN[0])
    seen = other.set_state(env.get_state([2, 0]), [0, 1])
    moved, elsewhere = env.step(PLAN[1]), other.step(PLAN[1][[2, 0, 1]])
    assert seen.shape == (N, len(moved[0][0]))
    np.testing.assert_array_equal(moved[1][[2, 0]], elsewhere[1][:2])
    with pytest.raises(StateError, match="2 lanes"):
        other.set_state(env.get_state(), [0, 1])


# -- branching --------------------------------------------------------------------------------------------------------


def branched(env: HybridVectorEnv, at: int) -> HybridVectorEnv:
    env.reset(seed=3)
    for action in PLAN[:at]:
        env.step(action)
    return env


@pytest.mark.parametrize("at", [5, HORIZON - 4], ids=["inside an episode", "across its end"])
def test_branching_with_a_plan_equals_stepping_copies(make_vector, at: int) -> None:
    env = branched(make_vector(N, autoreset_mode="Disabled"), at)
    before = env.get_state()
    plan = own_actions(1, 8, 4, SITE).reshape(8, 2, 2, OWN)
    rolled = env.branch([2, 0], 2, plan, 8)
    assert env.get_state() == before
    assert rolled.reward.shape == (8, 2, 2) and rolled.lanes.shape == (2, 2)
    for i, lane in enumerate([2, 0]):
        for k in range(2):
            single = HybridEnv(**GIVEN)
            single.set_state(env.get_state([lane]))
            rewards, usd, over, seen = [], 0.0, False, np.empty(0)
            for h in range(8):
                if over:
                    rewards.append(0.0)
                    continue
                seen, reward, _, over, info = single.step(plan[h, i, k])
                rewards.append(reward)
                usd = usd + info["ledger_usd"]
            assert rolled.reward[:, i, k].tolist() == rewards
            np.testing.assert_allclose(rolled.usd[i, k], usd)
            np.testing.assert_array_equal(rolled.observations[i, k], seen)
            assert rolled.done[i, k] == over
            assert rolled.lanes[i, k].tobytes() == single.batch.lanes[0].tobytes()


def test_branching_with_a_policy_equals_its_plan(make_vector) -> None:
    env = branched(make_vector(N), 5)
    chosen = []

    def policy(seen: np.ndarray) -> np.ndarray:
        action = np.tanh(seen[:, :OWN] * 3).astype(np.float32)
        chosen.append(action)
        seen[:] = 0  # what a policy does to its observation is its own
        return action

    by_policy = env.branch([0, 1, 2], 2, policy, 30)
    by_plan = env.branch([0, 1, 2], 2, np.array(chosen).reshape(30, 3, 2, OWN), 30)
    np.testing.assert_array_equal(by_policy.reward, by_plan.reward)
    assert by_policy.done.all()


def test_a_branch_of_a_finished_lane_earns_nothing(make_vector) -> None:
    env = branched(make_vector(N, autoreset_mode="Disabled"), HORIZON)
    rolled = env.branch([0, 1], 1, own_actions(1, 3, 2, SITE).reshape(3, 2, 1, OWN), 3)
    assert rolled.done.all() and (rolled.reward == 0).all() and (rolled.usd == 0).all()


def test_a_bad_plan_is_refused_and_moves_nothing(make_vector) -> None:
    env = branched(make_vector(N), 5)
    before = env.get_state()
    with pytest.raises(ActionError, match="nan"):
        env.branch([0], 1, np.full((2, 1, 1, 7), np.nan, np.float32), 2)
    with pytest.raises(ActionError, match="shape"):
        env.branch([0], 1, np.zeros((2, 1, 1, 6), np.float32), 2)
    assert env.get_state() == before


# -- with others' code ------------------------------------------------------------------------------------------------


def test_gymnasium_makes_it_by_its_vector_entry_point() -> None:
    env = gymnasium.make_vec(
        "hybrid_env/TexasWind-v0",
        num_envs=2,
        vectorization_mode="vector_entry_point",
        site=SITE,
        traces=TRACES,
        horizon_rows=HORIZON,
    )
    assert isinstance(env.unwrapped, HybridVectorEnv)
    assert env.reset(seed=0)[0].shape[0] == 2
    assert env.observation_space.contains(env.step(PLAN[0][:2])[0])


def test_gymnasiums_wrapper_records_every_lanes_episodes(make_vector) -> None:
    env = vector_wrappers.RecordEpisodeStatistics(make_vector(N))
    env.reset(seed=0)
    total, info = np.zeros(N), {}
    for action in PLAN[:HORIZON]:
        _, reward, _, _, info = env.step(action)
        total += reward
    np.testing.assert_allclose(info["episode"]["r"], total, rtol=1e-6)
    assert (info["episode"]["l"] == HORIZON).all()


def test_gymnasiums_wrapper_normalises_observations(make_vector) -> None:
    env = vector_wrappers.NormalizeObservation(make_vector(N))
    env.reset(seed=0)
    for action in PLAN:
        assert np.isfinite(env.step(action)[0]).all()


def test_rendering_many_sites_is_refused_with_advice() -> None:
    with pytest.raises(ValueError, match="HybridEnv"):
        HybridVectorEnv(2, **GIVEN, render_mode="rgb_array")
