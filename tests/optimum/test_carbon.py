"""Carbon of a plan."""

from __future__ import annotations

import numpy as np

from hybrid_env.optimum import carbon
from tests.optimum.tiny import solved


def test_imports_count_at_the_grids_and_wind_at_its_own_intensity() -> None:
    x = solved({"carbon.own_kg_per_mwh": 10}, n=4, carbon_average_kg_per_mwh=400)
    np.testing.assert_allclose(carbon.kg(x.p, x.t, np.full(4, 8.0), np.full(4, 2.0)), (8 * 400 + 2 * 10) / 4)
