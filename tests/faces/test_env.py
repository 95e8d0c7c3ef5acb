"""The single environment keeps Gymnasium's promises, and its own."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

from hybrid_env.batch import ActionError, StateError
from hybrid_env.env import HybridEnv
from hybrid_env.spaces import action_names
from tests.faces.conftest import GIVEN, HORIZON, SITE, TRACES
from tests.strategies import own_actions, wild_trace

OWN = len(action_names(SITE))
PLAN = own_actions(0, 60, 1, SITE)[:, 0]


def played(env: HybridEnv, plan: np.ndarray) -> list[tuple]:
    """Everything a policy is told over some intervals."""
    told = []
    for action in plan:
        seen, reward, terminated, truncated, info = env.step(action)
        told.append((seen.tobytes(), reward, terminated, truncated, info["ledger_usd"].tobytes()))
    return told


def test_gymnasiums_checker_has_nothing_to_say(env: HybridEnv) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # the checker warns that an unregistered environment has no spec, and that no name has no version
        check_env(env, skip_render_check=True)


def test_stable_baselines_checker_has_nothing_to_say(env: HybridEnv) -> None:
    sb3 = pytest.importorskip("stable_baselines3.common.env_checker")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sb3.check_env(env, warn=True)


def test_the_same_seed_is_the_same_episode(env: HybridEnv) -> None:
    first, _ = env.reset(seed=3)
    told = played(env, PLAN[:HORIZON])
    again, _ = env.reset(seed=3)
    assert first.tobytes() == again.tobytes()
    assert played(env, PLAN[:HORIZON]) == told


def test_another_seed_is_another_episode(env: HybridEnv) -> None:
    assert env.reset(seed=3)[0].tobytes() != env.reset(seed=4)[0].tobytes()


def test_seed_zero_is_a_seed(env: HybridEnv) -> None:
    assert env.reset(seed=0)[0].tobytes() == env.reset(seed=0)[0].tobytes()


def test_no_seed_goes_on_with_the_luck_of_the_last(env: HybridEnv) -> None:
    env.reset(seed=1)
    second = env.reset()[0]
    env.reset(seed=1)
    assert env.reset()[0].tobytes() == second.tobytes()
    assert env.reset()[0].tobytes() != second.tobytes()


def test_two_environments_in_one_process_do_not_meet() -> None:
    alone, beside, other = HybridEnv(**GIVEN), HybridEnv(**GIVEN), HybridEnv(**GIVEN)
    alone.reset(seed=5)
    told = played(alone, PLAN[:10])
    beside.reset(seed=5)
    other.reset(seed=6)
    for k in range(10):
        assert played(beside, PLAN[k : k + 1]) == told[k : k + 1]
        played(other, PLAN[20 + k : 21 + k])


def test_the_global_generator_is_left_alone(env: HybridEnv) -> None:
    np.random.seed(1)
    before = np.random.get_state()[1].tobytes()  # type: ignore[index,union-attr]
    env.reset(seed=2)
    env.reset()
    played(env, PLAN[:5])
    assert np.random.get_state()[1].tobytes() == before  # type: ignore[index,union-attr]


def test_an_episode_is_truncated_at_its_horizon_and_never_terminated(env: HybridEnv) -> None:
    env.reset(seed=0)
    told = played(env, PLAN[:HORIZON])
    assert [t[2] for t in told] == [False] * HORIZON
    assert [t[3] for t in told] == [False] * (HORIZON - 1) + [True]


def test_stepping_needs_a_running_episode(env: HybridEnv) -> None:
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(PLAN[0])
    env.reset(seed=0)
    played(env, PLAN[:HORIZON])
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(PLAN[0])


def test_the_reward_is_the_ledger_over_its_scale(env: HybridEnv) -> None:
    env.reset(seed=0)
    _, reward, _, _, info = env.step(PLAN[0])
    assert reward * SITE.reward_scale_usd == pytest.approx(info["ledger_usd"].sum())
    assert len(info["ledger_usd"]) == len(env.usd_accounts) and len(info["ledger_mwh"]) == len(env.mwh_accounts)
    assert len(info["ledger_kg"]) == len(env.kg_accounts) and len(info["work"]) == len(env.work_measures)


# -- arrays ------------------------------------------------------------------------------------------------------------


def test_what_is_returned_is_never_written_again(env: HybridEnv) -> None:
    seen, info = env.reset(seed=0)
    kept, told = [(seen, seen.copy())], []
    for action in PLAN[:5]:
        seen, _, _, _, info = env.step(action)
        kept.append((seen, seen.copy()))
        told += [(info[k], info[k].copy()) for k in ("ledger_usd", "ledger_mwh", "ledger_kg", "work")]
    env.reset()
    for array, copied in kept + told:
        np.testing.assert_array_equal(array, copied)


def test_writing_into_an_observation_does_not_reach_the_site(env: HybridEnv) -> None:
    env.reset(seed=0)
    told = played(env, PLAN[:5])
    seen, _ = env.reset(seed=0)
    for k in range(5):
        seen[:] = 9
        seen, reward, *_ = env.step(PLAN[k])
        assert reward == told[k][1]


def test_the_callers_action_is_never_changed(env: HybridEnv) -> None:
    env.reset(seed=0)
    for given_action in (PLAN[0].copy(), PLAN[0].astype(np.float64)):
        before = given_action.copy()
        env.step(given_action)
        np.testing.assert_array_equal(given_action, before)


def test_float64_and_lists_are_taken_as_well(env: HybridEnv) -> None:
    told = []
    forms: list[Any] = [PLAN[0], PLAN[0].astype(np.float64), PLAN[0].tolist(), tuple(PLAN[0].tolist())]
    for form in forms:
        env.reset(seed=0)
        told.append(env.step(form)[1])
    assert len(set(told)) == 1


BAD = [
    np.full(7, np.nan), [0, 0, 0, 0, 0, 0, np.inf], [0, 0, 0, -np.inf, 0, 0, 0], np.full(7, 1.1), np.full(7, -2.0),
    np.zeros(6), np.zeros((1, 7)), np.zeros(8), 0.0, [], "off", None, [None] * 7, [[0] * 7] * 2,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_bad_action_is_refused_and_moves_nothing(env: HybridEnv, bad: object) -> None:
    env.reset(seed=0)
    env.step(PLAN[0])
    before = env.get_state()
    with pytest.raises(ActionError):
        env.step(bad)  # type: ignore[arg-type]
    assert env.get_state() == before
    env.step(PLAN[1])


def test_a_bad_action_is_named(env: HybridEnv) -> None:
    env.reset(seed=0)
    with pytest.raises(ActionError, match=r"'battery'.*nan.*\[-1, 1\]"):
        env.step(np.array([0, 0, 0, 0, 0, np.nan, 0]))


@given(index=st.integers(0, 6), value=st.floats(width=32))
def test_any_number_is_either_played_or_refused(index: int, value: float) -> None:
    env = HybridEnv(**GIVEN)
    env.reset(seed=0)
    action = np.zeros(OWN, np.float32)
    action[index] = value
    if abs(value) <= 1:
        assert np.isfinite(env.step(action)[1])
    elif not abs(value) <= 1 + 1e-6:
        with pytest.raises(ActionError):
            env.step(action)


@pytest.mark.parametrize("index", range(OWN), ids=action_names(SITE))
def test_every_action_matters_in_some_state(index: int) -> None:
    assert any(matters(index, seed, k) for seed in range(5) for k in (5, 10, 15)), action_names(SITE)[index]


def matters(index: int, seed: int, rows: int) -> bool:
    """Whether the extremes of one action earn differently after `rows` intervals of an episode."""
    rewards = []
    for extreme in (-1, 1):
        env = HybridEnv(**GIVEN)
        env.reset(seed=seed)
        played(env, PLAN[:rows])
        action = np.zeros(OWN, np.float32)
        action[action_names(SITE).index("training")] = -1  # leaves GPUs to spot
        action[index] = extreme
        rewards.append(env.step(action)[1])
    return rewards[0] != rewards[1]


# -- state ------------------------------------------------------------------------------------------------------------


def test_a_restored_state_goes_on_exactly(env: HybridEnv) -> None:
    env.reset(seed=0)
    played(env, PLAN[:7])
    state = env.get_state()
    told = played(env, PLAN[7:HORIZON])
    other = HybridEnv(**GIVEN)
    seen = other.set_state(state)
    assert seen.dtype == np.float32 and other.observation_space.contains(seen)
    assert played(other, PLAN[7:HORIZON]) == told


def test_a_restored_observation_is_the_one_seen_when_saved(env: HybridEnv) -> None:
    env.reset(seed=0)
    seen = env.step(PLAN[0])[0]
    assert HybridEnv(**GIVEN).set_state(env.get_state()).tobytes() == seen.tobytes()


@pytest.mark.parametrize("copier", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_copy_made_mid_episode_goes_on_exactly(env: HybridEnv, copier) -> None:
    env.reset(seed=0)
    played(env, PLAN[:7])
    twin = copier(env)
    assert played(twin, PLAN[7:HORIZON]) == played(env, PLAN[7:HORIZON])
    assert twin.reset()[0].tobytes() == env.reset()[0].tobytes()


def test_a_copy_of_an_environment_never_reset_needs_a_reset(env: HybridEnv) -> None:
    with pytest.raises(gymnasium.error.ResetNeeded):
        pickle.loads(pickle.dumps(env)).step(PLAN[0])


def test_a_packaged_tasks_environment_is_pickled_as_a_recipe_without_its_years() -> None:
    env = HybridEnv(**GIVEN)
    saved = env.__getstate__()
    assert "batch" not in saved and "library" not in saved


def test_a_state_of_another_site_is_refused_with_both_hashes(env: HybridEnv) -> None:
    other_site = SITE.model_copy(update={"reward_scale_usd": 7.0})
    other = HybridEnv(site=other_site, traces=TRACES, horizon_rows=HORIZON)
    other.reset(seed=0)
    with pytest.raises(StateError, match=f"{other_site.hash}.*{SITE.hash}"):
        env.set_state(other.get_state())


def test_a_state_of_other_traces_is_refused_with_both_hashes(env: HybridEnv) -> None:
    trace = wild_trace(9, utc_offset_h=-6, days=5)
    other = HybridEnv(site=SITE, traces=[trace], horizon_rows=HORIZON)
    other.reset(seed=0)
    with pytest.raises(StateError, match=f"{trace.hash}.*{TRACES[0].hash}"):
        env.set_state(other.get_state())


@pytest.mark.parametrize(
    "damage",
    [lambda s: b"", lambda s: b"x" * 40, lambda s: s[:-8], lambda s: s + b"1", lambda s: b"\x01\0\0\0" + b"1" + s[5:]],
)
def test_a_damaged_state_is_refused_and_moves_nothing(env: HybridEnv, damage) -> None:
    env.reset(seed=0)
    state = env.get_state()
    with pytest.raises(StateError):
        env.set_state(damage(state))
    assert env.get_state() == state


def test_a_state_with_a_flipped_bit_is_refused(env: HybridEnv) -> None:
    env.reset(seed=0)
    state = bytearray(env.get_state())
    body = 4 + int.from_bytes(state[:4], "little")
    for place in range(body, len(state), 97):
        state[place] ^= 64
        with pytest.raises(StateError):
            env.set_state(bytes(state))
        state[place] ^= 64


SCRIPT = """
import sys
from tests.faces.test_env import GIVEN, PLAN, HybridEnv, played
env = HybridEnv(**GIVEN)
first, _ = env.reset(seed=3)
import hashlib
print(hashlib.sha256(repr((first.tobytes(), played(env, PLAN[:24]))).encode()).hexdigest())
"""


def test_another_process_plays_the_same_to_the_bit(env: HybridEnv) -> None:
    import hashlib

    first, _ = env.reset(seed=3)
    mine = hashlib.sha256(repr((first.tobytes(), played(env, PLAN[:24]))).encode()).hexdigest()
    root = Path(__file__).parents[2]
    theirs = subprocess.run([sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=True)
    assert theirs.stdout.strip() == mine


# -- making it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [0, -1])
def test_an_impossible_horizon_is_refused(horizon: int) -> None:
    with pytest.raises(ValueError, match="horizon_rows"):
        HybridEnv(site=SITE, traces=TRACES, horizon_rows=horizon)


def test_an_unknown_render_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="'human'"):
        HybridEnv(**GIVEN, render_mode="human")


def test_a_site_and_traces_of_different_intervals_are_refused() -> None:
    with pytest.raises(ValueError, match=r"900 s.*300 s"):
        HybridEnv(site=SITE, traces=[wild_trace(1, 300)], horizon_rows=HORIZON)


def test_gymnasium_makes_it_without_a_time_limit() -> None:
    env = gymnasium.make("hybrid_env/TexasWind-v0", site=SITE, traces=TRACES, horizon_rows=HORIZON)
    layers = []
    layer: gymnasium.Env = env
    while isinstance(layer, gymnasium.Wrapper):
        layers.append(type(layer).__name__)
        layer = layer.env
    assert "TimeLimit" not in layers
    assert isinstance(env.unwrapped, HybridEnv)


def test_statistics_are_recorded_by_gymnasiums_wrapper(env: HybridEnv) -> None:
    wrapped = gymnasium.wrappers.RecordEpisodeStatistics(env)
    wrapped.reset(seed=0)
    rewards, info = [], {}
    for action in PLAN[:HORIZON]:
        _, reward, _, _, info = wrapped.step(action)
        rewards.append(float(reward))
    assert info["episode"]["r"] == pytest.approx(sum(rewards))
    assert info["episode"]["l"] == HORIZON


def test_gymnasiums_wrapper_records_a_video(tmp_path: Path) -> None:
    pytest.importorskip("moviepy", reason="recording a video needs moviepy")
    env = HybridEnv(**GIVEN, render_mode="rgb_array")
    wrapped = gymnasium.wrappers.RecordVideo(env, str(tmp_path), episode_trigger=lambda _: True)
    wrapped.reset(seed=0)
    for action in PLAN[:HORIZON]:
        wrapped.step(action)
    wrapped.close()
    assert list(tmp_path.glob("*.mp4"))
