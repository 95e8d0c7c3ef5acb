"""Own generation in the programme."""

from __future__ import annotations

import numpy as np
import pytest

from tests.optimum.tiny import solved


def test_wind_replaces_import_and_the_rest_is_sold() -> None:
    x = solved({"supply.wind_mw": 400, "battery": None}, n=8, wind_cf=1)
    assert x["import_mw"].max() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(x["export_mw"], 50)
    assert x["wind_used_mw"].max() < 400


def test_never_more_than_blows() -> None:
    x = solved({"supply.wind_mw": 40}, n=8, wind_cf=0.25)
    np.testing.assert_allclose(x["wind_used_mw"], 10)


def test_a_site_without_wind_has_no_columns() -> None:
    assert solved(n=4).site.wind is None
