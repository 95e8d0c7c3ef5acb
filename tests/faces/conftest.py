"""A small site and three short years, so that making an environment generates nothing."""

from __future__ import annotations

import pytest

from hybrid_env.env import HybridEnv
from hybrid_env.sb3 import HybridVecEnv
from hybrid_env.sites.site import load_site
from hybrid_env.vector_env import HybridVectorEnv
from tests.strategies import wild_trace

SITE = load_site("texas_wind")
TRACES = tuple(wild_trace(seed, utc_offset_h=-6, days=5, name=f"wild/{seed}") for seed in (1, 2, 3))
HORIZON = 24
GIVEN = {"site": SITE, "traces": TRACES, "horizon_rows": HORIZON}


@pytest.fixture
def env() -> HybridEnv:
    """One site."""
    return HybridEnv(**GIVEN)


@pytest.fixture
def make_vector():
    """Make a vector environment over the short years."""

    def make(num_envs: int = 3, **changes: object) -> HybridVectorEnv:
        return HybridVectorEnv(num_envs, **(GIVEN | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_vec():
    """Make an SB3 environment over the short years."""

    def make(num_envs: int = 3, **changes: object) -> HybridVecEnv:
        return HybridVecEnv(num_envs, **(GIVEN | changes))  # type: ignore[arg-type]

    return make
