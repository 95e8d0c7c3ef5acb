"""The picture of the site's last day."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_env.env import HybridEnv
from hybrid_env.render import BACKGROUND, COLOURS, HEIGHT, LIMIT, WIDTH
from tests.faces.conftest import GIVEN


@pytest.fixture
def drawn() -> HybridEnv:
    env = HybridEnv(**GIVEN, render_mode="rgb_array")
    env.reset(seed=0)
    return env


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(c) for c in np.unique(picture.reshape(-1, 3), axis=0).tolist()}


def test_a_fresh_day_is_an_empty_frame(drawn: HybridEnv) -> None:
    picture = drawn.render()
    assert picture is not None and picture.shape == (HEIGHT, WIDTH, 3) and picture.dtype == np.uint8
    assert COLOURS["gpu"] not in colours(picture)


def test_uses_limit_and_price_are_drawn(drawn: HybridEnv) -> None:
    for _ in range(10):
        drawn.step(np.zeros(7, np.float32))
    picture = drawn.render()
    assert picture is not None
    assert {COLOURS["gpu"], COLOURS["cooling"], LIMIT, BACKGROUND} <= colours(picture)


def test_a_picture_is_not_written_into_later(drawn: HybridEnv) -> None:
    picture = drawn.render()
    assert picture is not None
    before = picture.copy()
    drawn.step(np.zeros(7, np.float32))
    drawn.render()
    np.testing.assert_array_equal(picture, before)


def test_a_new_episode_begins_a_new_day(drawn: HybridEnv) -> None:
    drawn.step(np.zeros(7, np.float32))
    drawn.reset(seed=1)
    picture = drawn.render()
    assert picture is not None and COLOURS["gpu"] not in colours(picture)


def test_without_a_render_mode_there_is_no_picture() -> None:
    assert HybridEnv(**GIVEN).render() is None
