"""The Stable-Baselines3 face: the same sites, in the shape its algorithms want."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from hybrid_env.batch import ActionError
from hybrid_env.env import HybridEnv
from tests.faces.conftest import GIVEN, HORIZON, SITE
from tests.strategies import own_actions

sb3 = pytest.importorskip("stable_baselines3")
N = 3
PLAN = own_actions(7, 60, N, SITE)


def test_lane_i_is_the_single_environment_with_seed_plus_i(make_vec) -> None:
    env = make_vec(N)
    env.seed(11)
    seen = env.reset()
    singles = [HybridEnv(**GIVEN) for _ in range(N)]
    for i, single in enumerate(singles):
        np.testing.assert_array_equal(single.reset(seed=11 + i)[0], seen[i])
    for action in PLAN:
        seen, reward, done, infos = env.step(action)
        for i, single in enumerate(singles):
            alone, paid, _, over, _ = single.step(action[i])
            assert np.float32(paid) == reward[i] and over == done[i]
            if over:
                np.testing.assert_array_equal(infos[i]["terminal_observation"], alone)
                alone, _ = single.reset()
            np.testing.assert_array_equal(alone, seen[i])


def test_infos_speak_at_episode_ends_alone(make_vec) -> None:
    env = make_vec(N)
    env.seed(0)
    env.reset()
    total, infos = np.zeros(N), []
    for h in range(HORIZON):
        _, reward, done, infos = env.step(PLAN[h])
        total += reward
        if h < HORIZON - 1:
            assert infos == [{}] * N and not done.any()
    for i in range(N):
        assert infos[i]["TimeLimit.truncated"] is True
        assert infos[i]["episode"]["r"] == pytest.approx(total[i], rel=1e-5)
        assert infos[i]["episode"]["l"] == HORIZON
        usd = infos[i]["ledger_usd"].sum() / env.batch.site.reward_scale_usd
        assert usd == pytest.approx(infos[i]["episode"]["r"])


def test_the_second_episode_counts_from_zero(make_vec) -> None:
    env = make_vec(1)
    env.seed(0)
    env.reset()
    ends = [env.step(PLAN[h % 60, :1])[3][0] for h in range(2 * HORIZON)]
    assert [e["episode"]["l"] for e in ends if e] == [HORIZON, HORIZON]


def test_seeds_are_used_once(make_vec) -> None:
    env = make_vec(N)
    env.seed(0)
    first, second = env.reset(), env.reset()
    assert (first != second).any()
    env.seed(0)
    np.testing.assert_array_equal(env.reset(), first)


def test_options_fix_an_episode(make_vec) -> None:
    env = make_vec(N)
    env.set_options({"world": 1, "row": 40})
    env.reset()
    assert (env.batch.lanes["world"] == 1).all() and (env.batch.lanes["row"] == 40).all()


def test_a_bad_action_is_refused(make_vec) -> None:
    env = make_vec(N)
    env.reset()
    with pytest.raises(ActionError):
        env.step(np.full((N, 7), np.nan))
    env.step(PLAN[0])


def test_what_is_returned_is_never_written_again(make_vec) -> None:
    env = make_vec(N)
    kept = [env.reset()]
    for action in PLAN[:5]:
        kept += env.step(action)[:3]
    copies = [array.copy() for array in kept]
    for action in PLAN[5:30]:
        env.step(action)
    for array, copied in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(array, copied)


def test_a_pickled_environment_goes_on_exactly(make_vec) -> None:
    env = make_vec(N)
    env.seed(0)
    env.reset()
    for action in PLAN[:5]:
        env.step(action)
    twin = pickle.loads(pickle.dumps(env))
    np.testing.assert_array_equal(twin.batch.observations, env.batch.observations)
    for action in PLAN[5:50]:
        mine, theirs = env.step(action), twin.step(action)
        for k in range(3):
            np.testing.assert_array_equal(mine[k], theirs[k])


def test_attributes_and_methods_answer_for_every_lane(make_vec) -> None:
    env = make_vec(N)
    env.reset()
    assert env.get_attr("num_envs") == [N] * N
    assert len(env.env_method("get_state", indices=[0, 1])) == 2
    assert env.env_is_wrapped(object) == [False] * N
    env.close()


def test_stable_baselines_wrappers_take_it(make_vec) -> None:
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

    env = VecNormalize(VecMonitor(make_vec(N)))
    env.seed(0)
    env.reset()
    for action in PLAN[:30]:
        seen, *_ = env.step(action)
        assert np.isfinite(np.asarray(seen)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["many sites", "one site"])
@pytest.mark.parametrize("algorithm", ["PPO", "SAC"])
def test_algorithms_learn_on_it(make_vec, algorithm: str, kind: str) -> None:
    import torch

    torch.set_num_threads(1)
    env = make_vec(N) if kind == "many sites" else HybridEnv(**GIVEN)
    small = {"policy_kwargs": {"net_arch": [16]}, "seed": 0, "device": "cpu"}
    if algorithm == "PPO":
        model = sb3.PPO("MlpPolicy", env, n_steps=64, batch_size=32, **small)
    else:
        model = sb3.SAC("MlpPolicy", env, learning_starts=50, batch_size=32, train_freq=10, gradient_steps=1, **small)
    before = [p.detach().clone() for p in model.policy.parameters()]
    model.learn(300)
    assert any((a != b).any() for a, b in zip(before, model.policy.parameters(), strict=True))
    action, _ = model.predict(np.zeros((1, *model.observation_space.shape), np.float32), deterministic=True)
    assert np.isfinite(action).all()


def test_state_luck_and_sums_carried_over_go_on_exactly(make_vec) -> None:
    env, other = make_vec(N), make_vec(N)
    env.seed(3)
    env.reset()
    for action in PLAN[:7]:
        env.step(action)
    other.seed(99)
    seen = other.set_state(env.get_state())
    other.luck, other.episode_sums = env.luck, env.episode_sums
    np.testing.assert_array_equal(seen, env.batch.observations)
    for action in PLAN[7:]:  # beyond the end of the episode, so that the luck counts too
        mine, theirs = env.step(action), other.step(action)
        for a, b in zip(mine[:3], theirs[:3], strict=True):
            np.testing.assert_array_equal(a, b)
        assert [i.get("episode") for i in mine[3]] == [i.get("episode") for i in theirs[3]]
    np.testing.assert_array_equal(other.reset(), env.reset())  # the seed given before the luck was set is void


def test_sums_that_were_read_are_not_written_again(make_vec) -> None:
    env = make_vec(N)
    env.reset()
    env.step(PLAN[0])
    sums = env.episode_sums
    assert sums.lengths.tolist() == [1] * N
    env.step(PLAN[1])
    assert sums.lengths.tolist() == [1] * N
    np.testing.assert_allclose(sums.returns * env.batch.site.reward_scale_usd, sums.usd.sum(axis=1))
