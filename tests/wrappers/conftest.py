"""One small site over short years, ready to be wrapped."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest

from hybrid_env.env import HybridEnv
from tests.faces.conftest import GIVEN, HORIZON


@pytest.fixture
def env() -> HybridEnv:
    """One site."""
    return HybridEnv(**GIVEN)


def plan(env: gymnasium.Env, steps: int = HORIZON) -> list[Any]:
    """The same random actions at every call."""
    env.action_space.seed(5)
    return [env.action_space.sample() for _ in range(steps)]
