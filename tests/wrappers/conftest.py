"""One small site over short years, ready to be wrapped."""

from __future__ import annotations

import pytest

from hybrid_env.env import HybridEnv
from tests.faces.conftest import GIVEN


@pytest.fixture
def env() -> HybridEnv:
    """One site."""
    return HybridEnv(**GIVEN)
