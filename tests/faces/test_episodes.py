"""How an episode is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.env import HybridEnv
from hybrid_env.episodes import lane_generators
from tests.faces.conftest import GIVEN, HORIZON, TRACES

LAST = len(TRACES[0]) - 1 - HORIZON


@pytest.mark.parametrize("options", [{"world": 2}, {"row": 40}, {"world": 1, "row": 100}])
def test_world_and_row_may_be_fixed(env: HybridEnv, options: dict) -> None:
    _, info = env.reset(seed=0, options=options)
    assert {k: info[k] for k in options} == options


def test_the_horizon_may_be_fixed_for_an_episode(env: HybridEnv) -> None:
    env.reset(seed=0, options={"horizon_rows": 2})
    assert [env.step(np.zeros(7, np.float32))[3] for _ in range(2)] == [False, True]
    env.reset()
    assert [env.step(np.zeros(7, np.float32))[3] for _ in range(HORIZON)][-1]


def test_a_standard_start_does_not_depend_on_the_seed(env: HybridEnv) -> None:
    options = {"world": 0, "row": 40, "standard_start": True}
    first = env.reset(seed=0, options=options)[0]
    assert env.reset(seed=1, options=options)[0].tobytes() == first.tobytes()


def test_fixing_something_leaves_the_rest_of_the_luck_as_it_was(env: HybridEnv) -> None:
    env.reset(seed=0)
    free = env.reset()[1]
    env.reset(seed=0, options={"world": 1})
    assert env.reset()[1] == free


BAD_OPTIONS = [
    ({"worlds": 1}, "'worlds'.*world, row"),
    ({"world": 3}, "world = 3"),
    ({"world": -1}, "world = -1"),
    ({"row": 0}, "row = 0"),
    ({"row": 41}, "row = 41"),
    ({"row": 10_000}, "row = 10000"),
    ({"horizon_rows": 10_000}, "10000 rows does not fit"),
    ({"horizon_rows": 0}, "horizon_rows"),
    ({"horizon_rows": -5}, "horizon_rows"),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS, ids=lambda x: str(x))
def test_an_impossible_option_is_refused_by_name(env: HybridEnv, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        env.reset(seed=0, options=options)


def test_every_world_and_hour_is_drawn_and_every_episode_fits(env: HybridEnv) -> None:
    infos = [env.reset(seed=seed)[1] for seed in range(300)]
    assert {i["world"] for i in infos} == {0, 1, 2}
    rows = [i["row"] for i in infos]
    assert min(rows) >= 4 and max(rows) <= LAST and all(row % 4 == 0 for row in rows)
    assert len(set(rows)) > 80


def test_the_last_possible_row_plays_to_its_end(env: HybridEnv) -> None:
    env.reset(seed=0, options={"row": LAST // 4 * 4})
    seen, truncated = np.empty(0), False
    for _ in range(HORIZON):
        seen, *_, truncated, _info = env.step(np.zeros(7, np.float32))
    assert truncated and np.isfinite(seen).all()


def test_lane_i_is_seeded_with_the_seed_plus_i() -> None:
    a, b = lane_generators(5, 3), [lane_generators([5 + i], 1)[0] for i in range(3)]
    assert [g.random() for g in a] == [g.random() for g in b]


def test_as_many_seeds_as_lanes_are_needed() -> None:
    with pytest.raises(ValueError, match="2 seeds were given for 3 lanes"):
        lane_generators([1, 2], 3)


def test_starts_are_staggered_over_the_year() -> None:
    env = HybridEnv(**GIVEN)
    assert len({env.reset(seed=seed)[1]["row"] for seed in range(8)}) > 4
